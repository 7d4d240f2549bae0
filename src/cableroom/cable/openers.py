"""The line that opens an instruction or an outcome: read from left to right, never backwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from cableroom.cable import shapes
from cableroom.cable.address import PostRef, parse_post
from cableroom.cable.grammar import CLAUSES, unquote
from cableroom.cable.paragraphs import ACTS, MANNERS, RESULTS, InstructionLine, OutcomeLine
from cableroom.cable.reference import parse_dtg
from cableroom.cable.spans import Span
from cableroom.errors import TextError

T = TypeVar("T")

_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*+)"')
_NUMBER = re.compile(r"[1-9][0-9]{0,14}(?![0-9])")
_TIME = re.compile(r"[^ :]{1,12}(?: [^ :]{1,12}(?: [^ :]{1,12})?)?")
_LANGUAGE = re.compile(r"[^ :]+")

_AS_TEXT: Final = "Or write \\ before the line if it is text."


@dataclass(frozen=True, slots=True)
class Opening:
    """What an opener says: the instruction's number, the line, the language of the words (with its
    place), and what follows the colon on the same line."""

    no: int
    no_at: Span
    line: InstructionLine | OutcomeLine
    language: Span | None
    rest: Span


class Scanner:
    """A place in a line, moving right."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.at = 0

    def take(self, words: str) -> bool:
        """Whether `words` stand here; if so, go past them."""
        found = self.span.text.startswith(words, self.at)
        self.at += len(words) if found else 0
        return found

    def need(self, words: str, do: str) -> None:
        if not self.take(words):
            raise self.fault(f"{words.strip() or 'One blank'} is missing here.", do)

    def fault(self, what: str, do: str) -> TextError:
        return self.span.fault(what, f"{do} {_AS_TEXT}", at=self.at)

    def match(self, form: re.Pattern[str], what: str, do: str) -> tuple[re.Match[str], Span]:
        found = form.match(self.span.text, self.at)
        if found is None:
            raise self.fault(what, do)
        self.at = found.end()
        return found, self.span.part(found.start(), found.end())

    def number(self) -> tuple[int, Span]:
        found, span = self.match(
            _NUMBER, "The number of the instruction is missing.", "Write ACTION 1, 2 and so on."
        )
        return int(found[0]), span

    def quoted(self) -> str:
        """A name in quotes, its `\\"` and `\\\\` read."""
        found, span = self.match(
            _QUOTED,
            "A name in quotes is missing here.",
            'Write "…", and \\" or \\\\ for a quote or \\ in it.',
        )
        inner = span.part(1, len(span.text) - 1)
        name = unquote(found[1])
        return inner.read(lambda _: shapes.line(name, ""))

    def time(self) -> datetime:
        _, span = self.match(_TIME, "A time is missing here.", "Write it as 281200Z OCT 26.")
        return span.read(parse_dtg)

    def posts(self) -> tuple[PostRef, ...]:
        """`POST, POST)`: the bracket is open already."""
        end = self.span.text.find(")", self.at)
        if end < 0:
            raise self.fault("The list of posts is not closed.", "Write FOR (POST, POST).")
        found: dict[PostRef, None] = {}
        for item in self.span.part(self.at, end).items():
            post = item.read(parse_post)
            if post in found:
                raise item.fault(f"{post.as_text()} stands twice.", "Name it once.", code="twice")
            found[post] = None
        self.at = end + 1
        return tuple(found)

    def word(self, words: tuple[str, ...], what: str) -> str:
        """One of `words` in capitals."""
        for word in words:
            if self.take(word.upper()):
                return word
        raise self.fault(f"No {what} stands here.", f"Write {', '.join(word.upper() for word in words)}.")

    def clause(self, words: str, read: Callable[[], T]) -> T | None:
        """What follows `words` if they stand here."""
        return read() if self.take(words) else None

    def close(self, clauses: str) -> Span:
        """The colon, and what stands behind it on the line."""
        if not self.take(":"):
            raise self.fault(
                "This opener cannot be read on from here.",
                f"Write the clauses in this order: {clauses}; then a colon.",
            )
        rest = self.span.part(self.at)
        if rest.text and not rest.text.startswith(" "):
            raise self.fault("Text follows the colon at once.", "Put one blank after the colon.")
        return rest.part(1)


def read_instruction(span: Span) -> Opening:
    """`ACTION n DELIVER …:`; raises TextError."""
    scan = Scanner(span)
    scan.need("ACTION ", "Write ACTION 1.")
    no, no_at = scan.number()
    scan.need(" ", "Write ACTION 1 DELIVER.")
    act = scan.word(ACTS, "act")
    manner = what = target = None
    if act == "deliver":
        scan.need(" ", "Write DELIVER VERBATIM TO or DELIVER TALKING POINTS TO.")
        manner = scan.word(MANNERS, "manner")
        scan.need(" TO ", f'Write DELIVER {manner.upper()} TO "…".')
        target = scan.quoted()
    elif act == "inform":
        scan.need(" ", 'Write INFORM "…".')
        target = scan.quoted()
    elif act == "obtain":
        scan.need(" ", 'Write OBTAIN "…" FROM "…".')
        what = scan.quoted()
        scan.need(" FROM ", 'Write OBTAIN "…" FROM "…".')
        target = scan.quoted()
    line = InstructionLine(
        act=act,
        manner=manner,
        target=target,
        what=what,
        posts=scan.clause(" FOR (", scan.posts),
        urgent=scan.take(" URGENT"),
        by=scan.clause(" BY ", scan.time),
        authority=scan.clause(" ON INSTRUCTIONS OF ", scan.quoted),
    )
    language = scan.clause(" IN ", lambda: _language(scan)) if act == "deliver" else None
    clauses = CLAUSES if act == "deliver" else CLAUSES.removesuffix(", IN")
    return Opening(no, no_at, line, language, scan.close(clauses))


def _language(scan: Scanner) -> Span:
    return scan.match(_LANGUAGE, "A language is missing here.", "Write IN es.")[1]


def read_outcome(span: Span) -> Opening:
    """`OUTCOME OF A ACTION n CARRIED OUT …:`; raises TextError."""
    scan = Scanner(span)
    scan.need("OUTCOME OF ", "Write OUTCOME OF A ACTION 1.")
    letter = span.text[scan.at]  # the caller has seen that a letter and a blank stand here
    scan.at += 1
    scan.need(" ACTION ", "Write OUTCOME OF A ACTION 1.")
    no, no_at = scan.number()
    scan.need(" ", "Write OUTCOME OF A ACTION 1 CARRIED OUT.")
    line = OutcomeLine(
        of=letter,
        result=scan.word(RESULTS, "result"),
        at=scan.clause(" AT ", scan.time),
        by=scan.clause(" BY ", scan.quoted),
        to=scan.clause(" TO ", scan.quoted),
        next=scan.clause(" NEXT ", scan.time),
    )
    return Opening(no, no_at, line, None, scan.close("AT, BY, TO, NEXT"))
