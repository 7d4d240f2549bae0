"""What follows entries: projections, reactions, workers; each room hands in its own at start-up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models

from cableroom.errors import RegisterError
from cableroom.register import blobs
from cableroom.register.acts import HOUSE, Entry
from cableroom.register.models import Blob

if TYPE_CHECKING:
    from cableroom.seal.cables import Opened

SCOPES = ("post", "house", "all")
OPENED_KINDS = frozenset({"Released", "Received"})
"""Entries whose projections get the opened cable."""


class _Following:
    """What projection and reaction share: which entries concern them."""

    name: str
    kinds: frozenset[str] | None
    scope: str

    def concerns(self, register: str, kind: str) -> bool:
        return self.concerns_register(register) and (self.kinds is None or kind in self.kinds)

    def concerns_register(self, register: str) -> bool:
        return self.scope == "all" or (self.scope == "house") is (register == HOUSE)


@dataclass(frozen=True)
class Projection(_Following):
    """Entries → rows of its own `tables`, which no other projection writes.

    `apply(entry, opened)` knows no clock, network, random number or key; what it makes of an entry
    depends on entries of the same register alone, or does not depend on their order: a rebuild
    goes through one register after another. `within`: in the append's own transaction; else it
    follows behind, its cursor in its own commit. `kinds` None: all.
    """

    name: str
    kinds: frozenset[str] | None
    tables: tuple[type[models.Model], ...]
    apply: Callable[[Entry, Opened | None], None]
    within: bool = True
    scope: str = "post"


@dataclass(frozen=True)
class Reaction(_Following):
    """Answers an entry by another act, after the commit of its cause, in the order of the register.

    The acts of `run` must have the key `reaction_key(entry, name)` (with something after it if
    there are several), so that a second run is harmless. Never run in a rebuild.
    """

    name: str
    kinds: frozenset[str] | None
    run: Callable[[Entry], Any]
    scope: str = "post"


@dataclass(frozen=True)
class Worker:
    """Does something in the world or by the clock, every so many seconds; one process at a time.

    `run` answers with something true if there was something to do. Never run in a rebuild.
    """

    name: str
    every: float
    run: Callable[[], object]


def reaction_key(entry: Entry, name: str, more: str = "") -> str:
    """The key of an act that reaction `name` makes of `entry`."""
    return f"react:{entry.index}:{name}" + (f":{more}" if more else "")


_projections: dict[str, Projection] = {}
_reactions: dict[str, Reaction] = {}
_workers: dict[str, Worker] = {}
_opener: list[Callable[[Entry, bytes], Opened]] = []


def register_projection(projection: Projection) -> None:
    """Hand in a projection; RegisterError if its name or one of its tables is taken."""
    for other in _projections.values():
        if other == projection:
            return
        if other.name == projection.name or set(other.tables) & set(projection.tables):
            raise RegisterError(f"Projection {projection.name} collides with {other.name}.", code="twice")
    _check_scope(projection.name, projection.scope)
    _projections[projection.name] = projection


def register_reaction(reaction: Reaction) -> None:
    """Hand in a reaction; RegisterError if its name is taken."""
    if _reactions.setdefault(reaction.name, reaction) != reaction:
        raise RegisterError(f"There is a reaction {reaction.name} already.", code="twice")
    _check_scope(reaction.name, reaction.scope)


def register_worker(worker: Worker) -> None:
    """Hand in a worker; RegisterError if its name is taken."""
    if _workers.setdefault(worker.name, worker) != worker:
        raise RegisterError(f"There is a worker {worker.name} already.", code="twice")


def set_opener(opener: Callable[[Entry, bytes], Opened]) -> None:
    """Say how the blob of an entry Released or Received is opened (the directory has the keys)."""
    _opener[:] = [opener]


def opener() -> Callable[[Entry, bytes], Opened] | None:
    return _opener[0] if _opener else None


def opened_of(entry: Entry) -> Any:
    """What a projection gets beside an entry Released or Received: its blob, opened by the directory's keys.

    None for other kinds, and where there is no blob. Raises Corrupt, and what the opener raises.
    """
    opener = _opener[0] if _opener else None
    if entry.kind not in OPENED_KINDS or opener is None:
        return None
    row = Blob.objects.filter(register=entry.register, index=entry.index).first()
    return opener(entry, blobs.read(row)) if row is not None else None


def projections(*, within: bool | None = None) -> tuple[Projection, ...]:
    return tuple(p for p in _projections.values() if within is None or p.within is within)


def reactions() -> tuple[Reaction, ...]:
    return tuple(_reactions.values())


def workers() -> tuple[Worker, ...]:
    return tuple(_workers.values())


@contextlib.contextmanager
def only(*parts: Projection | Reaction | Worker, keep: bool = False) -> Iterator[None]:
    """For tests: these parts instead of those handed in (or, with `keep`, besides them)."""
    registries: tuple[dict[str, Any], ...] = (_projections, _reactions, _workers)
    saved = [dict(registry) for registry in registries]
    if not keep:
        for registry in registries:
            registry.clear()
    try:
        for part in parts:
            if isinstance(part, Projection):
                register_projection(part)
            elif isinstance(part, Reaction):
                register_reaction(part)
            else:
                register_worker(part)
        yield
    finally:
        for registry, before in zip(registries, saved, strict=True):
            registry.clear()
            registry.update(before)


def _check_scope(name: str, scope: str) -> None:
    if scope not in SCOPES:
        raise RegisterError(f'{name}: a scope is one of {", ".join(SCOPES)}, not "{scope}".', code="scope")
