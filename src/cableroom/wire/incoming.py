"""What comes: one function for every route, one answer, given after the commit.

    arrive → examine (opens, verifies, writes nothing) → accept | hold | refuse | nothing → the answer

| fate | is entered | a peer under mutual TLS hears | anybody else hears |
| --- | --- | --- | --- |
| accepted, or had already | `Received`, or what a service message brings | 250 | 250 |
| held | `Held` | 250 | 250 |
| refused: its sender's signature holds | `Refused` | 554 with the reason | 250, and REFUSED goes to the sender |
| stranger: nothing in it could be verified | nothing; a line in a bounded log | 554 | one 451 for all |
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from cableroom.cable.address import Post
from cableroom.cable.canonical import sha256_hex
from cableroom.cable.precedence import Precedence
from cableroom.directory import keystore
from cableroom.errors import Refusal, SealError, TryLater
from cableroom.register import blobs, ledger, witness
from cableroom.register.ledger import Act, Actor, Entry, Facts, Turn
from cableroom.seal import keys
from cableroom.seal.service import ACKNOWLEDGEMENT, HELD, RECEIPT, REFUSED, RETRANSMIT
from cableroom.wire import acknowledging, channels, receipting, service, sheets, telling
from cableroom.wire.examining import Fate, Finding, examine
from cableroom.wire.listening import Peer
from cableroom.wire.models import HeldLeg, KnownMrn
from cableroom.wire.outgoing import one_line
from cableroom.wire.smtp.replies import Reply, reply

SYSTEM = Actor()
MRN_TWICE = "mrn-twice"

TAKEN = reply(250, "2.0.0", "Taken")
NOT_ACCEPTED = reply(451, "4.7.1", "Not accepted now")
FULL = reply(452, "4.3.1", "Not enough room at present")

log = logging.getLogger(__name__)
strangers = logging.getLogger("cableroom.wire.strangers")


@dataclass(frozen=True, slots=True)
class Quota:
    """How much may be held for one claimed sender, and in all: legs, octets."""

    legs: int
    octets: int


VERIFIED = Quota(1000, 512 * 1024 * 1024)
CLAIMED = Quota(20, 32 * 1024 * 1024)
CLAIMED_IN_ALL = Quota(200, 128 * 1024 * 1024)
HELD_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Answer:
    """The fate of a leg and what is said on the line. `entry` is what stands in the register, if anything."""

    reply: Reply
    fate: Fate
    code: str = ""
    entry: Entry | None = None
    repeated: bool = False


def arrive(octets: bytes, *, to: Post, route: str, peer: Peer, now: datetime) -> Answer:
    """Take one leg for the post `to`, which is ours. Whatever is answered is on disk.

    Raises `Unavailable` and the like for reasons of ours: the line answers 451.
    """
    leg, register = sha256_hex(octets), str(to)
    if HeldLeg.objects.filter(register=register, leg=leg).exists():
        return Answer(TAKEN, Fate.HELD, repeated=True)
    before = ledger.find(register, f"sealed:{leg}")
    if before is not None and before.kind == "Refused":
        return _said(_refused(before), peer)
    finding = examine(octets, to=to, now=now)
    if finding.fate is Fate.STRANGER:
        place = (route, peer.address, register, finding.code, leg[:16])
        strangers.info("%s %s for %s: not accepted: %s %s", *place)
        final = reply(554, "5.7.1", f"Refused: {finding.code}")
        return Answer(final if peer.known else NOT_ACCEPTED, Fate.STRANGER, finding.code)
    if finding.message is not None and _has_come(finding, register):
        return Answer(TAKEN, Fate.ACCEPTED, repeated=True)
    return _said(_settle(finding, octets, to, route, now), peer)


def _said(answer: Answer, peer: Peer) -> Answer:
    """A reason is told on the line to a peer under mutual TLS alone; to others it goes by service message."""
    if answer.fate is Fate.REFUSED and not peer.known:
        return replace(answer, reply=TAKEN)
    return answer


def _settle(finding: Finding, octets: bytes, to: Post, route: str, now: datetime) -> Answer:
    if finding.fate is Fate.HELD:
        return _hold(finding, octets, to, route, now)
    if finding.fate is not Fate.ACCEPTED:
        return _refuse(finding, to)
    try:
        if finding.message is not None:
            return _take_service(finding, to, now)
        return _receive(finding, to, route, now)
    except _NumberTaken as taken:
        _alarm(to, MRN_TWICE, taken.what, [taken.digest, finding.digest or "", finding.leg])
        second = replace(finding, fate=Fate.HELD, code=MRN_TWICE, what=taken.what, do=taken.do)
        return _hold(second, octets, to, route, now)
    except Refusal as refusal:
        return _refuse(replace(finding, fate=Fate.REFUSED, code=refusal.code, what=refusal.what), to)


# -- accepted --------------------------------------------------------------------------------


class _NumberTaken(SealError):
    """Another cable has come under this number."""

    def __init__(self, what: str, digest: str) -> None:
        super().__init__(what, do="Ask the sending post, by another way, which of the two is its cable.")
        self.digest = digest


def _receive(finding: Finding, to: Post, route: str, now: datetime) -> Answer:
    verdict, sheet = finding.verdict, finding.sheet
    if verdict is None or sheet is None or verdict.digest is None or verdict.certificate is None:
        raise SealError("An accepted cable lacks what makes it one.")
    register, digest, opened = str(to), verdict.digest, verdict.opened
    cable = opened.cable
    _warn_of_channel(finding, to)
    seen = sheets.judge_heads(register, sheet)
    sealed = blobs.keep(keys.seal_blob(verdict.signed_data, keystore.archive_key(to), digest))
    late = cable.head.expires is not None and cable.head.expires < now
    data: dict[str, Any] = {
        "from": str(sheet.sender),
        "level": verdict.label.classification if verdict.label is not None else 0,
        "certificate": sha256_hex(verdict.certificate),
        "leg": finding.leg,
        "channel": sheet.channel,
        "route": route,
        "message_id": verdict.message_id or "",
        "late": "expired" if late else None,
    }
    precedence = int(cable.precedence_for(to))

    def run(turn: Turn) -> Facts:
        other = _other_digest(register, cable.mrn, digest)
        if other is not None:
            raise _NumberTaken(f"{cable.mrn.print()} is the number of another cable that has come.", other)
        _remember(finding, register, precedence, now)
        if seen is not None:
            witness.keep(seen)
        HeldLeg.objects.filter(register=register, leg=finding.leg).delete()
        return Facts(data=data, actor=SYSTEM, digest=digest, blob=sealed, opened=opened)

    urgent = precedence >= Precedence.IMMEDIATE
    entry = ledger.append(Act(register, "Received", f"cable:{digest}", run, urgent))
    if entry.repeated:
        _once_more(finding, entry, precedence, now)
    return Answer(TAKEN, Fate.ACCEPTED, entry=entry, repeated=entry.repeated)


def _once_more(finding: Finding, entry: Entry, precedence: int, now: datetime) -> None:
    """It has come before (the peer missed our 250, another route, a replay): receipted again, nothing else."""
    with transaction.atomic():
        _remember(finding, entry.register, precedence, now)
        HeldLeg.objects.filter(register=entry.register, leg=finding.leg).delete()
    receipting.again(entry, now=now)


def _other_digest(register: str, mrn: Any, digest: str) -> str | None:
    row = (
        KnownMrn.objects.filter(
            register=register,
            org=mrn.org,
            post=mrn.post,
            year=mrn.year,
            series=mrn.series or "",
            serial=mrn.serial,
        )
        .exclude(digest=digest)
        .first()
    )
    return None if row is None else row.digest


def _take_service(finding: Finding, to: Post, now: datetime) -> Answer:
    message, sheet = finding.message, finding.sheet
    if message is None or sheet is None:
        raise SealError("An accepted service message lacks what makes it one.")
    register = str(to)
    _warn_of_channel(finding, to)
    seen = sheets.judge_heads(register, sheet)
    entry = _TAKE_IN[message.kind](register, message, now=now)
    with transaction.atomic():
        _remember(finding, register, service.DEFAULT, now)
        if seen is not None:
            witness.keep(seen)
        HeldLeg.objects.filter(register=register, leg=finding.leg).delete()
    return Answer(TAKEN, Fate.ACCEPTED, entry=entry, repeated=entry is not None and entry.repeated)


_TAKE_IN: dict[str, Callable[..., Entry | None]] = {
    RECEIPT: receipting.take_in,
    ACKNOWLEDGEMENT: acknowledging.take_in,
    HELD: telling.take_in,
    REFUSED: telling.take_in,
    RETRANSMIT: telling.send_again,
}
"""What a verified service message brings. They raise Refusal where its sender may not say this."""


# -- held ------------------------------------------------------------------------------------


def _hold(finding: Finding, octets: bytes, to: Post, route: str, now: datetime) -> Answer:
    register = str(to)
    sender = finding.sender
    if sender is None:
        raise SealError("A leg is held for somebody.")
    row = HeldLeg(
        register=register,
        leg=finding.leg,
        sender=str(sender),
        verified=finding.verified,
        kind=finding.sheet.kind if finding.sheet is not None else "",
        digest=finding.sheet.digest if finding.sheet is not None else "",
        route=route,
        octets=octets,
        size=len(octets),
        held_at=now,
        code=finding.code[:80],
        what=one_line(finding.what),
        do=one_line(finding.do),
    )

    def run(turn: Turn) -> Facts:
        _check_room(row)
        row.index = turn.index
        row.save(force_insert=True)
        _remember(finding, register, service.DEFAULT, now)
        data = {"from": row.sender, "leg": row.leg, "code": row.code, "what": row.what}
        return Facts(data=data, actor=SYSTEM, digest=finding.digest)

    try:
        entry = ledger.append(Act(register, "Held", f"sealed:{finding.leg}", run))
    except TryLater:
        return Answer(FULL if finding.verified else NOT_ACCEPTED, Fate.HELD, "no-room")
    if entry.repeated:  # it was held once before, and is no longer
        with transaction.atomic():
            row.index = entry.index
            HeldLeg.objects.filter(register=register, leg=finding.leg).delete()
            row.save(force_insert=True)
    return Answer(TAKEN, Fate.HELD, finding.code, entry, entry.repeated)


def _check_room(row: HeldLeg) -> None:
    of_sender = HeldLeg.objects.filter(sender=row.sender, verified=row.verified)
    claimed = HeldLeg.objects.filter(verified=False)
    full = _over(of_sender, VERIFIED if row.verified else CLAIMED, row.size)
    if full or (not row.verified and _over(claimed, CLAIMED_IN_ALL, row.size)):
        raise TryLater("Enough is held already.", code="no-room")


def _over(rows: QuerySet[HeldLeg], quota: Quota, more: int) -> bool:
    found = rows.aggregate(count=Count("pk"), octets=Sum("size"))
    return found["count"] >= quota.legs or (found["octets"] or 0) + more > quota.octets


def try_held(*, now: datetime, register: str | None = None, leg: str | None = None) -> int:
    """Judge again what is held (all of it, of one post, or one leg); how many legs are held no longer."""
    rows = HeldLeg.objects.order_by("held_at", "pk")
    if register is not None:
        rows = rows.filter(register=register)
    if leg is not None:
        rows = rows.filter(leg=leg)
    return sum(_try(row, now) for row in rows.defer("octets").iterator(chunk_size=100))


def _try(held: HeldLeg, now: datetime) -> bool:
    row = HeldLeg.objects.filter(pk=held.pk).first()
    if row is None:
        return False
    finding = examine(bytes(row.octets), to=Post.parse(row.register), now=now)
    if now - row.held_at > HELD_FOR and finding.fate is Fate.HELD:
        late = f"Held for {HELD_FOR.days} days. {finding.what}"
        finding = replace(finding, fate=Fate.REFUSED, code="held-too-long", what=late)
    if finding.fate is not Fate.HELD:
        _settle(finding, bytes(row.octets), Post.parse(row.register), row.route, now)
    left = HeldLeg.objects.filter(pk=row.pk)
    left.update(
        tries=row.tries + 1,
        tried_at=now,
        code=(finding.code or row.code)[:80],
        what=one_line(finding.what or row.what),
        do=one_line(finding.do or row.do),
        verified=finding.verified or row.verified,
    )
    return not left.exists()


# -- refused ---------------------------------------------------------------------------------


def _refuse(finding: Finding, to: Post) -> Answer:
    """Enter a refusal, once for each cable and reason: the same cable in a new envelope adds nothing."""
    register = str(to)
    code = _refusal_code(finding)
    if finding.digest is not None:
        for before in ledger.entries(register, kinds=["Refused"], digest=finding.digest, limit=100):
            if before.data["code"] == code:
                HeldLeg.objects.filter(register=register, leg=finding.leg).delete()
                return _refused(before)
    key = f"sealed:{finding.leg}"
    if ledger.find(register, key) is not None:
        key += ":refused"  # it was held under the first key
    data = {
        "from": str(finding.sender or ""),
        "leg": finding.leg,
        "code": code,
        "what": one_line(finding.what),
    }

    def run(turn: Turn) -> Facts:
        HeldLeg.objects.filter(register=register, leg=finding.leg).delete()
        _remember(finding, register, service.DEFAULT, turn.at)
        return Facts(data=data, actor=SYSTEM, digest=finding.digest)

    return _refused(ledger.append(Act(register, "Refused", key, run)))


def _refusal_code(finding: Finding) -> str:
    code = finding.code
    if finding.sheet is not None and finding.sheet.kind == "service":
        code = f"{telling.SERVICE}{code}"
    if not finding.verified:
        code = f"{telling.UNVERIFIED}{code}"
    return code[:80]


def _refused(entry: Entry) -> Answer:
    code = entry.data["code"]
    return Answer(reply(554, "5.7.1", f"Refused: {code}"), Fate.REFUSED, code, entry, entry.repeated)


# -- the channel -----------------------------------------------------------------------------


def _remember(finding: Finding, register: str, precedence: int, now: datetime) -> None:
    sheet = finding.sheet
    if sheet is not None and finding.verified:
        sender = str(sheet.sender)
        channels.has_come(
            register, sender, sheet.channel, finding.leg, sent=sheet.time, precedence=precedence, now=now
        )


def _has_come(finding: Finding, register: str) -> bool:
    sheet = finding.sheet
    return sheet is not None and channels.is_same_leg(register, str(sheet.sender), sheet.channel, finding.leg)


def _warn_of_channel(finding: Finding, to: Post) -> None:
    sheet = finding.sheet
    if sheet is None or not channels.is_other_leg(str(to), str(sheet.sender), sheet.channel, finding.leg):
        return
    what = f"{sheet.sender} used channel number {sheet.channel} for two different legs."
    _alarm(to, "channel-reused", what, [finding.leg])


def _alarm(to: Post, code: str, what: str, evidence: list[str]) -> None:
    digest = sha256_hex("\n".join([code, *evidence]).encode("utf-8"))
    data = {"code": code, "what": what, "evidence": evidence}
    ledger.append(ledger.fact(str(to), "Alarm", f"alarm:{digest}", actor=SYSTEM, data=data, urgent=True))


# -- what people ask -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeldView:
    """A leg that is held: since when, from whom, why, and what would help."""

    register: str
    leg: str
    sender: Post
    verified: bool
    route: str
    size: int
    held_at: datetime
    tries: int
    tried_at: datetime | None
    code: str
    what: str
    do: str
    index: int | None


def held(registers: Iterable[str]) -> list[HeldView]:
    """What is held at these posts, for the communicator's page. Nothing of any cable is in it."""
    rows = HeldLeg.objects.filter(register__in=list(registers)).defer("octets").order_by("held_at", "pk")
    return [
        HeldView(
            row.register,
            row.leg,
            Post.parse(row.sender),
            row.verified,
            row.route,
            row.size,
            row.held_at,
            row.tries,
            row.tried_at,
            row.code,
            row.what,
            row.do,
            row.index,
        )
        for row in rows
    ]
