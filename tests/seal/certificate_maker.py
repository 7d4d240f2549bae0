"""Certificates and revocation lists written by hand, so that tests can make any part of them wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cms_maker import (
    EC_KEY,
    ECDSA_SHA256,
    P256,
    algorithm,
    bits,
    explicit,
    integer,
    octets,
    oid,
    seq,
    set_of,
    sign_p256,
    tlv,
    utc_time,
    utf8,
)
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from seal_material import NOW, ORG

RELEASE, SYSTEM, OPENING, LEGACY, LINE = (
    f"2.25.15833945393432001495575117927911379549.{n}" for n in range(1, 6)
)
BASIC_CONSTRAINTS, KEY_USAGE, POLICIES, EXTENDED = "2.5.29.19", "2.5.29.15", "2.5.29.32", "2.5.29.37"
SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.14", "2.5.29.35"
TRUE = tlv(0x01, b"\xff")


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def key_info(key: ec.EllipticCurvePublicKey) -> bytes:
    return seq(algorithm(EC_KEY, oid(P256)), bits(point_of(key)))


def key_id(key: ec.EllipticCurvePublicKey) -> bytes:
    return hashlib.sha1(point_of(key)).digest()


def name(*pairs: tuple[str, bytes]) -> bytes:
    return seq(*(set_of(seq(oid(kind), value)) for kind, value in pairs))


def named(org: str, common: str) -> bytes:
    return name(("2.5.4.10", utf8(org)), ("2.5.4.3", utf8(common)))


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    return seq(oid(dotted), TRUE if critical else b"", octets(value))


def key_usage(*numbers: int) -> bytes:
    count = max(numbers) + 1
    size = (count + 7) // 8
    value = sum(1 << (8 * size - 1 - number) for number in numbers)
    return extension(KEY_USAGE, bits(value.to_bytes(size, "big"), 8 * size - count), critical=True)


def policies(*dotted: str) -> bytes:
    return extension(POLICIES, seq(*(seq(oid(one)) for one in dotted)))


LEAF = extension(BASIC_CONSTRAINTS, seq(), critical=True)
CA = extension(BASIC_CONSTRAINTS, seq(TRUE, integer(0)), critical=True)
SIGNS = key_usage(0, 1)
RELEASES = policies(RELEASE)
USUAL = (LEAF, SIGNS, RELEASES)


@dataclass(frozen=True)
class Paper:
    """A certificate to be: by default a good one to release cables, of the post CAPITAL."""

    signer: ec.EllipticCurvePrivateKey
    key: ec.EllipticCurvePublicKey
    extensions: tuple[bytes, ...] | None = USUAL
    version: int | None = 2
    serial: bytes = field(default_factory=lambda: integer(0x1234567890))
    inner: bytes = field(default_factory=lambda: algorithm(ECDSA_SHA256))
    outer: bytes = field(default_factory=lambda: algorithm(ECDSA_SHA256))
    issuer: bytes = field(default_factory=lambda: named(ORG, "authority"))
    subject: bytes = field(default_factory=lambda: named(ORG, "CAPITAL"))
    not_before: bytes = field(default_factory=lambda: utc_time(NOW))
    not_after: bytes = field(default_factory=lambda: utc_time(NOW + timedelta(days=730)))
    key_info: bytes | None = None
    unique: bytes = b""
    signature: bytes | None = None
    unused: int = 0

    def but(self, **changes: object) -> Paper:
        return replace(self, **changes)

    def make(self) -> bytes:
        tbs = seq(
            b"" if self.version is None else explicit(0, integer(self.version)),
            self.serial,
            self.inner,
            self.issuer,
            seq(self.not_before, self.not_after),
            self.subject,
            key_info(self.key) if self.key_info is None else self.key_info,
            self.unique,
            b"" if self.extensions is None else explicit(3, seq(*self.extensions)),
        )
        signature = sign_p256(self.signer, tbs) if self.signature is None else self.signature
        return seq(tbs, self.outer, bits(signature, self.unused))


def crl(
    signer: ec.EllipticCurvePrivateKey,
    *revoked: bytes,
    issuer: bytes | None = None,
    this: datetime = NOW,
    following: datetime | None = NOW + timedelta(days=366),
    version: int | None = 1,
    number: int | None = 1,
    extensions: tuple[bytes, ...] = (),
    scheme: bytes | None = None,
    signature: bytes | None = None,
    unused: int = 0,
) -> bytes:
    """A revocation list of the authority, by default an empty good one."""
    scheme = algorithm(ECDSA_SHA256) if scheme is None else scheme
    numbered = () if number is None else (extension("2.5.29.20", integer(number)),)
    every = (*numbered, *extensions)
    tbs = seq(
        b"" if version is None else integer(version),
        scheme,
        named(ORG, "authority") if issuer is None else issuer,
        utc_time(this),
        b"" if following is None else utc_time(following),
        seq(*revoked) if revoked else b"",
        explicit(0, seq(*every)) if every else b"",
    )
    return seq(tbs, scheme, bits(sign_p256(signer, tbs) if signature is None else signature, unused))


def revoked(serial: int, since: datetime, *extensions: bytes) -> bytes:
    return seq(integer(serial), utc_time(since), seq(*extensions) if extensions else b"")
