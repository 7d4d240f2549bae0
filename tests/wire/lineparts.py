"""Helpers: two organisations with line certificates, a desk that remembers, a listener in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization

from cableroom.errors import Permanent
from cableroom.seal import keys, trust
from cableroom.seal.trust import Use
from cableroom.wire import lines
from cableroom.wire.calling import Call, Contexts
from cableroom.wire.calling import Times as CallTimes
from cableroom.wire.listening import Listener, Peer
from cableroom.wire.smtp.answering import MessageCame
from cableroom.wire.smtp.replies import Reply, reply

NOW = datetime.now(UTC)


@dataclass
class Side:
    """An organisation's authority and one line certificate of it."""

    org: str

    def __post_init__(self) -> None:
        self.authority_key = keys.new_signing_key()
        self.certificate = trust.make_authority(self.org, self.authority_key, now=NOW)
        crl = trust.make_crl(self.authority_key, self.certificate, [], now=NOW)
        self.authority = trust.Authority(self.org, self.certificate, crl)
        self.key = keys.new_signing_key()
        self.line = trust.issue(
            self.authority_key,
            self.certificate,
            use=Use.LINE,
            name="line",
            public_key=self.key.public_key(),
            now=NOW,
        )

    def contexts(self) -> Contexts:
        return Contexts(lines.client_context(self.pem()), lines.client_context())

    def pem(self) -> Path:
        """The file with the line's key and certificate, as the keys folder has it."""
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = Path(tempfile.mkdtemp()) / "line.pem"
        path.write_bytes(private + ssl.DER_cert_to_PEM_cert(self.line).encode("ascii"))
        return path

    def judge(self) -> Callable[[bytes], None]:
        """What a caller asks of the certificate on the line: that it is one of this organisation."""

        def judge(certificate: bytes) -> None:
            verdict = trust.judge(certificate, use=Use.LINE, authorities=[self.authority], at=NOW)
            if not verdict.good:
                raise Permanent("not the one that was called", code="wrong-peer")

        return judge


@dataclass
class Desk:
    """Takes what comes; `answer` is asked for each message."""

    knows: list[Side] = field(default_factory=list)
    answer: Callable[[MessageCame, Peer], Reply] = lambda message, peer: reply(250, "2.0.0", "Taken")
    taken: list[tuple[bytes, Peer, int | None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def identify(self, certificate: bytes, address: str) -> Peer:
        verdict = trust.judge(
            certificate, use=Use.LINE, authorities=[side.authority for side in self.knows], at=NOW
        )
        if not verdict.good:
            return Peer(address, True)
        org = next(
            side.org for side in self.knows if trust.authority_id(side.certificate) == verdict.authority
        )
        return Peer(address, True, org, verdict.authority)

    def recipient(self, address: str, peer: Peer) -> Reply:
        return reply(250, "2.1.5", "Good")

    def message(self, message: MessageCame, peer: Peer) -> Reply:
        answer = self.answer(message, peer)
        if answer.good:
            with self.lock:
                self.taken.append((message.octets, peer, message.mail.priority))
        return answer


@contextlib.asynccontextmanager
async def listening(side: Side, desk: Desk, **options: Any) -> AsyncIterator[Listener]:
    def context() -> Any:
        return lines.server_context(side.pem(), [known.certificate for known in desk.knows])

    listener = Listener("127.0.0.1", 0, "here.example", context, desk, **options)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


def calling(caller: Side, called: Side, port: int, **options: Any) -> Call:
    times = options.pop("times", CallTimes(connect=5, answer=5, message=10))
    return Call("127.0.0.1", port, "there.example", called.judge(), caller.contexts(), times=times, **options)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 60))
