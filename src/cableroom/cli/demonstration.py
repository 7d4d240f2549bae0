"""`demo`: the story between two posts, each in a folder and a process of its own, told step by step with its evidence.

Everything is done as people would do it: by the commands of this program, over SMTP on this machine. Nothing is shared
but the two cards.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from cableroom.cable.reference import print_dtg
from cableroom.cli.output import quote, say
from cableroom.errors import CableroomError, Refusal

PATIENCE = 60.0
LEAD = timedelta(hours=18)


@dataclass
class Office:
    """One side of the story: its folder, its addresses, who works there."""

    home: Path
    post: str
    people: list[dict[str, Any]]
    smtp: str
    web: str
    server: subprocess.Popen[bytes] | None = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def head(self) -> dict[str, Any]:
        return next(person for person in self.people if person["releases"])

    @property
    def other(self) -> dict[str, Any]:
        return next(person for person in self.people if not person["releases"])

    def run(self, *arguments: str, secret: str | None = None, text: str | None = None) -> dict[str, Any]:
        """Runs one command of ours with --json and returns its object; raises Refusal with what it said."""
        out = self.call(*arguments, "--json", secret=secret, text=text)
        return dict(json.loads(out)) if out.strip() else {}

    def call(self, *arguments: str, secret: str | None = None, text: str | None = None) -> str:
        command = [sys.executable, "-m", "cableroom", *arguments]
        with _secret(secret) as fd:
            if fd is not None:
                command += ["--passphrase-fd", str(fd)]
            done = subprocess.run(
                command,
                input=text,
                capture_output=True,
                text=True,
                env={**os.environ, **self.env, "CABLEROOM_HOME": str(self.home)},
                pass_fds=() if fd is None else (fd,),
                check=False,
            )
        if done.returncode:
            raise Refusal(
                f"cableroom {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}",
                code="demo",
            )
        return done.stdout

    def serve(self) -> None:
        log = (self.home / "serve.log").open("ab")
        self.server = subprocess.Popen(
            [sys.executable, "-m", "cableroom", "serve"],
            stdout=log,
            stderr=log,
            env={**os.environ, **self.env, "CABLEROOM_HOME": str(self.home)},
        )

    def stop(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        self.server = None


@contextlib.contextmanager
def _secret(secret: str | None) -> Iterator[int | None]:
    """A pipe from which a child reads `secret`; never an argument or the environment."""
    if secret is None:
        yield None
        return
    reader, writer = os.pipe()
    os.write(writer, secret.encode() + b"\n")
    os.close(writer)
    try:
        yield reader
    finally:
        os.close(reader)


@click.command()
@click.option("--plain", is_flag=True, help="Tell it as a relief organisation would.")
@click.option("--exit", "and_exit", is_flag=True, help="End after the story: 0 only if every step verified.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the two data folders are made.",
)
def demo(plain: bool, and_exit: bool, folder: Path) -> None:
    """Two posts on this machine: the story end to end, then their pages."""
    name = "relief" if plain else "ministry"
    if and_exit:
        with tempfile.TemporaryDirectory(prefix="cableroom-story-") as temporary:
            Story(name, Path(temporary)).tell(serve=False)
        return
    place = folder.absolute() / name
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    Story(name, place).tell(serve=True)


class Story:
    """The story of one scenario, told in `place`."""

    def __init__(self, name: str, place: Path, databases: Mapping[str, str] | None = None) -> None:
        """`databases`: connection strings of PostgreSQL for `sender` and `receiver`; else each has SQLite in its folder."""
        self.databases = dict(databases or {})
        self.scene = files("cableroom.cli") / "scenarios" / name
        self.plot = tomllib.loads((self.scene / "scenario.toml").read_text("utf-8"))
        self.place = place
        self.steps = 0
        self.deadline = datetime.now(UTC).replace(second=0, microsecond=0) + LEAD
        self.sender = self._office("sender")
        self.receiver = self._office("receiver")

    def tell(self, *, serve: bool) -> None:
        say(self.plot["title"])
        try:
            self._meet()
            earlier = self._earlier()
            instruction = self._instruct(earlier)
            self._carry_out(instruction)
            report = self._report(instruction)
            self._accept(instruction, report)
            self._prove(instruction)
            self._record()
            say(f"\nAll {self.steps} steps verified.")
            if serve:
                self._serve()
        finally:
            for office in (self.sender, self.receiver):
                office.stop()

    # -- the steps ----------------------------------------------------------------------------

    def _meet(self) -> None:
        for office in (self.sender, self.receiver):
            self._found(office)
        cards = {}
        for office in (self.sender, self.receiver):
            file = self.place / f"{office.post.lower().replace(' ', '-')}.cablecard"
            cards[office.post] = (file, office.run("card", "export", "-o", str(file))["words"])
        org = self.plot["organisation"]
        for office, other in ((self.sender, self.receiver), (self.receiver, self.sender)):
            file, words = cards[other.post]
            office.run("card", "import", str(file))
            office.run("card", "confirm", org, "--words", words)
            self._told(f"{office.post} took in the card of {other.post}; the six words agreed", words)
        for office in (self.sender, self.receiver):
            office.serve()
        for office in (self.sender, self.receiver):
            self._await(partial(_serves, office), f"{office.post} to answer")
        cover = self.plot["cover"]
        for office in (self.sender, self.receiver):
            office.call("cover", "add", cover["name"], cover["meaning"], "--level", office.head["clearance"])

    def _found(self, office: Office) -> None:
        head, other = office.head, office.other
        office.run(
            "init", "--org", self.plot["organisation"], "--name", self.plot["name"], "--words", self.plot["words"],
            "--person", head["name"], "--full-name", head["full"], "--smtp", office.smtp, "--web", office.web,
            secret=head["passphrase"],
        )  # fmt: skip
        office.run("post", "create", office.post, "--role", head["role"], "--holder", head["name"])
        office.run("post", "role", other["role"])
        office.run(
            "person", "add", other["name"], "--full-name", other["full"], "--clearance", other["clearance"],
            "--role", other["role"], secret=other["passphrase"],
        )  # fmt: skip
        self._told(f"{office.post} is open", f"{office.home}: a register, keys and two people of its own")

    def _earlier(self) -> str:
        text = (self.scene / "earlier.cable").read_text("utf-8")
        mrn = self._release(self.receiver, text)
        self._told(f"{self.receiver.post} reported first: {mrn}", "the words to come will answer it")
        self._arrived(self.sender, mrn)
        self._receipted(self.receiver, mrn, self.sender)
        return mrn

    def _instruct(self, earlier: str) -> str:
        text = (self.scene / "instruction.cable").read_text("utf-8")
        text = text.format(earlier=earlier, deadline=print_dtg(self.deadline))
        found = self.sender.run("draft", "check", "-", text=text)
        if any(p["severity"] == "error" for p in found["problems"]):
            raise Refusal(f"The draft has problems: {found['problems']}", code="demo")
        mrn = self._release(self.sender, text)
        self._told(f"{self.sender.post} released {mrn}", "numbered, signed and entered in one act")
        self._arrived(self.receiver, mrn)
        self._receipted(self.sender, mrn, self.receiver)
        shown = self.receiver.run("show", mrn)
        words = [p for p in shown["document"]["paras"] if p["meta"]["texts"]]
        said = "".join(s["t"] for s in words[0]["segments"] if s["q"] == 0)
        if said.split("\n")[0] not in text:
            raise Refusal("The words to deliver are not those that were released.", code="demo")
        self._told(f"{self.receiver.post} has the words to deliver, byte for byte", f"{len(said)} characters")
        quote(said)
        return mrn

    def _carry_out(self, mrn: str) -> None:
        office, head, other = self.receiver, self.receiver.head, self.receiver.other
        office.run("acknowledge", mrn, "--person", head["name"])
        self._told(f"{head['full']} took it up for {office.post}", "a person has it, not a machine alone")
        office.run("assign", mrn, "--no", "2", "--to", other["name"], "--person", head["name"])
        self._told(f"{other['full']} was given instruction 2", "and may read the cable from now on")
        for no, key in ((1, "first"), (2, "second")):
            result, by, to, text = self.plot["outcomes"][key]
            person = head if no == 1 else other
            office.run(
                "carry-out", mrn, str(no), "--result", result, "--by", by, "--to", to, "--at", print_dtg(datetime.now(UTC)),
                "--person", person["name"], text,
            )  # fmt: skip
            self._told(f"Instruction {no}: {result}", f"noted by {person['full']}")

    def _report(self, mrn: str) -> str:
        office, head = self.receiver, self.receiver.head
        draft = office.run("report", mrn, "--person", head["name"])["text"]
        report = self._release(office, draft)
        self._told(
            f"{office.post} reported: {report}", "drafted from what was noted, released like any cable"
        )
        self._arrived(self.sender, report)
        self._receipted(office, report, self.sender)
        self._await(
            lambda: set(_states(self.sender, mrn, head=True)) == {"reported"}, "the report to reach the board"
        )
        self._told(
            f"The board of {self.sender.post} shows every instruction of {mrn} as reported",
            "by the verified report alone",
        )
        return report

    def _accept(self, mrn: str, report: str) -> None:
        head = self.sender.head
        for item in self.sender.run("board", "--person", head["name"])["items"]:
            if item["mrn"] == mrn:
                self.sender.run("accept", report, "--no", str(item["no"]), "--person", head["name"])
        self._await(lambda: set(_states(self.sender, mrn, head=True)) == {"accepted"}, "acceptance")
        self._await(
            lambda: set(_states(self.receiver, mrn, head=True)) == {"accepted"},
            "acceptance to reach the post",
        )
        self._told(
            f"{self.sender.post} accepted the report; {self.receiver.post} knows",
            "the taskings are closed at both ends",
        )

    def _prove(self, mrn: str) -> None:
        for office in (self.sender, self.receiver):
            register = f"{self.plot['organisation']}/{office.post}"
            found = office.run("register", "verify", "--post", office.post)
            self._told(
                f"The register of {office.post} verifies",
                f"{register}: {found['entries']} entries recomputed from the first",
            )
            if not office.run("rebuild", "--check")["equal"]:
                raise Refusal(f"A rebuild at {office.post} differs.", code="demo")
            self._told(
                f"Everything {office.post} shows follows from its register",
                "dropped, replayed, compared: equal",
            )
        edition = self.place / "instruction.cable-edition"
        self.sender.call(
            "export",
            mrn,
            "--form",
            "edition",
            "--withhold",
            "2",
            "-o",
            str(edition),
            "--person",
            self.sender.head["name"],
        )
        with tempfile.TemporaryDirectory() as elsewhere:
            copy = Path(elsewhere) / edition.name
            copy.write_bytes(edition.read_bytes())
            card = next(self.place.glob(f"{self.sender.post.lower().replace(' ', '-')}*.cablecard"))
            stranger = Office(Path(elsewhere) / "none", "", [], "", "")
            verdict = stranger.run("verify", str(copy), "--trust", str(card))
            self._told(
                "A stranger verified an edition with paragraph 2 withheld", "offline, trusting the card alone"
            )
            for line in [*verdict["proved"], *verdict["not_proved"]]:
                say(f"       {line}")
            copy.write_bytes(_altered(edition.read_bytes()))
            with contextlib.suppress(Refusal):
                stranger.run("verify", str(copy), "--trust", str(card))
                raise CableroomError("An altered edition verified.", code="demo")
        self._told("An altered copy of it was refused", edition.name)

    def _record(self) -> None:
        office = self.sender
        sample = files("cableroom.archive") / "samples" / self.plot["record"]
        copy = self.place / self.plot["record"]
        copy.write_bytes(sample.read_bytes())
        found = office.run("archive", "import", str(copy), "--person", office.head["name"])
        self._told(
            f"A document of old came into the archive: {found['title']}",
            f"record {found['record']}, attested, not signed by its author",
        )

    def _serve(self) -> None:
        say()
        for office in (self.sender, self.receiver):
            say(f"{office.post}: http://{office.web}/  (cables on {office.smtp})")
            for person in office.people:
                say(
                    f"  {person['name']:8} {person['full']}, {person['role']}: passphrase “{person['passphrase']}”"
                )
        say("Press Ctrl-C to end.")
        try:
            while all(
                office.server is not None and office.server.poll() is None
                for office in (self.sender, self.receiver)
            ):
                time.sleep(0.5)
        except KeyboardInterrupt:
            return
        raise CableroomError(
            "One of the two servers ended.", do=f"See serve.log under {self.place}.", code="demo"
        )

    # -- how a step is done -------------------------------------------------------------------

    def _office(self, side: str) -> Office:
        plot = self.plot[side]
        host = "127.0.0.1"
        home = self.place / plot["post"].lower().replace(" ", "-")
        return Office(
            home,
            plot["post"],
            plot["people"],
            f"{host}:{_free_port()}",
            f"{host}:{_free_port()}",
            env={"CABLEROOM_DATABASE": self.databases.get(side, "")},
        )

    def _release(self, office: Office, text: str) -> str:
        head = office.head
        found = office.run(
            "release",
            "-",
            "--as",
            head["role"],
            "--person",
            head["name"],
            secret=head["passphrase"],
            text=text,
        )
        return str(found["mrn"])

    def _arrived(self, office: Office, mrn: str) -> None:
        self._await(lambda: any(i["mrn"] == mrn for i in _inbox(office)), f"{mrn} to arrive at {office.post}")
        self._told(
            f"{office.post} received {mrn}",
            "opened, verified in full, entered, and only then answered with 250",
        )

    def _receipted(self, office: Office, mrn: str, by: Office) -> None:
        def done() -> bool:
            shown = office.run("show", mrn, "--person", office.head["name"])
            return any(e["kind"] == "Receipted" for e in shown["evidence"])

        self._await(done, f"the receipt for {mrn}")
        self._told(
            f"{by.post} signed a receipt for {mrn}; {office.post} verified it",
            "the leg is closed by it, not by a relay's 250",
        )

    def _await(self, done: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not done():
            for office in (self.sender, self.receiver):
                if office.server is not None and office.server.poll() is not None:
                    log = (office.home / "serve.log").read_text("utf-8", "replace")[-2000:]
                    raise CableroomError(f"The server of {office.post} ended: {log}", code="demo")
            if time.monotonic() > until:
                raise CableroomError(
                    f"Waited {PATIENCE:.0f} s in vain for {what}.",
                    do=f"See serve.log under {self.place}.",
                    code="demo",
                )
            time.sleep(0.2)

    def _told(self, what: str, evidence: str) -> None:
        self.steps += 1
        say(f"{self.steps:3}. {what}.")
        say(f"       {evidence}")


def _altered(edition: bytes) -> bytes:
    """The edition with one letter of what it shows changed."""
    at = edition.index(b'"disclosures":["') + 120
    return edition[:at] + (b"A" if edition[at : at + 1] != b"A" else b"B") + edition[at + 1 :]


def _states(office: Office, mrn: str, *, head: bool) -> list[str]:
    person = office.head if head else office.other
    return [
        str(i["status"]) for i in office.run("board", "--person", person["name"])["items"] if i["mrn"] == mrn
    ]


def _inbox(office: Office) -> list[dict[str, Any]]:
    return list(office.run("inbox", "--person", office.head["name"])["items"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serves(office: Office) -> bool:
    return _answers(office.smtp) and _answers(office.web)


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True


COMMANDS = (demo,)
