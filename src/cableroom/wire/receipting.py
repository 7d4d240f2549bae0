"""Receipts: that a post has a cable, verified, in its register, signed by its system key.

Out: a reaction on `Received` signs the ESS receipt, enters `Receipted` and queues RECEIPT, whose sheet must
carry a head that covers that entry. In: matched with what *we* signed, for the post of that leg alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from cableroom.cable.address import Post
from cableroom.cable.canonical import read_stamp, stamp
from cableroom.cable.precedence import Precedence
from cableroom.directory import certificates, keystore
from cableroom.errors import Refusal
from cableroom.register import following, ledger
from cableroom.register.ledger import Act, Actor, Entry, Facts, Turn
from cableroom.seal import receipts
from cableroom.seal.service import RECEIPT, ServiceMessage, receipt_bytes, receipt_data
from cableroom.wire import outgoing, service
from cableroom.wire.models import Leg, ReceiptOut

NAME = "wire.receipt"
SYSTEM = Actor()
AGAIN_AFTER = timedelta(seconds=30)


# -- out -------------------------------------------------------------------------------------


def react(entry: Entry) -> None:
    """A cable has come in: sign its receipt, enter it, queue it."""
    if _sent(entry) is not None:
        return
    opened = following.opened_of(entry)
    to = Post.parse(entry.data["from"])
    now = ledger.now()
    key, certificate = keystore.system_key(Post.parse(entry.register), now=now)
    der = receipts.make(opened.signed_data, key=key, certificate=certificate, signing_time=now)
    data = {"side": "receiver", "post": str(to), "entry": entry.index, "received": stamp(entry.at)}
    precedence = int(opened.cable.precedence_for(Post.parse(entry.register)))

    def run(turn: Turn) -> Facts:
        ReceiptOut.objects.update_or_create(
            register=entry.register,
            digest=entry.digest,
            defaults={
                "to": str(to),
                "entry": entry.index,
                "der": der,
                "precedence": precedence,
                "sent_at": now,
            },
        )
        _queue(entry, to, der, precedence, turn.at)
        return Facts(data=data, actor=SYSTEM, digest=entry.digest, cause=entry.index)

    urgent = precedence >= Precedence.IMMEDIATE
    ledger.append(Act(entry.register, "Receipted", following.reaction_key(entry, NAME), run, urgent))


def again(entry: Entry, *, now: datetime) -> None:
    """The cable of this `Received` has come once more: the same receipt goes again, unless it just did."""
    with transaction.atomic():
        row = (
            ReceiptOut.objects.select_for_update()
            .filter(register=entry.register, digest=entry.digest)
            .first()
        )
        if row is None or now - row.sent_at < AGAIN_AFTER:
            return  # the reaction is about to, or has just sent it
        to = Post.parse(row.to)
        if service.waits(entry.register, to, RECEIPT, row.digest):
            return
        row.sent_at = now
        row.save(update_fields=["sent_at"])
        _queue(entry, to, bytes(row.der), row.precedence, now, again=True)


def _sent(entry: Entry) -> ReceiptOut | None:
    return ReceiptOut.objects.filter(register=entry.register, digest=entry.digest, entry=entry.index).first()


def _queue(
    entry: Entry, to: Post, der: bytes, precedence: int, now: datetime, *, again: bool = False
) -> None:
    # nothing here is backed up yet by a command of ours, so nothing is said to be
    data = receipt_data(entry=entry.index, received=entry.at, receipt=der, backed_up=0)
    service.queue(
        entry.register,
        to,
        RECEIPT,
        about=entry.digest,
        data=data,
        now=now,
        precedence=precedence,
        covers=entry.index,
        again=again,
    )


# -- in --------------------------------------------------------------------------------------


def take_in(register: str, message: ServiceMessage, *, now: datetime) -> Entry | None:
    """A verified RECEIPT. Raises Refusal where it is no receipt of that post for that cable of ours."""
    about, sender = message.about or "", message.sender
    leg = Leg.objects.filter(register=register, digest=about, to=str(sender)).first()
    if leg is None:
        raise Refusal(f"{sender} was not sent the cable that this receipt is for.", code="not-sent")
    if leg.receipt_entry == message.data["entry"]:
        return None
    _match(register, leg, message, now)
    data = {
        "side": "sender",
        "post": str(sender),
        "entry": message.data["entry"],
        "received": stamp(read_stamp(message.data["received"])),
    }

    def run(turn: Turn) -> Facts:
        outgoing.receipted(
            register,
            about,
            str(sender),
            entry=message.data["entry"],
            backed_up=message.data["backed_up"],
            now=turn.at,
        )
        return Facts(data=data, actor=SYSTEM, digest=about)

    return ledger.append(
        Act(register, "Receipted", service.key(message), run, urgent=leg.precedence >= Precedence.IMMEDIATE)
    )


def _match(register: str, leg: Leg, message: ServiceMessage, now: datetime) -> None:
    opened = following.opened_of(ledger.entry(register, leg.index))
    verdict = receipts.match(
        receipt_bytes(message),
        signed_cable=opened.signed_data,
        post=message.sender,
        authorities=certificates.authorities_for(message.sender),
        at=now,
    )
    if not verdict.good:
        problem = next((each for each in verdict.problems if each.severity == "error"), None)
        raise Refusal(
            problem.message if problem else "The receipt does not hold.",
            code=problem.code if problem else "bad-receipt",
        )
