"""The places of a signed document: its levels, their slots and what stands in them.

A *level* (refs, files, paragraphs, segments of one paragraph) has N slots, a power of two
and at least twice its items. The items stand, in order, at secret places; every other slot
is a pad. To a reader a closed pad and a closed item are the same, so the number of what is
withheld stays between bounds. Names and sizes: docs/reference/disclosure.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cableroom.cable.document import FEWEST_SLOTS, MAX_FILES, MAX_REFS, MAX_SLOTS, slots
from cableroom.cable.heading import CLAIMS
from cableroom.cable.paragraphs import MAX_PARAGRAPHS, MAX_SEGMENTS

JWS_TYP = "cable+sd-jwt"
SALT_BYTES = 32
JTI_BYTES = 16
SLOTS_IN_ALL = MAX_SLOTS

HEAD_CLAIMS = tuple(sorted(CLAIMS))
"""The claims of the heading, all always there, in the order of their names."""


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of slot. `claims` are the disclosures inside an item, in traversal order.

    `place` is its word in the places that a reviewer names ("paras/2"), `payload` its member
    of the payload (None: nested), `order` the claims that tell an item's number.
    """

    place: str
    payload: str | None
    letter: str
    minimum: int
    most: int
    claims: tuple[str, ...]
    order: tuple[str, ...]
    one: str
    many: str

    def size(self, items: int) -> int:
        """N, the number of slots for so many items."""
        return slots(items, self.minimum)

    @property
    def largest(self) -> int:
        """The largest N that a document within the limits can have."""
        return self.size(self.most)

    def name(self, slot: int) -> str:
        """The name of a slot: its letter and four decimal digits."""
        return _NAMES[self.letter][slot]

    def slot(self, name: str, size: int) -> int | None:
        """The slot of that name, or None if it is none of a level with `size` slots."""
        digits = name[1:]
        if len(name) != 5 or name[0] != self.letter or not (digits.isascii() and digits.isdigit()):
            return None
        number = int(digits)
        return number if number < size else None

    def fits(self, size: int) -> bool:
        """Is `size` a number of slots that this level can have?"""
        return self.minimum <= size <= self.largest and size & (size - 1) == 0


REFS = Level(
    "refs", "refs", "r", FEWEST_SLOTS["refs"], MAX_REFS, ("letter", "ref"), ("letter",), "ref", "refs"
)
FILES = Level("files", "files", "f", FEWEST_SLOTS["files"], MAX_FILES, ("n", "file"), ("n",), "file", "files")
PARAS = Level(
    "paras",
    "body",
    "p",
    FEWEST_SLOTS["paras"],
    MAX_PARAGRAPHS,
    ("mark", "meta", "n", "names", "no"),
    ("n", "no"),
    "paragraph",
    "paragraphs",
)
SEGMENTS = Level(
    "segments", None, "s", FEWEST_SLOTS["segments"], MAX_SEGMENTS, (), (), "piece of text", "pieces of text"
)

LEVELS = (REFS, FILES, PARAS)
"""The levels of the payload, in traversal order."""


_NAMES = {
    level.letter: tuple(f"{level.letter}{slot:04d}" for slot in range(level.largest))
    for level in (*LEVELS, SEGMENTS)
}


def regions(shown: Sequence[int], size: int) -> list[tuple[int, int]]:
    """The runs of slots between shown items: [start, end) for each, in order, also empty ones.

    `shown` are the slots of the shown items, ascending; one more region than there are items.
    """
    edges = [-1, *shown, size]
    return [(left + 1, right) for left, right in pairwise(edges)]
