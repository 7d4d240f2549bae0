"""What we tell a sender of the fate of its leg, and what receivers tell us: HELD, REFUSED, RETRANSMIT.

Told is only a sender whose signature on the sheet was verified, at the address in the directory, and only of
cables: nothing that a stranger sends makes us write to a third, and no service message answers another.
"""

from __future__ import annotations

from datetime import datetime

from cableroom.cable.address import Post
from cableroom.errors import Refusal
from cableroom.register import ledger
from cableroom.register.ledger import Entry
from cableroom.seal.service import HELD, REFUSED, RETRANSMIT, ServiceMessage, fate_data
from cableroom.wire import channels, outbox, outgoing, service
from cableroom.wire.models import HeldLeg

NAME = "wire.tell"
SERVICE = "service:"
UNVERIFIED = "unverified:"

_WHAT_TO_DO = {
    "expired": "Your post's certificate has run out; send its newest card.",
    "unknown-authority": "Your card is not confirmed here yet; read the check words to each other.",
    "above-ceiling": "The post may not receive this level; its administrator can raise the ceiling.",
    "unknown-policy": "Your policy is not known here; send your newest card.",
}


def react(entry: Entry) -> None:
    """`Held` or `Refused` was entered: tell the sender, if it is sure who that is."""
    code = entry.data["code"]
    if code.startswith((SERVICE, UNVERIFIED)):
        return
    about = entry.digest
    if entry.kind == "Held":
        held = HeldLeg.objects.filter(register=entry.register, leg=entry.data["leg"]).first()
        if held is None or not held.verified or held.kind != "cable":
            return
        about = held.digest
    service.queue(
        entry.register,
        Post.parse(entry.data["from"]),
        HELD if entry.kind == "Held" else REFUSED,
        about=about,
        data=fate_data(code=code, what=entry.data["what"] or code, do=_WHAT_TO_DO.get(code)),
        now=ledger.now(),
        covers=entry.index,
    )


def ask_for_missing(now: datetime) -> int:
    """The worker: ask for channel numbers that have not come in time; how many questions."""
    count = 0
    for gap in channels.due_questions(now):
        first, last = channels.question(gap)
        asked = service.queue(
            gap.register,
            Post.parse(gap.peer),
            RETRANSMIT,
            about=None,
            data={"channel": [first, last]},
            now=now,
            precedence=gap.precedence,
        )
        channels.asked(gap, now=now)
        count += asked is not None
    return count


# -- in --------------------------------------------------------------------------------------


def take_in(register: str, message: ServiceMessage, *, now: datetime) -> Entry | None:
    """HELD or REFUSED: what the receiver says of a cable of ours. Raises Refusal if it was not sent there."""
    if message.about is None:
        return None  # it could not read which cable it was; the missing receipt tells us
    row = outgoing.find(register, message.about, str(message.sender))
    if row is None:
        raise Refusal(f"{message.sender} was not sent the cable that it speaks of.", code="not-sent")
    word = outbox.PEER_HOLDS if message.kind == HELD else outbox.PEER_REFUSES
    code, what = f"{word}:{message.data['code']}", message.data["what"]
    if message.data["do"]:
        what = f"{what} {message.data['do']}"
    return outgoing.fate_told(row, code, what, key=service.key(message), now=now)


def send_again(register: str, message: ServiceMessage, *, now: datetime) -> Entry | None:
    """RETRANSMIT: the sender of this message misses legs of ours; the same bytes go again."""
    first, last = message.data["channel"]
    last = min(last, first + channels.WIDEST_QUESTION - 1)
    outgoing.asked_again(register, str(message.sender), first, last, now=now)
    return None
