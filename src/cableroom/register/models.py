"""The tables of the register: entries, blobs, tiles, heads; cursors and leases."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cableroom.register.bases import ProjectionTable, RegisterTable, WorkingTable


class Register(RegisterTable):
    """One append-only log. Its row is also the counter that every append locks.

    `name` is `house` or `ORG/POST`; `origin` is the first line of its checkpoints; `vkey` the
    C2SP verifier key of its log key. `size` and `frontier` (the hashes of the perfect subtrees
    that make up the tree, left to right, 32 bytes each) are those of the last commit.
    """

    name = models.CharField(primary_key=True, max_length=300)
    origin = models.CharField(max_length=400, unique=True)
    vkey = models.CharField(max_length=600)
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return self.name


class EntryRow(RegisterTable):
    """One entry. `leaf` is the 32 bytes that stand in the log, a salted commitment to `canonical`."""

    pk = models.CompositePrimaryKey("register", "index")
    register = models.CharField(max_length=300)
    index = models.BigIntegerField()
    key = models.CharField(max_length=400)
    kind = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, null=True)
    at = models.CharField(max_length=24)
    canonical = models.BinaryField()
    salt = models.BinaryField()
    leaf = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["register", "key"], name="entry_key_once")]
        indexes: ClassVar = [
            models.Index(fields=["register", "kind", "index"], name="entry_by_kind"),
            models.Index(fields=["digest", "register", "index"], name="entry_by_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.index} {self.kind}"


class Blob(RegisterTable):
    """The sealed bytes that belong to an entry: here if small, else a file named by their SHA-256."""

    pk = models.CompositePrimaryKey("register", "index")
    register = models.CharField(max_length=300)
    index = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    length = models.BigIntegerField()
    content = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.register} {self.index} {self.length} bytes"


class TileRow(RegisterTable):
    """The hashes of one tile of level 1 or above (C2SP tlog-tiles); level 0 are the entries' own."""

    pk = models.CompositePrimaryKey("register", "level", "number")
    register = models.CharField(max_length=300)
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.register} tile {self.level}/{self.number}"


class Head(RegisterTable):
    """A checkpoint that we signed. Never two for one size."""

    pk = models.CompositePrimaryKey("origin", "size")
    origin = models.CharField(max_length=400)
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class Witnessed(RegisterTable):
    """A head of another register, as one of ours has seen it: the evidence, kept whole.

    `register` is ours, `source` who showed it; `said_at` the time of the sheet that brought
    it, or empty. Of two notes with one size and one root the first is kept. `newest` marks the
    largest of its log; `disputed` those of a log that was caught in two faces: nothing of it is
    countersigned any more. `cosignature` is our own signature line on it, once the process that
    holds the log keys has made one.
    """

    pk = models.CompositePrimaryKey("register", "origin", "size")
    register = models.CharField(max_length=300)
    origin = models.CharField(max_length=400)
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    source = models.CharField(max_length=300)
    vkey = models.CharField(max_length=600)
    said_at = models.CharField(max_length=24, default="")
    cosignature = models.TextField(default="")
    newest = models.BooleanField(default=False)
    disputed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["register", "origin", "root"], name="witnessed_by_root"),
            models.Index(fields=["newest"], condition=models.Q(newest=True), name="witnessed_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.register} saw {self.origin} {self.size}"


class Cosigned(RegisterTable):
    """A head of ours that another has countersigned: its signature line is the proof."""

    pk = models.CompositePrimaryKey("origin", "size", "witness")
    origin = models.CharField(max_length=400)
    size = models.BigIntegerField()
    witness = models.CharField(max_length=400)
    vkey = models.CharField(max_length=600)
    line = models.TextField()

    def __str__(self) -> str:
        return f"{self.origin} {self.size} by {self.witness}"


class Cursor(WorkingTable):
    """How far a reaction has come in a register: the index of the last entry it has answered."""

    pk = models.CompositePrimaryKey("reaction", "register")
    reaction = models.CharField(max_length=100)
    register = models.CharField(max_length=300)
    position = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"{self.reaction} at {self.register} {self.position}"


class SetAside(WorkingTable):
    """An entry that a reaction could not answer; it is tried again, the others go on."""

    pk = models.CompositePrimaryKey("reaction", "register", "index")
    reaction = models.CharField(max_length=100)
    register = models.CharField(max_length=300)
    index = models.BigIntegerField()
    code = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.reaction} set aside {self.register} {self.index}: {self.code}"


class Lease(WorkingTable):
    """Who does a piece of work at present. Times are of the machine's monotonic clock, in seconds.

    On the machine and boot that wrote it a lease is dead once `until` has passed; elsewhere it
    is dead once `beat` has not moved for as long as it was taken for (`term`).
    """

    name = models.CharField(primary_key=True, max_length=100)
    holder = models.CharField(max_length=64)
    machine = models.CharField(max_length=200)
    boot = models.CharField(max_length=64)
    until = models.FloatField()
    term = models.FloatField()
    beat = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} held by {self.holder}"


class Followed(ProjectionTable):
    """How far a following projection has come; written in the same commit as its rows."""

    pk = models.CompositePrimaryKey("projection", "register")
    projection = models.CharField(max_length=100)
    register = models.CharField(max_length=300)
    position = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"{self.projection} at {self.register} {self.position}"


class Serial(ProjectionTable):
    """The highest serial that a post has given in a year and series ("" for the common one)."""

    pk = models.CompositePrimaryKey("register", "year", "series")
    register = models.CharField(max_length=300)
    year = models.IntegerField()
    series = models.CharField(max_length=3)
    last = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.register} {self.year} {self.series}: {self.last}"
