"""`register` and `rebuild`: what was entered still holds, and everything that people see follows from it."""

from __future__ import annotations

import json

import click

from cableroom.cable.canonical import stamp
from cableroom.cli.context import post_option, read_file, set_up, which_post, write_file
from cableroom.cli.output import answer, json_option, progress, say
from cableroom.errors import Corrupt, InputError, ProofError
from cableroom.register import audit, ledger, notes, proofs, proving, rebuilding
from cableroom.register.acts import HOUSE

MAX_PROOF = 4 << 20


@click.group()
def register() -> None:
    """The log of what happened, and its proofs."""


@register.command("verify")
@post_option
@click.option("--deep", is_flag=True, help="Open and verify every cable, too.")
@json_option
def register_verify(post: str | None, deep: bool, as_json: bool) -> None:
    """Recompute registers from their first entry, and say what is wrong where."""
    set_up()
    if post:
        name = post if post == HOUSE else str(which_post(post))
        reports = [audit.verify(name, deep=deep, progress=_progress)]
    else:
        reports = audit.verify_all(deep=deep, progress=_progress)
    good = all(report.ok for report in reports)
    value = {"ok": good, "entries": sum(r.size for r in reports), "registers": [r.as_json() for r in reports]}
    answer("register-verify", value, as_json=as_json, text=lambda: _told(reports))
    if not good:
        raise Corrupt(
            "A register does not verify.",
            do="Stop the service, keep the folder as it is, and restore from a backup.",
            code="register-broken",
        )


def _progress(name: str, entries: int) -> None:
    progress(f"{name}: {entries} entries", entries, max(entries, ledger.size(name)))


def _told(reports: list[audit.Report]) -> None:
    for report in reports:
        say(f"{report.register}: {'verifies' if report.ok else 'IS BROKEN'}")
        say(
            f"  {report.size} entries, {report.blobs} documents, {report.heads} signed heads; root {report.root}"
        )
        for problem in report.problems:
            say(f"  {problem} [{problem.code}]")
        if report.more:
            say(f"  and {report.more} more")


@register.command("prove")
@click.argument("index", type=int, required=False)
@click.option(
    "--since",
    type=int,
    metavar="SIZE",
    help="Prove that the newest head extends the head of SIZE entries, instead.",
)
@click.option(
    "-o", "output", required=True, metavar="FILE", help="Where to write the proof (`-`: standard output)."
)
@post_option
@json_option
def register_prove(
    index: int | None, since: int | None, output: str, post: str | None, as_json: bool
) -> None:
    """Prove that entry INDEX stands in the register. The proof shows that entry, and no other."""
    set_up()
    name = HOUSE if post == HOUSE else str(which_post(post))
    if (index is None) == (since is None):
        raise click.UsageError("Give either INDEX or --since.")
    if index is not None:
        data = proving.prove(name, index)
    else:
        ledger.sign_head(name)
        data = proving.prove_consistency(name, int(since or 0))
    write_file(output, data)
    if output == "-":
        return
    value = {"register": name, "vkey": ledger.vkey(name), "file": output, "bytes": len(data)}
    answer(
        "register-prove",
        value,
        as_json=as_json,
        text=lambda: say(f"{output} is the proof. Whoever checks it needs this key:\n  {ledger.vkey(name)}"),
    )


@register.command("check")
@click.argument("file")
@click.option("--vkey", required=True, help="The verifier key of the register, from its post card.")
@click.option(
    "--older", metavar="FILE", help="An older head (a checkpoint): check that the newer one extends it."
)
@json_option
def register_check(file: str, vkey: str, older: str | None, as_json: bool) -> None:
    """Check a proof. Needs no network and no data folder."""
    data = read_file(file, limit=MAX_PROOF)
    if older is not None:
        try:
            text = read_file(older, limit=MAX_PROOF).decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(
                f"{older} is no checkpoint.", do="Give the text of a signed head.", code="checkpoint"
            ) from None
        before = notes.verify_checkpoint(text, vkey)
        newer = proofs.check_consistency(data, vkey, before)
        value = {"kind": "consistency", "origin": newer.origin, "old": before.size, "size": newer.size}
        answer(
            "register-check",
            value,
            as_json=as_json,
            text=lambda: say(
                f"{newer.origin}: the log of {newer.size} entries extends that of {before.size}."
            ),
        )
        return
    if data.startswith(b"old "):
        raise ProofError(
            "This is a proof of consistency.", do="Name the older head with --older.", code="proof-kind"
        )
    found = proofs.check_inclusion(data, vkey)
    entry = found.entry
    value = {
        "kind": "inclusion",
        "origin": found.checkpoint.origin,
        "index": found.index,
        "size": found.checkpoint.size,
        "entry": {
            "kind": entry.kind,
            "at": stamp(entry.at),
            "digest": entry.digest,
            "key": entry.key,
            "data": entry.data,
        },
    }
    answer("register-check", value, as_json=as_json, text=lambda: _checked(value))


def _checked(value: dict[str, object]) -> None:
    say(f"{value['origin']}: entry {value['index']} of {value['size']} stands in this log.")
    say(json.dumps(value["entry"], ensure_ascii=False, indent=2))


@register.command("head")
@post_option
def register_head(post: str | None) -> None:
    """Print the newest signed head (a checkpoint), signed now if the log has grown."""
    set_up()
    name = HOUSE if post == HOUSE else str(which_post(post))
    click.echo(ledger.sign_head(name), nl=False)


@click.command()
@click.option("--check", is_flag=True, help="Compare only: everything stays as it is.")
@json_option
def rebuild(check: bool, as_json: bool) -> None:
    """Drop everything that follows from the registers, make it again, compare. Sends nothing."""
    set_up()
    differences = [str(d) for d in rebuilding.rebuild(check=check)]
    value = {"check": check, "differences": differences, "equal": not differences}
    answer("rebuild", value, as_json=as_json, text=lambda: _rebuilt(differences, check))
    if differences:
        raise Corrupt(
            f"{len(differences)} rows differed from what the registers say.",
            do="Nothing was changed; run `cableroom rebuild` to put them right."
            if check
            else "They are right now.",
            code="rebuild-differs",
        )


def _rebuilt(differences: list[str], check: bool) -> None:
    for difference in differences[:100]:
        say(difference)
    if not differences:
        say("What was rebuilt equals what is in use." if check else "Rebuilt; it equals what was in use.")


COMMANDS: tuple[click.Command, ...] = (register, rebuild)
