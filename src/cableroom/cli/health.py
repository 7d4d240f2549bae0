"""`doctor`: what is in order on this machine, and what to do about the rest."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from cableroom.cli.context import now, set_up
from cableroom.cli.output import answer, json_option, say
from cableroom.directory import cards, posts
from cableroom.directory.models import CertificateRow
from cableroom.errors import CableroomError, Refusal
from cableroom.register import audit

SAFE_SQLITE = (3, 51, 3)
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `ok` None: it is worth knowing, not wrong."""

    name: str
    ok: bool | None
    what: str
    do: str = ""


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Look over this installation: folder, database, keys, cards, registers."""
    set_up()
    findings = [finding for look in LOOKS for finding in _look(look)]
    bad = [finding for finding in findings if finding.ok is False]
    value = {
        "ok": not bad,
        "findings": [{"name": f.name, "ok": f.ok, "what": f.what, "do": f.do} for f in findings],
    }
    answer("doctor", value, as_json=as_json, text=lambda: _told(findings))
    if bad:
        raise Refusal(f"{len(bad)} things are wrong.", do="Each line above says what to do.", code="doctor")


def _told(findings: list[Finding]) -> None:
    for finding in findings:
        sign = {True: "good", False: "BAD ", None: "note"}[finding.ok]
        say(
            f"{sign}  {finding.name}: {finding.what}"
            + (f" {finding.do}" if finding.do and not finding.ok else "")
        )


def _look(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except CableroomError as error:
        yield Finding(look.__name__.strip("_"), False, error.what, error.do)


def _folder() -> Iterator[Finding]:
    keys = Path(settings.HOME) / "keys"
    loose = [path.name for path in [keys, *keys.iterdir()] if stat.S_IMODE(path.stat().st_mode) & 0o077]
    yield Finding(
        "keys", not loose, "only their owner can read them." if not loose else f"others can read {', '.join(loose)}.",
        f"Run chmod -R go= {keys}.",
    )  # fmt: skip


def _database() -> Iterator[Finding]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            values = {}
            for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes"):
                cursor.execute(f"SHOW {name}")
                values[name] = cursor.fetchone()[0]
        good = (
            values["fsync"] == "on"
            and values["full_page_writes"] == "on"
            and values["synchronous_commit"] != "off"
        )
        yield Finding(
            "database",
            good,
            f"PostgreSQL {values['server_version']}, commits {'are' if good else 'are NOT'} durable.",
            "Set fsync, full_page_writes and synchronous_commit to on.",
        )
        return
    with connection.cursor() as cursor:
        version_used = cursor.execute("SELECT sqlite_version()").fetchone()[0]
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        sync = cursor.execute("PRAGMA synchronous").fetchone()[0]
    version = tuple(int(part) for part in version_used.split("."))
    yield Finding(
        "SQLite",
        version >= SAFE_SQLITE,
        f"version {version_used}.",
        "Install pysqlite3: versions before 3.51.3 can corrupt a database that two processes write.",
    )
    yield Finding(
        "durability",
        mode == "wal" and sync == 2,
        f"journal {mode}, synchronous {sync}.",
        "Do not change these settings: 250 and “released” rest on them.",
    )


def _tables() -> Iterator[Finding]:
    try:
        call_command("migrate", "--check", verbosity=0, stdout=io.StringIO())
        call_command("check", stdout=io.StringIO())
    except SystemExit:
        yield Finding(
            "tables",
            False,
            "the database is of another version.",
            "Stop the service and start it again: `serve` brings them up to date.",
        )
    except SystemCheckError as error:
        yield Finding("tables", False, str(error))
    else:
        yield Finding("tables", True, "of this version.")


def _keys() -> Iterator[Finding]:
    for row in CertificateRow.objects.filter(own=True).order_by("post", "use", "-since"):
        if (
            row.until < now() + SOON
            and not CertificateRow.objects.filter(
                own=True, post=row.post, use=row.use, until__gt=row.until
            ).exists()
        ):
            yield Finding(
                "certificates",
                row.until > now(),
                f"{row.use} of {row.post or 'this installation'} ends {row.until:%Y-%m-%d}.",
                "Start `cableroom serve`: it renews them.",
            )
    yield Finding(
        "certificates", True, f"{CertificateRow.objects.filter(own=True).count()} of ours on record."
    )


def _cards() -> Iterator[Finding]:
    if not posts.own_posts():
        yield Finding("posts", None, "there is none yet.", "Run `cableroom post create NAME`.")
    for card in cards.cards():
        if not card.confirmed:
            yield Finding(
                "cards",
                None,
                f"the card of {card.org} waits for its six words.",
                f"Run `cableroom card confirm {card.org}`.",
            )
        elif card.expires < now() + SOON:
            yield Finding(
                "cards",
                card.expires > now(),
                f"the card of {card.org} expires {card.expires:%Y-%m-%d}.",
                "Ask for a newer one.",
            )


def _registers() -> Iterator[Finding]:
    for report in audit.verify_all():
        yield Finding(
            report.register,
            report.ok,
            f"{report.size} entries, {'verify.' if report.ok else 'do NOT verify.'}",
            "Run `cableroom register verify`.",
        )


LOOKS = (_folder, _database, _tables, _keys, _cards, _registers)
COMMANDS = (doctor,)
