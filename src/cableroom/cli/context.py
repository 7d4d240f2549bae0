"""Who types, for which post, at what time: what most commands begin with."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from cableroom.cable.address import Post
from cableroom.directory import people, posts
from cableroom.directory.models import Person
from cableroom.directory.standing import standing
from cableroom.errors import InputError, NotAllowed, NotFound, Unavailable

person_option = click.option(
    "--person", metavar="NAME", help="Account name of who does this (else the one that `init` named)."
)
post_option = click.option(
    "--post", metavar="POST", help="The post that it concerns (needed only where there are several)."
)
role_option = click.option("--as", "role", metavar="ROLE", help="The role in which this is done.")
passphrase_option = click.option(
    "--passphrase-fd",
    type=int,
    metavar="N",
    help="Read the passphrase from file descriptor N (else the terminal asks).",
)


def now() -> datetime:
    return datetime.now(UTC)


def set_up() -> None:
    """Raises Unavailable unless CABLEROOM_HOME is a data folder."""
    if not (Path(settings.HOME) / "config.toml").is_file():
        raise Unavailable(
            f"{settings.HOME} is no data folder.",
            do="Run `cableroom init`, or name another with CABLEROOM_HOME.",
            code="not-set-up",
        )


def who(name: str | None) -> Person:
    """The person who types: the one named, else the one that config.toml names."""
    set_up()
    name = name or settings.CONFIG.get("operator", {}).get("person")
    if not name:
        raise NotAllowed("Nobody is named who does this.", do="Say who with --person NAME.", code="person")
    return people.find(name)


def which_post(name: str | None, person: Person | None = None) -> Post:
    """The post meant: the one named, else the only one of ours (or the only one where `person` serves)."""
    own = posts.own_posts()
    if name:
        for post in own:
            if name in (post.name, str(post), f"{post.name}@{post.org}"):
                return post
        raise NotFound(
            f"{name} is no post of this installation.", do="See `cableroom post list`.", code="post"
        )
    if person is not None and len(own) > 1:
        serves = set(standing(person, now=now()).registers)
        own = [post for post in own if str(post) in serves]
    if len(own) != 1:
        raise InputError(
            "There is no post yet." if not own else "There are several posts.",
            do="Make one with `cableroom post create NAME`." if not own else "Name one with --post.",
            code="post",
        )
    return own[0]


def which_role(role: str | None, person: Person, post: Post, permission: str | None = None) -> str:
    """The role in which `person` acts at `post`: the one named if they hold it, else the only one that they hold there."""
    held = [
        h.role
        for h in standing(person, now=now()).roles(str(post))
        if permission is None or permission in h.permissions
    ]
    if role:
        role = role.upper()
        if role not in held:
            raise NotAllowed(
                f"{person.full_name} does not hold {role} at {post.name}.",
                do="Name a role that they hold.",
                code="role",
            )
        return role
    if len(held) != 1:
        raise NotAllowed(
            f"{person.full_name} holds no role at {post.name} for this."
            if not held
            else f"{person.full_name} holds several roles at {post.name}: {', '.join(held)}.",
            do="Appoint them first." if not held else "Name one with --as.",
            code="role",
        )
    return held[0]


def passphrase(fd: int | None, *, prompt: str, confirm: bool = False) -> str:
    """Reads a passphrase: from file descriptor `fd` to its first line end, or from the terminal without echo."""
    if fd is None:
        value: Any = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
        return str(value)
    try:
        with os.fdopen(fd, "rb", closefd=False) as stream:
            return stream.readline(4097).rstrip(b"\r\n").decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"File descriptor {fd} gave no passphrase: {error}.",
            do="Pass one that is open for reading.",
            code="passphrase-fd",
        ) from None


def read_file(path: str, *, limit: int) -> bytes:
    """The bytes of a file that a person named, or of standard input for `-`; refused above `limit` bytes."""
    try:
        with click.open_file(path, "rb") as stream:
            data: bytes = stream.read(limit + 1)
    except OSError as error:
        raise NotFound(
            f"{path}: {error.strerror}.", do="Name a file that can be read.", code="file"
        ) from None
    if len(data) > limit:
        raise InputError(f"{path} is larger than {limit} bytes.", do="Name the right file.", code="file-size")
    return data


def write_file(path: str, data: bytes) -> None:
    """Writes a file that a person named, or standard output for `-`."""
    try:
        with click.open_file(path, "wb") as stream:
            stream.write(data)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}.", do="Name a place that can be written.", code="file"
        ) from None
