"""The cable as a frozen value, and the JSON document that is signed.

    Cable = Head + refs + files + paragraphs        released, complete, immutable
    Draft = DraftHead + refs + files + paragraphs   what a drafter has written so far

`Cable.from_json` takes nothing that breaks a rule of docs/reference/document.md; `to_json` gives the
document back. `Instruction` and `Outcome` are what a paragraph says, told for those who act on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cableroom.cable.address import Addressee, Post, PostRef
from cableroom.cable.canonical import encode
from cableroom.cable.enclosures import (
    MAX_FILES,
    MAX_REFS,
    File,
    read_file,
    read_files,
    read_ref,
    read_refs,
)
from cableroom.cable.heading import (
    DraftHead,
    Exercise,
    Head,
    Officer,
    PolicyRef,
    check_addressees,
    check_home,
)
from cableroom.cable.label import Label
from cableroom.cable.paragraphs import (
    InstructionLine,
    OutcomeLine,
    Paragraph,
    Segment,
    Text,
    read_paragraphs,
    words,
)
from cableroom.cable.precedence import Precedence
from cableroom.cable.reference import Mrn, Ref, kind_of
from cableroom.cable.shapes import members, refuse
from cableroom.errors import NotFound

__all__ = [
    "MAX_FILES",
    "MAX_REFS",
    "Cable",
    "Draft",
    "DraftHead",
    "Exercise",
    "File",
    "Head",
    "Instruction",
    "InstructionLine",
    "Officer",
    "Outcome",
    "OutcomeLine",
    "Paragraph",
    "PolicyRef",
    "Segment",
    "Text",
    "read_file",
    "read_ref",
    "slots",
]

MAX_BYTES: Final = 2**20
MAX_SLOTS: Final = 65_536
FEWEST_SLOTS: Final[Mapping[str, int]] = {"refs": 8, "files": 4, "paras": 32, "segments": 16}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, told whole. `posts` are those that it is put to; `words` (language, authoritative,
    text) of each quotation; `paragraph` its number in the cable."""

    no: int
    act: str
    manner: str | None
    target: str | None
    what: str | None
    authority: str | None
    posts: tuple[Post, ...]
    by: datetime | None
    urgent: bool
    paragraph: int
    mark: str | None
    words: tuple[tuple[str | None, bool, str], ...]
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome, told whole. `of` is the digest of the cable that it answers (in a draft the ref's
    letter), `no` the instruction's number there."""

    of: str
    no: int
    result: str
    at: datetime | None
    by: str | None
    to: str | None
    next: datetime | None
    paragraph: int
    mark: str | None
    text: str
    quotations: tuple[str, ...]


class _Content:
    """What a cable and a draft can both be asked. Posts are complete: the sender's organisation filled in."""

    __slots__ = ()

    head: DraftHead
    refs: tuple[Ref, ...]
    files: tuple[File, ...]
    paras: tuple[Paragraph, ...]

    @property
    def home(self) -> str:
        """The organisation of the sender; raises DocumentError in a draft that does not say it."""
        if self.head.from_.org is None:
            raise refuse("This draft does not name the sender's organisation.", "head.from")
        return self.head.from_.org

    @property
    def label(self) -> Label:
        return self.head.label

    @property
    def sender(self) -> Post:
        return self.head.from_.at(self.home)

    @property
    def action_posts(self) -> list[Post]:
        """Every post that must act, members of collectives for their collective, each once."""
        return _posts(self.head.to, self.home)

    @property
    def info_posts(self) -> list[Post]:
        """Every post that is only told; one that must act as well is not among them."""
        action = set(self.action_posts)
        return [post for post in _posts(self.head.info, self.home) if post not in action]

    @property
    def all_posts(self) -> list[Post]:
        return self.action_posts + self.info_posts

    @property
    def instructions(self) -> list[Instruction]:
        action, home = tuple(self.action_posts), self.home
        return [
            _instruction(paragraph, paragraph.line, action, home)
            for paragraph in self.paras
            if isinstance(paragraph.line, InstructionLine)
        ]

    @property
    def outcomes(self) -> list[Outcome]:
        return [
            _outcome(paragraph, paragraph.line)
            for paragraph in self.paras
            if isinstance(paragraph.line, OutcomeLine)
        ]

    def instructions_for(self, post: Post) -> list[Instruction]:
        """The instructions that are put to `post`."""
        return [instruction for instruction in self.instructions if post in instruction.posts]

    def precedence_for(self, post: Post) -> Precedence:
        """The greatest precedence with which the cable goes to `post`; raises NotFound for a stranger."""
        found = [
            addressee.precedence if addressee.precedence is not None else general
            for listed, general in (
                (self.head.to, self.head.precedence_action),
                (self.head.info, self.head.precedence_info),
            )
            for addressee in listed
            if general is not None and post in _posts((addressee,), self.home)
        ]
        if not found:
            raise NotFound(f"{post} is no addressee of this cable.")
        return max(found)

    def niact_for(self, post: Post) -> bool:
        """Whether somebody at `post` is to be called at night."""
        listed = self.head.to + self.head.info
        return any(each.niact and post in _posts((each,), self.home) for each in listed)


@dataclass(frozen=True, slots=True)
class Cable(_Content):
    """A released cable."""

    head: Head
    refs: tuple[Ref, ...]
    files: tuple[File, ...]
    paras: tuple[Paragraph, ...]

    @property
    def mrn(self) -> Mrn:
        return self.head.mrn

    @property
    def dtg(self) -> datetime:
        return self.head.dtg

    def to_json(self) -> dict[str, Any]:
        """The document {files, head, paras, refs}."""
        return {
            "files": [file.to_json() for file in self.files] or None,
            "head": self.head.to_json(),
            "paras": [paragraph.to_json() for paragraph in self.paras],
            "refs": [ref.to_json() for ref in self.refs] or None,
        }

    @classmethod
    def from_json(cls, value: object) -> Cable:
        """The cable of a document; raises DocumentError if anything in it breaks a rule.

        Code `unassigned` tells a character that newer Unicode tables may know: such a document may be
        good, and is kept until it can be judged.
        """
        found = members(value, ("files", "head", "paras", "refs"), "document")
        head = Head.from_json(found["head"])
        cable = cls(
            head,
            read_refs(found["refs"], head.from_.org),
            read_files(found["files"]),
            read_paragraphs(found["paras"]),
        )
        check_content(cable)
        _check_outcomes(cable)
        _check_size(cable, value)
        return cable


@dataclass(frozen=True, slots=True)
class Draft(_Content):
    """A cable in work. In its outcomes `of` is the letter of a ref."""

    head: DraftHead
    refs: tuple[Ref, ...]
    files: tuple[File, ...]
    paras: tuple[Paragraph, ...]

    def at(self, org: str) -> Draft:
        """This draft as written in the organisation `org`, which FROM may have left out.

        What named that organisation needlessly no longer does. A draft that says its organisation is
        given back as it is.
        """
        if self.head.from_.org is not None:
            return self
        head = replace(
            self.head,
            from_=self.head.from_.at(org),
            to=tuple(_addressee_at(addressee, org) for addressee in self.head.to),
            info=tuple(_addressee_at(addressee, org) for addressee in self.head.info),
            xmt=tuple(_addressee_at(addressee, org) for addressee in self.head.xmt),
            concerns_mrn=None if self.head.concerns_mrn is None else self.head.concerns_mrn.at(org),
        )
        refs = tuple(_ref_at(ref, org) for ref in self.refs)
        paras = tuple(_paragraph_at(paragraph, org) for paragraph in self.paras)
        return Draft(head, refs, self.files, paras)


def _posts(addressees: tuple[Addressee, ...], home: str) -> list[Post]:
    reached = (post.at(home) for addressee in addressees for post in addressee.reached)
    return list(dict.fromkeys(reached))


def _instruction(
    paragraph: Paragraph, line: InstructionLine, action: tuple[Post, ...], home: str
) -> Instruction:
    assert paragraph.no is not None
    return Instruction(
        no=paragraph.no,
        act=line.act,
        manner=line.manner,
        target=line.target,
        what=line.what,
        authority=line.authority,
        posts=action if line.posts is None else tuple(post.at(home) for post in line.posts),
        by=line.by,
        urgent=line.urgent,
        paragraph=paragraph.n,
        mark=paragraph.mark,
        words=tuple(words(paragraph)),
        text=paragraph.text,
    )


def _outcome(paragraph: Paragraph, line: OutcomeLine) -> Outcome:
    assert paragraph.no is not None
    return Outcome(
        of=line.of,
        no=paragraph.no,
        result=line.result,
        at=line.at,
        by=line.by,
        to=line.to,
        next=line.next,
        paragraph=paragraph.n,
        mark=paragraph.mark,
        text=paragraph.text,
        quotations=paragraph.quotations,
    )


def _post_at(post: PostRef, org: str) -> PostRef:
    return PostRef(None, post.name) if post.org == org else post


def _addressee_at(addressee: Addressee, org: str) -> Addressee:
    listed = addressee.members
    return replace(
        addressee,
        org=_post_at(addressee.post, org).org,
        members=None if listed is None else tuple(_post_at(member, org) for member in listed),
    )


def _ref_at(ref: Ref, org: str) -> Ref:
    cited = ref.cited.removesuffix(f" @{org}") if ref.kind == "mrn" else ref.cited
    return replace(ref, cited=cited, kind=kind_of(cited, org))


def _paragraph_at(paragraph: Paragraph, org: str) -> Paragraph:
    line = paragraph.line
    if not isinstance(line, InstructionLine) or line.posts is None:
        return paragraph
    return replace(paragraph, line=replace(line, posts=tuple(_post_at(post, org) for post in line.posts)))


def check_content(content: Cable | Draft) -> None:
    """What a cable and a draft must both keep: the sender's organisation is not written out."""
    if isinstance(content, Draft):
        check_addressees(content.head, "head")
    for paragraph in content.paras:
        if isinstance(paragraph.line, InstructionLine):
            check_home(paragraph.line.posts or (), content.head, f"paras.{paragraph.n}")


def _check_outcomes(cable: Cable) -> None:
    known = {ref.digest for ref in cable.refs}
    for outcome in cable.outcomes:
        if outcome.of not in known:
            raise refuse(
                "The outcome answers a cable that is none of the refs.", f"paras.{outcome.paragraph}"
            )


def slots(count: int, fewest: int) -> int:
    """How many slots a level has for `count` items: the smallest power of two ≥ 2·count and ≥ `fewest`."""
    return max(fewest, 1 << (2 * count - 1).bit_length() if count else 1)


def count_slots(cable: Cable) -> int:
    """All slots of the disclosable form of `cable`."""
    return (
        slots(len(cable.refs), FEWEST_SLOTS["refs"])
        + slots(len(cable.files), FEWEST_SLOTS["files"])
        + slots(len(cable.paras), FEWEST_SLOTS["paras"])
        + sum(slots(len(paragraph.segments), FEWEST_SLOTS["segments"]) for paragraph in cable.paras)
    )


def _check_size(cable: Cable, document: object) -> None:
    if count_slots(cable) > MAX_SLOTS:
        raise refuse(f"The document needs more than {MAX_SLOTS} slots.", "document", code="limit")
    if len(encode(document)) > MAX_BYTES:
        raise refuse(f"The document has more than {MAX_BYTES} bytes.", "document", code="limit")
