"""A ministry with the posts CAPITAL, HAVANA and GENEVA in one installation, its people, and a wire of strings.

`deliver` and its like enter what the wire would enter at the other end; the wire itself is tested elsewhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ORG = "mfa.example"
CAPITAL, HAVANA, GENEVA = (f"{ORG}/{name}" for name in ("CAPITAL", "HAVANA", "GENEVA"))
PASSPHRASE = "quiet harbour lantern moss"
NOW = datetime(2026, 10, 27, 18, 40, tzinfo=UTC)

INSTRUCTION = """\
FROM: CAPITAL
TO: HAVANA
PRECEDENCE: IMMEDIATE
CLASSIFICATION: SECRET
SUBJECT: Support for the settlement proposals
REPORT BY: 291200Z OCT 26

1. (S) Background, in one paragraph.

2. (S) ACTION 1 DELIVER VERBATIM TO "the head of government" URGENT BY 281200Z OCT 26 IN es:
> Primeras palabras, «exactas».
>
> Segundo párrafo.

3. (S) ACTION 2 INFORM "PAVLOV": of the advice in ACTION 1.

4. (R) ACTION 3 REPORT: fulfilment of these instructions, and any reply.

SIGNED: MINISTER
"""


def report_text(mrn: str, *outcomes: str, sender: str = "HAVANA", level: str = "SECRET") -> str:
    """A report on `mrn`; each outcome as after `OUTCOME OF A `."""
    paras = "\n\n".join(f"{n}. (S) OUTCOME OF A {text}" for n, text in enumerate(outcomes, 1))
    return f"""\
FROM: {sender}
TO: CAPITAL
PRECEDENCE: IMMEDIATE
CLASSIFICATION: {level}
KIND: REPORT
CONCERNS: {mrn}
SUBJECT: Fulfilment of {mrn}
REFS: A. {mrn}

{paras if level == "SECRET" else paras.replace("(S)", "(R)")}

SIGNED: AMBASSADOR
"""


@dataclass
class Office:
    """The ministry as a test handles it. `now` is the time of all acts."""

    people: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW

    def forward(self, **length: float) -> datetime:
        self.now += timedelta(**length)
        return self.now

    def person(self, name: str) -> Any:
        return self.people[name]

    def hire(self, name: str, post: str, role: str, level: str | None = "SECRET") -> Any:
        from cableroom.cable.address import Post
        from cableroom.directory import people

        if name not in self.people:
            self.people[name] = people.add_person(name, name.title(), PASSPHRASE, by=None, now=self.now)
            if level is not None:
                people.set_clearance(self.people[name], level, (), by=None, now=self.now)
        people.appoint(self.people[name], Post.parse(post), role, by=None, now=self.now)
        return self.people[name]

    def authenticate(self, name: str) -> Any:
        from cableroom.directory import people

        return people.authenticate_again(self.person(name), PASSPHRASE, now=self.now)

    def release(self, text: str, *, by: str = "anna", post: str = CAPITAL, role: str = "MINISTER") -> Any:
        from cableroom.office import releasing

        return releasing.release_text(
            text,
            post=post,
            person=self.person(by),
            role=role,
            authentication=self.authenticate(by),
            now=self.now,
        )

    def reply(self, text: str) -> Any:
        """Release at HAVANA."""
        return self.release(text, by="hugo", post=HAVANA, role="AMBASSADOR")

    # -- what the wire enters ------------------------------------------------------------------

    def deliver(self, released: Any, to: str) -> Any:
        """`Received` in the register of `to`, with the blob under that post's key."""
        from cableroom.directory import keystore
        from cableroom.register import following, ledger
        from cableroom.seal import keys

        opened = following.opened_of(ledger.entry(released.register, released.index))
        blob = keys.seal_blob(opened.signed_data, keystore.archive_key(to), released.digest)
        data = {
            "from": released.register,
            "level": released.data["level"],
            "certificate": released.data["certificate"],
            "leg": secrets.token_hex(32),
            "channel": 1,
            "route": "local",
            "message_id": released.data["message_id"],
            "late": None,
        }
        key = f"cable:{released.digest}"
        return self.enter(to, "Received", key, data, released.digest, blob=blob, opened=opened)

    def receipt(self, received: Any) -> None:
        """`HandedOver` and `Receipted` at both ends."""
        sender, digest = received.data["from"], received.digest
        to = received.register
        handed = {"to": to, "channel": 1, "route": "local", "leg": "0" * 64, "attempt": 1, "reply": None}
        self.enter(sender, "HandedOver", f"leg:{to}:{digest}:handed", handed, digest)
        for register, side, other in ((to, "receiver", sender), (sender, "sender", to)):
            data = {"side": side, "post": other, "entry": received.index, "received": stamp(received.at)}
            self.enter(register, "Receipted", f"receipt:{to}:{digest}", data, digest)

    def tell(self, entry: Any, to: str) -> Any:
        """An `Acknowledged`, `Accepted` or `Returned` of side own, as side peer at the other end."""
        data = {**entry.data, "side": "peer"}
        if entry.kind != "Acknowledged":
            data["why"] = None  # does not travel
        key = f"service:{entry.register}:{secrets.token_hex(8)}"
        return self.enter(to, entry.kind, key, data, entry.digest)

    def enter(self, register: str, kind: str, key: str, data: dict, digest: str, **more: Any) -> Any:
        from cableroom.register import ledger
        from cableroom.register.ledger import Actor, fact

        return ledger.append(fact(register, kind, key, actor=Actor(), data=data, digest=digest, **more))

    # -- looking -------------------------------------------------------------------------------

    def taskings(self, register: str, digest: str) -> dict[tuple[int, str], str]:
        from cableroom.office.models import Tasking

        rows = Tasking.objects.filter(register=register, digest=digest)
        return {(row.no, row.post.rpartition("/")[2]): row.status for row in rows}

    def walk(self) -> None:
        """The walker: every projection rebuilt equals the one in use, every register holds."""
        from cableroom.register import following

        assert following.rebuild(check=True) == []


def stamp(moment: datetime) -> str:
    from cableroom.cable.canonical import stamp as write

    return write(moment)


@pytest.fixture
def only_office() -> Iterator[None]:
    """The projections below the office and its own; the other rooms of its floor are not asked."""
    from cableroom.register import registry

    wanted = ("directory", "readers", "serials", "arriving", "taskings")
    with registry.only(*(p for p in registry.projections() if p.name in wanted)):
        yield


@pytest.fixture
def offices(
    transactional_db: None, tmp_path: Path, settings: Any, only_office: None
) -> Iterator[Callable[[], Office]]:
    """Founds a ministry anew, in empty tables and a folder of its own, each time it is called."""
    from django.core.management import call_command

    from cableroom.register import ledger

    count = 0

    def found() -> Office:
        nonlocal count
        if count:
            ledger.stop_writer()
            call_command("flush", interactive=False, verbosity=0)
        count += 1
        settings.HOME = tmp_path / f"home{count}"
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
        made = Office()
        ledger.set_clock(lambda: made.now)
        _found(made, settings.HOME)
        return made

    yield found
    ledger.set_clock(None)


def _found(made: Office, home: Path) -> None:
    from cableroom.directory import founding, people
    from cableroom.directory.policyform import RoleRule

    founding.found(home, org=ORG, name="Ministry of Foreign Affairs", now=NOW)
    desk = RoleRule("DESK OFFICER", ())
    for name, head in (("CAPITAL", "MINISTER"), ("HAVANA", "AMBASSADOR"), ("GENEVA", "AMBASSADOR")):
        roles = (RoleRule(head, ("desk", "head", "release")), desk)
        founding.create_post(name, now=NOW, roles=roles)
    made.hire("anna", CAPITAL, "MINISTER")
    made.hire("desi", CAPITAL, "DESK OFFICER")
    made.hire("hugo", HAVANA, "AMBASSADOR")
    made.hire("dora", HAVANA, "DESK OFFICER")
    made.hire("rita", HAVANA, "DESK OFFICER", "RESTRICTED")
    made.hire("greta", GENEVA, "AMBASSADOR")
    made.people["nemo"] = people.add_person("nemo", "Nemo", PASSPHRASE, by=None, now=NOW)


@pytest.fixture
def office(offices: Callable[[], Office]) -> Office:
    """People: anna (minister) and desi (desk officer) in CAPITAL, hugo (ambassador), dora and rita (desk
    officers; rita is cleared RESTRICTED) in HAVANA, greta (ambassador) in GENEVA, nemo nowhere."""
    return offices()


@pytest.fixture
def instructed(office: Office) -> Any:
    """`office`, with the instruction released, received and receipted: (office, released, received)."""
    released = office.release(INSTRUCTION)
    received = office.deliver(released, HAVANA)
    office.receipt(received)
    return office, released, received
