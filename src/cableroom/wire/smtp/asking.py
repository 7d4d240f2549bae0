"""The dialogue of the side that calls (the client). RFC 5321 §3; 2920; 3207; 3461; 6710.

    feed(octets) → next_event() → (send(transaction) | quit() when Ready) → take_output() → the line

MAIL and RCPT go out together where PIPELINING is offered; DATA waits for both, so that no message is ever
begun that has no recipient.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from cableroom.errors import Permanent, ProtocolError, StateError, TryLater
from cableroom.wire.smtp import grammar
from cableroom.wire.smtp.limits import Limits
from cableroom.wire.smtp.replies import Reply, ReplyReader
from cableroom.wire.smtp.transfer import stuff


class Step(Enum):
    GREETING = "greeting"
    HELLO = "EHLO"
    STARTTLS = "STARTTLS"
    TLS = "handshake"
    READY = "ready"
    MAIL = "MAIL"
    RECIPIENT = "RCPT"
    DATA = "DATA"
    MESSAGE = "message"
    RESET = "RSET"
    QUIT = "QUIT"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One message to one recipient. `message` has CRLF line ends and fits RFC 5321 as it is."""

    sender: str
    recipient: str
    message: bytes
    priority: int | None = None
    envid: str | None = None
    notify: tuple[str, ...] = ()
    eight_bit: bool = False


@dataclass(frozen=True, slots=True)
class TlsWanted:
    """The other side is ready for the handshake; call `tls_started` when it is done."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A transaction may begin. `offers`: extension → its words, as told under TLS if there is TLS."""

    offers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """The other side has taken the message: `reply` is its 250. A statement, not yet a receipt."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Declined:
    """The transaction ended without the message being taken; `final` if trying again will not help."""

    step: Step
    reply: Reply

    @property
    def final(self) -> bool:
        return self.reply.final


@dataclass(frozen=True, slots=True)
class Gone:
    """QUIT was answered: close."""


Event = TlsWanted | Ready | Taken | Declined | Gone

_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


@dataclass
class Asking:
    """One connection, seen from the side that calls.

    With `tls` nothing but EHLO and STARTTLS is ever said in clear: a server that does not offer it, or
    declines it, raises TryLater. Without (a relay on the same machine) the line stays as it is.
    """

    host: str
    tls: bool = True
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.step = Step.GREETING
        self.secure = False
        self.offers: dict[str, str] = {}
        self._replies = ReplyReader(self.limits)
        self._output = bytearray()
        self._work: Transaction | None = None
        self._declined: Declined | None = None
        self._octets = b""

    def feed(self, data: bytes) -> None:
        """Octets from the line. Raises ProtocolError on what is no answer."""
        if self.step is Step.TLS:
            raise ProtocolError("Octets of the handshake are not for the dialogue.")
        self._replies.feed(data)

    def take_output(self) -> bytes:
        out = bytes(self._output)
        self._output.clear()
        return out

    def next_event(self) -> Event | None:
        """What happened; None: more octets are needed. Raises ProtocolError (it is no SMTP server, or spoke
        out of turn), TryLater or Permanent (it does not want us)."""
        if self.step is Step.TLS:
            return None
        while (answer := self._replies.take()) is not None:
            event = self._answered(answer)
            if event is not None:
                return event
        return None

    def send(self, work: Transaction) -> None:
        """Begin a transaction. Raises Permanent if the server has said that it cannot take it, ProtocolError
        if the message or an address is not in order; not an octet has left then."""
        if self.step is not Step.READY:
            raise StateError("The line is not ready for a message.")
        self._octets = stuff(work.message, text_line=self.limits.text_line)
        mail = self._mail(work)
        recipient = self._recipient(work)
        self._work = work
        self._declined = None
        self.step = Step.MAIL
        self._output += mail
        if "PIPELINING" in self.offers:
            self._output += recipient

    def quit(self) -> None:
        self._output += b"QUIT\r\n"
        self.step = Step.QUIT

    def tls_started(self) -> None:
        """The handshake is done and the peer is the one we want: say EHLO again, believe nothing of before."""
        if self.step is not Step.TLS:
            raise StateError("No handshake was asked for.")
        self.secure = True
        self._hello()

    # what an answer means at each step

    def _answered(self, answer: Reply) -> Event | None:
        if answer.code == 421 and self.step is not Step.QUIT:
            self.step = Step.CLOSED
            raise TryLater("The other side closes the line.", where=str(answer))
        match self.step:
            case Step.GREETING:
                self._expect(answer, 220)
                self._quiet("before it was asked anything")
                return self._hello()
            case Step.HELLO:
                self._expect(answer, 250)
                self._quiet("after its EHLO")
                return self._greeted(answer)
            case Step.STARTTLS:
                self._expect(answer, 220)
                # RFC 3207 §6: what was injected before the handshake must not be read after it
                self._quiet("before the handshake")
                self.step = Step.TLS
                return TlsWanted()
            case Step.MAIL | Step.RECIPIENT | Step.DATA | Step.MESSAGE | Step.RESET:
                return self._in_transaction(answer)
            case Step.QUIT:
                self.step = Step.CLOSED
                return Gone()
        raise ProtocolError("The other side speaks out of turn.", where=str(answer))

    def _greeted(self, answer: Reply) -> Event | None:
        self.offers = _offers(answer)
        if self.tls and not self.secure:
            if "STARTTLS" not in self.offers:
                raise TryLater(
                    "The other side offers no STARTTLS.", do="Nothing is sent in clear.", code="no-tls"
                )
            self._output += b"STARTTLS\r\n"
            self.step = Step.STARTTLS
            return None
        self.step = Step.READY
        return Ready(dict(self.offers))

    def _in_transaction(self, answer: Reply) -> Event | None:
        work = self._work
        if work is None:
            raise StateError("No transaction is open.")
        if self.step is Step.MAIL:
            if not 200 <= answer.code < 300:
                self._decline(answer)
            self.step = Step.RECIPIENT
            if "PIPELINING" in self.offers:
                return None
            if self._declined:
                return self._reset()
            self._output += self._recipient(work)
            return None
        if self.step is Step.RECIPIENT:
            if not 200 <= answer.code < 300:
                self._decline(answer)
            if self._declined:
                return self._reset()
            self.step = Step.DATA
            self._output += b"DATA\r\n"
            return None
        if self.step is Step.DATA:
            if answer.code != 354:
                self._decline(answer)
                return self._reset()
            self._quiet("after its 354")
            self.step = Step.MESSAGE
            self._output += self._octets
            self._octets = b""
            return None
        return self._ended(answer)

    def _ended(self, answer: Reply) -> Event | None:
        """The answer to the message itself, or to the RSET after a refusal."""
        self._work, self._octets = None, b""
        step, self.step = self.step, Step.READY
        if step is Step.MESSAGE:
            return Taken(answer) if 200 <= answer.code < 300 else Declined(step, answer)
        declined, self._declined = self._declined, None
        return declined

    def _decline(self, answer: Reply) -> None:
        if 300 <= answer.code < 400 or (self.step is Step.DATA and answer.code < 400):
            raise ProtocolError("The answer does not fit the command.", where=str(answer))
        if self._declined is None:
            self._declined = Declined(self.step, answer)

    def _reset(self) -> Event | None:
        self._output += b"RSET\r\n"
        self.step = Step.RESET
        return None

    def _hello(self) -> Event | None:
        self.offers = {}
        self._output += f"EHLO {self.host}\r\n".encode("ascii")
        self.step = Step.HELLO
        return None

    def _expect(self, answer: Reply, code: int) -> None:
        if answer.code == code:
            return
        place = f"{self.step.value}: {answer}"
        self.step = Step.CLOSED
        if answer.final:
            raise Permanent("The other side does not want this line.", where=place)
        raise TryLater("The other side is not ready.", where=place)

    def _quiet(self, when: str) -> None:
        if not self._replies.empty:
            raise ProtocolError(f"The other side said more than was asked, {when}.", code="spoke-out-of-turn")

    def _mail(self, work: Transaction) -> bytes:
        limit = self.offers.get("SIZE", "")
        if limit.isdecimal() and 0 < int(limit[:20]) < len(work.message):
            raise Permanent(f"The other side takes at most {int(limit[:20])} octets.", code="too-large")
        if not work.message.isascii() and "8BITMIME" not in self.offers:
            raise Permanent(
                "The message has octets above 7 bit, and the other side takes none.", code="eight-bit"
            )
        dsn = "DSN" in self.offers
        return grammar.Mail(
            sender=work.sender,
            size=len(work.message) if "SIZE" in self.offers else None,
            body="8BITMIME" if work.eight_bit and "8BITMIME" in self.offers else None,
            ret="HDRS" if dsn and work.envid else None,
            envid=work.envid if dsn else None,
            priority=work.priority if "MT-PRIORITY" in self.offers else None,
        ).encode()

    def _recipient(self, work: Transaction) -> bytes:
        notify = work.notify if "DSN" in self.offers else ()
        return grammar.Recipient(work.recipient, notify=notify).encode()


def _offers(answer: Reply) -> dict[str, str]:
    offers = {}
    for line in answer.lines[1:]:
        key, _, words = line.partition(" ")
        if _KEYWORD.fullmatch(key):
            offers[key.upper()] = words.strip(" ")
    return offers
