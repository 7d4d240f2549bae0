"""Post cards: handed out, taken in, and confirmed by six words that two people read to each other.

A card that was taken in is an entry Directory (change "card"), its confirmation another
("card-confirmed"): whoever waits for a correspondent looks at these two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cableroom.cable.address import Post
from cableroom.cable.canonical import decode, sha256_hex, stamp
from cableroom.directory import certificates, keystore, policy
from cableroom.directory.cardform import (
    LIFETIME,
    MAX_BYTES,
    Address,
    Card,
    CardCertificate,
    CardPolicy,
    CardPost,
    read_card,
    sign_card,
)
from cableroom.directory.checkwords import check_words, read_words
from cableroom.directory.house import acting, record
from cableroom.directory.models import CardRow, CertificateRow, IssuedCard, Person, PolicyRow, PostRow
from cableroom.directory.posts import own_org
from cableroom.directory.projecting import registered_card
from cableroom.directory.routes import own_addresses
from cableroom.errors import NotFound, Refusal, StateError
from cableroom.register.ledger import Entry, Turn
from cableroom.seal import certificates as x509

_ON_CARDS = ("release", "system", "opening", "legacy")


@dataclass(frozen=True, slots=True)
class CardView:
    """A card that was taken in. `authority` is the SHA-256 of its key; `posts` are ``ORG/POST``."""

    org: str
    authority: str
    serial: int
    issued: datetime
    expires: datetime
    confirmed: bool
    posts: tuple[str, ...]


# -- handing out ---------------------------------------------------------------------------


def export_card(*, by: Person | None, now: datetime) -> bytes:
    """The card of this installation, signed by its authority: a file ``.cablecard``.

    Its serial is larger than that of every card before, also after a restore. Raises
    `StateError` if there is no post yet.
    """
    acting(by, now=now, permission="administer")
    key, certificate = keystore.authority_key()
    posts = tuple(_card_post(row) for row in PostRow.objects.filter(own=True).order_by("post"))
    if not posts:
        raise StateError(_("There is no post yet."), do="cableroom post create", code="no-post")
    certificates.refresh_list(now=now)
    with transaction.atomic():
        card = Card(
            org=own_org(),
            serial=_next_serial(now),
            issued=now,
            expires=now + LIFETIME,
            policies=tuple(_policies()),
            posts=posts,
            crl=certificates.own_crl(),
            certificate=certificate,
        )
        data = sign_card(card, key)
        IssuedCard.objects.create(serial=card.serial, issued=now, sha256=sha256_hex(data))
    return data


def own_check_words(*, language: str = "en") -> tuple[str, ...]:
    """The words that we read to others, so that they can confirm our card."""
    return _words(keystore.authority_certificate(), language)


# -- taking in -----------------------------------------------------------------------------


def import_card(data: bytes, *, move: bool = False, by: Person | None, now: datetime) -> Entry:
    """Take in a card. If its authority is confirmed already, it holds at once; else it waits for that.

    Raises `InputError` or `SealError` for a card that does not hold (`read_card`); `Refusal` for
    an older serial, for our own card, and for one that names a post bound to another authority
    unless `move` says that a person knows of the change.
    """
    card = read_card(data, now=now)
    actor = acting(by, now=now)
    _refuse_own(card)

    def check(turn: Turn) -> None:
        row = CardRow.objects.filter(authority=card.authority).first()
        if row is not None and row.serial >= card.serial:
            raise Refusal(
                _("A card of %(org)s with serial %(have)s is here; this one has %(serial)s.")
                % {"org": card.org, "have": row.serial, "serial": card.serial},
                do=_("Ask for the newest card."),
                code="card-older",
            )
        if row is not None and row.confirmed:
            _refuse_bound(card, move)

    moved = _bound_elsewhere(card) if move else []
    body = {
        "change": "card",
        "org": card.org,
        "authority": card.authority,
        "serial": card.serial,
        "issued": stamp(card.issued),
        "expires": stamp(card.expires),
        "card": decode(data, max_bytes=MAX_BYTES),
        "moved": moved or None,
    }
    return record("Directory", body, actor=actor, key=f"card:{sha256_hex(data)}", within=check)


def confirm(
    org: str,
    words: str | Iterable[str],
    *,
    move: bool = False,
    by: Person | None,
    now: datetime,
    language: str = "en",
) -> Entry:
    """Confirm the authority whose card was taken in, with the six words that its people have read out.

    Several installations of `org` may wait; the words say which. Raises `NotFound` if no card
    of `org` waits, `Refusal` (code "check-words") if the words are those of none of them, and as
    `import_card` for posts that are bound to another authority.
    """
    typed = read_words(words if isinstance(words, str) else " ".join(words), language=language)
    actor = acting(by, now=now)
    waiting = list(CardRow.objects.filter(org=org, confirmed=False).order_by("authority"))
    if not waiting:
        raise NotFound(
            _("No card of %(org)s waits to be confirmed.") % {"org": org},
            do="cableroom card import FILE",
            code="no-card",
        )
    row = next((row for row in waiting if _words(bytes(row.certificate), language) == typed), None)
    if row is None:
        raise Refusal(
            _("These are not the check words of the card of %(org)s that was imported.") % {"org": org},
            do=_("Read them again by voice. If they differ, somebody changed the card: ask for it anew."),
            code="check-words",
        )
    card = _card_of(row)
    _refuse_expired(card, now)
    body = {
        "change": "card-confirmed",
        "org": org,
        "authority": row.authority,
        "serial": row.serial,
        "moved": (_bound_elsewhere(card) if move else []) or None,
    }

    def check(turn: Turn) -> None:
        present = CardRow.objects.filter(authority=row.authority).first()
        if present is None or present.confirmed or present.serial != row.serial:
            raise StateError(
                _("The card of %(org)s has changed meanwhile.") % {"org": org},
                do=_("Try again."),
                code="card",
            )
        _refuse_bound(card, move)

    return record("Directory", body, actor=actor, within=check)


def withdraw(authority: str, *, reason: str, by: Person | None, now: datetime) -> Entry:
    """Trust an authority no more: nothing goes to its posts, what comes from them is held."""
    row = CardRow.objects.filter(authority=authority, confirmed=True).first()
    if row is None:
        raise NotFound(_("No authority with this key is confirmed."), where=authority, code="no-card")
    body = {"change": "card-withdrawn", "org": row.org, "authority": authority, "reason": reason}
    return record("Directory", body, actor=acting(by, now=now))


def cards() -> list[CardView]:
    """Every card that was taken in, the newest of each authority."""
    return [
        CardView(
            row.org,
            row.authority,
            row.serial,
            row.issued,
            row.expires,
            row.confirmed,
            tuple(
                PostRow.objects.filter(authority=row.authority, own=False)
                .order_by("post")
                .values_list("post", flat=True)
            ),
        )
        for row in CardRow.objects.order_by("org", "authority")
    ]


# -- inside --------------------------------------------------------------------------------


def _card_post(row: PostRow) -> CardPost:
    post = Post(row.org, row.name)
    rows = CertificateRow.objects.filter(post=row.post, own=True, use__in=_ON_CARDS).order_by(
        "since", "sha256"
    )
    return CardPost(
        post=row.name,
        addresses=tuple(Address(route.kind, route.address) for route in own_addresses(post)),
        certificates=tuple(CardCertificate(bytes(c.der), c.use, c.since, c.until) for c in rows),
        profile=row.profile,
        origin=row.origin,
        log_key=row.log_key,
        ceiling=row.ceiling,
    )


def _policies() -> list[CardPolicy]:
    """Every version that a cable of ours may name."""
    found = {}
    for row in PolicyRow.objects.order_by("index"):
        read = policy.read_policy(row.document)
        found[read.id, read.version] = CardPolicy(read.id, read.version, read.oid, read.levels)
    return list(found.values())


def _next_serial(now: datetime) -> int:
    """Above every earlier one; and above the time in seconds, so that a restored folder goes on rising."""
    last = IssuedCard.objects.select_for_update().order_by("-serial").first()
    return max(1 if last is None else last.serial + 1, int(now.timestamp()))


def _words(certificate: bytes, language: str) -> tuple[str, ...]:
    return check_words(x509.read(certificate).public_key_info, language=language)


def _card_of(row: CardRow) -> Card:
    return registered_card(row.index)


def _refuse_own(card: Card) -> None:
    own = x509.read(keystore.authority_certificate())
    if card.authority == sha256_hex(own.public_key_info):
        raise Refusal(
            _("This is the card of this installation."), do=_("Give it to others."), code="card-own"
        )


def _refuse_expired(card: Card, now: datetime) -> None:
    if card.expires <= now:
        raise Refusal(
            _("The card of %(org)s expired at %(time)s.") % {"org": card.org, "time": stamp(card.expires)},
            do=_("Ask for a newer one."),
            code="card-expired",
        )


def _bound_elsewhere(card: Card) -> list[str]:
    """Posts on the card that are bound to another confirmed authority."""
    names = [post.name_in(card.org) for post in card.posts]
    rows = PostRow.objects.filter(post__in=names, confirmed=True, own=False).exclude(authority=card.authority)
    return sorted(rows.values_list("post", flat=True))


def _refuse_bound(card: Card, move: bool) -> None:
    names = [post.name_in(card.org) for post in card.posts]
    ours = sorted(PostRow.objects.filter(post__in=names, own=True).values_list("name", flat=True))
    if ours:
        raise Refusal(
            _("The card names posts of this installation: %(posts)s.") % {"posts": ", ".join(ours)},
            do=_("Have them named otherwise there."),
            code="card-own-post",
        )
    bound = _bound_elsewhere(card)
    if bound and not move:
        raise Refusal(
            _("The card names posts that another authority speaks for: %(posts)s.")
            % {"posts": ", ".join(bound)},
            do=_("Ask their people by voice whether they moved; then do it again with --move."),
            code="card-bound",
        )
