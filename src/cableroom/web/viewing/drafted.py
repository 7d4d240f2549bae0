"""Drafts, the composer, and release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cableroom.web.viewing.reading import CableView, ChoiceView
from cableroom.web.viewing.signs import LabelView, PrecedenceView, StateView


@dataclass(frozen=True, slots=True)
class DraftItem:
    url: str
    subject: str
    language: str
    label: LabelView
    precedence: PrecedenceView | None
    kind: str
    saved: datetime
    by: str
    state: StateView


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One finding, linked to its place: `anchor` is an element of the page."""

    where: str
    what: str
    do: str
    anchor: str
    error: bool = True


@dataclass(frozen=True, slots=True)
class ComposeView:
    """A draft as text. `version` is the SHA-256 of the text that the form was made from."""

    save_url: str
    text: str
    version: str
    problems: tuple[ProblemView, ...] = ()
    saved: datetime | None = None
    by: str = ""
    release_url: str = ""
    new: bool = False
    clash: bool = False
    rows: int = 30
    source: str = ""
    attach_url: str = ""
    discard_url: str = ""
    closed: bool = False

    @property
    def errors(self) -> int:
        return sum(problem.error for problem in self.problems)


@dataclass(frozen=True, slots=True)
class AudienceView:
    """Who will be able to read it, post by post."""

    post: str
    text: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseView:
    cable: CableView
    text: str
    url: str
    draft_url: str
    version: str
    roles: tuple[ChoiceView, ...]
    audience: tuple[AudienceView, ...]
    problems: tuple[ProblemView, ...] = ()
    refusal: str = ""
    post: str = ""
    person: str = ""

    @property
    def errors(self) -> int:
        return sum(problem.error for problem in self.problems)
