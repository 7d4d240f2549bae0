"""Cables in registers, by the real acts below the office: completed, signed, sealed, appended."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from cableroom.cable.address import Post
from cableroom.cable.completing import complete
from cableroom.cable.heading import Officer, PolicyRef
from cableroom.cable.reference import Mrn
from cableroom.cable.text import parse_draft
from cableroom.register import ledger
from cableroom.register.ledger import Actor
from cableroom.seal import cables, certificates, keys

LEVELS = {"UNCLASSIFIED": 1, "RESTRICTED": 2, "CONFIDENTIAL": 3, "SECRET": 4}
_serial = iter(range(1, 10**6))


def draft(
    sender: str, to: str, level: str, *, captions: str = "", categories: str = "", info: str = ""
) -> str:
    lines = [f"FROM: {sender}", f"TO: {to}"]
    lines += [f"INFO: {info}"] if info else []
    lines += ["PRECEDENCE: ROUTINE / ROUTINE" if info else "PRECEDENCE: ROUTINE", f"CLASSIFICATION: {level}"]
    lines += [f"CATEGORIES: {categories}"] if categories else []
    lines += [f"CAPTIONS: {captions}"] if captions else []
    return "\n".join([*lines, "SUBJECT: Fish", "", "1. Something about fish.", ""])


def append(
    register: str,
    kind: str,
    text: str,
    *,
    org: str,
    key: Any,
    certificate: bytes,
    now: datetime,
    person: str | None = None,
    officers: tuple[str, ...] = ("MINISTER",),
) -> str:
    """Append the cable of `text` as Released or Received in `register`; its digest."""
    from cableroom.directory import keystore

    written = parse_draft(text)
    level = LEVELS.get(written.head.classification, 7)
    serial = next(_serial)
    cable = complete(
        written,
        mrn=Mrn(org, written.head.from_.name, None, serial, now.year),
        dtg=now,
        policy=PolicyRef(f"{org}/labels", 1),
        from_org=org,
        released_by=Officer(officers[0]),
        drafted_by=Officer(officers[-1]),
        cleared_by=[Officer(role) for role in officers[1:-1]],
    )
    signed = cables.sign_cable(
        cable,
        files=(),
        seed=cables.new_seed(),
        key=key,
        certificate=certificate,
        addresses={},
        message_id=cables.new_message_id(org),
        ess=("2.25.77", level),
        now=now,
    )
    opened = cables.Opened(cable, (), signed.signed_data, signed.seed, signed.signature)
    blob = keys.seal_blob(signed.signed_data, keystore.archive_key(register), signed.digest)
    sha256 = certificates.read(certificate).sha256
    data: dict[str, Any] = {"level": level, "certificate": sha256, "message_id": f"<{serial}@{org}>"}
    if kind == "Released":
        mrn = {"org": org, "post": cable.sender.name, "series": None, "serial": serial, "year": now.year}
        data |= {"mrn": mrn, "draft": "d", "version": "0" * 64, "authentication": {}, "again": None}
    else:
        data |= {
            "from": str(cable.sender),
            "leg": secrets.token_hex(32),
            "channel": 1,
            "route": "smtp",
            "late": None,
        }
    ledger.append(
        ledger.fact(
            register,
            kind,
            f"cable:{signed.digest}",
            actor=Actor(person, register, officers[0] if person else None),
            data=data,
            digest=signed.digest,
            blob=blob,
            opened=opened,
        )
    )
    return signed.digest


def released(post: Post, text: str, *, now: datetime, **more: Any) -> str:
    """A cable of our own post, with its own release key."""
    from cableroom.directory import certificates as own
    from cableroom.directory.models import StoredKey

    certificate = own.for_post(post, "release", now)
    row = StoredKey.objects.get(post=str(post), use="release")
    from cableroom.directory import keystore

    key = keystore._certified(row)
    return append(
        str(post), "Released", text, org=post.org, key=key, certificate=certificate, now=now, **more
    )


def distributed(register: str, digest: str, *, role: str | None = None, person: str | None = None) -> None:
    data = {"role": role, "person": person, "why": "by hand"}
    _fact(register, "Distributed", data, digest)


def assigned(register: str, digest: str, owner: str | None, role: str | None = None) -> None:
    _fact(register, "Assigned", {"no": 1, "owner": owner, "role": role}, digest)


def _fact(register: str, kind: str, data: dict[str, Any], digest: str) -> None:
    ledger.append(
        ledger.fact(
            register,
            kind,
            f"act:{secrets.token_hex(16)}",
            actor=Actor(None, register, None),
            data=data,
            digest=digest,
        )
    )
