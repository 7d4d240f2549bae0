"""How pages say that something is absent or refused."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from cableroom.directory import policy as policies
from cableroom.errors import CableroomError, NotAllowed, Unavailable
from cableroom.register import ledger
from cableroom.web.viewing import PageView
from cableroom.web.wording import Words


def bare_page() -> PageView:
    """The frame of pages outside any post: no rooms, no counts, nothing of the person."""
    try:
        words = Words(policies.current().word_list)
    except CableroomError:
        words = Words()
    return PageView(words, now=ledger.now())


def absent(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """*No such cable, or not for you to read*: one page, the same bytes whatever was asked for."""
    return render(request, "web/absent.html", {"page": bare_page()}, status=404)


def sentence(error: CableroomError) -> str:
    """What is wrong and what to do, in people's words."""
    place = f"{error.where}: " if error.where else ""
    return f"{place}{error.what}" + (f" {error.do}" if error.do else "")


def refused(request: HttpRequest, error: CableroomError) -> HttpResponse:
    """A page that says why nothing happened."""
    status = 403 if isinstance(error, NotAllowed) else 503 if isinstance(error, Unavailable) else 400
    context = {"page": bare_page(), "sentence": error.what, "do": error.do, "back": "/"}
    return render(request, "web/refused.html", context, status=status)


def old_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token (Django's CSRF_FAILURE_VIEW)."""
    context = {
        "page": bare_page(),
        "sentence": gettext("This form was too old to be used."),
        "do": gettext("Open the page again and press the button once more. Nothing was changed."),
        "back": "/",
    }
    return render(request, "web/refused.html", context, status=403)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read (Django's handler400)."""
    return _without_rooms(
        request, gettext("This request cannot be read."), gettext("Nothing was changed."), 400
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Something broke (Django's handler500). Asks the database for nothing: it may be what broke."""
    do = gettext(
        "Nothing that was promised is lost. Tell who keeps this machine the time, and look at the log."
    )
    return _without_rooms(request, gettext("Something broke here."), do, 500)


def _without_rooms(request: HttpRequest, sentence: str, do: str, status: int) -> HttpResponse:
    context = {"page": PageView(Words()), "sentence": sentence, "do": do, "back": "/"}
    return render(request, "web/refused.html", context, status=status)
