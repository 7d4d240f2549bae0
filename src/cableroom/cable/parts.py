"""A strict MIME reader and writer: bytes to a tree of parts, and back, nothing repaired.

Everything that Cablerooms exchange is 7-bit ASCII with CRLF line ends, multiparts without
preamble and epilogue, leaves in base64 or quoted-printable. Whatever is not exactly that is
refused with `MimeError`, in time linear in the size (RFC 2045, 2046; docs/reference/mime.md).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cableroom.cable.headers import MAX_HEADER, Fields, read_fields, read_type, refuse, write_fields

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 8
MAX_PARTS = 200

_OTHER_OCTETS = re.compile(rb"[^\t\n\r -~]")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=?]{1,70}")
_BASE64_LINE = re.compile(rb"[+/0-9A-Za-z]{2,76}={0,2}")
_QP_LINE = re.compile(rb"(?:[!-<>-~ \t]|=[0-9A-F]{2})*=?")
_CONTAINERS = ("multipart/mixed", "multipart/alternative")


@dataclass(frozen=True, slots=True)
class Part:
    """One entity: its fields, its media type, and either its parts or its decoded content."""

    fields: Fields
    type: str
    parameters: Mapping[str, str]
    content: bytes
    parts: tuple[Part, ...] = ()


def read_part(data: bytes, *, under_way: bool = False, max_bytes: int = MAX_BYTES) -> Part:
    """The tree of parts in `data`, the bytes of a whole entity or message.

    `under_way`: a message from a relay, whose header may hold traces. Raises `MimeError`.
    """
    if len(data) > max_bytes:
        refuse("too-large", f"The message has {len(data)} octets; at most {max_bytes} are read.")
    lines = data.count(b"\r\n")
    if data.count(b"\r") != lines or data.count(b"\n") != lines:
        refuse("bare-line-end", "There is a bare CR or LF; lines must end with CRLF.")
    other = _OTHER_OCTETS.search(data)
    if other is not None:
        refuse("octet", f"Octet {other[0][0]:#04x} at offset {other.start()} is not allowed here.")
    return _Reader().read(data, (), under_way)


class _Reader:
    def __init__(self) -> None:
        self._count = 0

    def read(self, data: bytes, boundaries: tuple[str, ...], under_way: bool = False) -> Part:
        self._count += 1
        if self._count > MAX_PARTS:
            refuse("too-many-parts", f"A message has at most {MAX_PARTS} parts.")
        end = data.find(b"\r\n\r\n", 0, MAX_HEADER + 4)
        if end < 0:
            code, what = "header-form", "The empty line between header and body is missing."
            if len(data) > MAX_HEADER:
                code, what = "header-too-large", f"A header has at most {MAX_HEADER} octets."
            refuse(code, what)
        fields = read_fields(data[:end], under_way=under_way)
        kind, parameters = read_type(fields.need("Content-Type"))
        encoding = fields.one("Content-Transfer-Encoding")
        body = data[end + 4 :]
        if not kind.startswith(("multipart/", "message/")):
            return Part(fields, kind, parameters, _decoded(body, encoding))
        if kind not in _CONTAINERS:
            refuse("part-type", f"A part of type {kind} is never read, joined or fetched.")
        if encoding is not None and encoding.lower() != "7bit":
            refuse("encoding", f"A multipart must not be encoded as {encoding[:40]!r}.")
        boundary = _boundary(parameters, boundaries)
        inside = (*boundaries, boundary)
        parts = tuple(self.read(piece, inside) for piece in _pieces(body, boundary))
        return Part(fields, kind, parameters, b"", parts)


def _boundary(parameters: Mapping[str, str], outer: tuple[str, ...]) -> str:
    boundary = parameters.get("boundary", "")
    if _BOUNDARY.fullmatch(boundary) is None:
        refuse("boundary", "The boundary of a multipart is missing, or has characters that it must not have.")
    if len(outer) >= MAX_DEPTH:
        refuse("too-deep", f"Parts are nested deeper than {MAX_DEPTH}.")
    if any(boundary.startswith(other) or other.startswith(boundary) for other in outer):
        refuse("boundary", "The boundary of an inner multipart begins like that of an outer one.")
    return boundary


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """The parts between delimiters; nothing may stand before the first or behind the last."""
    delimiter = b"--" + boundary.encode("ascii")
    if not body.startswith(delimiter + b"\r\n"):
        refuse(
            "preamble",
            "Something stands before the first part, or the boundary is not the one that was named.",
        )
    pieces: list[bytes] = []
    start = len(delimiter) + 2
    while True:
        end = body.find(b"\r\n" + delimiter, start)
        if end < 0:
            refuse("boundary-open", "The closing boundary is missing.")
        pieces.append(body[start:end])
        after = end + 2 + len(delimiter)
        if body.startswith(b"\r\n", after):
            start = after + 2
        elif body.startswith(b"--", after):
            if body[after + 2 :] not in (b"", b"\r\n"):
                refuse("epilogue", "Something stands behind the last part.")
            return pieces
        else:
            refuse("boundary", "A line begins like the boundary and goes on otherwise.")
        if len(pieces) > MAX_PARTS:
            refuse("too-many-parts", f"A message has at most {MAX_PARTS} parts.")


# ---- transfer encodings ------------------------------------------------------------------


def _decoded(body: bytes, encoding: str | None) -> bytes:
    name = (encoding or "").lower()
    if name == "base64":
        return _from_base64(body)
    if name == "quoted-printable":
        return _from_quoted_printable(body)
    refuse(
        "encoding",
        f"The encoding of a part must be base64 or quoted-printable, not {(encoding or 'none')[:40]!r}.",
    )


def _from_base64(body: bytes) -> bytes:
    text = body.removesuffix(b"\r\n")
    joined = text.replace(b"\r\n", b"")
    try:
        content = binascii.a2b_base64(joined, strict_mode=True)
    except binascii.Error as error:
        refuse("base64", f"A part is not base64: {error}.")
    if to_base64(content) != text:
        _check_base64(text, joined, content)
    return content


def _check_base64(text: bytes, joined: bytes, content: bytes) -> None:
    """Other lengths of line than ours are read; each must be whole groups of four, none empty."""
    lines = text.split(b"\r\n")
    for number, line in enumerate(lines, start=1):
        whole = len(line) % 4 == 0 and len(line) <= 76 and _BASE64_LINE.fullmatch(line) is not None
        if not whole or (number < len(lines) and line.endswith(b"=")):
            refuse("base64", f"Line {number} of a part is not base64.")
    if b64encode(content) != joined:
        refuse("base64", "The last bits of a part in base64 are not zero.")


def _from_quoted_printable(body: bytes) -> bytes:
    lines = body.split(b"\r\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > 76 or _QP_LINE.fullmatch(line) is None or line.endswith((b" ", b"\t")):
            refuse("quoted-printable", f"Line {number} of a part is not quoted-printable.")
    end = lines[-2:] if not lines[-1] else lines[-1:]
    if end[0].endswith(b"="):
        refuse("quoted-printable", "The last line of a part ends with a soft line break.")
    return binascii.a2b_qp(body)


def to_base64(content: bytes) -> bytes:
    """Lines of 76 characters, the last one without a line end."""
    text = b64encode(content)
    return b"\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))


def to_quoted_printable(content: bytes) -> bytes:
    """RFC 2045 §6.7 for text with CRLF line ends: soft breaks as late as 76 characters allow."""
    return b"\r\n".join(_soft_lines(line) for line in content.split(b"\r\n"))


def _soft_lines(line: bytes) -> bytes:
    units = [bytes([octet]) if _literal(octet) else b"=%02X" % octet for octet in line]
    if units and units[-1] == b" ":
        units[-1] = b"=20"
    out: list[bytes] = []
    current: list[bytes] = []
    width = 0
    left = sum(map(len, units))
    for unit in units:
        if width + left > 76 and width + len(unit) > 75:
            out.append(b"".join(current) + b"=")
            current, width = [], 0
        current.append(unit)
        width += len(unit)
        left -= len(unit)
    return b"\r\n".join([*out, b"".join(current)])


def _literal(octet: int) -> bool:
    return 32 <= octet <= 126 and octet != 61


# ---- writing -----------------------------------------------------------------------------


def write_leaf(fields: Iterable[tuple[str, str]], content: bytes) -> bytes:
    """A part in base64; `fields` begin with Content-Type."""
    return write_fields([*fields, ("Content-Transfer-Encoding", "base64")]) + to_base64(content)


def write_text(fields: Iterable[tuple[str, str]], text: str) -> bytes:
    """A text part: CRLF line ends, in quoted-printable or base64, whichever is shorter (a tie: the former)."""
    content = text.replace("\n", "\r\n").encode("utf-8")
    printable, coded = to_quoted_printable(content), to_base64(content)
    name, body = ("base64", coded) if len(coded) < len(printable) else ("quoted-printable", printable)
    return write_fields([*fields, ("Content-Transfer-Encoding", name)]) + body


def write_multipart(fields: Iterable[tuple[str, str]], boundary: str, parts: Iterable[bytes]) -> bytes:
    """A multipart without preamble or epilogue; `fields` hold its Content-Type. Ends with CRLF."""
    out = [write_fields(fields)]
    line = f"--{boundary}".encode("ascii")
    for part in parts:
        out += [line, b"\r\n", part, b"\r\n"]
    out += [line, b"--\r\n"]
    return b"".join(out)
