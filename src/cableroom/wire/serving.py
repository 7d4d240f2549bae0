"""The line of `serve`: a listener whose desk is the directory and `incoming`."""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from cableroom.cable.address import Post
from cableroom.directory import certificates, keystore, posts
from cableroom.errors import Unavailable
from cableroom.register import ledger
from cableroom.seal import trust
from cableroom.seal.trust import Use
from cableroom.wire import incoming, lines, sending
from cableroom.wire.listening import Listener, Peer, Times
from cableroom.wire.smtp.answering import MessageCame
from cableroom.wire.smtp.limits import Limits
from cableroom.wire.smtp.replies import Reply, reply

LISTEN = "127.0.0.1:2525"
LOG_OCTETS = 1024 * 1024

NO_SUCH_POST = reply(550, "5.1.1", "No such post here")
RECIPIENT = reply(250, "2.1.5", "Go on")


@dataclass
class FrontDesk:
    """Who is on the line, and what becomes of what they bring."""

    _context: tuple[object, ssl.SSLContext] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def context(self) -> ssl.SSLContext:
        """For the next handshake: our line's certificate, and the authorities that are confirmed now."""
        path = keystore.line_key()
        known = tuple(authority.certificate for authority in certificates.authorities(now=ledger.now()))
        mark = (path.stat().st_mtime_ns if path.is_file() else 0, known)
        with self._lock:
            if self._context is None or self._context[0] != mark:
                self._context = mark, lines.server_context(path, known)
            return self._context[1]

    def identify(self, certificate: bytes, address: str) -> Peer:
        """The installation whose line certificate this is; a stranger if the directory says nothing good."""
        now = ledger.now()
        known = certificates.authorities(now=now)
        verdict = trust.judge(certificate, use=Use.LINE, authorities=known, at=now)
        if not verdict.good or verdict.authority is None:
            return Peer(address, True)
        org = next(each.org for each in known if trust.authority_id(each.certificate) == verdict.authority)
        return Peer(address, True, org, verdict.authority)

    def recipient(self, address: str, peer: Peer) -> Reply:
        """A known peer is told that a post is not ours; strangers learn nothing before the end."""
        if peer.known and self._post(address) is None:
            return NO_SUCH_POST
        return RECIPIENT

    def message(self, message: MessageCame, peer: Peer) -> Reply:
        try:
            to = posts.by_address(message.recipients[0].address)
            if to is None:
                return NO_SUCH_POST if peer.known else incoming.NOT_ACCEPTED
            now = ledger.now()
            return incoming.arrive(message.octets, to=to, route="smtp", peer=peer, now=now).reply
        except DatabaseError as error:
            raise _away() from error

    def _post(self, address: str) -> Post | None:
        try:
            return posts.by_address(address)
        except DatabaseError as error:
            raise _away() from error


def _away() -> Unavailable:
    return Unavailable("The database is away.", code="busy")


def listener() -> Listener:
    """The listener that [smtp] in config.toml describes."""
    config = settings.CONFIG.get("smtp", {})
    host, _, port = str(config.get("listen", LISTEN)).rpartition(":")
    desk = FrontDesk()
    return Listener(
        host.strip("[]"),
        int(port),
        str(config.get("name") or posts.own_org()),
        desk.context,
        desk,
        limits=Limits(message=int(config.get("size", Limits().message))),
        times=Times(),
        need_tls=bool(config.get("need_tls", True)),
    )


def serve(stop: threading.Event, *, ready: threading.Event | None = None) -> None:
    """Listen until `stop` is set. Raises TryLater if the address cannot be had."""
    keep_log_of_strangers(Path(settings.HOME))
    try:
        asyncio.run(_serve(stop, ready))
    finally:
        sending.SENDER.close()


async def _serve(stop: threading.Event, ready: threading.Event | None) -> None:
    line = await asyncio.to_thread(listener)
    await line.start()
    try:
        if ready is not None:
            ready.set()
        await asyncio.to_thread(stop.wait)
    finally:
        await line.stop()


def keep_log_of_strangers(home: Path) -> None:
    """Who was turned away, in at most two files of one megabyte: log/strangers.log. Never what they sent."""
    if any(isinstance(each, logging.handlers.RotatingFileHandler) for each in incoming.strangers.handlers):
        return
    folder = home / "log"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "strangers.log", maxBytes=LOG_OCTETS, backupCount=1, delay=True, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    incoming.strangers.addHandler(handler)
    incoming.strangers.setLevel(logging.INFO)
    incoming.strangers.propagate = False
