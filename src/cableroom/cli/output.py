"""How the command line speaks: text for people, one JSON object for programs, errors on the error stream."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from cableroom.errors import CableroomError, CheckFailed

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object for programs.")


def plain(text: str) -> str:
    """`text` without anything that a terminal would act on: controls and direction marks are shown as code points."""
    return "".join(
        c
        if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") and c not in _UNSEEN)
        else f"\\u{ord(c):04x}"
        for c in text
    )


_UNSEEN = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200e\u200f"


def say(text: str = "", *, err: bool = False) -> None:
    """Prints `text` and a line end, made safe for a terminal."""
    click.echo(plain(text), err=err)


def quote(text: str) -> None:
    """Prints what others said: each line behind a bar, so that it cannot be taken for what Cableroom says."""
    for line in text.split("\n"):
        say(f"  │ {line}".rstrip())


def table(rows: Iterable[Sequence[object]], head: Sequence[str]) -> None:
    """Prints `rows` in columns under `head`."""
    cells = [[plain("" if cell is None else str(cell)).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *cells]) for i in range(len(head))]
    for row in [list(head), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def answer(command: str, value: dict[str, Any], *, as_json: bool, text: Callable[[], None]) -> None:
    """Prints `value` as the JSON object `cableroom/<command>/1`, or what `text` prints."""
    if as_json:
        click.echo(
            json.dumps({"schema": f"cableroom/{command}/1", **value}, ensure_ascii=False, sort_keys=True)
        )
    else:
        text()


def complain(error: CableroomError, *, as_json: bool) -> None:
    """Prints `error` on the error stream."""
    if as_json:
        value: dict[str, Any] = error.as_json()
        if isinstance(error, CheckFailed):
            value["problems"] = [problem.as_json() for problem in error.problems]
        click.echo(json.dumps({"error": value}, ensure_ascii=False, sort_keys=True), err=True)
        return
    if isinstance(error, CheckFailed):
        for problem in error.problems:
            say(f"{problem.severity}: {problem} [{problem.code}]", err=True)
        return
    say(f"cableroom: {error}", err=True)


def progress(label: str, done: int, total: int) -> None:
    """One line that grows on a terminal while long work runs; silent where the error stream is no terminal."""
    if sys.stderr.isatty():
        share = f"{100 * done // total:3d} %" if total else f"{done}"
        click.echo(f"\r{label} {share}", nl=done >= total, err=True)
