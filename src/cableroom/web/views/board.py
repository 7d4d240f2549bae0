"""The board: what a post asked of others, a matrix of posts and instructions for each cable."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cableroom.office import board as office
from cableroom.office.board import Sheet, TaskingLine
from cableroom.office.inbox import print_mrn
from cableroom.office.lifecycle import Status
from cableroom.web import framing, times
from cableroom.web.desk import Desk
from cableroom.web.framing import item_label, post_name
from cableroom.web.reading import precedence_view
from cableroom.web.rooms import page
from cableroom.web.states import column, result_word, tasking_state
from cableroom.web.viewing import ActView, BoardCable, BoardRow, BoardView, CellView


@page
def board(request: HttpRequest, desk: Desk) -> HttpResponse:
    closed = bool(request.GET.get("closed"))
    query = request.GET.get("q", "").strip()[:100]
    lines = office.board(desk.person, desk.register, now=desk.now, closed=closed)
    if closed:
        lines = [line for line in lines if line.status.closed]
    shown = [sheet for sheet in office.sheets(lines) if _fits(sheet, query, desk)]
    view = BoardView(
        tuple(_cable(sheet, n, desk) for n, sheet in enumerate(shown, 1)),
        overdue=sum(line.overdue for line in lines),
        open=sum(line.status is Status.OPEN for line in lines),
        to_accept=sum(line.status is Status.REPORTED for line in lines),
        query=query,
        closed=closed,
    )
    labels = [item_label(sheet.item, desk.policy.levels) for sheet in shown]
    return render(request, "web/board.html", {"page": framing.frame(desk, "board", labels), "view": view})


def _fits(sheet: Sheet, query: str, desk: Desk) -> bool:
    """Whether the number, the subject or a post of the sheet has the words asked for."""
    posts = [post_name(post, desk) for post, _ in sheet.posts]
    text = " ".join([print_mrn(sheet.item), sheet.item.subject, *posts]).casefold()
    return all(word in text for word in query.casefold().split())


def _cable(sheet: Sheet, n: int, desk: Desk) -> BoardCable:
    item = sheet.item
    lines = [line for _, cells in sheet.posts for line in cells.values() if line is not None]
    columns = {line.tasking.no: column(line, desk.words) for line in lines}
    return BoardCable(
        anchor=f"b{n}",
        url=desk.url("cable", item.digest),
        subject=item.subject,
        language="",
        mrn=print_mrn(item),
        precedence=precedence_view(item.precedence),
        label=item_label(item, desk.policy.levels),
        columns=tuple(columns[no] for no in sheet.numbers),
        rows=tuple(_row(post, cells, columns, desk) for post, cells in sheet.posts),
        report_by=times.dtg(item.report_by),
        acts=tuple(_acts(lines, desk)),
    )


def _row(post: str, cells: dict[int, TaskingLine | None], columns: dict[int, str], desk: Desk) -> BoardRow:
    return BoardRow(
        post_name(post, desk),
        tuple(_cell(columns[no], line, desk) for no, line in cells.items()),
        _taken_up(cells.values(), desk),
    )


def _taken_up(lines: Iterable[TaskingLine | None], desk: Desk) -> str:
    """Since when somebody there has it: ``acknowledged 18:49Z``."""
    for line in lines:
        for step in line.steps if line is not None else ():
            if step.step == "acknowledged" and step.at is not None:
                return f"{desk.words('acknowledged')} {times.clock(step.at, desk.now)}"
    return ""


def _cell(heading: str, line: TaskingLine | None, desk: Desk) -> CellView:
    if line is None:
        return CellView(heading, None)
    evidence = f"{desk.url('cable', line.item.digest)}#evidence"
    return CellView(
        heading,
        tasking_state(line, desk.now, desk.words, evidence),
        sum(step.reached for step in line.steps),
        _why(line, desk),
        "" if line.report is None else print_mrn(line.report),
        "" if line.report is None else desk.url("cable", line.report.digest),
    )


def _why(line: TaskingLine, desk: Desk) -> str:
    """One line of why: the result, the return, the date."""
    parts = []
    if line.result:
        parts.append(result_word(line.result, desk.words).lower())
    if line.status is Status.OPEN and line.verdict is not None and not line.verdict.accepted:
        parts.append(f"{desk.words('returned').lower()}: {line.verdict.why}")
    if line.status is Status.OPEN and line.due is not None and not line.overdue:
        parts.append(f"{desk.words('due')} {times.clock(line.due, desk.now)}")
    return ", ".join(parts)


def _acts(lines: list[TaskingLine], desk: Desk) -> Iterable[ActView]:
    """A way to each report that waits for a decision."""
    waiting: dict[str, tuple[str, list[TaskingLine]]] = {}
    for line in lines:
        if line.status is Status.REPORTED and line.report is not None:
            name = print_mrn(line.report)
            digest, found = waiting.setdefault(name, (line.report.digest, []))
            found.append(line)
    for name, (digest, found) in waiting.items():
        label = f"{desk.words('accept_or_return', n=len(found))}: {name}"
        yield ActView(label, desk.url("cable", digest))
