from __future__ import annotations

import hashlib
import itertools
from datetime import timedelta

import pytest
from cms_maker import (
    DATA,
    MSG_SIG_DIGEST,
    RECEIPT,
    RECEIPT_REQUEST,
    Signer,
    attribute,
    integer,
    octets,
    oid,
    seq,
    signed_data,
    tlv,
    usual_attributes,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from seal_material import CAPITAL, HAVANA, NOW, ORG, make_house

from cableroom.cable.address import Post
from cableroom.errors import SealError
from cableroom.seal import receipts
from cableroom.seal.algorithms import ORDER
from cableroom.seal.signing import ReceiptRequest, sign, verify
from cableroom.seal.trust import Use

HOUSE = make_house()
OTHERS = make_house("relief.example")
GENEVA = Post("relief.example", "GENEVA")
RELEASE = HOUSE.give(Use.RELEASE)
SYSTEM = {
    CAPITAL: HOUSE.give(Use.SYSTEM),
    HAVANA: HOUSE.give(Use.SYSTEM, HAVANA),
    GENEVA: OTHERS.give(Use.SYSTEM, GENEVA),
}
AUTHORITIES = [HOUSE.authority, OTHERS.authority]
LATER = NOW + timedelta(minutes=1)
REQUEST_AGAIN = attribute(
    RECEIPT_REQUEST, seq(octets(b"again"), tlv(0x80, b"\0"), seq(seq(tlv(0x81, b"eve@x.example"))))
)


def cable(name: str, **changes) -> bytes:
    key, certificate = RELEASE
    request = ReceiptRequest(hashlib.sha256(name.encode()).digest(), ("capital@mfa.example",))
    return sign(
        f"Content-Type: text/plain\r\n\r\n{name}\r\n".encode(),
        **{
            "key": key,
            "certificate": certificate,
            "signing_time": NOW,
            "receipt_request": request,
            **changes,
        },
    )


CABLE, OTHER = cable("one"), cable("another")


def receipt(signed: bytes = CABLE, post: Post = HAVANA, at=LATER) -> bytes:
    key, certificate = SYSTEM[post]
    return receipts.make(signed, key=key, certificate=certificate, signing_time=at)


def match(data: bytes, *, signed: bytes = CABLE, post: Post = HAVANA, at=LATER, known=()):
    return receipts.match(data, signed_cable=signed, post=post, authorities=AUTHORITIES, at=at, known=known)


def codes(verdict) -> set[str]:
    return {problem.code for problem in verdict.problems if problem.severity == "error"}


def by_hand(
    *, content: bytes | None = None, more=(), digest: bytes | None = None, post: Post = HAVANA
) -> bytes:
    """A receipt of any content and attributes, well signed by the post's system key."""
    key, certificate = SYSTEM[post]
    content = body() if content is None else content
    digest = bytes.fromhex(verify(CABLE).attributes_digest) if digest is None else digest
    named = [attribute(MSG_SIG_DIGEST, octets(digest))] if digest else []
    signed = usual_attributes(content, certificate, LATER, *named, *more, content_type=RECEIPT)
    return signed_data(content, Signer(key, certificate, signed), content_type=RECEIPT, version=3)


def body(
    version: int = 1, kind: str = DATA, identifier: bytes | None = None, signature: bytes | None = None
) -> bytes:
    ours = verify(CABLE)
    identifier = ours.receipt_request.content_identifier if identifier is None else identifier
    return seq(
        integer(version),
        oid(kind),
        octets(identifier),
        octets(ours.signature if signature is None else signature),
    )


# ── good ones ────────────────────────────────────────────────────────────────────────────────


def test_a_receipt_matches_the_cable_that_it_is_for() -> None:
    verdict = match(receipt())
    assert verdict.good
    assert verdict.problems == ()
    assert (verdict.signer.post, verdict.signing_time) == (HAVANA, LATER)
    assert verdict.algorithms == ("SHA-256", "ECDSA with SHA-256", "P-256")


def test_our_receipt_and_one_by_hand_are_the_same_to_the_byte() -> None:
    assert receipt() == by_hand()


def test_a_post_of_another_organisation_gives_its_receipt() -> None:
    assert match(receipt(post=GENEVA), post=GENEVA).good


def test_what_was_verified_before_need_not_be_verified_again() -> None:
    key, certificate = SYSTEM[HAVANA]
    made = receipts.make(verify(CABLE), key=key, certificate=certificate, signing_time=LATER)
    assert made == receipt()
    assert receipts.match(
        made, signed_cable=verify(CABLE), post=HAVANA, authorities=AUTHORITIES, at=LATER
    ).good


def test_no_receipt_is_made_where_none_is_asked_for() -> None:
    with pytest.raises(SealError, match="asks for no receipt"):
        receipt(cable("silent", receipt_request=None))


def test_no_receipt_is_made_for_what_does_not_verify() -> None:
    place = CABLE.index(b"one\r\n")
    with pytest.raises(SealError, match="not the one that was signed"):
        receipt(CABLE[:place] + b"two" + CABLE[place + 3 :])


# ── A50: misbinding ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("signed", "shown_for", "signer", "leg"),
    [
        case
        for case in itertools.product((CABLE, OTHER), (CABLE, OTHER), SYSTEM, SYSTEM)
        if case[0] is not case[1] or case[2] != case[3]
    ],
    ids=str,
)
def test_a50_a_receipt_holds_for_one_cable_and_one_post_alone(signed, shown_for, signer, leg) -> None:
    data = receipt(signed, signer)
    # it is a good receipt where it belongs
    assert match(data, signed=signed, post=signer).good
    verdict = match(data, signed=shown_for, post=leg)
    assert not verdict.good
    expected = ({"other-cable"} if signed is not shown_for else set()) | (
        {"wrong-post"} if signer != leg else set()
    )
    assert codes(verdict) == expected


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"content": body(identifier=b"other")}, "content identifier differs"),
        ({"content": body(signature=verify(OTHER).signature)}, "signature in it is not ours"),
        ({"digest": bytes.fromhex(verify(OTHER).attributes_digest)}, "digest of our attributes differs"),
        ({"digest": b""}, "msgSigDigest"),
        ({"content": body(version=2)}, "version 2"),
        ({"content": body(kind=RECEIPT)}, "a receipt for id-ct-receipt, not for a cable"),
        (
            {"more": [REQUEST_AGAIN]},
            "asks for a receipt for itself",
        ),
    ],
)
def test_a50_each_of_the_bonds_is_checked_alone(changes, says: str) -> None:
    verdict = match(by_hand(**changes))
    assert not verdict.good
    assert [says in problem.message for problem in verdict.problems] == [True]


def test_a50_no_receipt_is_made_for_a_receipt() -> None:
    with pytest.raises(Exception, match="holds id-ct-receipt; id-data was expected"):
        receipt(receipt())
    asking = by_hand(more=[REQUEST_AGAIN])
    with pytest.raises(Exception, match="holds id-ct-receipt; id-data was expected"):
        receipt(asking)


def test_a50_a_receipt_dated_before_the_cable_is_refused() -> None:
    assert match(receipt(at=NOW - timedelta(minutes=10))).good
    verdict = match(receipt(at=NOW - timedelta(minutes=10, seconds=1)))
    assert (verdict.good, codes(verdict)) == (False, {"before-sending"})


def test_a50_a_receipt_for_a_cable_that_asked_for_none_is_refused() -> None:
    verdict = match(receipt(), signed=cable("one", receipt_request=None))
    assert not verdict.good
    assert "not-asked" in codes(verdict)


def test_a50_a_cable_is_not_a_receipt_nor_is_anything_else() -> None:
    for data in (CABLE, OTHER, b"", b"receipt", RELEASE[1]):
        verdict = match(data)
        assert (verdict.good, verdict.signer) == (False, None)
        assert len(verdict.problems) == 1


def test_a50_the_other_s_of_our_signature_makes_another_receipt_but_not_another_cable() -> None:
    # ECDSA is malleable: who signs nothing can still change the signature's bytes
    key, certificate = RELEASE
    content = b"Content-Type: text/plain\r\n\r\none\r\n"
    signed = usual_attributes(content, certificate, NOW, REQUEST_AGAIN)
    ours = verify(signed_data(content, Signer(key, certificate, signed)))
    r, s = decode_dss_signature(ours.signature)
    twin = signed_data(
        content, Signer(key, certificate, signed, signature=encode_dss_signature(r, ORDER - s))
    )
    assert verify(twin).attributes_digest == ours.attributes_digest
    verdict = match(receipt(twin), signed=ours)
    assert codes(verdict) == {"other-cable"}


# ── A51, A70: where it goes, which key ───────────────────────────────────────────────────────


def test_a51_addresses_in_the_request_change_nothing_of_a_receipt() -> None:
    request = ReceiptRequest(b"same", ("eve@elsewhere.example", "capital@mfa.example"))
    asked = cable("one", receipt_request=request)
    made = receipt(asked)
    assert b"elsewhere" in asked
    assert b"elsewhere" not in made
    assert match(made, signed=asked).good


@pytest.mark.parametrize("use", [Use.RELEASE, Use.OPENING])
def test_a70_a_receipt_is_signed_by_a_system_key(use: Use) -> None:
    key, certificate = HOUSE.give(use, HAVANA)
    data = receipts.make(CABLE, key=key, certificate=certificate, signing_time=LATER)
    verdict = match(data)
    assert (verdict.good, codes(verdict)) == (False, {"wrong-use"})


def test_a_receipt_by_a_key_that_ran_out_is_refused() -> None:
    verdict = match(receipt(), at=NOW + timedelta(days=1000))
    assert (verdict.good, codes(verdict)) == (False, {"expired"})
    assert {problem.code for problem in verdict.problems} == {"expired", "crl-stale"}


def test_a_receipt_by_an_authority_that_nobody_confirmed_is_refused() -> None:
    stranger = make_house(ORG)
    key, certificate = stranger.give(Use.SYSTEM, HAVANA)
    data = receipts.make(CABLE, key=key, certificate=certificate, signing_time=LATER)
    assert codes(match(data)) == {"unknown-authority"}


def test_every_changed_byte_of_a_receipt_is_noticed() -> None:
    good = receipt()
    for place in range(len(good)):
        changed = bytearray(good)
        changed[place] ^= 1 << (place % 8)
        assert not match(bytes(changed)).good, place
