"""Answers of the side that is called: written whole, read strictly (RFC 5321 §4.2, RFC 2034)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cableroom.errors import ProtocolError
from cableroom.wire.smtp.limits import Limits

_LINE = re.compile(rb"([2-5][0-5][0-9])(?:([ -])([\t\x20-\x7e\x80-\xff]*))?")
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: three digits, the enhanced code where there is one (`"5.7.1"`), lines of text."""

    code: int
    enhanced: str
    lines: tuple[str, ...]

    @property
    def good(self) -> bool:
        return 200 <= self.code < 400

    @property
    def final(self) -> bool:
        """True if trying again will not help."""
        return 500 <= self.code < 600

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    def encode(self) -> bytes:
        """The octets of the answer. Only printable ASCII leaves, whatever the lines hold."""
        out = []
        for number, line in enumerate(self.lines or ("",)):
            mark = " " if number >= len(self.lines) - 1 else "-"
            words = f"{self.enhanced} {line}" if self.enhanced else line
            out.append(f"{self.code}{mark}{_printable(words)}\r\n")
        return "".join(out).encode("ascii")

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


def reply(code: int, enhanced: str, *lines: str) -> Reply:
    """A reply of ours. The class of both codes must agree (RFC 2034 §4)."""
    if enhanced and enhanced[0] != str(code)[0]:
        raise ProtocolError(f"The codes {code} and {enhanced} are not of one class.")
    return Reply(code, enhanced, lines)


def _printable(text: str) -> str:
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text)[:500]


class ReplyReader:
    """Collects the lines of one answer after the other; `feed` octets, `take` answers.

    Raises ProtocolError on anything that RFC 5321 §4.2 does not allow: another line end than CRLF, two codes
    in one answer, too long a line, too many of them.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._code = 0
        self._lines: list[bytes] = []

    def feed(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > self._limits.buffer:
            raise ProtocolError("The answer is longer than any answer may be.")

    @property
    def empty(self) -> bool:
        """True if not one octet waits: what must hold before TLS begins (RFC 3207 §4.2, §6)."""
        return not self._buffer and not self._lines

    def take(self) -> Reply | None:
        """The next whole answer, or None while it is incomplete."""
        while True:
            line = self._line()
            if line is None:
                return None
            found = _LINE.fullmatch(line)
            if found is None:
                raise ProtocolError("The answer is no line of SMTP.")
            code, mark, words = int(found[1]), found[2], found[3] or b""
            if self._lines and code != self._code:
                raise ProtocolError("The lines of one answer have different codes.")
            self._code = code
            self._lines.append(words)
            if len(self._lines) > self._limits.reply_lines:
                raise ProtocolError("The answer has too many lines.")
            if mark != b"-":
                return self._whole()

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        piece = bytes(self._buffer if end < 0 else self._buffer[:end])
        if len(piece) > self._limits.reply_line + (end < 0):
            raise ProtocolError("A line of the answer is too long.")
        stray = piece[:-1] if end < 0 and piece.endswith(b"\r") else piece
        if b"\n" in piece or b"\r" in stray or b"\0" in piece:
            raise ProtocolError("A line of the answer does not end with CRLF.")
        if end < 0:
            return None
        del self._buffer[: end + 2]
        return piece

    def _whole(self) -> Reply:
        texts = [line.decode("ascii", "replace").replace("\ufffd", "?") for line in self._lines]
        self._lines = []
        enhanced = ""
        if found := _ENHANCED.match(texts[0]):
            enhanced = found[1]
            texts = [text.removeprefix(enhanced).removeprefix(" ") for text in texts]
        return Reply(self._code, enhanced, tuple(texts))
