"""The command line in this process, on a data folder of its own with two posts between which cables go by the route `local`."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

PASSPHRASE = "quiet river under the stone bridge"

CABLE = """FROM: CAPITAL
TO: HAVANA/AMBASSADOR
PRECEDENCE: IMMEDIATE
CLASSIFICATION: CONFIDENTIAL
SUBJECT: Line opened
REPORT BY: 281200Z OCT 99

1. (C) ACTION 1 DELIVER VERBATIM TO "the prefect" IN fr:
> Le pont restera ouvert.

2. (C) ACTION 2 INFORM "HERON": of the words.

SIGNED: MINISTER
"""


class CommandLine:
    """Runs commands as `cableroom` would; `out` and `err` are what the last one printed."""

    def __init__(self, home: Path, settings: Any, capfd: pytest.CaptureFixture[str]) -> None:
        self.home, self.settings, self.capfd = home, settings, capfd
        self.out = self.err = ""

    def run(self, *arguments: str, secret: str | None = None, code: int = 0) -> Any:
        """The JSON object that the command prints (its text without --json); checks the exit code."""
        from cableroom.cli.program import program

        words = [*arguments]
        reader = None
        if secret is not None:
            reader, writer = os.pipe()
            os.write(writer, secret.encode() + b"\n")
            os.close(writer)
            words += ["--passphrase-fd", str(reader)]
        self.capfd.readouterr()
        try:
            found = program(words)
        finally:
            if reader is not None:
                os.close(reader)
        self.out, self.err = self.capfd.readouterr()
        assert found == code, f"{arguments}: {found}, not {code}: {self.out} {self.err}"
        if "--json" not in words:
            return self.out
        return json.loads(self.out) if self.out.strip() else json.loads(self.err)

    def read_config(self) -> None:
        self.settings.CONFIG = tomllib.loads((self.home / "config.toml").read_text("utf-8"))

    def settle(self) -> None:
        """Let everything happen that follows: legs, receipts, heads."""
        from cableroom.register import following

        for _ in range(3):
            following.drain()


@pytest.fixture
def empty(
    transactional_db: None, tmp_path: Path, settings: Any, capfd: pytest.CaptureFixture[str]
) -> CommandLine:
    settings.HOME = tmp_path / "home"
    settings.CONFIG = {}
    return CommandLine(settings.HOME, settings, capfd)


@pytest.fixture
def line(empty: CommandLine) -> CommandLine:
    """`mfa.example` with CAPITAL (rehn, MINISTER) and HAVANA (costa, AMBASSADOR; ferrer, ATTACHE)."""
    empty.run(
        "init",
        "--org",
        "mfa.example",
        "--name",
        "Ministry",
        "--person",
        "rehn",
        "--full-name",
        "A. Rehn",
        secret=PASSPHRASE,
    )
    empty.read_config()
    empty.run("post", "create", "CAPITAL", "--role", "MINISTER", "--holder", "rehn")
    empty.run("post", "create", "HAVANA")
    for role in ("AMBASSADOR", "ATTACHE"):
        permits = ("--permit", "release", "--permit", "head") if role == "AMBASSADOR" else ()
        empty.run("post", "role", role, "--post", "HAVANA", *permits)
    for name, full, role, level in (
        ("costa", "I. Costa", "AMBASSADOR", "SECRET"),
        ("ferrer", "A. Ferrer", "ATTACHE", "RESTRICTED"),
    ):
        empty.run(
            "person",
            "add",
            name,
            "--full-name",
            full,
            "--clearance",
            level,
            "--role",
            role,
            "--post",
            "HAVANA",
            secret=PASSPHRASE,
        )
    return empty


@pytest.fixture
def sent(line: CommandLine, tmp_path: Path) -> CommandLine:
    """`line`, after 26 CAPITAL 1 went to HAVANA and was receipted. `line.mrn` is its number."""
    file = tmp_path / "first.cable"
    file.write_text(CABLE, "utf-8")
    found = line.run(
        "release",
        str(file),
        "--as",
        "MINISTER",
        "--person",
        "rehn",
        "--post",
        "CAPITAL",
        "--json",
        secret=PASSPHRASE,
    )
    line.mrn = found["mrn"]  # type: ignore[attr-defined]
    line.settle()
    return line
