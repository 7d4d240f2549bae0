"""Opening what the registers keep: the blob of a cable, with the archive key of its post."""

from __future__ import annotations

from cableroom.directory import keystore
from cableroom.errors import SealError
from cableroom.register.ledger import Entry
from cableroom.seal import cables, keys
from cableroom.seal.cables import Opened


def open_blob(entry: Entry, blob: bytes) -> Opened:
    """The cable of an entry Released or Received, whatever archive key it was encrypted with.

    It was verified before it was registered, and is read again without asking whether its signer
    is still good. Raises `SealError` if no key of the post opens it.
    """
    return cables.open_without_trust(unseal(entry.register, blob, entry.digest or ""))


def unseal(register: str, blob: bytes, digest: str) -> bytes:
    """The bytes of a sealed blob of that register. Raises `SealError` if no key of the post opens it."""
    for key in keystore.archive_keys(register):
        try:
            return keys.open_blob(blob, key, digest)
        except SealError:
            continue
    raise SealError(
        "No archive key of this post opens the blob.", where=f"{register}, {digest[:12]}", code="not-opened"
    )
