"""Every tasking and its status: what a post asked of others, and what was asked of it.

What a person sees is bounded twice: a tasking shows only where they may read the cable that gives the
instruction; which report answers it, and what that says (result, new date), only where they may read the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from cableroom.directory import access
from cableroom.directory.models import Person
from cableroom.office import arriving
from cableroom.office.lifecycle import Status
from cableroom.office.models import InboxItem, Outcome, Step, Tasking, Verdict
from cableroom.office.taskings import CLOSING, REPORTING

REPORTED = "reported"
ACCEPTED = "accepted"
ASKED_STEPS = (
    arriving.RELEASED,
    arriving.HANDED_OVER,
    arriving.RECEIPTED,
    arriving.ACKNOWLEDGED,
    REPORTED,
    ACCEPTED,
)
PUT_STEPS = (arriving.RECEIVED, arriving.RECEIPTED, arriving.ACKNOWLEDGED, REPORTED, ACCEPTED)

Key = tuple[str, str]
"""(register, digest)."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step and its evidence: the entry `index` of the register. Without one it was not reached."""

    step: str
    at: datetime | None = None
    index: int | None = None

    @property
    def reached(self) -> bool:
        return self.index is not None


@dataclass(frozen=True, slots=True)
class TaskingLine:
    """One tasking as a person may see it. `report`: the cable that the status rests on, if they may read it."""

    tasking: Tasking
    item: InboxItem
    status: Status
    due: datetime | None
    overdue: bool
    result: str | None
    report: InboxItem | None
    verdict: Verdict | None
    closed_by: InboxItem | None
    steps: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One cable on the board: for each post its lines by number of the instruction; None: not put to it."""

    item: InboxItem
    numbers: tuple[int, ...]
    posts: tuple[tuple[str, dict[int, TaskingLine | None]], ...]
    overdue: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that came and changed nothing: paragraph `n` of `item`, and why (docs/reference/life-cycles.md)."""

    item: InboxItem
    code: str
    of: str
    n: int | None = None
    no: int | None = None


def board(
    person: Person | str, post: str | None = None, *, now: datetime, closed: bool = False
) -> list[TaskingLine]:
    """What a post (the name of its register), or all posts of the person, asked of others; overdue first.

    Open and reported taskings; with `closed`, the closed ones too.
    """
    return _lines(person, _rows(person, post, now, closed).filter(asked=True), now)


def tasks(
    person: Person | str, post: str | None = None, *, now: datetime, closed: bool = False
) -> list[TaskingLine]:
    """What was asked of a post, or of all posts of the person; overdue first."""
    return _lines(person, _rows(person, post, now, closed).filter(asked=False), now)


def of_cable(person: Person | str, register: str, digest: str, *, now: datetime) -> list[TaskingLine]:
    """Every tasking of one cable in one register, by instruction and post."""
    rows = _rows(person, register, now, True).filter(digest=digest)
    return sorted(_lines(person, rows, now), key=lambda line: (line.tasking.no, line.tasking.post))


def overdue(person: Person | str, post: str | None = None, *, now: datetime) -> list[TaskingLine]:
    """What is open past its date, asked of this post or by it: what is to be chased."""
    rows = _rows(person, post, now, False).filter(status=Status.OPEN.value)
    return [line for line in _lines(person, rows, now) if line.overdue]


def sheets(lines: Iterable[TaskingLine]) -> list[Sheet]:
    """The lines of a board, one sheet a cable; the order of the cables is that of their first line."""
    cables: dict[Key, list[TaskingLine]] = {}
    for line in lines:
        cables.setdefault((line.item.register, line.item.digest), []).append(line)
    return [_sheet(found) for found in cables.values()]


def doubts(person: Person | str, post: str | None = None, *, now: datetime) -> list[Doubt]:
    """Outcomes, cancellations and corrections that came to the originator and do not count, with the reason."""
    return [*_doubtful_outcomes(person, post, now), *_doubtful_closings(person, post, now)]


# -- inside --------------------------------------------------------------------------------


def _rows(person: Person | str, post: str | None, now: datetime, closed: bool) -> QuerySet[Tasking]:
    rows = access.visible(Tasking.objects.all(), person, now=now)
    if post is not None:
        rows = rows.filter(register=post)
    return rows if closed else rows.filter(status__in=[Status.OPEN.value, Status.REPORTED.value])


def _lines(person: Person | str, rows: QuerySet[Tasking], now: datetime) -> list[TaskingLine]:
    named = (
        Q(digest__in=rows.values("digest"))
        | Q(digest__in=rows.filter(report__isnull=False).values("report"))
        | Q(digest__in=rows.filter(closed_by__isnull=False).values("closed_by"))
    )
    cables = access.visible(InboxItem.objects.filter(named), person, now=now)
    items = {(item.register, item.digest): item for item in cables}
    evidence = _Evidence(rows)
    lines = [_line(row, items, evidence, now) for row in rows if (row.register, row.digest) in items]
    return sorted(lines, key=urgency)


def urgency(line: TaskingLine) -> tuple[object, ...]:
    """Overdue first, then what has a date, then by precedence; what is closed last."""
    due = line.due.timestamp() if line.due is not None else float("inf")
    row = line.tasking
    return (
        line.status.closed,
        not line.overdue,
        due,
        -line.item.precedence,
        line.item.at,
        row.register,
        row.digest,
        row.no,
        row.post,
    )


class _Evidence:
    """The entries behind the steps of many taskings, read at once."""

    def __init__(self, rows: QuerySet[Tasking]) -> None:
        digests = rows.values("digest")
        self.steps = {
            (row.register, row.digest, row.post, row.step): row
            for row in Step.objects.filter(digest__in=digests)
        }
        self.reports = {
            (row.register, row.of, row.no, row.post, row.report): row
            for row in Outcome.objects.filter(of__in=digests).order_by("-n")
        }
        self.verdicts = {
            (row.register, row.of, row.no, row.post, row.report): row
            for row in Verdict.objects.filter(of__in=digests).order_by("accepted", "-index")
        }


def _line(row: Tasking, items: dict[Key, InboxItem], evidence: _Evidence, now: datetime) -> TaskingLine:
    report = items.get((row.register, row.report)) if row.report else None
    knows = row.report is None or report is not None
    status = Status(row.status)
    due = row.due_now if knows else row.due
    verdict = _verdict(row, evidence)
    return TaskingLine(
        tasking=row,
        item=items[row.register, row.digest],
        status=status,
        due=due,
        overdue=status is Status.OPEN and due is not None and due < now,
        result=row.result if knows else None,
        report=report,
        verdict=verdict,
        closed_by=items.get((row.register, row.closed_by)) if row.closed_by else None,
        steps=tuple(_steps(row, evidence, report, verdict)),
    )


def _verdict(row: Tasking, evidence: _Evidence) -> Verdict | None:
    """The decision on the report that the status rests on; of an open tasking, the last return."""
    if row.report is not None and row.status != Status.OPEN:
        return evidence.verdicts.get((row.register, row.digest, row.no, row.post, row.report or ""))
    mine = [
        verdict
        for key, verdict in evidence.verdicts.items()
        if key[:4] == (row.register, row.digest, row.no, row.post) and not verdict.accepted
    ]
    return max(mine, key=lambda verdict: verdict.index, default=None)


def _steps(
    row: Tasking, evidence: _Evidence, report: InboxItem | None, verdict: Verdict | None
) -> Iterable[StepLine]:
    for step in ASKED_STEPS if row.asked else PUT_STEPS:
        found: Step | Outcome | Verdict | None = None
        if step == REPORTED:
            if report is not None and row.status in (Status.REPORTED, Status.ACCEPTED):
                key = (row.register, row.digest, row.no, row.post, report.digest)
                found = evidence.reports.get(key)
        elif step == ACCEPTED:
            found = verdict if verdict is not None and row.status == Status.ACCEPTED else None
        else:
            found = evidence.steps.get((row.register, row.digest, row.post, step))
        yield StepLine(step) if found is None else StepLine(step, found.at, found.index)


def _sheet(lines: list[TaskingLine]) -> Sheet:
    numbers = tuple(sorted({line.tasking.no for line in lines}))
    posts = dict.fromkeys(line.tasking.post for line in lines)
    cells = {(line.tasking.post, line.tasking.no): line for line in lines}
    return Sheet(
        item=lines[0].item,
        numbers=numbers,
        posts=tuple((post, {no: cells.get((post, no)) for no in numbers}) for post in posts),
        overdue=sum(line.overdue for line in lines),
    )


def _doubtful_outcomes(person: Person | str, post: str | None, now: datetime) -> list[Doubt]:
    rows = access.visible(Outcome.objects.all(), person, digest="report", now=now)
    rows = access.visible(rows if post is None else rows.filter(register=post), person, digest="of", now=now)
    found = list(rows.order_by("-index", "n"))
    asked = {
        (row.register, row.digest, row.no, row.post)
        for row in Tasking.objects.filter(digest__in=rows.values("of"), asked=True)
    }
    held = _held({(outcome.register, digest) for outcome in found for digest in (outcome.of, outcome.report)})
    numbers = {key[:3] for key in asked}
    doubts = []
    for outcome in found:
        cable = held.get((outcome.register, outcome.of))
        if cable is None or cable.sender != outcome.register:
            continue  # not ours to judge: the originator's board does
        if outcome.kind not in REPORTING:
            code = "not-a-report"
        elif (outcome.register, outcome.of, outcome.no) not in numbers:
            code = "no-such-instruction"
        elif (outcome.register, outcome.of, outcome.no, outcome.post) not in asked:
            code = "not-put-to-post"
        else:
            continue
        item = held[outcome.register, outcome.report]
        doubts.append(Doubt(item, code, outcome.of, outcome.n, outcome.no))
    return doubts


def _doubtful_closings(person: Person | str, post: str | None, now: datetime) -> list[Doubt]:
    rows = access.visible(InboxItem.objects.filter(kind__in=CLOSING), person, now=now)
    rows = access.visible(
        rows if post is None else rows.filter(register=post), person, digest="concerns", now=now
    )
    found = list(rows.order_by("-index"))
    named = [(item, item.concerns) for item in found if item.concerns is not None]
    held = _held({(item.register, concerns) for item, concerns in named})
    return [
        Doubt(item, "not-the-originator", concerns)
        for item, concerns in named
        if (cable := held.get((item.register, concerns))) is not None and cable.sender != item.sender
    ]


def _held(keys: set[Key]) -> dict[Key, InboxItem]:
    rows = InboxItem.objects.filter(
        register__in={register for register, _digest in keys},
        digest__in={digest for _register, digest in keys},
    )
    return {(item.register, item.digest): item for item in rows if (item.register, item.digest) in keys}
