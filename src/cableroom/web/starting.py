"""What a new draft begins with: the heading of one's post, or that of an answer or a cancellation."""

from __future__ import annotations

from cableroom.cable.address import Post
from cableroom.office import inbox, reading
from cableroom.office.models import InboxItem
from cableroom.office.showing import precedence_name
from cableroom.web.desk import Desk

SAMPLE = """FROM: NORTH PIER
TO: VALMERE
INFO: GENEVA ROUTINE
PRECEDENCE: PRIORITY / ROUTINE
CLASSIFICATION: RESTRICTED
SUBJECT: Water for the crews of the lightships
REPORT BY: 041200Z JUN 30

1. (U) The depot at the pier is empty until the tender comes.

2. (R) ACTION 1 DELIVER VERBATIM TO "the harbour master" URGENT ON INSTRUCTIONS OF "the Board" IN en:
> The Board asks that the tender calls at the pier first.

3. (R) ACTION 2 REPORT: the answer, and when the tender comes.

SIGNED: SECRETARY
"""
"""Shown beside the composer; invented."""


def text(desk: Desk, item: InboxItem | None, *, cancel: bool = False) -> str:
    """The text that the composer opens with. `item`: the cable that is answered, or with `cancel` cancelled."""
    role = desk.roles[0].role
    if item is None:
        lowest = desk.policy.levels[0]
        lines = ["TO: ", "PRECEDENCE: ROUTINE", f"CLASSIFICATION: {lowest.level}", "SUBJECT: "]
        letter = lowest.letter
    else:
        lines = _cancelling(desk, item) if cancel else _answering(desk, item)
        levels = desk.policy.levels
        letter = next((x.letter for x in levels if x.number == item.level), levels[-1].letter)
    heading = "\n".join([f"FROM: {desk.post.name}", *lines])
    return f"{heading}\n\n1. ({letter}) \n\nSIGNED: {role}\n"


def _label(item: InboxItem) -> list[str]:
    lines = [f"CLASSIFICATION: {item.classification}"]
    if item.categories:
        lines.append(f"CATEGORIES: {', '.join(item.categories)}")
    if item.captions:
        lines.append(f"CAPTIONS: {', '.join(item.captions)}")
    return lines


def _answering(desk: Desk, item: InboxItem) -> list[str]:
    sender = Post.parse(item.sender).seen_from(desk.post.org).as_text()
    return [
        f"TO: {sender}",
        f"PRECEDENCE: {precedence_name(item.precedence)}",
        *_label(item),
        f"SUBJECT: {item.subject}",
        f"REFS: A. {inbox.print_mrn(item)}",
    ]


def _cancelling(desk: Desk, item: InboxItem) -> list[str]:
    head = reading.opened(item).cable.head
    lines = [f"TO: {', '.join(each.as_text() for each in head.to)}"]
    if head.info:
        lines.append(f"INFO: {', '.join(each.as_text() for each in head.info)}")
    precedence = head.precedence_action.name
    if head.precedence_info is not None:
        precedence += f" / {head.precedence_info.name}"
    mrn = inbox.print_mrn(item)
    return [
        *lines,
        f"PRECEDENCE: {precedence}",
        *_label(item),
        "KIND: CANCELLATION",
        f"CONCERNS: {mrn}",
        f"SUBJECT: {item.subject}",
    ]
