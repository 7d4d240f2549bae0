"""Paragraphs: plain text, an instruction or an outcome, with quotations and the sender's cuts.

A paragraph's text is a list of segments. A *block* is a run of segments with one `q`: None is text of the
paragraph, 0, 1, … are its quotations in order; a block's value is its segments joined with nothing between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from cableroom.cable import shapes
from cableroom.cable.address import PostRef
from cableroom.cable.canonical import minute
from cableroom.cable.characters import blank_at_edge, first_fault
from cableroom.cable.shapes import members, refuse

ACTS: Final = ("deliver", "inform", "obtain", "do", "report")
MANNERS: Final = ("verbatim", "talking points")
RESULTS: Final = ("carried out", "in part", "deferred", "refused", "impossible")
MAX_PARAGRAPHS: Final = 1000
MAX_SEGMENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text that is disclosed or withheld as one. `q` None: the paragraph's own; k: quotation k."""

    q: int | None
    t: str

    def to_json(self) -> dict[str, Any]:
        return {"q": self.q, "t": self.t}


@dataclass(frozen=True, slots=True)
class Text:
    """About one quotation: its language, and whether it is the authoritative one of the words to deliver."""

    language: str | None = None
    authoritative: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"authoritative": self.authoritative or None, "language": self.language}


@dataclass(frozen=True, slots=True)
class InstructionLine:
    """What opens an instruction. `posts` None: it is put to all action addressees."""

    act: str
    manner: str | None = None
    target: str | None = None
    what: str | None = None
    posts: tuple[PostRef, ...] | None = None
    urgent: bool = False
    by: datetime | None = None
    authority: str | None = None

    def fields_json(self) -> dict[str, Any]:
        return {
            "act": self.act,
            "by": None if self.by is None else minute(self.by),
            "manner": self.manner,
            "posts": None if self.posts is None else [post.to_json() for post in self.posts],
            "urgent": self.urgent or None,
        }

    def names_json(self) -> dict[str, Any]:
        return {"authority": self.authority, "target": self.target, "what": self.what}


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What opens an outcome. `of`: the digest of the cable that it answers; in a draft the ref's letter."""

    of: str
    result: str
    at: datetime | None = None
    by: str | None = None
    to: str | None = None
    next: datetime | None = None

    def fields_json(self) -> dict[str, Any]:
        return {
            "at": None if self.at is None else minute(self.at),
            "next": None if self.next is None else minute(self.next),
            "of": self.of,
            "result": self.result,
        }

    def names_json(self) -> dict[str, Any]:
        return {"by": self.by, "to": self.to}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One numbered paragraph. `line` None: plain text; `no`: the instruction's number, given or answered."""

    n: int
    mark: str | None = None
    no: int | None = None
    line: InstructionLine | OutcomeLine | None = None
    texts: tuple[Text, ...] = ()
    segments: tuple[Segment, ...] = ()

    @property
    def kind(self) -> str:
        """`text`, `instruction` or `outcome`."""
        if self.line is None:
            return "text"
        return "instruction" if isinstance(self.line, InstructionLine) else "outcome"

    @property
    def blocks(self) -> tuple[Segment, ...]:
        """The text as one segment a block: what `uncut` leaves."""
        return joined(self.segments)

    @property
    def text(self) -> str:
        """The paragraph's own text without its quotations, one block a line."""
        return "\n".join(block.t.removeprefix("\n") for block in self.blocks if block.q is None)

    @property
    def quotations(self) -> tuple[str, ...]:
        return tuple(block.t for block in self.blocks if block.q is not None)

    def to_json(self) -> dict[str, Any]:
        return {
            "mark": self.mark,
            "meta": {
                "fields": None if self.line is None else self.line.fields_json(),
                "kind": self.kind,
                "texts": [text.to_json() for text in self.texts] or None,
            },
            "n": self.n,
            "names": None if self.line is None else self.line.names_json(),
            "no": self.no,
            "segments": [segment.to_json() for segment in self.segments] or None,
        }


def joined(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The blocks of `segments`."""
    runs = groupby(segments, key=lambda segment: segment.q)
    return tuple(Segment(q, "".join(segment.t for segment in run)) for q, run in runs)


# From JSON. `draft` reads the `of` of an outcome as the letter of a ref instead of a digest.

PARAGRAPH_KEYS: Final = ("mark", "meta", "n", "names", "no", "segments")


def read_paragraphs(value: object, where: str = "paras", *, draft: bool = False) -> tuple[Paragraph, ...]:
    """`paras` of a document; raises DocumentError."""
    items = shapes.some(value, where)
    if len(items) > MAX_PARAGRAPHS:
        raise refuse(f"There are {len(items)} paragraphs, more than {MAX_PARAGRAPHS}.", where, code="limit")
    found = tuple(read_paragraph(item, f"{where}.{n}", draft=draft) for n, item in enumerate(items, 1))
    check_numbers(found, where)
    return found


def check_numbers(paragraphs: Iterable[Paragraph], where: str = "paras") -> None:
    """Paragraphs are numbered 1, 2, …, and so are the instructions among them."""
    instructions = 0
    for n, paragraph in enumerate(paragraphs, 1):
        if paragraph.n != n:
            raise refuse(f"This paragraph is number {n}, not {paragraph.n}.", f"{where}.{n}", code="number")
        if paragraph.kind == "instruction":
            instructions += 1
            if paragraph.no != instructions:
                raise refuse(
                    f"This instruction is number {instructions}, not {paragraph.no}.",
                    f"{where}.{n}",
                    f"Write ACTION {instructions}.",
                    code="number",
                )


def read_paragraph(value: object, where: str, *, draft: bool = False) -> Paragraph:
    """One of `paras`; raises DocumentError."""
    found = members(value, PARAGRAPH_KEYS, where)
    kind, line, texts = read_meta(found["meta"], found["names"], where, draft=draft)
    no = None if found["no"] is None else shapes.integer(found["no"], where, 1)
    if (no is None) != (kind == "text"):
        raise refuse(
            "An instruction or outcome has the number of an instruction, plain text has none.", where
        )
    paragraph = Paragraph(
        n=shapes.integer(found["n"], where, 1, MAX_PARAGRAPHS),
        mark=None if found["mark"] is None else shapes.mark(found["mark"], where),
        no=no,
        line=line,
        texts=texts,
        segments=() if found["segments"] is None else _read_segments(found["segments"], where),
    )
    _check_blocks(paragraph, where, draft=draft)
    return paragraph


def read_segment(value: object, where: str) -> Segment:
    """{q, t}; raises DocumentError."""
    found = members(value, ("q", "t"), where)
    q = None if found["q"] is None else shapes.integer(found["q"], where, 0, MAX_SEGMENTS)
    return Segment(q, shapes.string(found["t"], where, lines=True))


def read_meta(
    meta: object, names: object, where: str, *, draft: bool = False
) -> tuple[str, InstructionLine | OutcomeLine | None, tuple[Text, ...]]:
    """Kind, opening line and texts out of `meta` and `names`; raises DocumentError."""
    found = members(meta, ("fields", "kind", "texts"), where)
    kind = shapes.one_of("text", "instruction", "outcome")(found["kind"], where)
    listed = found["texts"]
    texts = () if listed is None else tuple(_read_text(item, where) for item in shapes.some(listed, where))
    if kind == "text":
        if found["fields"] is not None or names is not None:
            raise refuse("A paragraph of plain text has neither fields nor names.", where)
        return kind, None, texts
    if kind == "instruction":
        return kind, _read_instruction(found["fields"], names, where), texts
    return kind, _read_outcome(found["fields"], names, where, draft=draft), texts


def _read_text(value: object, where: str) -> Text:
    found = members(value, ("authoritative", "language"), where)
    language = None if found["language"] is None else shapes.language(found["language"], where)
    return Text(language, shapes.flag(found["authoritative"], where))


def _name(value: object, where: str) -> str | None:
    return None if value is None else shapes.line(value, where)


def _time(value: object, where: str) -> datetime | None:
    return None if value is None else shapes.time(value, where)


_NEEDS: Final = {"deliver": {"manner", "target"}, "inform": {"target"}, "obtain": {"what", "target"}}


def _read_instruction(fields: object, names: object, where: str) -> InstructionLine:
    found = members(fields, ("act", "by", "manner", "posts", "urgent"), where)
    named = members(names, ("authority", "target", "what"), where)
    manner, posts = found["manner"], found["posts"]
    line = InstructionLine(
        act=shapes.one_of(*ACTS)(found["act"], where),
        manner=None if manner is None else shapes.one_of(*MANNERS)(manner, where),
        target=_name(named["target"], where),
        what=_name(named["what"], where),
        posts=None if posts is None else shapes.unique(shapes.post_ref)(posts, where),
        urgent=shapes.flag(found["urgent"], where),
        by=_time(found["by"], where),
        authority=_name(named["authority"], where),
    )
    needs = _NEEDS.get(line.act, set())
    for part, given in (("manner", line.manner), ("target", line.target), ("what", line.what)):
        if (given is not None) != (part in needs):
            raise refuse(f"{line.act.upper()} {'lacks its' if part in needs else 'has no'} {part}.", where)
    return line


def _read_outcome(fields: object, names: object, where: str, *, draft: bool) -> OutcomeLine:
    found = members(fields, ("at", "next", "of", "result"), where)
    named = members(names, ("by", "to"), where)
    return OutcomeLine(
        of=(shapes.letter if draft else shapes.digest)(found["of"], where),
        result=shapes.one_of(*RESULTS)(found["result"], where),
        at=_time(found["at"], where),
        by=_name(named["by"], where),
        to=_name(named["to"], where),
        next=_time(found["next"], where),
    )


def _read_segments(value: object, where: str) -> tuple[Segment, ...]:
    items = shapes.some(value, where)
    if len(items) > MAX_SEGMENTS:
        raise refuse(f"There are {len(items)} segments, more than {MAX_SEGMENTS}.", where, code="limit")
    return tuple(read_segment(item, f"{where}.segments.{at}") for at, item in enumerate(items, 1))


def _check_blocks(paragraph: Paragraph, where: str, *, draft: bool) -> None:
    """Blocks alternate as in the text form, and each is a value that the text form can write."""
    blocks = paragraph.blocks
    quotations = [block.q for block in blocks if block.q is not None]
    if quotations != list(range(len(paragraph.texts))):
        raise refuse("The quotations are not those of `texts`, numbered 0, 1, … in order.", where)
    delivers = isinstance(paragraph.line, InstructionLine) and paragraph.line.act == "deliver"
    _check_texts(paragraph.texts, where, delivers=delivers, draft=draft)
    if paragraph.line is None and (not blocks or blocks[0].q is not None):
        raise refuse("A paragraph of plain text begins with text.", where)
    for place, block in enumerate(blocks):
        if block.q is None:
            opens = place == 0 and paragraph.line is not None
            check_text(block.t.removeprefix("\n") if opens else block.t, where)
        else:
            if not delivers and place and blocks[place - 1].q is not None:
                raise refuse("Two quotations have no text between them.", where)
            check_quotation(block.t, where)
        if len(paragraph.segments) != len(blocks):
            _check_composed(block.t, where)


def _check_composed(value: str, where: str) -> None:
    # Each segment was looked at alone; joined, two of them can still compose to another character.
    fault = first_fault(value, lines=True)
    if fault is not None:
        raise refuse(fault.what, where, fault.do, code=fault.code)


def _check_texts(texts: tuple[Text, ...], where: str, *, delivers: bool, draft: bool) -> None:
    if delivers and not texts and draft:
        return  # a draft may still lack its words; `check` asks for them
    if delivers:
        if not texts or not texts[0].authoritative:
            raise refuse(
                "DELIVER needs words, and the first ones are authoritative.",
                where,
                "Write them below the opener, each line behind > and a blank.",
                code="words",
            )
        if any(text.authoritative or text.language is None for text in texts[1:]):
            raise refuse("Each courtesy translation has a language and is not authoritative.", where)
    elif any(text.authoritative or text.language for text in texts):
        raise refuse("Only words to deliver have a language or are authoritative.", where)


def check_text(value: str, where: str) -> None:
    """A block of text: lines that are not empty, without a blank at either end."""
    for text in value.split("\n"):
        if not text:
            raise refuse("A text has an empty line.", where, "Begin a new paragraph.", code="empty-line")
        if blank_at_edge(text) is not None:
            raise refuse("A line begins or ends with a blank.", where, "Take the blank out.", code="blank")


def check_quotation(value: str, where: str) -> None:
    """A quotation: lines that may be empty or begin with a blank, but end with none."""
    for text in value.split("\n"):
        if text and blank_at_edge(text[-1]) is not None:
            raise refuse("A quoted line ends with a blank.", where, "Take the blank out.", code="blank")


def words(paragraph: Paragraph) -> Iterator[tuple[str | None, bool, str]]:
    """(language, authoritative, text) of each quotation."""
    for text, value in zip(paragraph.texts, paragraph.quotations, strict=True):
        yield text.language, text.authoritative, value
