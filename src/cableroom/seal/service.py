"""Service messages: what one system tells another, as strict values and as JSON.

Kinds, members and what each means: docs/reference/leg.md. A service message is signed by the
system key of its post, travels in an envelope with a sheet, and is never numbered, cleared
or receipted itself.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NoReturn

from cableroom.cable.address import Post, check_name
from cableroom.cable.canonical import MAX_INTEGER, b64u, decode, encode, is_digest, read_stamp, stamp, unb64u
from cableroom.errors import DocumentError
from cableroom.seal.sheets import VERSION, check_version, read_post

SERVICE_TYPE = "application/vnd.cableroom.service+json"
MAX_BYTES = 1024 * 1024
MAX_TEXT = 500
ID_BYTES = 16

RECEIPT: Final = "RECEIPT"
ACKNOWLEDGEMENT: Final = "ACKNOWLEDGEMENT"
HELD: Final = "HELD"
REFUSED: Final = "REFUSED"
RETRANSMIT: Final = "RETRANSMIT"
LATER: Final = ("QUERY", "HEAD", "KEY", "CHECK")
"""Kinds whose `data` version 1 of this program does not know; they are held, not refused."""

Json = Any


@dataclass(frozen=True, slots=True)
class ServiceMessage:
    """One service message. `about` is the digest of the cable that it speaks of, if any.

    `data` has fixed members for each kind: RECEIPT {entry, received, receipt, backed_up},
    ACKNOWLEDGEMENT {role, at} or {report, decision, no}, HELD and REFUSED {code, what, do},
    RETRANSMIT {channel: [from, to]}. Values are those of the JSON.
    """

    kind: str
    sender: Post
    receiver: Post
    time: datetime
    id: str
    about: str | None
    data: Mapping[str, Json]


def new_id() -> str:
    """16 fresh random bytes in b64u: the identity of one service message."""
    return b64u(secrets.token_bytes(ID_BYTES))


def receipt_data(*, entry: int, received: datetime, receipt: bytes, backed_up: int) -> dict[str, Json]:
    """`data` of a RECEIPT: index of the entry, its time, the DER SignedReceipt, size of the backed-up head."""
    return {
        "backed_up": backed_up,
        "entry": entry,
        "receipt": b64encode(receipt).decode("ascii"),
        "received": stamp(received),
    }


def fate_data(*, code: str, what: str, do: str | None) -> dict[str, Json]:
    """`data` of a HELD or REFUSED, from any texts: one line each, at most 500 characters."""
    return {"code": _one_line(code), "do": _one_line(do or "") or None, "what": _one_line(what)}


def _one_line(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:MAX_TEXT].rstrip()


def receipt_bytes(message: ServiceMessage) -> bytes:
    """The DER SignedReceipt that a RECEIPT encloses."""
    return b64decode(message.data["receipt"], validate=True)


def to_bytes(message: ServiceMessage) -> bytes:
    """The RFC 8785 bytes of the body. Raises `DocumentError` for what `from_bytes` would not read."""
    body = {
        "about": message.about,
        "data": dict(message.data),
        "from": message.sender.to_json(),
        "id": message.id,
        "kind": message.kind,
        "time": stamp(message.time),
        "to": message.receiver.to_json(),
        "v": VERSION,
    }
    _message(body)
    return encode(body)


def from_bytes(data: bytes) -> ServiceMessage:
    """Read a body, strictly. Raises `DocumentError`; code `newer-version` or `newer-kind` means: hold it."""
    body = decode(data, max_bytes=MAX_BYTES)
    if not isinstance(body, dict):
        _refuse("A service message is a JSON object.")
    return _message(body)


def _message(body: Mapping[str, Json]) -> ServiceMessage:
    check_version(body.get("v"), "service message")
    if set(body) != {"v", "kind", "from", "to", "time", "id", "about", "data"}:
        _refuse("A service message has v, kind, from, to, time, id, about and data, and nothing else.")
    kind, about, data = body["kind"], body["about"], body["data"]
    if about is not None and not is_digest(about):
        _refuse("about is a digest or null.")
    if not isinstance(kind, str) or kind not in _DATA:
        if kind in LATER:
            raise DocumentError(f"Service messages of kind {kind} are not read yet.", code="newer-kind")
        _refuse(f"There is no service message of kind {kind!r}.")
    if not isinstance(data, dict):
        _refuse("data of a service message is an object.")
    _DATA[kind](data, about)
    unb64u(body["id"], length=ID_BYTES)
    return ServiceMessage(
        kind=kind,
        sender=read_post(body["from"]),
        receiver=read_post(body["to"]),
        time=read_stamp(body["time"]),
        id=body["id"],
        about=about,
        data=MappingProxyType(data),
    )


# ---- what `data` of each kind must be ----------------------------------------------------


def _members(data: Mapping[str, Json], *names: str) -> None:
    if set(data) != set(names):
        _refuse(f"data has {', '.join(sorted(data)) or 'nothing'} instead of {', '.join(sorted(names))}.")


def _integer(value: Json, what: str, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= MAX_INTEGER:
        _refuse(f"{what} is a whole number from {least}.")
    return value


def _line(value: Json, what: str) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT or not value.isprintable():
        _refuse(f"{what} is one line of at most {MAX_TEXT} characters.")


def _receipt(data: Mapping[str, Json], about: str | None) -> None:
    _members(data, "entry", "received", "receipt", "backed_up")
    _needs_about(about)
    _integer(data["entry"], "entry")
    _integer(data["backed_up"], "backed_up")
    read_stamp(data["received"])
    text = data["receipt"]
    try:
        der = b64decode(text.encode("ascii"), validate=True) if isinstance(text, str) else b""
    except ValueError:
        der = b""
    if not der or b64encode(der).decode("ascii") != text:
        _refuse("receipt is the DER SignedReceipt in base64.")


def _acknowledgement(data: Mapping[str, Json], about: str | None) -> None:
    _needs_about(about)
    if "report" in data:
        _members(data, "report", "decision", "no")
        if not is_digest(data["report"]):
            _refuse("report is a digest.")
        if data["decision"] not in ("accepted", "returned"):
            _refuse("decision is accepted or returned.")
        _integer(data["no"], "no", 1)
        return
    _members(data, "role", "at")
    if data["role"] is not None:
        if not isinstance(data["role"], str):
            _refuse("role is the name of a role or null.")
        check_name(data["role"], what="role")
    read_stamp(data["at"])


def _fate(data: Mapping[str, Json], about: str | None) -> None:
    _members(data, "code", "what", "do")
    _line(data["code"], "code")
    _line(data["what"], "what")
    if data["do"] is not None:
        _line(data["do"], "do")


def _retransmit(data: Mapping[str, Json], about: str | None) -> None:
    _members(data, "channel")
    pair: Sequence[Json] = data["channel"]
    if not isinstance(pair, list) or len(pair) != 2:
        _refuse("channel is a list of two numbers, the first and the last missing.")
    if _integer(pair[0], "channel", 1) > _integer(pair[1], "channel", 1):
        _refuse("The first missing number is greater than the last.")


def _needs_about(about: str | None) -> None:
    if about is None:
        _refuse("about must name the cable.")


_DATA: Final[Mapping[str, Callable[[Mapping[str, Json], str | None], None]]] = {
    RECEIPT: _receipt,
    ACKNOWLEDGEMENT: _acknowledgement,
    HELD: _fate,
    REFUSED: _fate,
    RETRANSMIT: _retransmit,
}


def _refuse(what: str) -> NoReturn:
    raise DocumentError(what, where="the service message", code="service")
