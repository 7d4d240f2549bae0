"""Every cable released or received is a record, and so is every document that was brought in.

A record has a permanent address (`/records/<record>`), which tells nothing of what it names and is never used again, a
citation, a proof (of origin, or attested) and a thread. All of it follows from the register.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cableroom.archive.citing import Citation, print_citation
from cableroom.archive.models import ATTESTED, ORIGIN, DescriptionRow, LinkRow, RecordRow
from cableroom.archive.recordform import RecordForm, written_date
from cableroom.cable.document import Cable
from cableroom.cable.reference import Mrn, print_dtg
from cableroom.directory import access, posts
from cableroom.directory.models import Person
from cableroom.errors import CableroomError, NotFound
from cableroom.register import ledger
from cableroom.register.acts import Entry
from cableroom.register.registry import Projection
from cableroom.seal.cables import Opened

LINKS = {
    "report": "reports-on",
    "correction": "corrects",
    "cancellation": "cancels",
    "readdressal": "readdresses",
}
"""How a cable of each kind concerns the one that it names."""

TITLES = {
    "cable": "Cable",
    "report": "Report",
    "correction": "Correction",
    "cancellation": "Cancellation",
    "readdressal": "Readdressal",
}


def record_id(digest: str) -> str:
    """The opaque name of the record about `digest`: 20 letters and digits, the same wherever the cable is held."""
    raw = hashlib.sha256(b"cableroom/record/v1" + bytes.fromhex(digest)).digest()
    return base64.b32encode(raw).decode("ascii").lower()[:20]


def title_of(cable: Cable) -> str:
    """The title by rule: what it is, from whom, to whom."""
    names = [post.name for post in cable.action_posts]
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    return f"{TITLES[cable.head.kind]} from {cable.sender.name} to {listed}"


# -- the projection ---------------------------------------------------------------------------


def _apply(entry: Entry, opened: Opened | None) -> None:
    if entry.kind == "Imported" and entry.digest is not None:
        _imported(entry, entry.digest)
    elif entry.kind == "Described":
        DescriptionRow.objects.update_or_create(
            register=entry.register,
            record=entry.data["record"],
            field=entry.data["field"],
            no=entry.data["no"] or 0,
            defaults={"value": entry.data["value"], "index": entry.index},
        )
    elif opened is not None and entry.digest is not None:
        _cable(entry, entry.digest, opened.cable)


def _cable(entry: Entry, digest: str, cable: Cable) -> None:
    RecordRow.objects.create(
        register=entry.register,
        record=record_id(digest),
        digest=digest,
        index=entry.index,
        came=entry.kind.lower(),
        proof=ORIGIN,
        kind=cable.head.kind,
        level=entry.data["level"],
        mrn=cable.mrn.print(None),
        title=title_of(cable),
        subject=cable.head.subject,
        language=cable.head.language,
        dated=cable.dtg,
        dated_as_written=print_dtg(cable.dtg),
    )
    links = {("cites", ref.digest) for ref in cable.refs if ref.digest}
    if cable.head.concerns:
        links.discard(("cites", cable.head.concerns))
        links.add((LINKS[cable.head.kind], cable.head.concerns))
    LinkRow.objects.bulk_create(
        LinkRow(register=entry.register, digest=digest, kind=kind, target=target)
        for kind, target in sorted(links)
    )


def _imported(entry: Entry, digest: str) -> None:
    dated = entry.data["dated"]
    RecordRow.objects.create(
        register=entry.register,
        record=entry.data["record"],
        digest=digest,
        index=entry.index,
        came="imported",
        proof=ATTESTED,
        kind="document",
        level=entry.data["level"],
        title=entry.data["title"],
        language=entry.data["language"],
        dated=datetime.fromisoformat(dated).replace(tzinfo=UTC) if dated else None,
        dated_as_written=entry.data["written"],
    )


PROJECTION = Projection(
    name="archive.records",
    kinds=frozenset({"Released", "Received", "Imported", "Described"}),
    tables=(RecordRow, LinkRow, DescriptionRow),
    apply=_apply,
)


# -- what people see --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a record: the entry that says so."""

    index: int
    kind: str
    at: datetime
    side: str | None
    post: str | None


@dataclass(frozen=True, slots=True)
class Related:
    """Another record of the thread, as this reader may see it: how it hangs together with this one."""

    relation: str
    record: RecordRow


def records(person: Person, *, now: datetime, register: str | None = None) -> list[RecordRow]:
    """The records that `person` may read, the newest first."""
    rows = access.visible(RecordRow.objects.all(), person, now=now)
    if register is not None:
        rows = rows.filter(register=register)
    return list(rows.order_by("-dated", "register", "record"))


def find(person: Person, name: str, *, now: datetime) -> RecordRow:
    """The record of this name, MRN or digest that `person` may read. NotFound, alike for absent and hidden."""
    rows = access.visible(RecordRow.objects.all(), person, now=now)
    for column, value in (("record", name), ("digest", name), ("mrn", _full_mrn(name))):
        found = rows.filter(**{column: value}).order_by("register").first()
        if found is not None:
            return found
    raise NotFound("No such record, or not for you to read.", code="no-record")


def _full_mrn(name: str) -> str:
    """An MRN as records keep it, with its organisation: ours where none is written."""
    try:
        return Mrn.parse(name, posts.own_org()).print(None)
    except CableroomError:
        return name


def citation(row: RecordRow, address: str) -> str:
    """The house form for a cable of ours or of a correspondent: who said it, when, its number, where it is kept."""
    post = row.register.partition("/")[2]
    org = row.register.partition("/")[0]
    day = written_date(row.dated) if row.dated else row.dated_as_written
    holder = f"register of {post}, entry {row.index}"
    return print_citation(Citation(row.title, day, f"{org}, {row.mrn}, {holder}", (), None, address))


def thread(person: Person, row: RecordRow, *, now: datetime) -> list[Related]:
    """What `row` answers, reports on or cites, and what does so to it, in the order of their dates."""
    links = LinkRow.objects.filter(register=row.register)
    named = {(link.kind, link.target) for link in links.filter(digest=row.digest)}
    naming = {(f"{link.kind}-by", link.digest) for link in links.filter(target=row.digest)}
    by_digest = {
        other.digest: other
        for other in access.visible(RecordRow.objects.filter(register=row.register), person, now=now).filter(
            digest__in=[digest for _, digest in named | naming]
        )
    }
    found = [Related(kind, by_digest[digest]) for kind, digest in named | naming if digest in by_digest]
    return sorted(found, key=lambda r: (r.record.dated or now, r.record.record, r.relation))


def steps(row: RecordRow) -> list[Step]:
    """What happened to a cable, from the register, in order. For a reader who may read `row`."""
    return [
        Step(
            entry.index,
            entry.kind,
            entry.at,
            entry.data.get("side"),
            entry.data.get("post") or entry.data.get("to"),
        )
        for entry in ledger.entries(row.register, digest=row.digest)
    ]


def decisions(register: str, record: str) -> dict[int, str]:
    """What a person decided about each proposed instruction: number → confirmed or rejected."""
    rows = DescriptionRow.objects.filter(register=register, record=record, field="instruction")
    return {row.no: row.value["decision"] for row in rows}


def cleared_form(form: RecordForm, known: frozenset[str]) -> RecordForm:
    """`form` without the identities behind cover names that are not in `known`."""
    return replace(form, cover_names=tuple(cover for cover in form.cover_names if cover.name in known))
