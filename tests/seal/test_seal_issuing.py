from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from certificate_maker import (
    AUTHORITY_KEY,
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    POLICIES,
    SUBJECT_KEY,
    USUAL,
    extension,
    key_id,
)
from cms_maker import (
    octets,
    seq,
    tlv,
)
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from judged import HOUSE, KEY, PAPER, verdict
from seal_material import CAPITAL, NOW

from cableroom.cable.address import Post
from cableroom.errors import CmsError, SealError
from cableroom.seal import certificates, trust
from cableroom.seal.trust import Use


@pytest.mark.parametrize("use", [Use.RELEASE, Use.SYSTEM, Use.OPENING])
def test_what_is_issued_is_good_for_its_use(use: Use) -> None:
    result = verdict(HOUSE.give(use)[1], use=use)
    assert (result.good, result.problems, result.post) == (True, (), CAPITAL)
    assert result.path == ("CN=CAPITAL,O=mfa.example", "CN=authority,O=mfa.example")
    info = HOUSE.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert result.authority == hashlib.sha256(info).hexdigest() == trust.authority_id(HOUSE.certificate)


def test_a_certificate_written_by_hand_is_read_as_ours_is() -> None:
    assert verdict(PAPER.make()).good
    with_ids = (
        *USUAL,
        extension(SUBJECT_KEY, octets(key_id(KEY.public_key()))),
        extension(AUTHORITY_KEY, seq(tlv(0x80, key_id(HOUSE.key.public_key())))),
    )
    assert verdict(PAPER.but(extensions=with_ids).make()).good


def test_a_line_certificate_is_of_an_installation() -> None:
    issued = trust.issue(
        HOUSE.key, HOUSE.certificate, name="node-1", use=Use.LINE, public_key=KEY.public_key(), now=NOW
    )
    result = verdict(issued, use=Use.LINE, post=None)
    assert (result.good, result.post) == (True, None)
    parsed = x509.load_der_x509_certificate(issued)
    purposes = parsed.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert purposes.critical
    assert list(purposes.value) == [
        x509.ExtendedKeyUsageOID.SERVER_AUTH,
        x509.ExtendedKeyUsageOID.CLIENT_AUTH,
    ]


def test_a_legacy_certificate_has_an_rsa_key_of_3072_bits() -> None:
    key = rsa.generate_private_key(65537, 3072).public_key()
    issued = trust.issue(HOUSE.key, HOUSE.certificate, post=CAPITAL, use=Use.LEGACY, public_key=key, now=NOW)
    assert verdict(issued, use=Use.LEGACY).good
    with pytest.raises(CmsError, match="RSA key; a key on P-256"):
        certificates.public_key(issued)
    with pytest.raises(SealError, match="RSA with 3072 bits"):
        trust.issue(
            HOUSE.key, HOUSE.certificate, post=CAPITAL, use=Use.LEGACY, public_key=KEY.public_key(), now=NOW
        )
    with pytest.raises(SealError, match="on P-256"):
        trust.issue(HOUSE.key, HOUSE.certificate, post=CAPITAL, use=Use.SYSTEM, public_key=key, now=NOW)


def test_an_authority_speaks_for_its_own_organisation_alone() -> None:
    with pytest.raises(SealError, match="cannot speak for"):
        trust.issue(
            HOUSE.key,
            HOUSE.certificate,
            post=Post("un.example", "GENEVA"),
            use=Use.RELEASE,
            public_key=KEY.public_key(),
            now=NOW,
        )


def test_serials_are_of_128_bits_and_never_twice() -> None:
    serials = {trust.new_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert all(0 < serial < 2**128 for serial in serials)
    assert sum(serial.bit_length() > 120 for serial in serials) > 900


def test_what_is_issued_has_the_form_of_the_reference() -> None:
    parsed = x509.load_der_x509_certificate(HOUSE.give(Use.RELEASE)[1])
    assert [(e.oid.dotted_string, e.critical) for e in parsed.extensions] == [
        (BASIC_CONSTRAINTS, True),
        (KEY_USAGE, True),
        (POLICIES, False),
        (SUBJECT_KEY, False),
        (AUTHORITY_KEY, False),
    ]
    assert parsed.not_valid_after_utc - parsed.not_valid_before_utc == timedelta(days=730)
    anchor = x509.load_der_x509_certificate(HOUSE.certificate)
    assert anchor.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert anchor.not_valid_after_utc - anchor.not_valid_before_utc == timedelta(days=7305)


@pytest.mark.parametrize("post_or_name", [{"post": CAPITAL, "name": "node-1"}, {"name": "node-1"}, {}])
def test_a_certificate_of_a_post_is_issued_to_a_post(post_or_name: dict) -> None:
    with pytest.raises(SealError, match="made for a post"):
        trust.issue(
            HOUSE.key, HOUSE.certificate, use=Use.SYSTEM, public_key=KEY.public_key(), now=NOW, **post_or_name
        )


@pytest.mark.parametrize(
    "post_or_name", [{"post": CAPITAL, "name": "node-1"}, {"post": CAPITAL}, {"name": ""}, {}]
)
def test_a_line_certificate_is_issued_to_an_installation(post_or_name: dict) -> None:
    with pytest.raises(SealError, match="name of an installation"):
        trust.issue(
            HOUSE.key, HOUSE.certificate, use=Use.LINE, public_key=KEY.public_key(), now=NOW, **post_or_name
        )
