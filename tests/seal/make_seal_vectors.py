"""Writes tests/vectors/seal.json and seal-refused.json: `python tests/seal/make_seal_vectors.py`.

Everything in them follows from five private numbers and one time, so that anybody can make them
again; the messages are written by hand (`cms_maker`, `certificate_maker`), not by the code under test.
Version 1 is fixed: a change of an existing vector is a fault.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cms_maker as cms
from certificate_maker import (
    CA,
    LEAF,
    OPENING,
    RELEASES,
    SIGNS,
    SYSTEM,
    USUAL,
    Paper,
    crl,
    extension,
    key_usage,
    named,
    policies,
    revoked,
)
from cms_maker import (
    Sealing,
    Signer,
    algorithm,
    attribute,
    integer,
    octets,
    oid,
    seq,
    set_of,
    signed_data,
    tlv,
    usual_attributes,
    utc_time,
)
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FOLDER = Path(__file__).parent.parent / "vectors"
NOW = datetime(2026, 10, 27, 18, 40, tzinfo=UTC)
AT = NOW + timedelta(minutes=1)
POLICY = "2.25.86158443207302231093155021371310571821"
CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nA convoy comes on Thursday.\r\n"
OTHER = CONTENT.replace(b"Thursday", b"Saturday")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _key(name: str) -> ec.EllipticCurvePrivateKey:
    number = (
        int.from_bytes(hashlib.sha256(b"cableroom/vector/" + name.encode()).digest(), "big") % (ORDER - 1) + 1
    )
    return ec.derive_private_key(number, ec.SECP256R1())


NAMES = ("authority", "release", "system", "opening", "ephemeral", "eve")
KEYS = {name: _key(name) for name in NAMES}


def _paper(name: str, serial: int, post: str, *extensions: bytes) -> Paper:
    return Paper(
        KEYS["authority"],
        KEYS[name].public_key(),
        extensions=extensions,
        serial=integer(serial),
        subject=named("mfa.example", post),
        not_before=utc_time(NOW - timedelta(days=1)),
    )


ANCHOR = _paper("authority", 1, "authority", CA, key_usage(5, 6)).but(not_after=tlv(0x17, b"461027184000Z"))
RELEASE = _paper("release", 2, "CAPITAL", *USUAL)
SYSTEM_PAPER = _paper("system", 3, "HAVANA", LEAF, key_usage(0), policies(SYSTEM))
OPENING_PAPER = _paper("opening", 4, "HAVANA", LEAF, key_usage(4), policies(OPENING))
CERTIFICATES = {
    "authority": ANCHOR.make(),
    "release": RELEASE.make(),
    "system": SYSTEM_PAPER.make(),
    "opening": OPENING_PAPER.make(),
}
REVOKED = crl(KEYS["authority"], revoked(5, NOW), following=NOW + timedelta(days=366))

LABEL = attribute(cms.LABEL, tlv(0x31, integer(3), oid(POLICY)))
REQUEST = attribute(
    cms.RECEIPT_REQUEST,
    seq(octets(bytes(range(32))), tlv(0x80, b"\0"), seq(seq(tlv(0x81, b"capital@mfa.example")))),
)


def _attributes(*more: bytes, content: bytes = CONTENT, **changes: object) -> tuple[bytes, ...]:
    return usual_attributes(content, CERTIFICATES["release"], NOW, *more, **changes)


def _signer(**changes: object) -> Signer:
    usual = {"key": KEYS["release"], "certificate": CERTIFICATES["release"]}
    return Signer(**{**usual, "attributes": _attributes(LABEL, REQUEST), **changes})


SIGNED = signed_data(CONTENT, _signer())
_SIGNATURE = KEYS["release"].sign(
    set_of(*_attributes(LABEL, REQUEST)), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
)
_SIGNED_SET = set_of(*_attributes(LABEL, REQUEST))


def _receipt() -> bytes:
    body = seq(integer(1), oid(cms.DATA), octets(bytes(range(32))), octets(_SIGNATURE))
    digest = attribute(cms.MSG_SIG_DIGEST, octets(hashlib.sha256(_SIGNED_SET).digest()))
    signed = usual_attributes(body, CERTIFICATES["system"], AT, digest, content_type=cms.RECEIPT)
    signer = Signer(KEYS["system"], CERTIFICATES["system"], signed)
    return signed_data(body, signer, content_type=cms.RECEIPT, version=3)


SEALING = Sealing(
    CONTENT,
    CERTIFICATES["opening"],
    ephemeral=KEYS["ephemeral"].private_numbers().private_value,
    content_key=bytes(range(32)),
)


def good() -> dict[str, object]:
    """The vectors that must be read, and what they say."""
    blob_key, nonce, digest = bytes(range(32)), bytes(range(12)), hashlib.sha256(SIGNED).digest()
    return {
        "about": "Keys, certificates, a SignedData, envelopes, a receipt and a blob, with what each says.",
        "version": 1,
        "at": _stamp(AT),
        "private_keys": {name: f"{key.private_numbers().private_value:064x}" for name, key in KEYS.items()},
        "certificates": {name: data.hex() for name, data in CERTIFICATES.items()},
        "authority_id": hashlib.sha256(
            KEYS["authority"]
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        ).hexdigest(),
        "crl": REVOKED.hex(),
        "signed": {
            "der": SIGNED.hex(),
            "content": CONTENT.decode(),
            "signing_time": _stamp(NOW),
            "label": {"policy": POLICY, "classification": 3},
            "receipt_request": {
                "content_identifier": bytes(range(32)).hex(),
                "receipts_to": ["capital@mfa.example"],
            },
            "signed_attributes": _SIGNED_SET.hex(),
            "attributes_digest": hashlib.sha256(_SIGNED_SET).hexdigest(),
            "signature": _SIGNATURE.hex(),
        },
        "receipt": {"der": _receipt().hex(), "signing_time": _stamp(AT), "post": "mfa.example/HAVANA"},
        "envelopes": [
            {"name": name, "der": sealing.make().hex(), "content": CONTENT.decode(), "algorithms": list(used)}
            for name, sealing, used in _envelopes()
        ],
        "blob": {
            "key": blob_key.hex(),
            "digest": digest.hex(),
            "data": CONTENT.decode(),
            "blob": (b"\x01" + nonce + AESGCM(blob_key).encrypt(nonce, CONTENT, digest)).hex(),
        },
        "wrapped": {
            "key": blob_key.hex(),
            "about": b"mfa.example/CAPITAL release".hex(),
            "secret": bytes(range(16)).hex(),
            "wrapped": (
                b"\x01"
                + nonce
                + AESGCM(blob_key).encrypt(
                    nonce, bytes(range(16)), b"cableroom/wrap/1\0mfa.example/CAPITAL release"
                )
            ).hex(),
        },
    }


def _envelopes() -> Iterator[tuple[str, Sealing, tuple[str, ...]]]:
    rest = ("P-256", "AES-256 key wrap", "AES-256-GCM")
    yield "as it is written", SEALING, ("ECDH with SHA-256 KDF", *rest)
    yield "with a ukm", SEALING.but(ukm=bytes(range(16))), ("ECDH with SHA-256 KDF", *rest)
    yield "with the SHA-1 KDF", SEALING.but(kdf=cms.ECDH_SHA1), ("ECDH with SHA-1 KDF", *rest)
    yield (
        "ephemeral key with the curve named",
        SEALING.but(originator_algorithm=algorithm(cms.EC_KEY, oid(cms.P256))),
        ("ECDH with SHA-256 KDF", *rest),
    )


def refused() -> dict[str, object]:
    """The vectors that must be refused; `code` is the class of failure."""
    return {
        "about": "What must be refused, with the class of failure; keys and certificates are those of seal.json.",
        "version": 1,
        "at": _stamp(AT),
        "cases": [
            {"kind": kind, "name": name, "code": code, "der": data.hex()}
            for kind, cases in (
                ("signed", _signed_cases()),
                ("envelope", _envelope_cases()),
                ("certificate", _certificate_cases()),
                ("crl", _crl_cases()),
            )
            for name, code, data in cases
        ],
    }


def _signed_cases() -> Iterator[tuple[str, str, bytes]]:
    form, der_, bad = "not-allowed-form", "not-der", "bad-signature"
    r, s = decode_dss_signature(_SIGNATURE)
    eve = Signer(KEYS["eve"], CERTIFICATES["release"], _attributes(LABEL, REQUEST))
    yield "the content was exchanged", bad, signed_data(OTHER, _signer())
    yield "signed by another key", bad, signed_data(CONTENT, eve)
    yield "content outside", form, signed_data(CONTENT, _signer(), econtent=b"")
    yield (
        "no signer",
        form,
        signed_data(CONTENT, certificates=[CERTIFICATES["release"]], digests=[algorithm(cms.SHA256)]),
    )
    yield "two signers", form, signed_data(CONTENT, _signer(), _signer(attributes=_attributes()))
    yield "no signed attributes", form, signed_data(CONTENT, _signer(attributes=None))
    yield (
        "signed attributes as content",
        form,
        signed_data(_SIGNED_SET, _signer(attributes=None, signature=_SIGNATURE)),
    )
    for name, dotted in (
        ("contentType", cms.CONTENT_TYPE),
        ("messageDigest", cms.MESSAGE_DIGEST),
        ("signingTime", cms.SIGNING_TIME),
        ("signing-certificate-v2", cms.SIGNING_CERTIFICATE_V2),
    ):
        yield f"no {name}", form, signed_data(CONTENT, _signer(attributes=_attributes(without=[dotted])))
    two_digests = attribute(cms.MESSAGE_DIGEST, octets(hashlib.sha256(OTHER).digest()))
    yield "two messageDigest", form, signed_data(CONTENT, _signer(attributes=_attributes(two_digests)))
    unsorted = tuple(sorted(_attributes(LABEL), reverse=True))
    yield (
        "attributes not sorted",
        "bad-structure",
        signed_data(CONTENT, _signer(attributes=unsorted, sort=False)),
    )
    unsigned = tlv(0xA1, attribute(cms.SIGNING_TIME, utc_time(AT)))
    yield "an unsigned attribute", form, signed_data(CONTENT, _signer(unsigned=unsigned))
    yield "digest list says SHA-512", form, signed_data(CONTENT, _signer(), digests=[algorithm(cms.SHA512)])
    yield (
        "ECDSA with NULL parameters",
        form,
        signed_data(CONTENT, _signer(signature_algorithm=algorithm(cms.ECDSA_SHA256, cms.NULL))),
    )
    yield (
        "ECDSA with SHA-512",
        form,
        signed_data(CONTENT, _signer(signature_algorithm=algorithm(cms.ECDSA_SHA512))),
    )
    yield "r is 0", form, signed_data(CONTENT, _signer(signature=seq(integer(0), integer(s))))
    yield "s is n", form, signed_data(CONTENT, _signer(signature=seq(integer(r), integer(ORDER))))
    wide = seq(tlv(0x02, b"\0" + integer(r)[2:]), integer(s))
    yield "r with a needless zero", der_, signed_data(CONTENT, _signer(signature=wide))
    marked = attribute(cms.LABEL, tlv(0x31, integer(3), oid(POLICY), tlv(0x0C, b"EYES ONLY")))
    yield "a label with a privacy mark", form, signed_data(CONTENT, _signer(attributes=_attributes(marked)))
    yield "a byte after it", der_, SIGNED + b"\0"
    yield "cut off", der_, SIGNED[:-1]
    yield "indefinite length", der_, b"\x30\x80" + SIGNED[4:] + b"\0\0"
    yield "it says EnvelopedData", form, signed_data(CONTENT, _signer(), outer=cms.ENVELOPED_DATA)


def _envelope_cases() -> Iterator[tuple[str, str, bytes]]:
    form, closed = "not-allowed-form", "not-opened"
    good_ = SEALING.make()
    for name, changes in (
        ("a tag of 4 bytes", {"tag_bytes": 4, "told_tag_bytes": 4}),
        ("a tag of the default size", {"tag_bytes": 12, "told_tag_bytes": None}),
        ("a nonce of 16 bytes", {"nonce": bytes(16)}),
        ("AES-128-GCM", {"encryption": cms.AES128_GCM, "content_key": bytes(16)}),
        ("it says EnvelopedData", {"outer": cms.ENVELOPED_DATA}),
        ("an empty ukm", {"ukm": b""}),
        ("a ukm of 1,000 bytes", {"ukm": bytes(1000)}),
        ("the KDF with SHA-512", {"kdf": cms.ECDH_SHA512}),
        ("no parameters of the key agreement", {"kdf_parameters": b""}),
        ("NULL parameters of the key wrap", {"wrap": algorithm(cms.AES256_WRAP, cms.NULL)}),
        ("an ephemeral key at infinity", {"originator_point": b"\0"}),
        ("an ephemeral key off the curve", {"originator_point": b"\4" + bytes(64)}),
        ("an ephemeral key on P-384", {"originator_algorithm": algorithm(cms.EC_KEY, oid(cms.P384))}),
        (
            "an unauthenticated attribute",
            {"unauthenticated": tlv(0xA2, attribute(cms.SIGNING_TIME, utc_time(AT)))},
        ),
        (
            "an authenticated attribute",
            {"authenticated": tlv(0xA1, attribute(cms.SIGNING_TIME, utc_time(AT)))},
        ),
        ("named twice", {"more_infos": [SEALING.but(kdf=cms.ECDH_SHA1).recipient_info(bytes(32))]}),
    ):
        yield name, form, SEALING.but(**changes).make()
    ktri = seq(
        integer(0),
        cms.issuer_and_serial(CERTIFICATES["opening"]),
        algorithm(cms.RSA, cms.NULL),
        octets(bytes(256)),
    )
    yield "RSA key transport beside it", form, SEALING.but(more_infos=[ktri]).make()
    yield (
        "another recipient",
        "wrong-recipient",
        SEALING.but(rid=cms.issuer_and_serial(CERTIFICATES["system"])).make(),
    )
    yield "the tag changed", closed, good_[:-1] + bytes([good_[-1] ^ 1])
    yield "the wrapped key changed", closed, SEALING.but(wrapped=bytes(40)).make()
    yield "a ukm that is not in the key", closed, SEALING.but(ukm=b"ukm", ukm_in_kdf=False).make()
    yield "a byte after it", "not-der", good_ + b"\0"


def _certificate_cases() -> Iterator[tuple[str, str, bytes]]:
    bad = "bad-certificate"
    for name, code, changes in (
        ("version 1", bad, {"version": None, "extensions": None}),
        ("a negative serial", bad, {"serial": integer(-1)}),
        (
            "an unknown critical extension",
            bad,
            {"extensions": (*USUAL, extension("1.2.3.4", cms.NULL, critical=True))},
        ),
        ("an extension twice", bad, {"extensions": (*USUAL, RELEASES)}),
        ("a subjectAltName", bad, {"extensions": (*USUAL, extension("2.5.29.17", seq(tlv(0x81, b"a@b"))))}),
        ("CN before O", bad, {"subject": cms.seq(*reversed(_rdns("mfa.example", "CAPITAL")))}),
        ("ECDSA with SHA-1", bad, {"inner": algorithm(cms.ECDSA_SHA1), "outer": algorithm(cms.ECDSA_SHA1)}),
        ("no basicConstraints", bad, {"extensions": (SIGNS, RELEASES)}),
        ("to sign service messages", "wrong-use", {"extensions": (LEAF, SIGNS, policies(SYSTEM))}),
        ("no policy", "wrong-use", {"extensions": (LEAF, SIGNS)}),
        ("an authority", "wrong-use", {"extensions": (CA, SIGNS, RELEASES)}),
        ("another post", "wrong-post", {"subject": named("mfa.example", "HAVANA")}),
        ("a name with a line end", "bad-name", {"subject": named("mfa.example", "CAPITAL\r\nVERIFIED")}),
        ("signed by another key", "unknown-authority", {"signer": KEYS["eve"]}),
        ("not yet valid", "not-yet-valid", {"not_before": utc_time(AT + timedelta(seconds=1))}),
        ("expired", "expired", {"not_after": utc_time(AT - timedelta(seconds=1))}),
        ("revoked", "revoked", {"serial": integer(5)}),
        ("of another organisation", "wrong-authority", {"subject": named("un.example", "CAPITAL")}),
    ):
        yield name, code, RELEASE.but(**changes).make()


def _rdns(org: str, common: str) -> list[bytes]:
    return [set_of(seq(oid(kind), cms.utf8(text))) for kind, text in (("2.5.4.10", org), ("2.5.4.3", common))]


def _crl_cases() -> Iterator[tuple[str, str, bytes]]:
    key = KEYS["authority"]
    yield "by another key", "crl-bad", crl(KEYS["eve"])
    yield "a delta", "crl-bad", crl(key, extensions=(extension("2.5.29.27", integer(1), critical=True),))
    yield "no number", "crl-bad", crl(key, number=None)
    yield "of another issuer", "crl-bad", crl(key, issuer=named("un.example", "authority"))
    yield "out of date", "crl-stale", crl(key, following=NOW)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def written(vectors: dict[str, object]) -> str:
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (FOLDER / "seal.json").write_text(written(good()), encoding="utf-8")
    (FOLDER / "seal-refused.json").write_text(written(refused()), encoding="utf-8")
