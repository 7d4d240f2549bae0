"""What is wrong with a draft: the rules of `cable.check`, and what only the post can know.

The codes that the office adds are listed in docs/users/drafting.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from cableroom.cable import check as rules
from cableroom.cable.address import Post, parse_post
from cableroom.cable.document import Draft
from cableroom.cable.reference import Ref, parse_dtg
from cableroom.cable.text import parse_draft
from cableroom.cable.views import KnownCable
from cableroom.directory import access, posts
from cableroom.directory import policy as policies
from cableroom.directory.models import Person
from cableroom.directory.policyform import Policy
from cableroom.directory.views import directory_view, policy_view
from cableroom.errors import DocumentError, Problem, TextError
from cableroom.office import reading
from cableroom.office.marks import Mark, mark_of
from cableroom.office.models import InboxItem

CODES = (
    "not-this-post",
    "to-itself",
    "unreachable",
    "number-given",
    "file-missing",
    "label-lowered",
)
"""What the office finds besides the rules of `cable.check`."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that was read and checked. `draft` is None if its text cannot be read."""

    draft: Draft | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those that stop a release."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def check(
    text: str,
    *,
    post: str,
    by: Person | str,
    now: datetime,
    files: Mapping[str, int] | None = None,
    mark: Mark | None = None,
) -> Checked:
    """Everything that stands between this text and its release from the post of the register `post`.

    `files` are those that are enclosed (SHA-256 to length), `mark` the draft's high-water mark. Cables that
    the draft cites are looked up as far as `by` may read them.
    """
    try:
        draft = parse_draft(text)
    except TextError as fault:
        return Checked(None, (Problem(fault.code, fault.where, fault.what, fault.do),))
    policy = policies.current()
    found = rules.check(
        draft,
        policy=policy_view(policy),
        directory=directory_view(),
        now=now,
        cables=Held(post, by, now),
    )
    draft = draft.at(Post.parse(post).org)
    found += _other_post(draft, post)
    found += _to_itself(draft)
    found += _unreachable(draft)
    found += _number_given(draft)
    found += _files(draft, files or {})
    if mark is not None:
        found += _lowered(draft, mark, policy)
    return Checked(draft, tuple(found))


# -- what the post holds -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """The cables of one register as far as a person may read them (`cable.views.CablesView`)."""

    register: str
    person: Person | str
    now: datetime
    _known: dict[str, KnownCable] = field(default_factory=dict, compare=False, repr=False)

    def cited(self, ref: Ref, home: str) -> KnownCable | None:
        item = self.item(ref, home)
        if item is None:
            return None
        if item.digest not in self._known:  # each rule asks again
            self._known[item.digest] = KnownCable.of(reading.opened(item).cable)
        return self._known[item.digest]

    def item(self, ref: Ref, home: str) -> InboxItem | None:
        """The one cable that `ref` names; None if there is none, more than one, or none to be read."""
        wanted = _wanted(ref, home)
        if wanted is None:
            return None
        rows = access.visible(
            InboxItem.objects.filter(register=self.register, **wanted), self.person, now=self.now
        )
        found = list(rows[:2])
        return found[0] if len(found) == 1 else None

    def digests(self, draft: Draft) -> dict[str, str]:
        """Letter to digest for the refs that are held; no digest twice, those that outcomes answer first."""
        answered = {outcome.of for outcome in draft.outcomes}
        found: dict[str, str] = {}
        for ref in sorted(draft.refs, key=lambda ref: (ref.letter not in answered, ref.letter)):
            item = self.item(ref, draft.home)
            if item is not None and item.digest not in found.values():
                found[ref.letter] = item.digest
        return found

    def concerned(self, draft: Draft) -> InboxItem | None:
        """The cable that CONCERNS names."""
        mrn = draft.head.concerns_mrn
        if mrn is None:
            return None
        return self.item(Ref("A", "mrn", mrn.print(draft.home)), draft.home)


def _wanted(ref: Ref, home: str) -> dict[str, object] | None:
    """What a row must be for `ref` to name it."""
    if ref.kind == "mrn":
        mrn = ref.mrn(home)
        assert mrn is not None
        return {
            "mrn_org": mrn.org,
            "mrn_post": mrn.post,
            "mrn_year": mrn.year,
            "mrn_series": mrn.series or "",
            "mrn_serial": mrn.serial,
        }
    if ref.kind == "dtg":
        originator, *group = ref.cited.rsplit(" ", 3)
        try:
            return {"sender": str(parse_post(originator).at(home)), "dtg": parse_dtg(" ".join(group))}
        except DocumentError:
            return None
    return None


# -- the office's own rules ----------------------------------------------------------------


def _other_post(draft: Draft, post: str) -> Iterable[Problem]:
    if str(draft.sender) != post:
        name = Post.parse(post).name
        yield Problem(
            "not-this-post",
            "FROM",
            _("This draft lies at %(here)s and is from %(there)s.")
            % {"here": name, "there": draft.sender.seen_from(draft.home).as_text()},
            _("Write FROM: %(here)s, or draft it there.") % {"here": name},
        )


def _to_itself(draft: Draft) -> Iterable[Problem]:
    for key, listed in (("TO", draft.head.to), ("INFO", draft.head.info)):
        if any(addressee.post.at(draft.home) == draft.sender for addressee in listed):
            yield Problem(
                "to-itself",
                key,
                _("%(post)s sends this to itself.") % {"post": draft.sender.name},
                _("Take it out; what was sent stays in its register anyway."),
            )


def _unreachable(draft: Draft) -> Iterable[Problem]:
    for post in receivers_of(draft):
        view = posts.find(post)
        if view is not None and view.confirmed and not view.reachable:
            yield Problem(
                "unreachable",
                "TO" if post in draft.action_posts else "INFO",
                _("There is no way to %(post)s at present.") % {"post": post.seen_from(draft.home).as_text()},
                _("The cable will wait; ask the communicator for a route."),
                "warning",
            )


def receivers_of(draft: Draft) -> list[Post]:
    """Every post that gets it, members of collectives among them."""
    collectives = collectives_of(draft)
    return list(dict.fromkeys(each for post in draft.all_posts for each in collectives.get(post, [post])))


def collectives_of(draft: Draft) -> dict[Post, list[Post]]:
    """The collectives among the addressees, with their members as the directory has them now but the sender."""
    view = directory_view()
    found = {post: view.collective(post) for post in draft.all_posts}
    return {
        post: [member for member in members if member != draft.sender]
        for post, members in found.items()
        if members is not None
    }


def _number_given(draft: Draft) -> Iterable[Problem]:
    for key, given in (("MRN", draft.head.mrn), ("DTG", draft.head.dtg)):
        if given is not None:
            yield Problem(
                "number-given",
                key,
                _("Number and time are given at release; this line will not stand."),
                _("Take the line out."),
                "warning",
            )


def _files(draft: Draft, files: Mapping[str, int]) -> Iterable[Problem]:
    for file in draft.files:
        if files.get(file.sha256) != file.bytes:
            yield Problem(
                "file-missing",
                f"file {file.n}",
                _("The file %(name)s is not enclosed, or has another length.") % {"name": file.name},
                _("Enclose it again, or take its line out."),
            )


def _lowered(draft: Draft, mark: Mark, policy: Policy) -> Iterable[Problem]:
    if mark_of(draft, policy).is_below(mark):
        yield Problem(
            "label-lowered",
            "CLASSIFICATION",
            _("An earlier version, or a cable that this was drafted from, is %(mark)s.")
            % {"mark": mark.name(policy)},
            _("Give the cable that label, or let a releasing officer lower the draft's mark, with a reason."),
        )
