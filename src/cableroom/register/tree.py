"""Merkle tree hashing, inclusion and consistency proofs (RFC 6962 §2.1, checked as RFC 9162 §2.1.3.2, §2.1.4.2).

A tree of n leaves is held as its *frontier*: the hashes of the perfect subtrees that make it
up, left to right, one for each bit of n. Adding a leaf and taking the root need no more.
Proofs are put together from *nodes*: `node(level, index)` is the hash of the perfect subtree
over the leaves index·2^level … (index+1)·2^level − 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cableroom.errors import ProofError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """MTH({d}) = SHA-256(0x00 ‖ d)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: `size` leaves, O(log size) hashes."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(h) != HASH_BYTES for h in hashes):
            raise ProofError(f"A tree of {size} leaves has {max(size, 0).bit_count()} subtrees.", code="tree")
        self.size = size
        self.hashes = list(hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        if len(data) % HASH_BYTES:
            raise ProofError("The right edge of a tree is a row of hashes of 32 bytes.", code="tree")
        return cls(size, [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])

    def to_bytes(self) -> bytes:
        return b"".join(self.hashes)

    def copy(self) -> Frontier:
        return Frontier(self.size, self.hashes)

    def push(self, leaf: bytes) -> list[tuple[int, bytes]]:
        """Add one leaf hash: one hashing on average, log2(size) at most.

        Answers with the perfect subtrees of 256, 256², … leaves that it completed, as
        (1, hash), (2, hash), …: what a tile of that level takes next.
        """
        hashes, size, current, level = self.hashes, self.size, leaf, 0
        completed: list[tuple[int, bytes]] = []
        while size & 1:
            current = hashlib.sha256(b"\x01" + hashes.pop() + current).digest()
            size >>= 1
            level += 1
            if not level & 7:
                completed.append((level >> 3, current))
        hashes.append(current)
        self.size += 1
        return completed

    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        current = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            current = node_hash(left, current)
        return current


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes (of a full tile, for one)."""
    row = list(hashes)
    if not row or len(row) & (len(row) - 1):
        raise ProofError("A perfect subtree has a power of two of leaves.", code="tree")
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def subtree_hash(start: int, end: int, node: Node) -> bytes:
    """MTH(D[start:end]) put together from perfect subtrees; `start` must be aligned as in RFC 6962."""
    parts = [node(level, index) for level, index in _perfect_parts(start, end)]
    current = parts[-1]
    for left in reversed(parts[:-1]):
        current = node_hash(left, current)
    return current


def _perfect_parts(start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def root(size: int, node: Node) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return EMPTY_ROOT if size == 0 else subtree_hash(0, size, node)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]), from the leaf's sibling up (RFC 6962 §2.1.1)."""
    if not 0 <= index < size:
        raise ProofError(f"There is no entry {index} in a tree of {size}.", code="proof-index")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree_hash(middle, end, node))
            end = middle
        else:
            path.append(subtree_hash(start, middle, node))
            start = middle
    path.reverse()
    return path


def consistency_proof(old: int, size: int, node: Node) -> list[bytes]:
    """PROOF(old, D[size]) (RFC 6962 §2.1.2); empty where old is 0 or equals size."""
    if not 0 <= old <= size:
        raise ProofError(f"A tree of {size} does not extend one of {old}.", code="proof-size")
    if old in (0, size):
        return []
    start, end, path = 0, size, []
    whole = True  # is D[start:end] so far a prefix that the old tree holds as a whole?
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtree_hash(middle, end, node))
            end = middle
        else:
            path.append(subtree_hash(start, middle, node))
            start = middle
            whole = False
    if not whole:
        path.append(subtree_hash(start, end, node))
    path.reverse()
    return path


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Check an inclusion proof (RFC 9162 §2.1.3.2); ProofError if it does not hold. `leaf` is a leaf hash."""
    _check_hashes([leaf, root_hash, *proof])
    if not 0 <= index < size:
        raise ProofError(f"There is no entry {index} in a tree of {size}.", code="proof-index")
    first, last, current = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofError("The proof is too long for this tree.", code="proof-length")
        if first & 1 or first == last:
            current = node_hash(step, current)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            current = node_hash(current, step)
        first >>= 1
        last >>= 1
    if last != 0:
        raise ProofError("The proof is too short for this tree.", code="proof-length")
    if current != root_hash:
        raise ProofError("The proof does not lead to this root.", code="proof-root")


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that a tree extends an older one (RFC 9162 §2.1.4.2); ProofError if it does not.

    From size 0 nothing can be proved, so that is an error, as are hashes of another length.
    """
    _check_hashes([old_root, new_root, *proof])
    if not 0 < old <= size:
        raise ProofError(f"Nothing can be proved from a tree of {old} to one of {size}.", code="proof-size")
    if old == size:
        if proof:
            raise ProofError("Two trees of one size need no proof.", code="proof-length")
        if old_root != new_root:
            raise ProofError("Two roots for one size.", code="proof-root")
        return
    if not proof:
        raise ProofError("The proof is too short for this tree.", code="proof-length")
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    first, last = old - 1, size - 1
    while first & 1:
        first >>= 1
        last >>= 1
    from_old = from_new = path[0]
    for step in path[1:]:
        if last == 0:
            raise ProofError("The proof is too long for this tree.", code="proof-length")
        if first & 1 or first == last:
            from_old = node_hash(step, from_old)
            from_new = node_hash(step, from_new)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            from_new = node_hash(from_new, step)
        first >>= 1
        last >>= 1
    if last != 0:
        raise ProofError("The proof is too short for this tree.", code="proof-length")
    if from_old != old_root or from_new != new_root:
        raise ProofError("The newer tree does not extend the older one.", code="proof-root")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError("A hash has 32 bytes.", code="proof-hash")
