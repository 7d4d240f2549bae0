"""How a post is reached: what its card says, or what an administrator here has set instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cableroom.cable.address import Post, PostRef, slug
from cableroom.directory.cardform import check_address
from cableroom.directory.house import acting, record
from cableroom.directory.models import Person, PostRow, RouteRow
from cableroom.errors import NotFound
from cableroom.register.ledger import Entry


@dataclass(frozen=True, slots=True)
class Route:
    """One way: `kind` local, smtp (address host:port), mail (address of a mailbox)."""

    kind: str
    address: str


def routes_for(post: Post) -> list[Route]:
    """The ways to `post`, the one to try first at the head; none if it is unknown or not confirmed.

    A post of this installation has one, `local`. What an administrator set here goes before the card.
    """
    row = PostRow.objects.filter(post=str(post), confirmed=True).first()
    if row is None:
        return []
    if row.own:
        return [Route("local", mail_address(post))]
    found = {source: RouteRow.objects.filter(post=str(post), source=source) for source in ("house", "card")}
    rows = found["house"].order_by("place") or found["card"].order_by("place")
    return [Route(row.route, row.address) for row in rows]


def own_addresses(post: Post) -> list[Route]:
    """How others reach a post of ours: what its card says. Always with its mail address."""
    rows = RouteRow.objects.filter(post=str(post), source="house").order_by("place")
    routes = [Route(row.route, row.address) for row in rows]
    if not any(route.kind == "mail" for route in routes):
        routes.append(Route("mail", mail_address(post)))
    return routes


def set_routes(post: Post, routes: Iterable[tuple[str, str]], *, by: Person | None, now: datetime) -> Entry:
    """Say how a post is reached: for one of ours what its card will say, for others instead of their card.

    `routes` are pairs (route, address), the first to be tried first; none takes ours back.
    """
    if not PostRow.objects.filter(post=str(post)).exists():
        raise NotFound(_("There is no post %(post)s here.") % {"post": post.as_text()}, code="post")
    checked = [check_address(route, address) for route, address in routes]
    listed = [{"route": way.route, "address": way.address} for way in checked]
    data = {"change": "route", "post": str(post), "routes": listed or None}
    return record("Directory", data, actor=acting(by, now=now))


def mail_address(post: Post | PostRef, *, org: str | None = None) -> str:
    """The mail address of a post: `port-of-spain@mfa.example`."""
    return f"{slug(post)}@{org or post.org}"
