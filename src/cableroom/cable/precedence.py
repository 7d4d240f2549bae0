"""How fast a cable must travel: six levels, and their numbers and letters in other systems.

MT-PRIORITY after RFC 6710, policy STANAG4406; RFC 6477 numbers are the values themselves.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from cableroom.errors import DocumentError


class Precedence(IntEnum):
    """A level; greater is faster. The integer is the RFC 6477 value."""

    DEFERRED = 0
    ROUTINE = 1
    PRIORITY = 2
    IMMEDIATE = 3
    FLASH = 4
    OVERRIDE = 5

    @property
    def mt_priority(self) -> int:
        """The value for MT-PRIORITY on MAIL."""
        return 2 * int(self) - 4

    @property
    def prosign(self) -> str:
        """The letter on a teletype's line (ACP 127)."""
        return "MRPOZY"[self]


PRECEDENCES: Final = frozenset(level.name for level in Precedence)


def by_name(name: str) -> Precedence:
    """The precedence called `name` (capitals); raises DocumentError for any other word."""
    if name not in PRECEDENCES:
        raise DocumentError(
            f"{name!r} is no precedence.",
            do="Write ROUTINE, PRIORITY, IMMEDIATE or FLASH.",
            code="precedence",
        )
    return Precedence[name]
