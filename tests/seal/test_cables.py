"""A cable signed and read: the honest way, and what may come right later."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cable_material import (
    CERTIFICATE,
    FILES,
    HOUSE,
    KINGSTON,
    MESSAGE_ID,
    POLICIES,
    SEED,
    cable,
    document,
    forge,
    read,
    signed,
)
from edition_material import addressee
from seal_material import CAPITAL, HAVANA, NOW, make_house

from cableroom.cable import mime
from cableroom.cable.document import Cable
from cableroom.cable.mime import Attachment
from cableroom.errors import MimeError, SealError
from cableroom.seal import signing, trust
from cableroom.seal.cables import new_message_id, new_seed, open_without_trust
from cableroom.seal.signing import EssLabel
from cableroom.seal.trust import Authority, Use


def test_what_is_signed_is_accepted() -> None:
    made = signed()
    verdict = read(made.signed_data)
    assert (verdict.fate, verdict.problems) == ("accepted", ())
    assert verdict.cable == cable() and verdict.document == document()
    assert list(verdict.files) == FILES
    assert verdict.digest == made.digest
    assert (verdict.seed, verdict.signature) == (SEED, made.signature)
    assert verdict.claimed == CAPITAL and verdict.certificate == CERTIFICATE
    assert verdict.signer is not None and verdict.signer.good
    assert verdict.label == EssLabel(POLICIES["mfa.example/labels", 1].oid, 4)
    assert verdict.message_id == MESSAGE_ID
    assert "ES256" in verdict.algorithms
    opened = verdict.opened
    assert opened == open_without_trust(made.signed_data)
    assert (opened.cable, opened.files, opened.seed) == (cable(), tuple(FILES), SEED)


def test_signing_is_deterministic() -> None:
    assert signed() == signed()
    assert signed(seed=bytes(32)).digest != signed().digest


def test_seeds_and_message_ids_are_fresh() -> None:
    assert len({new_seed() for _ in range(50)}) == 50
    ids = {new_message_id("mfa.example") for _ in range(50)}
    assert len(ids) == 50
    for name in ids:
        signed(message_id=name)


def test_the_header_names_the_addressees_of_the_directory() -> None:
    content = cable(
        to=[
            addressee("HAVANA"),
            {**addressee("ALL ISLANDS"), "members": [{"org": None, "post": "KINGSTON"}]},
        ],
        info=[{**addressee("GENEVA"), "org": "un.example"}, addressee("HAVANA")],
        precedence_info="ROUTINE",
    )
    made = signed(content, addresses={KINGSTON: "cables@kingston.mfa.example"})
    entity = mime.read_entity(signing.verify(made.signed_data).content)
    assert entity.to == ("havana@mfa.example", "cables@kingston.mfa.example")
    assert entity.copies == ("geneva@un.example",)
    assert read(made.signed_data, own_post=KINGSTON).fate == "accepted"


def test_a_cable_without_files_or_with_empty_ones() -> None:
    for files in ([], [Attachment("empty", "application/octet-stream", b"")]):
        doc = document()
        doc["files"] = [
            {
                "bytes": 0,
                "mark": None,
                "media_type": "application/octet-stream",
                "n": 1,
                "name": "empty",
                "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            }
            for _ in files
        ] or None
        verdict = read(signed(Cable.from_json(doc), files=files).signed_data)
        assert verdict.fate == "accepted" and list(verdict.files) == files


@pytest.mark.parametrize(
    "files",
    [
        [],
        FILES[:1],
        FILES[::-1],
        [*FILES, FILES[0]],
        [FILES[0]._replace(content=b"x"), FILES[1]],
        [FILES[0]._replace(name="other.pdf"), FILES[1]],
        [FILES[0]._replace(media_type="text/plain"), FILES[1]],
    ],
)
def test_only_the_files_of_the_document_are_signed(files: list[Attachment]) -> None:
    with pytest.raises(SealError) as caught:
        signed(files=files)
    assert caught.value.code == "files-differ"


def test_only_the_key_of_the_post_signs() -> None:
    key, certificate = HOUSE.give(Use.RELEASE, HAVANA)
    with pytest.raises(SealError) as caught:
        signed(key=key, certificate=certificate)
    assert caught.value.code == "wrong-post"
    with pytest.raises(SealError) as caught:
        signed(key=key)
    assert caught.value.code == "wrong-key"


def test_a_message_as_a_file_is_refused_before_anything_is_signed() -> None:
    doc = document()
    doc["files"] = [{**doc["files"][0], "media_type": "message/rfc822"}]
    with pytest.raises(MimeError) as caught:
        signed(Cable.from_json(doc), files=[FILES[0]._replace(media_type="message/rfc822")])
    assert caught.value.code == "file-type"


@pytest.mark.openssl
def test_openssl_verifies_what_we_sign(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(pem(HOUSE.certificate))
    (tmp_path / "cable.p7m").write_bytes(signed().signed_data)
    command = ["openssl", "cms", "-verify", "-in", "cable.p7m", "-inform", "DER", "-CAfile", "ca.pem"]
    command += ["-purpose", "any", "-attime", str(int(NOW.timestamp())), "-binary", "-out", "entity"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert mime.read_entity((tmp_path / "entity").read_bytes()).files == tuple(FILES)


def pem(der: bytes) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


# ---- held: what can still come ---------------------------------------------------------------


HELD: list[tuple[str, str, Any]] = [
    ("no authority known", "unknown-authority", lambda: read(signed().signed_data, authorities=[])),
    (
        "another authority known",
        "unknown-authority",
        lambda: read(signed().signed_data, authorities=[make_house().authority]),
    ),
    ("certificate expired", "expired", lambda: read(signed().signed_data, at=NOW + timedelta(days=800))),
    ("clock behind", "not-yet-valid", lambda: read(signed().signed_data, at=NOW - timedelta(days=30))),
    ("policy not known", "unknown-policy", lambda: read(signed().signed_data, policies={})),
    (
        "newer policy",
        "unknown-policy",
        lambda: read(forge(document(policy={"id": "mfa.example/labels", "version": 2}))),
    ),
    ("newer v", "newer-version", lambda: read(forge(part=lambda value: {**value, "v": 2}))),
    ("newer v, other members", "newer-version", lambda: read(forge(part=lambda _: {"v": 3, "x": 1}))),
    ("code point not assigned yet", "unassigned", lambda: read(unassigned())),
    ("certificate missing", "unknown-certificate", lambda: read(without_certificate())),
]


def unassigned() -> bytes:
    good = document()
    bad = document(subject="Grain \U0003fff0 coast")
    return forge(good, part=lambda value: {**value, "document": bad})


def without_certificate() -> bytes:
    """The SignedData with its certificates left out (RFC 5652 allows it)."""
    from dataclasses import replace

    from cableroom.seal import asn1
    from cableroom.seal.oids import ID_SIGNED_DATA

    info = asn1.decode(asn1.ContentInfo, signed().signed_data, what="x")
    data = asn1.parse(asn1.SignedData, info.content, what="x")
    return asn1.encode(
        asn1.SignedMessage(contentType=ID_SIGNED_DATA, content=replace(data, certificates=None))
    )


@pytest.mark.parametrize(("code", "attempt"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_held(code: str, attempt: Any) -> None:
    verdict = attempt()
    assert verdict.fate == "held", verdict.problems
    assert code in [problem.code for problem in verdict.problems]
    assert verdict.cable is None and verdict.document is None and verdict.files == () and verdict.seed is None
    with pytest.raises(SealError) as caught:
        _ = verdict.opened
    assert caught.value.code == "held"


def test_held_cables_are_accepted_when_what_was_missing_has_come() -> None:
    data = signed().signed_data
    assert read(data, authorities=[], policies={}).fate == "held"
    assert read(data).fate == "accepted"
    assert read(without_certificate(), known=[CERTIFICATE]).fate == "accepted"


def test_what_can_never_be_good_is_refused_even_if_the_signer_is_not_known() -> None:
    for attempt in (
        lambda: read(forge(text="Surrender\n"), authorities=[]),
        lambda: read(signed().signed_data, authorities=[], own_post=KINGSTON),
        lambda: read(forge(label=None), policies={}),
    ):
        assert attempt().fate == "refused"


def test_a_revoked_certificate_is_refused() -> None:
    from cryptography import x509

    serial = x509.load_der_x509_certificate(CERTIFICATE).serial_number
    crl = trust.make_crl(HOUSE.key, HOUSE.certificate, [(serial, NOW)], now=NOW)
    verdict = read(signed().signed_data, authorities=[Authority("mfa.example", HOUSE.certificate, crl)])
    assert verdict.fate == "refused" and "revoked" in [problem.code for problem in verdict.problems]


def test_own_post_none_leaves_the_addressee_unasked() -> None:
    assert read(signed().signed_data, own_post=None).fate == "accepted"
    assert read(signed().signed_data, own_post=CAPITAL).fate == "refused"


def test_open_without_trust_still_checks_the_cms_signature() -> None:
    data = bytearray(signed().signed_data)
    at = data.index(b"Grain for the coast")
    data[at] ^= 1
    with pytest.raises(SealError):
        open_without_trust(bytes(data))
