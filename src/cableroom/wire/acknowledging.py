"""ACKNOWLEDGEMENT: that a person has taken a cable up, and what the originator decided on a report.

Out: reactions on what the office entered for this side. In: entered with side "peer", if the signer is the
post that may say so.
"""

from __future__ import annotations

from datetime import datetime

from cableroom.cable.address import Post
from cableroom.cable.canonical import read_stamp, stamp
from cableroom.errors import Refusal
from cableroom.register import following, ledger
from cableroom.register.ledger import Actor, Entry, fact
from cableroom.seal.service import ACKNOWLEDGEMENT, ServiceMessage
from cableroom.wire import service
from cableroom.wire.models import Leg

NAME = "wire.acknowledge"
DECISIONS = {"Accepted": "accepted", "Returned": "returned"}
SYSTEM = Actor()


# -- out -------------------------------------------------------------------------------------


def react(entry: Entry) -> None:
    """`Acknowledged`, `Accepted` or `Returned` by our side: tell the post at the other end."""
    if entry.data["side"] != "own":
        return
    if entry.kind == "Acknowledged":
        received = ledger.find(entry.register, f"cable:{entry.digest}")
        if received is None:
            return  # a cable of our own: nobody waits for the word
        to, data = received.data["from"], {"role": entry.data["role"], "at": entry.data["at"]}
    else:
        to = entry.data["post"]
        data = {
            "report": entry.data["report"],
            "decision": DECISIONS[entry.kind],
            "no": entry.data["no"],
        }
    service.queue(
        entry.register,
        Post.parse(to),
        ACKNOWLEDGEMENT,
        about=entry.digest,
        data=data,
        now=ledger.now(),
        covers=entry.index,
    )


# -- in --------------------------------------------------------------------------------------


def take_in(register: str, message: ServiceMessage, *, now: datetime) -> Entry | None:
    """A verified ACKNOWLEDGEMENT. Raises Refusal where its sender may not say this."""
    if "report" in message.data:
        return _decision(register, message)
    return _acknowledgement(register, message)


def _acknowledgement(register: str, message: ServiceMessage) -> Entry:
    about, sender = message.about or "", str(message.sender)
    if not Leg.objects.filter(register=register, digest=about, to=sender).exists():
        raise Refusal(f"{sender} was not sent the cable that it takes up.", code="not-sent")
    data = {
        "side": "peer",
        "post": sender,
        "role": message.data["role"],
        "at": stamp(read_stamp(message.data["at"])),
    }
    return ledger.append(
        fact(register, "Acknowledged", service.key(message), actor=SYSTEM, data=data, digest=about)
    )


def _decision(register: str, message: ServiceMessage) -> Entry:
    """The originator's word on a report of ours: it must be the originator, of an instruction put to us,
    on a report that answers that very number and was sent to it."""
    about, sender = message.about or "", str(message.sender)
    report, no = message.data["report"], message.data["no"]
    instruction = ledger.find(register, f"cable:{about}")
    if instruction is None or instruction.kind != "Received" or instruction.data["from"] != sender:
        raise Refusal(f"{sender} did not put this instruction to {register}.", code="not-originator")
    opened = following.opened_of(instruction)
    if no not in {each.no for each in opened.cable.instructions_for(Post.parse(register))}:
        raise Refusal(f"Instruction {no} of that cable was not put to {register}.", code="no-instruction")
    leg = Leg.objects.filter(register=register, digest=report, to=sender).first()
    if leg is None:
        raise Refusal(f"{sender} decides on a report that {register} has not sent.", code="no-report")
    answered = following.opened_of(ledger.entry(register, leg.index)).cable.outcomes
    if not any(outcome.of == about and outcome.no == no for outcome in answered):
        raise Refusal(f"That report does not answer instruction {no}.", code="not-answered")
    kind = next(kind for kind, word in DECISIONS.items() if word == message.data["decision"])
    data = {"side": "peer", "report": report, "no": no, "post": register, "why": None}
    return ledger.append(fact(register, kind, service.key(message), actor=SYSTEM, data=data, digest=about))
