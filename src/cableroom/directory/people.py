"""People: accounts, roles and what they permit, appointments with their terms, clearances."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cableroom.cable.address import Post
from cableroom.cable.canonical import stamp
from cableroom.directory import policy as policies
from cableroom.directory.authentication import authenticate_again, hash_passphrase, sign_in
from cableroom.directory.house import acting, record
from cableroom.directory.models import AppointmentRow, Person, PostRow, RoleRow
from cableroom.directory.policyform import PERMISSIONS
from cableroom.errors import InputError, NotFound, StateError
from cableroom.register.ledger import Actor, Entry, Turn

__all__ = [
    "add_person",
    "add_role",
    "appoint",
    "authenticate_again",
    "deactivate",
    "end_appointment",
    "find",
    "new_passphrase",
    "set_clearance",
    "sign_in",
]

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_ROLE = re.compile(r"[A-Z0-9-]+(?: [A-Z0-9-]+)*")
_NOT_LAST = {"NIACT", "URGENT", "DEFERRED", "ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH", "OVERRIDE"}


def find(name: str) -> Person:
    """The person with this account name. Raises `NotFound`."""
    person = Person.objects.filter(name=name).first()
    if person is None:
        raise NotFound(_("There is nobody with the name %(name)s.") % {"name": name}, code="person")
    return person


def add_person(name: str, full_name: str, passphrase: str, *, by: Person | None, now: datetime) -> Person:
    """A new account. It may do nothing until it is appointed, and read nothing until it is cleared.

    Raises `InputError` for a name or passphrase that does not do, `StateError` if the name is taken.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            _("An account's name has small letters, digits, dots and hyphens, at most 64."),
            where=name,
            code="person-name",
        )
    if not full_name.strip() or full_name != full_name.strip() or not full_name.isprintable():
        raise InputError(_("The full name is one line that is not empty."), code="person-full-name")
    hashed = hash_passphrase(passphrase, name=name)

    def create(turn: Turn) -> None:
        if Person.objects.filter(name=name).exists():
            raise StateError(
                _("There is already somebody with the name %(name)s.") % {"name": name}, code="person-exists"
            )
        Person.objects.create(name=name, full_name=full_name, password=hashed)

    record("Directory", _person(name, full_name, passphrase=True), actor=acting(by, now=now), within=create)
    return find(name)


def new_passphrase(person: Person, passphrase: str, *, by: Person | None, now: datetime) -> Entry:
    """Give `person` another passphrase. People may do so for themselves; others need `administer`."""
    hashed = hash_passphrase(passphrase, name=person.name)
    actor = Actor(person.name, None, None) if by == person else acting(by, now=now)

    def change(turn: Turn) -> None:
        Person.objects.filter(name=person.name).update(password=hashed)

    return record(
        "Directory", _person(person.name, person.full_name, passphrase=True), actor=actor, within=change
    )


def deactivate(person: Person, *, by: Person | None, now: datetime) -> Entry:
    """The account may sign in no more. Its appointments stay on record."""

    def change(turn: Turn) -> None:
        Person.objects.filter(name=person.name).update(is_active=False)

    data = _person(person.name, person.full_name, active=False)
    return record("Directory", data, actor=acting(by, now=now), within=change)


def add_role(
    post: Post, role: str, *, permissions: Iterable[str] = (), by: Person | None, now: datetime
) -> Entry:
    """Define a role at a post of ours, or change what it permits (`PERMISSIONS`).

    `release`: its holders release cables; `head`: reads what is addressed to the post for named
    people without a role; `desk`: sorts what no rule catches; `communicate`, `archive`, `administer`.
    """
    wanted = sorted(set(permissions))
    _check_own(post)
    check_role_name(role)
    unknown = [name for name in wanted if name not in PERMISSIONS]
    if unknown:
        raise InputError(
            _("A role cannot permit %(unknown)s.") % {"unknown": ", ".join(unknown)},
            do=_("It can permit: %(known)s.") % {"known": ", ".join(PERMISSIONS)},
            code="permission",
        )
    data = {"change": "role", "post": str(post), "role": role, "permissions": wanted or None}
    return record("Directory", data, actor=acting(by, now=now))


def appoint(
    person: Person,
    post: Post,
    role: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    acting_for: bool = False,
    by: Person | None,
    now: datetime,
) -> Entry:
    """`person` holds `role` at `post` from `since` (now) until `until` (further notice); perhaps only acting."""
    start = since or now
    if until is not None and until <= start:
        raise InputError(_("An appointment ends after it begins."), code="appointment-term")
    data = _appointment(person.name, post, role, start, until, acting_for)

    def check(turn: Turn) -> None:
        if not RoleRow.objects.filter(post=str(post), role=role).exists():
            names = RoleRow.objects.filter(post=str(post)).order_by("role").values_list("role", flat=True)
            raise NotFound(
                _("%(post)s has no role %(role)s.") % {"post": post.name, "role": role},
                do=_("Its roles: %(roles)s.") % {"roles": ", ".join(names) or "–"},
                code="role",
            )

    return record("Directory", data, actor=acting(by, now=now), within=check)


def end_appointment(person: Person, post: Post, role: str, *, by: Person | None, now: datetime) -> Entry:
    """End, now, every appointment of `person` to `role` at `post` that has not ended."""
    row = (
        AppointmentRow.objects.filter(person=person.name, post=str(post), role=role, since__lte=now)
        .exclude(until__lte=now)
        .order_by("since")
        .first()
    )
    if row is None:
        raise StateError(
            _("%(person)s does not hold the role %(role)s at %(post)s.")
            % {"person": person.full_name, "role": role, "post": post.name},
            code="not-appointed",
        )
    data = _appointment(person.name, post, role, row.since, now, row.acting)
    return record("Directory", data, actor=acting(by, now=now))


def set_clearance(
    person: Person,
    level: str,
    categories: Iterable[str] = (),
    *,
    until: datetime | None = None,
    by: Person | None,
    now: datetime,
) -> Entry:
    """Clear `person` up to `level` and for `categories`; replaces the clearance that they had.

    A category is one of the policy, or ``NAME@org`` for that of another organisation. Another
    organisation's levels compare by their number.
    """
    policy = policies.current()
    number = policy.level(level).number
    wanted = sorted(set(categories))
    for category in wanted:
        if "@" not in category and category not in policy.categories:
            raise NotFound(
                _("The policy %(policy)s has no category %(category)s.")
                % {"policy": policy.id, "category": category},
                do=_("Its categories: %(known)s.") % {"known": ", ".join(policy.categories) or "–"},
                code="category",
            )
    data = {
        "change": "clearance",
        "person": person.name,
        "level": level,
        "number": number,
        "categories": wanted or None,
        "until": None if until is None else stamp(until),
    }
    return record("Directory", data, actor=acting(by, now=now))


def check_role_name(role: str) -> None:
    """Refuse what cannot stand as a role in a cable (`InputError`)."""
    if not _ROLE.fullmatch(role) or not 2 <= len(role) <= 32 or role.split(" ")[-1] in _NOT_LAST:
        raise InputError(
            _(
                "A role has 2 to 32 capitals, digits and hyphens, in words, and does not end like a precedence."
            ),
            where=role,
            code="role-name",
        )


def _check_own(post: Post) -> None:
    if not PostRow.objects.filter(post=str(post), own=True).exists():
        raise NotFound(_("%(post)s is no post of this installation.") % {"post": post.name}, code="post")


def _person(name: str, full_name: str, *, active: bool = True, passphrase: bool = False) -> dict[str, Any]:
    return {
        "change": "person",
        "person": name,
        "full_name": full_name,
        "active": active or None,
        "passphrase": passphrase or None,
    }


def _appointment(
    person: str, post: Post, role: str, since: datetime, until: datetime | None, acting_for: bool
) -> dict[str, Any]:
    return {
        "change": "appointment",
        "person": person,
        "post": str(post),
        "role": role,
        "from": stamp(since),
        "until": None if until is None else stamp(until),
        "acting": acting_for or None,
    }
