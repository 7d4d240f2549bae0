"""Release: exactly what will be signed, who will be able to read it, and the passphrase once more."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters

from cableroom.cable.address import Post
from cableroom.cable.document import Draft as Document
from cableroom.cable.reference import print_year
from cableroom.directory import access, posts
from cableroom.directory.access import Labelled, Reader
from cableroom.directory.authentication import authenticate_again
from cableroom.directory.readers import named_readers
from cableroom.errors import CheckFailed, NotAllowed, StateError
from cableroom.office import checking, drafting, inbox, releasing
from cableroom.office.models import Draft
from cableroom.web import errors, framing
from cableroom.web.desk import Desk
from cableroom.web.framing import full_names
from cableroom.web.holding import cited_by, covers_in
from cableroom.web.reading import Lens, cable_view
from cableroom.web.rooms import writing
from cableroom.web.viewing import AudienceView, CableView, ChoiceView, ReleaseView
from cableroom.web.views.drafts import at_this_post, draft_label, problem_view


@sensitive_post_parameters("passphrase")
@writing
def release(request: HttpRequest, desk: Desk, draft: str) -> HttpResponse:
    row = at_this_post(draft, desk)
    if request.method == "POST":
        return _try(request, desk, row)
    return _page(request, desk, row)


def _try(request: HttpRequest, desk: Desk, row: Draft) -> HttpResponse:
    passphrase = request.POST.get("passphrase", "")
    try:
        shown = authenticate_again(
            desk.person, passphrase, now=desk.now, source=request.META.get("REMOTE_ADDR", "again")
        )
        entry = releasing.release(
            row.id,
            version=request.POST.get("version", ""),
            person=desk.person,
            role=request.POST.get("role", ""),
            authentication=shown,
            now=desk.now,
        )
    except CheckFailed:
        return _page(request, desk, row, status=409)
    except NotAllowed as refusal:
        told = f"{errors.sentence(refusal)} {desk.words('nothing_was_sent')}"
        return _page(request, desk, row, refusal=told, status=403)
    except StateError as refusal:
        messages.error(request, errors.sentence(refusal))
        return HttpResponseRedirect(desk.url("drafts" if row.released else "draft", *_id(row)))
    item = inbox.find(desk.person, now=desk.now, digest=entry.digest, post=desk.register)
    messages.success(request, desk.words("released_as", mrn=inbox.print_mrn(item)))
    return HttpResponseRedirect(desk.url("cable", item.digest))


def _id(row: Draft) -> tuple[str, ...]:
    return () if row.released else (row.id,)


def _page(
    request: HttpRequest, desk: Desk, row: Draft, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    checked = drafting.check(row.id, by=desk.person, now=desk.now)
    if checked.draft is None:  # it cannot even be read: the composer says where
        return HttpResponseRedirect(desk.url("draft", row.id))
    document = checked.draft
    view = ReleaseView(
        cable=_preview(document, desk),
        text=row.text,
        url=desk.url("release", row.id),
        draft_url=desk.url("draft", row.id),
        version=row.version,
        roles=tuple(ChoiceView(held.role, held.role) for held in desk.roles if "release" in held.permissions),
        audience=tuple(_audience(document, desk)),
        problems=tuple(problem_view(problem) for problem in checked.problems),
        refusal=refusal,
        post=desk.post.name,
        person=desk.person.name,
    )
    exercise = document.head.exercise
    frame = framing.frame(
        desk,
        "drafts",
        [draft_label(row, desk), *(cover.label for para in view.cable.paragraphs for cover in para.covers)],
        draft=True,
        exercise=("", "") if exercise is None else (exercise.kind, exercise.name),
    )
    return render(request, "web/release.html", {"page": frame, "view": view}, status=status)


def _preview(document: Document, desk: Desk) -> CableView:
    """The cable as it will be, but for its number and its time, which come with the signature."""
    texts = "\n".join(block.t for para in document.paras for block in para.blocks)
    names = "\n".join(
        text for each in document.instructions for text in (each.target, each.what, each.authority) if text
    )
    lens = Lens(
        words=desk.words,
        levels=desk.policy.levels,
        now=desk.now,
        own=desk.post,
        covers=covers_in(desk, f"{texts}\n{names}"),
        cited=cited_by(desk, document),
    )
    view = cable_view(document, lens)
    year = print_year(desk.now.year)
    number = gettext("%(year)s %(post)s, next number") % {"year": year, "post": desk.post.name}
    return CableView(
        **{
            **{name: getattr(view, name) for name in CableView.__dataclass_fields__},
            "mrn": number,
            "dtg": gettext("time of release"),
        }
    )


# -- who will be able to read it -------------------------------------------------------------------


def _audience(document: Document, desk: Desk) -> Iterable[AudienceView]:
    """Post by post: the people here, and for other installations what their ceiling allows."""
    action = set(document.action_posts)
    for post in checking.receivers_of(document):
        kind = desk.words("action") if post in action else desk.words("info")
        yield _at(post, kind, document, desk)
    if desk.post not in checking.receivers_of(document):
        yield _at(desk.post, desk.words("from"), document, desk)


def _at(post: Post, kind: str, document: Document, desk: Desk) -> AudienceView:
    name = post.seen_from(desk.post.org).as_text()
    known = posts.find(post)
    if known is not None and known.own:
        return AudienceView(name, f"{kind}. {_people(post, document, desk)}")
    if known is None:
        return AudienceView(name, f"{kind}.", gettext("This post is not in the directory."))
    ceiling = gettext("Its rules decide who reads it there.")
    if known.ceiling is not None:
        level = desk.words.level(known.ceiling.level)
        ceiling = gettext("Ceiling %(level)s. Its rules decide who reads it there.") % {"level": level}
    return AudienceView(name, f"{kind}. {ceiling}", _warning(known, document, desk))


def _warning(known: posts.PostView, document: Document, desk: Desk) -> str:
    number = desk.policy.level(document.head.classification).number
    if known.ceiling_number is not None and number > known.ceiling_number:
        return gettext("It may not receive %(level)s.") % {
            "level": desk.words.level(document.head.classification)
        }
    return "" if known.reachable else gettext("There is no way to it at present; the cable will wait.")


def _people(post: Post, document: Document, desk: Desk) -> str:
    """The people of a post of ours who could read it, by name."""
    label = Labelled(
        desk.policy.level(document.head.classification).number,
        frozenset(document.head.categories),
        frozenset(document.head.captions),
    )
    # what it asks of a cable a draft has as well: its officers, its addressees
    listed_in_it = named_readers(document, str(post))  # type: ignore[arg-type]
    readers = [Reader(name, named) for name, named in listed_in_it]
    if post == desk.post:
        readers += [Reader(held.role, True) for held in desk.roles]
    found = access.would_read(str(post), label, readers, now=desk.now)
    if not found:
        return gettext("Nobody there is cleared for it and in its distribution.")
    names = full_names(found)
    listed = ", ".join(names.get(name, name) for name in found)
    count = ngettext("%(n)s person: %(names)s.", "%(n)s people: %(names)s.", len(found))
    return count % {"n": len(found), "names": listed}
