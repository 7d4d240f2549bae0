"""The report on an instruction: drafted from the outcomes noted at the post, and decided on by the originator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from cableroom.cable.address import Addressee, Post, PostRef
from cableroom.cable.canonical import read_stamp
from cableroom.cable.document import Cable, Draft
from cableroom.cable.heading import DraftHead
from cableroom.cable.label import Label
from cableroom.cable.paragraphs import OutcomeLine, Paragraph, Segment, Text
from cableroom.cable.reference import Ref, parse_mrn
from cableroom.cable.text import print_draft
from cableroom.directory import policy as policies
from cableroom.directory.models import Person
from cableroom.directory.policyform import Policy
from cableroom.errors import NotFound, StateError
from cableroom.office import doing, drafting, reading
from cableroom.office.lifecycle import FINAL, TASKING, Status, TaskingEvent, allowed
from cableroom.office.models import Draft as DraftRow
from cableroom.office.models import InboxItem, Outcome, Tasking, Verdict
from cableroom.office.taskings import REPORTING
from cableroom.register.ledger import Entry, Facts

LETTER = "A"
BLANK = "____"
_FILLER = "still to fill"  # prints in capitals; no result is called so


# -- drafting ------------------------------------------------------------------------------


def report(register: str, digest: str, *, by: Person, now: datetime) -> str:
    """The text of a draft report on the cable: addressed, referred, an outcome for each that was noted.

    What was reported already is left out, unless something was noted since. An instruction to
    REPORT is carried out by a report that leaves no other one open. If nothing was noted, every
    instruction has a blank to be filled in, with which the text cannot be released. Raises
    `NotFound`, `StateError` if the cable asked nothing of this post.
    """
    item, opened = reading.read(by, register, digest, now=now)
    doing.actor_at(register, by, now=now)
    rows = list(Tasking.objects.filter(register=register, digest=digest, asked=False).order_by("no"))
    if not rows:
        raise StateError(
            _("This cable asks nothing of this post."),
            do=_("Answer it by a cable with the number among its REFS."),
            code="nothing-asked",
        )
    post, policy = Post.parse(register), policies.current()
    outcomes = _to_report(rows)
    blank = not outcomes
    if blank:
        outcomes = [(row.no, None) for row in rows if row.status == Status.OPEN]
    if not outcomes:
        raise StateError(
            _("Nothing of this cable is left to report."),
            do=_("Note another outcome if there is one."),
            code="nothing-open",
        )
    text = print_draft(_draft(item, opened.cable, post, policy, outcomes))
    return text.replace(_FILLER.upper(), BLANK) if blank else text


def start(register: str, digest: str, *, by: Person, now: datetime) -> DraftRow:
    """Save such a report as a draft of the post; its mark is at least that of the instruction."""
    text = report(register, digest, by=by, now=now)
    return drafting.save(text, post=register, by=by, now=now, sources=[digest])


def _to_report(rows: Iterable[Tasking]) -> list[tuple[int, dict[str, Any] | None]]:
    """(number, outcome) of what was noted and not yet reported; last the instruction to REPORT, if it is done."""
    every = list(rows)
    noted = {row.no: row.outcome for row in every if row.outcome is not None and _is_new(row)}
    done = {no for no, outcome in noted.items() if outcome["result"] in FINAL}
    done |= {row.no for row in every if Status(row.status) is not Status.OPEN}
    others = {row.no for row in every if row.act != "report"}
    for row in every:
        is_due = row.act == "report" and row.no not in noted and row.status == Status.OPEN
        if is_due and noted and others <= done:
            noted[row.no] = {"result": "carried out", "text": _("By this report.")}
    return sorted(noted.items())


def _is_new(row: Tasking) -> bool:
    if Status(row.status).closed:
        return False
    mine = Outcome.objects.filter(register=row.register, of=row.digest, no=row.no, post=row.post)
    last = mine.aggregate(last=Max("index"))["last"]
    return last is None or (row.noted or 0) > last


def _draft(
    item: InboxItem,
    cable: Cable,
    post: Post,
    policy: Policy,
    outcomes: Iterable[tuple[int, dict[str, Any] | None]],
) -> Draft:
    name = cable.mrn.print(post.org)
    label = _label(item, policy)
    head = DraftHead(
        from_=PostRef(None, post.name),
        to=(_addressee(cable.sender.seen_from(post.org)),),
        precedence_action=cable.precedence_for(post),
        classification=label.classification,
        categories=label.categories,
        captions=label.captions,
        tags=cable.head.tags,
        kind="report",
        concerns_mrn=parse_mrn(name),
        exercise=cable.head.exercise,
        subject=_("Fulfilment of %(mrn)s") % {"mrn": name},
    )
    mark = policy.level(label.classification).letter
    paras = tuple(_paragraph(n, no, mark, outcome) for n, (no, outcome) in enumerate(outcomes, 1))
    return Draft(head, (Ref(LETTER, "mrn", name),), (), paras)


def _addressee(post: PostRef) -> Addressee:
    return Addressee(post.name, post.org)


def _label(item: InboxItem, policy: Policy) -> Label:
    """The instruction's label in the words of our own policy: another organisation's level by its number."""
    levels = [level for level in policy.levels if level.number >= item.level] or [policy.levels[-1]]
    own = item.sender.partition("/")[0] == item.register.partition("/")[0]
    known = {caption.caption for caption in policy.captions}
    return Label(
        item.classification if own and policy.has_level(item.classification) else levels[0].level,
        tuple(name for name in item.categories if own and name in policy.categories),
        tuple(name for name in item.captions if name in known),
    )


def _paragraph(n: int, no: int, mark: str, outcome: dict[str, Any] | None) -> Paragraph:
    if outcome is None:
        line = OutcomeLine(LETTER, _FILLER)
        return Paragraph(n=n, mark=mark, no=no, line=line, segments=(Segment(None, _("what was done")),))
    line = OutcomeLine(
        of=LETTER,
        result=outcome["result"],
        at=_time(outcome.get("at")),
        by=outcome.get("by"),
        to=outcome.get("to"),
        next=_time(outcome.get("next")),
    )
    texts, segments = _blocks(outcome["text"])
    return Paragraph(n=n, mark=mark, no=no, line=line, texts=texts, segments=segments)


def _time(stamped: str | None) -> datetime | None:
    return None if stamped is None else read_stamp(stamped).replace(second=0, microsecond=0)


def _blocks(text: str) -> tuple[tuple[Text, ...], tuple[Segment, ...]]:
    """Text as it was noted: lines behind `>` are quotations, the others text."""
    blocks: list[tuple[bool, list[str]]] = []
    for line in text.split("\n"):
        quoted = line.startswith(">")
        if not blocks or blocks[-1][0] is not quoted:
            blocks.append((quoted, []))
        blocks[-1][1].append(line[1:].removeprefix(" ") if quoted else line)
    several = len(blocks) > 1 or len(blocks[0][1]) > 1
    segments: list[Segment] = []
    count = 0
    for quoted, lines in blocks:
        value = "\n".join(lines)
        if not quoted:
            segments.append(Segment(None, "\n" + value if several and not segments else value))
        elif value:
            segments.append(Segment(count, value))
            count += 1
    return (Text(),) * count, tuple(segments)


# -- deciding ------------------------------------------------------------------------------


def accept(
    register: str,
    report: str,
    no: int,
    *,
    by: Person,
    now: datetime,
    of: str | None = None,
    role: str | None = None,
    why: str | None = None,
    once: str | None = None,
) -> Entry:
    """Accept what the report (its digest) says of instruction `no`: `Accepted`; the tasking is closed.

    `register` is that of the post that gave the instruction; nobody else decides. `of` names the instructing
    cable if the report answers several. An outcome that leaves the instruction open is not
    accepted (`StateError`): it is returned, or another report waited for.
    """
    return _decide("Accepted", register, report, no, of, by=by, now=now, role=role, why=why, once=once)


def return_(
    register: str,
    report: str,
    no: int,
    *,
    why: str,
    by: Person,
    now: datetime,
    of: str | None = None,
    role: str | None = None,
    once: str | None = None,
) -> Entry:
    """Return what the report says of instruction `no`: `Returned`; the tasking is open again.

    `why` stays in the register of the originator; what the post is to do goes to it by cable.
    """
    return _decide("Returned", register, report, no, of, by=by, now=now, role=role, why=why, once=once)


def _decide(
    kind: str,
    register: str,
    report: str,
    no: int,
    of: str | None,
    *,
    by: Person,
    now: datetime,
    role: str | None,
    why: str | None,
    once: str | None,
) -> Entry:
    reason = None if why is None and kind == "Accepted" else doing.checked_line(why or "", "why")

    def check() -> Facts:
        actor = doing.reading(register, report, by, now=now, role=role)
        outcome = _outcome(register, report, no, of)
        doing.reading(register, outcome.of, by, now=now, role=role)
        _check_undecided(outcome, kind)
        data = {"side": "own", "report": report, "no": no, "post": outcome.post, "why": reason}
        return Facts(data=data, actor=actor, digest=outcome.of)

    return doing.do(register, kind, check, once=once)


def _outcome(register: str, report: str, no: int, of: str | None) -> Outcome:
    """What the report says of an instruction of this post, if it counts."""
    rows = Outcome.objects.filter(register=register, report=report, no=no, kind__in=REPORTING)
    found = [row for row in rows.order_by("n") if of in (None, row.of) and _tasking(row) is not None]
    if not found:
        raise NotFound(
            _("That report does not answer an instruction %(no)s of this post.") % {"no": no},
            do=_("Only the post that gave an instruction decides on the report."),
            code="not-answered",
        )
    if len({row.of for row in found}) > 1:
        raise StateError(
            _("The report answers instruction %(no)s of several cables.") % {"no": no},
            do=_("Name the cable."),
            code="several-instructions",
        )
    return found[-1]


def _tasking(outcome: Outcome) -> Tasking | None:
    return Tasking.objects.filter(
        register=outcome.register, digest=outcome.of, no=outcome.no, post=outcome.post, asked=True
    ).first()


def _check_undecided(outcome: Outcome, kind: str) -> None:
    tasking = _tasking(outcome)
    assert tasking is not None
    verdict = Verdict.objects.filter(
        register=outcome.register, of=outcome.of, report=outcome.report, no=outcome.no, post=outcome.post
    ).first()
    if verdict is not None:
        word = _("accepted") if verdict.accepted else _("returned")
        raise StateError(
            _("This was %(decision)s already.") % {"decision": word},
            where=_("entry %(index)s") % {"index": verdict.index},
            code="decided",
        )
    if kind == "Accepted" and outcome.result not in FINAL:
        raise StateError(
            _("The report leaves instruction %(no)s open: it is %(result)s.")
            % {"no": outcome.no, "result": outcome.result},
            do=_("Wait for the next report, or return this one."),
            code="not-final",
        )
    event = TaskingEvent.ACCEPT if kind == "Accepted" else TaskingEvent.RETURN
    if not allowed(TASKING, Status(tasking.status), event):
        raise StateError(
            _("Instruction %(no)s is %(status)s.") % {"no": outcome.no, "status": tasking.status},
            code=f"tasking-{tasking.status}",
        )
