"""A post with an archivist who is cleared for everything, and a clerk who is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

NOW = datetime(2026, 10, 27, 18, 40, tzinfo=UTC)
PASSPHRASE = "quiet harbour lantern moss"


@pytest.fixture
def post(transactional_db: None, tmp_path: Path, settings: Any) -> SimpleNamespace:
    from cableroom.directory import founding, people
    from cableroom.directory.policyform import RoleRule

    settings.HOME = tmp_path / "home"
    founding.found(settings.HOME, org="mfa.example", name="Ministry", now=NOW)
    roles = (RoleRule("ARCHIVIST", ("archive",)), RoleRule("CLERK", ()))
    made = founding.create_post("CAPITAL", now=NOW, roles=roles)
    out = SimpleNamespace(post=made, register=str(made), now=NOW)
    for name, role, level in (("sand", "ARCHIVIST", "SECRET"), ("lind", "CLERK", "RESTRICTED")):
        person = people.add_person(name, name.title(), PASSPHRASE, by=None, now=NOW)
        people.appoint(person, made, role, by=None, now=NOW)
        people.set_clearance(person, level, by=None, now=NOW)
        setattr(out, name, person)
    return out
