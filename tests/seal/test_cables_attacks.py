"""Attacks on a signed cable, by somebody who holds a release key and by somebody who holds none.

Each case of the first table is signed with the real release key of CAPITAL: nothing but the
check that it is aimed at can refuse it. `weak` is a reader that believes a good CMS signature
of a trusted certificate and shows the text part, as mail programs do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cable_material import (
    CERTIFICATE,
    FILES,
    HOUSE,
    KEY,
    KINGSTON,
    MESSAGE_ID,
    OID,
    SEED,
    document,
    forge,
    read,
    signed,
)
from edition_material import addressee, copy
from hypothesis import given, settings
from hypothesis import strategies as st
from seal_material import HAVANA, NOW, make_house

from cableroom.cable import mime
from cableroom.cable.canonical import b64u, encode
from cableroom.cable.mime import Attachment
from cableroom.errors import CableroomError
from cableroom.seal import signing, trust
from cableroom.seal.signing import EssLabel
from cableroom.seal.trust import Use

Attack = Callable[[], bytes]


def weak(data: bytes) -> str:
    """The text that a mail program would show as signed by CAPITAL."""
    found = signing.verify(data)
    verdict = trust.judge(found.certificate, use=Use.RELEASE, authorities=[HOUSE.authority], at=NOW)
    assert verdict.good
    return mime.read_entity(found.content).text


def codes(data: bytes, **changes: Any) -> list[str]:
    verdict = read(data, **changes)
    assert verdict.fate == "refused"
    assert verdict.cable is None and verdict.document is None and verdict.seed is None and verdict.files == ()
    return [problem.code for problem in verdict.problems if problem.severity == "error"]


def other_key() -> tuple[Any, bytes]:
    return HOUSE.give(Use.RELEASE)


def json_bytes(change: Callable[[str], str]) -> Attack:
    """The JSON part as bytes that no honest writer makes."""

    def attack() -> bytes:
        found = json.loads(mime.read_entity(signing.verify(signed().signed_data).content).data)
        text = encode(found).decode()
        changed = change(text)
        assert changed != text
        return forge(data=changed.encode("utf-8", "surrogatepass"))

    return attack


def edited(old: str, new: str) -> Callable[[bytes], bytes]:
    def entity(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), 1)

    return entity


def part(**members: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda value: {**value, **members}


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda value: {key: each for key, each in value.items() if key != name}


def text_of(**head: Any) -> str:
    from cableroom.cable.document import Cable
    from cableroom.cable.text import print_cable

    return print_cable(Cable.from_json(document(**head)))


def reworded() -> dict[str, Any]:
    doc = document()
    doc["paras"][0]["segments"][1]["t"] = "It does carry arms."
    return doc


CASES: list[tuple[str, str, Attack]] = [
    # A40: text and document say two things
    ("a40 another text", "text-differs", lambda: forge(text=text_of(subject="Surrender"))),
    ("a40 one letter", "text-differs", lambda: forge(text=text_of().replace("not carry", "now carry"))),
    ("a40 a blank", "text-differs", lambda: forge(text=text_of().replace("arms.", "arms. "))),
    ("a40 a line more", "text-differs", lambda: forge(text=text_of() + "P.S. Surrender.\n")),
    ("a40 no last line end", "text-differs", lambda: forge(text=text_of().rstrip("\n"))),
    ("a40 no text", "text-differs", lambda: forge(text="")),
    ("a40 document reworded", "bad-jws", lambda: forge(reworded(), derive_from=document())),
    (
        "a40 document of another signature",
        "bad-jws",
        lambda: forge(document(subject="x"), derive_from=document()),
    ),
    ("a40 another seed", "bad-jws", lambda: forge(part=part(seed=b64u(bytes(32))))),
    ("a40 signature of zeros", "bad-jws", lambda: forge(part=part(jws=b64u(bytes(64))))),
    ("a40 JWS by another key of the post", "bad-jws", lambda: forge(jws_key=other_key()[0])),
    ("a40 JWS for another certificate", "bad-jws", lambda: forge(jws_certificate=other_key()[1])),
    # A41: JSON that two readers read in two ways
    (
        "a41 duplicate key",
        "canonical",
        json_bytes(lambda t: t.replace('{"document"', '{"document":1,"document"', 1)),
    ),
    (
        "a41 duplicate key inside",
        "canonical",
        json_bytes(lambda t: t.replace('"subject":', '"subject":"Surrender","subject":', 1)),
    ),
    ("a41 NaN", "canonical", json_bytes(lambda t: t.replace('"serial":417', '"serial":NaN', 1))),
    ("a41 417.0", "canonical", json_bytes(lambda t: t.replace('"serial":417', '"serial":417.0', 1))),
    ("a41 4.17e2", "canonical", json_bytes(lambda t: t.replace('"serial":417', '"serial":4.17e2', 1))),
    (
        "a41 2^53",
        "canonical",
        json_bytes(lambda t: t.replace('"serial":417', '"serial":9007199254740992', 1)),
    ),
    ("a41 -0", "canonical", json_bytes(lambda t: t.replace('"serial":417', '"serial":-0', 1))),
    ("a41 lone surrogate", "canonical", json_bytes(lambda t: t.replace("Grain", "\\ud800", 1))),
    ("a41 raw surrogate", "canonical", json_bytes(lambda t: t.replace("Grain", "\ud800", 1))),
    ("a41 escaped letter", "canonical", json_bytes(lambda t: t.replace("Grain", "Gr\\u0061in", 1))),
    ("a41 blank between tokens", "canonical", json_bytes(lambda t: t.replace('"v":1', '"v": 1', 1))),
    ("a41 keys out of order", "canonical", json_bytes(lambda t: '{"v":1,' + t[1:].replace(',"v":1', ""))),
    ("a41 depth 100,000", "canonical", lambda: forge(data=b"[" * 100_000 + b"]" * 100_000)),
    ("a41 byte order mark", "canonical", json_bytes(lambda t: "\ufeff" + t)),
    ("a41 not an object", "document", lambda: forge(part=lambda value: [value])),
    ("a41 a member besides", "document", lambda: forge(part=part(note="x"))),
    ("a41 a member less", "document", lambda: forge(part=without("seed"))),
    ("a41 v 0", "version", lambda: forge(part=part(v=0))),
    ("a41 v true", "version", lambda: forge(part=part(v=True))),
    ("a41 v a string", "version", lambda: forge(part=part(v="2"))),
    ("a41 no v", "version", lambda: forge(part=without("v"))),
    ("a41 seed of 31 bytes", "base64", lambda: forge(part=part(seed=b64u(bytes(31))))),
    ("a41 seed padded", "base64", lambda: forge(part=part(seed=b64u(SEED) + "="))),
    ("a41 signature of 63 bytes", "base64", lambda: forge(part=part(jws=b64u(bytes(63))))),
    ("a41 document null", "document", lambda: forge(part=part(document=None))),
    (
        "a41 document of 29 claims",
        "document",
        lambda: forge(part=lambda v: {**v, "document": headless(v["document"])}),
    ),
    (
        "a41 document with a claim named _sd",
        "document",
        lambda: forge(part=lambda v: {**v, "document": {**v["document"], "_sd": []}}),
    ),
    # A22, A45 and who may be addressed
    (
        "a22 bidi override in the subject",
        "characters",
        lambda: forge(part=lambda v: {**v, "document": document(subject="a\u202eb")}),
    ),
    ("a45 cable to another post", "not-addressed", lambda: forge(document(to=[addressee("KINGSTON")]))),
    # files
    ("file missing", "files-differ", lambda: forge(files=FILES[:1])),
    ("file besides", "files-differ", lambda: forge(files=[*FILES, Attachment("x", "text/plain", b"x")])),
    ("files in another order", "files-differ", lambda: forge(files=FILES[::-1])),
    ("file of other bytes", "files-differ", lambda: forge(files=[FILES[0]._replace(content=b"x"), FILES[1]])),
    (
        "file of another name",
        "files-differ",
        lambda: forge(files=[FILES[0]._replace(name="a.exe"), FILES[1]]),
    ),
    (
        "file of another type",
        "files-differ",
        lambda: forge(files=[FILES[0]._replace(media_type="text/html"), FILES[1]]),
    ),
    # A66: the label
    ("a66 label missing", "label-missing", lambda: forge(label=None)),
    ("a66 label lower", "label-differs", lambda: forge(label=EssLabel(OID, 1))),
    ("a66 label higher", "label-differs", lambda: forge(label=EssLabel(OID, 5))),
    ("a66 label of another policy", "label-differs", lambda: forge(label=EssLabel("2.25.99", 4))),
    ("a66 level that the policy lacks", "label-differs", lambda: forge(document(classification="COSMIC"))),
    # A35–A37, A54: the header inside the seal
    ("a35 From of another post", "header-differs", lambda: forge(sender="havana@mfa.example")),
    (
        "a35 From of another organisation",
        "header-differs",
        lambda: forge(sender="capital@mfa.example.evil.example"),
    ),
    ("a37 Sender", "header-differs", lambda: forge(entity=edited("Date:", "Sender: eve@x.example\r\nDate:"))),
    (
        "a37 Reply-To",
        "header-differs",
        lambda: forge(entity=edited("Date:", "Reply-To: eve@x.example\r\nDate:")),
    ),
    ("a37 Bcc", "header-differs", lambda: forge(entity=edited("Date:", "Bcc: eve@x.example\r\nDate:"))),
    ("a37 two From", "field-twice", lambda: forge(entity=edited("Date:", "From: eve@x.example\r\nDate:"))),
    (
        "a36 display name",
        "address",
        lambda: forge(
            entity=edited("From: capital@mfa.example\r\n", "From: CAPITAL <capital@mfa.example>\r\n")
        ),
    ),
    ("a54 subject of another cable", "header-differs", lambda: forge(header=document(subject="Surrender"))),
    ("a54 precedence raised", "header-differs", lambda: forge(header=document(precedence_action="FLASH"))),
    ("a54 another date", "header-differs", lambda: forge(header=document(dtg="2026-10-27T18:41:00Z"))),
    (
        "a54 another message type",
        "header-differs",
        lambda: forge(header=document(exercise={"kind": "drill", "name": "X"})),
    ),
    ("a54 a code besides", "header-differs", lambda: forge(header=document(tags=["PREL", "ECON"]))),
    (
        "a54 MMHS field besides",
        "header-differs",
        lambda: forge(entity=edited("MIME-Version", "MMHS-Codress-Message-Indicator: 1\r\nMIME-Version")),
    ),
    (
        "a54 precedence missing",
        "header-differs",
        lambda: forge(entity=edited("MMHS-Primary-Precedence: 3\r\n", "")),
    ),
    ("a54 hp missing", "structure", lambda: forge(entity=edited(' hp="cipher";', ""))),
    (
        "a54 HP-Outer lies",
        "hp-outer",
        lambda: forge(entity=edited("HP-Outer: From: capital", "HP-Outer: From: havana")),
    ),
    # A31–A34: parts besides
    (
        "a31 part ahead",
        "structure",
        lambda: forge(
            entity=edited(
                "--=_cable-mixed\r\n",
                "--=_cable-mixed\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--=_cable-mixed\r\n",
            )
        ),
    ),
    (
        "a32 HTML beside the text",
        "structure",
        lambda: forge(
            entity=edited("Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8")
        ),
    ),
    (
        "a33 part for a cid: link",
        "structure",
        lambda: forge(entity=edited("Content-Disposition", "Content-ID: <a@b>\r\nContent-Disposition")),
    ),
    # A70: keys of other uses
    ("a70 a system key signs", "wrong-use", lambda: forged_with(Use.SYSTEM)),
    ("a70 an opening key signs", "wrong-use", lambda: forged_with(Use.OPENING)),
    ("another post signs", "wrong-post", lambda: forged_with(Use.RELEASE, HAVANA)),
    ("another post signs its own name's cable", "wrong-post", lambda: forged_with(Use.RELEASE, KINGSTON)),
]


def headless(doc: dict[str, Any]) -> dict[str, Any]:
    changed = copy(doc)
    del changed["head"]["subject"]
    return changed


def forged_with(use: Use, post: Any = None) -> bytes:
    key, certificate = HOUSE.give(use) if post is None else HOUSE.give(use, post)
    return forge(key=key, certificate=certificate)


@pytest.mark.parametrize(("code", "attack"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_refused(code: str, attack: Attack) -> None:
    assert codes(attack()) == [code]


def test_the_workshop_itself_signs_good_cables() -> None:
    assert read(forge()).fate == "accepted"


WEAK = [
    ("a40 another text", "Surrender"),
    ("a40 one letter", "now carry"),
    ("a40 document reworded", "does carry arms"),
    ("a40 JWS by another key of the post", "Grain"),
    ("a41 duplicate key inside", "Grain"),
    ("a41 NaN", "Grain"),
    ("a45 cable to another post", "KINGSTON"),
    ("file of other bytes", "Grain"),
    ("file besides", "Grain"),
    ("a66 label lower", "SECRET"),
    ("a66 label missing", "SECRET"),
    ("a35 From of another post", "Grain"),
    ("a37 Sender", "Grain"),
    ("a54 subject of another cable", "Grain"),
    ("a54 precedence raised", "Grain"),
    ("another post signs", "CAPITAL"),
]


@pytest.mark.parametrize(("name", "shown"), WEAK)
def test_a_weak_reader_takes_it(name: str, shown: str) -> None:
    assert shown in weak(next(attack for case, _, attack in CASES if case == name)())


# ---- without a key -------------------------------------------------------------------------


def test_a45_a_cable_sealed_again_for_a_third_post() -> None:
    """The signature is good and stays good; only the document says for whom it is."""
    data = signed().signed_data
    assert read(data).fate == "accepted"
    assert codes(data, own_post=KINGSTON) == ["not-addressed"]
    assert "Grain" in weak(data)


def test_two_cables_spliced() -> None:
    """The entity of one in the CMS of another: the digest in the signed attributes tells."""
    one, two = signed().signed_data, signed(seed=bytes(32)).signed_data
    first, second = signing.verify(one).content, signing.verify(two).content
    assert len(first) == len(second)
    assert codes(one.replace(first, second)) == ["bad-signature"]


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_any_altered_octet_is_refused(data: st.DataObject) -> None:
    good = signed().signed_data
    at = data.draw(st.integers(0, len(good) - 1))
    octet = data.draw(st.integers(0, 255).filter(lambda octet: octet != good[at]))
    verdict = read(good[:at] + bytes([octet]) + good[at + 1 :])
    assert verdict.fate != "accepted"


@given(st.integers(0, 10_000), st.binary(max_size=40))
@settings(max_examples=80, deadline=None)
def test_truncated_or_lengthened_is_refused(cut: int, more: bytes) -> None:
    good = signed().signed_data
    changed = good[: max(0, len(good) - cut)] + more
    assert changed == good or read(changed).fate == "refused"


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_a_verdict(data: bytes) -> None:
    assert read(data).fate == "refused"
    assert read(forge(data=data)).fate == "refused"


def test_a_forger_with_an_authority_of_his_own_is_held_never_accepted() -> None:
    """Same names, another authority: it may be a card that has not come; it is never shown as a cable."""
    forger = make_house()
    key, certificate = forger.give(Use.RELEASE)
    verdict = read(forge(key=key, certificate=certificate))
    assert verdict.fate == "held" and verdict.cable is None
    assert [problem.code for problem in verdict.problems] == ["unknown-authority"]


def test_a_self_signed_certificate_is_refused_or_held() -> None:
    forger = make_house()
    verdict = read(forge(key=forger.key, certificate=forger.certificate))
    assert verdict.fate == "refused"


def test_a64_two_certificates_for_one_key() -> None:
    """CMS names one certificate of the key, the JWS another of the same key and post."""
    second = trust.issue(
        HOUSE.key, HOUSE.certificate, post=trust_post(), use=Use.RELEASE, public_key=KEY.public_key(), now=NOW
    )
    assert second != CERTIFICATE
    assert read(forge(certificate=second)).fate == "accepted"
    assert codes(forge(certificate=second, jws_certificate=CERTIFICATE)) == ["bad-jws"]


def trust_post() -> Any:
    from seal_material import CAPITAL

    return CAPITAL


def test_a30_a_name_with_escapes_is_not_shown_raw() -> None:
    verdict = read(forge())
    assert verdict.signer is not None
    assert all(name.isprintable() for name in verdict.signer.path)


def test_the_verdict_names_the_claimed_post_and_the_digest_only_after_the_signature() -> None:
    assert read(forge(text="x\n")).digest is not None
    assert read(forge(part=part(jws=b64u(bytes(64))))).digest is None
    assert read(b"x").claimed is None
    assert read(forge(sender="havana@mfa.example")).message_id == MESSAGE_ID


def test_no_message_of_others_passes_for_a_cable(shared: Path) -> None:
    """Every made attack, and every S/MIME example of others, as a SignedData: raw, or out of its base64."""
    import base64
    import re

    root = shared / "data"
    files = [
        path
        for folder in ("attacks/smime-made", "attacks/mimekit/smime", "smime/rfc4134")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    ]
    assert len(files) > 100
    for path in files:
        raw = path.read_bytes()
        found = [raw]
        for block in re.findall(rb"(?:[A-Za-z0-9+/=]{20,80}\r?\n){4,}", raw):
            squeezed = re.sub(rb"\s", b"", block)
            found.append(base64.b64decode(squeezed + b"=" * (-len(squeezed) % 4)))
        for candidate in found:
            verdict = read(candidate)
            assert verdict.fate != "accepted" and verdict.cable is None, path
            if verdict.fate == "held":
                assert {problem.code for problem in verdict.problems} <= {"unknown-certificate"}, path


def test_only_the_errors_of_the_house_are_raised() -> None:
    from cableroom.seal.cables import open_without_trust

    for data in (b"", b"x", forge(data=b"[]"), forge(text="x\n")[:-1]):
        with pytest.raises(CableroomError):
            open_without_trust(data)
