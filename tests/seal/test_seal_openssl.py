"""Interworking with the `openssl cms` command, in both directions."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from seal_material import CAPITAL, HAVANA, make_house

from cableroom.errors import CmsError, SealError
from cableroom.seal import receipts
from cableroom.seal.envelope import Recipients, open_envelope, seal
from cableroom.seal.signing import EssLabel, ReceiptRequest, sign, verify
from cableroom.seal.trust import Use, judge

pytestmark = [
    pytest.mark.openssl,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is absent"),
]

NOW = datetime.now(UTC).replace(microsecond=0)  # openssl judges certificates by the clock
HOUSE = make_house(now=NOW - timedelta(days=1))
CONTENT = b"Content-Type: text/plain\r\n\r\nWords.\r\n"
REQUEST = ReceiptRequest(b"0123456789abcdef", ("capital@mfa.example",))


class Desk:
    """A folder with keys and certificates as files, in which `openssl` runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("authority.pem", _pem(HOUSE.certificate))

    def write(self, name: str, data: bytes) -> str:
        (self.folder / name).write_bytes(data)
        return name

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def keep(self, name: str, key, certificate: bytes) -> None:
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.write(f"{name}.key", pem)
        self.write(f"{name}.pem", _pem(certificate))

    def run(self, *arguments: str, good: bool = True) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, check=False)
        assert (done.returncode == 0) is good, done.stderr.decode()
        return done


def _pem(certificate: bytes) -> bytes:
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def release():
    return HOUSE.give(Use.RELEASE, CAPITAL, now=NOW - timedelta(hours=1))


@pytest.fixture(scope="module")
def system():
    return HOUSE.give(Use.SYSTEM, HAVANA, now=NOW - timedelta(hours=1))


@pytest.fixture(scope="module")
def opening():
    return HOUSE.give(Use.OPENING, HAVANA, now=NOW - timedelta(hours=1))


def _signed(release, **changes) -> bytes:
    key, certificate = release
    label = EssLabel("2.25.15833945393432001495575117927911379549", 4)
    return sign(
        CONTENT,
        key=key,
        certificate=certificate,
        **{"signing_time": NOW, "label": label, "receipt_request": REQUEST, **changes},
    )


VERIFY = ("cms", "-verify", "-inform", "DER", "-binary", "-CAfile", "authority.pem")


@pytest.mark.parametrize("check", [(), ("-cades",), ("-x509_strict",), ("-purpose", "any")])
def test_openssl_verifies_what_we_sign(desk: Desk, release, check) -> None:
    desk.write("ours.p7m", _signed(release))
    desk.run(*VERIFY, *check, "-in", "ours.p7m", "-out", "content")
    assert desk.read("content") == CONTENT


def test_openssl_refuses_what_we_signed_and_somebody_changed(desk: Desk, release) -> None:
    desk.write("changed.p7m", _signed(release).replace(b"Words.", b"Swords"))
    desk.run(*VERIFY, "-in", "changed.p7m", "-out", "content", good=False)


def test_openssl_reads_the_label_and_the_request_that_we_wrote(desk: Desk, release) -> None:
    desk.write("ours.p7m", _signed(release))
    shown = desk.run("cms", "-cmsout", "-print", "-inform", "DER", "-in", "ours.p7m").stdout.decode()
    for name in (
        "contentType",
        "messageDigest",
        "signingTime",
        "id-smime-aa-securityLabel",
        "id-smime-aa-receiptRequest",
        "id-smime-aa-signingCertificateV2",
    ):
        assert shown.count(f"object: {name}") == 1, name
    request = desk.run(*VERIFY, "-in", "ours.p7m", "-receipt_request_print", "-out", "content")
    assert b"capital@mfa.example" in request.stdout + request.stderr


SIGN = ("cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-md", "sha256")


@pytest.mark.parametrize(
    ("more", "doubts"),
    [
        (("-nosmimecap",), set()),
        ((), {"unread-attribute"}),
        (("-nosmimecap", "-keyid"), set()),
        (("-nosmimecap", "-certfile", "authority.pem"), {"other-certificates"}),
        (
            ("-nosmimecap", "-receipt_request_all", "-receipt_request_to", "capital@mfa.example"),
            set(),
        ),
    ],
    ids=["plain", "with capabilities", "by key identifier", "with the authority", "asking for a receipt"],
)
def test_we_verify_what_openssl_signs(desk: Desk, release, more, doubts) -> None:
    desk.keep("capital", *release)
    desk.write("content", CONTENT)
    desk.run(
        *SIGN,
        "-cades",
        *more,
        "-signer",
        "capital.pem",
        "-inkey",
        "capital.key",
        "-in",
        "content",
        "-out",
        "p7",
    )
    verdict = verify(desk.read("p7"))
    assert (verdict.content, verdict.certificate) == (CONTENT, release[1])
    assert {problem.code for problem in verdict.problems} == doubts
    assert abs(verdict.signing_time - datetime.now(UTC)) < timedelta(minutes=1)
    assert judge(verdict.certificate, use=Use.RELEASE, authorities=[HOUSE.authority], at=NOW).good
    if "-receipt_request_all" in more:
        assert verdict.receipt_request.receipts_to == ("capital@mfa.example",)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((), "signingCertificateV2"),
        (("-noattr",), "no signed attributes"),
        (("-cades", "-md", "sha512"), "uses SHA-512"),
        (("-cades", "-md", "sha1"), "uses SHA-1"),
        (("-cades", "-stream"), "indefinite length"),
    ],
)
def test_what_openssl_signs_otherwise_is_refused_by_name(desk: Desk, release, more, says) -> None:
    desk.keep("capital", *release)
    desk.write("content", CONTENT)
    signer = ("-signer", "capital.pem", "-inkey", "capital.key", "-in", "content", "-out", "p7")
    desk.run(*SIGN, *more, *signer)
    desk.run(*VERIFY, "-in", "p7", "-out", "shown")
    assert desk.read("shown") == CONTENT
    with pytest.raises(CmsError, match=says):
        verify(desk.read("p7"))


def test_what_openssl_signs_detached_or_twice_is_refused(desk: Desk, release, system) -> None:
    desk.keep("capital", *release)
    desk.keep("havana", *system)
    desk.write("content", CONTENT)
    one = ("-signer", "capital.pem", "-inkey", "capital.key")
    desk.run(
        "cms", "-sign", "-binary", "-outform", "DER", "-cades", *one, "-in", "content", "-out", "detached"
    )
    with pytest.raises(CmsError, match="outside"):
        verify(desk.read("detached"))
    two = (*one, "-signer", "havana.pem", "-inkey", "havana.key")
    desk.run(*SIGN, "-cades", *two, "-in", "content", "-out", "twice")
    desk.run(*VERIFY, "-in", "twice", "-out", "shown")
    with pytest.raises(CmsError, match="2 signers"):
        verify(desk.read("twice"))


# ── envelopes ────────────────────────────────────────────────────────────────────────────────


def test_openssl_opens_what_we_seal(desk: Desk, opening) -> None:
    key, certificate = opening
    desk.keep("havana", key, certificate)
    desk.write("ours", seal(CONTENT, Recipients.of([certificate])))
    opened = ("-recip", "havana.pem", "-inkey", "havana.key", "-in", "ours", "-out", "content")
    desk.run("cms", "-decrypt", "-binary", "-inform", "DER", *opened)
    assert desk.read("content") == CONTENT


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("-keyopt", "ecdh_kdf_md:sha256"), "ECDH with SHA-256 KDF"),
        ((), "ECDH with SHA-1 KDF"),
        (("-keyopt", "ecdh_kdf_md:sha256", "-keyid"), "ECDH with SHA-256 KDF"),
    ],
    ids=["SHA-256", "SHA-1, its default", "by key identifier"],
)
def test_we_open_what_openssl_seals(desk: Desk, opening, options, named) -> None:
    key, certificate = opening
    desk.keep("havana", key, certificate)
    desk.write("content", CONTENT)
    sealing = (
        "cms",
        "-encrypt",
        "-binary",
        "-aes-256-gcm",
        "-outform",
        "DER",
        "-in",
        "content",
        "-out",
        "theirs",
    )
    desk.run(*sealing, "-recip", "havana.pem", *options)
    opened = open_envelope(desk.read("theirs"), [(certificate, key)])
    assert opened.content == CONTENT
    assert opened.algorithms == (named, "P-256", "AES-256 key wrap", "AES-256-GCM")


@pytest.mark.parametrize(
    ("cipher", "options", "says"),
    [
        ("-aes-256-cbc", (), "This is EnvelopedData"),
        ("-aes-128-gcm", (), "AES-128"),
        ("-aes-256-gcm", ("-keyopt", "ecdh_kdf_md:sha512"), "ECDH with SHA-512 KDF"),
        ("-aes-256-gcm", ("-keyopt", "ecdh_kdf_md:sha256", "-keyopt", "ecdh_cofactor_mode:1"), "cofactor"),
    ],
)
def test_what_openssl_seals_otherwise_is_refused_by_name(desk: Desk, opening, cipher, options, says) -> None:
    key, certificate = opening
    desk.keep("havana", key, certificate)
    desk.write("content", CONTENT)
    sealing = ("cms", "-encrypt", "-binary", cipher, "-outform", "DER", "-in", "content", "-out", "theirs")
    desk.run(*sealing, "-recip", "havana.pem", *options)
    with pytest.raises(CmsError, match=says):
        open_envelope(desk.read("theirs"), [(certificate, key)])


def test_a_password_of_openssl_is_refused_by_name(desk: Desk) -> None:
    desk.write("content", CONTENT)
    sealing = (
        "cms",
        "-encrypt",
        "-binary",
        "-aes-256-gcm",
        "-outform",
        "DER",
        "-in",
        "content",
        "-out",
        "theirs",
    )
    desk.run(*sealing, "-secretkey", "00" * 32, "-secretkeyid", "01")
    with pytest.raises(CmsError, match="a key known before"):
        open_envelope(desk.read("theirs"), [])


# ── receipts ─────────────────────────────────────────────────────────────────────────────────


def test_openssl_verifies_our_receipt(desk: Desk, release, system) -> None:
    signed = _signed(release)
    key, certificate = system
    desk.write("cable", signed)
    desk.write("receipt", receipts.make(signed, key=key, certificate=certificate, signing_time=NOW))
    check = (
        "cms",
        "-verify_receipt",
        "receipt",
        "-rctform",
        "DER",
        "-inform",
        "DER",
        "-CAfile",
        "authority.pem",
    )
    desk.run(*check, "-in", "cable")
    desk.write(
        "other", _signed(release, receipt_request=ReceiptRequest(b"another", ("capital@mfa.example",)))
    )
    desk.run(*check, "-in", "other", good=False)


def test_a_receipt_of_openssl_lacks_only_what_names_its_certificate(desk: Desk, release, system) -> None:
    # `-sign_receipt` writes no signing-certificate-v2, so it is refused, for this reason alone
    desk.keep("havana", *system)
    signed = _signed(release)
    desk.write("cable", signed)
    making = ("cms", "-sign_receipt", "-inform", "DER", "-in", "cable", "-outform", "DER", "-out", "receipt")
    desk.run(*making, "-signer", "havana.pem", "-inkey", "havana.key")
    verdict = receipts.match(
        desk.read("receipt"), signed_cable=signed, post=HAVANA, authorities=[HOUSE.authority], at=NOW
    )
    assert [problem.code for problem in verdict.problems] == ["not-allowed-form"]
    assert "signingCertificateV2" in verdict.problems[0].message


# ── certificates ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("strict", [(), ("-x509_strict",)])
def test_openssl_verifies_what_we_issue_and_revoke(desk: Desk, release, strict) -> None:
    desk.keep("capital", *release)
    desk.run("verify", *strict, "-CAfile", "authority.pem", "capital.pem")
    desk.write("list.pem", x509.load_der_x509_crl(HOUSE.crl).public_bytes(Encoding.PEM))
    desk.run(
        "verify", *strict, "-crl_check", "-CRLfile", "list.pem", "-CAfile", "authority.pem", "capital.pem"
    )


def test_an_envelope_for_another_is_not_opened(opening, release) -> None:
    with pytest.raises(SealError, match="not sealed for a post"):
        open_envelope(seal(CONTENT, Recipients.of([opening[1]])), [(release[1], release[0])])
