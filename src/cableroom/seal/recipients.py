"""Who can open an envelope: recipients of one kind, how the content key reaches them, how they find it.

One kind so far: ephemeral-static ECDH on P-256 (RFC 5753 §3.1), KDF of X9.63 with SHA-256,
id-aes256-wrap. Another kind is another entry in `_KINDS`; who seals and opens does not change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat import asn1 as codec
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cableroom.errors import CmsError, SealError
from cableroom.seal import algorithms, asn1, certificates
from cableroom.seal.oids import (
    ID_AES256_WRAP,
    ID_EC_PUBLIC_KEY,
    STD_DH_SHA1_KDF,
    STD_DH_SHA256_KDF,
    name_of,
)
from cableroom.seal.uses import Use

MAX_RECIPIENTS = 64
MAX_UKM = 128
KEY_BYTES = 32
WRAPPED_BYTES = KEY_BYTES + 8
WHAT = "The envelope"

Info = asn1.KeyAgreeRecipientInfo | codec.TLV
"""A RecipientInfo: one that is read, or the bytes of another."""

_KDF: dict[object, hashes.HashAlgorithm] = {
    STD_DH_SHA256_KDF: hashes.SHA256(),
    STD_DH_SHA1_KDF: hashes.SHA1(),
}


class Kind(Enum):
    """A way for a content key to reach a recipient."""

    ECDH_P256 = "ecdh-p256"


@dataclass(frozen=True, slots=True)
class Recipients:
    """Certificates of those who can open an envelope, all of one `kind`. Made by `of`.

    Kinds never mix: an envelope is as strong as the weakest way into it.
    """

    kind: Kind
    certificates: tuple[bytes, ...]

    @classmethod
    def of(cls, opening_certificates: Sequence[bytes]) -> Recipients:
        """The recipients that own these opening certificates (DER). Raises `SealError`, `CmsError`."""
        if not opening_certificates:
            raise SealError("An envelope needs a recipient.", code="no-recipient")
        for certificate in opening_certificates:
            if certificates.read(certificate).key_usage != Use.OPENING.key_usage_der:
                raise SealError(
                    "A certificate given for a recipient is not one to open envelopes.", code="wrong-use"
                )
        return cls(Kind.ECDH_P256, tuple(opening_certificates))


@dataclass(frozen=True, slots=True)
class Way:
    """How the content key of an envelope reaches one of our keys: found and checked, not yet walked."""

    certificate: bytes
    key: ec.EllipticCurvePrivateKey
    originator: ec.EllipticCurvePublicKey
    kdf: hashes.HashAlgorithm
    ukm: bytes | None
    wrapped: bytes
    algorithms: tuple[str, ...]

    def unwrap(self) -> bytes:
        """The content key. Raises `keywrap.InvalidUnwrap` for whatever is wrong."""
        shared = self.key.exchange(ec.ECDH(), self.originator)
        return keywrap.aes_key_unwrap(_key_encryption_key(shared, self.kdf, self.ukm), self.wrapped)


def recipient_infos(content_key: bytes, recipients: Recipients) -> list[Info]:
    """A RecipientInfo for each recipient, each with an ephemeral key of its own."""
    make = _KINDS[recipients.kind]
    return [make(content_key, certificate) for certificate in recipients.certificates]


def find_way(
    infos: Sequence[Info],
    keys: Sequence[tuple[bytes, ec.EllipticCurvePrivateKey]],
) -> Way:
    """The one way from these RecipientInfos to one of our (certificate, key) pairs.

    All of them are checked before any key is used. Raises `CmsError` for what is not read, and
    `SealError` "wrong-recipient" where none is for us.
    """
    if not 0 < len(infos) <= MAX_RECIPIENTS:
        raise _refused(f"has {len(infos)} recipients; 1 to {MAX_RECIPIENTS} are read")
    ways = [way for info in infos for way in _ways(_key_agreement(info), keys)]
    if not ways:
        raise SealError("This envelope is not sealed for a post that is here.", code="wrong-recipient")
    if len(ways) > 1:
        raise _refused("names one of our certificates more than once")
    return ways[0]


def _ecdh_info(content_key: bytes, certificate: bytes) -> asn1.KeyAgreeRecipientInfo:
    ephemeral = ec.generate_private_key(algorithms.P256)
    shared = ephemeral.exchange(ec.ECDH(), certificates.public_key(certificate))
    wrapping = _key_encryption_key(shared, _KDF[STD_DH_SHA256_KDF], None)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    wrap = asn1.tlv(algorithms.identifier(ID_AES256_WRAP))
    return asn1.KeyAgreeRecipientInfo(
        version=3,
        originator=asn1.OriginatorPublicKey(
            algorithm=algorithms.identifier(ID_EC_PUBLIC_KEY), publicKey=codec.BitString(point, 0)
        ),
        ukm=None,
        keyEncryptionAlgorithm=algorithms.identifier(STD_DH_SHA256_KDF, wrap),
        recipientEncryptedKeys=[
            asn1.RecipientEncryptedKey(
                rid=certificates.identifiers(certificate).issuer_and_serial,
                encryptedKey=keywrap.aes_key_wrap(wrapping, content_key),
            )
        ],
    )


_KINDS: dict[Kind, Callable[[bytes, bytes], asn1.KeyAgreeRecipientInfo]] = {Kind.ECDH_P256: _ecdh_info}


def _key_encryption_key(shared: bytes, hash_: hashes.HashAlgorithm, ukm: bytes | None) -> bytes:
    """The KDF of X9.63 over ECC-CMS-SharedInfo (RFC 5753 §7.2)."""
    info = asn1.EccCmsSharedInfo(
        keyInfo=algorithms.identifier(ID_AES256_WRAP),
        entityUInfo=ukm,
        suppPubInfo=(8 * KEY_BYTES).to_bytes(4, "big"),
    )
    return X963KDF(hash_, KEY_BYTES, asn1.encode(info)).derive(shared)


_OTHER_KINDS = {
    0x30: "key transport (KeyTransRecipientInfo, RSA)",
    0xA2: "a key known before (KEKRecipientInfo)",
    0xA3: "a password (PasswordRecipientInfo)",
    0xA4: "another kind of recipient (OtherRecipientInfo)",
}


def _key_agreement(info: Info) -> asn1.KeyAgreeRecipientInfo:
    if isinstance(info, asn1.KeyAgreeRecipientInfo):
        return info
    tag = asn1.encode(info)[0]
    raise _refused(
        f"is sealed by {_OTHER_KINDS.get(tag, 'an unknown kind of recipient')}; only ECDH on P-256 is read"
    )


def _ways(
    info: asn1.KeyAgreeRecipientInfo, keys: Sequence[tuple[bytes, ec.EllipticCurvePrivateKey]]
) -> list[Way]:
    if info.version != 3:
        raise _refused("has a KeyAgreeRecipientInfo whose version is not 3")
    kdf, name = _kdf(info.keyEncryptionAlgorithm)
    originator = _originator(info.originator)
    if info.ukm is not None and not 0 < len(info.ukm) <= MAX_UKM:
        raise _refused(f"has a ukm of {len(info.ukm)} bytes; one has 1 to {MAX_UKM}")
    if not 0 < len(info.recipientEncryptedKeys) <= MAX_RECIPIENTS:
        raise _refused(
            f"has a RecipientInfo for {len(info.recipientEncryptedKeys)} keys; 1 to {MAX_RECIPIENTS} are read"
        )
    ways = []
    for encrypted in info.recipientEncryptedKeys:
        if len(encrypted.encryptedKey) != WRAPPED_BYTES:
            raise _refused(f"has a wrapped key that has not {WRAPPED_BYTES} bytes, as one for AES-256 has")
        used = (name, "P-256", "AES-256 key wrap")
        ways += [
            Way(certificate, key, originator, kdf, info.ukm, encrypted.encryptedKey, used)
            for certificate, key in keys
            if _is_for(encrypted, certificate)
        ]
    return ways


def _is_for(encrypted: asn1.RecipientEncryptedKey, certificate: bytes) -> bool:
    names = certificates.identifiers(certificate)
    if isinstance(encrypted.rid, asn1.IssuerAndSerialNumber):
        return asn1.encode(encrypted.rid) == asn1.encode(names.issuer_and_serial)
    return encrypted.rid.subjectKeyIdentifier == names.key_identifier


def _kdf(algorithm: asn1.AlgorithmIdentifier) -> tuple[hashes.HashAlgorithm, str]:
    name = name_of(algorithm.algorithm)
    if algorithm.algorithm not in _KDF:
        raise _refused(f"agrees on its key by {name}; only ECDH with SHA-256 or SHA-1 KDF is read")
    if not isinstance(algorithm.parameters, codec.TLV):
        raise _refused(f"does not say how the key of {name} wraps the content key")
    wrap = asn1.parse(asn1.AlgorithmIdentifier, algorithm.parameters, what=f"The parameters of {name}")
    algorithms.require(wrap, ID_AES256_WRAP, WHAT)
    return _KDF[algorithm.algorithm], name


def _originator(originator: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(originator, asn1.OriginatorPublicKey):
        raise _refused("names the certificate of its originator; only an ephemeral key is read")
    algorithm = originator.algorithm
    algorithms.require_name(algorithm, ID_EC_PUBLIC_KEY, WHAT)
    # RFC 5753 §7.1.2: absent, ECParameters, or NULL as older programs write
    absent = algorithm.parameters is None or algorithms.is_null(algorithm.parameters)
    if not absent and not algorithms.is_p256(algorithm.parameters):
        raise _refused(
            f"has an ephemeral key on {algorithms.curve(algorithm.parameters)}; only P-256 is read"
        )
    return algorithms.p256_point(originator.publicKey, WHAT)


def _refused(fault: str) -> CmsError:
    return algorithms.refused(WHAT, fault)
