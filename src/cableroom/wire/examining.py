"""What a leg is worth: opened, its sheet and its content verified, a fate with the reason. Writes nothing.

A leg is believed step by step: the envelope says nothing about who made it; the sheet says which post sent
it, if its signature holds; the cable inside says who wrote it, whoever sent it. Only what was verified may
make the register grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cableroom.cable.address import Post
from cableroom.cable.canonical import sha256_hex
from cableroom.directory import certificates, keystore, posts
from cableroom.directory.models import CardPolicyRow, PolicyRow
from cableroom.directory.posts import PostView
from cableroom.errors import CableroomError, Problem, SealError, Unavailable
from cableroom.seal import cables, legs, service, signing, trust
from cableroom.seal.cables import CableVerdict
from cableroom.seal.service import ServiceMessage
from cableroom.seal.sheets import Sheet, check_sheet, unverified_sheet
from cableroom.seal.trust import PathVerdict, Use
from cableroom.wire import sheets


class Fate(StrEnum):
    """`STRANGER`: nothing in it could be verified and nothing claims what is known; it leaves no trace."""

    ACCEPTED = "accepted"
    HELD = "held"
    REFUSED = "refused"
    STRANGER = "stranger"


PASSING = frozenset(
    {
        "unknown-authority",
        "expired",
        "not-yet-valid",
        "authority-expired",
        "authority-not-yet-valid",
        "crl-missing",
        "crl-stale",
        "crl-bad",
        "unknown-certificate",
        "newer-version",
        "newer-kind",
        "unassigned",
        "unknown-policy",
    }
)
"""What is missing can still come: a certificate, a card, a list, a clock, a newer program."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one leg.

    `sender` is whom it comes from: verified by the sheet's signature if `verified`, else only claimed.
    `code`, `what` and `do` say why it is not accepted. Of `verdict` and `message` one is there if the
    content could be read that far.
    """

    fate: Fate
    leg: str
    sender: Post | None = None
    verified: bool = False
    sheet: Sheet | None = None
    verdict: CableVerdict | None = None
    message: ServiceMessage | None = None
    code: str = ""
    what: str = ""
    do: str = ""
    problems: tuple[Problem, ...] = field(default=())

    @property
    def digest(self) -> str | None:
        return self.verdict.digest if self.verdict is not None else None


def examine(octets: bytes, *, to: Post, now: datetime) -> Finding:
    """Open and verify a leg for the post `to`. Never raises for what is in it.

    Raises `Unavailable` if it cannot be judged now for a reason of ours (no keys, no database).
    """
    leg = sha256_hex(octets)
    keys = keystore.opening_keys(to)
    if not keys:
        raise Unavailable(f"{to} has no opening key.", do="Start cableroom serve.", code="no-key")
    try:
        opened = legs.open_leg(octets, keys=keys)
        sheet, path = sheets.read(opened.sheet, now=now)
    except Unavailable:
        raise
    except CableroomError as error:
        return _unopened(octets, leg, keys, error)
    return _Judging(leg, to, now, sheet, path, opened).finding()


def _unopened(octets: bytes, leg: str, keys: list[keystore.CertifiedKey], error: CableroomError) -> Finding:
    """No verified sheet. If what is missing can come, and the post that it claims is known, it is held."""
    claimed: Post | None = None
    if error.code in PASSING:
        try:
            claimed = unverified_sheet(legs.open_leg(octets, keys=keys).sheet)[0].sender
        except CableroomError:
            claimed = None
    if claimed is not None and posts.find(claimed) is not None:
        return Finding(Fate.HELD, leg, claimed, False, code=error.code, what=error.what, do=error.do)
    return Finding(Fate.STRANGER, leg, code=error.code, what=error.what, do=error.do)


class _Judging:
    """One leg whose sheet is signed with a certificate of the directory."""

    def __init__(
        self, leg: str, to: Post, now: datetime, sheet: Sheet, path: PathVerdict, opened: legs.OpenedLeg
    ) -> None:
        self._leg, self._to, self._now = leg, to, now
        self._sheet, self._path, self._opened = sheet, path, opened
        self._verdict: CableVerdict | None = None
        self._message: ServiceMessage | None = None
        self._problems: list[Problem] = []

    def finding(self) -> Finding:
        errors = self._errors(self._path.problems)
        if any(problem.code not in PASSING for problem in errors):
            # revoked, of another post or use: whoever made this sheet is nobody's system
            return self._make(Fate.STRANGER, errors, verified=False)
        if self._sheet.receiver != self._to:
            # somebody sealed another's leg anew: its sender has not spoken to us, and is not to hear of it
            other = Problem("wrong-receiver", "the sheet", f"This leg is for {self._sheet.receiver}.")
            return self._make(Fate.STRANGER, [other], verified=False)
        try:
            self._check()
        except CableroomError as error:
            errors.append(Problem(error.code, error.where, error.what, error.do))
        errors += self._problems
        verified = self._path.authority is not None
        refused = [problem for problem in errors if problem.code not in PASSING and problem.code != ABOVE]
        if refused:
            return self._make(Fate.REFUSED if verified else Fate.STRANGER, refused, verified=verified)
        return self._make(Fate.HELD if errors else Fate.ACCEPTED, errors, verified=verified)

    def _make(self, fate: Fate, problems: list[Problem], *, verified: bool) -> Finding:
        first = problems[0] if problems else None
        return Finding(
            fate,
            self._leg,
            self._sheet.sender,
            verified,
            self._sheet,
            self._verdict,
            self._message,
            first.code if first else "",
            first.message if first else "",
            first.hint if first else "",
            tuple(problems),
        )

    def _check(self) -> None:
        if self._sheet.sender == self._to:
            raise _refused("reflected", "This leg is one of ours, sent back to us.")
        if self._opened.kind == "cable":
            self._cable()
        else:
            self._service()

    def _cable(self) -> None:
        claimed = self._sheet.sender
        verdict = cables.read_cable(
            self._opened.content,
            authorities=certificates.authorities_for(claimed),
            policies=policies_of(posts.get(claimed)),
            at=self._now,
            own_post=self._to,
        )
        self._verdict = verdict
        self._problems += self._errors(verdict.problems)
        if verdict.digest is not None:
            check_sheet(self._sheet, kind="cable", digest=verdict.digest, sender=claimed, receiver=self._to)
        if verdict.claimed is not None and verdict.claimed != claimed:
            raise _refused("other-sender", f"{claimed} sends a cable of {verdict.claimed}.")
        ceiling = posts.get(self._to).ceiling
        if (
            verdict.label is not None
            and ceiling is not None
            and verdict.label.classification > ceiling.number
        ):
            self._problems.append(
                Problem(
                    ABOVE,
                    "label",
                    f"It is above {ceiling.level}, the highest level that {self._to.name} may receive.",
                    "An administrator can raise the ceiling of the post.",
                )
            )

    def _service(self) -> None:
        claimed = self._sheet.sender
        signed = signing.verify(self._opened.content)
        path = trust.judge(
            signed.certificate,
            use=Use.SYSTEM,
            authorities=certificates.authorities_for(claimed),
            at=self._now,
            post=claimed,
        )
        self._problems += self._errors((*signed.problems, *path.problems))
        check_sheet(
            self._sheet,
            kind="service",
            digest=sha256_hex(self._opened.content),
            sender=claimed,
            receiver=self._to,
        )
        message = service.from_bytes(legs.read_service(signed.content))
        if (message.sender, message.receiver) != (claimed, self._to):
            raise _refused("other-sender", f"{claimed} sends a service message of {message.sender}.")
        self._message = message

    @staticmethod
    def _errors(problems: Iterable[Problem]) -> list[Problem]:
        return [problem for problem in problems if problem.severity == "error"]


ABOVE = "above-ceiling"


def _refused(code: str, what: str) -> SealError:
    return SealError(what, code=code)


Known = Mapping[tuple[str, int], tuple[str, Mapping[str, int], Mapping[str, str]]]


def policies_of(view: PostView) -> Known:
    """(id, version) → (OID, level → number, letter → level): our own versions, or those on their card."""
    if view.own:
        rows = [(row.policy, row.version, row.oid, row.document["levels"]) for row in PolicyRow.objects.all()]
    else:
        on_card = CardPolicyRow.objects.filter(authority=view.authority)
        rows = [(row.policy, row.version, row.oid, row.levels) for row in on_card]
    return {
        (name, version): (
            oid,
            {level["level"]: level["number"] for level in levels},
            {level["letter"]: level["level"] for level in levels},
        )
        for name, version, oid, levels in rows
    }
