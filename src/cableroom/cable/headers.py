"""Header fields of an internet message, strictly: RFC 5322 lines, RFC 2045 parameters, nothing obsolete.

Two readers of mail that disagree about one header field can be made to show two different
messages. So what can be read two ways is refused here: no comments, no display names, no
obsolete forms, no encoded words in structured fields, no RFC 2231 pieces beside plain ones.
What is refused, with its code: docs/reference/mime.md.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from cableroom.errors import MimeError

MAX_HEADER = 64 * 1024
MAX_LINE = 998
MAX_FIELDS = 200
MAX_ADDRESSES = 1000
LINE = 78

_FIELD = re.compile(rb"([!-9;-~]{1,100}):([\t -~]*)")
_TOKEN = r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+"
_TYPE = re.compile(rf"({_TOKEN})/({_TOKEN})")
_PARAMETER = re.compile(rf'[ \t]*;[ \t]*({_TOKEN})=(?:({_TOKEN})|"((?:[ !#-\[\]-~]|\\[ -~])*)")')
_ATOM = r"[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~]+"
_LABEL = r"[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_MESSAGE_ID = re.compile(rf"<[2-7A-Za-z]{{26}}@{_LABEL}(?:\.{_LABEL})*>")

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Fields of a message under way that may stand more than once: traces and what relays add.
_MAY_REPEAT = (
    "received",
    "received-spf",
    "delivered-to",
    "authentication-results",
    "dkim-signature",
    "comments",
    "keywords",
)
_MAY_REPEAT_PREFIX = ("x-", "arc-", "resent-", "list-")


def refuse(code: str, what: str, *, where: str = "", do: str = "") -> NoReturn:
    """Raise the one error of this room's MIME readers."""
    raise MimeError(what, code=code, where=where, do=do)


@dataclass(frozen=True, slots=True)
class Fields:
    """The header fields of one entity, in order, values unfolded and without blanks at their ends."""

    items: tuple[tuple[str, str], ...]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.items)

    def all(self, name: str) -> list[str]:
        """Every value of that field; names compare without case."""
        return [value for given, value in self.items if given.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        """The value of that field, None if it is missing. Raises `MimeError` if it stands twice."""
        values = self.all(name)
        if len(values) > 1:
            refuse("field-twice", f"The field {name} stands twice.", where="the header")
        return values[0] if values else None

    def need(self, name: str) -> str:
        """The value of that field, which must be there exactly once and not be empty."""
        value = self.one(name)
        if not value:
            refuse("field-missing", f"The field {name} is missing.", where="the header")
        return value


def read_fields(block: bytes, *, under_way: bool = False) -> Fields:
    """The fields of a header block (without the empty line that ends it).

    Every field may stand once, except `HP-Outer` and, in a message `under_way`, what relays
    add. Raises `MimeError`.
    """
    if len(block) > MAX_HEADER:
        refuse("header-too-large", f"A header has at most {MAX_HEADER} octets.")
    items: list[tuple[str, list[bytes]]] = []
    for number, line in enumerate(block.split(b"\r\n"), start=1):
        where = f"header line {number}"
        if len(line) > MAX_LINE:
            refuse("line-too-long", f"A line has at most {MAX_LINE} octets.", where=where)
        if line[:1] in (b" ", b"\t"):
            if not line.strip(b" \t"):
                refuse("folded-blank", "A folded line is blank.", where=where)
            if not items:
                refuse("field-form", "The header begins with a folded line.", where=where)
            items[-1][1].append(line)
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            refuse("field-form", "This is no header field.", where=where)
        items.append((match[1].decode("ascii"), [match[2]]))
        if len(items) > MAX_FIELDS:
            refuse("too-many-fields", f"A header has at most {MAX_FIELDS} fields.")
    fields = Fields(tuple((name, b"".join(lines).decode("ascii").strip(" \t")) for name, lines in items))
    _once(fields, under_way)
    return fields


def _once(fields: Fields, under_way: bool) -> None:
    seen: set[str] = set()
    for name, _ in fields:
        key = name.lower()
        if key in seen and not _may_repeat(key, under_way):
            refuse("field-twice", f"The field {name} stands twice.", where="the header")
        seen.add(key)


def _may_repeat(key: str, under_way: bool) -> bool:
    if key == "hp-outer":
        return True
    return under_way and (key in _MAY_REPEAT or key.startswith(_MAY_REPEAT_PREFIX))


# ---- structured values -------------------------------------------------------------------


def read_type(value: str, *, what: str = "Content-Type") -> tuple[str, Mapping[str, str]]:
    """A media type in lower case and its parameters (RFC 2045 §5.1), names in lower case."""
    match = _TYPE.match(value)
    if match is None:
        refuse("content-type", f"{what} is no media type: {value[:80]!r}.", where="the header")
    return match[0].lower(), _parameters(value, match.end(), what)


def read_disposition(value: str) -> str:
    """The file name in `attachment; filename=…`, exactly as `disposition` writes it.

    Any other way to spell a name (RFC 2231 pieces beside a plain name, encoded words, another
    charset, needless escapes) is refused, so that no two readers can see two names.
    """
    name = _file_name(value)
    if not name or re.sub(r"[\r\n]+", "", disposition(name)) != value:
        refuse(
            "disposition",
            "Content-Disposition must be attachment with one file name, written in the one way that there is.",
            where="the header",
        )
    return name


def _file_name(value: str) -> str | None:
    kind, _, rest = value.partition("; ")
    if kind != "attachment":
        return None
    if rest.startswith('filename="') and rest.endswith('"') and len(rest) > 10:
        return rest[10:-1]
    pieces = []
    for number, piece in enumerate(rest.split("; ")):
        single, numbered = "filename*=", f"filename*{number}*="
        if piece.startswith(numbered):
            pieces.append(piece[len(numbered) :])
        elif number == 0 and piece.startswith(single):
            pieces.append(piece[len(single) :])
        else:
            return None
    charset, _, encoded = "".join(pieces).partition("''")
    if charset != "utf-8":
        return None
    parts = encoded.split("%")
    try:
        octets = parts[0].encode("ascii") + b"".join(
            bytes.fromhex(part[:2]) + part[2:].encode("ascii") for part in parts[1:]
        )
        return octets.decode("utf-8")
    except ValueError:
        return None


def _parameters(value: str, start: int, what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    while start < len(value):
        match = _PARAMETER.match(value, start)
        if match is None:
            refuse("parameter", f"{what} has a parameter that cannot be read.", where="the header")
        name, token, quoted = match.groups()
        key = name.lower()
        text = token if token is not None else re.sub(r"\\(.)", r"\1", quoted)
        if "*" in key:
            refuse(
                "parameter-pieces",
                f"{what} has a parameter in pieces or with a charset: {key}.",
                where="the header",
            )
        if key in found:
            refuse("parameter-twice", f"{what} has the parameter {key} twice.", where="the header")
        if "=?" in text:
            refuse("encoded-word", f"{what} has an encoded word in a parameter.", where="the header")
        found[key] = text
        start = match.end()
    return found


def read_address(value: str) -> str:
    """One bare address, `local@domain`: no name, comment, group, route or quoting."""
    if len(value) > 320 or "=?" in value or _ADDRESS.fullmatch(value) is None:
        refuse("address", f"This is no bare address: {value[:80]!r}.", where="the header")
    return value


def read_addresses(value: str) -> tuple[str, ...]:
    """A list of bare addresses, at most 1,000, none of them twice."""
    parts = value.split(",")
    if len(parts) > MAX_ADDRESSES:
        refuse("address", f"A field has at most {MAX_ADDRESSES} addresses.", where="the header")
    found = tuple(read_address(part.strip(" \t")) for part in parts)
    if len(set(found)) != len(found):
        refuse("address", "An address stands twice.", where="the header")
    return found


def read_message_id(value: str) -> str:
    """A Message-ID of ours: `<26 base32 characters@domain>`."""
    if len(value) > MAX_LINE or _MESSAGE_ID.fullmatch(value) is None:
        refuse("message-id", "The Message-ID is not 26 base32 characters at a domain.", where="the header")
    return value


# ---- writing -----------------------------------------------------------------------------


def date(moment: datetime) -> str:
    """RFC 5322 §3.3 in UTC: `Tue, 27 Oct 2026 18:40:00 +0000`."""
    at = moment.astimezone(UTC)
    return (
        f"{_DAYS[at.weekday()]}, {at.day:02d} {_MONTHS[at.month - 1]} {at.year:04d} "
        f"{at.hour:02d}:{at.minute:02d}:{at.second:02d} +0000"
    )


def unstructured(text: str) -> str:
    """One line of text as the value of an unstructured field.

    As it is, if it is printable ASCII of at most 900 characters without `=?`; else as
    RFC 2047 B-encoded words of utf-8, each of at most 45 octets cut between characters,
    folded one a line.
    """
    if text.isascii() and text.isprintable() and len(text) <= 900 and "=?" not in text:
        return text
    words: list[bytes] = [b""]
    for character in text:
        octets = character.encode("utf-8")
        if len(words[-1]) + len(octets) > 45:
            words.append(b"")
        words[-1] += octets
    return "\r\n ".join(f"=?utf-8?B?{b64encode(word).decode('ascii')}?=" for word in words)


def addresses(values: Iterable[str]) -> str:
    """A list of addresses, one a line."""
    return ",\r\n ".join(values)


def disposition(name: str) -> str:
    """`attachment` with a file name (RFC 2183, RFC 6266, RFC 8187), folded.

    Printable ASCII without quote, backslash and `=?` stands in quotes; anything else as
    `filename*` in utf-8, in RFC 2231 pieces where it is longer than 900 characters.
    """
    if name.isascii() and name.isprintable() and not set('"\\').intersection(name) and "=?" not in name:
        return f'attachment;\r\n filename="{name}"'
    units = [_escaped(character) for character in name]
    pieces = ["utf-8''"]
    for unit in units:
        if len(pieces[-1]) + len(unit) > 900:
            pieces.append("")
        pieces[-1] += unit
    if len(pieces) == 1:
        return f"attachment;\r\n filename*={pieces[0]}"
    return "attachment;\r\n " + ";\r\n ".join(f"filename*{n}*={piece}" for n, piece in enumerate(pieces))


def _escaped(character: str) -> str:
    """RFC 8187 §3.2.1: attr-char as it is, all else as percent escapes of its utf-8."""
    if character.isascii() and (character.isalnum() or character in "!#$&+-.^_`|~"):
        return character
    return "".join(f"%{octet:02X}" for octet in character.encode("utf-8"))


def folded(parts: Iterable[str], glue: str) -> str:
    """`parts` joined by `glue`, with a fold after a glue wherever a line would pass 78 characters less 30."""
    lines: list[str] = [""]
    for part in parts:
        piece = part if lines == [""] else glue + part
        if len(lines[-1]) + len(piece) > LINE - 30 and lines[-1]:
            lines[-1] += glue
            lines.append(part)
        else:
            lines[-1] += piece
    return "\r\n ".join(lines)


def write_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """A header block with the empty line that ends it. Raises `MimeError` if a field would break it."""
    out: list[bytes] = []
    for name, value in fields:
        text = f"{name}: {value}"
        lines = text.split("\r\n")
        whole = "".join(lines)
        if not (whole.isascii() and whole.isprintable()) or any(
            not line.startswith(" ") for line in lines[1:]
        ):
            refuse("field-form", f"The field {name} has characters that no header can carry.")
        if any(len(line) > MAX_LINE or not line.strip() for line in lines):
            refuse("line-too-long", f"The field {name} does not fit its lines.")
        out.append(text.encode("ascii"))
    return b"\r\n".join(out) + b"\r\n\r\n"
