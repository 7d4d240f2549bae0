"""What every test shares: the settings, a data folder of its own, where other data lies."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

_home = tempfile.mkdtemp(prefix="cableroom-test-")
os.environ["CABLEROOM_HOME"] = _home
os.environ["XDG_STATE_HOME"] = str(Path(_home) / "state")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cableroom.settings")
if os.environ.get("CABLEROOM_TEST_DATABASE"):
    os.environ["CABLEROOM_DATABASE"] = os.environ["CABLEROOM_TEST_DATABASE"]

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("CABLEROOM_TEST_DATA", HERE.parent.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data sets made by others; tests that need it skip where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the data sets beside the project are absent; set CABLEROOM_TEST_DATA to their folder")
    return SHARED
