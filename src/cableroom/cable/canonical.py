"""The bytes that are hashed, signed and sent: RFC 8785 for the values that we use, base64url, times.

The profile is narrow on purpose. Numbers are integers from 0 to 2**53 - 1, keys are ASCII, and what is
read must be the very bytes that we would write: a duplicate key, another form of a number, a blank
between two tokens or keys out of order are refused, because two readers could see two documents in them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from cableroom.errors import DocumentError

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 16

_B64U = re.compile(r"[A-Za-z0-9_-]*")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_STAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3})Z")
_MINUTE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:00)Z")


def encode(value: object, *, max_depth: int = MAX_DEPTH) -> bytes:
    """The RFC 8785 bytes of `value` (dicts, lists, tuples, strings, integers, True, False, None).

    Raises DocumentError for anything that has no such form: floats, negative or large numbers, keys
    beyond ASCII, lone surrogates, nesting beyond `max_depth`.
    """
    _measure(value, max_depth)
    # RFC 8785 §3.2.3 sorts keys by UTF-16 code units; for ASCII keys sort_keys does the same.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise DocumentError("The JSON holds half of a surrogate pair.", code="canonical") from None


def decode(data: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH) -> Any:
    """The value whose RFC 8785 bytes are `data`; raises DocumentError for every other input."""
    if len(data) > max_bytes:
        raise DocumentError(f"The JSON has {len(data)} bytes, more than {max_bytes}.", code="too-large")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise DocumentError("The JSON is not UTF-8.", where=f"byte {fault.start}", code="canonical") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object_without_duplicates,
            parse_float=_refuse_number,
            parse_int=_integer,
            parse_constant=_refuse_number,
        )
    except json.JSONDecodeError as fault:
        raise DocumentError("This is not JSON.", where=f"character {fault.pos}", code="canonical") from None
    except RecursionError:
        raise DocumentError(f"The JSON nests deeper than {max_depth}.", code="canonical") from None
    if encode(value, max_depth=max_depth) != data:
        raise DocumentError("The JSON is not in its canonical form (RFC 8785).", code="canonical")
    return value


def _measure(value: object, depth: int) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if not 0 <= value <= MAX_INTEGER:
            raise DocumentError("The JSON holds a number outside 0 … 2^53−1.", code="canonical")
    elif depth == 0:
        raise DocumentError("The JSON nests too deep.", code="canonical")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise DocumentError("The JSON has a key that is not ASCII text.", code="canonical")
            _measure(item, depth - 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _measure(item, depth - 1)
    else:
        raise DocumentError(f"JSON has no form for {type(value).__name__}.", code="canonical")


def _object_without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counts.items() if count > 1)
        raise DocumentError(f"The JSON names {twice[:60]!r} twice in one object.", code="canonical")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 16 or digits.startswith("-"):
        _refuse_number(digits)
    return int(digits)


def _refuse_number(form: str) -> NoReturn:
    raise DocumentError(
        f"The JSON holds the number {form[:40]}; only integers from 0 to 2^53−1 stand here.", code="canonical"
    )


def b64u(data: bytes) -> str:
    """base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64u(text: str, *, length: int | None = None) -> bytes:
    """The bytes of strict base64url: no padding, no other letter, last bits zero, `length` bytes if given.

    Raises DocumentError.
    """
    if not isinstance(text, str) or not _B64U.fullmatch(text) or len(text) % 4 == 1:
        raise DocumentError("This is not base64url without padding.", code="base64")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise DocumentError("This is not base64url without padding.", code="base64") from None
    if b64u(data) != text:
        raise DocumentError("The last bits of this base64url are not zero.", code="base64")
    if length is not None and len(data) != length:
        raise DocumentError(f"This base64url holds {len(data)} bytes instead of {length}.", code="base64")
    return data


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def is_digest(text: object) -> bool:
    """True for 64 lower-case hex digits."""
    return isinstance(text, str) and _HEX64.fullmatch(text) is not None


def stamp(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ` of an aware time, cut to the millisecond: times in entries and sheets."""
    moment = _in_utc(moment)
    return f"{_to_second(moment)}.{moment.microsecond // 1000:03d}Z"


def read_stamp(text: str) -> datetime:
    """The aware UTC time of `stamp`; raises DocumentError for every other form."""
    return _read(_STAMP, text, "YYYY-MM-DDTHH:MM:SS.mmmZ")


def minute(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:00Z` of an aware time, cut to the minute: times in a document."""
    return _to_second(_in_utc(moment).replace(second=0)) + "Z"


def read_minute(text: str) -> datetime:
    """The aware UTC time of `minute`; raises DocumentError for every other form."""
    return _read(_MINUTE, text, "YYYY-MM-DDTHH:MM:00Z")


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise DocumentError("A time without a zone cannot be written.", do="Give it in UTC.", code="time")
    return moment.astimezone(UTC)


def _to_second(moment: datetime) -> str:
    return (
        f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
        f"T{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"
    )


def _read(form: re.Pattern[str], text: object, shape: str) -> datetime:
    found = form.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise DocumentError(f"This is not a time of the form {shape}.", code="time")
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        raise DocumentError(f"{found[0]} is no real time.", code="time") from None
