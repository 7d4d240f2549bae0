"""Order, patience and life cycle of legs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cableroom.errors import StateError
from cableroom.wire import schedule
from cableroom.wire.schedule import Due, LegEvent, LegState, Slots, choose, order, step

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def due(name: str, precedence: int, minutes: int = 0, peer: str = "a") -> Due:
    return Due(name, peer, precedence, NOW + timedelta(minutes=minutes))


def test_precedence_goes_before_time() -> None:
    items = [
        due("r", 1, -600),
        due("z", 4, 0),
        due("o", 3, -5),
        due("p", 2, -60),
        due("z0", 4, -1),
        due("m", 0, -9000),
    ]
    random.Random(1).shuffle(items)
    assert [item.name for item in sorted(items, key=order)] == ["z0", "z", "o", "p", "r", "m"]


def test_a_backlog_does_not_delay_flash() -> None:
    backlog = [due(f"r{i}", 1, -i, peer=f"p{i % 50}") for i in range(10_000)]
    running = choose(backlog, [], Slots())
    assert len(running) == 4
    assert choose([*backlog, due("z", 4)], running, Slots()) == [due("z", 4)]


def test_flash_to_a_peer_whose_lines_are_all_busy() -> None:
    running = [due("r1", 1), due("r2", 1)]
    assert choose([due("o", 3)], running, Slots()) == []
    assert choose([due("z", 4)], running, Slots()) == [due("z", 4)]


def test_one_peer_does_not_take_all_lines() -> None:
    items = [due(f"a{i}", 2) for i in range(10)] + [due("b", 1, peer="b")]
    assert {item.peer for item in choose(items, [], Slots())} == {"a", "b"}


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 100)), max_size=30),
    st.integers(0, 8),
)
def test_what_is_chosen_is_never_lower_than_what_waits_for_the_same_peer(
    rows: list[tuple[int, int, int]], busy: int
) -> None:
    items = [
        Due(str(i), f"p{peer}", precedence, NOW + timedelta(minutes=m))
        for i, (precedence, peer, m) in enumerate(rows)
    ]
    running = [due(f"x{i}", 1, peer=f"x{i}") for i in range(busy)]
    begin = choose(items, running, Slots())
    waiting = [item for item in items if item not in begin]
    for chosen in begin:
        assert not any(other.peer == chosen.peer and order(other) < order(chosen) for other in waiting)
    assert choose([*items, *begin], [*running, *begin], Slots()) == []


@pytest.mark.parametrize("precedence", range(-1, 8))
def test_pauses_grow_to_a_bound(precedence: int) -> None:
    pauses = [schedule.retry_at(precedence, n, now=NOW, jitter=0.5) - NOW for n in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[0] == schedule.pace(precedence).first and pauses[-1] == schedule.pace(precedence).longest


def test_jitter_spreads() -> None:
    low, high = (schedule.retry_at(1, 1, now=NOW, jitter=j) - NOW for j in (0.0, 1.0))
    assert (low, high) == (timedelta(seconds=45), timedelta(seconds=75))


def test_higher_is_never_more_patient() -> None:
    for lower, higher in zip(schedule.PACE, schedule.PACE[1:], strict=False):
        for field in ("first", "longest", "receipt", "grace", "attention"):
            assert getattr(higher, field) <= getattr(lower, field)


def test_receipts_are_waited_for_longer_each_time() -> None:
    waits = [schedule.receipt_due(4, n, now=NOW) - NOW for n in (1, 2, 3, 7, 8, 50)]
    assert waits == [timedelta(minutes=m) for m in (1, 2, 4, 64, 64, 64)]


def test_giving_up() -> None:
    assert not schedule.expired(4, since=NOW - timedelta(days=89), now=NOW)
    assert schedule.expired(4, since=NOW - timedelta(days=91), now=NOW)


def test_a_receipt_closes_from_every_state_and_nothing_opens_it_again() -> None:
    for state in LegState:
        assert step(state, LegEvent.RECEIPT) is LegState.RECEIPTED
    for event in LegEvent:
        try:
            assert step(LegState.RECEIPTED, event) is LegState.RECEIPTED
        except StateError:
            continue


def test_nothing_is_handed_over_that_was_not_sealed() -> None:
    with pytest.raises(StateError):
        step(LegState.WAITING, LegEvent.HAND_OVER)


def test_table_has_one_row_for_each_step() -> None:
    pairs = [(row.before, row.event) for row in schedule.LEG]
    assert len(set(pairs)) == len(pairs)
    reached = {LegState.WAITING} | {row.after for row in schedule.LEG}
    assert reached == set(LegState)
