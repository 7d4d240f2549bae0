"""The side that is called: a thin shell of sockets round `smtp.answering`.

Whoever calls is a stranger until TLS has shown a line certificate that the directory knows. Strangers have
less time, less memory and no say about priority; when there are too many, the oldest stranger goes, so that
no flood of them shuts out a post that is known. All that touches tables runs in threads, with one kept free
for IMMEDIATE and above.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from cableroom.cable.precedence import Precedence
from cableroom.errors import CableroomError, TryLater
from cableroom.wire.hands import Hands
from cableroom.wire.lines import Line
from cableroom.wire.smtp.answering import (
    Answering,
    MailAsked,
    MessageCame,
    Over,
    RecipientAsked,
    TlsAsked,
    lowered,
)
from cableroom.wire.smtp.limits import Limits
from cableroom.wire.smtp.replies import Reply, reply

log = logging.getLogger(__name__)

URGENT = Precedence.IMMEDIATE.mt_priority

LATER = reply(451, "4.3.0", "Try later")
TOO_SLOW = reply(421, "4.4.2", "Too slow")
TOO_MANY = reply(421, "4.3.2", "Too many at present")
NO_MEMORY = reply(452, "4.3.1", "Not enough room at present")
CLOSING = reply(421, "4.3.2", "Closing")


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is on the line. `org` and `authority` (SHA-256 of its key, as in the directory) are None for a
    stranger; `address` is for the log alone."""

    address: str = ""
    secure: bool = False
    org: str | None = None
    authority: str | None = None

    @property
    def known(self) -> bool:
        return self.org is not None


class Desk(Protocol):
    """What decides. Called in threads; an error of the tree means 451."""

    def identify(self, certificate: bytes, address: str) -> Peer: ...
    def recipient(self, address: str, peer: Peer) -> Reply: ...
    def message(self, message: MessageCame, peer: Peer) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds. `step`: for the next octets of a known peer; `stranger`: the same for others; `message`: for one
    whole message; `session`: for all that a stranger may say; `answer`: strangers hear the fate of a message
    at a multiple of it, so that the time of work tells nothing."""

    step: float = 300.0
    stranger: float = 60.0
    message: float = 600.0
    session: float = 600.0
    answer: float = 0.5


@dataclass
class _Session:
    line: Line
    dialogue: Answering
    peer: Peer
    task: asyncio.Task[None]
    began: float
    message_began: float | None = None


@dataclass
class Listener:
    """Listens at `host`, `port` (0: any; `port` says which after `start`). `name` is what EHLO hears.

    `context` is asked for each handshake, so that a renewed certificate or a newly confirmed card counts at
    once. With `need_tls` False a relay on the same machine may deliver in clear; it stays a stranger.
    """

    host: str
    port: int
    name: str
    context: Callable[[], ssl.SSLContext]
    desk: Desk
    limits: Limits = field(default_factory=Limits)
    times: Times = field(default_factory=Times)
    need_tls: bool = True
    strangers: int = 256
    known_peers: int = 256
    memory: int = 256 * 1024 * 1024

    def __post_init__(self) -> None:
        self._sessions: dict[asyncio.Task[None], _Session] = {}
        self._sockets: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._door = Hands(2, "wire-door")
        self._common = Hands(4, "wire-in")
        self._urgent = Hands(2, "wire-in-urgent")

    async def start(self) -> None:
        """Bind and begin to accept. Raises TryLater if the address cannot be had."""
        loop = asyncio.get_running_loop()
        try:
            places = await loop.getaddrinfo(
                self.host or None, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            for family, kind, protocol, _, address in places:
                self._sockets.append(_bound(family, kind, protocol, address))
                if self.port == 0:
                    self.port = self._sockets[0].getsockname()[1]
                    break
        except OSError as error:
            self._close_sockets()
            raise TryLater(
                f"Cannot listen at {self.host}:{self.port}.",
                where=error.strerror or str(error),
                do="Is another program using that address? See [line] in config.toml.",
                code="listen",
            ) from error
        self._accepting = [loop.create_task(self._accept(sock)) for sock in self._sockets]

    async def stop(self) -> None:
        for task in [*self._accepting, *self._sessions]:
            task.cancel()
        await asyncio.gather(*self._accepting, *self._sessions, return_exceptions=True)
        self._close_sockets()
        for threads in (self._door, self._common, self._urgent):
            await asyncio.to_thread(threads.close)

    def _close_sockets(self) -> None:
        for sock in self._sockets:
            sock.close()
        self._sockets = []

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(sock)
            except OSError as error:  # out of descriptors, or the caller went away: go on in a moment
                log.warning("cannot accept a call: %s", error.strerror)
                await asyncio.sleep(0.2)
                continue
            self._make_room()
            task = loop.create_task(self._serve(Line(connection)))
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sessions.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            # the kind of the fault, never its words: they could hold something of a message
            log.error("a call ended by a fault of ours: %s", type(error).__name__)

    def _make_room(self) -> None:
        strangers = [session for session in self._sessions.values() if not session.peer.known]
        if len(strangers) >= self.strangers:
            for session in strangers[: len(strangers) - self.strangers + 1]:
                session.task.cancel()

    async def _serve(self, line: Line) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        dialogue = Answering(self.name, self.limits, tls_offered=True, tls_required=self.need_tls)
        session = _Session(line, dialogue, Peer(line.address), task, _now())
        self._sessions[task] = session
        why = ""
        try:
            dialogue.greet()
            why = await self._converse(session)
        except TryLater as error:
            why = str(error)
        except asyncio.CancelledError:
            dialogue.close(CLOSING, "")
            with contextlib.suppress(TryLater, TimeoutError):
                async with asyncio.timeout(0.2):
                    await line.write(dialogue.take_output())
            line.abort()
            raise
        else:
            await line.close()
        finally:
            line.abort()
            if why:
                log.info("%s: %s", session.peer.address, why)

    async def _converse(self, session: _Session) -> str:
        """The dialogue to its end; why it ended."""
        while True:
            while (event := session.dialogue.next_event()) is not None:
                match event:
                    case Over(why):
                        await self._say(session)
                        return why
                    case TlsAsked():
                        await self._say(session)
                        await self._shake_hands(session)
                    case MailAsked(mail):
                        kept, answer = lowered(mail, trusted=session.peer.known)
                        session.dialogue.answer(answer, mail=kept)
                    case RecipientAsked(recipient):
                        ask = self.desk.recipient
                        session.dialogue.answer(await self._ask(session, self._door, ask, recipient.address))
                    case MessageCame():
                        session.dialogue.answer(await self._decide(session, event))
            await self._say(session)
            if not await self._hear(session):
                return "the line ended" if session.dialogue.in_message else ""

    async def _hear(self, session: _Session) -> bool:
        """The next octets into the dialogue; False at the end of the line."""
        dialogue = session.dialogue
        left = self.times.step if session.peer.known else self.times.stranger
        now = _now()
        if not session.peer.known:
            left = min(left, self.times.session - (now - session.began))
        if dialogue.in_message:
            session.message_began = session.message_began or now
            left = min(left, self.times.message - (now - session.message_began))
        else:
            session.message_began = None
        try:
            async with asyncio.timeout(max(0.0, left)):
                data = await session.line.read()
        except TimeoutError:
            dialogue.close(TOO_SLOW, "too slow")
            return True
        if not data:
            return False
        dialogue.feed(data)
        if self._held() > self.memory and not session.peer.known:
            dialogue.close(NO_MEMORY, "memory for strangers is used up")
        return True

    def _held(self) -> int:
        return sum(session.dialogue.held for session in self._sessions.values())

    async def _say(self, session: _Session) -> None:
        if output := session.dialogue.take_output():
            try:
                async with asyncio.timeout(self.times.stranger):
                    await session.line.write(output)
            except TimeoutError:
                raise TryLater("The peer does not read what we say.", code="too-slow") from None

    async def _shake_hands(self, session: _Session) -> None:
        loop = asyncio.get_running_loop()
        context = await loop.run_in_executor(self._door, self.context)
        try:
            async with asyncio.timeout(self.times.stranger):
                await session.line.start_tls(context, server_side=True)
        except TimeoutError:
            raise TryLater("The handshake took too long.", code="too-slow") from None
        certificate = session.line.peer_certificate()
        session.peer = Peer(session.peer.address, secure=True)
        if certificate:
            identify = self.desk.identify
            session.peer = await loop.run_in_executor(self._door, identify, certificate, session.peer.address)
        session.dialogue.tls_started()
        if session.peer.known and sum(each.peer.known for each in self._sessions.values()) > self.known_peers:
            session.dialogue.close(TOO_MANY, "too many lines of known installations")

    async def _decide(self, session: _Session, message: MessageCame) -> Reply:
        began = _now()
        urgent = session.peer.known and (message.mail.priority or 0) >= URGENT
        threads = self._urgent if urgent else self._common
        answer = await self._ask(session, threads, self.desk.message, message)
        if not session.peer.known and not answer.good:
            spent = _now() - began
            await asyncio.sleep(self.times.answer - spent % self.times.answer)
        return answer

    async def _ask(self, session: _Session, threads: Hands, ask: Callable[..., Reply], what: object) -> Reply:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, ask, what, session.peer)
        except CableroomError as error:
            log.warning("%s: answered 451: %s", session.peer.address, error.code)
            return LATER


def _now() -> float:
    return asyncio.get_running_loop().time()


def _bound(family: int, kind: int, protocol: int, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(512)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
