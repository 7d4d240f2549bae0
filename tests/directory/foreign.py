"""Another organisation, made by hand: an authority, its posts, and the cards that it signs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cableroom.cable.address import Post
from cableroom.cable.label import Level
from cableroom.directory.cardform import Address, Card, CardCertificate, CardPolicy, CardPost, sign_card
from cableroom.register import notes
from cableroom.seal import certificates, keys, trust

LEVELS = (Level("O", "OPEN", 1), Level("I", "INTERNAL", 2), Level("X", "CLOSED", 7))


@dataclass
class Foreign:
    """An authority of `org` from `since` on. `card()` is what it hands out; everything can be bent."""

    org: str
    since: datetime
    posts: tuple[str, ...] = ("GENEVA",)
    key: Any = field(default_factory=keys.new_signing_key)
    serial: int = 1
    made: dict[str, CardPost] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.certificate = trust.make_authority(self.org, self.key, now=self.since)
        self.crl = trust.make_crl(self.key, self.certificate, [], now=self.since)

    def issue(self, post: str, use: trust.Use, now: datetime | None = None, **how: Any) -> bytes:
        public = how.pop("public_key", None) or keys.new_signing_key().public_key()
        return trust.issue(
            how.pop("authority_key", self.key),
            how.pop("authority", self.certificate),
            use=use,
            post=Post(self.org, post),
            public_key=public,
            now=now or self.since,
        )

    def certified(self, der: bytes, use: str) -> CardCertificate:
        found = certificates.read(der)
        return CardCertificate(der, use, found.not_before, found.not_after)

    def post(self, name: str) -> CardPost:
        if name not in self.made:
            uses = (
                ("release", trust.Use.RELEASE),
                ("system", trust.Use.SYSTEM),
                ("opening", trust.Use.OPENING),
            )
            origin = f"{self.org}/{name.lower().replace(' ', '-')}/00c0ffee"
            self.made[name] = CardPost(
                post=name,
                addresses=(Address("smtp", "127.0.0.1:2526"),),
                certificates=tuple(self.certified(self.issue(name, use), label) for label, use in uses),
                profile="cableroom",
                origin=origin,
                log_key=notes.vkey_of(origin, keys.new_log_key().public_key()),
                ceiling="INTERNAL",
            )
        return self.made[name]

    def card(self, **bent: Any) -> Card:
        card = Card(
            org=self.org,
            serial=self.serial,
            issued=self.since,
            expires=self.since + timedelta(days=700),
            policies=(CardPolicy(f"{self.org}/labels", 1, "2.25.77", LEVELS),),
            posts=tuple(self.post(name) for name in self.posts),
            crl=self.crl,
            certificate=self.certificate,
        )
        return replace(card, **bent)

    def file(self, **bent: Any) -> bytes:
        return sign_card(self.card(**bent), self.key)

    def words(self) -> tuple[str, ...]:
        from cableroom.directory.checkwords import check_words

        return check_words(certificates.read(self.certificate).public_key_info)
