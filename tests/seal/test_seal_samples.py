"""Messages that others made: the examples of RFC 4134, and attacks on signed and sealed mail."""

from __future__ import annotations

import email
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import weak
from cms_maker import DATA, explicit, octets, oid, seq, tlv
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from seal_material import make_house

from cableroom.errors import CableroomError, CmsError
from cableroom.seal import keys
from cableroom.seal.envelope import open_envelope
from cableroom.seal.signing import verify
from cableroom.seal.trust import Authority, Use, judge

NAMED = {
    "3.1.bin": "indefinite length",
    "3.2.bin": "This is id-data",
    "4.1.bin": "uses SHA-1",
    "4.2.bin": "uses SHA-1",
    "4.3.bin": "outside",
    "4.4.bin": "unsigned attributes .contentHints, countersignature",
    "4.5.bin": "indefinite length",
    "4.6.bin": "2 signers",
    "4.7.bin": "uses SHA-1",
    "4.10.bin": "uses SHA-1",
    "4.11.bin": "outside",
    "5.1.bin": "This is EnvelopedData",
    "5.2.bin": "This is EnvelopedData",
    "6.0.bin": "This is DigestedData",
    "7.1.bin": "This is EncryptedData",
    "7.2.bin": "This is EncryptedData",
    "ExContent.bin": "cut off",
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", NAMED)
def test_old_messages_are_refused_by_the_name_of_what_is_old(shared: Path, name: str) -> None:
    with pytest.raises(CmsError, match=NAMED[name]):
        verify((shared / "data" / "smime" / "rfc4134" / name).read_bytes())


@pytest.mark.shared_data
def test_old_certificates_and_keys_are_refused_and_nothing_else(shared: Path) -> None:
    files = sorted((shared / "data" / "smime" / "rfc4134").iterdir())
    assert len(files) > 30
    house = make_house()
    for file in files:
        data = file.read_bytes()
        result = judge(
            data, use=Use.RELEASE, authorities=[house.authority], at=datetime(2000, 6, 1, tzinfo=UTC)
        )
        assert [problem.code for problem in result.problems] == ["bad-certificate"], file.name
        for read in (verify, lambda data: open_envelope(data, []), keys.private_key):
            with pytest.raises(CableroomError):
                read(data)


def _folder(shared: Path) -> Path:
    return shared / "data" / "attacks" / "smime-made"


def _parts(path: Path) -> list[bytes]:
    message = email.message_from_bytes(path.read_bytes())
    kinds = ("application/pkcs7-mime", "application/pkcs7-signature")
    return [part.get_payload(decode=True) for part in message.walk() if part.get_content_type() in kinds]


@pytest.mark.shared_data
def test_no_attack_on_mail_passes_for_a_message(shared: Path) -> None:
    cases = json.loads((_folder(shared) / "cases.json").read_text())["cases"]
    house = make_house()
    own = [(house.give(use)[1], house.give(use)[0]) for use in (Use.OPENING,)]
    tried = 0
    for case in cases:
        for data in _parts(_folder(shared) / f"{case['id']}.eml"):
            for read in (verify, lambda data: open_envelope(data, own)):
                with pytest.raises(CableroomError):
                    read(data)
                tried += 1
    assert tried > 80


EMBEDDED = {
    "c1-multipart-signed": "signingCertificateV2",
    "sha1": "uses SHA-1",
    "no-signed-attributes": "no signed attributes",
    "message-digest-two-values": "messageDigest of 2 values",
    "no-message-digest-attribute": "no signed attribute messageDigest",
    "no-content-type-attribute": "no signed attribute contentType",
    "two-signers-victim-first": "2 signers",
    "trust-no-certs": "signingCertificateV2",
}


@pytest.mark.shared_data
@pytest.mark.parametrize("case", EMBEDDED)
def test_detached_attacks_with_their_content_put_inside_fail_for_their_own_reason(
    shared: Path, case: str
) -> None:
    raw = (_folder(shared) / f"{case}.eml").read_bytes()
    boundary = email.message_from_bytes(raw).get_boundary().encode()
    content = raw.split(b"--" + boundary + b"\r\n")[1].removesuffix(b"\r\n")
    data = _embed(_parts(_folder(shared) / f"{case}.eml")[0], content)
    if case != "trust-no-certs":
        assert weak.believed_content(data) == content
    with pytest.raises(CmsError, match=EMBEDDED[case]):
        verify(data)


def _embed(detached: bytes, content: bytes) -> bytes:
    """The same SignedData with its content inside."""
    outer = weak.read_ber(detached)
    signed = outer.parts[1].parts[0].parts
    inside = seq(oid(DATA), explicit(0, octets(content)))
    body = seq(*(part.raw for part in signed[:2]), inside, *(part.raw for part in signed[3:]))
    return seq(outer.parts[0].raw, tlv(0xA0, body))


@pytest.mark.shared_data
def test_no_certificate_of_the_attackers_is_good_for_anything(shared: Path) -> None:
    folder = _folder(shared) / "keys"
    anchor = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes()).public_bytes(Encoding.DER)
    now = datetime(2026, 6, 1, 12, 5, tzinfo=UTC)
    for file in sorted(folder.glob("*.crt")):
        certificate = x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER)
        for use in Use:
            result = judge(certificate, use=use, authorities=[Authority("Attack samples", anchor)], at=now)
            assert not result.good, (file.name, use)
