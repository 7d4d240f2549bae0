"""The post card as a value: written, and read with every check that needs no other file.

A card proves that whoever holds the authority's key made it. *Whose* key that is it cannot
prove: two people read the check words to each other (docs/reference/post-card.md).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cableroom.cable.address import Post, check_name, check_org
from cableroom.cable.canonical import read_stamp, sha256_hex, stamp
from cableroom.cable.label import Level
from cableroom.directory.policyform import read_levels
from cableroom.directory.shapes import OID, POLICY_ID, Shapes
from cableroom.errors import CmsError, SealError
from cableroom.register import notes
from cableroom.seal import certificates, jws, revocation, trust
from cableroom.seal.trust import Use

TYP = "cableroom-card+jwt"
SUFFIX = ".cablecard"
VERSION = 1
LIFETIME = timedelta(days=730)
CLOCKS_DIFFER = timedelta(minutes=10)
MAX_BYTES = 700_000
USES: dict[str, Use] = {
    "release": Use.RELEASE,
    "system": Use.SYSTEM,
    "opening": Use.OPENING,
    "legacy": Use.LEGACY,
    "line": Use.LINE,
}
ROUTES = ("mail", "smtp")

_read = Shapes("post card", "card")

_TOKEN = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MAIL = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?@[a-z0-9.-]{1,253}")
_SMTP = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]{2,45}\]):[1-9][0-9]{0,4}")
_ADDRESS = re.compile(r"[!-~]{1,320}")


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach a post: `mail` an address, `smtp` a host and port."""

    route: str
    address: str


@dataclass(frozen=True, slots=True)
class CardCertificate:
    """A certificate that is or was in use; `use` is one of `USES`."""

    der: bytes
    use: str
    since: datetime
    until: datetime

    @property
    def sha256(self) -> str:
        return sha256_hex(self.der)


@dataclass(frozen=True, slots=True)
class CardPost:
    """A post on a card. `ceiling` is a level of the card's policies; None: no ceiling."""

    post: str
    addresses: tuple[Address, ...]
    certificates: tuple[CardCertificate, ...]
    profile: str
    origin: str
    log_key: str
    ceiling: str | None

    def name_in(self, org: str) -> str:
        """``ORG/POST``."""
        return f"{org}/{self.post}"


@dataclass(frozen=True, slots=True)
class CardPolicy:
    """A policy whose labels the card's posts use."""

    id: str
    version: int
    oid: str
    levels: tuple[Level, ...]

    def levels_json(self) -> list[dict[str, Any]]:
        return [{"letter": x.letter, "level": x.level, "number": x.number} for x in self.levels]


@dataclass(frozen=True, slots=True)
class Card:
    """What one authority says about its posts. `certificate` and `crl` are DER."""

    org: str
    serial: int
    issued: datetime
    expires: datetime
    policies: tuple[CardPolicy, ...]
    posts: tuple[CardPost, ...]
    crl: bytes
    certificate: bytes

    @property
    def authority(self) -> str:
        """Which authority: SHA-256 of its SubjectPublicKeyInfo. A renewed certificate is the same authority."""
        return trust.authority_id(self.certificate)

    def payload(self) -> dict[str, Any]:
        return {
            "v": VERSION,
            "org": self.org,
            "serial": self.serial,
            "issued": stamp(self.issued),
            "expires": stamp(self.expires),
            "policies": [
                {"id": p.id, "version": p.version, "oid": p.oid, "levels": p.levels_json()}
                for p in self.policies
            ],
            "posts": [_post_json(post) for post in self.posts],
            "crl": b64(self.crl),
        }


def sign_card(card: Card, key: Any) -> bytes:
    """The file: a flattened JWS by the authority's `key`, its certificate in the unprotected `x5c`."""
    return jws.sign(card.payload(), typ=TYP, key=key, unprotected={"x5c": [b64(card.certificate)]})


def read_card(data: bytes, *, now: datetime) -> Card:
    """The card in a file, if all of it holds at `now`. Raises `InputError` or `SealError`.

    Checked: the form to the byte; the signature by the key of `x5c`; that this is an authority of
    `org`, in force; issued not after now, not expired; the revocation list by the same authority;
    each certificate by it, for its post, for exactly one use.
    """
    card = payload_unverified(data)
    jws.verify(data, typ=TYP, certificate=card.certificate, max_bytes=MAX_BYTES)
    if card.issued > now + CLOCKS_DIFFER:
        raise SealError(
            f"The card says that it was issued at {stamp(card.issued)}, after now.",
            do="Look at both clocks.",
            code="card-not-yet",
        )
    if card.expires <= now:
        raise SealError(
            f"The card of {card.org} expired at {stamp(card.expires)}.",
            do="Ask for a newer one.",
            code="card-expired",
        )
    _check_authority(card, now)
    _check_list(card, now)
    for post in card.posts:
        for certificate in post.certificates:
            _check_certificate(card, post, certificate)
    return card


def payload_unverified(data: bytes) -> Card:
    """A card of the right form, of which no signature was verified. Raises `InputError`."""
    parts = jws.unverified(data, max_bytes=MAX_BYTES)
    header = _read.mapping(parts.header, ("x5c",), "x5c")
    chain = header["x5c"]
    if not isinstance(chain, list) or len(chain) != 1:
        raise _read.bad("x5c", "Exactly one certificate, the authority's, is expected.")
    certificate = certificate_bytes(chain[0])
    return _card(parts.payload, certificate)


def certificate_bytes(text: object) -> bytes:
    """DER out of strict base64 (RFC 4648 §4, padded). Raises `InputError`."""
    if not isinstance(text, str):
        raise _read.bad("certificate", "base64 is expected.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _read.bad("certificate", "This is not base64.") from None
    if not data or b64(data) != text:
        raise _read.bad("certificate", "This is not the one base64 form of these bytes.")
    return data


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def use_of(certificate: bytes) -> str:
    """For which of `USES` a certificate was issued, by its one policy. Raises `CmsError`."""
    policies = certificates.read(certificate).policies
    for name, use in USES.items():
        if policies == use.policies_der:
            return name
    raise CmsError("The certificate names no use that is known here.", code="certificate-use")


def check_address(route: str, address: str, where: str = "address") -> Address:
    """One way to reach a post, if it has the form of its route. Raises `InputError`."""
    if not _TOKEN.fullmatch(route):
        raise _read.bad(where, f"{route!r} is no route.")
    form = {"mail": _MAIL, "smtp": _SMTP}.get(route, _ADDRESS)
    if not form.fullmatch(address) or (route == "smtp" and int(address.rpartition(":")[2]) > 65535):
        raise _read.bad(where, f"{address!r} is no address of a route {route}.")
    return Address(route, address)


# -- what a card must hold ---------------------------------------------------------------------


def _check_authority(card: Card, now: datetime) -> None:
    """Name and time; that it is an authority at all, `judge` says with each certificate."""
    found = certificates.read(card.certificate)
    if found.org != card.org:
        raise SealError(
            f"The card speaks for {card.org}, its authority is one of {found.org}.", code="card-authority"
        )
    if not found.not_before <= now <= found.not_after:
        raise SealError(
            f"The authority on this card holds from {stamp(found.not_before)} to {stamp(found.not_after)}.",
            do="Ask for a card of the newer authority, or look at your clock.",
            code="card-authority",
        )


def _check_list(card: Card, now: datetime) -> None:
    listed = revocation.read(card.crl, card.certificate)
    if listed.this_update > now + CLOCKS_DIFFER:
        raise SealError(
            "The revocation list on this card was made after now.",
            do="Look at both clocks.",
            code="card-list",
        )


def _check_certificate(card: Card, post: CardPost, certificate: CardCertificate) -> None:
    """Each must have been good on its first day; whether it is now, `judge` says when it is used."""
    verdict = trust.judge(
        certificate.der,
        use=USES[certificate.use],
        authorities=[trust.Authority(card.org, card.certificate)],
        at=max(certificate.since, certificates.read(card.certificate).not_before),
        post=Post(card.org, post.post),
    )
    wrong = [problem for problem in verdict.problems if problem.severity == "error"]
    if wrong:
        raise SealError(
            f"A certificate of {post.post} on this card does not hold: {wrong[0].message}",
            code="card-certificate",
        )


# -- reading -----------------------------------------------------------------------------------


def _card(payload: Mapping[str, Any], certificate: bytes) -> Card:
    _read.version(payload.get("v"), VERSION)
    keys = ("v", "org", "serial", "issued", "expires", "policies", "posts", "crl")
    doc = _read.mapping(payload, keys, "payload")
    policies = _read.items(doc["policies"], "policies", _policy)
    levels = {level.level for policy in policies for level in policy.levels}
    posts = _read.items(doc["posts"], "posts", _post)
    for post in posts:
        if post.ceiling is not None and post.ceiling not in levels:
            raise _read.bad(f"post {post.post}", f"The ceiling {post.ceiling} is no level of its policies.")
    _read.once((post.post for post in posts), "posts")
    _read.once(((policy.id, policy.version) for policy in policies), "policies")
    _read.once((found.sha256 for post in posts for found in post.certificates), "certificates")
    _read.once((post.origin for post in posts), "origins")
    issued, expires = read_stamp(doc["issued"]), read_stamp(doc["expires"])
    if not issued < expires:
        raise _read.bad("expires", "The card expires before it is issued.")
    return Card(
        org=_read.by(check_org, doc["org"], "org"),
        serial=_read.number(doc["serial"], "serial"),
        issued=issued,
        expires=expires,
        policies=policies,
        posts=posts,
        crl=certificate_bytes(doc["crl"]),
        certificate=certificate,
    )


def _policy(value: object, where: str) -> CardPolicy:
    item = _read.mapping(value, ("id", "version", "oid", "levels"), where)
    return CardPolicy(
        _read.text(item["id"], POLICY_ID, f"{where}, id"),
        _read.number(item["version"], f"{where}, version"),
        _read.text(item["oid"], OID, f"{where}, oid"),
        read_levels(item["levels"], _read, f"{where}, levels"),
    )


def _post(value: object, where: str) -> CardPost:
    keys = ("post", "addresses", "certificates", "profile", "origin", "log_key", "ceiling")
    item = _read.mapping(value, keys, where)
    origin, log_key = item["origin"], item["log_key"]
    if not isinstance(origin, str) or not isinstance(log_key, str) or len(log_key) > 500:
        raise _read.bad(where, "origin and log_key are texts.")
    if notes.read_vkey(log_key).name != origin:
        raise _read.bad(where, "The log key is not one of this origin.")
    return CardPost(
        post=_read.by(check_name, item["post"], where),
        addresses=_read.items(item["addresses"], f"{where}, addresses", _address, optional=True),
        certificates=_read.items(item["certificates"], f"{where}, certificates", _certificate),
        profile=_read.text(item["profile"], _TOKEN, f"{where}, profile"),
        origin=origin,
        log_key=log_key,
        ceiling=None if item["ceiling"] is None else _read.item(item["ceiling"], f"{where}, ceiling"),
    )


def _address(value: object, where: str) -> Address:
    item = _read.mapping(value, ("route", "address"), where)
    if not isinstance(item["route"], str) or not isinstance(item["address"], str):
        raise _read.bad(where, "route and address are texts.")
    return check_address(item["route"], item["address"], where)


def _certificate(value: object, where: str) -> CardCertificate:
    der = certificate_bytes(value)
    found = certificates.read(der)
    use = use_of(der)
    if use == "line":
        raise _read.bad(where, "A line certificate belongs to no post.")
    return CardCertificate(der, use, found.not_before, found.not_after)


def _post_json(post: CardPost) -> dict[str, Any]:
    return {
        "post": post.post,
        "addresses": [{"route": a.route, "address": a.address} for a in post.addresses] or None,
        "certificates": [b64(certificate.der) for certificate in post.certificates],
        "profile": post.profile,
        "origin": post.origin,
        "log_key": post.log_key,
        "ceiling": post.ceiling,
    }
