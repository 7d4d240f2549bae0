"""Release: the one act that numbers a draft, completes it, signs it and enters it as `Released`.

Before the writer: read, check, fetch the key (which asks for a fresh authentication), enclose the files.
In the writer, in one transaction: lock the draft and compare its version, take the serial, complete,
cut, derive, sign, encrypt. What was shown is what was hashed is what is signed: the text is read once,
and its SHA-256 is the version that the officer names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.utils.translation import gettext as _

from cableroom.cable.address import Post
from cableroom.cable.completing import complete
from cableroom.cable.cutting import cut
from cableroom.cable.document import Cable
from cableroom.cable.document import Draft as DraftDocument
from cableroom.cable.heading import Officer, PolicyRef
from cableroom.cable.mime import Attachment
from cableroom.cable.precedence import Precedence
from cableroom.cable.reference import Mrn
from cableroom.directory import covernames, keystore, routes
from cableroom.directory import policy as policies
from cableroom.directory.authentication import Authentication
from cableroom.directory.models import Person
from cableroom.directory.policyform import Policy
from cableroom.errors import CheckFailed, Corrupt, NotAllowed, StateError
from cableroom.office import checking, doing, drafting, inbox
from cableroom.office.lifecycle import DRAFT, DraftEvent, DraftStatus, allowed
from cableroom.office.models import Draft, InboxItem
from cableroom.register import ledger
from cableroom.register.ledger import Act, Actor, Entry, Facts, Turn
from cableroom.register.serials import next_serial
from cableroom.seal import certificates, keys
from cableroom.seal.cables import Opened, new_message_id, new_seed, sign_cable


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that a release needs and that can be had before the writer."""

    row: Draft
    document: DraftDocument
    post: Post
    officer: Person
    actor: Actor
    authentication: Authentication
    policy: Policy
    drafted_by: Officer
    digests: dict[str, str]
    concerns: str | None
    collectives: dict[Post, list[Post]]
    files: tuple[tuple[str, str, bytes], ...]
    names: frozenset[str]
    addresses: dict[Post, str]
    certificate: bytes
    key: EllipticCurvePrivateKey = field(repr=False)
    archive_key: bytes = field(repr=False)


def release(
    draft: str,
    *,
    version: str,
    person: Person,
    role: str,
    authentication: Authentication,
    now: datetime,
) -> Entry:
    """Release the draft, in the version that the officer has read; the entry `Released`.

    Its `answer` is the `Mrn`. Raises `CheckFailed` with all problems; `NotAllowed` if the person does not
    release there in this role, or did not authenticate just now; `StateError` if the draft was
    changed, discarded or released already. Then nothing was sent and no number was used.
    """
    row = drafting.get(draft, person, now=now)
    _check_state(row, version)
    prepared = _prepare(row, person, role, authentication, now)
    act = Act(
        register=row.post,
        kind="Released",
        key=f"release:{row.id}:{version}",
        run=lambda turn: _run(turn, prepared, now),
        urgent=prepared.document.head.precedence_action >= Precedence.IMMEDIATE,
    )
    entry = ledger.append(act)
    if entry.repeated:  # somebody else was faster, by a moment
        raise _released(entry.digest, row.post)
    return entry


def release_text(
    text: str,
    *,
    post: str,
    person: Person,
    role: str,
    authentication: Authentication,
    now: datetime,
    files: Iterable[bytes] = (),
) -> Entry:
    """Save `text` as a draft and release it at once; `files` are the bytes of those that it lists.

    If a check fails the draft is not kept. Raises what `release` raises.
    """
    given = list(files)
    doing.actor_at(post, person, now=now, role=role, permission="release")
    checked = drafting.check_text(text, post=post, by=person, now=now, files=given)
    if checked.errors:
        raise CheckFailed(list(checked.errors))
    row = drafting.save(text, post=post, by=person, now=now, role=role, files=given)
    return release(
        row.id, version=row.version, person=person, role=role, authentication=authentication, now=now
    )


# -- before the writer ---------------------------------------------------------------------


def _prepare(
    row: Draft, person: Person, role: str, authentication: Authentication, now: datetime
) -> _Prepared:
    actor = doing.actor_at(row.post, person, now=now, role=role, permission="release")
    if authentication.person != person.name:
        raise NotAllowed(_("Somebody else authenticated for this release."), code="authentication")
    checked = drafting.check_row(row, by=person, now=now)
    if checked.draft is None or checked.errors:
        raise CheckFailed(list(checked.errors))
    post, document = Post.parse(row.post), checked.draft
    key, certificate = keystore.release_key(post, authentication, now=now)
    held = checking.Held(row.post, person, now)
    concerned = held.concerned(document)
    enclosed = drafting.files(row.id, person, now=now)
    return _Prepared(
        row=row,
        document=document,
        post=post,
        officer=person,
        actor=actor,
        authentication=authentication,
        policy=policies.current(),
        drafted_by=document.head.drafted_by or _author(row, role),
        digests=held.digests(document),
        concerns=None if concerned is None else concerned.digest,
        collectives=checking.collectives_of(document),
        files=tuple((file.name, file.media_type, enclosed[file.sha256]) for file in document.files),
        names=covernames.all_names_without_access_check(),
        addresses={each: _address(each) for each in checking.receivers_of(document)},
        certificate=certificate,
        key=key,
        archive_key=keystore.archive_key(post),
    )


def _author(row: Draft, role: str) -> Officer:
    author = Person.objects.filter(name=row.author).first()
    return Officer(row.author_role or role, None if author is None else _name(author))


def _name(person: Person) -> str | None:
    """A name as it can stand in the foot of a cable: there it has no parentheses."""
    return None if {"(", ")"} & set(person.full_name) else person.full_name


def _check_state(row: Draft, version: str) -> None:
    if row.released is not None:
        raise _released(row.released, row.post)
    if not allowed(DRAFT, DraftStatus(row.status), DraftEvent.RELEASE):
        raise StateError(_("The draft is %(status)s.") % {"status": row.status}, code="draft-closed")
    if row.version != version or drafting.version_of(row.text) != version:
        raise StateError(
            _("The draft was changed since you read it."),
            do=_("Read it again. Nothing was sent and no number was used."),
            code="draft-changed",
        )


def _released(digest: str | None, post: str) -> StateError:
    item = InboxItem.objects.filter(register=post, digest=digest).first()
    mrn = "" if item is None else inbox.print_mrn(item)
    return StateError(
        _("This draft was released already, as %(mrn)s.") % {"mrn": mrn},
        do=_("Nothing was sent again."),
        code="already-released",
    )


# -- in the writer -------------------------------------------------------------------------


def _run(turn: Turn, prepared: _Prepared, now: datetime) -> Facts:
    row = Draft.objects.select_for_update().get(id=prepared.row.id)
    _check_state(row, prepared.row.version)
    _check_still(prepared, now)
    mrn = _number(turn.register, prepared, now)
    cable = _complete(prepared, mrn, now)
    message_id = new_message_id(prepared.post.org)
    level = prepared.policy.level(cable.head.classification).number
    seed = new_seed()
    signed = sign_cable(
        cable,
        files=prepared.files,
        seed=seed,
        key=prepared.key,
        certificate=prepared.certificate,
        addresses=prepared.addresses,
        message_id=message_id,
        ess=(prepared.policy.oid, level),
        now=now,
    )
    row.status, row.released, row.changed = DraftStatus.RELEASED.value, signed.digest, now
    row.save()
    files = tuple(Attachment(*file) for file in prepared.files)
    opened = Opened(cable, files, signed.signed_data, seed, signed.signature)
    return Facts(
        data={
            "mrn": mrn.to_json(),
            "level": level,
            "draft": row.id,
            "version": row.version,
            "message_id": message_id,
            "certificate": certificates.read(prepared.certificate).sha256,
            "authentication": prepared.authentication.data(),
            "again": None,
        },
        actor=prepared.actor,
        digest=signed.digest,
        blob=keys.seal_blob(signed.signed_data, prepared.archive_key, signed.digest),
        opened=opened,
        answer=mrn,
    )


def _check_still(prepared: _Prepared, now: datetime) -> None:
    """What was found before the writer, and could have changed since."""
    doing.actor_at(
        str(prepared.post), prepared.officer, now=now, role=prepared.actor.role, permission="release"
    )
    policy = policies.current()
    if (policy.id, policy.version) != (prepared.policy.id, prepared.policy.version):
        raise StateError(
            _("The policy was changed a moment ago."),
            do=_("Check the draft again. Nothing was sent and no number was used."),
            code="policy-changed",
        )


def _number(register: str, prepared: _Prepared, now: datetime) -> Mrn:
    """The next number of the series that the policy gives to this label; never one that was used."""
    head, post, year = prepared.document.head, prepared.post, now.astimezone(UTC).year
    series = prepared.policy.series_for(head.classification, head.captions)
    serial = next_serial(register, year=year, series=series)
    mrn = Mrn(post.org, post.name, series, serial, year)
    if InboxItem.objects.filter(
        register=register,
        mrn_org=mrn.org,
        mrn_post=mrn.post,
        mrn_year=mrn.year,
        mrn_series=mrn.series or "",
        mrn_serial=mrn.serial,
    ).exists():
        raise Corrupt(
            _("The next number, %(mrn)s, was used already.") % {"mrn": mrn.print(post.org)},
            do=_("Run cableroom rebuild --check."),
            code="number-used",
        )
    return mrn


def _complete(prepared: _Prepared, mrn: Mrn, now: datetime) -> Cable:
    cable = complete(
        prepared.document,
        mrn=mrn,
        dtg=now.astimezone(UTC),
        policy=PolicyRef(prepared.policy.id, prepared.policy.version),
        from_org=prepared.post.org,
        released_by=Officer(prepared.actor.role or "", _name(prepared.officer)),
        drafted_by=prepared.drafted_by,
        digests=prepared.digests,
        concerns_digest=prepared.concerns,
        collectives=prepared.collectives,
    )
    return cut(cable, prepared.names)


def _address(post: Post) -> str:
    """The mail address of an addressee, as the directory has it now."""
    ways = (route.address for route in routes.routes_for(post) if route.kind == "mail")
    return next(ways, routes.mail_address(post))
