"""The report: drafted from what was noted, released like any cable, accepted or returned by the originator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cableroom.cable.text import parse_draft, print_draft
from cableroom.errors import DocumentError, NotFound, StateError, TextError
from cableroom.office import acting, board, reporting

from .conftest import CAPITAL, GENEVA, HAVANA, INSTRUCTION, report_text


def note(
    office: Any, received: Any, no: int, result: str = "carried out", text: str = "Done.", **more: Any
) -> Any:
    return acting.carry_out(
        HAVANA,
        received.digest,
        no,
        result=result,
        text=text,
        by=office.person("hugo"),
        now=office.now,
        **more,
    )


def draft(office: Any, received: Any, by: str = "hugo") -> str:
    return reporting.report(HAVANA, received.digest, by=office.person(by), now=office.now)


def send(office: Any, text: str) -> Any:
    """Release a report at HAVANA and deliver it; the entry at CAPITAL."""
    return office.deliver(office.reply(text), CAPITAL)


def test_the_story(instructed: Any) -> None:
    office, released, received = instructed
    anna, hugo = office.person("anna"), office.person("hugo")
    note(
        office,
        received,
        1,
        at=office.now - timedelta(hours=1),
        done_by="the ambassador",
        to="the head of government",
        text="He will make the statement today. He said:\n> We were going to do so in any case.\nThen he left.",
    )
    note(office, received, 2, "impossible", "He is out of reach.")
    text = draft(office, received)
    assert (
        text
        == """\
FROM: HAVANA
TO: CAPITAL
PRECEDENCE: IMMEDIATE
CLASSIFICATION: SECRET
KIND: REPORT
CONCERNS: 26 CAPITAL 1
SUBJECT: Fulfilment of 26 CAPITAL 1
REFS: A. 26 CAPITAL 1

1. (S) OUTCOME OF A ACTION 1 CARRIED OUT AT 271740Z OCT 26 BY "the ambassador" TO "the head of government":
He will make the statement today. He said:
> We were going to do so in any case.
Then he left.

2. (S) OUTCOME OF A ACTION 2 IMPOSSIBLE: He is out of reach.

3. (S) OUTCOME OF A ACTION 3 CARRIED OUT: By this report.
"""
    )
    report = send(office, text)
    for register in (CAPITAL, HAVANA):
        assert set(office.taskings(register, released.digest).values()) == {"reported"}
    lines = board.board(anna, now=office.now)
    assert {(line.tasking.no, line.result) for line in lines} == {
        (1, "carried out"),
        (2, "impossible"),
        (3, "carried out"),
    }
    assert {line.report.digest for line in lines} == {report.digest}
    with pytest.raises(StateError, match="left to report"):
        draft(office, received)
    for no in (1, 3):
        entry = reporting.accept(CAPITAL, report.digest, no, by=anna, now=office.now)
        assert (entry.kind, entry.digest) == ("Accepted", released.digest)
        assert entry.data == {"side": "own", "report": report.digest, "no": no, "post": HAVANA, "why": None}
        office.tell(entry, HAVANA)
    entry = reporting.return_(CAPITAL, report.digest, 2, why="Try his deputy.", by=anna, now=office.now)
    office.tell(entry, HAVANA)
    for register in (CAPITAL, HAVANA):
        assert [status for _, status in sorted(office.taskings(register, released.digest).items())] == [
            "accepted",
            "open",
            "accepted",
        ]
    line = next(line for line in board.board(anna, now=office.now) if line.tasking.no == 2)
    assert line.verdict.why == "Try his deputy." and line.report is None
    assert all(
        step.reached
        for step in board.of_cable(anna, CAPITAL, released.digest, now=office.now)[0].steps
        if step.step != "acknowledged"
    )
    note(office, received, 2, text="The deputy was told.")
    again = draft(office, received, "hugo")
    assert parse_draft(again).outcomes[0].no == 2 and len(parse_draft(again).outcomes) == 1
    assert hugo.name == "hugo"
    office.walk()


def test_a_deferral_leaves_it_open_with_a_new_date(instructed: Any) -> None:
    office, released, received = instructed
    anna, later = office.person("anna"), office.now + timedelta(days=3)
    due = board.tasks(office.person("hugo"), now=office.now)[0].due
    note(office, received, 1, "deferred", "He is away.", next=later)
    text = draft(office, received)
    assert "OUTCOME OF A ACTION 1 DEFERRED NEXT 301840Z OCT 26: He is away." in text
    assert "ACTION 3" not in text  # a report that leaves others open is not the report asked for
    report = send(office, text)
    for register, person in ((CAPITAL, "anna"), (HAVANA, "hugo")):
        lines = board.of_cable(office.person(person), register, released.digest, now=office.now)
        assert (lines[0].status, lines[0].due, lines[0].result) == ("open", later, "deferred")
        assert lines[0].due != due
    with pytest.raises(StateError, match="leaves instruction 1 open"):
        reporting.accept(CAPITAL, report.digest, 1, by=anna, now=office.now)
    entry = reporting.return_(CAPITAL, report.digest, 1, why="Not so long.", by=anna, now=office.now)
    assert board.of_cable(anna, CAPITAL, released.digest, now=office.now)[0].due == due
    office.tell(entry, HAVANA)
    assert board.of_cable(office.person("hugo"), HAVANA, released.digest, now=office.now)[0].due == due
    office.walk()


def test_blanks_to_be_filled_in_cannot_be_released(instructed: Any) -> None:
    office, _, received = instructed
    text = draft(office, received)
    assert text.count("OUTCOME OF A ACTION") == 3 and "ACTION 2 ____: what was done" in text
    with pytest.raises(TextError):
        parse_draft(text)
    filled = text.replace("____", "CARRIED OUT")
    assert print_draft(parse_draft(filled)) == filled
    assert send(office, filled)


def test_every_draft_report_can_be_read(instructed: Any) -> None:
    office, _, received = instructed
    for words in (
        "1. A line like a paragraph\nSUBJECT: like a key",
        "> only words",
        "> a quotation\nthen text\n> another\n>\n> with two paragraphs",
        ">quoted without a blank",
        "\\ a backslash\n(S) a mark\nACTION 1 an opener",
        "עברית \u2067mixed\u2069 text",
    ):
        note(office, received, 1, text=words)
        text = draft(office, received)
        assert print_draft(parse_draft(text)) == text
        found = parse_draft(text).outcomes[0]
        kept = words.replace(">quoted", "> quoted").split("\n")
        assert list(found.quotations) == [
            "\n".join(line[2:] for line in group) for group in runs(kept, quoted=True)
        ]
        assert found.text.split("\n") == [line for group in runs(kept, quoted=False) for line in group] or [
            ""
        ]


def runs(lines: list[str], *, quoted: bool) -> list[list[str]]:
    from itertools import groupby

    groups = groupby(lines, key=lambda line: line.startswith(">"))
    return [list(group) for is_quoted, group in groups if is_quoted is quoted]


def test_only_the_originator_decides_and_once(instructed: Any) -> None:
    office, _, received = instructed
    anna, hugo, now = office.person("anna"), office.person("hugo"), office.now
    note(office, received, 1)
    report = send(office, draft(office, received))
    with pytest.raises(NotFound, match="Only the post that gave an instruction"):
        reporting.accept(HAVANA, report.digest, 1, by=hugo, now=now)
    with pytest.raises(NotFound, match="no such cable"):
        reporting.accept(CAPITAL, report.digest, 1, by=hugo, now=now)
    with pytest.raises(NotFound):
        reporting.accept(CAPITAL, report.digest, 2, by=anna, now=now)
    with pytest.raises(DocumentError):
        reporting.return_(CAPITAL, report.digest, 1, why="", by=anna, now=now)
    reporting.return_(CAPITAL, report.digest, 1, why="Say more.", by=anna, now=now)
    for act in (
        lambda: reporting.accept(CAPITAL, report.digest, 1, by=anna, now=now),
        lambda: reporting.return_(CAPITAL, report.digest, 1, why="x", by=anna, now=now),
    ):
        with pytest.raises(StateError, match="returned already"):
            act()
    office.walk()


def test_a_cancellation_closes_what_it_names(instructed: Any) -> None:
    office, released, received = instructed
    anna, now = office.person("anna"), office.now
    note(office, received, 1)
    report = send(office, draft(office, received))
    reporting.accept(CAPITAL, report.digest, 1, by=anna, now=now)
    cancelled = office.release(CANCELLATION)
    assert [office.taskings(CAPITAL, released.digest)[no, "HAVANA"] for no in (1, 2, 3)] == [
        "accepted",
        "cancelled",
        "cancelled",
    ]
    assert office.taskings(HAVANA, released.digest)[2, "HAVANA"] == "open"  # not there yet
    office.deliver(cancelled, HAVANA)
    assert office.taskings(HAVANA, released.digest)[2, "HAVANA"] == "cancelled"
    with pytest.raises(StateError, match="Instruction 2 is cancelled"):
        note(office, received, 2)
    line = board.of_cable(anna, CAPITAL, released.digest, now=now)[1]
    assert line.closed_by.digest == cancelled.digest
    late = send(office, report_text("26 CAPITAL 1", "ACTION 2 CARRIED OUT: it crossed your cancellation"))
    assert office.taskings(CAPITAL, released.digest)[2, "HAVANA"] == "cancelled"
    with pytest.raises(StateError, match="Instruction 2 is cancelled"):
        reporting.accept(CAPITAL, late.digest, 2, by=anna, now=now)
    office.walk()


CANCELLATION = """\
FROM: CAPITAL
TO: HAVANA
PRECEDENCE: IMMEDIATE
CLASSIFICATION: SECRET
KIND: CANCELLATION
CONCERNS: 26 CAPITAL 1
SUBJECT: Cancelled

1. (S) Do nothing of it.
"""


def test_a_cancellation_closes_only_where_it_goes(office: Any) -> None:
    released = office.release(INSTRUCTION.replace("TO: HAVANA", "TO: HAVANA, GENEVA"))
    for post in (HAVANA, GENEVA):
        office.deliver(released, post)
    cancelled = office.release(CANCELLATION)
    office.deliver(cancelled, HAVANA)
    found = office.taskings(CAPITAL, released.digest)
    assert {found[no, "HAVANA"] for no in (1, 2, 3)} == {"cancelled"}
    assert {found[no, "GENEVA"] for no in (1, 2, 3)} == {"open"}
    assert set(office.taskings(GENEVA, released.digest).values()) == {"open"}


def test_a_correction_supersedes_what_it_puts_anew(instructed: Any) -> None:
    office, released, _ = instructed
    text = INSTRUCTION.replace(
        "SUBJECT: Support", "KIND: CORRECTION\nCONCERNS: 26 CAPITAL 1\nSUBJECT: Support"
    )
    first = text[: text.index("3. (S) ACTION 2")] + "SIGNED: MINISTER\n"
    corrected = office.release(first)
    office.deliver(corrected, HAVANA)
    for register in (CAPITAL, HAVANA):
        assert [status for _, status in sorted(office.taskings(register, released.digest).items())] == [
            "superseded",
            "open",
            "open",
        ]
        assert office.taskings(register, corrected.digest) == {(1, "HAVANA"): "open"}
    office.walk()


def test_a_report_on_two_cables(instructed: Any) -> None:
    """Instruction 1 of two cables: the decision must say which."""
    office, released, _ = instructed
    anna, now = office.person("anna"), office.now
    other = office.release(INSTRUCTION)
    office.deliver(other, HAVANA)
    text = report_text("26 CAPITAL 1", "ACTION 1 CARRIED OUT: done").replace(
        "REFS: A. 26 CAPITAL 1", "REFS: A. 26 CAPITAL 1\n      B. 26 CAPITAL 2"
    )
    text = text.replace("\n\nSIGNED", "\n\n2. (S) OUTCOME OF B ACTION 1 CARRIED OUT: done too\n\nSIGNED")
    report = send(office, text)
    with pytest.raises(StateError, match="several cables"):
        reporting.accept(CAPITAL, report.digest, 1, by=anna, now=now)
    reporting.accept(CAPITAL, report.digest, 1, of=other.digest, by=anna, now=now)
    assert office.taskings(CAPITAL, other.digest)[1, "HAVANA"] == "accepted"
    assert office.taskings(CAPITAL, released.digest)[1, "HAVANA"] == "reported"


def test_a_report_in_the_words_of_our_own_policy(office: Any) -> None:
    """The label of another organisation's instruction, by its number."""
    from cableroom.directory import policy
    from cableroom.office.models import InboxItem

    def item(level: int, sender: str = "un.example/GENEVA") -> InboxItem:
        return InboxItem(
            register=HAVANA,
            sender=sender,
            level=level,
            classification="COSMIC",
            categories=["ATOMAL"],
            captions=["EYES ONLY", "THEIRS"],
        )

    found = reporting._label(item(3), policy.current())
    assert (found.classification, found.categories, found.captions) == ("CONFIDENTIAL", (), ("EYES ONLY",))
    assert reporting._label(item(9), policy.current()).classification == "SECRET"
