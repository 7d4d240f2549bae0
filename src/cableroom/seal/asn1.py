"""CMS, ESS and certificates as declared types, by the names that the RFCs give them.

`decode` walks the bytes (`der.scan`) before the codec sees them; the codec itself takes nothing but
DER, which a test holds it to. Fields that this program never reads into stay `TLV`.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar, Union

from cryptography.hazmat import asn1 as codec
from cryptography.hazmat.asn1 import TLV, Explicit, Implicit, Null, SetOf
from cryptography.x509 import ObjectIdentifier

from cableroom.errors import CmsError
from cableroom.seal import der

T = TypeVar("T")

# ── RFC 5280: certificates and revocation lists ──────────────────────────────────────────────


@codec.sequence
class AlgorithmIdentifier:  # §4.1.1.2
    algorithm: ObjectIdentifier
    parameters: Union[TLV, Null, None]  # noqa: UP007 - the codec knows no `TLV | None`


@codec.sequence
class AttributeTypeAndValue:  # §4.1.2.4
    type: ObjectIdentifier
    value: TLV


Name = TLV  # §4.1.2.4, RDNSequence: compared as it stands


@codec.sequence
class TwoNames:
    """A Name of exactly two RelativeDistinguishedNames, as this program writes it."""

    organization: SetOf[AttributeTypeAndValue]
    common: SetOf[AttributeTypeAndValue]


Time = codec.UTCTime | codec.GeneralizedTime  # §4.1.2.5


@codec.sequence
class Validity:
    notBefore: Time
    notAfter: Time


@codec.sequence
class SubjectPublicKeyInfo:  # §4.1.2.7
    algorithm: AlgorithmIdentifier
    subjectPublicKey: codec.BitString


@codec.sequence
class Extension:  # §4.2
    extnID: ObjectIdentifier
    critical: Annotated[bool, codec.Default(False)]
    extnValue: bytes


@codec.sequence
class TBSCertificate:  # §4.1.2
    version: Annotated[int, Explicit(0), codec.Default(0)]
    serialNumber: int
    signature: AlgorithmIdentifier
    issuer: Name
    validity: Validity
    subject: Name
    subjectPublicKeyInfo: SubjectPublicKeyInfo
    issuerUniqueID: Annotated[codec.BitString | None, Implicit(1)]
    subjectUniqueID: Annotated[codec.BitString | None, Implicit(2)]
    extensions: Annotated[list[Extension] | None, Explicit(3)]


@codec.sequence
class Certificate:  # §4.1
    tbsCertificate: TBSCertificate
    signatureAlgorithm: AlgorithmIdentifier
    signatureValue: codec.BitString


@codec.sequence
class BasicConstraints:  # §4.2.1.9
    cA: Annotated[bool, codec.Default(False)]
    pathLenConstraint: int | None


@codec.sequence
class PolicyInformation:  # §4.2.1.4
    policyIdentifier: ObjectIdentifier
    policyQualifiers: list[TLV] | None


@codec.sequence
class AuthorityKeyIdentifier:  # §4.2.1.1
    keyIdentifier: Annotated[bytes | None, Implicit(0)]
    authorityCertIssuer: Annotated[list[TLV] | None, Implicit(1)]
    authorityCertSerialNumber: Annotated[int | None, Implicit(2)]


@codec.sequence
class RevokedCertificate:  # §5.1.2.6
    userCertificate: int
    revocationDate: Time
    crlEntryExtensions: list[Extension] | None


@codec.sequence
class TBSCertList:  # §5.1.2
    version: int | None
    signature: AlgorithmIdentifier
    issuer: Name
    thisUpdate: Time
    nextUpdate: Time | None
    revokedCertificates: list[RevokedCertificate] | None
    crlExtensions: Annotated[list[Extension] | None, Explicit(0)]


@codec.sequence
class CertificateList:  # §5.1
    tbsCertList: TBSCertList
    signatureAlgorithm: AlgorithmIdentifier
    signatureValue: codec.BitString


@codec.sequence
class EcdsaSigValue:  # RFC 3279 §2.2.3, Ecdsa-Sig-Value
    r: int
    s: int


# ── RFC 5652: the Cryptographic Message Syntax ───────────────────────────────────────────────


@codec.sequence
class ContentInfo:  # §3
    contentType: ObjectIdentifier
    content: Annotated[TLV, Explicit(0)]


@codec.sequence
class Attribute:  # §5.3
    attrType: ObjectIdentifier
    attrValues: SetOf[TLV]


@codec.sequence
class EncapsulatedContentInfo:  # §5.2
    eContentType: ObjectIdentifier
    eContent: Annotated[bytes | None, Explicit(0)]


@codec.sequence
class IssuerAndSerialNumber:  # §10.2.4
    issuer: Name
    serialNumber: int


SubjectKeyIdentifier = Annotated[bytes, Implicit(0)]
SignerIdentifier = IssuerAndSerialNumber | SubjectKeyIdentifier  # §5.3


@codec.sequence
class SignerInfo:  # §5.3
    version: int
    sid: SignerIdentifier
    digestAlgorithm: AlgorithmIdentifier
    signedAttrs: Annotated[SetOf[Attribute] | None, Implicit(0)]
    signatureAlgorithm: AlgorithmIdentifier
    signature: bytes
    unsignedAttrs: Annotated[SetOf[Attribute] | None, Implicit(1)]


@codec.sequence
class SignedData:  # §5.1
    version: int
    digestAlgorithms: SetOf[AlgorithmIdentifier]
    encapContentInfo: EncapsulatedContentInfo
    certificates: Annotated[SetOf[TLV] | None, Implicit(0)]
    crls: Annotated[SetOf[TLV] | None, Implicit(1)]
    signerInfos: SetOf[SignerInfo]


@codec.sequence
class SignedMessage:  # ContentInfo with SignedData in it, as it is written
    contentType: ObjectIdentifier
    content: Annotated[SignedData, Explicit(0)]


# ── RFC 5083, 5084, 5753: sealed for one post ────────────────────────────────────────────────


@codec.sequence
class OriginatorPublicKey:  # RFC 5652 §6.2.2
    algorithm: AlgorithmIdentifier
    publicKey: codec.BitString


OriginatorIdentifierOrKey = (
    IssuerAndSerialNumber | SubjectKeyIdentifier | Annotated[OriginatorPublicKey, Implicit(1)]
)


@codec.sequence
class RecipientKeyIdentifier:  # RFC 5652 §6.2.2
    subjectKeyIdentifier: bytes
    date: codec.GeneralizedTime | None
    other: Union[TLV, Null, None]  # noqa: UP007


@codec.sequence
class RecipientEncryptedKey:  # RFC 5652 §6.2.2
    rid: IssuerAndSerialNumber | Annotated[RecipientKeyIdentifier, Implicit(0)]
    encryptedKey: bytes


@codec.sequence
class KeyAgreeRecipientInfo:  # RFC 5652 §6.2.2
    version: int
    originator: Annotated[OriginatorIdentifierOrKey, Explicit(0)]
    ukm: Annotated[bytes | None, Explicit(1)]
    keyEncryptionAlgorithm: AlgorithmIdentifier
    recipientEncryptedKeys: list[RecipientEncryptedKey]


RecipientInfo = Annotated[KeyAgreeRecipientInfo, Implicit(1)] | TLV  # RFC 5652 §6.2; others are not read


@codec.sequence
class EncryptedContentInfo:  # RFC 5652 §6.1
    contentType: ObjectIdentifier
    contentEncryptionAlgorithm: AlgorithmIdentifier
    encryptedContent: Annotated[bytes | None, Implicit(0)]


@codec.sequence
class AuthEnvelopedData:  # RFC 5083 §2.1
    version: int
    originatorInfo: Annotated[list[TLV] | None, Implicit(0)]
    recipientInfos: SetOf[RecipientInfo]
    authEncryptedContentInfo: EncryptedContentInfo
    authAttrs: Annotated[SetOf[Attribute] | None, Implicit(1)]
    mac: bytes
    unauthAttrs: Annotated[SetOf[Attribute] | None, Implicit(2)]


@codec.sequence
class AuthEnvelopedMessage:  # ContentInfo with AuthEnvelopedData in it, as it is written
    contentType: ObjectIdentifier
    content: Annotated[AuthEnvelopedData, Explicit(0)]


@codec.sequence
class GCMParameters:  # RFC 5084 §3.2
    aes_nonce: bytes
    aes_ICVlen: Annotated[int, codec.Default(12)]


@codec.sequence
class EccCmsSharedInfo:  # RFC 5753 §7.2, ECC-CMS-SharedInfo
    keyInfo: AlgorithmIdentifier
    entityUInfo: Annotated[bytes | None, Explicit(0)]
    suppPubInfo: Annotated[bytes, Explicit(2)]


# ── RFC 2634, 5035: Enhanced Security Services ───────────────────────────────────────────────


@codec.set
class ESSSecurityLabel:  # RFC 2634 §3.2; a SET is written in the order of its tags
    security_classification: int | None
    security_policy_identifier: ObjectIdentifier
    privacy_mark_utf8String: str | None
    security_categories: SetOf[TLV] | None
    privacy_mark_pString: codec.PrintableString | None


GeneralNames = list[TLV]  # RFC 5280 §4.2.1.6
AllOrFirstTier = Annotated[int, Implicit(0)]
ReceiptsFrom = AllOrFirstTier | TLV  # RFC 2634 §2.7; receiptList [1] is not read


@codec.sequence
class ReceiptRequest:  # RFC 2634 §2.7
    signedContentIdentifier: bytes
    receiptsFrom: ReceiptsFrom
    receiptsTo: list[GeneralNames]


@codec.sequence
class Receipt:  # RFC 2634 §2.8
    version: int
    contentType: ObjectIdentifier
    signedContentIdentifier: bytes
    originatorSignatureValue: bytes


@codec.sequence
class IssuerSerial:  # RFC 5035 §4
    issuer: GeneralNames
    serialNumber: int


@codec.sequence
class ESSCertIDv2:  # RFC 5035 §4; absent hashAlgorithm is SHA-256
    hashAlgorithm: AlgorithmIdentifier | None
    certHash: bytes
    issuerSerial: IssuerSerial | None


@codec.sequence
class SigningCertificateV2:  # RFC 5035 §3
    certs: list[ESSCertIDv2]
    policies: list[PolicyInformation] | None


def encode(value: Any) -> bytes:
    """The DER of a declared value."""
    return codec.encode_der(value)


def element(data: bytes) -> TLV:
    """Bytes that are one element in DER, for a field of type ANY."""
    return codec.decode_der(TLV, data)


def tlv(value: Any) -> TLV:
    """A declared value as an element, for a field of type ANY."""
    return element(codec.encode_der(value))


def decode(kind: type[T], data: bytes, *, what: str, max_elements: int = der.MAX_ELEMENTS) -> T:
    """The value of `kind` that `data` is, all of it. `what` names it in errors (`CmsError`)."""
    der.scan(data, what=what, max_elements=max_elements)
    try:
        return codec.decode_der(kind, data)
    except ValueError as error:
        raise _misfit(kind, what) from error


def parse(kind: type[T], value: TLV, *, what: str) -> T:
    """As `decode`, for an element of a value that `decode` gave."""
    try:
        parsed: T = value.parse(kind)
    except ValueError as error:
        raise _misfit(kind, what) from error
    return parsed


def _misfit(kind: type[Any], what: str) -> CmsError:
    return CmsError(f"{what} cannot be read as {kind.__name__}.", code="bad-structure")
