"""What a rule is given, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cableroom.cable.address import Addressee, Post
from cableroom.cable.document import Cable, Draft
from cableroom.cable.label import Level, level_named
from cableroom.cable.reference import Ref
from cableroom.cable.views import CablesView, DirectoryView, KnownCable, PolicyView

Finding = tuple[str, str, str]  # where, what is wrong, what to do


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code in docs/reference/checks.md, how grave a finding is, and the function that finds."""

    code: str
    severity: str
    find: Callable[[Given], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Given:
    """The draft or cable, and what the rules may know beside it. A draft names its organisation here."""

    content: Draft | Cable
    policy: PolicyView
    directory: DirectoryView
    cables: CablesView | None
    now: datetime

    @property
    def home(self) -> str:
        return self.content.home

    @property
    def level(self) -> Level | None:
        """The level of the classification, None if the policy has none of this name."""
        return level_named(self.policy.levels, self.content.head.classification)

    def name(self, post: Post) -> str:
        """A post as people at home write it."""
        return post.seen_from(self.home).as_text()

    def addressed(self) -> Iterator[tuple[str, Addressee]]:
        """Each addressee with its key."""
        head = self.content.head
        for key, listed in (("TO", head.to), ("INFO", head.info), ("XMT", head.xmt)):
            for addressee in listed:
                yield key, addressee

    def reached(self, addressee: Addressee) -> list[Post]:
        """The posts that an addressee stands for: those of a collective as the directory has them now,
        unless they are written out."""
        post = addressee.post.at(self.home)
        if addressee.members is None:
            members = self.directory.collective(post)
            if members is not None:
                return list(members)
        return [reached.at(self.home) for reached in addressee.reached]

    def action_posts(self) -> set[Post]:
        return {post for addressee in self.content.head.to for post in self.reached(addressee)}

    def cited(self, ref: Ref) -> KnownCable | None:
        return None if self.cables is None else self.cables.cited(ref, self.home)
