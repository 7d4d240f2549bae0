"""Facts about the house: how an act of the directory comes into the house register."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cableroom.directory.models import Person
from cableroom.directory.standing import standing
from cableroom.errors import NotAllowed
from cableroom.register import ledger
from cableroom.register.ledger import Act, Actor, Entry, Facts, Turn

HOUSE = "house"
OPERATOR = Actor(person=None, post=None, role="OPERATOR")
"""Whoever works at the machine itself, with the data folder in hand: the command line."""

SYSTEM = Actor(person=None, post=None, role=None)
"""The program, by the clock."""


def acting(by: Person | None, *, now: datetime, permission: str = "administer") -> Actor:
    """Who does it. A person needs a role with `permission`; None is the operator at the machine.

    Raises `NotAllowed`.
    """
    if by is None:
        return OPERATOR
    held = standing(by, now=now).may(permission)
    if held is None:
        raise NotAllowed(
            _("%(person)s holds no role that permits this.") % {"person": by.full_name},
            do=_("Ask an administrator."),
            code=f"needs-{permission}",
        )
    return Actor(by.name, held.register, held.role)


def record(
    kind: str,
    data: dict[str, Any],
    *,
    actor: Actor,
    key: str | None = None,
    within: Callable[[Turn], None] | None = None,
    blob: bytes | None = None,
) -> Entry:
    """Append one fact to the house register.

    `within` runs in the act's own savepoint: it looks again at what the act depends on, writes
    working rows, and raises to refuse. Without `key` the act is done however often it is asked for.
    """

    def run(turn: Turn) -> Facts:
        if within is not None:
            within(turn)
        return Facts(data=data, actor=actor, blob=blob)

    return ledger.append(Act(HOUSE, kind, key or f"act:{secrets.token_hex(16)}", run))
