"""`draft` and `release`: from a text to a numbered, signed cable."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import click

from cableroom.cli.context import (
    now,
    passphrase,
    passphrase_option,
    person_option,
    post_option,
    read_file,
    role_option,
    which_post,
    which_role,
    who,
)
from cableroom.cli.output import answer, json_option, quote, say, table
from cableroom.directory.authentication import authenticate_again
from cableroom.errors import CableroomError, CheckFailed, Problem, TextError
from cableroom.office import drafting, releasing

MAX_TEXT = 2 << 20
MAX_FILE = 64 << 20


@click.group()
def draft() -> None:
    """Drafts in the text form."""


@draft.command("check")
@click.argument("file")
@click.option(
    "--attach",
    "attached",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="A file that FILES lists; may be repeated.",
)
@person_option
@post_option
@json_option
def draft_check(
    file: str, attached: tuple[str, ...], person: str | None, post: str | None, as_json: bool
) -> None:
    """Say what stands between FILE and its release."""
    by = who(person)
    where = which_post(post, by)
    checked = drafting.check_text(
        _text(file), post=str(where), by=by, now=now(), files=[read_file(a, limit=MAX_FILE) for a in attached]
    )
    problems = list(checked.problems)
    errors = [p for p in problems if p.severity == "error"]
    value = {"ok": not errors, "problems": [p.as_json() for p in problems]}
    answer("draft-check", value, as_json=as_json, text=lambda: _told(problems))
    if errors:
        raise (
            _Problems(errors)
            if as_json
            else _Quiet(f"{len(errors)} things stand between this draft and its release.")
        )


class _Problems(CheckFailed):
    """The draft's problems, said once more as an error."""


class _Quiet(CableroomError):
    """They were told above."""

    code = "check"


def _told(problems: list[Problem]) -> None:
    for problem in problems:
        say(f"{problem.severity}: {problem} [{problem.code}]")
    if not problems:
        say("Nothing stands between this draft and its release.")


@draft.command("save")
@click.argument("file")
@person_option
@post_option
@json_option
def draft_save(file: str, person: str | None, post: str | None, as_json: bool) -> None:
    """Keep FILE as a draft, for others to go on with."""
    by = who(person)
    row = drafting.save(_text(file), post=str(which_post(post, by)), by=by, now=now())
    answer(
        "draft-save",
        {"draft": row.id, "version": row.version},
        as_json=as_json,
        text=lambda: say(f"Draft {row.id} is kept."),
    )


@draft.command("list")
@person_option
@post_option
@json_option
def draft_list(person: str | None, post: str | None, as_json: bool) -> None:
    """The drafts in work that you may see."""
    by = who(person)
    rows = drafting.drafts(by, str(which_post(post, by)) if post else None, now=now())
    items = [
        {"draft": r.id, "post": r.post, "subject": r.subject, "holder": r.holder, "version": r.version}
        for r in rows
    ]
    answer(
        "draft-list", {"items": items}, as_json=as_json,
        text=lambda: table([(i["draft"], i["holder"], i["subject"]) for i in items], ("DRAFT", "WITH", "SUBJECT")),
    )  # fmt: skip


@draft.command("show")
@click.argument("draft")
@person_option
@json_option
def draft_show(draft: str, person: str | None, as_json: bool) -> None:
    """Print a draft as it stands."""
    row = drafting.get(draft, who(person), now=now())
    answer(
        "draft-show",
        {"draft": row.id, "version": row.version, "text": row.text},
        as_json=as_json,
        text=lambda: quote(row.text),
    )


@click.command()
@click.argument("file")
@role_option
@click.option(
    "--attach",
    "attached",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="Enclose this file; may be repeated.",
)
@person_option
@post_option
@passphrase_option
@json_option
def release(
    file: str,
    role: str | None,
    attached: tuple[str, ...],
    person: str | None,
    post: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Number, sign and send the cable in FILE (`-`: standard input). Prints its MRN."""
    by = who(person)
    where = which_post(post, by)
    acting = which_role(role, by, where, "release")
    text = _text(file)
    authentication = authenticate_again(
        by, passphrase(passphrase_fd, prompt=f"Passphrase of {by.full_name}"), now=now()
    )
    row = drafting.save(text, post=str(where), by=by, now=now(), role=acting)
    try:
        for name in attached:
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            row = drafting.attach(
                row.id,
                name=Path(name).name,
                media_type=kind,
                content=read_file(name, limit=MAX_FILE),
                by=by,
                now=now(),
            )
        entry = releasing.release(
            row.id, version=row.version, person=by, role=acting, authentication=authentication, now=now()
        )
    except CableroomError:
        drafting.discard(row.id, by=by, now=now())  # the file is the draft: what failed leaves nothing behind
        raise
    mrn = entry.answer.print(None) if entry.answer is not None else ""  # type: ignore[attr-defined]
    own = entry.answer.print(where.org) if entry.answer is not None else ""  # type: ignore[attr-defined]
    value = {
        "mrn": own,
        "mrn_full": mrn,
        "digest": entry.digest,
        "entry": entry.index,
        "register": entry.register,
    }
    answer("release", value, as_json=as_json, text=lambda: click.echo(own))


def _text(file: str) -> str:
    data = read_file(file, limit=MAX_TEXT)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TextError("The file is not UTF-8.", line=line, do="Save it as UTF-8 text.") from None


COMMANDS = (draft, release)
