"""The board: overdue first, doubts visible, nothing of what a person may not read; and order plays no part."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cableroom.errors import NotFound
from cableroom.office import acting, arriving, board, inbox, reporting, showing, taskings, threads

from .conftest import CAPITAL, GENEVA, HAVANA, INSTRUCTION, report_text
from .test_reporting import CANCELLATION, note


def forged(office: Any, text: str, *, by: str = "greta", post: str = GENEVA, role: str = "AMBASSADOR") -> Any:
    """A cable that its own post would not have released: the check is switched off, the signature is real."""
    from cableroom.office import checking

    whole = checking.check

    def blind(*args: Any, **more: Any) -> Any:
        return checking.Checked(whole(*args, **more).draft, ())

    checking.check = blind
    try:
        return office.release(text, by=by, post=post, role=role)
    finally:
        checking.check = whole


def test_overdue_comes_first_and_cannot_be_hidden(instructed: Any) -> None:
    office, released, _ = instructed
    anna = office.person("anna")
    urgent = office.release(INSTRUCTION.replace("IMMEDIATE", "FLASH").replace("28", "30").replace("29", "31"))
    assert not board.overdue(anna, now=office.now)
    office.now = office.now + timedelta(days=1)
    lines = board.board(anna, now=office.now)
    assert [(line.item.digest, line.tasking.no, line.overdue) for line in lines[:1]] == [
        (released.digest, 1, True)
    ]
    assert {line.item.digest for line in lines[3:]} == {urgent.digest}
    assert [line.tasking.no for line in board.overdue(anna, now=office.now)] == [1]
    mine = inbox.inbox(office.person("hugo"), now=office.now)[0]
    assert mine.overdue and mine.due == lines[0].due
    sheet = board.sheets(lines)[0]
    assert (sheet.item.digest, sheet.overdue) == (released.digest, 1)


def informed(office: Any) -> tuple[Any, Any]:
    """The instruction to HAVANA, of which GENEVA is only told: (released, received at HAVANA)."""
    text = INSTRUCTION.replace("TO: HAVANA\nPRECEDENCE: IMMEDIATE", INFORMED)
    released = office.release(text)
    office.deliver(released, GENEVA)
    return released, office.deliver(released, HAVANA)


INFORMED = "TO: HAVANA\nINFO: GENEVA\nPRECEDENCE: IMMEDIATE / ROUTINE"


def test_a52_what_does_not_count_is_a_doubt_and_changes_nothing(office: Any) -> None:
    released, received = informed(office)
    anna = office.person("anna")
    before = office.taskings(CAPITAL, released.digest)
    hugo = {"by": "hugo", "post": HAVANA}
    texts = {
        "not-put-to-post": (report_text("26 CAPITAL 1", "ACTION 1 CARRIED OUT: done", sender="GENEVA"), {}),
        "no-such-instruction": (report_text("26 CAPITAL 1", "ACTION 99 CARRIED OUT: done"), hugo),
        "not-a-report": (
            report_text("26 CAPITAL 1", "ACTION 2 CARRIED OUT: done").replace(
                "KIND: REPORT\nCONCERNS: 26 CAPITAL 1\n", ""
            ),
            hugo,
        ),
        "not-the-originator": (
            CANCELLATION.replace("CAPITAL\n", "GENEVA\n", 1).replace("TO: HAVANA", "TO: CAPITAL"),
            {},
        ),
    }
    for code, (text, who) in texts.items():
        office.deliver(forged(office, text, **who), CAPITAL)
        assert office.taskings(CAPITAL, released.digest) == before, code
    found = board.doubts(anna, CAPITAL, now=office.now)
    assert {(doubt.code, doubt.item.sender) for doubt in found} == {
        ("not-put-to-post", GENEVA),
        ("no-such-instruction", HAVANA),
        ("not-a-report", HAVANA),
        ("not-the-originator", GENEVA),
    }
    for doubt in found:
        with pytest.raises(NotFound):
            reporting.accept(CAPITAL, doubt.item.digest, doubt.no or 1, by=anna, now=office.now)
    assert board.doubts(office.person("desi"), CAPITAL, now=office.now) == []
    assert office.taskings(HAVANA, received.digest)[2, "HAVANA"] == "open"
    office.walk()


def test_a_cancellation_by_another_post_closes_nothing_where_it_arrives(office: Any) -> None:
    released, _ = informed(office)
    text = CANCELLATION.replace("CAPITAL\n", "GENEVA\n", 1)
    office.deliver(forged(office, text), HAVANA)
    assert set(office.taskings(HAVANA, released.digest).values()) == {"open"}
    assert [doubt.code for doubt in board.doubts(office.person("hugo"), now=office.now)] == [
        "not-the-originator"
    ]


def test_f27_a_report_before_its_instruction_waits_and_is_joined(office: Any) -> None:
    """GENEVA hears of the report (info) before the cable that it answers, and so does an originator restored."""
    released = office.release(INSTRUCTION)
    received = office.deliver(released, HAVANA)
    note(office, received, 1)
    text = reporting.report(HAVANA, received.digest, by=office.person("hugo"), now=office.now)
    report = office.reply(text)
    entries = [entry for entry in all_entries(CAPITAL) + all_entries(HAVANA)]
    assert [entry.kind for entry, _ in entries] == ["Released", "Received", "Noted", "Released"]
    at_capital = office.deliver(report, CAPITAL)
    early = [pair for pair in all_entries(CAPITAL) if pair[0].index == at_capital.index]
    late = [pair for pair in all_entries(CAPITAL) if pair[0].index == released.index]
    found = replayed(early, lambda: dict(office.taskings(CAPITAL, released.digest)))
    assert found == {}
    found = replayed(early + late, lambda: dict(office.taskings(CAPITAL, released.digest)))
    assert found == {(1, "HAVANA"): "reported", (2, "HAVANA"): "open", (3, "HAVANA"): "open"}


def all_entries(register: str) -> list[tuple[Any, Any]]:
    from cableroom.register import following, ledger

    return [(entry, following.opened_of(entry)) for entry in ledger.entries(register)]


def replayed(pairs: list[tuple[Any, Any]], look: Any) -> Any:
    """What `look` sees after the office's projections took these entries in this order; all is put back."""
    from django.db import transaction

    with transaction.atomic():
        for table in arriving.TABLES + taskings.TABLES:
            table.objects.all().delete()
        for entry, opened in pairs:
            for room in (arriving, taskings):
                if entry.kind in room.KINDS:
                    room.apply(entry, opened)
        found = look()
        transaction.set_rollback(True)
    return found


def everything() -> list[Any]:
    rows = []
    for table in arriving.TABLES + taskings.TABLES:
        names = [field.attname for field in table._meta.fields if field.attname != "id"]
        rows += [(table.__name__, *map(str, values)) for values in table.objects.values_list(*names)]
    return sorted(rows)


@pytest.fixture
def eventful(instructed: Any) -> Any:
    """Registers in which everything has happened: deferral, report, return, second report, acceptance,
    correction, cancellation, receipts, at both ends."""
    office, released, received = instructed
    anna, now = office.person("anna"), office.now
    office.tell(acting.acknowledge(HAVANA, received.digest, by=office.person("hugo"), now=now), CAPITAL)
    first = office.deliver(
        office.reply(
            report_text(
                "26 CAPITAL 1",
                "ACTION 1 DEFERRED NEXT 301200Z OCT 26: he is away",
                "ACTION 2 CARRIED OUT: told",
            )
        ),
        CAPITAL,
    )
    office.receipt(first)
    office.tell(reporting.return_(CAPITAL, first.digest, 2, why="Whom?", by=anna, now=now), HAVANA)
    office.forward(minutes=5)
    second = office.deliver(
        office.reply(
            report_text(
                "26 CAPITAL 1",
                "ACTION 2 CARRIED OUT: told him",
                "ACTION 3 IN PART NEXT 310000Z OCT 26: so far",
            )
        ),
        CAPITAL,
    )
    office.tell(reporting.accept(CAPITAL, second.digest, 2, by=anna, now=office.now), HAVANA)
    text = INSTRUCTION.replace(
        "SUBJECT: Support", "KIND: CORRECTION\nCONCERNS: 26 CAPITAL 1\nSUBJECT: Support"
    )
    office.deliver(office.release(text[: text.index("3. (S) ACTION 2")] + "SIGNED: MINISTER\n"), HAVANA)
    office.deliver(office.release(CANCELLATION), HAVANA)
    return office, released


def test_f27_any_order_of_arrival_ends_in_the_same_rows(eventful: Any) -> None:
    office, released = eventful
    pairs = all_entries(CAPITAL) + all_entries(HAVANA)
    assert len(pairs) > 20
    expected = replayed(pairs, everything)
    assert expected == everything()
    assert {row[0] for row in expected} == {table.__name__ for table in arriving.TABLES + taskings.TABLES}
    assert office.taskings(CAPITAL, released.digest) == {
        (1, "HAVANA"): "cancelled",
        (2, "HAVANA"): "accepted",
        (3, "HAVANA"): "cancelled",
    }

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.permutations(range(len(pairs))))
    def any_order(order: list[int]) -> None:
        # what this post itself does to a cable comes after the cable: taking it up is no arrival
        own = [
            n for n in order if pairs[n][0].data.get("side") == "own" and pairs[n][0].kind == "Acknowledged"
        ]
        kept = [n for n in order if n not in own] + own
        assert replayed([pairs[n] for n in kept], everything) == expected

    any_order()
    office.walk()


# -- no read up ----------------------------------------------------------------------------


def test_nothing_shows_to_who_may_not_read(instructed: Any) -> None:
    office, released, received = instructed
    now = office.now
    for name in ("desi", "dora", "rita", "greta", "nemo"):
        person = office.person(name)
        assert board.board(person, now=now, closed=True) == board.tasks(person, now=now, closed=True) == []
        assert board.doubts(person, now=now) == [] and inbox.inbox(person, now=now) == []
        assert inbox.sent(person, now=now) == [] and inbox.waiting(person, now=now) == 0
        assert showing.board_items(person, now=now) == showing.inbox_items(person, now=now) == []
        assert threads.thread(person, CAPITAL, released.digest, now=now) == []
        told = set()
        for register, digest in ((CAPITAL, released.digest), (HAVANA, received.digest), (CAPITAL, "0" * 64)):
            for look in (showing.show, showing.evidence):
                with pytest.raises(NotFound) as caught:
                    look(person, register, digest, now=now)
                told.add(str(caught.value))
        for wanted in ({"digest": received.digest}, {"mrn": released.answer}, {"digest": "0" * 64}, {}):
            with pytest.raises(NotFound) as caught:
                inbox.find(person, now=now, **wanted)
            told.add(str(caught.value))
        assert len(told) == 1


def test_a_report_above_the_reader_tells_its_status_and_no_more(office: Any) -> None:
    """An instruction in RESTRICTED, answered in SECRET: who may read only the first sees that it was answered."""
    office.hire("rolf", CAPITAL, "MINISTER", "RESTRICTED")
    text = INSTRUCTION.replace("SECRET", "RESTRICTED").replace("(S)", "(R)")
    received = office.deliver(office.release(text), HAVANA)
    deferred = report_text(
        "26 CAPITAL 1", "ACTION 1 DEFERRED NEXT 301200Z OCT 26: away", "ACTION 2 REFUSED: he will not"
    )
    report = office.deliver(office.reply(deferred), CAPITAL)
    reporting.accept(CAPITAL, report.digest, 2, by=office.person("anna"), now=office.now)
    rolf, anna = office.person("rolf"), office.person("anna")
    seen = board.of_cable(rolf, CAPITAL, received.digest, now=office.now)
    whole = board.of_cable(anna, CAPITAL, received.digest, now=office.now)
    assert [line.status for line in seen] == [line.status for line in whole] == ["open", "accepted", "open"]
    assert [line.result for line in whole] == ["deferred", "refused", None]
    assert all(line.report is None and line.result is None for line in seen)
    assert seen[0].due == seen[0].tasking.due != whole[0].due
    assert not any(step.reached for line in seen for step in line.steps if step.step == "reported")
    shown = showing.show(rolf, CAPITAL, received.digest, now=office.now)
    assert report.digest not in {each["digest"] for each in shown["state"]["thread"]}
    assert "26 HAVANA 1" not in str(shown["state"])


def test_a_thread_is_not_followed_through_what_is_hidden(office: Any) -> None:
    """RESTRICTED, corrected in SECRET, corrected again in RESTRICTED: the middle one parts the thread."""
    office.hire("rolf", CAPITAL, "MINISTER", "RESTRICTED")

    def cable(level: str, concerns: str | None) -> Any:
        kind = f"KIND: CORRECTION\nCONCERNS: {concerns}\n" if concerns else ""
        return office.release(
            f"FROM: CAPITAL\nTO: HAVANA\nPRECEDENCE: ROUTINE\nCLASSIFICATION: {level}\n{kind}SUBJECT: x\n\n1. x\n"
        )

    digests = [
        cable("RESTRICTED", None).digest,
        cable("SECRET", "26 CAPITAL 1").digest,
        cable("RESTRICTED", "26 CAPITAL 2").digest,
    ]

    def seen(name: str, n: int) -> list[str]:
        found = threads.thread(office.person(name), CAPITAL, digests[n], now=office.now)
        return [strand.item.digest for strand in found]

    assert seen("anna", 0) == seen("anna", 2) == digests
    assert seen("rolf", 0) == digests[:1] and seen("rolf", 2) == digests[2:]


# -- shapes --------------------------------------------------------------------------------

ITEM = {
    "mrn",
    "digest",
    "precedence",
    "classification",
    "subject",
    "from",
    "dtg",
    "no",
    "act",
    "post",
    "status",
    "due",
    "overdue",
    "owner",
}


def test_the_json_shapes(eventful: Any) -> None:
    office, released = eventful
    anna, hugo, now = office.person("anna"), office.person("hugo"), office.now
    items = showing.board_items(anna, now=now)
    assert all(set(item) == ITEM for item in items + showing.inbox_items(hugo, now=now))
    first = next(item for item in items if item["digest"] == released.digest and item["no"] == 2)
    assert first == {
        "mrn": "26 CAPITAL 1",
        "digest": released.digest,
        "precedence": "IMMEDIATE",
        "classification": "SECRET",
        "subject": "Support for the settlement proposals",
        "from": "CAPITAL",
        "dtg": "2026-10-27T18:40:00.000Z",
        "no": 2,
        "act": "inform",
        "post": "HAVANA",
        "status": "accepted",
        "due": "2026-10-29T12:00:00.000Z",
        "overdue": False,
        "owner": None,
    }
    shown = showing.show(anna, CAPITAL, released.digest, now=now)
    assert set(shown) == {"mrn", "digest", "document", "state", "evidence"}
    assert set(shown["state"]) == {"legs", "taskings", "thread"}
    assert shown["document"]["head"]["subject"] == "Support for the settlement proposals"
    assert [leg["state"] for leg in shown["state"]["legs"]] == ["receipted"]
    assert [each["how"] for each in shown["state"]["thread"]] == [
        "this",
        "report",
        "report",
        "correction",
        "cancellation",
    ]
    assert [each["kind"] for each in shown["evidence"]] == [
        "Released",
        "HandedOver",
        "Receipted",
        "Acknowledged",
        "Returned",
        "Accepted",
    ]
    assert {"index", "at", "kind", "entry"} == set(shown["evidence"][0])
    report = next(each for each in shown["state"]["thread"] if each["how"] == "report")
    kinds = [entry.kind for entry in showing.evidence(anna, CAPITAL, report["digest"], now=now)]
    assert kinds == ["Received", "Receipted", "Returned"]


def test_the_state_of_a_leg(office: Any) -> None:
    released = office.release(INSTRUCTION)
    anna = office.person("anna")

    def state() -> str:
        return showing.show(anna, CAPITAL, released.digest, now=office.now)["state"]["legs"][0]["state"]

    def failed(n: int) -> None:
        data = {
            "to": HAVANA,
            "channel": 1,
            "route": "smtp",
            "leg": "0" * 64,
            "code": "line",
            "what": f"No answer {n}",
        }
        office.enter(CAPITAL, "Failed", f"leg:{n}", data, released.digest)

    assert state() == "waiting"
    failed(1)
    failed(2)
    assert state() == "failed"
    steps = showing.show(anna, CAPITAL, released.digest, now=office.now)["state"]["legs"][0]["steps"]
    assert [step["what"] for step in steps] == [None, "No answer 2"]
    office.receipt(office.deliver(released, HAVANA))
    assert state() == "receipted"
    office.walk()
