"""A cable of CAPITAL to HAVANA, its files, and ways to sign what no honest release signs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from edition_material import HEAD, addressee, instruction, paragraph
from seal_material import HAVANA, NOW, ORG, make_house

from cableroom.cable import mime
from cableroom.cable.address import Post
from cableroom.cable.canonical import b64u, encode, read_minute
from cableroom.cable.document import Cable
from cableroom.cable.mime import Attachment
from cableroom.cable.text import print_cable
from cableroom.seal import jws, signing
from cableroom.seal.cables import CableVerdict, Policy, SignedCable, read_cable, sign_cable
from cableroom.seal.disclosure import derive
from cableroom.seal.signing import EssLabel, ReceiptRequest
from cableroom.seal.trust import Use

KINGSTON = Post(ORG, "KINGSTON")
OID = "2.25.1234567890"
LEVELS = {"UNCLASSIFIED": 1, "RESTRICTED": 2, "CONFIDENTIAL": 3, "SECRET": 4}
POLICIES = {("mfa.example/labels", 1): Policy(OID, LEVELS, {"S": "SECRET"})}
MESSAGE_ID = "<abcdefghijklmnopqrstuvwxyz@mfa.example>"
LABEL = EssLabel(OID, 4)
SEED = bytes(range(32))
FILES = [
    Attachment("letter (copy).pdf", "application/pdf", bytes(range(256)) * 10),
    Attachment("Ñandú.txt", "text/plain", b"x\n"),
]

HOUSE = make_house()
KEY, CERTIFICATE = HOUSE.give(Use.RELEASE)


def document(**head: Any) -> dict[str, Any]:
    listed = [
        {
            "bytes": len(file.content),
            "mark": None,
            "media_type": file.media_type,
            "n": n,
            "name": file.name,
            "sha256": hashlib.sha256(file.content).hexdigest(),
        }
        for n, file in enumerate(FILES, start=1)
    ]
    return {
        "files": listed,
        "head": {**deepcopy(HEAD), "to": [addressee("HAVANA")], "tags": ["PREL", "CU"], **head},
        "paras": [
            paragraph(1, "The ship sails on Monday. ", "It does not carry arms."),
            instruction(2, 1, "inform", "of this.", target="PAVLOV"),
        ],
        "refs": None,
    }


def cable(**head: Any) -> Cable:
    return Cable.from_json(document(**head))


def signed(content: Cable | None = None, **changes: Any) -> SignedCable:
    """An honest release."""
    values: dict[str, Any] = {
        "files": FILES,
        "seed": SEED,
        "key": KEY,
        "certificate": CERTIFICATE,
        "addresses": {},
        "message_id": MESSAGE_ID,
        "ess": (OID, 4),
        "now": NOW,
        **changes,
    }
    return sign_cable(content or cable(), **values)


def read(signed_data: bytes, **changes: Any) -> CableVerdict:
    """HAVANA reads."""
    values: dict[str, Any] = {
        "authorities": [HOUSE.authority],
        "policies": POLICIES,
        "at": NOW,
        "own_post": HAVANA,
        **changes,
    }
    return read_cable(signed_data, **values)


def forge(
    doc: Mapping[str, Any] | None = None,
    *,
    key: Any = KEY,
    certificate: bytes = CERTIFICATE,
    jws_key: Any = None,
    jws_certificate: bytes | None = None,
    text: str | None = None,
    files: list[Attachment] | None = None,
    label: EssLabel | None = LABEL,
    part: Callable[[dict[str, Any]], Any] | None = None,
    data: bytes | None = None,
    entity: Callable[[bytes], bytes] | None = None,
    header: Mapping[str, Any] | None = None,
    sender: str = "capital@mfa.example",
    derive_from: Mapping[str, Any] | None = None,
) -> bytes:
    """A SignedData that says whatever a holder of a release key wants it to say."""
    doc = document() if doc is None else doc
    derived = derive(derive_from or doc, SEED, hashlib.sha256(jws_certificate or certificate).digest())
    signature = jws.sign_input(jws_key or key, derived.signing_input)
    value: Any = {"document": doc, "jws": b64u(signature), "seed": b64u(SEED), "v": 1}
    if part is not None:
        value = part(value)
    made = mime.write_entity(
        header or doc,
        text=print_cable(Cable.from_json(doc)) if text is None else text,
        data=encode(value) if data is None else data,
        files=FILES if files is None else files,
        sender=sender,
        to=["havana@mfa.example"],
        copies=[],
        message_id=MESSAGE_ID,
        dtg=read_minute((header or doc)["head"]["dtg"]),
    )
    return signing.sign(
        made if entity is None else entity(made),
        key=key,
        certificate=certificate,
        signing_time=NOW,
        label=label,
        receipt_request=ReceiptRequest(b"x", ("capital@mfa.example",)),
    )
