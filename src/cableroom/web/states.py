"""Where a tasking stands, as a word with its shape."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import pgettext

from cableroom.office.board import TaskingLine
from cableroom.office.lifecycle import Status
from cableroom.web import times
from cableroom.web.reading import act_name
from cableroom.web.viewing import DueView, StateView
from cableroom.web.wording import Words


def result_word(result: str, words: Words) -> str:
    """What the result of an outcome is called."""
    return words(result.replace(" ", "_"))


def tasking_state(line: TaskingLine, now: datetime, words: Words, url: str = "") -> StateView:
    """One word for where a tasking stands; what is late says so before anything else."""
    row = line.tasking
    if line.status is Status.ACCEPTED:
        return StateView(words("accepted"), "done", url)
    if line.status is Status.CANCELLED:
        return StateView(words("cancelled"), "stop", url)
    if line.status is Status.SUPERSEDED:
        return StateView(words("superseded"), "stop", url)
    if line.status is Status.REPORTED:
        return StateView(words("reported"), "half", url)
    if line.overdue and line.due is not None:
        word = words("overdue")
        return StateView(f"{word[:1].upper()}{word[1:]} {times.span(now - line.due)}", "late", url)
    if row.outcome is not None:
        result = result_word(row.outcome["result"], words).lower()
        return StateView(words("noted_as", result=result), "half", url)
    if any(step.step == "acknowledged" and step.reached for step in line.steps):
        return StateView(words("in_hand"), "half", url)
    near = line.due is not None and line.due - now <= times.SOON
    return StateView(pgettext("a tasking", "Open"), "soon" if near else "wait", url)


def due_of(line: TaskingLine, now: datetime, words: Words) -> DueView | None:
    """The deadline of a tasking that is still open."""
    if line.status is not Status.OPEN:
        return None
    return times.due(line.due, now, words)


def column(line: TaskingLine, words: Words) -> str:
    """The heading of an instruction: ``1 Deliver verbatim``, ``2 Inform PAVLOV``."""
    row = line.tasking
    name = act_name(row.act, row.manner, words)
    about = {"inform": row.target, "obtain": row.what}.get(row.act)
    return f"{row.no} {name} {about}" if about else f"{row.no} {name}"
