"""A cable as a person wants to read it: from the document, or a draft, to `CableView`.

What the document says is carried over character for character; only the words around it are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language_info, gettext, pgettext

from cableroom.cable.address import Addressee, Post, PostRef
from cableroom.cable.document import Cable, Draft, InstructionLine, OutcomeLine, Paragraph
from cableroom.cable.heading import Officer
from cableroom.cable.label import Label, Level, level_lettered, level_named, parse_mark
from cableroom.cable.precedence import Precedence
from cableroom.cable.reference import Ref, print_dtg
from cableroom.errors import DocumentError, NotFound
from cableroom.web import times
from cableroom.web.viewing import (
    AddresseeView,
    AskView,
    BlockView,
    CableView,
    CoverView,
    FileView,
    LabelView,
    ParagraphView,
    PrecedenceView,
    RefView,
    Run,
    WordsView,
)
from cableroom.web.wording import Words

MOST_INK = 4

Cited = Callable[[Ref], tuple[str, str]]
"""Where a ref leads and what its subject is; both empty where the reader may not read it."""


def _nowhere(ref: Ref) -> tuple[str, str]:
    return "", ""


@dataclass(frozen=True, slots=True)
class Lens:
    """Who looks at a cable, and from where.

    `covers` are the cover names whose meaning this reader may know; `cited` resolves refs; `base`
    is the cable's own address, from which those of its words and files follow (empty: they have none).
    """

    words: Words
    levels: tuple[Level, ...]
    now: datetime
    own: Post | None = None
    covers: tuple[CoverView, ...] = ()
    cited: Cited = field(default=_nowhere)
    base: str = ""


# -- small signs ----------------------------------------------------------------------------


def label_view(label: Label, levels: Iterable[Level], number: int | None = None) -> LabelView:
    """The label with the ink of its level; `number` for a level that this policy does not know."""
    rising = tuple(levels)
    known = level_named(rising, label.classification)
    rank = number if known is None else known.number
    ink = MOST_INK if rank is None else sum(level.number < rank for level in rising)
    return LabelView(
        label.classification,
        rank if rank is not None else 255,
        min(ink, MOST_INK),
        tuple(label.categories),
        tuple(label.captions),
    )


def precedence_view(precedence: int) -> PrecedenceView:
    """A precedence by its number. Unknown ones are shown by it, with the bars of the next lower."""
    known = precedence in Precedence.__members__.values()
    name = Precedence(precedence).name if known else str(precedence)
    return PrecedenceView(name, min(max(precedence, 1), 4))


def language_name(code: str | None) -> str:
    """The name of a language in the reader's own; the code where it has none."""
    if not code:
        return ""
    for tag in (code.lower(), code.split("-")[0].lower()):
        try:
            return str(get_language_info(tag)["name_translated"])
        except KeyError:
            continue
    return code


# -- the whole ------------------------------------------------------------------------------


def cable_view(cable: Cable | Draft, lens: Lens, *, digest: str = "", number: int | None = None) -> CableView:
    """The view of a released cable, or of a draft as it would be released.

    `number` is the level's number in the sender's own policy, for a label that ours does not know.
    """
    head, words = cable.head, lens.words
    concerns = None
    if head.concerns_mrn is not None:
        cited = head.concerns_mrn.print(cable.home)
        url, subject = lens.cited(Ref("", "mrn", cited, head.concerns))
        concerns = RefView("", cited, url, subject)
    return CableView(
        url=lens.base,
        digest=digest,
        mrn="" if head.mrn is None else head.mrn.print(lens.own.org if lens.own else None),
        dtg=times.dtg(head.dtg),
        at=head.dtg,
        subject=head.subject,
        language=head.language or "",
        precedence=precedence_view(_precedence(cable, lens.own)),
        label=label_view(head.label, lens.levels, number),
        origin=_origin(cable, lens.own),
        behalf=head.on_behalf_of or "",
        action=tuple(_addressee(each, cable.home, lens.own) for each in head.to),
        info=tuple(_addressee(each, cable.home, lens.own, head.precedence_info) for each in head.info),
        exempt=tuple(_addressee(each, cable.home, lens.own) for each in head.xmt),
        paragraphs=tuple(paragraph_view(paragraph, cable, lens) for paragraph in cable.paras),
        tags=tuple(head.tags),
        refs=tuple(RefView(ref.letter, ref.cited, *lens.cited(ref)) for ref in cable.refs),
        kind=_kind(head.kind),
        concerns=concerns,
        report_by=times.dtg(head.report_by),
        report_due=times.left(head.report_by, lens.now, words),
        reply_by=times.dtg(head.reply_by),
        expires=times.dtg(head.expires),
        handling=head.handling or "",
        originator_reference=head.originator_reference or "",
        files=tuple(
            FileView(
                file.n,
                file.name,
                file.media_type,
                filesizeformat(file.bytes),
                file.mark or "",
                f"{lens.base}files/{file.n}" if lens.base else "",
            )
            for file in cable.files
        ),
        signed_as=head.signed_as or "",
        foot=_foot(cable, words),
        exercise_kind="" if head.exercise is None else head.exercise.kind,
        exercise="" if head.exercise is None else head.exercise.name,
    )


def _precedence(cable: Cable | Draft, own: Post | None) -> Precedence:
    if own is not None:
        try:
            return cable.precedence_for(own)
        except NotFound:
            pass  # its sender is no addressee: the precedence for action stands at the top
    return cable.head.precedence_action


def _origin(cable: Cable | Draft, own: Post | None) -> str:
    home = own.org if own else None
    sender = cable.sender
    name = sender.name if sender.org == home else sender.as_text()
    role = cable.head.released_by.role if cable.head.released_by else None
    return name if role is None else f"{name}, {role}"


def _kind(kind: str) -> str:
    names = {
        "report": pgettext("kind of cable", "Report"),
        "correction": pgettext("kind of cable", "Correction"),
        "cancellation": pgettext("kind of cable", "Cancellation"),
        "readdressal": pgettext("kind of cable", "Readdressal"),
    }
    return names.get(kind, "")


def _seen(post: PostRef, home: str, own: Post | None) -> str:
    """The post's name as the reader's organisation writes it."""
    return post.at(home).seen_from(own.org if own else home).as_text()


def _addressee(
    each: Addressee, home: str, own: Post | None, general: Precedence | None = None
) -> AddresseeView:
    name = _seen(each.post, home, own) + (f"/{each.role}" if each.role else "")
    shown = each.precedence if each.precedence is not None else general
    return AddresseeView(
        name,
        own is not None and own in {post.at(home) for post in each.reached},
        None if shown is None else precedence_view(shown),
        each.niact,
        tuple(_seen(member, home, own) for member in each.members or ()),
    )


def _foot(cable: Cable | Draft, words: Words) -> tuple[str, ...]:
    head = cable.head

    def line(text: str, *officers: Officer) -> str:
        return f"{text[:1].upper()}{text[1:]} {', '.join(officer.as_text() for officer in officers)}."

    lines = []
    if head.drafted_by is not None:
        lines.append(line(words("drafted_by"), head.drafted_by))
    if head.cleared_by:
        lines.append(line(words("cleared_by"), *head.cleared_by))
    if head.released_by is not None:
        lines.append(line(words("released_by"), head.released_by))
    if head.declassify_on:
        lines.append(f"{words('declassify_on')}: {head.declassify_on}.")
    return tuple(lines)


# -- paragraphs -----------------------------------------------------------------------------


def paragraph_view(paragraph: Paragraph, cable: Cable | Draft, lens: Lens) -> ParagraphView:
    """One paragraph: its opening line, its own text, its quotations, and who is meant in it."""
    language = cable.head.language or ""
    delivers = isinstance(paragraph.line, InstructionLine) and paragraph.line.act == "deliver"
    before: list[BlockView] = []
    after: list[BlockView] = []
    spoken: list[WordsView] = []
    for block in paragraph.blocks:
        if block.q is None:
            value = block.t.removeprefix("\n")
            into = after if spoken else before
            into.append(BlockView(runs(value, lens.covers), language=language))
        elif delivers:
            spoken.append(_words(paragraph, block.q, block.t, lens))
        else:
            said = paragraph.texts[block.q].language or ""
            before.append(BlockView(runs(block.t, lens.covers), quote=True, language=said))
    ask = _ask(paragraph, cable, lens)
    return ParagraphView(
        paragraph.n,
        paragraph.mark or "",
        _level_of(paragraph.mark, lens.levels),
        tuple(before),
        ask,
        spoken[0] if spoken else None,
        tuple(spoken[1:]),
        _covers_in(paragraph, lens.covers),
        tuple(after),
    )


def _level_of(mark: str | None, levels: Iterable[Level]) -> str:
    """The name of the level that a portion mark means; empty where the policy does not know it."""
    if mark is None:
        return ""
    try:
        level = level_lettered(levels, parse_mark(mark).letter)
    except DocumentError:
        return ""
    return "" if level is None else level.level


def _words(paragraph: Paragraph, q: int, text: str, lens: Lens) -> WordsView:
    about = paragraph.texts[q]
    line = paragraph.line
    assert isinstance(line, InstructionLine)
    base = f"{lens.base}words/{paragraph.no}" if lens.base and q == 0 else ""
    return WordsView(
        text,
        about.language or "",
        language_name(about.language),
        about.authoritative,
        line.manner == "verbatim",
        f"words-{paragraph.no}",
        base and f"{base}/",
        base and f"{base}/text",
    )


def _ask(paragraph: Paragraph, cable: Cable | Draft, lens: Lens) -> AskView | None:
    line, words = paragraph.line, lens.words
    if line is None:
        return None
    anchor = f"i{paragraph.n}"
    if isinstance(line, OutcomeLine):
        letter = _letter_of(line.of, cable)
        box = words("outcome_of", letter=letter, no=paragraph.no)
        return AskView(box, words(line.result.replace(" ", "_")), _outcome_rest(line, lens), anchor)
    rest = ", ".join(part for part in _instruction_parts(line, cable, lens) if part)
    return AskView(
        words("instruction_n", no=paragraph.no), _act_word(line, words), runs(rest, lens.covers), anchor
    )


def _act_word(line: InstructionLine, words: Words) -> str:
    """What an instruction's act is called."""
    return act_name(line.act, line.manner, words)


def act_name(act: str, manner: str | None, words: Words) -> str:
    if act == "deliver":
        return words("deliver_verbatim" if manner == "verbatim" else "deliver_talking_points")
    return words("report_instruction" if act == "report" else act)


def whom(act: str, target: str | None, what: str | None) -> str:
    """Whom or what an act concerns: ``to the governor``, ``PAVLOV``, ``access from the harbour``."""
    if act == "deliver":
        return gettext("to %(target)s") % {"target": target}
    if act == "obtain":
        return gettext("%(what)s from %(target)s") % {"what": what, "target": target}
    return target or ""


def _instruction_parts(line: InstructionLine, cable: Cable | Draft, lens: Lens) -> list[str]:
    words = lens.words
    parts = [whom(line.act, line.target, line.what)]
    if line.urgent:
        parts.append(words("urgently"))
    if line.authority:
        parts.append(words("on_instructions_of", authority=line.authority))
    if line.by is not None:
        parts.append(gettext("by %(dtg)s") % {"dtg": print_dtg(line.by)})
    if line.posts is not None:
        names = ", ".join(_seen(post, cable.home, lens.own) for post in line.posts)
        parts.append(gettext("for %(posts)s alone") % {"posts": names})
    return parts


def _outcome_rest(line: OutcomeLine, lens: Lens) -> tuple[Run, ...]:
    parts = []
    if line.at is not None:
        parts.append(gettext("at %(dtg)s") % {"dtg": print_dtg(line.at)})
    if line.by:
        parts.append(pgettext("an outcome", "by %(who)s") % {"who": line.by})
    if line.to:
        parts.append(pgettext("an outcome", "to %(who)s") % {"who": line.to})
    if line.next is not None:
        parts.append(gettext("next %(dtg)s") % {"dtg": print_dtg(line.next)})
    return runs(", ".join(parts), lens.covers)


def _letter_of(of: str, cable: Cable | Draft) -> str:
    """The letter of the ref that an outcome answers; in a draft it says the letter itself."""
    return next((ref.letter for ref in cable.refs if ref.digest == of), of if len(of) == 1 else "")


# -- cover names ----------------------------------------------------------------------------


def runs(text: str, covers: Iterable[CoverView]) -> tuple[Run, ...]:
    """`text` cut round the cover names that the reader may resolve; whole words alone."""
    names = sorted({cover.name for cover in covers}, key=len, reverse=True)
    if not names:
        return (Run(text),) if text else ()
    pattern = rf"(?<!\w)({'|'.join(re.escape(name) for name in names)})(?!\w)"
    pieces = re.split(pattern, text, flags=re.IGNORECASE)
    return tuple(Run(piece, cover=bool(n % 2)) for n, piece in enumerate(pieces) if piece)


def _covers_in(paragraph: Paragraph, covers: Iterable[CoverView]) -> tuple[CoverView, ...]:
    """Those cover names that the paragraph uses, words to deliver among them."""
    line = paragraph.line
    texts = [block.t for block in paragraph.blocks]
    if isinstance(line, InstructionLine):
        texts += [text for text in (line.target, line.what, line.authority) if text]
    elif isinstance(line, OutcomeLine):
        texts += [text for text in (line.by, line.to) if text]
    return tuple(
        cover for cover in covers if any(run.cover for text in texts for run in runs(text, (cover,)))
    )
