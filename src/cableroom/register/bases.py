"""The three kinds of table. Every model of ours inherits exactly one of these bases.

| base | examples | dropped and rebuilt? |
| --- | --- | --- |
| `RegisterTable` (truth) | entries, sealed blobs, heads | never; provable |
| `WorkingTable` (not yet, or never, a fact) | drafts, accounts, leases | never; backed up |
| `ProjectionTable` (derived) | inbox, taskings, records | any time; the rebuilt equals the one in use |

None of them carries a database foreign key (write `db_constraint=False`): a deferred
constraint fails at COMMIT and takes a whole group of acts with it. Rows refer to each
other by what they are about (register name, entry index, digest, post), never by an
automatic id, since a rebuild gives other ids.
"""

from __future__ import annotations

from django.db import models


class RegisterTable(models.Model):
    """Truth: written by `ledger.append` and `ledger.sign_head` alone, never dropped."""

    class Meta:
        abstract = True


class WorkingTable(models.Model):
    """Not yet, or never, a fact; never dropped, backed up."""

    class Meta:
        abstract = True


class ProjectionTable(models.Model):
    """Derived from entries by one projection; may be dropped and rebuilt at any time."""

    class Meta:
        abstract = True


BASES: tuple[type[models.Model], ...] = (RegisterTable, WorkingTable, ProjectionTable)
