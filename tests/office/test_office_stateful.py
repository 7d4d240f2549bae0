"""Drafts, releases, deliveries in any order, reports and decisions, one after the other; after each step
everything is checked: every projection rebuilt equals the one in use, every register verifies."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cableroom.errors import CheckFailed, NotFound, StateError
from cableroom.office.lifecycle import FINAL, PARTIAL, TASKING, Status, TaskingEvent, allowed

from .conftest import CAPITAL, HAVANA, INSTRUCTION
from .test_releasing import plain
from .test_reporting import CANCELLATION

FACTOR = int(os.environ.get("CABLEROOM_TEST_EXAMPLES", "1"))
PICK = st.integers(0, 99)
NUMBERS = (1, 2, 3)
RESULTS = st.sampled_from(sorted(FINAL | PARTIAL))


class _Ministry(RuleBasedStateMachine):
    """After each step: rebuilt equals in use, the registers verify, the numbers run without a gap."""

    def __init__(self, office: Any) -> None:
        super().__init__()
        self.office = office
        self.serial = 0

    @property
    def anna(self) -> Any:
        return self.office.person("anna")

    @property
    def hugo(self) -> Any:
        return self.office.person("hugo")

    def _numbered(self, entry: Any) -> None:
        self.serial += 1
        assert entry.answer.serial == self.serial

    @invariant()
    def everything_holds(self) -> None:
        from cableroom.register import audit, ledger

        self.office.walk()
        for register in (CAPITAL, HAVANA):
            assert not audit.verify(register).problems
            numbers = [
                (entry.data["mrn"]["year"], entry.data["mrn"]["serial"])
                for entry in ledger.entries(register, kinds=["Released"])
            ]
            assert numbers == [(2026, n + 1) for n in range(len(numbers))]


class Drafts(_Ministry):
    """Drafts at CAPITAL."""

    def __init__(self, office: Any) -> None:
        super().__init__(office)
        self.drafts: dict[str, tuple[str, int]] = {}  # id → status, level of the high-water mark

    @rule(level=st.sampled_from(["RESTRICTED", "SECRET"]))
    def write(self, level: str) -> None:
        from cableroom.office import drafting

        row = drafting.save(plain(level=level), post=CAPITAL, by=self.anna, now=self.office.now)
        self.drafts[row.id] = ("in work", row.level)

    @precondition(lambda self: self.drafts)
    @rule(pick=PICK, level=st.sampled_from(["RESTRICTED", "SECRET"]), words=st.sampled_from("abc"))
    def edit(self, pick: int, level: str, words: str) -> None:
        from cableroom.office import drafting

        draft, (status, mark) = self._draft(pick)
        text = plain(words, level=level)
        try:
            row = drafting.save(text, post=CAPITAL, by=self.anna, now=self.office.now, draft=draft)
        except StateError:
            assert status != "in work"
        else:
            assert status == "in work"
            self.drafts[draft] = (status, max(mark, {"R": 2, "S": 4}[level[0]]))
            assert row.level == self.drafts[draft][1]

    @precondition(lambda self: self.drafts)
    @rule(pick=PICK)
    def discard(self, pick: int) -> None:
        from cableroom.office import drafting

        draft, (status, mark) = self._draft(pick)
        try:
            drafting.discard(draft, by=self.anna, now=self.office.now)
        except StateError:
            assert status != "in work"
        else:
            assert status == "in work"
            self.drafts[draft] = ("discarded", mark)

    @precondition(lambda self: self.drafts)
    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        from cableroom.office import drafting, marks, releasing

        draft, (status, mark) = self._draft(pick)
        row = drafting.get(draft, self.anna, now=self.office.now)
        lowered = mark > (4 if "SECRET" in row.text else 2)
        assert marks.mark_on(row).level == mark
        try:
            entry = releasing.release(
                draft,
                version=row.version,
                person=self.anna,
                role="MINISTER",
                authentication=self.office.authenticate("anna"),
                now=self.office.now,
            )
        except StateError:
            assert status != "in work"
        except CheckFailed as failed:
            assert lowered and {problem.code for problem in failed.problems} == {"label-lowered"}
        else:
            assert status == "in work" and not lowered
            self.drafts[draft] = ("released", mark)
            self._numbered(entry)

    def _draft(self, pick: int) -> tuple[str, tuple[str, int]]:
        return sorted(self.drafts.items())[pick % len(self.drafts)]


class Taskings(_Ministry):
    """CAPITAL instructs HAVANA; what goes from one to the other is under way for any length of time."""

    def __init__(self, office: Any) -> None:
        super().__init__(office)
        self.cables: list[Any] = []
        self.under_way: list[tuple[Any, str]] = []
        self.reports: list[tuple[str, int, str]] = []  # digest, no, result

    @initialize()
    def begin(self) -> None:
        self._instruct()
        self._deliver(0)

    @precondition(lambda self: len(self.cables) < 2)
    @rule()
    def instruct(self) -> None:
        self._instruct()

    def _instruct(self) -> None:
        later = self.office.now + timedelta(days=4)
        from cableroom.cable.reference import print_dtg

        text = INSTRUCTION.replace("281200Z OCT 26", print_dtg(later)).replace(
            "291200Z OCT 26", print_dtg(later)
        )
        entry = self.office.release(text)
        self._numbered(entry)
        self.cables.append(entry)
        self.under_way.append((entry, HAVANA))

    @precondition(lambda self: len(self.reports) > 2)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        cable = self._cable(pick)
        before = self._statuses(CAPITAL, cable)
        text = CANCELLATION.replace("26 CAPITAL 1\n", f"{cable.answer.print(cable.answer.org)}\n")
        entry = self.office.release(text)
        self._numbered(entry)
        self.under_way.append((entry, HAVANA))
        after = self._statuses(CAPITAL, cable)
        for no in NUMBERS:
            if before[no].closed:
                assert after[no] is before[no]
            else:
                assert after[no] in allowed(TASKING, before[no], TaskingEvent.CANCEL)

    @precondition(lambda self: self.under_way)
    @rule(pick=PICK)
    def deliver(self, pick: int) -> None:
        self._deliver(pick)

    @precondition(lambda self: self.under_way)
    @rule(picks=st.lists(PICK, min_size=2, max_size=4))
    def deliver_some(self, picks: list[int]) -> None:
        for pick in picks:
            if self.under_way:
                self._deliver(pick)

    def _deliver(self, pick: int) -> None:
        entry, to = self.under_way.pop(pick % len(self.under_way))
        if entry.kind in ("Accepted", "Returned"):
            self.office.tell(entry, to)
        else:
            self.office.deliver(entry, to)

    @precondition(lambda self: self.cables)
    @rule(pick=PICK, results=st.dictionaries(st.sampled_from(NUMBERS), RESULTS, min_size=1))
    def note(self, pick: int, results: dict[int, str]) -> None:
        for no, result in results.items():
            self._note(self._cable(pick), no, result)

    def _note(self, cable: Any, no: int, result: str) -> None:
        from cableroom.office import acting

        later = self.office.now + timedelta(days=5) if result in PARTIAL else None
        here = self._statuses(HAVANA, cable)
        try:
            acting.carry_out(
                HAVANA,
                cable.digest,
                no,
                result=result,
                text="So.",
                next=later,
                by=self.hugo,
                now=self.office.now,
            )
        except NotFound:
            assert not here  # it has not come yet
        except StateError:
            assert here[no].closed

    @precondition(lambda self: self.cables)
    @rule(pick=PICK)
    def report(self, pick: int) -> None:
        from cableroom.cable.text import parse_draft
        from cableroom.errors import TextError
        from cableroom.office import reporting

        cable = self._cable(pick)
        before = self._statuses(HAVANA, cable)
        try:
            text = reporting.report(HAVANA, cable.digest, by=self.hugo, now=self.office.now)
            outcomes = parse_draft(text).outcomes
        except NotFound:
            assert not before
            return
        except (StateError, TextError):
            return  # nothing noted, or nothing left
        entry = self.office.reply(text)
        self.under_way.append((entry, CAPITAL))
        self.reports += [(entry.digest, outcome.no, outcome.result) for outcome in outcomes]
        after = self._statuses(HAVANA, cable)
        for outcome in outcomes:
            event = TaskingEvent.REPORT if outcome.result in FINAL else TaskingEvent.IN_PART
            assert after[outcome.no] in allowed(TASKING, before[outcome.no], event)

    @precondition(lambda self: self.reports)
    @rule(pick=PICK, good=st.booleans())
    def decide(self, pick: int, good: bool) -> None:
        from cableroom.office import reporting
        from cableroom.office.models import InboxItem, Outcome

        digest, no, result = self.reports[pick % len(self.reports)]
        act, event = (
            (reporting.accept, TaskingEvent.ACCEPT) if good else (reporting.return_, TaskingEvent.RETURN)
        )
        outcome = Outcome.objects.filter(register=CAPITAL, report=digest, no=no).first()
        before = outcome and self._statuses_of(CAPITAL, outcome.of)[no]
        try:
            entry = act(CAPITAL, digest, no, why="So.", by=self.anna, now=self.office.now)
        except NotFound:
            assert not InboxItem.objects.filter(register=CAPITAL, digest=digest).exists()
        except StateError as refused:
            assert refused.code in ("decided", "not-final") or not allowed(TASKING, before, event)
        else:
            assert result in FINAL or not good
            assert self._statuses_of(CAPITAL, entry.digest)[no] in allowed(TASKING, before, event)
            self.under_way.append((entry, HAVANA))

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.office.forward(hours=hours)

    def _cable(self, pick: int) -> Any:
        return self.cables[pick % len(self.cables)]

    def _statuses(self, register: str, cable: Any) -> dict[int, Status]:
        return self._statuses_of(register, cable.digest)

    def _statuses_of(self, register: str, digest: str) -> dict[int, Status]:
        return {no: Status(status) for (no, _), status in self.office.taskings(register, digest).items()}

    def teardown(self) -> None:
        """Once everything has arrived, both ends say the same."""
        instructed = [pair for pair in self.under_way if pair[0] in self.cables]
        for entry, to in instructed + [pair for pair in self.under_way if pair not in instructed]:
            if entry.kind in ("Accepted", "Returned"):
                self.office.tell(entry, to)
            else:
                self.office.deliver(entry, to)
        for cable in self.cables:
            assert self._statuses(CAPITAL, cable) == self._statuses(HAVANA, cable)


@pytest.mark.parametrize(("machine", "examples"), [(Drafts, 2), (Taskings, 4)])
def test_any_course_of_things(offices: Any, machine: Any, examples: int) -> None:
    run_state_machine_as_test(
        lambda: machine(offices()),
        settings=settings(
            max_examples=examples * FACTOR,
            stateful_step_count=22,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
