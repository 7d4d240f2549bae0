"""Making proofs and tiles from the stored register, under heads that are signed."""

from __future__ import annotations

from cableroom.errors import NotFound, ProofError
from cableroom.register import heads, notes, proofs, tiles, tree
from cableroom.register.models import Cosigned, EntryRow, Head, Register


def prove(register: str, index: int) -> bytes:
    """A `.tlog-proof` that this entry stands in the register, under a signed head (signed now if need be).

    It discloses the entry's canonical form and salt, and nothing of any other. Known cosignatures
    of the head go with it. NotFound if there is no such entry.
    """
    row = EntryRow.objects.filter(register=register, index=index).first()
    if row is None:
        raise NotFound(f"There is no entry {index} in register {register}.", code="no-entry")
    note = heads.head_covering(register, index)
    head = notes.read_checkpoint(notes.read_note(note).text)
    path = tree.inclusion_proof(index, head.size, heads.node_reader(register))
    extra = bytes(row.salt) + bytes(row.canonical)
    checkpoint = notes.with_lines(note, *_cosignatures(head))
    return str(proofs.Inclusion(extra, index, tuple(path), checkpoint)).encode()


def prove_consistency(register: str, old_size: int, *, size: int | None = None) -> bytes:
    """That a signed head (the newest, or that of `size`) extends the tree of `old_size` entries.

    The bytes are the body of an `add-checkpoint` (C2SP tlog-witness). NotFound if no head of that
    size is signed; ProofError if the old size is the larger.
    """
    origin = _register(register).origin
    found = Head.objects.filter(origin=origin).order_by("-size")
    head = (found if size is None else found.filter(size=size)).first()
    if head is None:
        raise NotFound("No such head of this register is signed.", where=register, code="no-head")
    path = tree.consistency_proof(old_size, head.size, heads.node_reader(register))
    return str(proofs.Consistency(old_size, tuple(path), head.note)).encode()


def tile(register: str, path: str) -> bytes:
    """The bytes of a tile or an entry bundle by its C2SP path, within the newest signed head alone."""
    wanted = tiles.read_path(path)
    head = Head.objects.filter(origin=_register(register).origin).order_by("-size").first()
    tiles.check_size(wanted, head.size if head is not None else 0)
    if wanted.level is None:
        first = wanted.number * tiles.WIDTH
        rows = EntryRow.objects.filter(
            register=register, index__gte=first, index__lt=first + wanted.width
        ).order_by("index")
        leaves = [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]
        if len(leaves) != wanted.width:
            raise ProofError("Entries of this bundle are missing.", where=path, code="tile-size")
        return tiles.bundle(leaves)
    node = heads.node_reader(register)
    first = wanted.number * tiles.WIDTH
    return b"".join(node(8 * wanted.level, first + offset) for offset in range(wanted.width))


def _cosignatures(head: notes.Checkpoint) -> list[str]:
    return list(
        Cosigned.objects.filter(origin=head.origin, size=head.size)
        .order_by("witness")
        .values_list("line", flat=True)
    )


def _register(name: str) -> Register:
    row = Register.objects.filter(name=name).first()
    if row is None:
        raise NotFound(f"There is no register {name}.", code="no-register")
    return row
