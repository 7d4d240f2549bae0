"""What people do with a cable: forms that post, each one act of the office."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from cableroom.cable.reference import parse_dtg
from cableroom.directory import people
from cableroom.errors import InputError
from cableroom.office import acting, distributing, reporting
from cableroom.web.desk import Desk, act


def _cable(desk: Desk, digest: str, **_: object) -> str:
    return desk.url("cable", digest)


def _tasks(desk: Desk, **_: object) -> str:
    return desk.url("tasks")


def _told(request: HttpRequest, text: str, where: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(where)


def _number(request: HttpRequest, name: str = "no") -> int:
    value = request.POST.get(name, "")
    if not value.isascii() or not value.isdigit() or len(value) > 4:
        raise InputError(
            gettext("No instruction was named."), do=gettext("Load the page again."), code="form"
        )
    return int(value)


def _once(request: HttpRequest) -> str | None:
    return request.POST.get("once") or None


def _time(request: HttpRequest, name: str) -> datetime | None:
    """A date-time group typed into a field; None for an empty one. Raises `DocumentError`."""
    text = request.POST.get(name, "").strip().upper()
    return parse_dtg(text) if text else None


@act(_cable)
def take_up(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    acting.acknowledge(desk.register, digest, by=desk.person, now=desk.now, once=_once(request))
    return _told(request, desk.words("taken_up", post=desk.post.name), desk.url("cable", digest))


@act(_tasks)
def assign(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    owner = people.find(request.POST.get("owner", ""))
    acting.assign(
        desk.register,
        digest,
        owner=owner,
        no=_number(request),
        by=desk.person,
        now=desk.now,
        once=_once(request),
    )
    return _told(request, gettext("With %(who)s now.") % {"who": owner.full_name}, desk.url("tasks"))


@act(_tasks)
def note(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    """Note the outcome of an instruction; the report is drafted from such notes."""
    acting.carry_out(
        desk.register,
        digest,
        _number(request),
        result=request.POST.get("result", ""),
        text=request.POST.get("text", ""),
        at=_time(request, "at"),
        done_by=request.POST.get("by", "").strip() or None,
        to=request.POST.get("to", "").strip() or None,
        next=_time(request, "next"),
        by=desk.person,
        now=desk.now,
        once=_once(request),
    )
    return _told(request, desk.words("noted"), desk.url("tasks"))


@act(_cable)
def distribute(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    name = request.POST.get("person", "")
    person = people.find(name) if name else None
    role = request.POST.get("role", "") or None
    distributing.distribute(
        desk.register,
        digest,
        why=request.POST.get("why", "").strip(),
        role=role,
        person=person,
        by=desk.person,
        now=desk.now,
        once=_once(request),
    )
    who = person.full_name if person is not None else role
    return _told(request, gettext("%(who)s may read it now.") % {"who": who}, desk.url("cable", digest))


@act(_cable)
def report(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    """Draft the report from what was noted, and open the draft."""
    draft = reporting.start(desk.register, digest, by=desk.person, now=desk.now)
    return _told(request, desk.words("report_drafted"), desk.url("draft", draft.id))


@act(_cable)
def decide(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    """Accept or return what this report says of an instruction. Pressed on the report's own page."""
    no, of = _number(request), request.POST.get("of") or None
    why = request.POST.get("why", "").strip()
    if request.POST.get("decision") == "accepted":
        reporting.accept(desk.register, digest, no, of=of, by=desk.person, now=desk.now, once=_once(request))
        told = desk.words("accepted")
    else:
        reporting.return_(
            desk.register, digest, no, why=why, of=of, by=desk.person, now=desk.now, once=_once(request)
        )
        told = desk.words("returned")
    text = f"{desk.words('instruction_n', no=no)}: {told.lower()}."
    return _told(request, text, desk.url("cable", digest))
