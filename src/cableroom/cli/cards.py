"""`card`: how two offices meet. Each gives the other a file, and reads six words out on the telephone."""

from __future__ import annotations

from typing import Any

import click

from cableroom.cable.canonical import stamp
from cableroom.cli.context import now, read_file, set_up, write_file
from cableroom.cli.output import answer, json_option, say, table
from cableroom.directory import cards
from cableroom.errors import NotFound

MAX_CARD = 4 << 20


@click.group()
def card() -> None:
    """Post cards: files by which two organisations meet."""


@card.command("export")
@click.option(
    "-o", "output", required=True, metavar="FILE", help="Where to write the card (`-`: standard output)."
)
@json_option
def card_export(output: str, as_json: bool) -> None:
    """Write our card, and print the six words that prove it on the telephone."""
    set_up()
    data = cards.export_card(by=None, now=now())
    write_file(output, data)
    words = " ".join(cards.own_check_words())
    if output == "-" and not as_json:
        return
    value = {"file": output, "bytes": len(data), "words": words}
    answer(
        "card-export",
        value,
        as_json=as_json,
        text=lambda: say(f"{output} is our card. Read these words to whoever gets it:\n  {words}"),
    )


@card.command("words")
@json_option
def card_words(as_json: bool) -> None:
    """Print our six words again."""
    set_up()
    words = " ".join(cards.own_check_words())
    answer("card-words", {"words": words}, as_json=as_json, text=lambda: say(words))


@card.command("import")
@click.argument("file")
@click.option("--move", is_flag=True, help="Its people said by voice that these posts have moved to it.")
@json_option
def card_import(file: str, move: bool, as_json: bool) -> None:
    """Take in another office's card. It counts once its words are confirmed."""
    set_up()
    entry = cards.import_card(read_file(file, limit=MAX_CARD), move=move, by=None, now=now())
    view = next(v for v in cards.cards() if v.authority == entry.data["authority"])
    answer("card-import", _json(view), as_json=as_json, text=lambda: _imported(view))


def _imported(view: cards.CardView) -> None:
    names = ", ".join(post.partition("/")[2] for post in view.posts)
    if view.confirmed:
        say(f"The card of {view.org} ({names}) was renewed. Its words were confirmed before.")
        return
    say(f"This is a card of {view.org} ({names}). It does not count yet.")
    say("Call them, have them read their six words, and type what you hear:")
    say(f'  cableroom card confirm {view.org} --words "…"')


@card.command("confirm")
@click.argument("org")
@click.option("--words", help="The six words as the other office read them (else the terminal asks).")
@click.option("--move", is_flag=True, help="Its people said by voice that these posts have moved to it.")
@json_option
def card_confirm(org: str, words: str | None, move: bool, as_json: bool) -> None:
    """The six words were read out and are the same: trust the card of ORG."""
    set_up()
    if not any(view.org == org for view in cards.cards()):
        raise NotFound(
            f"No card of {org} was taken in.",
            do="Import it with `cableroom card import FILE`.",
            code="no-card",
        )
    words = words or click.prompt("The six words that they read", err=True)
    entry = cards.confirm(org, words, move=move, by=None, now=now())
    view = next(v for v in cards.cards() if v.authority == entry.data["authority"])
    names = ", ".join(post.partition("/")[2] for post in view.posts)
    answer(
        "card-confirm",
        _json(view),
        as_json=as_json,
        text=lambda: say(f"{org} is confirmed: you and {names} can write to each other."),
    )


@card.command("list")
@json_option
def card_list(as_json: bool) -> None:
    """The cards that were taken in."""
    set_up()
    items: list[dict[str, Any]] = [_json(view) for view in cards.cards()]
    answer(
        "card-list", {"items": items}, as_json=as_json,
        text=lambda: table(
            [(i["org"], ", ".join(i["posts"]), "confirmed" if i["confirmed"] else "waits for its words", i["expires"]) for i in items],
            ("ORGANISATION", "POSTS", "STANDING", "EXPIRES"),
        ),
    )  # fmt: skip


def _json(view: cards.CardView) -> dict[str, object]:
    return {
        "org": view.org,
        "authority": view.authority,
        "serial": view.serial,
        "issued": stamp(view.issued),
        "expires": stamp(view.expires),
        "confirmed": view.confirmed,
        "posts": list(view.posts),
    }


COMMANDS = (card,)
