"""From a draft to the cable: what release adds, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime

from cableroom.cable.address import Addressee, Post
from cableroom.cable.document import Cable, Draft, File
from cableroom.cable.heading import Head, Officer, PolicyRef
from cableroom.cable.paragraphs import OutcomeLine, Paragraph
from cableroom.cable.reference import Mrn
from cableroom.cable.shapes import refuse


def complete(
    draft: Draft,
    *,
    mrn: Mrn,
    dtg: datetime,
    policy: PolicyRef,
    from_org: str,
    released_by: Officer,
    drafted_by: Officer | None = None,
    cleared_by: Sequence[Officer] = (),
    signed_as: str | None = None,
    digests: Mapping[str, str] | None = None,
    concerns_digest: str | None = None,
    files: Sequence[File] | None = None,
    collectives: Mapping[Post, Sequence[Post]] | None = None,
) -> Cable:
    """The cable that `draft` becomes at release, uncut.

    Number, time (cut to the minute), policy and who cleared and released are as given, whatever the draft's
    text says of them; `drafted_by`, `signed_as` and `files` are the draft's unless given. `digests` are
    those of its refs by letter, `collectives` the members of those that it addresses.
    Raises DocumentError if what comes out is no valid cable.
    """
    if draft.head.from_.org not in (None, from_org):
        raise refuse(f"The draft is of {draft.head.from_.org}, not of {from_org}.", "head.from")
    draft = draft.at(from_org)
    digests = digests or {}
    if (draft.head.kind != "cable") != (concerns_digest is not None):
        raise refuse(
            f"A {draft.head.kind} {'concerns no other' if concerns_digest else 'needs the digest of what it concerns'}.",
            "head.concerns",
        )
    given = {
        "mrn": mrn,
        "dtg": dtg.replace(second=0, microsecond=0),
        "policy": policy,
        "drafted_by": drafted_by or draft.head.drafted_by,
        "cleared_by": tuple(cleared_by),
        "released_by": released_by,
        "signed_as": signed_as or draft.head.signed_as,
        "concerns": concerns_digest,
        "to": _expanded(draft.head.to, draft, collectives or {}),
        "info": _expanded(draft.head.info, draft, collectives or {}),
    }
    written = {each.name: getattr(draft.head, each.name) for each in fields(draft.head)}
    cable = Cable(
        Head(**written | given),
        tuple(replace(ref, digest=digests.get(ref.letter)) for ref in draft.refs),
        draft.files if files is None else tuple(files),
        tuple(_answering(paragraph, digests) for paragraph in draft.paras),
    )
    return Cable.from_json(cable.to_json())


def _expanded(
    addressees: tuple[Addressee, ...], draft: Draft, collectives: Mapping[Post, Sequence[Post]]
) -> tuple[Addressee, ...]:
    """Collectives with their members, but those that XMT exempts."""
    exempt = {each.at(draft.home) for addressee in draft.head.xmt for each in addressee.reached}
    found = []
    for addressee in addressees:
        members = collectives.get(addressee.post.at(draft.home))
        if addressee.members is None and members is not None:
            kept = tuple(post.seen_from(draft.home) for post in members if post not in exempt)
            addressee = replace(addressee, members=kept)
        found.append(addressee)
    return tuple(found)


def _answering(paragraph: Paragraph, digests: Mapping[str, str]) -> Paragraph:
    """An outcome with the digest of the ref whose letter it names."""
    line = paragraph.line
    if not isinstance(line, OutcomeLine):
        return paragraph
    if line.of not in digests:
        raise refuse(
            f"Ref {line.of}, which the outcome answers, has no digest.", f"paras.{paragraph.n}", code="letter"
        )
    return replace(paragraph, line=replace(line, of=digests[line.of]))
