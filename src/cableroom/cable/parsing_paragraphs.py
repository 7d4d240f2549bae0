"""From a block of lines to a paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from cableroom.cable import shapes
from cableroom.cable.characters import BLANKS
from cableroom.cable.grammar import MARK, NEEDS_ESCAPE
from cableroom.cable.openers import Opening, read_instruction, read_outcome
from cableroom.cable.paragraphs import InstructionLine, Paragraph, Segment, Text
from cableroom.cable.spans import Span

_NUMBER = re.compile(r"([1-9][0-9]{0,6})\. (?!\Z)")
_MARK = re.compile(MARK)
_INSTRUCTION = re.compile(r"ACTION [0-9]")
_OUTCOME = re.compile(r"OUTCOME OF [A-Z] ")
_COURTESY = re.compile(r"COURTESY TRANSLATION ([^ :]+):")

_AS_TEXT: Final = "Write \\ before it if it is text."


@dataclass(slots=True)
class _Body:
    """The blocks of a paragraph while its lines are read."""

    delivers: bool
    blocks: list[tuple[int | None, list[str]]] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    due: Span | None = None  # the line COURTESY TRANSLATION whose words must follow

    def add_text(self, line: str) -> None:
        if not self.blocks or self.blocks[-1][0] is not None:
            self.blocks.append((None, []))
        self.blocks[-1][1].append(line)

    def add_quoted(self, line: str, text: Text | None) -> None:
        """One more quoted line; `text` opens a quotation."""
        if text is not None:
            self.blocks.append((len(self.texts), []))
            self.texts.append(text)
        self.blocks[-1][1].append(line)

    @property
    def quoting(self) -> bool:
        return bool(self.blocks) and self.blocks[-1][0] is not None

    def segments(self, *, new_line: bool) -> tuple[Segment, ...]:
        """The blocks; text that began on a line of its own behind an opener begins with LF."""
        values = [Segment(q, "\n".join(lines)) for q, lines in self.blocks]
        if new_line and values and values[0].q is None:
            values[0] = Segment(None, "\n" + values[0].t)
        return tuple(values)


def read_paragraph(lines: list[Span], n: int, instruction: int) -> Paragraph:
    """The paragraph number `n`; if it is an instruction, its number is `instruction`. Raises TextError.

    An outcome's `of` is the letter as written, and DELIVER may lack its words: what a cable needs beyond
    a draft is asked later.
    """
    mark, first = _read_beginning(lines[0], n)
    opening = _read_opener(first, instruction)
    body = _Body(delivers=opening is not None and _delivers(opening))
    words = Text(None if opening is None else _language(opening), authoritative=body.delivers)
    inline = first if opening is None else opening.rest
    if inline.text:
        _read_text(inline, body, first=opening is None)
    for line in lines[1:]:
        _read_line(line, body, words)
    if body.due is not None:
        raise body.due.fault(
            "No words follow this line.", "Write the translation below it, each line behind > and a blank."
        )
    if opening is not None and opening.language is not None and not body.texts:
        raise opening.language.fault(
            "A language is named, but no words follow.", "Write the words, each line behind > and a blank."
        )
    return Paragraph(
        n=n,
        mark=mark,
        no=None if opening is None else opening.no,
        line=None if opening is None else opening.line,
        texts=tuple(body.texts),
        segments=body.segments(new_line=opening is not None and not inline.text),
    )


def _read_beginning(line: Span, n: int) -> tuple[str | None, Span]:
    """The mark, and what stands behind number and mark."""
    found = _NUMBER.match(line.text)
    if found is None:
        raise line.fault(
            "A paragraph begins with its number, a point and a blank.",
            f"Write {n}. and the text.",
            code="number",
        )
    if int(found[1]) != n:
        raise line.fault(f"This paragraph is number {n}, not {found[1]}.", f"Write {n}.", code="number")
    marked = _MARK.match(line.text, found.end())
    if marked is None:
        return None, line.part(found.end())
    return marked[1], line.part(marked.end())


def _read_opener(first: Span, instruction: int) -> Opening | None:
    if _OUTCOME.match(first.text):
        return read_outcome(first)
    if not _INSTRUCTION.match(first.text):
        return None
    opening = read_instruction(first)
    if opening.no != instruction:
        raise opening.no_at.fault(
            f"This instruction is number {instruction}, not {opening.no}.",
            f"Write ACTION {instruction}.",
            code="number",
        )
    return opening


def _delivers(opening: Opening) -> bool:
    return isinstance(opening.line, InstructionLine) and opening.line.act == "deliver"


def _language(opening: Opening) -> str | None:
    if opening.language is None:
        return None
    return opening.language.read(lambda text: shapes.language(text, ""))


def _read_line(line: Span, body: _Body, words: Text) -> None:
    """A line below the first: quoted, the head of a translation, or text."""
    text = line.text
    if text.startswith(">"):
        if len(text) > 1 and text[1] != " ":
            raise line.fault("A quoted line has a blank after its >.", "Put one blank behind the >.", at=1)
        _read_quoted(line, body, words)
    elif body.due is not None:
        raise line.fault(
            "Words must follow COURTESY TRANSLATION.", "Write each line of them behind > and a blank."
        )
    elif body.delivers and _COURTESY.fullmatch(text):
        if not body.texts:
            raise line.fault("The authoritative words come first.", "Write them before their translation.")
        body.due = line
    else:
        _read_text(line, body)


def _read_quoted(line: Span, body: _Body, words: Text) -> None:
    value = line.text[2:]
    if body.due is not None:
        found = _COURTESY.fullmatch(body.due.text)
        assert found is not None
        language = body.due.part(found.start(1), found.end(1)).read(lambda text: shapes.language(text, ""))
        body.add_quoted(value, Text(language))
        body.due = None
    elif body.quoting:
        body.add_quoted(value, None)
    elif body.delivers and body.texts:
        raise line.fault(
            "A second quotation in DELIVER is a translation.", "Write COURTESY TRANSLATION lang: above it."
        )
    else:
        body.add_quoted(value, words)


def _read_text(line: Span, body: _Body, *, first: bool = False) -> None:
    """A line of text; `first`: the one behind the number of a plain paragraph."""
    text = line.text
    if text[0] in BLANKS:
        raise line.fault("The line begins with a blank.", "Take the blank out.", code="blank")
    if text.startswith("\\"):
        if not NEEDS_ESCAPE.match(text, 1):
            raise line.fault("This line needs no \\ before it.", "Take the \\ out.", code="escape")
        text = text[1:]
    elif first and text.startswith(">"):
        raise line.fault(
            "A paragraph cannot begin with a quotation.", f"Begin with text. {_AS_TEXT}", code="escape"
        )
    else:
        needed = NEEDS_ESCAPE.match(text)
        if needed is not None:
            raise line.fault(
                f"A line of text cannot begin with {needed[0].strip(' ')!r}.",
                f"{_hint(needed[0])} {_AS_TEXT}",
                code="escape",
            )
    body.add_text(text)


def _hint(beginning: str) -> str:
    if beginning[0].isdigit():
        return "Leave an empty line before a new paragraph."
    if beginning.startswith(("ACTION", "OUTCOME")):
        return "An instruction or outcome opens a paragraph of its own."
    if beginning.startswith("COURTESY"):
        return "A translation belongs to DELIVER and ends in a colon: COURTESY TRANSLATION en:"
    if beginning.endswith(": "):
        return "A key stands in the heading or the foot, with an empty line between."
    return (
        "One mark stands behind the number of a paragraph."
        if beginning[0] == "("
        else "It would be read otherwise."
    )
