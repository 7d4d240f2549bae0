"""The wire's housekeeping: held legs are tried again, missing ones asked for, old bytes dropped."""

from __future__ import annotations

from cableroom.register import ledger
from cableroom.register.ledger import Entry
from cableroom.wire import incoming, outgoing, telling
from cableroom.wire.models import HeldLeg

NAME = "wire.held-again"

_CURES = frozenset({"card", "card-confirmed", "post"})
"""Changes of the directory that can make a held leg good: a card, its confirmation, a raised ceiling."""


def react(entry: Entry) -> None:
    """The directory or the policy has changed: what is held is judged again."""
    if entry.kind == "Policy" or entry.data["change"] in _CURES:
        incoming.try_held(now=ledger.now())


def try_held() -> bool:
    """The worker: clocks go on and lists come, without an entry. True if something is held no longer."""
    return bool(HeldLeg.objects.exists() and incoming.try_held(now=ledger.now()))


def ask_for_missing() -> bool:
    return bool(telling.ask_for_missing(ledger.now()))


def sweep() -> bool:
    return bool(outgoing.sweep(ledger.now()))
