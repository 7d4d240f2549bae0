"""The signed entity of a cable, both ways: header fields, text, document and files in one MIME tree.

    multipart/mixed; hp="cipher"                       the protected header fields (RFC 9788)
    ├─ multipart/alternative
    │  ├─ text/plain; charset=utf-8                     R(document)
    │  └─ application/vnd.cableroom.cable+json          document, signature, seed
    └─ files, in the order of the document

The writer gives the same bytes for the same input; the reader accepts that one structure
and no other field, parameter or part. Byte for byte: docs/reference/mime.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from cableroom.cable.address import Post, slug
from cableroom.cable.canonical import read_minute
from cableroom.cable.headers import (
    addresses,
    date,
    disposition,
    folded,
    read_address,
    read_addresses,
    read_disposition,
    read_message_id,
    refuse,
    unstructured,
)
from cableroom.cable.parts import MAX_BYTES, Part, read_part, write_leaf, write_multipart, write_text
from cableroom.cable.precedence import by_name
from cableroom.cable.reference import Mrn

CABLE_TYPE = "application/vnd.cableroom.cable+json"
OUTER_SUBJECT = "[...]"
MIXED = "=_cable-mixed"
ALTERNATIVE = "=_cable-alternative"

_MILITARY = re.compile(r"[0-9A-Za-z'()+,\-./:=? ]{1,69}")
_CODE = re.compile(r"[0-9A-Z'()+,\-./:=? ]{3,8}")
_FILE_TYPE = re.compile(
    r"(?!multipart/|message/)[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"
)
_OURS = ("from", "to", "cc", "date", "message-id", "mime-version", "hp-outer", "content-type")

Json = Any


class Attachment(NamedTuple):
    """A file that travels with a cable."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Entity:
    """A signed entity, taken apart. `header` holds the fields that must equal H(document).

    `text` has LF line ends; `data` are the bytes of the JSON part, not read yet.
    """

    sender: str
    to: tuple[str, ...]
    copies: tuple[str, ...]
    date: str
    message_id: str
    header: Mapping[str, str]
    text: str
    data: bytes
    files: tuple[Attachment, ...]


def address_of(post: Post, org: str | None = None) -> str:
    """The mail address of a post: `port-of-spain@mfa.example`."""
    return f"{slug(post)}@{post.org or org}"


# ---- H(document) -------------------------------------------------------------------------


def header_fields(document: Mapping[str, Json]) -> list[tuple[str, str]]:
    """H(document): the header fields that follow from the heading, values as they are written.

    Each is left out where its claim is null (RFC 6477 §3, RFC 4021, RFC 3282).
    """
    head = document["head"]
    dtg = _date(head["dtg"])
    fields = [
        ("Subject", unstructured(head["subject"])),
        ("Content-Language", head["language"]),
        ("Expires", _date(head["expires"])),
        ("Reply-By", _date(head["reply_by"])),
        ("MMHS-Extended-Authorisation-Info", dtg),
        ("MMHS-Primary-Precedence", _number(head["precedence_action"])),
        ("MMHS-Copy-Precedence", _number(head["precedence_info"])),
        ("MMHS-Message-Type", _message_type(head["exercise"])),
        ("MMHS-Subject-Indicator-Codes", _codes(head["tags"])),
        ("MMHS-Originator-Reference", _reference(head)),
    ]
    return [(name, value) for name, value in fields if value]


def _date(text: str | None) -> str | None:
    return None if text is None else date(read_minute(text))


def _number(precedence: str | None) -> str | None:
    return None if precedence is None else str(int(by_name(precedence)))


def _message_type(exercise: Mapping[str, str] | None) -> str:
    """RFC 6477 §3.10: exercise 0, operation 1, drill 3; the name goes along if that field can carry it."""
    if exercise is None:
        return "1"
    number = {"exercise": "0", "drill": "3"}[exercise["kind"]]
    if _MILITARY.fullmatch(exercise["name"]) is None:
        return number
    return f'{number}; identifier="{exercise["name"]}"'


def _codes(tags: Sequence[str] | None) -> str | None:
    """RFC 6477 §3.3: codes of 3 to 8 characters; other TAGS stand in the document alone."""
    codes = [tag for tag in tags or () if _CODE.fullmatch(tag)]
    return folded(codes, ";") if codes else None


def _reference(head: Mapping[str, Json]) -> str:
    """RFC 6477 §3.7: the originator's reference if that field can carry it, else the MRN."""
    reference: str | None = head["originator_reference"]
    if reference is not None and _MILITARY.fullmatch(reference):
        return reference
    mrn = head["mrn"]
    return Mrn(mrn["org"], mrn["post"], mrn["series"], mrn["serial"], mrn["year"]).print(mrn["org"])


def header_differences(entity: Entity, document: Mapping[str, Json]) -> list[str]:
    """The names of the inner fields that are not exactly H(document): missing, different, or too many."""
    wanted = {name.lower(): _plain(name, value) for name, value in header_fields(document)}
    given = {name.lower(): _plain(name, value) for name, value in entity.header.items()}
    names = sorted(name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name))
    if entity.date != date(read_minute(document["head"]["dtg"])):
        names.append("date")
    return names


def _plain(name: str, value: str) -> str:
    value = value.replace("\r\n", "")
    # The one field of H that may have to be folded: white space round its semicolons says nothing.
    return re.sub(r"[ \t]*;[ \t]*", ";", value) if name.lower() == "mmhs-subject-indicator-codes" else value


# ---- writing -----------------------------------------------------------------------------


def write_entity(
    document: Mapping[str, Json],
    *,
    text: str,
    data: bytes,
    files: Sequence[Attachment],
    sender: str,
    to: Sequence[str],
    copies: Sequence[str],
    message_id: str,
    dtg: datetime,
) -> bytes:
    """The bytes that a release signs. `text` is R(document), `data` the JSON part.

    Raises `MimeError` where something cannot be carried: a file of a composite type
    (message/…, multipart/…), an address with a name.
    """
    for file in files:
        _check_file_type(file.media_type)
    at = date(dtg)
    fields = [
        ("From", read_address(sender)),
        ("To", addresses(map(read_address, to))),
        ("Cc", addresses(map(read_address, copies))),
        ("Date", at),
        ("Message-ID", read_message_id(message_id)),
        *header_fields(document),
        ("MIME-Version", "1.0"),
        ("HP-Outer", f"Subject: {OUTER_SUBJECT}"),
        ("HP-Outer", f"From: {sender}"),
        ("HP-Outer", f"Date: {at}"),
        ("HP-Outer", f"Message-ID: {message_id}"),
        ("Content-Type", f'multipart/mixed; hp="cipher";\r\n boundary="{MIXED}"'),
    ]
    alternative = write_multipart(
        [("Content-Type", f'multipart/alternative; boundary="{ALTERNATIVE}"')],
        ALTERNATIVE,
        [
            write_text([("Content-Type", "text/plain; charset=utf-8")], text),
            write_leaf([("Content-Type", CABLE_TYPE)], data),
        ],
    )
    attached = [
        write_leaf(
            [("Content-Type", file.media_type), ("Content-Disposition", disposition(file.name))], file.content
        )
        for file in files
    ]
    return write_multipart([field for field in fields if field[1]], MIXED, [alternative, *attached])


def _check_file_type(media_type: str) -> None:
    if _FILE_TYPE.fullmatch(media_type) is None:
        refuse(
            "file-type",
            f"A file of type {media_type[:80]} cannot travel with a cable.",
            do="Attach a message as application/octet-stream; a type has no parameters.",
        )


# ---- reading -----------------------------------------------------------------------------


def read_entity(data: bytes, *, max_bytes: int = MAX_BYTES) -> Entity:
    """A signed entity, if it is exactly of the form that `write_entity` gives. Raises `MimeError`."""
    root = read_part(data, max_bytes=max_bytes)
    _expect(root, "multipart/mixed", {"hp": "cipher"}, None)
    sender = read_address(root.fields.need("From"))
    at = root.fields.need("Date")
    message_id = read_message_id(root.fields.need("Message-ID"))
    if root.fields.need("MIME-Version") != "1.0":
        refuse("field-form", "MIME-Version must be 1.0.", where="the header")
    outside = sorted(
        [f"Subject: {OUTER_SUBJECT}", f"From: {sender}", f"Date: {at}", f"Message-ID: {message_id}"]
    )
    if sorted(root.fields.all("HP-Outer")) != outside:
        refuse("hp-outer", "The HP-Outer fields do not say what stands outside.", where="the header")
    alternative, *attached = root.parts
    _expect(alternative, "multipart/alternative", {}, ("content-type",))
    if len(alternative.parts) != 2:
        refuse("structure", "The alternative must have exactly two parts: the text and the document.")
    text, document = alternative.parts
    encoded = ("content-type", "content-transfer-encoding")
    _expect(text, "text/plain", {"charset": "utf-8"}, encoded)
    _expect(document, CABLE_TYPE, {}, encoded)
    _expect_base64(document)
    header = {name: value for name, value in root.fields if name.lower() not in _OURS}
    to, copies = root.fields.one("To"), root.fields.one("Cc")
    return Entity(
        sender=sender,
        to=() if to is None else read_addresses(to),
        copies=() if copies is None else read_addresses(copies),
        date=at,
        message_id=message_id,
        header=header,
        text=_text(text.content),
        data=document.content,
        files=tuple(_file(part) for part in attached),
    )


def _expect(part: Part, kind: str, parameters: Mapping[str, str], fields: tuple[str, ...] | None) -> None:
    """That type, those parameters (besides a multipart's boundary) and, unless None, just those fields."""
    if part.type != kind:
        refuse("structure", f"There is a part of type {part.type} where {kind} must stand.")
    given = {name: value for name, value in part.parameters.items() if name != "boundary" or not part.parts}
    if given != dict(parameters):
        refuse("structure", f"The part {kind} must have " + _says(parameters) + ".")
    if fields is not None and sorted(name.lower() for name, _ in part.fields) != sorted(fields):
        refuse("structure", f"The part {kind} has other fields than {', '.join(sorted(fields))}.")


def _says(parameters: Mapping[str, str]) -> str:
    if not parameters:
        return "no parameters"
    return "the parameter " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())


def _expect_base64(part: Part) -> None:
    if part.fields.need("Content-Transfer-Encoding").lower() != "base64":
        refuse("encoding", f"A part of type {part.type} must be in base64.")


def _text(content: bytes) -> str:
    """The text part with LF line ends: strict utf-8, CRLF throughout."""
    lines = content.count(b"\r\n")
    if content.count(b"\r") != lines or content.count(b"\n") != lines:
        refuse("text", "The text part has a bare CR or LF.")
    try:
        return content.replace(b"\r\n", b"\n").decode("utf-8")
    except UnicodeDecodeError as error:
        refuse("text", f"The text part is not utf-8, at octet {error.start}.")


def _file(part: Part) -> Attachment:
    _check_file_type(part.type)
    _expect(part, part.type, {}, ("content-type", "content-transfer-encoding", "content-disposition"))
    _expect_base64(part)
    return Attachment(read_disposition(part.fields.need("Content-Disposition")), part.type, part.content)
