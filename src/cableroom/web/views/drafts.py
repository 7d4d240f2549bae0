"""Drafts: the list, the composer (the whole draft as text, with what is to be corrected), files."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, pgettext

from cableroom.cable.text import parse_draft
from cableroom.errors import InputError, NotAllowed, NotFound, Problem, StateError, TextError
from cableroom.office import drafting, inbox
from cableroom.office.lifecycle import DraftStatus
from cableroom.office.models import Draft
from cableroom.web import errors, framing, starting
from cableroom.web.desk import Desk, act
from cableroom.web.framing import full_names
from cableroom.web.reading import precedence_view
from cableroom.web.rooms import page, writing
from cableroom.web.viewing import ComposeView, DraftItem, LabelView, ProblemView, StateView

FIELD = "tx"
"""The element of the page in which every problem lies: the text."""

MAX_UPLOAD = drafting.MAX_FILES_BYTES


@page
def drafts(request: HttpRequest, desk: Desk) -> HttpResponse:
    rows = drafting.drafts(desk.person, desk.register, now=desk.now)
    names = full_names(row.holder for row in rows)
    view = [_item(row, names, desk) for row in rows]
    context = {
        "page": framing.frame(desk, "drafts", [item.label for item in view], draft=True),
        "view": view,
        "new_url": desk.url("new-draft"),
    }
    return render(request, "web/drafts.html", context)


def _item(row: Draft, names: dict[str, str], desk: Desk) -> DraftItem:
    precedence, kind = None, ""
    try:
        document = parse_draft(row.text)
    except TextError:
        state = StateView(pgettext("a draft", "To correct"), "soon")
    else:
        precedence, kind = precedence_view(document.head.precedence_action), document.head.kind
        state = StateView(pgettext("a draft", "In work"), "half")
    return DraftItem(
        url=desk.url("draft", row.id),
        subject=row.subject or gettext("Without a subject"),
        language="",
        label=draft_label(row, desk),
        precedence=precedence,
        kind=desk.words("kind_report") if kind == "report" else "",
        saved=row.changed,
        by=names.get(row.holder, row.holder),
        state=state,
    )


def draft_label(row: Draft, desk: Desk) -> LabelView:
    """The draft's mark. A text that cannot be read yet may be anything that its writer may write."""
    number = row.level
    if number is None:
        clearance = desk.standing.clearance
        number = clearance.number if clearance is not None else desk.policy.levels[0].number
    levels = desk.policy.levels
    name = next((level.level for level in levels if level.number == number), str(number))
    ink = min(sum(level.number < number for level in levels), 4)
    return LabelView(name, number, ink, tuple(row.categories), tuple(row.captions))


# -- the composer --------------------------------------------------------------------------------


@page
def draft(request: HttpRequest, desk: Desk, draft: str) -> HttpResponse:
    row = at_this_post(draft, desk)
    checked = drafting.check(row.id, by=desk.person, now=desk.now)
    return _compose(request, desk, row, row.text, checked.problems)


@page
def new_draft(request: HttpRequest, desk: Desk) -> HttpResponse:
    """An empty form; with `answer` or `cancel`, one that begins from a cable."""
    source = request.GET.get("answer") or request.GET.get("cancel") or ""
    item = inbox.find(desk.person, now=desk.now, digest=source, post=desk.register) if source else None
    text = starting.text(desk, item, cancel="cancel" in request.GET)
    return _compose(request, desk, None, text, (), source=source)


@writing
def save(request: HttpRequest, desk: Desk, draft: str = "") -> HttpResponse:
    """Save and check. What was typed is never lost: a refusal answers with the same text, and says why."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    row = at_this_post(draft, desk) if draft else None
    text = request.POST.get("text", "").replace("\r\n", "\n")
    source = request.POST.get("source", "")
    try:
        saved = drafting.save(
            text,
            post=desk.register,
            by=desk.person,
            now=desk.now,
            draft=draft or None,
            expected=request.POST.get("version") if draft else None,
            sources=_sources(source, desk),
        )
    except (StateError, NotAllowed, InputError) as error:
        messages.error(request, errors.sentence(error))
        return _compose(request, desk, row, text, (), source=source, clash=True, status=409)
    to_release = request.POST.get("then") == "release"
    if to_release and not drafting.check(saved.id, by=desk.person, now=desk.now).errors:
        return HttpResponseRedirect(desk.url("release", saved.id))
    messages.success(request, gettext("Saved."))
    return HttpResponseRedirect(desk.url("draft", saved.id))


def _sources(source: str, desk: Desk) -> list[str]:
    """The cable that a new draft began from; its marks count for the draft."""
    if not source:
        return []
    return [inbox.find(desk.person, now=desk.now, digest=source, post=desk.register).digest]


def at_this_post(draft: str, desk: Desk) -> Draft:
    """A draft in work at the post of the address. Raises `NotFound` alike for absent and hidden."""
    row = drafting.get(draft, desk.person, now=desk.now)
    if row.post != desk.register:
        raise NotFound(gettext("There is no such draft here, or it is not for you."), code="no-draft")
    return row


def _compose(
    request: HttpRequest,
    desk: Desk,
    row: Draft | None,
    text: str,
    problems: Iterable[Problem],
    *,
    source: str = "",
    clash: bool = False,
    status: int = 200,
) -> HttpResponse:
    view = ComposeView(
        save_url=desk.url("save-new") if row is None else desk.url("save-draft", row.id),
        text=text,
        version="" if row is None else row.version,
        problems=tuple(problem_view(problem) for problem in problems),
        saved=None if row is None else row.changed,
        by="" if row is None else full_names([row.holder]).get(row.holder, row.holder),
        release_url=desk.url("release", row.id) if row is not None and desk.may("release") else "",
        new=row is None,
        clash=clash and row is not None,
        rows=min(max(text.count("\n") + 6, 24), 60),
        source=source,
        attach_url="" if row is None else desk.url("attach", row.id),
        discard_url="" if row is None else desk.url("discard", row.id),
        closed=row is not None and row.status != DraftStatus.IN_WORK.value,
    )
    labels = [] if row is None else [draft_label(row, desk)]
    context = {
        "page": framing.frame(desk, "drafts", labels, draft=True),
        "view": view,
        "sample": starting.SAMPLE,
    }
    return render(request, "web/compose.html", context, status=status)


def problem_view(problem: Problem) -> ProblemView:
    return ProblemView(problem.where, problem.message, problem.hint, FIELD, error=problem.severity == "error")


# -- files, and putting away -----------------------------------------------------------------------


def _draft(desk: Desk, draft: str) -> str:
    return desk.url("draft", draft)


@act(_draft)
def attach(request: HttpRequest, desk: Desk, draft: str) -> HttpResponse:
    """Enclose a file: its line is written under FILES."""
    row = at_this_post(draft, desk)
    given = request.FILES.get("file")
    if given is None:
        raise InputError(gettext("No file was chosen."), do=gettext("Choose one."), code="no-file")
    if given.size is None or given.size > MAX_UPLOAD:
        raise InputError(
            gettext("The file is larger than %(most)s MiB.") % {"most": MAX_UPLOAD // 2**20},
            do=gettext("Nothing was saved."),
            code="files-size",
        )
    drafting.attach(
        row.id,
        name=given.name or "file",
        media_type=(given.content_type or "application/octet-stream").lower(),
        content=given.read(),
        mark=request.POST.get("mark", "").strip().upper() or None,
        by=desk.person,
        now=desk.now,
    )
    messages.success(request, gettext("%(name)s is enclosed.") % {"name": given.name})
    return HttpResponseRedirect(desk.url("draft", row.id))


@act(_draft)
def discard(request: HttpRequest, desk: Desk, draft: str) -> HttpResponse:
    drafting.discard(at_this_post(draft, desk).id, by=desk.person, now=desk.now)
    messages.success(request, gettext("The draft was put away."))
    return HttpResponseRedirect(desk.url("drafts"))
