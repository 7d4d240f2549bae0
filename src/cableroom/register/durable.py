"""Bytes on disk that are there after a power cut, or an error that says they are not."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def write_durably(path: Path, data: bytes, *, below: Path) -> None:
    """Write `data` to `path` so that after the return it is there whatever happens.

    Temporary file, fsync, close (its error counts), rename, then fsync of every folder from that
    of `path` up to `below`, which must exist: a folder whose name is not on disk loses what is in
    it. Raises OSError; then nothing can be said but that the name holds old or new, never half.
    """
    _make_folders(path.parent, below)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folders(path.parent, below)


def sync_folders(folder: Path, below: Path) -> None:
    """fsync `folder` and its parents up to and with `below`."""
    while True:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if folder in (below, folder.parent):
            return
        folder = folder.parent


def _make_folders(folder: Path, below: Path) -> None:
    if folder in (below, folder.parent):
        return
    _make_folders(folder.parent, below)
    folder.mkdir(mode=0o700, exist_ok=True)
