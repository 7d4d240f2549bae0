"""Legs on their way out: taken up, sealed once, and what becomes of each try.

    take_up → due → prepare (seals, commits) → the line → taken | in_vain

A leg is sealed in one transaction with its channel number, before its first byte leaves; every later try on
any route is the same bytes. A 250 is entered as `HandedOver` and closes nothing: a cable's leg waits for the
signed receipt, and goes again when that is late.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from cableroom.cable.address import Post
from cableroom.cable.canonical import sha256_hex
from cableroom.directory import certificates, keystore, routes
from cableroom.directory.routes import Route
from cableroom.errors import CableroomError, NotFound, StateError
from cableroom.register import following, ledger
from cableroom.register.ledger import Act, Actor, Entry, Facts, Turn
from cableroom.seal import cables, legs
from cableroom.seal.envelope import Recipients
from cableroom.seal.legs import Content
from cableroom.wire import channels, schedule, service, sheets
from cableroom.wire.models import Attempt, Dispatch, Leg
from cableroom.wire.schedule import Due, LegState

TAKEN_UP_AT_ONCE = 200
ATTEMPTS_KEPT = 20
KEPT = timedelta(days=90)
SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class Ready:
    """A sealed leg and where it may go; `priority` is its MT-PRIORITY."""

    pk: int
    register: str
    to: Post
    kind: str
    precedence: int
    octets: bytes
    sender: str
    recipient: str
    priority: int
    envid: str
    routes: tuple[Route, ...]


# -- what is to be done ----------------------------------------------------------------------


def take_up(now: datetime) -> int:
    """Make working rows for legs that wait and have none; how many."""
    known = Dispatch.objects.filter(
        register=OuterRef("register"), to=OuterRef("to"), kind="cable", name=OuterRef("digest")
    )
    waiting = Leg.objects.filter(~Exists(known), state=LegState.WAITING)
    rows = [
        Dispatch(
            register=leg.register,
            to=leg.to,
            kind="cable",
            name=leg.digest,
            about=leg.digest,
            precedence=leg.precedence,
            since=leg.released_at,
            next_try=now,
        )
        for leg in waiting.order_by("-precedence", "released_at")[:TAKEN_UP_AT_ONCE]
    ]
    Dispatch.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def due(now: datetime, *, busy: Iterable[str] = (), limit: int = 100) -> list[Due]:
    """What could be sent now, the most urgent first; below FLASH nothing to the posts that are `busy`."""
    rows = Dispatch.objects.filter(closed=False, next_try__lte=now).order_by("-precedence", "since", "pk")
    fields = ("pk", "to", "precedence", "since")
    flash = rows.filter(precedence__gte=schedule.FLASH)
    others = rows.filter(precedence__lt=schedule.FLASH).exclude(to__in=list(busy))
    found = [*flash.values_list(*fields)[:limit], *others.values_list(*fields)[:limit]]
    return [Due(str(pk), to, precedence, since) for pk, to, precedence, since in found]


# -- sealing ---------------------------------------------------------------------------------


def prepare(pk: int, *, now: datetime) -> Ready | None:
    """The leg, sealed if it was not yet; None if it cannot be sent now (the row says why and when again)."""
    row = Dispatch.objects.filter(pk=pk, closed=False).first()
    if row is None:
        return None
    to = Post.parse(row.to)
    try:
        ways = tuple(routes.routes_for(to))
        if not ways:
            raise NotFound(
                f"No confirmed card says how {to} is reached.",
                do="Import and confirm the card of its organisation.",
                code="no-route",
            )
        if row.sealed is None:
            row = _seal(row, to, now)
    except CableroomError as error:
        in_vain(pk, "", error.code, error.what, final=False, now=now)
        return None
    return _ready(row, to, ways)


def _ready(row: Dispatch, to: Post, ways: tuple[Route, ...]) -> Ready:
    return Ready(
        pk=row.pk,
        register=row.register,
        to=to,
        kind=row.kind,
        precedence=row.precedence,
        octets=bytes(row.sealed or b""),
        sender=routes.mail_address(Post.parse(row.register)),
        recipient=routes.mail_address(to),
        priority=2 * row.precedence - 4,
        envid=row.leg[:32],
        routes=ways,
    )


def _seal(row: Dispatch, to: Post, now: datetime) -> Dispatch:
    """Seal once: number, sheet and bytes in one transaction. What it depends on is made ready before."""
    heads = sheets.heads(row.register, to, covers=row.covers)
    sealed_for = Recipients.of([certificates.for_post(to, "opening", now)])
    content = _content(row, now)
    with transaction.atomic(durable=True):
        locked = Dispatch.objects.select_for_update().get(pk=row.pk)
        if locked.sealed is not None:
            return locked
        number = channels.next_number(row.register, row.to)
        sheet = sheets.write(
            row.register, to, channel=number, kind=row.kind, digest=content.digest, heads=heads, now=now
        )
        octets = legs.seal(content, sheet, to=sealed_for, address=routes.mail_address(to))
        locked.channel = number
        locked.sealed = octets
        locked.leg = sha256_hex(octets)
        locked.sealed_at = now
        locked.message = None
        locked.save()
    return locked


def _content(row: Dispatch, now: datetime) -> Content:
    sender = Post.parse(row.register)
    if row.kind == "cable":
        leg = Leg.objects.get(register=row.register, digest=row.name, to=row.to)
        opened = following.opened_of(ledger.entry(row.register, leg.index))
        return legs.cable_content(
            opened.signed_data,
            sender=sender,
            digest=row.name,
            message_id=leg.message_id,
            dtg=opened.cable.dtg,
        )
    key, certificate = keystore.system_key(sender, now=now)
    return legs.service_content(
        service.body(row, now=now),
        key=key,
        certificate=certificate,
        message_id=cables.new_message_id(sender.org),
    )


# -- what came of a try ----------------------------------------------------------------------


def taken(pk: int, route: str, reply: str, *, now: datetime) -> None:
    """A machine has taken the leg. For a cable this is entered as `HandedOver`, in one commit with the row:
    a process that dies before it sends the same bytes again, and the receiver knows them."""
    row = Dispatch.objects.defer("sealed").get(pk=pk)
    if row.channel is None:
        raise StateError("A leg was handed over that was never sealed.", code="not-sealed")
    count = row.handed_over + 1

    def move() -> None:
        locked = _locked(pk)
        locked.handed_over = count
        locked.handed_over_at = now
        locked.tries = 0
        locked.code = locked.what = ""
        locked.next_try = schedule.receipt_due(row.precedence, count, now=now)
        if row.kind != "cable" or locked.receipt_entry is not None:
            _close(locked, now)
        locked.save(update_fields=_MOVING)
        _note(row, route, True, "", reply, now)

    if row.kind != "cable":
        with transaction.atomic():
            move()
        return
    data = {
        "to": row.to,
        "channel": row.channel,
        "route": route,
        "leg": row.leg,
        "attempt": count,
        "reply": one_line(reply),
    }
    _enter(row, "HandedOver", f"leg:{row.to}:{row.channel}:handed-over:{count}", data, move)


def in_vain(pk: int, route: str, code: str, what: str, *, final: bool, now: datetime) -> None:
    """A try has failed. `final`: no further one is made, and for a cable `Failed` is entered."""
    row = Dispatch.objects.defer("sealed").get(pk=pk)
    if not final and schedule.expired(row.precedence, since=row.since, now=now):
        days = schedule.pace(row.precedence).give_up.days
        final, code, what = True, "gave-up", f"After {days} days: {what}"

    def move() -> None:
        locked = _locked(pk)
        locked.tries = row.tries + 1
        locked.code, locked.what = code[:80], one_line(what)
        jitter = secrets.randbelow(1001) / 1000
        locked.next_try = schedule.retry_at(row.precedence, locked.tries, now=now, jitter=jitter)
        if final:
            _close(locked, now)
        locked.save(update_fields=_MOVING)
        _note(row, route, False, code, what, now)

    if final and row.kind == "cable":
        number = row.channel or row.name[:16]
        key = f"leg:{row.to}:{number}:failed:{row.handed_over}:{row.since.isoformat()}"
        _enter(row, "Failed", key, _failure(row, route, code, what), move)
        return
    with transaction.atomic():
        move()


def fate_told(row: Dispatch, code: str, what: str, *, key: str, now: datetime) -> Entry:
    """The receiver says that it holds or refuses a cable: entered as `Failed`, under the key of its service
    message. To send it again by ourselves would change nothing."""

    def move() -> None:
        locked = _locked(row.pk)
        if locked.receipt_entry is None:
            _close(locked, now)
            locked.save(update_fields=_MOVING)

    return _enter(row, "Failed", key, _failure(row, "", code, what), move)


def receipted(register: str, digest: str, to: str, *, entry: int, backed_up: int, now: datetime) -> None:
    """The receipt is being entered (call it in that act): nothing more goes. The bytes stay until the
    receiver's backed-up head covers its entry."""
    row = find(register, digest, to)
    if row is not None and row.receipt_entry is None:
        row.receipt_entry = entry
        _close(row, now)
        row.save(update_fields=_MOVING)
    of_cables = Dispatch.objects.filter(register=register, to=to, kind="cable", closed=True)
    of_cables.filter(receipt_entry__lt=backed_up).delete()


def find(register: str, digest: str, to: str) -> Dispatch | None:
    """The working row of a cable's leg, without its bytes."""
    rows = Dispatch.objects.filter(register=register, to=to, kind="cable", name=digest)
    return rows.defer("sealed").first()


def asked_again(register: str, to: str, first: int, last: int, *, now: datetime) -> int:
    """The receiver misses these channel numbers: the same bytes go again, at once; how many legs.

    A number of which nothing is left here (receipted and backed up, or long ago) stays silent: whoever
    asks for it in vain tells its communicator.
    """
    rows = Dispatch.objects.filter(register=register, to=to, channel__gte=first, channel__lte=last)
    return rows.update(closed=False, closed_at=None, next_try=now, tries=0, since=now)


def sweep(now: datetime) -> int:
    """Drop the bytes of what was closed long ago, and old attempts; how many rows."""
    before = now - KEPT
    gone, _ = Dispatch.objects.filter(closed=True, closed_at__lt=before).delete()
    attempts, _ = Attempt.objects.filter(at__lt=before).delete()
    return gone + attempts


def one_line(text: str) -> str:
    """What others said, as one printable line: it goes into pages, logs and entries."""
    clean = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(clean.split())[:500]


_MOVING = (
    "tries", "code", "what", "next_try", "handed_over", "handed_over_at", "closed", "closed_at", "receipt_entry",
)  # fmt: skip


def _enter(row: Dispatch, kind: str, key: str, data: dict[str, Any], move: Callable[[], None]) -> Entry:
    def run(turn: Turn) -> Facts:
        move()
        return Facts(data=data, actor=SYSTEM, digest=row.name)

    return ledger.append(Act(row.register, kind, key, run, urgent=row.precedence >= schedule.IMMEDIATE))


def _failure(row: Dispatch, route: str, code: str, what: str) -> dict[str, Any]:
    return {
        "to": row.to,
        "channel": row.channel,
        "route": route,
        "leg": row.leg,
        "code": code[:80],
        "what": one_line(what),
    }


def _locked(pk: int) -> Dispatch:
    return Dispatch.objects.select_for_update().defer("sealed").get(pk=pk)


def _close(row: Dispatch, now: datetime) -> None:
    row.closed = True
    row.closed_at = now


def _note(row: Dispatch, route: str, good: bool, code: str, what: str, now: datetime) -> None:
    if row.channel is None:
        return
    of_this = Attempt.objects.filter(register=row.register, to=row.to, channel=row.channel)
    Attempt.objects.create(
        register=row.register,
        to=row.to,
        channel=row.channel,
        at=now,
        route=route,
        taken=good,
        code=code[:80],
        what=one_line(what),
    )
    kept = list(of_this.order_by("-at", "-pk").values_list("pk", flat=True)[: ATTEMPTS_KEPT + 1])
    if len(kept) > ATTEMPTS_KEPT:
        of_this.exclude(pk__in=kept[:ATTEMPTS_KEPT]).delete()
