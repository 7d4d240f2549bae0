"""Leases: which process does a piece of work at present, told by no wall clock.

A lease lies in a row. On the machine and boot that took it, it is dead when the monotonic
clock has passed its `until`, or the process is gone. Seen from elsewhere (another machine on one PostgreSQL) that
clock says nothing: there a lease is dead if its `beat` has not moved for its whole term,
measured by one's own clock.
"""

from __future__ import annotations

import os
import platform
import secrets
import threading
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from django.db import IntegrityError, models, transaction

from cableroom.register.models import Lease

TERM_SECONDS: Final = 15.0

_lock = threading.Lock()
_seen: dict[str, tuple[str, int, float]] = {}  # name → holder, beat, when first seen by our clock
_mine: dict[str, float] = {}  # name → until when it is ours, by our clock
_token: list[str] = []


def holder() -> str:
    """What this process calls itself in its leases."""
    if not _token:
        _token.append(f"{os.getpid()}-{secrets.token_hex(8)}")
    return _token[0]


def take(name: str, term: float = TERM_SECONDS) -> bool:
    """Take or renew a lease for so many seconds; False if another, living process has it."""
    until = time.monotonic() + term
    with transaction.atomic():
        row = Lease.objects.select_for_update().filter(name=name).first()
        if row is not None and row.holder != holder() and not _is_dead(row):
            return False
        beat = row.beat + 1 if row is not None else 0
        fresh = Lease(
            name=name,
            holder=holder(),
            machine=machine(),
            boot=boot_id(),
            until=until,
            term=term,
            beat=beat,
        )
        try:
            with transaction.atomic():
                fresh.save(force_update=row is not None, force_insert=row is None)
        except IntegrityError:  # another process was first with a new row
            return False
    with _lock:
        _mine[name] = until
    return True


def have(name: str) -> bool:
    """Has this process the lease, or can it have it? Renewed when half of it is over."""
    return seconds_left(name) > TERM_SECONDS / 2 or take(name)


def renew(names: Iterable[str], term: float = TERM_SECONDS) -> None:
    """Renew those of these leases that are ours, in one commit."""
    until = time.monotonic() + term
    with transaction.atomic():
        rows = Lease.objects.filter(name__in=list(names), holder=holder())
        still_ours = list(rows.select_for_update().values_list("name", flat=True))
        rows.update(until=until, beat=models.F("beat") + 1)
    with _lock:
        for name in names:
            if name in still_ours:
                _mine[name] = until
            else:
                _mine.pop(name, None)


def held(name: str) -> bool:
    """Is it still ours, by our own clock? (Without a look at the database.)"""
    with _lock:
        return _mine.get(name, 0.0) > time.monotonic()


def seconds_left(name: str) -> float:
    """For how long it is still ours; 0 if it is not."""
    with _lock:
        return max(0.0, _mine.get(name, 0.0) - time.monotonic())


def release(name: str) -> None:
    """Give a lease back, if it is ours."""
    with _lock:
        _mine.pop(name, None)
    Lease.objects.filter(name=name, holder=holder()).delete()


def living_holder(name: str) -> str | None:
    """Who has it at present, if that process lives."""
    row = Lease.objects.filter(name=name).first()
    return row.holder if row is not None and not _is_dead(row) else None


def _is_dead(row: Lease) -> bool:
    clock = time.monotonic()
    if row.machine == machine():
        return row.boot != boot_id() or row.until <= clock or _is_gone(row.holder)
    with _lock:
        holder_seen, beat_seen, since = _seen.get(row.name, ("", -1, clock))
        if (holder_seen, beat_seen) != (row.holder, row.beat):
            since = clock
        _seen[row.name] = row.holder, row.beat, since
    return clock - since > row.term


def _is_gone(its_holder: str) -> bool:
    try:
        os.kill(int(its_holder.split("-")[0]), 0)
    except ProcessLookupError:
        return True
    except (ValueError, OSError):
        return False
    return False


@cache
def machine() -> str:
    """This machine, and where process numbers mean the same (a container has its own)."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return f"{platform.node()} {space}".strip()


@cache
def boot_id() -> str:
    """Something that changes with each start of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return "unknown"


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _token.clear()
    _mine.clear()


os.register_at_fork(after_in_child=_after_fork)
