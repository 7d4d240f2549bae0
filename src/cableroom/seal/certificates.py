"""A certificate taken to pieces: what it says, and refused where its form is not allowed.

RFC 5280 and, on top of it, the profile of docs/reference/certificates.md. Whether what it says
holds is for `trust.judge` to say.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat import asn1 as codec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ObjectIdentifier

from cableroom.errors import CmsError
from cableroom.seal import algorithms, asn1
from cableroom.seal.oids import (
    ID_AT_COMMON_NAME,
    ID_AT_ORGANIZATION_NAME,
    ID_CE_AUTHORITY_KEY_IDENTIFIER,
    ID_CE_BASIC_CONSTRAINTS,
    ID_CE_CERTIFICATE_POLICIES,
    ID_CE_EXT_KEY_USAGE,
    ID_CE_KEY_USAGE,
    ID_CE_SUBJECT_KEY_IDENTIFIER,
    name_of,
)

MAX_BYTES = 16 * 1024
WHAT = "The certificate"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. Nothing of it is verified.

    `issuer` and `subject` are Names in DER, `public_key_info` is the SubjectPublicKeyInfo,
    `signed` what the issuer's `signature` is over. `key_usage`, `policies` and `purposes` are the
    values of their extensions in DER, None where absent. Times are UTC.
    """

    der: bytes
    org: str
    name: str
    issuer: bytes
    subject: bytes
    serial: int
    not_before: datetime
    not_after: datetime
    public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
    public_key_info: bytes
    is_authority: bool
    path_length: int | None
    key_usage: bytes | None
    policies: bytes | None
    purposes: bytes | None
    key_identifier: bytes | None
    issuer_key_identifier: bytes | None
    signed: bytes
    signature: bytes

    @property
    def sha256(self) -> str:
        """The certificate's fingerprint, 64 hexadecimal digits."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def title(self) -> str:
        """Whose it is, in one line that no control character gets into."""
        return f"CN={escape_name(self.name)},O={escape_name(self.org)}"


@lru_cache(maxsize=1024)
def public_key(certificate: bytes) -> ec.EllipticCurvePublicKey:
    """The P-256 key in a DER certificate, of which nothing else is believed. Raises `CmsError`."""
    key = algorithms.subject_public_key(_decode(certificate).tbsCertificate.subjectPublicKeyInfo, WHAT)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise _refused("has an RSA key; a key on P-256 is needed here")
    return key


@lru_cache(maxsize=1024)
def read(certificate: bytes) -> Certificate:
    """What a DER certificate says. Raises `CmsError` where its form is not allowed."""
    structure = _decode(certificate)
    tbs = structure.tbsCertificate
    _check_frame(structure)
    org, name = _two_names(tbs.subject, "subject")
    _two_names(tbs.issuer, "issuer")
    not_before = algorithms.read_time(tbs.validity.notBefore, WHAT)
    not_after = algorithms.read_time(tbs.validity.notAfter, WHAT)
    if not_after < not_before:
        raise _refused("ends before it begins")
    extensions = read_extensions(tbs.extensions or [], _READ, WHAT)
    is_authority, path_length = _basic_constraints(extensions)
    usage = extensions.get(ID_CE_KEY_USAGE)
    if usage is not None and not usage.critical:
        raise _refused("has a keyUsage that is not critical")
    return Certificate(
        der=certificate,
        org=org,
        name=name,
        issuer=asn1.encode(tbs.issuer),
        subject=asn1.encode(tbs.subject),
        serial=tbs.serialNumber,
        not_before=not_before,
        not_after=not_after,
        public_key=algorithms.subject_public_key(tbs.subjectPublicKeyInfo, WHAT),
        public_key_info=asn1.encode(tbs.subjectPublicKeyInfo),
        is_authority=is_authority,
        path_length=path_length,
        key_usage=_value(extensions, ID_CE_KEY_USAGE),
        policies=_value(extensions, ID_CE_CERTIFICATE_POLICIES),
        purposes=_value(extensions, ID_CE_EXT_KEY_USAGE),
        key_identifier=_key_identifier(extensions),
        issuer_key_identifier=_issuer_key_identifier(extensions),
        signed=asn1.encode(tbs),
        signature=algorithms.ecdsa_signature(_whole_bytes(structure.signatureValue), WHAT),
    )


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The two ways in which CMS names a certificate (RFC 5652 §§5.3, 10.2.4)."""

    issuer_and_serial: asn1.IssuerAndSerialNumber
    key_identifier: bytes | None


@lru_cache(maxsize=1024)
def identifiers(certificate: bytes) -> Identifiers:
    """How CMS may name this certificate, whatever else it says. Raises `CmsError`."""
    tbs = _decode(certificate).tbsCertificate
    by_key = [e.extnValue for e in tbs.extensions or [] if e.extnID == ID_CE_SUBJECT_KEY_IDENTIFIER]
    return Identifiers(
        asn1.IssuerAndSerialNumber(issuer=tbs.issuer, serialNumber=tbs.serialNumber),
        asn1.decode(bytes, by_key[0], what="subjectKeyIdentifier of the certificate") if by_key else None,
    )


def read_extensions(
    extensions: list[asn1.Extension], known: frozenset[ObjectIdentifier], what: str
) -> dict[ObjectIdentifier, asn1.Extension]:
    """Extensions by their identifiers: none twice, and none critical that is not among `known` (RFC 5280 §4.2)."""
    found: dict[ObjectIdentifier, asn1.Extension] = {}
    for extension in extensions:
        if extension.extnID in found:
            raise algorithms.refused(what, f"has the extension {name_of(extension.extnID)} twice")
        if extension.critical and extension.extnID not in known:
            raise algorithms.refused(
                what, f"has the critical extension {name_of(extension.extnID)}, which is not read"
            )
        if extension.extnID in _NEVER:
            raise algorithms.refused(
                what, f"has the extension {name_of(extension.extnID)}, which no certificate here has"
            )
        found[extension.extnID] = extension
    return found


@lru_cache(maxsize=1024)
def escape_name(text: str) -> str:
    r"""`text` as RFC 4514 §2.4 writes it; all but printable ASCII as the \\xx of its UTF-8."""
    out = []
    for place, char in enumerate(text):
        at_edge = place in (0, len(text) - 1)
        if char in '"+,;<>\\=' or (char == " " and at_edge) or (char == "#" and place == 0):
            out.append("\\" + char)
        elif " " <= char <= "~":
            out.append(char)
        else:
            out.extend(f"\\{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
    return "".join(out)


_READ = frozenset(
    {
        ID_CE_BASIC_CONSTRAINTS,
        ID_CE_KEY_USAGE,
        ID_CE_CERTIFICATE_POLICIES,
        ID_CE_EXT_KEY_USAGE,
    }
)
_NEVER = frozenset(ObjectIdentifier(f"2.5.29.{arc}") for arc in (17, 18, 30, 33, 36))
"""Second names, and constraints that only an authority under an authority needs."""


def _decode(certificate: bytes) -> asn1.Certificate:
    if len(certificate) > MAX_BYTES:
        raise _refused(f"is larger than {MAX_BYTES} bytes")
    return asn1.decode(asn1.Certificate, certificate, what=WHAT)


def _check_frame(structure: asn1.Certificate) -> None:
    tbs = structure.tbsCertificate
    if tbs.version != 2:
        raise _refused(f"is of version {tbs.version + 1}; only version 3 is read")
    if not 0 < tbs.serialNumber < 2**159:
        raise _refused("has a serial number that is not positive, or longer than 20 bytes")
    if tbs.issuerUniqueID is not None or tbs.subjectUniqueID is not None:
        raise _refused("has a unique identifier beside a name, which RFC 5280 forbids")
    algorithms.require_ecdsa(tbs.signature, WHAT)
    algorithms.require_ecdsa(structure.signatureAlgorithm, WHAT)


def _two_names(name: asn1.Name, which: str) -> tuple[str, str]:
    """O and CN of a Name that has these two, in this order, and no other."""
    try:
        names = name.parse(asn1.TwoNames)
    except ValueError as error:
        raise _unnamed(which) from error
    pairs = (*names.organization.as_list(), *names.common.as_list())
    if [pair.type for pair in pairs] != [ID_AT_ORGANIZATION_NAME, ID_AT_COMMON_NAME]:
        raise _unnamed(which)
    return _directory_string(pairs[0].value, which), _directory_string(pairs[1].value, which)


def _directory_string(value: codec.TLV, which: str) -> str:
    try:
        if value.tag_bytes == b"\x0c":
            text: str = value.parse(str)
            return text
        if value.tag_bytes == b"\x13":
            printable: codec.PrintableString = value.parse(codec.PrintableString)
            return printable.as_str()
    except ValueError as error:
        raise _refused(f"has a name of its {which} that cannot be read") from error
    raise _refused(f"has a name of its {which} that is neither UTF8String nor PrintableString")


def _unnamed(which: str) -> CmsError:
    return _refused(f"does not name its {which} by one O and one CN, in this order")


def _basic_constraints(extensions: dict[ObjectIdentifier, asn1.Extension]) -> tuple[bool, int | None]:
    extension = extensions.get(ID_CE_BASIC_CONSTRAINTS)
    if extension is None or not extension.critical:
        raise _refused("has no critical basicConstraints")
    value = asn1.decode(
        asn1.BasicConstraints, extension.extnValue, what="basicConstraints of the certificate"
    )
    if value.pathLenConstraint is not None and not value.cA:
        raise _refused("has a path length without being an authority's")
    return value.cA, value.pathLenConstraint


def _key_identifier(extensions: dict[ObjectIdentifier, asn1.Extension]) -> bytes | None:
    value = _value(extensions, ID_CE_SUBJECT_KEY_IDENTIFIER)
    return (
        None if value is None else asn1.decode(bytes, value, what="subjectKeyIdentifier of the certificate")
    )


def _issuer_key_identifier(extensions: dict[ObjectIdentifier, asn1.Extension]) -> bytes | None:
    value = _value(extensions, ID_CE_AUTHORITY_KEY_IDENTIFIER)
    if value is None:
        return None
    what = "authorityKeyIdentifier of the certificate"
    return asn1.decode(asn1.AuthorityKeyIdentifier, value, what=what).keyIdentifier


def _value(extensions: dict[ObjectIdentifier, asn1.Extension], oid: ObjectIdentifier) -> bytes | None:
    extension = extensions.get(oid)
    return None if extension is None else extension.extnValue


def _whole_bytes(value: codec.BitString) -> bytes:
    if value.padding_bits():
        raise _refused("has a signature that is not whole bytes")
    return value.as_bytes()


def _refused(fault: str) -> CmsError:
    return algorithms.refused(WHAT, fault)
