"""The sealed bytes that belong to entries: small ones in the table, larger ones as files.

A file is on disk before the commit that names it, and is named by its SHA-256. Whatever
is read is hashed again first. Files that no row names are swept a day later.
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from cableroom.errors import Corrupt, Unavailable
from cableroom.register.durable import sync_folders, write_durably
from cableroom.register.models import Blob

INLINE_BYTES: Final = 256 * 1024
ORPHAN_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that a commit may name: small ones here, large ones durable in a file already."""

    sha256: str
    length: int
    content: bytes | None


def folder() -> Path:
    return Path(settings.HOME) / "blobs"


def path_of(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


def keep(data: bytes) -> Kept:
    """Make bytes ready to be named by an entry; large ones are written and synced here and now.

    Call it before `append`, so that the writer need not wait for the disk. Raises Unavailable if
    the disk does not take them.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if len(data) <= INLINE_BYTES:
        return Kept(sha256, len(data), data)
    path = path_of(sha256)
    try:
        if _holds(path, sha256):
            _make_sure(path)
        else:
            write_durably(path, data, below=Path(settings.HOME))
    except OSError as error:
        raise Unavailable(
            f"The data folder does not take {len(data)} bytes ({error.strerror}).",
            where=str(folder()),
            do="Look at its disk; nothing was registered.",
            code="blob-not-kept",
        ) from error
    return Kept(sha256, len(data), None)


def read(row: Blob) -> bytes:
    """The bytes of a blob, hashed again; Corrupt if they are missing or others."""
    where = f"{row.register}, entry {row.index}"
    if row.content is not None:
        data = bytes(row.content)
    else:
        try:
            data = path_of(row.sha256).read_bytes()
        except FileNotFoundError:
            raise Corrupt(f"The file of blob {row.sha256} is missing.", where=where) from None
        except OSError as error:
            raise Corrupt(f"Blob {row.sha256} cannot be read ({error.strerror}).", where=where) from error
    if len(data) != row.length or hashlib.sha256(data).hexdigest() != row.sha256:
        raise Corrupt("The stored blob is not the one that was registered.", where=where)
    return data


def sweep_orphans(*, older_than: float = ORPHAN_SECONDS) -> int:
    """Remove blob files that no entry names and that are older than so many seconds; how many."""
    removed = 0
    limit = time.time() - older_than
    for path in sorted(folder().glob("??/*")):
        if path.stat().st_mtime > limit:
            continue
        if not Blob.objects.filter(sha256=path.name, content__isnull=True).exists():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _holds(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def _make_sure(path: Path) -> None:
    """A file found there may be the rest of a crash: sync it, and keep the sweep from it."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    os.utime(path)
    sync_folders(path.parent, Path(settings.HOME))
