"""Derive the disclosable form, disclose less, and read what is left: the honest ways."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from edition_material import (
    CERTIFICATE,
    DOCUMENT,
    HEAD,
    HOUSE,
    KEY,
    SEED,
    copy,
    cut,
    derived,
    paragraph,
    parsed,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from cableroom.cable.canonical import b64u, encode, unb64u
from cableroom.cable.document import Cable
from cableroom.cable.printing import print_cable
from cableroom.errors import DocumentError, ProofError
from cableroom.seal import jws
from cableroom.seal.disclosure import derive, edition
from cableroom.seal.editions import Gap, Item, read_edition
from cableroom.seal.shown import check_shown, whole_document
from cableroom.seal.slots import FILES, PARAS, REFS, SEGMENTS
from cableroom.seal.trust import Use
from cableroom.seal.verifying import verify_edition

TRUST = [HOUSE.authority]


@pytest.fixture(scope="session")
def vector(shared: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((shared / "data/vectors/cableroom/vector1.json").read_bytes())
    return value


@pytest.fixture(scope="session")
def vector_derived(vector: dict[str, Any]) -> Any:
    return derive(
        vector["document"], bytes.fromhex(vector["seed_hex"]), bytes.fromhex(vector["certificate_sha256_hex"])
    )


# ---- the vector, byte for byte -------------------------------------------------------------


def test_vector_payload_header_and_digest(vector: dict[str, Any], vector_derived: Any) -> None:
    assert json.loads(unb64u(vector_derived.protected)) == vector["jws_header"]
    assert json.loads(unb64u(vector_derived.payload)) == vector["jws_payload"]
    assert vector_derived.signing_input.decode() == vector["signing_input"]
    assert vector_derived.digest == vector["digest"]
    assert vector_derived.jti == b64u(bytes.fromhex(vector["stream"]["jti_hex"]))


def test_vector_disclosures(vector: dict[str, Any], vector_derived: Any) -> None:
    ours = [
        {
            "i": i,
            "path": made.path,
            "salt": b64u(made.salt),
            "disclosure": made.encoded,
            "digest": made.digest,
        }
        for i, made in enumerate(vector_derived.disclosures)
    ]
    assert ours == vector["disclosures"]


def test_vector_places(vector: dict[str, Any], vector_derived: Any) -> None:
    for name in ("refs", "files", "body"):
        places = getattr(vector_derived, name)
        assert {"N": places.size, "places": list(places.at)} == vector["places"][name]
    ours = [
        {"paragraph": each.path.rpartition("/")[2], "N": each.size, "places": list(each.at)}
        for each in vector_derived.segments
    ]
    assert ours == vector["places"]["segments"]


def test_vector_signature_and_wire_form(vector: dict[str, Any], vector_derived: Any) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    number = int.from_bytes(unb64u(vector["release_key_jwk"]["d"]))
    key = ec.derive_private_key(number, ec.SECP256R1())
    signature = jws.sign_input(key, vector_derived.signing_input)
    assert b64u(signature) == vector["signature_rfc6979"]
    wire = {
        "document": vector["document"],
        "jws": b64u(signature),
        "seed": b64u(bytes.fromhex(vector["seed_hex"])),
        "v": 1,
    }
    assert hashlib.sha256(encode(wire)).hexdigest() == vector["wire_json_sha256"]


def our_place(place: str) -> str:
    first, number, *rest = place.replace("body/", "paras/").split("/")
    return "/".join([first, number, *(f"segments/{each[1:]}" if each[0] == "s" else each for each in rest)])


@pytest.mark.parametrize("name", ["edition", "edition_segment"])
def test_vector_editions(vector: dict[str, Any], vector_derived: Any, name: str) -> None:
    wanted = vector[name]
    made = edition(
        vector_derived,
        unb64u(vector["signature_rfc6979"]),
        withhold=[our_place(place) for place in wanted["withhold"]],
        certificates=[unb64u(vector["certificate_der_b64u"])],
    )
    file = parsed(made)
    assert file["header"]["disclosures"] == wanted["jws"]["header"]["disclosures"]
    for member in ("protected", "payload", "signature"):
        assert file[member] == vector["edition"]["jws"][member]


def verdict_form(level: Any) -> list[Any]:
    """Our items and gaps in the form of the vector's verdict, without pads."""
    out: list[Any] = []
    for each in level:
        if isinstance(each, Gap):
            out.append(["withheld", each.slots])
            continue
        claims = dict(each.claims)
        if each.pieces or "meta" in claims:
            claims["segments"] = [
                ["item", piece.slot, piece.claims] if isinstance(piece, Item) else ["withheld", piece.slots]
                for piece in each.pieces
            ]
        out.append(["item", each.slot, claims])
    return out


def without_pads(level: list[Any]) -> list[Any]:
    return [
        [*each[:2], {k: v for k, v in each[2].items() if not (k[0] == "s" and k[1:].isdigit())}]
        if each[0] == "item"
        else each
        for each in level
    ]


def test_vector_verdict(vector: dict[str, Any]) -> None:
    signed = read_edition(encode(vector["edition"]["jws"]))
    certificate = unb64u(vector["certificate_der_b64u"])
    assert signed.shown.certificate_sha256 == vector["certificate_sha256_hex"]
    jws.verify_input(certificate, signed.signing_input, signed.signature)
    check_shown(signed.shown)
    wanted = vector["edition"]["verdict"]
    assert (signed.shown.issuer, signed.shown.digest) == (wanted["iss"], wanted["digest"])
    assert signed.shown.head == wanted["head"]
    assert list(signed.shown.head_withheld) == wanted["head_withheld"]
    assert verdict_form(signed.shown.refs) == without_pads(wanted["refs"])
    assert verdict_form(signed.shown.files) == without_pads(wanted["files"])
    assert verdict_form(signed.shown.paras) == without_pads(wanted["body"])
    assert signed.shown.complete is wanted["complete"]


# ---- derivation ----------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones() -> None:
    assert derived().signing_input == derived().signing_input
    other = derived(seed=bytes(32))
    assert other.digest != derived().digest
    assert {made.digest for made in other.disclosures}.isdisjoint(
        made.digest for made in derived().disclosures
    )


@pytest.mark.parametrize(
    ("level", "items", "size"),
    [
        (REFS, 0, 8),
        (REFS, 4, 8),
        (REFS, 5, 16),
        (REFS, 26, 64),
        (FILES, 0, 4),
        (FILES, 2, 4),
        (FILES, 3, 8),
        (FILES, 99, 256),
        (PARAS, 1, 32),
        (PARAS, 16, 32),
        (PARAS, 17, 64),
        (PARAS, 1000, 2048),
        (SEGMENTS, 0, 16),
        (SEGMENTS, 8, 16),
        (SEGMENTS, 9, 32),
        (SEGMENTS, 1000, 2048),
    ],
)
def test_sizes(level: Any, items: int, size: int) -> None:
    assert level.size(items) == size


def test_more_than_65536_slots_are_refused() -> None:
    document = copy(DOCUMENT)
    document["paras"] = [paragraph(n + 1, *(["x"] * 1000)) for n in range(32)]
    with pytest.raises(DocumentError) as caught:
        derived(document)
    assert caught.value.code == "too-many-slots"
    document["paras"].pop()
    assert len(derived(document).disclosures) > 63_000


def test_salts_and_digests_never_repeat() -> None:
    made = derived().disclosures
    assert len({each.salt for each in made}) == len({each.digest for each in made}) == len(made)


@pytest.mark.parametrize(("seed", "thumbprint"), [(b"x" * 31, b"y" * 32), (b"x" * 32, b"y" * 31)])
def test_seed_and_thumbprint_have_32_bytes(seed: bytes, thumbprint: bytes) -> None:
    with pytest.raises(DocumentError):
        derive(DOCUMENT, seed, thumbprint)


# ---- editions ------------------------------------------------------------------------------


def test_a_complete_edition_is_the_whole_cable() -> None:
    verdict = verify_edition(cut(), trust=TRUST)
    assert verdict.ok and verdict.complete
    assert verdict.digest == derived().digest
    assert verdict.cable == Cable.from_json(DOCUMENT)
    assert verdict.text == print_cable(Cable.from_json(DOCUMENT))
    assert verdict.shown is not None and whole_document(verdict.shown) == DOCUMENT
    assert "The cable is complete: nothing is withheld." in verdict.proved
    unproved = " ".join(verdict.unproved)
    assert (
        "authorised for publication" in unproved
        and "registered" in unproved
        and "when it was signed" in unproved
    )
    assert "the signer's own word" in unproved


def test_a_withheld_paragraph_is_a_gap_with_bounds() -> None:
    verdict = verify_edition(cut("paras/3"), trust=TRUST)
    assert verdict.ok and not verdict.complete and verdict.cable is None
    assert verdict.shown is not None
    gap = next(each for each in verdict.shown.paras if isinstance(each, Gap))
    places = derived().body
    slots = places.at[3] - places.at[1] - 1
    assert gap == Gap(slots, min(slots, 16 - 4))
    assert verdict.text is not None
    assert f"\n\n[withheld here: 1 to {gap.at_most} paragraphs]\n\n" in verdict.text
    assert "Nothing else." not in verdict.text
    assert (
        f"Withheld: 1 to {gap.at_most} paragraphs between paragraph 2 and the next one shown."
        in verdict.proved
    )
    # rule 2: the numbers behind the gap stay closed, unless they are opened by name
    four, five = [each for each in verdict.shown.paras if isinstance(each, Item)][2:]
    assert {"n", "no"}.isdisjoint(four.claims) and {"n", "no"}.isdisjoint(five.claims)
    named = verify_edition(cut("paras/3", reveal=("paras/4/n",)), trust=TRUST)
    assert named.ok and named.shown is not None
    four, five = [each for each in named.shown.paras if isinstance(each, Item)][2:]
    assert four.claims["n"] == 4 and "no" not in four.claims and "n" not in five.claims


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("head/subject", "\nSUBJECT: [withheld]\n"),
        ("head/dtg", "\nDTG: [withheld]\n"),
        ("head/precedence_info", "\nPRECEDENCE: IMMEDIATE / [withheld]\n"),
        ("head/language", "\nLANGUAGE: [withheld]\n"),
        ("head/released_by", "\nRELEASED: [withheld]\n"),
        ("head/kind", "\nKIND: [withheld]\n"),
        ("refs/2", "      [withheld letter]. Note C"),
        ("refs/B", "      [withheld letter]. Note C"),
        ("refs/2/letter", "      [withheld letter]. Note B"),
        ("refs/2/ref", "      B. [withheld]\n"),
        ("files/1", "       [withheld number]. 2.txt (text/plain, 3 bytes, sha256:"),
        ("files/2/file", "       2. [withheld]\n"),
        ("paras/1/mark", "\n1. ([withheld mark]) The ship"),
        ("paras/2/names", "\n2. (S) ACTION 1 INFORM [withheld] [withheld authority, if any]: of this.\n"),
        ("paras/2/no", "\n2. (S) ACTION [withheld number] INFORM "),
        ("paras/2/meta", "\n2. (S) [withheld kind of paragraph] of this.\n"),
        ("paras/1/segments/2", "Monday. [withheld here: 1 to k pieces of text] It does not carry arms.\n"),
        ("paras/1/segments/1", "\n1. (S) [withheld here: 1 to k pieces of text] It carries grain. It does"),
        ("paras/1/segments/3", "It carries grain. [withheld here: 1 to k pieces of text]\n"),
    ],
)
def test_every_kind_of_place_can_be_withheld(place: str, text: str) -> None:
    verdict = verify_edition(cut(place), trust=TRUST)
    assert verdict.ok, verdict.lines
    assert verdict.text is not None
    assert text in re.sub(r"1 to [0-9]+", "1 to k", verdict.text)
    assert not verdict.complete
    assert any(line.startswith("Withheld: ") for line in verdict.proved)


def test_dropping_not_shows_as_a_gap() -> None:
    verdict = verify_edition(cut("paras/1/segments/3"), trust=TRUST)
    assert verdict.text is not None and "arms" not in verdict.text and "pieces of text]" in verdict.text


def test_shown_text_cannot_imitate_a_gap() -> None:
    document = copy(DOCUMENT)
    document["paras"][4] = paragraph(5, "[with", "held here: 1 to 9 paragraphs] and [withheld]")
    document["head"]["subject"] = "[withheld]"
    text = verify_edition(cut("paras/1", document=document), trust=TRUST).text
    assert text is not None
    assert "SUBJECT: \\[withheld]" in text
    assert "\\[withheld here: 1 to 9 paragraphs] and \\[withheld]" in text
    assert text.count(" [withheld here") + text.count("\n[withheld here") == 1


@pytest.mark.parametrize(
    "place",
    [
        "",
        "head",
        "head/nothing",
        "paras",
        "paras/0",
        "paras/6",
        "paras/01",
        "paras/2/n/x",
        "paras/1/segments/4",
        "paras/1/segments/0",
        "paras/1/segments/",
        "refs/D",
        "refs/a",
        "files/3",
        "paras/A",
        "paras/²",
        "body/1",
    ],
)
def test_a_place_that_is_not_there(place: str) -> None:
    with pytest.raises(ProofError) as caught:
        cut(place)
    assert caught.value.code == "bad-place"


@pytest.mark.parametrize("place", ["paras/4", "paras/4/mark", "head/subject", "paras/4/no"])
def test_only_numbers_not_withheld_are_opened_by_name(place: str) -> None:
    with pytest.raises(ProofError) as caught:
        cut("paras/3", "paras/4/no", reveal=(place,))
    assert caught.value.code == "bad-place"


def test_an_edition_needs_the_certificate_of_its_header() -> None:
    _, other = HOUSE.give(Use.RELEASE)
    made = derived()
    for certificates in ([], [other], [other, CERTIFICATE]):
        with pytest.raises(ProofError) as caught:
            edition(made, bytes(64), certificates=certificates)
        assert caught.value.code == "certificate-mismatch"
    with pytest.raises(ProofError):
        edition(made, bytes(63), certificates=[CERTIFICATE])


def all_places() -> list[str]:
    places = [f"head/{name}" for name in HEAD]
    places += [f"refs/{n}{rest}" for n in (1, 2, 3) for rest in ("", "/letter", "/ref")]
    places += [f"files/{n}{rest}" for n in (1, 2) for rest in ("", "/n", "/file")]
    for n, para in enumerate(DOCUMENT["paras"], start=1):
        places += [f"paras/{n}"] + [f"paras/{n}/{claim}" for claim in PARAS.claims]
        places += [f"paras/{n}/segments/{k}" for k in range(1, len(para["segments"]) + 1)]
    return places


@given(st.sets(st.sampled_from(all_places())), st.binary(min_size=32, max_size=32))
@settings(max_examples=120, deadline=None)
def test_every_honest_edition_verifies_and_tells_nothing_withheld(withhold: set[str], seed: bytes) -> None:
    made = derived(seed=seed)
    signature = jws.sign_input(KEY, made.signing_input)
    file = edition(made, signature, withhold=sorted(withhold), certificates=[CERTIFICATE])
    verdict = verify_edition(file, trust=TRUST)
    assert verdict.ok, verdict.lines
    assert verdict.complete is (not withhold)
    assert verdict.shown is not None and verdict.text is not None
    for place in withhold:
        if place.startswith("head/"):
            assert place.removeprefix("head/") in verdict.shown.head_withheld
    seen = [parts for text in parsed(file)["header"]["disclosures"] for parts in [json.loads(unb64u(text))]]
    for n, para in enumerate(DOCUMENT["paras"], start=1):
        for k, piece in enumerate(para["segments"], start=1):
            if f"paras/{n}" in withhold or f"paras/{n}/segments/{k}" in withhold:
                assert piece not in [value for _, _, value in seen]
                assert piece["t"].strip() not in verdict.text


def test_a75_no_edition_holds_the_seed_or_a_salt_of_what_is_withheld() -> None:
    file = cut("paras/3", "head/subject")
    made = derived()
    kept = set(parsed(file)["header"]["disclosures"])
    whole = file + b"".join(unb64u(text) for text in kept)
    assert SEED not in whole and SEED.hex().encode() not in whole and b64u(SEED).encode() not in whole
    for each in made.disclosures:
        if each.encoded not in kept:
            assert b64u(each.salt).encode() not in whole


# ---- other people's code agrees ------------------------------------------------------------


def compact(file: bytes) -> str:
    whole = parsed(file)
    return "~".join(
        [f"{whole['protected']}.{whole['payload']}.{whole['signature']}", *whole["header"]["disclosures"], ""]
    )


def test_joserfc_verifies_the_signature() -> None:
    from joserfc import jws as jose
    from joserfc.jwk import ECKey

    from cableroom.seal.certificates import public_key

    whole = parsed(cut("paras/3"))
    number = public_key(CERTIFICATE).public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": b64u(number.x.to_bytes(32)), "y": b64u(number.y.to_bytes(32))}
    found = jose.deserialize_compact(
        f"{whole['protected']}.{whole['payload']}.{whole['signature']}",
        ECKey.import_key(jwk),
        algorithms=["ES256"],
    )
    assert json.loads(found.payload)["iss"] == "mfa.example/CAPITAL"


def test_the_reference_library_reads_the_same_claims() -> None:
    from jwcrypto.jwk import JWK
    from sd_jwt.verifier import SDJWTVerifier

    from cableroom.seal.certificates import public_key

    key = JWK.from_pyca(public_key(CERTIFICATE))
    payload = SDJWTVerifier(compact(cut("paras/3", "head/subject")), lambda *_: key).get_verified_payload()
    assert "subject" not in payload["head"]
    assert payload["head"]["classification"] == "SECRET"
    texts = [
        piece["t"]
        for para in payload["body"].values()
        if para
        for name, piece in sorted(para.items())
        if name[0] == "s" and piece
    ]
    assert "".join(texts[:3]).startswith("The ship sails") and "Nothing else." not in texts
