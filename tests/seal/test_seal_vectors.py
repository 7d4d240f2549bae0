"""The vectors of version 1: read as they say, refused as they say, and never changed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import make_seal_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from cableroom.cable.address import Post
from cableroom.errors import CmsError, SealError
from cableroom.seal import keys, receipts, trust
from cableroom.seal.envelope import open_envelope
from cableroom.seal.signing import EssLabel, ReceiptRequest, sign, verify
from cableroom.seal.trust import Authority, Use, judge

FOLDER = Path(__file__).parent.parent / "vectors"
GOOD = json.loads((FOLDER / "seal.json").read_text("utf-8"))
REFUSED = json.loads((FOLDER / "seal-refused.json").read_text("utf-8"))
AT = datetime.fromisoformat(GOOD["at"])
CAPITAL, HAVANA = Post("mfa.example", "CAPITAL"), Post("mfa.example", "HAVANA")
CERTIFICATES = {name: bytes.fromhex(data) for name, data in GOOD["certificates"].items()}
KEYS = {
    name: ec.derive_private_key(int(number, 16), ec.SECP256R1())
    for name, number in GOOD["private_keys"].items()
}
AUTHORITY = Authority("mfa.example", CERTIFICATES["authority"], bytes.fromhex(GOOD["crl"]))
SIGNED = bytes.fromhex(GOOD["signed"]["der"])


def test_the_vectors_are_what_the_maker_makes() -> None:
    assert make_seal_vectors.written(make_seal_vectors.good()) == (FOLDER / "seal.json").read_text("utf-8")
    made = make_seal_vectors.written(make_seal_vectors.refused())
    assert made == (FOLDER / "seal-refused.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "use", "post"),
    [("release", Use.RELEASE, CAPITAL), ("system", Use.SYSTEM, HAVANA), ("opening", Use.OPENING, HAVANA)],
)
def test_certificates_are_good_for_their_use(name: str, use: Use, post: Post) -> None:
    verdict = judge(CERTIFICATES[name], use=use, authorities=[AUTHORITY], at=AT, post=post)
    assert (verdict.good, verdict.problems) == (True, ())
    assert verdict.authority == GOOD["authority_id"] == trust.authority_id(AUTHORITY.certificate)


def test_the_signed_data_says_what_it_says() -> None:
    says = GOOD["signed"]
    verdict = verify(SIGNED)
    assert verdict.content.decode() == says["content"]
    assert verdict.signing_time == datetime.fromisoformat(says["signing_time"])
    assert verdict.label == EssLabel(**says["label"])
    assert verdict.receipt_request == ReceiptRequest(
        bytes.fromhex(says["receipt_request"]["content_identifier"]),
        tuple(says["receipt_request"]["receipts_to"]),
    )
    assert (verdict.attributes_digest, verdict.signature.hex()) == (
        says["attributes_digest"],
        says["signature"],
    )
    assert verdict.certificate == CERTIFICATES["release"]


def test_we_sign_the_same_bytes() -> None:
    verdict = verify(SIGNED)
    again = sign(
        verdict.content,
        key=KEYS["release"],
        certificate=CERTIFICATES["release"],
        signing_time=verdict.signing_time,
        label=verdict.label,
        receipt_request=verdict.receipt_request,
    )
    assert again == SIGNED


def test_the_receipt_matches_and_we_make_the_same() -> None:
    says = GOOD["receipt"]
    data = bytes.fromhex(says["der"])
    verdict = receipts.match(data, signed_cable=SIGNED, post=HAVANA, authorities=[AUTHORITY], at=AT)
    assert (verdict.good, verdict.problems, str(verdict.signer.post)) == (True, (), says["post"])
    at = datetime.fromisoformat(says["signing_time"])
    assert verdict.signing_time == at
    assert (
        receipts.make(SIGNED, key=KEYS["system"], certificate=CERTIFICATES["system"], signing_time=at) == data
    )


@pytest.mark.parametrize("case", GOOD["envelopes"], ids=lambda case: case["name"])
def test_envelopes_open(case) -> None:
    opened = open_envelope(bytes.fromhex(case["der"]), [(CERTIFICATES["opening"], KEYS["opening"])])
    assert opened.content.decode() == case["content"]
    assert list(opened.algorithms) == case["algorithms"]


def test_blob_and_wrapped_key_open() -> None:
    blob, wrapped = GOOD["blob"], GOOD["wrapped"]
    data = keys.open_blob(bytes.fromhex(blob["blob"]), bytes.fromhex(blob["key"]), blob["digest"])
    assert data.decode() == blob["data"]
    secret = keys.unwrap(
        bytes.fromhex(wrapped["wrapped"]),
        with_key=bytes.fromhex(wrapped["key"]),
        about=bytes.fromhex(wrapped["about"]),
    )
    assert secret.hex() == wrapped["secret"]


@pytest.mark.parametrize("case", REFUSED["cases"], ids=lambda case: f"{case['kind']}: {case['name']}")
def test_what_must_be_refused_is_refused_as_it_says(case) -> None:
    data = bytes.fromhex(case["der"])
    if case["kind"] in ("signed", "envelope"):
        opening = [(CERTIFICATES["opening"], KEYS["opening"])]
        with pytest.raises((CmsError, SealError)) as caught:
            verify(data) if case["kind"] == "signed" else open_envelope(data, opening)
        assert caught.value.code == case["code"]
        return
    certificate, crl = (
        (data, AUTHORITY.crl) if case["kind"] == "certificate" else (CERTIFICATES["release"], data)
    )
    verdict = judge(
        certificate,
        use=Use.RELEASE,
        authorities=[Authority("mfa.example", CERTIFICATES["authority"], crl)],
        at=AT,
        post=CAPITAL if case["code"] != "wrong-authority" else None,
        without_crl="error",
    )
    assert [problem.code for problem in verdict.problems] == [case["code"]]
