"""A message in transit: lines that end with CRLF, dots doubled, CRLF.CRLF at its end (RFC 5321 §4.5.2).

Only CRLF.CRLF ends a message, and CR, LF and NUL stand in none of its lines. One end that reads `LF.LF` as
an end where the other does not can be made to see a second message that nobody sent (SMTP smuggling).
"""

from __future__ import annotations

from enum import Enum

from cableroom.errors import ProtocolError

END = b".\r\n"


def stuff(message: bytes, *, text_line: int = 998) -> bytes:
    """`message` as it goes over the line, with its end. Raises ProtocolError if its lines are not in order:
    nothing is repaired, since what is repaired is no longer what was signed."""
    if message and not message.endswith(b"\r\n"):
        raise ProtocolError("The message does not end with CRLF.")
    lines = message.split(b"\r\n")[:-1]
    for number, line in enumerate(lines, 1):
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise ProtocolError("A line holds CR, LF or NUL.", where=f"line {number} of the message")
        if len(line) > text_line:
            raise ProtocolError(f"A line is longer than {text_line}.", where=f"line {number} of the message")
    return b"".join((b"." if line[:1] == b"." else b"") + line + b"\r\n" for line in lines) + END


class Fault(Enum):
    """Why what came is no message."""

    STRAY = "a CR, LF or NUL inside a line"
    LINE = "a line that is too long"
    SIZE = "more octets than announced as the limit"


class DataReader:
    """Takes the octets after 354 as they come; knows when the message is over and whether it is one.

    `feed` returns what was left over after CRLF.CRLF. STRAY ends the reading at once, since from there on
    the two ends could disagree about where the message stops. The other faults go on to the end without
    keeping anything, so that the dialogue stays in step.
    """

    def __init__(self, *, limit: int, text_line: int) -> None:
        self._limit = limit
        self._text_line = text_line
        self._tail = b""
        self._kept = bytearray()
        self.octets = 0
        self.fault: Fault | None = None
        self.done = False

    @property
    def held(self) -> int:
        """Octets kept so far."""
        return len(self._kept) + len(self._tail)

    @property
    def message(self) -> bytes:
        return bytes(self._kept)

    def feed(self, data: bytes) -> bytes:
        lines = (self._tail + data).split(b"\r\n")
        self._tail = lines.pop()
        for position, line in enumerate(lines):
            if b"\r" in line or b"\n" in line or b"\0" in line:
                return self._stray()
            if line == b".":
                self.done = True
                rest = b"\r\n".join([*lines[position + 1 :], self._tail])
                self._tail = b""
                return rest
            self._keep(line[1:] if line[:1] == b"." else line)
        self._look_ahead()
        return b""

    def _keep(self, line: bytes) -> None:
        self.octets += len(line) + 2
        if self.fault is None:
            if len(line) > self._text_line:
                self._drop(Fault.LINE)
            elif self.octets > self._limit:
                self._drop(Fault.SIZE)
            else:
                self._kept += line
                self._kept += b"\r\n"

    def _look_ahead(self) -> None:
        """The unfinished line: what is wrong in it already is wrong now, and it must not grow for ever."""
        body = self._tail[:-1] if self._tail.endswith(b"\r") else self._tail
        if b"\r" in body or b"\n" in body or b"\0" in body:
            self._stray()
        elif len(body) > self._text_line + 1:
            # counted and forgotten, but its first octet stays: it decides whether a dot ends the message
            self.octets += len(body) - 2
            self._tail = b"xx" + self._tail[len(body) :]
            if self.fault is None:
                self._drop(Fault.LINE)

    def _drop(self, fault: Fault) -> None:
        self.fault = fault
        self._kept = bytearray()

    def _stray(self) -> bytes:
        self._drop(Fault.STRAY)
        self.done = True
        self._tail = b""
        return b""
