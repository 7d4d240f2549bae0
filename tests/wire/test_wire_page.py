"""The page of the wire says what the tables say."""

from __future__ import annotations

import re
from pathlib import Path

from cableroom.wire import examining, schedule
from cableroom.wire.schedule import LegState
from cableroom.wire.smtp.limits import Limits

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "wire.md").read_text("utf-8")


def test_the_diagram_is_drawn_from_the_table() -> None:
    assert re.findall(r"```mermaid\n(.*?)```", PAGE, re.S) == [schedule.draw()]


def test_every_state_is_explained() -> None:
    assert [state for state in LegState if f"| {state} |" not in PAGE] == []


def test_every_code_that_holds_is_named() -> None:
    assert [code for code in [*examining.PASSING, examining.ABOVE] if f"`{code}`" not in PAGE] == []


def test_the_limits_are_those_of_the_code() -> None:
    limits = Limits()
    for value in (
        f"{limits.command_line:,} octets",
        f"{limits.text_line} octets",
        f"{limits.message // 2**20} MiB",
    ):
        assert value in PAGE, value


def test_paces_are_those_of_the_code() -> None:
    def words(seconds: float) -> str:
        for unit, name in ((3600, "h"), (60, "min"), (1, "s")):
            if seconds % unit == 0:
                return f"{int(seconds // unit)} {name}"
        raise AssertionError(seconds)

    for name, pace in zip(
        ("DEFERRED", "ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH, OVERRIDE"), schedule.PACE, strict=False
    ):
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| {name} |"))
        pauses = f"{words(pace.first.total_seconds())}, {words(pace.longest.total_seconds())}"
        others = [words(each.total_seconds()) for each in (pace.receipt, pace.grace, pace.attention)]
        assert row == f"| {name} | {pauses} | {' | '.join(others)} |"


def test_every_refusal_that_we_raise_is_named() -> None:
    wire = Path(schedule.__file__).parent
    codes = set()
    for module in ("receipting", "acknowledging", "telling", "examining"):
        codes |= set(
            re.findall(r'(?:code=|_refused\()"([a-z-]+)"', (wire / f"{module}.py").read_text("utf-8"))
        )
    assert codes and [code for code in sorted(codes) if f"`{code}`" not in PAGE and code != "no-key"] == []
