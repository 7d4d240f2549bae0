"""The worker that sends: slots, lines to peers, and one try after the other.

One sweep sends all that is due and ends when nothing is under way. While something is, it goes on looking
for what has become due, so that FLASH never waits for the end of a slow line: slots and a line to each peer
are kept free for it (`schedule.choose`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings

from cableroom.cable.address import Post
from cableroom.directory import certificates, keystore, posts
from cableroom.directory.routes import Route
from cableroom.errors import CableroomError, ProtocolError, TransportError, TryLater
from cableroom.register import ledger
from cableroom.seal import trust
from cableroom.seal.trust import Authority, Use
from cableroom.wire import incoming, lines, outbox, outgoing, schedule
from cableroom.wire.calling import Call, Contexts, Times
from cableroom.wire.hands import Hands
from cableroom.wire.listening import Peer
from cableroom.wire.outgoing import Ready
from cableroom.wire.schedule import Due, Slots
from cableroom.wire.smtp.asking import Declined, Step, Taken, Transaction

POLL_SECONDS = 0.1
IDLE_SECONDS = 15.0
SLOTS = Slots(common=6, immediate=2, flash=2, one_peer=4)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try. `final`: no other try will do better."""

    taken: bool
    final: bool
    route: str
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to call and who must answer; no `authorities`: a relay on this machine, in clear."""

    host: str
    port: int
    authorities: tuple[Authority, ...]


@dataclass(slots=True)
class _Idle:
    call: Call
    since: float


class Sender:
    """The lines and threads of one process. `run` is the worker; `close` hangs up."""

    def __init__(self, *, slots: Slots = SLOTS, times: Times | None = None) -> None:
        self._slots = slots
        self._times = times or Times()
        self._one = threading.Lock()
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hands: Hands | None = None
        self._idle: dict[_Place, list[_Idle]] = {}
        self._contexts: tuple[float, Contexts] | None = None

    def run(self) -> bool:
        """Send all that is due; whether there was anything."""
        with self._one:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
            if self._hands is None:
                count = self._slots.common + self._slots.immediate + self._slots.flash
                self._hands = Hands(count, "wire-out")
            return self._loop.run_until_complete(self._sweep())

    def close(self) -> None:
        """Break off what is under way (it is tried again), hang up everywhere, end the threads and their
        connections; a later `run` begins anew."""
        self._stopping.set()
        with self._one:
            self._stopping.clear()
            if self._loop is not None:
                self._loop.run_until_complete(self._hang_up(older_than=0.0))
                self._loop.close()
                self._loop = None
            if self._hands is not None:
                self._hands.close()
                self._hands = None

    async def _sweep(self) -> bool:
        running: dict[asyncio.Task[None], Due] = {}
        did = False
        while True:
            await self._do(outgoing.take_up, ledger.now())
            load = Counter(item.peer for item in running.values())
            busy = [peer for peer, count in load.items() if count >= self._slots.one_peer]
            due = await self._do(partial(outgoing.due, ledger.now(), busy=busy))
            for item in schedule.choose(due, list(running.values()), self._slots):
                running[asyncio.create_task(self._send(item))] = item
                did = True
            if not running:
                break
            if self._stopping.is_set():
                await self._stop(running)
                break
            done, _ = await asyncio.wait(running, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                running.pop(task)
                if (error := task.exception()) is not None:
                    log.error("sending ended by a fault of ours: %s", type(error).__name__)
                    await self._stop(running)
                    raise error
        await self._hang_up(older_than=IDLE_SECONDS)
        return did

    async def _stop(self, running: dict[asyncio.Task[None], Due]) -> None:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _do(self, work: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._hands, work, *args)

    async def _send(self, item: Due) -> None:
        ready: Ready | None = await self._do(partial(outgoing.prepare, int(item.name), now=ledger.now()))
        if ready is None:
            return
        outcome = Outcome(False, False, "", "no-line", "No route of this post can be used here.")
        for way in ready.routes:
            outcome = await self._try(ready, way, outcome)
            if outcome.taken or outcome.final:
                break
        now = ledger.now()
        if outcome.taken:
            await self._do(partial(outgoing.taken, ready.pk, outcome.route, outcome.what, now=now))
        else:
            await self._do(
                partial(
                    outgoing.in_vain,
                    ready.pk,
                    outcome.route,
                    outcome.code,
                    outcome.what,
                    final=outcome.final,
                    now=now,
                )
            )

    async def _try(self, ready: Ready, way: Route, before: Outcome) -> Outcome:
        try:
            if way.kind == "local":
                return await self._do(_hand_over_here, ready)
            place = await self._do(_place, ready.to, way)
            if place is None:
                return before
            return await self._call(ready, way, place)
        except TransportError as error:
            # whatever stands in the way of the line may pass; what the peer says of the leg is no error
            final = error.code in ("too-large", "eight-bit")
            return Outcome(False, final, way.kind, error.code, str(error))
        except CableroomError as error:
            return Outcome(False, False, way.kind, error.code, str(error))

    # lines

    async def _call(self, ready: Ready, way: Route, place: _Place) -> Outcome:
        work = Transaction(
            sender=ready.sender,
            recipient=ready.recipient,
            message=ready.octets,
            priority=ready.priority,
            envid=ready.envid,
            notify=("NEVER",),
        )
        call = self._take_idle(place)
        if call is not None:
            try:
                return await self._transact(call, work, way, place)
            except (TryLater, ProtocolError):
                call.abort()  # it had gone stale; once more on a new one
        call = await self._open(place)
        try:
            return await self._transact(call, work, way, place)
        except BaseException:
            call.abort()
            raise

    async def _transact(self, call: Call, work: Transaction, way: Route, place: _Place) -> Outcome:
        answer = await call.send(work)
        self._idle.setdefault(place, []).append(_Idle(call, asyncio.get_running_loop().time()))
        if isinstance(answer, Taken):
            return Outcome(True, False, way.kind, "", str(answer.reply))
        return _declined(answer, sure=bool(place.authorities) and not call.as_stranger, route=way.kind)

    async def _open(self, place: _Place) -> Call:
        name = await self._do(posts.own_org)
        if not place.authorities:
            call = Call(place.host, place.port, name, None, None, times=self._times)
        else:
            judge = partial(judge_line, authorities=place.authorities, at=ledger.now())
            contexts = await self._do(self._own_contexts)
            call = Call(place.host, place.port, name, judge, contexts, times=self._times)
        await call.open()
        return call

    def _own_contexts(self) -> Contexts:
        path = keystore.line_key()
        changed = path.stat().st_mtime if path.is_file() else 0.0
        if self._contexts is None or self._contexts[0] != changed:
            self._contexts = changed, Contexts(lines.client_context(path), lines.client_context())
        return self._contexts[1]

    def _take_idle(self, place: _Place) -> Call | None:
        idle = self._idle.get(place)
        return idle.pop().call if idle else None

    async def _hang_up(self, *, older_than: float) -> None:
        limit = asyncio.get_running_loop().time() - older_than
        for place in list(self._idle):
            old = [each for each in self._idle[place] if each.since <= limit]
            self._idle[place] = [each for each in self._idle[place] if each.since > limit]
            for each in old:
                with contextlib.suppress(CableroomError):
                    await each.call.close()


def judge_line(certificate: bytes, *, authorities: tuple[Authority, ...], at: datetime) -> None:
    """Raise TryLater unless the certificate on the line is one of the installation that the post is bound
    to: what an address leads to is no proof."""
    verdict = trust.judge(certificate, use=Use.LINE, authorities=authorities, at=at)
    if not verdict.good:
        problem = next(found for found in verdict.problems if found.severity == "error")
        raise TryLater(
            f"Somebody else answers at this address: {problem.message}",
            do="Nothing was said to them. Compare the route with the post card.",
            code="wrong-peer",
        )


def _place(to: Post, way: Route) -> _Place | None:
    """Where a route leads; None if nothing here can go that way."""
    if way.kind == "smtp":
        host, _, port = way.address.rpartition(":")
        known = tuple(certificates.authorities_for(to, now=ledger.now()))
        if not known:
            raise TryLater(
                "The card of that organisation has expired.", do="Import its newest one.", code="no-authority"
            )
        return _Place(host.strip("[]"), int(port), known)
    relay = settings.CONFIG.get("smtp", {}).get("relay")
    if way.kind == "mail" and relay:
        host, _, port = str(relay).rpartition(":")
        if host.strip("[]") not in ("localhost", "127.0.0.1", "::1"):
            raise TryLater(
                "The relay of [smtp] in config.toml is not on this machine.",
                do="Run it here (127.0.0.1), or set a route smtp.",
                code="relay",
            )
        return _Place(host.strip("[]"), int(port), ())
    return None


def _declined(answer: Declined, *, sure: bool, route: str) -> Outcome:
    """A refusal. Final only if the post's own installation said so (`sure`), or a relay said 5xx of the
    whole address: what anybody else says is tried again."""
    reply = answer.reply
    code = f"{outbox.PEER_REFUSES}:{reply.enhanced or reply.code}" if sure else f"smtp:{reply.code}"
    final = answer.final and (sure or answer.step in (Step.RECIPIENT, Step.MESSAGE))
    return Outcome(
        False, final, route, code if answer.final else f"later:{reply.enhanced or reply.code}", str(reply)
    )


def _hand_over_here(ready: Ready) -> Outcome:
    """Route `local`: the same envelope, the same `incoming`, no socket."""
    peer = Peer("local", True, posts.own_org(), posts.get(ready.to).authority)
    answer = incoming.arrive(ready.octets, to=ready.to, route="local", peer=peer, now=ledger.now())
    code = f"{outbox.PEER_REFUSES}:{answer.code}" if answer.reply.final else f"later:{answer.code}"
    return Outcome(answer.reply.good, answer.reply.final, "local", code, str(answer.reply))


SENDER = Sender()
"""This process's own; `run` is the worker."""
