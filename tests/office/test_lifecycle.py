"""The life cycles as tables, and the status of a tasking as a function of sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cableroom.errors import StateError
from cableroom.office.lifecycle import (
    DRAFT,
    FINAL,
    PARTIAL,
    TASKING,
    Decision,
    DraftEvent,
    DraftStatus,
    Report,
    Status,
    TaskingEvent,
    TaskingState,
    allowed,
    must_allow,
    status,
)

DAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def report(name: str, hours: int, result: str, next_hours: int | None = None) -> Report:
    later = None if next_hours is None else DAY + timedelta(hours=next_hours)
    return Report(name * 64, DAY + timedelta(hours=hours), result, later)


A = report("a", 0, "carried out")
B = report("b", 1, "refused")
P = report("c", 2, "in part", 30)
Q = report("d", 3, "deferred", 40)
R = report("e", 4, "deferred")


def yes(of: Report) -> Decision:
    return Decision(of.digest, True)


def no(of: Report) -> Decision:
    return Decision(of.digest, False)


@pytest.mark.parametrize(
    ("reports", "decisions", "cancelled", "corrected", "expected"),
    [
        ([], [], [], [], TaskingState(Status.OPEN)),
        ([A], [], [], [], TaskingState(Status.REPORTED, A.digest)),
        ([A], [yes(A)], [], [], TaskingState(Status.ACCEPTED, A.digest)),
        ([A], [no(A)], [], [], TaskingState(Status.OPEN)),
        ([A, B], [no(A)], [], [], TaskingState(Status.REPORTED, B.digest)),
        ([A, B], [], [], [], TaskingState(Status.REPORTED, B.digest)),
        ([A, B], [no(B), yes(A)], [], [], TaskingState(Status.ACCEPTED, A.digest)),
        ([A], [yes(A), no(A)], [], [], TaskingState(Status.OPEN)),
        ([P], [], [], [], TaskingState(Status.OPEN, P.digest, P.next)),
        ([P, Q], [], [], [], TaskingState(Status.OPEN, Q.digest, Q.next)),
        ([P, Q], [no(Q)], [], [], TaskingState(Status.OPEN, P.digest, P.next)),
        ([Q, R], [], [], [], TaskingState(Status.OPEN, R.digest, Q.next)),
        ([P], [yes(P)], [], [], TaskingState(Status.OPEN, P.digest, P.next)),
        ([Q, A], [], [], [], TaskingState(Status.REPORTED, A.digest)),
        ([], [], ["f" * 64], [], TaskingState(Status.CANCELLED)),
        ([A], [], ["f" * 64], [], TaskingState(Status.CANCELLED)),
        ([A], [yes(A)], ["f" * 64], [], TaskingState(Status.ACCEPTED, A.digest)),
        ([A], [], [], ["f" * 64], TaskingState(Status.SUPERSEDED)),
        ([], [], ["f" * 64], ["e" * 64], TaskingState(Status.CANCELLED)),
        # a decision on a report that never came, or that answers something else
        ([], [Decision("0" * 64, True)], [], [], TaskingState(Status.OPEN)),
        ([A], [Decision("0" * 64, True)], [], [], TaskingState(Status.REPORTED, A.digest)),
    ],
)
def test_status(reports, decisions, cancelled, corrected, expected):
    assert status(reports, decisions, cancelled, corrected) == expected


FACTS = st.lists(
    st.one_of(
        st.builds(
            lambda name, hours, result, later, n: (
                "report",
                Report(
                    name * 64, DAY + timedelta(hours=hours), result, later and DAY + timedelta(hours=later), n
                ),
            ),
            st.sampled_from("abc"),
            st.integers(0, 3),
            st.sampled_from(sorted(FINAL | PARTIAL)),
            st.none() | st.integers(1, 90),
            st.integers(1, 2),
        ),
        st.builds(
            lambda name, good: ("decision", Decision(name * 64, good)), st.sampled_from("abc"), st.booleans()
        ),
        st.sampled_from([("cancel", "9" * 64), ("correct", "8" * 64)]),
    ),
    max_size=9,
)


def of_facts(facts) -> TaskingState:
    def only(kind):
        return [value for what, value in facts if what == kind]

    return status(only("report"), only("decision"), only("cancel"), only("correct"))


@given(FACTS, st.randoms(use_true_random=False), st.integers(0, 5))
def test_f27_the_status_depends_on_the_set_alone(facts, random, repeats):
    expected = of_facts(facts)
    shuffled = facts + facts[:repeats]  # what arrives twice changes nothing
    random.shuffle(shuffled)
    assert of_facts(shuffled) == expected


@given(
    st.lists(
        st.tuples(st.sampled_from(list(TaskingEvent)), st.integers(0, 9), st.integers(1, 90)), max_size=12
    )
)
def test_each_step_of_the_status_stands_in_the_table(history):
    """Acts as they are allowed, one after the other: the status moves only as the table says."""
    facts: list = []
    for count, (event, pick, hours) in enumerate(history):
        before = of_facts(facts)
        undecided = [
            value
            for kind, value in facts
            if kind == "report" and not any(k == "decision" and v.report == value.digest for k, v in facts)
        ]
        if event is TaskingEvent.REPORT:
            facts.append(("report", report("abcdefghijkl"[count], count, sorted(FINAL)[pick % 3])))
        elif event is TaskingEvent.IN_PART:
            facts.append(("report", report("abcdefghijkl"[count], count, sorted(PARTIAL)[pick % 2], hours)))
        elif before.closed:
            continue  # the acts refuse it
        elif event in (TaskingEvent.ACCEPT, TaskingEvent.RETURN):
            accept = event is TaskingEvent.ACCEPT
            fit = [value for value in undecided if value.result in FINAL or not accept]
            if not fit:
                continue
            facts.append(("decision", Decision(fit[pick % len(fit)].digest, accept)))
        else:
            facts.append(("cancel" if event is TaskingEvent.CANCEL else "correct", "9" * 64))
        after = of_facts(facts)
        if before.closed:
            assert after == before  # a late report opens nothing again
        else:
            assert after.status in allowed(TASKING, before.status, event)


def test_every_transition_of_a_tasking_is_taken_by_some_facts():
    """The table promises nothing that the function does not do."""
    taken = {
        (Status.OPEN, TaskingEvent.REPORT): ([], [("report", A)]),
        (Status.OPEN, TaskingEvent.IN_PART): ([], [("report", Q)]),
        (Status.OPEN, TaskingEvent.RETURN): ([("report", Q)], [("decision", no(Q))]),
        (Status.OPEN, TaskingEvent.CANCEL): ([], [("cancel", "9")]),
        (Status.OPEN, TaskingEvent.CORRECT): ([], [("correct", "9")]),
        (Status.REPORTED, TaskingEvent.REPORT): ([("report", A)], [("report", B)]),
        (Status.REPORTED, TaskingEvent.IN_PART): ([("report", A)], [("report", Q)]),
        (Status.REPORTED, TaskingEvent.ACCEPT): ([("report", A)], [("decision", yes(A))]),
        (Status.REPORTED, TaskingEvent.RETURN): ([("report", A)], [("decision", no(A))]),
        (Status.REPORTED, TaskingEvent.CANCEL): ([("report", A)], [("cancel", "9")]),
        (Status.REPORTED, TaskingEvent.CORRECT): ([("report", A)], [("correct", "9")]),
    }
    assert set(taken) == {(row.before, row.event) for row in TASKING}
    for (before, event), (first, then) in taken.items():
        assert of_facts(first).status == before
        assert of_facts(first + then).status in allowed(TASKING, before, event)
    two = [("report", A), ("report", B)]
    assert of_facts([*two, ("decision", no(B))]).status is Status.REPORTED


@pytest.mark.parametrize("before", list(DraftStatus))
@pytest.mark.parametrize("event", list(DraftEvent))
def test_a_draft_that_left_the_desk_takes_nothing_more(before, event):
    if before is DraftStatus.IN_WORK:
        must_allow(DRAFT, before, event, what="The draft")
    else:
        with pytest.raises(StateError, match=f"The draft is {before}"):
            must_allow(DRAFT, before, event, what="The draft")


@pytest.mark.parametrize("before", [state for state in Status if state.closed])
def test_a_closed_tasking_takes_no_act(before):
    assert [row for row in TASKING if row.before == before] == []
