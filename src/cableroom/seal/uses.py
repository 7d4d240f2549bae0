"""What a key is for: its certificate policy, key usage and purposes (docs/reference/certificates.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache

from cryptography.hazmat import asn1 as codec
from cryptography.x509 import ObjectIdentifier

from cableroom.seal import asn1

AUTHORITY_NAME = "authority"
ARC = "2.25.15833945393432001495575117927911379549"

POST_LIFETIME = timedelta(days=730)
AUTHORITY_LIFETIME = timedelta(days=7305)
CRL_LIFETIME = timedelta(days=366)
BACKDATED = timedelta(minutes=5)
"""A certificate begins this long before it is made: a correspondent's clock may be behind ours."""

KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
"""The bits of KeyUsage in order (RFC 5280 §4.2.1.3), by their names in `cryptography`."""

SERVER_AUTH = ObjectIdentifier("1.3.6.1.5.5.7.3.1")
CLIENT_AUTH = ObjectIdentifier("1.3.6.1.5.5.7.3.2")


@cache
def key_usage_der(*usages: str) -> bytes:
    """The KeyUsage with these bits set, in DER: no trailing zero bits."""
    bits = [KEY_USAGES.index(usage) for usage in usages]
    count = max(bits) + 1
    octets = (count + 7) // 8
    value = sum(1 << (8 * octets - 1 - bit) for bit in bits)
    return asn1.encode(codec.BitString(value.to_bytes(octets, "big"), 8 * octets - count))


@codec.sequence
class _OnePolicy:
    policy: asn1.PolicyInformation


@codec.sequence
class _TwoPurposes:
    server: ObjectIdentifier
    client: ObjectIdentifier


_PURPOSES_OF_A_LINE = asn1.encode(_TwoPurposes(server=SERVER_AUTH, client=CLIENT_AUTH))


@cache
def _policies_der(policy: ObjectIdentifier) -> bytes:
    information = asn1.PolicyInformation(policyIdentifier=policy, policyQualifiers=None)
    return asn1.encode(_OnePolicy(policy=information))


@dataclass(frozen=True, slots=True)
class _Form:
    policy: ObjectIdentifier
    usages: tuple[str, ...]
    says: str


class Use(Enum):
    """What a key is for. Each has its own certificate policy, and a verifier asks for exactly that one."""

    RELEASE = _Form(
        ObjectIdentifier(f"{ARC}.1"), ("digital_signature", "content_commitment"), "to release cables"
    )
    SYSTEM = _Form(ObjectIdentifier(f"{ARC}.2"), ("digital_signature",), "to sign service messages")
    OPENING = _Form(ObjectIdentifier(f"{ARC}.3"), ("key_agreement",), "to open envelopes")
    LEGACY = _Form(ObjectIdentifier(f"{ARC}.4"), ("key_encipherment",), "to open legacy envelopes")
    LINE = _Form(ObjectIdentifier(f"{ARC}.5"), ("digital_signature",), "to secure lines")

    @property
    def policy(self) -> ObjectIdentifier:
        """The one OID in certificatePolicies (RFC 5280 §4.2.1.4)."""
        return self.value.policy

    @property
    def usages(self) -> tuple[str, ...]:
        """The bits set in keyUsage, names of `KEY_USAGES`."""
        return self.value.usages

    @property
    def says(self) -> str:
        """The use in words: "to release cables"."""
        return self.value.says

    @property
    def policies_der(self) -> bytes:
        """certificatePolicies: this policy, no qualifier, no other."""
        return _policies_der(self.policy)

    @property
    def key_usage_der(self) -> bytes:
        """keyUsage: exactly the bits of this use."""
        return key_usage_der(*self.usages)

    @property
    def purposes_der(self) -> bytes | None:
        """extKeyUsage (RFC 5280 §4.2.1.12): serverAuth and clientAuth on a line, else absent."""
        return _PURPOSES_OF_A_LINE if self is Use.LINE else None


AUTHORITY_USAGES = ("key_cert_sign", "crl_sign")
