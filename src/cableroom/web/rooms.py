"""The rooms: pages of a post. A FLASH that nobody has taken up takes the place of the next page, once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cableroom.office.inbox import print_mrn
from cableroom.office.models import InboxItem
from cableroom.web import framing, times
from cableroom.web.desk import Desk, Room, guarded
from cableroom.web.framing import item_label, post_name
from cableroom.web.reading import precedence_view
from cableroom.web.viewing import ItemView

SEEN = "flash"
"""In the session: the digests that this person was shown."""


def page(view: Room) -> Callable[..., HttpResponse]:
    """A page of a post. Reading only: GET and HEAD."""
    return guarded(_after_flash(view), ("GET", "HEAD"))


def writing(view: Room) -> Callable[..., HttpResponse]:
    """A page that also takes its own form, and answers a refusal with what was typed."""
    return guarded(_after_flash(view), ("GET", "HEAD", "POST"))


def _after_flash(view: Room) -> Room:
    @wraps(view)
    def answer(request: HttpRequest, desk: Desk, **more: Any) -> HttpResponse:
        waiting = framing.flashes(desk) if request.method == "GET" else []
        seen = request.session.get(SEEN, [])
        fresh = next((item for item in waiting if item.digest not in seen), None)
        if fresh is None:
            return view(request, desk, **more)
        request.session[SEEN] = [*(item.digest for item in waiting if item.digest in seen), fresh.digest]
        if more.get("digest") == fresh.digest:  # it is being opened already
            return view(request, desk, **more)
        return flash_page(request, desk, fresh)

    return answer


def flash_page(request: HttpRequest, desk: Desk, item: InboxItem) -> HttpResponse:
    """The screen of a FLASH: take it up, read it, or go on to where one was going."""
    view = ItemView(
        url=desk.url("cable", item.digest),
        subject=item.subject,
        language="",
        mrn=print_mrn(item),
        origin=post_name(item.sender, desk),
        precedence=precedence_view(item.precedence),
        label=item_label(item, desk.policy.levels),
        take_up=desk.url("take-up", item.digest),
        dtg=times.dtg(item.dtg),
        late_word=desk.words("received_ago", ago=times.span(desk.now - item.at)),
    )
    frame = framing.frame(desk, "", [view.label], rooms=(), bands=(), plain_sheet=True)
    context = {"page": frame, "view": view, "go_on": request.get_full_path()}
    return render(request, "web/flash.html", context)
