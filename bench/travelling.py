"""Cables end to end: released at one post, received and receipted at another, the receipt verified at the first."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from measuring import Table

from cableroom.cli.demonstration import Office, Story

CABLE = """FROM: {sender}
TO: {receiver}
PRECEDENCE: ROUTINE
CLASSIFICATION: UNCLASSIFIED
SUBJECT: Number {n}

{paragraphs}SIGNED: {role}
"""
SENTENCE = "The prefect of the river district announced today that the bridge will be closed to all traffic. "


def measure_travel(table: Table) -> None:
    """Two installations in two processes, joined by SMTP with TLS on loopback."""
    count = max(20, int(200 * table.repeat))
    with tempfile.TemporaryDirectory(prefix="cableroom-bench-") as place:
        story = Story("relief", Path(place))
        try:
            story._meet()
            sender, receiver = story.sender, story.receiver
            text = CABLE.format(
                sender=sender.post, receiver=receiver.post, role=sender.head["role"], n="{n}",
                paragraphs="".join(f"{i}. (U) {(SENTENCE * 4).strip()}\n\n" for i in range(1, 10)),
            )  # fmt: skip
            made = subprocess.run(
                [sys.executable, str(Path(__file__).parent / "releasing.py"), str(count), sender.head["name"], sender.head["role"]],
                input=json.dumps({"passphrase": sender.head["passphrase"], "text": text}), text=True, capture_output=True, check=True,
                env={**os.environ, **sender.env, "CABLEROOM_HOME": str(sender.home)},
            )  # fmt: skip
            figures = json.loads(made.stdout.splitlines()[-1])
            table.add(
                f"a cable end to end ({count} in a row)",
                [figures["seconds"] / count] * 3,
                peer="fsync",
                note=f"{count / figures['seconds']:.1f} cables a second",
            )
            table.add("released to receipted, one cable alone", figures["alone"], peer="fsync")
            table.fact(
                f"bytes on the wire, one cable of 4 KB: {_size(sender, 'cable')} out, {_size(receiver, 'service')} back"
            )
        finally:
            for office in (story.sender, story.receiver):
                office.stop()
    profile(table)


def _size(office: Office, kind: str) -> int:
    """The average size of the legs that a data folder has sealed."""
    with sqlite3.connect(office.home / "cableroom.sqlite3") as tables:
        found = tables.execute(
            "SELECT avg(length(sealed)) FROM wire_dispatch WHERE kind = ? AND sealed IS NOT NULL", (kind,)
        )
        return int(found.fetchone()[0] or 0)


def profile(table: Table) -> None:
    """Where the time of one cable goes, by room: sampled while one process does all of it."""
    import cProfile
    import pstats

    from crypto import measure_crypto
    from measuring import Table as Quiet

    profiler = cProfile.Profile()
    profiler.enable()
    measure_crypto(Quiet(repeat=0.3))
    profiler.disable()
    rooms: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        parts = Path(file).parts
        rooms[parts[parts.index("cableroom") + 1] if "cableroom" in parts else "libraries"] += own
    total = sum(rooms.values())
    table.fact(
        "profile of the computing, by room: "
        + ", ".join(f"{room} {100 * spent / total:.0f} %" for room, spent in rooms.most_common(5))
    )
