"""Posts and collectives: our own, those on others' cards, and what may be sent to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cableroom.cable.address import Post, PostRef, check_name
from cableroom.cable.label import Level
from cableroom.directory import policy as policies
from cableroom.directory.house import acting, record
from cableroom.directory.models import CardPolicyRow, CollectiveRow, OrganisationRow, Person, PostRow, RoleRow
from cableroom.directory.routes import Route, mail_address, routes_for
from cableroom.errors import NotFound, StateError, Unavailable
from cableroom.register.ledger import Entry, Turn

PROFILES = ("cableroom",)
"""Envelope profiles that this program can seal for."""


@dataclass(frozen=True, slots=True)
class PostView:
    """What the directory knows of a post.

    `confirmed`: ours, or on a card that a person confirmed. `ceiling` None: no ceiling.
    `reachable`: confirmed, with a profile that we can seal for and a route.
    """

    post: Post
    own: bool
    confirmed: bool
    ceiling: Level | None
    profile: str
    addresses: tuple[Route, ...]
    origin: str
    log_key: str
    authority: str

    @property
    def reachable(self) -> bool:
        return self.confirmed and self.profile in PROFILES and bool(self.addresses)

    @property
    def ceiling_number(self) -> int | None:
        return None if self.ceiling is None else self.ceiling.number


def own_org() -> str:
    """The domain of this installation's organisation. Raises `Unavailable` before it is set up."""
    row = OrganisationRow.objects.first()
    if row is None:
        raise Unavailable(_("No organisation is set up here."), do="cableroom init", code="not-set-up")
    return row.org


def own_posts() -> list[Post]:
    """The posts of this installation, in order."""
    return [Post.parse(name) for name in _names(own=True)]


def known_posts(*, confirmed: bool = True) -> list[Post]:
    """Every post of the directory; with `confirmed`, only those that can be written to."""
    return [Post.parse(name) for name in _names(**({"confirmed": True} if confirmed else {}))]


def find(post: Post) -> PostView | None:
    """What is known of `post`; None if nothing is."""
    row = PostRow.objects.filter(post=str(post)).first()
    if row is None:
        return None
    return PostView(
        post=Post(row.org, row.name),
        own=row.own,
        confirmed=row.confirmed,
        ceiling=_ceiling(row),
        profile=row.profile,
        addresses=tuple(routes_for(post)),
        origin=row.origin,
        log_key=row.log_key,
        authority=row.authority,
    )


def get(post: Post) -> PostView:
    """As `find`, but raises `NotFound`."""
    view = find(post)
    if view is None:
        raise NotFound(
            _("There is no post %(post)s here.") % {"post": post.as_text()},
            do=_("Import the card of its organisation."),
            code="post",
        )
    return view


def is_own(post: Post) -> bool:
    """Is it a post of this installation?"""
    return PostRow.objects.filter(post=str(post), own=True).exists()


def by_origin(origin: str) -> Post | None:
    """The post whose register has this origin."""
    row = PostRow.objects.filter(origin=origin).first()
    return None if row is None else Post(row.org, row.name)


def by_address(address: str) -> Post | None:
    """The post of ours with this mail address, in any case."""
    wanted = address.lower()
    return next((post for post in own_posts() if mail_address(post) == wanted), None)


def roles(post: Post) -> dict[str, frozenset[str]]:
    """The roles of a post of ours, and what each permits."""
    rows = RoleRow.objects.filter(post=str(post)).order_by("role")
    return {row.role: frozenset(row.permissions) for row in rows}


def set_ceiling(post: Post, level: str | None, *, by: Person | None, now: datetime) -> Entry:
    """The highest level that a post of ours may receive; None: no ceiling. What is above it is held."""
    view = get(post)
    if not view.own:
        raise StateError(
            _("%(post)s is no post of this installation.") % {"post": post.as_text()}, code="not-own"
        )
    if level is not None:
        policies.current().level(level)
    return record(
        "Directory",
        post_data(post, level, view.profile, view.origin, view.log_key),
        actor=acting(by, now=now),
    )


def post_data(
    post: Post, ceiling: str | None, profile: str, origin: str, log_key: str
) -> dict[str, str | None]:
    """`data` of a change "post"."""
    return {
        "change": "post",
        "post": str(post),
        "ceiling": ceiling,
        "profile": profile,
        "origin": origin,
        "log_key": log_key,
    }


# -- collectives ---------------------------------------------------------------------------


def collectives() -> dict[str, tuple[PostRef, ...]]:
    """Our collectives: name → members, a member of our own organisation without it."""
    rows = CollectiveRow.objects.order_by("name")
    return {row.name: tuple(PostRef(m["org"], m["post"]) for m in row.members) for row in rows}


def expand(name: str) -> tuple[PostRef, ...] | None:
    """The members of a collective; None if the name is none."""
    row = CollectiveRow.objects.filter(name=name).first()
    return None if row is None else tuple(PostRef(m["org"], m["post"]) for m in row.members)


def set_collective(name: str, members: Iterable[Post], *, by: Person | None, now: datetime) -> Entry:
    """Let `name` stand for several posts; with no members the name is free again.

    Raises `InputError` for a name that cannot be one, `StateError` if a post of ours has it,
    `NotFound` for an unknown member.
    """
    check_name(name)
    home = own_org()
    wanted = sorted(set(members))
    for member in wanted:
        if not get(member).confirmed:
            raise StateError(
                _("%(post)s is not confirmed.") % {"post": member.as_text()},
                do=_("Confirm the card of its organisation first."),
                code="card-not-confirmed",
            )

    def check(turn: Turn) -> None:
        if PostRow.objects.filter(org=home, name=name).exists():
            raise StateError(_("%(name)s is a post.") % {"name": name}, code="name-taken")

    listed = [{"org": m.seen_from(home).org, "post": m.name} for m in wanted]
    data = {"change": "collective", "name": name, "members": listed or None}
    return record("Directory", data, actor=acting(by, now=now), within=check)


# -- inside --------------------------------------------------------------------------------


def _names(**wanted: bool) -> list[str]:
    return list(PostRow.objects.filter(**wanted).order_by("post").values_list("post", flat=True))


def _ceiling(row: PostRow) -> Level | None:
    """A ceiling is a level of the post's own organisation; its number is what compares."""
    if row.ceiling is None:
        return None
    if row.own:
        return policies.current().level(row.ceiling)
    for policy in CardPolicyRow.objects.filter(authority=row.authority).order_by("-version", "policy"):
        for level in policy.levels:
            if level["level"] == row.ceiling:
                return Level(level["letter"], level["level"], level["number"])
    return Level("?", row.ceiling, 0)  # a ceiling that nobody can read lets nothing through
