"""A cable that the person may read, opened and ready to be shown: what the pages of one cable share."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext

from cableroom.cable.document import Cable, Draft
from cableroom.cable.heading import Head
from cableroom.cable.label import Label
from cableroom.cable.reference import Ref
from cableroom.directory import covernames
from cableroom.office import inbox, reading
from cableroom.office.checking import Held
from cableroom.office.models import InboxItem
from cableroom.seal.cables import Opened
from cableroom.web import times
from cableroom.web.desk import Desk
from cableroom.web.framing import item_label
from cableroom.web.marking import mark_words
from cableroom.web.reading import Cited, Lens, cable_view, label_view
from cableroom.web.viewing import CableView, CoverView, LabelView, MarkView, PrintView


@dataclass(frozen=True, slots=True)
class Holding:
    """One cable as one person sees it at one desk."""

    desk: Desk
    item: InboxItem
    opened: Opened
    lens: Lens

    @property
    def cable(self) -> Cable:
        return self.opened.cable

    @property
    def head(self) -> Head:
        return self.opened.cable.head

    @property
    def mrn(self) -> str:
        return inbox.print_mrn(self.item)

    @property
    def label(self) -> LabelView:
        return item_label(self.item, self.desk.policy.levels)

    @property
    def labels(self) -> tuple[LabelView, ...]:
        """All that a page of it shows: its own label, and those of the names that are resolved in it."""
        return (self.label, *(cover.label for cover in self.lens.covers))

    @property
    def exercise(self) -> tuple[str, str]:
        each = self.head.exercise
        return ("", "") if each is None else (each.kind, each.name)

    def view(self) -> CableView:
        return cable_view(self.cable, self.lens, digest=self.item.digest, number=self.item.level)

    def url(self, name: str, *args: object) -> str:
        return self.desk.url(name, self.item.digest, *args)

    def print_view(self) -> PrintView:
        """Number, date-time group and proof in the margins of every sheet, under the cable's own mark.

        The meaning of a cover name is not printed, so its label is not in the mark.
        """
        proof = " ".join(self.item.digest[at : at + 4] for at in (0, 4, 8))
        mark = MarkView(self.label, exercise=self.exercise[0].upper())
        return PrintView(
            mark_words(mark, self.desk.words),
            self.mrn,
            times.dtg(self.head.dtg),
            gettext("proof %(proof)s") % {"proof": proof},
        )


def hold(desk: Desk, digest: str) -> Holding:
    """The cable of this digest at this desk. Raises `NotFound` alike for absent and hidden."""
    item, opened = reading.read(desk.person, desk.register, digest, now=desk.now)
    lens = Lens(
        words=desk.words,
        levels=desk.policy.levels,
        now=desk.now,
        own=desk.post,
        covers=covers_in(desk, _texts(opened.cable)),
        cited=cited_by(desk, opened.cable),
        base=desk.url("cable", digest),
    )
    return Holding(desk, item, opened, lens)


# -- refs ------------------------------------------------------------------------------------


def cited_by(desk: Desk, cable: Cable | Draft) -> Cited:
    """Where the refs of a cable lead, as far as the person may read what they name."""
    named = {ref.digest for ref in cable.refs if ref.digest} | {cable.head.concerns}
    rows = inbox.items(desk.person, desk.register, now=desk.now).filter(digest__in=named - {None})
    known = {item.digest: item for item in rows}
    held = Held(desk.register, desk.person, desk.now)

    def cited(ref: Ref) -> tuple[str, str]:
        item = known.get(ref.digest) if ref.digest else held.item(ref, cable.home)
        return ("", "") if item is None else (desk.url("cable", item.digest), item.subject)

    return cited


# -- cover names -------------------------------------------------------------------------------


def covers_in(desk: Desk, text: str) -> tuple[CoverView, ...]:
    """The cover names that `text` uses, with the meanings that this person may know. Others get none at all."""
    readable = covernames.readable_names(desk.person, now=desk.now)
    used = [name for name in readable if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)]
    found = covernames.meanings(desk.person, used, now=desk.now)
    return tuple(_cover(found[name], desk) for name in used if name in found)


def _cover(known: covernames.Meaning, desk: Desk) -> CoverView:
    label = Label(known.level, known.categories, ())
    cleared = ", ".join(known.categories) or desk.words.level(known.level)
    return CoverView(
        known.name,
        known.meaning,
        label_view(label, desk.policy.levels),
        gettext("You see this name because you are cleared for %(label)s.") % {"label": cleared},
    )


def _texts(cable: Cable) -> str:
    """All that a cable says, for looking names up in it."""
    parts = [cable.head.subject]
    for paragraph in cable.paras:
        parts += [block.t for block in paragraph.blocks]
    for instruction in cable.instructions:
        parts += [text for text in (instruction.target, instruction.what, instruction.authority) if text]
    for outcome in cable.outcomes:
        parts += [text for text in (outcome.by, outcome.to) if text]
    return "\n".join(parts)
