"""The page of life cycles shows exactly what the tables say."""

from __future__ import annotations

import re
from pathlib import Path

from cableroom.office import lifecycle

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "life-cycles.md"


def test_the_diagrams_are_drawn_from_the_tables():
    diagrams = re.findall(r"```mermaid\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert diagrams == [
        lifecycle.draw(lifecycle.DRAFT, lifecycle.DraftStatus.IN_WORK),
        lifecycle.draw(lifecycle.TASKING, lifecycle.Status.OPEN),
    ]


def test_every_state_and_outcome_is_explained():
    text = PAGE.read_text("utf-8")
    words = {*lifecycle.DraftStatus, *lifecycle.Status, *lifecycle.FINAL, *lifecycle.PARTIAL}
    missing = [word for word in sorted(words) if f"| {word} |" not in text]
    assert not missing
