"""The command line is a contract: shapes, exit codes, and what stands on its page. A change of it breaks a test here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cableroom.cli.program import cableroom

from .conftest import CABLE, PASSPHRASE, CommandLine

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "command-line.md").read_text("utf-8")


def commands(group: click.Group = cableroom, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_on_its_page(name: str, command: click.Command) -> None:
    section = re.search(
        rf"^### `{re.escape(name)}(?: [^`]*)?`\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL
    )
    assert section, f"docs/reference/command-line.md has no section for {name}"
    for option in command.params:
        if isinstance(option, click.Option) and option.name not in (
            "as_json",
            "person",
            "post",
            "passphrase_fd",
        ):
            longest = max(option.opts, key=len)
            assert f"`{longest}" in section[0], f"{name}: {longest} is not on the page"
    assert command.help, name


def keys_on_page(schema: str) -> set[str]:
    found = re.search(rf"`cableroom/{re.escape(schema)}/1`: `\{{([^}}]*)\}}`", PAGE)
    assert found, f"the page says nothing of cableroom/{schema}/1"
    return {word.strip() for word in found[1].split(",")}


def check_shape(value: dict[str, object]) -> None:
    schema = str(value["schema"]).split("/")[1]
    assert set(value) - {"schema"} == keys_on_page(schema), schema


def test_the_story_in_one_house(sent: CommandLine, tmp_path: Path) -> None:
    mrn = sent.mrn  # type: ignore[attr-defined]
    assert re.fullmatch(r"[0-9]{2} CAPITAL 1", mrn)
    inbox = sent.run("inbox", "--person", "costa", "--json")
    check_shape(inbox)
    assert [i["mrn"] for i in inbox["items"]] == [mrn]
    assert set(inbox["items"][0]) == {
        "mrn", "digest", "precedence", "classification", "subject", "from", "dtg", "no", "act", "post", "status", "due", "overdue", "owner",
    }  # fmt: skip
    for person in ("costa", "rehn"):
        shown = sent.run("show", mrn, "--person", person, "--json")
        check_shape(shown)
        assert set(shown["state"]) == {"legs", "taskings", "thread"}
        assert set(shown["evidence"][0]) == {"entry", "at", "kind", "index"}
    for command in (
        ("acknowledge", mrn, "--person", "costa"),
        ("note", mrn, "He is in town.", "--no", "1", "--person", "costa"),
        (
            "carry-out",
            mrn,
            "1",
            "He thanked us.",
            "--result",
            "carried out",
            "--to",
            "the prefect",
            "--person",
            "costa",
        ),
        ("carry-out", mrn, "2", "Told.", "--result", "carried out", "--person", "costa"),
    ):
        check_shape(sent.run(*command, "--json"))
    draft = sent.run("report", mrn, "--person", "costa", "--json")
    check_shape(draft)
    report = tmp_path / "report.cable"
    report.write_text(draft["text"], "utf-8")
    checked = sent.run("draft", "check", str(report), "--person", "costa", "--post", "HAVANA", "--json")
    check_shape(checked)
    released = sent.run(
        "release",
        str(report),
        "--as",
        "AMBASSADOR",
        "--person",
        "costa",
        "--post",
        "HAVANA",
        "--json",
        secret=PASSPHRASE,
    )
    check_shape(released)
    sent.settle()
    board = sent.run("board", "--person", "rehn", "--json")
    check_shape(board)
    assert {i["status"] for i in board["items"]} == {"reported"}
    returned = sent.run(
        "return", released["mrn"], "--no", "2", "--why", "Say when.", "--person", "rehn", "--json"
    )
    check_shape(returned)
    accepted = sent.run("accept", released["mrn"], "--person", "rehn", "--json")
    check_shape(accepted)
    assert [a["no"] for a in accepted["accepted"]] == [1]
    sent.settle()
    for person in ("rehn", "costa"):
        states = {i["no"]: i["status"] for i in sent.run("board", "--person", person, "--json")["items"]}
        assert states == {1: "accepted", 2: "open"}
    verified = sent.run("register", "verify", "--deep", "--json")
    check_shape(verified)
    assert verified["ok"]
    rebuilt = sent.run("rebuild", "--check", "--json")
    check_shape(rebuilt)
    assert rebuilt["equal"]


def test_files_go_out_and_are_opened(sent: CommandLine, tmp_path: Path) -> None:
    mrn = sent.mrn  # type: ignore[attr-defined]
    card = tmp_path / "our.cablecard"
    check_shape(sent.run("card", "export", "-o", str(card), "--json"))
    for form in ("text", "mime", "sealed", "edition"):
        file = tmp_path / form
        check_shape(sent.run("export", mrn, "--form", form, "-o", str(file), "--person", "rehn", "--json"))
        assert file.stat().st_size > 100
    opened = sent.run("open", str(tmp_path / "sealed"), "--json")
    check_shape(opened)
    assert (opened["verdict"], opened["signer"]) == ("accepted", "mfa.example/CAPITAL")
    assert sent.run("verify", str(tmp_path / "edition"), "--trust", str(card), "--json")["complete"]
    cut = tmp_path / "cut"
    sent.run("export", mrn, "--form", "edition", "--withhold", "2", "-o", str(cut), "--person", "rehn")
    verdict = sent.run("verify", str(cut), "--trust", str(card), "--json")
    check_shape(verdict)
    assert (
        not verdict["complete"] and "withheld here" in verdict["text"] and "HERON" not in json.dumps(verdict)
    )
    sent.run("export", mrn, "--form", "text", "--withhold", "2", "-o", str(cut), code=1)
    broken = bytearray((tmp_path / "sealed").read_bytes())
    broken[len(broken) // 2] ^= 1
    (tmp_path / "broken").write_bytes(broken)
    assert sent.run("open", str(tmp_path / "broken"), "--json", code=1)["verdict"] == "refused"
    sent.run("verify", str(tmp_path / "edition"), "--trust", str(tmp_path / "sealed"), code=1)


def test_a_proof_of_one_entry(sent: CommandLine, tmp_path: Path) -> None:
    proof = tmp_path / "p.tlog-proof"
    made = sent.run("register", "prove", "0", "--post", "CAPITAL", "-o", str(proof), "--json")
    check_shape(made)
    checked = sent.run("register", "check", str(proof), "--vkey", made["vkey"], "--json")
    check_shape(checked)
    assert checked["entry"]["kind"] == "Released"
    proof.write_text(proof.read_text().replace("index 0", "index 1"))
    sent.run("register", "check", str(proof), "--vkey", made["vkey"], code=1)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "26 CAPITAL 999"), 4),
        (("show", "nonsense"), 1),
        (("show",), 2),
        (("inbox", "--person", "nobody"), 4),
        (("inbox", "--post", "NOWHERE"), 4),
        (("no-such-command",), 2),
        (("export", "26 CAPITAL 999", "--form", "text", "-o", "-"), 4),
        (("release", "/nonexistent", "--as", "MINISTER"), 4),
        (("accept", "26 CAPITAL 1"), 4),
    ],
)
def test_exit_codes(line: CommandLine, arguments: tuple[str, ...], code: int) -> None:
    found = line.run(*arguments, "--json", code=code)
    assert set(found["error"]) >= {"code", "what", "where", "do"}


def test_whoever_may_not_is_told_three(line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "x.cable"
    file.write_text(CABLE, "utf-8")
    line.run(
        "release",
        str(file),
        "--as",
        "MINISTER",
        "--person",
        "ferrer",
        "--post",
        "CAPITAL",
        secret=PASSPHRASE,
        code=3,
    )
    line.run(
        "release",
        str(file),
        "--as",
        "MINISTER",
        "--person",
        "rehn",
        "--post",
        "CAPITAL",
        secret="wrong words here",
        code=3,
    )
    assert line.run("draft", "list", "--person", "rehn", "--json")["items"] == []


def test_a_draft_that_fails_leaves_nothing(line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "bad.cable"
    file.write_text(CABLE.replace("TO: HAVANA/AMBASSADOR", "TO: NOWHERE"), "utf-8")
    found = line.run(
        "release", str(file), "--as", "MINISTER", "--post", "CAPITAL", "--json", secret=PASSPHRASE, code=1
    )
    assert found["error"]["code"] == "check" and found["error"]["problems"][0]["what"]
    file.write_text("FROM CAPITAL\n", "utf-8")
    found = line.run(
        "release", str(file), "--as", "MINISTER", "--post", "CAPITAL", "--json", secret=PASSPHRASE, code=1
    )
    assert "line 1" in json.dumps(found)
    assert line.run("draft", "list", "--json")["items"] == []


def test_before_anything_is_set_up(empty: CommandLine) -> None:
    found = empty.run("inbox", "--json", code=5)
    assert found["error"]["code"] == "not-set-up" and "init" in found["error"]["do"]


def test_doctor(line: CommandLine) -> None:
    found = line.run("doctor", "--json")
    check_shape(found)
    assert found["ok"]
    (line.home / "keys" / "master.key").chmod(0o644)
    found = line.run("doctor", "--json", code=1)


def test_what_is_printed_cannot_drive_a_terminal(line: CommandLine) -> None:
    from cableroom.cli.output import plain

    assert plain("a\x1b[2J\u202eb\rc") == "a\\u001b[2J\\u202eb\\u000dc"
