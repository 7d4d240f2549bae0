"""Legs: derived from the register of the sending post, and what people ask about them.

`apply` is a projection within the append. A leg follows from `Released`; `HandedOver`, `Failed` and
`Receipted` move it. What was tried and when the next try is lies in working rows (`Dispatch`, `Attempt`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet

from cableroom.cable.address import Post
from cableroom.cable.canonical import read_stamp
from cableroom.errors import NotFound, StateError
from cableroom.register.ledger import Entry
from cableroom.wire import schedule
from cableroom.wire.models import Attempt, Dispatch, KnownMrn, Leg
from cableroom.wire.schedule import LegEvent, LegState

if TYPE_CHECKING:
    from cableroom.seal.cables import Opened

KINDS = frozenset({"Released", "HandedOver", "Failed", "Receipted"})
TABLES = (Leg,)

PEER_HOLDS = "held-by-peer"
PEER_REFUSES = "refused-by-peer"


def apply(entry: Entry, opened: Opened | None) -> None:
    """The rows that follow from one entry of a post's register."""
    if entry.kind == "Released":
        if opened is not None and not entry.data["again"]:
            _begin(entry, opened)
    elif entry.kind == "HandedOver":
        _handed_over(entry)
    elif entry.kind == "Failed":
        _failed(entry)
    elif entry.data["side"] == "sender":
        _receipted(entry)


def _begin(entry: Entry, opened: Opened) -> None:
    cable = opened.cable
    action = set(cable.action_posts)
    Leg.objects.bulk_create(
        Leg(
            register=entry.register,
            digest=str(entry.digest),
            to=str(post),
            index=entry.index,
            released_at=entry.at,
            message_id=entry.data["message_id"],
            precedence=int(cable.precedence_for(post)),
            niact=cable.niact_for(post),
            action=post in action,
            level=entry.data["level"],
            state=LegState.WAITING,
            changed_at=entry.at,
        )
        for post in dict.fromkeys(cable.all_posts)
        if str(post) != entry.register
    )


def _handed_over(entry: Entry) -> None:
    leg = _leg(entry, entry.data["to"])
    if leg is None:
        return
    _move(leg, LegEvent.SEAL, entry)
    _move(leg, LegEvent.HAND_OVER, entry)
    leg.channel = entry.data["channel"]
    leg.leg = entry.data["leg"]
    leg.route = entry.data["route"]
    leg.handed_over += 1
    leg.handed_over_at = entry.at
    leg.save(force_update=True)


def _failed(entry: Entry) -> None:
    leg = _leg(entry, entry.data["to"])
    if leg is None:
        return
    events = {PEER_HOLDS: LegEvent.HOLD, PEER_REFUSES: LegEvent.REFUSE}
    code = entry.data["code"].partition(":")[0]
    _move(leg, LegEvent.SEAL, entry)
    if _move(leg, events.get(code, LegEvent.FAIL), entry):
        leg.code = entry.data["code"][:80]
        leg.what = (entry.data["what"] or "")[:500]
    leg.save(force_update=True)


def _receipted(entry: Entry) -> None:
    leg = _leg(entry, entry.data["post"])
    if leg is None or leg.receipt_entry is not None:
        return
    _move(leg, LegEvent.RECEIPT, entry)
    leg.receipt_entry = entry.data["entry"]
    leg.received_at = read_stamp(entry.data["received"])
    leg.code = leg.what = ""
    leg.save(force_update=True)


def _leg(entry: Entry, to: str) -> Leg | None:
    return Leg.objects.filter(register=entry.register, digest=entry.digest, to=to).first()


def _move(leg: Leg, event: LegEvent, entry: Entry) -> bool:
    """Along the table; what cannot happen from here (SEAL of a leg that is under way) changes nothing."""
    before = LegState(leg.state)
    if event is LegEvent.SEAL and before is not LegState.WAITING:
        return False
    try:
        after = schedule.step(before, event)
    except StateError:
        return False
    if after is not before:
        leg.state = after
        leg.changed_at = entry.at
    return after is not LegState.RECEIPTED


# -- numbers that have come ------------------------------------------------------------------

MRN_KINDS = frozenset({"Received"})
MRN_TABLES = (KnownMrn,)


def apply_mrn(entry: Entry, opened: Opened | None) -> None:
    """Under which number a cable came: the first digest keeps it."""
    if opened is not None:
        mrn = opened.cable.mrn
        KnownMrn.objects.get_or_create(
            register=entry.register,
            org=mrn.org,
            post=mrn.post,
            year=mrn.year,
            series=mrn.series or "",
            serial=mrn.serial,
            defaults={"digest": str(entry.digest)},
        )


# -- what people ask -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Try:
    """One try to hand a leg over."""

    at: datetime
    route: str
    taken: bool
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class LegView:
    """A leg as people see it: where it stands, since when, why, and what happens next.

    `overdue`: no receipt came in the time that its precedence allows (`schedule.Pace.attention`).
    """

    register: str
    digest: str
    to: Post
    index: int
    precedence: int
    niact: bool
    action: bool
    level: int
    state: LegState
    since: datetime
    released_at: datetime
    channel: int | None
    leg: str
    route: str
    handed_over_at: datetime | None
    received_at: datetime | None
    receipt_entry: int | None
    tries: int
    next_try: datetime | None
    code: str
    what: str
    overdue: bool


def legs(register: str, digest: str, *, now: datetime) -> list[LegView]:
    """All legs of one cable of this post, in the order of precedence and name."""
    rows = Leg.objects.filter(register=register, digest=digest)
    return _views(rows.order_by("-precedence", "to"), now)


def queue(registers: Iterable[str], *, now: datetime, limit: int = 500) -> list[LegView]:
    """What has no receipt yet (or never will) at these posts, in the order in which it would be sent."""
    rows = Leg.objects.filter(register__in=list(registers)).exclude(state=LegState.RECEIPTED)
    return _views(rows.order_by("-precedence", "released_at", "digest", "to")[:limit], now)


def overdue(registers: Iterable[str], *, now: datetime, limit: int = 500) -> list[LegView]:
    """Legs that want somebody's attention: failed, refused, held, or without a receipt for too long."""
    views = queue(registers, now=now, limit=10 * limit)
    bad = (LegState.FAILED, LegState.REFUSED, LegState.HELD)
    return [view for view in views if view.overdue or view.state in bad][:limit]


def tries(register: str, digest: str, to: Post) -> list[Try]:
    """What was tried with one leg, the newest first; older tries are dropped."""
    row = Dispatch.objects.filter(register=register, to=str(to), kind="cable", name=digest).first()
    if row is None or row.channel is None:
        return []
    found = Attempt.objects.filter(register=register, to=str(to), channel=row.channel).order_by("-at", "-id")
    return [Try(each.at, each.route, each.taken, each.code, each.what) for each in found]


def send_again(register: str, digest: str, to: Post, *, now: datetime) -> None:
    """Try this leg again now: the same bytes, by the routes that the directory has today.

    Raises `NotFound` for a leg that is none, `StateError` for one that has its receipt.
    """
    leg = Leg.objects.filter(register=register, digest=digest, to=str(to)).first()
    if leg is None:
        raise NotFound("This cable has no such leg.", code="no-leg")
    if leg.state == LegState.RECEIPTED:
        raise StateError(f"{to} has receipted this cable.", do="There is nothing to send.", code="receipted")
    with transaction.atomic():
        row = Dispatch.objects.select_for_update().filter(
            register=register, to=str(to), kind="cable", name=digest
        )
        row.update(closed=False, closed_at=None, next_try=now, tries=0, since=now, handed_over_at=None)


def _views(rows: QuerySet[Leg], now: datetime) -> list[LegView]:
    found = list(rows)
    names = {row.digest for row in found}
    under_way = {
        (row.register, row.name, row.to): row
        for start in range(0, len(names), 500)
        for row in Dispatch.objects.filter(kind="cable", name__in=sorted(names)[start : start + 500]).defer(
            "sealed"
        )
    }
    return [_view(row, under_way.get((row.register, row.digest, row.to)), now) for row in found]


def _view(row: Leg, under_way: Dispatch | None, now: datetime) -> LegView:
    state = LegState(row.state)
    trying = under_way is not None and not under_way.closed
    if state is LegState.WAITING and under_way is not None and under_way.channel is not None:
        state = LegState.SEALED
    if state in (LegState.FAILED, LegState.REFUSED) and trying:
        state = LegState.SEALED
    overdue = state.open and now - row.released_at > schedule.pace(row.precedence).attention
    said = under_way if trying and under_way is not None and under_way.code else row
    return LegView(
        register=row.register,
        digest=row.digest,
        to=Post.parse(row.to),
        index=row.index,
        precedence=row.precedence,
        niact=row.niact,
        action=row.action,
        level=row.level,
        state=state,
        since=row.changed_at,
        released_at=row.released_at,
        channel=row.channel if row.channel is not None or under_way is None else under_way.channel,
        leg=row.leg or (under_way.leg if under_way is not None else ""),
        route=row.route,
        handed_over_at=row.handed_over_at,
        received_at=row.received_at,
        receipt_entry=row.receipt_entry,
        tries=under_way.tries if under_way is not None else 0,
        next_try=under_way.next_try if trying and under_way is not None else None,
        code=said.code,
        what=said.what,
        overdue=overdue,
    )
