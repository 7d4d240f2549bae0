"""The archive's tables: projections of the registers of posts, every one of them. `register` is ``ORG/POST``."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cableroom.register.bases import ProjectionTable

ORIGIN, ATTESTED = "origin", "attested"


class RecordRow(ProjectionTable):
    """What the archive holds about one cable, or one document that was brought in.

    `digest` is the cable's, or the SHA-256 of the imported page; `proof` is `origin` (signed by the post
    that said it) or `attested` (an archive states what it was given). `came` is released, received or imported.
    """

    register = models.CharField(max_length=300)
    record = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    index = models.BigIntegerField()
    came = models.CharField(max_length=10)
    proof = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    level = models.PositiveIntegerField()
    mrn = models.CharField(max_length=400, null=True)
    title = models.CharField(max_length=2000)
    subject = models.CharField(max_length=200, null=True)
    language = models.CharField(max_length=100, null=True)
    dated = models.DateTimeField(null=True)
    dated_as_written = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "record"], name="record_key"),
            models.UniqueConstraint(fields=["register", "digest"], name="record_digest_key"),
        ]


class LinkRow(ProjectionTable):
    """One record names another: reports-on, corrects, cancels, readdresses, cites. The other need not be held."""

    register = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    target = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest", "kind", "target"], name="archive_link_key")
        ]


class DescriptionRow(ProjectionTable):
    """What an archivist said about a record: the newest entry for each field and number holds."""

    register = models.CharField(max_length=300)
    record = models.CharField(max_length=40)
    field = models.CharField(max_length=20)
    no = models.PositiveIntegerField()
    value = models.JSONField()
    index = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "record", "field", "no"], name="description_key")
        ]
