"""The policy as a value, and the document it is read from (docs/reference/policy.md).

Levels, categories, captions, precedences, the word list, who reads by default, how soon
somebody must take a cable up. `read_policy` makes a value of a document or says, with the
place, what is wrong with it.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cableroom.cable.address import check_name
from cableroom.cable.label import Level
from cableroom.cable.precedence import PRECEDENCES, Precedence
from cableroom.directory.shapes import LETTER, OID, POLICY_ID, Shapes
from cableroom.errors import NotFound

PERMISSIONS = ("release", "head", "desk", "communicate", "archive", "administer")
CAPTION_RULES = ("mark", "listed", "named")
WORD_LISTS = ("diplomatic", "plain")
MOST_LEVEL = 255
MOST_MINUTES = 366 * 24 * 60

_SERIES = re.compile(r"[A-Z]{1,3}")
_read = Shapes("policy", "policy")

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
    doc = _read.mapping(document, _KEYS, "top")
    _read.version(doc["v"], 1)
    levels = read_levels(doc["levels"], _read, "levels")
    known = {level.level for level in levels}
    policy = Policy(
        id=_read.text(doc["id"], POLICY_ID, "id"),
        version=_read.number(doc["version"], "version"),
        oid=_read.text(doc["oid"], OID, "oid"),
        levels=levels,
        categories=_read.items(doc["categories"], "categories", _read.item, optional=True),
        captions=_read.items(doc["captions"], "captions", _caption, optional=True),
        precedences=_read.items(doc["precedences"], "precedences", _precedence),
        open_up_to=_level_or_null(doc["open_up_to"], "open_up_to", known),
        clearances=_read.items(
            doc["clearances"], "clearances", lambda x, w: _clearance(x, w, known), optional=True
        ),
        series=_read.items(doc["series"], "series", lambda x, w: _series(x, w, known), optional=True),
        word_list=_read.one_of(doc["word_list"], WORD_LISTS, "word_list"),
        acknowledge=_read.items(doc["acknowledge"], "acknowledge", _acknowledge, optional=True),
        roles=_read.items(doc["roles"], "roles", _role, optional=True),
    )
    _read.once(policy.categories, "categories")
    _read.once((caption.caption for caption in policy.captions), "captions")
    _read.once(policy.precedences, "precedences")
    _read.once((precedence for precedence, _ in policy.acknowledge), "acknowledge")
    _read.once((role.role for role in policy.roles), "roles")
    return policy


def read_levels(value: object, read: Shapes, where: str) -> tuple[Level, ...]:
    """Levels that rise by number, no name or letter twice: in a policy, and on a post card."""

    def level(item: object, place: str) -> Level:
        found = read.mapping(item, ("letter", "level", "number"), place)
        return Level(
            letter=read.text(found["letter"], LETTER, f"{place}, letter"),
            level=read.item(found["level"], f"{place}, level"),
            number=read.number(found["number"], f"{place}, number", most=MOST_LEVEL),
        )

    levels = read.items(value, where, level)
    numbers = [level.number for level in levels]
    if any(low >= high for low, high in itertools.pairwise(numbers)):
        raise read.bad(where, "Levels must stand in rising order of their numbers.")
    read.once((level.level for level in levels), where)
    read.once((level.letter for level in levels), where)
    return levels


def _caption(value: object, where: str) -> Caption:
    item = _read.mapping(value, ("caption", "rule"), where)
    rule = _read.one_of(item["rule"], CAPTION_RULES, f"{where}, rule")
    return Caption(_read.item(item["caption"], f"{where}, caption"), rule)


def _precedence(value: object, where: str) -> Precedence:
    return Precedence[_read.one_of(value, PRECEDENCES, where)]


def _clearance(value: object, where: str, levels: set[str]) -> ClearanceRule:
    item = _read.mapping(value, ("level", "role"), where)
    level = _read.one_of(item["level"], levels, f"{where}, level")
    return ClearanceRule(level, _role_name(item["role"], f"{where}, role"))


def _series(value: object, where: str, levels: set[str]) -> SeriesRule:
    item = _read.mapping(value, ("series", "level", "caption"), where)
    if item["level"] is None and item["caption"] is None:
        raise _read.bad(where, "A series of its own needs a level, a caption or both.")
    return SeriesRule(
        series=_read.text(item["series"], _SERIES, f"{where}, series"),
        level=_level_or_null(item["level"], f"{where}, level", levels),
        caption=None if item["caption"] is None else _read.item(item["caption"], f"{where}, caption"),
    )


def _acknowledge(value: object, where: str) -> tuple[Precedence, timedelta]:
    item = _read.mapping(value, ("precedence", "minutes"), where)
    limit = timedelta(minutes=_read.number(item["minutes"], f"{where}, minutes", most=MOST_MINUTES))
    return _precedence(item["precedence"], f"{where}, precedence"), limit


def _role(value: object, where: str) -> RoleRule:
    item = _read.mapping(value, ("role", "permissions"), where)
    permissions = _read.items(
        item["permissions"],
        f"{where}, permissions",
        lambda x, w: _read.one_of(x, PERMISSIONS, w),
        optional=True,
    )
    return RoleRule(_role_name(item["role"], f"{where}, role"), permissions)


def _role_name(value: object, where: str) -> str:
    return _read.by(lambda name: check_name(name, what="role"), value, where)


def _level_or_null(value: object, where: str, levels: set[str]) -> str | None:
    return None if value is None else _read.one_of(value, levels, where)
