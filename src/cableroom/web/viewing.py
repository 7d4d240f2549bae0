"""What pages show, as small frozen values: templates read these and nothing else.

Each page has one value here. A page's builder (one module a page family) fills it from the rooms
below; a template only lays it out. Text that people wrote is carried as it was released; words of
ours are already in the reader's language and in the organisation's list of words.

Shapes of a state (`StateView.shape`): ``wait`` ring, ``half`` half disc, ``done`` green disc (proved or
accepted, nothing else), ``on`` ink disc, ``late`` diamond, ``soon`` ochre ring, ``stop`` dash.
Ink of a level or precedence grows with its gravity: levels 0 to 4, precedences 1 to 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cableroom.web.wording import Words

# ---- small signs -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LabelView:
    """How closed something is. `number` orders levels; `ink` is how heavily the level is drawn."""

    level: str
    number: int
    ink: int
    categories: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrecedenceView:
    name: str
    ink: int


@dataclass(frozen=True, slots=True)
class StateView:
    word: str
    shape: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class DueView:
    """A deadline as people read it: `text` says it, `shape` is ``late``, ``soon`` or empty."""

    text: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text; `cover` marks a cover name that this reader may resolve."""

    text: str
    cover: bool = False


@dataclass(frozen=True, slots=True)
class CoverView:
    name: str
    meaning: str
    label: LabelView
    why: str


# ---- the frame of a page -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MarkView:
    """The page mark: the highest label of what the page shows."""

    label: LabelView
    draft: bool = False
    exercise: str = ""


@dataclass(frozen=True, slots=True)
class RoomView:
    key: str
    url: str
    count: int = 0
    late: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class BandView:
    """What concerns the whole page. `kind`: flash, exercise, hold, held, late."""

    kind: str
    name: str
    lead: str = ""
    text: str = ""
    url: str = ""
    link: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class PageView:
    """The frame: who reads, at which post, which rooms, what mark, which bands."""

    words: Words
    title: str = ""
    post: str = ""
    post_about: str = ""
    home: str = "/"
    rooms: tuple[RoomView, ...] = ()
    person: str = ""
    role: str = ""
    mark: MarkView | None = None
    bands: tuple[BandView, ...] = ()
    print_url: str = ""
    flash_title: str = ""
    plain_sheet: bool = False
    now: datetime | None = None


# ---- lists -------------------------------------------------------------------------------------


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


# ---- a cable -----------------------------------------------------------------------------------


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
class TodoView:
    """One instruction in the card *What this asks of POST*."""

    title: str
    anchor: str
    state: StateView
    by: str = ""
    running: bool = False


@dataclass(frozen=True, slots=True)
class ActView:
    """A button: a form that posts (`post`) or a link. `first` is the one primary of the view."""

    label: str
    url: str
    post: bool = False
    first: bool = False
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionView:
    """An outcome that waits for its originator: accept, or return with a reason."""

    title: str
    url: str
    report: str
    no: int


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


# ---- what is asked ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellView:
    """One instruction at one post: `steps` of six are done; `state` None means not put to it."""

    column: str
    state: StateView | None
    steps: int = 0
    why: str = ""
    number: str = ""
    url: str = ""

    @property
    def marks(self) -> tuple[str, ...]:
        """The class of each of the six bars: proved (all six), done, or not yet."""
        done = "g" if self.steps >= 6 else "f"
        return tuple(done if i < self.steps else "" for i in range(6))


@dataclass(frozen=True, slots=True)
class BoardRow:
    post: str
    cells: tuple[CellView, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class BoardCable:
    anchor: str
    url: str
    subject: str
    language: str
    mrn: str
    precedence: PrecedenceView
    label: LabelView
    columns: tuple[str, ...]
    rows: tuple[BoardRow, ...]
    report_by: str = ""
    acts: tuple[ActView, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardView:
    cables: tuple[BoardCable, ...]
    overdue: int
    open: int
    to_accept: int
    query: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class TaskView:
    no: int
    act: str
    rest: tuple[Run, ...]
    subject: str
    language: str
    url: str
    mrn: str
    label: LabelView
    due: DueView | None
    owner: str
    note: str
    acts: tuple[ActView, ...]
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class TaskGroup:
    heading: str
    late: bool
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True, slots=True)
class NoteForm:
    """The form *Note what was done* for one task."""

    url: str
    act: str
    mrn: str
    no: int
    at: str = ""
    by: str = ""
    to: str = ""
    results: tuple[ChoiceView, ...] = ()
    origin: str = ""
    next: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class AssignForm:
    url: str
    act: str
    mrn: str
    no: int
    people: tuple[ChoiceView, ...] = ()


@dataclass(frozen=True, slots=True)
class TasksView:
    groups: tuple[TaskGroup, ...]
    open: int
    overdue: int
    note: NoteForm | None = None
    assign: AssignForm | None = None


# ---- drafts and release --------------------------------------------------------------------------


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


# ---- records ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Insertion:
    """A piece of a record's text. `kind`: text, inserted (an editor's), note (number of a note)."""

    kind: str
    text: str
    note: int = 0


@dataclass(frozen=True, slots=True)
class PairView:
    """A paragraph beside its translation; either may be empty."""

    original: tuple[Insertion, ...] = ()
    translation: tuple[Insertion, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordNote:
    n: int
    text: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class CustodyView:
    holder: str
    about: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record: what the archive holds, says and can prove about a cable or an imported document."""

    title: str
    date: str
    summary: str
    summary_by: str
    label: LabelView
    proof: StateView
    proof_about: str
    proof_text: str
    citation: str
    address: str
    original_language: str = ""
    original_name: str = ""
    translation_language: str = ""
    translation_name: str = ""
    translator: str = ""
    pairs: tuple[PairView, ...] = ()
    notes: tuple[RecordNote, ...] = ()
    custody: tuple[CustodyView, ...] = ()
    covers: tuple[CoverView, ...] = ()
    cable: CableView | None = None
    proposals: tuple[str, ...] = ()
    describes: tuple[FactView, ...] = ()
    thread: tuple[ThreadView, ...] = ()
    evidence_url: str = ""
    cable_url: str = ""
    view: str = "both"

    @property
    def both(self) -> bool:
        """Both an original and a translation are there."""
        return any(pair.original for pair in self.pairs) and any(pair.translation for pair in self.pairs)

    @property
    def shows_translation(self) -> bool:
        """The translation alone is shown: chosen, or nothing else is there."""
        if self.both:
            return self.view == "translation"
        return any(pair.translation for pair in self.pairs)

    @property
    def has_inserted(self) -> bool:
        pieces = (piece for pair in self.pairs for piece in (*pair.original, *pair.translation))
        return any(piece.kind == "inserted" for piece in pieces)


@dataclass(frozen=True, slots=True)
class RecordItem:
    url: str
    title: str
    language: str
    date: str
    number: str
    label: LabelView
    state: StateView


# ---- verification and the watch -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VerdictLine:
    state: StateView
    text: str


@dataclass(frozen=True, slots=True)
class VerifyView:
    sentence: str
    about: str
    good: bool
    proved: tuple[VerdictLine, ...]
    unproved: tuple[VerdictLine, ...]
    failed: tuple[VerdictLine, ...] = ()
    facts: tuple[FactView, ...] = ()
    back: str = ""
    mrn: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    precedence: PrecedenceView
    number: str
    to: str
    channel: str
    waiting: str
    next: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class TroubleView:
    state: StateView
    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineRow:
    post: str
    state: StateView
    road: str
    waiting: str
    last_in: str = ""
    last_out: str = ""


@dataclass(frozen=True, slots=True)
class WatchView:
    troubles: tuple[TroubleView, ...]
    lines: tuple[LineRow, ...]
    queue: tuple[QueueRow, ...]
    register: tuple[FactView, ...] = ()


@dataclass(frozen=True, slots=True)
class PostChoice:
    url: str
    name: str
    about: str
    roles: str
    waiting: int


@dataclass(frozen=True, slots=True)
class PrintView:
    """The margin boxes of a printed page: `corner` top start, `foot` bottom start, `proof` bottom end."""

    mark: str
    corner: str
    foot: str
    proof: str
