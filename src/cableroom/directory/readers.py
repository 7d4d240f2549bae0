"""The projection behind `access`: what is labelled in a register, and who is in its distribution.

It states what the entries say and decides nothing: policy, clearance and appointments are asked
when somebody wants to read, so a change of any of them counts from the next byte on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cableroom.cable.address import Post
from cableroom.cable.document import Cable
from cableroom.directory.models import MarkRow, ReadableRow, ReaderRow
from cableroom.errors import RegisterError
from cableroom.register.ledger import Entry

if TYPE_CHECKING:
    from cableroom.seal.cables import Opened

TABLES = (ReadableRow, MarkRow, ReaderRow)
KINDS = frozenset({"Released", "Received", "Imported", "Distributed", "Assigned"})

HEAD, DESK, ARCHIVE = "*head", "*desk", "*archive"


def apply(entry: Entry, opened: Opened | None) -> None:
    """Derive the rows of one entry."""
    if entry.digest is None:
        raise RegisterError(f"An entry {entry.kind} names nothing that could be read.", code="entry-digest")
    if entry.kind in ("Released", "Received"):
        if opened is None:
            raise RegisterError(f"The cable of entry {entry.index} was not opened.", code="not-opened")
        _cable(entry, entry.digest, opened.cable)
    elif entry.kind == "Imported":
        _readable(entry.register, entry.digest, entry.data["level"])
        _reader(entry.register, entry.digest, ARCHIVE, named=True)
        _actor(entry, entry.digest)
    elif entry.kind == "Distributed":
        _added(entry, entry.digest, entry.data["role"], entry.data["person"])
    else:
        _added(entry, entry.digest, entry.data["role"], entry.data["owner"])


def named_readers(cable: Cable, register: str) -> list[tuple[str, bool]]:
    """Whom the document itself puts into the distribution at the post of `register`: (reader, named).

    At the sender: the roles that drafted, cleared and released it. At an addressee: the roles
    that are addressed; where none is, the head of the post, and (not under a caption that asks
    for named readers) its desk.
    """
    post = Post.parse(register)
    found: list[tuple[str, bool]] = []
    if cable.sender == post:
        officers = [cable.head.released_by, cable.head.drafted_by, *cable.head.cleared_by]
        found += [(officer.role, True) for officer in officers if officer is not None]
    for addressee in (*cable.head.to, *cable.head.info):
        if post not in [reached.at(cable.home) for reached in addressee.reached]:
            continue
        found += [(addressee.role, True)] if addressee.role else [(HEAD, True), (DESK, False)]
    return found


def categories_in(cable: Cable, register: str) -> frozenset[str]:
    """The categories of a cable as clearances at that post call them: another organisation's are its own."""
    home = Post.parse(register).org
    return frozenset(
        name if cable.home == home else f"{name}@{cable.home}" for name in cable.label.categories
    )


def _cable(entry: Entry, digest: str, cable: Cable) -> None:
    register = entry.register
    _readable(register, digest, entry.data["level"])
    for name in categories_in(cable, register):
        _mark(register, digest, "category", name)
    for name in cable.label.captions:
        _mark(register, digest, "caption", name)
    for reader, named in named_readers(cable, register):
        _reader(register, digest, reader, named=named)
    if entry.kind == "Released":
        _actor(entry, digest)


def _actor(entry: Entry, digest: str) -> None:
    if entry.actor.person is not None:
        _reader(entry.register, digest, f"@{entry.actor.person}", named=True)


def _added(entry: Entry, digest: str, role: str | None, person: str | None) -> None:
    if role is not None:
        _reader(entry.register, digest, role, named=False)
    if person is not None:
        _reader(entry.register, digest, f"@{person}", named=False)


def _readable(register: str, digest: str, level: int) -> None:
    ReadableRow.objects.get_or_create(register=register, digest=digest, defaults={"level": level})


def _mark(register: str, digest: str, kind: str, name: str) -> None:
    MarkRow.objects.get_or_create(register=register, digest=digest, kind=kind, name=name)


def _reader(register: str, digest: str, reader: str, *, named: bool) -> None:
    row, _ = ReaderRow.objects.get_or_create(
        register=register, digest=digest, reader=reader, defaults={"named": named}
    )
    if named and not row.named:
        row.named = True
        row.save(update_fields=["named"])
