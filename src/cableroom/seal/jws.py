"""Flattened JWS with ES256 (RFC 7515 §7.2.2, RFC 7518 §3.4): post cards, sheets, and the signature of a cable.

Strict: one algorithm, one exact protected header, RFC 8785 bytes throughout. A header never
chooses the key; the caller gives the certificate that it expects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from cableroom.cable.canonical import b64u, decode, encode, unb64u
from cableroom.errors import DocumentError, SealError
from cableroom.seal.algorithms import ECDSA, ORDER
from cableroom.seal.certificates import public_key

ALGORITHM = "ES256"
MAX_BYTES = 8 * 1024 * 1024

_RFC6979 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


@dataclass(frozen=True, slots=True)
class Unverified:
    """The parts of a JWS that nobody has verified yet: good for finding the certificate to verify it with."""

    protected: dict[str, Any]
    payload: dict[str, Any]
    header: dict[str, Any] | None
    signing_input: bytes
    signature: bytes


def thumbprint(certificate: bytes) -> str:
    """The value of `x5t#S256` (RFC 7515 §4.1.8): SHA-256 of the DER certificate, in b64u."""
    return b64u(hashlib.sha256(certificate).digest())


def sign_input(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """ES256 over `data`: r and s, 32 bytes each, deterministic after RFC 6979."""
    r, s = utils.decode_dss_signature(key.sign(data, _RFC6979))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify_input(certificate: bytes, data: bytes, signature: bytes) -> None:
    """Return if `signature` over `data` is by the key of `certificate`; else raise `SealError`.

    Only the key is taken from the certificate: whose it is, and whether it holds, `trust.judge` says.
    Either s verifies; r and s must lie in 1 … n-1.
    """
    if len(signature) != 64:
        raise _bad("An ES256 signature has 64 bytes.")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise _bad("r and s of the signature must lie in 1 … n-1.")
    try:
        public_key(certificate).verify(utils.encode_dss_signature(r, s), data, ECDSA)
    except InvalidSignature as error:
        raise _bad("The signature is not by the key of this certificate over these bytes.") from error


def sign(
    payload: Mapping[str, Any],
    *,
    typ: str,
    key: ec.EllipticCurvePrivateKey,
    header_extra: Mapping[str, Any] | None = None,
    unprotected: Mapping[str, Any] | None = None,
) -> bytes:
    """The flattened JWS of `payload`, as RFC 8785 bytes.

    The protected header is {"alg", "typ"} and the members of `header_extra` (a sheet's
    `x5t#S256`); `unprotected` becomes the member "header" (a card's `x5c`).
    """
    protected = b64u(_protected(typ, header_extra))
    body = b64u(encode(dict(payload)))
    signature = sign_input(key, f"{protected}.{body}".encode("ascii"))
    jws: dict[str, Any] = {"payload": body, "protected": protected, "signature": b64u(signature)}
    if unprotected is not None:
        jws["header"] = dict(unprotected)
    return encode(jws)


def verify(
    data: bytes,
    *,
    typ: str,
    certificate: bytes,
    header_extra: Mapping[str, Any] | None = None,
    max_bytes: int = MAX_BYTES,
) -> dict[str, Any]:
    """The payload of a JWS signed by the key of `certificate`, if all of it is exactly as `sign` writes it.

    The protected header must be {"alg": "ES256", "typ": typ} and `header_extra`, no more and
    no less. Raises `SealError` or, where it cannot be read, `DocumentError`.
    """
    parts = unverified(data, max_bytes=max_bytes)
    if encode(parts.protected) != _protected(typ, header_extra):
        raise _header_error(parts.protected, typ)
    verify_input(certificate, parts.signing_input, parts.signature)
    return parts.payload


def unverified(data: bytes, *, max_bytes: int = MAX_BYTES) -> Unverified:
    """Take a JWS apart without believing any of it. Raises `DocumentError`."""
    jws = decode(data, max_bytes=max_bytes)
    if not isinstance(jws, dict) or set(jws) - {"header"} != {"payload", "protected", "signature"}:
        raise DocumentError(
            "This is not a flattened JWS: its members are payload, protected, signature and, for a card, header."
        )
    header = jws.get("header")
    if not isinstance(header, dict | None):
        raise DocumentError("The header of this JWS is not a JSON object.")
    texts = [jws[name] for name in ("protected", "payload", "signature")]
    protected, payload = (decode(unb64u(text), max_bytes=max_bytes) for text in texts[:2])
    if not isinstance(protected, dict) or not isinstance(payload, dict):
        raise DocumentError("Header and payload of a JWS are JSON objects.")
    return Unverified(
        protected=protected,
        payload=payload,
        header=header,
        signing_input=f"{texts[0]}.{texts[1]}".encode("ascii"),
        signature=unb64u(texts[2], length=64),
    )


def _protected(typ: str, extra: Mapping[str, Any] | None) -> bytes:
    return encode({"alg": ALGORITHM, "typ": typ, **(extra or {})})


def _header_error(protected: dict[str, Any], typ: str) -> SealError:
    if protected.get("alg") != ALGORITHM:
        return _bad(f"The signature algorithm is {protected.get('alg')!r}; only {ALGORITHM} is read.")
    if protected.get("typ") != typ:
        return _bad(f"This is a {protected.get('typ')!r}, not a {typ!r}.")
    return _bad("The protected header is not the one that belongs to this kind of document.")


def _bad(what: str) -> SealError:
    return SealError(what, code="bad-jws")
