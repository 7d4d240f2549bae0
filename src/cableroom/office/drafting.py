"""Drafts: written, saved and handed on at a post; nothing of it is a fact until release.

Every version is kept. Nothing here touches the register; what is refused leaves the draft as it was.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cableroom.cable import shapes
from cableroom.cable.document import File
from cableroom.cable.text import parse_draft, print_draft, tidy
from cableroom.directory import policy as policies
from cableroom.directory.models import Person
from cableroom.directory.standing import standing
from cableroom.errors import InputError, NotAllowed, NotFound, StateError
from cableroom.office import checking, doing, marks
from cableroom.office.checking import Checked
from cableroom.office.lifecycle import DRAFT, DraftEvent, DraftStatus, must_allow
from cableroom.office.marks import Mark
from cableroom.office.models import Draft, DraftFile, DraftVersion, InboxItem

MAX_TEXT = 2**20
MAX_FILES_BYTES = 20 * 2**20


def version_of(text: str) -> str:
    """The version of a draft's text: its SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# -- reading -------------------------------------------------------------------------------


def get(draft: str, person: Person, *, now: datetime) -> Draft:
    """The draft. Raises `NotFound`, in the same words whether there is none or it is not for this person."""
    row = Draft.objects.filter(id=draft).first()
    return _visible(row, person, now)


def drafts(
    person: Person, post: str | None = None, *, now: datetime, status: str | None = DraftStatus.IN_WORK
) -> list[Draft]:
    """The drafts that `person` may see, the last changed first. `status` None: those that are closed too."""
    who, policy = standing(person, now=now), policies.current()
    rows = Draft.objects.filter(post__in=who.registers if post is None else [post])
    if status is not None:
        rows = rows.filter(status=str(status))
    return [row for row in rows.order_by("-changed", "id") if marks.may_see(who, row, policy)]


def versions(draft: str, person: Person, *, now: datetime) -> list[DraftVersion]:
    """The versions of a draft, the first one first, as far as the person is cleared for each."""
    row, who = get(draft, person, now=now), standing(person, now=now)
    mine = who.person in (row.author, row.holder)
    return [
        version
        for version in DraftVersion.objects.filter(draft=row.id).order_by("number")
        if marks.is_cleared(who, marks.mark_on(version)) and (mine or version.level is not None)
    ]


def files(draft: str, person: Person, *, now: datetime) -> dict[str, bytes]:
    """The files that a draft encloses, by their SHA-256."""
    return _files(get(draft, person, now=now))


def check(draft: str, *, by: Person, now: datetime) -> Checked:
    """Everything that stands between this draft and its release."""
    row = get(draft, by, now=now)
    return check_row(row, by=by, now=now)


def check_text(text: str, *, post: str, by: Person, now: datetime, files: Iterable[bytes] = ()) -> Checked:
    """The same for a text that is no draft yet, with the bytes of the files that it lists."""
    lengths = {hashlib.sha256(content).hexdigest(): len(content) for content in files}
    return checking.check(_clean(text), post=post, by=by, now=now, files=lengths)


def check_row(row: Draft, *, by: Person, now: datetime) -> Checked:
    lengths = {sha256: len(content) for sha256, content in _files(row).items()}
    return checking.check(row.text, post=row.post, by=by, now=now, files=lengths, mark=marks.mark_on(row))


# -- writing -------------------------------------------------------------------------------


def save(
    text: str,
    *,
    post: str,
    by: Person,
    now: datetime,
    draft: str | None = None,
    expected: str | None = None,
    role: str | None = None,
    sources: Iterable[str] = (),
    files: Iterable[bytes] = (),
) -> Draft:
    """Save a new draft of the post whose register is `post`, or another version of `draft`.

    `expected` is the version that the editor began with: if somebody saved another one since then,
    nothing is saved (`StateError`). `sources` are digests of cables that it is drafted from. A text that
    cannot be read is saved too. Nobody saves above their own clearance (`NotAllowed`).
    """
    clean = _clean(text)
    actor = doing.actor_at(post, by, now=now, role=role)
    policy = policies.current()
    mark = marks.mark_of_text(clean, policy)
    _check_cleared(by, mark, policy, now)
    with transaction.atomic():
        row = _new(post, by, actor.role, sources, now) if draft is None else _taken(draft, by, now)
        if draft is not None and row.post != post:
            raise StateError(_("This draft lies at another post."), code="draft-post")
        if expected is not None and expected != row.version:
            raise StateError(
                _("%(person)s saved another version since you began.") % {"person": row.holder},
                do=_("Load the draft, and put your changes into it. Nothing was saved."),
                code="draft-changed",
            )
        must_allow(DRAFT, DraftStatus(row.status), DraftEvent.SAVE, what=_("The draft"))
        _keep_files(row, files)
        return _put(row, clean, mark, by, now) if row.version != version_of(clean) else row


def attach(
    draft: str,
    *,
    name: str,
    media_type: str,
    content: bytes,
    by: Person,
    now: datetime,
    mark: str | None = None,
) -> Draft:
    """Enclose a file: its bytes are kept with the draft, and its line is written under FILES.

    Raises `TextError` if the draft cannot be read as it stands.
    """
    row = get(draft, by, now=now)
    document = parse_draft(row.text)
    file = File(
        n=len(document.files) + 1,
        name=shapes.line(name, "name"),
        media_type=shapes.media_type(media_type, "media type"),
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        mark=None if mark is None else shapes.mark(mark, "mark"),
    )
    text = print_draft(replace(document, files=(*document.files, file)))
    return save(text, post=row.post, by=by, now=now, draft=draft, expected=row.version, files=[content])


def hand_over(draft: str, to: Person, *, by: Person, now: datetime) -> Draft:
    """Give the draft to somebody else of the post who is cleared for it."""
    doing.actor_at(get(draft, by, now=now).post, to, now=now)
    with transaction.atomic():
        row = _taken(draft, by, now)
        must_allow(DRAFT, DraftStatus(row.status), DraftEvent.HAND_OVER, what=_("The draft"))
        _check_cleared(to, marks.mark_on(row), policies.current(), now)
        row.holder, row.changed = to.name, now
        row.save()
        return row


def discard(draft: str, *, by: Person, now: datetime) -> Draft:
    """Put the draft away for good."""
    with transaction.atomic():
        row = _taken(draft, by, now)
        must_allow(DRAFT, DraftStatus(row.status), DraftEvent.DISCARD, what=_("The draft"))
        row.status, row.changed = DraftStatus.DISCARDED.value, now
        row.save()
        return row


def lower(draft: str, *, version: str, why: str, by: Person, now: datetime) -> Draft:
    """Lower the draft's mark to that of its present text: a releasing officer, for a reason that is kept."""
    reason = doing.checked_line(why, "why")
    doing.actor_at(get(draft, by, now=now).post, by, now=now, permission="release")
    with transaction.atomic():
        row = _taken(draft, by, now)
        must_allow(DRAFT, DraftStatus(row.status), DraftEvent.LOWER, what=_("The draft"))
        if row.version != version:
            raise StateError(
                _("The draft was changed since you read it."), do=_("Read it again."), code="draft-changed"
            )
        mark = marks.mark_of_text(row.text, policies.current())
        if not mark.is_known:
            raise StateError(
                _("The text cannot be read, so it has no mark."),
                do=_("Correct it first."),
                code="draft-unread",
            )
        marks.put_on(row, mark)
        row.changed = now
        row.save()
        DraftVersion.objects.filter(draft=row.id, number=row.versions).update(why=reason)
        return row


# -- inside --------------------------------------------------------------------------------


def _clean(text: str) -> str:
    if "\0" in text or len(text) > MAX_TEXT or any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError(
            _("A draft is text of at most %(most)s characters.") % {"most": MAX_TEXT},
            do=_("Take out what is no text. Nothing was saved."),
            code="draft-text",
        )
    return tidy(text)


def _visible(row: Draft | None, person: Person, now: datetime) -> Draft:
    if row is None or not marks.may_see(standing(person, now=now), row, policies.current()):
        raise NotFound(_("There is no such draft here, or it is not for you."), code="no-draft")
    return row


def _taken(draft: str, by: Person, now: datetime) -> Draft:
    """The draft, its row locked until the transaction ends."""
    return _visible(Draft.objects.select_for_update().filter(id=draft).first(), by, now)


def _new(post: str, by: Person, role: str | None, sources: Iterable[str], now: datetime) -> Draft:
    named = sorted(set(sources))
    items = InboxItem.objects.filter(register=post, digest__in=named)
    row = Draft(
        id=secrets.token_hex(8),
        post=post,
        status=DraftStatus.IN_WORK.value,
        version="",
        author=by.name,
        author_role=role,
        holder=by.name,
        sources=named,
        created=now,
        versions=0,
    )
    marks.put_on(row, marks.mark_of_items(items))
    return row


def _put(row: Draft, text: str, mark: Mark, by: Person, now: datetime) -> Draft:
    row.text, row.version, row.unread = text, version_of(text), not mark.is_known
    row.subject = parse_draft(text).head.subject if mark.is_known else ""
    row.versions += 1
    row.holder, row.changed = by.name, now
    marks.put_on(row, marks.mark_on(row).over(mark))
    row.save()
    version = DraftVersion(
        draft=row.id, number=row.versions, version=row.version, text=text, by=by.name, at=now
    )
    marks.put_on(version, mark)
    version.save()
    return row


def _check_cleared(person: Person, mark: Mark, policy: policies.Policy, now: datetime) -> None:
    if not marks.is_cleared(standing(person, now=now), mark):
        raise NotAllowed(
            _("%(person)s is not cleared for %(mark)s.")
            % {"person": person.full_name, "mark": mark.name(policy)},
            do=_("Nothing was saved."),
            code="not-cleared",
        )


def _files(row: Draft) -> dict[str, bytes]:
    return {file.sha256: bytes(file.content) for file in DraftFile.objects.filter(draft=row.id)}


def _keep_files(row: Draft, files: Iterable[bytes]) -> None:
    kept = {file.sha256: len(bytes(file.content)) for file in DraftFile.objects.filter(draft=row.id)}
    for content in files:
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 in kept:
            continue
        kept[sha256] = len(content)
        if sum(kept.values()) > MAX_FILES_BYTES:
            raise InputError(
                _("The files of a draft are %(most)s MiB at most.") % {"most": MAX_FILES_BYTES // 2**20},
                do=_("Nothing was saved."),
                code="files-size",
            )
        DraftFile.objects.create(draft=row.id, sha256=sha256, content=content)
