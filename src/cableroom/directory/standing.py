"""Where a person stands at a moment: the roles that they hold, what these permit, their clearance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cableroom.directory.models import AppointmentRow, ClearanceRow, Person, RoleRow


@dataclass(frozen=True, slots=True)
class Clearance:
    """Up to which level, by number, and for which categories. Another organisation's are ``NAME@org``."""

    level: str
    number: int
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Held:
    """A role that is held now, at the post whose register has this name (``ORG/POST``)."""

    register: str
    role: str
    permissions: frozenset[str]
    acting: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's roles and clearance at one moment. Whoever left, or was never cleared, reads nothing."""

    person: str
    clearance: Clearance | None
    held: tuple[Held, ...]

    @property
    def registers(self) -> tuple[str, ...]:
        """The registers of the posts where the person serves, in order."""
        return tuple(sorted({held.register for held in self.held}))

    def roles(self, register: str) -> tuple[Held, ...]:
        return tuple(held for held in self.held if held.register == register)

    def may(self, permission: str, register: str | None = None) -> Held | None:
        """The role by which the person has `permission`, at that post or (None) at any; else None."""
        for held in self.held:
            if permission in held.permissions and register in (None, held.register):
                return held
        return None


def standing(person: Person | str, *, now: datetime) -> Standing:
    """Where `person` stands at `now`. Somebody unknown or inactive stands nowhere."""
    name = person if isinstance(person, str) else person.name
    if not Person.objects.filter(name=name, is_active=True).exists():
        return Standing(name, None, ())
    return Standing(name, clearance(name, now=now), tuple(_held(name, now)))


def clearance(person: str, *, now: datetime) -> Clearance | None:
    """The clearance that a person has at `now`, or None."""
    row = ClearanceRow.objects.filter(_not_ended(now), person=person).first()
    return None if row is None else Clearance(row.level, row.number, frozenset(row.categories))


def holders(register: str, *, now: datetime, permission: str | None = None) -> tuple[tuple[str, str], ...]:
    """(person, role) of everybody who holds a role at that post now; with `permission`, one that gives it."""
    permitted = {
        row.role
        for row in RoleRow.objects.filter(post=register)
        if permission is None or permission in row.permissions
    }
    active = set(Person.objects.filter(is_active=True).values_list("name", flat=True))
    rows = AppointmentRow.objects.filter(_in_term(now), post=register).order_by("role", "person")
    return tuple((row.person, row.role) for row in rows if row.role in permitted and row.person in active)


def _held(person: str, now: datetime) -> list[Held]:
    rows = AppointmentRow.objects.filter(_in_term(now), person=person).order_by("post", "role", "since")
    posts = {row.post for row in rows}
    permissions = {(row.post, row.role): row.permissions for row in RoleRow.objects.filter(post__in=posts)}
    return [
        Held(row.post, row.role, frozenset(permissions[row.post, row.role]), row.acting)
        for row in rows
        if (row.post, row.role) in permissions
    ]


def _in_term(now: datetime) -> Q:
    return Q(since__lte=now) & _not_ended(now)


def _not_ended(now: datetime) -> Q:
    return Q(until__isnull=True) | Q(until__gt=now)
