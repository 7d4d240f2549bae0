"""The story end to end, as `make story` tells it: two folders, two processes, SMTP between them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from cableroom.cli.demonstration import Story


@pytest.fixture
def databases() -> Iterator[dict[str, str]]:
    """Two databases of their own where the suite runs on PostgreSQL, none where it runs on SQLite."""
    url = os.environ.get("CABLEROOM_TEST_DATABASE")
    if not url:
        yield {}
        return
    import psycopg
    from psycopg.conninfo import make_conninfo

    names = {side: f"story_{side}_{secrets.token_hex(4)}" for side in ("sender", "receiver")}
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names.values():
            connection.execute(f"CREATE DATABASE {name}")
        yield {side: make_conninfo(url, dbname=name) for side, name in names.items()}
        for name in names.values():
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


SCENES = (
    ["ministry"] if os.environ.get("CABLEROOM_TEST_DATABASE") else ["ministry", "relief"]
)  # they differ in words alone


@pytest.mark.parametrize("scene", SCENES)
def test_the_story_verifies_step_by_step(
    scene: str, tmp_path: Path, databases: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    story = Story(scene, tmp_path, databases)
    story.tell(serve=False)
    told = capfd.readouterr().out
    assert f"All {story.steps} steps verified." in told
    assert story.steps >= 27
    if scene == "ministry":
        assert "Le Gouvernement de la Halvie estime" in told
    for office in (story.sender, story.receiver):
        log = (office.home / "serve.log").read_text("utf-8")
        for secret in (*(p["passphrase"] for p in office.people), "Halvie", "convoy of eleven"):
            assert secret not in log
