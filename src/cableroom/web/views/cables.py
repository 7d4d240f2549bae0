"""A cable: the page itself, its words on a clean sheet, its files, its evidence, its print stylesheet."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, pgettext

from cableroom.archive.records import record_id
from cableroom.cable.document import Instruction
from cableroom.cable.printing import print_cable
from cableroom.directory import access, posts
from cableroom.directory.standing import holders
from cableroom.errors import NotFound
from cableroom.office import board, showing
from cableroom.office.board import TaskingLine
from cableroom.office.inbox import print_mrn
from cableroom.office.lifecycle import PARTIAL, Status
from cableroom.office.threads import THIS, Strand, thread
from cableroom.register import proving
from cableroom.register.ledger import Entry
from cableroom.web import evidence, framing, times
from cableroom.web.desk import Desk, download
from cableroom.web.framing import full_names, item_label, post_name
from cableroom.web.headers import FILE_POLICY
from cableroom.web.holding import Holding, hold
from cableroom.web.reading import language_name
from cableroom.web.rooms import page
from cableroom.web.states import column, result_word, tasking_state
from cableroom.web.viewing import (
    ActView,
    CablePage,
    ChoiceView,
    DecisionView,
    LabelView,
    PageView,
    ReadersView,
    SheetPage,
    ThreadView,
    TodoView,
    WordsView,
)
from cableroom.web.views.printing import stylesheet
from cableroom.web.views.tasks import task_name

# -- the page ----------------------------------------------------------------------------------


@page
def cable(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    held = hold(desk, digest)
    lines = board.of_cable(desk.person, desk.register, digest, now=desk.now)
    entries = showing.evidence(desk.person, desk.register, digest, now=desk.now)
    strands = thread(desk.person, desk.register, digest, now=desk.now)
    view = CablePage(
        cable=held.view(),
        asks_heading=_asks(held),
        todo=tuple(_todo(line, held) for line in lines),
        acts=tuple(_acts(held, lines)),
        decisions=tuple(_decisions(held)),
        ways=evidence.ways(held, entries, lines),
        evidence=evidence.proofs(held, entries),
        thread=tuple(_strand(strand, desk) for strand in strands) if len(strands) > 1 else (),
        links=tuple(_links(held)),
        readers=_readers(held),
        evidence_url=held.url("evidence"),
        verify_url=held.url("check"),
        proof_url=held.url("proof"),
    )
    others = [item_label(strand.item, desk.policy.levels) for strand in strands]
    return render(request, "web/cable.html", {"page": cable_frame(held, others), "view": view})


def cable_frame(held: Holding, others: Iterable[LabelView] = (), *, room: str = "") -> PageView:
    """The frame of a page about one cable: its mark, its own print stylesheet, the band of an exercise."""
    room = room or ("board" if held.item.sent else "inbox")
    labels = [*held.labels, *others]
    return framing.frame(held.desk, room, labels, exercise=held.exercise, print_url=held.url("cable-print"))


def _asks(held: Holding) -> str:
    if held.item.sent:
        return held.desk.words("what_this_asks_of_others")
    return held.desk.words("what_this_asks", post=held.desk.post.name)


def _todo(line: TaskingLine, held: Holding) -> TodoView:
    desk, row = held.desk, line.tasking
    title = column(line, desk.words)
    if row.asked:
        title = f"{title}, {post_name(row.post, desk)}"
    return TodoView(
        title,
        f"p{row.paragraph}",
        tasking_state(line, desk.now, desk.words),
        "; ".join(_who_and_when(line, desk)),
        line.status in (Status.REPORTED, Status.OPEN) and _in_hand(line),
        tuple(_small_acts(line, desk)),
    )


def _in_hand(line: TaskingLine) -> bool:
    reached = {step.step for step in line.steps if step.reached}
    return "acknowledged" in reached or line.status is Status.REPORTED


def _who_and_when(line: TaskingLine, desk: Desk) -> Iterable[str]:
    row = line.tasking
    if row.owner:
        yield full_names([row.owner]).get(row.owner, row.owner)
    if line.result:
        yield result_word(line.result, desk.words).lower()
    if line.report is not None:
        yield print_mrn(line.report)
    if line.status is Status.OPEN and line.verdict is not None and not line.verdict.accepted:
        yield f"{desk.words('returned').lower()}: {line.verdict.why}"
    if line.status is Status.OPEN and line.due is not None and not line.overdue:
        yield f"{desk.words('due')} {times.clock(line.due, desk.now)}"


def _small_acts(line: TaskingLine, desk: Desk) -> Iterable[ActView]:
    if line.tasking.asked or line.status is not Status.OPEN:
        return
    name = task_name(line)
    yield ActView(desk.words("note"), f"{desk.url('tasks')}?note={name}#note")
    yield ActView(desk.words("assign"), f"{desk.url('tasks')}?assign={name}#assign")


def _acts(held: Holding, lines: list[TaskingLine]) -> Iterable[ActView]:
    if held.item.sent:
        return
    words, fresh = held.desk.words, held.item.taken_up is None
    if fresh:
        yield ActView(words("take_up", post=held.desk.post.name), held.url("take-up"), post=True, first=True)
    if any(line.status is Status.OPEN for line in lines):
        yield ActView(words("report"), held.url("report"), post=True, first=not fresh)


def _decisions(held: Holding) -> Iterable[DecisionView]:
    """What this cable reports to our post, and nobody has decided on yet."""
    if held.item.sent:
        return
    desk = held.desk
    for line in board.board(desk.person, desk.register, now=desk.now):
        if line.report is None or line.report.digest != held.item.digest or line.result is None:
            continue
        final = line.result not in PARTIAL
        if line.verdict is not None and line.verdict.report == held.item.digest:
            continue
        title = f"{column(line, desk.words)}: {result_word(line.result, desk.words).lower()}"
        yield DecisionView(title, held.url("decide"), line.tasking.digest, line.tasking.no, final)


def _strand(strand: Strand, desk: Desk) -> ThreadView:
    item, this = strand.item, strand.how == THIS
    text = desk.words("this_cable") if this else f"{_how(strand.how)}: {item.subject}"
    return ThreadView(print_mrn(item), text, "" if this else desk.url("cable", item.digest), this)


def _how(how: str) -> str:
    names = {
        "instruction": pgettext("in a thread", "asked"),
        "report": pgettext("in a thread", "reported"),
        "correction": pgettext("in a thread", "corrected"),
        "cancellation": pgettext("in a thread", "cancelled"),
        "readdressal": pgettext("in a thread", "sent on"),
        "ref": pgettext("in a thread", "cited here"),
        "cited by": pgettext("in a thread", "cites this"),
    }
    return names.get(how, how)


def _links(held: Holding) -> Iterable[ActView]:
    words, desk = held.desk.words, held.desk
    record = reverse("record", args=(record_id(held.item.digest),))
    yield ActView(words("record_and_citation"), record)
    yield ActView(gettext("As text"), held.url("cable-text"))
    new = desk.url("new-draft")
    if held.item.sent:
        yield ActView(words("cancel_by_cable"), f"{new}?cancel={held.item.digest}")
    else:
        yield ActView(words("answer_by_cable"), f"{new}?answer={held.item.digest}")


def _readers(held: Holding) -> ReadersView:
    """Who may read it at this post, and whom one might add: who serves there and may not yet."""
    desk, digest = held.desk, held.item.digest
    reading = access.readers(desk.register, digest, now=desk.now)
    serving = {person for person, _ in holders(desk.register, now=desk.now)}
    names = full_names([*reading, *serving])
    roles = sorted(posts.roles(desk.post))
    people = sorted(serving - set(reading))
    return ReadersView(
        tuple(names.get(name, name) for name in reading),
        held.url("distribute"),
        tuple(ChoiceView(role, role) for role in roles),
        tuple(ChoiceView(name, names.get(name, name)) for name in people),
    )


# -- words to deliver ----------------------------------------------------------------------------


@page
def words(request: HttpRequest, desk: Desk, digest: str, no: int, large: bool = False) -> HttpResponse:
    """The clean sheet, to be read aloud or handed over."""
    held = hold(desk, digest)
    told = _delivery(held, no)
    spoken = [
        WordsView(text, language or "", language_name(language), authoritative, told.manner == "verbatim")
        for language, authoritative, text in told.words
    ]
    lead = "to_deliver" if told.manner == "verbatim" else "to_deliver_points"
    view = SheetPage(
        cable_url=held.url("cable"),
        other_url=held.url("words", no) if large else held.url("words-large", no),
        large=large,
        lead=desk.words(lead, target=told.target),
        mrn=held.mrn,
        no=no,
        words=spoken[0],
        courtesy=tuple(spoken[1:]),
        proof=" ".join(digest[at : at + 4] for at in (0, 4, 8)),
        origin=post_name(held.item.sender, desk),
    )
    frame = framing.frame(
        desk,
        "inbox",
        [held.label],
        exercise=held.exercise,
        print_url=held.url("cable-print"),
        plain_sheet=True,
    )
    return render(request, "web/sheet.html", {"page": frame, "view": view})


@download
def words_text(request: HttpRequest, desk: Desk, digest: str, no: int) -> HttpResponse:
    """The words and nothing else: the bytes that were released."""
    held = hold(desk, digest)
    text = _delivery(held, no).words[0][2]
    name = f"{held.mrn} {no}.txt".replace(" ", "-")
    return attachment(text.encode("utf-8"), "text/plain; charset=utf-8", name)


def _delivery(held: Holding, no: int) -> Instruction:
    """The instruction of this number, which must have words to deliver. Raises `NotFound`."""
    for each in held.cable.instructions:
        if each.no == no and each.act == "deliver" and each.words:
            return each
    raise NotFound("There are no words to deliver in it.", code="no-words")


# -- files and text ------------------------------------------------------------------------------


@download
def file(request: HttpRequest, desk: Desk, digest: str, n: int) -> HttpResponse:
    """A file that came with the cable, as it was signed; the browser is told to keep its hands off it."""
    held = hold(desk, digest)
    if not 1 <= n <= len(held.opened.files):
        raise NotFound("The cable has no such file.", code="no-file")
    found = held.opened.files[n - 1]
    return attachment(found.content, found.media_type, found.name)


@download
def cable_text(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    held = hold(desk, digest)
    text = print_cable(held.cable).encode("utf-8")
    return attachment(text, "text/plain; charset=utf-8", f"{held.mrn}.cable".replace(" ", "-"))


@download
def proof(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    """The proof that the cable's entry stands in the register, under a signed head."""
    held = hold(desk, digest)
    data = proving.prove(desk.register, held.item.index)
    return attachment(data, "text/plain; charset=utf-8", f"{held.mrn}.tlog-proof".replace(" ", "-"))


def attachment(data: bytes, media_type: str, name: str) -> HttpResponse:
    """A download: never shown inside a page of ours, never guessed at."""
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Content-Security-Policy"] = FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


@download
def print_css(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    return stylesheet(hold(desk, digest).print_view())


# -- evidence --------------------------------------------------------------------------------------


@page
def every_entry(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    """All that the register says about the cable, entry by entry."""
    held = hold(desk, digest)
    entries: list[Entry] = showing.evidence(desk.person, desk.register, digest, now=desk.now)
    context = {
        "page": cable_frame(held),
        "evidence": evidence.every_entry(held, entries),
        "mrn": held.mrn,
        "subject": held.head.subject,
        "cable_url": held.url("cable"),
        "verify_url": held.url("check"),
        "proof_url": held.url("proof"),
    }
    return render(request, "web/evidence.html", context)
