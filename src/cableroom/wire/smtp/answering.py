"""The dialogue of the side that is called (the server). RFC 5321 §§3, 4; 2920; 3207; 6710.

    feed(octets) → next_event() → (answer(reply) if the event asks) → take_output() → the line

The order is the safety: one event at a time, its answer before the next command is looked at, and nothing
read beyond a command after which the caller has to wait (DATA, STARTTLS, EHLO): whoever talks on without
waiting is cut off, because the two ends may not agree on what is command and what is message.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from cableroom.errors import ProtocolError, StateError
from cableroom.wire.smtp import grammar
from cableroom.wire.smtp.limits import Limits
from cableroom.wire.smtp.replies import Reply, reply
from cableroom.wire.smtp.transfer import DataReader, Fault

PRIORITY_POLICY = "STANAG4406"


class State(Enum):
    """Where the dialogue stands; `_ALLOWED` below says which command may come when."""

    NEW = "not greeted"
    GREETED = "greeted"
    READY = "said hello"
    MAIL = "sender given"
    RECIPIENTS = "recipient given"
    DATA = "message coming"
    TLS = "handshake"
    CLOSED = "closed"


_ALLOWED: dict[str, frozenset[State]] = {
    "MAIL": frozenset({State.READY}),
    "RCPT": frozenset({State.MAIL, State.RECIPIENTS}),
    "DATA": frozenset({State.RECIPIENTS}),
    "STARTTLS": frozenset({State.READY}),
}
_OUT_OF_ORDER = {
    "MAIL": "Say EHLO first, and one message at a time",
    "RCPT": "Say MAIL first",
    "DATA": "Give a recipient first",
    "STARTTLS": "Say EHLO first",
}


@dataclass(frozen=True, slots=True)
class MailAsked:
    """MAIL came. Answer it: a good reply opens the transaction."""

    mail: grammar.Mail


@dataclass(frozen=True, slots=True)
class RecipientAsked:
    """RCPT came. Answer it: a good reply adds the recipient."""

    recipient: grammar.Recipient


@dataclass(frozen=True, slots=True)
class MessageCame:
    """A whole message. Answer it only when it is safe, or refused."""

    mail: grammar.Mail
    recipients: tuple[grammar.Recipient, ...]
    octets: bytes


@dataclass(frozen=True, slots=True)
class TlsAsked:
    """220 lies in the output: send it, shake hands, then call `tls_started`."""


@dataclass(frozen=True, slots=True)
class Over:
    """Send what lies in the output and close. `why` is "" for a good end, else one for the log."""

    why: str


Event = MailAsked | RecipientAsked | MessageCame | TlsAsked | Over


@dataclass
class Answering:
    """One connection, seen from the side that is called.

    `tls_offered`: STARTTLS can be had; `tls_required`: no MAIL without it.
    """

    host: str
    limits: Limits = field(default_factory=Limits)
    tls_offered: bool = True
    tls_required: bool = True

    def __post_init__(self) -> None:
        self.state = State.NEW
        self.secure = False
        self.caller = ""
        self._buffer = bytearray()
        self._output = bytearray()
        self._asked: Event | None = None
        self._over: Over | None = None
        self._mail: grammar.Mail | None = None
        self._recipients: list[grammar.Recipient] = []
        self._reader: DataReader | None = None
        self._faults = self._surplus = self._idle = self._messages = 0

    def greet(self) -> None:
        """Begin: 220. Whoever has spoken before that is cut off at the first command."""
        self._say(reply(220, "", f"{self.host} ESMTP Cableroom"))
        self.state = State.GREETED

    def feed(self, data: bytes) -> None:
        """Octets from the line, at most 65,536 at once, and only when `next_event` said None."""
        if self.state is State.TLS:
            raise ProtocolError("Octets of the handshake are not for the dialogue.")
        self._buffer += data
        if len(self._buffer) > self.limits.buffer:
            raise StateError("The dialogue is fed faster than it is read.")

    @property
    def in_message(self) -> bool:
        return self.state is State.DATA

    @property
    def held(self) -> int:
        """Octets of an unfinished message or command that wait in memory."""
        return len(self._buffer) + (self._reader.held if self._reader else 0)

    def take_output(self) -> bytes:
        out = bytes(self._output)
        self._output.clear()
        return out

    def next_event(self) -> Event | None:
        """What the shell has to do next; None: nothing before more octets come."""
        if self._asked is not None:
            raise StateError("The last event has not been answered.")
        while self._over is None:
            if self.state is State.NEW and self._buffer:
                self._close(reply(554, "5.5.0", "Wait for the greeting"), "spoke before the greeting")
                break
            if self.state is State.TLS:
                return None
            if self.state is State.DATA:
                event = self._read_data()
            else:
                line = self._take_line()
                if line is None:
                    break
                event = self._command(line)
            if event is not None:
                return event
            if self._over is None and self.state is State.DATA and not self._buffer:
                return None
        if self._over is not None and self.state is not State.CLOSED:
            self.state = State.CLOSED
            return self._over
        return None

    def answer(self, answer: Reply, *, mail: grammar.Mail | None = None) -> None:
        """The reply to MailAsked, RecipientAsked or MessageCame. `mail` is what MAIL is worth, if that is
        not what was asked (`lowered`)."""
        asked, self._asked = self._asked, None
        match asked:
            case MailAsked(wanted):
                if answer.good:
                    self._mail, self._recipients, self.state = mail or wanted, [], State.MAIL
            case RecipientAsked(recipient):
                if answer.good:
                    self._recipients.append(recipient)
                    self.state = State.RECIPIENTS
            case MessageCame():
                self._reset()
            case _:
                raise StateError("No event waits for an answer.")
        self._say(answer)
        if answer.code == 421:
            self._over = Over("closed by us")

    def tls_started(self) -> None:
        """The handshake is done: everything said before is forgotten (RFC 3207 §4.2)."""
        if self.state is not State.TLS:
            raise StateError("No handshake was asked for.")
        self.secure = True
        self.caller = ""
        self._reset()
        self.state = State.GREETED

    def close(self, answer: Reply, why: str) -> None:
        """End it from the shell's side (time is up, shutting down)."""
        self._asked = None
        self._close(answer, why)

    # commands

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        piece = bytes(self._buffer if end < 0 else self._buffer[:end])
        body = piece[:-1] if end < 0 and piece.endswith(b"\r") else piece
        if b"\r" in body or b"\n" in body or b"\0" in body:
            self._close(
                reply(500, "5.5.2", "A line ends with CRLF and holds no CR, LF or NUL"), "stray CR, LF or NUL"
            )
            return None
        if len(body) > self.limits.command_line:
            self._close(reply(500, "5.5.6", "Line too long"), "command line too long")
            return None
        if end < 0:
            return None
        del self._buffer[: end + 2]
        return piece

    def _command(self, line: bytes) -> Event | None:
        try:
            command = grammar.parse(line)
            match command:
                case grammar.Hello():
                    return self._hello(command)
                case grammar.Mail():
                    return self._mail_command(command)
                case grammar.Recipient():
                    return self._recipient_command(command)
                case grammar.Simple(verb):
                    return self._simple(verb)
        except grammar.BadCommand as bad:
            self._say(bad.reply)
            self._count(bad.reply)
            return None

    def _in_order(self, verb: str) -> None:
        if self.state not in _ALLOWED[verb]:
            raise grammar.BadCommand(reply(503, "5.5.1", _OUT_OF_ORDER[verb]))

    def _hello(self, command: grammar.Hello) -> Event | None:
        if self._talks_on() or self._idles():
            return None
        self._reset()
        self.caller = command.host
        self.state = State.READY
        if not command.extended:
            self._say(reply(250, "", self.host))
            return None
        offers = [f"SIZE {self.limits.message}", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "DSN"]
        offers.append(f"MT-PRIORITY {PRIORITY_POLICY}")
        if self.tls_offered and not self.secure:
            offers.append("STARTTLS")
        self._say(reply(250, "", self.host, *offers))
        return None

    def _mail_command(self, mail: grammar.Mail) -> Event:
        if self.tls_required and not self.secure:
            raise grammar.BadCommand(reply(530, "5.7.0", "Say STARTTLS first"))
        self._in_order("MAIL")
        if mail.size is not None and mail.size > self.limits.message:
            raise grammar.BadCommand(reply(552, "5.3.4", f"At most {self.limits.message} octets"))
        if self._messages >= self.limits.messages:
            raise grammar.BadCommand(reply(452, "4.7.0", "Enough on one connection"))
        return self._ask(MailAsked(mail))

    def _recipient_command(self, recipient: grammar.Recipient) -> Event:
        self._in_order("RCPT")
        if len(self._recipients) >= self.limits.recipients:
            raise grammar.BadCommand(reply(452, "4.5.3", "One message for each recipient"))
        return self._ask(RecipientAsked(recipient))

    def _simple(self, verb: str) -> Event | None:
        if verb == "DATA":
            return self._data()
        if verb == "STARTTLS":
            return self._starttls()
        if verb == "QUIT":
            self._say(reply(221, "2.0.0", "Good-bye"))
            self._over = Over("")
            return None
        if self._idles():
            return None
        if verb == "RSET":
            self._reset()
        answers = {
            "RSET": reply(250, "2.0.0", "Done"),
            "NOOP": reply(250, "2.0.0", "Done"),
            "VRFY": reply(252, "2.5.0", "Send it and see"),
            "HELP": reply(214, "2.0.0", "RFC 5321"),
        }
        self._say(answers[verb])
        return None

    def _data(self) -> Event | None:
        self._in_order("DATA")
        if self._talks_on():
            return None
        self._reader = DataReader(limit=self.limits.message, text_line=self.limits.text_line)
        self.state = State.DATA
        self._say(reply(354, "", "End with CRLF.CRLF"))
        return None

    def _starttls(self) -> Event | None:
        if self.secure or not self.tls_offered:
            raise grammar.BadCommand(reply(503, "5.5.1", "TLS is running" if self.secure else "No TLS here"))
        self._in_order("STARTTLS")
        if self._talks_on():
            return None
        self._say(reply(220, "2.0.0", "Begin"))
        self.state = State.TLS
        return TlsAsked()

    def _read_data(self) -> Event | None:
        reader = self._reader
        if reader is None:
            raise StateError("No message is coming.")
        data = bytes(self._buffer)
        self._buffer.clear()
        rest = reader.feed(data)
        if reader.fault is Fault.STRAY:
            self._close(
                reply(554, "5.6.0", "Bare CR, LF or NUL in the message"), "bare CR, LF or NUL in a message"
            )
        elif not reader.done:
            if reader.octets > self.limits.drained:
                self._close(reply(552, "5.3.4", "Far too large"), "message far too large")
        else:
            self._buffer += rest
            return self._message(reader)
        return None

    def _message(self, reader: DataReader) -> Event | None:
        self._reader = None
        if reader.fault is not None:
            self._reset()
            codes = {Fault.LINE: (554, "5.6.0"), Fault.SIZE: (552, "5.3.4")}
            self._say(reply(*codes[reader.fault], f"Refused: {reader.fault.value}"))
            return None
        if self._mail is None:
            raise StateError("A message without a sender.")
        self._messages += 1
        self._idle = 0
        self.state = State.READY
        return self._ask(MessageCame(self._mail, tuple(self._recipients), reader.message))

    # small things

    def _talks_on(self) -> bool:
        """After this command the caller must wait (RFC 2920 §3.1). Octets that are here already were sent
        without waiting: what they are (command, message, attack) nobody can say."""
        if not self._buffer:
            return False
        self._close(reply(554, "5.5.0", "Wait for the answer before you go on"), "talked on without waiting")
        return True

    def _ask(self, event: Event) -> Event:
        self._asked = event
        return event

    def _reset(self) -> None:
        self._mail, self._recipients, self._reader = None, [], None
        if self.state in (State.MAIL, State.RECIPIENTS, State.DATA):
            self.state = State.READY

    def _idles(self) -> bool:
        self._idle += 1
        if self._idle > self.limits.idle_commands:
            self._close(reply(421, "4.7.0", "Nothing is being sent"), "too many idle commands")
            return True
        return False

    def _count(self, refused: Reply) -> None:
        # a relay with many recipients is told 452 for each but the first, and is not at fault
        if refused.code == 452:
            self._surplus += 1
        else:
            self._faults += 1
        if self._faults >= self.limits.faults or self._surplus >= self.limits.surplus:
            self._close(reply(421, "4.7.0", "Too many faults"), "too many faults")

    def _say(self, answer: Reply) -> None:
        if self._over is None:
            self._output += answer.encode()

    def _close(self, answer: Reply, why: str) -> None:
        self._say(answer)
        self._buffer.clear()
        if self._over is None:
            self._over = Over(why)


def lowered(mail: grammar.Mail, *, trusted: bool) -> tuple[grammar.Mail, Reply]:
    """What MAIL is worth and the answer: a positive priority counts only from a peer that is known
    (RFC 6710 §4.1); from others it becomes 0, and the answer says so (X.3.6)."""
    if not trusted and (mail.priority or 0) > 0:
        return replace(mail, priority=0), reply(250, "2.3.6", "0 is the priority here")
    return mail, reply(250, "2.1.0", "Sender noted")
