"""Check an edition: what a file proves about a cable, and what it does not.

Stricter than RFC 9901 §7.1, which a stock verifier implements: every digest, disclosure,
name, slot and shape must be as docs/reference/edition.md says, or the file is refused whole.
Trust comes from the caller's authorities alone: a key that only the file names proves nothing.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from cableroom.cable.canonical import b64u, decode, unb64u
from cableroom.errors import DocumentError, ProofError
from cableroom.seal.slots import (
    HEAD_CLAIMS,
    JTI_BYTES,
    JWS_TYP,
    LEVELS,
    PARAS,
    SALT_BYTES,
    SEGMENTS,
    SLOTS_IN_ALL,
    Level,
    regions,
)

MAX_BYTES = 16 * 1024 * 1024
"""More than the largest document within the limits can need with everything disclosed."""

MAX_DISCLOSURES = SLOTS_IN_ALL + len(HEAD_CLAIMS) + sum(len(level.claims) * level.most for level in LEVELS)

Json = Any


@dataclass(frozen=True, slots=True)
class Gap:
    """A closed region: between 1 and `at_most` items of its level are withheld here, in `slots` slots."""

    slots: int
    at_most: int


@dataclass(frozen=True, slots=True)
class Item:
    """A shown item: the claims opened in it and, in a paragraph, its pieces of text and gaps."""

    slot: str
    claims: Mapping[str, Json]
    pieces: tuple[Item | Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What an edition shows, of what was signed.

    `complete`: every digest in the payload and below it is opened, so nothing is missing.
    """

    issuer: str
    digest: str
    certificate_sha256: str
    head: Mapping[str, Json]
    head_withheld: tuple[str, ...]
    refs: tuple[Item | Gap, ...]
    files: tuple[Item | Gap, ...]
    paras: tuple[Item | Gap, ...]
    complete: bool


class _Given(NamedTuple):
    """A disclosure as the file gives it, the `position`-th of its list."""

    position: int
    name: str
    value: Json


class Signed(NamedTuple):
    """The members of the file, taken apart; `shown` is not yet believed."""

    signing_input: bytes
    signature: bytes
    certificates: tuple[bytes, ...]
    shown: Shown


def read_edition(data: bytes) -> Signed:
    """Everything in an edition that can be checked without a key. Raises `ProofError`, each fault its own code."""
    file = _file(data)
    texts = [_text(file, name) for name in ("protected", "payload", "signature")]
    thumbprint = _protected(texts[0])
    payload = _payload(texts[1])
    signature = _octets(texts[2], 64, "The signature", "signature-form")
    disclosures, certificates = _unprotected(file["header"])
    signing_input = f"{texts[0]}.{texts[1]}".encode("ascii")
    shown = _Reading(disclosures).read(payload, hashlib.sha256(signing_input).hexdigest(), thumbprint)
    return Signed(signing_input, signature, certificates, shown)


# ---- the file ----------------------------------------------------------------------------


def _refuse(code: str, what: str, *, where: str = "", do: str = "") -> NoReturn:
    raise ProofError(what, code=code, where=where, do=do)


def _json(data: bytes, code: str, what: str, *, where: str = "") -> Json:
    try:
        return decode(data, max_bytes=MAX_BYTES)
    except DocumentError as error:
        raise ProofError(f"{what} {error.what}", code=code, where=where, do=error.do) from error


def _octets(text: str, length: int | None, what: str, code: str, *, where: str = "") -> bytes:
    try:
        return unb64u(text, length=length)
    except DocumentError as error:
        raise ProofError(f"{what}: {error.what}", code=code, where=where) from error


def _file(data: bytes) -> dict[str, Json]:
    if len(data) > MAX_BYTES:
        _refuse("edition-too-large", f"An edition has at most {MAX_BYTES} bytes; this file has {len(data)}.")
    file = _json(data, "edition-json", "The file is not the canonical JSON of an edition.")
    if not isinstance(file, dict):
        _refuse("edition-members", "An edition is a JSON object.")
    names = set(file)
    for name in ("statement", "proof"):
        if name in names:
            _refuse(
                "edition-unsupported",
                f"The file has a {name}, which this version cannot check.",
                do="Check it with a newer version; without that, nothing in the file is vouched for.",
            )
    if names != {"protected", "payload", "signature", "header"}:
        _refuse(
            "edition-members",
            "The members of an edition are protected, payload, signature and header; this file has "
            + (", ".join(sorted(names)) or "none")
            + ".",
        )
    return file


def _text(file: dict[str, Json], name: str) -> str:
    value = file[name]
    if not isinstance(value, str):
        _refuse("edition-members", f"The member {name} must be a string.")
    return value


def _protected(text: str) -> str:
    """The certificate's thumbprint (hex) out of the one protected header that a cable has."""
    data = _octets(text, None, "The protected header", "header")
    header = _json(data, "header", "The protected header is not canonical JSON.")
    if not isinstance(header, dict):
        _refuse("header", "The protected header is not an object.")
    if header.get("alg") != "ES256":
        _refuse(
            "algorithm", f"The signature algorithm is {header.get('alg')!r}; a cable is signed with ES256."
        )
    if header.get("typ") != JWS_TYP:
        _refuse("type", f"This is a {header.get('typ')!r}, not a cable ({JWS_TYP}).")
    if set(header) != {"alg", "typ", "x5t#S256"} or not isinstance(header["x5t#S256"], str):
        _refuse("header", "The protected header of a cable has alg, typ and x5t#S256, and nothing else.")
    return _octets(header["x5t#S256"], 32, "x5t#S256", "header").hex()


def _payload(text: str) -> dict[str, Json]:
    data = _octets(text, None, "The payload", "payload")
    payload = _json(data, "payload", "The payload is not canonical JSON.")
    if not isinstance(payload, dict):
        _refuse("payload", "The payload is not an object.")
    if payload.get("v") != 1 or payload.get("v") is True:
        _refuse(
            "version",
            f"The cable is of version {payload.get('v')!r}; this program reads version 1.",
            do="Check it with a newer version.",
        )
    if payload.get("_sd_alg") != "sha-256":
        _refuse("hash", f"The digests are made with {payload.get('_sd_alg')!r}; a cable uses sha-256.")
    if set(payload) != {"_sd_alg", "body", "files", "head", "iss", "jti", "refs", "v"}:
        _refuse("payload", "The payload has other members than those of a cable.")
    if not isinstance(payload["iss"], str) or not isinstance(payload["jti"], str):
        _refuse("payload", "iss and jti of the payload must be strings.")
    _octets(payload["jti"], JTI_BYTES, "jti", "payload")
    return payload


def _unprotected(header: Json) -> tuple[list[str], tuple[bytes, ...]]:
    """The disclosures and the certificates that the file brings along."""
    if not isinstance(header, dict) or not {"disclosures"} <= set(header) <= {"disclosures", "x5c"}:
        _refuse("edition-header", "The header of an edition has disclosures and x5c, and nothing else.")
    disclosures = header["disclosures"]
    if not isinstance(disclosures, list) or not all(isinstance(text, str) for text in disclosures):
        _refuse("edition-header", "The disclosures must be a list of strings.")
    if len(disclosures) > MAX_DISCLOSURES:
        _refuse("edition-too-large", f"An edition has at most {MAX_DISCLOSURES} disclosures.")
    if "x5c" not in header:
        return disclosures, ()
    chain = header["x5c"]
    if not isinstance(chain, list) or not chain or not all(isinstance(text, str) for text in chain):
        _refuse("x5c", "x5c must be a list of certificates.")
    if len(chain) > 1:
        _refuse("x5c", "x5c has one certificate, the post's: an authority certifies its posts directly.")
    return disclosures, tuple(_certificate(text) for text in chain)


def _certificate(text: str) -> bytes:
    try:
        der = b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ProofError("x5c is not standard base64.", code="x5c") from error
    if b64encode(der).decode("ascii") != text:
        _refuse("x5c", "x5c is not standard base64.")
    return der


# ---- the disclosures ---------------------------------------------------------------------


class _Reading:
    """Walks the signed digests in traversal order and takes up the disclosures that belong to them."""

    def __init__(self, disclosures: Sequence[str]) -> None:
        self._given: dict[str, _Given] = {}
        self._seen: set[str] = set()
        self._order: list[int] = []
        self._slots = 0
        self._closed = 0
        salts: set[str] = set()
        for index, text in enumerate(disclosures):
            self._take(index, text, salts)
        self._count = len(disclosures)

    def _take(self, index: int, text: str, salts: set[str]) -> None:
        where = f"disclosure {index + 1}"
        data = _octets(text, None, "A disclosure", "disclosure-form", where=where)
        parts = _json(data, "disclosure-form", "A disclosure is not canonical JSON.", where=where)
        if not isinstance(parts, list) or len(parts) != 3:
            _refuse("disclosure-form", "A disclosure is a list of salt, name and value.", where=where)
        salt, name, value = parts
        if not isinstance(salt, str) or not isinstance(name, str):
            _refuse("disclosure-form", "Salt and name of a disclosure are strings.", where=where)
        _octets(salt, SALT_BYTES, "The salt", "disclosure-salt", where=where)
        if name in ("_sd", "...", "_sd_alg"):
            _refuse("claim-reserved", f"No claim may be named {name}.", where=where)
        digest = b64u(hashlib.sha256(text.encode("ascii")).digest())
        if digest in self._given:
            _refuse("disclosure-twice", "The same disclosure is given twice.", where=where)
        if salt in salts:
            _refuse("salt-twice", "Two disclosures have the same salt.", where=where)
        salts.add(salt)
        self._given[digest] = _Given(index, name, value)

    def read(self, payload: Mapping[str, Json], digest: str, thumbprint: str) -> Shown:
        """Everything shown, or a refusal."""
        head = self._head(payload["head"])
        levels = {level.place: self._level(level, payload[str(level.payload)]) for level in LEVELS}
        if self._given:
            first = min(given.position for given in self._given.values())
            _refuse(
                "disclosure-unsigned",
                "The digest of this disclosure stands nowhere in what was signed.",
                where=f"disclosure {first + 1}",
                do="Somebody added it, changed it or took away what it belongs to.",
            )
        if self._order != list(range(self._count)):
            _refuse("disclosure-order", "The disclosures do not stand in the order of what they disclose.")
        withheld = tuple(name for name in HEAD_CLAIMS if name not in head)
        return Shown(
            issuer=payload["iss"],
            digest=digest,
            certificate_sha256=thumbprint,
            head=head,
            head_withheld=withheld,
            refs=levels["refs"],
            files=levels["files"],
            paras=levels["paras"],
            complete=self._closed == 0,
        )

    def _digests(self, value: Json, where: str) -> list[str]:
        """The list in {"_sd": […]}: well-formed, ascending, and none of them seen before."""
        if not isinstance(value, dict) or set(value) != {"_sd"} or not isinstance(value["_sd"], list):
            _refuse(
                "value",
                'There must be one list of digests here, {"_sd": […]}, and nothing beside it.',
                where=where,
            )
        digests: list[str] = value["_sd"]
        if len(digests) > SLOTS_IN_ALL:
            _refuse("slots", "There are more digests than any cable has slots.", where=where)
        previous = ""
        for digest in digests:
            if not isinstance(digest, str):
                _refuse("digest-form", "A digest must be a string.", where=where)
            _octets(digest, 32, "A digest", "digest-form", where=where)
            if digest in self._seen:
                _refuse("digest-twice", "The same digest stands in the cable twice.", where=where)
            if digest <= previous:
                _refuse("digests-order", "The digests are not in ascending order.", where=where)
            self._seen.add(digest)
            previous = digest
        return digests

    def _open(self, digests: Iterable[str], where: str) -> dict[str, _Given]:
        """The disclosures given for these digests, by name; each is used up."""
        found: dict[str, _Given] = {}
        for digest in digests:
            given = self._given.pop(digest, None)
            if given is None:
                self._closed += 1
                continue
            if given.name in found:
                _refuse("claim-twice", f"The claim {given.name} is there twice.", where=where)
            found[given.name] = given
        return found

    def _head(self, value: Json) -> dict[str, Json]:
        digests = self._digests(value, "the heading")
        if len(digests) != len(HEAD_CLAIMS):
            _refuse("slots", f"The heading has {len(digests)} digests instead of {len(HEAD_CLAIMS)}.")
        found = self._open(digests, "the heading")
        for name in found:
            if name not in HEAD_CLAIMS:
                _refuse("claim-name", f"{name!r} is no claim of the heading.")
        head = {}
        for name in HEAD_CLAIMS:
            if name in found:
                self._order.append(found[name].position)
                head[name] = found[name].value
        return head

    def _level(self, level: Level, value: Json) -> tuple[Item | Gap, ...]:
        where = f"the {level.many}"
        digests = self._digests(value, where)
        found = self._open(digests, where)
        return self._slots_of(level, len(digests), found, where)

    def _slots_of(
        self, level: Level, size: int, found: Mapping[str, _Given], where: str
    ) -> tuple[Item | Gap, ...]:
        """The items and gaps of one level with `size` slots, of which `found` are opened."""
        if not level.fits(size):
            _refuse("slots", f"{size} is no number of slots for {level.many}.", where=where)
        self._slots += size
        if self._slots > SLOTS_IN_ALL:
            _refuse("slots", f"A cable has at most {SLOTS_IN_ALL} slots.", where=where)
        for name in found:
            if level.slot(name, size) is None:
                _refuse("claim-name", f"{name!r} is no place among {size} {level.many}.", where=where)
        items: dict[int, Item] = {}
        open_slots = [False] * size
        for slot in range(size):
            given = found.get(level.name(slot))
            if given is None:
                continue
            open_slots[slot] = True
            self._order.append(given.position)
            if given.value is not None:
                items[slot] = self._item(level, given, f"{level.one} {given.name}")
        return _with_gaps(level, size, items, open_slots, where)

    def _item(self, level: Level, given: _Given, where: str) -> Item:
        if level is SEGMENTS:
            return Item(given.name, given.value)
        digests = self._digests(given.value, where)
        pieces = len(digests) - len(level.claims)
        if level is not PARAS and pieces != 0:
            _refuse("slots", f"{len(digests)} digests instead of {len(level.claims)}.", where=where)
        found = self._open(digests, where)
        claims = {}
        for name in level.claims:
            if name in found:
                self._order.append(found[name].position)
                claims[name] = found.pop(name).value
        if level is not PARAS:
            for name in found:
                _refuse("claim-name", f"{name!r} is no claim of a {level.one}.", where=where)
            return Item(given.name, claims)
        return Item(given.name, claims, self._slots_of(SEGMENTS, pieces, found, where))


def _with_gaps(
    level: Level, size: int, items: Mapping[int, Item], open_slots: Sequence[bool], where: str
) -> tuple[Item | Gap, ...]:
    """Items and gaps in order; a region must be open or closed as a whole (rule 1)."""
    shown = sorted(items)
    room = size // 2 - len(shown)
    out: list[Item | Gap] = []
    gaps = 0
    for (start, end), item in zip(regions(shown, size), [*shown, None], strict=True):
        opened = sum(open_slots[start:end])
        if opened and opened < end - start:
            _refuse(
                "region-partly-open",
                f"Between two shown {level.many} some places are open and some closed; it must be all or none.",
                where=where,
            )
        if not opened and end > start:
            gaps += 1
            out.append(Gap(end - start, min(end - start, room)))
        if item is not None:
            out.append(items[item])
    if gaps > room:
        _refuse("too-many-items", f"More {level.many} than half of {size} places can hold.", where=where)
    return tuple(out)
