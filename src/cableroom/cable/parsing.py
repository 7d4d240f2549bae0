"""From the text form to the cable, strictly: what could be read in two ways is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from cableroom.cable import document, paragraphs
from cableroom.cable.document import Cable, Draft
from cableroom.cable.grammar import FOOT_KEYS, HEADING_KEYS
from cableroom.cable.heading import DraftHead, Head
from cableroom.cable.keyed import (
    KEY_OF,
    Claims,
    Keyed,
    read_claims,
    read_cleared,
    read_digests,
    read_files,
    read_keyed,
    read_refs,
    read_sender,
)
from cableroom.cable.paragraphs import MAX_PARAGRAPHS, OutcomeLine, Paragraph
from cableroom.cable.parsing_paragraphs import read_paragraph
from cableroom.cable.spans import Span, read_blocks, read_lines
from cableroom.errors import DocumentError

T = TypeVar("T")

_DRAFT_NEEDS = ("FROM", "PRECEDENCE", "CLASSIFICATION", "SUBJECT")
_CABLE_NEEDS = ("MRN", "DTG", "FROM", "TO", "PRECEDENCE", "CLASSIFICATION", "POLICY", "SUBJECT")


def parse_cable(text: str) -> Cable:
    """The cable of a text, uncut; raises TextError with line, column, what is wrong and what to do."""
    source, draft = _parse(text, draft=False)
    return source.read(lambda: Cable.from_json(_released(draft, source).to_json()))


def parse_draft(text: str) -> Draft:
    """The draft of a text; raises TextError.

    It may lack number, time, policy, addressees, foot and digests; a value may go on in indented lines.
    """
    source, draft = _parse(text, draft=True)
    source.read(lambda: _check_draft(draft))
    return draft


@dataclass(slots=True)
class _Source:
    """The blocks of a text, to tell the place of a fault that is found only in the whole."""

    heading: Keyed
    paragraphs: list[list[Span]]
    foot: Keyed | None

    def read(self, make: Callable[[], T]) -> T:
        """`make()`; a DocumentError is told at the place in the text that it names."""
        try:
            return make()
        except DocumentError as fault:
            raise self.place(fault.where).told(fault) from None

    def place(self, where: str) -> Span:
        part, _, rest = where.partition(".")
        item = rest.partition(".")[0]
        if part == "head" and item in KEY_OF:
            return self.key(KEY_OF[item])
        if part == "paras" and item.isdigit() and int(item) <= len(self.paragraphs):
            return self.paragraphs[int(item) - 1][0]
        if part in ("refs", "files"):
            items = self.heading.items.get(part.upper(), [])
            return (
                items[int(item) - 1] if item.isdigit() and int(item) <= len(items) else self.key(part.upper())
            )
        return self.heading.lines[0]

    def key(self, key: str) -> Span:
        if key in HEADING_KEYS:
            return self.heading.place(key, HEADING_KEYS)
        return self.last_line if self.foot is None else self.foot.place(key, FOOT_KEYS)

    @property
    def last_line(self) -> Span:
        return self.paragraphs[-1][-1]


def _parse(text: str, *, draft: bool) -> tuple[_Source, Draft]:
    source = _blocks(text, draft=draft)
    heading, foot = source.heading, source.foot
    for key in _DRAFT_NEEDS if draft else _CABLE_NEEDS:
        if key not in heading.values:
            raise source.key(key).fault(f"{key} is missing.", f"Write {key}: and its value.", code="key")
    home = read_sender(heading).org
    claims = read_claims(heading, home)
    items = dict(heading.items)
    if foot is not None:
        claims |= read_claims(foot, home)
        items |= foot.items
    if "CLEARED" in items:
        claims["cleared_by"] = read_cleared(items["CLEARED"])
    digests = read_digests(items.get("DIGESTS", []), len(items.get("REFS", [])))
    if "CONCERNS" in digests:
        claims["concerns"] = digests["CONCERNS"]
    _check_concerns(source, claims)
    return source, Draft(
        DraftHead(**claims),
        read_refs(items.get("REFS", []), home, digests),
        read_files(items.get("FILES", [])),
        _paragraphs(source.paragraphs),
    )


def _blocks(text: str, *, draft: bool) -> _Source:
    """Heading, paragraphs and foot."""
    first, *rest = read_blocks(read_lines(text))
    foot = rest.pop() if rest and rest[-1][0].text.startswith(tuple(f"{key}:" for key in FOOT_KEYS)) else None
    heading = read_keyed(first, HEADING_KEYS, draft=draft)
    if not rest:
        raise first[-1].fault("There is no paragraph.", "Write 1. and the text behind an empty line.")
    if len(rest) > MAX_PARAGRAPHS:
        raise rest[MAX_PARAGRAPHS][0].fault(
            f"There are more than {MAX_PARAGRAPHS} paragraphs.", "Write two cables.", code="limit"
        )
    return _Source(heading, rest, None if foot is None else read_keyed(foot, FOOT_KEYS, draft=draft))


def _paragraphs(blocks: list[list[Span]]) -> tuple[Paragraph, ...]:
    found: list[Paragraph] = []
    instruction = 1
    for n, lines in enumerate(blocks, 1):
        found.append(read_paragraph(lines, n, instruction))
        instruction += found[-1].kind == "instruction"
    return tuple(found)


def _check_concerns(source: _Source, claims: Claims) -> None:
    if "concerns" in claims and "concerns_mrn" not in claims:
        raise source.key("DIGESTS").fault(
            "A digest stands for CONCERNS, and CONCERNS is missing.",
            "Write CONCERNS: and the number in the heading.",
        )


def _check_draft(draft: Draft) -> None:
    document.check_content(draft)
    paragraphs.read_paragraphs([paragraph.to_json() for paragraph in draft.paras], draft=True)


def _released(draft: Draft, source: _Source) -> Cable:
    """The cable that a complete text says; TextError names what it lacks."""
    head, home = draft.head, draft.head.from_.org
    if home is None:
        raise source.key("FROM").fault(
            "FROM does not name the organisation.", f"Write {head.from_.name}@ and the organisation's domain."
        )
    if head.released_by is None:
        raise source.key("RELEASED").fault(
            "RELEASED is missing.", "Write RELEASED: and the role in the foot."
        )
    _check_kind(head, source)
    letters = {ref.letter: ref.digest for ref in draft.refs}
    values = {each.name: getattr(head, each.name) for each in fields(head)}
    return Cable(
        Head(**values | {"from_": head.from_.at(home)}),
        draft.refs,
        draft.files,
        tuple(_answering(paragraph, letters, source) for paragraph in draft.paras),
    )


def _check_kind(head: DraftHead, source: _Source) -> None:
    if head.kind == "cable" and head.concerns_mrn is not None:
        raise source.key("CONCERNS").fault(
            "A plain cable concerns no other.", "Write its KIND, or take CONCERNS out."
        )
    if head.kind != "cable" and head.concerns_mrn is None:
        raise source.key("KIND").fault(
            f"A {head.kind} names the cable that it concerns.", "Write CONCERNS: and its number."
        )
    if head.concerns_mrn is not None and head.concerns is None:
        raise source.key("CONCERNS").fault(
            "The digest of the cable concerned is missing.",
            "Write DIGESTS: CONCERNS and 64 hex digits in the foot.",
        )
    if (head.precedence_info is None) != (not head.info):
        raise source.key("PRECEDENCE").fault(
            "There is a precedence for info exactly if there is an info addressee.",
            "Write PRECEDENCE: ACTION / INFO." if head.info else "Take it out.",
        )


def _answering(paragraph: Paragraph, letters: dict[str, str | None], source: _Source) -> Paragraph:
    """An outcome with the digest of the ref whose letter it names."""
    line = paragraph.line
    if not isinstance(line, OutcomeLine):
        return paragraph
    digest = letters.get(line.of)
    if digest is None:
        what = "has no digest" if line.of in letters else "is missing"
        raise source.paragraphs[paragraph.n - 1][0].fault(
            f"Ref {line.of} {what}.", "An outcome answers a ref with a digest: write both.", code="letter"
        )
    return replace(paragraph, line=replace(line, of=digest))
