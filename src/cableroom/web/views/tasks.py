"""The tasks of a post: what is asked of it, with the forms to note and to assign."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, pgettext

from cableroom.cable.paragraphs import RESULTS
from cableroom.directory.standing import holders
from cableroom.office import board, reading
from cableroom.office.board import TaskingLine
from cableroom.office.inbox import print_mrn
from cableroom.office.lifecycle import Status
from cableroom.web import framing
from cableroom.web.desk import Desk
from cableroom.web.framing import full_names, item_label, post_name
from cableroom.web.reading import act_name, whom
from cableroom.web.rooms import page
from cableroom.web.states import due_of, result_word
from cableroom.web.viewing import (
    ActView,
    AssignForm,
    ChoiceView,
    NoteForm,
    Run,
    TaskGroup,
    TasksView,
    TaskView,
)

MOST_OPENED = 100
"""How many cables the page opens for their words."""

LONGEST = 120
"""How many characters of them it shows."""


@page
def tasks(request: HttpRequest, desk: Desk) -> HttpResponse:
    lines = board.tasks(desk.person, desk.register, now=desk.now)
    said = _said(lines)
    noting = _chosen(request.GET.get("note", ""), lines)
    giving = _chosen(request.GET.get("assign", ""), lines)
    view = TasksView(
        tuple(_groups(lines, noting or giving, said, desk)),
        open=sum(line.status is Status.OPEN for line in lines),
        overdue=sum(line.overdue for line in lines),
        note=None if noting is None else _note_form(noting, desk),
        assign=None if giving is None else _assign_form(giving, desk),
    )
    labels = [item_label(line.item, desk.policy.levels) for line in lines]
    return render(request, "web/tasks.html", {"page": framing.frame(desk, "tasks", labels), "view": view})


def _chosen(name: str, lines: Iterable[TaskingLine]) -> TaskingLine | None:
    """The open task that ``<digest>.<no>`` names."""
    return next((line for line in lines if name == task_name(line) and not line.status.closed), None)


def task_name(line: TaskingLine) -> str:
    return f"{line.tasking.digest}.{line.tasking.no}"


def _said(lines: list[TaskingLine]) -> dict[str, str]:
    """What the cables themselves say of each task, for those that name nobody: ``Do: return the census``."""
    items = {line.item.digest: line.item for line in lines[:MOST_OPENED]}
    return {
        f"{digest}.{each.no}": each.text
        for digest, item in items.items()
        for each in reading.opened(item).cable.instructions
    }


def _about(line: TaskingLine, said: dict[str, str]) -> str:
    row = line.tasking
    named = whom(row.act, row.target, row.what)
    text = " ".join(said.get(task_name(line), "").split())
    return named or (text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " …")


def _groups(
    lines: list[TaskingLine], chosen: TaskingLine | None, said: dict[str, str], desk: Desk
) -> Iterable[TaskGroup]:
    names = full_names(line.tasking.owner for line in lines if line.tasking.owner)
    waiting = [line for line in lines if line.status is Status.OPEN]
    noted = [line for line in waiting if line.tasking.outcome is not None]
    overdue = [line for line in waiting if line.overdue]
    rest = [line for line in waiting if line not in noted and line not in overdue]
    groups = (
        (desk.words("overdue_heading"), True, overdue),
        (pgettext("tasks", "Next"), False, rest),
        (desk.words("done_not_reported"), False, [line for line in noted if line not in overdue]),
        (desk.words("reported"), False, [line for line in lines if line.status is Status.REPORTED]),
    )
    for heading, late, found in groups:
        yield TaskGroup(heading, late, tuple(_task(line, chosen, names, said, desk) for line in found))


def _task(
    line: TaskingLine,
    chosen: TaskingLine | None,
    names: dict[str, str],
    said: dict[str, str],
    desk: Desk,
) -> TaskView:
    row = line.tasking
    return TaskView(
        no=row.no,
        act=act_name(row.act, row.manner, desk.words),
        rest=(Run(_about(line, said)),),
        subject=line.item.subject,
        language="",
        url=f"{desk.url('cable', row.digest)}#p{row.paragraph}",
        mrn=print_mrn(line.item),
        label=item_label(line.item, desk.policy.levels),
        due=due_of(line, desk.now, desk.words),
        owner=names.get(row.owner or "", row.owner or ""),
        note=_told(line, desk),
        acts=tuple(_acts(line, desk)),
        chosen=line is chosen,
    )


def _told(line: TaskingLine, desk: Desk) -> str:
    """What is known of it here: the outcome or note, or who decides now."""
    row = line.tasking
    if line.status is Status.REPORTED:
        return desk.words("waits_for", post=post_name(row.originator, desk))
    if row.outcome is not None:
        result = result_word(row.outcome["result"], desk.words).lower()
        return desk.words("noted_as", result=result)
    if line.verdict is not None and not line.verdict.accepted:
        return f"{desk.words('returned')}: {line.verdict.why}"
    return str(row.note)


def _acts(line: TaskingLine, desk: Desk) -> Iterable[ActView]:
    if line.status is not Status.OPEN:
        return
    here = desk.url("tasks")
    name = task_name(line)
    yield ActView(desk.words("note"), f"{here}?note={name}#note")
    yield ActView(desk.words("assign"), f"{here}?assign={name}#assign")
    if line.tasking.outcome is not None:
        yield ActView(desk.words("report"), desk.url("report", line.tasking.digest), post=True)


def _note_form(line: TaskingLine, desk: Desk) -> NoteForm:
    row = line.tasking
    outcome = row.outcome or {}
    chosen = outcome.get("result", "carried out")
    return NoteForm(
        url=desk.url("note", row.digest),
        act=act_name(row.act, row.manner, desk.words),
        mrn=print_mrn(line.item),
        no=row.no,
        by=outcome.get("by") or "",
        to=outcome.get("to") or (row.target if row.act in ("deliver", "inform") else "") or "",
        results=tuple(ChoiceView(name, result_word(name, desk.words), name == chosen) for name in RESULTS),
        origin=post_name(row.originator, desk),
        text=outcome.get("text") or "",
    )


def _assign_form(line: TaskingLine, desk: Desk) -> AssignForm:
    row = line.tasking
    serving = holders(desk.register, now=desk.now)
    roles: dict[str, list[str]] = {}
    for person, role in serving:
        roles.setdefault(person, []).append(role)
    names = full_names(roles)
    people = [
        ChoiceView(
            person,
            gettext("%(name)s, %(roles)s") % {"name": names.get(person, person), "roles": ", ".join(held)},
            person == (row.owner or desk.person.name),
        )
        for person, held in roles.items()
    ]
    return AssignForm(
        url=desk.url("assign", row.digest),
        act=act_name(row.act, row.manner, desk.words),
        mrn=print_mrn(line.item),
        no=row.no,
        people=tuple(people),
    )
