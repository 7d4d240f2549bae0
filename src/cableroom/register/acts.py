"""The values of an append: an act goes in, an entry comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cableroom.register.blobs import Kept
from cableroom.register.entries import Actor

if TYPE_CHECKING:
    from cableroom.seal.cables import Opened

HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Turn:
    """What the ledger gives an act in its turn: its register, the index it will have, the time (UTC, ms)."""

    register: str
    index: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What an act has found: what its entry will say.

    `blob` are sealed bytes, or what `blobs.keep` made of them; `opened` is what they hold, for the
    projections alone; `answer` goes back to the caller with the entry and is not stored.
    """

    data: dict[str, Any]
    actor: Actor
    digest: str | None = None
    cause: int | None = None
    blob: bytes | Kept | None = None
    opened: Opened | None = None
    answer: object = None


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `run` is called in the writer, in the act's own savepoint, perhaps more than once.

    It may read and write rows, and refuses by raising a CableroomError; it touches no network and
    never waits. An act whose `key` is in the register already is not run, but answered with that entry.
    """

    register: str
    kind: str
    key: str
    run: Callable[[Turn], Facts]
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a register. `answer` and `repeated` belong to this call of `append`, not to the entry.

    `repeated` is true if the key was there already and nothing was added.
    """

    register: str
    index: int
    at: datetime
    kind: str
    key: str
    actor: Actor
    cause: int | None
    data: dict[str, Any]
    digest: str | None
    answer: object = field(default=None, compare=False)
    repeated: bool = field(default=False, compare=False)
