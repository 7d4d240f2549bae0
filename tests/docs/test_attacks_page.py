"""The page of attacks names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| A(\d+) \| [^|]+ \| ([^|]+) \|$",
    (ROOT / "docs/reference/attacks.md").read_text("utf-8"),
    re.MULTILINE,
)


def test_the_page_has_its_rows() -> None:
    assert len(ROWS) > 60


@pytest.mark.parametrize(("number", "files"), ROWS, ids=[f"A{number}" for number, _ in ROWS])
def test_each_named_file_tries_the_case(number: str, files: str) -> None:
    for file in re.findall(r"`([^`]+)`", files):
        text = (ROOT / "tests" / file).read_text("utf-8")
        assert re.search(rf"(?i)a0?{number}(?![0-9])", text), f"{file} says nothing of A{number}"
