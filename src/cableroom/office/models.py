"""The office's tables.

Working: drafts with their versions and files. Everything else is derived from the registers
of the posts by two projections (`arriving.apply` and `taskings.apply`), has natural keys, and
can be dropped and rebuilt at any time.

`register` and `post` are names of registers, ``ORG/POST``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cableroom.register.bases import ProjectionTable, WorkingTable

POST_LENGTH = 300
NAME_LENGTH = 64
DIGEST_LENGTH = 64
LINE_LENGTH = 500


class Draft(WorkingTable):
    """A text in work at a post.

    `version` is the SHA-256 of the text. `level`, `categories` and `captions` are the high-water
    mark of all its versions and of the cables that it was drafted from (`sources`, digests);
    `level` is null while no version could be read. `unread`: the present one cannot be.
    """

    id = models.CharField(primary_key=True, max_length=32)
    post = models.CharField(max_length=POST_LENGTH, db_index=True)
    status = models.CharField(max_length=20)
    text = models.TextField()
    version = models.CharField(max_length=DIGEST_LENGTH)
    author = models.CharField(max_length=NAME_LENGTH)
    author_role = models.CharField(max_length=32, null=True)
    holder = models.CharField(max_length=NAME_LENGTH)
    level = models.PositiveIntegerField(null=True)
    categories = models.JSONField(default=list)
    captions = models.JSONField(default=list)
    unread = models.BooleanField()
    sources = models.JSONField(default=list)
    subject = models.CharField(max_length=LINE_LENGTH, default="")
    created = models.DateTimeField()
    changed = models.DateTimeField()
    versions = models.PositiveIntegerField(default=1)
    released = models.CharField(max_length=DIGEST_LENGTH, null=True)

    def __str__(self) -> str:
        return f"draft {self.id} of {self.post}, {self.status}"


class DraftVersion(WorkingTable):
    """One text that a draft has had, with its own mark. `why` is set where the draft's mark was lowered."""

    draft = models.CharField(max_length=32)
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=DIGEST_LENGTH)
    text = models.TextField()
    level = models.PositiveIntegerField(null=True)
    categories = models.JSONField(default=list)
    captions = models.JSONField(default=list)
    by = models.CharField(max_length=NAME_LENGTH)
    at = models.DateTimeField()
    why = models.CharField(max_length=LINE_LENGTH, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "number"], name="draft_version_key")
        ]


class DraftFile(WorkingTable):
    """The bytes of a file that a draft encloses; its line under FILES names the same SHA-256."""

    draft = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=DIGEST_LENGTH)
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "sha256"], name="draft_file_key")]


class InboxItem(ProjectionTable):
    """A cable that this register holds: received, or (`sent`) released by its post.

    `precedence` is the one that this post was addressed with, `action` says whether it must act.
    `taken_up` is null until somebody at this post has taken the cable up; then it is the index
    of that entry. `posts` are all posts that the cable goes to.
    """

    register = models.CharField(max_length=POST_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    index = models.BigIntegerField()
    at = models.DateTimeField()
    sent = models.BooleanField()
    action = models.BooleanField()
    sender = models.CharField(max_length=POST_LENGTH)
    mrn_org = models.CharField(max_length=253)
    mrn_post = models.CharField(max_length=32)
    mrn_series = models.CharField(max_length=3)
    mrn_year = models.PositiveIntegerField()
    mrn_serial = models.PositiveIntegerField()
    precedence = models.IntegerField()
    dtg = models.DateTimeField()
    report_by = models.DateTimeField(null=True)
    classification = models.CharField(max_length=100)
    level = models.PositiveIntegerField()
    categories = models.JSONField()
    captions = models.JSONField()
    subject = models.CharField(max_length=LINE_LENGTH)
    kind = models.CharField(max_length=20)
    exercise = models.CharField(max_length=LINE_LENGTH, default="")
    concerns = models.CharField(max_length=DIGEST_LENGTH, null=True)
    posts = models.JSONField()
    owner = models.CharField(max_length=NAME_LENGTH, null=True)
    owner_role = models.CharField(max_length=32, null=True)
    taken_up = models.BigIntegerField(null=True)
    taken_up_at = models.DateTimeField(null=True)
    taken_up_by = models.CharField(max_length=NAME_LENGTH, null=True)
    taken_up_role = models.CharField(max_length=32, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest"], name="inbox_item_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["register", "sent", "-precedence", "-at"], name="inbox_by_precedence"),
            models.Index(
                fields=["register", "mrn_org", "mrn_post", "mrn_year", "mrn_series", "mrn_serial"],
                name="inbox_by_mrn",
            ),
            models.Index(fields=["register", "concerns"], name="inbox_by_concerns"),
        ]


class Link(ProjectionTable):
    """A cable names another one that a register may hold: `kind` is concerns, of or ref."""

    register = models.CharField(max_length=POST_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    kind = models.CharField(max_length=10)
    target = models.CharField(max_length=DIGEST_LENGTH)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest", "kind", "target"], name="link_key")
        ]
        indexes: ClassVar = [models.Index(fields=["register", "target"], name="link_by_target")]


class Step(ProjectionTable):
    """How far a cable has come on its way to `post`, with the entry that says so."""

    register = models.CharField(max_length=POST_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    post = models.CharField(max_length=POST_LENGTH)
    step = models.CharField(max_length=20)
    index = models.BigIntegerField()
    at = models.DateTimeField()
    channel = models.BigIntegerField(null=True)
    what = models.CharField(max_length=LINE_LENGTH, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest", "post", "step"], name="step_key")
        ]


class Tasking(ProjectionTable):
    """One instruction at one action post; at the originator (`asked`) and at that post.

    `due` is what the cable says, `due_now` with the new date of a report. `report` is the
    digest of the report that `status` rests on.
    """

    register = models.CharField(max_length=POST_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    no = models.PositiveIntegerField()
    post = models.CharField(max_length=POST_LENGTH)
    originator = models.CharField(max_length=POST_LENGTH)
    asked = models.BooleanField()
    paragraph = models.PositiveIntegerField()
    act = models.CharField(max_length=20)
    manner = models.CharField(max_length=20, null=True)
    target = models.CharField(max_length=LINE_LENGTH, null=True)
    what = models.CharField(max_length=LINE_LENGTH, null=True)
    authority = models.CharField(max_length=LINE_LENGTH, null=True)
    urgent = models.BooleanField()
    due = models.DateTimeField(null=True)
    due_now = models.DateTimeField(null=True)
    status = models.CharField(max_length=20)
    report = models.CharField(max_length=DIGEST_LENGTH, null=True)
    result = models.CharField(max_length=20, null=True)
    closed_by = models.CharField(max_length=DIGEST_LENGTH, null=True)
    owner = models.CharField(max_length=NAME_LENGTH, null=True)
    owner_role = models.CharField(max_length=32, null=True)
    noted = models.BigIntegerField(null=True)
    noted_at = models.DateTimeField(null=True)
    noted_by = models.CharField(max_length=NAME_LENGTH, null=True)
    note = models.TextField(default="")
    outcome = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest", "no", "post"], name="tasking_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["register", "asked", "status", "due_now"], name="tasking_by_due")
        ]


class Outcome(ProjectionTable):
    """What paragraph `n` of the cable `report` says of an instruction, whether or not it counts."""

    register = models.CharField(max_length=POST_LENGTH)
    report = models.CharField(max_length=DIGEST_LENGTH)
    n = models.PositiveIntegerField()
    index = models.BigIntegerField()
    at = models.DateTimeField()
    post = models.CharField(max_length=POST_LENGTH)
    kind = models.CharField(max_length=20)
    dtg = models.DateTimeField()
    of = models.CharField(max_length=DIGEST_LENGTH)
    no = models.PositiveIntegerField()
    result = models.CharField(max_length=20)
    next = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "report", "n"], name="outcome_key")
        ]
        indexes: ClassVar = [models.Index(fields=["register", "of", "no", "post"], name="outcome_by_tasking")]


class Verdict(ProjectionTable):
    """The originator's decision on what `report` says of instruction `no` of the cable `of`."""

    register = models.CharField(max_length=POST_LENGTH)
    index = models.BigIntegerField()
    at = models.DateTimeField()
    side = models.CharField(max_length=5)
    of = models.CharField(max_length=DIGEST_LENGTH)
    report = models.CharField(max_length=DIGEST_LENGTH)
    no = models.PositiveIntegerField()
    post = models.CharField(max_length=POST_LENGTH)
    accepted = models.BooleanField()
    why = models.TextField(default="")
    by = models.CharField(max_length=NAME_LENGTH, null=True)
    role = models.CharField(max_length=32, null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["register", "index"], name="verdict_key")]
        indexes: ClassVar = [models.Index(fields=["register", "of", "no", "post"], name="verdict_by_tasking")]
