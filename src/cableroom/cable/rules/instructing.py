"""What is asked of whom, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cableroom.cable.paragraphs import InstructionLine
from cableroom.cable.reference import print_dtg
from cableroom.cable.rules.given import Finding, Given, Rule


def _instructions(given: Given) -> Iterator[tuple[str, InstructionLine]]:
    for paragraph in given.content.paras:
        if isinstance(paragraph.line, InstructionLine):
            yield f"paragraph {paragraph.n}", paragraph.line


def instruction_post(given: Given) -> Iterator[Finding]:
    action = given.action_posts()
    for where, line in _instructions(given):
        for post in line.posts or ():
            if post.at(given.home) not in action:
                yield (
                    where,
                    f"The instruction is for {post.as_text()}, which is no action addressee.",
                    f"Name {post.as_text()} in TO, or take it out of FOR.",
                )


def words_missing(given: Given) -> Iterator[Finding]:
    for paragraph in given.content.paras:
        line = paragraph.line
        if isinstance(line, InstructionLine) and line.act == "deliver" and not paragraph.texts:
            yield (
                f"paragraph {paragraph.n}",
                "The words to deliver are missing.",
                "Write them below the colon, each line behind > and a blank.",
            )


def _deadlines(given: Given) -> Iterator[tuple[str, str, datetime]]:
    head = given.content.head
    for key, moment in (("REPORT BY", head.report_by), ("REPLY BY", head.reply_by)):
        if moment is not None:
            yield key, key, moment
    for where, line in _instructions(given):
        if line.by is not None:
            yield where, "BY", line.by


def deadline_past(given: Given) -> Iterator[Finding]:
    for where, key, moment in _deadlines(given):
        if moment <= given.now:
            yield where, f"{key} {print_dtg(moment)} has passed.", "Write a later time."


def deadline_after_expiry(given: Given) -> Iterator[Finding]:
    expires = given.content.head.expires
    for where, key, moment in _deadlines(given):
        if expires is not None and moment > expires:
            yield (
                where,
                f"{key} {print_dtg(moment)} is later than the cable expires.",
                f"Write a time before {print_dtg(expires)}, or a later EXPIRES.",
            )


def expired(given: Given) -> Iterator[Finding]:
    expires = given.content.head.expires
    if expires is not None and expires <= given.now:
        yield "EXPIRES", f"The cable expired {print_dtg(expires)}.", "Write a later time, or leave it out."


def report_without_deadline(given: Given) -> Iterator[Finding]:
    if given.content.head.report_by is None:
        for where, line in _instructions(given):
            if line.act == "report" and line.by is None:
                yield where, "A report is asked for without a time.", "Write BY and the time, or REPORT BY."


RULES = (
    Rule("instruction-post", "error", instruction_post),
    Rule("words-missing", "error", words_missing),
    Rule("deadline-past", "error", deadline_past),
    Rule("deadline-after-expiry", "error", deadline_after_expiry),
    Rule("expired", "error", expired),
    Rule("report-without-deadline", "warning", report_without_deadline),
)
