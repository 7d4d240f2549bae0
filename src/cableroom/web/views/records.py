"""Records: what the archive holds about every cable, and about documents that were brought in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from cableroom.archive import accessioning, records
from cableroom.archive.accessioning import Imported
from cableroom.archive.citing import Holding as Link
from cableroom.archive.models import ATTESTED, RecordRow
from cableroom.archive.proposing import Proposal
from cableroom.archive.recordform import RecordForm, RecordText
from cableroom.cable.address import Post, slug
from cableroom.directory import covernames
from cableroom.errors import CableroomError, NotFound
from cableroom.office import inbox
from cableroom.office.models import InboxItem
from cableroom.register import ledger
from cableroom.web import errors, framing, times
from cableroom.web.desk import Desk, at_desk, signed_in, who
from cableroom.web.framing import full_names, item_label, post_name
from cableroom.web.holding import Holding, covers_in, hold
from cableroom.web.reading import language_name
from cableroom.web.rooms import page
from cableroom.web.viewing import (
    ActView,
    CustodyView,
    FactView,
    Insertion,
    LabelView,
    PairView,
    PrintView,
    ProposalView,
    RecordItem,
    RecordNote,
    RecordView,
    StateView,
    ThreadView,
)
from cableroom.web.views.cables import cable_frame
from cableroom.web.views.printing import stylesheet

PAGE = 50

# -- the list ------------------------------------------------------------------------------------


@page
def record_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    rows = records.records(desk.person, now=desk.now, register=desk.register)
    if query:
        rows = [row for row in rows if _fits(row, query)]
    start = _start(request)
    shown = rows[start : start + PAGE]
    items = _items_of(shown, desk)
    view = [_item(row, items.get(row.digest), desk) for row in shown]
    more = f"?{urlencode({'q': query, 'from': start + PAGE})}" if len(rows) > start + PAGE else ""
    context = {
        "page": framing.frame(desk, "records", [item.label for item in view]),
        "view": view,
        "query": query,
        "more_url": more,
    }
    return render(request, "web/records.html", context)


def _fits(row: RecordRow, query: str) -> bool:
    text = " ".join([row.title, row.subject or "", row.mrn or "", row.dated_as_written]).casefold()
    return all(word in text for word in query.casefold().split())


def _start(request: HttpRequest) -> int:
    value = request.GET.get("from", "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0


def _items_of(rows: Iterable[RecordRow], desk: Desk) -> dict[str, InboxItem]:
    """The cables behind records, for their numbers and labels."""
    digests = [row.digest for row in rows]
    found = inbox.items(desk.person, desk.register, now=desk.now).filter(digest__in=digests)
    return {item.digest: item for item in found}


def _item(row: RecordRow, item: InboxItem | None, desk: Desk) -> RecordItem:
    attested = row.proof == ATTESTED
    sender = "" if item is None else post_name(item.sender, desk)
    state = (
        StateView(desk.words("attested"), "half")
        if attested
        else StateView(desk.words("of_origin", post=sender), "done")
    )
    return RecordItem(
        reverse("record", args=(row.record,)),
        row.subject or row.title,
        row.language or "",
        times.short_day(row.dated) if row.dated is not None and not attested else row.dated_as_written,
        "" if item is None else inbox.print_mrn(item),
        _level(row.level, desk) if item is None else item_label(item, desk.policy.levels),
        state,
    )


def _level(number: int, desk: Desk) -> LabelView:
    """The label of a document that was brought in: its level alone."""
    levels = desk.policy.levels
    name = next((level.level for level in levels if level.number == number), str(number))
    return LabelView(name, number, min(sum(level.number < number for level in levels), 4))


# -- one record ----------------------------------------------------------------------------------


@signed_in
def record(request: HttpRequest, record: str) -> HttpResponse:
    """The page at the permanent address, at whichever of the reader's posts holds it."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    try:
        row, desk = _found(request, record)
        if row.proof == ATTESTED:
            return _attested(request, row, desk)
        return _of_origin(request, row, desk)
    except NotFound:
        return errors.absent(request)
    except CableroomError as error:
        return errors.refused(request, error)


def _found(request: HttpRequest, record: str) -> tuple[RecordRow, Desk]:
    row = records.find(who(request), record, now=ledger.now())
    if row.record != record:  # numbers and digests have no address
        raise NotFound("No such record, or not for you to read.", code="no-record")
    return row, at_desk(request, slug(Post.parse(row.register)))


def _of_origin(request: HttpRequest, row: RecordRow, desk: Desk) -> HttpResponse:
    held = hold(desk, row.digest)
    address = request.build_absolute_uri(reverse("record", args=(row.record,)))
    sender = post_name(held.item.sender, desk)
    view = RecordView(
        title=held.head.subject,
        date=times.day(held.item.dtg),
        summary="",
        summary_by="",
        label=held.label,
        proof=StateView(desk.words("of_origin", post=sender), "done"),
        proof_about=desk.words("signed_by_its_author"),
        proof_text=_origin_text(held, sender),
        citation=records.citation(row, address),
        address=address,
        cable=held.view(),
        describes=tuple(_describes(row, held)),
        thread=tuple(_thread(row, desk)),
        evidence_url=held.url("evidence"),
        cable_url=held.url("cable"),
    )
    return render(request, "web/record.html", {"page": cable_frame(held, room="records"), "view": view})


def _origin_text(held: Holding, sender: str) -> str:
    return gettext("The %(key)s of %(post)s signed it; it is entry %(n)s of the register of %(here)s.") % {
        "key": held.desk.words("release_key"),
        "post": sender,
        "n": held.item.index,
        "here": held.desk.post.name,
    }


def _describes(row: RecordRow, held: Holding) -> Iterable[FactView]:
    yield FactView(gettext("Title by rule"), row.title)
    yield FactView(gettext("Number"), held.mrn)
    if row.language:
        yield FactView(gettext("Language"), language_name(row.language))


def _thread(row: RecordRow, desk: Desk) -> Iterable[ThreadView]:
    for other in records.thread(desk.person, row, now=desk.now):
        url = reverse("record", args=(other.record.record,))
        yield ThreadView(other.record.mrn or other.record.title, _relation(other.relation), url)


def _relation(relation: str) -> str:
    names = {
        "reports-on": pgettext("a record", "is reported on here"),
        "reports-on-by": pgettext("a record", "reports on this"),
        "corrects": pgettext("a record", "is corrected here"),
        "corrects-by": pgettext("a record", "corrects this"),
        "cancels": pgettext("a record", "is cancelled here"),
        "cancels-by": pgettext("a record", "cancels this"),
        "readdresses": pgettext("a record", "is sent on here"),
        "readdresses-by": pgettext("a record", "sends this on"),
        "cites": pgettext("a record", "is cited here"),
        "cites-by": pgettext("a record", "cites this"),
    }
    return names.get(relation, relation)


# -- a document of old -----------------------------------------------------------------------------


def _attested(request: HttpRequest, row: RecordRow, desk: Desk) -> HttpResponse:
    found = accessioning.imported(desk.person, row.register, row.digest, now=desk.now)
    address = request.build_absolute_uri(reverse("record", args=(row.record,)))
    view = attested_view(found, row, desk, address, request.GET.get("text", "both"))
    labels = [view.label, *(cover.label for cover in view.covers)]
    frame = framing.frame(desk, "records", labels, print_url=reverse("record-print", args=(row.record,)))
    return render(request, "web/record.html", {"page": frame, "view": view})


def attested_view(found: Imported, row: RecordRow, desk: Desk, address: str, shown: str) -> RecordView:
    """The page as it was given, with what this reader may know of the names in it."""
    names = {cover.name for cover in found.form.cover_names}
    known = covernames.meanings(desk.person, names, now=desk.now)
    form = records.cleared_form(found.form, frozenset(known))
    texts = form.texts
    original = next((n for n, text in enumerate(texts) if text.kind != "Translation"), None)
    translation = next((n for n, text in enumerate(texts) if text.kind == "Translation"), None)
    citation = form.citation or records.citation(row, address)
    return RecordView(
        title=form.title,
        date=form.date_written,
        summary=form.summary,
        summary_by=gettext("Summary as it came with the record; not part of the document"),
        label=_level(row.level, desk),
        proof=StateView(desk.words("attested"), "half"),
        proof_about=desk.words("not_signed_by_its_author"),
        proof_text=_attested_text(found, desk),
        citation=citation,
        address=address,
        original_language=_code(texts[original].language) if original is not None else "",
        original_name="" if original is None else _heading(texts[original]),
        translation_language=_code(texts[translation].language) if translation is not None else "",
        translation_name="" if translation is None else _heading(texts[translation]),
        translator=(found.citation.translator or "") if found.citation else "",
        pairs=tuple(_pairs(form, original, translation)),
        notes=tuple(RecordNote(note.number, note.text) for note in form.notes),
        custody=tuple(_custody(found.citation.custody if found.citation else ())),
        covers=covers_in(desk, "\n".join(known)),
        proposals=tuple(_proposals(found, desk)),
        describes=tuple(_facts(found)),
        thread=tuple(_thread(row, desk)),
        doubts=form.doubts,
        view=shown if shown in ("original", "translation") else "both",
    )


def _heading(text: RecordText) -> str:
    kinds = {
        "Original": pgettext("a text of a record", "Original"),
        "Translation": pgettext("a text of a record", "Translation"),
        "Transcription": pgettext("a text of a record", "Transcription"),
    }
    name = language_name(_code(text.language)) if _code(text.language) else text.language
    return ", ".join(part for part in (kinds[text.kind], name) if part)


def _code(name: str) -> str:
    """The tag of a language that is named in English; empty where none is known."""
    return next(
        (code for code, info in LANG_INFO.items() if info.get("name", "").casefold() == name.casefold()), ""
    )


def _pairs(form: RecordForm, original: int | None, translation: int | None) -> Iterable[PairView]:
    """Paragraph beside paragraph; the editor's additions stand in the text that came first."""
    left, right = _column(form, original), _column(form, translation)
    for n in range(max(len(left), len(right))):
        yield PairView(left[n] if n < len(left) else (), right[n] if n < len(right) else ())


def _column(form: RecordForm, number: int | None) -> list[tuple[Insertion, ...]]:
    if number is None:
        return []
    text = form.texts[number]
    marked = number == 0
    column = [
        tuple(_pieces(paragraph, form, n)) if marked else (Insertion("text", paragraph),)
        for n, paragraph in enumerate(text.paragraphs, 1)
    ]
    return [*column, (Insertion("text", text.signature),)] if text.signature else column


def _pieces(paragraph: str, form: RecordForm, n: int) -> Iterable[Insertion]:
    """A paragraph with its insertions, identities and notes where they stood."""
    marks: list[tuple[int, int, Insertion]] = []
    for added in form.insertions:
        if added.paragraph == n:
            marks.append((added.offset, 0, Insertion("inserted", f"[{added.text}]")))
    for cover in form.cover_names:
        if cover.paragraph == n:
            marks.append((cover.offset, 0, Insertion("identity", f"[{cover.wording}]")))
    for note in form.notes:
        if note.paragraph == n and note.offset is not None:
            marks.append((note.offset, 1, Insertion("note", "", note.number)))
    at = 0
    for offset, _, piece in sorted(marks, key=lambda mark: mark[:2]):
        if offset > at:
            yield Insertion("text", paragraph[at:offset])
        if piece.kind != "note":
            yield Insertion("text", " ")
        yield piece
        at = offset
    if at < len(paragraph):
        yield Insertion("text", paragraph[at:])


def _custody(chain: Iterable[Link]) -> Iterable[CustodyView]:
    links = list(chain)
    names = {
        "original": pgettext("custody", "original"),
        "obtained by": pgettext("custody", "copy obtained"),
        "provided to": pgettext("custody", "provided with the copy"),
        "donated to": pgettext("custody", "given the copy"),
        "transferred to": pgettext("custody", "copy transferred"),
        "published by": pgettext("custody", "published it"),
        "on file at": pgettext("custody", "on file"),
    }
    for n, link in enumerate(links, 1):
        yield CustodyView(link.holder, names.get(link.how, link.how), here=n == len(links))


def _attested_text(found: Imported, desk: Desk) -> str:
    who = full_names([found.by] if found.by else []).get(found.by or "", found.by or "")
    return gettext(
        "The archive of %(post)s states that it was given this page on %(day)s by %(who)s. Nobody’s signature "
        "shows that its author wrote it."
    ) % {"post": desk.post.name, "day": times.day(found.at), "who": who or desk.post.name}


def _facts(found: Imported) -> Iterable[FactView]:
    form = found.form
    if form.language:
        yield FactView(gettext("Original language"), form.language)
    if found.citation is not None and found.citation.translator:
        yield FactView(gettext("Translator"), found.citation.translator)
    yield FactView(gettext("Entry"), str(found.index))
    yield FactView("SHA-256", found.digest, machine=True)


def _proposals(found: Imported, desk: Desk) -> Iterable[ProposalView]:
    """The instructions read out of the text, and what a person decided about each."""
    decided = records.decisions(found.register, found.record)
    may_decide = desk.may("archive") is not None
    for each in found.proposals:
        decision = decided.get(each.no)
        state = {
            "confirmed": StateView(pgettext("a proposal", "Confirmed"), "half"),
            "rejected": StateView(pgettext("a proposal", "Rejected"), "stop"),
        }.get(decision or "", StateView(pgettext("a proposal", "Proposed"), "wait"))
        url = reverse("record-decide", args=(found.record, each.no))
        acts = (
            (
                ActView(gettext("Confirm"), f"{url}?decision=confirmed", post=True),
                ActView(gettext("Reject"), f"{url}?decision=rejected", post=True),
            )
            if may_decide and decision is None
            else ()
        )
        yield ProposalView(each.no, _act(each, desk), _about(each), state, acts)


def _act(each: Proposal, desk: Desk) -> str:
    return desk.words({"deliver": "deliver_verbatim", "report": "report_instruction"}.get(each.act, each.act))


def _about(each: Proposal) -> str:
    parts = [each.target or "", each.what or ""]
    if each.authority:
        parts.append(gettext("on instructions of %(authority)s") % {"authority": each.authority})
    if each.urgent:
        parts.append(gettext("urgently"))
    if each.words:
        count = len(each.words)
        parts.append(gettext("the words of %(n)s paragraphs") % {"n": count})
    return "; ".join(part for part in parts if part)


@signed_in
def decide(request: HttpRequest, record: str, no: int) -> HttpResponse:
    """Confirm or reject an instruction that was read out of an imported text."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    here: dict[str, Any] = {"args": (record,)}
    try:
        row, desk = _found(request, record)
        decision = request.GET.get("decision", "")
        accessioning.decide(
            desk.person, register=row.register, digest=row.digest, no=no, decision=decision, now=desk.now
        )
    except NotFound:
        return errors.absent(request)
    except CableroomError as error:
        messages.error(request, errors.sentence(error))
    return HttpResponseRedirect(reverse("record", **here))


@signed_in
def print_css(request: HttpRequest, record: str) -> HttpResponse:
    """The margins of a printed record that was brought in: its mark, its address, the day it was attested."""
    try:
        row, desk = _found(request, record)
        found = accessioning.imported(desk.person, row.register, row.digest, now=desk.now)
    except NotFound:
        return errors.absent(request)
    label = _level(row.level, desk)
    proof = " ".join(row.digest[at : at + 4] for at in (0, 4, 8))
    return stylesheet(
        PrintView(
            desk.words.level(label.level),
            gettext("Record %(record)s") % {"record": row.record},
            gettext("attested %(day)s") % {"day": times.day(found.at)},
            gettext("proof %(proof)s") % {"proof": proof},
        )
    )
