"""Verify an edition: whose key signed it, what it proves line by line, and what it does not.

Lines never say more than is proved. The only keys believed are those that the caller's
authorities have certified; a certificate in the file is a candidate for that, never a reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cableroom.cable.address import Post
from cableroom.cable.canonical import read_minute
from cableroom.cable.document import Cable
from cableroom.cable.reference import print_dtg
from cableroom.errors import CmsError, Problem, ProofError, SealError
from cableroom.seal import jws
from cableroom.seal.certificates import read as read_certificate
from cableroom.seal.edition_text import heading_name, shown_text
from cableroom.seal.editions import Gap, Item, Shown, Signed, read_edition
from cableroom.seal.shown import check_shown
from cableroom.seal.slots import FILES, PARAS, REFS, SEGMENTS, Level
from cableroom.seal.trust import Authority, PathVerdict, Use, judge


@dataclass(frozen=True, slots=True)
class EditionVerdict:
    """What an edition proves.

    `ok`: every check held and the signer's authority is one of those given. Otherwise
    `problems` says why, `shown` is None and nothing is proved. `proved` and `unproved` are
    sentences, one for each claim. `text` is the shown text with its gaps marked; `cable` the
    whole cable if `complete`.
    """

    ok: bool
    problems: tuple[Problem, ...]
    proved: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()
    issuer: str | None = None
    digest: str | None = None
    signer: PathVerdict | None = None
    complete: bool = False
    shown: Shown | None = None
    text: str | None = None
    cable: Cable | None = field(default=None, repr=False)

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything to print: what is proved, then what is not, or the reasons for refusing the file."""
        if not self.ok:
            return tuple(f"Refused: {problem}" for problem in self.problems)
        return (*self.proved, *(f"Not proved: {line}" for line in self.unproved))


def verify_edition(
    data: bytes,
    *,
    trust: Sequence[Authority],
    certificates: Sequence[bytes] = (),
    at: datetime | None = None,
) -> EditionVerdict:
    """Check the file `data` against the authorities `trust`; never raises for what is in it.

    `certificates` (DER, from post cards) are candidates for the signer's beside the file's own
    `x5c`. The signer's certificate is judged at `at`, or else at the cable's own DTG.
    """
    try:
        signed = read_edition(data)
        certificate = _signer(signed, certificates)
        jws.verify_input(certificate, signed.signing_input, signed.signature)
        cable = check_shown(signed.shown)
    except (ProofError, CmsError, SealError) as error:
        code = "signature" if isinstance(error, SealError) else error.code
        return EditionVerdict(False, (Problem(code, error.where, error.what, error.do),))
    shown = signed.shown
    dtg = _dtg(shown)
    time = at or dtg or read_certificate(certificate).not_before
    path = _judge(certificate, trust, time, Post.parse(shown.issuer))
    if not path.good:
        errors = tuple(problem for problem in path.problems if problem.severity == "error")
        return EditionVerdict(False, errors, issuer=shown.issuer, digest=shown.digest, signer=path)
    return EditionVerdict(
        ok=True,
        problems=path.problems,
        proved=tuple(_proved(shown, path, at, dtg)),
        unproved=tuple(_unproved(shown, at, dtg)),
        issuer=shown.issuer,
        digest=shown.digest,
        signer=path,
        complete=shown.complete,
        shown=shown,
        text=shown_text(shown, cable),
        cable=cable,
    )


def _signer(signed: Signed, certificates: Sequence[bytes]) -> bytes:
    """The certificate that the signed header names, out of the file's own and the caller's."""
    named = signed.shown.certificate_sha256
    for certificate in (*signed.certificates, *certificates):
        if hashlib.sha256(certificate).hexdigest() == named:
            return certificate
        if certificate in signed.certificates:
            raise ProofError(
                "The certificate in the file is not the one that the signed header names.",
                code="certificate-mismatch",
            )
    raise ProofError(
        "The certificate of the signer is neither in the file nor in what you trust.",
        do="Give the post card of the sender.",
        code="certificate-missing",
    )


def _judge(certificate: bytes, trust: Sequence[Authority], at: datetime, post: Post) -> PathVerdict:
    """`trust.judge`, but a certificate revoked at any time is bad: no witness tells when this was signed."""
    path = judge(certificate, use=Use.RELEASE, authorities=trust, at=at, post=post)
    problems = tuple(
        replace(
            problem,
            severity="error",
            message=f"{problem.message} Nobody witnessed that the cable was signed before.",
        )
        if problem.code == "revoked-later"
        else problem
        for problem in path.problems
    )
    good = path.good and not any(problem.code == "revoked-later" for problem in problems)
    return replace(path, good=good, problems=problems)


def _dtg(shown: Shown) -> datetime | None:
    value = shown.head.get("dtg")
    return None if value is None else read_minute(value)


# ---- the lines ---------------------------------------------------------------------------


def _proved(shown: Shown, path: PathVerdict, at: datetime | None, dtg: datetime | None) -> Iterator[str]:
    yield f"{shown.issuer} signed this cable: the signature of its release key holds (ES256)."
    yield f"An authority that you trust certified that key: {' ← '.join(path.path)}."
    if at is not None:
        yield f"Its certificate held at {at:%Y-%m-%d %H:%M}Z, the time that you gave."
    elif dtg is not None:
        yield f"Its certificate held at {print_dtg(dtg)}, the time that the cable gives itself: the signer's own word."
    for warning in path.problems:
        yield f"With a doubt about the certificate: {warning.message}"
    yield f"The cable's digest is {shown.digest}."
    yield "What is shown is what was signed, letter for letter and in its order."
    if shown.complete:
        yield "The cable is complete: nothing is withheld."
        return
    for name in shown.head_withheld:
        yield f"Withheld: {heading_name(name)}, of the heading."
    yield from _withheld(REFS, shown.refs)
    yield from _withheld(FILES, shown.files)
    yield from _withheld(PARAS, shown.paras)
    yield "Nothing else is missing: every place outside what is withheld was opened."


def _withheld(level: Level, listed: Sequence[Item | Gap]) -> Iterator[str]:
    """One sentence for each gap of a level, and for what is withheld inside its shown items."""
    before: str | None = None
    for position, each in enumerate(listed):
        if isinstance(each, Gap):
            yield f"Withheld: {at_most(level, each)}{_where(before, position == len(listed) - 1)}."
            continue
        before = _called(level, each, listed[: position + 1])
        missing = [_SAID[claim] for claim in level.claims if claim not in each.claims]
        if missing:
            yield f"Withheld: {' and '.join(missing)} of {before}."
        for piece in each.pieces:
            if isinstance(piece, Gap):
                yield f"Withheld: {at_most(SEGMENTS, piece)} in {before}."


def at_most(level: Level, gap: Gap) -> str:
    """`1 to 14 paragraphs`: the bounds of what a gap hides."""
    return f"1 to {gap.at_most} {level.many}"


def _where(before: str | None, last: bool) -> str:
    if before is None:
        return ": none is shown" if last else " before the first one shown"
    return f" after {before}" if last else f" between {before} and the next one shown"


def _called(level: Level, item: Item, listed: Sequence[Item | Gap]) -> str:
    """What a shown item is called: by its number or letter, or as the last of `listed`."""
    number = item.claims.get(level.order[0])
    if number is not None:
        return f"{level.one} {number}"
    count = sum(isinstance(each, Item) for each in listed)
    return f"the {_ordinal(count)} {level.one} shown"


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{suffix}"


_SAID = {
    "letter": "the letter",
    "ref": "the citation",
    "n": "the number",
    "file": "name, type, size and hash",
    "mark": "the portion mark",
    "meta": "the kind",
    "names": "the names",
    "no": "the instruction's number",
}


def _unproved(shown: Shown, at: datetime | None, dtg: datetime | None) -> Iterator[str]:
    yield "authorised for publication (the file has no statement of the archive)."
    yield "registered (the file has no proof of inclusion in a register)."
    said = "the date-time group is withheld" if dtg is None else f"{print_dtg(dtg)} is the signer's own word"
    yield f"when it was signed (no witness; {said})."
    if at is None and dtg is None:
        yield "that the certificate held when the cable was signed: only that it once did."
    if not shown.complete:
        yield "what is withheld, and how much of it between the bounds given."
