"""Lists of cables, and one cable as a person wants to read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cableroom.web.viewing.signs import CoverView, DueView, LabelView, PrecedenceView, Run, StateView


@dataclass(frozen=True, slots=True)
class ItemView:
    """One cable in a list."""

    url: str
    subject: str
    language: str
    mrn: str
    origin: str
    precedence: PrecedenceView
    label: LabelView
    facts: tuple[str, ...] = ()
    due: DueView | None = None
    unread: bool = False
    take_up: str = ""
    dtg: str = ""
    late_word: str = ""


@dataclass(frozen=True, slots=True)
class GroupView:
    heading: str
    about: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class InboxView:
    flash: tuple[ItemView, ...]
    groups: tuple[GroupView, ...]
    now: datetime
    last: str = ""

    @property
    def empty(self) -> bool:
        return not self.flash and not any(group.items for group in self.groups)


@dataclass(frozen=True, slots=True)
class AddresseeView:
    """`name` as the text form prints it without precedence; `own` is the post that reads."""

    name: str
    own: bool = False
    precedence: PrecedenceView | None = None
    niact: bool = False
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefView:
    letter: str
    cited: str
    url: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class WordsView:
    """One version of the words: `text` is exactly what was released, character for character."""

    text: str
    language: str
    language_name: str
    authoritative: bool
    verbatim: bool
    anchor: str = ""
    sheet_url: str = ""
    file_url: str = ""


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block of a paragraph: runs of text, or a quotation (`quote`), each with its language."""

    runs: tuple[Run, ...]
    quote: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class AskView:
    """An instruction's or outcome's opening line: boxed number, act in bold, whom and how."""

    box: str
    act: str
    rest: tuple[Run, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class ParagraphView:
    n: int
    mark: str
    level: str
    blocks: tuple[BlockView, ...]
    ask: AskView | None = None
    words: WordsView | None = None
    courtesy: tuple[WordsView, ...] = ()
    covers: tuple[CoverView, ...] = ()
    after: tuple[BlockView, ...] = ()


@dataclass(frozen=True, slots=True)
class FileView:
    n: int
    name: str
    media_type: str
    size: str
    mark: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class CableView:
    """A cable as a person wants to read it."""

    url: str
    digest: str
    mrn: str
    dtg: str
    at: datetime | None
    subject: str
    language: str
    precedence: PrecedenceView
    label: LabelView
    origin: str
    behalf: str
    action: tuple[AddresseeView, ...]
    info: tuple[AddresseeView, ...]
    paragraphs: tuple[ParagraphView, ...]
    exempt: tuple[AddresseeView, ...] = ()
    tags: tuple[str, ...] = ()
    refs: tuple[RefView, ...] = ()
    kind: str = ""
    concerns: RefView | None = None
    report_by: str = ""
    report_due: DueView | None = None
    reply_by: str = ""
    expires: str = ""
    handling: str = ""
    originator_reference: str = ""
    files: tuple[FileView, ...] = ()
    signed_as: str = ""
    foot: tuple[str, ...] = ()
    exercise_kind: str = ""
    exercise: str = ""


@dataclass(frozen=True, slots=True)
class ActView:
    """A button: a form that posts (`post`) or a link. `first` is the one primary of the view."""

    label: str
    url: str
    post: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class TodoView:
    """One instruction in the card *What this asks of POST*, with what can be done about it."""

    title: str
    anchor: str
    state: StateView
    by: str = ""
    running: bool = False
    acts: tuple[ActView, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionView:
    """An outcome that waits for its originator: accept (`final`), or return with a reason.

    `of` is the digest of the instructing cable; the form posts to the report's own address.
    """

    title: str
    url: str
    of: str
    no: int
    final: bool = True


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of how a cable travelled. `shape`: done, now, todo, bad."""

    word: str
    shape: str
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class WayView:
    """One leg: to which post, and its steps."""

    heading: str
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True)
class FactView:
    term: str
    value: str
    machine: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceView:
    title: str
    lines: tuple[str, ...]
    state: StateView | None = None
    about: str = ""
    facts: tuple[FactView, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadView:
    number: str
    text: str
    url: str = ""
    this: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceView:
    value: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ReadersView:
    """Who at the post may read the cable, and whom one may add."""

    readers: tuple[str, ...]
    url: str = ""
    roles: tuple[ChoiceView, ...] = ()
    people: tuple[ChoiceView, ...] = ()


@dataclass(frozen=True, slots=True)
class CablePage:
    cable: CableView
    asks_heading: str
    todo: tuple[TodoView, ...] = ()
    acts: tuple[ActView, ...] = ()
    decisions: tuple[DecisionView, ...] = ()
    ways: tuple[WayView, ...] = ()
    evidence: tuple[EvidenceView, ...] = ()
    thread: tuple[ThreadView, ...] = ()
    links: tuple[ActView, ...] = ()
    readers: ReadersView | None = None
    evidence_url: str = ""
    verify_url: str = ""
    proof_url: str = ""


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The clean sheet: whom, number, words, courtesy translations, proof."""

    cable_url: str
    other_url: str
    large: bool
    lead: str
    mrn: str
    no: int
    words: WordsView
    courtesy: tuple[WordsView, ...]
    proof: str
    origin: str
