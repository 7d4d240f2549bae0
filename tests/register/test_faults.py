"""What goes wrong in a group of acts: what is undone alone, what runs again, what ends the process."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, connection, connections, transaction

from cableroom.errors import Corrupt, RegisterError, Unavailable, UnknownOutcome
from cableroom.register import ledger, registry, writer
from cableroom.register.acts import Act, Entry, Facts, Turn
from cableroom.register.models import EntryRow, Lease, Register, Serial

from .conftest import PERSON, POST

Note = Callable[..., Act]
FACTS = Facts({"no": None, "note": None, "outcome": None}, PERSON, "ab" * 32)


def lease(name: str) -> Lease:
    return Lease(name=name, holder="x", machine="x", boot="x", until=0, term=0)


def act(key: str, run: Callable[[Turn], object]) -> Act:
    def do(turn: Turn) -> Facts:
        run(turn)
        return FACTS

    return Act(POST, "Noted", key, do)


@pytest.fixture
def ended() -> Iterator[list[str]]:
    """Instead of ending, the process notes that it would have."""
    reasons: list[str] = []
    ledger.set_end_process(reasons.append)
    yield reasons
    ledger.set_end_process(None)


# -- one act alone -----------------------------------------------------------------------------


def test_a_row_that_breaks_a_constraint_refuses_its_act_alone(note: Note, ended: list[str]) -> None:
    def twice(turn: Turn) -> None:
        lease("one").save(force_insert=True)
        lease("one").save(force_insert=True)

    with pytest.raises(RegisterError, match="contradicts"):
        ledger.append_all([note("act:1"), act("act:no", twice), note("act:2")])
    assert [entry.key for entry in ledger.entries(POST)] == ["act:1", "act:2"]
    assert not Lease.objects.exists()
    assert ended == []


def test_an_error_that_an_act_passed_over_refuses_it(note: Note, ended: list[str]) -> None:
    """Else its savepoint would be rolled back behind its back, and the caller told that all is well."""

    def swallow(turn: Turn) -> None:
        lease("one").save(force_insert=True)
        with contextlib.suppress(DatabaseError):
            lease("one").save(force_insert=True)

    with pytest.raises(RegisterError):
        ledger.append_all([note("act:1"), act("act:no", swallow), note("act:2")])
    assert [entry.key for entry in ledger.entries(POST)] == ["act:1", "act:2"]
    assert (ledger.size(POST), Register.objects.get(name=POST).size, ended) == (2, 2, [])


def test_an_error_that_a_projection_passed_over_refuses_its_act(note: Note, ended: list[str]) -> None:
    """Else entry and all would be undone as its savepoint ends, and yet be answered as done."""

    def apply(entry: Entry, opened: object) -> None:
        lease("one").save(force_insert=True)
        with contextlib.suppress(DatabaseError):
            lease("one").save(force_insert=True)

    with (
        registry.only(registry.Projection("toy", None, (), apply)),
        pytest.raises(RegisterError, match="passed over"),
    ):
        ledger.append(note("act:1"))
    assert ledger.append(note("act:2")).index == 0
    assert ended == []


def test_a_projection_that_raises_refuses_its_act(note: Note, ended: list[str]) -> None:
    def apply(entry: Entry, opened: object) -> None:
        Serial(register=POST, year=entry.index, series="", last=1).save(force_insert=True)
        if entry.key == "act:no":
            raise KeyError("a bug")
        if entry.key == "act:never":
            raise RegisterError("Not this one.")

    with registry.only(registry.Projection("toy", None, (Serial,), apply)):
        with pytest.raises(RegisterError, match="Projection toy cannot take"):
            ledger.append_all([note("act:1"), note("act:no"), note("act:2")])
        with pytest.raises(RegisterError, match="Not this one"):
            ledger.append(note("act:never"))
    assert [entry.key for entry in ledger.entries(POST)] == ["act:1", "act:2"]
    assert Serial.objects.count() == 2
    assert ended == []


@pytest.mark.parametrize(
    ("kind", "data", "digest", "code"),
    [
        ("Gossip", {}, None, "entry-kind"),
        ("Cleared", {}, None, "entry-kind"),
        ("Noted", {"no": 1, "note": "x"}, "ab" * 32, "entry-keys"),
        ("Noted", {"no": 1, "note": "x", "outcome": None, "more": 1}, "ab" * 32, "entry-keys"),
        ("Noted", {"no": 1, "note": "x", "outcome": None}, None, "entry-digest"),
        ("Noted", {"no": 1, "note": "x", "outcome": None}, "AB" * 32, "entry-digest"),
        ("Policy", {"id": "a", "version": 1, "oid": "1.2", "document": {}}, None, "entry-place"),
        ("Noted", {"no": 1.5, "note": "x", "outcome": None}, "ab" * 32, "canonical"),
        ("Witnessed", {"origin": "a", "size": 1, "root": "", "from": "x"}, "ab" * 32, "entry-digest"),
    ],
)
def test_an_entry_of_another_form_is_refused(
    post: str, kind: str, data: dict, digest: str | None, code: str
) -> None:
    with pytest.raises(Exception) as refused:
        ledger.append(ledger.fact(POST, kind, "act:1", actor=PERSON, data=data, digest=digest))
    assert getattr(refused.value, "code", None) == code
    assert ledger.size(POST) == 0


def test_a_cause_must_have_happened(note: Note) -> None:
    ledger.append(note("act:0"))
    assert ledger.append(note("act:1", cause=0)).cause == 0
    for cause in (2, 7, -1):
        with pytest.raises(RegisterError):
            ledger.append(note(f"act:cause{cause}", cause=cause))


def test_a_row_of_the_register_that_was_damaged_stops_that_register_alone(
    note: Note, ended: list[str]
) -> None:
    other = ledger.create_register("mfa.example/HAVANA").name
    ledger.append(note("act:1"))
    Register.objects.filter(name=POST).update(frontier=b"short")
    with pytest.raises(Corrupt):
        ledger.append_all([note("act:2"), note("act:3", register=other)])
    assert ledger.size(other) == 1
    assert ledger.append(note("act:1")).repeated
    assert ended == []


# -- nothing happened: it runs again -----------------------------------------------------------


def test_f36_a_busy_database_is_waited_for(note: Note, ended: list[str]) -> None:
    locked, finished = threading.Event(), []

    def hold() -> None:
        with transaction.atomic():
            list(Register.objects.select_for_update().order_by("name"))
            locked.set()
            time.sleep(0.6)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(5)

    def quick(turn: Turn) -> None:
        finished.append(time.monotonic())

    began = time.monotonic()
    assert ledger.append(act("act:1", quick)).index == 0
    assert finished[0] - began > 0.3
    holder.join()
    assert ended == []


def shorten_waiting(turn: Turn) -> None:
    """In the writer's own connection."""
    with connections["default"].cursor() as cursor:
        postgresql = connections["default"].vendor == "postgresql"
        cursor.execute("SET lock_timeout = '30ms'" if postgresql else "PRAGMA busy_timeout = 30")


def test_f36_a_lock_timeout_at_begin_runs_again_and_then_says_busy(
    note: Note, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(act("act:0", shorten_waiting))
    monkeypatch.setattr(writer, "ATTEMPTS", 2)
    monkeypatch.setattr(writer, "_prepare", lambda connection: shorten_waiting(None))  # type: ignore[arg-type]
    with transaction.atomic():
        list(Register.objects.select_for_update().order_by("name"))
        answers: list[object] = []

        def try_it() -> None:
            try:
                ledger.append(note("act:1"))
            except Unavailable as error:
                answers.append(error.code)

        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join(20)
    assert answers == ["busy"]
    assert ledger.append(note("act:1")).index == 1
    assert ended == []


def test_f36_the_victim_of_a_deadlock_runs_again(note: Note, ended: list[str]) -> None:
    """On PostgreSQL. SQLite has one writer: there the other session waits, and nothing runs twice."""
    postgresql = connection.vendor == "postgresql"
    lease("row").save(force_insert=True)
    holds, runs = threading.Event(), []

    def other_session() -> None:
        if not postgresql:
            holds.set()
        with transaction.atomic(), connection.cursor() as cursor:
            if postgresql:
                cursor.execute("SET LOCAL deadlock_timeout = '60s'")
            list(Lease.objects.select_for_update().filter(name="row"))
            holds.set()
            list(Register.objects.select_for_update().filter(name=POST))
        connection.close()

    session = threading.Thread(target=other_session)

    def run(turn: Turn) -> None:
        runs.append(turn.index)
        if len(runs) == 1:
            if postgresql:
                with connections["default"].cursor() as cursor:
                    cursor.execute("SET LOCAL deadlock_timeout = '50ms'")
            session.start()
            holds.wait(10)
            time.sleep(0.2)
            list(Lease.objects.select_for_update().filter(name="row"))

    entries = ledger.append_all([note("act:1"), act("act:2", run), note("act:3")])
    session.join()
    assert [entry.index for entry in entries] == [0, 1, 2]
    assert runs == ([1, 1] if postgresql else [1]), "the whole group ran again, and had its effect once"
    assert ledger.size(POST) == 3
    assert ended == []


def test_f33_a_connection_that_broke_while_idle_is_made_anew(note: Note, ended: list[str]) -> None:
    ledger.append(note("act:1"))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    assert ledger.append(note("act:2")).index == 1
    assert ended == []


# -- outcome unknown ---------------------------------------------------------------------------


def fails_at_commit(turn: Turn) -> None:
    """A deferred constraint: the database says no at COMMIT, after every act has said yes."""
    with connections["default"].cursor() as cursor:
        cursor.execute("CREATE TABLE late_parent (id INTEGER PRIMARY KEY)")
        cursor.execute(
            "CREATE TABLE late_child (parent INTEGER REFERENCES late_parent(id) DEFERRABLE INITIALLY DEFERRED)"
        )
        cursor.execute("INSERT INTO late_child VALUES (7)")


def test_a_failed_commit_is_an_unknown_outcome_for_everyone(note: Note, ended: list[str]) -> None:
    ledger.append(note("act:0"))
    futures = writer.writer.submit([note("act:1"), act("act:2", fails_at_commit), note("act:3")])
    for future in futures:
        assert isinstance(future.exception(), UnknownOutcome)
    thread = writer.writer._thread
    assert thread is None or thread.join(5) is None
    assert len(ended) == 1 and "commit" in ended[0]
    with pytest.raises(UnknownOutcome):
        ledger.append(note("act:4"))
    ledger.stop_writer()
    assert ledger.size(POST) == 1, "here the database did roll back; nobody may rely on it"


def test_a_transaction_that_was_ended_from_within_is_an_unknown_outcome(note: Note, ended: list[str]) -> None:
    def end_it(turn: Turn) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("COMMIT")

    futures = writer.writer.submit([note("act:1"), act("act:2", end_it)])
    for future in futures:
        assert isinstance(future.exception(), UnknownOutcome)
    ledger.stop_writer()
    assert len(ended) == 1


def test_any_other_error_of_the_database_is_an_unknown_outcome(note: Note, ended: list[str]) -> None:
    def broken(turn: Turn) -> None:
        connections["default"].connection.close()
        EntryRow.objects.count()

    futures = writer.writer.submit([note("act:1"), act("act:2", broken)])
    for future in futures:
        assert isinstance(future.exception(), UnknownOutcome)
    ledger.stop_writer()
    assert len(ended) == 1
    assert ledger.size(POST) == 0


def test_who_waits_in_the_queue_is_answered_too(note: Note, ended: list[str]) -> None:
    going, asked = threading.Event(), threading.Event()

    def slowly(turn: Turn) -> None:
        going.set()
        asked.wait(5)
        fails_at_commit(turn)

    first = writer.writer.submit([act("act:1", slowly)])
    going.wait(5)
    second = writer.writer.submit([note("act:2")])
    asked.set()
    for [future] in (first, second):
        assert isinstance(future.exception(timeout=10), UnknownOutcome)
    ledger.stop_writer()
    assert len(ended) == 1
