"""A register of a post, one of the house, log keys in memory, and a writer that ends with each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cableroom.register.entries import Actor

if TYPE_CHECKING:
    from cableroom.register.acts import Act

POST = "mfa.example/CAPITAL"
OTHER = "mfa.example/HAVANA"
SYSTEM = Actor()
PERSON = Actor("olga", POST, "DESK OFFICER")


@pytest.fixture(autouse=True)
def no_leftovers() -> Iterator[None]:
    """Nothing of another test: the machine's clock, a process that ends for good."""
    from cableroom.register import writer

    yield
    writer.set_end_process(None)
    writer.set_clock(None)


@pytest.fixture
def log_keys() -> Iterator[dict[str, Ed25519PrivateKey]]:
    from cableroom.register import heads, ledger

    keys: dict[str, Ed25519PrivateKey] = {}

    def key_of(register: str) -> Ed25519PrivateKey:
        return keys.setdefault(register, Ed25519PrivateKey.generate())

    before = list(heads._log_key)
    ledger.set_log_key(key_of)
    yield keys
    heads._log_key[:] = before


@pytest.fixture
def alone() -> Iterator[None]:
    """Only the register's own projections and workers, none of the rooms above."""
    from cableroom.register import following, registry

    own = [p for p in registry.projections() if p.name == "serials"]
    with registry.only(*own):
        following._memory.forget()
        yield
        following._memory.forget()


@pytest.fixture
def post(transactional_db: None, log_keys: object, alone: None) -> str:
    from cableroom.register import ledger

    ledger.create_register(ledger.HOUSE, org="mfa.example")
    return ledger.create_register(POST).name


@pytest.fixture
def note(post: str) -> Callable[..., Act]:
    """Makes an act that notes something: `note("key")`."""
    from cableroom.register import ledger

    def make(key: str, register: str = POST, text: str | None = None, **more: object) -> Act:
        data = {"no": None, "note": text, "outcome": None}
        return ledger.fact(register, "Noted", key, actor=PERSON, data=data, digest="ab" * 32, **more)

    return make
