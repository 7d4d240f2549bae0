"""The command `cableroom`: what people and programs type. Each noun has a module; none holds a rule of business."""

from __future__ import annotations

import sys

import click

from cableroom.cli import (
    archives,
    cards,
    demonstration,
    drafts,
    files,
    founding,
    health,
    opening,
    registers,
    serving,
    traffic,
)
from cableroom.cli.output import complain, say
from cableroom.errors import CableroomError, UnknownOutcome

MODULES = (
    founding,
    cards,
    drafts,
    traffic,
    files,
    archives,
    registers,
    opening,
    serving,
    health,
    demonstration,
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]}, epilog="CABLEROOM_HOME names the data folder."
)
@click.version_option(package_name="cableroom", message="cableroom %(version)s")
def cableroom() -> None:
    """Formal messaging between posts, and its archive."""


for module in MODULES:
    for command in module.COMMANDS:
        cableroom.add_command(command)


def program(arguments: list[str] | None = None) -> int:
    """Runs one command line; returns its exit code (docs/reference/command-line.md)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    try:
        code = cableroom.main(arguments, prog_name="cableroom", standalone_mode=False)
        return int(code or 0)
    except click.exceptions.Abort:
        say("cableroom: Stopped.", err=True)
        return 1
    except click.ClickException as error:
        if as_json:
            complain(
                CableroomError(error.format_message(), code="usage", do="See cableroom --help."), as_json=True
            )
        else:
            error.show()
        return error.exit_code
    except CableroomError as error:
        complain(error, as_json=as_json)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except UnknownOutcome as error:
        complain(
            CableroomError(
                f"The disk or database failed while this was written: {error}",
                code="unknown-outcome",
                do="It may or may not have happened. Look with `cableroom show` before you try again.",
            ),
            as_json=as_json,
        )
        return 1
