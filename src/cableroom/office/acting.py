"""What a post does with a cable that it has received: take it up, assign it, note what was done.

An acknowledgement goes home with the role (the wire sends it); assignments and notes stay at the post.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cableroom.cable.canonical import stamp
from cableroom.cable.paragraphs import RESULTS
from cableroom.directory.models import Person
from cableroom.errors import InputError, NotFound, StateError
from cableroom.office import doing
from cableroom.office.distributing import check_could_read
from cableroom.office.lifecycle import PARTIAL, Status
from cableroom.office.models import InboxItem, Tasking
from cableroom.register.ledger import Entry, Facts


def acknowledge(
    register: str,
    digest: str,
    *,
    by: Person,
    now: datetime,
    role: str | None = None,
    once: str | None = None,
) -> Entry:
    """Take the cable up for the post: `Acknowledged`. Once for each cable and post (`StateError`)."""

    def check() -> Facts:
        actor = doing.reading(register, digest, by, now=now, role=role)
        item = _received(register, digest)
        if item.taken_up is not None:
            raise StateError(
                _("%(person)s took this up already.") % {"person": item.taken_up_by},
                where=_("entry %(index)s") % {"index": item.taken_up},
                code="taken-up",
            )
        data = {"side": "own", "post": register, "role": actor.role, "at": stamp(now)}
        return Facts(data=data, actor=actor, digest=digest)

    return doing.do(register, "Acknowledged", check, once=once)


def assign(
    register: str,
    digest: str,
    *,
    owner: Person,
    by: Person,
    now: datetime,
    no: int | None = None,
    once: str | None = None,
) -> Entry:
    """Make `owner` answer for instruction `no`, or for the whole cable: `Assigned`.

    The owner is added to the distribution, so they must be able to read it (`NotAllowed`).
    """

    def check() -> Facts:
        actor = doing.reading(register, digest, by, now=now)
        _received(register, digest)
        if no is not None:
            _check_open(_tasking(register, digest, no))
        doing.actor_at(register, owner, now=now)
        check_could_read(register, digest, owner, now=now)
        data = {"no": no, "owner": owner.name, "role": None}
        return Facts(data=data, actor=actor, digest=digest)

    return doing.do(register, "Assigned", check, once=once)


def note(
    register: str,
    digest: str,
    *,
    note: str,
    by: Person,
    now: datetime,
    no: int | None = None,
    once: str | None = None,
) -> Entry:
    """Note something about instruction `no`, or about the cable: `Noted`. It stays at the post."""
    text = doing.checked_text(note, "note")

    def check() -> Facts:
        actor = doing.reading(register, digest, by, now=now)
        if no is not None:
            _tasking(register, digest, no)
        return Facts(data={"no": no, "note": text, "outcome": None}, actor=actor, digest=digest)

    return doing.do(register, "Noted", check, once=once)


def carry_out(
    register: str,
    digest: str,
    no: int,
    *,
    result: str,
    text: str,
    by: Person,
    now: datetime,
    at: datetime | None = None,
    done_by: str | None = None,
    to: str | None = None,
    next: datetime | None = None,
    note: str | None = None,
    once: str | None = None,
) -> Entry:
    """Note the outcome of instruction `no`: `Noted` with `data.outcome`, from which `reporting` drafts.

    `result` is one of carried out, in part, deferred, refused, impossible; `at` when, `done_by` by whom,
    `to` to whom, `next` the new date, `text` what was answered (a line that begins with `> ` is
    quoted). A closed tasking takes no more (`StateError`).
    """
    outcome = _outcome(result, text, at, done_by, to, next)
    kept = None if note is None else doing.checked_text(note, "note")

    def check() -> Facts:
        actor = doing.reading(register, digest, by, now=now)
        _check_open(_tasking(register, digest, no))
        return Facts(data={"no": no, "note": kept, "outcome": outcome}, actor=actor, digest=digest)

    return doing.do(register, "Noted", check, once=once)


def _outcome(
    result: str,
    text: str,
    at: datetime | None,
    done_by: str | None,
    to: str | None,
    next: datetime | None,
) -> dict[str, Any]:
    if result not in RESULTS:
        raise InputError(
            _("%(result)s is no outcome.") % {"result": repr(result)},
            do=_("Choose one of: %(results)s.") % {"results": ", ".join(RESULTS)},
            code="result",
        )
    if result == "deferred" and next is None:
        raise InputError(
            _("A deferral needs the new date."), where="next", do=_("Give the date."), code="next-missing"
        )
    if result not in PARTIAL and next is not None:
        raise InputError(
            _("Only an outcome that leaves the instruction open has a new date."),
            where="next",
            do=_("Leave the date out."),
            code="next-final",
        )
    return {
        "result": result,
        "at": None if at is None else stamp(at),
        "by": None if not done_by else doing.checked_line(done_by, "by"),
        "to": None if not to else doing.checked_line(to, "to"),
        "next": None if next is None else stamp(next),
        "text": doing.checked_text(text, "text"),
    }


def _received(register: str, digest: str) -> InboxItem:
    item = InboxItem.objects.filter(register=register, digest=digest, sent=False).first()
    if item is None:
        raise StateError(
            _("This post sent the cable, it did not receive it."),
            do=_("What it asked of others stands on the board."),
            code="not-received",
        )
    return item


def _tasking(register: str, digest: str, no: int) -> Tasking:
    row = Tasking.objects.filter(register=register, digest=digest, no=no, asked=False).first()
    if row is None:
        numbers = Tasking.objects.filter(register=register, digest=digest, asked=False).order_by("no")
        listed = ", ".join(str(number) for number in numbers.values_list("no", flat=True))
        raise NotFound(
            _("Instruction %(no)s of this cable was not put to this post.") % {"no": no},
            do=_("Put to it: %(numbers)s.") % {"numbers": listed} if listed else _("None was put to it."),
            code="no-instruction",
        )
    return row


def _check_open(row: Tasking) -> None:
    if Status(row.status).closed:
        raise StateError(
            _("Instruction %(no)s is %(status)s.") % {"no": row.no, "status": row.status},
            code=f"tasking-{row.status}",
        )
