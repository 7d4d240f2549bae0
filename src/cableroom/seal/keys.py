"""Private keys as values, and the two AES-256-GCM boxes they and the blobs lie in.

A key has one kind: ECDSA/ECDH on P-256 for certificates, Ed25519 for the log, 32 bytes
for an archive. Where private bytes are kept, and who may use them, is not known here.

Both boxes are ``0x01 || nonce (12) || ciphertext || tag (16)``, with a random nonce.
"""

from __future__ import annotations

import secrets
from typing import overload

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cableroom.errors import SealError

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

ARCHIVE_KEY_BYTES = 32
_BOX_VERSION = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_WRAP_PREFIX = b"cableroom/wrap/1\0"


def new_signing_key() -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key for signatures (authority, release, system, line)."""
    return ec.generate_private_key(ec.SECP256R1())


def new_opening_key() -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key for key agreement. It opens envelopes and signs nothing."""
    return ec.generate_private_key(ec.SECP256R1())


def new_log_key() -> ed25519.Ed25519PrivateKey:
    """A fresh Ed25519 key for the checkpoints of one register."""
    return ed25519.Ed25519PrivateKey.generate()


def new_archive_key() -> bytes:
    """32 fresh random bytes: the AES-256 key of one post's blobs."""
    return secrets.token_bytes(ARCHIVE_KEY_BYTES)


def private_bytes(key: PrivateKey) -> bytes:
    """PKCS #8 in DER, *not* encrypted: wrap it before it is stored."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@overload
def private_key(data: bytes) -> ec.EllipticCurvePrivateKey: ...
@overload
def private_key(data: bytes, kind: type[ec.EllipticCurvePrivateKey]) -> ec.EllipticCurvePrivateKey: ...
@overload
def private_key(data: bytes, kind: type[ed25519.Ed25519PrivateKey]) -> ed25519.Ed25519PrivateKey: ...


def private_key(data: bytes, kind: type[PrivateKey] = ec.EllipticCurvePrivateKey) -> PrivateKey:
    """The key in the PKCS #8 bytes `data`, which must be of `kind`.

    The default kind is a P-256 key; a log key is read with `Ed25519PrivateKey`, so that
    neither can be taken for the other. Raises `SealError` otherwise.
    """
    try:
        key = serialization.load_der_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SealError(
            "These bytes are not an unencrypted PKCS #8 private key.", code="bad-private-key"
        ) from error
    if not isinstance(key, kind):
        raise SealError(
            f"This private key is of another kind: {kind.__name__} was expected.", code="bad-private-key"
        )
    if isinstance(key, ec.EllipticCurvePrivateKey) and not isinstance(key.curve, ec.SECP256R1):
        raise SealError(
            f"This private key is on the curve {key.curve.name}; only P-256 is used.", code="bad-private-key"
        )
    return key


def public_bytes(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    """The SubjectPublicKeyInfo of `key` in DER (RFC 5280 §4.1)."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def wrap(secret: bytes, *, with_key: bytes, about: bytes) -> bytes:
    """`secret` encrypted under the 32-byte `with_key`; `about` says what it is, and binds it.

    The associated data is ``"cableroom/wrap/1" || 0x00 || about``: a wrapped key that is
    moved to another place, whose `about` differs, does not unwrap.
    """
    return _box(secret, with_key, _WRAP_PREFIX + about)


def unwrap(wrapped: bytes, *, with_key: bytes, about: bytes) -> bytes:
    """The secret of `wrap`. Raises `SealError` if key, bytes or `about` are others."""
    return _unbox(wrapped, with_key, _WRAP_PREFIX + about, "The wrapped key")


def seal_blob(data: bytes, key: bytes, digest: str) -> bytes:
    """`data` encrypted with a post's archive key; the 32 bytes of `digest` are associated data."""
    return _box(data, key, _digest_bytes(digest))


def open_blob(blob: bytes, key: bytes, digest: str) -> bytes:
    """The data of `seal_blob`. Raises `SealError` if key, bytes or digest are others."""
    return _unbox(blob, key, _digest_bytes(digest), "The blob")


def _digest_bytes(digest: str) -> bytes:
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        raw = b""
    if len(raw) != 32 or raw.hex() != digest:
        raise SealError("A digest is 64 lower-case hexadecimal digits.", code="bad-digest")
    return raw


def _box(data: bytes, key: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _BOX_VERSION + nonce + _aes(key).encrypt(nonce, data, associated)


def _unbox(box: bytes, key: bytes, associated: bytes, what: str) -> bytes:
    if len(box) < 1 + _NONCE_BYTES + _TAG_BYTES or box[:1] != _BOX_VERSION:
        raise SealError(f"{what} has not the form that this program writes.", code="not-opened")
    nonce, sealed = box[1 : 1 + _NONCE_BYTES], box[1 + _NONCE_BYTES :]
    try:
        return _aes(key).decrypt(nonce, sealed, associated)
    except InvalidTag as error:
        raise SealError(
            f"{what} does not open: the key, the bytes or what they belong to is another.", code="not-opened"
        ) from error


def _aes(key: bytes) -> AESGCM:
    if len(key) != ARCHIVE_KEY_BYTES:
        raise SealError("An AES-256 key has 32 bytes.", code="bad-key")
    return AESGCM(key)
