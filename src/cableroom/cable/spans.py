"""Runs of text that know where they stand, so that every fault is told with its line and column."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from cableroom.cable.characters import BLANKS, first_fault
from cableroom.errors import DocumentError, TextError

MAX_CHARACTERS = 2 * 2**20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of one line, or of several that a draft broke a value over.

    `places` are (offset in `text`, line, column) where each piece begins; lines and columns count from 1.
    """

    text: str
    places: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, text: str, line: int, column: int = 1) -> Span:
        return cls(text, ((0, line, column),))

    @classmethod
    def over(cls, pieces: Sequence[Span]) -> Span:
        """`pieces` of one line each, joined by one blank."""
        offsets = accumulate((len(piece.text) + 1 for piece in pieces), initial=0)
        places = tuple((at, *piece.places[0][1:]) for at, piece in zip(offsets, pieces, strict=False))
        return cls(" ".join(piece.text for piece in pieces), places)

    @property
    def line(self) -> int:
        return self.places[0][1]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of the character at `offset`."""
        start, line, column = self.places[self._piece(offset)]
        return line, column + offset - start

    def _piece(self, offset: int) -> int:
        return bisect_right(self.places, offset, key=lambda place: place[0]) - 1

    def fault(self, what: str, do: str = "", *, at: int = 0, code: str = "text") -> TextError:
        """The error to raise for a fault at offset `at`."""
        line, column = self.position(at)
        return TextError(what, line=line, column=column, do=do, code=code)

    def part(self, start: int, end: int | None = None) -> Span:
        """The piece from `start` to `end`."""
        text = self.text[start:end]
        first, last = self._piece(start), self._piece(start + len(text))
        places = tuple((at - start, line, column) for at, line, column in self.places[first + 1 : last + 1])
        return Span(text, ((0, *self.position(start)), *places))

    def read(self, reader: Callable[[str], T]) -> T:
        """`reader(text)`; what it finds wrong is told here."""
        try:
            return reader(self.text)
        except DocumentError as fault:
            raise self.told(fault) from None

    def told(self, fault: DocumentError) -> TextError:
        """What a shape finds wrong, told as a fault of the text here."""
        code = "text" if fault.code == "document" else fault.code
        return self.fault(
            fault.what, fault.do or "docs/reference/text-form.md says how it is written.", code=code
        )

    def items(self) -> Iterator[Span]:
        """The items between `, `, but not inside parentheses."""
        depth = start = 0
        text = self.text
        for at, char in enumerate(text):
            if char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
            elif char == "," and depth == 0 and text.startswith(" ", at + 1):
                yield self.part(start, at)
                start = at + 2
        yield self.part(start)


def read_lines(text: str) -> list[str]:
    """The lines of a text that keeps the rules for all texts; raises TextError.

    It is not too long, holds allowed characters alone, ends with exactly one LF, and no line ends with
    a blank.
    """
    if len(text) > MAX_CHARACTERS:
        raise TextError(
            f"The text is longer than {MAX_CHARACTERS} characters.", line=1, do="Shorten it.", code="limit"
        )
    fault = first_fault(text, lines=True)
    if fault is not None:
        at_line = text.count("\n", 0, fault.index) + 1
        column = fault.index - text.rfind("\n", 0, fault.index)
        raise TextError(fault.what, line=at_line, column=column, do=fault.do, code=fault.code)
    lines = text.split("\n")
    if lines.pop():
        raise TextError(
            "The text does not end with a line end.",
            line=len(lines) + 1,
            column=len(text) - text.rfind("\n"),
            do="End the last line.",
        )
    for number, line in enumerate(lines, 1):
        if line and line[-1] in BLANKS:
            raise TextError(
                "The line ends with a blank.",
                line=number,
                column=len(line),
                do="Take the blank out.",
                code="blank",
            )
    return lines


def read_blocks(lines: list[str]) -> list[list[Span]]:
    """Blocks of lines, parted by exactly one empty line; raises TextError."""
    blocks: list[list[Span]] = [[]]
    for number, line in enumerate(lines, 1):
        if line:
            blocks[-1].append(Span.of(line, number))
        elif blocks[-1]:
            blocks.append([])
        else:
            raise TextError(
                "An empty line stands where none belongs.",
                line=number,
                do="Leave exactly one empty line between two blocks, and none at the beginning or end.",
            )
    if not blocks[-1]:
        raise TextError(
            "The text is empty." if not lines else "An empty line stands at the end.",
            line=max(len(lines), 1),
            do="Begin with the heading." if not lines else "Take it out.",
        )
    return blocks
