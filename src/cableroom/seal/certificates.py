"""What a certificate is for, and the form that follows: uses, policies, key usages.

The whole profile stands in docs/reference/certificates.md; RFC 5280 holds beneath it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ObjectIdentifier

from cableroom.errors import CmsError

AUTHORITY_NAME = "authority"
MAX_BYTES = 16 * 1024
ARC = "2.25.15833945393432001495575117927911379549"

POST_LIFETIME = timedelta(days=730)
AUTHORITY_LIFETIME = timedelta(days=7305)
CRL_LIFETIME = timedelta(days=366)
BACKDATED = timedelta(minutes=5)
"""A certificate begins this long before it is made: a correspondent's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class _Form:
    policy: ObjectIdentifier
    key_usages: frozenset[str]
    says: str


def _form(arc: int, says: str, *key_usages: str) -> _Form:
    return _Form(ObjectIdentifier(f"{ARC}.{arc}"), frozenset(key_usages), says)


class Use(Enum):
    """What a key is for. Each has its own certificate policy, and a verifier asks for exactly that one."""

    RELEASE = _form(1, "to release cables", "digital_signature", "content_commitment")
    SYSTEM = _form(2, "to sign service messages", "digital_signature")
    OPENING = _form(3, "to open envelopes", "key_agreement")
    LEGACY = _form(4, "to open legacy envelopes", "key_encipherment")
    LINE = _form(5, "to secure lines", "digital_signature")

    @property
    def policy(self) -> ObjectIdentifier:
        """The OID in certificatePolicies (RFC 5280 §4.2.1.4)."""
        return self.value.policy

    @property
    def key_usages(self) -> frozenset[str]:
        """The bits set in keyUsage (RFC 5280 §4.2.1.3), by their names in `cryptography`."""
        return self.value.key_usages

    @property
    def says(self) -> str:
        """The use in words: "to release cables"."""
        return self.value.says


@lru_cache(maxsize=512)
def public_key(certificate: bytes) -> ec.EllipticCurvePublicKey:
    """The P-256 key in a DER certificate, of which nothing else is checked. Raises `CmsError`."""
    if len(certificate) > MAX_BYTES:
        raise CmsError("This certificate is too large to be one.", code="bad-certificate")
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CmsError("This is not a certificate that can be read.", code="bad-certificate") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CmsError("The key in this certificate is not on P-256.", code="bad-certificate")
    return key
