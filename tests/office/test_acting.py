"""Take up, assign, distribute, note: who may, what it changes, and once."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from cableroom.errors import DocumentError, InputError, NotAllowed, NotFound, StateError
from cableroom.office import acting, board, distributing, inbox

from .conftest import CAPITAL, GENEVA, HAVANA, INSTRUCTION


def line(office: Any, person: str, no: int) -> Any:
    found = board.tasks(office.person(person), HAVANA, now=office.now)
    return next(each for each in found if each.tasking.no == no)


def test_taking_up(instructed: Any) -> None:
    office, _, received = instructed
    hugo, now = office.person("hugo"), office.now
    assert [each.status for each in inbox.inbox(hugo, now=now)] == ["new"]
    once = secrets.token_hex(16)
    entry = acting.acknowledge(HAVANA, received.digest, by=hugo, now=now, once=once)
    assert entry.data == {
        "side": "own",
        "post": HAVANA,
        "role": "AMBASSADOR",
        "at": "2026-10-27T18:40:00.000Z",
    }
    again = acting.acknowledge(HAVANA, received.digest, by=hugo, now=now, once=once)
    assert again.index == entry.index  # the same form sent twice
    with pytest.raises(StateError, match="hugo took this up already"):
        acting.acknowledge(HAVANA, received.digest, by=hugo, now=now)
    with pytest.raises(StateError, match="form was used"):
        acting.note(HAVANA, received.digest, note="x", by=hugo, now=now, once=once)
    found = inbox.inbox(hugo, now=now)[0]
    assert (found.status, found.item.taken_up, found.open, found.instructions) == ("open", entry.index, 3, 3)
    office.tell(entry, CAPITAL)
    steps = {step.step: step.reached for step in board.board(office.person("anna"), now=now)[0].steps}
    assert steps == {
        "released": True,
        "handed over": True,
        "receipted": True,
        "acknowledged": True,
        "reported": False,
        "accepted": False,
    }
    office.walk()


def test_assigning_makes_an_owner_and_a_reader(instructed: Any) -> None:
    office, _, received = instructed
    hugo, dora, now = office.person("hugo"), office.person("dora"), office.now
    assert inbox.inbox(dora, now=now) == []  # SECRET is listed, and nobody named a desk officer
    acting.assign(HAVANA, received.digest, no=2, owner=dora, by=hugo, now=now)
    assert line(office, "dora", 2).tasking.owner == "dora"
    assert line(office, "dora", 1).tasking.owner is None
    acting.assign(HAVANA, received.digest, owner=hugo, by=dora, now=now)
    assert [line(office, "hugo", no).tasking.owner for no in (1, 2, 3)] == ["hugo"] * 3
    assert inbox.inbox(hugo, now=now)[0].owners == ("hugo",)
    office.walk()


REFUSED = (
    ("rita", NotAllowed, "may not read this cable"),
    ("anna", NotAllowed, "holds no role at HAVANA"),
)


def test_whom_nothing_can_be_assigned_or_shown_to(instructed: Any) -> None:
    office, _, received = instructed
    hugo, now = office.person("hugo"), office.now
    for name, error, words in REFUSED:
        with pytest.raises(error, match=words):
            acting.assign(HAVANA, received.digest, no=1, owner=office.person(name), by=hugo, now=now)
    with pytest.raises(NotAllowed, match="may not read"):
        distributing.distribute(
            HAVANA, received.digest, person=office.person("rita"), why="She asked.", by=hugo, now=now
        )


def test_eyes_only_takes_nobody_in_by_hand(office: Any) -> None:
    text = INSTRUCTION.replace("SUBJECT", "CAPTIONS: EYES ONLY\nSUBJECT").replace(
        "TO: HAVANA", "TO: HAVANA/AMBASSADOR"
    )
    received = office.deliver(office.release(text), HAVANA)
    hugo, dora, now = office.person("hugo"), office.person("dora"), office.now
    with pytest.raises(NotAllowed, match="may not read"):
        acting.assign(HAVANA, received.digest, no=1, owner=dora, by=hugo, now=now)
    with pytest.raises(NotAllowed, match="may not read"):
        distributing.distribute(HAVANA, received.digest, person=dora, why="Needed.", by=hugo, now=now)
    assert inbox.inbox(dora, now=now) == []


def test_distributing_to_a_role(instructed: Any) -> None:
    office, _, received = instructed
    hugo, dora, now = office.person("hugo"), office.person("dora"), office.now
    entry = distributing.distribute(
        HAVANA, received.digest, role="DESK OFFICER", why="They keep the file.", by=hugo, now=now
    )
    assert entry.data == {"role": "DESK OFFICER", "person": None, "why": "They keep the file."}
    assert [each.item.digest for each in inbox.inbox(dora, now=now)] == [received.digest]
    assert inbox.inbox(office.person("rita"), now=now) == []  # a role does not clear anybody
    with pytest.raises(NotFound, match="has no role"):
        distributing.distribute(HAVANA, received.digest, role="GARDENER", why="x", by=hugo, now=now)
    for more in ({}, {"role": "DESK OFFICER", "person": dora}):
        with pytest.raises(InputError):
            distributing.distribute(HAVANA, received.digest, why="x", by=hugo, now=now, **more)
    with pytest.raises(DocumentError):
        distributing.distribute(HAVANA, received.digest, role="DESK OFFICER", why="", by=hugo, now=now)


def test_notes_and_outcomes(instructed: Any) -> None:
    office, _, received = instructed
    hugo, now = office.person("hugo"), office.now
    acting.note(
        HAVANA, received.digest, no=1, note="Meeting at 09:30Z.\r\n\r\nBring the text. ", by=hugo, now=now
    )
    assert line(office, "hugo", 1).tasking.note == "Meeting at 09:30Z.\nBring the text."
    entry = acting.carry_out(
        HAVANA,
        received.digest,
        1,
        result="carried out",
        at=now,
        done_by="the ambassador",
        to="the head of government",
        text="He said:\n> We will.",
        by=hugo,
        now=now,
    )
    assert entry.data["outcome"] == {
        "result": "carried out",
        "at": "2026-10-27T18:40:00.000Z",
        "by": "the ambassador",
        "to": "the head of government",
        "next": None,
        "text": "He said:\n> We will.",
    }
    found = line(office, "hugo", 1).tasking
    assert found.outcome == entry.data["outcome"] and found.status == "open"  # a note is no report
    office.walk()


BAD = (
    ({"result": "done"}, "no outcome"),
    ({"result": "deferred"}, "needs the new date"),
    ({"result": "carried out", "next": "now"}, "Only an outcome that leaves"),
    ({"result": "carried out", "text": ""}, "not empty"),
    ({"result": "carried out", "text": "a\0b"}, "control character"),
    ({"result": "carried out", "to": "two\nlines"}, "line end"),
    ({"result": "carried out", "text": "\u202e"}, "bidirectional"),
)


def test_what_cannot_be_noted(instructed: Any) -> None:
    from cableroom.register import ledger

    office, _, received = instructed
    hugo, now = office.person("hugo"), office.now
    size = ledger.size(HAVANA)
    for given, words in BAD:
        given = {"text": "x", **given}
        if given.get("next"):
            given["next"] = now
        with pytest.raises((InputError, DocumentError), match=words):
            acting.carry_out(HAVANA, received.digest, 1, by=hugo, now=now, **given)
    with pytest.raises(NotFound, match="Instruction 9 of this cable was not put to this post"):
        acting.carry_out(HAVANA, received.digest, 9, result="carried out", text="x", by=hugo, now=now)
    assert ledger.size(HAVANA) == size


def test_who_may_not_act_learns_nothing(instructed: Any) -> None:
    """No such cable, and one that is not for this person: the same words, the same code."""
    office, released, received = instructed
    now = office.now
    acts = (
        lambda register, digest, by: acting.acknowledge(register, digest, by=by, now=now),
        lambda register, digest, by: acting.assign(register, digest, owner=by, by=by, now=now),
        lambda register, digest, by: acting.note(register, digest, note="x", by=by, now=now),
        lambda register, digest, by: acting.carry_out(
            register, digest, 1, result="carried out", text="x", by=by, now=now
        ),
        lambda register, digest, by: distributing.distribute(
            register, digest, role="DESK OFFICER", why="x", by=by, now=now
        ),
    )
    for act in acts:
        told = set()
        for name in ("rita", "dora", "anna", "greta", "nemo"):
            for digest in (received.digest, "0" * 64):
                with pytest.raises(NotFound) as caught:
                    act(HAVANA, digest, office.person(name))
                told.add((caught.value.code, str(caught.value)))
        assert len(told) == 1
    with pytest.raises(StateError, match="sent the cable"):
        acting.acknowledge(CAPITAL, released.digest, by=office.person("anna"), now=now)


def test_an_instruction_to_another_post_only(office: Any) -> None:
    text = INSTRUCTION.replace("TO: HAVANA", "TO: HAVANA, GENEVA").replace(
        'INFORM "PAVLOV"', 'INFORM "PAVLOV" FOR (GENEVA)'
    )
    released = office.release(text)
    received = office.deliver(released, HAVANA)
    office.deliver(released, GENEVA)
    assert office.taskings(HAVANA, released.digest) == {(1, "HAVANA"): "open", (3, "HAVANA"): "open"}
    assert len(office.taskings(GENEVA, released.digest)) == 3
    assert len(office.taskings(CAPITAL, released.digest)) == 5
    with pytest.raises(NotFound, match="Put to it: 1, 3"):
        acting.note(HAVANA, received.digest, no=2, note="x", by=office.person("hugo"), now=office.now)
    sheet = board.sheets(board.board(office.person("anna"), now=office.now))[0]
    cells = dict(sheet.posts)
    assert sheet.numbers == (1, 2, 3) and cells[HAVANA][2] is None and cells[GENEVA][2] is not None
