"""What a person finds in the inbox of their posts, and a cable by its number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cableroom.cable.reference import Mrn
from cableroom.directory import access
from cableroom.directory.models import Person
from cableroom.errors import NotFound
from cableroom.office.lifecycle import Status
from cableroom.office.models import InboxItem, Tasking


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One cable in an inbox. `open` of its instructions to this post wait; `due` is the next date."""

    item: InboxItem
    instructions: int
    open: int
    due: datetime | None
    overdue: bool
    owners: tuple[str, ...]

    @property
    def status(self) -> str:
        """`new` until somebody has taken it up; then open or closed, by its instructions."""
        if self.item.taken_up is None:
            return "new"
        return "open" if self.open else "closed"


def mrn_of(item: InboxItem) -> Mrn:
    return Mrn(item.mrn_org, item.mrn_post, item.mrn_series or None, item.mrn_serial, item.mrn_year)


def print_mrn(item: InboxItem) -> str:
    """The number as it is written at the post that holds the item."""
    return mrn_of(item).print(item.register.partition("/")[0])


def items(
    person: Person | str, post: str | None = None, *, now: datetime, sent: bool | None = None
) -> QuerySet[InboxItem]:
    """The cables that `person` may read, at one post (the name of its register) or at all of theirs."""
    rows = access.visible(InboxItem.objects.all(), person, now=now)
    if post is not None:
        rows = rows.filter(register=post)
    if sent is not None:
        rows = rows.filter(sent=sent)
    return rows


def inbox(
    person: Person | str, post: str | None = None, *, now: datetime, limit: int | None = None
) -> list[InboxLine]:
    """What has come: the most urgent first, of those the newest."""
    return _lines(items(person, post, now=now, sent=False), now, limit)


def sent(
    person: Person | str, post: str | None = None, *, now: datetime, limit: int | None = None
) -> list[InboxLine]:
    """What was released, the newest first."""
    rows = items(person, post, now=now, sent=True)
    found = list(rows.order_by("-at", "register", "digest")[:limit])
    return [InboxLine(item, 0, 0, None, False, ()) for item in found]


def find(
    person: Person | str,
    *,
    now: datetime,
    mrn: Mrn | None = None,
    digest: str | None = None,
    post: str | None = None,
) -> InboxItem:
    """The cable of this number or digest, where it was received if two posts of the person hold it.

    Raises `NotFound`, in the same words whether there is none or it is not for this person.
    """
    rows = items(person, post, now=now)
    if digest is not None:
        rows = rows.filter(digest=digest)
    if mrn is not None:
        rows = rows.filter(
            mrn_org=mrn.org,
            mrn_post=mrn.post,
            mrn_year=mrn.year,
            mrn_series=mrn.series or "",
            mrn_serial=mrn.serial,
        )
    found = rows.order_by("sent", "register").first() if mrn or digest else None
    if found is None:
        raise NotFound(_("There is no such cable here, or it is not for you."), code="no-cable")
    return found


def waiting(person: Person | str, post: str | None = None, *, now: datetime) -> int:
    """How many cables nobody has taken up yet."""
    return items(person, post, now=now, sent=False).filter(taken_up__isnull=True).count()


def _lines(rows: QuerySet[InboxItem], now: datetime, limit: int | None) -> list[InboxLine]:
    found = list(rows.order_by("-precedence", "-at", "register", "digest")[:limit])
    taskings: dict[tuple[str, str], list[Tasking]] = {}
    mine = Tasking.objects.filter(
        asked=False,
        register__in={item.register for item in found},
        digest__in=[item.digest for item in found] if limit else rows.values("digest"),
    )
    for tasking in mine.order_by("no"):
        taskings.setdefault((tasking.register, tasking.digest), []).append(tasking)
    return [_line(item, taskings.get((item.register, item.digest), ()), now) for item in found]


def _line(item: InboxItem, taskings: Iterable[Tasking], now: datetime) -> InboxLine:
    every = list(taskings)
    still = [tasking for tasking in every if tasking.status == Status.OPEN]
    dates = [tasking.due_now for tasking in still if tasking.due_now is not None]
    owners = [item.owner, *(tasking.owner for tasking in every)]
    return InboxLine(
        item=item,
        instructions=len(every),
        open=len(still),
        due=min(dates, default=None),
        overdue=any(date < now for date in dates),
        owners=tuple(dict.fromkeys(owner for owner in owners if owner is not None)),
    )
