"""A post of another organisation, played by hand: it can do everything right, and everything wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cableroom.cable.address import Post
from cableroom.cable.canonical import sha256_hex, stamp
from cableroom.cable.completing import complete
from cableroom.cable.document import Cable
from cableroom.cable.heading import Officer, PolicyRef
from cableroom.cable.label import Level
from cableroom.cable.reference import Mrn
from cableroom.cable.text import parse_draft
from cableroom.directory import cards, certificates, keystore, posts
from cableroom.directory import policy as policies
from cableroom.directory.cardform import Address, Card, CardCertificate, CardPolicy, CardPost, sign_card
from cableroom.register import ledger, notes
from cableroom.register.ledger import Actor
from cableroom.seal import cables, envelope, keys, legs, receipts, service, signing, trust
from cableroom.seal import certificates as certs
from cableroom.seal.cables import SignedCable
from cableroom.seal.envelope import Recipients
from cableroom.seal.legs import Content
from cableroom.seal.service import ServiceMessage
from cableroom.seal.sheets import Sheet, read_sheet, write_sheet
from cableroom.seal.trust import Use
from cableroom.wire.listening import Peer

LEVELS = (
    Level("U", "UNCLASSIFIED", 1),
    Level("R", "RESTRICTED", 2),
    Level("C", "CONFIDENTIAL", 3),
    Level("S", "SECRET", 4),
)
OID = "2.25.77"
_serials = itertools.count(1)


def draft(
    sender: str,
    to: str,
    *,
    precedence: str = "ROUTINE",
    level: str = "UNCLASSIFIED",
    more: str = "",
    body: str = "1. ACTION 1 DO: count the fish.\n",
) -> str:
    return f"FROM: {sender}\nTO: {to}\nPRECEDENCE: {precedence}\nCLASSIFICATION: {level}\n{more}SUBJECT: Fish\n\n{body}"


@dataclass
class Correspondent:
    """GENEVA of un.example. `channel` counts its legs to each post; `size` is that of its register."""

    since: datetime
    org: str = "un.example"
    name: str = "GENEVA"
    port: int = 2526
    size: int = 10
    heard: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.post = Post(self.org, self.name)
        self.authority_key = keys.new_signing_key()
        self.authority = trust.make_authority(self.org, self.authority_key, now=self.since)
        self.crl = trust.make_crl(self.authority_key, self.authority, [], now=self.since)
        self.keys = {use: keys.new_signing_key() for use in (Use.RELEASE, Use.SYSTEM, Use.OPENING)}
        self.certificates = {use: self.issue(use) for use in self.keys}
        self.log_key = keys.new_log_key()
        self.origin = f"{self.org}/{self.name.lower()}/00c0ffee"
        self.serial = 0
        self.channel: dict[str, int] = {}
        self.line_key = keys.new_signing_key()
        self.line = trust.issue(
            self.authority_key,
            self.authority,
            use=Use.LINE,
            name="line",
            public_key=self.line_key.public_key(),
            now=self.since,
        )

    def issue(
        self, use: Use, *, post: Post | None = None, key: Any = None, now: datetime | None = None
    ) -> bytes:
        public = (key or self.keys[use]).public_key()
        return trust.issue(
            self.authority_key,
            self.authority,
            use=use,
            post=post or self.post,
            public_key=public,
            now=now or self.since,
        )

    def revoke(self, use: Use, *, at: datetime) -> None:
        serial = certs.read(self.certificates[use]).serial
        self.crl = trust.make_crl(self.authority_key, self.authority, [(serial, at)], now=at)

    # -- the card

    def card(self, now: datetime, **bent: Any) -> bytes:
        self.serial += 1
        listed = tuple(
            CardCertificate(der, label, certs.read(der).not_before, certs.read(der).not_after)
            for der, label in (
                (self.certificates[Use.RELEASE], "release"),
                (self.certificates[Use.SYSTEM], "system"),
                (self.certificates[Use.OPENING], "opening"),
            )
        )
        post = CardPost(
            post=self.name,
            addresses=(Address("smtp", f"127.0.0.1:{self.port}"),),
            certificates=listed,
            profile="cableroom",
            origin=self.origin,
            log_key=notes.vkey_of(self.origin, self.log_key.public_key()),
            ceiling=None,
        )
        card = Card(
            org=self.org,
            serial=self.serial,
            issued=now,
            expires=now + timedelta(days=3000),
            policies=(CardPolicy(f"{self.org}/labels", 1, OID, LEVELS),),
            posts=(post,),
            crl=self.crl,
            certificate=self.authority,
        )
        return sign_card(replace(card, **bent), self.authority_key)

    def hand_over_card(self, now: datetime, **bent: Any) -> None:
        cards.import_card(self.card(now, **bent), by=None, now=now)

    def confirm(self, now: datetime) -> None:
        cards.confirm(self.org, cards._words(self.authority, "en"), by=None, now=now)

    def meet(self, now: datetime, **bent: Any) -> None:
        self.hand_over_card(now, **bent)
        self.confirm(now)

    # -- what it writes

    def cable(
        self, to: str, now: datetime, *, policy: int = 1, serial: int | None = None, **more: Any
    ) -> Cable:
        written = parse_draft(draft(self.name, to, **more))
        return complete(
            written,
            mrn=Mrn(self.org, self.name, None, serial or next(_serials), now.year),
            dtg=now,
            policy=PolicyRef(f"{self.org}/labels", policy),
            from_org=self.org,
            released_by=Officer("DIRECTOR"),
            drafted_by=Officer("DIRECTOR"),
            cleared_by=[],
        )

    def sign(self, cable: Cable, now: datetime, **bent: Any) -> SignedCable:
        how: dict[str, Any] = {
            "files": (),
            "seed": cables.new_seed(),
            "key": self.keys[Use.RELEASE],
            "certificate": self.certificates[Use.RELEASE],
            "addresses": {},
            "message_id": cables.new_message_id(self.org),
            "ess": (OID, {level.level: level.number for level in LEVELS}[cable.head.classification]),
            "now": now,
        }
        return cables.sign_cable(cable, **{**how, **bent})

    def content(self, signed: SignedCable, now: datetime) -> Content:
        return legs.cable_content(
            signed.signed_data,
            sender=self.post,
            digest=signed.digest,
            message_id=cables.new_message_id(self.org),
            dtg=now,
        )

    def leg(
        self, content: Content, to: Post, now: datetime, *, sheet: bytes | None = None, **bent: Any
    ) -> bytes:
        """A sealed leg. `bent` changes the sheet."""
        return legs.seal(
            content,
            sheet or self.sheet(content, to, now, **bent),
            to=Recipients.of([certificates.for_post(to, "opening", now)]),
            address=f"{to.name.lower()}@{to.org}",
        )

    def sheet(self, content: Content, to: Post, now: datetime, **bent: Any) -> bytes:
        made = Sheet(
            sender=self.post,
            receiver=to,
            channel=bent.pop("channel", None) or self.next_number(to),
            kind=content.kind,
            digest=content.digest,
            checkpoint=bent.pop("checkpoint", None) or self.head(),
            seen=bent.pop("seen", None),
            time=now,
        )
        key = bent.pop("key", self.keys[Use.SYSTEM])
        certificate = bent.pop("certificate", self.certificates[Use.SYSTEM])
        return write_sheet(replace(made, **bent), key=key, certificate=certificate)

    def next_number(self, to: Post) -> int:
        self.channel[str(to)] = self.channel.get(str(to), 0) + 1
        return self.channel[str(to)]

    def head(self, size: int | None = None, root: bytes | None = None) -> str:
        size = self.size if size is None else size
        checkpoint = notes.Checkpoint(
            self.origin, size, root or bytes.fromhex(sha256_hex(f"{size}".encode()))
        )
        return notes.sign_checkpoint(checkpoint, self.log_key)

    def send(
        self, to: Post, now: datetime, *, text: dict[str, Any] | None = None, **bent: Any
    ) -> tuple[SignedCable, bytes]:
        """A cable for `to` alone: signed, and sealed as a leg."""
        signed = self.sign(self.cable(f"{to.name}@{to.org}", now, **(text or {})), now)
        return signed, self.leg(self.content(signed, now), to, now, **bent)

    def message(
        self, kind: str, to: Post, now: datetime, *, about: str | None, data: dict[str, Any], **bent: Any
    ) -> ServiceMessage:
        made = ServiceMessage(kind, self.post, to, now, service.new_id(), about, data)
        return replace(made, **bent)

    def say(
        self,
        message: ServiceMessage,
        to: Post,
        now: datetime,
        *,
        key: Any = None,
        certificate: bytes | None = None,
        **bent: Any,
    ) -> bytes:
        """A service message, sealed as a leg."""
        content = legs.service_content(
            message,
            key=key or self.keys[Use.SYSTEM],
            certificate=certificate or self.certificates[Use.SYSTEM],
            message_id=cables.new_message_id(self.org),
        )
        return self.leg(content, to, now, **bent)

    def receipt(
        self,
        signed_data: bytes,
        to: Post,
        now: datetime,
        *,
        digest: str,
        entry: int = 3,
        der: bytes | None = None,
        **bent: Any,
    ) -> ServiceMessage:
        der = der or receipts.make(
            signed_data,
            key=self.keys[Use.SYSTEM],
            certificate=self.certificates[Use.SYSTEM],
            signing_time=now,
        )
        data = service.receipt_data(entry=entry, received=now, receipt=der, backed_up=0)
        return self.message("RECEIPT", to, now, about=digest, data=data, **bent)

    # -- what it reads

    def open(self, octets: bytes) -> tuple[Sheet, bytes]:
        """The sheet and content of a leg of ours, its signature checked with what our card would say."""
        opened = legs.open_leg(octets, keys=[(self.certificates[Use.OPENING], self.keys[Use.OPENING])])
        listed = [certificates.for_post(post, "system", ledger.now()) for post in posts.own_posts()]
        sheet, _ = read_sheet(opened.sheet, certificates=listed)
        return sheet, opened.content

    def read_service(self, octets: bytes) -> tuple[Sheet, ServiceMessage]:
        sheet, content = self.open(octets)
        return sheet, service.from_bytes(legs.read_service(signing.verify(content).content))


KNOWN = Peer("test", True, "un.example", "x")
NOBODY = Peer("test", True)


def release(
    post: Post, text: str, now: datetime, *, serial: int | None = None, refs: dict[str, str] | None = None
) -> str:
    """A cable of our own post, released by the acts below the office; its digest."""
    key, certificate = _release_key(post, now)
    policy = policies.current()
    written = parse_draft(text)
    number = serial or next(_serials)
    cable = complete(
        written,
        mrn=Mrn(post.org, post.name, None, number, now.year),
        dtg=now,
        policy=PolicyRef(policy.id, policy.version),
        from_org=post.org,
        released_by=Officer("MINISTER"),
        drafted_by=Officer("MINISTER"),
        cleared_by=[],
        digests=refs or {},
    )
    level = policy.level(cable.head.classification).number
    message_id = cables.new_message_id(post.org)
    signed = cables.sign_cable(
        cable,
        files=(),
        seed=cables.new_seed(),
        key=key,
        certificate=certificate,
        addresses={},
        message_id=message_id,
        ess=(policy.oid, level),
        now=now,
    )
    register = str(post)
    opened = cables.Opened(cable, (), signed.signed_data, signed.seed, signed.signature)
    data = {
        "mrn": {"org": post.org, "post": post.name, "series": None, "serial": number, "year": now.year},
        "level": level,
        "draft": "d",
        "version": "0" * 64,
        "message_id": message_id,
        "certificate": certs.read(certificate).sha256,
        "authentication": {"at": stamp(now), "method": "passphrase"},
        "again": None,
    }
    blob = keys.seal_blob(signed.signed_data, keystore.archive_key(register), signed.digest)
    act = ledger.fact(
        register,
        "Released",
        f"release:{signed.digest}",
        actor=Actor(),
        data=data,
        digest=signed.digest,
        blob=blob,
        opened=opened,
    )
    ledger.append(act)
    return signed.digest


def _release_key(post: Post, now: datetime) -> tuple[Any, bytes]:
    certificate, key = keystore._newest(str(post), "release", now)
    return key, certificate


def entries(register: Any, *kinds: str) -> list[ledger.Entry]:
    return list(ledger.entries(str(register), kinds=kinds or None))


def kinds(register: Any) -> list[str]:
    return [entry.kind for entry in entries(register)]


Weaken = Callable[[], None]
__all__ = ["KNOWN", "NOBODY", "Correspondent", "draft", "entries", "envelope", "kinds", "release"]
