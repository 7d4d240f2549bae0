"""The inbox of a post, by precedence, and the page that a FLASH puts first."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext

from cableroom.office import inbox as office
from cableroom.office.inbox import InboxLine
from cableroom.web import framing, times
from cableroom.web.desk import Desk
from cableroom.web.framing import FLASH, full_names, item_label, post_name
from cableroom.web.reading import precedence_view
from cableroom.web.rooms import page
from cableroom.web.viewing import DueView, GroupView, InboxView, ItemView

LONGEST = 300
"""How many cables the page shows; the most urgent and newest come first."""


@page
def inbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    lines = office.inbox(desk.person, desk.register, now=desk.now, limit=LONGEST)
    view = inbox_view(desk, lines)
    labels = [item_label(line.item, desk.policy.levels) for line in lines]
    context = {"page": framing.frame(desk, "inbox", labels), "view": view, "new_url": desk.url("new-draft")}
    return render(request, "web/inbox.html", context)


def inbox_view(desk: Desk, lines: Iterable[InboxLine]) -> InboxView:
    """FLASH first, then what is to be done, what is to be known, and what is closed."""
    every = list(lines)
    names = full_names(owner for line in every for owner in line.owners)
    flash = [line for line in every if line.item.precedence >= FLASH and line.item.taken_up is None]
    rest = [line for line in every if line not in flash]
    action = [line for line in rest if line.item.action and line.status != "closed"]
    info = [line for line in rest if not line.item.action]
    closed = [line for line in rest if line.item.action and line.status == "closed"]
    groups = (
        _group(desk, desk.words("for_action"), _open(len(action)), action, names),
        _group(desk, desk.words("for_information"), "", info, names),
        _group(desk, gettext("Closed here"), gettext("reported, or nothing was asked"), closed, names),
    )
    return InboxView(tuple(_item(desk, line, names) for line in flash), groups, desk.now, _last_sent(desk))


def _last_sent(desk: Desk) -> str:
    """A proof of life for an empty inbox: what was released last."""
    for line in office.sent(desk.person, desk.register, now=desk.now, limit=1):
        when = times.clock(line.item.at, desk.now)
        return desk.words("last_sent", mrn=office.print_mrn(line.item), when=when)
    return ""


def _open(count: int) -> str:
    return ngettext("%(n)s open", "%(n)s open", count) % {"n": count}


def _group(desk: Desk, heading: str, about: str, lines: list[InboxLine], names: dict[str, str]) -> GroupView:
    return GroupView(heading, about, tuple(_item(desk, line, names) for line in lines))


def _item(desk: Desk, line: InboxLine, names: dict[str, str]) -> ItemView:
    item, words = line.item, desk.words
    due = times.due(line.due, desk.now, words)
    flash = item.precedence >= FLASH and item.taken_up is None
    return ItemView(
        url=desk.url("cable", item.digest),
        subject=item.subject,
        language="",
        mrn=office.print_mrn(item),
        origin=post_name(item.sender, desk),
        precedence=precedence_view(item.precedence),
        label=item_label(item, desk.policy.levels),
        facts=tuple(_facts(desk, line, names)),
        due=due or DueView(times.clock(item.at, desk.now)),
        unread=item.taken_up is None,
        take_up=desk.url("take-up", item.digest) if flash else "",
        dtg=times.dtg(item.dtg),
        late_word=words("received_ago", ago=times.span(desk.now - item.at)),
    )


def _facts(desk: Desk, line: InboxLine, names: dict[str, str]) -> Iterable[str]:
    if line.open and line.instructions == 1:
        yield desk.words("one_instruction")
    elif line.open:
        yield desk.words("n_of_instructions", open=line.open, n=line.instructions)
    if line.owners:
        who = ", ".join(names.get(owner, owner) for owner in line.owners)
        yield gettext("with %(who)s") % {"who": who}
    elif line.open and line.item.taken_up is not None:
        yield desk.words("nobody_assigned")
    if line.item.exercise:
        yield line.item.exercise.upper()
