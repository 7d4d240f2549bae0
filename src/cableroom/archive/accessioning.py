"""A document of old comes into the archive: one act, after which the page that was given is a record.

It is *attested*: this archive states what it was given, by whom and when. Nobody's signature shows that its author wrote it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, time

from cableroom.archive.citing import Citation, parse_citation
from cableroom.archive.proposing import Proposal, propose
from cableroom.archive.recordform import RecordForm, parse_record
from cableroom.archive.records import record_id
from cableroom.cable.address import Post
from cableroom.directory import access, covernames, keystore, policy
from cableroom.directory.models import Person
from cableroom.directory.standing import standing
from cableroom.errors import InputError, NotAllowed, NotFound, SealError, StateError
from cableroom.register import ledger
from cableroom.register.ledger import Actor, Entry
from cableroom.seal import keys

DECISIONS = ("confirmed", "rejected")


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported record, opened: the page as read, what its citation tells, what it seems to instruct."""

    register: str
    record: str
    digest: str
    index: int
    form: RecordForm
    citation: Citation | None
    proposals: tuple[Proposal, ...]
    at: datetime
    by: str | None
    source: bytes


def accession(
    data: bytes,
    *,
    post: Post,
    by: Person,
    now: datetime,
    level: str | None = None,
    cover_level: str | None = None,
) -> Entry:
    """Takes a page in the record text form into the archive of `post`.

    `level` is that of the record (else the lowest), `cover_level` that of whom its cover names mean (else the
    highest that `by` is cleared for). Bringing the same bytes in twice is bringing them in once.
    Raises InputError for what is no such page, NotAllowed without the right to archive there.
    """
    actor = _archivist(by, post, now=now)
    form = parse_record(data)
    present = policy.current()
    own = standing(by, now=now).clearance
    if own is None:
        raise NotAllowed(
            f"{by.full_name} is not cleared for anything.", do="Ask an administrator.", code="not-cleared"
        )
    wanted = present.level(level.upper()) if level else present.levels[0]
    cover = present.level(cover_level.upper()) if cover_level else present.level(own.level)
    if max(wanted.number, cover.number) > own.number:
        raise NotAllowed(
            f"{by.full_name} is not cleared for this level.",
            do="Choose one that you may read.",
            code="not-cleared",
        )
    digest = hashlib.sha256(data).hexdigest()
    entry = ledger.append(
        ledger.fact(
            str(post),
            "Imported",
            f"import:{digest}",
            actor=actor,
            digest=digest,
            data={
                "record": record_id(digest),
                "title": form.title,
                "level": wanted.number,
                "source": digest,
                "dated": form.dated.isoformat() if form.dated else None,
                "written": form.date_written[:200],
                "language": form.language[:100] or None,
            },
            blob=keys.seal_blob(data, keystore.archive_key(post), digest),
        )
    )
    since = datetime.combine(form.dated, time(), UTC) if form.dated else now
    for name, meaning in {(c.name, c.meaning) for c in form.cover_names}:
        known = covernames.meaning(by, name, now=now)
        if known is None or known.meaning != meaning:
            covernames.define(name, meaning, level=cover.level, since=since, by=None, now=now)
    return entry


def imported(person: Person, register: str, digest: str, *, now: datetime) -> Imported:
    """Opens an imported record that `person` may read. NotFound, alike for absent and hidden."""
    access.check_may_read(person, register, digest, now=now)
    for entry in ledger.entries(register, digest=digest, kinds=("Imported",)):
        source = _source(entry)
        form = parse_record(source)
        return Imported(
            register=register,
            record=str(entry.data["record"]),
            digest=digest,
            index=entry.index,
            form=form,
            citation=parse_citation(form.citation),
            proposals=propose(form.texts[0]),
            at=entry.at,
            by=entry.actor.person,
            source=source,
        )
    raise NotFound("No such record, or not for you to read.", code="no-record")


def decide(person: Person, *, register: str, digest: str, no: int, decision: str, now: datetime) -> Entry:
    """Confirms or rejects instruction `no` as it was proposed from an imported text."""
    if decision not in DECISIONS:
        raise InputError(
            f"“{decision}” is no decision.", do=f"One of: {', '.join(DECISIONS)}.", code="decision"
        )
    record = imported(person, register, digest, now=now)
    actor = _archivist(person, Post.parse(register), now=now)
    if not any(proposal.no == no for proposal in record.proposals):
        raise NotFound(
            f"No instruction {no} is proposed in this record.", do="See its page.", code="no-proposal"
        )
    return ledger.append(
        ledger.fact(
            register,
            "Described",
            f"describe:{record.record}:instruction:{no}:{decision}:{record.index}:{now.timestamp():.3f}",
            actor=actor,
            digest=digest,
            data={"record": record.record, "field": "instruction", "no": no, "value": {"decision": decision}},
        )
    )


def _archivist(person: Person, post: Post, *, now: datetime) -> Actor:
    held = standing(person, now=now).may("archive", str(post))
    if held is None:
        raise NotAllowed(
            f"{person.full_name} holds no role at {post.name} that keeps its archive.",
            do="Ask an administrator.",
            code="needs-archive",
        )
    return Actor(person.name, str(post), held.role)


def _source(entry: Entry) -> bytes:
    blob = ledger.blob(entry.register, entry.index)
    if blob is None:
        raise StateError(
            "The page of this record was destroyed.", where=f"{entry.register} {entry.index}", code="no-blob"
        )
    failure: SealError | None = None
    for key in keystore.archive_keys(entry.register):
        try:
            return keys.open_blob(blob, key, str(entry.digest))
        except SealError as error:
            failure = error
    raise failure or SealError("The post has no archive key.", code="no-key")
