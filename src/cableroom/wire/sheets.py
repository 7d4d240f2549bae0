"""The transmission sheet of a leg: written when it is sealed, verified when it comes.

The heads on it make every correspondent a witness: theirs is kept, and theirs of ours is looked up.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from cableroom.cable.address import Post
from cableroom.directory import certificates, keystore, posts
from cableroom.errors import Fork, NotFound, ProofError
from cableroom.register import ledger, witness
from cableroom.seal import sheets, trust
from cableroom.seal.sheets import Sheet
from cableroom.seal.trust import PathVerdict, Use

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heads:
    """What a sheet says of the two registers: our newest head, and theirs that we hold, countersigned."""

    checkpoint: str
    seen: str | None


def heads(register: str, to: Post, *, covers: int | None) -> Heads:
    """Call it outside a transaction: a head may have to be signed first, and is on disk then.

    `covers`: the entry that the head must cover (a receipt's own). Raises `Unavailable` if nobody signs.
    """
    if covers is not None:
        checkpoint = ledger.head_covering(register, covers)
    else:
        checkpoint = ledger.newest_head(register) or ledger.sign_head(register)
    return Heads(checkpoint, witness.newest_seen(register, posts.get(to).origin))


def write(
    register: str, to: Post, *, channel: int, kind: str, digest: str, heads: Heads, now: datetime
) -> bytes:
    """The sheet, signed by the system key of the post."""
    sender = Post.parse(register)
    key, certificate = keystore.system_key(sender, now=now)
    sheet = Sheet(sender, to, channel, kind, digest, heads.checkpoint, heads.seen, now)
    return sheets.write_sheet(sheet, key=key, certificate=certificate)


def read(data: bytes, *, now: datetime) -> tuple[Sheet, PathVerdict]:
    """A sheet whose signature holds, and what is to be said of the certificate that made it.

    Raises `SealError` (code "unknown-certificate": the directory does not know it), `DocumentError`.
    """
    claimed, thumbprint = sheets.unverified_sheet(data)
    try:
        known = [certificates.by_sha256(thumbprint)]
    except NotFound:
        known = []
    sheet, certificate = sheets.read_sheet(data, certificates=known)
    verdict = trust.judge(
        certificate,
        use=Use.SYSTEM,
        authorities=certificates.authorities_for(claimed.sender),
        at=now,
        post=claimed.sender,
    )
    return sheet, verdict


def judge_heads(register: str, sheet: Sheet) -> witness.Seen | None:
    """Compare the heads on a verified sheet with what we hold; what is to be kept in the act's transaction.

    What contradicts is an Alarm in our register before this returns; the cable itself is not to blame for
    the log of its sender, and goes on.
    """
    view = posts.find(sheet.sender)
    if view is None or not view.log_key:
        return None
    source = str(sheet.sender)
    seen = None
    try:
        seen = witness.judge(register, sheet.checkpoint, view.log_key, source=source, said_at=sheet.time)
    except (ProofError, Fork) as error:
        log.warning("%s: the head of %s: %s", register, source, error.code)
    if sheet.seen is not None:
        try:
            witness.check_own(register, sheet.seen, view.log_key, source=source)
        except (ProofError, Fork) as error:
            log.warning("%s: our head as %s holds it: %s", register, source, error.code)
    return seen
