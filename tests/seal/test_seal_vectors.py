"""Our own vectors: made again byte for byte, and read as a stranger would."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import vector_maker

from cableroom.cable import mime
from cableroom.cable.address import Post
from cableroom.cable.canonical import unb64u
from cableroom.seal import jws, keys, legs, service, sheets, signing
from cableroom.seal.cables import read_cable
from cableroom.seal.disclosure import derive
from cableroom.seal.trust import Authority
from cableroom.seal.verifying import verify_edition

VECTORS = Path(__file__).parent.parent / "vectors"


def load(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return value


@pytest.mark.parametrize("name", ["edition", "entity", "leg"])
def test_made_again_byte_for_byte(name: str) -> None:
    stored, made = load(name), vector_maker.MAKERS[name]()
    stored.pop("leg", None)  # an envelope draws fresh keys
    made.pop("leg", None)
    assert made == stored


def test_the_derivation_from_document_seed_and_certificate_alone() -> None:
    import hashlib

    vector = load("edition")
    derived = derive(
        vector["document"], unb64u(vector["seed"]), hashlib.sha256(b64decode(vector["certificate"])).digest()
    )
    assert (derived.protected, derived.payload, derived.digest) == (
        vector["protected"],
        vector["payload"],
        vector["digest"],
    )
    assert [[each.path, each.encoded, each.digest] for each in derived.disclosures] == vector["disclosures"]
    jws.verify_input(b64decode(vector["certificate"]), derived.signing_input, unb64u(vector["signature"]))


def trusted(vector: dict[str, Any]) -> list[Authority]:
    return [Authority("relief.example", b64decode(vector["authority"]), b64decode(vector["crl"]))]


def test_editions_and_their_verdicts() -> None:
    vector = load("edition")
    for each in vector["editions"]:
        verdict = verify_edition(each["file"].encode(), trust=trusted(vector))
        assert verdict.ok and list(verdict.lines) == each["lines"] and verdict.text == each["text"]


def test_refused_editions() -> None:
    vector = load("edition")
    for each in vector["refused"]:
        verdict = verify_edition(each["file"].encode(), trust=trusted(vector))
        assert not verdict.ok and verdict.problems[0].code == each["code"], each["what"]


def test_the_entity_and_its_signature() -> None:
    vector = load("entity")
    entity = mime.read_entity(vector["entity"].encode())
    assert entity.text == vector["text"]
    assert [[file.name, file.media_type] for file in entity.files] == [each[:2] for each in vector["files"]]
    assert signing.verify(b64decode(vector["signed_data"])).content == vector["entity"].encode()
    verdict = read_cable(
        b64decode(vector["signed_data"]),
        authorities=[Authority("relief.example", b64decode(vector["authority"]))],
        policies={("relief.example/labels", 1): (vector["policy_oid"], {"RESTRICTED": vector["level"]}, {})},
        at=datetime(2027, 3, 1, 9, tzinfo=UTC),
        own_post=Post("relief.example", "PORT SORELL"),
    )
    assert (verdict.fate, verdict.digest) == ("accepted", vector["digest"])


def test_the_leg_its_sheet_and_a_service_message() -> None:
    vector = load("leg")
    opening = [
        (b64decode(vector["opening_certificate"]), keys.private_key(b64decode(vector["opening_key_pkcs8"])))
    ]
    opened = legs.open_leg(vector["leg"].encode(), keys=opening)
    assert opened.content == b64decode(vector["signed_data"])
    assert opened.sheet == vector["sheet"].encode()
    sheet, _ = sheets.read_sheet(opened.sheet, certificates=[b64decode(vector["system_certificate"])])
    assert (sheet.channel, sheet.kind, str(sheet.receiver)) == (3, "cable", "relief.example/PORT SORELL")
    signed = signing.verify(b64decode(vector["service_signed_data"]))
    assert legs.read_service(signed.content) == vector["service_body"].encode()
    assert service.from_bytes(vector["service_body"].encode()).kind == "RECEIPT"
