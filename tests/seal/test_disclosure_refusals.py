"""What an edition may not be: each refusal by its code, attacks shown to work against a weaker check.

The signer's own forgeries are signed anew (`resign`), so that nothing but the rule itself
can refuse them; a thief's keep the old signature.
"""

from __future__ import annotations

import json
import time
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from edition_material import (
    CERTIFICATE,
    DOCUMENT,
    HEAD,
    HOUSE,
    KEY,
    Workshop,
    addressee,
    copy,
    cut,
    derived,
    digest,
    disclosure,
    instruction,
    paragraph,
    parsed,
    x5c,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from seal_material import CAPITAL, HAVANA, NOW, ORG, make_house

from cableroom.cable.canonical import b64u, encode, unb64u
from cableroom.seal import jws, keys, trust
from cableroom.seal.certificates import public_key
from cableroom.seal.disclosure import derive, edition
from cableroom.seal.editions import MAX_BYTES, MAX_DISCLOSURES
from cableroom.seal.trust import Authority, Use
from cableroom.seal.verifying import verify_edition

TRUST = [HOUSE.authority]
SALT = bytes(32)
Change = Callable[[Workshop], Any]


def refusal(file: bytes, **kwargs: Any) -> str:
    verdict = verify_edition(file, **{"trust": TRUST, **kwargs})
    assert not verdict.ok and verdict.shown is None and verdict.text is None and verdict.cable is None
    assert not verdict.proved and not verdict.unproved and not verdict.complete
    assert verdict.lines == tuple(f"Refused: {problem}" for problem in verdict.problems) != ()
    return verdict.problems[0].code


def stock(file: str) -> bool:
    """Does the reference library of RFC 9901 accept it?"""
    from jwcrypto.jwk import JWK
    from sd_jwt.verifier import SDJWTVerifier

    try:
        SDJWTVerifier(file, lambda *_: JWK.from_pyca(public_key(CERTIFICATE))).get_verified_payload()
    except Exception:  # noqa: BLE001  what it raises is its own business
        return False
    return True


def workshop(*withhold: str, document: dict[str, Any] = DOCUMENT) -> Workshop:
    return Workshop.of(cut(*withhold, document=document))


def test_the_workshop_itself_makes_good_editions() -> None:
    assert verify_edition(workshop("paras/3").file(), trust=TRUST).ok
    assert stock(workshop("paras/3").compact())


# ---- the table -----------------------------------------------------------------------------


def drop(name: str, count: int = 0) -> Change:
    return lambda shop: shop.disclosures.pop(shop.index(name, count))


def pad_name(shop: Workshop, letter: str = "p") -> str:
    return next(
        name for _, name, value in shop.opened() if name[0] == letter and name[1:].isdigit() and value is None
    )


def close_one_pad(shop: Workshop) -> None:
    places = derived().body
    region = next(slot for slot in range(places.size) if slot not in places.at and slot + 1 not in places.at)
    shop.disclosures.pop(shop.index(f"p{region:04d}"))


def turn_round(member: str) -> Change:
    return lambda shop: shop.payload[member]["_sd"].reverse()


def add(*encoded: str) -> Change:
    return lambda shop: shop.disclosures.extend(encoded)


def twice_in_payload(shop: Workshop) -> None:
    listed = shop.payload["refs"]["_sd"]
    listed[1] = listed[0]


def same_digest_in_two_levels(shop: Workshop) -> None:
    shop.payload["files"]["_sd"][0] = shop.payload["refs"]["_sd"][0]
    shop.payload["files"]["_sd"].sort()


def same_digest_below(shop: Workshop) -> None:
    """A slot of the body names, among its own, a digest that stands in the payload."""
    name = next(name for _, name, value in shop.opened() if name[0] == "p" and name[1:].isdigit() and value)
    index = shop.index(name)
    salt, _, value = shop.opened()[index]
    value["_sd"][0] = shop.payload["refs"]["_sd"][0]
    shop.replace(index, b64u(encode([salt, name, {"_sd": sorted(value["_sd"])}])))


def reuse_salt(shop: Workshop) -> None:
    salt = shop.opened()[0][0]
    shop.replace(1, b64u(encode([salt, *shop.opened()[1][1:]])))


def short_salt(length: int) -> Change:
    return lambda shop: shop.replace(0, disclosure(b"x" * length, *shop.opened()[0][1:]))


def raw(text: bytes) -> Change:
    return lambda shop: shop.replace(0, b64u(text))


def swap_disclosures(shop: Workshop) -> None:
    shop.disclosures[0], shop.disclosures[1] = shop.disclosures[1], shop.disclosures[0]


def claim_in_slot(shop: Workshop) -> None:
    """Another claim's name in a pad of the paragraphs."""
    shop.change(pad_name(shop), None, new_name="subject")


def slot_twice(shop: Workshop) -> None:
    first, second = [
        name for _, name, value in shop.opened() if name[0] == "p" and name[1:].isdigit() and value is None
    ][:2]
    shop.change(first, None, new_name=second)


def half_the_slots(shop: Workshop) -> None:
    shop.payload["refs"]["_sd"] = shop.payload["refs"]["_sd"][:4]


def odd_slots(shop: Workshop) -> None:
    shop.payload["refs"]["_sd"] = shop.payload["refs"]["_sd"][:7]


def too_many_slots(shop: Workshop) -> None:
    extra = [digest(f"x{n}") for n in range(128 - 8)]
    shop.payload["refs"]["_sd"] = sorted(shop.payload["refs"]["_sd"] + extra)


def more_items_than_half(shop: Workshop) -> None:
    """Every pad of the refs turned into an item."""
    for name in [f"r{slot:04d}" for slot in range(8)]:
        index = shop.index(name)
        salt, _, value = shop.opened()[index]
        if value is None:
            letter, ref = (
                disclosure(bytes([index, 1] * 16), "letter", "A"),
                disclosure(bytes([index, 2] * 16), "ref", {"cited": "x", "digest": None, "kind": "free"}),
            )
            shop.replace(index, b64u(encode([salt, name, {"_sd": sorted([digest(letter), digest(ref)])}])))
            shop.disclosures[index + 1 : index + 1] = [letter, ref]


def value(name: str, new: Any, count: int = 0) -> Change:
    return lambda shop: shop.change(name, new, count)


def outer(**members: Any) -> Change:
    return lambda shop: shop.outer.update(members)


def header(**members: Any) -> Change:
    return lambda shop: shop.header.update(members)


def payload(**members: Any) -> Change:
    return lambda shop: shop.payload.update(members)


def unprotected(**members: Any) -> Change:
    return lambda shop: shop.unprotected.update(members)


REFUSALS: list[tuple[str, str, Change]] = [
    # what the protected header may be (A72, A76, A78)
    ("alg none", "algorithm", header(alg="none")),
    ("alg HS256", "algorithm", header(alg="HS256")),
    ("alg ES384", "algorithm", header(alg="ES384")),
    ("a76 typ of a sheet", "type", header(typ="cableroom-sheet+jwt")),
    ("a76 typ of a card", "type", header(typ="cableroom-card+jwt")),
    ("a76 typ JWT", "type", header(typ="JWT")),
    ("a76 typ with application/", "type", header(typ="application/cable+sd-jwt")),
    ("a78 kid", "header", header(kid="https://x.example/key")),
    ("a78 jwk", "header", header(jwk={"kty": "EC"})),
    ("a78 x5u", "header", header(x5u="https://x.example/cert")),
    ("a78 x5c signed", "header", header(x5c=x5c(CERTIFICATE))),
    ("crit", "header", header(crit=["x"], x=1)),
    ("no thumbprint", "header", lambda shop: shop.header.pop("x5t#S256")),
    ("thumbprint in hex", "header", header(**{"x5t#S256": "00" * 32})),
    ("thumbprint a number", "header", header(**{"x5t#S256": 1})),
    # what the payload may be
    ("v 2", "version", payload(v=2)),
    ("v true", "version", payload(v=True)),
    ("v a string", "version", payload(v="1")),
    ("no v", "version", lambda shop: shop.payload.pop("v")),
    ("_sd_alg sha-512", "hash", payload(_sd_alg="sha-512")),
    ("no _sd_alg", "hash", lambda shop: shop.payload.pop("_sd_alg")),
    ("iat", "payload", payload(iat=1)),
    ("exp", "payload", payload(exp=1)),
    ("cnf", "payload", payload(cnf={"jwk": {}})),
    ("_sd on top", "payload", payload(_sd=[])),
    ("a claim on top", "payload", payload(subject="Surrender")),
    ("iss a number", "payload", payload(iss=1)),
    ("iss of another form", "value", payload(iss="mfa.example")),
    ("jti short", "payload", payload(jti=b64u(bytes(15)))),
    ("jti a number", "payload", payload(jti=5)),
    ("body missing", "payload", lambda shop: shop.payload.pop("body")),
    ("body a list", "value", payload(body=[])),
    ("claim beside _sd", "value", lambda shop: shop.payload["head"].update(subject="Surrender")),
    ("a73 nested _sd_alg", "value", lambda shop: shop.payload["head"].update(_sd_alg="sha-256")),
    ("_sd a string", "value", lambda shop: shop.payload["head"].update(_sd="x")),
    ("29 digests of the heading", "slots", lambda shop: shop.payload["head"]["_sd"].pop(0)),
    (
        "digest of 42 characters",
        "digest-form",
        lambda shop: shop.payload["refs"]["_sd"].__setitem__(0, "A" * 42),
    ),
    ("digest a number", "digest-form", lambda shop: shop.payload["refs"]["_sd"].__setitem__(0, 1)),
    (
        "digest with last bits",
        "digest-form",
        lambda shop: shop.payload["refs"]["_sd"].__setitem__(0, "-" * 43),
    ),
    # digests
    ("a72 digest twice in a list", "digest-twice", twice_in_payload),
    ("a72 digest in two levels", "digest-twice", same_digest_in_two_levels),
    ("a72 digest twice, once below", "digest-twice", same_digest_below),
    ("head not ascending", "digests-order", turn_round("head")),
    ("body not ascending", "digests-order", turn_round("body")),
    ("refs not ascending", "digests-order", turn_round("refs")),
    # disclosures
    ("a72 disclosure nobody signed", "disclosure-unsigned", add(disclosure(SALT, "subject", "Surrender"))),
    ("a72 disclosure of a pad nobody signed", "disclosure-unsigned", add(disclosure(SALT, "p0099", None))),
    ("a72 disclosure of an array element", "disclosure-form", add(b64u(encode([b64u(SALT), "x"])))),
    ("four elements", "disclosure-form", raw(encode([b64u(SALT), "subject", "x", "y"]))),
    ("an object", "disclosure-form", raw(b'{"a":1}')),
    ("not JSON", "disclosure-form", raw(b"subject")),
    ("blank in the JSON", "disclosure-form", raw(b'["' + b64u(SALT).encode() + b'", "captions",null]')),
    ("a41 duplicate key", "disclosure-form", raw(b'["' + b64u(SALT).encode() + b'","mrn",{"a":1,"a":2}]')),
    ("a41 NaN", "disclosure-form", raw(b'["' + b64u(SALT).encode() + b'","mrn",NaN]')),
    ("a41 2^53", "disclosure-form", raw(b'["' + b64u(SALT).encode() + b'","mrn",9007199254740992]')),
    ("a41 1.0", "disclosure-form", raw(b'["' + b64u(SALT).encode() + b'","mrn",1.0]')),
    ("a41 lone surrogate", "disclosure-form", raw(b'["' + b64u(SALT).encode() + b'","mrn","\\ud800"]')),
    (
        "a41 depth 10,000",
        "disclosure-form",
        raw(b'["' + b64u(SALT).encode() + b'","mrn",' + b"[" * 10000 + b"]" * 10000 + b"]"),
    ),
    ("not base64url", "disclosure-form", add("a+b/")),
    ("padding", "disclosure-form", add("YWI=")),
    ("empty", "disclosure-form", add("")),
    ("a75 salt of 16 bytes", "disclosure-salt", short_salt(16)),
    ("a75 salt of 33 bytes", "disclosure-salt", short_salt(33)),
    ("a75 no salt", "disclosure-salt", short_salt(0)),
    ("a75 salt used twice", "salt-twice", reuse_salt),
    ("salt a number", "disclosure-form", raw(b'[1,"captions",null]')),
    ("name a number", "disclosure-form", raw(encode([b64u(SALT), 5, None]))),
    ("disclosure twice", "disclosure-twice", lambda shop: shop.disclosures.insert(1, shop.disclosures[0])),
    ("another order", "disclosure-order", swap_disclosures),
    (
        "a73 child without its parent",
        "disclosure-unsigned",
        lambda shop: shop.disclosures.pop(shop.index("letter") - 1),
    ),
    # names
    ("a72 claim named _sd", "claim-reserved", lambda shop: shop.change("subject", ["x"], new_name="_sd")),
    ("a72 claim named ...", "claim-reserved", lambda shop: shop.change("subject", "x", new_name="...")),
    (
        "a72 claim named _sd_alg",
        "claim-reserved",
        lambda shop: shop.change("subject", "x", new_name="_sd_alg"),
    ),
    ("a72 validity claim exp", "claim-name", lambda shop: shop.change("subject", 1, new_name="exp")),
    ("a72 name already there", "claim-twice", lambda shop: shop.change("subject", "x", new_name="signed_as")),
    (
        "unknown claim of the heading",
        "claim-name",
        lambda shop: shop.change("subject", "x", new_name="topic"),
    ),
    ("claim of the heading among paragraphs", "claim-name", claim_in_slot),
    ("slot twice", "claim-twice", slot_twice),
    ("slot beyond N", "claim-name", lambda shop: shop.change(pad_name(shop), None, new_name="p0032")),
    ("slot of another level", "claim-name", lambda shop: shop.change(pad_name(shop), None, new_name="r0000")),
    ("slot of five digits", "claim-name", lambda shop: shop.change(pad_name(shop), None, new_name="p00000")),
    ("slot in other digits", "claim-name", lambda shop: shop.change(pad_name(shop), None, new_name="p٠٠٠٠")),
    ("unknown claim of a paragraph", "claim-name", lambda shop: shop.change("mark", None, new_name="text")),
    ("unknown claim of a ref", "claim-name", lambda shop: shop.change("letter", "A", new_name="n")),
    ("unknown claim of a file", "claim-name", lambda shop: shop.change("file", None, new_name="ref")),
    # slots and regions
    ("half the slots", "slots", half_the_slots),
    ("seven slots", "slots", odd_slots),
    ("more slots than any cable has", "slots", too_many_slots),
    ("one pad of a region closed", "region-partly-open", close_one_pad),
    (
        "one pad of a segment region closed",
        "region-partly-open",
        lambda shop: shop.disclosures.pop(shop.index(pad_name(shop, "s"))),
    ),
    ("more items than half", "too-many-items", more_items_than_half),
    # shapes
    ("subject a number", "value", value("subject", 5)),
    ("subject empty", "value", value("subject", "")),
    ("subject null", "value", value("subject", None)),
    ("subject with a control character", "value", value("subject", "a\u0007b")),
    ("subject of 201 characters", "value", value("subject", "x" * 201)),
    ("a22 bidi override", "value", value("subject", "a\u202eb")),
    ("classification in lower case", "value", value("classification", "secret")),
    ("dtg with seconds", "value", value("dtg", "2026-10-27T18:40:01Z")),
    ("precedence unknown", "value", value("precedence_action", "URGENT")),
    ("to empty", "value", value("to", [])),
    ("addressee with another key", "value", value("to", [{**addressee("HAVANA"), "x": 1}])),
    ("policy version a string", "value", value("policy", {"id": "x", "version": "1"})),
    ("kind unknown", "value", value("kind", "order")),
    ("from of another post", "issuer", value("from", {"org": ORG, "post": "HAVANA"})),
    ("number of another post", "issuer", value("mrn", {**HEAD["mrn"], "post": "HAVANA"})),
    ("mark in lower case", "value", value("mark", "s")),
    ("paragraph without meta", "value", value("meta", None)),
    (
        "paragraph of an unknown kind",
        "value",
        value("meta", {"fields": None, "kind": "order", "texts": None}),
    ),
    ("instruction without names", "value", value("names", None, 1)),
    ("text with names", "value", value("names", {"authority": None, "target": None, "what": None})),
    ("text with a number", "value", value("no", 1)),
    (
        "segment with another key",
        "value",
        lambda shop: shop.change(first_segment(shop), {"q": None, "t": "x", "y": 1}),
    ),
    ("segment empty", "value", lambda shop: shop.change(first_segment(shop), {"q": None, "t": ""})),
    (
        "segment of a quotation that is not there",
        "value",
        lambda shop: shop.change(first_segment(shop), {"q": 0, "t": "x"}),
    ),
    ("segment not NFC", "value", lambda shop: shop.change(first_segment(shop), {"q": None, "t": "a\u0308"})),
    ("item without _sd", "value", lambda shop: shop.change(item_name(shop), {"text": "x"})),
    ("item with a claim beside _sd", "value", lambda shop: shop.change(item_name(shop), {"_sd": [], "x": 1})),
    ("item with a short _sd", "slots", lambda shop: shop.change(item_name(shop), {"_sd": []})),
    ("ref of an unknown kind", "value", value("ref", {"cited": "x", "digest": None, "kind": "url"})),
    ("ref that claims to be an MRN", "value", value("ref", {"cited": "x", "digest": None, "kind": "mrn"})),
    (
        "file with upper-case hash",
        "value",
        value("file", {**{k: v for k, v in DOCUMENT["files"][0].items() if k != "n"}, "sha256": "A" * 64}),
    ),
    ("paragraph numbered 7", "value", value("n", 7, 4)),
    ("two paragraphs numbered 1", "value", value("n", 1, 3)),
    ("ref lettered D", "value", value("letter", "D", 2)),
    ("file numbered 0", "value", value("n", 0)),
    ("n a boolean", "value", value("n", True)),
    # the file
    ("a member besides", "edition-members", outer(note="x")),
    ("general form", "edition-members", outer(signatures=[])),
    ("a statement", "edition-unsupported", outer(statement={})),
    ("a proof", "edition-unsupported", outer(proof="x")),
    ("a77 kb_jwt", "edition-header", unprotected(kb_jwt="x")),
    ("a78 jwk outside", "edition-header", unprotected(jwk={})),
    ("a78 kid outside", "edition-header", unprotected(kid="x")),
    ("a78 x5u outside", "edition-header", unprotected(x5u="https://x.example/")),
    ("x5c empty", "x5c", unprotected(x5c=[])),
    ("x5c a string", "x5c", unprotected(x5c="MII=")),
    ("x5c of base64url", "x5c", unprotected(x5c=["-_-_"])),
    ("x5c not base64", "x5c", unprotected(x5c=["@"])),
    ("x5c with the authority", "x5c", unprotected(x5c=x5c(CERTIFICATE) + x5c(HOUSE.certificate))),
    ("disclosures no list", "edition-header", lambda shop: setattr(shop, "disclosures", "x")),
    ("a disclosure no string", "edition-header", add(5)),  # type: ignore[arg-type]
]


def first_segment(shop: Workshop) -> str:
    return next(name for _, name, value in shop.opened() if name[0] == "s" and name[1:].isdigit() and value)


def item_name(shop: Workshop) -> str:
    return next(
        name
        for _, name, value in shop.opened()
        if name[0] == "r" and isinstance(value, dict) and "_sd" in value
    )


@pytest.mark.parametrize(("code", "change"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_refused(code: str, change: Change) -> None:
    shop = workshop()
    change(shop)
    assert refusal(shop.file()) == code


# What a stock verifier, which follows RFC 9901 but not our rules, takes of these.
STOCK_ACCEPTS = [
    "a72 disclosure nobody signed",
    "a72 claim named _sd",
    "head not ascending",
    "v 2",
    "one pad of a region closed",
    "a76 typ JWT",
    "exp",
    "subject empty",
    "a75 no salt",
    "a75 salt used twice",
    "subject a number",
    "more items than half",
    "a73 child without its parent",
    "another order",
]


@pytest.mark.parametrize("name", STOCK_ACCEPTS)
def test_a74_a_stock_verifier_takes_it(name: str) -> None:
    shop = workshop()
    next(change for case, _, change in REFUSALS if case == name)(shop)
    if name == "exp":
        shop.payload["exp"] = 2**40
    assert stock(shop.compact())


# ---- gaps: what a dishonest cutter could try -----------------------------------------------


def test_a_gap_that_cannot_hold_anything_is_refused() -> None:
    """N/2 items shown and a closed region besides: it can hold nothing, yet claims to."""
    document = copy(DOCUMENT)
    document["refs"] = [{"cited": f"Note {c}", "digest": None, "kind": "free", "letter": c} for c in "ABCD"]
    shop = workshop(document=document)
    places = derived(document).refs
    pads = [slot for slot in range(8) if slot not in places.at]
    region = [pads[0]]
    while region[-1] + 1 in pads:
        region.append(region[-1] + 1)
    for slot in region:
        shop.disclosures.pop(shop.index(f"r{slot:04d}"))
    assert refusal(shop.file()) == "too-many-items"
    assert stock(shop.compact())


def test_numbers_behind_a_gap_are_bounded() -> None:
    for number, good in ((3, False), (4, True), (16, True), (17, False)):
        shop = Workshop.of(cut("paras/3", reveal=("paras/4/n",)))
        shop.change("n", number, 4)
        verdict = verify_edition(shop.file(), trust=TRUST)
        places = derived().body
        room = min(places.at[3] - places.at[1] - 1, 16 - 4)
        assert verdict.ok is (good and number <= 3 + room), number


@pytest.mark.parametrize(
    ("name", "new", "count"),
    [("letter", "D", 2), ("letter", "A", 1), ("n", 7, 1), ("n", 2, 0), ("n", 7, 4), ("n", 1, 3)],
)
def test_numbers_are_checked_without_the_whole_cable_too(name: str, new: Any, count: int) -> None:
    shop = workshop("head/tags")
    shop.change(name, new, count)
    assert refusal(shop.file()) == "value"


def test_more_than_65536_slots_in_all_are_refused() -> None:
    """Each level is within its limit; only their sum is not."""
    document = copy(DOCUMENT)
    document["paras"] = [paragraph(n + 1, "x") for n in range(33)]
    shop = workshop(document=document)
    items = [
        at for at, (_, name, value) in enumerate(shop.opened()) if name[0] == "p" and isinstance(value, dict)
    ]
    items = [at for at in items if "_sd" in shop.opened()[at][2]]
    assert len(items) == 33
    for at in items:
        salt, name, _value = shop.opened()[at]
        inside = [digest(f"{name} {n}") for n in range(2048 + 5)]
        shop.replace(at, b64u(encode([salt, name, {"_sd": sorted(inside)}])))
    shop.disclosures = [
        text for text in shop.disclosures if shop_name(text) not in ("mark", "meta", "n", "names", "no")
    ]
    assert refusal(shop.file()) == "slots"


def shop_name(text: str) -> str:
    return str(json.loads(unb64u(text))[1])


def test_a_quotation_out_of_its_place_is_refused() -> None:
    document = copy(DOCUMENT)
    para = instruction(2, 1, "deliver", "x", target="T")
    para["meta"]["fields"]["manner"] = "verbatim"
    para["meta"]["texts"] = [
        {"authoritative": True, "language": "es"},
        {"authoritative": None, "language": "en"},
    ]
    para["segments"] = [{"q": 0, "t": "Hoy."}, {"q": 1, "t": "Today."}]
    document["paras"][1] = para
    assert verify_edition(cut("head/tags", document=document), trust=TRUST).ok
    shop = workshop("head/tags", document=document)
    places = [
        at for at, (_, _, value) in enumerate(shop.opened()) if isinstance(value, dict) and "t" in value
    ]
    first, second = [at for at in places if shop.opened()[at][2]["q"] is not None]
    for at, q in ((first, 1), (second, 0)):
        salt, name, value = shop.opened()[at]
        shop.replace(at, b64u(encode([salt, name, {**value, "q": q}])))
    assert refusal(shop.file()) == "value"


def test_a_complete_edition_is_read_like_a_cable() -> None:
    """Claims that contradict each other only as a whole: seen where nothing is withheld."""
    shop = workshop()
    shop.change("precedence_info", "FLASH")
    assert refusal(shop.file()) == "value"


# ---- thieves: no key of the signer ---------------------------------------------------------


def test_every_altered_letter_is_caught() -> None:
    file = cut("paras/3")
    step = max(1, len(file) // 400)
    for at in range(0, len(file), step):
        for new in (file[at] ^ 1, ord("A"), ord('"')):
            if new != file[at]:
                assert not verify_edition(file[:at] + bytes([new]) + file[at + 1 :], trust=TRUST).ok, at


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_change_of_the_file_is_refused(data: st.DataObject) -> None:
    file = cut("paras/3")
    start = data.draw(st.integers(0, len(file)))
    end = data.draw(st.integers(start, min(len(file), start + 60)))
    new = data.draw(st.binary(max_size=60))
    changed = file[:start] + new + file[end:]
    assert changed == file or not verify_edition(changed, trust=TRUST).ok


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_a_verdict(data: bytes) -> None:
    assert not verify_edition(data, trust=TRUST).ok


@pytest.mark.parametrize(
    ("name", "code"),
    [("paras/3", "region-partly-open"), ("head/subject", None)],
)
def test_a77_what_a_thief_can_take_away(name: str, code: str | None) -> None:
    """A holder may withhold more (nobody can prevent that); less than a region he may not."""
    full = Workshop.of(cut(), resign=False)
    narrower = cut(name)
    assert verify_edition(narrower, trust=TRUST).ok
    if code is None:
        full.disclosures.pop(full.index("subject"))
        assert verify_edition(full.file(), trust=TRUST).ok
    else:
        close_one_pad(full)
        assert refusal(full.file()) == code


def test_a77_disclosures_of_another_cable() -> None:
    document = copy(DOCUMENT)
    document["head"]["subject"] = "Surrender"
    shop, other = Workshop.of(cut(), resign=False), workshop(document=document)
    shop.disclosures[shop.index("subject")] = other.disclosures[other.index("subject")]
    assert refusal(shop.file()) == "disclosure-unsigned"
    shop = Workshop.of(cut(), resign=False)
    shop.disclosures = other.disclosures
    assert refusal(shop.file()) == "disclosure-unsigned"


def test_a72_wrong_key_and_altered_signature() -> None:
    shop = workshop()
    shop.key = keys.new_signing_key()
    assert refusal(shop.file()) == "signature"
    for bad in (bytes(64), b"\xff" * 64, unb64u(parsed(cut())["signature"])[::-1]):
        shop = Workshop.of(cut(), resign=False)
        shop.signature = bad
        assert refusal(shop.file()) == "signature"
    shop.signature = bytes(63)
    assert refusal(shop.file()) == "signature-form"


def test_a65_another_s_keeps_the_identity() -> None:
    shop = Workshop.of(cut(), resign=False)
    r, s = shop.signature[:32], int.from_bytes(shop.signature[32:])
    shop.signature = r + (jws.ORDER - s).to_bytes(32)
    verdict = verify_edition(shop.file(), trust=TRUST)
    assert verdict.ok and verdict.digest == derived().digest


# ---- whose key it is (A78) -----------------------------------------------------------------


def signed_with(key: Any, certificate: bytes, document: dict[str, Any] = DOCUMENT) -> bytes:
    import hashlib

    made = derive(document, bytes(32), hashlib.sha256(certificate).digest())
    return edition(made, jws.sign_input(key, made.signing_input), certificates=[certificate])


def test_a78_a_key_that_only_the_file_names_is_not_trusted() -> None:
    other = make_house()  # same names, another authority
    file = signed_with(*other.give(Use.RELEASE))
    assert refusal(file) == "unknown-authority"
    assert refusal(file, trust=[]) == "unknown-authority"
    assert refusal(cut(), trust=[]) == "unknown-authority"
    assert verify_edition(file, trust=[other.authority]).ok
    # a verifier that takes the key out of the file is content
    whole = parsed(file)
    own = b64decode(whole["header"]["x5c"][0])
    signing_input = f"{whole['protected']}.{whole['payload']}".encode()
    jws.verify_input(own, signing_input, unb64u(whole["signature"]))
    # giving the leaf itself as a candidate lends it no trust
    key, certificate = other.give(Use.RELEASE)
    assert refusal(signed_with(key, certificate), certificates=[certificate]) == "unknown-authority"


def test_a78_another_certificate_in_x5c() -> None:
    key, certificate = make_house().give(Use.RELEASE)
    shop = Workshop.of(cut(), resign=False)
    shop.unprotected = {"x5c": x5c(certificate)}
    assert refusal(shop.file()) == "certificate-mismatch"
    shop.key, shop.resign = key, True
    assert refusal(shop.file()) == "certificate-mismatch"


def test_without_x5c_the_card_brings_the_certificate() -> None:
    shop = Workshop.of(cut(), resign=False)
    shop.unprotected = {}
    assert refusal(shop.file()) == "certificate-missing"
    assert verify_edition(shop.file(), trust=TRUST, certificates=[CERTIFICATE]).ok


@pytest.mark.parametrize("use", [Use.SYSTEM, Use.OPENING])
def test_a70_no_key_of_another_use_signs_a_cable(use: Use) -> None:
    key, certificate = HOUSE.give(use)
    assert refusal(signed_with(key, certificate)) == "wrong-use"


def test_a_key_of_another_post_or_organisation() -> None:
    assert refusal(signed_with(*HOUSE.give(Use.RELEASE, HAVANA))) == "wrong-post"
    stranger = make_house("x.example")
    own = trust.issue(
        stranger.key,
        stranger.certificate,
        post=trust.judge.__globals__["Post"]("x.example", "CAPITAL"),
        use=Use.RELEASE,
        public_key=KEY.public_key(),
        now=NOW,
    )
    assert refusal(signed_with(KEY, own), trust=[*TRUST, stranger.authority]) == "wrong-post"


def test_the_certificate_is_judged_at_the_dtg_and_the_line_says_whose_word_that_is() -> None:
    verdict = verify_edition(cut(), trust=TRUST)
    assert any("271840Z OCT 26" in line and "signer's own word" in line for line in verdict.proved)
    late = copy(DOCUMENT)
    late["head"]["dtg"] = "2031-01-01T00:00:00Z"
    late["head"]["mrn"]["year"] = 2031
    assert refusal(cut(document=late)) == "expired"
    assert refusal(cut(), at=NOW + timedelta(days=3000)) == "expired"
    assert refusal(cut(), at=NOW - timedelta(days=30)) == "not-yet-valid"
    given_time = verify_edition(cut(), trust=TRUST, at=NOW + timedelta(days=1))
    assert any("the time that you gave" in line for line in given_time.proved)


def test_without_a_dtg_nothing_is_said_about_the_time() -> None:
    verdict = verify_edition(cut("head/dtg"), trust=TRUST)
    assert verdict.ok
    assert any("date-time group is withheld" in line for line in verdict.unproved)
    assert any("only that it once did" in line for line in verdict.unproved)
    assert not any("own word" in line for line in verdict.lines)


@pytest.mark.parametrize("days", [-1, 1, 400])
def test_a71_a_revoked_certificate_proves_nothing_whenever_it_was_revoked(days: int) -> None:
    from cryptography import x509

    serial = x509.load_der_x509_certificate(CERTIFICATE).serial_number
    since = NOW + timedelta(days=days)
    crl = trust.make_crl(HOUSE.key, HOUSE.certificate, [(serial, since)], now=max(NOW, since))
    code = refusal(cut(), trust=[Authority(ORG, HOUSE.certificate, crl)])
    assert code in ("revoked", "revoked-later")


# ---- bounds --------------------------------------------------------------------------------


def test_a73_a_million_digests_are_refused_quickly() -> None:
    shop = workshop()
    shop.payload["body"]["_sd"] = sorted(digest(str(n)) for n in range(200_000))
    start = time.perf_counter()
    assert refusal(shop.file()) in ("slots", "edition-too-large")
    assert time.perf_counter() - start < 5


def test_too_many_disclosures_and_octets() -> None:
    shop = workshop()
    shop.disclosures = [""] * (MAX_DISCLOSURES + 1)
    assert refusal(shop.file()) == "edition-too-large"
    assert refusal(b" " * (MAX_BYTES + 1)) == "edition-too-large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "edition-json"),
        (b"null", "edition-members"),
        (b"[]", "edition-members"),
        (b"{}", "edition-members"),
        (b"\xff", "edition-json"),
        (b"[" * 100_000, "edition-json"),
        (b'{"header":1,"payload":"","protected":"","signature":""}', "header"),
        (b'{"header":{},"payload":1,"protected":"","signature":""}', "edition-members"),
    ],
)
def test_other_files(data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.parametrize(
    "dump",
    [
        lambda value: json.dumps(value, indent=1).encode(),
        lambda value: json.dumps(value).encode(),
        lambda value: encode(value) + b"\n",
        lambda value: b"\xef\xbb\xbf" + encode(value),
    ],
)
def test_only_canonical_json_is_read(dump: Callable[[Any], bytes]) -> None:
    assert refusal(dump(parsed(cut()))) == "edition-json"


def test_protected_and_payload_must_be_canonical_too() -> None:
    for member, code in (("protected", "header"), ("payload", "payload")):
        whole = parsed(cut())
        whole[member] = b64u(json.dumps(json.loads(unb64u(whole[member]))).encode())
        whole["signature"] = b64u(jws.sign_input(KEY, f"{whole['protected']}.{whole['payload']}".encode()))
        assert refusal(encode(whole)) == code


def test_the_largest_cable_is_verified_in_seconds() -> None:
    document = copy(DOCUMENT)
    document["paras"] = [paragraph(n + 1, *(["x "] * 500 + ["x"])) for n in range(31)]
    file = cut(document=document)
    assert len(file) < MAX_BYTES
    start = time.perf_counter()
    verdict = verify_edition(file, trust=TRUST)
    assert verdict.ok and verdict.complete
    assert time.perf_counter() - start < 20


def test_a_post_of_the_capital_is_the_one_proved() -> None:
    verdict = verify_edition(cut(), trust=TRUST)
    assert verdict.issuer == str(CAPITAL)
    assert verdict.signer is not None and verdict.signer.path == (
        "CN=CAPITAL,O=mfa.example",
        "CN=authority,O=mfa.example",
    )
