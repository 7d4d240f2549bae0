"""Posts, roles and addressees: who is spoken to, and how that is written.

Inside a cable a post of the sender's own organisation is named without it (`PostRef` with `org` None);
outside a cable a post is always complete (`Post`). `PostRef.at(home)` and `Post.seen_from(home)` lead
from one to the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cableroom.cable.precedence import PRECEDENCES, Precedence, by_name
from cableroom.errors import DocumentError

_WORDS = re.compile(r"[A-Z0-9-]+(?: [A-Z0-9-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NOT_LAST: Final = PRECEDENCES | {"NIACT", "URGENT"}

NAME_HELP: Final = "Write 2 to 32 capital letters, digits and hyphens, with single blanks between words."


@dataclass(frozen=True, slots=True)
class PostRef:
    """A post as a cable names it: `org` None is the organisation of the sending post."""

    org: str | None
    name: str

    def at(self, home: str) -> Post:
        """The complete post, named in a cable from the organisation `home`."""
        return Post(self.org or home, self.name)

    def as_text(self) -> str:
        """`HAVANA` or `GENEVA@un.example`."""
        return self.name if self.org is None else f"{self.name}@{self.org}"

    def to_json(self) -> dict[str, str | None]:
        return {"org": self.org, "post": self.name}


@dataclass(frozen=True, slots=True, order=True)
class Post(PostRef):
    """A post with its organisation. `str()` is `ORG/POST`: the `iss` of a cable, the name of a register."""

    org: str

    def __str__(self) -> str:
        return f"{self.org}/{self.name}"

    def seen_from(self, home: str) -> PostRef:
        """As a cable of the organisation `home` names this post."""
        return PostRef(None if self.org == home else self.org, self.name)

    @classmethod
    def parse(cls, text: str) -> Post:
        """The post of `ORG/POST`; raises DocumentError."""
        org, slash, name = text.partition("/")
        if not slash:
            raise DocumentError(f"{text[:80]!r} names no post.", do="Write ORG/POST.", code="post")
        return cls(check_org(org), check_name(name))


@dataclass(frozen=True, slots=True)
class Addressee:
    """One item of TO, INFO or XMT: a post or a collective, perhaps one role of it.

    `members` is what a collective was expanded to at release, else None. `precedence` is the addressee's
    own, else None; `niact` asks that somebody is called out at night.
    """

    post_name: str
    org: str | None = None
    role: str | None = None
    niact: bool = False
    precedence: Precedence | None = None
    members: tuple[PostRef, ...] | None = None

    @property
    def post(self) -> PostRef:
        return PostRef(self.org, self.post_name)

    @property
    def reached(self) -> tuple[PostRef, ...]:
        """The posts that get it: the members of a collective, else the post itself."""
        return (self.post,) if self.members is None else self.members

    def as_text(self) -> str:
        """`POST[@org][/ROLE][ (POST[@org], …)][ NIACT][ PRECEDENCE]`."""
        return (
            self.post.as_text()
            + (f"/{self.role}" if self.role else "")
            + (f" ({', '.join(member.as_text() for member in self.members)})" if self.members else "")
            + (" NIACT" if self.niact else "")
            + (f" {self.precedence.name}" if self.precedence is not None else "")
        )

    def to_json(self) -> dict[str, object]:
        return {
            "members": None if self.members is None else [member.to_json() for member in self.members],
            "niact": self.niact or None,
            "org": self.org,
            "post": self.post_name,
            "precedence": None if self.precedence is None else self.precedence.name,
            "role": self.role,
        }


def check_name(name: str, *, what: str = "post") -> str:
    """`name` if it is the name of a post or role, else DocumentError."""
    if not _WORDS.fullmatch(name) or not 2 <= len(name) <= 32:
        raise DocumentError(f"{name[:80]!r} cannot name a {what}.", do=NAME_HELP, code="name")
    last = name.rpartition(" ")[2]
    if last in _NOT_LAST:
        raise DocumentError(
            f"The name of a {what} cannot end in {last}.", do="Choose another last word.", code="name"
        )
    return name


def check_org(org: str) -> str:
    """`org` if it is a domain name in lower-case ASCII, else DocumentError."""
    if not 1 <= len(org) <= 253 or not all(_LABEL.fullmatch(label) for label in org.split(".")):
        raise DocumentError(
            f"{org[:80]!r} is no domain name.", do="Write it in lower case, as mfa.example.", code="org"
        )
    return org


def parse_post(text: str) -> PostRef:
    """`HAVANA` or `GENEVA@un.example`; raises DocumentError."""
    name, at, org = text.partition("@")
    return PostRef(check_org(org) if at else None, check_name(name))


def parse_addressee(text: str) -> Addressee:
    """One addressee as `Addressee.as_text` writes it; raises DocumentError."""
    rest, niact, members = text, False, None
    words = rest.rpartition(" ")
    precedence = by_name(words[2]) if words[2] in PRECEDENCES else None
    if precedence is not None:
        rest = words[0]
    if rest.endswith(" NIACT"):
        rest, niact = rest.removesuffix(" NIACT"), True
    if rest.endswith(")"):
        rest, bracket, inner = rest[:-1].partition(" (")
        if not bracket:
            raise DocumentError(
                f"{text[:80]!r} is no addressee.", do="Write POST (MEMBER, MEMBER).", code="name"
            )
        members = tuple(parse_post(item) for item in inner.split(", "))
    place, slash, role = rest.partition("/")
    post = parse_post(place)
    return Addressee(
        post.name, post.org, check_name(role, what="role") if slash else None, niact, precedence, members
    )


def slug(post: PostRef) -> str:
    """The local part of a post's mail address: `port-of-spain`."""
    return post.name.lower().replace(" ", "-")
