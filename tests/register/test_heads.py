"""Signed heads: over committed entries, extending each other, noted outside, never two for one size."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cableroom.errors import Corrupt, Fork, NotFound, ProofError, Unavailable
from cableroom.register import audit, heads, leases, ledger, notes, proving, tiles, tree
from cableroom.register.acts import Act
from cableroom.register.models import EntryRow, Head, Lease, Register

from .conftest import OTHER, POST

Note = Callable[..., Act]
Keys = dict[str, Ed25519PrivateKey]


def checkpoint(note: str) -> notes.Checkpoint:
    return notes.verify_checkpoint(note, ledger.vkey(POST))


def outside() -> Path:
    view = ledger.view(POST)
    [path] = [p for p in heads.outside_folder().iterdir() if p.read_text().startswith(view.origin + "\n")]
    return path


def test_a_head_covers_what_is_committed_and_is_signed_once(note: Note) -> None:
    ledger.append_all([note(f"act:{n}") for n in range(5)])
    first = ledger.sign_head(POST)
    assert checkpoint(first).size == 5
    assert ledger.sign_head(POST) == first == ledger.newest_head(POST)
    ledger.append(note("act:5"))
    assert ledger.newest_head(POST) == first
    assert checkpoint(ledger.sign_head(POST)).size == 6
    assert Head.objects.count() == 2


def test_the_head_of_an_empty_register_is_that_of_nothing(post: str) -> None:
    assert ledger.newest_head(POST) is None
    assert checkpoint(ledger.sign_head(POST)) == notes.Checkpoint(
        ledger.view(POST).origin, 0, tree.EMPTY_ROOT
    )


def test_a_head_larger_than_the_entry_that_a_receipt_reports(note: Note) -> None:
    ledger.append(note("act:0"))
    first = ledger.head_covering(POST, 0)
    assert checkpoint(first).size == 1
    ledger.append(note("act:1"))
    assert ledger.head_covering(POST, 0) == first
    assert checkpoint(ledger.head_covering(POST, 1)).size == 2


def test_the_head_is_noted_outside_the_data_folder(note: Note) -> None:
    ledger.append(note("act:0"))
    head = ledger.sign_head(POST)
    assert outside().read_text() == head
    ledger.append(note("act:1"))
    assert outside().read_text() == head
    assert ledger.sign_head(POST) == outside().read_text()


def test_no_head_is_handed_out_that_cannot_be_noted(
    note: Note, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ledger.append(note("act:0"))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="noted outside"):
        ledger.sign_head(POST)
    assert not Head.objects.exists()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with monkeypatch.context() as patch:
        patch.setattr(heads, "write_durably", full)
        for hand_out in (ledger.sign_head, ledger.newest_head, ledger.sign_head):
            with pytest.raises(Unavailable, match="No space left"):
                hand_out(POST)
    assert Head.objects.count() == 1, "committed, but not handed out"
    assert checkpoint(str(ledger.newest_head(POST))).size == 1
    assert checkpoint(ledger.sign_head(POST)).size == 1


def roll_back(size: int) -> None:
    """What a restored backup looks like."""
    frontier = tree.Frontier()
    EntryRow.objects.filter(register=POST, index__gte=size).delete()
    for row in EntryRow.objects.filter(register=POST).order_by("index"):
        frontier.push(tree.leaf_hash(bytes(row.leaf)))
    Register.objects.filter(name=POST).update(size=size, frontier=frontier.to_bytes())
    Head.objects.filter(size__gt=size).delete()


def test_a_register_that_was_set_back_signs_no_more(note: Note) -> None:
    ledger.append_all([note(f"act:{n}") for n in range(4)])
    ledger.sign_head(POST)
    ledger.append(note("act:4"))
    ledger.sign_head(POST)
    roll_back(4)
    ledger.append(note("act:another"))
    with pytest.raises(Fork, match="is noted outside"):
        ledger.sign_head(POST)
    roll_back(3)
    with pytest.raises(Fork, match="entries are missing"):
        ledger.sign_head(POST)
    assert not Head.objects.filter(size__gt=4).exists()


def test_a_rewritten_register_signs_no_more(note: Note) -> None:
    ledger.append_all([note(f"act:{n}") for n in range(4)])
    ledger.sign_head(POST)
    outside().unlink()
    roll_back(3)
    Head.objects.filter(origin=ledger.view(POST).origin).delete()
    ledger.append(note("act:another"))
    forged = ledger.sign_head(POST)  # nothing is left to contradict it here: only witnesses could
    roll_back(2)
    Head.objects.create(origin=checkpoint(forged).origin, size=4, root=checkpoint(forged).root, note=forged)
    ledger.append_all([note(f"act:third{n}") for n in range(3)])
    with pytest.raises(Fork, match="was signed"):
        ledger.sign_head(POST)


def test_a_note_outside_that_was_altered_is_named(note: Note) -> None:
    ledger.append(note("act:0"))
    ledger.sign_head(POST)
    outside().write_text(outside().read_text().replace("\n1\n", "\n2\n"))
    ledger.append(note("act:1"))
    with pytest.raises(Corrupt, match="does not hold"):
        ledger.sign_head(POST)


def test_another_log_key_signs_nothing(note: Note, log_keys: Keys) -> None:
    ledger.append(note("act:0"))
    log_keys[POST] = Ed25519PrivateKey.generate()
    with pytest.raises(Corrupt, match="log key"):
        ledger.sign_head(POST)


def test_only_the_holder_of_the_lease_signs(note: Note) -> None:
    ledger.append(note("act:0"))
    assert leases.take(heads.LEASE)
    row = Lease.objects.get(name=heads.LEASE)
    row.holder = "1-another"  # process 1 lives
    row.save()
    leases._mine.clear()
    with pytest.raises(Unavailable, match="does not answer"):
        ledger.sign_head(POST, wait=0.1)
    assert heads.sign_grown_heads() == 0
    row.until = 0.0
    row.save()
    assert checkpoint(ledger.sign_head(POST)).size == 1
    assert not Lease.objects.exists(), "an act only borrows the lease"


def test_f6_heads_signed_at_once_by_many_are_one_line(note: Note) -> None:
    """However appends and signatures fall together: one root a size, each extending the one before."""

    def work(n: int) -> None:
        for m in range(10):
            ledger.append(note(f"act:{n}:{m}"))
            ledger.sign_head(POST)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert checkpoint(ledger.sign_head(POST)).size == 40
    report = audit.verify(POST)
    assert report.ok, report.problems
    assert report.heads == Head.objects.count()


def test_the_worker_signs_for_every_register_that_has_grown(note: Note) -> None:
    ledger.append(note("act:0"))
    assert heads.sign_grown_heads() == 1
    assert heads.sign_grown_heads() == 0
    assert checkpoint(str(ledger.newest_head(POST))).size == 1


def test_one_register_that_must_not_be_signed_does_not_stop_the_others(
    note: Note, caplog: pytest.LogCaptureFixture
) -> None:
    other = ledger.create_register(OTHER).name
    ledger.append_all([note(f"act:{n}") for n in range(4)])
    ledger.sign_head(POST)
    roll_back(3)
    ledger.append_all([note("act:0b", register=other), *(note(f"act:third{n}") for n in range(3))])
    for _ in range(2):
        heads.sign_grown_heads()
    assert ledger.newest_head(other)
    assert not Head.objects.filter(size=6).exists()
    assert caplog.text.count("no head for") == 1


# -- proofs ------------------------------------------------------------------------------------


def test_a_proof_shows_its_entry_and_no_other(note: Note) -> None:
    ledger.append_all([note(f"act:{n}", text=f"number {n}") for n in range(300)])
    for index in (0, 1, 255, 256, 299):
        proof = audit.prove(POST, index)
        shown = audit.check(proof, ledger.vkey(POST))
        assert (shown.index, shown.entry.data["note"]) == (index, f"number {index}")
        assert shown.checkpoint.size == 300
        assert b"number" not in proof
    with pytest.raises(NotFound):
        audit.prove(POST, 300)


def test_no_byte_of_a_proof_can_be_changed(note: Note) -> None:
    ledger.append_all([note(f"act:{n}") for n in range(7)])
    proof, vkey = audit.prove(POST, 3), ledger.vkey(POST)
    for at in range(len(proof)):
        changed = bytearray(proof)
        changed[at] ^= 0x01 if chr(changed[at]).isalnum() else 0x40
        with pytest.raises(ProofError):
            audit.check(bytes(changed), vkey)


def test_a81_a_proof_for_another_place_is_refused(note: Note) -> None:
    ledger.append_all([note(f"act:{n}") for n in range(7)])
    proof, vkey = audit.prove(POST, 3).decode(), ledger.vkey(POST)
    lines = proof.split("\n")
    hashes = [line for line in lines[3:] if len(line) == 44][:3]
    wrong = {
        "another index": proof.replace("index 3\n", "index 2\n"),
        "an index beyond": proof.replace("index 3\n", "index 7\n"),
        "a leading zero": proof.replace("index 3\n", "index 03\n"),
        "a hash more": proof.replace(hashes[0], hashes[0] + "\n" + hashes[0]),
        "a hash less": proof.replace(hashes[2] + "\n", ""),
        "no hash": "\n".join(line for line in lines if line not in hashes),
        "no extra": "\n".join(line for line in lines if not line.startswith("extra")),
        "an empty extra": proof.replace(lines[1], "extra "),
        "another header": proof.replace("@v1", "@v2"),
        "nothing": "",
        "no checkpoint": proof.split("\n\n")[0],
    }
    for name, text in wrong.items():
        with pytest.raises(ProofError):
            audit.check(text, vkey)
            pytest.fail(name)


def test_consistency_is_proved_and_nothing_else(note: Note) -> None:
    ledger.append_all([note(f"act:{n}") for n in range(5)])
    older = checkpoint(ledger.sign_head(POST))
    ledger.append_all([note(f"act:more{n}") for n in range(6)])
    ledger.sign_head(POST)
    body, vkey = audit.prove_consistency(POST, 5), ledger.vkey(POST)
    assert body.startswith(b"old 5\n")
    assert audit.check_consistency(body, vkey, older).size == 11
    other = notes.Checkpoint(older.origin, 5, bytes(32))
    with pytest.raises(ProofError):
        audit.check_consistency(body, vkey, other)
    with pytest.raises(ProofError):
        audit.check_consistency(body, vkey, notes.Checkpoint(older.origin, 4, older.root))
    with pytest.raises(ProofError):
        audit.check_consistency(body.replace(b"old 5", b"old 6"), vkey, older)
    with pytest.raises(ProofError):
        audit.prove_consistency(POST, 12)
    empty = notes.Checkpoint(older.origin, 0, tree.EMPTY_ROOT)
    assert audit.check_consistency(audit.prove_consistency(POST, 0), vkey, empty).size == 11
    assert audit.check_consistency(audit.prove_consistency(POST, 5, size=5), vkey, older) == older


def test_tiles_are_given_within_signed_sizes_alone(note: Note) -> None:
    ledger.append_all([note(f"act:{n}") for n in range(260)])
    with pytest.raises(ProofError):
        proving.tile(POST, "tile/0/000")
    head = checkpoint(ledger.sign_head(POST))
    ledger.append(note("act:unsigned"))
    given = {tile: proving.tile(POST, tile.path) for tile in tiles.tiles_of(260)}

    def row(level: int, number: int) -> list[bytes]:
        [tile] = [t for t in given if (t.level, t.number) == (level, number)]
        return tiles.read_hashes(given[tile], tile.width)

    assert tree.root(260, tiles.nodes(row)) == head.root
    for tile, data in given.items():
        if tile.level is None:
            leaves = tiles.read_bundle(data, tile.width)
            assert [tree.leaf_hash(leaf) for leaf in leaves] == row(0, tile.number)
            assert {len(leaf) for leaf in leaves} == {32}
    for path in ("tile/0/001.p/5", "tile/1/000.p/2", "tile/2/000.p/1"):
        with pytest.raises(ProofError):
            proving.tile(POST, path)
