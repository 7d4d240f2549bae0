"""From the cable to its text: one way of writing each thing, so that all who print it print the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from cableroom.cable.address import Addressee
from cableroom.cable.document import Cable, Draft
from cableroom.cable.grammar import FOOT_KEYS, HEADING_KEYS, escape, quote
from cableroom.cable.heading import DraftHead, Exercise, Officer, PolicyRef
from cableroom.cable.paragraphs import InstructionLine, OutcomeLine, Paragraph
from cableroom.cable.reference import MrnRef, print_dtg


def print_cable(cable: Cable) -> str:
    """The text form of a cable. Cuts leave no trace in it."""
    return _print(cable)


def print_draft(draft: Draft) -> str:
    """The text form of a draft: what is missing is left out."""
    return _print(draft)


def _print(content: Cable | Draft) -> str:
    head = "\n".join(_keyed(HEADING_KEYS, HEADING_ITEMS, content))
    foot = "\n".join(_keyed(FOOT_KEYS, FOOT_ITEMS, content))
    letters = _letters(content)
    blocks = [head, *(_paragraph(paragraph, letters) for paragraph in content.paras)]
    return "\n\n".join([*blocks, foot] if foot else blocks) + "\n"


def _letters(content: Cable | Draft) -> dict[str, str]:
    """Digest to letter; in a draft the outcomes name the letter already."""
    if isinstance(content, Draft):
        return {}
    return {ref.digest: ref.letter for ref in content.refs if ref.digest}


_Items = Callable[[Cable | Draft], Iterable[str]]


def _keyed(keys: Iterable[str], table: dict[str, _Items], content: Cable | Draft) -> Iterator[str]:
    for key in keys:
        items = list(table[key](content))
        if items:
            indented = "\n" + " " * (len(key) + 2)
            yield f"{key}: {indented.join(items)}"


def _one(read: Callable[[DraftHead], str | None]) -> _Items:
    def items(content: Cable | Draft) -> Iterator[str]:
        value = read(content.head)
        if value is not None:
            yield value

    return items


def _listed(listed: Iterable[str]) -> str | None:
    return ", ".join(listed) or None


def _to(addressees: Iterable[Addressee]) -> str | None:
    return _listed(addressee.as_text() for addressee in addressees)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else print_dtg(moment)


def _told(part: Officer | PolicyRef | Exercise | None) -> str | None:
    return None if part is None else part.as_text()


def _number(mrn: MrnRef | None, head: DraftHead) -> str | None:
    return None if mrn is None else mrn.print(head.from_.org)


def _precedence(head: DraftHead) -> str:
    info = head.precedence_info
    return head.precedence_action.name + ("" if info is None else f" / {info.name}")


def _digests(content: Cable | Draft) -> Iterator[str]:
    if content.head.concerns:
        yield f"CONCERNS {content.head.concerns}"
    for ref in content.refs:
        if ref.digest:
            yield f"{ref.letter} {ref.digest}"


HEADING_ITEMS: Final[dict[str, _Items]] = {
    "MRN": _one(lambda head: _number(head.mrn, head)),
    "DTG": _one(lambda head: _time(head.dtg)),
    "FROM": _one(lambda head: head.from_.as_text()),
    "TO": _one(lambda head: _to(head.to)),
    "INFO": _one(lambda head: _to(head.info)),
    "XMT": _one(lambda head: _to(head.xmt)),
    "ON BEHALF OF": _one(lambda head: head.on_behalf_of),
    "PRECEDENCE": _one(_precedence),
    "CLASSIFICATION": _one(lambda head: head.classification),
    "CATEGORIES": _one(lambda head: _listed(head.categories)),
    "CAPTIONS": _one(lambda head: _listed(head.captions)),
    "POLICY": _one(lambda head: _told(head.policy)),
    "DECLASSIFY ON": _one(lambda head: head.declassify_on),
    "TAGS": _one(lambda head: _listed(head.tags)),
    "LANGUAGE": _one(lambda head: head.language),
    "KIND": _one(lambda head: None if head.kind == "cable" else head.kind.upper()),
    "CONCERNS": _one(lambda head: _number(head.concerns_mrn, head)),
    "EXERCISE": _one(lambda head: _told(head.exercise)),
    "SUBJECT": _one(lambda head: head.subject),
    "REFS": lambda content: [ref.as_text() for ref in content.refs],
    "FILES": lambda content: [file.as_text() for file in content.files],
    "REPORT BY": _one(lambda head: _time(head.report_by)),
    "REPLY BY": _one(lambda head: _time(head.reply_by)),
    "EXPIRES": _one(lambda head: _time(head.expires)),
    "ORIGINATOR REFERENCE": _one(lambda head: head.originator_reference),
    "HANDLING": _one(lambda head: head.handling),
}
FOOT_ITEMS: Final[dict[str, _Items]] = {
    "DRAFTED": _one(lambda head: _told(head.drafted_by)),
    "CLEARED": lambda content: [officer.as_text() for officer in content.head.cleared_by],
    "RELEASED": _one(lambda head: _told(head.released_by)),
    "DIGESTS": _digests,
    "SIGNED": _one(lambda head: head.signed_as),
}


def _paragraph(paragraph: Paragraph, letters: dict[str, str]) -> str:
    mark = "" if paragraph.mark is None else f"({paragraph.mark}) "
    opener = "" if paragraph.line is None else _opener(paragraph, letters)
    return f"{paragraph.n}. {mark}{opener}{_body(paragraph)}"


def _body(paragraph: Paragraph) -> str:
    """The blocks, each line of text escaped and each of a quotation behind `> `.

    Text that follows an opener on its line stands behind a blank; its value begins with LF if it stands
    on a line of its own.
    """
    lines: list[str] = []
    inline = ""
    for place, block in enumerate(paragraph.blocks):
        if block.q is not None:
            if block.q and paragraph.texts[block.q].language:
                lines.append(f"COURTESY TRANSLATION {paragraph.texts[block.q].language}:")
            lines += [f"> {line}" if line else ">" for line in block.t.split("\n")]
        elif place == 0 and not (paragraph.line is not None and block.t.startswith("\n")):
            first, *rest = map(escape, block.t.split("\n"))
            inline = first if paragraph.line is None else f" {first}"
            lines += rest
        else:
            lines += map(escape, block.t.removeprefix("\n").split("\n"))
    return inline + "".join(f"\n{line}" for line in lines)


def _opener(paragraph: Paragraph, letters: dict[str, str]) -> str:
    if isinstance(paragraph.line, InstructionLine):
        return f"ACTION {paragraph.no} {' '.join(instruction_clauses(paragraph.line, paragraph))}:"
    if isinstance(paragraph.line, OutcomeLine):
        letter = letters.get(paragraph.line.of, paragraph.line.of)
        return f"OUTCOME OF {letter} ACTION {paragraph.no} {' '.join(outcome_clauses(paragraph.line))}:"
    return ""


def instruction_clauses(line: InstructionLine, paragraph: Paragraph) -> Iterator[str]:
    """What follows `ACTION n`, clause by clause."""
    yield line.act.upper()
    if line.manner is not None:
        yield f"{line.manner.upper()} TO"
    if line.what is not None:
        yield f"{quote(line.what)} FROM"
    if line.target is not None:
        yield quote(line.target)
    if line.posts is not None:
        yield f"FOR ({', '.join(post.as_text() for post in line.posts)})"
    if line.urgent:
        yield "URGENT"
    if line.by is not None:
        yield f"BY {print_dtg(line.by)}"
    if line.authority is not None:
        yield f"ON INSTRUCTIONS OF {quote(line.authority)}"
    if paragraph.texts and paragraph.texts[0].language is not None:
        yield f"IN {paragraph.texts[0].language}"


def outcome_clauses(line: OutcomeLine) -> Iterator[str]:
    """What follows `OUTCOME OF A ACTION n`, clause by clause."""
    yield line.result.upper()
    if line.at is not None:
        yield f"AT {print_dtg(line.at)}"
    if line.by is not None:
        yield f"BY {quote(line.by)}"
    if line.to is not None:
        yield f"TO {quote(line.to)}"
    if line.next is not None:
        yield f"NEXT {print_dtg(line.next)}"
