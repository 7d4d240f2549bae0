"""The walker: recomputes a register from its rows and says what is wrong, and where.

It reads every entry once, in order, and holds no more than the right edge of the tree. What
it finds are `Problem`s; an empty list means: every entry is canonical, says what its columns
say, is the one that was committed to; indexes run without gap, keys are unique, blobs and tiles
are whole, every head that was signed is the root of its entries, and nothing was signed here or
noted outside that the register does not extend.

Entries after the newest signed head are covered by no signature yet; the report names their number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count

from cableroom.errors import CableroomError, NotFound, Problem
from cableroom.register import blobs, entries, heads, notes, registry, tiles, tree
from cableroom.register.acts import HOUSE
from cableroom.register.models import Blob, Cosigned, EntryRow, Head, Register, TileRow, Witnessed
from cableroom.register.proofs import Proved, check_consistency, check_inclusion
from cableroom.register.proving import prove, prove_consistency
from cableroom.register.writer import entry_of

__all__ = [
    "Proved",
    "Report",
    "check",
    "check_consistency",
    "prove",
    "prove_consistency",
    "verify",
    "verify_all",
]

PAGE: Final = 1000
MAX_PROBLEMS: Final = 200
BLOB_KINDS: Final = registry.OPENED_KINDS
_COLUMNS: Final = ("index", "key", "kind", "digest", "at", "canonical", "salt", "leaf")

check = check_inclusion


@dataclass(slots=True)
class Report:
    """What the walker found in one register. `signed` is the size of its newest good head."""

    register: str
    origin: str = ""
    size: int = 0
    root: str = ""
    heads: int = 0
    signed: int = 0
    blobs: int = 0
    problems: list[Problem] = field(default_factory=list)
    more: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems

    def add(self, code: str, where: str, what: str) -> None:
        """Note a problem; after the first 200 only their number."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, where, what))
        else:
            self.more += 1

    def as_json(self) -> dict[str, Any]:
        return {
            "register": self.register,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "heads": self.heads,
            "signed": self.signed,
            "blobs": self.blobs,
            "ok": self.ok,
            "problems": [problem.as_json() for problem in self.problems],
            "more": self.more,
        }


def verify_all(*, deep: bool = False, progress: Callable[[str, int], None] | None = None) -> list[Report]:
    """Verify every register, and that no row belongs to none."""
    names = list(Register.objects.order_by("name").values_list("name", flat=True))
    reports = [verify(name, deep=deep, progress=progress) for name in names]
    for table in (EntryRow, Blob, TileRow, Witnessed):
        lost = table.objects.exclude(register__in=names).order_by("register")
        for name in lost.values_list("register", flat=True).distinct():
            report = Report(name)
            report.add("no-register", name, f"{table.__name__} rows belong to no register.")
            reports.append(report)
    origins = [report.origin for report in reports]
    for heads_of in (Head, Cosigned):
        strange = heads_of.objects.exclude(origin__in=origins).order_by("origin")
        for origin in strange.values_list("origin", flat=True).distinct():
            report = Report(origin)
            report.add("no-register", origin, f"{heads_of.__name__} rows belong to no register.")
            reports.append(report)
    return reports


def verify(
    register: str, *, deep: bool = False, progress: Callable[[str, int], None] | None = None
) -> Report:
    """Recompute one register. With `deep` each cable is opened, too, with the keys of the directory.

    `progress(register, entries)` is called now and then. NotFound if there is no such register.
    """
    row = Register.objects.filter(name=register).first()
    if row is None:
        raise NotFound(f"There is no register {register}.", code="no-register")
    return _Walk(row, deep, progress).run()


class _Walk:
    """One walk through one register."""

    def __init__(self, row: Register, deep: bool, progress: Callable[[str, int], None] | None) -> None:
        self.row = row
        self.deep = deep
        self.progress = progress
        self.report = Report(row.name, row.origin)
        self.frontier = tree.Frontier()
        self.tiles = _Tiles(row.name, self.report)
        self.heads = _rows_of(Head.objects.filter(origin=row.origin), "size")
        self.blobs = _rows_of(Blob.objects.filter(register=row.name), "index")
        self.head = next(self.heads, None)
        self.blob = next(self.blobs, None)
        self.lines = _rows_of(Cosigned.objects.filter(origin=row.origin), "size")
        self.line = next(self.lines, None)
        self.last_good = 0

    def run(self) -> Report:
        self._check_key()
        self._pass_heads()
        for values in _entries(self.row.name):
            self._entry(*values)
            self._pass_heads()
            if self.progress is not None and self.frontier.size % PAGE == 0:
                self.progress(self.row.name, self.frontier.size)
        self._end()
        return self.report

    def _add(self, code: str, where: str, what: str) -> None:
        self.report.add(code, f"{self.row.name}, {where}", what)

    def _check_key(self) -> None:
        try:
            if notes.read_vkey(self.row.vkey).name != self.row.origin:
                self._add("register-key", "its row", "The verifier key is not that of the origin.")
        except CableroomError as error:
            self._add("register-key", "its row", error.what)

    # -- entries ----------------------------------------------------------------------------

    def _entry(
        self,
        index: int,
        key: str,
        kind: str,
        digest: str | None,
        at: str,
        canonical: Any,
        salt: Any,
        leaf: Any,
    ) -> None:
        expected = self.frontier.size
        while expected < index:
            self._add("entry-missing", f"entry {expected}", "It is missing.")
            if index - expected > 3:
                self._add("entry-missing", f"entries {expected + 1} to {index - 1}", "They are missing.")
                break
            expected += 1
        where = f"entry {index}"
        canonical, salt, leaf = bytes(canonical), bytes(salt), bytes(leaf)
        prefixed = hashlib.sha256(entries.PREFIX + salt + canonical).digest()
        if len(salt) != entries.SALT_BYTES or prefixed != leaf:
            self._add("entry-leaf", where, "Its bytes and salt are not those that the log has committed to.")
        cause, data = self._canonical(where, canonical, (key, kind, digest, at))
        if cause is not None and cause >= index:
            self._add("entry-cause", where, "Its cause comes after it.")
        if data is not None:
            try:
                entries.check_data(kind, data, digest, house=self.row.name == HOUSE)
            except CableroomError as error:
                self._add(error.code, where, error.what)
        self._blob(index, kind)
        self.tiles.take(self.frontier, tree.leaf_hash(leaf))

    def _canonical(
        self, where: str, canonical: bytes, columns: tuple[str, str, str | None, str]
    ) -> tuple[int | None, dict[str, Any] | None]:
        try:
            value = entries.from_bytes(canonical)
        except CableroomError as error:
            self._add("entry-bytes", where, error.what)
            return None, None
        said = (value.key, value.kind, value.digest, entries.stamp_of(value))
        if said != columns:
            self._add("entry-columns", where, "Its columns say something else than its canonical bytes.")
        return value.cause, value.data

    # -- blobs ------------------------------------------------------------------------------

    def _blob(self, index: int, kind: str) -> None:
        while self.blob is not None and self.blob.index < index:
            self._add("blob-alone", f"entry {self.blob.index}", "There is a blob, but no entry.")
            self.blob = next(self.blobs, None)
        if self.blob is None or self.blob.index != index:
            if kind in BLOB_KINDS:
                self._add("blob-missing", f"entry {index}", f"An entry {kind} has no blob.")
            return
        where = f"entry {index}"
        try:
            sealed = blobs.read(self.blob)
            self.report.blobs += 1
            if self.deep and kind in BLOB_KINDS and (opener := registry.opener()) is not None:
                row = EntryRow.objects.get(register=self.row.name, index=index)
                opener(entry_of(row), sealed)
        except CableroomError as error:
            self._add("blob", where, error.what)
        self.blob = next(self.blobs, None)

    # -- heads ------------------------------------------------------------------------------

    def _pass_heads(self) -> None:
        while self.head is not None and self.head.size <= self.frontier.size:
            if self.head.size < self.frontier.size:
                self._add("head", f"head of {self.head.size}", "There are no such entries.")
            else:
                self._check_head(self.head)
            self.head = next(self.heads, None)
        while self.line is not None and self.line.size <= self.frontier.size:
            self._check_line(self.line)
            self.line = next(self.lines, None)

    def _check_line(self, line: Cosigned) -> None:
        """A witness's signature on a head of ours must hold over the entries of that size."""
        where = f"cosignature of {line.witness} on the head of {line.size}"
        if line.size != self.frontier.size:
            self._add("cosigned", where, "There are no such entries.")
            return
        head = notes.Checkpoint(self.row.origin, line.size, self.frontier.root())
        try:
            found = notes.verify_cosignature(f"{head.text}\n{line.line}", line.vkey)
            if found.name != line.witness:
                self._add("cosigned", where, f"It is by {found.name}.")
        except CableroomError as error:
            self._add("cosigned", where, error.what)

    def _check_head(self, head: Head) -> None:
        where = f"head of {head.size}"
        self.report.heads += 1
        try:
            said = notes.verify_checkpoint(head.note, self.row.vkey)
        except CableroomError as error:
            self._add("head-note", where, error.what)
            return
        if (said.origin, said.size, said.root) != (head.origin, head.size, bytes(head.root)):
            self._add("head-columns", where, "Its columns say something else than its note.")
        if said.root != self.frontier.root():
            what = f"The entries {self.last_good} to {head.size - 1} are not those that were signed."
            self._add("head-root", where, what)
        else:
            self.last_good = self.report.signed = head.size

    # -- the end ----------------------------------------------------------------------------

    def _end(self) -> None:
        report, row, size = self.report, self.row, self.frontier.size
        report.size, report.root = size, self.frontier.root().hex()
        while self.head is not None:
            self._add("head-ahead", f"head of {self.head.size}", f"The register has {size} entries only.")
            self.head = next(self.heads, None)
        while self.line is not None:
            where = f"cosignature of {self.line.witness} on the head of {self.line.size}"
            self._add("cosigned", where, f"The register has {size} entries only.")
            self.line = next(self.lines, None)
        while self.blob is not None:
            self._add("blob-alone", f"entry {self.blob.index}", "There is a blob, but no entry.")
            self.blob = next(self.blobs, None)
        if row.size != size or bytes(row.frontier) != self.frontier.to_bytes():
            self._add("register-row", "its row", "Its size or right edge is not that of its entries.")
        self.tiles.end()
        self._check_keys()
        self._check_outside()
        self._check_others()
        if self.progress is not None:
            self.progress(row.name, size)

    def _check_keys(self) -> None:
        twice = EntryRow.objects.filter(register=self.row.name).values("key").annotate(times=Count("key"))
        for found in twice.filter(times__gt=1):
            self._add("entry-key", f"key {found['key']}", f"It stands {found['times']} times.")

    def _check_outside(self) -> None:
        try:
            outside = heads.read_outside(self.row.origin, self.row.vkey)
        except CableroomError as error:
            self._add("head-outside", "the head noted outside", error.what)
            return
        if outside is None:
            return
        where = f"the head of {outside.size} noted outside"
        if outside.size > self.frontier.size:
            self._add("head-outside", where, f"The register has {self.frontier.size} entries only.")
        elif not self.report.problems:
            node = heads.node_reader(self.row.name)
            if tree.root(outside.size, node) != outside.root:
                self._add("head-outside", where, "The register does not extend it.")

    def _check_others(self) -> None:
        """The notes of other logs, and our signatures on them, must still hold by themselves."""
        ours = notes.cosigner_vkey(self.row.vkey) if not self.report.problems else None
        for seen in _rows_of(Witnessed.objects.filter(register=self.row.name), "pk"):
            where = f"head of {seen.size} of {seen.origin}"
            try:
                said = notes.verify_checkpoint(seen.note, seen.vkey)
                if (said.origin, said.size, said.root) != (seen.origin, seen.size, bytes(seen.root)):
                    self._add("witnessed", where, "Its columns say something else than its note.")
                if seen.cosignature and ours is not None:
                    notes.verify_cosignature(notes.with_lines(seen.note, seen.cosignature), ours)
            except CableroomError as error:
                self._add("witnessed", where, error.what)


class _Tiles:
    """The stored tiles of level 1 and above against those that the entries give."""

    def __init__(self, register: str, report: Report) -> None:
        self.register = register
        self.report = report
        self.stored = {
            level: _rows_of(TileRow.objects.filter(register=register, level=level), "number")
            for level in TileRow.objects.filter(register=register).values_list("level", flat=True).distinct()
        }
        self.open: dict[int, list[bytes]] = {}
        self.done: dict[int, int] = {}

    def take(self, frontier: tree.Frontier, leaf: bytes) -> None:
        for level, completed in frontier.push(leaf):
            row = self.open.setdefault(level, [])
            row.append(completed)
            if len(row) == tiles.WIDTH:
                self._compare(level)

    def end(self) -> None:
        for level, row in self.open.items():
            if row:
                self._compare(level)
        for level, rows in self.stored.items():
            for tile in rows:
                self._add(level, tile.number, "There are no entries for it.")

    def _compare(self, level: int) -> None:
        number = self.done.get(level, 0)
        self.done[level] = number + 1
        wanted = b"".join(self.open[level])
        self.open[level] = []
        stored = next(self.stored.get(level, iter(())), None)
        if stored is None or stored.number != number or bytes(stored.hashes) != wanted:
            self._add(level, number, "It is not made of the entries below it.")

    def _add(self, level: int, number: int, what: str) -> None:
        self.report.add("tile", f"{self.register}, {tiles.Tile(level, number).path}", what)


def _entries(register: str) -> Iterator[tuple[Any, ...]]:
    """The columns of every entry in order, page by page."""
    after = -(1 << 62)
    rows = EntryRow.objects.filter(register=register).order_by("index").values_list(*_COLUMNS)
    while True:
        page = list(rows.filter(index__gt=after)[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _rows_of(rows: Any, order: str) -> Iterator[Any]:
    """Rows in order, few in memory at once."""
    return iter(rows.order_by(order).iterator(chunk_size=200))
