"""What the rules of a draft's check ask of policy and directory, as the values that they ask it with."""

from __future__ import annotations

from dataclasses import dataclass

from cableroom.cable.address import Post
from cableroom.cable.label import Level
from cableroom.cable.views import KnownPost, PolicyView
from cableroom.directory import policy as policies
from cableroom.directory import posts
from cableroom.directory.policyform import Policy

NOTHING = "NOTHING"
"""A ceiling that no level is under: what a correspondent's ceiling below all our levels comes to."""


def policy_view(policy: Policy | None = None) -> PolicyView:
    """The policy that holds (or the one given) as `cable.check` sees it."""
    present = policy or policies.current()
    return PolicyView(
        id=present.id,
        version=present.version,
        levels=present.levels,
        categories=frozenset(present.categories),
        captions=frozenset(caption.caption for caption in present.captions),
        precedences=frozenset(present.precedences),
    )


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory as `cable.check` sees it (`cable.views.DirectoryView`): confirmed posts alone."""

    org: str
    levels: tuple[Level, ...]

    def post(self, post: Post) -> KnownPost | None:
        found = posts.find(post)
        if found is None or not found.confirmed:
            return None
        roles = frozenset(posts.roles(post)) if found.own else None
        return KnownPost(post, self._ceiling(found.ceiling_number), roles)

    def collective(self, post: Post) -> tuple[Post, ...] | None:
        if post.org != self.org:
            return None
        members = posts.expand(post.name)
        return None if members is None else tuple(member.at(self.org) for member in members)

    def _ceiling(self, number: int | None) -> str | None:
        """Another organisation's ceiling in our own levels, by number: the greatest that is not above it."""
        if number is None:
            return None
        under = [level.level for level in self.levels if level.number <= number]
        return under[-1] if under else NOTHING


def directory_view() -> Directory:
    """The directory of this installation, for `cable.check`."""
    return Directory(posts.own_org(), policies.current().levels)
