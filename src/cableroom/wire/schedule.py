"""What to send next and what to send again when: tables and pure functions; times are arguments.

A precedence is its number, 0 (DEFERRED) to 5 (OVERRIDE); what lies outside counts as the nearest.
A leg closes on the signed receipt alone: a 250 is the word of the next machine, not of the post.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cableroom.errors import StateError

FLASH = 4
IMMEDIATE = 3


class LegState(StrEnum):
    WAITING = "waiting"
    SEALED = "sealed"
    HANDED_OVER = "handed over"
    RECEIPTED = "receipted"
    HELD = "held"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def open(self) -> bool:
        """True while something can still come or has to be done by machines."""
        return self not in (LegState.RECEIPTED, LegState.REFUSED, LegState.FAILED)


class LegEvent(StrEnum):
    SEAL = "seal"
    TRY = "try in vain"
    HAND_OVER = "hand over"
    LAPSE = "no receipt in time"
    RECEIPT = "receipt"
    HOLD = "peer holds it"
    REFUSE = "peer refuses it"
    FAIL = "no way left"
    SEND_AGAIN = "asked for again"


@dataclass(frozen=True, slots=True)
class Transition:
    before: LegState
    event: LegEvent
    after: LegState


def _rows(before: LegState, *steps: tuple[LegEvent, LegState]) -> tuple[Transition, ...]:
    return tuple(Transition(before, event, after) for event, after in steps)


# A receipt may come before our own HandedOver (the process died in between), after a refusal (the first
# try was refused by a machine in between, the second arrived) or after a failure. It always counts.
LEG: tuple[Transition, ...] = (
    *_rows(
        LegState.WAITING,
        (LegEvent.SEAL, LegState.SEALED),
        (LegEvent.TRY, LegState.WAITING),
        (LegEvent.FAIL, LegState.FAILED),
        (LegEvent.RECEIPT, LegState.RECEIPTED),
    ),
    *_rows(
        LegState.SEALED,
        (LegEvent.TRY, LegState.SEALED),
        (LegEvent.HAND_OVER, LegState.HANDED_OVER),
        (LegEvent.FAIL, LegState.FAILED),
        (LegEvent.RECEIPT, LegState.RECEIPTED),
        (LegEvent.HOLD, LegState.HELD),
        (LegEvent.REFUSE, LegState.REFUSED),
        (LegEvent.SEND_AGAIN, LegState.SEALED),
    ),
    *_rows(
        LegState.HANDED_OVER,
        (LegEvent.HAND_OVER, LegState.HANDED_OVER),
        (LegEvent.LAPSE, LegState.SEALED),
        (LegEvent.SEND_AGAIN, LegState.SEALED),
        (LegEvent.RECEIPT, LegState.RECEIPTED),
        (LegEvent.HOLD, LegState.HELD),
        (LegEvent.REFUSE, LegState.REFUSED),
    ),
    *_rows(
        LegState.HELD,
        (LegEvent.HAND_OVER, LegState.HELD),
        (LegEvent.HOLD, LegState.HELD),
        (LegEvent.SEND_AGAIN, LegState.SEALED),
        (LegEvent.RECEIPT, LegState.RECEIPTED),
        (LegEvent.REFUSE, LegState.REFUSED),
    ),
    *_rows(
        LegState.REFUSED,
        (LegEvent.HAND_OVER, LegState.REFUSED),
        (LegEvent.HOLD, LegState.REFUSED),
        (LegEvent.REFUSE, LegState.REFUSED),
        (LegEvent.RECEIPT, LegState.RECEIPTED),
        (LegEvent.SEND_AGAIN, LegState.SEALED),
    ),
    *_rows(
        LegState.FAILED,
        (LegEvent.HAND_OVER, LegState.HANDED_OVER),
        (LegEvent.FAIL, LegState.FAILED),
        (LegEvent.HOLD, LegState.HELD),
        (LegEvent.REFUSE, LegState.REFUSED),
        (LegEvent.RECEIPT, LegState.RECEIPTED),
        (LegEvent.SEND_AGAIN, LegState.SEALED),
    ),
    *_rows(
        LegState.RECEIPTED,
        (LegEvent.HAND_OVER, LegState.RECEIPTED),
        (LegEvent.FAIL, LegState.RECEIPTED),
        (LegEvent.HOLD, LegState.RECEIPTED),
        (LegEvent.REFUSE, LegState.RECEIPTED),
        (LegEvent.RECEIPT, LegState.RECEIPTED),
        (LegEvent.SEND_AGAIN, LegState.RECEIPTED),
    ),
)

_NEXT: Mapping[tuple[LegState, LegEvent], LegState] = {(row.before, row.event): row.after for row in LEG}


def step(before: LegState, event: LegEvent) -> LegState:
    """Where `event` leads from `before`. Raises StateError if it cannot happen there."""
    try:
        return _NEXT[before, event]
    except KeyError:
        raise StateError(f"A leg that is {before} cannot {event}.") from None


def draw() -> str:
    """The table as a Mermaid state diagram (docs/reference/wire.md holds exactly this); steps that lead
    nowhere else are left out."""
    lines = ["stateDiagram-v2", f"    [*] --> {_node(LegState.WAITING)}"]
    lines += [
        f"    {_node(row.before)} --> {_node(row.after)}: {row.event}"
        for row in LEG
        if row.before != row.after
    ]
    lines.append(f"    {_node(LegState.RECEIPTED)} --> [*]")
    return "\n".join(lines) + "\n"


def _node(state: LegState) -> str:
    return state.replace(" ", "_")


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a precedence is. `first` to `longest`: pause before the next try, doubling; `receipt`: how
    long after handing over a receipt may take before the same bytes go again; `grace`: how long a missing
    channel number is waited for; `attention`: after which time without receipt the communicator is told;
    `give_up`: until when tries that fail go on."""

    first: timedelta
    longest: timedelta
    receipt: timedelta
    grace: timedelta
    attention: timedelta
    give_up: timedelta


def _pace(first: int, longest: int, receipt: int, grace: int, attention: int, days: int) -> Pace:
    def of(seconds: int) -> timedelta:
        return timedelta(seconds=seconds)

    return Pace(of(first), of(longest), of(receipt), of(grace), of(attention), timedelta(days=days))


PACE: tuple[Pace, ...] = (
    _pace(300, 4 * 3600, 24 * 3600, 6 * 3600, 48 * 3600, 90),
    _pace(60, 3600, 4 * 3600, 30 * 60, 8 * 3600, 90),
    _pace(30, 900, 30 * 60, 10 * 60, 3600, 90),
    _pace(10, 300, 5 * 60, 2 * 60, 10 * 60, 90),
    _pace(3, 60, 60, 30, 2 * 60, 90),
    _pace(3, 60, 60, 30, 2 * 60, 90),
)

RESENDS_DOUBLE_UP_TO = 6


def pace(precedence: int) -> Pace:
    return PACE[max(0, min(precedence, len(PACE) - 1))]


def retry_at(precedence: int, attempts: int, *, now: datetime, jitter: float) -> datetime:
    """When to try again after `attempts` (1, 2 …) tries in vain. `jitter` from 0 to 1 spreads the pause over
    three quarters to five quarters of its length, so that a thousand legs do not come back together."""
    speed = pace(precedence)
    doublings = min(max(attempts - 1, 0), 20)
    pause = min(speed.first * (1 << doublings), speed.longest)
    return now + pause * (0.75 + 0.5 * max(0.0, min(jitter, 1.0)))


def receipt_due(precedence: int, handed_over: int, *, now: datetime) -> datetime:
    """Until when a receipt is waited for after the leg was handed over for the `handed_over`th time; each
    time twice as long, so that a post that is closed for a month is not flooded."""
    doublings = min(max(handed_over - 1, 0), RESENDS_DOUBLE_UP_TO)
    return now + pace(precedence).receipt * (1 << doublings)


def expired(precedence: int, *, since: datetime, now: datetime) -> bool:
    """True if tries that fail for passing reasons have gone on long enough."""
    return now - since > pace(precedence).give_up


@dataclass(frozen=True, slots=True)
class Due:
    """Something that could be sent now. `since`: when it was released or asked for; `name` makes the order
    of equals the same every time."""

    name: str
    peer: str
    precedence: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Slots:
    """How many are on the line at once: `common` for all, `immediate` more for IMMEDIATE and above, `flash`
    more for FLASH and above; `one_peer` of them to one peer (FLASH has one more)."""

    common: int = 4
    immediate: int = 2
    flash: int = 2
    one_peer: int = 2


def order(due: Due) -> tuple[int, datetime, str]:
    """By precedence, then time."""
    return (-due.precedence, due.since, due.name)


def choose(due: Iterable[Due], running: Sequence[Due], slots: Slots) -> list[Due]:
    """Which of `due` begin now, given what is `running`. FLASH never waits for anything lower: slots that
    it may use are kept free of it, and so is one line to each peer."""
    taken = {item.name for item in running}
    busy = list(running)
    begin: list[Due] = []
    for item in sorted((item for item in due if item.name not in taken), key=order):
        if _fits(item, busy, slots):
            begin.append(item)
            busy.append(item)
    return begin


def _fits(item: Due, busy: Sequence[Due], slots: Slots) -> bool:
    room = slots.common
    peer_room = slots.one_peer
    if item.precedence >= IMMEDIATE:
        room += slots.immediate
    if item.precedence >= FLASH:
        room += slots.flash
        peer_room += 1
    to_peer = sum(1 for other in busy if other.peer == item.peer)
    return len(busy) < room and to_peer < peer_room
