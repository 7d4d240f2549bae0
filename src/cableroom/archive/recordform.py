"""The record text form: an archive's page about one document, as plain text, both ways.

Archives give such pages out (date, title, citation, summary, original language, then the texts
and the editor's notes). Reading is tolerant: the bytes are kept by the caller, and what could not be
understood is said in `doubts`, never guessed in silence. Grammar: docs/reference/record-text.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime

from cableroom.errors import InputError

MAX_BYTES = 1 << 20
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
SECTIONS = {
    "citation": "citation",
    "summary": "summary",
    "original language": "language",
    "contents": "contents",
}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

_TEXT_HEAD = re.compile(r"(Original|Translation|Transcription) - ([^\n]{1,60})\Z")
_DATE = re.compile(r"([A-Z][a-z]{2,8}) ([0-9]{1,2}), ([0-9]{4})\Z")
_NOTE = re.compile(r"([0-9]{1,3})\. (?=\S)")
_ANCHOR = re.compile(f"[{SUPERSCRIPTS}]{{1,3}}")
_BRACKET = re.compile(r" ?\[([^\[\]\n]{1,500})\]")
_IDENTITY = re.compile(
    r"(?:a |the )?(?:pseudonym|cover name|code name|codename) (?:for|of) (.+)\Z", re.IGNORECASE
)
_NAME_BEFORE = re.compile(r"((?:[^\W\d_][\w'’.-]*\s+)?)([^\W\d_a-z][\w'’-]*)\Z")
_SIGNATURE = re.compile(r"(?:[^\W\d_]\. ?){0,3}[^\W\d_]{2,}(?:[ -][^\W\d_]{2,}){0,3}\Z")


@dataclass(frozen=True, slots=True)
class Insertion:
    """Words of an editor in the body: `text`, before character `offset` of paragraph `paragraph` (1, 2 …)."""

    paragraph: int
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class CoverName:
    """A name used in the text for somebody: `name` ends at `offset` of its paragraph; `meaning` has its own label."""

    paragraph: int
    offset: int
    name: str
    meaning: str
    wording: str


@dataclass(frozen=True, slots=True)
class Note:
    """An editor's note `number`, anchored after character `offset` of `paragraph`; `exact` are the words it stands at."""

    number: int
    text: str
    paragraph: int | None = None
    offset: int | None = None
    exact: str | None = None


@dataclass(frozen=True, slots=True)
class RecordText:
    """One text of the document: an original, a transcription or a translation into `language`."""

    kind: str
    language: str
    paragraphs: tuple[str, ...]
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class RecordForm:
    """What such a page says. `dated` is the day that `date_written` names, or None; `doubts` what was not understood."""

    date_written: str
    dated: date | None
    title: str
    citation: str
    summary: str
    language: str
    texts: tuple[RecordText, ...]
    notes: tuple[Note, ...] = ()
    insertions: tuple[Insertion, ...] = ()
    cover_names: tuple[CoverName, ...] = ()
    doubts: tuple[str, ...] = ()


def parse_record(data: bytes) -> RecordForm:
    """Reads a page in the record text form. Raises InputError where it is none: what is missing, and where to put it."""
    blocks = _blocks(_decode(data))
    if not blocks:
        raise InputError(
            "The file is empty.", do="Give a page with date, title and contents.", code="record-empty"
        )
    doubts: list[str] = []
    date_written, blocks = blocks[0], blocks[1:]
    dated = _read_date(date_written)
    if dated is None:
        doubts.append(f"The date “{date_written[:60]}” was not understood; it is kept as written.")
    if not blocks or not (blocks[0].startswith("**") and blocks[0].endswith("**") and len(blocks[0]) > 4):
        raise InputError(
            "The title is missing.",
            where="second block",
            do="Write it between ** and **, under the date.",
            code="record-title",
        )
    title = " ".join(blocks[0].strip("*").split())
    sections = _sections(blocks[1:], doubts)
    contents = sections.pop("contents", [])
    if not contents:
        raise InputError(
            "The record has no contents.",
            where="Contents:",
            do="Put the text under the line “Contents:”.",
            code="record-contents",
        )
    plain = {name: " ".join(" ".join(lines).split()) for name, lines in sections.items()}
    texts, notes = _texts(contents, doubts)
    form = RecordForm(
        date_written=date_written,
        dated=dated,
        title=title,
        citation=plain.get("citation", ""),
        summary=plain.get("summary", ""),
        language=plain.get("language", ""),
        texts=texts,
        notes=notes,
        doubts=tuple(doubts),
    )
    return _lift(form)


def print_record(form: RecordForm) -> str:
    """The page of `form`, insertions, identities and anchors in their places. `parse_record` gives the same form back."""
    out = [form.date_written, f"**{form.title}**"]
    for head, value in (
        ("Citation", form.citation),
        ("Summary", form.summary),
        ("Original Language", form.language),
    ):
        if value:
            out += [f"{head}:", value]
    out.append("Contents:")
    for number, text in enumerate(form.texts):
        if text.language:
            out.append(f"{text.kind} - {text.language}")
        out += [
            with_marks(paragraph, form, n) if number == 0 else paragraph
            for n, paragraph in enumerate(text.paragraphs, 1)
        ]
        if text.signature:
            out.append(text.signature)
    out += [f"{note.number}. {note.text}" for note in form.notes]
    return "\n\n".join(out) + "\n"


def with_marks(paragraph: str, form: RecordForm, n: int, *, identities: bool = True) -> str:
    """Paragraph `n` as the page shows it: with the editor's insertions, identities (unless not cleared) and anchors."""
    marks: list[tuple[int, int, str]] = []
    marks += [(i.offset, 0, f" [{i.text}]") for i in form.insertions if i.paragraph == n]
    if identities:
        marks += [(c.offset, 0, f" [{c.wording}]") for c in form.cover_names if c.paragraph == n]
    marks += [
        (c.offset, 1, superscript(c.number)) for c in form.notes if c.paragraph == n and c.offset is not None
    ]
    for offset, _, text in sorted(marks, reverse=True):
        paragraph = paragraph[:offset] + text + paragraph[offset:]
    return paragraph


def superscript(number: int) -> str:
    """`number` in superscript digits: 12 → ¹²."""
    return "".join(SUPERSCRIPTS[int(digit)] for digit in str(number))


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise InputError(
            f"The file is larger than {MAX_BYTES >> 20} MiB.",
            do="Split it into one file a document.",
            code="record-size",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "The file is not UTF-8.",
            where=f"byte {error.start + 1}",
            do="Save it as UTF-8 text.",
            code="record-encoding",
        ) from None
    if "\0" in text:
        raise InputError(
            "The file has a zero byte in it.", do="Save it as plain text.", code="record-encoding"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _blocks(text: str) -> list[str]:
    blocks: list[str] = []
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line.strip())
        elif lines:
            blocks.append("\n".join(lines))
            lines = []
    return blocks


def _read_date(written: str) -> date | None:
    match = _DATE.match(written)
    if match is None or match[1] not in MONTHS:
        return None
    try:
        return date(int(match[3]), MONTHS.index(match[1]) + 1, int(match[2]))
    except ValueError:
        return None


def _sections(blocks: list[str], doubts: list[str]) -> dict[str, list[str]]:
    """The blocks under each heading; a heading may stand on a line of its own or before its value."""
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for block in blocks:
        head, colon, rest = block.partition(":")
        name = SECTIONS.get(head.strip().lower()) if colon else None
        if name and name not in sections and "contents" not in sections:
            current = sections.setdefault(name, [])
            if rest.strip():
                current.append(rest.strip())
        elif current is None:
            doubts.append(f"“{block[:60]}” stands under no heading and was left out.")
        else:
            current.append(block)
    return sections


def _texts(blocks: list[str], doubts: list[str]) -> tuple[tuple[RecordText, ...], tuple[Note, ...]]:
    texts: list[RecordText] = []
    notes: list[Note] = []
    for block in blocks:
        head = _TEXT_HEAD.match(block)
        if head:
            texts.append(RecordText(head[1], head[2].strip(), ()))
            continue
        if not texts:
            texts.append(RecordText("Original", "", ()))
        text = texts[-1]
        note = _NOTE.match(block)
        if note and (text.signature or notes) and int(note[1]) == len(notes) + 1:
            notes.append(Note(int(note[1]), " ".join(block[note.end() :].split())))
        elif text.signature or notes:
            doubts.append(f"“{block[:60]}” stands after the end of the text and was left out.")
        elif text.paragraphs and len(block) <= 60 and block == block.upper() and _SIGNATURE.match(block):
            texts[-1] = replace(text, signature=block)
        else:
            texts[-1] = replace(text, paragraphs=(*text.paragraphs, " ".join(block.split())))
    return tuple(texts), tuple(notes)


def _lift(form: RecordForm) -> RecordForm:
    """Takes what an editor put into the first text (brackets, anchors) out of it, and keeps where it stood."""
    first = form.texts[0]
    doubts = list(form.doubts)
    notes = {note.number: note for note in form.notes}
    paragraphs: list[str] = []
    insertions: list[Insertion] = []
    covers: list[CoverName] = []
    for n, paragraph in enumerate(first.paragraphs, 1):
        out, last = "", 0
        for match in sorted(
            [*_BRACKET.finditer(paragraph), *_ANCHOR.finditer(paragraph)], key=lambda m: m.start()
        ):
            if match.start() < last:
                continue
            out += paragraph[last : match.start()]
            last = match.end()
            if match.re is _BRACKET:
                _bracket(match, out, n, insertions, covers, doubts)
                continue
            number = int("".join(str(SUPERSCRIPTS.index(c)) for c in match[0]))
            if number in notes and notes[number].paragraph is None:
                notes[number] = replace(
                    notes[number], paragraph=n, offset=len(out), exact=_last_sentence(out)
                )
            else:
                doubts.append(
                    f"The anchor {number} in paragraph {n} belongs to no note; it is kept in the text."
                )
                out += match[0]
        paragraphs.append(out + paragraph[last:])
    doubts += [
        f"Note {note.number} has no anchor in the text." for note in notes.values() if note.paragraph is None
    ]
    return replace(
        form,
        texts=(replace(first, paragraphs=tuple(paragraphs)), *form.texts[1:]),
        notes=tuple(notes.values()),
        insertions=tuple(insertions),
        cover_names=tuple(covers),
        doubts=tuple(doubts),
    )


def _bracket(
    match: re.Match[str],
    before: str,
    n: int,
    insertions: list[Insertion],
    covers: list[CoverName],
    doubts: list[str],
) -> None:
    identity = _IDENTITY.match(match[1])
    name = _NAME_BEFORE.search(before[-200:])
    if identity and name:
        covers.append(CoverName(n, len(before), name[2], identity[1].strip(), match[1]))
        return
    if identity:
        doubts.append(
            f"“[{match[1][:60]}]” in paragraph {n} names nobody before it; it is kept as an insertion."
        )
    insertions.append(Insertion(n, len(before), match[1]))


def _last_sentence(text: str) -> str:
    """The words that an anchor at the end of `text` stands at: its last sentence."""
    body = text.rstrip("\"”»')")
    start = max(body.rfind(end, 0, max(len(body) - 1, 0)) for end in (". ", "! ", "? "))
    return text[start + 2 :] if start >= 0 else text


def written_date(day: date | datetime) -> str:
    """`day` as these pages write it: October 27, 1962."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
