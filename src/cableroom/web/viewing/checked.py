"""Verification, the watch, the list of posts, and print."""

from __future__ import annotations

from dataclasses import dataclass

from cableroom.web.viewing.reading import ActView, FactView
from cableroom.web.viewing.signs import PrecedenceView, StateView


@dataclass(frozen=True, slots=True)
class VerdictLine:
    state: StateView
    text: str


@dataclass(frozen=True, slots=True)
class VerifyView:
    sentence: str
    about: str
    good: bool
    proved: tuple[VerdictLine, ...]
    unproved: tuple[VerdictLine, ...]
    failed: tuple[VerdictLine, ...] = ()
    facts: tuple[FactView, ...] = ()
    back: str = ""
    mrn: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    precedence: PrecedenceView
    number: str
    to: str
    channel: str
    waiting: str
    next: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class TroubleView:
    state: StateView
    title: str
    facts: tuple[str, ...]
    acts: tuple[ActView, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LineRow:
    post: str
    state: StateView
    road: str
    waiting: str
    last_in: str = ""
    last_out: str = ""


@dataclass(frozen=True, slots=True)
class WatchView:
    troubles: tuple[TroubleView, ...]
    lines: tuple[LineRow, ...]
    queue: tuple[QueueRow, ...]
    register: tuple[FactView, ...] = ()


@dataclass(frozen=True, slots=True)
class PostChoice:
    url: str
    name: str
    about: str
    roles: str
    waiting: int


@dataclass(frozen=True, slots=True)
class PrintView:
    """The margin boxes of a printed page: `corner` top start, `foot` bottom start, `proof` bottom end."""

    mark: str
    corner: str
    foot: str
    proof: str
