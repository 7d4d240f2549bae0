"""Writes tests/vectors/card.json: `PYTHONPATH=tests python -m directory.make_card_vectors`. The file is fixed for ever.

The keys are made anew each time, so a second run writes another vector of the same kind.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cableroom.cable.canonical import b64u, decode, encode, stamp, unb64u
from cableroom.directory.cardform import TYP, sign_card
from cableroom.seal import jws, keys, trust

from .foreign import Foreign

FILE = Path(__file__).parent.parent / "vectors" / "card.json"
NOW = datetime(2026, 10, 27, 18, 40, tzinfo=UTC)


def main() -> None:
    un = Foreign("un.example", NOW, posts=("GENEVA", "PORT OF SPAIN"))
    good = un.file()
    vector = {
        "format": "post card, version 1; `now` is when the files are read",
        "now": stamp(NOW),
        "authority_key_pkcs8": b64u(keys.private_bytes(un.key)),
        "authority_certificate": base64.b64encode(un.certificate).decode(),
        "check_words": list(un.words()),
        "payload": un.card().payload(),
        "file": good.decode(),
        "refused": [{"why": why, "file": data.decode()} for why, data in refused(un, good)],
    }
    FILE.write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n", "utf-8")


def refused(un: Foreign, good: bytes) -> list[tuple[str, bytes]]:
    thief = Foreign("un.example", NOW, posts=un.posts)
    theirs = base64.b64encode(thief.certificate).decode()
    other_crl = base64.b64encode(thief.crl).decode()
    vienna = base64.b64encode(un.issue("VIENNA", trust.Use.RELEASE)).decode()

    def signed(change: Callable[[Any], Any], **more: Any) -> bytes:
        payload = un.card().payload()
        change(payload)
        x5c = [base64.b64encode(un.certificate).decode()]
        return jws.sign(
            payload,
            typ=more.get("typ", TYP),
            key=more.get("key", un.key),
            unprotected={"x5c": more.get("x5c", x5c), **more.get("extra", {})},
        )

    def bent(change: Callable[[Any], Any]) -> bytes:
        outer = decode(good, max_bytes=10**6)
        payload = decode(unb64u(outer["payload"]), max_bytes=10**6)
        change(payload)
        return encode({**outer, "payload": b64u(encode(payload))})

    def same(payload: Any) -> None:
        pass

    return [
        ("payload altered, old signature", bent(lambda p: p.update(serial=2))),
        ("a line end behind it", good + b"\n"),
        ("not RFC 8785: a blank", good.replace(b'":"', b'": "', 1)),
        ("a member named twice", good.replace(b'{"header"', b'{"protected":"","header"', 1)),
        ("signed by another key than that of x5c", signed(same, key=thief.key)),
        ("x5c of another authority, which signed it", signed(same, key=thief.key, x5c=[theirs])),
        (
            "another authority with its own list, certificates of the first",
            signed(lambda p: p.update(crl=other_crl), key=thief.key, x5c=[theirs]),
        ),
        ("two certificates in x5c", signed(same, x5c=[theirs, theirs])),
        ("a jku beside x5c", signed(same, extra={"jku": "https://un.example/key"})),
        ("typ of a sheet", signed(same, typ="cableroom-sheet+jwt")),
        ("another organisation than the authority's", signed(lambda p: p.update(org="mfa.example"))),
        ("a revocation list of another authority", signed(lambda p: p.update(crl=other_crl))),
        ("a certificate of another post", signed(lambda p: p["posts"][0].update(certificates=[vienna]))),
        ("no post", signed(lambda p: p.update(posts=None))),
        ("a post twice", signed(lambda p: p["posts"].append(p["posts"][0]))),
        ("a ceiling that is no level", signed(lambda p: p["posts"][0].update(ceiling="COSMIC"))),
        ("an origin that is not the log key's", signed(lambda p: p["posts"][0].update(origin="x/y/00"))),
        ("levels that fall", signed(lambda p: p["policies"][0]["levels"].reverse())),
        ("expired", sign_card(un.card(issued=NOW - timedelta(days=9), expires=NOW), un.key)),
        ("not issued yet", sign_card(un.card(issued=NOW + timedelta(minutes=11)), un.key)),
        ("version 2", signed(lambda p: p.update(v=2))),
        ("version true", signed(lambda p: p.update(v=True))),
    ]


if __name__ == "__main__":
    main()
