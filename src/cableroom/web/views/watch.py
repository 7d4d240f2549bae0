"""The watch: what needs a hand, the lines, what still has to travel, and the register."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, ngettext

from cableroom.cable.address import Post
from cableroom.errors import NotAllowed, NotFound
from cableroom.office import inbox
from cableroom.office.models import InboxItem
from cableroom.register import ledger, notes
from cableroom.web import framing, times
from cableroom.web.desk import Desk, act
from cableroom.web.framing import item_label, post_name
from cableroom.web.reading import precedence_view
from cableroom.web.rooms import page
from cableroom.web.viewing import (
    ActView,
    FactView,
    LineRow,
    QueueRow,
    StateView,
    TroubleView,
    WatchView,
)
from cableroom.wire import channels, incoming, outbox
from cableroom.wire.outbox import LegView
from cableroom.wire.schedule import LegState

MOST_ALARMS = 20


@page
def watch(request: HttpRequest, desk: Desk) -> HttpResponse:
    if desk.may("communicate") is None:
        raise NotFound("No such page, or not for you.", code="no-watch")
    queue = outbox.queue([desk.register], now=desk.now)
    readable = _readable(queue, desk)
    view = WatchView(
        tuple(_troubles(desk)),
        tuple(_lines(queue, desk)),
        tuple(_row(leg, readable, desk) for leg in queue if leg.state.open),
        tuple(_register(desk)),
    )
    labels = [item_label(item, desk.policy.levels) for item in readable.values()]
    return render(request, "web/watch.html", {"page": framing.frame(desk, "watch", labels), "view": view})


def _readable(queue: Iterable[LegView], desk: Desk) -> dict[str, InboxItem]:
    """Of the cables that wait, those whose number this communicator may know."""
    digests = {leg.digest for leg in queue}
    rows = inbox.items(desk.person, desk.register, now=desk.now).filter(digest__in=digests)
    return {item.digest: item for item in rows}


# -- what needs a hand -------------------------------------------------------------------------


def _troubles(desk: Desk) -> Iterable[TroubleView]:
    yield from _stuck(desk)
    yield from _held(desk)
    yield from _missing(desk)
    yield from _clocks(desk)
    yield from _alarms(desk)


def _stuck(desk: Desk) -> Iterable[TroubleView]:
    for leg in outbox.overdue([desk.register], now=desk.now):
        shape = "soon" if leg.state.open else "late"
        facts = [leg.what] if leg.what else []
        facts.append(gettext("since %(when)s") % {"when": times.clock(leg.since, desk.now)})
        if leg.tries:
            facts.append(ngettext("%(n)s try", "%(n)s tries", leg.tries) % {"n": leg.tries})
        again = ActView(gettext("Send again now"), desk.url("send-again", leg.digest), post=True)
        to = post_name(str(leg.to), desk)
        yield TroubleView(
            StateView(_state(leg.state), shape), to, tuple(facts), (again,), (("to", str(leg.to)),)
        )


def _held(desk: Desk) -> Iterable[TroubleView]:
    for leg in incoming.held([desk.register]):
        sender = post_name(str(leg.sender), desk)
        title = gettext("From %(post)s") if leg.verified else gettext("Says that it is from %(post)s")
        facts = [leg.what, leg.do, gettext("since %(when)s") % {"when": times.clock(leg.held_at, desk.now)}]
        again = ActView(gettext("Try again now"), desk.url("try-held"), post=True)
        yield TroubleView(
            StateView(desk.words("held"), "soon"),
            title % {"post": sender},
            tuple(fact for fact in facts if fact),
            (again,),
            (("leg", leg.leg),),
        )


def _missing(desk: Desk) -> Iterable[TroubleView]:
    for gap in channels.missing([desk.register]):
        numbers = str(gap.first) if gap.first == gap.last else f"{gap.first}–{gap.last}"
        title = gettext("%(channel)s from %(post)s has not come") % {
            "channel": desk.words("channel_number", number=numbers),
            "post": post_name(str(gap.peer), desk),
        }
        asked = ngettext("asked for once", "asked for %(n)s times", gap.asked) % {"n": gap.asked}
        state = StateView(gettext("Missing"), "late" if gap.hopeless else "soon")
        yield TroubleView(state, title, (asked,))


def _clocks(desk: Desk) -> Iterable[TroubleView]:
    for notice in channels.clock_notices([desk.register]):
        minutes = abs(notice.seconds) // 60
        ahead = gettext("ahead of ours") if notice.seconds > 0 else gettext("behind ours")
        yield TroubleView(
            StateView(gettext("Clock"), "soon"),
            post_name(str(notice.peer), desk),
            (gettext("%(n)s min %(way)s") % {"n": minutes, "way": ahead},),
        )


def _alarms(desk: Desk) -> Iterable[TroubleView]:
    found = list(ledger.entries(desk.register, kinds=("Alarm",)))[-MOST_ALARMS:]
    for entry in reversed(found):
        yield TroubleView(
            StateView(gettext("Alarm"), "late"),
            entry.data["what"],
            (times.clock(entry.at, desk.now), entry.data["code"]),
        )


# -- lines and queue -----------------------------------------------------------------------------


def _lines(queue: list[LegView], desk: Desk) -> Iterable[LineRow]:
    """One for each post that something waits for."""
    waiting: dict[str, list[LegView]] = {}
    for leg in queue:
        if leg.state.open:
            waiting.setdefault(str(leg.to), []).append(leg)
    for post, legs in sorted(waiting.items()):
        tried = [leg for leg in legs if leg.tries and leg.handed_over_at is None]
        state = StateView(gettext("Not answering"), "late") if tried else StateView(gettext("Going"), "on")
        counts: dict[str, int] = {}
        for leg in legs:
            name = desk.words.precedence(precedence_view(leg.precedence).name)
            counts[name] = counts.get(name, 0) + 1
        routes = sorted({leg.route for leg in legs if leg.route})
        yield LineRow(
            post_name(post, desk),
            state,
            ", ".join(routes) or gettext("none tried yet"),
            ", ".join(f"{count} {name}" for name, count in counts.items()),
        )


def _row(leg: LegView, readable: dict[str, InboxItem], desk: Desk) -> QueueRow:
    item = readable.get(leg.digest)
    return QueueRow(
        precedence_view(leg.precedence),
        gettext("not for you to read") if item is None else inbox.print_mrn(item),
        post_name(str(leg.to), desk),
        "" if leg.channel is None else str(leg.channel),
        times.span(desk.now - leg.released_at),
        _next(leg, desk),
        "" if item is None else desk.url("cable", leg.digest),
    )


def _next(leg: LegView, desk: Desk) -> str:
    if leg.state is LegState.HANDED_OVER:
        return gettext("its receipt")
    if leg.next_try is not None and leg.next_try > desk.now:
        return gettext("tried again %(when)s") % {"when": times.clock(leg.next_try, desk.now)}
    return _state(leg.state)


def _state(state: LegState) -> str:
    return {
        LegState.WAITING: gettext("Waiting to go"),
        LegState.SEALED: gettext("Sealed, under way"),
        LegState.HANDED_OVER: gettext("Handed over, no receipt yet"),
        LegState.RECEIPTED: gettext("Receipted"),
        LegState.HELD: gettext("Held there"),
        LegState.REFUSED: gettext("Refused there"),
        LegState.FAILED: gettext("Not handed over"),
    }[state]


def _register(desk: Desk) -> Iterable[FactView]:
    yield FactView(gettext("Entries"), str(ledger.size(desk.register)))
    note = ledger.newest_head(desk.register)
    if note is not None:
        head = notes.verify_checkpoint(note, ledger.vkey(desk.register))
        yield FactView(gettext("Newest signed head"), gettext("of %(n)s entries") % {"n": head.size})
        yield FactView(gettext("Root"), head.root.hex(), machine=True)
    yield FactView(gettext("Key"), ledger.vkey(desk.register), machine=True)


# -- acts --------------------------------------------------------------------------------------


def _here(desk: Desk, **_: object) -> str:
    return desk.url("watch")


def _must_communicate(desk: Desk) -> None:
    if desk.may("communicate") is None:
        raise NotAllowed(
            gettext("No role of yours at %(post)s permits this.") % {"post": desk.post.name},
            do=gettext("Ask the communicator."),
            code="needs-communicate",
        )


@act(_here, reads=False)
def send_again(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    """Send a leg again now: the same bytes. The communicator need not be able to read the cable."""
    _must_communicate(desk)
    outbox.send_again(desk.register, digest, Post.parse(request.POST.get("to", "")), now=desk.now)
    messages.success(request, gettext("It goes again now, with the same bytes."))
    return HttpResponseRedirect(desk.url("watch"))


@act(_here)
def try_held(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Try again what is held: perhaps what it lacks has come."""
    _must_communicate(desk)
    count = incoming.try_held(now=desk.now, register=desk.register, leg=request.POST.get("leg") or None)
    told = gettext("It could be read now.") if count else gettext("It still lacks what it lacked.")
    messages.info(request, told)
    return HttpResponseRedirect(desk.url("watch"))
