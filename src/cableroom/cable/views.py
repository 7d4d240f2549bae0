"""What the rules of `check` need to know of policy, directory and earlier cables: small values, no tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cableroom.cable.address import Post
from cableroom.cable.document import Cable
from cableroom.cable.label import Level
from cableroom.cable.precedence import Precedence
from cableroom.cable.reference import Ref


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy as the rules see it. `precedences` are those that may be typed."""

    id: str
    version: int
    levels: tuple[Level, ...]
    categories: frozenset[str] = frozenset()
    captions: frozenset[str] = frozenset()
    precedences: frozenset[Precedence] = frozenset(
        {Precedence.ROUTINE, Precedence.PRIORITY, Precedence.IMMEDIATE, Precedence.FLASH}
    )


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A post in the directory. `ceiling` is the greatest level it may receive, None: none is set;
    `roles` are those that exist there, None: not known here (another organisation's post)."""

    post: Post
    ceiling: str | None = None
    roles: frozenset[str] | None = None


class DirectoryView(Protocol):
    """Who there is. `org` is the organisation that stands where a draft names none."""

    @property
    def org(self) -> str: ...

    def post(self, post: Post) -> KnownPost | None:
        """The post, or None if there is none of this name."""

    def collective(self, post: Post) -> tuple[Post, ...] | None:
        """The members of the collective of this name, or None if there is none."""


@dataclass(frozen=True, slots=True)
class KnownCable:
    """An earlier cable that a report answers: which posts each of its instructions was put to."""

    sender: Post
    instructions: Mapping[int, frozenset[Post]]

    @classmethod
    def of(cls, cable: Cable) -> KnownCable:
        return cls(
            cable.sender,
            {instruction.no: frozenset(instruction.posts) for instruction in cable.instructions},
        )


class CablesView(Protocol):
    """The cables that the writing post holds."""

    def cited(self, ref: Ref, home: str) -> KnownCable | None:
        """The one cable that `ref` names, written in the organisation `home`; None if there is none or
        more than one."""
