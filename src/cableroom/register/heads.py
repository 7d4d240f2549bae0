"""Signing heads: the only writer of truth besides the append, and the only user of log keys.

A head is signed over committed entries alone and extends the last one signed; it is
committed, then noted outside the data folder, and only then handed out. So a killed process
leaves either nothing or a head that the next one extends, and a data folder brought back from
a backup is found out: the note outside is ahead of it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import Error as DatabaseTrouble
from django.db import transaction

from cableroom.errors import Corrupt, Fork, NotFound, ProofError, Unavailable, UnknownOutcome
from cableroom.register import leases, notes, tiles, tree
from cableroom.register import writer as _writer
from cableroom.register.durable import write_durably
from cableroom.register.models import EntryRow, Head, Register, TileRow

LEASE: Final = "worker:heads"
WAIT_SECONDS: Final = 20.0
POLL_SECONDS: Final = 0.02

log = logging.getLogger(__name__)

_log_key: list[Callable[[str], Ed25519PrivateKey]] = []
_one_at_a_time = threading.Lock()
_refused: dict[str, str] = {}  # origin → why no head of it is signed, so that it is logged once
_noted: dict[str, int] = {}  # origin → size of the head that this process has noted


def set_log_key(function: Callable[[str], Ed25519PrivateKey]) -> None:
    """Say where the log key of a register comes from (the directory keeps it; it may make it when asked)."""
    _log_key[:] = [function]


def log_key(register: str) -> Ed25519PrivateKey:
    if not _log_key:
        raise Unavailable("Nobody has said where log keys lie.", code="no-log-key")
    return _log_key[0](register)


def newest_head(register: str) -> str | None:
    """The newest checkpoint that we have signed, as a note; None before the first."""
    origin = _register(register).origin
    row = Head.objects.filter(origin=origin).order_by("-size").first()
    if row is None:
        return None
    note_outside(row.origin, row.size, row.note)  # its signer may have been killed before it did
    return row.note


def sign_head(register: str, *, wait: float = WAIT_SECONDS) -> str:
    """A checkpoint over everything that is committed now, as a note; a new one only if the tree has grown.

    Only the process with the lease signs; in another this waits for that one. Raises Unavailable if
    it does not come; Fork if the tree does not extend what was signed, here or noted outside the
    data folder; Corrupt if the stored tree contradicts itself; UnknownOutcome.
    """
    row = _register(register)
    target = row.size
    deadline = time.monotonic() + wait
    while True:
        newest = Head.objects.filter(origin=row.origin).order_by("-size").first()
        if newest is not None and newest.size >= target:
            note_outside(newest.origin, newest.size, newest.note)
            return newest.note
        had = leases.held(LEASE)
        if may_sign():
            try:
                return _sign(register)
            finally:
                if not had:
                    leases.release(LEASE)  # `serve` holds it; an act of the command line only borrows
        if time.monotonic() > deadline:
            raise Unavailable(
                "The process that signs heads does not answer.",
                do="Look whether `cableroom serve` runs; try again.",
                code="no-head",
            )
        time.sleep(POLL_SECONDS)


def head_covering(register: str, index: int, *, wait: float = WAIT_SECONDS) -> str:
    """A checkpoint that covers this entry, signing one if need be (a receipt may not go out before)."""
    newest = newest_head(register)
    if newest is not None and notes.read_checkpoint(notes.read_note(newest).text).size > index:
        return newest
    return sign_head(register, wait=wait)


def sign_grown_heads() -> int:
    """The worker: sign a head for each register that has grown since its last one; how many.

    A register that must not be signed (see `sign_head`) is logged and passed over.
    """
    signed = 0
    if not may_sign():
        return 0
    for row in Register.objects.order_by("name"):
        if Head.objects.filter(origin=row.origin, size=row.size).exists() or not row.size:
            continue
        try:
            _sign(row.name)
        except (Fork, Corrupt, Unavailable) as error:  # the other registers go on
            if _refused.get(row.origin) != error.code:
                log.critical("no head for %s: %s", row.name, error)
            _refused[row.origin] = error.code
        else:
            _refused.pop(row.origin, None)
            signed += 1
    return signed


def may_sign() -> bool:
    """Has this process the lease of the worker that signs, or can it have it?"""
    return leases.have(LEASE)


# -- one head --------------------------------------------------------------------------------


def _sign(register: str) -> str:
    key = log_key(register)
    committing = False
    with _one_at_a_time:
        try:
            with transaction.atomic(durable=True):
                head = _add_head(register, key)
                committing = True
        except DatabaseTrouble as error:
            if not committing:
                raise Unavailable("The database does not answer.", code="busy") from error
            _writer.fail(f"commit of a head: {type(error).__name__}")
            raise UnknownOutcome("The commit of a head failed; its outcome is unknown.") from error
        note_outside(head.origin, head.size, head.note)
    return head.note


def _add_head(register: str, key: Ed25519PrivateKey) -> Head:
    """The head of what is committed: the row's lock keeps the writer away until ours is."""
    row = Register.objects.select_for_update().get(name=register)
    try:
        root = tree.Frontier.from_bytes(row.size, bytes(row.frontier)).root()
    except ProofError as error:
        raise Corrupt(error.what, where=register) from error
    public = key.public_key()
    if notes.vkey_of(row.origin, public) != row.vkey:
        raise Corrupt("The log key is not the one that this register began with.", where=register)
    newest = Head.objects.filter(origin=row.origin).order_by("-size").first()
    node = node_reader(register)
    if newest is not None:
        _check_extends(register, newest.size, bytes(newest.root), row.size, root, node, "was signed")
    outside = read_outside(row.origin, row.vkey)
    if outside is not None and (newest is None or outside.text != _text_of(newest)):
        _check_extends(register, outside.size, outside.root, row.size, root, node, "is noted outside")
    if newest is not None and newest.size == row.size:
        return newest
    checkpoint = notes.Checkpoint(row.origin, row.size, root)
    return Head.objects.create(
        origin=row.origin, size=row.size, root=root, note=notes.sign_checkpoint(checkpoint, key)
    )


def _text_of(head: Head) -> str:
    return notes.Checkpoint(head.origin, head.size, bytes(head.root)).text


def _check_extends(
    register: str, old: int, old_root: bytes, size: int, root: bytes, node: tree.Node, how: str
) -> None:
    """Fork if the tree of `size` is not an extension of the head of `old` entries that `how`."""
    if old > size:
        raise Fork(
            f"The register has {size} entries, but a head of {old} {how}: entries are missing.",
            where=register,
            do="The data folder is older than its last head. Sign nothing; ask whoever restored it.",
        )
    try:
        if old:
            tree.verify_consistency(old, size, tree.consistency_proof(old, size, node), old_root, root)
    except ProofError as error:
        raise Fork(
            f"The register does not extend the head of {old} entries that {how}.",
            where=register,
            do="Sign nothing; run `cableroom register verify`.",
        ) from error


def node_reader(register: str) -> tree.Node:
    """The nodes of the stored tree: level 0 from the entries, the levels above from their tiles."""

    def row(level: int, number: int) -> list[bytes]:
        if level == 0:
            first = number * tiles.WIDTH
            leaves = (
                EntryRow.objects.filter(register=register, index__gte=first, index__lt=first + tiles.WIDTH)
                .order_by("index")
                .values_list("leaf", flat=True)
            )
            return [tree.leaf_hash(bytes(leaf)) for leaf in leaves]
        stored = TileRow.objects.filter(register=register, level=level, number=number).first()
        data = bytes(stored.hashes) if stored is not None else b""
        return tiles.read_hashes(data, len(data) // tree.HASH_BYTES)

    return tiles.nodes(row)


def _register(name: str) -> Register:
    row = Register.objects.filter(name=name).first()
    if row is None:
        raise NotFound(f"There is no register {name}.", code="no-register")
    return row


# -- the note outside the data folder --------------------------------------------------------


def outside_folder() -> Path:
    """`$XDG_STATE_HOME/cableroom/heads`, by default below ~/.local/state."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "cableroom" / "heads"


def read_outside(origin: str, vkey: str) -> notes.Checkpoint | None:
    """The head of this origin that is noted outside the data folder.

    Corrupt if the note does not hold, Unavailable if it cannot be read.
    """
    path = outside_folder() / hashlib.sha256(origin.encode()).hexdigest()
    data = _read_outside(path)
    if data is None:
        return None
    try:
        checkpoint = notes.verify_checkpoint(data, vkey)
    except ProofError as error:
        raise Corrupt(
            f"The head noted outside the data folder does not hold: {error.what}", where=str(path)
        ) from error
    return checkpoint


def note_outside(origin: str, size: int, note: str) -> None:
    """Note a head outside the data folder, unless a larger one is there; Unavailable if that fails."""
    if _noted.get(origin, -1) >= size:
        return
    folder = outside_folder()
    path = folder / hashlib.sha256(origin.encode()).hexdigest()
    there = _size_noted(path)
    if there >= size:
        _noted[origin] = there
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(path, note.encode(), below=folder)
    except OSError as error:
        raise _not_noted(folder, error) from error
    _noted[origin] = size


def _read_outside(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _not_noted(path.parent, error) from error


def _size_noted(path: Path) -> int:
    data = _read_outside(path)
    try:
        return notes.read_checkpoint(notes.read_note(data).text).size if data is not None else -1
    except ProofError:
        return -1


def _not_noted(folder: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"The head cannot be noted outside the data folder ({error.strerror}).",
        where=str(folder),
        do="Make that folder readable and writable; until then no head is handed out.",
        code="head-not-noted",
    )
