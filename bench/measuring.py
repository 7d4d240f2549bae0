"""Timing and the table. Each figure is the median of several runs, printed with the fastest and the slowest."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Row:
    name: str
    median: float
    least: float
    most: float
    peer: str
    note: str = ""


@dataclass
class Table:
    """Rows, and the two peers: seconds of one fsync and of one ECDSA P-256 signature on this machine."""

    repeat: float
    rows: list[Row] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.peers = {"fsync": _fsync(), "signature": _signature()}

    def time(
        self,
        name: str,
        run: Callable[[], object],
        *,
        times: int,
        peer: str = "signature",
        each: int = 1,
        note: str = "",
    ) -> float:
        """Times `run` so often; `each`: how many things one run does."""
        run()
        found = []
        for _ in range(max(3, int(times * self.repeat))):
            began = time.perf_counter()
            run()
            found.append((time.perf_counter() - began) / each)
        self.add(name, found, peer=peer, note=note)
        return statistics.median(found)

    def add(self, name: str, found: list[float], *, peer: str, note: str = "") -> None:
        self.rows.append(Row(name, statistics.median(found), min(found), max(found), peer, note))

    def fact(self, text: str) -> None:
        self.facts.append(text)

    def print(self) -> None:
        print(
            f"peers of this run: one fsync {_micro(self.peers['fsync'])}, one ECDSA P-256 signature {_micro(self.peers['signature'])}\n"
        )
        print(f"{'what':52} {'ratio':>9} {'peer':10} {'median':>11} {'least':>11} {'most':>11}")
        for row in self.rows:
            ratio = row.median / self.peers[row.peer]
            print(
                f"{row.name:52} {ratio:9.2f} {row.peer:10} {_micro(row.median):>11} {_micro(row.least):>11} {_micro(row.most):>11}"
                + (f"  {row.note}" if row.note else "")
            )
        print()
        for text in self.facts:
            print(text)


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs"


def _fsync() -> float:
    with tempfile.NamedTemporaryFile() as file:
        found = []
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            found.append(time.perf_counter() - began)
    return statistics.median(found)


def _signature() -> float:
    key = ec.generate_private_key(ec.SECP256R1())
    found = []
    for _ in range(300):
        began = time.perf_counter()
        key.sign(b"x" * 4096, ec.ECDSA(hashes.SHA256()))
        found.append(time.perf_counter() - began)
    return statistics.median(found)
