"""*Check it again now*: the cable's bytes are read and verified anew, and what is proved is said line by line."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext

from cableroom.cable.address import Post
from cableroom.directory import certificates, posts
from cableroom.errors import CableroomError
from cableroom.register import ledger, proofs, proving
from cableroom.seal.cables import ACCEPTED, CableVerdict, read_cable
from cableroom.web import times
from cableroom.web.desk import Desk
from cableroom.web.framing import post_name
from cableroom.web.holding import Holding, hold
from cableroom.web.rooms import page
from cableroom.web.viewing import FactView, StateView, VerdictLine, VerifyView
from cableroom.web.views.cables import cable_frame
from cableroom.wire import examining


@page
def check(request: HttpRequest, desk: Desk, digest: str) -> HttpResponse:
    held = hold(desk, digest)
    view = verdict_view(held, _judge(held), _register(held))
    return render(request, "web/verify.html", {"page": cable_frame(held), "view": view})


def _judge(held: Holding) -> CableVerdict:
    """The verdict on the bytes as they lie in the register, at the time that the signer states."""
    sender = Post.parse(held.item.sender)
    known = posts.find(sender)
    return read_cable(
        held.opened.signed_data,
        authorities=certificates.authorities_for(sender),
        policies=examining.policies_of(known) if known is not None else {},
        at=held.item.at,
        own_post=None if held.item.sent else held.desk.post,
    )


def _register(held: Holding) -> tuple[bool, str]:
    """Whether the entry is proved under a signed head of this register, and what to say of it."""
    register = held.desk.register
    try:
        proof = proving.prove(register, held.item.index)
        found = proofs.check_inclusion(proof, ledger.vkey(register))
    except CableroomError as error:
        return False, str(error)
    fits = found.entry.digest == held.item.digest
    text = gettext(
        "It is entry %(n)s of the register of %(post)s, under its signed head of %(size)s entries."
    )
    return fits, text % {
        "n": found.index,
        "post": held.desk.post.name,
        "size": found.checkpoint.size,
    }


def verdict_view(held: Holding, verdict: CableVerdict, register: tuple[bool, str]) -> VerifyView:
    """The title is the verdict in a sentence; what is proved and what is not are both listed, always."""
    sender = post_name(held.item.sender, held.desk)
    good = verdict.fate == ACCEPTED and verdict.digest == held.item.digest and register[0]
    if good:
        sentence = gettext("This is what %(post)s signed") % {"post": sender}
    else:
        sentence = gettext("This does not check. Do not rely on it.")
    about = gettext("Checked on this machine, %(when)s, without asking anyone")
    return VerifyView(
        sentence,
        about % {"when": f"{times.day(held.desk.now)}, {held.desk.now:%H:%M}Z"},
        good,
        tuple(_proved(held, verdict, register, sender)) if good else (),
        tuple(_unproved(held, sender)),
        () if good else tuple(_failed(verdict, register)),
        tuple(_facts(held, verdict)),
        held.url("cable"),
        held.mrn,
    )


def _line(word: str, shape: str, text: str) -> VerdictLine:
    return VerdictLine(StateView(word, shape), text)


def _proved(
    held: Holding, verdict: CableVerdict, register: tuple[bool, str], sender: str
) -> Iterable[VerdictLine]:
    signed = gettext("Signed with the %(key)s of %(post)s, while that key was good.")
    yield _line(gettext("Author"), "done", signed % {"key": held.desk.words("release_key"), "post": sender})
    count = len(held.cable.paras)
    text = ngettext(
        "Its one paragraph is letter for letter as signed.",
        "All %(n)s paragraphs are letter for letter as signed.",
        count,
    )
    yield _line(gettext("Text"), "done", text % {"n": count})
    if held.cable.files:
        files = ngettext("Its file is as signed.", "All %(n)s files are as signed.", len(held.cable.files))
        yield _line(gettext("Files"), "done", files % {"n": len(held.cable.files)})
    yield _line(gettext("Label"), "done", gettext("The label on the seal is that of the document."))
    yield _line(gettext("Register"), "done", register[1])


def _unproved(held: Holding, sender: str) -> Iterable[VerdictLine]:
    yield _line(gettext("Truth"), "stop", gettext("That what it says is so."))
    yield _line(
        gettext("Person"),
        "stop",
        gettext("Which person released it: that is what %(post)s states.") % {"post": sender},
    )
    yield _line(gettext("Reading"), "stop", gettext("That anybody read it: a receipt is made by a machine."))


def _failed(verdict: CableVerdict, register: tuple[bool, str]) -> Iterable[VerdictLine]:
    for problem in verdict.problems:
        yield _line(problem.code, "late", str(problem))
    if not register[0]:
        yield _line(gettext("Register"), "late", register[1])


def _facts(held: Holding, verdict: CableVerdict) -> Iterable[FactView]:
    yield FactView(gettext("Digest"), held.item.digest, machine=True)
    yield FactView(gettext("Algorithms"), "; ".join(verdict.algorithms))
    if verdict.signer is not None:
        yield FactView(gettext("Path"), " ← ".join(verdict.signer.path))
    if verdict.signing_time is not None:
        yield FactView(gettext("Time stated"), verdict.signing_time.isoformat())
