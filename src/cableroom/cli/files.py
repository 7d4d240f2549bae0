"""`export`, `open`, `verify`: cables as files, and what a file proves."""

from __future__ import annotations

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cableroom.archive import publishing, records
from cableroom.cli.context import now, person_option, read_file, who, write_file
from cableroom.cli.output import answer, json_option, quote, say
from cableroom.directory.cardform import read_card
from cableroom.errors import CableroomError, InputError, Refusal
from cableroom.seal import certificates, trust
from cableroom.seal.verifying import EditionVerdict, verify_edition

MAX_EDITION = 64 << 20
MAX_TRUST = 4 << 20


@click.command()
@click.argument("mrn")
@click.option("--form", type=click.Choice(publishing.FORMS), required=True, help="As what it is given out.")
@click.option(
    "--withhold",
    multiple=True,
    metavar="PLACE",
    help="Leave this out of an edition: 2, head/subject, refs/A, paras/2/segments/3. May be repeated.",
)
@click.option(
    "--reveal",
    multiple=True,
    metavar="PLACE",
    help="Show this number or letter after a gap all the same. May be repeated.",
)
@click.option("-o", "output", required=True, metavar="FILE", help="Where to write it (`-`: standard output).")
@person_option
@json_option
def export(
    mrn: str,
    form: str,
    withhold: tuple[str, ...],
    reveal: tuple[str, ...],
    output: str,
    person: str | None,
    as_json: bool,
) -> None:
    """Write the cable MRN to a file."""
    row = records.find(who(person), mrn, now=now())
    made = publishing.export(row, form, withhold=withhold, reveal=reveal)
    write_file(output, made.data)
    if output == "-":
        return
    value = {
        "mrn": row.mrn,
        "digest": row.digest,
        "form": form,
        "file": output,
        "bytes": len(made.data),
        "media_type": made.media_type,
    }
    answer(
        "export",
        value,
        as_json=as_json,
        text=lambda: say(f"{output}: {row.mrn} as {form}, {len(made.data)} bytes."),
    )


@click.command()
@click.argument("file")
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    required=True,
    metavar="CARD",
    help="A post card or an authority's certificate (DER or PEM) that you trust. May be repeated.",
)
@json_option
def verify(file: str, trusted: tuple[str, ...], as_json: bool) -> None:
    """Check an edition: what it proves, what it does not. Needs no network and no data folder."""
    data = read_file(file, limit=MAX_EDITION)
    authorities: list[trust.Authority] = []
    candidates: list[bytes] = []
    for name in trusted:
        authority, more = _trusted(name)
        authorities.append(authority)
        candidates += more
    verdict = verify_edition(data, trust=authorities, certificates=candidates)
    value = {
        "ok": verdict.ok,
        "issuer": verdict.issuer,
        "digest": verdict.digest,
        "complete": verdict.complete,
        "proved": list(verdict.proved),
        "not_proved": list(verdict.unproved),
        "problems": [problem.as_json() for problem in verdict.problems],
        "text": verdict.text,
    }
    answer("verify", value, as_json=as_json, text=lambda: _told(verdict, file))
    if not verdict.ok:
        raise Refusal(
            f"{file} does not verify.",
            do="Do not rely on it; ask whoever gave it to you for the original.",
            code="not-verified",
        )


def _told(verdict: EditionVerdict, file: str) -> None:
    if not verdict.ok:
        say(f"{file}: NOT VERIFIED")
        for problem in verdict.problems:
            say(f"  {problem} [{problem.code}]")
        return
    say(f"{file}: verified")
    for line in verdict.proved:
        say(f"  Proved: {line}")
    for line in verdict.unproved:
        say(f"  Not proved: {line}")
    say()
    quote(verdict.text or "")


def _trusted(name: str) -> tuple[trust.Authority, list[bytes]]:
    """An authority to trust, and certificates of its posts that may have signed."""
    data = read_file(name, limit=MAX_TRUST)
    if data.lstrip()[:1] == b"{":
        card = read_card(data, now=now())
        return trust.Authority(card.org, card.certificate, card.crl), [
            c.der for p in card.posts for c in p.certificates
        ]
    try:
        certificate = _der(data)
        return trust.Authority(certificates.read(certificate).org, certificate), []
    except CableroomError as error:
        raise InputError(
            f"{name} is neither a post card nor a certificate: {error.what}",
            do="Give the sender's .cablecard.",
            code="trust",
        ) from None


def _der(data: bytes) -> bytes:
    if not data.lstrip().startswith(b"-----BEGIN"):
        return data
    try:
        return x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
    except ValueError as error:
        raise InputError(str(error), code="pem") from None


COMMANDS: tuple[click.Command, ...] = (export, verify)
