"""What the command line prints as JSON and the pages show: a cable with its state and evidence, and the lists.

The shapes are those of docs/reference/command-line.md; `schema` is the caller's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cableroom.cable.canonical import stamp
from cableroom.cable.precedence import Precedence
from cableroom.directory import access
from cableroom.directory.models import Person
from cableroom.office import arriving, board, inbox, reading
from cableroom.office.board import StepLine, TaskingLine
from cableroom.office.models import InboxItem, Step, Verdict
from cableroom.office.threads import Strand, thread
from cableroom.register import ledger
from cableroom.register.ledger import Entry

Json = dict[str, Any]


def show(person: Person | str, register: str, digest: str, *, now: datetime) -> Json:
    """{mrn, digest, document, state {legs, taskings, thread}, evidence} of a cable that `person` may read.

    Raises `NotFound`, in the same words whether there is none or it is not for this person.
    """
    item, opened = reading.read(person, register, digest, now=now)
    lines = board.of_cable(person, register, digest, now=now)
    return {
        "mrn": inbox.print_mrn(item),
        "digest": digest,
        "document": opened.cable.to_json(),
        "state": {
            "legs": legs(item),
            "taskings": [_tasking(line) for line in lines],
            "thread": [_strand(strand) for strand in thread(person, register, digest, now=now)],
        },
        "evidence": [_evidence(entry) for entry in evidence(person, register, digest, now=now)],
    }


def inbox_items(person: Person | str, post: str | None = None, *, now: datetime) -> list[Json]:
    """`items` of the inbox: what has come, the most urgent first."""
    return [
        _item(line.item)
        | {
            "no": None,
            "act": None,
            "post": line.item.register.partition("/")[2],
            "status": line.status,
            "due": _time(line.due),
            "overdue": line.overdue,
            "owner": line.owners[0] if line.owners else None,
        }
        for line in inbox.inbox(person, post, now=now)
    ]


def board_items(
    person: Person | str, post: str | None = None, *, now: datetime, closed: bool = True
) -> list[Json]:
    """`items` of the board: one for each instruction and post, both what was asked and what is asked of us."""
    lines = [
        *board.board(person, post, now=now, closed=closed),
        *board.tasks(person, post, now=now, closed=closed),
    ]
    return [
        _item(line.item)
        | {
            "no": line.tasking.no,
            "act": line.tasking.act,
            "post": _seen(line.tasking.post, line.item.register),
            "status": line.status.value,
            "due": _time(line.due),
            "overdue": line.overdue,
            "owner": line.tasking.owner,
        }
        for line in sorted(lines, key=board.urgency)
    ]


def evidence(person: Person | str, register: str, digest: str, *, now: datetime) -> list[Entry]:
    """The entries of the register that are about this cable, in order; decisions on it as a report too."""
    access.check_may_read(person, register, digest, now=now)
    found = {entry.index: entry for entry in ledger.entries(register, digest=digest)}
    for verdict in Verdict.objects.filter(register=register, report=digest):
        if access.may_read(person, register, verdict.of, now=now):
            found.setdefault(verdict.index, ledger.entry(register, verdict.index))
    return [found[index] for index in sorted(found)]


def legs(item: InboxItem) -> list[Json]:
    """One for each post that the cable goes to from here; for one that came, the way it came."""
    if not item.sent:
        return [
            {
                "from": item.sender,
                "to": item.register,
                "state": "received",
                "steps": _steps(item, item.register),
            }
        ]
    rows: dict[str, dict[str, Step]] = {}
    for row in Step.objects.filter(register=item.register, digest=item.digest).order_by("index"):
        rows.setdefault(row.post, {})[row.step] = row
    return [
        {
            "from": item.register,
            "to": post,
            "state": _leg_state(rows.get(post, {})),
            "steps": _steps(item, post),
        }
        for post in item.posts
    ]


def _leg_state(steps: dict[str, Step]) -> str:
    """`waiting` until the bytes went out. A failure counts until a later step overtakes it."""
    if arriving.RECEIPTED in steps:
        return "receipted"
    last = max(
        (steps[step] for step in (arriving.HANDED_OVER, arriving.FAILED) if step in steps),
        key=lambda row: row.index,
        default=None,
    )
    return "waiting" if last is None else last.step


def _steps(item: InboxItem, post: str) -> list[Json]:
    rows = Step.objects.filter(register=item.register, digest=item.digest, post=post)
    return [
        {"step": row.step, "at": stamp(row.at), "index": row.index, "what": row.what or None}
        for row in rows.order_by("index", "step")
    ]


def _tasking(line: TaskingLine) -> Json:
    row = line.tasking
    return {
        "no": row.no,
        "act": row.act,
        "post": _seen(row.post, row.register),
        "status": line.status.value,
        "due": _time(line.due),
        "overdue": line.overdue,
        "owner": row.owner,
        "outcome": row.outcome,
        "result": line.result,
        "report": None if line.report is None else inbox.print_mrn(line.report),
        "closed_by": None if line.closed_by is None else inbox.print_mrn(line.closed_by),
        "steps": [_step(step) for step in line.steps],
    }


def _step(step: StepLine) -> Json:
    return {"step": step.step, "at": _time(step.at), "index": step.index}


def _strand(strand: Strand) -> Json:
    item = strand.item
    return {
        "mrn": inbox.print_mrn(item),
        "digest": item.digest,
        "how": strand.how,
        "kind": item.kind,
        "from": _seen(item.sender, item.register),
        "dtg": stamp(item.dtg),
        "subject": item.subject,
    }


def _evidence(entry: Entry) -> Json:
    actor = entry.actor
    return {
        "index": entry.index,
        "at": stamp(entry.at),
        "kind": entry.kind,
        "entry": {
            "actor": {"person": actor.person, "post": actor.post, "role": actor.role},
            "cause": entry.cause,
            "data": entry.data,
            "digest": entry.digest,
            "key": entry.key,
        },
    }


def _item(item: InboxItem) -> Json:
    return {
        "mrn": inbox.print_mrn(item),
        "digest": item.digest,
        "precedence": precedence_name(item.precedence),
        "classification": item.classification,
        "subject": item.subject,
        "from": _seen(item.sender, item.register),
        "dtg": stamp(item.dtg),
    }


def precedence_name(number: int) -> str:
    """The name of a precedence; the number of one that has none here."""
    return Precedence(number).name if number in Precedence._value2member_map_ else str(number)


def _seen(post: str, register: str) -> str:
    """A post as people at this register's post write it: without their own organisation."""
    org, _, name = post.partition("/")
    return name if org == register.partition("/")[0] else f"{name}@{org}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)
