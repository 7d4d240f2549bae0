"""Appends alone and in groups, and verifying what was appended."""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path

from django.conf import settings
from measuring import Table

from cableroom.directory import founding
from cableroom.register import audit, ledger

NOTE = {
    "no": None,
    "note": "A note of ordinary length about what was done and who was there.",
    "outcome": None,
}


def measure_registers(table: Table) -> None:
    now = ledger.now()
    founding.found(Path(settings.HOME), org="mfa.example", name="Bench", now=now)
    post = founding.create_post("CAPITAL", now=now)
    name, digest = str(post), "ab" * 32

    def one() -> None:
        ledger.append(
            ledger.fact(
                name, "Noted", f"act:{secrets.token_hex(16)}", actor=ledger.Actor(), data=NOTE, digest=digest
            )
        )

    table.time(
        "append one entry, alone",
        one,
        times=100,
        peer="fsync",
        note="the 5 ms in which others may join are part of it",
    )
    count = max(200, int(3000 * table.repeat))
    found = []
    for _ in range(3):
        began = time.perf_counter()
        ledger.append_all(
            [
                ledger.fact(
                    name,
                    "Noted",
                    f"act:{secrets.token_hex(16)}",
                    actor=ledger.Actor(),
                    data=NOTE,
                    digest=digest,
                )
                for _ in range(count)
            ]
        )
        found.append((time.perf_counter() - began) / count)
    table.add("append one entry, in groups", found, peer="fsync")
    found = []
    for _ in range(3):
        threads = [threading.Thread(target=lambda: [one() for _ in range(count // 32)]) for _ in range(32)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found.append((time.perf_counter() - began) / (count // 32 * 32))
    table.add("append one entry, 32 threads", found, peer="fsync")
    began = time.perf_counter()
    report = audit.verify(name)
    took = time.perf_counter() - began
    assert report.ok, report.problems
    table.fact(
        f"verification: {report.size} entries in {took:.2f} s, {took / report.size * 1e6:,.1f} s for a million"
    )
