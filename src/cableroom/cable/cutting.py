"""The sender's cuts: into how small pieces a text can later be disclosed or withheld.

`cut` runs once, at release; receivers never cut. Cuts stand after sentences and round every name, number
and date, and leave no trace in the text form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cableroom.cable.canonical import encode
from cableroom.cable.characters import composed
from cableroom.cable.document import MAX_BYTES, MAX_SLOTS, Cable, count_slots
from cableroom.cable.paragraphs import MAX_SEGMENTS, InstructionLine, Paragraph, Segment
from cableroom.cable.sentences import sentence_ends

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_NUMBERS: Final = (
    r"[0-9]{6}[A-Z] [A-Z]{3} [0-9]{2}(?:[0-9]{2})?(?![0-9])",  # 271840Z OCT 1962
    rf"[0-9]{{1,2}} (?:{_MONTH})(?: [0-9]{{4}})?\b",  # 27 October 1962
    rf"(?:{_MONTH}) [0-9]{{1,2}}(?:, [0-9]{{4}})?(?![0-9])",  # October 27, 1962
    r"\d++(?:[.,:/-]\d++)*+",
)
# Segments a paragraph may have: the first that keeps the whole document within its limits.
_GRAINS: Final = (MAX_SEGMENTS, 250, 60, 15, 1)


def uncut(cable: Cable) -> Cable:
    """The cable with one segment a block: what a text says, however it was cut."""
    return replace(cable, paras=tuple(replace(each, segments=each.blocks) for each in cable.paras))


def cut(cable: Cable, names: Iterable[str] = ()) -> Cable:
    """The cable cut after sentences and round `names`, the names in its own openers, numbers and dates.

    Long paragraphs are cut more coarsely, so that no limit of the document is broken.
    """
    apart = _apart(cable, names)
    blocks = [[(block, _Cuts(block.t, apart)) for block in paragraph.blocks] for paragraph in cable.paras]
    for grain in _GRAINS:
        paras = (
            replace(paragraph, segments=_segments(cuts, grain))
            for paragraph, cuts in zip(cable.paras, blocks, strict=True)
        )
        found = replace(cable, paras=tuple(paras))
        if count_slots(found) <= MAX_SLOTS and len(encode(found.to_json())) <= MAX_BYTES:
            return found
    return uncut(cable)


def _apart(cable: Cable, names: Iterable[str]) -> re.Pattern[str]:
    """What is cut out of a text: names, longest first, then dates and numbers."""
    text = "\n".join(block.t for paragraph in cable.paras for block in paragraph.blocks)
    wanted = {composed(name) for name in names} | set(_own_names(cable.paras))
    present = sorted(
        (name for name in wanted if len(name) > 1 and name in text), key=lambda name: (-len(name), name)
    )
    return re.compile("|".join([*map(re.escape, present), *_NUMBERS]))


def _own_names(paragraphs: Iterable[Paragraph]) -> Iterable[str]:
    for paragraph in paragraphs:
        match paragraph.line:
            case None:
                continue
            case InstructionLine(target=first, authority=second):
                pass
            case line:
                first, second = line.by, line.to
        yield from (name for name in (first, second) if name)


class _Cuts:
    """Where one block may be cut: at the ends of sentences, and finer."""

    def __init__(self, text: str, apart: re.Pattern[str]) -> None:
        self.coarse = [at for at in sentence_ends(text) if _may_begin(text[at])]
        edges = {at for match in apart.finditer(text) for at in match.span() if 0 < at < len(text)}
        self.fine = sorted({*self.coarse, *(at for at in edges if _may_begin(text[at]))})


def _may_begin(char: str) -> bool:
    """No piece begins with a line end or with a mark that belongs to the character before it."""
    return char != "\n" and not unicodedata.category(char).startswith("M")


def _segments(blocks: list[tuple[Segment, _Cuts]], most: int) -> tuple[Segment, ...]:
    """The blocks cut into `most` segments at most, or one each if there are more blocks."""
    if len(blocks) + sum(len(cuts.fine) for _, cuts in blocks) <= most:
        chosen = [cuts.fine for _, cuts in blocks]
    else:
        room = max(most - len(blocks), 0)
        step = -(-sum(len(cuts.coarse) for _, cuts in blocks) // room) if room else 0
        chosen = [cuts.coarse[step - 1 :: max(step, 1)] if room else [] for _, cuts in blocks]
    return tuple(
        piece for (block, _), places in zip(blocks, chosen, strict=True) for piece in _pieces(block, places)
    )


def _pieces(block: Segment, places: list[int]) -> Iterable[Segment]:
    for start, end in zip([0, *places], [*places, len(block.t)], strict=True):
        yield Segment(block.q, block.t[start:end])
