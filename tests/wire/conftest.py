"""An installation with two posts, and a correspondent elsewhere that is played by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ORG = "mfa.example"
# now, and not a day of its own: the TLS library judges line certificates by the machine's clock
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
WORDS = ("anchor",) * 6
OTHER_ROOMS = ("directory", "readers", "serials")


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
def house(
    transactional_db: None, tmp_path: Path, settings: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """`mfa.example` with the posts CAPITAL and HAVANA; of what follows entries only the wire's own, and what
    is below it."""
    from cableroom.directory import cards, certificates, founding
    from cableroom.register import following, leases, registry
    from cableroom.wire.sending import SENDER

    settings.HOME = tmp_path / "home"
    # the tables are there, and the words are the directory's business: its tests take their time for both
    monkeypatch.setattr(founding, "call_command", lambda *args, **how: None)
    monkeypatch.setattr(cards, "_words", lambda certificate, language: WORDS)
    own = [p for p in registry.projections() if p.name in OTHER_ROOMS or p.name.startswith("wire.")]
    own += [r for r in registry.reactions() if r.name.startswith("wire.")]
    own += [w for w in registry.workers() if w.name.startswith(("wire.", "heads", "cosign"))]
    with registry.only(*own):
        following._memory.forget()
        founding.found(settings.HOME, org=ORG, name="Ministry", now=clock.now)
        made = [founding.create_post(name, now=clock.now) for name in ("CAPITAL", "HAVANA")]
        from cableroom.directory.house import SYSTEM

        certificates.make_line(actor=SYSTEM, now=clock.now, name="line.mfa.example")
        yield made
        SENDER.close()
        following._memory.forget()
        for name in list(leases._mine):
            leases.release(name)


@pytest.fixture
def capital(house: Any) -> Any:
    return house[0]


@pytest.fixture
def havana(house: Any) -> Any:
    return house[1]


@pytest.fixture
def geneva(house: Any, clock: Clock) -> Any:
    """A post of another organisation whose card was imported and confirmed."""
    from correspondent import Correspondent

    made = Correspondent(clock.now)
    made.meet(clock.now)
    return made


@pytest.fixture
def stranger(house: Any, clock: Clock) -> Any:
    """The same post before anybody has heard of it."""
    from correspondent import Correspondent

    return Correspondent(clock.now)
