"""The walker finds every stored byte that was changed, and says where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, models

from cableroom.errors import NotFound
from cableroom.register import audit, blobs, heads, ledger, notes, tree, witness
from cableroom.register.acts import Act
from cableroom.register.models import Blob, Cosigned, EntryRow, Head, Register, TileRow, Witnessed

from .conftest import OTHER, POST

Note = Callable[..., Act]


@pytest.fixture
def filled(note: Note) -> str:
    """265 entries (one full tile), two heads, a small and a large blob, another's head, a cosignature."""
    ledger.create_register(OTHER)
    ledger.append(note("blob:small", blob=b"small" * 10))
    ledger.append(note("blob:large", blob=b"large" * 60_000))
    ledger.append_all([note(f"act:{n}") for n in range(118)])
    first = ledger.sign_head(POST)
    ledger.append_all([note(f"act:{n}", text="spoke") for n in range(118, 263)])
    ledger.sign_head(POST)
    ledger.append(note("other:1", register=OTHER))
    witness.witness(POST, ledger.sign_head(OTHER), ledger.vkey(OTHER), source=OTHER)
    assert witness.newest_seen(POST, ledger.view(OTHER).origin)
    line = notes.cosign(first, ledger.view(OTHER).origin, heads.log_key(OTHER), 1_700_000_000)
    witness.check_own(POST, notes.with_lines(first, line), ledger.vkey(OTHER), source=OTHER)
    return POST


def test_a_good_register_is_good(filled: str) -> None:
    told: list[int] = []
    report = audit.verify(filled, progress=lambda name, count: told.append(count))
    assert report.problems == []
    assert (report.size, report.heads, report.signed, report.blobs) == (265, 2, 265, 2)
    assert (
        report.root == notes.read_checkpoint(str(ledger.newest_head(POST)).split("\n\n")[0] + "\n").root.hex()
    )
    assert told[-1] == 265
    assert report.as_json()["ok"] is True
    assert all(report.ok for report in audit.verify_all())
    with pytest.raises(NotFound):
        audit.verify("mfa.example/NOWHERE")


def flip(value: Any) -> Any:
    """The value with one bit, letter or number changed."""
    if isinstance(value, (bytes, memoryview)):
        raw = bytearray(bytes(value))
        raw[len(raw) // 2] ^= 1
        return bytes(raw)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value + 1
    text = str(value)
    middle = len(text) // 2
    letter = "a" if text[middle] != "a" else "b"
    return text[:middle] + letter + text[middle + 1 :]


ROWS: dict[type[models.Model], dict[str, Any]] = {
    EntryRow: {"register": POST, "index": 100},
    Blob: {"register": POST, "index": 0},
    TileRow: {"register": POST, "level": 1, "number": 0},
    Head: {"size": 120},
    Witnessed: {"register": POST},
    Cosigned: {},
    Register: {"name": POST},
}
# what we say ourselves about a head of another: nothing signs it, and nothing is proved from it
UNPROVED = {"source", "said_at", "newest", "disputed"}


def test_every_changed_column_is_found(filled: str) -> None:
    checked = 0
    for table, where in ROWS.items():
        found = table._default_manager.filter(**where)
        names = [
            field.name
            for field in table._meta.local_concrete_fields
            if not isinstance(field, models.CompositePrimaryKey) and field.name not in UNPROVED
        ]
        [before] = found.values(*names)
        for name in names:
            value = before[name]
            changed = 10_000 if name == "index" else b"\0" if value is None else flip(value)
            found.update(**{name: changed})
            problems = [str(problem) for report in audit.verify_all() for problem in report.problems]
            assert problems, f"{table.__name__}.{name} was changed and nobody noticed"
            if table is EntryRow and name not in ("register", "index"):
                assert any("entry 100:" in problem for problem in problems), problems
            table._default_manager.filter(**(where | ({name: changed} if name in where else {}))).update(
                **{name: value}
            )
            checked += 1
    assert checked > 30
    assert all(report.ok for report in audit.verify_all()), "all is as it was"


def problems() -> list[str]:
    return [f"{problem.code} {problem.where}" for problem in audit.verify(POST).problems]


def test_an_entry_that_was_rewritten_throughout_is_found_by_the_signature(filled: str) -> None:
    """Whoever has the database can make a row good again, and the tree with it, but no head."""
    from cableroom.register import entries

    row = EntryRow.objects.get(register=POST, index=210)
    row.canonical = bytes(row.canonical).replace(b"spoke", b"spake")
    row.leaf = entries.commitment(bytes(row.salt), row.canonical)
    row.save()
    frontier = tree.Frontier()
    TileRow.objects.all().delete()
    for other in EntryRow.objects.filter(register=POST).order_by("index"):
        for level, done in frontier.push(tree.leaf_hash(bytes(other.leaf))):
            tile, _ = TileRow.objects.get_or_create(
                register=POST, level=level, number=0, defaults={"hashes": b""}
            )
            TileRow.objects.filter(pk=tile.pk).update(hashes=bytes(tile.hashes) + done)
    Register.objects.filter(name=POST).update(frontier=frontier.to_bytes())
    assert problems() == [f"head-root {POST}, head of 265"]
    [problem] = audit.verify(POST).problems
    assert "entries 120 to 264" in problem.message


def test_a_missing_entry_is_named(filled: str) -> None:
    EntryRow.objects.filter(register=POST, index=77).delete()
    assert f"entry-missing {POST}, entry 77" in problems()


def test_a_key_that_stands_twice_is_named(note: Note, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the constraint of the database, which somebody may have dropped."""
    ledger.append_all([note(f"act:{n}") for n in range(3)])
    [constraint] = EntryRow._meta.constraints
    with monkeypatch.context() as without, connection.schema_editor() as editor:
        without.setattr(EntryRow._meta, "constraints", [])
        editor.remove_constraint(EntryRow, constraint)
    try:
        EntryRow.objects.filter(register=POST, index=2).update(key="act:0")
        assert f"entry-key {POST}, key act:0" in problems()
        EntryRow.objects.filter(register=POST, index=2).update(key="act:2")
        assert problems() == []
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(EntryRow, constraint)


def test_a_cut_off_end_is_named(filled: str) -> None:
    EntryRow.objects.filter(register=POST, index__gte=260).delete()
    assert {f"head-ahead {POST}, head of 265", f"register-row {POST}, its row"} <= set(problems())


def test_a_blob_without_entry_and_an_entry_without_blob_are_named(filled: str) -> None:
    Blob(register=POST, index=9, sha256="0" * 64, length=0, content=b"").save(force_insert=True)
    Blob(register=POST, index=9_999, sha256="0" * 64, length=0, content=b"").save(force_insert=True)
    found = problems()
    assert f"blob {POST}, entry 9" in found
    assert f"blob-alone {POST}, entry 9999" in found


def test_f20_f21_a_blob_file_changed_swapped_or_gone_is_named(filled: str) -> None:
    path = blobs.path_of(Blob.objects.get(register=POST, index=1).sha256)
    good = path.read_bytes()
    for bad in (good[:-1], b"X" + good[1:], b""):
        path.write_bytes(bad)
        assert problems() == [f"blob {POST}, entry 1"]
    path.unlink()
    assert problems() == [f"blob {POST}, entry 1"]
    path.write_bytes(good)
    assert problems() == []


def test_tiles_too_many_or_too_few_are_named(filled: str) -> None:
    TileRow(register=POST, level=2, number=0, hashes=bytes(32)).save(force_insert=True)
    assert problems() == [f"tile {POST}, tile/2/000"]
    TileRow.objects.filter(register=POST).delete()
    assert f"tile {POST}, tile/1/000" in problems()


def test_a_head_noted_outside_that_is_ahead_is_named(filled: str) -> None:
    """The data folder is older than its last head."""
    before = dict(Register.objects.filter(name=POST).values("size", "frontier")[0])
    index = ledger.size(POST)
    from .conftest import PERSON

    fact = ledger.fact(
        POST,
        "Noted",
        "late",
        actor=PERSON,
        data={"no": None, "note": None, "outcome": None},
        digest="ab" * 32,
    )
    ledger.append(fact)
    ledger.sign_head(POST)
    EntryRow.objects.filter(register=POST, index=index).delete()
    Head.objects.filter(size=index + 1).delete()
    Register.objects.filter(name=POST).update(**before)
    assert problems() == [f"head-outside {POST}, the head of 266 noted outside"]


def test_rows_of_no_register_are_named(filled: str) -> None:
    Register.objects.filter(name=OTHER).delete()
    reports = {report.register: report for report in audit.verify_all() if not report.ok}
    assert OTHER in reports


def test_a_released_cable_without_its_blob_is_named(post: str) -> None:
    mrn = {"org": "mfa.example", "post": "CAPITAL", "series": None, "serial": 1, "year": 2026}
    data = {
        "mrn": mrn, "level": 1, "draft": "d1", "version": "ab" * 32, "message_id": "<a@mfa.example>",
        "certificate": "cd" * 32, "authentication": {"method": "passphrase", "at": "2026-10-27T18:40:00.000Z"},
        "again": None,
    }  # fmt: skip
    ledger.append(
        ledger.fact(POST, "Released", "release:d1", actor=ledger.Actor(), data=data, digest="ef" * 32)
    )
    assert problems() == [f"blob-missing {POST}, entry 0"]


def test_f5_a_blob_that_no_commit_named_is_swept_a_day_later(filled: str) -> None:
    orphan = blobs.keep(b"orphan" * 60_000)
    named = blobs.path_of(Blob.objects.get(register=POST, index=1).sha256)
    path = blobs.path_of(orphan.sha256)
    assert blobs.sweep_orphans() == 0
    import os

    for file in (path, named):
        os.utime(file, (0, 0))
    assert blobs.sweep_orphans() == 1
    assert (path.exists(), named.exists()) == (False, True)


def test_f12_a_blob_found_torn_is_written_again(post: str) -> None:
    data = b"cable" * 60_000
    kept = blobs.keep(data)
    path = blobs.path_of(kept.sha256)
    path.write_bytes(data[:1000] + bytes(len(data) - 1000))
    assert blobs.keep(data) == kept
    assert path.read_bytes() == data
    assert path.is_relative_to(Path(settings.HOME) / "blobs")
