"""CMS SignedData: sign a content, and verify one into a verdict (RFC 5652 §5).

One signer, the content inside, signed attributes always, ECDSA on P-256 with SHA-256. What is
otherwise is refused by its name. Whether the signer's certificate holds is `trust.judge`'s to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat import asn1 as codec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ObjectIdentifier

from cableroom.errors import CmsError, Problem, SealError
from cableroom.seal import algorithms, asn1, attributes, certificates
from cableroom.seal.attributes import EssLabel, ReceiptRequest, SignedAttributes
from cableroom.seal.oids import (
    ECDSA_WITH_SHA256,
    ID_DATA,
    ID_SHA256,
    ID_SIGNED_DATA,
    name_of,
)

__all__ = ["ID_DATA", "EssLabel", "ReceiptRequest", "SignedVerdict", "sign", "verify"]

MAX_CERTIFICATES = 16
WHAT = "The SignedData"

_RFC6979 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


@dataclass(frozen=True, slots=True)
class SignedVerdict:
    """A SignedData whose signature holds under the key of `certificate`.

    `attributes_digest` is the SHA-256 of the signed attributes in DER: what the signature is over,
    and what a receipt for it names (`msgSigDigest`). `signature` is the Ecdsa-Sig-Value.
    `algorithms` names what was used, `problems` has doubts (severity "warning") alone: every fault
    is an error that is raised.
    """

    content: bytes
    content_type: ObjectIdentifier
    certificate: bytes
    signing_time: datetime
    label: EssLabel | None
    receipt_request: ReceiptRequest | None
    msg_sig_digest: bytes | None
    attributes_digest: str
    signature: bytes
    algorithms: tuple[str, ...]
    problems: tuple[Problem, ...]


def sign(
    content: bytes,
    *,
    key: ec.EllipticCurvePrivateKey,
    certificate: bytes,
    signing_time: datetime,
    label: EssLabel | None = None,
    receipt_request: ReceiptRequest | None = None,
    content_type: ObjectIdentifier = ID_DATA,
    msg_sig_digest: bytes | None = None,
) -> bytes:
    """A ContentInfo in DER with `content` signed by `key`, whose certificate goes with it.

    Deterministic (RFC 6979): the same arguments give the same bytes. `signing_time` is cut to the
    second. Raises `SealError` if the key is not that of the certificate.
    """
    if key.public_key() != certificates.public_key(certificate):
        raise SealError("The key is not the one in the certificate.", code="wrong-key")
    signed = attributes.write(
        SignedAttributes(
            content_type=content_type,
            message_digest=hashlib.sha256(content).digest(),
            signing_time=signing_time,
            certificate_hash=hashlib.sha256(certificate).digest(),
            label=label,
            receipt_request=receipt_request,
            msg_sig_digest=msg_sig_digest,
        )
    )
    signer = asn1.SignerInfo(
        version=1,
        sid=certificates.identifiers(certificate).issuer_and_serial,
        digestAlgorithm=algorithms.identifier(ID_SHA256),
        signedAttrs=signed,
        signatureAlgorithm=algorithms.identifier(ECDSA_WITH_SHA256),
        signature=key.sign(asn1.encode(signed), _RFC6979),
        unsignedAttrs=None,
    )
    data = asn1.SignedData(
        version=1 if content_type == ID_DATA else 3,
        digestAlgorithms=codec.SetOf([algorithms.identifier(ID_SHA256)]),
        encapContentInfo=asn1.EncapsulatedContentInfo(eContentType=content_type, eContent=content),
        certificates=codec.SetOf([asn1.element(certificate)]),
        crls=None,
        signerInfos=codec.SetOf([signer]),
    )
    return asn1.encode(asn1.SignedMessage(contentType=ID_SIGNED_DATA, content=data))


def verify(
    data: bytes, *, known: Sequence[bytes] = (), content_type: ObjectIdentifier = ID_DATA
) -> SignedVerdict:
    """The verdict on a SignedData in DER, if its signature holds.

    The signer's certificate is the one in `data` or among `known` (DER, from the directory) that
    the SignerInfo and the signing-certificate-v2 name. Raises `CmsError` for what cannot be read or
    is not allowed, by its name, and `SealError` for a signature or digest that does not hold.
    """
    signed = _read(data)
    content = _content(signed, content_type)
    signer = _one_signer(signed)
    null_parameters = _check_algorithms(signed, signer)
    if signer.signedAttrs is None:
        raise _refused("has no signed attributes")
    values, problems = attributes.read(signer.signedAttrs)
    if values.content_type != content_type:
        raise _refused(f"signs the content type {name_of(values.content_type)}, not that of its content")
    candidates, more = _candidates(signed, signer, known)
    certificate = _named(candidates, values.certificate_hash)
    public_key = certificates.public_key(certificate)
    signature = algorithms.ecdsa_signature(signer.signature, WHAT)
    signed_bytes = asn1.encode(signer.signedAttrs)
    if hashlib.sha256(content).digest() != values.message_digest:
        raise _broken("The content is not the one that was signed: its digest differs.")
    if not algorithms.verifies(public_key, signature, signed_bytes):
        raise _broken("The signature is not by the key of the certificate that it names.")
    return SignedVerdict(
        content=content,
        content_type=content_type,
        certificate=certificate,
        signing_time=values.signing_time,
        label=values.label,
        receipt_request=values.receipt_request,
        msg_sig_digest=values.msg_sig_digest,
        attributes_digest=hashlib.sha256(signed_bytes).hexdigest(),
        signature=signature,
        algorithms=("SHA-256", "ECDSA with SHA-256", "P-256"),
        problems=(*problems, *null_parameters, *more),
    )


def _read(data: bytes) -> asn1.SignedData:
    info = asn1.decode(asn1.ContentInfo, data, what=WHAT)
    if info.contentType != ID_SIGNED_DATA:
        raise CmsError(
            f"This is {name_of(info.contentType)}; SignedData was expected.", code="not-allowed-form"
        )
    return asn1.parse(asn1.SignedData, info.content, what=WHAT)


def _content(signed: asn1.SignedData, content_type: ObjectIdentifier) -> bytes:
    found = signed.encapContentInfo
    if found.eContentType != content_type:
        raise _refused(f"holds {name_of(found.eContentType)}; {name_of(content_type)} was expected")
    if found.eContent is None:
        raise _refused("has its content outside (detached), which is not read")
    return found.eContent


def _one_signer(signed: asn1.SignedData) -> asn1.SignerInfo:
    signers = signed.signerInfos.as_list()
    if len(signers) != 1:
        raise _refused(f"has {len(signers) or 'no'} signers; it must have one")
    signer = signers[0]
    by_serial = isinstance(signer.sid, asn1.IssuerAndSerialNumber)
    # RFC 5652 §5.3: 1 with issuerAndSerialNumber, 3 with subjectKeyIdentifier; §5.1: 3 follows from that or the type
    if signer.version != (1 if by_serial else 3):
        raise _refused("has a SignerInfo whose version does not fit how it names its signer")
    if signed.version != (1 if by_serial and signed.encapContentInfo.eContentType == ID_DATA else 3):
        raise _refused("has a version that does not fit what is in it")
    if signer.unsignedAttrs is not None:
        names = ", ".join(name_of(attribute.attrType) for attribute in signer.unsignedAttrs.as_list()[:4])
        raise _refused(f"carries unsigned attributes ({names})")
    if signed.crls is not None:
        raise _refused("carries revocation lists; they come with the card of an organisation")
    return signer


def _check_algorithms(signed: asn1.SignedData, signer: asn1.SignerInfo) -> list[Problem]:
    digests = signed.digestAlgorithms.as_list()
    if len(digests) != 1:
        raise _refused(f"lists {len(digests)} digest algorithms; one is read, SHA-256")
    # RFC 5754 §2: parameters are absent, and NULL must be accepted
    null = [
        algorithms.require_or_null(digest, ID_SHA256, WHAT) for digest in (digests[0], signer.digestAlgorithm)
    ]
    algorithms.require_ecdsa(signer.signatureAlgorithm, WHAT)
    if not any(null):
        return []
    return [_warning("null-parameters", "SHA-256 is written with NULL parameters, as older programs do.")]


def _candidates(
    signed: asn1.SignedData, signer: asn1.SignerInfo, known: Sequence[bytes]
) -> tuple[list[bytes], list[Problem]]:
    """The certificates that fit the SignerInfo's name of its signer, and a doubt about those that do not."""
    enclosed = [
        asn1.encode(value) for value in (signed.certificates.as_list() if signed.certificates else [])
    ]
    if len(enclosed) > MAX_CERTIFICATES:
        raise _refused(f"carries more than {MAX_CERTIFICATES} certificates")
    if any(value[0] != 0x30 for value in enclosed):
        raise _refused("carries a certificate of another kind than X.509")
    fitting = [certificate for certificate in enclosed if _fits(signer, certificate)]
    others = len(enclosed) - len(fitting)
    fitting += [
        certificate for certificate in known if certificate not in fitting and _fits(signer, certificate)
    ]
    doubt = f"{others} certificates come along that are not the signer's; they are not used."
    return fitting, [_warning("other-certificates", doubt)] if others else []


def _fits(signer: asn1.SignerInfo, certificate: bytes) -> bool:
    names = certificates.identifiers(certificate)
    if isinstance(signer.sid, asn1.IssuerAndSerialNumber):
        return asn1.encode(signer.sid) == asn1.encode(names.issuer_and_serial)
    return signer.sid == names.key_identifier


def _named(candidates: list[bytes], certificate_hash: bytes) -> bytes:
    if not candidates:
        raise SealError(
            "The certificate of the signer is not in the message and not known here.",
            do="Ask the sender's organisation for its card.",
            code="unknown-certificate",
        )
    for certificate in candidates:
        if hashlib.sha256(certificate).digest() == certificate_hash:
            return certificate
    raise _refused("names another certificate in signing-certificate-v2 than its signer's")


def _warning(code: str, message: str) -> Problem:
    return Problem(code, "SignedData", message, severity="warning")


def _refused(fault: str) -> CmsError:
    return algorithms.refused(WHAT, fault)


def _broken(fault: str) -> SealError:
    return SealError(fault, code="bad-signature")
