"""Derive, sign, read, seal, open, receipt: the work of one cable of 4 KB with one addressee."""

from __future__ import annotations

from datetime import UTC, datetime

from measuring import Table

from cableroom.cable.address import Post
from cableroom.cable.cutting import cut
from cableroom.cable.document import Cable
from cableroom.cable.text import parse_cable, print_cable
from cableroom.seal import cables, disclosure, envelope, issuing, keys, receipts, verifying
from cableroom.seal.recipients import Recipients
from cableroom.seal.trust import Authority, Use

NOW = datetime(2026, 10, 27, 18, 40, tzinfo=UTC)
OID = "2.25.1"
SENTENCE = "The prefect of the river district announced today that the bridge will be closed to all traffic. "

TEXT = """MRN: 26 CAPITAL 1
DTG: 271840Z OCT 26
FROM: CAPITAL@mfa.example
TO: HAVANA
PRECEDENCE: IMMEDIATE
CLASSIFICATION: SECRET
POLICY: mfa.example/labels 1
SUBJECT: Four kilobytes

{paragraphs}RELEASED: MINISTER (A. Rehn)
SIGNED: MINISTER
"""


def sample() -> Cable:
    """A cable whose text has about 4,096 bytes."""
    paragraphs = "".join(f"{n}. (S) {(SENTENCE * 4).strip()}\n\n" for n in range(1, 10))
    return cut(parse_cable(TEXT.format(paragraphs=paragraphs)))


def measure_crypto(table: Table) -> None:
    authority_key = keys.new_signing_key()
    authority = issuing.make_authority("mfa.example", authority_key, now=NOW)
    made = {}
    for post, use in (("CAPITAL", Use.RELEASE), ("HAVANA", Use.SYSTEM), ("HAVANA", Use.OPENING)):
        key = keys.new_signing_key()
        certificate = issuing.issue(
            authority_key,
            authority,
            post=Post("mfa.example", post),
            use=use,
            public_key=key.public_key(),
            now=NOW,
        )
        made[use] = key, certificate
    crl = issuing.make_crl(authority_key, authority, [], now=NOW)
    trusted = [Authority("mfa.example", authority, crl)]
    cable, seed = sample(), cables.new_seed()
    document = cable.to_json()
    key, certificate = made[Use.RELEASE]
    text = print_cable(cable)

    def sign() -> cables.SignedCable:
        return cables.sign_cable(
            cable, files=(), seed=seed, key=key, certificate=certificate, addresses={}, message_id=cables.new_message_id("mfa.example"),
            ess=(OID, 4), now=NOW,
        )  # fmt: skip

    signed = sign()
    policies = {("mfa.example/labels", 1): (OID, {"SECRET": 4}, {"S": "SECRET"})}

    def read() -> cables.CableVerdict:
        return cables.read_cable(
            signed.signed_data,
            authorities=trusted,
            policies=policies,
            at=NOW,
            own_post=Post("mfa.example", "HAVANA"),
        )

    verdict = read()
    assert verdict.fate == "accepted", verdict.problems
    opening_key, opening = made[Use.OPENING]
    to = Recipients.of([opening]) if hasattr(Recipients, "of") else Recipients((opening,))
    sealed = envelope.seal(signed.signed_data, to)
    system_key, system = made[Use.SYSTEM]
    table.time("parse the text form", lambda: parse_cable(text), times=100)
    table.time("print the text form", lambda: print_cable(cable), times=100)
    import hashlib

    fingerprint = hashlib.sha256(certificate).digest()
    derived = disclosure.derive(document, seed, fingerprint)
    table.time(
        "derive the disclosable form", lambda: disclosure.derive(document, seed, fingerprint), times=60
    )
    table.time("sign a cable (derive, JWS, MIME, CMS)", sign, times=40)
    table.time("read a cable (CMS, path, derive, JWS, compare)", read, times=40)
    table.time("seal for one post", lambda: envelope.seal(signed.signed_data, to), times=100)
    table.time(
        "open an envelope", lambda: envelope.open_envelope(sealed, [(opening, opening_key)]), times=100
    )
    table.time(
        "make a signed receipt",
        lambda: receipts.make(signed.signed_data, key=system_key, certificate=system, signing_time=NOW),
        times=100,
    )
    edition = disclosure.edition(derived, signed.signature, withhold=["paras/2"], certificates=[certificate])
    table.time(
        "verify an edition with one paragraph withheld",
        lambda: verifying.verify_edition(edition, trust=trusted),
        times=40,
    )
    table.fact(
        f"bytes: text {len(text.encode())}, SignedData {len(signed.signed_data)}, envelope {len(sealed)}, edition {len(edition)}"
    )
