"""The outer form of a leg: one envelope for one post, around a SignedData and its sheet.

    From, To, Date, Message-ID, Subject: [...]
    application/pkcs7-mime; smime-type=authEnveloped-data
    └─ multipart/mixed
       ├─ application/pkcs7-mime; smime-type=signed-data      a cable or a service message
       └─ application/vnd.cableroom.sheet+json                its sheet

Nothing outside the envelope tells the number, the subject or the label, and nothing out there
is believed: `open_leg` reads only what it needs to find the envelope. docs/reference/leg.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from cableroom.cable.address import Post
from cableroom.cable.headers import date, read_address, read_message_id, refuse
from cableroom.cable.mime import OUTER_SUBJECT, address_of
from cableroom.cable.parts import MAX_BYTES, Part, read_part, write_leaf, write_multipart
from cableroom.seal import envelope, service, signing
from cableroom.seal.envelope import Recipients
from cableroom.seal.service import SERVICE_TYPE, ServiceMessage
from cableroom.seal.sheets import SHEET_TYPE, unverified_sheet

CMS_TYPE = "application/pkcs7-mime"
ENVELOPE = "authEnveloped-data"
SIGNED = "signed-data"
BOUNDARY = "=_cable-leg"


@dataclass(frozen=True, slots=True)
class Content:
    """What a leg carries, and what its outer header says of it.

    `kind` is cable or service; `digest` what the sheet names: the cable's identity, or the
    SHA-256 of a service message's SignedData. `time` is the outer Date: a cable's DTG.
    """

    kind: str
    sender: Post
    digest: str
    message_id: str
    time: datetime
    signed_data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedLeg:
    """What was in an envelope. Nothing here is verified: anybody can seal to a post.

    `content` is a SignedData (DER), `sheet` the JWS that came with it; `certificate` is ours
    whose key opened it.
    """

    content: bytes = field(repr=False)
    sheet: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    algorithms: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Cable or service, as the sheet claims. Raises `DocumentError` if it cannot be read."""
        return unverified_sheet(self.sheet)[0].kind


def cable_content(
    signed_data: bytes, *, sender: Post, digest: str, message_id: str, dtg: datetime
) -> Content:
    """A released cable as the content of a leg; `message_id` and `dtg` are those inside the seal."""
    return Content("cable", sender, digest, message_id, dtg, signed_data)


def service_content(
    message: ServiceMessage, *, key: ec.EllipticCurvePrivateKey, certificate: bytes, message_id: str
) -> Content:
    """A service message, signed by the system key of its sender, as the content of a leg."""
    entity = write_leaf([("Content-Type", SERVICE_TYPE)], service.to_bytes(message))
    signed_data = signing.sign(entity, key=key, certificate=certificate, signing_time=message.time)
    digest = hashlib.sha256(signed_data).hexdigest()
    return Content("service", message.sender, digest, message_id, message.time, signed_data)


def read_service(entity: bytes) -> bytes:
    """The body of a service message out of its signed entity, for `service.from_bytes`. Raises `MimeError`."""
    part = read_part(entity, max_bytes=2 * service.MAX_BYTES)
    _expect_leaf(part, SERVICE_TYPE, {})
    return part.content


def seal(content: Content, sheet: bytes, *, to: Recipients, address: str) -> bytes:
    """The whole message for one post: `to` its opening certificate, `address` its mail address.

    Every call draws new keys: a leg is sealed once, and every retry sends the same bytes.
    """
    inner = write_multipart(
        [("Content-Type", f'multipart/mixed; boundary="{BOUNDARY}"')],
        BOUNDARY,
        [
            write_leaf([("Content-Type", f"{CMS_TYPE}; smime-type={SIGNED}")], content.signed_data),
            write_leaf([("Content-Type", SHEET_TYPE)], sheet),
        ],
    )
    fields = [
        ("From", read_address(address_of(content.sender))),
        ("To", read_address(address)),
        ("Date", date(content.time)),
        ("Message-ID", read_message_id(content.message_id)),
        ("Subject", OUTER_SUBJECT),
        ("MIME-Version", "1.0"),
        ("Content-Type", f"{CMS_TYPE}; smime-type={ENVELOPE}; name=smime.p7m"),
        ("Content-Disposition", "attachment; filename=smime.p7m"),
    ]
    return write_leaf(fields, envelope.seal(inner, to)) + b"\r\n"


def open_leg(
    message: bytes,
    *,
    keys: Sequence[tuple[bytes, ec.EllipticCurvePrivateKey]],
    max_bytes: int = MAX_BYTES,
) -> OpenedLeg:
    """Open a message with one of our (certificate, key) pairs.

    The envelope must be the whole message and the signed part the first of exactly two in it;
    else nothing is decrypted, or nothing of what was is given out. Raises `MimeError`, `CmsError`
    or `SealError`.
    """
    root = read_part(message, under_way=True, max_bytes=max_bytes)
    if root.fields.need("MIME-Version") != "1.0":
        refuse("field-form", "MIME-Version must be 1.0.", where="the header")
    _expect_envelope(root)
    opened = envelope.open_envelope(root.content, keys)
    inner = read_part(opened.content, max_bytes=max_bytes)
    if inner.type != "multipart/mixed" or set(inner.parameters) != {"boundary"} or len(inner.parts) != 2:
        refuse("leg-form", "The envelope must hold two parts: the signed one, then its sheet.")
    if [name.lower() for name, _ in inner.fields] != ["content-type"]:
        refuse("leg-form", "What is in the envelope has header fields besides its type: they are not signed.")
    signed, sheet = inner.parts
    _expect_leaf(signed, CMS_TYPE, {"smime-type": SIGNED})
    _expect_leaf(sheet, SHEET_TYPE, {})
    return OpenedLeg(signed.content, sheet.content, opened.certificate, opened.algorithms)


def _expect_envelope(part: Part) -> None:
    """The root: an envelope and nothing else; a `name` may go along (RFC 8551 §3.2.1)."""
    given = {key: value for key, value in part.parameters.items() if key != "name"}
    if part.type != CMS_TYPE or given != {"smime-type": ENVELOPE}:
        refuse("leg-form", f"There is {part.type} where {CMS_TYPE} with smime-type={ENVELOPE} must stand.")
    _expect_base64(part)


def _expect_leaf(part: Part, kind: str, parameters: dict[str, str]) -> None:
    if part.type != kind or dict(part.parameters) != parameters:
        refuse("leg-form", f"There is {part.type} where {kind} must stand.")
    if sorted(name.lower() for name, _ in part.fields) != ["content-transfer-encoding", "content-type"]:
        refuse("leg-form", f"The part {kind} has header fields besides type and encoding.")
    _expect_base64(part)


def _expect_base64(part: Part) -> None:
    if part.fields.need("Content-Transfer-Encoding").lower() != "base64":
        refuse("encoding", f"A part of type {part.type} must be in base64.")
