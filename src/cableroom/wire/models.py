"""The wire's tables: legs and known numbers (derived), and what is under way (working).

`register` is always one of ours (``ORG/POST``), `peer`, `to` and `sender` name the other post.
Working rows hold sealed bytes alone: never a text, a label's words or a subject.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cableroom.register.bases import ProjectionTable, WorkingTable

POST = 300
DIGEST = 64
CODE = 80
WHAT = 500


class Leg(ProjectionTable):
    """One cable's way to one addressee post, as far as the register of the sending post tells.

    `state` is one of `schedule.LegState` (never "sealed": that is working). `handed_over` counts how often
    a machine took it; `receipt_entry` is the index of the entry in the receiver's register.
    """

    register = models.CharField(max_length=POST)
    digest = models.CharField(max_length=DIGEST)
    to = models.CharField(max_length=POST)
    index = models.BigIntegerField()
    released_at = models.DateTimeField()
    message_id = models.CharField(max_length=200)
    precedence = models.SmallIntegerField()
    niact = models.BooleanField()
    action = models.BooleanField()
    level = models.IntegerField()
    state = models.CharField(max_length=20)
    changed_at = models.DateTimeField()
    channel = models.BigIntegerField(null=True)
    leg = models.CharField(max_length=DIGEST, default="")
    route = models.CharField(max_length=20, default="")
    handed_over = models.IntegerField(default=0)
    handed_over_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    receipt_entry = models.BigIntegerField(null=True)
    code = models.CharField(max_length=CODE, default="")
    what = models.CharField(max_length=WHAT, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest", "to"], name="wire_leg_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-precedence", "released_at"], name="wire_leg_order")
        ]


class KnownMrn(ProjectionTable):
    """Which cable came to this post under which number: a second one under it is held."""

    register = models.CharField(max_length=POST)
    org = models.CharField(max_length=253)
    post = models.CharField(max_length=32)
    year = models.IntegerField()
    series = models.CharField(max_length=3)
    serial = models.BigIntegerField()
    digest = models.CharField(max_length=DIGEST)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "org", "post", "year", "series", "serial"], name="wire_mrn_once"
            )
        ]


class Dispatch(WorkingTable):
    """One leg on its way out: what was tried and, once it is sealed, its bytes.

    `name` is the digest of the cable or the id of the service message; `message` is the body of a service
    message until it is sealed; the head in its sheet must cover entry `covers`. Once sealed, `channel`,
    `leg` (SHA-256) and `sealed` never change: every try on any route is the same bytes. `closed` rows are
    kept until the receiver's backed-up head covers them, or for a while (`outgoing.sweep`).
    """

    register = models.CharField(max_length=POST)
    to = models.CharField(max_length=POST)
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=DIGEST)
    service = models.CharField(max_length=20, default="")
    about = models.CharField(max_length=DIGEST, default="")
    message = models.JSONField(null=True)
    covers = models.BigIntegerField(null=True)
    precedence = models.SmallIntegerField()
    since = models.DateTimeField()
    channel = models.BigIntegerField(null=True)
    leg = models.CharField(max_length=DIGEST, default="")
    sealed = models.BinaryField(null=True)
    sealed_at = models.DateTimeField(null=True)
    next_try = models.DateTimeField()
    tries = models.IntegerField(default=0)
    handed_over = models.IntegerField(default=0)
    handed_over_at = models.DateTimeField(null=True)
    lapsed = models.IntegerField(default=0)
    closed = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    receipt_entry = models.BigIntegerField(null=True)
    code = models.CharField(max_length=CODE, default="")
    what = models.CharField(max_length=WHAT, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "to", "kind", "name"], name="wire_dispatch_once"),
            models.UniqueConstraint(fields=["register", "to", "channel"], name="wire_dispatch_channel"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["closed", "-precedence", "next_try"], name="wire_dispatch_due"),
            models.Index(fields=["register", "about"], name="wire_dispatch_about"),
        ]


class Attempt(WorkingTable):
    """One try to hand a leg over; the newest few of each leg are kept."""

    register = models.CharField(max_length=POST)
    to = models.CharField(max_length=POST)
    channel = models.BigIntegerField()
    at = models.DateTimeField()
    route = models.CharField(max_length=20)
    taken = models.BooleanField()
    code = models.CharField(max_length=CODE)
    what = models.CharField(max_length=WHAT)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["register", "to", "channel", "at"], name="wire_attempt_of_leg")
        ]


class Channel(WorkingTable):
    """The two directions between a post of ours and another one.

    `sent` is the last channel number given out, `came` the highest that has come; `clock_off` by how many
    seconds the time on its newest sheet differed from ours, if that was more than ten minutes.
    """

    register = models.CharField(max_length=POST)
    peer = models.CharField(max_length=POST)
    sent = models.BigIntegerField(default=0)
    came = models.BigIntegerField(default=0)
    came_at = models.DateTimeField(null=True)
    clock_off = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "peer"], name="wire_channel_once")
        ]


class ChannelSeen(WorkingTable):
    """A leg that has come: its number on the channel, and the SHA-256 of its bytes."""

    register = models.CharField(max_length=POST)
    peer = models.CharField(max_length=POST)
    number = models.BigIntegerField()
    leg = models.CharField(max_length=DIGEST)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "peer", "number"], name="wire_seen_once")
        ]


class Gap(WorkingTable):
    """Channel numbers `first` to `last` that have not come, though a higher one has."""

    register = models.CharField(max_length=POST)
    peer = models.CharField(max_length=POST)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    since = models.DateTimeField()
    precedence = models.SmallIntegerField()
    asked = models.IntegerField(default=0)
    next_ask = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "peer", "first"], name="wire_gap_once")
        ]
        indexes: ClassVar = [models.Index(fields=["next_ask"], name="wire_gap_due")]


class HeldLeg(WorkingTable):
    """A leg that has come and lacks something that can still come. `sender` is what it claims; `kind` and
    `digest` are those of its sheet, if that is verified."""

    register = models.CharField(max_length=POST)
    leg = models.CharField(max_length=DIGEST)
    sender = models.CharField(max_length=POST)
    verified = models.BooleanField()
    kind = models.CharField(max_length=10, default="")
    digest = models.CharField(max_length=DIGEST, default="")
    route = models.CharField(max_length=20)
    octets = models.BinaryField()
    size = models.BigIntegerField()
    index = models.BigIntegerField(null=True)
    held_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=CODE)
    what = models.CharField(max_length=WHAT)
    do = models.CharField(max_length=WHAT, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["register", "leg"], name="wire_held_once")]
        indexes: ClassVar = [models.Index(fields=["register", "sender"], name="wire_held_sender")]


class ReceiptOut(WorkingTable):
    """The receipt that we signed for a cable: asked again, the same one goes again."""

    register = models.CharField(max_length=POST)
    digest = models.CharField(max_length=DIGEST)
    to = models.CharField(max_length=POST)
    entry = models.BigIntegerField()
    precedence = models.SmallIntegerField()
    der = models.BinaryField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "digest"], name="wire_receipt_once")
        ]
