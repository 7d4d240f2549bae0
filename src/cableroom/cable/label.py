"""The label of a cable (classification, categories, captions) and the portion marks of its paragraphs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from cableroom.errors import DocumentError

_MARK = re.compile(r"[A-Z](?:[A-Z0-9/ -]{0,30}[A-Z0-9/-])?")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a policy: `S`, `SECRET`, 4. A greater `number` is more secret."""

    letter: str
    level: str
    number: int


@dataclass(frozen=True, slots=True)
class Label:
    """What decides who may read a cable."""

    classification: str
    categories: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PortionMark:
    """A paragraph's own classification: the letter of a level, then handling words: `S/EYES ONLY`."""

    letter: str
    handling: tuple[str, ...] = ()


def level_named(levels: Iterable[Level], name: str) -> Level | None:
    """The level called `name` (`SECRET`), or None."""
    return next((level for level in levels if level.level == name), None)


def level_lettered(levels: Iterable[Level], letter: str) -> Level | None:
    """The level of a portion letter (`S`), or None."""
    return next((level for level in levels if level.letter == letter), None)


def dominates(number: int, categories: Collection[str], label: Label, *, levels: Iterable[Level]) -> bool:
    """Whether a clearance (`number` of its level, `categories`) covers the whole `label`.

    A classification that the policy (`levels`) does not know is covered by nothing. Captions are rules of
    their own and are not asked here.
    """
    level = level_named(levels, label.classification)
    return level is not None and number >= level.number and set(label.categories) <= set(categories)


def check_mark(text: str) -> str:
    """`text` if it has the form of a portion mark, else DocumentError."""
    if not _MARK.fullmatch(text):
        raise DocumentError(
            f"{text[:80]!r} is no portion mark.",
            do="Write a capital letter, then at most 31 capitals, digits, blanks, / or -.",
            code="mark",
        )
    return text


def parse_mark(text: str) -> PortionMark:
    """The letter and the handling words of a mark: `S`, `S/NOFORN`, `S//EYES ONLY`. Raises DocumentError."""
    letter, *handling = (part.strip(" ") for part in check_mark(text).split("/"))
    return PortionMark(letter, tuple(word for word in handling if word))
