"""The projection of cables at a post: which it holds, what they name, how far they are on their way.

It derives `InboxItem`, `Link` and `Step` from the register of the post, and knows no order:
a receipt that comes before `HandedOver` is a step like any other.
"""

from __future__ import annotations

from cableroom.cable.address import Post
from cableroom.cable.document import Cable
from cableroom.errors import NotFound
from cableroom.office.models import InboxItem, Link, Step
from cableroom.register.ledger import Entry
from cableroom.seal.cables import Opened

KINDS = frozenset({"Released", "Received", "HandedOver", "Failed", "Receipted", "Acknowledged", "Assigned"})
TABLES = (InboxItem, Link, Step)

RELEASED = "released"
RECEIVED = "received"
HANDED_OVER = "handed over"
FAILED = "failed"
RECEIPTED = "receipted"
ACKNOWLEDGED = "acknowledged"


def apply(entry: Entry, opened: Opened | None) -> None:
    """The rows that follow from one entry."""
    data = entry.data
    if opened is not None:
        _take_in(entry, opened.cable)
    elif entry.kind == "HandedOver":
        _step(entry, data["to"], HANDED_OVER, channel=data["channel"])
    elif entry.kind == "Failed":
        _step(entry, data["to"], FAILED, channel=data["channel"], what=data["what"] or "")
    elif entry.kind == "Receipted":
        _step(entry, entry.register if data["side"] == "receiver" else data["post"], RECEIPTED)
    elif entry.kind == "Acknowledged":
        own = data["side"] == "own"
        _step(entry, entry.register if own else data["post"], ACKNOWLEDGED, what=data["role"] or "")
        if own:
            _taken_up(entry)
    elif entry.kind == "Assigned" and data["no"] is None:
        InboxItem.objects.filter(register=entry.register, digest=entry.digest).update(
            owner=data["owner"], owner_role=data["role"]
        )


def _take_in(entry: Entry, cable: Cable) -> None:
    assert entry.digest is not None
    if InboxItem.objects.filter(register=entry.register, digest=entry.digest).exists():
        return  # a cable of ours that is entered again after a restore
    sent = entry.kind == "Released"
    head, mrn = cable.head, cable.mrn
    posts = [str(post) for post in cable.all_posts]
    InboxItem.objects.create(
        register=entry.register,
        digest=entry.digest,
        index=entry.index,
        at=entry.at,
        sent=sent,
        action=Post.parse(entry.register) in cable.action_posts,
        sender=str(cable.sender),
        mrn_org=mrn.org,
        mrn_post=mrn.post,
        mrn_series=mrn.series or "",
        mrn_serial=mrn.serial,
        mrn_year=mrn.year,
        precedence=_precedence(entry, cable),
        dtg=cable.dtg,
        report_by=head.report_by,
        classification=head.classification,
        level=entry.data["level"],
        categories=list(head.categories),
        captions=list(head.captions),
        subject=head.subject,
        kind=head.kind,
        exercise="" if head.exercise is None else head.exercise.as_text(),
        concerns=head.concerns,
        posts=posts,
    )
    _links(entry, cable)
    for post in posts if sent else [entry.register]:
        _step(entry, post, RELEASED if sent else RECEIVED)


def _precedence(entry: Entry, cable: Cable) -> int:
    if entry.kind == "Released":
        return int(cable.head.precedence_action)
    try:
        return int(cable.precedence_for(Post.parse(entry.register)))
    except NotFound:
        return int(cable.head.precedence_action)


def _links(entry: Entry, cable: Cable) -> None:
    assert entry.digest is not None
    named = {("concerns", cable.head.concerns)}
    named |= {("ref", ref.digest) for ref in cable.refs}
    named |= {("of", outcome.of) for outcome in cable.outcomes}
    Link.objects.bulk_create(
        Link(register=entry.register, digest=entry.digest, kind=kind, target=target)
        for kind, target in sorted((kind, target) for kind, target in named if target)
    )


def _step(entry: Entry, post: str, step: str, *, channel: int | None = None, what: str = "") -> None:
    """The first entry that shows a step is its evidence; of failures the last one counts."""
    key = {"register": entry.register, "digest": entry.digest, "post": post, "step": step}
    row = Step.objects.filter(**key).first()
    if row is not None and (entry.index > row.index) is (step != FAILED):
        return
    row = row or Step(**key)
    row.index, row.at, row.channel, row.what = entry.index, entry.at, channel, what[:500]
    row.save()


def _taken_up(entry: Entry) -> None:
    InboxItem.objects.filter(register=entry.register, digest=entry.digest, taken_up__isnull=True).update(
        taken_up=entry.index,
        taken_up_at=entry.at,
        taken_up_by=entry.actor.person,
        taken_up_role=entry.data["role"],
    )
