"""Which algorithms hold, exactly: their parameters, their keys, the form of their signatures.

Everything else is refused by its name.
"""

from __future__ import annotations

from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1 as codec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ObjectIdentifier

from cableroom.errors import CmsError
from cableroom.seal import asn1
from cableroom.seal.oids import ECDSA_WITH_SHA256, ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP256R1, name_of

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""n, the order of the base point of P-256 (SEC 2 §2.4.2)."""
RSA_BITS, RSA_EXPONENT = 3072, 65537
ECDSA = ec.ECDSA(hashes.SHA256())
P256 = ec.SECP256R1()

_POINT_BYTES = 65


def identifier(
    algorithm: ObjectIdentifier, parameters: codec.TLV | codec.Null | None = None
) -> asn1.AlgorithmIdentifier:
    """An AlgorithmIdentifier to write; without `parameters` they are absent."""
    return asn1.AlgorithmIdentifier(algorithm=algorithm, parameters=parameters)


def require(algorithm: asn1.AlgorithmIdentifier, wanted: ObjectIdentifier, what: str) -> None:
    """Return if `algorithm` is `wanted` without parameters; else raise `CmsError` that names it."""
    require_name(algorithm, wanted, what)
    if algorithm.parameters is not None:
        raise refused(what, f"gives parameters to {name_of(wanted)}, which has none")


def require_or_null(algorithm: asn1.AlgorithmIdentifier, wanted: ObjectIdentifier, what: str) -> bool:
    """As `require`, but NULL parameters pass too; answers whether they were there."""
    require_name(algorithm, wanted, what)
    if algorithm.parameters is None:
        return False
    if not is_null(algorithm.parameters):
        raise refused(what, f"gives parameters to {name_of(wanted)}, which has none")
    return True


def require_name(algorithm: asn1.AlgorithmIdentifier, wanted: ObjectIdentifier, what: str) -> None:
    """As `require`, whatever the parameters."""
    if algorithm.algorithm != wanted:
        raise refused(what, f"uses {name_of(algorithm.algorithm)}; only {name_of(wanted)} is read here")


def verifies(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    """Whether `signature`, already found to be strict (`ecdsa_signature`), is by `key` over `signed`."""
    try:
        key.verify(signature, signed, ECDSA)
    except InvalidSignature:
        return False
    return True


def ecdsa_signature(value: bytes, what: str) -> bytes:
    """`value` if it is an Ecdsa-Sig-Value in DER with r and s in 1 … n-1; else raise `CmsError`."""
    pair = asn1.decode(asn1.EcdsaSigValue, value, what=f"The signature value of {what[0].lower()}{what[1:]}")
    if not (0 < pair.r < ORDER and 0 < pair.s < ORDER):
        raise refused(what, "has a signature whose r or s is not in 1 … n-1")
    return value


def require_ecdsa(algorithm: asn1.AlgorithmIdentifier, what: str) -> None:
    """Return if `algorithm` is ecdsa-with-SHA256 (RFC 5758 §3.2), parameters absent."""
    require(algorithm, ECDSA_WITH_SHA256, what)


def p256_point(value: codec.BitString, what: str) -> ec.EllipticCurvePublicKey:
    """The key whose uncompressed point `value` holds, checked to lie on P-256 (SEC 1 §3.2.2.1)."""
    data = value.as_bytes()
    if value.padding_bits() or len(data) != _POINT_BYTES:
        raise refused(what, "has a public key that is not an uncompressed point of P-256")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(P256, data)
    except ValueError as error:
        raise refused(what, "has a public key that is not a point on P-256") from error


def is_p256(parameters: codec.TLV | codec.Null | None) -> bool:
    """Whether ECParameters are the named curve P-256 (RFC 5480 §2.1.1)."""
    return isinstance(parameters, codec.TLV) and asn1.encode(parameters) == asn1.encode(SECP256R1)


def subject_public_key(
    info: asn1.SubjectPublicKeyInfo, what: str
) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    """The key of a SubjectPublicKeyInfo: on P-256, or RSA with 3072 bits and e = 65537."""
    algorithm = info.algorithm.algorithm
    if algorithm == RSA_ENCRYPTION:
        return _rsa_key(info, what)
    if algorithm != ID_EC_PUBLIC_KEY:
        raise refused(what, f"has a key for {name_of(algorithm)}; only keys on P-256 are read")
    if not is_p256(info.algorithm.parameters):
        raise refused(
            what, f"has a key on {curve(info.algorithm.parameters)}; only P-256 by its name is read"
        )
    return p256_point(info.subjectPublicKey, what)


def read_time(time: codec.UTCTime | codec.GeneralizedTime, what: str) -> datetime:
    """The time in UTC: UTCTime through 2049, GeneralizedTime later, whole seconds (RFC 5280 §4.1.2.5)."""
    moment = time.as_datetime()
    if isinstance(time, codec.GeneralizedTime) and (moment.year < 2050 or moment.microsecond):
        raise refused(what, "writes a time in a form that its year or precision does not allow")
    return moment


def refused(what: str, fault: str) -> CmsError:
    """The error of something that can be read and is not allowed."""
    return CmsError(f"{what} {fault}.", code="not-allowed-form")


def _rsa_key(info: asn1.SubjectPublicKeyInfo, what: str) -> rsa.RSAPublicKey:
    require_or_null(info.algorithm, RSA_ENCRYPTION, what)
    try:
        key = serialization.load_der_public_key(asn1.encode(info))
    except ValueError as error:
        raise refused(what, "has an RSA key that cannot be read") from error
    if not isinstance(key, rsa.RSAPublicKey) or _rsa_size(key) != (RSA_BITS, RSA_EXPONENT):
        raise refused(
            what, f"has an RSA key of another size or exponent than {RSA_BITS} bits and {RSA_EXPONENT}"
        )
    return key


def _rsa_size(key: rsa.RSAPublicKey) -> tuple[int, int]:
    return key.key_size, key.public_numbers().e


def curve(parameters: codec.TLV | codec.Null | None) -> str:
    """What to call the curve that ECParameters give."""
    if not isinstance(parameters, codec.TLV):
        return "no named curve"
    if parameters.tag_bytes == b"\x06":
        return name_of(parameters.parse(ObjectIdentifier))
    return "a curve given by explicit parameters" if parameters.tag_bytes == b"\x30" else "no named curve"


def is_null(parameters: codec.TLV | codec.Null) -> bool:
    """Whether parameters are NULL; the codec reads it as an element."""
    return asn1.encode(parameters) == b"\x05\x00"
