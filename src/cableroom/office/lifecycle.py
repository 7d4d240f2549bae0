"""The life cycles of a draft and of a tasking, as tables.

A tasking is one instruction at one action post. Its status is a function of *sets*: the
reports that answer it, the decisions on them (each names the digest of the report that it
answers), and the originator's cancellations and corrections. Nothing here asks in which
order they came, so it is the same at both ends and after any delay. `TASKING` says which
steps that function can ever take; the tests hold the one against the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cableroom.errors import StateError


class DraftStatus(StrEnum):
    IN_WORK = "in work"
    RELEASED = "released"
    DISCARDED = "discarded"


class DraftEvent(StrEnum):
    SAVE = "save"
    HAND_OVER = "hand over"
    LOWER = "lower the mark"
    RELEASE = "release"
    DISCARD = "discard"


class Status(StrEnum):
    """Of a tasking."""

    OPEN = "open"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"

    @property
    def closed(self) -> bool:
        return self in (Status.ACCEPTED, Status.CANCELLED, Status.SUPERSEDED)


class TaskingEvent(StrEnum):
    REPORT = "final report"
    IN_PART = "in part or deferred"
    ACCEPT = "accept"
    RETURN = "return"
    CANCEL = "cancel"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class Transition:
    """From `before`, on `event`, to `after`; `when` names the condition where an event can lead to two."""

    before: StrEnum
    event: StrEnum
    after: StrEnum
    when: str = ""


def _row(before: StrEnum, event: StrEnum, after: StrEnum, when: str = "") -> Transition:
    return Transition(before, event, after, when)


DRAFT: tuple[Transition, ...] = (
    _row(DraftStatus.IN_WORK, DraftEvent.SAVE, DraftStatus.IN_WORK),
    _row(DraftStatus.IN_WORK, DraftEvent.HAND_OVER, DraftStatus.IN_WORK),
    _row(DraftStatus.IN_WORK, DraftEvent.LOWER, DraftStatus.IN_WORK),
    _row(DraftStatus.IN_WORK, DraftEvent.RELEASE, DraftStatus.RELEASED),
    _row(DraftStatus.IN_WORK, DraftEvent.DISCARD, DraftStatus.DISCARDED),
)

TASKING: tuple[Transition, ...] = (
    _row(Status.OPEN, TaskingEvent.REPORT, Status.REPORTED),
    _row(Status.OPEN, TaskingEvent.IN_PART, Status.OPEN),
    _row(Status.OPEN, TaskingEvent.RETURN, Status.OPEN, "a deferral is returned: the old date again"),
    _row(Status.OPEN, TaskingEvent.CANCEL, Status.CANCELLED),
    _row(Status.OPEN, TaskingEvent.CORRECT, Status.SUPERSEDED),
    _row(Status.REPORTED, TaskingEvent.REPORT, Status.REPORTED),
    _row(Status.REPORTED, TaskingEvent.IN_PART, Status.REPORTED),
    _row(Status.REPORTED, TaskingEvent.ACCEPT, Status.ACCEPTED),
    _row(Status.REPORTED, TaskingEvent.RETURN, Status.OPEN),
    _row(Status.REPORTED, TaskingEvent.RETURN, Status.REPORTED, "another report waits"),
    _row(Status.REPORTED, TaskingEvent.CANCEL, Status.CANCELLED),
    _row(Status.REPORTED, TaskingEvent.CORRECT, Status.SUPERSEDED),
)

# Which outcome ends the work, and which leaves the tasking open with a new date.
FINAL = frozenset({"carried out", "refused", "impossible"})
PARTIAL = frozenset({"in part", "deferred"})


@dataclass(frozen=True, slots=True)
class Report:
    """One outcome for this tasking: paragraph `n` of the report `digest`, which is dated `dtg`."""

    digest: str
    dtg: datetime
    result: str
    next: datetime | None = None
    n: int = 1

    @property
    def order(self) -> tuple[datetime, str, int]:
        """What a post said last: by the DTG of its reports; the digest parts equal ones."""
        return (self.dtg, self.digest, self.n)


@dataclass(frozen=True, slots=True)
class Decision:
    """The originator's word on the report `report` as far as it concerns this tasking."""

    report: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class TaskingState:
    """`report`: digest of the report that the status rests on. `next`: the new date, if one was given."""

    status: Status
    report: str | None = None
    next: datetime | None = None

    @property
    def closed(self) -> bool:
        return self.status.closed


def status(
    reports: Iterable[Report],
    decisions: Iterable[Decision],
    cancellations: Iterable[str] = (),
    superseded: Iterable[str] = (),
) -> TaskingState:
    """Where a tasking stands, given everything known about it, in any order and however often.

    An accepted report is the strongest fact: what was done and accepted is not undone by a
    cancellation that crossed it. A report that was both accepted and returned counts as
    returned, since what is doubtful stays open. `cancellations` and `superseded` are the digests
    of the originator's cables.
    """
    decided: dict[str, bool] = {}
    for decision in decisions:
        decided[decision.report] = decided.get(decision.report, True) and decision.accepted
    known = sorted(set(reports), key=lambda report: report.order)
    final = [report for report in known if report.result in FINAL]
    accepted = [report for report in final if decided.get(report.digest) is True]
    waiting = [report for report in final if report.digest not in decided]
    if accepted:
        return TaskingState(Status.ACCEPTED, accepted[-1].digest)
    if any(True for _ in cancellations):
        return TaskingState(Status.CANCELLED)
    if any(True for _ in superseded):
        return TaskingState(Status.SUPERSEDED)
    if waiting:
        return TaskingState(Status.REPORTED, waiting[-1].digest)
    partial = [r for r in known if r.result in PARTIAL and decided.get(r.digest, True)]
    dated = [report.next for report in partial if report.next is not None]
    return TaskingState(
        Status.OPEN,
        partial[-1].digest if partial else None,
        dated[-1] if dated else None,
    )


def allowed(table: Iterable[Transition], before: StrEnum, event: StrEnum) -> tuple[StrEnum, ...]:
    """Where `event` can lead from `before`; empty if it is not allowed there."""
    return tuple(row.after for row in table if row.before == before and row.event == event)


def must_allow(
    table: Iterable[Transition], before: StrEnum, event: StrEnum, *, what: str, do: str = ""
) -> None:
    """Raise StateError unless `event` may happen in the state `before`."""
    if not allowed(table, before, event):
        raise StateError(f"{what} is {before}.", do=do)


def draw(table: Iterable[Transition], first: StrEnum) -> str:
    """The table as a Mermaid state diagram (docs/reference/life-cycles.md holds exactly this)."""
    rows = tuple(table)
    lines = ["stateDiagram-v2", f"    [*] --> {_node(first)}"]
    for row in rows:
        label = f"{row.event} ({row.when})" if row.when else row.event
        lines.append(f"    {_node(row.before)} --> {_node(row.after)}: {label}")
    leaving = {row.before for row in rows}
    ends = dict.fromkeys(row.after for row in rows if row.after not in leaving)
    lines += [f"    {_node(end)} --> [*]" for end in ends]
    return "\n".join(lines) + "\n"


def _node(state: StrEnum) -> str:
    return state.replace(" ", "_")
