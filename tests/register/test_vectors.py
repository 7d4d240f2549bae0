"""The vectors of the log, from which a stranger can check another implementation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cableroom.errors import ProofError
from cableroom.register import notes, proofs, tiles, tree

FOLDER = Path(__file__).parent.parent / "vectors"
LOG = json.loads((FOLDER / "register-log.json").read_text("utf-8"))
ENTRIES = json.loads((FOLDER / "register-entries.json").read_text("utf-8"))["entries"]
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(LOG["log_key"]))
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(LOG["witness_key"]))
LEAVES = [bytes.fromhex(entry) for entry in LOG["entries"]]
HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES]
NODE = tiles.nodes(lambda level, number: HASHES)


def test_the_tree() -> None:
    assert LOG["entries"] == [entry["entry"] for entry in ENTRIES]
    assert [tree.root(size, NODE).hex() for size in range(6)] == LOG["roots"]
    for case in LOG["inclusion"]:
        assert [step.hex() for step in tree.inclusion_proof(case["index"], 5, NODE)] == case["path"]
    for case in LOG["consistency"]:
        found = [step.hex() for step in tree.consistency_proof(case["old"], case["size"], NODE)]
        assert found == case["path"]


def test_the_notes() -> None:
    assert notes.vkey_of(LOG["origin"], KEY.public_key()) == LOG["vkey"]
    assert notes.cosigner_vkey(notes.vkey_of(LOG["witness"], WITNESS.public_key())) == LOG["witness_vkey"]
    for size, note in LOG["checkpoints"].items():
        head = notes.Checkpoint(LOG["origin"], int(size), bytes.fromhex(LOG["roots"][int(size)]))
        assert notes.sign_checkpoint(head, KEY) == note
        assert notes.verify_checkpoint(note, LOG["vkey"]) == head
    line = notes.cosign(LOG["checkpoints"]["5"], LOG["witness"], WITNESS, LOG["cosigned_at"])
    assert notes.with_lines(LOG["checkpoints"]["5"], line) == LOG["cosigned"]
    assert notes.verify_cosignature(LOG["cosigned"], LOG["witness_vkey"]).time == LOG["cosigned_at"]


def test_the_proofs() -> None:
    for case, entry in zip(LOG["inclusion"], ENTRIES, strict=True):
        read = proofs.read_inclusion(case["tlog_proof"])
        assert str(read) == case["tlog_proof"]
        shown = proofs.check_inclusion(case["tlog_proof"], LOG["vkey"], [LOG["witness_vkey"]])
        assert (shown.index, shown.entry.key) == (case["index"], entry["value"]["key"])
        assert len(shown.cosigners) == (case["index"] == 1)
    older = notes.verify_checkpoint(LOG["checkpoints"]["2"], LOG["vkey"])
    assert proofs.check_consistency(LOG["add_checkpoint"], LOG["vkey"], older).size == 5
    assert str(proofs.read_consistency(LOG["add_checkpoint"])) == LOG["add_checkpoint"]


def test_the_tiles() -> None:
    given = {tile.path: tile for tile in tiles.tiles_of(5)}
    assert set(given) == set(LOG["tiles"])
    assert bytes.fromhex(LOG["tiles"]["tile/0/000.p/5"]) == b"".join(HASHES)
    assert bytes.fromhex(LOG["tiles"]["tile/entries/000.p/5"]) == tiles.bundle(LEAVES)


BAD_PROOFS = {
    "a stranger's key": (None, Ed25519PrivateKey.from_private_bytes(bytes(32))),
    "a broken cosignature": ("cosignature", None),
    "windows lines": ("crlf", None),
    "sixty-four hashes": ("hashes", None),
}


@pytest.mark.parametrize("name", BAD_PROOFS)
def test_a_bad_proof_is_refused(name: str) -> None:
    how, key = BAD_PROOFS[name]
    good = LOG["inclusion"][1]["tlog_proof"]
    vkey = LOG["vkey"] if key is None else notes.vkey_of(LOG["origin"], key.public_key())
    if how == "cosignature":
        line = LOG["cosigned"].rstrip("\n").split("\n")[-1]
        good = (
            good.replace(line[-20:], "A" * 19 + "=")
            if line.endswith("=")
            else good.replace(line[-4:], "AAAA")
        )
    elif how == "crlf":
        good = good.replace("\n", "\r\n")
    elif how == "hashes":
        step = good.split("\n")[3]
        good = good.replace(step + "\n", (step + "\n") * 64)
    with pytest.raises(ProofError):
        proofs.check_inclusion(good, vkey, [LOG["witness_vkey"]])


def test_a_strangers_cosignature_is_passed_over() -> None:
    stranger = notes.vkey_of("w.example", Ed25519PrivateKey.generate().public_key(), notes.COSIGNATURE)
    shown = proofs.check_inclusion(LOG["inclusion"][1]["tlog_proof"], LOG["vkey"], [stranger])
    assert shown.cosigners == ()
