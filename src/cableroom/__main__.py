"""The command `cableroom`: puts the house together and hands over to `cableroom.cli`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.umask(0o077)  # what is made here is for the owner alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cableroom.settings")
    import django

    django.setup()
    from cableroom.cli.program import program

    sys.exit(program())


if __name__ == "__main__":
    main()
