"""One connection: octets in clear, then under TLS, on a loop of asyncio.

TLS runs over memory (`ssl.MemoryBIO`), so that not an octet passes between the two states unseen: what was
read in clear is all in the dialogue, and what comes after `start_tls` is all handshake.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path

from cableroom.errors import TryLater, Unavailable

CHUNK = 65536
LINGER = 1.0


class Line:
    """A connected stream socket. Every fault of the line is a TryLater; "" of octets is its end."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()

    @property
    def address(self) -> str:
        """Of the peer, for the log; "" if it is gone already."""
        try:
            name = self._sock.getpeername()
        except OSError:
            return ""
        return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else ""

    async def read(self) -> bytes:
        """At most 64 KiB; b"" at the end of the line."""
        if self._tls is None:
            return await self._receive()
        while True:
            try:
                return self._tls.read(CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._receive()
                if not data:
                    return b""
                self._incoming.write(data)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                raise _tls_fault(error) from error

    async def write(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(view), CHUNK):
            piece = view[start : start + CHUNK]
            if self._tls is None:
                await self._send(piece)
                continue
            try:
                self._tls.write(piece)
            except ssl.SSLError as error:
                raise _tls_fault(error) from error
            await self._flush()

    async def start_tls(self, context: ssl.SSLContext, *, server_side: bool) -> None:
        """Shake hands. Raises TryLater (code "tls")."""
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._receive()
                if not data:
                    raise TryLater("The line ended in the handshake.", code="tls") from None
                self._incoming.write(data)
            except ssl.SSLError as error:
                with contextlib.suppress(TryLater):  # tell the peer why, if it still listens
                    await self._flush()
                raise _tls_fault(error) from error
        await self._flush()

    def peer_certificate(self) -> bytes | None:
        """DER; None if there is no TLS or the peer has shown none."""
        return self._tls.getpeercert(binary_form=True) if self._tls else None

    async def close(self, *, linger: float = LINGER) -> None:
        """Say that nothing more comes and read on for a moment: a socket that is closed with unread octets
        resets the line, and the peer may lose our last answer."""
        try:
            if self._tls is not None:
                with contextlib.suppress(ssl.SSLError):
                    self._tls.unwrap()
                await self._flush()
            self._sock.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(linger):
                while await self._receive():
                    pass
        except (OSError, TryLater, TimeoutError):
            pass
        finally:
            self._sock.close()

    def abort(self) -> None:
        self._sock.close()

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await self._send(data)

    async def _send(self, data: bytes | memoryview) -> None:
        try:
            await asyncio.get_running_loop().sock_sendall(self._sock, data)
        except OSError as error:
            raise TryLater("The line broke.", where=error.strerror or "", code="line-broke") from error

    async def _receive(self) -> bytes:
        try:
            return await asyncio.get_running_loop().sock_recv(self._sock, CHUNK)
        except OSError as error:
            raise TryLater("The line broke.", where=error.strerror or "", code="line-broke") from error


def _tls_fault(error: ssl.SSLError) -> TryLater:
    return TryLater("TLS failed.", where=(error.reason or "no reason given")[:100], code="tls")


def server_context(line: Path, authorities: Iterable[bytes]) -> ssl.SSLContext:
    """For the side that is called. `line` is the PEM file with our line key and certificate. A caller may
    show a line certificate of one of `authorities` (DER); without one it is a stranger, and with one that is
    of none of them the handshake fails."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, line)
    known = b"".join(authorities)
    if known:
        context.load_verify_locations(cadata=known)
        context.verify_mode = ssl.CERT_OPTIONAL
    context.num_tickets = 0  # each call is judged anew
    return context


def client_context(line: Path | None = None) -> ssl.SSLContext:
    """For the side that calls. The library only makes sure that the peer has the key of the certificate that
    it shows; whose it is, the caller judges by the directory before it says a word: names of the DNS and the
    certificate stores of the machine count for nothing."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, line)


def _context(protocol: int, line: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if line is not None:
        try:
            context.load_cert_chain(line)
        except (OSError, ssl.SSLError) as error:
            raise Unavailable(
                "The key of the line cannot be read.",
                where=str(line),
                do="Start cableroom serve; it makes the keys that are missing.",
                code="no-line-key",
            ) from error
    return context
