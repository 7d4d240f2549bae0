"""What is written in a way that people or machines may take otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from cableroom.cable.paragraphs import InstructionLine, OutcomeLine
from cableroom.cable.reference import is_near_miss
from cableroom.cable.rules.given import Finding, Given, Rule
from cableroom.cable.tags import form_of

_OPENERS = "\u2066\u2067\u2068"
_CLOSER = "\u2069"


def near_reference(given: Given) -> Iterator[Finding]:
    for ref in given.content.refs:
        if ref.kind == "free" and is_near_miss(ref.cited):
            yield (
                f"ref {ref.letter}",
                f"{ref.cited} is nearly a message number or date-time group.",
                "Write 26 CAPITAL 417, or the originator and 271840Z OCT 26, if one is meant.",
            )


def ref_twice(given: Given) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for ref in given.content.refs:
        if first.setdefault(ref.cited, ref.letter) != ref.letter:
            yield f"ref {ref.letter}", f"It cites what ref {first[ref.cited]} cites.", "Name it once."


def tag_form(given: Given) -> Iterator[Finding]:
    for tag in given.content.head.tags:
        if form_of(tag) is None:
            yield (
                "TAGS",
                f"The form of {tag} is that of no tag.",
                "Two letters name a country, four a topic, three or five to eight an organisation.",
            )


def _values(given: Given) -> Iterator[tuple[str, str]]:
    """Every text that a person wrote, and where."""
    content = given.content
    head = content.head
    named = (
        ("SUBJECT", head.subject),
        ("ON BEHALF OF", head.on_behalf_of),
        ("HANDLING", head.handling),
        ("ORIGINATOR REFERENCE", head.originator_reference),
        ("DECLASSIFY ON", head.declassify_on),
        ("SIGNED", head.signed_as),
        ("EXERCISE", head.exercise and head.exercise.name),
    )
    yield from ((where, value) for where, value in named if value)
    yield from ((f"ref {ref.letter}", ref.cited) for ref in content.refs)
    yield from ((f"file {file.n}", file.name) for file in content.files)
    for paragraph in content.paras:
        where = f"paragraph {paragraph.n}"
        match paragraph.line:
            case InstructionLine() as line:
                yield from ((where, name) for name in (line.target, line.what, line.authority) if name)
            case OutcomeLine() as line:
                yield from ((where, name) for name in (line.by, line.to) if name)
        yield from ((where, block.t) for block in paragraph.blocks)


def open_isolate(given: Given) -> Iterator[Finding]:
    for where, value in _values(given):
        if any(not _is_balanced(line) for line in value.split("\n")):
            yield (
                where,
                "A bidirectional isolate is left open, or closed without one.",
                "Close each U+2066, U+2067 or U+2068 with U+2069 on its line.",
            )


def _is_balanced(line: str) -> bool:
    depth = 0
    for char in line:
        depth += (char in _OPENERS) - (char == _CLOSER)
        if depth < 0:
            return False
    return depth == 0


def file_name(given: Given) -> Iterator[Finding]:
    for file in given.content.files:
        if "/" in file.name or "\\" in file.name or file.name in (".", ".."):
            yield f"file {file.n}", "Its name has the form of a path.", "Name the file without / and \\."


def originator_reference(given: Given) -> Iterator[Finding]:
    text = given.content.head.originator_reference
    # RFC 6477 §3.7: a PrintableString of at most 69 characters.
    if text is not None and (len(text) > 69 or not text.isascii()):
        yield (
            "ORIGINATOR REFERENCE",
            "Other systems read at most 69 characters of ASCII here.",
            "Shorten it.",
        )


def exercise(given: Given) -> Iterator[Finding]:
    named = given.content.head.exercise
    if named is not None:
        yield (
            "EXERCISE",
            f"This is no real cable but the {named.kind} {named.name}.",
            "Leave EXERCISE out if it is real.",
        )


def exercise_unmarked(given: Given) -> Iterator[Finding]:
    head = given.content.head
    if head.exercise is None and head.subject.upper().startswith(("EXERCISE", "DRILL")):
        yield (
            "SUBJECT",
            "The subject tells of an exercise, the heading does not.",
            "Write EXERCISE and its name.",
        )


RULES = (
    Rule("near-reference", "warning", near_reference),
    Rule("ref-twice", "warning", ref_twice),
    Rule("tag-form", "warning", tag_form),
    Rule("open-isolate", "warning", open_isolate),
    Rule("file-name", "error", file_name),
    Rule("originator-reference", "warning", originator_reference),
    Rule("exercise", "warning", exercise),
    Rule("exercise-unmarked", "warning", exercise_unmarked),
)
