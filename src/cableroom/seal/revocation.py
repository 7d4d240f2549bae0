"""Certificate revocation lists, read strictly (RFC 5280 §5): which serials no longer hold, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec

from cableroom.errors import CmsError
from cableroom.seal import algorithms, asn1, certificates
from cableroom.seal.certificates import Certificate, read_extensions
from cableroom.seal.oids import ID_CE_CRL_NUMBER

MAX_BYTES = 4 * 1024 * 1024
MAX_ELEMENTS = 400_000
WHAT = "The revocation list"


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A verified list: `number` rises with each, `revoked` maps serials to the time since when."""

    number: int
    this_update: datetime
    next_update: datetime
    revoked: dict[int, datetime]


@lru_cache(maxsize=32)
def read(crl: bytes, authority_certificate: bytes) -> RevocationList:
    """The list in the DER bytes `crl`, if the authority of that certificate made it. Raises `CmsError`.

    It must be complete (no delta, no partition), of version 2, with nextUpdate and cRLNumber.
    """
    if len(crl) > MAX_BYTES:
        raise _refused(f"is larger than {MAX_BYTES} bytes")
    authority = certificates.read(authority_certificate)
    structure = asn1.decode(asn1.CertificateList, crl, what=WHAT, max_elements=MAX_ELEMENTS)
    tbs = structure.tbsCertList
    if tbs.version != 1:
        raise _refused("is not of version 2")
    algorithms.require_ecdsa(tbs.signature, WHAT)
    algorithms.require_ecdsa(structure.signatureAlgorithm, WHAT)
    if asn1.encode(tbs.issuer) != authority.subject:
        raise _refused("is of another issuer than the authority")
    if tbs.nextUpdate is None:
        raise _refused("does not say when the next one comes")
    number = _number(tbs)
    _check_signature(structure, authority)
    return RevocationList(
        number=number,
        this_update=algorithms.read_time(tbs.thisUpdate, WHAT),
        next_update=algorithms.read_time(tbs.nextUpdate, WHAT),
        revoked=_revoked(tbs.revokedCertificates or []),
    )


def _number(tbs: asn1.TBSCertList) -> int:
    extensions = read_extensions(tbs.crlExtensions or [], frozenset(), WHAT)
    if ID_CE_CRL_NUMBER not in extensions:
        raise _refused("has no number")
    number = asn1.decode(
        int, extensions[ID_CE_CRL_NUMBER].extnValue, what="The number of the revocation list"
    )
    if not 0 <= number < 2**159:
        raise _refused("has a number that is negative, or longer than 20 bytes")
    return number


def _check_signature(structure: asn1.CertificateList, authority: Certificate) -> None:
    if structure.signatureValue.padding_bits():
        raise _refused("has a signature that is not whole bytes")
    signature = algorithms.ecdsa_signature(structure.signatureValue.as_bytes(), WHAT)
    key = authority.public_key
    signed = asn1.encode(structure.tbsCertList)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not algorithms.verifies(key, signature, signed):
        raise _refused("is not signed by the authority")


def _revoked(entries: list[asn1.RevokedCertificate]) -> dict[int, datetime]:
    revoked: dict[int, datetime] = {}
    for entry in entries:
        read_extensions(entry.crlEntryExtensions or [], frozenset(), f"{WHAT}'s entry")
        if entry.userCertificate in revoked:
            raise _refused("names a certificate twice")
        revoked[entry.userCertificate] = algorithms.read_time(entry.revocationDate, WHAT)
    return revoked


def _refused(fault: str) -> CmsError:
    return algorithms.refused(WHAT, fault)
