"""Makes tests/vectors/{edition,entity,leg}.json: run it only before version 1 is released.

Everything but the envelope is deterministic (keys from small numbers, RFC 6979), so a test
makes it again and compares. `python tests/seal/vector_maker.py` writes the files.
"""

from __future__ import annotations

import hashlib
import json
import sys
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from edition_material import Workshop, addressee, disclosure, instruction, paragraph

from cableroom.cable import mime
from cableroom.cable.address import Post
from cableroom.cable.canonical import b64u, encode
from cableroom.cable.document import Cable
from cableroom.cable.mime import Attachment
from cableroom.cable.text import print_cable
from cableroom.seal import cables, jws, keys, legs, service, sheets, signing, trust
from cableroom.seal.disclosure import derive, edition
from cableroom.seal.envelope import Recipients
from cableroom.seal.sheets import Sheet
from cableroom.seal.trust import Authority, Use
from cableroom.seal.verifying import verify_edition

VECTORS = Path(__file__).parent.parent / "vectors"
ORG = "relief.example"
SENDER, RECEIVER = Post(ORG, "HEADQUARTERS"), Post(ORG, "PORT SORELL")
AT = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
SEED = hashlib.sha256(b"cableroom vectors, seed").digest()
MESSAGE_ID = "<aaaaaaaabbbbbbbbccccccccdd@relief.example>"
POLICY_OID = "2.25.329800735698586629295641978511506172918"
FILE = Attachment("liste d’embarquement.txt", "text/plain", b"grain 40 t\r\nflour 12 t\r\n")


def key_of(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


AUTHORITY_KEY, RELEASE_KEY, SYSTEM_KEY, OPENING_KEY = map(key_of, (1001, 1002, 1003, 1004))
AUTHORITY = trust.make_authority(ORG, AUTHORITY_KEY, now=AT, serial=1)
CRL = trust.make_crl(AUTHORITY_KEY, AUTHORITY, [], now=AT)


def issued(key: ec.EllipticCurvePrivateKey, use: Use, post: Post, serial: int) -> bytes:
    return trust.issue(
        AUTHORITY_KEY, AUTHORITY, post=post, use=use, public_key=key.public_key(), now=AT, serial=serial
    )


RELEASE = issued(RELEASE_KEY, Use.RELEASE, SENDER, 2)
SYSTEM = issued(SYSTEM_KEY, Use.SYSTEM, SENDER, 3)
OPENING = issued(OPENING_KEY, Use.OPENING, RECEIVER, 4)
TRUST = [Authority(ORG, AUTHORITY, CRL)]


def document() -> dict[str, Any]:
    head = {
        "captions": None,
        "categories": None,
        "classification": "RESTRICTED",
        "cleared_by": [{"name": None, "role": "LOGISTICS"}],
        "concerns": None,
        "concerns_mrn": None,
        "declassify_on": "2030-03-01",
        "drafted_by": None,
        "dtg": "2027-03-01T08:00:00Z",
        "exercise": {"kind": "exercise", "name": "LONG ROAD"},
        "expires": "2027-04-01T00:00:00Z",
        "from": {"org": ORG, "post": "HEADQUARTERS"},
        "handling": None,
        "info": [addressee("LIAISON")],
        "kind": "cable",
        "language": "en",
        "mrn": {"org": ORG, "post": "HEADQUARTERS", "serial": 12, "series": "N", "year": 2027},
        "on_behalf_of": None,
        "originator_reference": None,
        "policy": {"id": "relief.example/labels", "version": 1},
        "precedence_action": "IMMEDIATE",
        "precedence_info": "ROUTINE",
        "released_by": {"name": "R. Example", "role": "DIRECTOR"},
        "reply_by": None,
        "report_by": "2027-03-02T12:00:00Z",
        "signed_as": "DIRECTOR",
        "subject": "Le convoi arrive à l’aube",
        "tags": ["FOOD", "CU", "ROADS"],
        "to": [addressee("PORT SORELL")],
        "xmt": None,
    }
    words = instruction(2, 1, "deliver", "", target="the district governor", authority="the director")
    words["meta"]["fields"]["manner"] = "verbatim"
    words["meta"]["texts"] = [
        {"authoritative": True, "language": "fr"},
        {"authoritative": None, "language": "en"},
    ]
    words["segments"] = [
        {"q": 0, "t": "Un convoi vient à l’aube. "},
        {"q": 0, "t": "Ouvrez le pont."},
        {"q": 1, "t": "A convoy comes at dawn. Open the bridge."},
    ]
    return {
        "files": [
            {
                "bytes": len(FILE.content),
                "mark": "R",
                "media_type": FILE.media_type,
                "n": 1,
                "name": FILE.name,
                "sha256": hashlib.sha256(FILE.content).hexdigest(),
            }
        ],
        "head": head,
        "paras": [
            paragraph(1, "The road is open. ", "OSPREY holds the bridge.", mark="R"),
            {**words, "mark": "R"},
            {**instruction(3, 2, "inform", "of the hour.", target="OSPREY"), "mark": "R"},
            {**instruction(4, 3, "report", "whether the bridge was opened."), "mark": None},
        ],
        "refs": [
            {"cited": "27 PORT SORELL 3", "digest": "ab" * 32, "kind": "mrn", "letter": "A"},
            {"cited": "Map 7", "digest": None, "kind": "free", "letter": "B"},
        ],
    }


def b64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def keys_json(**named: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    return {f"{name}_key_pkcs8": b64(keys.private_bytes(key)) for name, key in named.items()}


EDITIONS: list[dict[str, list[str]]] = [
    {"withhold": [], "reveal": []},
    {"withhold": ["paras/2"], "reveal": []},
    {"withhold": ["paras/1/segments/2", "paras/3/names", "head/subject", "refs/A"], "reveal": []},
    {"withhold": ["paras/3", "files/1", "head/dtg"], "reveal": ["paras/4/n"]},
]


def _remove_pad(shop: Workshop) -> None:
    pads = [
        place
        for place, (_, name, value) in enumerate(shop.opened())
        if name[0] == "p" and name[1:].isdigit() and value is None
    ]
    shop.disclosures.pop(pads[0])


def _forge_unsigned(shop: Workshop) -> None:
    shop.disclosures.append(disclosure(bytes(32), "subject", "Surrender"))


def _twice(shop: Workshop) -> None:
    shop.disclosures.insert(1, shop.disclosures[0])


def _digest_twice(shop: Workshop) -> None:
    shop.payload["refs"]["_sd"][1] = shop.payload["refs"]["_sd"][0]


REFUSED: list[tuple[str, str, Any]] = [
    ("a disclosure that nobody signed", "disclosure-unsigned", _forge_unsigned),
    ("a disclosure twice", "disclosure-twice", _twice),
    ("a digest twice in a list", "digest-twice", _digest_twice),
    ("digests not ascending", "digests-order", lambda shop: shop.payload["head"]["_sd"].reverse()),
    ("a claim named _sd", "claim-reserved", lambda shop: shop.change("subject", "x", new_name="_sd")),
    ("a claim of no level", "claim-name", lambda shop: shop.change("subject", "x", new_name="topic")),
    ("v 2", "version", lambda shop: shop.payload.update(v=2)),
    ("another typ", "type", lambda shop: shop.header.update(typ="cableroom-card+jwt")),
    ("one pad of a region closed, the others open", "region-partly-open", _remove_pad),
    ("a value of another shape", "value", lambda shop: shop.change("classification", "secret")),
    (
        "a statement, which version 1 cannot check",
        "edition-unsupported",
        lambda shop: shop.outer.update(statement={}),
    ),
]


def edition_vector() -> dict[str, Any]:
    doc = document()
    derived = derive(doc, SEED, hashlib.sha256(RELEASE).digest())
    signature = jws.sign_input(RELEASE_KEY, derived.signing_input)
    made = []
    for places in EDITIONS:
        file = edition(derived, signature, **places, certificates=[RELEASE])
        verdict = verify_edition(file, trust=TRUST)
        made.append({**places, "file": file.decode(), "lines": list(verdict.lines), "text": verdict.text})
    refused = []
    for what, code, change in REFUSED:
        shop = Workshop.of(edition(derived, signature, certificates=[RELEASE]))
        shop.key = RELEASE_KEY
        change(shop)
        refused.append({"what": what, "code": code, "file": shop.file().decode()})
    return {
        "format": "cableroom disclosable form and editions, version 1",
        "document": doc,
        "seed": b64u(SEED),
        **keys_json(release=RELEASE_KEY),
        "certificate": b64(RELEASE),
        "authority": b64(AUTHORITY),
        "crl": b64(CRL),
        "protected": derived.protected,
        "payload": derived.payload,
        "digest": derived.digest,
        "jti": derived.jti,
        "signature": b64u(signature),
        "places": {
            "refs": list(derived.refs.at),
            "files": list(derived.files.at),
            "paras": list(derived.body.at),
            "segments": [list(places.at) for places in derived.segments],
        },
        "disclosures": [[each.path, each.encoded, each.digest] for each in derived.disclosures],
        "editions": made,
        "refused": refused,
    }


def entity_vector() -> dict[str, Any]:
    cable = Cable.from_json(document())
    made = signed_cable()
    entity = signing.verify(made.signed_data).content
    found = mime.read_entity(entity)
    return {
        "format": "cableroom signed entity, version 1",
        "message_id": MESSAGE_ID,
        "addresses": {"to": list(found.to), "cc": list(found.copies)},
        "text": print_cable(cable),
        "files": [[file.name, file.media_type, b64(file.content)] for file in found.files],
        "part": json.loads(found.data),
        "header": [list(field) for field in mime.header_fields(cable.to_json())],
        "entity": entity.decode("ascii"),
        "policy_oid": POLICY_OID,
        "level": 2,
        "signing_time": "2027-03-01T08:00:00Z",
        "signed_data": b64(made.signed_data),
        "digest": made.digest,
        "certificate": b64(RELEASE),
        "authority": b64(AUTHORITY),
    }


def signed_cable() -> cables.SignedCable:
    return cables.sign_cable(
        Cable.from_json(document()),
        files=[FILE],
        seed=SEED,
        key=RELEASE_KEY,
        certificate=RELEASE,
        addresses={},
        message_id=MESSAGE_ID,
        ess=(POLICY_OID, 2),
        now=AT,
    )


def leg_vector() -> dict[str, Any]:
    made = signed_cable()
    note = f"{SENDER}\n7\n{b64(bytes(32))}\n\n— {SENDER} {b64(bytes(68))}\n"
    sheet = Sheet(SENDER, RECEIVER, 3, "cable", made.digest, note, None, AT.replace(microsecond=250_000))
    message = service.ServiceMessage(
        kind=service.RECEIPT,
        sender=SENDER,
        receiver=RECEIVER,
        time=AT,
        id=b64u(bytes(range(16))),
        about=made.digest,
        data=service.receipt_data(entry=4, received=AT, receipt=b"not a real receipt", backed_up=3),
    )
    written = sheets.write_sheet(sheet, key=SYSTEM_KEY, certificate=SYSTEM)
    content = legs.cable_content(
        made.signed_data, sender=SENDER, digest=made.digest, message_id=MESSAGE_ID, dtg=AT
    )
    spoken = legs.service_content(message, key=SYSTEM_KEY, certificate=SYSTEM, message_id=MESSAGE_ID)
    sealed = legs.seal(content, written, to=Recipients.of([OPENING]), address="port-sorell@relief.example")
    return {
        "format": "cableroom leg, sheet and service message, version 1",
        **keys_json(system=SYSTEM_KEY, opening=OPENING_KEY),
        "system_certificate": b64(SYSTEM),
        "opening_certificate": b64(OPENING),
        "authority": b64(AUTHORITY),
        "signed_data": b64(made.signed_data),
        "sheet": written.decode(),
        "service_body": service.to_bytes(message).decode(),
        "service_signed_data": b64(spoken.signed_data),
        "leg": sealed.decode("ascii"),
    }


MAKERS = {"edition": edition_vector, "entity": entity_vector, "leg": leg_vector}


def main() -> None:
    for name, make in MAKERS.items():
        text = json.dumps(make(), ensure_ascii=False, indent=1)
        (VECTORS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        assert encode(make()["format"])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
