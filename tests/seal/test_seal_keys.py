from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from cableroom.errors import SealError
from cableroom.seal import keys

DIGEST = "c3" * 32


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (keys.new_signing_key, ec.EllipticCurvePrivateKey),
        (keys.new_opening_key, ec.EllipticCurvePrivateKey),
        (keys.new_log_key, ed25519.Ed25519PrivateKey),
    ],
)
def test_a_private_key_comes_back_as_what_it_was(make, kind) -> None:
    key = make()
    again = keys.private_key(keys.private_bytes(key), kind)
    assert keys.private_bytes(again) == keys.private_bytes(key)


def test_a_log_key_is_not_taken_for_a_signing_key_nor_the_other_way_round() -> None:
    with pytest.raises(SealError, match="another kind"):
        keys.private_key(keys.private_bytes(keys.new_log_key()))
    with pytest.raises(SealError, match="another kind"):
        keys.private_key(keys.private_bytes(keys.new_signing_key()), ed25519.Ed25519PrivateKey)


def _pkcs8(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "PKCS #8"),
        (b"0" * 80, "PKCS #8"),
        (_pkcs8(ec.generate_private_key(ec.SECP384R1())), "secp384r1"),
        (_pkcs8(ec.generate_private_key(ec.SECP256K1())), "secp256k1"),
        (_pkcs8(rsa.generate_private_key(65537, 2048)), "another kind"),
    ],
)
def test_private_bytes_of_anything_else_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(SealError, match=says):
        keys.private_key(data)


@given(st.binary(max_size=200), st.binary(max_size=40))
@settings(max_examples=50, deadline=None)
def test_what_is_wrapped_unwraps_with_its_key_and_its_about(secret: bytes, about: bytes) -> None:
    with_key = keys.new_archive_key()
    wrapped = keys.wrap(secret, with_key=with_key, about=about)
    assert keys.unwrap(wrapped, with_key=with_key, about=about) == secret
    for other_key, other_about in ((keys.new_archive_key(), about), (with_key, about + b"x")):
        with pytest.raises(SealError):
            keys.unwrap(wrapped, with_key=other_key, about=other_about)


def test_every_changed_byte_of_a_blob_is_noticed() -> None:
    key = keys.new_archive_key()
    blob = keys.seal_blob(b"sealed", key, DIGEST)
    assert keys.open_blob(blob, key, DIGEST) == b"sealed"
    for place in range(len(blob)):
        for bit in range(8):
            changed = bytearray(blob)
            changed[place] ^= 1 << bit
            with pytest.raises(SealError):
                keys.open_blob(bytes(changed), key, DIGEST)
    for length in range(len(blob)):
        with pytest.raises(SealError):
            keys.open_blob(blob[:length], key, DIGEST)


def test_a_blob_moved_to_another_digest_or_post_does_not_open() -> None:
    key = keys.new_archive_key()
    blob = keys.seal_blob(b"sealed", key, DIGEST)
    with pytest.raises(SealError, match="another"):
        keys.open_blob(blob, key, "c4" * 32)
    with pytest.raises(SealError, match="another"):
        keys.open_blob(blob, keys.new_archive_key(), DIGEST)


def test_two_boxes_of_one_secret_differ() -> None:
    key = keys.new_archive_key()
    assert keys.seal_blob(b"x", key, DIGEST) != keys.seal_blob(b"x", key, DIGEST)


def test_a_blob_is_not_taken_for_a_wrapped_key() -> None:
    key = keys.new_archive_key()
    with pytest.raises(SealError):
        keys.unwrap(keys.seal_blob(b"x", key, DIGEST), with_key=key, about=bytes.fromhex(DIGEST))


@pytest.mark.parametrize("digest", ["", "C3" * 32, "c3" * 31, "c3" * 33, "zz" * 32, " " + "c3" * 32])
def test_a_digest_of_another_form_is_refused(digest: str) -> None:
    with pytest.raises(SealError, match="64 lower-case"):
        keys.seal_blob(b"x", keys.new_archive_key(), digest)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(SealError, match="32 bytes"):
        keys.seal_blob(b"x", bytes(size), DIGEST)
