"""`init`, `post`, `person`, `role`, `cover`: the data folder, and who there is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from cableroom.cli.context import now, passphrase, passphrase_option, post_option, set_up, which_post
from cableroom.cli.output import answer, json_option, say, table
from cableroom.directory import covernames, founding, people, posts
from cableroom.directory import policy as policies
from cableroom.directory.standing import standing
from cableroom.errors import InputError

ALL = ("administer", "archive", "communicate", "desk", "head", "release")
SMTP, WEB = "127.0.0.1:2525", "127.0.0.1:8025"


@click.command()
@click.option(
    "--org", required=True, metavar="DOMAIN", help="Your organisation's domain name, such as mfa.example."
)
@click.option("--name", required=True, help="Your organisation's name, as people say it.")
@click.option(
    "--person", required=True, metavar="NAME", help="Account name of the first person, who administers."
)
@click.option("--full-name", help="That person's name, as people say it.")
@click.option(
    "--words",
    type=click.Choice(["diplomatic", "plain"]),
    default="diplomatic",
    help="Which words the pages use.",
)
@click.option(
    "--smtp", default=SMTP, show_default=True, metavar="HOST:PORT", help="Where cables are received."
)
@click.option("--announce", metavar="HOST:PORT", help="Where others reach that (else the same).")
@click.option(
    "--web", default=WEB, show_default=True, metavar="HOST:PORT", help="Where the pages are served."
)
@passphrase_option
@json_option
def init(
    org: str, name: str, person: str, full_name: str | None, words: str, smtp: str, announce: str | None, web: str,
    passphrase_fd: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Make the data folder that CABLEROOM_HOME names."""
    home = Path(settings.HOME)
    for address in (smtp, announce or smtp, web):
        host_port(address)
    secret = passphrase(passphrase_fd, prompt=f"A passphrase for {person}", confirm=True)
    config = "".join(
        f"[{table}]\n{key} = {json.dumps(value, ensure_ascii=False)}\n\n"
        for table, key, value in (
            ("operator", "person", person),
            ("smtp", "listen", smtp),
            ("web", "listen", web),
        )
    )
    config += f"[card]\nannounce = {json.dumps(announce or smtp)}\n"
    database = os.environ.get("CABLEROOM_DATABASE") or None
    founding.found(home, org=org, name=name, now=now(), word_list=words, database=database, config=config)
    first = people.add_person(person, full_name or person, secret, by=None, now=now())
    highest = policies.current().levels[-1].level
    people.set_clearance(first, highest, by=None, now=now())
    value = {"home": str(home), "org": org, "person": person, "smtp": smtp, "web": web}
    answer("init", value, as_json=as_json, text=lambda: _made(home, org))


def _made(home: Path, org: str) -> None:
    say(f"{home} is the data folder of {org}.")
    say("Next: cableroom post create NAME --role ROLE --holder PERSON")


@click.group()
def post() -> None:
    """Posts of this installation."""


@post.command("create")
@click.argument("name")
@click.option(
    "--role", metavar="ROLE", help="A role that may do everything at this post, releasing among it."
)
@click.option("--holder", metavar="PERSON", help="Who holds that role.")
@click.option("--ceiling", metavar="LEVEL", help="The highest level that the post may receive.")
@json_option
def post_create(name: str, role: str | None, holder: str | None, ceiling: str | None, as_json: bool) -> None:
    """Make the post NAME: its register, its keys, its roles."""
    set_up()
    if (role is None) != (holder is None):
        raise click.UsageError("--role and --holder go together.")
    announced = settings.CONFIG.get("card", {}).get("announce", SMTP)
    person = people.find(holder) if holder else None
    made = founding.create_post(name.upper(), now=now(), ceiling=ceiling, routes=(("smtp", announced),))
    if role and person:
        people.add_role(made, role.upper(), permissions=ALL, by=None, now=now())
        people.appoint(person, made, role.upper(), by=None, now=now())
    value = {"post": made.name, "org": made.org, "register": str(made), "roles": sorted(posts.roles(made))}
    answer(
        "post-create",
        value,
        as_json=as_json,
        text=lambda: say(f"{made.name} is open. Its register is {made}."),
    )


@post.command("list")
@json_option
def post_list(as_json: bool) -> None:
    """The posts that are known here, ours first."""
    set_up()
    found = [posts.get(p) for p in posts.known_posts(confirmed=False)]
    items: list[dict[str, Any]] = [
        {
            "post": v.post.name, "org": v.post.org, "own": v.own, "confirmed": v.confirmed,
            "ceiling": v.ceiling.level if v.ceiling else None, "routes": [f"{r.kind} {r.address}" for r in v.addresses],
        }
        for v in sorted(found, key=lambda v: (not v.own, v.post.org, v.post.name))
    ]  # fmt: skip
    answer(
        "post-list", {"items": items}, as_json=as_json,
        text=lambda: table(
            [(i["post"], i["org"], "ours" if i["own"] else "confirmed" if i["confirmed"] else "not confirmed", i["ceiling"], ", ".join(i["routes"])) for i in items],
            ("POST", "ORGANISATION", "STANDING", "CEILING", "ROUTES"),
        ),
    )  # fmt: skip


@post.command("role")
@click.argument("role")
@click.option(
    "--permit",
    "permissions",
    multiple=True,
    type=click.Choice(ALL),
    help="What its holders may do; may be repeated.",
)
@post_option
@json_option
def post_role(role: str, permissions: tuple[str, ...], post: str | None, as_json: bool) -> None:
    """Define ROLE at a post, or change what it permits."""
    set_up()
    where = which_post(post)
    people.add_role(where, role.upper(), permissions=permissions, by=None, now=now())
    value = {"post": where.name, "role": role.upper(), "permissions": sorted(permissions)}
    answer(
        "post-role", value, as_json=as_json, text=lambda: say(f"{role.upper()} is a role at {where.name}.")
    )


@post.command("ceiling")
@click.argument("level")
@post_option
def post_ceiling(level: str, post: str | None) -> None:
    """Set the highest level that a post may receive; `none` for no ceiling."""
    set_up()
    where = which_post(post)
    posts.set_ceiling(where, None if level == "none" else level.upper(), by=None, now=now())
    say(
        f"{where.name} may receive up to {level.upper()}."
        if level != "none"
        else f"{where.name} has no ceiling."
    )


@click.group()
def person() -> None:
    """People, their clearances and the roles that they hold."""


@person.command("add")
@click.argument("name")
@click.option("--full-name", help="As people say it.")
@click.option("--clearance", metavar="LEVEL", help="Up to which level they may read.")
@click.option(
    "--category", "categories", multiple=True, help="A category that they are cleared for; may be repeated."
)
@click.option("--role", metavar="ROLE", help="A role that they hold at --post.")
@post_option
@passphrase_option
@json_option
def person_add(
    name: str, full_name: str | None, clearance: str | None, categories: tuple[str, ...], role: str | None,
    post: str | None, passphrase_fd: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Make an account for NAME, and perhaps clear and appoint them."""
    set_up()
    where = which_post(post) if role else None
    secret = passphrase(passphrase_fd, prompt=f"A passphrase for {name}", confirm=True)
    made = people.add_person(name, full_name or name, secret, by=None, now=now())
    if clearance:
        people.set_clearance(made, clearance.upper(), categories, by=None, now=now())
    if role and where:
        people.appoint(made, where, role.upper(), by=None, now=now())
    value = {
        "person": name,
        "clearance": clearance,
        "role": role.upper() if role else None,
        "post": where.name if where else None,
    }
    answer("person-add", value, as_json=as_json, text=lambda: say(f"{name} has an account."))


@person.command("appoint")
@click.argument("name")
@click.argument("role")
@post_option
def person_appoint(name: str, role: str, post: str | None) -> None:
    """NAME holds ROLE at a post from now on."""
    set_up()
    where = which_post(post)
    people.appoint(people.find(name), where, role.upper(), by=None, now=now())
    say(f"{name} holds {role.upper()} at {where.name}.")


@person.command("clear")
@click.argument("name")
@click.argument("level")
@click.option("--category", "categories", multiple=True)
def person_clear(name: str, level: str, categories: tuple[str, ...]) -> None:
    """Clear NAME up to LEVEL, instead of what they were cleared for."""
    set_up()
    people.set_clearance(people.find(name), level.upper(), categories, by=None, now=now())
    say(f"{name} is cleared up to {level.upper()}.")


@person.command("show")
@click.argument("name")
@json_option
def person_show(name: str, as_json: bool) -> None:
    """What NAME holds and may read."""
    set_up()
    found = people.find(name)
    at = standing(found, now=now())
    value = {
        "person": found.name,
        "full_name": found.full_name,
        "clearance": at.clearance.level if at.clearance else None,
        "roles": [
            {"post": h.register, "role": h.role, "permissions": sorted(h.permissions)} for h in at.held
        ],
    }
    answer(
        "person-show", value, as_json=as_json,
        text=lambda: table([(h.register, h.role, ", ".join(sorted(h.permissions))) for h in at.held], ("POST", "ROLE", "MAY")),
    )  # fmt: skip


@click.group()
def cover() -> None:
    """Cover names: who is meant is told to the cleared alone."""


@cover.command("add")
@click.argument("name")
@click.argument("meaning")
@click.option("--level", metavar="LEVEL", required=True, help="The level of the meaning.")
@click.option("--category", "categories", multiple=True)
def cover_add(name: str, meaning: str, level: str, categories: tuple[str, ...]) -> None:
    """NAME is used in traffic for MEANING."""
    set_up()
    covernames.define(name.upper(), meaning, level=level.upper(), categories=categories, by=None, now=now())
    say(f"{name.upper()} is a cover name.")


def host_port(text: str) -> tuple[str, int]:
    """Reads HOST:PORT. InputError for anything else."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise InputError(
            f"“{text}” is no address.", do="Write HOST:PORT, such as 127.0.0.1:2525.", code="address"
        )
    return host.strip("[]"), int(port)


COMMANDS = (init, post, person, cover)
