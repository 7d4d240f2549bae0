"""Signed notes, checkpoints, cosignatures: others' examples, and every way to be wrong."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from cableroom.errors import ProofError
from cableroom.register import notes, tree

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
NAME = "mfa.example/capital/0badcafe"
VKEY = notes.vkey_of(NAME, KEY.public_key())
WITNESS_VKEY = notes.vkey_of("witness.example/w1", WITNESS.public_key(), notes.COSIGNATURE)
HEAD = notes.Checkpoint(NAME, 3, bytes(range(32)))
NOTE = notes.sign_checkpoint(HEAD, KEY)


def test_a_checkpoint_comes_back() -> None:
    assert notes.verify_checkpoint(NOTE, VKEY) == HEAD
    assert str(notes.read_note(NOTE)) == NOTE
    assert notes.read_vkey(VKEY).name == NAME
    assert str(notes.read_vkey(VKEY)) == VKEY


def test_a_cosignature_comes_back_and_leaves_the_note_as_it_was() -> None:
    line = notes.cosign(NOTE, "witness.example/w1", WITNESS, 1679315147)
    both = notes.with_lines(NOTE, line)
    assert notes.verify_cosignature(both, WITNESS_VKEY) == notes.Cosigned("witness.example/w1", 1679315147)
    assert notes.verify_checkpoint(both, VKEY) == HEAD


def test_one_key_in_two_uses_has_two_ids() -> None:
    as_witness = notes.cosigner_vkey(VKEY)
    assert notes.read_vkey(as_witness).key_id != notes.read_vkey(VKEY).key_id
    with pytest.raises(ProofError):
        notes.verify_note(NOTE, [as_witness])
    with pytest.raises(ProofError):
        notes.verify_cosignature(NOTE, as_witness)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(NOTE.encode()) * 8 - 1))
def test_no_bit_of_a_checkpoint_can_be_changed(bit: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ProofError):
        notes.verify_checkpoint(bytes(changed), VKEY)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 75 * 8 - 1))
def test_no_bit_of_a_cosignature_can_be_changed(bit: int) -> None:
    signature = notes.read_note(notes.with_lines(NOTE, notes.cosign(NOTE, "w", WITNESS, 5))).signatures[1]
    raw = bytearray(signature.key_id + signature.value)
    raw[bit // 8] ^= 1 << bit % 8
    line = notes.Signature("w", bytes(raw[:4]), bytes(raw[4:])).line
    vkey = notes.vkey_of("w", WITNESS.public_key(), notes.COSIGNATURE)
    with pytest.raises(ProofError):
        notes.verify_cosignature(NOTE + line, vkey)


BODY = HEAD.text
BAD_NOTES = {
    "nothing": "",
    "no signature": BODY,
    "no empty line": BODY + NOTE[len(BODY) + 1 :],
    "no newline at the end": NOTE[:-1],
    "text after the signatures": NOTE + "more\n",
    "empty line after the signatures": NOTE + "\n",
    "hyphen for a dash": NOTE.replace("\u2014", "-"),
    "carriage returns": NOTE.replace("\n", "\r\n"),
    "a tab in the text": NOTE.replace("\n3\n", "\n3\t\n"),
    "a name with a plus": NOTE.replace("\u2014 mfa", "\u2014 m+fa"),
    "no name": re.sub("\u2014 [^ ]+ ", "\u2014 ", NOTE),
    "signature of four bytes": BODY + "\n\u2014 " + NAME + " AAAAAA==\n",
    "no base64": BODY + "\n\u2014 " + NAME + " ????????\n",
    "base64 of another form": NOTE.replace("=\n", "\n"),
    "too many signatures": NOTE + (NOTE[len(BODY) + 1 :] * 64),
    "signed by nobody known": notes.sign_checkpoint(HEAD, WITNESS),
    "signed twice, once wrongly": NOTE + notes.Signature(NAME, notes.read_vkey(VKEY).key_id, bytes(64)).line,
}


@pytest.mark.parametrize("name", BAD_NOTES)
def test_a_bad_note_is_refused(name: str) -> None:
    with pytest.raises(ProofError):
        notes.verify_note(BAD_NOTES[name], [VKEY])


BAD_CHECKPOINTS = {
    "leading zero": BODY.replace("\n3\n", "\n03\n"),
    "plus sign": BODY.replace("\n3\n", "\n+3\n"),
    "negative": BODY.replace("\n3\n", "\n-3\n"),
    "other digits": BODY.replace("\n3\n", "\n\u0663\n"),
    "too large": BODY.replace("\n3\n", "\n9223372036854775808\n"),
    "no root": "\n".join(BODY.split("\n")[:2]) + "\n",
    "short root": BODY.replace("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AAEC"),
    "an extension line": BODY + "extension\n",
    "no origin": BODY.replace(NAME, ""),
    "origin with a blank": BODY.replace(NAME, "mfa example"),
    "empty tree with a root": BODY.replace("\n3\n", "\n0\n"),
}


@pytest.mark.parametrize("name", BAD_CHECKPOINTS)
def test_a_bad_checkpoint_is_refused_although_signed(name: str) -> None:
    note = notes.sign_note(BAD_CHECKPOINTS[name], NAME, KEY)
    with pytest.raises(ProofError):
        notes.verify_checkpoint(note, VKEY)


def test_a_checkpoint_of_another_log_signed_by_this_key_is_refused() -> None:
    note = notes.sign_note(HEAD.text.replace("capital", "havana"), NAME, KEY)
    with pytest.raises(ProofError, match="another log"):
        notes.verify_checkpoint(note, VKEY)


def test_an_empty_log_has_the_root_of_nothing() -> None:
    head = notes.Checkpoint(NAME, 0, tree.EMPTY_ROOT)
    assert notes.verify_checkpoint(notes.sign_checkpoint(head, KEY), VKEY) == head


def test_base64_has_one_form() -> None:
    """Bits behind the last byte would let one signature be written in several ways."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert NOTE.endswith("=\n") and "=\n\n" in NOTE
    for end in ("=\n\n", "=\n"):
        at = NOTE.rindex(end) - 1 if end == "=\n" else NOTE.index(end) - 1
        other = letters[letters.index(NOTE[at]) + 1]
        changed = NOTE[:at] + other + NOTE[at + 1 :]
        with pytest.raises(ProofError, match="base64"):
            notes.read_checkpoint(notes.read_note(changed).text)


BAD_VKEYS = {
    "two parts": "mfa.example+12345678",
    "another id": VKEY.replace(notes.read_vkey(VKEY).key_id.hex(), "00000000"),
    "the id of another name": VKEY.replace("capital", "havana"),
    "an id in capitals": VKEY.replace(
        notes.read_vkey(VKEY).key_id.hex(), notes.read_vkey(VKEY).key_id.hex().upper()
    ),
    "an unknown type": str(notes.VerifierKey(NAME, 5, bytes(32))),
    "a short key": str(notes.VerifierKey(NAME, 1, bytes(31))),
    "no name": VKEY[len(NAME) :],
    "a name with a blank": str(notes.VerifierKey("a b", 1, bytes(32))),
    "no base64": VKEY[:-4] + "????",
}


@pytest.mark.parametrize("name", BAD_VKEYS)
def test_a_bad_verifier_key_is_refused(name: str) -> None:
    with pytest.raises(ProofError):
        notes.read_vkey(BAD_VKEYS[name])


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (notes.read_note, notes.read_checkpoint, notes.read_vkey):
        with contextlib.suppress(ProofError):
            read(text)


# -- others' examples --------------------------------------------------------------------------


def test_examples_of_the_specification(shared: Path) -> None:
    given_notes = json.loads((shared / "data/vectors/tlog/notes.json").read_text())
    seen = 0
    for case in given_notes["notes"]:
        if case.get("alg", "").startswith("Ed25519"):
            assert notes.verify_note(case["note"], [case["vkey"]]).text
            seen += 1
        elif not case["verifies"]:
            with pytest.raises(ProofError):
                notes.verify_note(case["note"], [case["vkey"]])
    assert seen == 1
    for vkey in given_notes["vkeys_good"]:
        if vkey.startswith("PeterNeumann"):
            assert str(notes.read_vkey(vkey)) == vkey
    for case in given_notes["vkeys_bad"]:
        with pytest.raises(ProofError):
            notes.read_vkey(case["vkey"])


def test_checkpoints_of_tessera(shared: Path) -> None:
    folder = shared / "data/vectors/tlog/tessera"
    vkey = (folder / "vkey").read_text().strip()
    for size in range(16):
        head = notes.verify_checkpoint((folder / f"checkpoint.{size}").read_bytes(), vkey)
        assert (head.origin, head.size) == ("example.com/log/testdata", size)


def test_cosignatures_of_sunlight(shared: Path) -> None:
    folder = shared / "data/vectors/tlog/sunlight"
    cases = [
        ("witness/witness.v0.json", "witness/0*/checkpoint", "witness.example.org"),
        ("witness2/witness.v0.json", "witness2/*/checkpoint", "witness2.example.org"),
        ("witness/mirror/mirror.v0.json", "witness/mirror/*/checkpoint", "mirror.example.org"),
    ]
    for keys, pattern, name in cases:
        [vkey] = json.loads((folder / keys).read_text())["verifier_keys"]
        [checkpoint] = folder.glob(pattern)
        found = notes.verify_cosignature(checkpoint.read_bytes(), vkey)
        assert found.name == name
        assert found.time > 1_700_000_000
        with pytest.raises(ProofError):
            notes.verify_cosignature(checkpoint.read_text().replace("\n300\n", "\n301\n"), vkey)
