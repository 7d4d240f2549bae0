"""The directory's tables.

Working: accounts, failed sign-ins, wrapped keys, issued cards and lists. Everything else
is derived from the house register (readers: from the registers of the posts), has natural
keys and no database foreign keys, and can be dropped and rebuilt at any time.

`post` is always the name of a register, ``ORG/POST``.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from cableroom.register.bases import ProjectionTable, WorkingTable

POST_LENGTH = 300
NAME_LENGTH = 64
DIGEST_LENGTH = 64


class PersonManager(BaseUserManager):
    """Persons are made by `people.add_person` alone: what it does is a fact of the house register."""


class Person(AbstractBaseUser, WorkingTable):
    """An account. Whatever it may do comes from appointments and clearances, never from this row."""

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    full_name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    objects = PersonManager()

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar = ["full_name"]

    def __str__(self) -> str:
        return self.full_name


class SignInAttempt(WorkingTable):
    """Failed sign-ins of one name from one source since the last good one."""

    name = models.CharField(max_length=NAME_LENGTH)
    source = models.CharField(max_length=100)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "source"], name="directory_sign_in_attempt_key")
        ]


class StoredKey(WorkingTable):
    """A private key of this installation, wrapped under the master key (`keystore`)."""

    post = models.CharField(max_length=POST_LENGTH)
    use = models.CharField(max_length=20)
    name = models.CharField(max_length=DIGEST_LENGTH)  # SHA-256 of certificate or public key
    wrapped = models.BinaryField()
    made = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "use", "name"], name="directory_stored_key_key")
        ]


class IssuedCard(WorkingTable):
    """A post card that this installation has handed out; its serial is never used again."""

    serial = models.BigIntegerField(unique=True)
    issued = models.DateTimeField()
    sha256 = models.CharField(max_length=DIGEST_LENGTH)


class IssuedList(WorkingTable):
    """A revocation list that this installation's authority has signed; the newest counts."""

    der = models.BinaryField()
    issued = models.DateTimeField(unique=True)


class OrganisationRow(ProjectionTable):
    """The organisation of this installation: one row."""

    org = models.CharField(max_length=253, unique=True)
    name = models.CharField(max_length=200)
    authority = models.CharField(max_length=DIGEST_LENGTH)


class PostRow(ProjectionTable):
    """A post that is known here: one of ours, or one on somebody's card."""

    post = models.CharField(max_length=POST_LENGTH, unique=True)
    org = models.CharField(max_length=253)
    name = models.CharField(max_length=32)
    own = models.BooleanField()
    confirmed = models.BooleanField()
    authority = models.CharField(max_length=DIGEST_LENGTH)
    ceiling = models.CharField(max_length=100, null=True)
    profile = models.CharField(max_length=40)
    origin = models.CharField(max_length=400)
    log_key = models.CharField(max_length=500)


class RouteRow(ProjectionTable):
    """One way to reach a post; `place` 0 is tried first. `source`: "card", or "house" where we set it."""

    post = models.CharField(max_length=POST_LENGTH)
    source = models.CharField(max_length=10)
    place = models.PositiveIntegerField()
    route = models.CharField(max_length=40)
    address = models.CharField(max_length=320)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "source", "place"], name="directory_route_key")
        ]


class CertificateRow(ProjectionTable):
    """A certificate of a post (or of this installation, where `post` is empty) that is or was in use."""

    sha256 = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    post = models.CharField(max_length=POST_LENGTH, db_index=True)
    use = models.CharField(max_length=20)
    own = models.BooleanField()
    authority = models.CharField(max_length=DIGEST_LENGTH)
    der = models.BinaryField()
    since = models.DateTimeField()
    until = models.DateTimeField()


class RevocationRow(ProjectionTable):
    """A certificate of ours that counts no more."""

    sha256 = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    serial = models.CharField(max_length=50)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500)


class RoleRow(ProjectionTable):
    """A role at a post of ours, and what it permits."""

    post = models.CharField(max_length=POST_LENGTH)
    role = models.CharField(max_length=32)
    permissions = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "role"], name="directory_role_key")]


class AppointmentRow(ProjectionTable):
    """A person holds a role at a post from one moment until another (empty: until further notice)."""

    person = models.CharField(max_length=NAME_LENGTH)
    post = models.CharField(max_length=POST_LENGTH)
    role = models.CharField(max_length=32)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    acting = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "post", "role", "since"], name="directory_appointment_key"
            )
        ]


class ClearanceRow(ProjectionTable):
    """Up to which level, and for which categories, a person is cleared."""

    person = models.CharField(max_length=NAME_LENGTH, unique=True)
    level = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    categories = models.JSONField()
    until = models.DateTimeField(null=True)


class CollectiveRow(ProjectionTable):
    """A name that stands for several posts."""

    name = models.CharField(max_length=32, unique=True)
    members = models.JSONField()


class CoverNameRow(ProjectionTable):
    """A cover name and the label of its meaning. The meaning itself lies sealed in the register."""

    index = models.BigIntegerField(unique=True)  # the entry that defines it
    name = models.CharField(max_length=100, db_index=True)
    number = models.PositiveIntegerField()
    level = models.CharField(max_length=100)
    categories = models.JSONField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)


class CardRow(ProjectionTable):
    """The newest post card of an authority, confirmed by a person or waiting for that."""

    authority = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    org = models.CharField(max_length=253)
    serial = models.BigIntegerField()
    issued = models.DateTimeField()
    expires = models.DateTimeField()
    confirmed = models.BooleanField()
    certificate = models.BinaryField()
    crl = models.BinaryField()
    index = models.BigIntegerField()  # the entry that brought it


class CardPolicyRow(ProjectionTable):
    """A policy of another authority: what its labels are worth in numbers."""

    authority = models.CharField(max_length=DIGEST_LENGTH)
    policy = models.CharField(max_length=100)
    version = models.PositiveBigIntegerField()
    oid = models.CharField(max_length=100)
    levels = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["authority", "policy", "version"], name="directory_card_policy_key"
            )
        ]


class PolicyRow(ProjectionTable):
    """A version of the organisation's own policy; the one of the highest index holds."""

    index = models.BigIntegerField(unique=True)
    policy = models.CharField(max_length=100)
    version = models.PositiveBigIntegerField()
    oid = models.CharField(max_length=100)
    document = models.JSONField()


class ReadableRow(ProjectionTable):
    """Something labelled in the register of a post: a cable released or received, or an import."""

    register = models.CharField(max_length=POST_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    level = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest"], name="directory_readable_key")
        ]


class MarkRow(ProjectionTable):
    """A category that the reader must hold, or a caption whose rule applies."""

    register = models.CharField(max_length=POST_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    kind = models.CharField(max_length=10)  # category, caption
    name = models.CharField(max_length=360)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest", "kind", "name"], name="directory_mark_key")
        ]


class ReaderRow(ProjectionTable):
    """Who is in the distribution: a role, ``@person``, or ``*permission`` for whoever has it.

    `named` says that the document itself names this reader; captions such as EYES ONLY ask for it.
    """

    register = models.CharField(max_length=POST_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    reader = models.CharField(max_length=100)
    named = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest", "reader"], name="directory_reader_key")
        ]
        indexes: ClassVar = [models.Index(fields=["register", "reader"], name="directory_reader_by_reader")]
