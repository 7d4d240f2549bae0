"""What follows an entry: projections, reactions, workers; and a rebuild that equals what is in use."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from cableroom.errors import NotFound, OpenTransaction, RegisterError, TryLater
from cableroom.register import following, leases, ledger, registry
from cableroom.register.acts import Act, Entry
from cableroom.register.models import Cursor, Followed, Lease, Serial, SetAside
from cableroom.register.registry import Projection, Reaction, Worker

from .conftest import OTHER, PERSON, POST

Note = Callable[..., Act]


def count(entry: Entry, opened: object) -> None:
    """A toy: how many entries of each kind a register has, in the table of serials."""
    row, _ = Serial.objects.get_or_create(
        register=entry.register, year=len(entry.kind), series="toy", defaults={"last": 0}
    )
    Serial.objects.filter(pk=row.pk).update(last=row.last + 1)


TOY = Projection("toy", None, (Serial,), count)
LATE = Projection("late", frozenset({"Noted"}), (Serial,), count, within=False)


def toys() -> dict[tuple[str, int], int]:
    return {(row.register, row.year): row.last for row in Serial.objects.filter(series="toy")}


# -- projections -------------------------------------------------------------------------------


def test_a_projection_within_is_there_when_the_act_is_answered(note: Note) -> None:
    with registry.only(TOY):
        ledger.append(note("act:1"))
        assert toys() == {(POST, 5): 1}
        ledger.append(note("act:1"))
        assert toys() == {(POST, 5): 1}, "what was there already is not projected again"


def test_a_projection_sees_only_its_scope_and_kinds(note: Note) -> None:
    seen: list[tuple[str, str]] = []

    def see(entry: Entry, opened: object) -> None:
        seen.append((entry.register, entry.kind))

    alarm = {"code": "x", "what": "y", "evidence": None}

    for scope, expected in [
        ("post", [(POST, "Alarm")]),
        ("house", [("house", "Alarm")]),
        ("all", [(POST, "Alarm"), ("house", "Alarm")]),
    ]:
        seen.clear()
        with registry.only(Projection("toy", frozenset({"Alarm"}), (), see, scope=scope)):
            for register in (POST, "house"):
                ledger.append(ledger.fact(register, "Alarm", f"alarm:{scope}", actor=PERSON, data=alarm))
            ledger.append(note(f"act:{scope}"))
        assert seen == expected


def test_a_following_projection_follows(note: Note) -> None:
    with registry.only(LATE):
        ledger.append_all([note(f"act:{n}") for n in range(150)])
        assert toys() == {}
        assert following.run_following() == 150
        assert toys() == {(POST, 5): 150}
        assert following.run_following() == 0
        assert Followed.objects.get().position == 149
        following._memory.forget()
        assert following.run_following() == 0, "its cursor lies in its own commit"


def test_the_opened_cable_is_given_to_projections(post: str) -> None:
    got: list[object] = []
    data = {
        "from": OTHER, "level": 1, "certificate": "ab" * 32, "leg": "cd" * 32, "channel": 1, "route": "smtp",
        "message_id": "<x@y>", "late": None,
    }  # fmt: skip
    late = Projection("late", frozenset({"Received"}), (), lambda e, opened: got.append(opened), within=False)
    within = Projection("within", frozenset({"Received"}), (), lambda e, opened: got.append(opened))
    before = list(registry._opener)
    registry.set_opener(lambda entry, blob: ("opened", blob))
    try:
        with registry.only(late, within):
            ledger.append(
                ledger.fact(
                    POST, "Received", "cable:1", actor=PERSON, data=data, digest="ef" * 32, blob=b"sealed",
                    opened="at hand",
                )
            )  # fmt: skip
            following.run_following()
            assert got == ["at hand", ("opened", b"sealed")]
            following.rebuild(check=True)
            assert got[2:] == [("opened", b"sealed")] * 2
    finally:
        registry._opener[:] = before


# -- reactions ---------------------------------------------------------------------------------


def answer(name: str = "toy") -> Reaction:
    def run(entry: Entry) -> None:
        data = {"role": "DESK OFFICER", "person": None, "why": "toy"}
        ledger.append(
            ledger.fact(
                entry.register, "Distributed", following.reaction_key(entry, name), actor=ledger.Actor(),
                data=data, digest=entry.digest, cause=entry.index,
            )
        )  # fmt: skip

    return Reaction(name, frozenset({"Noted"}), run)


def test_a_reaction_answers_each_entry_once(note: Note) -> None:
    with registry.only(answer()):
        ledger.append_all([note(f"act:{n}") for n in range(5)])
        assert following.run_reactions().done == 5
        assert following.run_reactions().done == 0
        causes = [entry.cause for entry in ledger.entries(POST, kinds=["Distributed"])]
        assert causes == [0, 1, 2, 3, 4]
        Cursor.objects.all().delete()
        following._memory.forget()
        assert following.run_reactions().done == 5, "without its cursor it runs again"
        assert ledger.size(POST) == 10, "and does no harm"


def test_a_reaction_goes_on_in_another_process_where_it_was(note: Note) -> None:
    with registry.only(answer()):
        ledger.append_all([note(f"act:{n}") for n in range(3)])
        following.run_reactions()
        following._memory.forget()
        ledger.append(note("act:4"))
        assert following.run_reactions().done == 1


def test_a_failing_reaction_is_tried_again_in_order_and_at_last_set_aside(
    note: Note, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(following, "SET_ASIDE_AFTER", 3)
    good, seen = [False], []

    def run(entry: Entry) -> None:
        seen.append(entry.index)
        if entry.index == 1 and not good[0]:
            raise TryLater("SECRET WORDS")

    with registry.only(Reaction("toy", None, run)):
        ledger.append_all([note(f"act:{n}") for n in range(3)])
        assert following.run_reactions(patiently=False).done == 1
        assert following.run_reactions().done == 0, "its time has not come"
        following.run_reactions(patiently=False)
        assert seen == [0, 1, 1]
        following.run_reactions(patiently=False)
        assert SetAside.objects.get().code == "TryLater try-later"
        assert 2 in seen, "the others go on"
        good[0] = True
        following.run_reactions(patiently=False)
        assert not SetAside.objects.exists()
        assert seen == [0, 1, 1, 1, 2, 1, 1]
    assert "SECRET" not in caplog.text


def test_only_one_process_reacts(note: Note) -> None:
    with registry.only(answer()):
        ledger.append(note("act:1"))
        Lease(
            name=following.REACTIONS, holder="1-x", machine=leases.machine(), boot=leases.boot_id(),
            until=time.monotonic() + 60, term=60,
        ).save(force_insert=True)  # fmt: skip
        leases._mine.clear()
        assert following.run_reactions().done == 0
        Lease.objects.all().delete()
        assert following.run_reactions().done == 1


# -- workers and the runner --------------------------------------------------------------------


def test_drain_runs_until_all_is_quiet(note: Note) -> None:
    left = [3]

    def work() -> int:
        left[0] -= 1
        if left[0] >= 0:
            ledger.append(note(f"work:{left[0]}"))
        return max(left[0] + 1, 0)

    with registry.only(answer(), LATE, Worker("toy", 3600, work)):
        ledger.append(note("act:1"))
        done = following.drain()
        assert done.failures == []
        assert toys() == {(POST, 5): 4}
        assert len(list(ledger.entries(POST, kinds=["Distributed"]))) == 4
        assert not Lease.objects.exists(), "leases are given back"


def test_drain_reports_what_failed(note: Note) -> None:
    def fail(*_: object) -> None:
        raise TryLater("no line")

    with registry.only(Reaction("toy", None, fail), Worker("worker", 1, fail)):
        ledger.append(note("act:1"))
        assert {name for name, _ in following.drain().failures} == {"toy", "worker"}


def test_a_worker_runs_by_name(post: str) -> None:
    with registry.only(Worker("toy", 1, lambda: "done")):
        assert following.run_worker("toy") == "done"
        with pytest.raises(NotFound):
            following.run_worker("other")


def test_run_forever_does_it_all_and_stops(note: Note) -> None:
    ran = threading.Event()
    stop = threading.Event()
    with registry.only(answer(), LATE, Worker("toy", 0.05, ran.set)):
        runner = threading.Thread(target=following.run_forever, args=(stop,))
        runner.start()
        try:
            ledger.append(note("act:1"))
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and not (
                ledger.find(POST, "react:0:toy") and toys() == {(POST, 5): 1} and ran.is_set()
            ):
                time.sleep(0.02)
        finally:
            stop.set()
            runner.join(20)
        assert not runner.is_alive()
        assert ledger.find(POST, "react:0:toy")
        assert toys() == {(POST, 5): 1}
        assert not Lease.objects.exists()


def test_f45_a_lease_whose_holder_died_is_taken_over(post: str) -> None:
    assert leases.take("work", 30)
    assert leases.held("work")
    row = Lease.objects.get(name="work")
    leases._mine.clear()
    row.holder = f"{2**22 + 1}-gone"  # beyond the largest process number
    row.save()
    assert leases.living_holder("work") is None
    assert leases.take("work", 30)
    for field, value in [("boot", "before the restart"), ("until", 0.0)]:
        Lease.objects.filter(name="work").update(holder="1-lives", **{field: value})
        assert leases.take("work", 30)


def test_a_lease_of_another_machine_dies_when_its_beat_stops(post: str) -> None:
    Lease(name="work", holder="1-far", machine="far", boot="x", until=0.0, term=0.2).save(force_insert=True)
    assert not leases.take("work")
    Lease.objects.filter(name="work").update(beat=1)
    time.sleep(0.25)
    assert not leases.take("work"), "it was renewed meanwhile"
    time.sleep(0.25)
    assert leases.take("work")


def test_leases_are_renewed_together(post: str) -> None:
    leases.take("one", 0.3)
    leases.take("two", 0.3)
    Lease.objects.filter(name="two").update(holder="1-other")
    leases.renew(["one", "two"], 30)
    assert (leases.held("one"), leases.held("two")) == (True, False)
    leases.release("one")
    assert not leases.held("one")


# -- rebuild -----------------------------------------------------------------------------------


@pytest.fixture
def five_hundred(note: Note) -> Iterator[None]:
    """500 generated acts of two posts and the house, some of them refused or repeated."""
    ledger.create_register(OTHER)
    chance = random.Random(27)
    alarm = {"code": "x", "what": "y", "evidence": None}
    with registry.only(TOY, Projection("late2", None, (), lambda e, o: None, within=False)):
        acts = []
        for n in range(500):
            register = chance.choice([POST, OTHER])
            key = f"act:{chance.randrange(450)}"
            if chance.random() < 0.2:
                acts.append(ledger.fact(register, "Alarm", f"alarm:{n}", actor=PERSON, data=alarm))
            elif chance.random() < 0.05:
                acts.append(ledger.fact(register, "Alarm", f"bad:{n}", actor=PERSON, data={}))
            else:
                acts.append(note(key, register=register))
        with pytest.raises(RegisterError):
            ledger.append_all(acts)
        following.run_following()
        yield


def test_the_rebuilt_equals_the_one_in_use(five_hundred: None) -> None:
    before = toys()
    assert sum(before.values()) == ledger.size(POST) + ledger.size(OTHER) > 300
    assert following.rebuild(check=True) == []
    assert toys() == before
    assert following.rebuild(check=False) == []
    assert toys() == before


def test_a_rebuild_says_in_words_what_differs(five_hundred: None) -> None:
    Serial.objects.filter(register=POST, year=5).update(last=7)
    Serial.objects.filter(register=OTHER, year=5).delete()
    Serial(register=POST, year=1, series="toy", last=99).save(force_insert=True)
    found = [str(difference) for difference in following.rebuild(check=True)]
    assert len(found) == 3
    assert any("last is 7 in use" in line and POST in line for line in found)
    assert any("rebuilt, not in use" in line and OTHER in line for line in found)
    assert any("in use, not rebuilt" in line and "last 99" in line for line in found)
    assert toys()[POST, 5] == 7, "a check changes nothing"
    following.rebuild(check=False)
    assert toys()[POST, 5] != 7
    assert following.rebuild(check=True) == []


def test_a_rebuild_sends_nothing(note: Note) -> None:
    ran: list[str] = []
    parts = [
        TOY,
        Reaction("reaction", None, lambda entry: ran.append("reaction")),
        Worker("worker", 1, lambda: ran.append("worker")),
    ]
    with registry.only(*parts):
        ledger.append_all([note(f"act:{n}") for n in range(20)])
        following.rebuild(check=True)
        following.rebuild(check=False)
    assert ran == []
    assert ledger.size(POST) == 20


def test_a_projection_that_appends_is_refused_in_a_rebuild(note: Note) -> None:
    def wrong(entry: Entry, opened: object) -> None:
        ledger.append(note("act:more"))

    ledger.append(note("act:1"))
    with registry.only(Projection("wrong", None, (), wrong)), pytest.raises(OpenTransaction):
        following.rebuild(check=True)


def test_f7_what_is_in_use_stays_in_use_until_the_rebuilt_is_whole(note: Note) -> None:
    """A rebuild that dies half-way has done nothing."""

    def apply(entry: Entry, opened: object) -> None:
        count(entry, opened)
        if entry.index == 10 and rebuilding:
            raise KeyboardInterrupt

    rebuilding: list[bool] = []
    with registry.only(Projection("toy", None, (Serial,), apply)):
        ledger.append_all([note(f"act:{n}") for n in range(20)])
        rebuilding.append(True)
        with pytest.raises(KeyboardInterrupt):
            following.rebuild(check=False)
        assert toys() == {(POST, 5): 20}


def test_a_following_projection_is_compared_at_its_cursor(note: Note) -> None:
    with registry.only(LATE):
        ledger.append_all([note(f"act:{n}") for n in range(10)])
        following.run_following()
        ledger.append_all([note(f"act:more{n}") for n in range(10)])
        assert following.rebuild(check=True) == []
        assert following.rebuild(check=False) == []
        following.run_following()
        assert toys() == {(POST, 5): 20}


def test_the_writer_waits_for_a_rebuild(note: Note) -> None:
    """Else an entry could be projected into the rows in use and be missing in the rebuilt ones."""
    slow = threading.Event()

    def apply(entry: Entry, opened: object) -> None:
        count(entry, opened)
        if slow.is_set():
            time.sleep(0.02)

    with registry.only(Projection("toy", None, (Serial,), apply)):
        ledger.append_all([note(f"act:{n}") for n in range(20)])
        slow.set()
        done: list[float] = []

        def rebuild() -> None:
            following.rebuild(check=False)
            done.append(time.monotonic())
            connection.close()

        thread = threading.Thread(target=rebuild)
        thread.start()
        time.sleep(0.15)
        ledger.append(note("act:meanwhile"))
        thread.join()
        assert toys() == {(POST, 5): 21}


def test_serials_are_handed_out_without_gap_or_twin(post: str) -> None:
    from cableroom.register.serials import SERIALS, next_serial

    def release(key: str, year: int, series: str | None) -> Act:
        def run(turn: ledger.Turn) -> ledger.Facts:
            serial = next_serial(POST, year=year, series=series)
            mrn = {"org": "mfa.example", "post": "CAPITAL", "series": series, "serial": serial, "year": year}
            data = {
                "mrn": mrn, "level": 1, "draft": key, "version": "ab" * 32, "message_id": "<x@y>",
                "certificate": "cd" * 32, "authentication": {"method": "passphrase", "at": "now"}, "again": None,
            }  # fmt: skip
            if key == "refused":
                raise RegisterError("A problem.")
            return ledger.Facts(data, PERSON, "ef" * 32, answer=serial)

        return Act(POST, "Released", f"release:{key}", run)

    with registry.only(SERIALS):
        given: list[object] = []

        def work(n: int) -> None:
            for m in range(12):
                if m % 5 == 4:
                    with pytest.raises(RegisterError):
                        ledger.append(release("refused", 2026, None))
                entry = ledger.append(release(f"{n}:{m}", 2026, None))
                given.append(entry.answer)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(given) == list(range(1, 49))
        assert ledger.append(release("other year", 2027, None)).answer == 1
        assert ledger.append(release("series", 2026, "N")).answer == 1
        assert ledger.append(release("again", 2026, "N")).answer == 2
        assert following.rebuild(check=True) == []


def test_a_projection_sees_the_entry_as_a_rebuild_will_read_it(note: Note) -> None:
    seen: list[list[str]] = []

    def apply(entry: Entry, opened: object) -> None:
        seen.append([*entry.data, *entry.data["outcome"]])

    outcome = {"to": None, "text": "x", "result": "carried out", "next": None, "by": None, "at": None}
    data = {"outcome": outcome, "note": None, "no": 1}
    with registry.only(Projection("toy", None, (), apply)):
        ledger.append(ledger.fact(POST, "Noted", "act:1", actor=PERSON, data=data, digest="ab" * 32))
        following.rebuild(check=True)
    assert seen[0] == seen[1] == ["no", "note", "outcome", "at", "by", "next", "result", "text", "to"]
