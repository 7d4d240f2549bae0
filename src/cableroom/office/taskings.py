"""The projection of taskings: one instruction at one action post, at both ends.

Facts are kept as they come (`Outcome`, `Verdict`, and the cancellations and corrections among
`InboxItem`); after each of them the taskings that it may concern are computed anew by
`lifecycle.status`, which knows no order. So a report that comes before its instruction waits
in `Outcome`, and counts from the moment when the instruction is there.
"""

from __future__ import annotations

from django.db.models import QuerySet

from cableroom.cable.address import Post
from cableroom.cable.document import Cable, Instruction
from cableroom.office import lifecycle
from cableroom.office.lifecycle import Decision, Report, Status
from cableroom.office.models import InboxItem, Outcome, Tasking, Verdict
from cableroom.register.ledger import Entry
from cableroom.seal.cables import Opened

KINDS = frozenset({"Released", "Received", "Assigned", "Noted", "Accepted", "Returned"})
TABLES = (Tasking, Outcome, Verdict)

REPORTING = ("report", "correction")
CLOSING = ("cancellation", "correction")


def apply(entry: Entry, opened: Opened | None) -> None:
    """The rows that follow from one entry."""
    if opened is not None:
        _take_in(entry, opened.cable)
    elif entry.kind in ("Accepted", "Returned"):
        _decided(entry)
    elif entry.kind == "Assigned":
        _mine(entry).update(owner=entry.data["owner"], owner_role=entry.data["role"])
    elif entry.kind == "Noted" and entry.data["no"] is not None:
        _noted(entry)


def _take_in(entry: Entry, cable: Cable) -> None:
    if Tasking.objects.filter(register=entry.register, digest=entry.digest).exists():
        return  # a cable of ours that is entered again after a restore
    for instruction, post in _put_to(entry, cable):
        row = _tasking(entry, cable, instruction, post)
        _settle(row)
    for outcome in _keep_outcomes(entry, cable):
        _settle_those(entry.register, digest=outcome.of, no=outcome.no, post=outcome.post)
    if cable.head.kind in CLOSING:
        _settle_those(entry.register, digest=cable.head.concerns)


def _put_to(entry: Entry, cable: Cable) -> list[tuple[Instruction, str]]:
    """Each instruction with each post it is put to; at a post that received it, those put to that post."""
    if entry.kind == "Released":
        return [(instruction, str(post)) for instruction in cable.instructions for post in instruction.posts]
    own = Post.parse(entry.register)
    return [(instruction, entry.register) for instruction in cable.instructions_for(own)]


def _tasking(entry: Entry, cable: Cable, instruction: Instruction, post: str) -> Tasking:
    assert entry.digest is not None
    due = instruction.by or cable.head.report_by
    return Tasking(
        register=entry.register,
        digest=entry.digest,
        no=instruction.no,
        post=post,
        originator=str(cable.sender),
        asked=entry.kind == "Released",
        paragraph=instruction.paragraph,
        act=instruction.act,
        manner=instruction.manner,
        target=instruction.target,
        what=instruction.what,
        authority=instruction.authority,
        urgent=instruction.urgent,
        due=due,
        due_now=due,
        status=Status.OPEN.value,
    )


def _keep_outcomes(entry: Entry, cable: Cable) -> list[Outcome]:
    assert entry.digest is not None
    rows = [
        Outcome(
            register=entry.register,
            report=entry.digest,
            n=outcome.paragraph,
            index=entry.index,
            at=entry.at,
            post=str(cable.sender),
            kind=cable.head.kind,
            dtg=cable.dtg,
            of=outcome.of,
            no=outcome.no,
            result=outcome.result,
            next=outcome.next,
        )
        for outcome in cable.outcomes
    ]
    if Outcome.objects.filter(register=entry.register, report=entry.digest).exists():
        return []
    return Outcome.objects.bulk_create(rows)


def _decided(entry: Entry) -> None:
    assert entry.digest is not None
    data = entry.data
    verdict = Verdict.objects.create(
        register=entry.register,
        index=entry.index,
        at=entry.at,
        side=data["side"],
        of=entry.digest,
        report=data["report"],
        no=data["no"],
        post=data["post"],
        accepted=entry.kind == "Accepted",
        why=data["why"] or "",
        by=entry.actor.person,
        role=entry.actor.role,
    )
    _settle_those(entry.register, digest=verdict.of, no=verdict.no, post=verdict.post)


def _mine(entry: Entry) -> QuerySet[Tasking]:
    """The taskings put to this post that an assignment or note speaks of."""
    rows = Tasking.objects.filter(register=entry.register, digest=entry.digest, asked=False)
    return rows if entry.data["no"] is None else rows.filter(no=entry.data["no"])


def _noted(entry: Entry) -> None:
    changes = {
        "noted": entry.index,
        "noted_at": entry.at,
        "noted_by": entry.actor.person,
        "note": entry.data["note"] or "",
    }
    if entry.data["outcome"] is not None:
        changes["outcome"] = dict(sorted(entry.data["outcome"].items()))  # as a rebuild reads it
    _mine(entry).update(**changes)


# -- status --------------------------------------------------------------------------------


def _settle_those(register: str, **which: object) -> None:
    for row in Tasking.objects.filter(register=register, **which).order_by("no", "post"):
        _settle(row)


def _settle(row: Tasking) -> None:
    """Compute the status of a tasking from all that the register holds about it, and save it."""
    outcomes = [
        outcome
        for outcome in Outcome.objects.filter(register=row.register, of=row.digest, no=row.no, post=row.post)
        if outcome.kind in REPORTING
    ]
    verdicts = Verdict.objects.filter(register=row.register, of=row.digest, no=row.no, post=row.post)
    cancelled, corrected = _closing(row)
    found = lifecycle.status(
        [Report(o.report, o.dtg, o.result, o.next, o.n) for o in outcomes],
        [Decision(verdict.report, verdict.accepted) for verdict in verdicts],
        cancelled,
        corrected,
    )
    last = max((o for o in outcomes if o.report == found.report), key=lambda o: o.n, default=None)
    row.status = found.status.value
    row.report = found.report
    row.result = None if last is None else last.result
    row.due_now = found.next or row.due
    row.closed_by = {
        Status.CANCELLED: min(cancelled, default=None),
        Status.SUPERSEDED: min(corrected, default=None),
    }.get(found.status)
    row.save()


def _closing(row: Tasking) -> tuple[list[str], list[str]]:
    """The originator's cancellations that went to this post, and its corrections that put the instruction anew."""
    cancelled, corrected = [], []
    for item in InboxItem.objects.filter(
        register=row.register, concerns=row.digest, sender=row.originator, kind__in=CLOSING
    ):
        if item.kind == "cancellation" and row.post in item.posts:
            cancelled.append(item.digest)
        elif (
            item.kind == "correction"
            and Tasking.objects.filter(
                register=row.register, digest=item.digest, no=row.no, post=row.post
            ).exists()
        ):
            corrected.append(item.digest)
    return cancelled, corrected
