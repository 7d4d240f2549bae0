"""Who may read what: the only way to anything that is labelled.

A person may read something in the register of a post if

1. their clearance dominates its whole label (level by number, every category), within the ceiling
   of the post;
2. they serve at that post, and are in its distribution: it is open there, or names a role of theirs,
   a permission that a role of theirs gives, or themselves;
3. no caption excludes them: under one whose rule is `named`, only what the document itself names
   counts. A caption that the policy does not know is of that kind.

`may` is that rule as a pure function; `visible_to` is the same rule as a query. They are held
against each other by a test. Everything that shows rows about cables starts from `visible`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cableroom.directory import policy as policies
from cableroom.directory.models import MarkRow, Person, PostRow, ReadableRow, ReaderRow
from cableroom.directory.policyform import Policy
from cableroom.directory.standing import Clearance, Standing, holders, standing
from cableroom.errors import NotFound

Rows = TypeVar("Rows", bound=Model)


@dataclass(frozen=True, slots=True)
class Reader:
    """One item of a distribution: a role, ``@person``, or ``*permission``; `named`: the document names it."""

    reader: str
    named: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """What decides: the number of the level, the categories (another organisation's as ``NAME@org``), the captions."""

    level: int
    categories: frozenset[str] = frozenset()
    captions: frozenset[str] = frozenset()


# -- the rule ------------------------------------------------------------------------------


def dominates(clearance: Clearance | None, level: int, categories: Iterable[str]) -> bool:
    """Does a clearance cover this level and all of these categories? Nobody's covers nothing."""
    return clearance is not None and level <= clearance.number and set(categories) <= clearance.categories


def tokens(who: Standing, register: str) -> frozenset[str]:
    """As what a distribution may name this person at that post. Empty: they do not serve there."""
    held = who.roles(register)
    if not held:
        return frozenset()
    permissions = {f"*{permission}" for each in held for permission in each.permissions}
    return frozenset({f"@{who.person}"} | {each.role for each in held} | permissions)


def may(
    clearance: Clearance | None,
    label: Labelled,
    roles: Collection[str],
    distribution: Collection[Reader],
    policy: Policy,
    ceiling: int | None,
) -> bool:
    """The rule. `roles` are the `tokens` of the person at that post; `ceiling` the number of the post's, or None."""
    if not roles or not dominates(clearance, label.level, label.categories):
        return False
    if ceiling is not None and label.level > ceiling:
        return False
    rules = {policy.rule_of(caption) for caption in label.captions}
    if rules <= {"mark"} and label.level <= policy.open_number:
        return True
    return any(reader.reader in roles and (reader.named or "named" not in rules) for reader in distribution)


# -- the query -----------------------------------------------------------------------------


def visible_to(person: Person | str | None, *, now: datetime | None = None) -> QuerySet[ReadableRow]:
    """What `person` may read: rows (register, digest, level). Nobody (None) may read nothing.

    It is read from appointments, clearance and policy as they are at `now`, each time anew.
    """
    who = None if person is None else standing(person, now=now or timezone.now())
    if who is None or who.clearance is None or not who.held:
        return ReadableRow.objects.none()
    policy = policies.current()
    cleared, clearance = who.registers, who.clearance
    ceilings = _ceilings(cleared, policy)
    missing = _mark("category", but=clearance.categories)
    places = [
        Q(register=register, level__lte=min(clearance.number, ceilings.get(register, clearance.number)))
        & _distributed(tokens(who, register), policy)
        for register in cleared
    ]
    return ReadableRow.objects.filter(reduce(or_, places)).exclude(Exists(missing))


def visible(
    rows: QuerySet[Rows],
    person: Person | str | None,
    *,
    register: str = "register",
    digest: str = "digest",
    now: datetime | None = None,
) -> QuerySet[Rows]:
    """Those of `rows` whose (register, digest) the person may read; the names of the two columns."""
    readable = visible_to(person, now=now)
    return rows.filter(Exists(readable.filter(register=OuterRef(register), digest=OuterRef(digest))))


def may_read(person: Person | str | None, register: str, digest: str, *, now: datetime | None = None) -> bool:
    """May `person` read that cable in that register?"""
    return visible_to(person, now=now).filter(register=register, digest=digest).exists()


def check_may_read(
    person: Person | str | None, register: str, digest: str, *, now: datetime | None = None
) -> None:
    """Raise `NotFound`, in the same words whether there is no such thing or it is not for this person."""
    if not may_read(person, register, digest, now=now):
        raise NotFound(_("There is no such cable here, or it is not for you."), code="no-cable")


def readers(register: str, digest: str, *, now: datetime | None = None) -> list[str]:
    """The account names of everybody who may read it now: what a page shows as its circle."""
    at = now or timezone.now()
    people = sorted({person for person, _role in holders(register, now=at)})
    return [person for person in people if may_read(person, register, digest, now=at)]


def would_read(
    register: str, label: Labelled, distribution: Collection[Reader], *, now: datetime | None = None
) -> list[str]:
    """Who could read something of this label and distribution at that post: to show before release."""
    at = now or timezone.now()
    policy = policies.current()
    ceiling = _ceilings((register,), policy).get(register)
    found = []
    for person in sorted({person for person, _role in holders(register, now=at)}):
        who = standing(person, now=at)
        if may(who.clearance, label, tokens(who, register), distribution, policy, ceiling):
            found.append(person)
    return found


def _distributed(roles: frozenset[str], policy: Policy) -> Q:
    harmless = [caption.caption for caption in policy.captions if caption.rule == "mark"]
    lenient = [caption.caption for caption in policy.captions if caption.rule != "named"]
    addressed = ReaderRow.objects.filter(
        register=OuterRef("register"), digest=OuterRef("digest"), reader__in=sorted(roles)
    )
    is_open = Q(level__lte=policy.open_number) & ~Q(Exists(_mark("caption", but=harmless)))
    by_hand = Q(Exists(addressed)) & ~Q(Exists(_mark("caption", but=lenient)))
    return is_open | by_hand | Q(Exists(addressed.filter(named=True)))


def _mark(kind: str, *, but: Collection[str]) -> QuerySet[MarkRow]:
    """Marks of the readable row at hand that are none of `but`."""
    rows = MarkRow.objects.filter(register=OuterRef("register"), digest=OuterRef("digest"), kind=kind)
    return rows.exclude(name__in=sorted(but))


def _ceilings(registers: Collection[str], policy: Policy) -> dict[str, int]:
    rows = PostRow.objects.filter(post__in=registers, ceiling__isnull=False)
    return {row.post: policy.level(row.ceiling).number for row in rows if row.ceiling is not None}
