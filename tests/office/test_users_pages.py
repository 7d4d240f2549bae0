"""The pages for users: their cables are released, their commands are typed, in this order, by the people named."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from cableroom.cable.text import parse_draft, print_draft
from cableroom.office import checking, lifecycle

from .conftest import CAPITAL, HAVANA, PASSPHRASE

USERS = Path(__file__).parents[2] / "docs" / "users"


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (USERS / page).read_text("utf-8"), re.S)


def commands(page: str) -> list[list[str]]:
    return [shlex.split(line) for block in blocks(page, "sh") for line in block.splitlines()]


class Terminal:
    """Types a command and answers with what it printed; any exit code but 0 fails the test."""

    def __init__(self, office: Any, capsys: Any) -> None:
        self.office, self.capsys = office, capsys

    def type(self, words: list[str]) -> str:
        from cableroom.cli.program import program

        assert words[0] == "cableroom"
        given = [*words[1:]]
        if words[1] == "release":
            reader, writer = os.pipe()
            os.write(writer, PASSPHRASE.encode() + b"\n")
            os.close(writer)
            given += ["--passphrase-fd", str(reader)]
        code = program(given)
        printed = self.capsys.readouterr()
        assert code == 0, (words, printed.err)
        return printed.out


@pytest.fixture
def terminal(office: Any, capsys: Any, monkeypatch: Any, tmp_path: Path) -> Terminal:
    from cableroom.cli import context, drafts, traffic

    for module in (context, drafts, traffic):
        monkeypatch.setattr(module, "now", lambda: office.now)
    monkeypatch.chdir(tmp_path)
    return Terminal(office, capsys)


def test_the_story_of_the_pages(terminal: Terminal, tmp_path: Path) -> None:
    from cableroom.office.models import InboxItem
    from cableroom.register import ledger

    office = terminal.office
    instruction, cancellation = blocks("drafting.md", "cable")
    (tmp_path / "instruction.cable").write_text(instruction, "utf-8")
    for words in commands("releasing.md"):
        assert terminal.type(words) == "26 CAPITAL 1\n"
    item = InboxItem.objects.get(register=CAPITAL)
    office.receipt(office.deliver(ledger.entry(CAPITAL, item.index), HAVANA))
    for words in commands("acting.md"):
        terminal.type(words)
    (drafted,) = blocks("reporting.md", "cable")
    first, *decisions = commands("reporting.md")
    assert terminal.type(first) == drafted
    office.deliver(office.reply(drafted), CAPITAL)
    assert decisions
    for words in decisions:
        terminal.type(words)
    assert [status for _, status in sorted(office.taskings(CAPITAL, item.digest).items())] == [
        "accepted",
        "open",
        "open",
    ]
    office.release(cancellation)
    assert sorted(set(office.taskings(CAPITAL, item.digest).values())) == ["accepted", "cancelled"]
    office.walk()


@pytest.mark.parametrize("page", ["drafting.md", "reporting.md"])
def test_the_cables_of_the_pages_print_to_themselves(page: str) -> None:
    for text in blocks(page, "cable"):
        assert print_draft(parse_draft(text)) == text


def test_every_code_and_result_is_explained() -> None:
    drafting = (USERS / "drafting.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", drafting, re.M)) == set(checking.CODES)
    acting = (USERS / "acting.md").read_text("utf-8")
    rows = {row for row in re.findall(r"^\| ([a-z ]+) \|", acting, re.M)} - {"result"}
    assert rows == lifecycle.FINAL | lifecycle.PARTIAL
