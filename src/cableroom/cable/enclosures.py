"""What a cable leans on and what travels with it: refs and files, as the document says them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cableroom.cable import shapes
from cableroom.cable.reference import Ref, kind_of
from cableroom.cable.shapes import members, refuse

MAX_REFS: Final = 26
MAX_FILES: Final = 99


@dataclass(frozen=True, slots=True)
class File:
    """A file that travels with the cable: what the document says of it."""

    n: int
    name: str
    media_type: str
    bytes: int
    sha256: str
    mark: str | None = None

    def as_text(self) -> str:
        mark = "" if self.mark is None else f" ({self.mark})"
        return f"{self.n}. {self.name} ({self.media_type}, {self.bytes} bytes, sha256:{self.sha256}){mark}"

    def to_json(self) -> dict[str, Any]:
        return {
            "bytes": self.bytes,
            "mark": self.mark,
            "media_type": self.media_type,
            "n": self.n,
            "name": self.name,
            "sha256": self.sha256,
        }


def read_refs(value: object, home: str | None) -> tuple[Ref, ...]:
    """`refs` of a document, seen from the organisation `home`; raises DocumentError."""
    items = () if value is None else shapes.some(value, "refs")
    if len(items) > MAX_REFS:
        raise refuse(f"There are {len(items)} refs, more than {MAX_REFS}.", "refs", code="limit")
    refs = tuple(read_ref(item, f"refs.{n}") for n, item in enumerate(items, 1))
    for n, ref in enumerate(refs):
        if ref.letter != chr(ord("A") + n):
            raise refuse(f"The letter of this ref is {chr(ord('A') + n)}.", f"refs.{n + 1}", code="letter")
        if ref.kind != kind_of(ref.cited, home):
            raise refuse(f"The form of this ref is that of {kind_of(ref.cited, home)}.", f"refs.{n + 1}")
    shapes.no_twice((ref.digest for ref in refs if ref.digest), "refs")
    return refs


def read_ref(value: object, where: str) -> Ref:
    """One ref by itself."""
    found = members(value, ("cited", "digest", "kind", "letter"), where)
    return Ref(
        shapes.letter(found["letter"], where),
        shapes.one_of("mrn", "dtg", "free")(found["kind"], where),
        shapes.line(found["cited"], where),
        None if found["digest"] is None else shapes.digest(found["digest"], where),
    )


def read_files(value: object) -> tuple[File, ...]:
    """`files` of a document; raises DocumentError."""
    items = () if value is None else shapes.some(value, "files")
    if len(items) > MAX_FILES:
        raise refuse(f"There are {len(items)} files, more than {MAX_FILES}.", "files", code="limit")
    files = tuple(read_file(item, f"files.{n}") for n, item in enumerate(items, 1))
    for n, file in enumerate(files, 1):
        if file.n != n:
            raise refuse(f"This file is number {n}, not {file.n}.", f"files.{n}", code="number")
    return files


def read_file(value: object, where: str) -> File:
    """One file by itself."""
    found = members(value, ("bytes", "mark", "media_type", "n", "name", "sha256"), where)
    return File(
        shapes.integer(found["n"], where, 1, MAX_FILES),
        shapes.line(found["name"], where),
        shapes.media_type(found["media_type"], where),
        shapes.integer(found["bytes"], where),
        shapes.digest(found["sha256"], where),
        None if found["mark"] is None else shapes.mark(found["mark"], where),
    )
