"""The organisation's policy: levels, categories, captions, precedences, words, as a versioned document.

A `Policy` is a value; `read_policy` makes one of a document (docs/reference/policy.md) or says
what is wrong with it. `register_policy` appends it to the house register; from then on it holds.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cableroom.cable.label import Level
from cableroom.cable.precedence import Precedence
from cableroom.errors import DocumentError, NotFound

PERMISSIONS = ("release", "head", "desk", "communicate", "archive", "administer")
CAPTION_RULES = ("mark", "listed", "named")
WORD_LISTS = ("diplomatic", "plain")

_ITEM = re.compile(r"[A-Z0-9/-]+(?: [A-Z0-9/-]+)*")
_ROLE = re.compile(r"[A-Z0-9-]+(?: [A-Z0-9-]+)*")
_ID = re.compile(r"[!-~]{1,100}")
_SERIES = re.compile(r"[A-Z]{1,3}")
_OID = re.compile(r"(?:[0-2])(?:\.(?:0|[1-9][0-9]*))+")
_LETTER = re.compile(r"[A-Z]")

_KEYS = (
    "v",
    "id",
    "version",
    "oid",
    "levels",
    "categories",
    "captions",
    "precedences",
    "open_up_to",
    "clearances",
    "series",
    "word_list",
    "acknowledge",
    "roles",
)


@dataclass(frozen=True, slots=True)
class Caption:
    """A handling word and its rule.

    `mark`: shown, and no more. `listed`: whatever the level, only the distribution reads it.
    `named`: only the roles that the addressee names; being added by hand does not help.
    """

    caption: str
    rule: str


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """Cables of this level or with this caption are numbered in a series of their own."""

    series: str
    level: str | None
    caption: str | None


@dataclass(frozen=True, slots=True)
class RoleRule:
    """A role that a new post gets, with what it permits (`PERMISSIONS`)."""

    role: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClearanceRule:
    """From this level on, the consent of this role is needed before release."""

    level: str
    role: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy. Levels rise by number; all names are those that cables carry."""

    id: str
    version: int
    oid: str
    levels: tuple[Level, ...]
    categories: tuple[str, ...]
    captions: tuple[Caption, ...]
    precedences: tuple[Precedence, ...]
    open_up_to: str | None
    clearances: tuple[ClearanceRule, ...]
    series: tuple[SeriesRule, ...]
    word_list: str
    acknowledge: tuple[tuple[Precedence, timedelta], ...]
    roles: tuple[RoleRule, ...]

    def level(self, name: str) -> Level:
        """The level of this name. Raises `NotFound`, naming those that there are."""
        for level in self.levels:
            if level.level == name:
                return level
        raise NotFound(
            f"The policy {self.id} has no level {name}.",
            do="Its levels: " + ", ".join(level.level for level in self.levels) + ".",
        )

    def has_level(self, name: str) -> bool:
        return any(level.level == name for level in self.levels)

    @property
    def open_number(self) -> int:
        """Up to this number whoever is cleared at the post reads; above it, the distribution. 0: nothing is open."""
        return 0 if self.open_up_to is None else self.level(self.open_up_to).number

    def rule_of(self, caption: str) -> str:
        """The rule of a caption. One that the policy does not know is the strictest."""
        return next((known.rule for known in self.captions if known.caption == caption), "named")

    def series_for(self, classification: str, captions: Iterable[str] | None) -> str | None:
        """The series that a cable of this label is numbered in; None is the common one."""
        wanted = set(captions or ())
        for rule in self.series:
            if rule.level in (None, classification) and (rule.caption is None or rule.caption in wanted):
                return rule.series
        return None

    def acknowledge_within(self, precedence: Precedence) -> timedelta | None:
        """How soon a person must have taken up a cable of this precedence; None: no limit."""
        return dict(self.acknowledge).get(precedence)

    def document(self) -> dict[str, Any]:
        """The document that `read_policy` reads back as this value."""
        return {
            "v": 1,
            "id": self.id,
            "version": self.version,
            "oid": self.oid,
            "levels": [{"letter": x.letter, "level": x.level, "number": x.number} for x in self.levels],
            "categories": list(self.categories) or None,
            "captions": [{"caption": x.caption, "rule": x.rule} for x in self.captions] or None,
            "precedences": [x.name for x in self.precedences],
            "open_up_to": self.open_up_to,
            "clearances": [{"level": x.level, "role": x.role} for x in self.clearances] or None,
            "series": [{"series": x.series, "level": x.level, "caption": x.caption} for x in self.series]
            or None,
            "word_list": self.word_list,
            "acknowledge": [
                {"precedence": name.name, "minutes": int(limit.total_seconds() // 60)}
                for name, limit in self.acknowledge
            ]
            or None,
            "roles": [{"role": x.role, "permissions": list(x.permissions) or None} for x in self.roles]
            or None,
        }


def default_policy(org: str, *, oid: str | None = None, word_list: str = "diplomatic") -> Policy:
    """The policy that an organisation begins with; its OID is 2.25 and a random UUID (ITU-T X.667)."""
    return read_policy(
        {
            "v": 1,
            "id": f"{org}/labels",
            "version": 1,
            "oid": oid or f"2.25.{uuid.uuid4().int}",
            "levels": [
                {"letter": "U", "level": "UNCLASSIFIED", "number": 1},
                {"letter": "R", "level": "RESTRICTED", "number": 2},
                {"letter": "C", "level": "CONFIDENTIAL", "number": 3},
                {"letter": "S", "level": "SECRET", "number": 4},
            ],
            "categories": None,
            "captions": [
                {"caption": "EYES ONLY", "rule": "named"},
                {"caption": "LIMITED DISTRIBUTION", "rule": "listed"},
                {"caption": "PERSONAL DATA", "rule": "mark"},
            ],
            "precedences": ["ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"],
            "open_up_to": "RESTRICTED",
            "clearances": None,
            "series": None,
            "word_list": word_list,
            "acknowledge": [
                {"precedence": "PRIORITY", "minutes": 480},
                {"precedence": "IMMEDIATE", "minutes": 60},
                {"precedence": "FLASH", "minutes": 10},
            ],
            "roles": [
                {"role": "HEAD OF POST", "permissions": ["release", "head", "desk"]},
                {"role": "DESK OFFICER", "permissions": None},
                {"role": "COMMUNICATOR", "permissions": ["communicate"]},
                {"role": "ARCHIVIST", "permissions": ["archive"]},
                {"role": "ADMINISTRATOR", "permissions": ["administer"]},
            ],
        }
    )


def read_policy(document: object) -> Policy:
    """The policy in `document`. Raises `DocumentError`, with the place, for the first thing that is wrong."""
    doc = _object(document, _KEYS, "policy")
    if doc["v"] != 1:
        raise _bad("v", "This program reads version 1 of policy documents.")
    levels = tuple(_list(doc, "levels", _level))
    known = {level.level for level in levels}
    _rising(levels)
    policy = Policy(
        id=_text(doc["id"], _ID, "id"),
        version=_number(doc["version"], "version"),
        oid=_text(doc["oid"], _OID, "oid"),
        levels=levels,
        categories=tuple(_list(doc, "categories", lambda x, where: _text(x, _ITEM, where), optional=True)),
        captions=tuple(_list(doc, "captions", _caption, optional=True)),
        precedences=tuple(_list(doc, "precedences", _precedence)),
        open_up_to=_one_of(doc["open_up_to"], known, "open_up_to", optional=True),
        clearances=tuple(_list(doc, "clearances", lambda x, w: _clearance(x, w, known), optional=True)),
        series=tuple(_list(doc, "series", lambda x, w: _series(x, w, known), optional=True)),
        word_list=_one_of(doc["word_list"], WORD_LISTS, "word_list") or "",
        acknowledge=tuple(_list(doc, "acknowledge", _acknowledge, optional=True)),
        roles=tuple(_list(doc, "roles", _role, optional=True)),
    )
    _unique("levels", [level.level for level in levels])
    _unique("levels", [level.letter for level in levels])
    _unique("categories", policy.categories)
    _unique("captions", [caption.caption for caption in policy.captions])
    _unique("precedences", policy.precedences)
    _unique("acknowledge", [precedence for precedence, _ in policy.acknowledge])
    _unique("roles", [role.role for role in policy.roles])
    return policy


def _level(value: object, where: str) -> Level:
    item = _object(value, ("letter", "level", "number"), where)
    return Level(
        letter=_text(item["letter"], _LETTER, f"{where}, letter"),
        level=_text(item["level"], _ITEM, f"{where}, level"),
        number=_number(item["number"], f"{where}, number", most=255),
    )


def _rising(levels: tuple[Level, ...]) -> None:
    numbers = [level.number for level in levels]
    if any(low >= high for low, high in itertools.pairwise(numbers)):
        raise _bad("levels", "Levels must stand in rising order of their numbers.")


def _caption(value: object, where: str) -> Caption:
    item = _object(value, ("caption", "rule"), where)
    caption = _text(item["caption"], _ITEM, f"{where}, caption")
    return Caption(caption, _one_of(item["rule"], CAPTION_RULES, f"{where}, rule") or "")


def _precedence(value: object, where: str) -> Precedence:
    names = [precedence.name for precedence in Precedence]
    return Precedence[_one_of(value, names, where) or ""]


def _clearance(value: object, where: str, levels: set[str]) -> ClearanceRule:
    item = _object(value, ("level", "role"), where)
    level = _one_of(item["level"], levels, f"{where}, level") or ""
    return ClearanceRule(level, _role_name(item["role"], f"{where}, role"))


def _series(value: object, where: str, levels: set[str]) -> SeriesRule:
    item = _object(value, ("series", "level", "caption"), where)
    if item["level"] is None and item["caption"] is None:
        raise _bad(where, "A series of its own needs a level, a caption or both.")
    return SeriesRule(
        series=_text(item["series"], _SERIES, f"{where}, series"),
        level=_one_of(item["level"], levels, f"{where}, level", optional=True),
        caption=None if item["caption"] is None else _text(item["caption"], _ITEM, f"{where}, caption"),
    )


def _acknowledge(value: object, where: str) -> tuple[Precedence, timedelta]:
    item = _object(value, ("precedence", "minutes"), where)
    limit = timedelta(minutes=_number(item["minutes"], f"{where}, minutes", most=525_600))
    return _precedence(item["precedence"], f"{where}, precedence"), limit


def _role(value: object, where: str) -> RoleRule:
    item = _object(value, ("role", "permissions"), where)
    permissions = _list(
        item, "permissions", lambda x, w: _one_of(x, PERMISSIONS, w) or "", optional=True, where=where
    )
    return RoleRule(_role_name(item["role"], f"{where}, role"), tuple(permissions))


def _role_name(value: object, where: str) -> str:
    name = _text(value, _ROLE, where)
    if not 2 <= len(name) <= 32:
        raise _bad(where, "The name of a role has 2 to 32 characters.")
    return name


def _object(value: object, keys: Iterable[str], where: str) -> Mapping[str, Any]:
    wanted = set(keys)
    if not isinstance(value, dict) or set(value) != wanted:
        have = set(value) if isinstance(value, dict) else set()
        names = ", ".join(sorted(map(str, wanted ^ have)))
        raise _bad(where, f"Exactly the keys {', '.join(sorted(wanted))} are expected; see: {names}.")
    return value


def _list(
    parent: Mapping[str, Any],
    key: str,
    read: Callable[[object, str], Any],
    *,
    optional: bool = False,
    where: str = "",
) -> list[Any]:
    value = parent[key]
    place = f"{where}, {key}" if where else key
    if value is None and optional:
        return []
    if not isinstance(value, list) or not value:
        raise _bad(place, "A list with at least one item is expected" + (", or null." if optional else "."))
    if len(value) > 1000:
        raise _bad(place, "A list has at most 1,000 items.")
    return [read(item, f"{place} {n}") for n, item in enumerate(value, 1)]


def _text(value: object, grammar: re.Pattern[str], where: str) -> str:
    if not isinstance(value, str) or not grammar.fullmatch(value) or len(value) > 100:
        raise _bad(where, f"{value!r} is not of the form expected here ({grammar.pattern}).")
    return value


def _number(value: object, where: str, *, most: int = 2**53 - 1) -> int:
    if type(value) is not int or not 1 <= value <= most:
        raise _bad(where, f"A number from 1 to {most} is expected.")
    return value


def _one_of(value: object, names: Iterable[str], where: str, *, optional: bool = False) -> str | None:
    if value is None and optional:
        return None
    known = sorted(names)
    if not isinstance(value, str) or value not in known:
        raise _bad(where, f"{value!r} is none of {', '.join(known)}.")
    return value


def _unique(where: str, names: Iterable[object]) -> None:
    seen: set[object] = set()
    for name in names:
        if name in seen:
            raise _bad(where, f"{name} stands there twice.")
        seen.add(name)


def _bad(where: str, what: str) -> DocumentError:
    return DocumentError(what, where=f"policy, {where}", code="policy")
