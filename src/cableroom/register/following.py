"""Running what follows: reactions, following projections, workers.

`run_forever` is what `serve` does; `drain` does the same until all is quiet, for acts of the
command line and for tests. Of several processes one at a time does each piece (leases.py);
were it two, keys of acts and locked cursors would make the second harmless.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from django.db import Error as DatabaseTrouble
from django.db import connection, connections, transaction

from cableroom.errors import CableroomError, NotFound
from cableroom.register import leases, registry
from cableroom.register import writer as _writer
from cableroom.register.models import Cursor, EntryRow, Followed, Register, SetAside
from cableroom.register.rebuilding import Difference, rebuild
from cableroom.register.registry import (
    Projection,
    Reaction,
    Worker,
    opened_of,
    reaction_key,
    register_projection,
    register_reaction,
    register_worker,
    set_opener,
)
from cableroom.register.writer import entry_of

__all__ = [
    "Difference",
    "Drained",
    "Projection",
    "Reaction",
    "Worker",
    "drain",
    "opened_of",
    "reaction_key",
    "rebuild",
    "register_projection",
    "register_reaction",
    "register_worker",
    "run_following",
    "run_forever",
    "run_reactions",
    "run_worker",
    "set_opener",
]

BATCH: Final = 100
POLL_SECONDS: Final = 0.25
RENEW_SECONDS: Final = 4.0
SET_ASIDE_AFTER: Final = 8
SET_ASIDE_SECONDS: Final = 60.0
LONGEST_BACKOFF: Final = 300.0
ROUNDS: Final = 1000
REACTIONS: Final = "reactions"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Drained:
    """What `drain` did: how much was done, and what failed, as (name, error)."""

    done: int = 0
    failures: list[tuple[str, Exception]] = field(default_factory=list)


@dataclass(slots=True)
class _Backoff:
    failures: int = 0
    due: float = 0.0

    def failed(self) -> None:
        self.failures += 1
        self.due = time.monotonic() + min(LONGEST_BACKOFF, 0.1 * 2**self.failures)


class _Memory:
    """What this process remembers between rounds; losing it costs a second look, nothing else."""

    def __init__(self) -> None:
        self.scanned: dict[tuple[str, str], int] = {}
        self.backoff: dict[tuple[str, str], _Backoff] = {}
        self.set_aside_due = 0.0
        self.lock = threading.Lock()

    def forget(self) -> None:
        self.scanned.clear()
        self.backoff.clear()
        self.set_aside_due = 0.0


_memory = _Memory()


# -- reactions -------------------------------------------------------------------------------


def run_reactions(*, patiently: bool = True) -> Drained:
    """Answer what has been committed since last time; nothing if another process does that.

    `patiently`: what failed is left alone until its time has come; else it is tried now.
    """
    done = Drained()
    if not registry.reactions() or not leases.have(REACTIONS):
        return done
    with _memory.lock:
        for register in Register.objects.order_by("name"):
            for reaction in registry.reactions():
                if reaction.concerns_register(register.name):
                    _catch_up(reaction, register, done, patiently)
        if not patiently or time.monotonic() >= _memory.set_aside_due:
            _try_set_aside(done)
            _memory.set_aside_due = time.monotonic() + SET_ASIDE_SECONDS
    return done


def _catch_up(reaction: Reaction, row: Register, done: Drained, patiently: bool) -> None:
    register, size, key = row.name, row.size, (reaction.name, row.origin)
    if _memory.scanned.get(key, 0) >= size:
        return
    backoff = _memory.backoff.setdefault(key, _Backoff())
    if patiently and backoff.due > time.monotonic():
        return
    cursor = Cursor.objects.filter(reaction=reaction.name, register=register).first()
    position = cursor.position if cursor is not None else -1
    while True:
        batch = _next_entries(register, position, size, reaction.kinds)
        answered = position
        for entry_row in batch:
            if not _react(reaction, entry_row, backoff, done):
                _move_cursor(reaction, register, answered)
                return
            answered = entry_row.index
        if batch:
            _move_cursor(reaction, register, answered)
            position = answered
        if len(batch) < BATCH:
            _memory.scanned[key] = size
            return


def _react(reaction: Reaction, row: EntryRow, backoff: _Backoff, done: Drained) -> bool:
    """Run a reaction for one entry; True if the cursor may pass it."""
    try:
        reaction.run(entry_of(row))
    except Exception as error:  # noqa: BLE001 (a reaction's failure is its own: logged, tried again)
        backoff.failed()
        _failed(f"reaction {reaction.name}, {row.register} entry {row.index}", error)
        done.failures.append((reaction.name, error))
        if backoff.failures < SET_ASIDE_AFTER:
            return False
        SetAside.objects.update_or_create(
            reaction=reaction.name,
            register=row.register,
            index=row.index,
            defaults={"code": _code(error)},
        )
        log.error("reaction %s set aside %s entry %s", reaction.name, row.register, row.index)
    else:
        done.done += 1
    backoff.failures, backoff.due = 0, 0.0
    return True


def _move_cursor(reaction: Reaction, register: str, position: int) -> None:
    with transaction.atomic():
        row = Cursor.objects.select_for_update().filter(reaction=reaction.name, register=register).first()
        if row is None:
            Cursor.objects.create(reaction=reaction.name, register=register, position=position)
        elif row.position < position:
            row.position = position
            row.save(force_update=True)


def _try_set_aside(done: Drained) -> None:
    by_name = {reaction.name: reaction for reaction in registry.reactions()}
    for aside in SetAside.objects.order_by("reaction", "register", "index"):
        row = EntryRow.objects.filter(register=aside.register, index=aside.index).first()
        reaction = by_name.get(aside.reaction)
        if row is None or reaction is None:
            continue
        try:
            reaction.run(entry_of(row))
        except Exception as error:  # noqa: BLE001 (as above)
            _failed(f"reaction {reaction.name}, set aside {row.register} entry {row.index}", error)
            done.failures.append((reaction.name, error))
        else:
            aside.delete()
            done.done += 1


def _next_entries(register: str, position: int, size: int, kinds: frozenset[str] | None) -> list[EntryRow]:
    rows = EntryRow.objects.filter(register=register, index__gt=position, index__lt=size).order_by("index")
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    return list(rows[:BATCH])


# -- following projections -------------------------------------------------------------------


def run_following() -> int:
    """Bring the projections that follow behind up to what is committed; how many entries."""
    count = 0
    followers = registry.projections(within=False)
    if not followers:
        return 0
    for register in Register.objects.order_by("name"):
        for projection in followers:
            key = f"follow:{projection.name}", register.origin
            wanted = projection.concerns_register(register.name)
            if wanted and _memory.scanned.get(key, 0) < register.size:
                count += _follow(projection, register.name, register.size)
                _memory.scanned[key] = register.size
    return count


def _follow(projection: Projection, register: str, size: int) -> int:
    count = 0
    while True:
        with transaction.atomic():
            cursor, _ = Followed.objects.select_for_update().get_or_create(
                projection=projection.name, register=register
            )
            batch = _next_entries(register, cursor.position, size, projection.kinds)
            for row in batch:
                entry = entry_of(row)
                projection.apply(entry, opened_of(entry))
            if batch:
                cursor.position = batch[-1].index
                cursor.save(force_update=True)
        count += len(batch)
        if len(batch) < BATCH:
            return count


# -- workers ---------------------------------------------------------------------------------


def run_worker(name: str) -> object:
    """Run one worker now, if this process may; what it answered. NotFound if there is none of this name."""
    for worker in registry.workers():
        if worker.name == name:
            return worker.run() if leases.have(_lease_of(worker)) else None
    raise NotFound(f"There is no worker {name}.", code="no-worker")


def _lease_of(worker: Worker) -> str:
    return f"worker:{worker.name}"


# -- all of them -----------------------------------------------------------------------------


def drain() -> Drained:
    """Run reactions, following projections and workers until nothing is left to do.

    What fails is tried once more at most and reported. Leases taken for this are given back.
    """
    borrowed = {name for name in _lease_names() if not leases.held(name)}
    total = Drained()
    failed: set[str] = set()
    try:
        for _ in range(ROUNDS):
            reacted = run_reactions(patiently=bool(failed))
            total.failures += reacted.failures
            failed.update(name for name, _ in reacted.failures)
            done = reacted.done + run_following()
            for worker in registry.workers():
                if worker.name in failed or not leases.have(_lease_of(worker)):
                    continue
                try:
                    done += bool(worker.run())
                except Exception as error:  # noqa: BLE001 (reported to the caller)
                    _failed(f"worker {worker.name}", error)
                    total.failures.append((worker.name, error))
                    failed.add(worker.name)
            total.done += done
            if not done:
                break
    finally:
        for name in borrowed:
            if leases.held(name):
                leases.release(name)
    return total


def run_forever(stop: threading.Event) -> None:
    """Do all that follows until `stop` is set; each worker in a thread of its own."""
    jobs: list[Callable[[], None]] = [
        partial(_loop, stop, REACTIONS, 0.0, run_reactions),
        partial(_loop, stop, "following", 0.0, run_following),
        partial(_renew, stop),
    ]
    jobs += [
        partial(_loop, stop, _lease_of(worker), worker.every, partial(run_worker, worker.name))
        for worker in registry.workers()
    ]
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    _kept.update(_lease_names())
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join()
    for name in _lease_names():
        _kept.discard(name)
        if leases.held(name):
            leases.release(name)
    connection.close()


def _loop(stop: threading.Event, name: str, every: float, run: Callable[[], object]) -> None:
    """Run again every so many seconds, or (with 0) after each commit and every now and then."""
    backoff = _Backoff()
    seen = _writer.commits.count
    while not stop.is_set():
        try:
            run()
            backoff.failures = 0
        except Exception as error:  # noqa: BLE001 (the others go on; this one tries again)
            backoff.failed()
            _failed(name, error)
        pause = min(LONGEST_BACKOFF, 0.1 * 2**backoff.failures) if backoff.failures else every
        if pause:
            stop.wait(pause)
        else:
            seen = _writer.commits.wait(seen, POLL_SECONDS)
    connections.close_all()


_kept: set[str] = set()  # leases that `run_forever` keeps


def _renew(stop: threading.Event) -> None:
    while not stop.wait(RENEW_SECONDS):
        try:
            leases.renew([name for name in sorted(_kept) if leases.held(name)])
        except DatabaseTrouble as error:
            _failed("renewing leases", error)
    connections.close_all()


def _lease_names() -> list[str]:
    return [REACTIONS, *(_lease_of(worker) for worker in registry.workers())]


def _failed(what: str, error: Exception) -> None:
    """Log a failure by kind and code: messages may quote what not everybody may read."""
    log.warning("%s failed: %s", what, _code(error))
    if isinstance(error, DatabaseTrouble):
        connections.close_all()


def _code(error: Exception) -> str:
    code = f" {error.code}" if isinstance(error, CableroomError) else ""
    return f"{type(error).__name__}{code}"[:100]
