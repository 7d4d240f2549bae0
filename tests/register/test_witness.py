"""Others' heads: every way in which a log can show two faces is caught, and evidence kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cableroom.errors import Fork, ProofError
from cableroom.register import audit, heads, ledger, notes, tree, witness
from cableroom.register.acts import Act
from cableroom.register.models import Cosigned, Witnessed
from cableroom.register.proofs import Consistency

from .conftest import OTHER, POST

Note = Callable[..., Act]
NOON = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)


class Log:
    """A correspondent's log, honest or not."""

    origin = "relief.example/field/00c0ffee"

    def __init__(self, seed: int = 1, key: int = 7) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(bytes([key] * 32))
        self.vkey = notes.vkey_of(self.origin, self.key.public_key())
        self.leaves = [tree.leaf_hash(b"%d %d" % (seed, n)) for n in range(40)]

    def node(self, level: int, index: int) -> bytes:
        frontier = tree.Frontier()
        for leaf in self.leaves[index << level : (index + 1) << level]:
            frontier.push(leaf)
        return frontier.root()

    def head(self, size: int) -> str:
        root = tree.root(size, self.node)
        return notes.sign_checkpoint(notes.Checkpoint(self.origin, size, root), self.key)

    def proof(self, old: int, size: int) -> str:
        path = tree.consistency_proof(old, size, self.node)
        return str(Consistency(old, tuple(path), self.head(size)))


def see(log: Log, note: str, minutes: int | None = None, **more: object) -> witness.Seen:
    said_at = NOON + timedelta(minutes=minutes) if minutes is not None else None
    return witness.witness(POST, note, log.vkey, source="relief.example/FIELD", said_at=said_at, **more)


def alarms() -> list[str]:
    return [entry.data["code"] for entry in ledger.entries(POST, kinds=["Alarm"])]


def test_heads_that_agree_are_kept_and_countersigned(post: str) -> None:
    log = Log()
    assert see(log, log.head(3), 0).status == "new"
    assert see(log, log.head(3), 1).status == "known"
    assert see(log, log.head(9), 2).status == "new"
    assert (Witnessed.objects.count(), alarms()) == (2, [])
    assert witness.cosign_grown() == 1
    assert witness.cosign_grown() == 0
    shown = witness.newest_seen(POST, log.origin)
    assert shown is not None
    assert notes.verify_checkpoint(shown, log.vkey).size == 9
    cosigned = notes.verify_cosignature(shown, notes.cosigner_vkey(ledger.vkey(POST)))
    assert cosigned.name == ledger.view(POST).origin
    assert audit.verify(POST).ok


def test_the_newest_head_is_countersigned_on_demand(post: str) -> None:
    log = Log()
    assert witness.newest_seen(POST, log.origin) is None
    see(log, log.head(3))
    shown = witness.newest_seen(POST, log.origin)
    assert shown is not None
    assert notes.verify_cosignature(shown, notes.cosigner_vkey(ledger.vkey(POST)))


def test_a79_a80_two_roots_for_one_size_are_a_fork(post: str) -> None:
    log, face = Log(), Log(seed=2)
    see(log, log.head(5), 0)
    with pytest.raises(Fork):
        see(log, face.head(5), 1)
    [alarm] = ledger.entries(POST, kinds=["Alarm"])
    assert alarm.data["code"] == "head-fork"
    assert alarm.data["evidence"] == [log.head(5), face.head(5)]
    with pytest.raises(Fork):
        see(log, face.head(5), 2)
    assert alarms() == ["head-fork"], "one alarm for one piece of evidence"


def test_after_a_fork_nothing_of_that_log_is_countersigned(post: str) -> None:
    log, face = Log(), Log(seed=2)
    see(log, log.head(5), 0)
    before = witness.newest_seen(POST, log.origin)
    with pytest.raises(Fork):
        see(log, face.head(5), 1)
    see(log, log.head(8), 2)
    assert witness.cosign_grown() == 0
    assert witness.newest_seen(POST, log.origin) == before


def test_a80_a_log_that_goes_back_is_caught(post: str) -> None:
    log = Log()
    see(log, log.head(9), 5)
    with pytest.raises(Fork):
        see(log, log.head(4), 6)
    assert alarms() == ["head-rolled-back"]


def test_mail_that_comes_late_is_no_rollback(post: str) -> None:
    log = Log()
    see(log, log.head(9), 5)
    assert see(log, log.head(4), 4).status == "older"
    assert see(log, log.head(3)).status == "older"
    assert see(log, log.head(6), 5).status == "older", "sealed at the same moment, by another hand"
    assert alarms() == []
    with pytest.raises(Fork):
        see(log, Log(seed=2).head(4), 4)
    assert alarms() == ["head-fork"], "what came late is evidence all the same"


def test_a80_one_root_for_two_sizes_is_a_fork(post: str) -> None:
    log = Log()
    see(log, log.head(5))
    root = tree.root(5, log.node)
    forged = notes.sign_checkpoint(notes.Checkpoint(log.origin, 6, root), log.key)
    with pytest.raises(Fork):
        see(log, forged)


def test_a80_bad_notes_are_refused_and_the_evidence_kept(post: str) -> None:
    log = Log()
    other_origin = notes.sign_note(
        log.head(3).split("\n\n")[0].replace("field", "x") + "\n", log.origin, log.key
    )
    empty_with_root = notes.sign_note(f"{log.origin}\n0\n{'A' * 43}=\n", log.origin, log.key)
    two_texts = notes.sign_note(log.head(3) + "\n" + log.head(4).split("\n\n")[0] + "\n", log.origin, log.key)
    bad = [
        log.head(3).replace("\n3\n", "\n4\n"), Log(key=8).head(3), other_origin, empty_with_root, two_texts, "",
    ]  # fmt: skip
    for note in bad:
        with pytest.raises(ProofError):
            see(log, note)
    assert alarms() == ["head-invalid"] * len(bad)
    assert not Witnessed.objects.exists()


def test_a_proof_of_consistency_is_checked_when_there_is_one(post: str) -> None:
    log, face = Log(), Log(seed=2)
    see(log, log.head(5))
    assert see(log, log.head(11), proof=log.proof(5, 11)).status == "new"
    with pytest.raises(Fork):
        see(log, face.head(20), proof=face.proof(11, 20))
    assert alarms() == ["head-inconsistent"]
    with pytest.raises(ProofError):
        see(log, log.head(21), proof=log.proof(7, 21))
    with pytest.raises(ProofError):
        see(log, log.head(21), proof=log.proof(11, 22))
    assert see(log, log.head(23), proof=log.proof(11, 23).encode()).status == "new"


def test_a_head_is_kept_within_an_act(note: Note) -> None:
    log = Log()
    seen = witness.judge(POST, log.head(3), log.vkey, source="relief.example/FIELD")

    def run(turn: ledger.Turn) -> ledger.Facts:
        witness.keep(seen)
        return ledger.Facts({"no": None, "note": None, "outcome": None}, ledger.Actor(), "ab" * 32)

    ledger.append(Act(POST, "Noted", "act:1", run))
    assert Witnessed.objects.get().newest


def test_what_was_seen_is_entered_once_a_day(post: str) -> None:
    log = Log()
    see(log, log.head(3))
    assert witness.anchor() == 1
    see(log, log.head(4))
    assert witness.anchor() == 0
    [entry] = ledger.entries(POST, kinds=["Witnessed"])
    root = tree.root(3, log.node).hex()
    assert entry.data == {"origin": log.origin, "size": 3, "root": root, "from": "relief.example/FIELD"}


# -- what others have seen of us ---------------------------------------------------------------


def test_a_head_of_ours_comes_back_with_a_cosignature(note: Note) -> None:
    """Two registers of ours stand for the two ends."""
    ledger.create_register(OTHER)
    ledger.append_all([note(f"act:{n}") for n in range(3)])
    ours = ledger.sign_head(POST)
    witness.witness(OTHER, ours, ledger.vkey(POST), source=POST)
    ledger.append(note("act:more"))
    shown = witness.newest_seen(OTHER, ledger.view(POST).origin)
    assert shown is not None
    assert witness.check_own(POST, shown, ledger.vkey(OTHER), source=OTHER).size == 3
    assert witness.check_own(POST, shown, ledger.vkey(OTHER), source=OTHER).size == 3
    row = Cosigned.objects.get()
    assert (row.size, row.witness) == (3, ledger.view(OTHER).origin)
    shown_by = [notes.cosigner_vkey(ledger.vkey(OTHER))]
    proof = audit.prove(POST, 0)
    assert audit.check(proof, ledger.vkey(POST)).cosigners == ()
    assert audit.verify(POST).ok
    assert audit.verify(OTHER).ok
    ledger.sign_head(POST)
    head = notes.with_lines(ours, row.line)
    assert notes.verify_cosignature(head, shown_by[0]).name == row.witness


def test_a_head_of_ours_that_we_never_signed_is_an_alarm_here_too(note: Note, log_keys: dict) -> None:
    ledger.create_register(OTHER)
    ledger.append_all([note(f"act:{n}") for n in range(3)])
    ledger.sign_head(POST)
    view = ledger.view(POST)

    def shown(size: int, root: bytes, key: Ed25519PrivateKey | None = None) -> str:
        head = notes.sign_checkpoint(notes.Checkpoint(view.origin, size, root), key or log_keys[POST])
        line = notes.cosign(head, ledger.view(OTHER).origin, heads.log_key(OTHER), 1_700_000_000)
        return notes.with_lines(head, line)

    with pytest.raises(Fork, match="this register has 3"):
        witness.check_own(POST, shown(9, bytes(32)), ledger.vkey(OTHER), source=OTHER)
    with pytest.raises(Fork, match="another head"):
        witness.check_own(POST, shown(2, bytes(32)), ledger.vkey(OTHER), source=OTHER)
    with pytest.raises(ProofError):
        forger = Ed25519PrivateKey.generate()
        witness.check_own(POST, shown(2, bytes(32), forger), ledger.vkey(OTHER), source=OTHER)
    with pytest.raises(ProofError):
        witness.check_own(POST, ledger.sign_head(POST), ledger.vkey(OTHER), source=OTHER)
    assert alarms() == ["own-head-ahead", "own-head-fork", "seen-invalid", "seen-invalid"]


def test_a_head_of_ours_that_is_consistent_is_good_although_its_row_is_gone(note: Note) -> None:
    ledger.create_register(OTHER)
    ledger.append_all([note(f"act:{n}") for n in range(3)])
    ours = ledger.sign_head(POST)
    line = notes.cosign(ours, ledger.view(OTHER).origin, heads.log_key(OTHER), 1_700_000_000)
    from cableroom.register.models import Head

    Head.objects.all().delete()
    shown = notes.with_lines(ours, line)
    assert witness.check_own(POST, shown, ledger.vkey(OTHER), source=OTHER).size == 3
