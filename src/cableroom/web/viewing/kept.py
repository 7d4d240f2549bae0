"""Records."""

from __future__ import annotations

from dataclasses import dataclass

from cableroom.web.viewing.reading import ActView, CableView, FactView, ThreadView
from cableroom.web.viewing.signs import CoverView, LabelView, StateView


@dataclass(frozen=True, slots=True)
class Insertion:
    """A piece of a record's text.

    `kind`: text, inserted (an editor's), identity (who a cover name means: for the cleared alone, never
    printed), note (the number of a note).
    """

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
class ProposalView:
    """An instruction that was read out of a text of old, for a person to confirm or reject."""

    no: int
    act: str
    about: str
    state: StateView
    acts: tuple[ActView, ...] = ()


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
    proposals: tuple[ProposalView, ...] = ()
    describes: tuple[FactView, ...] = ()
    thread: tuple[ThreadView, ...] = ()
    evidence_url: str = ""
    cable_url: str = ""
    doubts: tuple[str, ...] = ()
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
        return any(piece.kind in ("inserted", "identity") for piece in pieces)


@dataclass(frozen=True, slots=True)
class RecordItem:
    url: str
    title: str
    language: str
    date: str
    number: str
    label: LabelView
    state: StateView
