"""CMS written by hand, part by part, so that tests can make any part of it wrong.

It shares nothing with the code under test: what it makes by default must be read by it, and is,
but for the random numbers, what it writes itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF

# ── DER by hand ──────────────────────────────────────────────────────────────────────────────


def length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([tag]) + length(len(body)) + body


def seq(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return tlv(0x31, *sorted(parts))


def octets(data: bytes) -> bytes:
    return tlv(0x04, data)


def bits(data: bytes, unused: int = 0) -> bytes:
    return tlv(0x03, bytes([unused]), data)


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def explicit(number: int, *parts: bytes) -> bytes:
    return tlv(0xA0 | number, *parts)


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    out = b""
    for arc in (40 * first + second, *rest):
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(0x80 | (arc & 0x7F))
        out += bytes(reversed(digits))
    return tlv(0x06, out)


def utc_time(moment: datetime) -> bytes:
    return tlv(0x17, f"{moment:%y%m%d%H%M%SZ}".encode())


NULL = tlv(0x05)

# ── object identifiers, from the RFCs ────────────────────────────────────────────────────────

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
ENVELOPED_DATA = "1.2.840.113549.1.7.3"
AUTH_ENVELOPED_DATA = "1.2.840.113549.1.9.16.1.23"
RECEIPT = "1.2.840.113549.1.9.16.1.1"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
RECEIPT_REQUEST = "1.2.840.113549.1.9.16.2.1"
LABEL = "1.2.840.113549.1.9.16.2.2"
MSG_SIG_DIGEST = "1.2.840.113549.1.9.16.2.5"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
SHA1 = "1.3.14.3.2.26"
SHA256 = "2.16.840.1.101.3.4.2.1"
SHA384 = "2.16.840.1.101.3.4.2.2"
SHA512 = "2.16.840.1.101.3.4.2.3"
ECDSA_SHA1 = "1.2.840.10045.4.1"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
ECDSA_SHA384 = "1.2.840.10045.4.3.3"
ECDSA_SHA512 = "1.2.840.10045.4.3.4"
RSA = "1.2.840.113549.1.1.1"
RSA_SHA1 = "1.2.840.113549.1.1.5"
RSA_SHA256 = "1.2.840.113549.1.1.11"
RSA_PSS = "1.2.840.113549.1.1.10"
MGF1 = "1.2.840.113549.1.1.8"
ED25519 = "1.3.101.112"
EC_KEY = "1.2.840.10045.2.1"
P256 = "1.2.840.10045.3.1.7"
P384 = "1.3.132.0.34"
ECDH_SHA1 = "1.3.133.16.840.63.0.2"
ECDH_SHA256 = "1.3.132.1.11.1"
ECDH_SHA512 = "1.3.132.1.11.3"
AES128_WRAP = "2.16.840.1.101.3.4.1.5"
AES256_WRAP = "2.16.840.1.101.3.4.1.45"
AES128_GCM = "2.16.840.1.101.3.4.1.6"
AES256_GCM = "2.16.840.1.101.3.4.1.46"
AES256_CBC = "2.16.840.1.101.3.4.1.42"


def algorithm(dotted: str, parameters: bytes = b"") -> bytes:
    return seq(oid(dotted), parameters)


def attribute(dotted: str, *values: bytes) -> bytes:
    return seq(oid(dotted), set_of(*values))


def issuer_and_serial(certificate: bytes) -> bytes:
    parsed = x509.load_der_x509_certificate(certificate)
    return seq(parsed.issuer.public_bytes(), integer(parsed.serial_number))


def key_identifier(certificate: bytes) -> bytes:
    parsed = x509.load_der_x509_certificate(certificate)
    return parsed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


# ── SignedData ───────────────────────────────────────────────────────────────────────────────


def sign_p256(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


@dataclass(frozen=True)
class Signer:
    """One SignerInfo to be; `attributes` are DER, or None for none."""

    key: object
    certificate: bytes
    attributes: tuple[bytes, ...] | None
    sign: Callable[[object, bytes], bytes] = sign_p256
    version: int = 1
    sid: bytes | None = None
    digest: bytes = field(default_factory=lambda: algorithm(SHA256))
    signature_algorithm: bytes = field(default_factory=lambda: algorithm(ECDSA_SHA256))
    signature: bytes | None = None
    unsigned: bytes = b""
    sort: bool = True

    def info(self, content: bytes) -> bytes:
        attributes, signed = b"", content
        if self.attributes is not None:
            body = b"".join(sorted(self.attributes) if self.sort else self.attributes)
            attributes, signed = tlv(0xA0, body), tlv(0x31, body)
        value = self.sign(self.key, signed) if self.signature is None else self.signature
        return seq(
            integer(self.version),
            issuer_and_serial(self.certificate) if self.sid is None else self.sid,
            self.digest,
            attributes,
            self.signature_algorithm,
            octets(value),
            self.unsigned,
        )


def usual_attributes(
    content: bytes,
    certificate: bytes,
    at: datetime,
    *more: bytes,
    without: Sequence[str] = (),
    content_type: str = DATA,
) -> tuple[bytes, ...]:
    """The four that must be there, less those named in `without`, and `more`."""
    usual = {
        CONTENT_TYPE: oid(content_type),
        MESSAGE_DIGEST: octets(hashlib.sha256(content).digest()),
        SIGNING_TIME: utc_time(at),
        SIGNING_CERTIFICATE_V2: seq(seq(seq(octets(hashlib.sha256(certificate).digest())))),
    }
    return (*(attribute(name, value) for name, value in usual.items() if name not in without), *more)


def signed_data(
    content: bytes,
    *signers: Signer,
    certificates: Sequence[bytes] | None = None,
    version: int = 1,
    digests: Sequence[bytes] | None = None,
    content_type: str = DATA,
    econtent: bytes | None = None,
    crls: bytes = b"",
    outer: str = SIGNED_DATA,
) -> bytes:
    """A ContentInfo with SignedData; `econtent` replaces the encapsulated content's field."""
    bag = [signer.certificate for signer in signers] if certificates is None else certificates
    body = seq(
        integer(version),
        set_of(*({signer.digest for signer in signers} if digests is None else digests)),
        seq(oid(content_type), explicit(0, octets(content)) if econtent is None else econtent),
        tlv(0xA0, *sorted(set(bag))) if bag else b"",
        crls,
        set_of(*(signer.info(content) for signer in signers)),
    )
    return seq(oid(outer), explicit(0, body))


# ── AuthEnvelopedData ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Sealing:
    """One AuthEnvelopedData to be. Every field is a place to go wrong."""

    content: bytes
    certificate: bytes
    key_size: int = 32
    nonce: bytes = bytes(range(12))
    tag_bytes: int = 16
    told_tag_bytes: int | None = 16
    kdf: str = ECDH_SHA256
    wrap: bytes = field(default_factory=lambda: algorithm(AES256_WRAP))
    kdf_parameters: bytes | None = None
    ukm: bytes | None = None
    ukm_in_kdf: bool = True
    version: int = 0
    kari_version: int = 3
    originator_algorithm: bytes = field(default_factory=lambda: algorithm(EC_KEY))
    originator_point: bytes | None = None
    originator: bytes | None = None
    rid: bytes | None = None
    wrapped: bytes | None = None
    encryption: str = AES256_GCM
    parameters: bytes | None = None
    content_type: str = DATA
    originator_info: bytes = b""
    authenticated: bytes = b""
    unauthenticated: bytes = b""
    detached: bool = False
    outer: str = AUTH_ENVELOPED_DATA
    infos: Sequence[bytes] | None = None
    more_infos: Sequence[bytes] = ()
    ephemeral: int | None = None
    content_key: bytes | None = None
    other_keys: Sequence[bytes] = ()
    only_other_keys: bool = False

    def but(self, **changes: object) -> Sealing:
        return replace(self, **changes)

    def recipient_info(self, content_key: bytes) -> bytes:
        curve = ec.SECP256R1()
        drawn = ec.generate_private_key(curve) if self.ephemeral is None else None
        ephemeral = drawn or ec.derive_private_key(self.ephemeral or 0, curve)
        public = x509.load_der_x509_certificate(self.certificate).public_key()
        shared = ephemeral.exchange(ec.ECDH(), public)
        point = ephemeral.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        ukm = b"" if self.ukm is None or not self.ukm_in_kdf else explicit(0, octets(self.ukm))
        info = seq(self.wrap, ukm, explicit(2, octets((256).to_bytes(4, "big"))))
        hash_ = {ECDH_SHA1: hashes.SHA1(), ECDH_SHA512: hashes.SHA512()}.get(self.kdf, hashes.SHA256())
        kek = X963KDF(hash_, 32, info).derive(shared)
        key = seq(
            self.originator_algorithm, bits(point if self.originator_point is None else self.originator_point)
        )
        ours = seq(
            issuer_and_serial(self.certificate) if self.rid is None else self.rid,
            octets(keywrap.aes_key_wrap(kek, content_key) if self.wrapped is None else self.wrapped),
        )
        return tlv(
            0xA1,
            integer(self.kari_version),
            explicit(
                0,
                tlv(0xA1, key[1 + len(length(len(key) - 2)) :])
                if self.originator is None
                else self.originator,
            ),
            b"" if self.ukm is None else explicit(1, octets(self.ukm)),
            algorithm(self.kdf, self.wrap if self.kdf_parameters is None else self.kdf_parameters),
            seq(*(() if self.only_other_keys else (ours,)), *self.other_keys),
        )

    def make(self) -> bytes:
        content_key = os.urandom(self.key_size) if self.content_key is None else self.content_key
        associated = tlv(0x31, self.authenticated[2:]) if self.authenticated else None
        sealed = AESGCM(content_key).encrypt(self.nonce, self.content, associated)
        told = b"" if self.told_tag_bytes is None else integer(self.told_tag_bytes)
        parameters = seq(octets(self.nonce), told) if self.parameters is None else self.parameters
        infos = [self.recipient_info(content_key)] if self.infos is None else self.infos
        body = seq(
            integer(self.version),
            self.originator_info,
            set_of(*infos, *self.more_infos),
            seq(
                oid(self.content_type),
                algorithm(self.encryption, parameters),
                b"" if self.detached else tlv(0x80, sealed[:-16]),
            ),
            self.authenticated,
            octets(sealed[len(sealed) - 16 :][: self.tag_bytes]),
            self.unauthenticated,
        )
        return seq(oid(self.outer), explicit(0, body))
