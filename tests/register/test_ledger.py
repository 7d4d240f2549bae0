"""The rules of the append."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import transaction

from cableroom.errors import NotFound, OpenTransaction, RegisterError, StateError
from cableroom.register import following, ledger, writer
from cableroom.register.acts import Act, Facts, Turn
from cableroom.register.models import EntryRow, Lease, Register

from .conftest import OTHER, PERSON, POST

Note = Callable[..., Act]


def test_what_is_appended_is_read_back(note: Note) -> None:
    first = ledger.append(note("act:1", text="spoke to the governor"))
    second = ledger.append(note("act:2"))
    assert (first.index, second.index, ledger.size(POST)) == (0, 1, 2)
    assert ledger.entry(POST, 0) == first
    assert ledger.find(POST, "act:2") == second
    assert list(ledger.entries(POST)) == [first, second]
    assert [e.index for e in ledger.entries(POST, after=0)] == [1]
    assert first.data["note"] == "spoke to the governor"
    assert first.actor == PERSON
    assert first.at.microsecond % 1000 == 0


def test_an_act_whose_key_is_there_is_answered_with_that_entry(note: Note) -> None:
    first = ledger.append(note("act:1", text="one"))
    again = ledger.append(note("act:1", text="two"))
    assert again == first
    assert (first.repeated, again.repeated) == (False, True)
    assert ledger.size(POST) == 1


def test_one_key_twice_in_one_group(note: Note) -> None:
    entries = ledger.append_all([note("act:1", text=str(n)) for n in range(5)])
    assert {entry.index for entry in entries} == {0}
    assert [entry.repeated for entry in entries] == [False, True, True, True, True]


def test_the_same_key_in_another_register_is_another_key(note: Note) -> None:
    ledger.create_register(OTHER)
    assert ledger.append(note("act:1")).index == 0
    other = ledger.append(note("act:1", register=OTHER))
    assert (other.register, other.index, other.repeated) == (OTHER, 0, False)


def test_a_refused_act_loses_its_savepoint_alone(note: Note) -> None:
    def refuse(turn: Turn) -> Facts:
        Lease.objects.create(name="trace", holder="x", machine="x", boot="x", until=0, term=0)
        raise StateError("Already decided.")

    refused = Act(POST, "Noted", "act:no", refuse)
    with pytest.raises(StateError, match="Already decided"):
        ledger.append_all([note("act:1"), refused, note("act:2")])
    assert [e.key for e in ledger.entries(POST)] == ["act:1", "act:2"]
    assert [e.index for e in ledger.entries(POST)] == [0, 1]
    assert not Lease.objects.exists()


def test_an_error_that_is_none_of_ours_is_raised_to_its_caller_alone(note: Note) -> None:
    def broken(turn: Turn) -> Facts:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.append_all([note("act:1"), Act(POST, "Noted", "act:no", broken), note("act:2")])
    assert ledger.size(POST) == 2


def test_inside_a_transaction_it_raises_at_once(note: Note) -> None:
    with transaction.atomic(), pytest.raises(OpenTransaction):
        ledger.append(note("act:1"))
    assert ledger.size(POST) == 0


def test_from_within_the_writer_it_raises(note: Note) -> None:
    def nested(turn: Turn) -> Facts:
        ledger.append(note("act:inner"))
        raise AssertionError

    with pytest.raises(OpenTransaction):
        ledger.append(Act(POST, "Noted", "act:outer", nested))
    assert ledger.size(POST) == 0


def test_an_unknown_register_is_refused(note: Note) -> None:
    with pytest.raises(NotFound):
        ledger.append_all([note("act:1", register="mfa.example/NOWHERE"), note("act:2")])
    assert ledger.size(POST) == 1
    with pytest.raises(NotFound):
        ledger.entry(POST, 7)


def test_the_turn_says_what_the_entry_will_be(post: str) -> None:
    seen: list[Turn] = []

    def run(turn: Turn) -> Facts:
        seen.append(turn)
        return Facts({"no": 1, "note": None, "outcome": None}, PERSON, "cd" * 32, answer="42")

    entry = ledger.append(Act(POST, "Noted", "act:1", run, urgent=True))
    assert (seen[0].register, seen[0].index, seen[0].at) == (entry.register, entry.index, entry.at)
    assert entry.answer == "42"
    assert ledger.entry(POST, 0).answer is None


def test_threads_get_one_order_without_gap_or_twin(note: Note) -> None:
    def work(n: int) -> None:
        for m in range(30):
            ledger.append(note(f"act:{n}:{m}", urgent=m % 7 == 0))
            ledger.append(note(f"act:shared:{m}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = list(EntryRow.objects.filter(register=POST).order_by("index").values_list("index", "key"))
    assert [index for index, _ in rows] == list(range(8 * 30 + 30))
    assert len({key for _, key in rows}) == len(rows)
    assert Register.objects.get(name=POST).size == len(rows)


def test_urgent_acts_go_first(note: Note) -> None:
    """A backlog of any size: the group that is being written is waited for, no other."""
    going, go_on = threading.Event(), threading.Event()

    def slowly(turn: Turn) -> Facts:
        going.set()
        go_on.wait(10)
        return Facts({"no": None, "note": None, "outcome": None}, PERSON, "ab" * 32)

    first = writer.writer.submit([Act(POST, "Noted", "act:slow", slowly)])
    going.wait(10)
    backlog = writer.writer.submit([note(f"act:{n}") for n in range(100)])
    flash = writer.writer.submit([note("act:flash", urgent=True)])
    go_on.set()
    assert first[0].result(20).index == 0
    assert flash[0].result(20).index == 1
    assert [future.result(20).index for future in backlog] == list(range(2, 102))


def test_a_register_is_created_once(post: str) -> None:
    again = ledger.create_register(POST)
    assert again == ledger.view(POST)
    assert ledger.registers() == ["house", POST]
    assert again.origin.startswith("mfa.example/capital/")
    with pytest.raises(RegisterError):
        ledger.create_register("CAPITAL")


def test_draining_with_nothing_to_do_ends(post: str) -> None:
    assert following.drain().done == 0
