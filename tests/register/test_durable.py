"""Durable before named: the order of writes, syncs and names, and every step of it failing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from cableroom.errors import Corrupt, Unavailable
from cableroom.register import blobs, ledger
from cableroom.register.acts import Act, Facts, Turn
from cableroom.register.durable import write_durably
from cableroom.register.models import Blob

from .conftest import PERSON, POST

Note = Callable[..., Act]
LARGE = b"cable" * 100_000


def name_of(handle: int) -> str:
    return Path(os.readlink(f"/proc/self/fd/{handle}")).name


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the disk, in order."""
    told: list[str] = []
    fsync, write, replace = os.fsync, os.write, Path.replace

    def tell_fsync(handle: int) -> None:
        told.append(f"sync {name_of(handle)}")
        fsync(handle)

    def tell_write(handle: int, data: bytes) -> int:
        name = name_of(handle)
        if name.endswith(".tmp"):
            told.append("write")
        return write(handle, data[:300_000])  # as a disk may: not all at once

    def tell_replace(self: Path, target: Path) -> Path:
        told.append(f"name {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", tell_fsync)
    monkeypatch.setattr(os, "write", tell_write)
    monkeypatch.setattr(Path, "replace", tell_replace)
    yield told


def test_f12_f13_the_file_is_synced_before_it_is_named_and_its_folders_after(
    tmp_path: Path, steps: list[str]
) -> None:
    write_durably(tmp_path / "blobs" / "ab" / "file", LARGE, below=tmp_path)
    temporary = next(step for step in steps if step.startswith("sync ."))
    assert temporary.endswith(".tmp")
    assert steps == [
        "write", "write", temporary, "name file", "sync ab", "sync blobs", f"sync {tmp_path.name}",
    ]  # fmt: skip
    assert (tmp_path / "blobs" / "ab" / "file").read_bytes() == LARGE


def test_the_blob_is_on_disk_before_the_commit_that_names_it(
    note: Note, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cableroom.register import writer

    write = writer.Writer._write

    def tell(self: writer.Writer, acts: list[Act]) -> object:
        steps.append("group")
        return write(self, acts)

    monkeypatch.setattr(writer.Writer, "_write", tell)
    ledger.append(note("act:1", blob=LARGE))
    assert steps[-1] == "group", "the writer never waits for it"
    assert len(steps) > 5
    assert Blob.objects.get().content is None
    assert ledger.blob(POST, 0) == LARGE
    steps.clear()
    ledger.append(note("act:2", blob=b"small"))
    assert steps == ["group"]
    assert bytes(Blob.objects.get(index=1).content) == b"small"


def test_a_large_blob_that_only_the_act_itself_can_make_is_kept_as_well(post: str) -> None:
    def run(turn: Turn) -> Facts:
        return Facts({"no": None, "note": None, "outcome": None}, PERSON, "ab" * 32, blob=LARGE + b"made")

    ledger.append(Act(POST, "Noted", "act:1", run))
    assert ledger.blob(POST, 0) == LARGE + b"made"


@pytest.mark.parametrize("call", ["open", "write", "fsync", "close"])
def test_f14_f16_an_error_of_the_disk_refuses_and_names_nothing(
    note: Note, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """An error of close counts, too: what was written may be gone."""
    real = getattr(os, call)
    data = LARGE + call.encode()

    def fail(*arguments: object, **more: object) -> object:
        handle = arguments[0]
        ours = isinstance(handle, Path) if call == "open" else name_of(handle).endswith(".tmp")  # type: ignore[arg-type]
        if not ours:
            return real(*arguments, **more)
        if call == "close":
            real(*arguments)
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(Unavailable, match="Input/output error"):
            ledger.append(note("act:1", blob=data))
    assert ledger.size(POST) == 0
    kept = [path.name for path in (Path(settings.HOME) / "blobs").rglob("*") if path.is_file()]
    assert blobs.keep(data).sha256 not in kept
    assert not any(name.endswith(".tmp") for name in kept)
    assert ledger.append(note("act:1", blob=data)).index == 0
    assert ledger.blob(POST, 0) == data


def test_f12_a_blob_is_hashed_again_at_each_reading(note: Note) -> None:
    ledger.append(note("act:1", blob=LARGE + b"read"))
    path = blobs.path_of(Blob.objects.get().sha256)
    path.write_bytes(bytes(len(LARGE) + 4))
    with pytest.raises(Corrupt):
        ledger.blob(POST, 0)
    path.unlink()
    with pytest.raises(Corrupt, match="missing"):
        ledger.blob(POST, 0)
