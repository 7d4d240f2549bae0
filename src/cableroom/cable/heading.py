"""The heading of a cable: thirty claims, each with its name, its reader and its JSON.

`Head` is that of a released cable and complete; `DraftHead` is what a drafter has written so far: number,
time, policy, organisation and the foot may still be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cableroom.cable import shapes
from cableroom.cable.address import Addressee, Post, PostRef
from cableroom.cable.canonical import minute
from cableroom.cable.grammar import quote
from cableroom.cable.label import Label
from cableroom.cable.precedence import Precedence
from cableroom.cable.reference import Mrn, MrnRef, print_year
from cableroom.cable.shapes import members, refuse

KINDS: Final = ("cable", "report", "correction", "cancellation", "readdressal")
EXERCISES: Final = ("exercise", "drill")

_OFFICE = re.compile(r"[A-Z0-9-]+(?: [A-Z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Officer:
    """Who drafted, cleared or released: a role, and the person's name if it is to be told."""

    role: str
    name: str | None = None

    def as_text(self) -> str:
        return self.role if self.name is None else f"{self.role} ({self.name})"

    def to_json(self) -> dict[str, str | None]:
        return {"name": self.name, "role": self.role}


@dataclass(frozen=True, slots=True)
class PolicyRef:
    """The policy whose levels and captions the label uses."""

    id: str
    version: int

    def as_text(self) -> str:
        return f"{self.id} {self.version}"

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "version": self.version}


@dataclass(frozen=True, slots=True)
class Exercise:
    """`kind` exercise or drill, and its name."""

    kind: str
    name: str

    def as_text(self) -> str:
        return f"{self.kind.upper()} {quote(self.name)}"

    def to_json(self) -> dict[str, str]:
        return {"kind": self.kind, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftHead:
    """The heading as far as it is written; empty lists are (), what is missing is None."""

    from_: PostRef
    precedence_action: Precedence
    classification: str
    subject: str
    to: tuple[Addressee, ...] = ()
    info: tuple[Addressee, ...] = ()
    xmt: tuple[Addressee, ...] = ()
    mrn: MrnRef | None = None
    dtg: datetime | None = None
    on_behalf_of: str | None = None
    precedence_info: Precedence | None = None
    categories: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    policy: PolicyRef | None = None
    declassify_on: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    kind: str = "cable"
    concerns: str | None = None
    concerns_mrn: MrnRef | None = None
    exercise: Exercise | None = None
    report_by: datetime | None = None
    reply_by: datetime | None = None
    expires: datetime | None = None
    originator_reference: str | None = None
    handling: str | None = None
    drafted_by: Officer | None = None
    cleared_by: tuple[Officer, ...] = ()
    released_by: Officer | None = None
    signed_as: str | None = None

    @property
    def label(self) -> Label:
        return Label(self.classification, self.categories, self.captions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head(DraftHead):
    """The heading of a released cable. `dtg` and the other times are aware UTC times on the minute."""

    mrn: Mrn
    dtg: datetime
    from_: Post
    to: tuple[Addressee, ...]
    policy: PolicyRef
    concerns_mrn: Mrn | None = None
    released_by: Officer

    def to_json(self) -> dict[str, Any]:
        """The 30 claims of `head`."""
        return {claim: _write(getattr(self, attribute(claim))) for claim in CLAIMS}

    @classmethod
    def from_json(cls, value: object, where: str = "head") -> Head:
        """The heading of a document; raises DocumentError."""
        found = members(value, CLAIMS, where)
        claims = {attribute(name): read_claim(name, found[name], f"{where}.{name}") for name in CLAIMS}
        head = cls(**claims)
        _check_whole(head, where)
        return head


def attribute(claim: str) -> str:
    """The attribute of `Head` that holds a claim: `from_` for `from`, else the same name."""
    return "from_" if claim == "from" else claim


def _officer(value: object, where: str) -> Officer:
    found = members(value, ("name", "role"), where)
    role = shapes.line(found["role"], where)
    if not _OFFICE.fullmatch(role):
        raise refuse(f"{role[:80]!r} is no role.", where, "Write capitals, digits, hyphens, single blanks.")
    return Officer(role, None if found["name"] is None else _person(found["name"], where))


def _person(value: object, where: str) -> str:
    name = shapes.line(value, where)
    if "(" in name or ")" in name:
        raise refuse("A person's name has no parentheses.", where, "Write it without.", code="name")
    return name


def _policy(value: object, where: str) -> PolicyRef:
    found = members(value, ("id", "version"), where)
    return PolicyRef(shapes.word(found["id"], where), shapes.integer(found["version"], where))


def _exercise(value: object, where: str) -> Exercise:
    found = members(value, ("kind", "name"), where)
    return Exercise(shapes.one_of(*EXERCISES)(found["kind"], where), shapes.line(found["name"], where))


# Each claim's reader. Those of `_NEVER_NULL` have a value in every cable.
CLAIMS: Final[Mapping[str, Callable[[object, str], Any]]] = {
    "captions": shapes.unique(shapes.item),
    "categories": shapes.unique(shapes.item),
    "classification": shapes.item,
    "cleared_by": shapes.unique(_officer),
    "concerns": shapes.digest,
    "concerns_mrn": shapes.mrn,
    "declassify_on": shapes.declassify_on,
    "drafted_by": _officer,
    "dtg": shapes.time,
    "exercise": _exercise,
    "expires": shapes.time,
    "from": shapes.post,
    "handling": shapes.line,
    "info": shapes.addressees,
    "kind": shapes.one_of(*KINDS),
    "language": shapes.language,
    "mrn": shapes.mrn,
    "on_behalf_of": shapes.line,
    "originator_reference": shapes.line,
    "policy": _policy,
    "precedence_action": shapes.level,
    "precedence_info": shapes.level,
    "released_by": _officer,
    "reply_by": shapes.time,
    "report_by": shapes.time,
    "signed_as": shapes.line,
    "subject": shapes.subject,
    "tags": shapes.unique(shapes.item),
    "to": shapes.addressees,
    "xmt": shapes.addressees,
}
_LISTS: Final = frozenset({"captions", "categories", "cleared_by", "info", "tags", "to", "xmt"})
_NEVER_NULL: Final = frozenset(
    {
        "classification",
        "dtg",
        "from",
        "kind",
        "mrn",
        "policy",
        "precedence_action",
        "released_by",
        "subject",
        "to",
    }
)


def read_claim(name: str, value: object, where: str) -> Any:
    """The value of one heading claim as `Head` holds it; raises DocumentError if it has not its shape."""
    if value is None:
        if name in _NEVER_NULL:
            raise refuse("This is never null.", where)
        return () if name in _LISTS else None
    return CLAIMS[name](value, where)


def _write(value: Any) -> Any:
    match value:
        case Precedence():
            return value.name
        case datetime():
            return minute(value)
        case tuple():
            return [_write(item) for item in value] or None
        case None | str():
            return value
        case _:
            return value.to_json()


def _check_whole(head: Head, where: str) -> None:
    """What one claim says about another."""
    if (head.precedence_info is None) != (not head.info):
        raise refuse("There is a precedence for info exactly if there is an info addressee.", where)
    if (head.concerns is None) != (head.kind == "cable"):
        raise refuse("A plain cable concerns no other; every other kind names the one it concerns.", where)
    if (head.concerns is None) != (head.concerns_mrn is None):
        raise refuse("`concerns` and `concerns_mrn` stand or lack together.", where)
    if head.mrn.sender != head.from_:
        raise refuse(
            "The number is that of another post than the sender.",
            f"{where}.mrn",
            f"Write a number of {head.from_.name}.",
        )
    if head.mrn.year != head.dtg.year:
        raise refuse(
            "The year of the number is not that of the date-time group.",
            f"{where}.mrn",
            f"Write the year {print_year(head.dtg.year)}.",
        )
    check_addressees(head, where)


def check_addressees(head: DraftHead, where: str) -> None:
    """The sender's organisation is never written out, and the number of addressees is bounded."""
    count = 0
    for claim, listed in (("to", head.to), ("info", head.info), ("xmt", head.xmt)):
        for addressee in listed:
            count += 1 + len(addressee.members or ())
            check_home((addressee.post, *(addressee.members or ())), head, f"{where}.{claim}")
    if count > shapes.MAX_ADDRESSEES:
        raise refuse(f"There are {count} addressees, more than {shapes.MAX_ADDRESSEES}.", where, code="limit")


def check_home(posts: tuple[PostRef, ...], head: DraftHead, where: str) -> None:
    """DocumentError if one of `posts` writes out the sender's own organisation."""
    for post in posts:
        if post.org is not None and post.org == head.from_.org:
            raise refuse(
                f"{post.as_text()} is of the sender's own organisation.", where, f"Write {post.name}."
            )
