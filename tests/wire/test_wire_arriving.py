"""What comes: the three fates, what is entered, what is answered. Every named attack also against a check
that was taken away, so that it is sure to be one."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from correspondent import KNOWN, NOBODY, Correspondent, entries, kinds

from cableroom.cable.address import Post
from cableroom.directory import policy as policies
from cableroom.directory import posts
from cableroom.errors import Unavailable
from cableroom.register import following, ledger
from cableroom.seal import cables, keys, legs, signing
from cableroom.seal.trust import PathVerdict, Use
from cableroom.wire import channels, examining, incoming
from cableroom.wire.examining import Fate
from cableroom.wire.models import Dispatch, HeldLeg

pytestmark = pytest.mark.django_db(transaction=True)


def arrive(octets: bytes, to: Any, clock: Any, peer: Any = KNOWN) -> incoming.Answer:
    return incoming.arrive(octets, to=to, route="smtp", peer=peer, now=clock.now)


def drain() -> None:
    done = following.drain()
    assert not done.failures, done.failures


# ---- accepted, once


def test_a_cable_is_taken_and_entered(capital: Any, geneva: Any, clock: Any) -> None:
    signed, leg = geneva.send(capital, clock.now)
    answer = arrive(leg, capital, clock)
    assert (answer.fate, answer.reply.code) == (Fate.ACCEPTED, 250)
    [entry] = entries(capital, "Received")
    assert (entry.digest, entry.data["from"], entry.data["channel"]) == (
        signed.digest,
        "un.example/GENEVA",
        1,
    )
    assert entry.data["level"] == 1 and entry.data["late"] is None
    assert following.opened_of(entry).signed_data == signed.signed_data


def test_f04_f26_however_often_it_comes_it_is_registered_once(capital: Any, geneva: Any, clock: Any) -> None:
    """The same bytes, new bytes of the same cable, another session, a month later: one entry, receipted again."""
    signed, leg = geneva.send(capital, clock.now)
    anew = geneva.leg(geneva.content(signed, clock.now), capital, clock.now)
    arrive(leg, capital, clock)
    drain()
    for octets, peer in ((leg, KNOWN), (leg, NOBODY), (anew, KNOWN), (anew, NOBODY)):
        clock.forward(days=9)
        Dispatch.objects.update(closed=True)  # the last receipt has gone
        before = Dispatch.objects.filter(service="RECEIPT").count()
        answer = arrive(octets, capital, clock, peer)
        assert (answer.reply.code, answer.fate, answer.repeated) == (250, Fate.ACCEPTED, True)
        drain_quietly()
        assert Dispatch.objects.filter(service="RECEIPT").count() == before + 1
    assert kinds(capital).count("Received") == 1 and kinds(capital).count("Receipted") == 1


def drain_quietly() -> None:
    """What goes out to Geneva finds nobody there; that is not the point here."""
    following.drain()


def test_a_replay_does_not_make_us_write_again_and_again(capital: Any, geneva: Any, clock: Any) -> None:
    _, leg = geneva.send(capital, clock.now)
    arrive(leg, capital, clock)
    following.run_reactions()
    for _ in range(20):
        clock.forward(seconds=1)
        arrive(leg, capital, clock, NOBODY)
    assert Dispatch.objects.filter(service="RECEIPT").count() == 1


def test_a48_replayed_to_another_post_it_does_not_open(
    capital: Any, havana: Any, geneva: Any, clock: Any
) -> None:
    _, leg = geneva.send(capital, clock.now)
    answer = arrive(leg, havana, clock, NOBODY)
    assert answer.fate is Fate.STRANGER and kinds(havana) == []


def test_an_expired_cable_is_taken_and_marked(capital: Any, geneva: Any, clock: Any) -> None:
    cable = geneva.cable(f"{capital.name}@{capital.org}", clock.now)
    cable = replace(cable, head=replace(cable.head, expires=clock.now.replace(second=0) - timedelta(days=1)))
    signed = geneva.sign(cable, clock.now)
    answer = arrive(geneva.leg(geneva.content(signed, clock.now), capital, clock.now), capital, clock)
    assert answer.entry is not None and answer.entry.data["late"] == "expired"


def test_nothing_is_answered_when_nothing_could_be_entered(
    capital: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    _, leg = geneva.send(capital, clock.now)

    def away(act: Any) -> Any:
        raise Unavailable("away")

    monkeypatch.setattr(ledger, "append", away)
    with pytest.raises(Unavailable):
        arrive(leg, capital, clock)


# ---- strangers


def bad_legs(geneva: Correspondent, capital: Any, havana: Any, now: Any) -> dict[str, bytes]:
    """What nobody vouches for."""
    eve = Correspondent(now, org="eve.example", name="EVE")
    signed, leg = geneva.send(capital, now)
    content = geneva.content(signed, now)
    middle = len(leg) // 2
    return {
        "empty": b"",
        "no mail": b"hello\r\n",
        "not sealed": signed.signed_data,
        "truncated": leg[:middle],
        "altered": leg[:middle] + bytes([leg[middle] ^ 1]) + leg[middle + 1 :],
        "for another post": geneva.leg(content, havana, now),
        "of an unknown organisation": eve.send(capital, now)[1],
        "sheet by another key": geneva.leg(content, capital, now, key=keys.new_signing_key()),
        "sheet for another cable": geneva.leg(
            content, capital, now, sheet=eve.sheet(replace(content, digest="0" * 64), capital, now)
        ),
        "sheet is no sheet": geneva.leg(content, capital, now, sheet=b"{}"),
    }


def test_a16_strangers_hear_one_and_the_same(capital: Any, havana: Any, geneva: Any, clock: Any) -> None:
    answers = {
        name: arrive(octets, capital, clock, NOBODY)
        for name, octets in bad_legs(geneva, capital, havana, clock.now).items()
    }
    assert {name: answer.fate for name, answer in answers.items()} == dict.fromkeys(answers, Fate.STRANGER)
    assert {answer.reply.encode() for answer in answers.values()} == {b"451 4.7.1 Not accepted now\r\n"}
    assert kinds(capital) == [] and HeldLeg.objects.count() == 0 and Dispatch.objects.count() == 0


def test_a82_strangers_do_not_make_the_register_grow(
    capital: Any, havana: Any, geneva: Any, clock: Any
) -> None:
    for octets in bad_legs(geneva, capital, havana, clock.now).values():
        assert arrive(octets, capital, clock).reply.code == 554
    assert kinds(capital) == [] and HeldLeg.objects.count() == 0


def test_forged_altered_truncated_at_many_places(capital: Any, geneva: Any, clock: Any) -> None:
    _, leg = geneva.send(capital, clock.now)
    body = leg.index(b"\r\n\r\n") + 4
    for place in range(body, len(leg), max(1, len(leg) // 40)):
        changed = leg[:place] + (b"A" if leg[place : place + 1] != b"A" else b"B") + leg[place + 1 :]
        assert arrive(changed, capital, clock, NOBODY).fate is Fate.STRANGER
        assert arrive(leg[:place], capital, clock, NOBODY).fate is Fate.STRANGER
    assert kinds(capital) == []


def test_the_log_of_strangers_tells_nothing_of_what_they_sent(
    capital: Any, havana: Any, geneva: Any, clock: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    for octets in bad_legs(geneva, capital, havana, clock.now).values():
        arrive(octets, capital, clock, NOBODY)
    _, leg = geneva.send(capital, clock.now)
    arrive(leg, capital, clock)
    for word in ("Fish", "count the fish", "PRIVATE"):
        assert word not in caplog.text


# ---- re-wrapped, other signers


def test_a45_a_cable_sealed_anew_to_a_post_that_is_no_addressee(
    capital: Any, havana: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    """GENEVA seals to HAVANA what it signed for CAPITAL."""
    signed = geneva.sign(geneva.cable("CAPITAL@mfa.example", clock.now), clock.now)
    leg = geneva.leg(geneva.content(signed, clock.now), havana, clock.now)
    answer = arrive(leg, havana, clock)
    assert (answer.fate, answer.code, answer.reply.code) == (Fate.REFUSED, "not-addressed", 554)
    [entry] = entries(havana, "Refused")
    assert entry.data["from"] == "un.example/GENEVA" and entry.digest == signed.digest

    monkeypatch.setattr(cables._Reading, "_addressed", lambda self, cable, own_post: None)
    monkeypatch.setattr(
        type(geneva.cable("CAPITAL@mfa.example", clock.now)), "precedence_for", lambda self, post: 1
    )
    again = geneva.leg(geneva.content(signed, clock.now), havana, clock.now)
    assert arrive(again, havana, clock).fate is Fate.ACCEPTED, "the case is real"


def test_a45_an_addressee_sends_on_a_cable_of_another_as_its_own_leg(
    capital: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    eve = Correspondent(clock.now, org="eve.example", name="EVE")
    eve.meet(clock.now)
    signed = geneva.sign(geneva.cable("CAPITAL@mfa.example", clock.now), clock.now)
    content = replace(geneva.content(signed, clock.now), sender=eve.post)
    answer = arrive(eve.leg(content, capital, clock.now), capital, clock)
    # judged under the authority of the post that the sheet names: another's certificate is unknown there
    assert answer.fate is not Fate.ACCEPTED and not entries(capital, "Received")


def test_a45_anothers_leg_with_its_own_sheet_sealed_anew_to_us(
    capital: Any, havana: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    """HAVANA opens what GENEVA sent it and seals it to CAPITAL as it is: GENEVA did not speak to CAPITAL, is
    not entered here, and does not hear of it."""
    signed = geneva.sign(geneva.cable("HAVANA@mfa.example, CAPITAL@mfa.example", clock.now), clock.now)
    content = geneva.content(signed, clock.now)
    sheet = geneva.sheet(content, havana, clock.now)
    answer = arrive(geneva.leg(content, capital, clock.now, sheet=sheet), capital, clock)
    assert (answer.fate, answer.code) == (Fate.STRANGER, "wrong-receiver")
    following.run_reactions()
    assert kinds(capital) == [] and Dispatch.objects.count() == 0


def test_a_system_key_releases_nothing(capital: Any, geneva: Any, clock: Any) -> None:
    cable = geneva.cable("CAPITAL@mfa.example", clock.now)
    signed = geneva.sign(
        cable, clock.now, key=geneva.keys[Use.SYSTEM], certificate=geneva.certificates[Use.SYSTEM]
    )
    answer = arrive(geneva.leg(geneva.content(signed, clock.now), capital, clock.now), capital, clock)
    assert (answer.fate, answer.code) == (Fate.REFUSED, "wrong-use")


def test_a_certificate_of_another_post(capital: Any, geneva: Any, clock: Any) -> None:
    key = keys.new_signing_key()
    vienna = Post("un.example", "VIENNA")
    certificate = geneva.issue(Use.RELEASE, post=vienna, key=key)
    cable = geneva.cable("CAPITAL@mfa.example", clock.now)
    cable = replace(cable, head=replace(cable.head, from_=vienna, mrn=replace(cable.head.mrn, post="VIENNA")))
    signed = geneva.sign(cable, clock.now, key=key, certificate=certificate)
    answer = arrive(geneva.leg(geneva.content(signed, clock.now), capital, clock.now), capital, clock)
    assert (answer.fate, answer.code) == (Fate.REFUSED, "other-sender")


def test_a_refusal_is_entered_once_whatever_the_envelope(
    capital: Any, havana: Any, geneva: Any, clock: Any
) -> None:
    signed = geneva.sign(geneva.cable("CAPITAL@mfa.example", clock.now), clock.now)
    for _ in range(5):
        leg = geneva.leg(geneva.content(signed, clock.now), havana, clock.now)
        assert arrive(leg, havana, clock).fate is Fate.REFUSED
        assert arrive(leg, havana, clock).fate is Fate.REFUSED
    assert kinds(havana) == ["Refused"]


def test_a13_a_reason_goes_to_the_verified_sender_not_over_an_unknown_line(
    capital: Any, havana: Any, geneva: Any, clock: Any
) -> None:
    signed = geneva.sign(geneva.cable("CAPITAL@mfa.example", clock.now), clock.now)
    leg = geneva.leg(geneva.content(signed, clock.now), havana, clock.now)
    answer = arrive(leg, havana, clock, NOBODY)
    assert (answer.fate, answer.reply.code) == (Fate.REFUSED, 250)
    following.run_reactions()
    [told] = Dispatch.objects.filter(kind="service")
    assert (told.service, told.to, told.about) == ("REFUSED", "un.example/GENEVA", signed.digest)
    assert told.message["code"] == "not-addressed"


# ---- held, and tried again


def test_an_unconfirmed_card_holds_until_it_is_confirmed(capital: Any, stranger: Any, clock: Any) -> None:
    stranger.hand_over_card(clock.now)
    signed, leg = stranger.send(capital, clock.now)
    for peer in (NOBODY, KNOWN):
        answer = arrive(leg, capital, clock, peer)
        assert (answer.fate, answer.reply.code) == (Fate.HELD, 250)
    [view] = incoming.held([str(capital)])
    assert (view.sender, view.verified, view.code) == (stranger.post, False, "unknown-certificate")
    assert kinds(capital) == ["Held"]
    following.run_reactions()
    assert Dispatch.objects.count() == 0, "nothing goes to whom we cannot write safely"
    stranger.confirm(clock.now)
    following.run_reactions()
    assert kinds(capital)[:2] == ["Held", "Received"]
    assert entries(capital, "Received")[0].digest == signed.digest
    assert incoming.held([str(capital)]) == []


def test_a_level_above_the_ceiling_is_held_until_it_is_raised(capital: Any, geneva: Any, clock: Any) -> None:
    posts.set_ceiling(capital, "RESTRICTED", by=None, now=clock.now)
    signed, leg = geneva.send(capital, clock.now, text={"level": "SECRET"})
    answer = arrive(leg, capital, clock)
    assert (answer.fate, answer.code) == (Fate.HELD, "above-ceiling")
    following.run_reactions()
    [told] = Dispatch.objects.filter(kind="service")
    assert (told.service, told.to, told.about) == ("HELD", "un.example/GENEVA", signed.digest)
    posts.set_ceiling(capital, None, by=None, now=clock.now)
    following.run_reactions()
    assert kinds(capital)[:2] == ["Held", "Received"]


def test_an_unknown_policy_is_held_until_the_card_brings_it(capital: Any, geneva: Any, clock: Any) -> None:
    from correspondent import LEVELS, OID

    from cableroom.directory.cardform import CardPolicy

    _, leg = geneva.send(capital, clock.now, text={"policy": 2})
    assert arrive(leg, capital, clock).code == "unknown-policy"
    both = tuple(CardPolicy("un.example/labels", version, OID, LEVELS) for version in (1, 2))
    geneva.hand_over_card(clock.now, policies=both)
    following.run_reactions()
    assert kinds(capital)[:2] == ["Held", "Received"]


def test_a_newer_version_is_held(capital: Any, geneva: Any, clock: Any, monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(cables, "VERSION", 2)
        _, leg = geneva.send(capital, clock.now)
    answer = arrive(leg, capital, clock)
    assert (answer.fate, answer.code) == (Fate.HELD, "newer-version")
    following.run_reactions()
    assert Dispatch.objects.get(kind="service").service == "HELD"


def test_a_newer_program_takes_what_was_held(capital: Any, geneva: Any, clock: Any, monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(cables, "VERSION", 2)
        _, leg = geneva.send(capital, clock.now)
    arrive(leg, capital, clock)
    monkeypatch.setattr(cables, "check_version", lambda version, what: None)
    assert incoming.try_held(now=clock.now) == 1
    assert kinds(capital) == ["Held", "Received"]


def test_an_expired_certificate_is_held(capital: Any, geneva: Any, clock: Any) -> None:
    clock.forward(days=800)
    from cableroom.directory import certificates

    certificates.renew_due(clock.now)
    _, leg = geneva.send(capital, clock.now)
    answer = arrive(leg, capital, clock)
    assert (answer.fate, answer.code) == (Fate.HELD, "expired")
    [view] = incoming.held([str(capital)])
    assert view.verified


def test_a_clock_that_is_behind(capital: Any, geneva: Any, clock: Any) -> None:
    """Certificates that begin tomorrow are held today and taken the day after, by the clock alone."""
    tomorrow = clock.now + timedelta(days=1)
    with_new = Correspondent(clock.now, org="who.example", name="WHO")
    with_new.certificates = {use: with_new.issue(use, now=tomorrow) for use in with_new.keys}
    with_new.meet(clock.now)
    _, leg = with_new.send(capital, clock.now)
    assert arrive(leg, capital, clock).code == "not-yet-valid"
    clock.forward(days=2)
    assert incoming.try_held(now=clock.now) == 1
    assert "Received" in kinds(capital)


def test_revoked_is_refused(capital: Any, geneva: Any, clock: Any) -> None:
    _, leg = geneva.send(capital, clock.now)
    geneva.revoke(Use.RELEASE, at=clock.now - timedelta(hours=1))
    geneva.hand_over_card(clock.now)
    answer = arrive(leg, capital, clock)
    assert (answer.fate, answer.code) == (Fate.REFUSED, "revoked")


def test_a_revoked_system_key_sends_nothing(capital: Any, geneva: Any, clock: Any) -> None:
    _, leg = geneva.send(capital, clock.now)
    geneva.revoke(Use.SYSTEM, at=clock.now - timedelta(hours=1))
    geneva.hand_over_card(clock.now)
    assert arrive(leg, capital, clock).fate is Fate.STRANGER and kinds(capital) == []


def test_another_authority_in_the_name_of_a_known_post(
    capital: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    """Eve makes an authority of un.example of her own: held as a claim, never taken."""
    eve = Correspondent(clock.now)
    _, leg = eve.send(capital, clock.now)
    answer = arrive(leg, capital, clock)
    assert (answer.fate, answer.code) == (Fate.HELD, "unknown-certificate")
    assert not incoming.held([str(capital)])[0].verified

    real = examining.sheets.read
    monkeypatch.setattr(examining.certificates, "authorities_for", lambda post: [eve_authority(eve)])
    monkeypatch.setattr(
        examining.sheets,
        "read",
        lambda data, now: (real_sheet(eve, data), PathVerdict(True, eve.post, (), (), "x")),
    )
    again = eve.send(capital, clock.now)[1]
    assert arrive(again, capital, clock).fate is Fate.ACCEPTED, "the case is real"
    assert real is not examining.sheets.read


def eve_authority(eve: Correspondent) -> Any:
    from cableroom.seal.trust import Authority

    return Authority(eve.org, eve.authority, eve.crl)


def real_sheet(eve: Correspondent, data: bytes) -> Any:
    from cableroom.seal.sheets import read_sheet

    return read_sheet(data, certificates=[eve.certificates[Use.SYSTEM]])[0]


def test_claims_are_held_up_to_a_quota(capital: Any, geneva: Any, clock: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(incoming, "CLAIMED", incoming.Quota(3, 10**6))
    eve = Correspondent(clock.now)
    answers = [arrive(eve.send(capital, clock.now)[1], capital, clock, NOBODY) for _ in range(5)]
    assert [answer.reply.code for answer in answers] == [250, 250, 250, 451, 451]
    assert answers[-1].reply.encode() == incoming.NOT_ACCEPTED.encode()
    assert kinds(capital) == ["Held"] * 3
    _, leg = geneva.send(capital, clock.now)
    assert arrive(leg, capital, clock).fate is Fate.ACCEPTED, "claims do not shut out the real one"


def test_held_too_long_is_refused(capital: Any, geneva: Any, clock: Any) -> None:
    _, leg = geneva.send(capital, clock.now, text={"policy": 2})
    arrive(leg, capital, clock)
    clock.forward(days=91)
    assert incoming.try_held(now=clock.now) == 1
    assert kinds(capital) == ["Held", "Refused"]
    assert entries(capital, "Refused")[0].data["code"] == "held-too-long"


def test_a_claim_that_turns_out_false_is_refused_and_nobody_is_told(
    capital: Any, stranger: Any, clock: Any
) -> None:
    stranger.hand_over_card(clock.now)
    _, leg = stranger.send(capital, clock.now, key=keys.new_signing_key())  # its certificate, not its key
    assert arrive(leg, capital, clock, NOBODY).fate is Fate.HELD
    stranger.confirm(clock.now)
    following.run_reactions()
    assert kinds(capital) == ["Held", "Refused"]
    assert entries(capital, "Refused")[0].data["code"].startswith("unverified:")
    following.run_reactions()
    assert Dispatch.objects.count() == 0


# ---- numbers


def test_a_second_cable_under_one_number_is_held_and_raises_an_alarm(
    capital: Any, geneva: Any, clock: Any
) -> None:
    first, leg = geneva.send(capital, clock.now, text={"serial": 7})
    second, other = geneva.send(
        capital, clock.now, text={"serial": 7, "body": "1. ACTION 1 DO: count again.\n"}
    )
    assert first.digest != second.digest
    arrive(leg, capital, clock)
    answer = arrive(other, capital, clock)
    assert (answer.fate, answer.code) == (Fate.HELD, "mrn-twice")
    [alarm] = entries(capital, "Alarm")
    assert alarm.data["code"] == "mrn-twice" and set(alarm.data["evidence"]) >= {first.digest, second.digest}
    assert kinds(capital).count("Received") == 1


def test_one_channel_number_for_two_legs_is_an_alarm(capital: Any, geneva: Any, clock: Any) -> None:
    arrive(geneva.send(capital, clock.now, channel=5)[1], capital, clock)
    answer = arrive(geneva.send(capital, clock.now, channel=5)[1], capital, clock)
    assert answer.fate is Fate.ACCEPTED, "its sender is in disorder; what it says is still signed"
    assert [alarm.data["code"] for alarm in entries(capital, "Alarm")] == ["channel-reused"]


def test_a_sheet_whose_clock_is_off_raises_a_notice(capital: Any, geneva: Any, clock: Any) -> None:
    arrive(geneva.send(capital, clock.now, time=clock.now - timedelta(minutes=9))[1], capital, clock)
    assert channels.clock_notices([str(capital)]) == []
    arrive(geneva.send(capital, clock.now, time=clock.now + timedelta(minutes=11))[1], capital, clock)
    [notice] = channels.clock_notices([str(capital)])
    assert (notice.peer, notice.seconds) == (geneva.post, 660)


# ---- label, files, reflection


def test_a_label_that_differs_from_the_document(capital: Any, geneva: Any, clock: Any) -> None:
    cable = geneva.cable("CAPITAL@mfa.example", clock.now, level="SECRET")
    signed = geneva.sign(cable, clock.now, ess=("2.25.77", 1))
    answer = arrive(geneva.leg(geneva.content(signed, clock.now), capital, clock.now), capital, clock)
    assert (answer.fate, answer.code) == (Fate.REFUSED, "label-differs")


def test_a49_our_own_leg_comes_back(capital: Any, havana: Any, geneva: Any, clock: Any) -> None:
    """Our bytes, as they were sent to GENEVA, are not for us; sealed to us, their sheet is for another."""
    from correspondent import draft, release

    from cableroom.wire import outgoing

    release(capital, draft("CAPITAL", "GENEVA@un.example"), clock.now)
    outgoing.take_up(clock.now)
    row = Dispatch.objects.get()
    ready = outgoing.prepare(row.pk, now=clock.now)
    assert ready is not None
    assert arrive(ready.octets, capital, clock).fate is Fate.STRANGER
    sheet_bytes = legs.open_leg(
        ready.octets, keys=[(geneva.certificates[Use.OPENING], geneva.keys[Use.OPENING])]
    )
    content = legs.Content(
        "cable", capital, row.name, cables.new_message_id("mfa.example"), clock.now, sheet_bytes.content
    )
    for to in (capital, havana):
        back = geneva.leg(content, to, clock.now, sheet=sheet_bytes.sheet)
        answer = arrive(back, to, clock)
        assert answer.fate in (Fate.REFUSED, Fate.STRANGER) and not entries(to, "Received")


def test_everything_in_a_leg_is_under_the_seal(capital: Any, geneva: Any, clock: Any) -> None:
    """Nothing outside tells number, label, subject or level."""
    _, leg = geneva.send(capital, clock.now, text={"level": "SECRET"})
    head = leg[: leg.index(b"\r\n\r\n")].decode()
    assert "Fish" not in head and "SECRET" not in head and "Subject: [...]" in head


def test_policies_of_our_own_and_of_others(capital: Any, geneva: Any) -> None:
    own = policies.current()
    ours = examining.policies_of(posts.get(capital))
    assert ours[own.id, own.version][1] == {level.level: level.number for level in own.levels}
    assert examining.policies_of(posts.get(geneva.post))["un.example/labels", 1][0] == "2.25.77"


def test_a_signature_without_label(capital: Any, geneva: Any, clock: Any, monkeypatch: Any) -> None:
    real = signing.sign

    def unlabelled(*args: Any, **how: Any) -> bytes:
        how.pop("label", None)
        return real(*args, **how)

    with monkeypatch.context() as patch:
        patch.setattr(signing, "sign", unlabelled)
        signed = geneva.sign(geneva.cable("CAPITAL@mfa.example", clock.now), clock.now)
    answer = arrive(geneva.leg(geneva.content(signed, clock.now), capital, clock.now), capital, clock)
    assert answer.fate is Fate.REFUSED
