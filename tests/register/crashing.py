"""Run as a process of its own: appends until it is killed, and says what it was told is there.

    python crashing.py rounds FILE COUNT    fork, append, kill at a random moment; COUNT times
    python crashing.py commit               a commit that fails
    python crashing.py append NAME COUNT    append COUNT acts of NAME, beside others

Each answered act is written to FILE before the next is begun, so the file is what was acknowledged.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import django

POST = "mfa.example/CAPITAL"


def set_up() -> None:
    django.setup()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.core.management import call_command

    from cableroom.register import ledger, registry

    keep = registry.only(*(p for p in registry.projections() if p.name == "serials"))
    keep.__enter__()
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    ledger.set_log_key(lambda register: key)
    call_command("migrate", "register", verbosity=0)
    ledger.create_register(POST)


def note(key: str, blob: bytes | None = None):
    from cableroom.register import ledger

    data = {"no": None, "note": None, "outcome": None}
    return ledger.fact(POST, "Noted", key, actor=ledger.Actor(), data=data, digest="ab" * 32, blob=blob)


def write_until_killed(acknowledged: Path, seed: int) -> None:
    from cableroom.register import ledger

    handle = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def work(n: int) -> None:
        chance = random.Random(f"{seed} {n}")
        for m in range(10**6):
            blob = chance.randbytes(chance.choice([10, 300_000])) if chance.random() < 0.1 else None
            entry = ledger.append(note(f"act:{seed}:{n}:{m}", blob))
            os.write(handle, f"{entry.index} {entry.key}\n".encode())
            if chance.random() < 0.1:
                head = ledger.sign_head(POST)
                os.write(handle, f"head {json.dumps(head)}\n".encode())

    for n in range(4):
        threading.Thread(target=work, args=(n,), daemon=True).start()
    time.sleep(60)


def rounds(acknowledged: Path, count: int) -> None:
    from django.db import connections

    from cableroom.register import ledger

    chance = random.Random(1962)
    for seed in range(count):
        ledger.stop_writer()
        connections.close_all()
        child = os.fork()
        if child == 0:
            write_until_killed(acknowledged, seed)
            os._exit(3)
        time.sleep(chance.uniform(0.05, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    print(json.dumps(look(acknowledged)))


def look(acknowledged: Path) -> dict[str, object]:
    """What is there after all that: the walker's report, and what was acknowledged but is missing."""
    from cableroom.register import audit, ledger, notes

    lines = acknowledged.read_text().splitlines()
    told = [line.split(" ", 1) for line in lines]
    missing = []
    heads: dict[int, bytes] = {}
    two_roots = 0
    for index, rest in told:
        if index == "head":
            head = notes.verify_checkpoint(json.loads(rest), ledger.vkey(POST))
            two_roots += heads.setdefault(head.size, head.root) != head.root
        elif (entry := ledger.find(POST, rest)) is None or entry.index != int(index):
            missing.append(rest)
    newest = notes.verify_checkpoint(ledger.sign_head(POST), ledger.vkey(POST))
    report = audit.verify(POST)
    return {
        "acknowledged": sum(index != "head" for index, _ in told),
        "heads": len(heads),
        "size": newest.size,
        "missing": missing,
        "two_roots": two_roots,
        "problems": [str(problem) for problem in report.problems],
    }


def commit() -> None:
    """The commit fails after an act has said yes; the process must end, and tell those who wait."""
    from django.db import connections

    from cableroom.errors import UnknownOutcome
    from cableroom.register import ledger
    from cableroom.register.acts import Act, Facts, Turn

    def run(turn: Turn) -> Facts:
        with connections["default"].cursor() as cursor:
            cursor.execute("CREATE TABLE late_parent (id INTEGER PRIMARY KEY)")
            cursor.execute(
                "CREATE TABLE late_child (p INTEGER REFERENCES late_parent(id) DEFERRABLE INITIALLY DEFERRED)"
            )
            cursor.execute("INSERT INTO late_child VALUES (7)")
        return Facts({"no": None, "note": None, "outcome": None}, ledger.Actor(), "ab" * 32)

    ledger.append(note("act:before"))
    try:
        ledger.append(Act(POST, "Noted", "act:1", run))
    except UnknownOutcome:
        print("told: unknown", flush=True)
    time.sleep(30)
    print("still alive", flush=True)


def append(name: str, count: int) -> None:
    from cableroom.register import ledger

    for n in range(count):
        ledger.append(note(f"act:{name}:{n}"))
        ledger.append(note(f"act:shared:{n}"))
    ledger.stop_writer()


if __name__ == "__main__":
    set_up()
    what, *arguments = sys.argv[1:]
    if what == "rounds":
        rounds(Path(arguments[0]), int(arguments[1]))
    elif what == "commit":
        commit()
    else:
        append(arguments[0], int(arguments[1]))
