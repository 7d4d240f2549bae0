"""Cover names: who is meant, under a label of its own.

The meaning is never in a table. It is the blob of the entry that defines it, encrypted with the
house's archive key and bound to the name; it is opened for one person at a time, who is cleared.
Nothing here tells somebody who is not cleared that a name is a cover name: not an error, not a
count, not "there is already one".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from cableroom.cable.canonical import stamp
from cableroom.directory import keystore, policy
from cableroom.directory.access import dominates
from cableroom.directory.house import HOUSE, acting, record
from cableroom.directory.models import CoverNameRow, Person
from cableroom.directory.standing import standing
from cableroom.errors import InputError, NotAllowed, NotFound, SealError
from cableroom.register import ledger
from cableroom.register.ledger import Entry
from cableroom.seal import keys

_NAME = re.compile(r"[^\W_](?:[^\n\r\t]{0,98}\S)?")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Meaning:
    """Who is meant by `name`, and the label of knowing it. It names a moment in which it holds."""

    name: str
    meaning: str
    level: str
    categories: tuple[str, ...]
    since: datetime
    until: datetime | None


def define(
    name: str,
    meaning: str,
    *,
    level: str,
    categories: Iterable[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    by: Person | None,
    now: datetime,
) -> Entry:
    """State what `name` means, from `since` (now) until `until`. A later statement replaces an earlier one.

    The person must be cleared for the label that they give it. Whether somebody else has
    defined the name under another label makes no difference, and is not told.
    """
    start = since or now
    _check_texts(name, meaning, start, until)
    present = policy.current()
    number = present.level(level).number
    wanted = sorted(set(categories))
    unknown = [category for category in wanted if category not in present.categories]
    if unknown:
        raise NotFound(_("The policy has no category %(name)s.") % {"name": unknown[0]}, code="category")
    actor = acting(by, now=now)
    if by is not None and not dominates(standing(by, now=now).clearance, number, wanted):
        raise NotAllowed(
            _("%(person)s is not cleared for this label.") % {"person": by.full_name},
            do=_("Choose one that you may read."),
            code="not-cleared",
        )
    key = keystore.archive_key(HOUSE)
    blob = keys.wrap(meaning.encode("utf-8"), with_key=key, about=_about(name))
    data = {
        "change": "cover-name",
        "name": name,
        "level": level,
        "number": number,
        "categories": wanted or None,
        "from": stamp(start),
        "until": None if until is None else stamp(until),
    }
    return record("Directory", data, actor=actor, blob=blob)


def meaning(person: Person | str, name: str, *, now: datetime, at: datetime | None = None) -> Meaning | None:
    """Who is meant by `name` at `at` (now), as far as `person` may know it.

    None if it is no cover name; None just so if it is one that the person is not cleared for.
    """
    return next(iter(meanings(person, [name], now=now, at=at).values()), None)


def meanings(
    person: Person | str, names: Iterable[str], *, now: datetime, at: datetime | None = None
) -> dict[str, Meaning]:
    """Of several names, the meanings that the person may know."""
    wanted = set(names)
    rows = [row for row in _readable(person, now, at or now) if row.name in wanted]
    newest = {row.name: row for row in rows}  # the last statement that this person may read holds
    return {name: _opened(row) for name, row in newest.items()}


def readable_names(person: Person | str, *, now: datetime) -> list[str]:
    """The cover names whose meaning the person may know, in order."""
    return sorted({row.name for row in _readable(person, now, now)})


def all_names_without_access_check() -> frozenset[str]:
    """Every cover name there ever was, for cutting a document round names at release. Show it to nobody."""
    return frozenset(CoverNameRow.objects.values_list("name", flat=True))


def _readable(person: Person | str, now: datetime, at: datetime) -> list[CoverNameRow]:
    """What holds at `at` and the person may know now, in the order in which it was stated."""
    clearance = standing(person, now=now).clearance
    rows = CoverNameRow.objects.filter(since__lte=at).filter(Q(until__isnull=True) | Q(until__gt=at))
    return [row for row in rows.order_by("index") if dominates(clearance, row.number, row.categories)]


def _opened(row: CoverNameRow) -> Meaning:
    blob = ledger.blob(HOUSE, row.index)
    if blob is None:
        raise SealError(
            _("The meaning of a cover name is missing."), where=f"house {row.index}", code="no-blob"
        )
    text = _unwrap(blob, _about(row.name)).decode("utf-8")
    return Meaning(row.name, text, row.level, tuple(row.categories), row.since, row.until)


def _unwrap(blob: bytes, about: bytes) -> bytes:
    failure: SealError | None = None
    for key in keystore.archive_keys(HOUSE):
        try:
            return keys.unwrap(blob, with_key=key, about=about)
        except SealError as error:
            failure = error
    raise failure or SealError(_("The house has no archive key."), code="no-key")


def _about(name: str) -> bytes:
    return b"cover-name\0" + name.encode("utf-8")


def _check_texts(name: str, meaning: str, since: datetime, until: datetime | None) -> None:
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise InputError(_("A cover name is one line of at most 100 characters."), code="cover-name")
    if not meaning.strip() or len(meaning) > _LONGEST:
        raise InputError(
            _("A meaning has 1 to %(most)s characters.") % {"most": _LONGEST}, code="cover-name-meaning"
        )
    if until is not None and until <= since:
        raise InputError(_("A cover name ends after it begins."), code="cover-name-term")
