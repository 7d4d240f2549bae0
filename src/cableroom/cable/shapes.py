"""What a JSON value of the document must look like: one small reader for each shape.

Each reader takes the value and the place where it stands (`head.subject`, `paras.3.meta`), answers the
value in the form that Python likes, and raises DocumentError otherwise. Nothing is repaired.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Final, TypeVar

from cableroom.cable import address, canonical, label, precedence, reference
from cableroom.cable.address import Addressee, Post, PostRef
from cableroom.cable.characters import blank_at_edge, first_fault
from cableroom.cable.precedence import Precedence
from cableroom.cable.reference import Mrn
from cableroom.errors import DocumentError

MAX_LINE: Final = 500
MAX_SUBJECT: Final = 200
MAX_ADDRESSEES: Final = 1000

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)
Reader = Callable[[object, str], T]

_ITEM = re.compile(r"[A-Z0-9/-]+(?: [A-Z0-9/-]+)*")
_SERIES = re.compile(r"[A-Z]{1,3}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MEDIA_NAME = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(f"{_MEDIA_NAME}/{_MEDIA_NAME}")
# RFC 5646 §2.1 `langtag` and `privateuse`; the irregular tags of old are not taken.
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+",
    re.IGNORECASE | re.ASCII,
)


def refuse(what: str, where: str, do: str = "", *, code: str = "document") -> DocumentError:
    """The error to raise for a fault at `where`."""
    return DocumentError(what, where=where, do=do, code=code)


def at(where: str, read: Callable[[str], T], text: str) -> T:
    """`read(text)`, its DocumentError told at `where`."""
    try:
        return read(text)
    except DocumentError as fault:
        raise DocumentError(fault.what, where=where, do=fault.do, code=fault.code) from None


def members(value: object, keys: Iterable[str], where: str) -> dict[str, object]:
    """An object with exactly these `keys`."""
    wanted = set(keys)
    if not isinstance(value, dict):
        raise refuse("An object stands here.", where)
    if set(value) != wanted:
        missing = sorted(wanted - set(value))
        extra = sorted(str(key)[:60] for key in set(value) - wanted)
        told = [f"lacks {', '.join(missing)}"] if missing else []
        told += [f"has {', '.join(extra[:5])} besides"] if extra else []
        raise refuse(f"The object {' and '.join(told)}.", where)
    return value


def some(value: object, where: str) -> list[object]:
    """A list of at least one item."""
    if not isinstance(value, list) or not value:
        raise refuse("A list of one item or more stands here.", where)
    return value


def unique(read: Reader[H]) -> Reader[tuple[H, ...]]:
    """A list that names nothing twice."""

    def read_list(value: object, where: str) -> tuple[H, ...]:
        items = tuple(read(item, where) for item in some(value, where))
        no_twice(items, where)
        return items

    return read_list


def no_twice(items: Iterable[Hashable], where: str) -> None:
    """DocumentError if something stands twice in `items`."""
    seen: set[Hashable] = set()
    for item in items:
        if item in seen:
            raise refuse("The list names something twice.", where, "Name it once.", code="twice")
        seen.add(item)


def integer(value: object, where: str, low: int = 0, high: int = canonical.MAX_INTEGER) -> int:
    """An integer from `low` to `high`."""
    if type(value) is not int or not low <= value <= high:
        raise refuse(f"A whole number from {low} to {high} stands here.", where)
    return value


def flag(value: object, where: str) -> bool:
    """`true`, or `null` for False."""
    if value is not None and value is not True:
        raise refuse("A flag is true or null.", where)
    return value is True


def string(value: object, where: str, *, lines: bool = False) -> str:
    """A string that is not empty and holds allowed characters alone."""
    if not isinstance(value, str) or not value:
        raise refuse("A text stands here, and it is not empty.", where, "Write one.")
    fault = first_fault(value, lines=lines)
    if fault is not None:
        raise refuse(f"Character {fault.index + 1}: {fault.what}", where, fault.do, code=fault.code)
    return value


def line(value: object, where: str, limit: int = MAX_LINE) -> str:
    """One line of at most `limit` characters without a blank at either end."""
    text = string(value, where)
    if len(text) > limit:
        raise refuse(
            f"This has {len(text)} characters, more than {limit}.", where, "Shorten it.", code="limit"
        )
    if blank_at_edge(text) is not None:
        raise refuse("This begins or ends with a blank.", where, "Take the blank out.", code="blank")
    return text


def subject(value: object, where: str) -> str:
    return line(value, where, MAX_SUBJECT)


def word(value: object, where: str) -> str:
    """One line without any blank."""
    text = line(value, where)
    if " " in text:
        raise refuse("This has a blank.", where, "Write it without.", code="blank")
    return text


def item(value: object, where: str) -> str:
    """A classification, category, caption or TAG."""
    text = line(value, where)
    if not _ITEM.fullmatch(text):
        raise refuse(
            f"{text[:80]!r} has another form.",
            where,
            "Write capitals, digits, / and -, single blanks inside.",
        )
    return text


def one_of(*words: str) -> Reader[str]:
    """Exactly one of these words."""

    def read(value: object, where: str) -> str:
        if not isinstance(value, str) or value not in words:
            raise refuse(f"One of {', '.join(words)} stands here.", where)
        return value

    return read


def time(value: object, where: str) -> datetime:
    return at(where, canonical.read_minute, value) if isinstance(value, str) else _no_time(where)


def _no_time(where: str) -> datetime:
    raise refuse("A time of the form YYYY-MM-DDTHH:MM:00Z stands here.", where)


def digest(value: object, where: str) -> str:
    if not isinstance(value, str) or not canonical.is_digest(value):
        raise refuse("64 lower-case hex digits stand here.", where)
    return value


def letter(value: object, where: str) -> str:
    """The letter of a ref."""
    if not isinstance(value, str) or len(value) != 1 or not "A" <= value <= "Z":
        raise refuse("A letter from A to Z stands here.", where)
    return value


def mark(value: object, where: str) -> str:
    return at(where, label.check_mark, line(value, where))


def org(value: object, where: str) -> str:
    return at(where, address.check_org, line(value, where))


def name(value: object, where: str) -> str:
    """The name of a post."""
    return at(where, address.check_name, line(value, where))


def role(value: object, where: str) -> str:
    return at(where, lambda text: address.check_name(text, what="role"), line(value, where))


def media_type(value: object, where: str) -> str:
    text = line(value, where)
    if not _MEDIA_TYPE.fullmatch(text):
        raise refuse(f"{text[:80]!r} is no media type.", where, "Write it as application/pdf, in lower case.")
    return text


def language(value: object, where: str) -> str:
    text = line(value, where)
    if not _LANGUAGE.fullmatch(text):
        raise refuse(
            f"{text[:80]!r} is no language tag.", where, "Write a tag of BCP 47: en, pt-BR.", code="language"
        )
    return text


def declassify_on(value: object, where: str) -> str:
    text = line(value, where)
    if _DATE.fullmatch(text):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise refuse(f"{text} is no real date.", where) from None
    return text


def level(value: object, where: str) -> Precedence:
    """A precedence."""
    return at(where, precedence.by_name, line(value, where))


def post(value: object, where: str) -> Post:
    """{org, post}, both written."""
    found = members(value, ("org", "post"), where)
    return Post(org(found["org"], where), name(found["post"], where))


def post_ref(value: object, where: str) -> PostRef:
    """{org, post}; org null is the sender's."""
    found = members(value, ("org", "post"), where)
    place = None if found["org"] is None else org(found["org"], where)
    return PostRef(place, name(found["post"], where))


def addressee(value: object, where: str) -> Addressee:
    found = members(value, ("members", "niact", "org", "post", "precedence", "role"), where)
    listed = found["members"]
    return Addressee(
        name(found["post"], where),
        None if found["org"] is None else org(found["org"], where),
        None if found["role"] is None else role(found["role"], where),
        flag(found["niact"], where),
        None if found["precedence"] is None else level(found["precedence"], where),
        None if listed is None else unique(post_ref)(listed, where),
    )


def addressees(value: object, where: str) -> tuple[Addressee, ...]:
    """TO, INFO or XMT: the same post with the same role once."""
    found = tuple(addressee(each, where) for each in some(value, where))
    no_twice(((each.org, each.post_name, each.role) for each in found), where)
    return found


def mrn(value: object, where: str) -> Mrn:
    found = members(value, ("org", "post", "serial", "series", "year"), where)
    series = found["series"]
    if series is not None and not (isinstance(series, str) and _SERIES.fullmatch(series)):
        raise refuse("A series is one to three capitals.", where)
    return Mrn(
        org(found["org"], where),
        name(found["post"], where),
        series,
        integer(found["serial"], where, 1, reference.MAX_SERIAL),
        integer(found["year"], where, 1, 9999),
    )
