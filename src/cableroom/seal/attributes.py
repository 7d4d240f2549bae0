"""What is signed beside the content: the signed attributes of CMS and ESS, written and read.

`SignedAttributes` holds their values; `write` and `read` are each other's inverse. RFC 5652 §11,
RFC 2634 §§1.3.4, 2.7, 3.2, RFC 5035 §3.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat import asn1 as codec
from cryptography.x509 import ObjectIdentifier

from cableroom.errors import CmsError, Problem
from cableroom.seal import algorithms, asn1
from cableroom.seal.oids import (
    ID_AA_MSG_SIG_DIGEST,
    ID_AA_RECEIPT_REQUEST,
    ID_AA_SECURITY_LABEL,
    ID_AA_SIGNING_CERTIFICATE_V2,
    ID_CONTENT_TYPE,
    ID_MESSAGE_DIGEST,
    ID_SHA256,
    ID_SIGNING_TIME,
    name_of,
)

MAX_ATTRIBUTES = 32
MAX_CLASSIFICATION = 256
MAX_RECEIPTS_TO = 16
MAX_IDENTIFIER = 64
MAX_ADDRESS = 127
WHAT = "The SignedData"

_RFC822_NAME = 0x81


@dataclass(frozen=True, slots=True)
class EssLabel:
    """An ESSSecurityLabel: the OID of the policy in digits, and the level's number in that policy.

    Raises `CmsError` for a number that is not in 0 … 256 (RFC 2634 §3.2).
    """

    policy: str
    classification: int

    def __post_init__(self) -> None:
        if not 0 <= self.classification <= MAX_CLASSIFICATION:
            raise _refused(f"has a label without a classification from 0 to {MAX_CLASSIFICATION}")


@dataclass(frozen=True, slots=True)
class ReceiptRequest:
    """A wish for signed receipts from all who get it: under which identifier, to which mail addresses.

    Raises `CmsError` for an identifier of more than 64 bytes, for no or more than 16 addresses
    (RFC 2634 §2.7), and for an address that is not 1 to 127 printable characters of ASCII.
    """

    content_identifier: bytes
    receipts_to: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.content_identifier) <= MAX_IDENTIFIER:
            raise _refused(f"asks for receipts under an identifier that has not 1 to {MAX_IDENTIFIER} bytes")
        if not 0 < len(self.receipts_to) <= MAX_RECEIPTS_TO:
            raise _refused(f"does not ask for receipts to 1 to {MAX_RECEIPTS_TO} names")
        for address in self.receipts_to:
            if not 0 < len(address) <= MAX_ADDRESS or not all("!" <= char <= "~" for char in address):
                raise _refused("asks for receipts to a name that is not a plain mail address")


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """The values of the signed attributes. `certificate_hash` is that of signing-certificate-v2."""

    content_type: ObjectIdentifier
    message_digest: bytes
    signing_time: datetime
    certificate_hash: bytes
    label: EssLabel | None = None
    receipt_request: ReceiptRequest | None = None
    msg_sig_digest: bytes | None = None


def write(attributes: SignedAttributes) -> codec.SetOf[asn1.Attribute]:
    """The attributes as a SET OF, which the codec sorts as DER asks."""
    values: list[tuple[ObjectIdentifier, Any]] = [
        (ID_CONTENT_TYPE, attributes.content_type),
        (ID_MESSAGE_DIGEST, attributes.message_digest),
        (ID_SIGNING_TIME, write_time(attributes.signing_time)),
        (ID_AA_SIGNING_CERTIFICATE_V2, _write_signing_certificate(attributes.certificate_hash)),
    ]
    if attributes.label is not None:
        values.append((ID_AA_SECURITY_LABEL, _write_label(attributes.label)))
    if attributes.receipt_request is not None:
        values.append((ID_AA_RECEIPT_REQUEST, _write_receipt_request(attributes.receipt_request)))
    if attributes.msg_sig_digest is not None:
        values.append((ID_AA_MSG_SIG_DIGEST, attributes.msg_sig_digest))
    return codec.SetOf(
        [asn1.Attribute(attrType=oid, attrValues=codec.SetOf([asn1.tlv(value)])) for oid, value in values]
    )


def read(attributes: codec.SetOf[asn1.Attribute]) -> tuple[SignedAttributes, tuple[Problem, ...]]:
    """The values, and a warning for each attribute that is not read. Raises `CmsError`.

    contentType, messageDigest, signingTime and signing-certificate-v2 must be there; no attribute
    is there twice or has several values.
    """
    found = _single_values(attributes.as_list())
    unread = [oid for oid in found if oid not in _READ]
    problems = tuple(_unread(oid) for oid in unread)
    return (
        SignedAttributes(
            content_type=_needed(found, ID_CONTENT_TYPE, ObjectIdentifier),
            message_digest=_digest(_needed(found, ID_MESSAGE_DIGEST, bytes), ID_MESSAGE_DIGEST),
            signing_time=_read_signing_time(found),
            certificate_hash=_read_signing_certificate(found),
            label=_read_label(found),
            receipt_request=_read_receipt_request(found),
            msg_sig_digest=_read_msg_sig_digest(found),
        ),
        problems,
    )


def write_time(moment: datetime) -> codec.UTCTime | codec.GeneralizedTime:
    """A whole second as UTCTime through 2049, else as GeneralizedTime (RFC 5652 §11.3)."""
    moment = moment.replace(microsecond=0)
    return codec.UTCTime(moment) if 1950 <= moment.year < 2050 else codec.GeneralizedTime(moment)


_READ = frozenset(
    {
        ID_CONTENT_TYPE,
        ID_MESSAGE_DIGEST,
        ID_SIGNING_TIME,
        ID_AA_SIGNING_CERTIFICATE_V2,
        ID_AA_SECURITY_LABEL,
        ID_AA_RECEIPT_REQUEST,
        ID_AA_MSG_SIG_DIGEST,
    }
)


def _single_values(attributes: list[asn1.Attribute]) -> dict[ObjectIdentifier, codec.TLV]:
    if len(attributes) > MAX_ATTRIBUTES:
        raise _refused(f"has more than {MAX_ATTRIBUTES} signed attributes")
    found: dict[ObjectIdentifier, codec.TLV] = {}
    for attribute in attributes:
        name = name_of(attribute.attrType)
        if attribute.attrType in found:
            raise _refused(f"has the signed attribute {name} twice")
        values = attribute.attrValues.as_list()
        if len(values) != 1:
            raise _refused(f"has a signed attribute {name} of {len(values)} values; each has one")
        found[attribute.attrType] = values[0]
    return found


def _needed(found: dict[ObjectIdentifier, codec.TLV], oid: ObjectIdentifier, kind: Any) -> Any:
    if oid not in found:
        raise _refused(f"has no signed attribute {name_of(oid)}")
    return asn1.parse(kind, found[oid], what=f"The attribute {name_of(oid)}")


def _optional(found: dict[ObjectIdentifier, codec.TLV], oid: ObjectIdentifier, kind: Any) -> Any | None:
    return _needed(found, oid, kind) if oid in found else None


def _digest(value: bytes, oid: ObjectIdentifier) -> bytes:
    if len(value) != hashlib.sha256().digest_size:
        raise _refused(f"has a {name_of(oid)} of {len(value)} bytes; one of SHA-256 has 32")
    return value


def _read_signing_time(found: dict[ObjectIdentifier, codec.TLV]) -> datetime:
    value = found.get(ID_SIGNING_TIME)
    kind = codec.GeneralizedTime if value is not None and value.tag_bytes == b"\x18" else codec.UTCTime
    return algorithms.read_time(_needed(found, ID_SIGNING_TIME, kind), WHAT)


def _read_msg_sig_digest(found: dict[ObjectIdentifier, codec.TLV]) -> bytes | None:
    value = _optional(found, ID_AA_MSG_SIG_DIGEST, bytes)
    return None if value is None else _digest(value, ID_AA_MSG_SIG_DIGEST)


def _write_signing_certificate(certificate_hash: bytes) -> asn1.SigningCertificateV2:
    # SHA-256 is the default hash, so DER leaves it out; the hash alone names the certificate.
    cert_id = asn1.ESSCertIDv2(hashAlgorithm=None, certHash=certificate_hash, issuerSerial=None)
    return asn1.SigningCertificateV2(certs=[cert_id], policies=None)


def _read_signing_certificate(found: dict[ObjectIdentifier, codec.TLV]) -> bytes:
    value = _needed(found, ID_AA_SIGNING_CERTIFICATE_V2, asn1.SigningCertificateV2)
    if value.policies is not None:
        raise _refused("restricts the policies of its signing certificate, which is not read")
    if not value.certs:
        raise _refused("has a signing-certificate-v2 that names no certificate")
    first = value.certs[0]
    if first.hashAlgorithm is not None:
        algorithms.require_or_null(first.hashAlgorithm, ID_SHA256, "The signing-certificate-v2")
    return _digest(first.certHash, ID_AA_SIGNING_CERTIFICATE_V2)


def _write_label(label: EssLabel) -> asn1.ESSSecurityLabel:
    return asn1.ESSSecurityLabel(
        security_classification=label.classification,
        security_policy_identifier=ObjectIdentifier(label.policy),
        privacy_mark_utf8String=None,
        security_categories=None,
        privacy_mark_pString=None,
    )


def _read_label(found: dict[ObjectIdentifier, codec.TLV]) -> EssLabel | None:
    value = _optional(found, ID_AA_SECURITY_LABEL, asn1.ESSSecurityLabel)
    if value is None:
        return None
    if value.security_categories is not None:
        raise _refused("has a label with security categories, which are not read")
    if value.privacy_mark_utf8String is not None or value.privacy_mark_pString is not None:
        raise _refused("has a label with a privacy mark, which is not read")
    if value.security_classification is None:
        raise _refused(f"has a label without a classification from 0 to {MAX_CLASSIFICATION}")
    return EssLabel(value.security_policy_identifier.dotted_string, value.security_classification)


def _write_receipt_request(request: ReceiptRequest) -> asn1.ReceiptRequest:
    return asn1.ReceiptRequest(
        signedContentIdentifier=request.content_identifier,
        receiptsFrom=0,
        receiptsTo=[[_rfc822_name(address)] for address in request.receipts_to],
    )


def _rfc822_name(address: str) -> codec.TLV:
    # GeneralName, rfc822Name [1] IMPLICIT IA5String (RFC 5280 §4.2.1.6); MAX_ADDRESS keeps the length to one byte
    return asn1.element(bytes([_RFC822_NAME, len(address)]) + address.encode("ascii"))


def _read_receipt_request(found: dict[ObjectIdentifier, codec.TLV]) -> ReceiptRequest | None:
    value = _optional(found, ID_AA_RECEIPT_REQUEST, asn1.ReceiptRequest)
    if value is None:
        return None
    if value.receiptsFrom not in (0, 1):
        raise _refused("asks for receipts from a list of names, which is not read")
    if any(len(names) != 1 for names in value.receiptsTo):
        raise _refused("asks for receipts to somebody by other than one name")
    addresses = tuple(_read_rfc822_name(names[0]) for names in value.receiptsTo)
    return ReceiptRequest(value.signedContentIdentifier, addresses)


def _read_rfc822_name(name: codec.TLV) -> str:
    if name.tag_bytes != bytes([_RFC822_NAME]):
        raise _refused("asks for receipts to a name that is not a plain mail address")
    return bytes(name.data).decode("ascii", "replace")


def _unread(oid: ObjectIdentifier) -> Problem:
    return Problem(
        "unread-attribute",
        "SignedData",
        f"The signed attribute {name_of(oid)} is not read.",
        severity="warning",
    )


def _refused(fault: str) -> CmsError:
    return algorithms.refused(WHAT, fault)
