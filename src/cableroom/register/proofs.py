"""Proofs as files: inclusion (C2SP tlog-proof@v1) and consistency (the body of add-checkpoint, tlog-witness).

A proof of inclusion carries in its `extra` line the salt (32 bytes) and the canonical entry, so
that whoever holds the file and the log's verifier key needs nothing else.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cableroom.errors import DocumentError, ProofError
from cableroom.register import entries, notes, tree

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES: Final = 4 << 20
MAX_HASHES: Final = 63

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A proof of inclusion as it was read, not yet believed. `extra` is b"" where there is none."""

    extra: bytes
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        lines = [HEADER]
        if self.extra:
            lines.append("extra " + _b64(self.extra))
        lines.append(f"index {self.index}")
        lines += [_b64(value) for value in self.hashes]
        return "\n".join(lines) + "\n\n" + self.checkpoint


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the log of `checkpoint` extends an older one of `old` entries; not yet believed."""

    old: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        lines = [f"old {self.old}", *(_b64(value) for value in self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


@dataclass(frozen=True, slots=True)
class Proved:
    """What a good proof of inclusion shows: this entry stands at this place of this log."""

    entry: entries.EntryValue
    index: int
    checkpoint: notes.Checkpoint
    cosigners: tuple[notes.Cosigned, ...]


def read_inclusion(data: bytes | str) -> Inclusion:
    """Take a `.tlog-proof` apart; ProofError if it is none."""
    lines, checkpoint = _halves(data, "proof of inclusion")
    if lines[0] != HEADER:
        raise ProofError(f"A proof begins with the line {HEADER}.", code="proof-form")
    rest = lines[1:]
    extra = b""
    if rest and rest[0].startswith("extra "):
        extra = _unb64(rest[0][len("extra ") :])
        rest = rest[1:]
        if not extra:
            raise ProofError("An extra line that is empty is left out.", code="proof-form")
    if not rest or not rest[0].startswith("index "):
        raise ProofError("A proof names its index.", code="proof-form")
    index = _decimal(rest[0][len("index ") :])
    return Inclusion(extra, index, _hashes(rest[1:]), checkpoint)


def read_consistency(data: bytes | str) -> Consistency:
    """Take the body of an add-checkpoint apart; ProofError if it is none."""
    lines, checkpoint = _halves(data, "proof of consistency")
    if not lines[0].startswith("old "):
        raise ProofError("A proof of consistency begins with the old size.", code="proof-form")
    return Consistency(_decimal(lines[0][len("old ") :]), _hashes(lines[1:]), checkpoint)


def check_inclusion(data: bytes | str, vkey: str, witnesses: Sequence[str] = ()) -> Proved:
    """What a `.tlog-proof` of ours proves, under the log's verifier key; ProofError if nothing.

    `witnesses` are verifier keys (type 4): a cosignature by one of them is verified and named, one
    that is broken refuses the proof, those of strangers are passed over.
    """
    proof = read_inclusion(data)
    checkpoint = notes.verify_checkpoint(proof.checkpoint, vkey)
    salt, canonical = proof.extra[: entries.SALT_BYTES], proof.extra[entries.SALT_BYTES :]
    if not canonical:
        raise ProofError("The proof does not carry its entry.", code="proof-entry")
    leaf = tree.leaf_hash(entries.commitment(salt, canonical))
    tree.verify_inclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    try:
        entry = entries.from_bytes(canonical)
    except DocumentError as error:
        raise ProofError(f"What is proved is no entry: {error.what}", code="proof-entry") from error
    signed = {
        (signature.name, signature.key_id) for signature in notes.read_note(proof.checkpoint).signatures
    }
    known = [key for key in witnesses if (notes.read_vkey(key).name, notes.read_vkey(key).key_id) in signed]
    cosigners = tuple(notes.verify_cosignature(proof.checkpoint, key) for key in known)
    return Proved(entry, proof.index, checkpoint, cosigners)


def check_consistency(data: bytes | str, vkey: str, older: notes.Checkpoint) -> notes.Checkpoint:
    """The newer head, if the proof shows that it extends the older one; ProofError otherwise."""
    proof = read_consistency(data)
    newer = notes.verify_checkpoint(proof.checkpoint, vkey)
    if newer.origin != older.origin:
        raise ProofError("The two heads are of two logs.", code="checkpoint-origin")
    if proof.old != older.size:
        raise ProofError(
            f"The proof begins at {proof.old} entries, the head that is known has {older.size}.",
            code="proof-size",
        )
    if older.size == 0:
        if proof.hashes:
            raise ProofError("From an empty tree there is nothing to prove.", code="proof-length")
        return newer
    tree.verify_consistency(older.size, newer.size, proof.hashes, older.root, newer.root)
    return newer


def _halves(data: bytes | str, what: str) -> tuple[list[str], str]:
    if len(data) > MAX_PROOF_BYTES:
        raise ProofError(f"A {what} has at most {MAX_PROOF_BYTES} bytes.", code="proof-form")
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise ProofError(f"A {what} is UTF-8.", code="proof-form") from None
    head, blank, checkpoint = text.partition("\n\n")
    if not blank or not head:
        raise ProofError(f"A {what} is lines, an empty line, and a checkpoint.", code="proof-form")
    return head.split("\n"), checkpoint


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > MAX_HASHES:
        raise ProofError(f"A proof has at most {MAX_HASHES} hashes.", code="proof-form")
    return tuple(_unb64(line, tree.HASH_BYTES) for line in lines)


def _decimal(text: str) -> int:
    if not _DECIMAL.fullmatch(text) or int(text) > notes.MAX_SIZE:
        raise ProofError("A place in a log is a decimal number.", code="proof-form")
    return int(text)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str, length: int | None = None) -> bytes:
    raw = notes.unbase64(text, "proof")
    if length is not None and len(raw) != length:
        raise ProofError(f"A hash has {length} bytes.", code="proof-form")
    return raw
