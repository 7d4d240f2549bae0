"""Killed at any moment, the register holds what it has acknowledged, whole, and signs one history."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("crashing.py")
KILLS = 400 if os.environ.get("CABLEROOM_SOAK") else 30


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation of its own: a folder, and on PostgreSQL a database."""
    (tmp_path / "home").mkdir()
    environment = {
        **os.environ,
        "CABLEROOM_HOME": str(tmp_path / "home"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "cableroom.settings"),
    }
    url = os.environ.get("CABLEROOM_TEST_DATABASE")
    if not url:
        environment.pop("CABLEROOM_DATABASE", None)
        yield environment
        return
    import psycopg
    from psycopg.conninfo import make_conninfo

    name = f"crash_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield {**environment, "CABLEROOM_DATABASE": make_conninfo(url, dbname=name)}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def start(environment: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=300)
    return process.returncode, output, errors


def test_f2_killed_at_random_nothing_acknowledged_is_lost(
    installation: dict[str, str], tmp_path: Path
) -> None:
    code, output, errors = finish(start(installation, "rounds", tmp_path / "acknowledged", KILLS))
    assert code == 0, errors
    found = json.loads(output)
    assert found["missing"] == []
    assert found["problems"] == []
    assert found["two_roots"] == 0
    assert found["acknowledged"] > KILLS
    assert found["heads"] > 0
    assert found["size"] >= found["acknowledged"]


def test_f14_a_failed_commit_ends_the_process_and_tells_who_waits(installation: dict[str, str]) -> None:
    code, output, errors = finish(start(installation, "commit"))
    assert code == 70
    assert output == "told: unknown\n"
    assert "may or may not have happened" in errors


def test_f37_two_processes_append_at_once(installation: dict[str, str], tmp_path: Path) -> None:
    assert finish(start(installation, "append", "first", 1))[0] == 0
    processes = [start(installation, "append", name, 12) for name in ("one", "two", "three")]
    for process in processes:
        code, _, errors = finish(process)
        assert code == 0, errors
    (tmp_path / "none").write_text("")
    code, output, errors = finish(start(installation, "rounds", tmp_path / "none", 0))
    assert code == 0, errors
    found = json.loads(output)
    assert found["size"] == 1 + 12 + 3 * 12
    assert found["problems"] == []
