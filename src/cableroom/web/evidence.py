"""How a cable came or went, and what proves each step: from the entries of the register."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext

from cableroom.cable.canonical import read_stamp
from cableroom.directory import access
from cableroom.office.board import ACCEPTED, REPORTED, TaskingLine
from cableroom.register.ledger import Entry
from cableroom.web import times
from cableroom.web.framing import full_names, post_name
from cableroom.web.holding import Holding
from cableroom.web.viewing import EvidenceView, FactView, StateView, StepView, WayView
from cableroom.web.wording import Words
from cableroom.wire import outbox
from cableroom.wire.outbox import LegView
from cableroom.wire.schedule import LegState

DIGEST_LENGTH = 64

# -- the way ---------------------------------------------------------------------------------


def ways(held: Holding, entries: list[Entry], lines: list[TaskingLine]) -> tuple[WayView, ...]:
    """The steps of each leg: for what came the way it came, for what went the way to every post."""
    if not held.item.sent:
        return (WayView(held.desk.words("how_it_came_here"), tuple(_came(held, entries, lines))),)
    legs = {str(leg.to): leg for leg in outbox.legs(held.desk.register, held.item.digest, now=held.desk.now)}
    return tuple(
        WayView(
            held.desk.words("how_it_went_to", post=post_name(post, held.desk)),
            tuple(_went(held, post, entries, lines, legs.get(post))),
        )
        for post in held.item.posts
        if post != held.desk.register
    )


def _came(held: Holding, entries: list[Entry], lines: list[TaskingLine]) -> Iterable[StepView]:
    words, desk = held.desk.words, held.desk
    sender = post_name(held.item.sender, desk)
    yield _done(words("released_step"), held.item.dtg, sender)
    arrived = _first(entries, "Received")
    if arrived is not None:
        yield _done(words("handed_over"), arrived.at, words("channel_number", number=arrived.data["channel"]))
    receipt = _first(entries, "Receipted", side="receiver")
    yield _step(words("receipted"), receipt, gettext("by our system, signed"))
    yield _step(words("acknowledged"), _first(entries, "Acknowledged", side="own"), "", role=True)
    yield from _answered(lines, desk.words, sender)


def _went(
    held: Holding, post: str, entries: list[Entry], lines: list[TaskingLine], leg: LegView | None
) -> Iterable[StepView]:
    words = held.desk.words
    released = _first(entries, "Released")
    yield _step(words("released_step"), released, held.desk.post.name)
    handed = _first(entries, "HandedOver", to=post)
    if handed is not None:
        way = f"{handed.data['route']}, {words('channel_number', number=handed.data['channel'])}"
        yield _done(words("handed_over"), handed.at, way)
    elif leg is not None:
        yield StepView(words("handed_over"), "now", None, _waiting(leg, held.desk.now))
    receipt = _first(entries, "Receipted", side="sender", post=post)
    if (
        receipt is None
        and leg is not None
        and leg.state in (LegState.HELD, LegState.REFUSED, LegState.FAILED)
    ):
        yield StepView(_trouble(leg), "bad", leg.since, leg.what)
    else:
        index = "" if receipt is None else gettext("entry %(n)s there") % {"n": receipt.data["entry"]}
        yield _step(words("receipted"), receipt, index)
    yield _step(words("acknowledged"), _first(entries, "Acknowledged", side="peer", post=post), "", role=True)
    mine = [line for line in lines if line.tasking.post == post]
    yield from _answered(mine, words, held.desk.post.name)


def _answered(lines: list[TaskingLine], words: Words, decides: str) -> Iterable[StepView]:
    """Reported and accepted, once every instruction is."""
    if not lines:
        return
    for step, word in ((REPORTED, words("reported")), (ACCEPTED, words("accepted_by", post=decides))):
        times_of = [found.at for line in lines for found in line.steps if found.step == step]
        reached = [at for at in times_of if at is not None]
        if len(reached) == len(lines):
            yield _done(word, max(reached), "")
        else:
            some = gettext("%(n)s of %(all)s") % {"n": len(reached), "all": len(lines)} if reached else ""
            yield StepView(word, "todo", None, some)


def _waiting(leg: LegView, now: datetime) -> str:
    if leg.next_try is not None and leg.tries:
        return gettext("%(n)s tries, next %(when)s: %(why)s") % {
            "n": leg.tries,
            "when": times.clock(leg.next_try, now),
            "why": leg.what,
        }
    return gettext("waiting to go")


def _trouble(leg: LegView) -> str:
    return {
        LegState.HELD: gettext("Held there"),
        LegState.REFUSED: gettext("Refused there"),
        LegState.FAILED: gettext("Not handed over"),
    }[leg.state]


def _done(word: str, at: datetime, by: str) -> StepView:
    return StepView(word, "done", at, by)


def _step(word: str, entry: Entry | None, by: str, *, role: bool = False) -> StepView:
    if entry is None:
        return StepView(word, "todo")
    return _done(word, entry.at, (entry.data["role"] or "") if role else by)


def _first(entries: Iterable[Entry], kind: str, **data: object) -> Entry | None:
    return next(
        (
            e
            for e in entries
            if e.kind == kind and all(e.data.get(key) == value for key, value in data.items())
        ),
        None,
    )


# -- the evidence ------------------------------------------------------------------------------


def proofs(held: Holding, entries: list[Entry]) -> tuple[EvidenceView, ...]:
    """What is proved about the cable, in groups: signature, receipts, what people did, who may read it."""
    found = [_signature(held, entries), *_receipts(held, entries)]
    acts = [entry for entry in entries if entry.kind in _DONE]
    if acts:
        names = full_names(entry.actor.person for entry in acts if entry.actor.person)
        lines = tuple(_told(entry, names, held) for entry in acts)
        found.append(EvidenceView(gettext("What people did here"), lines, about=str(len(lines))))
    return tuple(found)


def every_entry(held: Holding, entries: list[Entry]) -> tuple[EvidenceView, ...]:
    """Each entry of the register about the cable, with what it states."""
    names = full_names(entry.actor.person for entry in entries if entry.actor.person)
    return tuple(_entry(entry, names, held) for entry in entries)


def _signature(held: Holding, entries: list[Entry]) -> EvidenceView:
    desk, item, words = held.desk, held.item, held.desk.words
    entry = _first(entries, "Released" if item.sent else "Received")
    sender = post_name(item.sender, desk)
    key = words("release_key")
    if item.sent and entry is not None:
        way = entry.data["authentication"]
        line = gettext(
            "Signed with the %(key)s of %(post)s after %(officer)s had shown who they are (%(method)s) at %(when)s."
        ) % {
            "key": key,
            "post": sender,
            "officer": held.head.released_by.as_text(),
            "method": way["method"],
            "when": times.clock(read_stamp(way["at"]), desk.now),
        }
    else:
        line = gettext(
            "Signed with the %(key)s of %(post)s. Signature, certificate and every byte were checked before it "
            "was entered here."
        ) % {"key": key, "post": sender}
    facts = [FactView(gettext("Digest"), item.digest, machine=True)]
    if entry is not None:
        facts.append(FactView(_capital(words("entry")), _place(entry, held)))
        facts.append(FactView(gettext("Certificate"), entry.data["certificate"], machine=True))
    facts.append(FactView(gettext("Algorithms"), "ES256, SHA-256, SD-JWT, CMS"))
    return EvidenceView(
        f"{words('released_and_signed_by')} {sender}",
        (line,),
        StateView(words("verified"), "done"),
        facts=tuple(facts),
    )


def _receipts(held: Holding, entries: list[Entry]) -> Iterable[EvidenceView]:
    words = held.desk.words
    verified = StateView(words("verified"), "done")
    for entry in entries:
        if entry.kind != "Receipted":
            continue
        if entry.data["side"] == "receiver":
            line = gettext(
                "Our register has it as entry %(n)s. The signed receipt was made at %(when)s. It says that a machine "
                "has it, not that anybody read it."
            ) % {"n": held.item.index, "when": times.clock(entry.at, held.desk.now)}
            post = held.desk.post.name
        else:
            post = post_name(entry.data["post"], held.desk)
            line = gettext(
                "Their register has it as entry %(n)s since %(when)s, says their signed receipt. It says that a "
                "machine has it, not that anybody read it."
            ) % {
                "n": entry.data["entry"],
                "when": times.clock(read_stamp(entry.data["received"]), held.desk.now),
            }
        title = f"{words('receipted')}: {post}"
        facts = (FactView(_capital(words("entry")), _place(entry, held)),)
        yield EvidenceView(title, (line,), verified, facts=facts)


_DONE = ("Acknowledged", "Assigned", "Noted", "Distributed", "Accepted", "Returned", "Chased")


def _told(entry: Entry, names: dict[str, str], held: Holding) -> str:
    """One line for what somebody did: when, who, what."""
    who = names.get(entry.actor.person or "", entry.actor.person or "")
    if entry.data.get("side") == "peer":
        who = post_name(entry.data["post"], held.desk)
    if not who:
        who = gettext("the system")
    role = entry.data.get("role") if entry.kind == "Acknowledged" else None
    by = f"{who}, {role}" if role else who
    return f"{times.clock(entry.at, held.desk.now)}, {by}: {_what(entry, held)}"


def _what(entry: Entry, held: Holding) -> str:
    words, data = held.desk.words, entry.data
    no = data.get("no")
    about = f" ({words('instruction_lower', no=no)})" if no is not None else ""
    if entry.kind == "Noted":
        outcome = data["outcome"]
        said = words(outcome["result"].replace(" ", "_")).lower() if outcome else data["note"]
        return f"{words('note')}{about}: {said}"
    if entry.kind == "Assigned":
        owner = full_names([data["owner"]]).get(data["owner"], data["owner"])
        return f"{words('assign')}{about}: {owner}"
    if entry.kind == "Distributed":
        added = data["role"] or full_names([data["person"]]).get(data["person"], data["person"])
        return gettext("added %(who)s to those who see it: %(why)s") % {"who": added, "why": data["why"]}
    if entry.kind == "Returned":
        return f"{words('returned')}{about}: {data['why'] or ''}".rstrip(": ")
    if entry.kind == "Accepted":
        return f"{words('accepted')}{about}"
    if entry.kind == "Chased":
        return gettext("chased, step %(step)s") % {"step": data["step"]} + about
    return words("acknowledged")


def _entry(entry: Entry, names: dict[str, str], held: Holding) -> EvidenceView:
    words = held.desk.words
    actor = entry.actor
    who = names.get(actor.person or "", actor.person or gettext("the system"))
    role = f", {actor.role}" if actor.role else ""
    facts = [
        FactView(_capital(words("entry")), _place(entry, held)),
        FactView(gettext("By"), f"{who}{role}"),
        FactView(gettext("Time stated"), entry.at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"),
        *(_fact(key, value) for key, value in sorted(_shown(entry, held).items())),
    ]
    return EvidenceView(
        _kind(entry, held), (), about=times.clock(entry.at, held.desk.now), facts=tuple(facts)
    )


def _shown(entry: Entry, held: Holding) -> dict[str, object]:
    """What the entry states, without the digest of a report that this person may not read."""
    report = entry.data.get("report")
    hidden = report is not None and not access.may_read(
        held.desk.person, held.desk.register, report, now=held.desk.now
    )
    return {
        key: value
        for key, value in entry.data.items()
        if value is not None and not (hidden and key in ("report", "why"))
    }


def _kind(entry: Entry, held: Holding) -> str:
    words = held.desk.words
    names = {
        "Released": words("released_step"),
        "Received": gettext("Received"),
        "HandedOver": words("handed_over"),
        "Failed": gettext("Not handed over"),
        "Receipted": words("receipted"),
        "Acknowledged": words("acknowledged"),
        "Assigned": words("assign"),
        "Noted": words("note"),
        "Distributed": gettext("Added to those who see it"),
        "Accepted": words("accepted"),
        "Returned": words("returned"),
        "Chased": gettext("Chased"),
    }
    return names.get(entry.kind, entry.kind)


def _fact(key: str, value: object) -> FactView:
    return FactView(key, _plain(value), machine=isinstance(value, str) and len(value) == DIGEST_LENGTH)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(each)}" for key, each in sorted(value.items()) if each is not None)
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    return str(value)


def _place(entry: Entry, held: Holding) -> str:
    return f"{held.desk.post.name} {entry.index}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
