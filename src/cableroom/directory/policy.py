"""The policy that holds: read from the house register, replaced by registering another version."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from cableroom.directory.house import acting, record
from cableroom.directory.models import Person, PolicyRow
from cableroom.directory.policyform import Caption, Policy, default_policy, read_policy
from cableroom.errors import NotFound, StateError, Unavailable
from cableroom.register.ledger import Entry, Turn

__all__ = [
    "Caption",
    "Policy",
    "current",
    "default_policy",
    "own_version",
    "read_policy",
    "register_policy",
]


def current() -> Policy:
    """The policy that holds now. Raises `Unavailable` before the organisation was set up."""
    row = PolicyRow.objects.order_by("-index").first()
    if row is None:
        raise Unavailable(_("No policy is registered yet."), do="cableroom init", code="not-set-up")
    return read_policy(row.document)


def own_version(policy: str, version: int) -> Policy:
    """An earlier or the present version of the organisation's policy. Raises `NotFound`."""
    row = PolicyRow.objects.filter(policy=policy, version=version).order_by("-index").first()
    if row is None:
        raise NotFound(
            _("There is no policy %(id)s %(v)s here.") % {"id": policy, "v": version}, code="policy"
        )
    return read_policy(row.document)


def register_policy(policy: Policy, *, by: Person | None, now: datetime) -> Entry:
    """Make `policy` the one that holds. It must have a new version, and keep the levels' numbers.

    Clearances and labels are compared by number; a level that changed its number would change
    what people may read. Raises `StateError`.
    """
    checked = read_policy(policy.document())

    def check(turn: Turn) -> None:
        rows = PolicyRow.objects.order_by("-index")
        last = rows.filter(policy=checked.id).first()
        if last is not None and checked.version <= last.version:
            raise StateError(
                _("Version %(have)s of %(id)s is registered already.")
                % {"have": last.version, "id": checked.id},
                do=_("Give it version %(next)s.") % {"next": last.version + 1},
                code="policy-version",
            )
        newest = rows.first()
        if newest is not None:
            _keeps_numbers(read_policy(newest.document), checked)

    data = {"id": checked.id, "version": checked.version, "oid": checked.oid, "document": checked.document()}
    return record("Policy", data, actor=acting(by, now=now), within=check)


def _keeps_numbers(old: Policy, new: Policy) -> None:
    numbers = {level.level: level.number for level in new.levels}
    for level in old.levels:
        if numbers.get(level.level) != level.number:
            raise StateError(
                _("The level %(level)s has the number %(number)s, and must keep it.")
                % {"level": level.level, "number": level.number},
                do=_("Add levels; leave those that are in use."),
                code="policy-levels",
            )
