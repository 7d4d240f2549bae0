"""`append`, the way in, and what is read: the face of the register.

    entry = append(fact("mfa.example/CAPITAL", "Noted", key, actor=…, data=…))

Every act is handed to the process's one writer thread (writer.py) and answered after the commit.
"""

from __future__ import annotations

import atexit
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction
from django.db.models import Max

from cableroom.errors import NotFound, OpenTransaction, RegisterError
from cableroom.register import blobs, heads, notes
from cableroom.register import writer as _writer
from cableroom.register.acts import HOUSE, Act, Entry, Facts, Turn
from cableroom.register.entries import Actor
from cableroom.register.heads import head_covering, newest_head, set_log_key, sign_head
from cableroom.register.models import Blob, EntryRow, Register
from cableroom.register.writer import now, set_clock, set_end_process

__all__ = [
    "HOUSE",
    "Act",
    "Actor",
    "Entry",
    "Facts",
    "RegisterView",
    "Turn",
    "append",
    "append_all",
    "blob",
    "create_register",
    "entries",
    "entry",
    "fact",
    "find",
    "head_covering",
    "newest_head",
    "now",
    "registers",
    "set_clock",
    "set_end_process",
    "set_log_key",
    "sign_head",
    "size",
    "stop_writer",
    "view",
    "vkey",
    "wait_for_commit",
]

PAGE = 500


@dataclass(frozen=True, slots=True)
class RegisterView:
    """A register as others may know it: its name, its origin (line 1 of its checkpoints), its key."""

    name: str
    origin: str
    vkey: str


# -- writing ---------------------------------------------------------------------------------


def append(act: Act) -> Entry:
    """Hand in one act and wait until it is on disk; its entry.

    An act whose key is in the register already is answered with that entry (`repeated`).
    Raises what the act's `run` raised; RegisterError if the entry is not of its kind's form or a
    projection cannot take it; Unavailable if the database stays locked or away; OpenTransaction;
    UnknownOutcome if the commit failed (the process is ending).
    """
    _check_no_transaction()
    return _writer.writer.submit([act])[0].result()


def append_all(acts: Sequence[Act]) -> list[Entry]:
    """Hand in several acts at once, each for itself, in this order (but urgent ones first); their entries.

    All are answered before anything is raised; then the first refusal is.
    """
    _check_no_transaction()
    futures = _writer.writer.submit(list(acts))
    failed = [error for future in futures if (error := future.exception()) is not None]
    if failed:
        raise failed[0]
    return [future.result() for future in futures]


def fact(
    register: str,
    kind: str,
    key: str,
    *,
    actor: Actor,
    data: dict[str, Any],
    digest: str | None = None,
    cause: int | None = None,
    blob: bytes | blobs.Kept | None = None,
    opened: Any = None,
    urgent: bool = False,
) -> Act:
    """An act that states what is known already and depends on nothing. A large blob is written here."""
    kept = blobs.keep(blob) if isinstance(blob, bytes) else blob
    facts = Facts(data=data, actor=actor, digest=digest, cause=cause, blob=kept, opened=opened)
    return Act(register, kind, key, lambda turn: facts, urgent)


def create_register(
    name: str, *, org: str | None = None, log_key: Ed25519PrivateKey | Ed25519PublicKey | None = None
) -> RegisterView:
    """Begin a register: `house`, or `ORG/POST`. One that is there already is answered as it is.

    Its origin is `<org>/<post in lower case>/<8 random hex digits>`, so that no two installations
    share one; `org` is needed for `house` alone. The log key comes from the hook unless given.
    """
    _check_no_transaction()
    there = Register.objects.filter(name=name).first()
    if there is None:
        owner, _, post = name.rpartition("/") if name != HOUSE else (org or "", "", HOUSE)
        if not owner or not post:
            raise RegisterError(f'"{name}" names no register.', do="Write ORG/POST.", code="register-name")
        origin = f"{owner}/{post.lower().replace(' ', '-')}/{secrets.token_hex(4)}"
        key = log_key if log_key is not None else heads.log_key(name)
        public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
        try:
            with transaction.atomic():
                there = Register.objects.create(name=name, origin=origin, vkey=notes.vkey_of(origin, public))
        except IntegrityError:  # another process was first
            there = Register.objects.get(name=name)
    return RegisterView(there.name, there.origin, there.vkey)


def stop_writer() -> None:
    """End the writer thread once its queue is empty and close its connection; the next append starts anew."""
    _writer.writer.stop()


def wait_for_commit(seen: int, timeout: float) -> int:
    """Wait until this process has committed again since the count was `seen`, or so many seconds; the count."""
    return _writer.commits.wait(seen, timeout)


def _check_no_transaction() -> None:
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        raise OpenTransaction(
            "An append was called inside an open transaction; it would wait for itself.",
            do="Append first, or after the transaction.",
        )


# -- reading ---------------------------------------------------------------------------------


def registers() -> list[str]:
    """The names of all registers, the house first."""
    names = sorted(Register.objects.values_list("name", flat=True))
    return sorted(names, key=lambda name: name != HOUSE)


def view(register: str) -> RegisterView:
    """NotFound if there is no such register."""
    row = Register.objects.filter(name=register).first()
    if row is None:
        raise NotFound(f"There is no register {register}.", code="no-register")
    return RegisterView(row.name, row.origin, row.vkey)


def vkey(register: str) -> str:
    """The C2SP verifier key of the register's log key."""
    return view(register).vkey


def size(register: str) -> int:
    """How many entries it has, within an act also those of its own group."""
    last = EntryRow.objects.filter(register=register).aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def entry(register: str, index: int) -> Entry:
    """NotFound if there is none."""
    row = EntryRow.objects.filter(register=register, index=index).first()
    if row is None:
        raise NotFound(f"There is no entry {index} in register {register}.", code="no-entry")
    return _writer.entry_of(row)


def find(register: str, key: str) -> Entry | None:
    """The entry with this key."""
    row = EntryRow.objects.filter(register=register, key=key).first()
    return _writer.entry_of(row) if row is not None else None


def entries(
    register: str,
    *,
    after: int = -1,
    kinds: Iterable[str] | None = None,
    digest: str | None = None,
    limit: int | None = None,
) -> Iterator[Entry]:
    """The entries after an index, in order, read page by page."""
    rows = EntryRow.objects.filter(register=register).order_by("index")
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    if digest is not None:
        rows = rows.filter(digest=digest)
    left = limit
    while left is None or left > 0:
        page = list(rows.filter(index__gt=after)[: PAGE if left is None else min(PAGE, left)])
        for row in page:
            yield _writer.entry_of(row)
        if len(page) < PAGE:
            return
        after = page[-1].index
        left = None if left is None else left - len(page)


def blob(register: str, index: int) -> bytes | None:
    """The sealed bytes of an entry, hashed again first; None if it has none. Corrupt if they are others."""
    row = Blob.objects.filter(register=register, index=index).first()
    return blobs.read(row) if row is not None else None


atexit.register(stop_writer)
