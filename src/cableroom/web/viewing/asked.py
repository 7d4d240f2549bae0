"""What is asked of whom: the board, the tasks and their forms."""

from __future__ import annotations

from dataclasses import dataclass

from cableroom.web.viewing.reading import ActView, ChoiceView
from cableroom.web.viewing.signs import DueView, LabelView, PrecedenceView, Run, StateView


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
