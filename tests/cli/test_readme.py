"""The README's five minutes, typed as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from cableroom.cli.program import cableroom

from .conftest import PASSPHRASE, CommandLine

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
LINES = [line[2:] for block in BLOCKS for line in block.split("\n") if line.startswith("$ cableroom ")]


@pytest.mark.parametrize("line", LINES)
def test_every_command_in_the_readme_is_one(line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = cableroom
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context(line, words)  # raises for an option that does not exist


def test_the_five_minutes(empty: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [draft] = re.findall(r"cat > first.cable\n(.*?)\n\$", README, re.DOTALL)
    Path("first.cable").write_text(draft + "\n", "utf-8")
    for line in LINES:
        words = shlex.split(line)[1:]
        if words[0] == "serve" or words[:2] in (["card", "import"], ["card", "confirm"]):
            continue  # needs the other office; the story does these
        secret = PASSPHRASE if words[0] in ("init", "release") else None
        if words[:2] == ["draft", "check"]:  # the other office, in this house for once
            empty.run("post", "create", "HAVANA")
        posts = ["--post", "CAPITAL"] if words[0] in ("draft", "release", "board") else []
        out = empty.run(*words, *posts, secret=secret)
        if words[0] == "init":
            empty.read_config()
        if words[0] == "release":
            assert re.fullmatch(r"[0-9]{2} CAPITAL 1\n", out)
    assert "REPORT" in out.upper()
