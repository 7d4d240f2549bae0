"""What every act of the office has in common: who does it, in which role, and doing it once.

A check runs twice: in the caller's thread, where a refusal is cheap and in the reader's language, and
again in the writer, in the act's own savepoint, where it counts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from cableroom.cable import shapes
from cableroom.cable.address import Post
from cableroom.directory import access
from cableroom.directory.models import Person
from cableroom.directory.standing import standing
from cableroom.errors import InputError, NotAllowed, StateError
from cableroom.register import ledger
from cableroom.register.ledger import Act, Actor, Entry, Facts

MAX_TEXT = 20_000

_ONCE = re.compile(r"[0-9a-f]{32}")


def actor_at(
    register: str, by: Person, *, now: datetime, role: str | None = None, permission: str | None = None
) -> Actor:
    """`by` acting for the post of `register`, in `role` (or the first that fits). Raises `NotAllowed`."""
    held = standing(by, now=now).roles(register)
    post = Post.parse(register).name
    if not held:
        raise NotAllowed(
            _("%(person)s holds no role at %(post)s.") % {"person": by.full_name, "post": post},
            do=_("Ask an administrator for an appointment."),
            code="no-role",
        )
    fitting = [each for each in held if role in (None, each.role)]
    if not fitting:
        raise NotAllowed(
            _("%(person)s does not hold the role %(role)s at %(post)s.")
            % {"person": by.full_name, "role": role, "post": post},
            do=_("Held there: %(roles)s.") % {"roles": ", ".join(each.role for each in held)},
            code="role-not-held",
        )
    permitted = [each for each in fitting if permission is None or permission in each.permissions]
    if not permitted:
        raise NotAllowed(
            _("The role %(role)s of %(person)s does not permit this.")
            % {"person": by.full_name, "role": ", ".join(each.role for each in fitting)},
            do=_("Ask somebody at %(post)s whose role does.") % {"post": post},
            code=f"needs-{permission}",
        )
    return Actor(by.name, register, permitted[0].role)


def reading(
    register: str,
    digest: str,
    by: Person,
    *,
    now: datetime,
    role: str | None = None,
    permission: str | None = None,
) -> Actor:
    """As `actor_at`, for an act on a cable: what `by` may not read does not exist for them (`NotFound`)."""
    access.check_may_read(by, register, digest, now=now)
    return actor_at(register, by, now=now, role=role, permission=permission)


def do(register: str, kind: str, check: Callable[[], Facts], *, once: str | None = None) -> Entry:
    """Append an entry of `kind` that says what `check` finds.

    `once` (32 hex digits, of a form or a call) makes a second try harmless: it is answered with the
    entry that is there. Raises what `check` raises.
    """
    key = f"act:{_checked(once)}"
    there = ledger.find(register, key) if once is not None else None
    if there is None:
        check()
        there = ledger.append(Act(register, kind, key, lambda turn: check()))
    if there.kind != kind:
        raise StateError(_("This form was used already."), do=_("Load the page again."), code="form-used")
    return there


def checked_line(text: str, where: str) -> str:
    """One line of at most 500 characters that could stand in a cable. Raises `DocumentError`."""
    return shapes.line(text, where)


def checked_text(text: str, where: str) -> str:
    """Several lines that could stand in a cable, at most 20,000 characters. Raises `DocumentError`.

    Line ends become LF, blanks at the ends of lines and empty lines go: what is typed in a form has them.
    """
    lines = (line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    kept = shapes.string("\n".join(line for line in lines if line), where, lines=True)
    if len(kept) > MAX_TEXT:
        raise InputError(
            _("This has %(count)s characters, more than %(most)s.") % {"count": len(kept), "most": MAX_TEXT},
            where=where,
            do=_("Shorten it."),
            code="limit",
        )
    return kept


def _checked(once: str | None) -> str:
    if once is None:
        return secrets.token_hex(16)
    if not _ONCE.fullmatch(once):
        raise InputError(_("A form's number has 32 hex digits."), code="form")
    return once
