"""Signing in and locking, the start page, the list of one's posts."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from cableroom.cable.address import Post, slug
from cableroom.directory import policy as policies
from cableroom.directory import posts
from cableroom.directory.authentication import sign_in as check
from cableroom.directory.standing import Standing, standing
from cableroom.errors import CableroomError, NotAllowed
from cableroom.office import inbox
from cableroom.register import ledger
from cableroom.web import errors
from cableroom.web.desk import signed_in, who
from cableroom.web.framing import highest, organisation
from cableroom.web.viewing import MarkView, PageView, PostChoice
from cableroom.web.wording import Words

BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("passphrase")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door. A refused try answers with the same page, status 403, and says nothing of what was wrong."""
    if request.method == "POST":
        return _try(request)
    return _door(request, where=request.GET.get("next", ""))


def _try(request: HttpRequest) -> HttpResponse:
    name, where = request.POST.get("name", "").strip(), request.POST.get("next", "")
    source = request.META.get("REMOTE_ADDR", "")
    try:
        person = check(name, request.POST.get("passphrase", ""), source=source, now=ledger.now())
    except NotAllowed as refusal:
        return _door(request, where=where, name=name, refusal=errors.sentence(refusal), status=403)
    login(request, person, backend=BACKEND)
    return HttpResponseRedirect(_safe(request, where))


def _safe(request: HttpRequest, where: str) -> str:
    """`where` if it is a page of ours, else the start page."""
    ours = url_has_allowed_host_and_scheme(
        where, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return where if ours else reverse("home")


def _door(
    request: HttpRequest, *, where: str, name: str = "", refusal: str = "", status: int = 200
) -> HttpResponse:
    own = posts.own_posts()
    context = {
        "page": errors.bare_page(),
        "organisation": organisation(),
        "posts": ", ".join(post.name for post in own) or "Cableroom",
        "action": reverse("sign-in"),
        "next": where,
        "name": name,
        "refusal": refusal,
    }
    return render(request, "web/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Lock: the session is gone, the door stands there again."""
    logout(request)
    return HttpResponseRedirect(reverse("sign-in"))


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """To the one post where the person serves, or to the list of them."""
    there = standing(who(request), now=ledger.now())
    if len(there.registers) == 1:
        return HttpResponseRedirect(reverse("inbox", args=(slug(Post.parse(there.registers[0])),)))
    return HttpResponseRedirect(reverse("posts"))


@require_safe
@signed_in
def post_list(request: HttpRequest) -> HttpResponse:
    """The posts where the person serves, with what waits there."""
    there = standing(who(request), now=ledger.now())
    try:
        policy = policies.current()
    except CableroomError as error:
        return errors.refused(request, error)
    page = PageView(
        Words(policy.word_list),
        post="Cableroom",
        home=reverse("posts"),
        person=who(request).full_name,
        mark=MarkView(highest((), policy.levels)),
        now=ledger.now(),
    )
    choices = [_choice(register, there) for register in there.registers]
    return render(request, "web/posts.html", {"page": page, "view": choices})


def _choice(register: str, there: Standing) -> PostChoice:
    post = Post.parse(register)
    return PostChoice(
        reverse("inbox", args=(slug(post),)),
        post.name,
        organisation(),
        ", ".join(held.role for held in there.roles(register)),
        inbox.waiting(there.person, register, now=ledger.now()),
    )
