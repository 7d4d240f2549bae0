"""An organisation of our own, founded in a folder of its own, and another one that hands us its card."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ORG = "mfa.example"
PASSPHRASE = "quiet harbour lantern moss"
NOW = datetime(2026, 10, 27, 18, 40, tzinfo=UTC)


class Clock:
    """The ledger's time, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def forward(self, **length: float) -> datetime:
        self.now += timedelta(**length)
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    from cableroom.register import ledger

    made = Clock()
    ledger.set_clock(lambda: made.now)
    yield made
    ledger.set_clock(None)


@pytest.fixture
def only_directory() -> Iterator[None]:
    """The projections of the directory and the register, none of the rooms above; no reactions."""
    from cableroom.register import registry

    keep = [p for p in registry.projections() if p.name in ("directory", "readers", "serials")]
    with registry.only(*keep):
        yield


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path / "home"
    return settings.HOME


@pytest.fixture
def house(transactional_db: None, home: Path, clock: Clock, only_directory: None) -> Path:
    """`mfa.example`, founded at NOW, without a post."""
    from cableroom.directory import founding

    founding.found(home, org=ORG, name="Ministry of Foreign Affairs", now=clock.now)
    return home


@pytest.fixture
def capital(house: Path, clock: Clock) -> Any:
    """The post CAPITAL with a minister (release, head, desk), a desk officer and an archivist's role."""
    from cableroom.directory import founding
    from cableroom.directory.policyform import RoleRule

    roles = (
        RoleRule("MINISTER", ("desk", "head", "release")),
        RoleRule("DESK OFFICER", ()),
        RoleRule("ARCHIVIST", ("archive",)),
        RoleRule("ADMINISTRATOR", ("administer",)),
    )
    return founding.create_post("CAPITAL", now=clock.now, roles=roles)


@pytest.fixture
def cheap_hashes(settings: Any) -> None:
    """Passphrases that cost nothing to check; the tests of authentication take the real ones."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def hire(capital: Any, clock: Clock, cheap_hashes: None) -> Any:
    """Make a person with a role at CAPITAL and a clearance: hire("anna", "MINISTER", "SECRET")."""
    from cableroom.directory import people

    def make(
        name: str, role: str | None = None, level: str | None = None, categories: tuple[str, ...] = ()
    ) -> Any:
        person = people.add_person(name, name.title(), PASSPHRASE, by=None, now=clock.now)
        if role is not None:
            people.appoint(person, capital, role, by=None, now=clock.now)
        if level is not None:
            people.set_clearance(person, level, categories, by=None, now=clock.now)
        return person

    return make
