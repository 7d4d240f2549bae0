"""What every test shares: the settings, a data folder of its own, where other data lies."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

_home = tempfile.mkdtemp(prefix="cableroom-test-")
os.environ["CABLEROOM_HOME"] = _home
os.environ["XDG_STATE_HOME"] = str(Path(_home) / "state")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cableroom.settings")
if os.environ.get("CABLEROOM_TEST_DATABASE"):
    os.environ["CABLEROOM_DATABASE"] = os.environ["CABLEROOM_TEST_DATABASE"]

PURE = {"cable", "seal"}  # the rooms that know no framework are tested without it
HERE = Path(__file__).parent
SHARED = Path(os.environ.get("CABLEROOM_TEST_DATA", HERE.parent.parent / "shared"))


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Set Django up before the first module that needs it (after the lines above, which its settings read)."""
    if module_path.parent.name not in PURE:
        django.setup()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data sets made by others; tests that need it skip where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the data sets beside the project are absent; set CABLEROOM_TEST_DATA to their folder")
    return SHARED


@pytest.fixture(autouse=True)
def no_writer_left() -> Iterator[None]:
    """The register's writer is a thread with a connection of its own: it ends with the test that began it."""
    yield
    ledger = sys.modules.get("cableroom.register.ledger")
    if ledger is not None:
        ledger.stop_writer()
    sending = sys.modules.get("cableroom.wire.sending")
    if sending is not None:
        sending.SENDER.close()  # its threads keep connections, which another test may break
