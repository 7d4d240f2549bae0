"""The numbers of the legs between two posts: given out, seen, missed, asked for.

Every leg from one post to another has the next number of that channel. The receiver remembers
(number, SHA-256 of the leg): a number that does not come is asked for after a while, and a number that comes
with other bytes is an alarm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from cableroom.cable.address import Post
from cableroom.wire import schedule
from cableroom.wire.models import Channel, ChannelSeen, Gap

CLOCK_TOLERANCE = timedelta(minutes=10)
ASK_AT_MOST = 6
WIDEST_QUESTION = 1000


def next_number(register: str, peer: str) -> int:
    """Take the next number of the channel to `peer`. Call it in the transaction that keeps the sealed leg."""
    Channel.objects.get_or_create(register=register, peer=peer)
    row = Channel.objects.select_for_update().get(register=register, peer=peer)
    row.sent += 1
    row.save(update_fields=["sent"])
    return row.sent


def is_other_leg(register: str, peer: str, number: int, leg: str) -> bool:
    """Has this number come before with other bytes?"""
    row = ChannelSeen.objects.filter(register=register, peer=peer, number=number).first()
    return row is not None and row.leg != leg


def is_same_leg(register: str, peer: str, number: int, leg: str) -> bool:
    """Has just this leg come before?"""
    return ChannelSeen.objects.filter(register=register, peer=peer, number=number, leg=leg).exists()


def has_come(
    register: str, peer: str, number: int, leg: str, *, sent: datetime, precedence: int, now: datetime
) -> None:
    """Remember a leg whose sheet was verified. Call it in a transaction; a second time changes nothing.

    `sent` is the time on the sheet; `precedence` that of the leg: how soon what is missing below it is asked
    for.
    """
    _, fresh = ChannelSeen.objects.get_or_create(
        register=register, peer=peer, number=number, defaults={"leg": leg, "at": now}
    )
    if not fresh:
        return
    Channel.objects.get_or_create(register=register, peer=peer)
    row = Channel.objects.select_for_update().get(register=register, peer=peer)
    off = (sent - now).total_seconds()
    row.clock_off = round(off) if abs(off) > CLOCK_TOLERANCE.total_seconds() else None
    row.came_at = now
    if number > row.came:
        if number > row.came + 1:
            _open_gap(row, row.came + 1, number - 1, precedence, now)
        row.came = number
    else:
        _fill(register, peer, number)
    row.save()


def _open_gap(row: Channel, first: int, last: int, precedence: int, now: datetime) -> None:
    Gap.objects.create(
        register=row.register,
        peer=row.peer,
        first=first,
        last=last,
        since=now,
        precedence=precedence,
        next_ask=now + schedule.pace(precedence).grace,
    )


def _fill(register: str, peer: str, number: int) -> None:
    gap = Gap.objects.filter(register=register, peer=peer, first__lte=number, last__gte=number).first()
    if gap is None:
        return
    above = Gap(
        register=register,
        peer=peer,
        first=number + 1,
        last=gap.last,
        since=gap.since,
        precedence=gap.precedence,
        asked=gap.asked,
        next_ask=gap.next_ask,
    )
    if gap.first == number:
        gap.delete()
    else:
        gap.last = number - 1
        gap.save(update_fields=["last"])
    if above.first <= above.last:
        above.save(force_insert=True)


def due_questions(now: datetime, *, limit: int = 100) -> list[Gap]:
    """Gaps that it is time to ask for."""
    return list(
        Gap.objects.filter(next_ask__lte=now, asked__lt=ASK_AT_MOST).order_by("-precedence", "next_ask")[
            :limit
        ]
    )


def question(gap: Gap) -> tuple[int, int]:
    """Which numbers one RETRANSMIT asks for: the first thousand of a gap."""
    return gap.first, min(gap.last, gap.first + WIDEST_QUESTION - 1)


def asked(gap: Gap, *, now: datetime) -> None:
    """Note that it was asked for; the next time it is waited for twice as long."""
    with transaction.atomic():
        row = Gap.objects.select_for_update().filter(pk=gap.pk).first()
        if row is not None:
            row.asked += 1
            row.next_ask = now + schedule.pace(row.precedence).grace * (1 << row.asked)
            row.save(update_fields=["asked", "next_ask"])


@dataclass(frozen=True, slots=True)
class Missing:
    """Numbers of a channel that have not come. `hopeless`: asked for as often as we ask."""

    register: str
    peer: Post
    first: int
    last: int
    since: datetime
    asked: int
    hopeless: bool


def missing(registers: Iterable[str]) -> list[Missing]:
    """All gaps of these posts, for the communicator's page."""
    rows = Gap.objects.filter(register__in=list(registers)).order_by("register", "peer", "first")
    return [
        Missing(
            row.register,
            Post.parse(row.peer),
            row.first,
            row.last,
            row.since,
            row.asked,
            row.asked >= ASK_AT_MOST,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ClockNotice:
    """A correspondent whose clock and ours differ by more than ten minutes (`seconds` > 0: theirs is ahead)."""

    register: str
    peer: Post
    seconds: int
    at: datetime | None


def clock_notices(registers: Iterable[str]) -> list[ClockNotice]:
    rows = Channel.objects.filter(register__in=list(registers), clock_off__isnull=False).order_by(
        "register", "peer"
    )
    return [ClockNotice(row.register, Post.parse(row.peer), row.clock_off or 0, row.came_at) for row in rows]
