"""What Cableroom takes, measured: ratios against a peer of the same run, and where the time goes.

    make bench               the whole table (two minutes)
    .venv/bin/python bench/run.py --quick

The peers are what everybody has at hand, run in the same minute: one `fsync` of the machine for whatever must be on disk, and one
ECDSA P-256 signature of the library for whatever is computed. Absolute figures stand beside, to be read with the machine in mind.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

HOME = tempfile.mkdtemp(prefix="cableroom-bench-")
os.environ["CABLEROOM_HOME"] = HOME
os.environ["XDG_STATE_HOME"] = str(Path(HOME) / "state")
os.environ["DJANGO_SETTINGS_MODULE"] = "cableroom.settings"
sys.path.insert(0, str(Path(__file__).parent))

import django  # noqa: E402

django.setup()

from crypto import measure_crypto  # noqa: E402
from measuring import Table  # noqa: E402
from registers import measure_registers  # noqa: E402
from travelling import measure_travel  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the repetitions")
    quick = parser.parse_args().quick
    table = Table(repeat=0.1 if quick else 1.0)
    measure_crypto(table)
    measure_registers(table)
    measure_travel(table)
    table.print()


if __name__ == "__main__":
    main()
