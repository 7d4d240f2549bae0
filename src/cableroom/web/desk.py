"""Who is asking, at which post: what every view behind the sign-in begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from cableroom.cable.address import Post, slug
from cableroom.directory import access
from cableroom.directory import policy as policies
from cableroom.directory.models import Person
from cableroom.directory.policyform import Policy
from cableroom.directory.standing import Held, Standing, standing
from cableroom.errors import CableroomError, NotFound
from cableroom.register import ledger
from cableroom.web import errors
from cableroom.web.wording import Words


@dataclass(frozen=True, slots=True)
class Desk:
    """A person at work at a post of theirs, at one moment."""

    person: Person
    post: Post
    standing: Standing
    policy: Policy
    now: datetime

    @property
    def register(self) -> str:
        return str(self.post)

    @property
    def words(self) -> Words:
        return Words(self.policy.word_list)

    @property
    def roles(self) -> tuple[Held, ...]:
        """The roles that the person holds at this post."""
        return self.standing.roles(self.register)

    def may(self, permission: str) -> Held | None:
        return self.standing.may(permission, self.register)

    def url(self, name: str, *args: object) -> str:
        """The address of a page of this post."""
        return reverse(name, args=(slug(self.post), *args))


Room = Callable[Concatenate[HttpRequest, Desk, ...], HttpResponse]


def who(request: HttpRequest) -> Person:
    """The person who is signed in; views ask only behind the sign-in."""
    assert isinstance(request.user, Person)
    return request.user


def at_desk(request: HttpRequest, place: str) -> Desk:
    """The desk of whoever asks, at the post of the address. NotFound alike for no post and no role there."""
    now, person = ledger.now(), who(request)
    there = standing(person, now=now)
    for register in there.registers:
        post = Post.parse(register)
        if slug(post) == place:
            return Desk(person, post, there, policies.current(), now)
    raise NotFound("No such post, or no role of yours there.", code="post")


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For who is signed in, whatever they may do; others go to the door."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **more)

    return answer


def download(view: Room) -> Callable[..., HttpResponse]:
    """A file or stylesheet of a post, for who is signed in and serves there: GET and HEAD."""
    return guarded(view, ("GET", "HEAD"))


def guarded(view: Room, methods: tuple[str, ...]) -> Callable[..., HttpResponse]:
    """For who is signed in and serves at the post of the address; what is not for them is absent."""

    @wraps(view)
    def answer(request: HttpRequest, place: str, **more: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        try:
            return view(request, at_desk(request, place), **more)
        except NotFound:
            return errors.absent(request)
        except CableroomError as error:
            return errors.refused(request, error)

    return answer


Back = Callable[..., str]


def act(back: Back, *, reads: bool = True) -> Callable[[Room], Callable[..., HttpResponse]]:
    """An act of a person at a post: a form that posts, answered with a redirect.

    `back(desk, **the address)` is the page to go to when it is refused: nothing was changed then, and
    the message says why. An act on a cable that the person may not read is an absent page, unless the
    act does not read it (`reads`).
    """

    def decorate(view: Room) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, place: str, **more: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(reverse("home"))
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            try:
                desk = at_desk(request, place)
                if reads and "digest" in more:
                    access.check_may_read(desk.person, desk.register, more["digest"], now=desk.now)
            except NotFound:
                return errors.absent(request)
            try:
                return view(request, desk, **more)
            except CableroomError as error:
                messages.error(request, errors.sentence(error))
                return HttpResponseRedirect(back(desk, **more))

        return answer

    return decorate
