"""The transmission sheet: what goes along with every leg, signed by the sending system.

It numbers the legs on the channel from one post to another, so that a missing one is noticed,
and carries the sender's newest head and the newest head of the receiver that the sender has
seen. Form: docs/reference/leg.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec

from cableroom.cable.address import Post, check_name, check_org
from cableroom.cable.canonical import MAX_INTEGER, b64u, read_stamp, stamp, unb64u
from cableroom.errors import DocumentError, SealError
from cableroom.seal import jws

SHEET_TYPE = "application/vnd.cableroom.sheet+json"
TYP = "cableroom-sheet+jwt"
VERSION = 1
MAX_BYTES = 64 * 1024
MAX_NOTE = 16 * 1024
KINDS = ("cable", "service")

_MEMBERS = {"v", "from", "to", "channel", "kind", "digest", "checkpoint", "seen", "time"}

Json = Any


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of one leg.

    `channel` counts the legs from this post to that one, from 1. `digest` (64 hex digits) is
    the identity of the cable, or the SHA-256 of a service message's CMS. `checkpoint` and
    `seen` are signed notes as text. `time` is when the leg was sealed (UTC, milliseconds).
    """

    sender: Post
    receiver: Post
    channel: int
    kind: str
    digest: str
    checkpoint: str
    seen: str | None
    time: datetime


def write_sheet(sheet: Sheet, *, key: ec.EllipticCurvePrivateKey, certificate: bytes) -> bytes:
    """The sheet as a flattened JWS, signed by the system key of the sending post."""
    payload = {
        "channel": sheet.channel,
        "checkpoint": sheet.checkpoint,
        "digest": b64u(bytes.fromhex(sheet.digest)),
        "from": sheet.sender.to_json(),
        "kind": sheet.kind,
        "seen": sheet.seen,
        "time": stamp(sheet.time),
        "to": sheet.receiver.to_json(),
        "v": VERSION,
    }
    _sheet(payload)
    return jws.sign(payload, typ=TYP, key=key, header_extra=_names(certificate))


def unverified_sheet(data: bytes) -> tuple[Sheet, str]:
    """What a sheet claims, and the hex SHA-256 of the certificate that it says it is signed with.

    Good for choosing the certificate to verify with, and for nothing else. Raises `DocumentError`.
    """
    parts = jws.unverified(data, max_bytes=MAX_BYTES)
    thumbprint = parts.protected.get("x5t#S256")
    if not isinstance(thumbprint, str):
        _refuse("The sheet does not name the certificate that it is signed with.")
    return _sheet(parts.payload), unb64u(thumbprint, length=32).hex()


def read_sheet(data: bytes, *, certificates: Iterable[bytes]) -> tuple[Sheet, bytes]:
    """A sheet and the one of `certificates` whose key signed it.

    The certificates are the system certificates that the directory knows of the claimed
    sender; whether that one is good is asked of `trust.judge`. Raises `SealError` if none of
    them is named or the signature is not by its key, `DocumentError` for anything unreadable.
    """
    _, thumbprint = unverified_sheet(data)
    named = bytes.fromhex(thumbprint)
    for certificate in certificates:
        if unb64u(jws.thumbprint(certificate)) == named:
            payload = jws.verify(
                data, typ=TYP, certificate=certificate, header_extra=_names(certificate), max_bytes=MAX_BYTES
            )
            return _sheet(payload), certificate
    raise SealError(
        "The sheet is signed with a certificate that the directory does not know.",
        do="Import the newest post card of its sender.",
        code="unknown-certificate",
    )


def check_sheet(sheet: Sheet, *, kind: str, digest: str, sender: Post, receiver: Post) -> None:
    """Raise `SealError` unless the sheet goes with just this content, from this post to that one."""
    if sheet.kind != kind or sheet.digest != digest:
        raise SealError(
            "The sheet belongs to something else than what it travels with.", code="sheet-mismatch"
        )
    if sheet.sender != sender:
        raise SealError(
            f"The sheet is by {sheet.sender}, what it travels with by {sender}.", code="sheet-mismatch"
        )
    if sheet.receiver != receiver:
        raise SealError(f"The sheet is for {sheet.receiver}, not for {receiver}.", code="wrong-receiver")


def _names(certificate: bytes) -> dict[str, str]:
    return {"x5t#S256": jws.thumbprint(certificate)}


def _sheet(payload: Mapping[str, Json]) -> Sheet:
    if payload.get("v") != VERSION or payload.get("v") is True:
        raise DocumentError(
            f"The sheet is of version {payload.get('v')!r}; this program reads version 1.",
            code="newer-version",
        )
    if set(payload) != _MEMBERS:
        _refuse("The members of a sheet are " + ", ".join(sorted(_MEMBERS)) + ".")
    channel, kind = payload["channel"], payload["kind"]
    if not isinstance(channel, int) or isinstance(channel, bool) or not 1 <= channel <= MAX_INTEGER:
        _refuse("The channel number must be an integer from 1.")
    if kind not in KINDS:
        _refuse("A sheet goes with a cable or a service message.")
    digest = unb64u(payload["digest"], length=32).hex()
    checkpoint = read_note(payload["checkpoint"])
    seen = None if payload["seen"] is None else read_note(payload["seen"])
    return Sheet(
        sender=read_post(payload["from"]),
        receiver=read_post(payload["to"]),
        channel=channel,
        kind=kind,
        digest=digest,
        checkpoint=checkpoint,
        seen=seen,
        time=read_stamp(payload["time"]),
    )


def check_version(version: Json, what: str) -> None:
    """Raise `DocumentError` unless the version is 1: code `newer-version` for a greater one, which is held."""
    if type(version) is int and version > VERSION:
        raise DocumentError(
            f"The {what} is of version {version}; this program reads version {VERSION}.",
            do="A newer version of the program can read it.",
            code="newer-version",
        )
    if type(version) is not int or version != VERSION:
        raise DocumentError(f"There is no {what} of version {version!r}.", code="version")


def read_post(value: Json) -> Post:
    """{org, post}, both written out. Raises `DocumentError`."""
    if not isinstance(value, dict) or set(value) != {"org", "post"}:
        raise DocumentError("A post is named as {org, post}.", code="post")
    org, name = value["org"], value["post"]
    if not isinstance(org, str) or not isinstance(name, str):
        raise DocumentError("The organisation and name of a post are strings.", code="post")
    return Post(check_org(org), check_name(name))


def read_note(value: Json) -> str:
    """A signed note as text: bounded here, believed only by who verifies it."""
    if not isinstance(value, str) or not value or len(value) > MAX_NOTE:
        _refuse(f"A signed note is text of 1 to {MAX_NOTE} characters.")
    return value


def _refuse(what: str) -> NoReturn:
    raise DocumentError(what, code="sheet")
