"""The side that calls: a thin shell of sockets round `smtp.asking`.

Nothing but EHLO and STARTTLS is said before TLS, and nothing after it before `judge` has agreed that the
certificate on the line is one of the organisation that is called. What the DNS or a machine in between says
about names counts for nothing.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cableroom.errors import Permanent, ProtocolError, TryLater
from cableroom.wire.lines import Line
from cableroom.wire.smtp.asking import Asking, Declined, Event, Ready, Step, Taken, TlsWanted, Transaction
from cableroom.wire.smtp.limits import Limits

T = TypeVar("T")

Judge = Callable[[bytes], None]
"""Takes the peer's certificate (DER); raises an error of the tree if it is not one of whom we call."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds. `message` bounds one whole transaction: a peer that takes an octet a second gets no further."""

    connect: float = 30.0
    answer: float = 120.0
    message: float = 600.0


@dataclass(frozen=True, slots=True)
class Contexts:
    """How we show ourselves: with our line certificate, or, if the peer does not know our authority yet and
    breaks off, without it (what we send is then a stranger's: taken at no priority, its cables held)."""

    known: ssl.SSLContext
    stranger: ssl.SSLContext


@dataclass
class Call:
    """One connection; `send` as often as wanted, then `close`."""

    host: str
    port: int
    name: str
    judge: Judge | None
    contexts: Contexts | None
    times: Times = field(default_factory=Times)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.contexts is not None and self.judge is None:
            raise ProtocolError("A line under TLS needs somebody who judges the certificate.")
        self._line: Line | None = None
        self._dialogue = Asking(self.name, tls=self.contexts is not None, limits=self.limits)
        self.as_stranger = False

    @property
    def is_open(self) -> bool:
        return self._line is not None

    async def open(self) -> None:
        """Connect, shake hands, judge. Raises TryLater, Permanent, ProtocolError, or what `judge` raises."""
        if self.contexts is None:
            await self._open(None)
            return
        try:
            await self._open(self.contexts.known)
        except _Unwelcome:
            self.as_stranger = True
            await self._open(self.contexts.stranger)

    async def send(self, work: Transaction) -> Taken | Declined:
        """One message. Raises TryLater if the line breaks: whether it was taken is then unknown."""
        self._dialogue.send(work)
        event = await self._within(self.times.message, self._event())
        if not isinstance(event, Taken | Declined):
            raise ProtocolError("The dialogue is out of step.")
        return event

    async def close(self) -> None:
        """Hang up, with QUIT if nothing is under way; never raises for a fault of the line."""
        line = self._line
        if line is None:
            return
        if self._dialogue.step is not Step.READY:
            self.abort()
            return
        try:
            self._dialogue.quit()
            await self._within(2.0, self._event())
        except (TryLater, Permanent, ProtocolError):
            pass
        finally:
            self._line = None
            await line.close()

    def abort(self) -> None:
        """Hang up without a word."""
        line, self._line = self._line, None
        if line is not None:
            line.abort()

    async def _open(self, context: ssl.SSLContext | None) -> None:
        self._dialogue = Asking(self.name, tls=context is not None, limits=self.limits)
        self._line = await self._within(self.times.connect, self._connect())
        try:
            event = await self._within(self.times.answer, self._event())
            if isinstance(event, TlsWanted) and context is not None:
                event = await self._secured(context)
            if not isinstance(event, Ready):
                raise ProtocolError("The dialogue is out of step.")
        except BaseException:
            self.abort()
            raise

    async def _secured(self, context: ssl.SSLContext) -> Event:
        line = self._need()
        await self._within(self.times.answer, line.start_tls(context, server_side=False))
        certificate = line.peer_certificate()
        if certificate is None or self.judge is None:
            raise TryLater("The peer shows no certificate.", code="tls")
        await asyncio.get_running_loop().run_in_executor(None, self.judge, certificate)
        self._dialogue.tls_started()
        try:
            return await self._within(self.times.answer, self._event())
        except TryLater as error:
            # under TLS 1.3 a refusal of our certificate comes after the handshake, as an alert or an end
            shown = self.contexts is not None and context is self.contexts.known
            if shown and error.code in ("tls", "line-broke", "line-ended"):
                raise _Unwelcome("The peer does not take our certificate.", where=str(error)) from error
            raise

    async def _connect(self) -> Line:
        loop = asyncio.get_running_loop()
        fault = "no address"
        try:
            places = await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise TryLater(
                f"No address is known for {self.host}.", where=error.strerror or "", code="no-address"
            ) from error
        for family, kind, protocol, _, address in places[:4]:
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            try:
                await loop.sock_connect(sock, address)
            except OSError as error:
                sock.close()
                fault = error.strerror or "no connection"
                continue
            except BaseException:
                sock.close()
                raise
            return Line(sock)
        raise TryLater(f"Nobody answers at {self.host}:{self.port}.", where=fault, code="no-connection")

    async def _event(self) -> Event:
        line = self._need()
        while True:
            event = self._dialogue.next_event()
            if output := self._dialogue.take_output():
                await line.write(output)
            if event is not None:
                return event
            data = await line.read()
            if not data:
                raise TryLater("The other side hung up.", code="line-ended")
            self._dialogue.feed(data)

    def _need(self) -> Line:
        if self._line is None:
            raise TryLater("The line is not open.", code="line-ended")
        return self._line

    async def _within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError:
            raise TryLater("The other side is too slow.", code="too-slow") from None


class _Unwelcome(TryLater):
    """Our certificate was refused; come again without it."""
