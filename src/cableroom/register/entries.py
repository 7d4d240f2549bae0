"""The canonical entry: its kinds, its bytes, and the salted commitment that stands in the log.

The page for strangers is docs/reference/entries.md; a test compares it with `KINDS`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cableroom.cable import canonical
from cableroom.errors import DocumentError, RegisterError

VERSION: Final = 1
PREFIX: Final = b"cableroom/entry/v1"
SALT_BYTES: Final = 32
MAX_ENTRY_BYTES: Final = 1 << 20
MAX_KEY: Final = 400

_FIELDS: Final = ("actor", "at", "cause", "data", "digest", "key", "kind", "v")
_ACTOR_FIELDS: Final = ("person", "post", "role")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person (their name), acting for a post, in a role. All `None`: the system."""

    person: str | None = None
    post: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """What an entry of this kind carries.

    `keys` are the keys of `data`, exactly these; where `by` names one of them, `variants` adds
    the keys that belong to its value. `scope` says in which registers it may stand: "post",
    "house" or "all". `digest` says whether the entry names a cable: "always", "never", "may".
    """

    keys: tuple[str, ...]
    scope: str = "post"
    digest: str = "always"
    by: str | None = None
    variants: Mapping[str, tuple[str, ...]] | None = None


_CHANGES: Final[dict[str, tuple[str, ...]]] = {
    "organisation": ("org", "name", "authority"),
    "post": ("post", "ceiling", "profile", "origin", "log_key"),
    "route": ("post", "routes"),
    "role": ("post", "role", "permissions"),
    "person": ("person", "full_name", "active", "passphrase"),
    "appointment": ("person", "post", "role", "from", "until", "acting"),
    "clearance": ("person", "level", "number", "categories", "until"),
    "collective": ("name", "members"),
    "cover-name": ("name", "level", "number", "categories", "from", "until"),
    "card": ("org", "authority", "serial", "issued", "expires", "card", "moved"),
    "card-confirmed": ("org", "authority", "serial", "moved"),
    "card-withdrawn": ("org", "authority", "reason"),
    "revocation": ("sha256", "serial", "reason"),
}
"""What an entry Directory says, by its `change`."""

KINDS: Final[dict[str, Kind]] = {
    "Released": Kind(
        ("mrn", "level", "draft", "version", "message_id", "certificate", "authentication", "again")
    ),
    "Received": Kind(("from", "level", "certificate", "leg", "channel", "route", "message_id", "late")),
    "HandedOver": Kind(("to", "channel", "route", "leg", "attempt", "reply")),
    "Failed": Kind(("to", "channel", "route", "leg", "code", "what")),
    "Held": Kind(("from", "leg", "code", "what"), digest="may"),
    "Refused": Kind(("from", "leg", "code", "what"), digest="may"),
    "Receipted": Kind(("side", "post", "entry", "received")),
    "Acknowledged": Kind(("side", "post", "role", "at")),
    "Assigned": Kind(("no", "owner", "role")),
    "Noted": Kind(("no", "note", "outcome")),
    "Distributed": Kind(("role", "person", "why")),
    "Returned": Kind(("side", "report", "no", "post", "why")),
    "Accepted": Kind(("side", "report", "no", "post", "why")),
    "Chased": Kind(("no", "step")),
    "Imported": Kind(("record", "title", "level", "source", "dated", "written", "language")),
    "Described": Kind(("record", "field", "no", "value")),
    "Witnessed": Kind(("origin", "size", "root", "from"), scope="all", digest="never"),
    "Alarm": Kind(("code", "what", "evidence"), scope="all", digest="may"),
    "Directory": Kind(("change",), scope="house", digest="never", by="change", variants=_CHANGES),
    "Policy": Kind(("id", "version", "oid", "document"), scope="house", digest="never"),
    "Key": Kind(("post", "use", "certificate", "sha256", "from", "until"), scope="house", digest="never"),
}

RESERVED: Final = frozenset(
    {
        "Annotated",
        "Cleared",
        "Declassified",
        "Destroyed",
        "Published",
        "Read",
        "Recalled",
        "Renewed",
        "Restored",
        "Translated",
    }
)
"""Names that stand for a later kind: nothing of these is written yet, and nothing else may take them."""


@dataclass(frozen=True, slots=True)
class EntryValue:
    """What one canonical entry says. `at` is UTC with milliseconds; `cause` an index in its register."""

    kind: str
    key: str
    at: datetime
    actor: Actor
    cause: int | None
    data: dict[str, Any]
    digest: str | None


def check_data(kind: str, data: Mapping[str, Any], digest: str | None, *, house: bool) -> None:
    """Refuse an entry whose kind, place, keys or digest are not those of `KINDS` (RegisterError)."""
    rule = KINDS.get(kind)
    if rule is None:
        raise RegisterError(f'There is no kind of entry "{kind}".', code="entry-kind")
    if rule.scope != "all" and (rule.scope == "house") is not house:
        place = "the register of the house" if rule.scope == "house" else "the register of a post"
        raise RegisterError(f"An entry {kind} belongs in {place}.", code="entry-place")
    keys = rule.keys
    if rule.by is not None and rule.variants is not None:
        more = rule.variants.get(str(data.get(rule.by)))
        if more is None:
            raise RegisterError(
                f'An entry {kind} with {rule.by} "{data.get(rule.by)}" is not known.', code="entry-keys"
            )
        keys = keys + more
    if set(data) != set(keys):
        missing = ", ".join(sorted(set(keys) - set(data))) or "none"
        extra = ", ".join(sorted(set(data) - set(keys))) or "none"
        raise RegisterError(
            f"An entry {kind} has exactly its own keys; missing: {missing}; too many: {extra}.",
            code="entry-keys",
        )
    if (rule.digest == "always" and digest is None) or (rule.digest == "never" and digest is not None):
        need = "needs" if rule.digest == "always" else "takes no"
        raise RegisterError(f"An entry {kind} {need} digest.", code="entry-digest")


def to_bytes(value: EntryValue) -> bytes:
    """The canonical entry: RFC 8785, all eight keys. Raises DocumentError, RegisterError."""
    _check_plain(value.key, value.digest, value.cause)
    actor = value.actor
    data = canonical.encode(
        {
            "actor": {"person": actor.person, "post": actor.post, "role": actor.role},
            "at": canonical.stamp(value.at),
            "cause": value.cause,
            "data": value.data,
            "digest": value.digest,
            "key": value.key,
            "kind": value.kind,
            "v": VERSION,
        }
    )
    if len(data) > MAX_ENTRY_BYTES:
        raise RegisterError(
            f"An entry has at most {MAX_ENTRY_BYTES} bytes, this one {len(data)}.", code="entry-size"
        )
    return data


def from_bytes(data: bytes) -> EntryValue:
    """Read a canonical entry, strictly; anything else is a DocumentError."""
    value = canonical.decode(data, max_bytes=MAX_ENTRY_BYTES)
    if not isinstance(value, dict) or tuple(sorted(value)) != _FIELDS:
        raise DocumentError("This is no entry: its keys are others.", code="entry")
    actor = value["actor"]
    if not isinstance(actor, dict) or tuple(sorted(actor)) != _ACTOR_FIELDS:
        raise DocumentError("The actor of an entry is {person, post, role}.", code="entry")
    if any(not (part is None or isinstance(part, str)) for part in actor.values()):
        raise DocumentError("The actor of an entry is named by words.", code="entry")
    if value["v"] != VERSION or not isinstance(value["kind"], str) or not isinstance(value["data"], dict):
        raise DocumentError("This is no entry of version 1.", code="entry")
    at = value["at"]
    if not isinstance(at, str):
        raise DocumentError("An entry has its time.", code="entry")
    try:
        _check_plain(value["key"], value["digest"], value["cause"])
    except RegisterError as error:
        raise DocumentError(error.what, code="entry") from None
    return EntryValue(
        kind=value["kind"],
        key=value["key"],
        at=canonical.read_stamp(at),
        actor=Actor(actor["person"], actor["post"], actor["role"]),
        cause=value["cause"],
        data=value["data"],
        digest=value["digest"],
    )


def _check_plain(key: object, digest: object, cause: object) -> None:
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
        raise RegisterError(f"A key has 1 to {MAX_KEY} characters.", code="entry-key")
    if digest is not None and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        raise RegisterError("A digest has 64 lower-case hex digits.", code="entry-digest")
    if cause is not None and not (isinstance(cause, int) and not isinstance(cause, bool) and cause >= 0):
        raise RegisterError("A cause is the index of an earlier entry.", code="entry-cause")


def stamp_of(value: EntryValue) -> str:
    """The time of an entry as it is written."""
    return canonical.stamp(value.at)


def commitment(salt: bytes, entry: bytes) -> bytes:
    """The 32 bytes that stand in the log: SHA-256(prefix ‖ salt ‖ canonical entry)."""
    return hashlib.sha256(PREFIX + salt + entry).digest()
