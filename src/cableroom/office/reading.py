"""A cable that a post holds, opened: for acts and pages, after somebody asked whether it may be read."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from cableroom.directory import access
from cableroom.directory.models import Person
from cableroom.errors import Corrupt, NotFound
from cableroom.office.models import InboxItem
from cableroom.register import following, ledger
from cableroom.seal.cables import Opened


def read(person: Person | str, register: str, digest: str, *, now: datetime) -> tuple[InboxItem, Opened]:
    """The cable of this digest in that register, for a person who may read it. Raises `NotFound`."""
    access.check_may_read(person, register, digest, now=now)
    item = InboxItem.objects.filter(register=register, digest=digest).first()
    if item is None:  # readable, but no cable: an imported document
        raise NotFound(_("There is no such cable here, or it is not for you."), code="no-cable")
    return item, opened(item)


def opened(item: InboxItem) -> Opened:
    """What the entry of this item holds. Nobody is asked: begin with `read`, or with rows that are visible."""
    found: Opened | None = following.opened_of(ledger.entry(item.register, item.index))
    if found is None:
        raise Corrupt(
            _("The register does not hold the bytes of this cable."),
            where=f"{item.register} {item.index}",
            do=_("Run cableroom register verify."),
            code="no-blob",
        )
    return found
