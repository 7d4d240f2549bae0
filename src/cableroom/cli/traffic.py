"""What people do with cables: look, take up, assign, carry out, report, accept, return."""

from __future__ import annotations

from typing import Any

import click

from cableroom.cable.document import Cable
from cableroom.cable.printing import print_cable
from cableroom.cable.reference import Mrn, parse_dtg
from cableroom.cli.context import now, person_option, post_option, role_option, which_post, who
from cableroom.cli.output import answer, json_option, quote, say, table
from cableroom.directory import people, posts
from cableroom.directory.models import Person
from cableroom.errors import CableroomError, InputError, NotFound
from cableroom.office import acting, board, distributing, inbox, reporting, showing
from cableroom.office.lifecycle import Status
from cableroom.office.models import InboxItem

RESULTS = ("carried out", "in part", "deferred", "refused", "impossible")


def find(person: Person, name: str, post: str | None = None) -> InboxItem:
    """The cable that a person named, by MRN (ours where no organisation is written) or digest."""
    where = str(which_post(post, person)) if post else None
    if len(name) == 64 and not set(name) - set("0123456789abcdef"):
        return inbox.find(person, digest=name, post=where, now=now())
    try:
        mrn = Mrn.parse(name, posts.own_org())
    except CableroomError as error:
        raise InputError(
            f"“{name}” is no number of a cable.",
            do="Write it as 26 CAPITAL 417, or give the digest.",
            code="mrn",
        ) from error
    return inbox.find(person, mrn=mrn, post=where, now=now())


@click.command("inbox")
@person_option
@post_option
@json_option
def inbox_command(person: str | None, post: str | None, as_json: bool) -> None:
    """What has come, the most urgent first."""
    by = who(person)
    value = {"items": showing.inbox_items(by, str(which_post(post, by)) if post else None, now=now())}
    answer(
        "inbox", value, as_json=as_json,
        text=lambda: table(
            [(i["precedence"], i["classification"], i["mrn"], i["from"], i["status"], i["subject"]) for i in value["items"]],
            ("PRECEDENCE", "LEVEL", "MRN", "FROM", "STATUS", "SUBJECT"),
        ),
    )  # fmt: skip


@click.command("board")
@click.option("--tasks", is_flag=True, help="What was asked of us alone.")
@person_option
@post_option
@json_option
def board_command(tasks: bool, person: str | None, post: str | None, as_json: bool) -> None:
    """Every instruction by post, with its state and deadline; what is overdue first."""
    by = who(person)
    value = {"items": showing.board_items(by, str(which_post(post, by)) if post else None, now=now())}
    if tasks:
        own = {p.name for p in posts.own_posts()}
        value = {**value, "items": [i for i in value["items"] if i["post"] in own]}
    answer(
        "board", value, as_json=as_json,
        text=lambda: table(
            [(i["mrn"], i["no"], i["act"], i["post"], i["status"], ("OVERDUE " if i["overdue"] else "") + (i["due"] or ""), i["owner"]) for i in value["items"]],
            ("MRN", "NO", "ACT", "POST", "STATUS", "DUE", "OWNER"),
        ),
    )  # fmt: skip


@click.command()
@click.argument("mrn")
@person_option
@post_option
@json_option
def show(mrn: str, person: str | None, post: str | None, as_json: bool) -> None:
    """Show the cable MRN: what it says, its state, the evidence."""
    by = who(person)
    item = find(by, mrn, post)
    value = showing.show(by, item.register, item.digest, now=now())
    answer("show", value, as_json=as_json, text=lambda: _shown(value))


def _shown(value: dict[str, Any]) -> None:
    say(f"{value['mrn']}  {value['digest']}")
    quote(print_cable(Cable.from_json(value["document"])))
    for leg in value["state"]["legs"]:
        say(f"leg from {leg['from']} to {leg['to']}: {leg['state']}")
    for tasking in value["state"]["taskings"]:
        say(f"instruction {tasking['no']} at {tasking['post']}: {tasking['status']}")
    for strand in value["state"]["thread"]:
        say(f"thread: {strand['how']} {strand['mrn']} {strand['subject']}")
    for line in value["evidence"]:
        say(f"entry {line['index']}: {line['kind']} {line['at']}")


@click.command()
@click.argument("mrn")
@role_option
@person_option
@post_option
@json_option
def acknowledge(mrn: str, role: str | None, person: str | None, post: str | None, as_json: bool) -> None:
    """Take the cable MRN up for the post."""
    by = who(person)
    item = find(by, mrn, post)
    entry = acting.acknowledge(
        item.register, item.digest, by=by, role=role.upper() if role else None, now=now()
    )
    _done(
        "acknowledge",
        item,
        entry.index,
        as_json,
        f"{by.full_name} took up {mrn} for {item.register.partition('/')[2]}.",
    )


@click.command()
@click.argument("mrn")
@click.option("--to", "owner", required=True, metavar="PERSON", help="Who answers for it.")
@click.option("--no", type=int, help="Which instruction (else the whole cable).")
@person_option
@post_option
@json_option
def assign(mrn: str, owner: str, no: int | None, person: str | None, post: str | None, as_json: bool) -> None:
    """Give the cable MRN, or one instruction of it, to somebody at the post."""
    by = who(person)
    item = find(by, mrn, post)
    to = people.find(owner)
    entry = acting.assign(item.register, item.digest, owner=to, no=no, by=by, now=now())
    what = f"Instruction {no} of {mrn}" if no else mrn
    _done("assign", item, entry.index, as_json, f"{what} is with {to.full_name}.")


@click.command()
@click.argument("mrn")
@click.option("--role", help="Show it to the holders of this role.")
@click.option("--to", "reader", metavar="PERSON", help="Show it to this person.")
@click.option("--why", required=True, help="Why; it is kept.")
@person_option
@post_option
@json_option
def distribute(
    mrn: str,
    role: str | None,
    reader: str | None,
    why: str,
    person: str | None,
    post: str | None,
    as_json: bool,
) -> None:
    """Add a role or a person of the post to those who see the cable MRN."""
    by = who(person)
    item = find(by, mrn, post)
    entry = distributing.distribute(
        item.register,
        item.digest,
        why=why,
        by=by,
        now=now(),
        role=role.upper() if role else None,
        person=people.find(reader) if reader else None,
    )
    _done("distribute", item, entry.index, as_json, f"{mrn} is shown to {role or reader}.")


@click.command()
@click.argument("mrn")
@click.argument("text")
@click.option("--no", type=int, help="About which instruction.")
@person_option
@post_option
@json_option
def note(mrn: str, text: str, no: int | None, person: str | None, post: str | None, as_json: bool) -> None:
    """Note TEXT about the cable MRN. It stays at the post."""
    by = who(person)
    item = find(by, mrn, post)
    entry = acting.note(item.register, item.digest, note=text, no=no, by=by, now=now())
    _done("note", item, entry.index, as_json, "Noted.")


@click.command("carry-out")
@click.argument("mrn")
@click.argument("no", type=int)
@click.argument("text")
@click.option(
    "--result", required=True, type=click.Choice(RESULTS, case_sensitive=False), help="What became of it."
)
@click.option("--at", metavar="DTG", help="When it was done, such as 280930Z OCT 26.")
@click.option("--by", "done_by", help="By whom it was done.")
@click.option("--to", help="To whom.")
@click.option("--next", "next_", metavar="DTG", help="The new date, where it is deferred or done in part.")
@person_option
@post_option
@json_option
def carry_out(
    mrn: str, no: int, text: str, result: str, at: str | None, done_by: str | None, to: str | None, next_: str | None,
    person: str | None, post: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Note what became of instruction NO of the cable MRN; TEXT is what was answered, `> ` before a quoted line."""
    by = who(person)
    item = find(by, mrn, post)
    entry = acting.carry_out(
        item.register, item.digest, no, result=result, text=text, by=by, now=now(),
        at=parse_dtg(at) if at else None, done_by=done_by, to=to, next=parse_dtg(next_) if next_ else None,
    )  # fmt: skip
    _done("carry-out", item, entry.index, as_json, f"Instruction {no} of {mrn}: {result}.")


@click.command()
@click.argument("mrn")
@click.option("--save", is_flag=True, help="Keep it as a draft of the post, instead of printing it.")
@person_option
@post_option
@json_option
def report(mrn: str, save: bool, person: str | None, post: str | None, as_json: bool) -> None:
    """Draft the report on the cable MRN from what was noted."""
    by = who(person)
    item = find(by, mrn, post)
    if save:
        row = reporting.start(item.register, item.digest, by=by, now=now())
        value: dict[str, Any] = {"mrn": mrn, "draft": row.id, "version": row.version, "text": row.text}
        answer("report", value, as_json=as_json, text=lambda: say(f"Draft {row.id} is kept."))
        return
    text = reporting.report(item.register, item.digest, by=by, now=now())
    answer("report", {"mrn": mrn, "text": text}, as_json=as_json, text=lambda: click.echo(text, nl=False))


@click.command()
@click.argument("mrn")
@click.option("--no", type=int, help="Only this instruction (else every one that waits for a decision).")
@click.option("--why", help="A word on it; it is kept.")
@role_option
@person_option
@json_option
def accept(
    mrn: str, no: int | None, why: str | None, role: str | None, person: str | None, as_json: bool
) -> None:
    """Accept a report (its MRN, or that of the instruction)."""
    by = who(person)
    decided = []
    for line in _waiting(by, mrn, no):
        reporting.accept(
            line.register,
            line.report,
            line.no,
            of=line.digest,
            by=by,
            role=role.upper() if role else None,
            why=why,
            now=now(),
        )
        decided.append({"no": line.no, "post": line.post, "report": line.report})
    answer(
        "accept",
        {"mrn": mrn, "accepted": decided},
        as_json=as_json,
        text=lambda: _decided("accepted", decided),
    )


@click.command("return")
@click.argument("mrn")
@click.option("--no", type=int, help="Only this instruction (else every one that waits for a decision).")
@click.option("--why", required=True, help="Why; what the post is to do goes to it by cable.")
@role_option
@person_option
@json_option
def return_command(
    mrn: str, no: int | None, why: str, role: str | None, person: str | None, as_json: bool
) -> None:
    """Return a report (its MRN, or that of the instruction): the instruction is open again."""
    by = who(person)
    decided = []
    for line in _waiting(by, mrn, no):
        reporting.return_(
            line.register,
            line.report,
            line.no,
            of=line.digest,
            by=by,
            role=role.upper() if role else None,
            why=why,
            now=now(),
        )
        decided.append({"no": line.no, "post": line.post, "report": line.report})
    answer(
        "return",
        {"mrn": mrn, "returned": decided},
        as_json=as_json,
        text=lambda: _decided("returned", decided),
    )


def _waiting(by: Person, mrn: str, no: int | None) -> list[Any]:
    """The taskings whose report waits for our decision, under a report or an instruction."""
    item = find(by, mrn)
    lines = [
        line.tasking
        for line in board.board(by, item.register, now=now())
        if line.status is Status.REPORTED
        and item.digest in (line.tasking.report, line.tasking.digest)
        and (no is None or line.tasking.no == no)
    ]
    if not lines:
        which = f"instruction {no} of {mrn}" if no else mrn
        raise NotFound(
            f"No report on {which} waits for your decision.",
            do="See `cableroom board`.",
            code="nothing-to-decide",
        )
    return lines


def _decided(word: str, decided: list[dict[str, Any]]) -> None:
    for line in decided:
        say(f"Instruction {line['no']} at {line['post']}: {word}.")


def _done(command: str, item: InboxItem, index: int, as_json: bool, text: str) -> None:
    value = {"digest": item.digest, "register": item.register, "entry": index}
    answer(command, value, as_json=as_json, text=lambda: say(text))


COMMANDS = (
    inbox_command, board_command, show, acknowledge, assign, distribute, note, carry_out, report, accept, return_command,
)  # fmt: skip
