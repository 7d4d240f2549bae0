"""What the entries of the house register mean: the tables of the directory, row by row.

Pure projections: no clock, no key, nothing but the entry and the rows of earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cableroom.cable.canonical import encode, read_stamp
from cableroom.directory import cardform
from cableroom.directory.models import (
    AppointmentRow,
    CardPolicyRow,
    CardRow,
    CertificateRow,
    ClearanceRow,
    CollectiveRow,
    CoverNameRow,
    OrganisationRow,
    PolicyRow,
    PostRow,
    RevocationRow,
    RoleRow,
    RouteRow,
)
from cableroom.register import ledger
from cableroom.register.ledger import Entry

TABLES = (
    AppointmentRow,
    CardPolicyRow,
    CardRow,
    CertificateRow,
    ClearanceRow,
    CollectiveRow,
    CoverNameRow,
    OrganisationRow,
    PolicyRow,
    PostRow,
    RevocationRow,
    RoleRow,
    RouteRow,
)


def apply(entry: Entry, opened: object = None) -> None:
    """Derive the rows of one entry Directory, Policy or Key."""
    if entry.kind == "Policy":
        _policy(entry)
    elif entry.kind == "Key":
        _key(entry)
    else:
        _APPLY[entry.data["change"]](entry)


def registered_card(index: int) -> cardform.Card:
    """The card that the entry `index` of the house register brought; verified before it was registered."""
    return cardform.payload_unverified(encode(ledger.entry(ledger.HOUSE, index).data["card"]))


def _policy(entry: Entry) -> None:
    data = entry.data
    PolicyRow.objects.create(
        index=entry.index,
        policy=data["id"],
        version=data["version"],
        oid=data["oid"],
        document=_as_registered(data["document"]),
    )


def _key(entry: Entry) -> None:
    data = entry.data
    if data["certificate"] is None:
        return  # archive and log keys have none
    der = cardform.certificate_bytes(data["certificate"])
    CertificateRow.objects.update_or_create(
        sha256=data["sha256"],
        defaults={
            "post": data["post"] or "",
            "use": data["use"],
            "own": True,
            "authority": _own_authority(),
            "der": der,
            "since": read_stamp(data["from"]),
            "until": read_stamp(data["until"]),
        },
    )


def _organisation(entry: Entry) -> None:
    data = entry.data
    OrganisationRow.objects.update_or_create(
        org=data["org"], defaults={"name": data["name"], "authority": data["authority"]}
    )


def _post(entry: Entry) -> None:
    data = entry.data
    org, _, name = data["post"].partition("/")
    PostRow.objects.update_or_create(
        post=data["post"],
        defaults={
            "org": org,
            "name": name,
            "own": True,
            "confirmed": True,
            "authority": _own_authority(),
            "ceiling": data["ceiling"],
            "profile": data["profile"],
            "origin": data["origin"],
            "log_key": data["log_key"],
        },
    )


def _route(entry: Entry) -> None:
    _set_routes(entry.data["post"], "house", entry.data["routes"] or ())


def _role(entry: Entry) -> None:
    data = entry.data
    RoleRow.objects.update_or_create(
        post=data["post"], role=data["role"], defaults={"permissions": data["permissions"] or []}
    )


def _person(entry: Entry) -> None:
    """Accounts are working rows; the act itself wrote them."""


def _appointment(entry: Entry) -> None:
    data = entry.data
    AppointmentRow.objects.update_or_create(
        person=data["person"],
        post=data["post"],
        role=data["role"],
        since=read_stamp(data["from"]),
        defaults={"until": _time(data["until"]), "acting": bool(data["acting"])},
    )


def _clearance(entry: Entry) -> None:
    data = entry.data
    ClearanceRow.objects.update_or_create(
        person=data["person"],
        defaults={
            "level": data["level"],
            "number": data["number"],
            "categories": data["categories"] or [],
            "until": _time(data["until"]),
        },
    )


def _collective(entry: Entry) -> None:
    data = entry.data
    if data["members"] is None:
        CollectiveRow.objects.filter(name=data["name"]).delete()
    else:
        CollectiveRow.objects.update_or_create(
            name=data["name"], defaults={"members": _as_registered(data["members"])}
        )


def _cover_name(entry: Entry) -> None:
    data = entry.data
    CoverNameRow.objects.create(
        index=entry.index,
        name=data["name"],
        level=data["level"],
        number=data["number"],
        categories=data["categories"] or [],
        since=read_stamp(data["from"]),
        until=_time(data["until"]),
    )


def _revocation(entry: Entry) -> None:
    data = entry.data
    RevocationRow.objects.update_or_create(
        sha256=data["sha256"],
        defaults={"serial": data["serial"], "at": entry.at, "reason": data["reason"]},
    )


# -- cards -----------------------------------------------------------------------------------


def _card(entry: Entry) -> None:
    data = entry.data
    card = cardform.payload_unverified(encode(data["card"]))
    confirmed = CardRow.objects.filter(authority=data["authority"], confirmed=True).exists()
    CardRow.objects.update_or_create(
        authority=data["authority"],
        defaults={
            "org": data["org"],
            "serial": data["serial"],
            "issued": read_stamp(data["issued"]),
            "expires": read_stamp(data["expires"]),
            "confirmed": confirmed,
            "certificate": card.certificate,
            "crl": card.crl,
            "index": entry.index,
        },
    )
    if confirmed:
        _take(card, data["authority"], data["moved"] or ())
    else:
        _announce(card, data["authority"])


def _card_confirmed(entry: Entry) -> None:
    data = entry.data
    row = CardRow.objects.get(authority=data["authority"])
    row.confirmed = True
    row.save(update_fields=["confirmed"])
    _take(registered_card(row.index), data["authority"], data["moved"] or ())


def _card_withdrawn(entry: Entry) -> None:
    authority = entry.data["authority"]
    CardRow.objects.filter(authority=authority).update(confirmed=False)
    PostRow.objects.filter(authority=authority, own=False).update(confirmed=False)


def _announce(card: cardform.Card, authority: str) -> None:
    """A card that nobody has confirmed: its posts are known by name, and that is all."""
    for post in card.posts:
        there = PostRow.objects.filter(post=post.name_in(card.org)).first()
        if there is None or not (there.own or there.confirmed):
            _write_post(card, post, authority, confirmed=False)


def _take(card: cardform.Card, authority: str, moved: Any) -> None:
    """A confirmed card: its posts, certificates and policies hold, but for posts bound to another."""
    names = []
    for post in card.posts:
        name = post.name_in(card.org)
        there = PostRow.objects.filter(post=name).first()
        bound = there is not None and there.confirmed and there.authority != authority
        if there is not None and (there.own or (bound and name not in moved)):
            continue
        names.append(name)
        _write_post(card, post, authority, confirmed=True)
        _set_routes(name, "card", [{"route": a.route, "address": a.address} for a in post.addresses])
        for certificate in post.certificates:
            CertificateRow.objects.update_or_create(
                sha256=certificate.sha256,
                defaults={
                    "post": name,
                    "use": certificate.use,
                    "own": False,
                    "authority": authority,
                    "der": certificate.der,
                    "since": certificate.since,
                    "until": certificate.until,
                },
            )
    gone = PostRow.objects.filter(authority=authority, own=False).exclude(post__in=names)
    RouteRow.objects.filter(post__in=list(gone.values_list("post", flat=True)), source="card").delete()
    gone.delete()
    for policy in card.policies:
        CardPolicyRow.objects.update_or_create(
            authority=authority,
            policy=policy.id,
            version=policy.version,
            defaults={"oid": policy.oid, "levels": policy.levels_json()},
        )


def _write_post(card: cardform.Card, post: cardform.CardPost, authority: str, *, confirmed: bool) -> None:
    PostRow.objects.update_or_create(
        post=post.name_in(card.org),
        defaults={
            "org": card.org,
            "name": post.post,
            "own": False,
            "confirmed": confirmed,
            "authority": authority,
            "ceiling": post.ceiling,
            "profile": post.profile,
            "origin": post.origin,
            "log_key": post.log_key,
        },
    )


def _set_routes(post: str, source: str, routes: Any) -> None:
    RouteRow.objects.filter(post=post, source=source).delete()
    RouteRow.objects.bulk_create(
        RouteRow(post=post, source=source, place=place, route=item["route"], address=item["address"])
        for place, item in enumerate(routes)
    )


def _own_authority() -> str:
    row = OrganisationRow.objects.first()
    return "" if row is None else row.authority


def _as_registered(value: Any) -> Any:
    """With its keys in the order of the entry's bytes: the same row, whether the act or a rebuild writes it."""
    return json.loads(encode(value))


def _time(value: str | None) -> datetime | None:
    return None if value is None else read_stamp(value)


_APPLY: dict[str, Callable[[Entry], None]] = {
    "organisation": _organisation,
    "post": _post,
    "route": _route,
    "role": _role,
    "person": _person,
    "appointment": _appointment,
    "clearance": _clearance,
    "collective": _collective,
    "cover-name": _cover_name,
    "card": _card,
    "card-confirmed": _card_confirmed,
    "card-withdrawn": _card_withdrawn,
    "revocation": _revocation,
}
