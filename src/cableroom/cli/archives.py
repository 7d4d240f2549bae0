"""`archive`: documents of old, and every record that is held."""

from __future__ import annotations

import click

from cableroom.archive import accessioning, records
from cableroom.archive.citing import print_citation
from cableroom.archive.models import RecordRow
from cableroom.archive.recordform import MAX_BYTES, print_record
from cableroom.cable.canonical import stamp
from cableroom.cli.context import now, person_option, post_option, read_file, which_post, who
from cableroom.cli.output import answer, json_option, quote, say, table
from cableroom.directory import covernames
from cableroom.directory.models import Person


@click.group()
def archive() -> None:
    """What is kept: cables, and documents that were brought in."""


@archive.command("import")
@click.argument("file")
@click.option("--level", help="The level of the record (else the lowest).")
@click.option(
    "--cover-level",
    help="The level of whom its cover names mean (else the highest that you are cleared for).",
)
@person_option
@post_option
@json_option
def archive_import(
    file: str, level: str | None, cover_level: str | None, person: str | None, post: str | None, as_json: bool
) -> None:
    """Bring in a page in the record text form (docs/reference/record-text.md)."""
    by = who(person)
    entry = accessioning.accession(
        read_file(file, limit=MAX_BYTES),
        post=which_post(post, by),
        by=by,
        now=now(),
        level=level,
        cover_level=cover_level,
    )
    value = _imported(by, entry.register, str(entry.digest))
    answer("archive-import", value, as_json=as_json, text=lambda: _told(value))


@archive.command("show")
@click.argument("record")
@click.option("--page", is_flag=True, help="Print the page itself, as it was given.")
@person_option
@json_option
def archive_show(record: str, page: bool, person: str | None, as_json: bool) -> None:
    """Show a record by its name, MRN or digest."""
    by = who(person)
    row = records.find(by, record, now=now())
    if row.came == "imported":
        if page:
            say(_page(by, row))
            return
        value = _imported(by, row.register, row.digest)
        answer("archive-show", value, as_json=as_json, text=lambda: _told(value))
        return
    value = {**_row(row), "steps": [_step(s) for s in records.steps(row)], "thread": _thread(by, row)}
    answer("archive-show", value, as_json=as_json, text=lambda: _told_cable(value))


@archive.command("list")
@person_option
@json_option
def archive_list(person: str | None, as_json: bool) -> None:
    """The records that you may read, the newest first."""
    items = [_row(row) for row in records.records(who(person), now=now())]
    answer(
        "archive-list", {"items": items}, as_json=as_json,
        text=lambda: table([(i["dated"], i["record"], i["mrn"] or "", i["title"]) for i in items], ("DATE", "RECORD", "MRN", "TITLE")),
    )  # fmt: skip


@archive.command("confirm")
@click.argument("record")
@click.argument("no", type=int)
@click.option("--reject", is_flag=True, help="It is no instruction.")
@person_option
def archive_confirm(record: str, no: int, reject: bool, person: str | None) -> None:
    """Confirm instruction NO as it was proposed from an imported text."""
    by = who(person)
    row = records.find(by, record, now=now())
    decision = "rejected" if reject else "confirmed"
    accessioning.decide(by, register=row.register, digest=row.digest, no=no, decision=decision, now=now())
    say(f"Instruction {no} of {row.record} is {decision}.")


def _row(row: RecordRow) -> dict[str, object]:
    address = f"/records/{row.record}"
    return {
        "record": row.record,
        "address": address,
        "digest": row.digest,
        "mrn": row.mrn,
        "title": row.title,
        "subject": row.subject,
        "kind": row.kind,
        "proof": row.proof,
        "came": row.came,
        "dated": row.dated.strftime("%Y-%m-%d") if row.dated else row.dated_as_written,
        "language": row.language,
        "citation": None if row.came == "imported" else records.citation(row, address),
    }


def _step(step: records.Step) -> dict[str, object]:
    return {
        "entry": step.index,
        "kind": step.kind,
        "at": stamp(step.at),
        "side": step.side,
        "post": step.post,
    }


def _thread(by: Person, row: RecordRow) -> list[dict[str, object]]:
    return [
        {"relation": r.relation, "record": r.record.record, "mrn": r.record.mrn, "title": r.record.title}
        for r in records.thread(by, row, now=now())
    ]


def _imported(by: Person, register: str, digest: str) -> dict[str, object]:
    found = accessioning.imported(by, register, digest, now=now())
    form = found.form
    known = covernames.meanings(by, [c.name for c in form.cover_names], now=now())
    decided = records.decisions(register, found.record)
    return {
        "record": found.record,
        "address": f"/records/{found.record}",
        "digest": digest,
        "proof": "attested",
        "imported": {"at": stamp(found.at), "by": found.by},
        "title": form.title,
        "dated": form.dated.isoformat() if form.dated else form.date_written,
        "citation": form.citation,
        "citation_read": found.citation is not None and print_citation(found.citation) == form.citation,
        "summary": form.summary,
        "language": form.language,
        "translator": found.citation.translator if found.citation else None,
        "custody": [{"holder": h.holder, "how": h.how} for h in found.citation.custody] if found.citation else [],
        "texts": [{"kind": t.kind, "language": t.language, "paragraphs": list(t.paragraphs), "signature": t.signature} for t in form.texts],
        "insertions": [{"paragraph": i.paragraph, "offset": i.offset, "text": i.text} for i in form.insertions],
        "cover_names": [
            {"name": c.name, "paragraph": c.paragraph, "offset": c.offset, "meaning": known[c.name].meaning if c.name in known else None}
            for c in form.cover_names
        ],
        "notes": [
            {"number": n.number, "text": n.text, "paragraph": n.paragraph, "offset": n.offset, "exact": n.exact} for n in form.notes
        ],
        "instructions": [
            {
                "no": p.no, "act": p.act, "target": p.target, "authority": p.authority, "what": p.what, "urgent": p.urgent,
                "words": list(p.words), "paragraphs": list(p.paragraphs), "decision": decided.get(p.no, "proposed"),
            }
            for p in found.proposals
        ],
        "doubts": list(form.doubts),
    }  # fmt: skip


def _page(by: Person, row: RecordRow) -> str:
    """The page, with whom its cover names mean for the cleared alone."""
    found = accessioning.imported(by, row.register, row.digest, now=now())
    known = covernames.meanings(by, [c.name for c in found.form.cover_names], now=now())
    return print_record(records.cleared_form(found.form, frozenset(known)))


def _told(value: dict[str, object]) -> None:
    say(f"{value['title']}")
    say(f"{value['dated']} · record {value['record']} · attested, not signed by its author")
    if value["summary"]:
        say(f"Summary (not part of the document): {value['summary']}")
    say(f"Original language: {value['language']}")
    if value["translator"]:
        say(f"Translation by {value['translator']}")
    for n, holding in enumerate(value["custody"], 1):  # type: ignore[arg-type, var-annotated]
        say(f"Custody {n}: {holding['holder']} ({holding['how']})")
    for text in value["texts"]:  # type: ignore[attr-defined]
        say(f"\n{text['kind']} - {text['language']}")
        quote("\n\n".join(text["paragraphs"]))
    for instruction in value["instructions"]:  # type: ignore[attr-defined]
        whom = f" {instruction['target']}" if instruction["target"] else ""
        say(f"Instruction {instruction['no']} ({instruction['decision']}): {instruction['act']}{whom}")
    for name in value["cover_names"]:  # type: ignore[attr-defined]
        if name["meaning"]:
            say(f"{name['name']} is {name['meaning']}.")
    for note in value["notes"]:  # type: ignore[attr-defined]
        say(f"Note {note['number']}: {note['text']}")
    for doubt in value["doubts"]:  # type: ignore[attr-defined]
        say(f"Doubt: {doubt}")
    say(f"\nCitation: {value['citation']}")


def _told_cable(value: dict[str, object]) -> None:
    say(f"{value['title']}: {value['subject']}")
    say(
        f"{value['mrn']} · {value['dated']} · record {value['record']} · of origin: signed by the post that said it"
    )
    say(f"Digest: {value['digest']}")
    for step in value["steps"]:  # type: ignore[attr-defined]
        say(f"  entry {step['entry']}: {step['kind']} {step['post'] or ''} {step['at']}".rstrip())
    for other in value["thread"]:  # type: ignore[attr-defined]
        say(f"  {other['relation']}: {other['mrn'] or other['record']} {other['title']}")
    say(f"Citation: {value['citation']}")


COMMANDS = (archive,)
