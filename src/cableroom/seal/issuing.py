"""Making certificates and revocation lists: the authority's ceremonies, as pure functions.

Certificates are DER bytes everywhere. The form is docs/reference/certificates.md. Signatures are
deterministic (RFC 6979): with a serial given, the same arguments give the same bytes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cableroom.cable.address import Post
from cableroom.errors import SealError
from cableroom.seal.algorithms import P256, RSA_BITS
from cableroom.seal.uses import (
    AUTHORITY_LIFETIME,
    AUTHORITY_NAME,
    AUTHORITY_USAGES,
    BACKDATED,
    CRL_LIFETIME,
    KEY_USAGES,
    POST_LIFETIME,
    Use,
)


def make_authority(
    org: str, key: ec.EllipticCurvePrivateKey, *, now: datetime, serial: int | None = None
) -> bytes:
    """The self-signed certificate of `org`'s authority: twenty years, no authority beneath it."""
    name = _name(org, AUTHORITY_NAME)
    start = _whole_second(now) - BACKDATED
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(new_serial() if serial is None else serial)
        .not_valid_before(start)
        .not_valid_after(start + AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(AUTHORITY_USAGES), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(
        serialization.Encoding.DER
    )


def issue(
    authority_key: ec.EllipticCurvePrivateKey,
    authority_certificate: bytes,
    *,
    use: Use,
    public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    now: datetime,
    post: Post | None = None,
    name: str | None = None,
    serial: int | None = None,
) -> bytes:
    """A certificate of two years for `public_key`, in the name of `post` or, for a line, of `name`.

    `serial` is for vectors; without it one is drawn (`new_serial`). Raises `SealError` where the key does not fit the use, or the post is not of the authority's organisation.
    """
    authority = x509.load_der_x509_certificate(authority_certificate)
    org = authority.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
    common_name = _common_name(use, str(org), post, name)
    _check_key(use, public_key)
    start = _whole_second(now) - BACKDATED
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(str(org), common_name))
        .issuer_name(authority.subject)
        .public_key(public_key)
        .serial_number(new_serial() if serial is None else serial)
        .not_valid_before(start)
        .not_valid_after(start + POST_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(use.usages), critical=True)
        .add_extension(x509.CertificatePolicies([x509.PolicyInformation(use.policy, None)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
    )
    if use is Use.LINE:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(purposes, critical=True)
    return builder.sign(authority_key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(
        serialization.Encoding.DER
    )


def make_crl(
    authority_key: ec.EllipticCurvePrivateKey,
    authority_certificate: bytes,
    revoked: Sequence[tuple[int, datetime]],
    *,
    now: datetime,
    lifetime: timedelta = CRL_LIFETIME,
) -> bytes:
    """A complete revocation list: (serial, since when) of each certificate that no longer holds.

    Its cRLNumber is the time of making in milliseconds, so that a later list has a larger one.
    """
    authority = x509.load_der_x509_certificate(authority_certificate)
    this_update = _whole_second(now)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(this_update)
        .next_update(this_update + lifetime)
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
    )
    for serial, since in sorted(revoked):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_whole_second(since))
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority_key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(
        serialization.Encoding.DER
    )


def new_serial() -> int:
    """128 random bits, never zero (RFC 5280 §4.1.2.2)."""
    return secrets.randbelow(2**128 - 1) + 1


def _name(org: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, org),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _common_name(use: Use, org: str, post: Post | None, name: str | None) -> str:
    if use is Use.LINE:
        if post is not None or not name:
            raise SealError("A line certificate is made for the name of an installation.", code="wrong-name")
        return name
    if post is None or name is not None:
        raise SealError(f"A certificate {use.says} is made for a post.", code="wrong-name")
    if post.org != org:
        raise SealError(
            f"The authority of {org} cannot speak for {post}.",
            do="Let the authority of that organisation issue the certificate.",
            code="wrong-post",
        )
    return post.name


def _check_key(use: Use, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> None:
    if use is Use.LEGACY:
        fits = isinstance(key, rsa.RSAPublicKey) and key.key_size == RSA_BITS
    else:
        fits = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == P256.name
    if not fits:
        needed = "RSA with 3072 bits" if use is Use.LEGACY else "on P-256"
        raise SealError(f"A key {use.says} must be {needed}.", code="wrong-key")


def _key_usage(usages: tuple[str, ...]) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in usages for usage in KEY_USAGES})


def _whole_second(time: datetime) -> datetime:
    return time.replace(microsecond=0)
