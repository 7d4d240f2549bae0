"""The one writer of a process: a thread that takes acts in groups and commits each group once.

    collect   up to 48 acts or 5 ms; an urgent act ends the wait
    begin     BEGIN IMMEDIATE, or the counter rows of the registers locked in ascending order
    each act  in a savepoint: key known? → run → entry, blob, tiles, projections within
    commit    then the answers

| what goes wrong | what happens |
| --- | --- |
| an act refuses, a projection raises, a row of theirs breaks a constraint | that act alone is undone, its caller gets the error |
| the group cannot begin (lock timeout, no connection), or is chosen as victim of a deadlock | nothing happened: it runs again |
| any other error of the database, a transaction that is gone, a failed commit | outcome unknown: every caller gets UnknownOutcome, the process ends |

(PostgreSQL caches 64 sub-transactions of a transaction, hence 48.)
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    connections,
    transaction,
)
from django.db.transaction import TransactionManagementError

from cableroom.cable.canonical import stamp
from cableroom.errors import (
    CableroomError,
    Corrupt,
    NotFound,
    ProofError,
    RegisterError,
    Unavailable,
    UnknownOutcome,
)
from cableroom.register import blobs, entries, registry, tree
from cableroom.register.acts import HOUSE, Act, Entry, Facts, Turn
from cableroom.register.models import Blob, EntryRow, Register, TileRow

GROUP_ACTS: Final = 48
GROUP_SECONDS: Final = 0.005
ATTEMPTS: Final = 8
LOCK_SECONDS: Final = 30
EXIT_CODE: Final = 70  # EX_SOFTWARE
GRACE_SECONDS: Final = 0.3

# the one statement of every append, written out: the mapper takes ten times as long to put it together
_INSERT: Final = (
    'INSERT INTO register_entryrow (register, "index", "key", kind, digest, at, canonical, salt, leaf)'
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_AGAIN_STATES: Final = {"40P01", "40001", "55P03"}  # deadlock, serialisation failure, lock timeout

log = logging.getLogger(__name__)


class _Again(Exception):
    """Nothing happened; the group may run again."""


class _Ended(BaseException):
    """The outcome of the group is unknown."""


@dataclass(slots=True)
class _Counter:
    """A register as this group has it: its right edge, and the entries that answer the group's keys."""

    name: str
    frontier: tree.Frontier
    known: dict[str, Entry | EntryRow]
    fault: str = ""
    touched: bool = False


def end_process(reason: str) -> None:
    """What a process does whose commit failed: say so, let its callers tell theirs, and end."""
    sys.stderr.write(
        f"cableroom: {reason}. What was asked last may or may not have happened: "
        "look after the restart; the register decides.\n"
    )
    sys.stderr.flush()
    time.sleep(GRACE_SECONDS)
    os._exit(EXIT_CODE)


_end_process: Callable[[str], None] = end_process
_clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def set_end_process(function: Callable[[str], None] | None) -> None:
    """For tests: what is called instead of ending the process; None puts that back."""
    global _end_process
    _end_process = function or end_process


def set_clock(function: Callable[[], datetime] | None) -> None:
    """Where `at` comes from (a simulation has its own time); None puts the machine's clock back."""
    global _clock
    _clock = function or (lambda: datetime.now(UTC))


def now() -> datetime:
    """The ledger's time: UTC, whole milliseconds."""
    at = _clock().astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class Commits:
    """Counts this process's commits, so that others need not poll for what it wrote itself."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = 0

    def tell(self) -> None:
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout: float) -> int:
        """Wait until the count is no longer `seen`, or `timeout` seconds; the count."""
        with self._condition:
            self._condition.wait_for(lambda: self.count != seen, timeout)
            return self.count


class Writer:
    """The thread, its queue and its connection. Made on first use, again after a fork or a stop."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._queue: deque[tuple[Act, Future[Entry]]] = deque()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._ended = False
        self._set_up: Any = None  # the driver connection that was prepared

    def submit(self, acts: Sequence[Act]) -> list[Future[Entry]]:
        """Queue acts, in this order; their futures."""
        waiting: list[tuple[Act, Future[Entry]]] = [(act, Future()) for act in acts]
        with self._condition:
            if self._ended:
                raise UnknownOutcome("This process is ending; a commit of its register failed.")
            if threading.current_thread() is self._thread:
                raise RegisterError(
                    "An act, or a projection, appended from within an append.",
                    do="What follows from an entry by another act is a reaction.",
                    code="append-within",
                )
            self._queue.extend(waiting)
            if self._thread is None:
                self._stopping = False
                self._thread = threading.Thread(target=self._run, name="register writer", daemon=True)
                self._thread.start()
            self._condition.notify_all()
        return [future for _, future in waiting]

    def stop(self) -> None:
        """Let the queue run empty, end the thread and close its connection."""
        with self._condition:
            thread = self._thread
            self._stopping = True
            self._condition.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        with self._condition:
            self._ended = False

    def _run(self) -> None:
        try:
            while group := self._collect():
                self._settle(group)
        except _Ended as ended:
            self.end(str(ended))
        finally:
            connections[DEFAULT_DB_ALIAS].close()
            with self._condition:
                self._thread = None
                self._set_up = None

    def _collect(self) -> list[tuple[Act, Future[Entry]]]:
        with self._condition:
            self._condition.wait_for(lambda: self._queue or self._stopping)
            deadline = time.monotonic() + GROUP_SECONDS
            while not self._stopping and self._may_wait():
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._condition.wait(left)
            group: list[tuple[Act, Future[Entry]]] = []
            # urgent acts go first; among equals the order of asking
            for urgent in (True, False):
                for waiting in list(self._queue):
                    if len(group) < GROUP_ACTS and waiting[0].urgent is urgent:
                        group.append(waiting)
            taken = {id(waiting) for waiting in group}
            self._queue = deque(waiting for waiting in self._queue if id(waiting) not in taken)
            return group

    def _may_wait(self) -> bool:
        return len(self._queue) < GROUP_ACTS and not any(act.urgent for act, _ in self._queue)

    def _settle(self, group: list[tuple[Act, Future[Entry]]]) -> None:
        acts = [act for act, _ in group]
        outcomes: list[Entry | BaseException] | None = None
        try:
            outcomes = self._write_again_and_again(acts)
        except BaseException as error:  # whatever it is, nobody knows what was committed
            for _, future in group:
                future.set_exception(UnknownOutcome("The commit failed; its outcome is unknown."))
            raise _Ended(_describe(error)) from error
        commits.tell()
        for (_, future), outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _write_again_and_again(self, acts: list[Act]) -> list[Entry | BaseException]:
        for attempt in range(ATTEMPTS):
            try:
                return self._write(acts)
            except _Again as again:
                log.warning("a group of acts runs again: %s", again)
                time.sleep(min(2.0, 0.01 * 2**attempt) * (0.5 + secrets.randbelow(1000) / 1000))
        busy = Unavailable(
            "The register is busy or its database is away.", do="Nothing was done; try again.", code="busy"
        )
        return [busy for _ in acts]

    def _write(self, acts: list[Act]) -> list[Entry | BaseException]:
        connection = connections[DEFAULT_DB_ALIAS]
        try:
            self._begin(connection)
            counters = _lock(acts)
        except (DatabaseError, InterfaceError) as error:
            connection.close()  # nothing was written, so a new connection may try again
            raise _Again(_describe(error)) from error
        outcomes: list[Entry | BaseException] = []
        try:
            for act in acts:
                outcomes.append(_one(connection, act, counters))
            for counter in counters.values():
                if counter.touched:
                    Register.objects.filter(name=counter.name).update(
                        size=counter.frontier.size, frontier=counter.frontier.to_bytes()
                    )
            _check_inside(connection)
        except _Again:
            connection.close()  # rolls back
            raise
        connection.commit()
        connection.set_autocommit(True)
        return outcomes

    def _begin(self, connection: Any) -> None:
        connection.ensure_connection()
        if connection.connection is not self._set_up:
            _prepare(connection)
            self._set_up = connection.connection
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    def end(self, reason: str) -> None:
        """Nothing more is registered: answer everyone and end the process."""
        with self._condition:
            self._ended = True
            waiting, self._queue = list(self._queue), deque()
        for _, future in waiting:
            future.set_exception(UnknownOutcome("This process ends; nothing more is registered."))
        log.critical("a commit failed, the process ends: %s", reason)
        _end_process(f"a commit failed ({reason})")


def _prepare(connection: Any) -> None:
    """Once a connection: what an acknowledgement stands on."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        cursor.execute("SHOW synchronous_commit")
        if cursor.fetchone()[0] == "off":
            cursor.execute("SET synchronous_commit = on")


def _lock(acts: list[Act]) -> dict[str, _Counter]:
    """The counters of the registers concerned, their rows locked in ascending order until the commit."""
    names = sorted({act.register for act in acts})
    counters = {}
    for row in Register.objects.filter(name__in=names).order_by("name").select_for_update():
        keys = {act.key for act in acts if act.register == row.name}
        there = EntryRow.objects.filter(register=row.name, key__in=keys)
        counter = _Counter(row.name, tree.Frontier(), {entry.key: entry for entry in there})
        try:
            counter.frontier = tree.Frontier.from_bytes(row.size, bytes(row.frontier))
        except ProofError as error:
            counter.fault = error.what
        counters[row.name] = counter
    return counters


def _one(connection: Any, act: Act, counters: dict[str, _Counter]) -> Entry | BaseException:
    """Run one act in its savepoint: its entry, or the reason why it was refused."""
    outcome: Entry | BaseException
    try:
        with transaction.atomic():
            outcome = _take(act, counters)
            if connection.get_rollback():
                raise RegisterError("An error of the database was passed over in an act.", code="passed-over")
    except (IntegrityError, DataError, TransactionManagementError) as error:
        refusal = RegisterError("A row that this act writes contradicts another.", code="constraint")
        refusal.__cause__ = error
        outcome = refusal
    except (DatabaseError, InterfaceError) as error:
        if _is_known(error):
            raise _Again(_describe(error)) from error
        raise
    except Exception as error:  # noqa: BLE001 (handed to the caller, in whose thread it is raised)
        outcome = error
    _check_inside(connection)
    if isinstance(outcome, Entry) and not outcome.repeated:
        counter = counters[act.register]
        counter.touched = True
        counter.known[act.key] = replace(outcome, answer=None)
    return outcome


def _take(act: Act, counters: dict[str, _Counter]) -> Entry:
    counter = counters.get(act.register)
    if counter is None:
        raise NotFound(f"There is no register {act.register}.", code="no-register")
    known = counter.known.get(act.key)
    if known is not None:
        return replace(known if isinstance(known, Entry) else entry_of(known), repeated=True)
    if counter.fault:
        raise Corrupt(counter.fault, where=act.register, do="Run `cableroom register verify`.")
    turn = Turn(act.register, counter.frontier.size, now())
    facts = act.run(turn)
    entry, leaf = _store(act, turn, facts)
    _project(entry, facts)
    _grow(counter, leaf)
    return replace(entry, answer=facts.answer)


def _store(act: Act, turn: Turn, facts: Facts) -> tuple[Entry, bytes]:
    if facts.cause is not None and facts.cause >= turn.index:
        raise RegisterError("A cause is the index of an earlier entry.", code="entry-cause")
    entries.check_data(act.kind, facts.data, facts.digest, house=act.register == HOUSE)
    value = entries.EntryValue(act.kind, act.key, turn.at, facts.actor, facts.cause, facts.data, facts.digest)
    canonical = entries.to_bytes(value)
    salt = secrets.token_bytes(entries.SALT_BYTES)
    leaf = entries.commitment(salt, canonical)
    row = turn.register, turn.index, act.key, act.kind, facts.digest, stamp(turn.at), canonical, salt, leaf
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_INSERT, row)
    if facts.blob is not None:
        kept = facts.blob if isinstance(facts.blob, blobs.Kept) else blobs.keep(facts.blob)
        Blob(
            register=turn.register,
            index=turn.index,
            sha256=kept.sha256,
            length=kept.length,
            content=kept.content,
        ).save(force_insert=True)
    entry = Entry(
        turn.register,
        turn.index,
        turn.at,
        act.kind,
        act.key,
        facts.actor,
        facts.cause,
        json.loads(canonical)["data"],  # as a rebuild will read it, down to the order of keys
        facts.digest,
    )
    return entry, leaf


def _project(entry: Entry, facts: Facts) -> None:
    for projection in registry.projections(within=True):
        if projection.concerns(entry.register, entry.kind):
            try:
                projection.apply(entry, facts.opened)
            except (CableroomError, DatabaseError, InterfaceError):
                raise
            except Exception as error:
                raise RegisterError(
                    f"Projection {projection.name} cannot take this entry {entry.kind}.", code="projection"
                ) from error


def _grow(counter: _Counter, leaf: bytes) -> None:
    """Add the leaf to the tree, and each hash of a full tile to the tile above it."""
    frontier = counter.frontier.copy()
    for level, completed in frontier.push(tree.leaf_hash(leaf)):
        position = (frontier.size >> 8 * level) - 1
        number, width = divmod(position, 256)
        if width:
            row = TileRow.objects.get(register=counter.name, level=level, number=number)
            row.hashes = bytes(row.hashes) + completed
            row.save(force_update=True)
        else:
            TileRow(register=counter.name, level=level, number=number, hashes=completed).save(
                force_insert=True
            )
    counter.frontier = frontier


def entry_of(row: EntryRow) -> Entry:
    """The entry that a row holds, read from its canonical bytes."""
    value = entries.from_bytes(bytes(row.canonical))
    return Entry(
        row.register,
        row.index,
        value.at,
        value.kind,
        value.key,
        value.actor,
        value.cause,
        value.data,
        value.digest,
    )


def _is_known(error: BaseException) -> bool:
    """Is this an error after which the whole transaction is known not to have happened?"""
    return getattr(error.__cause__, "sqlstate", None) in _AGAIN_STATES


def _check_inside(connection: Any) -> None:
    """The group's transaction must still be there: SQLite ends one by itself on some errors."""
    inside = connection.connection is not None and not connection.closed_in_transaction
    if inside and connection.vendor == "postgresql":
        from psycopg.pq import TransactionStatus

        inside = connection.connection.info.transaction_status == TransactionStatus.INTRANS
    elif inside:
        inside = bool(connection.connection.in_transaction)
    if not inside or connection.needs_rollback:
        raise DatabaseError("the transaction of the group is gone")


def _describe(error: BaseException) -> str:
    """An error of the database without the values that it may quote."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return f"{type(error).__name__}{f' {state}' if state else ''}"


commits = Commits()
writer = Writer()


def fail(reason: str) -> None:
    """Another commit of truth has failed: end the process as for one of the writer's own."""
    writer.end(reason)


def _after_fork() -> None:
    """A forked child has no writer thread, and must not wait for locks of its parent."""
    global writer, commits
    writer, commits = Writer(), Commits()


os.register_at_fork(after_in_child=_after_fork)
