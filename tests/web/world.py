"""A ministry with three posts in one installation, its people, and cables that really travelled (route local).

All of it is invented. People: rehn (minister) and lind (desk officer, communicator) in CAPITAL, costa
(ambassador) and ferrer (desk officer) in PORT SORELL, maro there too but cleared RESTRICTED only, sand
(archivist) in CAPITAL, nemo nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ORG = "mfa.halvia.example"
CAPITAL, SORELL, VALMERE = (f"{ORG}/{name}" for name in ("CAPITAL", "PORT SORELL", "VALMERE"))
PASSPHRASE = "quiet harbour lantern moss"
NOW = datetime(2026, 11, 23, 18, 40, tzinfo=UTC)

WORDS = (
    "Le Gouvernement de la Halvie estime que le pont de l’Aune  restera « ouvert ».\n"
    "\n"
    "Il serait utile de répondre <sans tarder> & par écrit : العربية עברית\u00a0!"
)

INSTRUCTION = """\
FROM: CAPITAL
TO: PORT SORELL, VALMERE
PRECEDENCE: IMMEDIATE
CLASSIFICATION: SECRET
TAGS: PREL, EAID
SUBJECT: Passage of medical convoys over the Aune bridge
REFS: A. Letter of the President to the River Committee, 23 November
REPORT BY: 241200Z NOV 26

1. (S) The bridge will be closed on 25 November.

2. (S) ACTION 1 DELIVER VERBATIM TO "the Foreign Minister of Caldria" URGENT ON INSTRUCTIONS OF "the Government" IN fr:
{words}
COURTESY TRANSLATION en:
> The Government of Halvia considers that the Aune bridge stays “open”.

3. (S) ACTION 2 INFORM "HERON": of the advice in ACTION 1.

4. (R) ACTION 3 REPORT BY 241200Z NOV 26: fulfilment of these instructions, and any reply.

SIGNED: MINISTER
""".format(words="\n".join(f"> {line}".rstrip() for line in WORDS.split("\n")))

FLASH = """\
FROM: CAPITAL
TO: PORT SORELL
PRECEDENCE: FLASH
CLASSIFICATION: CONFIDENTIAL
SUBJECT: Withdraw staff from the Aune crossing

1. (C) ACTION 1 DO: withdraw all staff from the Aune crossing at once.

SIGNED: MINISTER
"""

OPEN = """\
FROM: CAPITAL
TO: PORT SORELL
PRECEDENCE: ROUTINE
CLASSIFICATION: UNCLASSIFIED
SUBJECT: Census of nationals

1. (U) ACTION 1 DO: return the census of nationals.

SIGNED: MINISTER
"""

DRILL = OPEN.replace("SUBJECT: Census of nationals", 'EXERCISE: DRILL "HIGH WATER"\nSUBJECT: Count the boats')


@dataclass
class Ministry:
    """The ministry as a test handles it. `now` is the time of all acts and pages."""

    people: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW

    def forward(self, **length: float) -> None:
        self.now += timedelta(**length)

    def hire(self, name: str, post: str, role: str, level: str = "SECRET", *categories: str) -> None:
        from cableroom.cable.address import Post
        from cableroom.directory import people

        if name not in self.people:
            full = f"{name[0].upper()}. {name.title()}"
            self.people[name] = people.add_person(name, full, PASSPHRASE, by=None, now=self.now)
            people.set_clearance(self.people[name], level, categories, by=None, now=self.now)
        people.appoint(self.people[name], Post.parse(post), role, by=None, now=self.now)

    def release(self, text: str, *, by: str = "rehn", post: str = CAPITAL, role: str = "MINISTER") -> str:
        """Release a text and let it travel; its digest."""
        from cableroom.directory import people
        from cableroom.office import releasing

        person = self.people[by]
        shown = people.authenticate_again(person, PASSPHRASE, now=self.now)
        entry = releasing.release_text(
            text, post=post, person=person, role=role, authentication=shown, now=self.now
        )
        self.drain()
        return entry.digest

    def drain(self) -> None:
        """Let everything travel."""
        from cableroom.register import following

        drained = following.drain()
        assert not drained.failures, drained.failures


def found(home: Path) -> Ministry:
    """Make the installation in `home` (which the settings already name)."""
    from cableroom.directory import covernames, founding, people
    from cableroom.directory.policyform import RoleRule, default_policy
    from cableroom.register import ledger

    made = Ministry(now=NOW)
    ledger.set_clock(lambda: made.now)
    policy = replace(default_policy(ORG), categories=("CONTACTS",))
    founding.found(home, org=ORG, name="Ministry of Foreign Affairs of Halvia", now=NOW, chosen=policy)
    desk = (RoleRule("DESK OFFICER", ("desk",)), RoleRule("COMMUNICATOR", ("communicate",)))
    archive = RoleRule("ARCHIVIST", ("archive",))
    for name, head in (("CAPITAL", "MINISTER"), ("PORT SORELL", "AMBASSADOR"), ("VALMERE", "AMBASSADOR")):
        roles = (RoleRule(head, ("desk", "head", "release")), *desk, archive)
        founding.create_post(name, now=NOW, roles=roles)
    made.hire("rehn", CAPITAL, "MINISTER", "SECRET", "CONTACTS")
    made.hire("lind", CAPITAL, "DESK OFFICER")
    made.hire("lind", CAPITAL, "COMMUNICATOR")
    made.hire("sand", CAPITAL, "ARCHIVIST")
    made.hire("costa", SORELL, "AMBASSADOR", "SECRET", "CONTACTS")
    made.hire("ferrer", SORELL, "DESK OFFICER")
    made.hire("maro", SORELL, "DESK OFFICER", "RESTRICTED")
    made.hire("hale", VALMERE, "AMBASSADOR")
    made.people["nemo"] = people.add_person("nemo", "N. Nemo", PASSPHRASE, by=None, now=NOW)
    covernames.define(
        "HERON",
        "Ms L. Varga, convoy coordinator of the River Committee",
        level="SECRET",
        categories=("CONTACTS",),
        by=None,
        now=NOW,
    )
    return made


def said(html: str) -> str:
    """The visible words of a page, blanks folded; for looking words up."""
    text = re.sub(r"<[^>]+>", " ", html)
    return re.sub(r"\s+", " ", text)
