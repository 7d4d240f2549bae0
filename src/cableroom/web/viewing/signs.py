"""Small signs, and the frame of a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cableroom.web.wording import Words


@dataclass(frozen=True, slots=True)
class LabelView:
    """How closed something is. `number` orders levels; `ink` is how heavily the level is drawn."""

    level: str
    number: int
    ink: int
    categories: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrecedenceView:
    name: str
    ink: int


@dataclass(frozen=True, slots=True)
class StateView:
    word: str
    shape: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class DueView:
    """A deadline as people read it: `text` says it, `shape` is ``late``, ``soon`` or empty."""

    text: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text; `cover` marks a cover name that this reader may resolve."""

    text: str
    cover: bool = False


@dataclass(frozen=True, slots=True)
class CoverView:
    name: str
    meaning: str
    label: LabelView
    why: str


@dataclass(frozen=True, slots=True)
class MarkView:
    """The page mark: the highest label of what the page shows."""

    label: LabelView
    draft: bool = False
    exercise: str = ""


@dataclass(frozen=True, slots=True)
class RoomView:
    key: str
    url: str
    count: int = 0
    late: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class BandView:
    """What concerns the whole page. `kind`: flash, exercise, hold, held, late."""

    kind: str
    name: str
    lead: str = ""
    text: str = ""
    url: str = ""
    link: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class PageView:
    """The frame: who reads, at which post, which rooms, what mark, which bands."""

    words: Words
    title: str = ""
    post: str = ""
    post_about: str = ""
    home: str = "/"
    rooms: tuple[RoomView, ...] = ()
    person: str = ""
    role: str = ""
    mark: MarkView | None = None
    bands: tuple[BandView, ...] = ()
    print_url: str = ""
    flash_title: str = ""
    plain_sheet: bool = False
    now: datetime | None = None
