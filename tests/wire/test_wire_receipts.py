"""Receipts and the other service messages: only the right post may say each, about what was sent to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from correspondent import KNOWN, NOBODY, Correspondent, draft, entries, kinds, release

from cableroom.cable.address import Post
from cableroom.cable.canonical import stamp
from cableroom.errors import CableroomError
from cableroom.register import following, ledger
from cableroom.register.ledger import Actor
from cableroom.seal import receipts, service
from cableroom.seal.trust import Use
from cableroom.wire import incoming, outbox, outgoing, receipting
from cableroom.wire.examining import Fate
from cableroom.wire.models import Channel, Dispatch, Gap
from cableroom.wire.schedule import LegState

pytestmark = pytest.mark.django_db(transaction=True)

TO_GENEVA = draft("CAPITAL", "GENEVA@un.example")


def arrive(octets: bytes, to: Any, clock: Any, peer: Any = KNOWN) -> incoming.Answer:
    return incoming.arrive(octets, to=to, route="smtp", peer=peer, now=clock.now)


def sent(capital: Any, clock: Any, text: str = TO_GENEVA) -> tuple[str, bytes]:
    """A cable of CAPITAL that a machine of the other side has taken; its digest and SignedData."""
    digest = release(capital, text, clock.now)
    outgoing.take_up(clock.now)
    for row in Dispatch.objects.filter(kind="cable", name=digest):
        assert outgoing.prepare(row.pk, now=clock.now) is not None
        outgoing.taken(row.pk, "smtp", "250 2.0.0 Taken", now=clock.now)
    entry = next(iter(ledger.entries(str(capital), kinds=["Released"], digest=digest)))
    return digest, following.opened_of(entry).signed_data


def state(capital: Any, digest: str, clock: Any) -> LegState:
    [leg] = outbox.legs(str(capital), digest, now=clock.now)
    return leg.state


# ---- receipts in


def test_a_receipt_closes_the_leg(capital: Any, geneva: Any, clock: Any) -> None:
    digest, signed = sent(capital, clock)
    assert state(capital, digest, clock) is LegState.HANDED_OVER
    message = geneva.receipt(signed, capital, clock.now, digest=digest, entry=7)
    assert arrive(geneva.say(message, capital, clock.now), capital, clock).reply.code == 250
    [entry] = entries(capital, "Receipted")
    assert entry.data == {
        "side": "sender",
        "post": "un.example/GENEVA",
        "entry": 7,
        "received": stamp(clock.now),
    }
    assert entry.key == f"service:un.example/GENEVA:{message.id}"
    assert state(capital, digest, clock) is LegState.RECEIPTED
    assert not Dispatch.objects.filter(closed=False).exists()


def test_f27_a_receipt_before_our_own_handed_over(capital: Any, geneva: Any, clock: Any) -> None:
    """The process died between the peer's 250 and our entry: the receipt counts all the same."""
    digest = release(capital, TO_GENEVA, clock.now)
    outgoing.take_up(clock.now)
    row = Dispatch.objects.get()
    outgoing.prepare(row.pk, now=clock.now)
    entry = next(iter(ledger.entries(str(capital), kinds=["Released"])))
    message = geneva.receipt(following.opened_of(entry).signed_data, capital, clock.now, digest=digest)
    arrive(geneva.say(message, capital, clock.now), capital, clock)
    assert state(capital, digest, clock) is LegState.RECEIPTED
    outgoing.taken(row.pk, "smtp", "250 ok", now=clock.now)
    assert state(capital, digest, clock) is LegState.RECEIPTED
    assert not Dispatch.objects.filter(closed=False).exists()


def test_f26_a_receipt_twice(capital: Any, geneva: Any, clock: Any) -> None:
    digest, signed = sent(capital, clock)
    message = geneva.receipt(signed, capital, clock.now, digest=digest)
    leg = geneva.say(message, capital, clock.now)
    anew = geneva.say(message, capital, clock.now)
    other = geneva.say(replace(message, id=service.new_id()), capital, clock.now)
    for octets in (leg, leg, anew, other):
        assert arrive(octets, capital, clock).reply.code == 250
    assert kinds(capital).count("Receipted") == 1


def test_a50_receipts_for_the_wrong_thing(capital: Any, geneva: Any, clock: Any) -> None:
    """All pairs of cable and receipt: only the matching one counts."""
    cables_ = [
        sent(capital, clock, draft("CAPITAL", "GENEVA@un.example", body=f"1. Fish {n}.\n")) for n in range(3)
    ]
    for about, _ in cables_:
        for digest, signed in cables_:
            message = geneva.receipt(signed, capital, clock.now, digest=about)
            answer = arrive(geneva.say(message, capital, clock.now), capital, clock)
            if digest == about:
                assert answer.fate is Fate.ACCEPTED and state(capital, about, clock) is LegState.RECEIPTED
            elif answer.fate is not Fate.ACCEPTED:
                assert answer.code == "service:other-cable"
    assert kinds(capital).count("Receipted") == 3


@pytest.mark.parametrize(
    "kind", ["of another post", "never sent there", "for a receipt", "by the release key", "before sending"]
)
def test_a50_receipts_that_are_none(kind: str, capital: Any, havana: Any, geneva: Any, clock: Any) -> None:
    digest, signed = sent(capital, clock)
    der: bytes | None = None
    who, about, code = geneva, digest, "service:"
    if kind == "of another post":  # who is no addressee
        who = Correspondent(clock.now, org="eve.example", name="EVE")
        who.meet(clock.now)
        code = "service:not-sent"
    elif kind == "never sent there":
        about = "ab" * 32
        code = "service:not-sent"
    elif kind == "for a receipt":
        first = receipts.make(
            signed,
            key=geneva.keys[Use.SYSTEM],
            certificate=geneva.certificates[Use.SYSTEM],
            signing_time=clock.now,
        )
        with pytest.raises(CableroomError):
            receipts.make(
                first,
                key=geneva.keys[Use.SYSTEM],
                certificate=geneva.certificates[Use.SYSTEM],
                signing_time=clock.now,
            )
        der = first[:-1]
    elif kind == "by the release key":
        der = receipts.make(
            signed,
            key=geneva.keys[Use.RELEASE],
            certificate=geneva.certificates[Use.RELEASE],
            signing_time=clock.now,
        )
        code = "service:wrong-use"
    else:
        from datetime import timedelta

        der = receipts.make(
            signed,
            key=geneva.keys[Use.SYSTEM],
            certificate=geneva.certificates[Use.SYSTEM],
            signing_time=clock.now - timedelta(hours=1),
        )
        code = "service:before-sending"
    message = who.receipt(signed, capital, clock.now, digest=about, der=der)
    answer = arrive(who.say(message, capital, clock.now), capital, clock)
    assert answer.fate is Fate.REFUSED and answer.code.startswith(code)
    assert state(capital, digest, clock) is LegState.HANDED_OVER
    assert kinds(capital).count("Receipted") == 0
    following.run_reactions()
    assert not Dispatch.objects.filter(kind="service").exists(), "no service message answers another"


def test_a50_succeeds_where_nothing_is_matched(
    capital: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    digest, _ = sent(capital, clock)
    _, other = sent(capital, clock, draft("CAPITAL", "GENEVA@un.example", body="1. Other.\n"))
    monkeypatch.setattr(receipting, "_match", lambda *args: None)
    message = geneva.receipt(other, capital, clock.now, digest=digest)
    arrive(geneva.say(message, capital, clock.now), capital, clock)
    assert state(capital, digest, clock) is LegState.RECEIPTED


def test_a49_our_own_receipt_comes_back(capital: Any, geneva: Any, clock: Any) -> None:
    """What we receipted cannot be turned into a receipt for us: its signer is not the addressee."""
    digest, signed = sent(capital, clock)
    _, leg = geneva.send(capital, clock.now)
    arrive(leg, capital, clock)
    following.run_reactions()
    outgoing.take_up(clock.now)
    row = Dispatch.objects.get(service="RECEIPT")
    ready = outgoing.prepare(row.pk, now=clock.now)
    assert ready is not None
    assert arrive(ready.octets, capital, clock).fate is Fate.STRANGER
    _, ours = geneva.read_service(ready.octets)
    der = service.receipt_bytes(ours)
    back = geneva.receipt(signed, capital, clock.now, digest=digest, der=der)
    assert arrive(geneva.say(back, capital, clock.now), capital, clock).fate is Fate.REFUSED
    assert state(capital, digest, clock) is LegState.HANDED_OVER


# ---- receipts out


def test_our_receipt_carries_a_head_that_covers_it(capital: Any, geneva: Any, clock: Any) -> None:
    from cableroom.register import notes

    for _ in range(3):
        signed, leg = geneva.send(capital, clock.now)
        arrive(leg, capital, clock)
    following.run_reactions()
    rows = list(Dispatch.objects.filter(service="RECEIPT").order_by("pk"))
    assert len(rows) == 3
    ready = outgoing.prepare(rows[-1].pk, now=clock.now)
    assert ready is not None
    sheet, message = geneva.read_service(ready.octets)
    entry = entries(capital, "Received")[-1]
    assert message.data["entry"] == entry.index and message.about == signed.digest
    head = notes.verify_checkpoint(sheet.checkpoint, ledger.vkey(str(capital)))
    assert head.size > entry.index
    verdict = receipts.match(
        service.receipt_bytes(message),
        signed_cable=signed.signed_data,
        post=capital,
        authorities=incoming.receipting.certificates.authorities_for(capital),
        at=clock.now,
    )
    assert verdict.good, verdict.problems


def test_a51_a_receipt_goes_to_the_directorys_address_alone(
    capital: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    from cableroom.seal import cables
    from cableroom.seal.signing import ReceiptRequest

    with monkeypatch.context() as patch:
        patch.setattr(
            cables, "ReceiptRequest", lambda name, to: ReceiptRequest(name, ("victim@third.example",) * 1)
        )
        _, leg = geneva.send(capital, clock.now)
    arrive(leg, capital, clock)
    following.run_reactions()
    outgoing.take_up(clock.now)
    assert [row.to for row in Dispatch.objects.all()] == ["un.example/GENEVA"]
    ready = outgoing.prepare(Dispatch.objects.get().pk, now=clock.now)
    assert ready is not None and ready.recipient == "geneva@un.example"
    assert b"victim" not in ready.octets


def test_the_reaction_runs_twice_and_receipts_once(capital: Any, geneva: Any, clock: Any) -> None:
    _, leg = geneva.send(capital, clock.now)
    entry = arrive(leg, capital, clock).entry
    assert entry is not None
    receipting.react(entry)
    receipting.react(entry)
    assert kinds(capital) == ["Received", "Receipted"] and Dispatch.objects.count() == 1


# ---- who may sign a service message


def test_a70_a_release_key_signs_no_service_message(capital: Any, geneva: Any, clock: Any) -> None:
    digest, signed = sent(capital, clock)
    message = geneva.receipt(signed, capital, clock.now, digest=digest)
    leg = geneva.say(
        message,
        capital,
        clock.now,
        key=geneva.keys[Use.RELEASE],
        certificate=geneva.certificates[Use.RELEASE],
    )
    answer = arrive(leg, capital, clock)
    assert (answer.fate, answer.code) == (Fate.REFUSED, "service:wrong-use")


@pytest.mark.parametrize(
    "bent", [{"sender": Post("un.example", "VIENNA")}, {"receiver": Post("mfa.example", "HAVANA")}]
)
def test_a_message_of_or_for_somebody_else(
    bent: dict[str, Any], capital: Any, geneva: Any, clock: Any
) -> None:
    digest, signed = sent(capital, clock)
    message = geneva.receipt(signed, capital, clock.now, digest=digest, **bent)
    assert arrive(geneva.say(message, capital, clock.now), capital, clock).fate is Fate.REFUSED
    assert state(capital, digest, clock) is LegState.HANDED_OVER


# ---- acknowledgements and decisions


def acknowledged(register: Any, digest: str, side: str = "own", **data: Any) -> ledger.Entry:
    body = {
        "side": side,
        "post": str(register),
        "role": "DESK OFFICER",
        "at": "2026-10-27T19:00:00.000Z",
        **data,
    }
    return ledger.append(
        ledger.fact(
            str(register), "Acknowledged", f"act:{digest[:8]}", actor=Actor(), data=body, digest=digest
        )
    )


def test_an_acknowledgement_goes_home_once(capital: Any, geneva: Any, clock: Any) -> None:
    signed, leg = geneva.send(capital, clock.now)
    arrive(leg, capital, clock)
    acknowledged(capital, signed.digest)
    following.run_reactions()
    following.run_reactions()
    [row] = Dispatch.objects.filter(service="ACKNOWLEDGEMENT")
    assert (row.to, row.about) == ("un.example/GENEVA", signed.digest)
    assert row.message == {"role": "DESK OFFICER", "at": "2026-10-27T19:00:00.000Z"}


def test_taking_up_our_own_cable_tells_nobody(capital: Any, geneva: Any, clock: Any) -> None:
    digest, _ = sent(capital, clock)
    acknowledged(capital, digest)
    following.run_reactions()
    assert not Dispatch.objects.filter(kind="service").exists()


def test_an_acknowledgement_comes(capital: Any, geneva: Any, clock: Any) -> None:
    digest, _ = sent(capital, clock)
    data = {"role": "DIRECTOR", "at": stamp(clock.now)}
    message = geneva.message("ACKNOWLEDGEMENT", capital, clock.now, about=digest, data=data)
    assert arrive(geneva.say(message, capital, clock.now), capital, clock).reply.code == 250
    [entry] = entries(capital, "Acknowledged")
    assert entry.data == {
        "side": "peer",
        "post": "un.example/GENEVA",
        "role": "DIRECTOR",
        "at": stamp(clock.now),
    }
    following.run_reactions()
    assert not Dispatch.objects.filter(kind="service").exists(), "the peer's word is not sent back"


def test_an_acknowledgement_by_who_was_not_asked(capital: Any, geneva: Any, clock: Any) -> None:
    digest, _ = sent(capital, clock)
    eve = Correspondent(clock.now, org="eve.example", name="EVE")
    eve.meet(clock.now)
    message = eve.message(
        "ACKNOWLEDGEMENT", capital, clock.now, about=digest, data={"role": None, "at": stamp(clock.now)}
    )
    assert arrive(eve.say(message, capital, clock.now), capital, clock).code == "service:not-sent"
    assert not entries(capital, "Acknowledged")


def reported(capital: Any, geneva: Any, clock: Any) -> tuple[str, str]:
    """GENEVA's instruction 1 to CAPITAL, and CAPITAL's report on it: their digests."""
    signed, leg = geneva.send(capital, clock.now)
    arrive(leg, capital, clock)
    mrn = following.opened_of(entries(capital, "Received")[-1]).cable.mrn
    text = (
        f"FROM: CAPITAL\nTO: GENEVA@un.example\nPRECEDENCE: ROUTINE\nCLASSIFICATION: UNCLASSIFIED\n"
        f"SUBJECT: Report\nREFS: A. {mrn.print('mfa.example')}\n\n1. OUTCOME OF A ACTION 1 CARRIED OUT: counted.\n"
    )
    digest = release(capital, text, clock.now, refs={"A": signed.digest})
    outgoing.take_up(clock.now)
    return signed.digest, digest


@pytest.mark.parametrize(("word", "kind"), [("accepted", "Accepted"), ("returned", "Returned")])
def test_the_originators_decision_comes(word: str, kind: str, capital: Any, geneva: Any, clock: Any) -> None:
    instruction, report = reported(capital, geneva, clock)
    data = {"report": report, "decision": word, "no": 1}
    message = geneva.message("ACKNOWLEDGEMENT", capital, clock.now, about=instruction, data=data)
    assert arrive(geneva.say(message, capital, clock.now), capital, clock).reply.code == 250
    [entry] = entries(capital, kind)
    assert entry.digest == instruction
    assert entry.data == {
        "side": "peer",
        "report": report,
        "no": 1,
        "post": "mfa.example/CAPITAL",
        "why": None,
    }


@pytest.mark.parametrize(
    ("bent", "code"),
    [
        ({"no": 99}, "no-instruction"),
        ({"report": "ab" * 32}, "no-report"),
        ({"about": "cd" * 32}, "not-originator"),
        ({"by": "eve"}, "not-originator"),
        ({"other report": True}, "not-answered"),
    ],
)
def test_a52_decisions_by_or_on_something_else(
    bent: dict[str, Any], code: str, capital: Any, geneva: Any, clock: Any
) -> None:
    instruction, report = reported(capital, geneva, clock)
    if "other report" in bent:
        report, _ = sent(capital, clock)
    who = geneva
    if bent.get("by") == "eve":
        who = Correspondent(clock.now, org="eve.example", name="EVE")
        who.meet(clock.now)
    data = {"report": bent.get("report", report), "decision": "accepted", "no": bent.get("no", 1)}
    message = who.message(
        "ACKNOWLEDGEMENT", capital, clock.now, about=bent.get("about", instruction), data=data
    )
    answer = arrive(who.say(message, capital, clock.now), capital, clock)
    assert (answer.fate, answer.code) == (Fate.REFUSED, f"service:{code}")
    assert not entries(capital, "Accepted")


@pytest.mark.parametrize(("kind", "word"), [("Accepted", "accepted"), ("Returned", "returned")])
def test_our_decision_goes_to_the_post_that_reported(
    kind: str, word: str, capital: Any, geneva: Any, clock: Any
) -> None:
    digest, _ = sent(capital, clock)
    data = {"side": "own", "report": "ab" * 32, "no": 1, "post": "un.example/GENEVA", "why": "not yet"}
    ledger.append(ledger.fact(str(capital), kind, "act:1", actor=Actor(), data=data, digest=digest))
    following.run_reactions()
    [row] = Dispatch.objects.filter(service="ACKNOWLEDGEMENT")
    assert (row.to, row.about) == ("un.example/GENEVA", digest)
    assert row.message == {"report": "ab" * 32, "decision": word, "no": 1}


# ---- what the receiver says of a leg


@pytest.mark.parametrize(("kind", "after"), [("HELD", LegState.HELD), ("REFUSED", LegState.REFUSED)])
def test_the_receiver_holds_or_refuses(
    kind: str, after: LegState, capital: Any, geneva: Any, clock: Any
) -> None:
    digest, signed = sent(capital, clock)
    data = service.fate_data(code="above-ceiling", what="Too high for us.", do="Ask somebody.")
    message = geneva.message(kind, capital, clock.now, about=digest, data=data)
    leg = geneva.say(message, capital, clock.now)
    for _ in range(2):
        assert arrive(leg, capital, clock).reply.code == 250
    assert state(capital, digest, clock) is after
    [entry] = entries(capital, "Failed")
    assert entry.data["code"].endswith(":above-ceiling") and "Too high" in entry.data["what"]
    clock.forward(days=30)
    assert outgoing.due(clock.now) == [], "it is not sent again by itself"
    receipt = geneva.receipt(signed, capital, clock.now, digest=digest)
    arrive(geneva.say(receipt, capital, clock.now), capital, clock)
    assert state(capital, digest, clock) is LegState.RECEIPTED


def test_a_word_about_a_cable_that_was_not_sent_there(capital: Any, geneva: Any, clock: Any) -> None:
    data = service.fate_data(code="x", what="y", do=None)
    message = geneva.message("REFUSED", capital, clock.now, about="ab" * 32, data=data)
    assert arrive(geneva.say(message, capital, clock.now), capital, clock).code == "service:not-sent"
    silent = geneva.message("HELD", capital, clock.now, about=None, data=data)
    assert arrive(geneva.say(silent, capital, clock.now), capital, clock).reply.code == 250


# ---- numbers that do not come


def test_a_missing_number_is_asked_for_after_a_while(capital: Any, geneva: Any, clock: Any) -> None:
    from cableroom.wire import channels, telling

    first, second, third = (geneva.send(capital, clock.now)[1] for _ in range(3))
    arrive(first, capital, clock)
    arrive(third, capital, clock)
    assert [(gap.first, gap.last) for gap in channels.missing([str(capital)])] == [(2, 2)]
    assert telling.ask_for_missing(clock.now) == 0
    clock.forward(hours=1)
    assert telling.ask_for_missing(clock.now) == 1
    [row] = Dispatch.objects.filter(service="RETRANSMIT")
    assert (row.to, row.message) == ("un.example/GENEVA", {"channel": [2, 2]})
    assert telling.ask_for_missing(clock.now) == 0
    arrive(second, capital, clock)
    assert not Gap.objects.exists()


def test_gaps_split_and_close(capital: Any, geneva: Any, clock: Any) -> None:
    legs_ = [geneva.send(capital, clock.now)[1] for _ in range(8)]
    for number in (8, 4, 1, 2, 3, 6, 5, 7):
        arrive(legs_[number - 1], capital, clock)
        seen = {
            8: [(1, 7)],
            4: [(1, 3), (5, 7)],
            1: [(2, 3), (5, 7)],
            2: [(3, 3), (5, 7)],
            3: [(5, 7)],
            6: [(5, 5), (7, 7)],
            5: [(7, 7)],
            7: [],
        }
        assert [(gap.first, gap.last) for gap in Gap.objects.order_by("first")] == seen[number]
    assert Channel.objects.get(peer="un.example/GENEVA").came == 8


def test_a_leap_of_a_billion_costs_one_row(capital: Any, geneva: Any, clock: Any) -> None:
    arrive(geneva.send(capital, clock.now, channel=10**9)[1], capital, clock)
    assert Gap.objects.count() == 1


def test_asked_again_the_same_bytes_go(capital: Any, geneva: Any, clock: Any) -> None:
    digest, signed = sent(capital, clock)
    before = bytes(Dispatch.objects.get().sealed)
    receipt = geneva.receipt(signed, capital, clock.now, digest=digest)
    arrive(geneva.say(receipt, capital, clock.now), capital, clock)
    assert outgoing.due(clock.now) == []
    ask = geneva.message("RETRANSMIT", capital, clock.now, about=None, data={"channel": [1, 5]})
    leg = geneva.say(ask, capital, clock.now)
    assert arrive(leg, capital, clock).reply.code == 250
    [item] = outgoing.due(clock.now)
    ready = outgoing.prepare(int(item.name), now=clock.now)
    assert ready is not None and ready.octets == before
    outgoing.taken(ready.pk, "smtp", "250 ok", now=clock.now)
    assert outgoing.due(clock.now) == []
    clock.forward(hours=1)
    assert arrive(leg, capital, clock, NOBODY).repeated
    assert outgoing.due(clock.now) == [], "a replayed question makes us send nothing"
    assert kinds(capital) == ["Released", "HandedOver", "Receipted", "HandedOver"]


def test_nobody_asks_for_anothers_legs(capital: Any, geneva: Any, clock: Any) -> None:
    sent(capital, clock)
    eve = Correspondent(clock.now, org="eve.example", name="EVE")
    eve.meet(clock.now)
    ask = eve.message("RETRANSMIT", capital, clock.now, about=None, data={"channel": [1, 5]})
    arrive(eve.say(ask, capital, clock.now), capital, clock)
    assert outgoing.due(clock.now) == []


# ---- heads


def test_heads_are_witnessed_and_a_fork_is_an_alarm(capital: Any, geneva: Any, clock: Any) -> None:
    from cableroom.register import witness

    arrive(geneva.send(capital, clock.now)[1], capital, clock)
    assert witness.newest_seen(str(capital), geneva.origin) is not None
    clock.forward(minutes=1)
    fork = geneva.head(root=b"\1" * 32)
    answer = arrive(geneva.send(capital, clock.now, checkpoint=fork)[1], capital, clock)
    assert answer.fate is Fate.ACCEPTED, "the cable is not to blame for the log"
    assert [alarm.data["code"] for alarm in entries(capital, "Alarm")] == ["head-fork"]


def test_a_head_of_ours_that_we_never_signed_is_an_alarm(capital: Any, geneva: Any, clock: Any) -> None:
    from cableroom.directory import keystore
    from cableroom.register import notes

    ours = ledger.view(str(capital))
    false = notes.sign_checkpoint(
        notes.Checkpoint(ours.origin, 999, b"\2" * 32), keystore.log_key(str(capital))
    )
    line = notes.cosign(false, geneva.origin, geneva.log_key, int(clock.now.timestamp()))
    arrive(geneva.send(capital, clock.now, seen=notes.with_lines(false, line))[1], capital, clock)
    [alarm] = entries(capital, "Alarm")
    assert alarm.data["code"].startswith("own-head-")


def test_what_we_have_seen_goes_on_our_next_sheet(capital: Any, geneva: Any, clock: Any) -> None:
    from cableroom.register import notes

    arrive(geneva.send(capital, clock.now)[1], capital, clock)
    sent(capital, clock)
    row = Dispatch.objects.get(kind="cable")
    sheet, _ = geneva.open(bytes(row.sealed))
    assert sheet.seen is not None
    assert notes.read_checkpoint(notes.read_note(sheet.seen).text).size == geneva.size
    notes.verify_cosignature(sheet.seen, notes.cosigner_vkey(ledger.vkey(str(capital))))
