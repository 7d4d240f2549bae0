"""The frame of a page: rooms with their counts, the mark, the bands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from cableroom.cable.address import Post
from cableroom.cable.label import Label, Level
from cableroom.directory.models import OrganisationRow, Person
from cableroom.office import board, inbox
from cableroom.office.models import InboxItem
from cableroom.web import times
from cableroom.web.desk import Desk
from cableroom.web.marking import mark_words
from cableroom.web.reading import label_view
from cableroom.web.viewing import BandView, LabelView, MarkView, PageView, RoomView

FLASH = 4
"""The precedence from which a cable takes the screen."""


def organisation() -> str:
    """The name of this installation's organisation; empty before it is set up."""
    row = OrganisationRow.objects.first()
    return "" if row is None else row.name


def full_names(names: Iterable[str]) -> dict[str, str]:
    """The full names of people by their account names."""
    return dict(Person.objects.filter(name__in=set(names)).values_list("name", "full_name"))


def post_name(register: str, desk: Desk) -> str:
    """The post of a register as this desk's organisation writes it."""
    return Post.parse(register).seen_from(desk.post.org).as_text()


def item_label(item: InboxItem, levels: tuple[Level, ...]) -> LabelView:
    label = Label(item.classification, tuple(item.categories), tuple(item.captions))
    return label_view(label, levels, item.level)


# -- the mark --------------------------------------------------------------------------------


def highest(labels: Iterable[LabelView], levels: tuple[Level, ...]) -> LabelView:
    """The highest level of what a page shows, with every category and caption; the lowest for an empty page."""
    found = list(labels)
    lowest = LabelView(levels[0].level, levels[0].number, 0)
    top = max(found, key=lambda label: label.number, default=lowest)
    return LabelView(
        top.level,
        top.number,
        top.ink,
        tuple(dict.fromkeys(item for label in found for item in label.categories)),
        tuple(dict.fromkeys(item for label in found for item in label.captions)),
    )


# -- FLASH -----------------------------------------------------------------------------------


def flashes(desk: Desk) -> list[InboxItem]:
    """What nobody at the post has taken up yet and takes the screen, the oldest first."""
    rows = inbox.items(desk.person, desk.register, now=desk.now, sent=False)
    return list(rows.filter(precedence__gte=FLASH, taken_up__isnull=True).order_by("at", "digest"))


def _flash_bands(desk: Desk, waiting: list[InboxItem]) -> list[BandView]:
    name = desk.words.precedence("FLASH")
    return [
        BandView(
            kind="flash",
            name=name,
            lead=name,
            text=f"{desk.words('nobody_took_it')}. {times.span(desk.now - item.at)}.",
            url=desk.url("cable", item.digest),
            link=item.subject,
            button=gettext("Open"),
        )
        for item in waiting
    ]


def exercise_band(kind: str, name: str, desk: Desk) -> BandView:
    """The striped band of an exercise or a drill."""
    text = desk.words("drill_band" if kind == "drill" else "exercise_band", name=name)
    return BandView(
        kind="exercise", name=gettext("Drill") if kind == "drill" else gettext("Exercise"), lead=text
    )


# -- the whole -------------------------------------------------------------------------------


def frame(
    desk: Desk,
    room: str,
    labels: Iterable[LabelView] = (),
    *,
    draft: bool = False,
    exercise: tuple[str, str] = ("", ""),
    print_url: str = "",
    **more: Any,
) -> PageView:
    """The frame of a page of `room` that shows things with these labels.

    `exercise` is (kind, name); `print_url` the page's own print stylesheet, else that of working pages.
    """
    waiting = flashes(desk)
    every = [*labels, *(item_label(item, desk.policy.levels) for item in waiting)]
    kind, name = exercise
    mark = MarkView(highest(every, desk.policy.levels), draft, kind.upper())
    bands = _flash_bands(desk, waiting)
    if kind:
        bands.append(exercise_band(kind, name, desk))
    values: dict[str, Any] = {
        "words": desk.words,
        "post": desk.post.name,
        "post_about": organisation(),
        "home": desk.url("inbox"),
        "rooms": tuple(_rooms(desk, room)),
        "person": desk.person.full_name,
        "role": ", ".join(held.role for held in desk.roles),
        "mark": mark,
        "bands": tuple(bands),
        "print_url": print_url or working_print(mark, desk),
        "flash_title": desk.words("flash_waiting", n=len(waiting)) if waiting else "",
        "now": desk.now,
    }
    return PageView(**{**values, **more})


def working_print(mark: MarkView, desk: Desk) -> str:
    """The print stylesheet of a page that is no record."""
    return f"{reverse('print')}?{urlencode({'mark': mark_words(mark, desk.words)})}"


def _rooms(desk: Desk, current: str) -> Iterable[RoomView]:
    tasks = board.tasks(desk.person, desk.register, now=desk.now)
    late = sum(line.overdue for line in tasks)
    counts = {
        "inbox": (inbox.waiting(desk.person, desk.register, now=desk.now), False),
        "tasks": (late or len(tasks), late > 0),
    }
    for key in ("inbox", "tasks", "board", "drafts", "records", "watch"):
        if key == "watch" and desk.may("communicate") is None:
            continue
        count, is_late = counts.get(key, (0, False))
        yield RoomView(key, desk.url(key), count, is_late, key == current)
