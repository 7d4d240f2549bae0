"""Who inside a post sees a cable: adding a role or a person to its distribution, by hand.

What the addressees, captions and rules give by themselves is the directory's (`directory.readers`).
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from cableroom.cable.address import Post
from cableroom.directory import access, posts
from cableroom.directory.access import Labelled, Reader
from cableroom.directory.models import Person
from cableroom.errors import InputError, NotAllowed, NotFound
from cableroom.office import doing
from cableroom.office.models import InboxItem
from cableroom.register.ledger import Entry, Facts


def distribute(
    register: str,
    digest: str,
    *,
    why: str,
    by: Person,
    now: datetime,
    role: str | None = None,
    person: Person | None = None,
    once: str | None = None,
) -> Entry:
    """Add a role, or a person, of the post to those who see the cable; `Distributed`.

    Adding never opens more than the label allows: the person must be cleared, and under a caption
    such as EYES ONLY nobody can be added. Raises `NotAllowed`, `NotFound`, `InputError`.
    """
    if (role is None) == (person is None):
        raise InputError(_("Name a role or a person, one of the two."), code="distribute-whom")
    reason = doing.checked_line(why, "why")

    def check() -> Facts:
        actor = doing.reading(register, digest, by, now=now)
        post = Post.parse(register)
        if role is not None and role not in posts.roles(post):
            raise NotFound(
                _("%(post)s has no role %(role)s.") % {"post": post.name, "role": role},
                do=_("Its roles: %(roles)s.") % {"roles": ", ".join(posts.roles(post))},
                code="role",
            )
        if person is not None:
            check_could_read(register, digest, person, now=now)
        data = {"role": role, "person": None if person is None else person.name, "why": reason}
        return Facts(data=data, actor=actor, digest=digest)

    return doing.do(register, "Distributed", check, once=once)


def check_could_read(register: str, digest: str, person: Person, *, now: datetime) -> None:
    """Raise `NotAllowed` unless `person` could read the cable once they are added by hand."""
    if access.may_read(person, register, digest, now=now):
        return
    item = InboxItem.objects.filter(register=register, digest=digest).first()
    if item is None:
        raise NotFound(_("There is no such cable here, or it is not for you."), code="no-cable")
    added = [Reader(f"@{person.name}", named=False)]
    if person.name not in access.would_read(register, _label(item), added, now=now):
        raise NotAllowed(
            _("%(person)s may not read this cable, and adding them does not change that.")
            % {"person": person.full_name},
            do=_("Choose somebody at this post who is cleared for it; a caption may keep it to named roles."),
            code="could-not-read",
        )


def _label(item: InboxItem) -> Labelled:
    home, sender = Post.parse(item.register).org, Post.parse(item.sender).org
    categories = (name if home == sender else f"{name}@{sender}" for name in item.categories)
    return Labelled(item.level, frozenset(categories), frozenset(item.captions))
