"""The mark of a draft: the highest of its heading, its paragraphs and its files; and who may see a draft.

A draft keeps a high-water mark over all its versions: a label that was typed once does not sink by an edit.
Only a releasing officer lowers it, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cableroom.cable.document import Draft as DraftDocument
from cableroom.cable.label import level_lettered, level_named, parse_mark
from cableroom.cable.text import parse_draft
from cableroom.directory import access
from cableroom.directory.policyform import Policy
from cableroom.directory.standing import Standing
from cableroom.errors import TextError
from cableroom.office.models import Draft, DraftVersion, InboxItem


@dataclass(frozen=True, slots=True)
class Mark:
    """A label as numbers and names. `level` None: it cannot be told, since the text cannot be read."""

    level: int | None
    categories: frozenset[str] = frozenset()
    captions: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        return self.level is not None

    def over(self, other: Mark) -> Mark:
        """The higher of both, in each part."""
        levels = [level for level in (self.level, other.level) if level is not None]
        return Mark(
            max(levels, default=None), self.categories | other.categories, self.captions | other.captions
        )

    def is_below(self, other: Mark) -> bool:
        """Whether something of `other` is missing here."""
        return (
            (self.level or 0) < (other.level or 0)
            or not other.categories <= self.categories
            or not other.captions <= self.captions
        )

    def name(self, policy: Policy) -> str:
        """As people write it: `SECRET, EYES ONLY`."""
        level = next((each.level for each in policy.levels if each.number == self.level), "?")
        return ", ".join([level, *sorted(self.categories), *sorted(self.captions)])


def mark_of_text(text: str, policy: Policy) -> Mark:
    """The mark of a draft's text; unknown if it cannot be read, or names a level that the policy lacks."""
    try:
        return mark_of(parse_draft(text), policy)
    except TextError:
        return Mark(None)


def mark_of(draft: DraftDocument, policy: Policy) -> Mark:
    """The highest of the heading, the paragraphs and the files."""
    marked = [part.mark for part in draft.paras] + [file.mark for file in draft.files]
    marks = [parse_mark(mark) for mark in marked if mark is not None]
    levels = [level_named(policy.levels, draft.head.classification)]
    levels += [level_lettered(policy.levels, mark.letter) for mark in marks]
    words = {word for mark in marks for word in mark.handling}
    captions = {caption.caption for caption in policy.captions}
    return Mark(
        None if None in levels else max(level.number for level in levels if level is not None),
        frozenset(draft.head.categories) | (words & set(policy.categories)),
        frozenset(draft.head.captions) | (words & captions),
    )


def mark_of_items(items: Iterable[InboxItem]) -> Mark:
    """The highest of some cables: what is drafted from them is at least that."""
    found = Mark(None)
    for item in items:
        found = found.over(Mark(item.level, frozenset(item.categories), frozenset(item.captions)))
    return found


def mark_on(row: Draft | DraftVersion) -> Mark:
    """The mark that a row carries."""
    return Mark(row.level, frozenset(row.categories), frozenset(row.captions))


def put_on(row: Draft | DraftVersion, mark: Mark) -> None:
    row.level = mark.level
    row.categories, row.captions = sorted(mark.categories), sorted(mark.captions)


def is_cleared(who: Standing, mark: Mark) -> bool:
    """Whether a person is cleared for all of a mark; of an unknown one, for its categories."""
    if mark == Mark(None):
        return True
    return access.dominates(who.clearance, mark.level or 0, mark.categories)


def may_see(who: Standing, row: Draft, policy: Policy) -> bool:
    """People of the post who are cleared for the draft's mark.

    A text that cannot be read, and one under a caption that asks for named readers, only its
    author and holder see; the latter also who releases at the post.
    """
    mark = mark_on(row)
    if row.post not in who.registers or not is_cleared(who, mark):
        return False
    if who.person in (row.author, row.holder):
        return True
    if row.unread or not mark.is_known:
        return False
    rules = {policy.rule_of(caption) for caption in mark.captions}
    return rules <= {"mark"} or who.may("release", row.post) is not None
