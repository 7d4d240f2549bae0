"""A document of old comes in: what is registered, who sees what of it, and that it all follows from the register."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import cableroom.archive
from cableroom.archive import accessioning, records
from cableroom.archive.recordform import print_record
from cableroom.directory import covernames
from cableroom.errors import InputError, NotAllowed, NotFound
from cableroom.register import audit, ledger, rebuilding

SAMPLE = (Path(cableroom.archive.__file__).parent / "samples" / "veide-1961.txt").read_bytes()


def bring_in(post: SimpleNamespace, data: bytes = SAMPLE, **more: str) -> ledger.Entry:
    return accessioning.accession(data, post=post.post, by=post.sand, now=post.now, **more)


def test_it_is_one_entry_and_a_record(post: SimpleNamespace) -> None:
    entry = bring_in(post)
    assert bring_in(post).index == entry.index  # the same bytes again are the same record
    [row] = records.records(post.sand, now=post.now)
    assert (row.record, row.proof, row.came, row.kind) == (
        entry.data["record"],
        "attested",
        "imported",
        "document",
    )
    assert row.dated is not None and row.dated.date().isoformat() == "1961-03-14"
    found = accessioning.imported(post.sand, row.register, row.digest, now=post.now)
    assert found.source == SAMPLE and print_record(found.form).encode() == SAMPLE
    assert "Vernes" not in str([e.data for e in ledger.entries(post.register)])  # no text in entries
    assert rebuilding.rebuild(check=True) == []
    assert all(report.ok for report in audit.verify_all(deep=True))


def test_who_is_meant_is_told_to_the_cleared_alone(post: SimpleNamespace) -> None:
    bring_in(post, cover_level="SECRET")
    assert covernames.meaning(post.sand, "Heron", now=post.now) is not None
    assert covernames.meaning(post.lind, "Heron", now=post.now) is None
    [row] = records.records(post.lind, now=post.now)
    found = accessioning.imported(post.lind, row.register, row.digest, now=post.now)
    known = covernames.meanings(post.lind, [c.name for c in found.form.cover_names], now=post.now)
    assert "Aaske" not in print_record(records.cleared_form(found.form, frozenset(known)))


def test_a_record_above_somebodys_clearance_does_not_exist_for_them(post: SimpleNamespace) -> None:
    entry = bring_in(post, level="CONFIDENTIAL")
    assert records.records(post.lind, now=post.now) == []
    for name in (entry.data["record"], entry.digest, "no-such-record"):
        with pytest.raises(NotFound) as caught:
            records.find(post.lind, str(name), now=post.now)
        assert str(caught.value) == "No such record, or not for you to read."


def test_only_an_archivist_brings_in_and_confirms(post: SimpleNamespace) -> None:
    with pytest.raises(NotAllowed):
        accessioning.accession(SAMPLE, post=post.post, by=post.lind, now=post.now)
    assert ledger.size(post.register) == 0
    entry = bring_in(post)
    with pytest.raises(NotAllowed):
        accessioning.decide(
            post.lind,
            register=post.register,
            digest=str(entry.digest),
            no=1,
            decision="confirmed",
            now=post.now,
        )


def test_a_proposed_instruction_waits_for_a_person(post: SimpleNamespace) -> None:
    entry = bring_in(post)
    record = str(entry.data["record"])
    assert records.decisions(post.register, record) == {}
    for decision in ("confirmed", "rejected"):
        accessioning.decide(
            post.sand, register=post.register, digest=str(entry.digest), no=2, decision=decision, now=post.now
        )
        assert records.decisions(post.register, record) == {2: decision}
    with pytest.raises(NotFound):
        accessioning.decide(
            post.sand,
            register=post.register,
            digest=str(entry.digest),
            no=9,
            decision="confirmed",
            now=post.now,
        )
    assert rebuilding.rebuild(check=True) == []


def test_what_is_no_record_changes_nothing(post: SimpleNamespace) -> None:
    with pytest.raises(InputError):
        bring_in(post, b"nothing of the kind")
    assert ledger.size(post.register) == 0


def test_the_seed_is_shown_as_it_is(post: SimpleNamespace, shared: Path) -> None:
    source = (shared / "seed" / "gromyko.txt").read_bytes()
    bring_in(post, source)
    [row] = records.records(post.sand, now=post.now)
    found = accessioning.imported(post.sand, row.register, row.digest, now=post.now)
    assert found.form.citation.encode() in source
    meaning = covernames.meaning(post.sand, "Pavlov", now=post.now)
    assert meaning is not None and meaning.meaning.startswith("USSR Gen. Issa A. Pliyev")
