"""Signed notes, checkpoints, verifier keys and cosignatures.

After C2SP signed-note@v1.0.0, tlog-checkpoint@v1.0.0, tlog-cosignature@v1.0.1: Ed25519 alone,
type 0x01 for the log's own signature, type 0x04 (`cosignature/v1`) for a witness's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cableroom.errors import ProofError

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
MAX_NOTE_BYTES: Final = 1 << 20
MAX_SIGNATURES: Final = 64
MAX_SIZE: Final = (1 << 63) - 1

_DASH: Final = "\u2014 "
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_VKEY: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """One key that may sign notes: name, signature type (0x01 or 0x04), 32 bytes of Ed25519 key."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        material = base64.b64encode(bytes([self.kind]) + self.public).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{material}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: key name, key id (4 bytes), what follows it."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note that has been read, not yet believed. `text` ends with a newline."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the head of a log says: origin, number of entries, root of the tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A verified cosignature: by whom, when (POSIX seconds)."""

    name: str
    time: int


# -- keys ------------------------------------------------------------------------------------


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """SHA-256(name ‖ LF ‖ type ‖ public key), the first four bytes."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def read_vkey(text: str) -> VerifierKey:
    """Read a verifier key of type 0x01 or 0x04; ProofError otherwise."""
    found = _VKEY.fullmatch(text)
    if found is None:
        raise ProofError("This is no verifier key (name+id+key).", code="vkey")
    name, given, material = found.groups()
    check_name(name)
    raw = unbase64(material, "verifier key")
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise ProofError("A verifier key here is an Ed25519 key (type 1 or 4).", code="vkey-type")
    key = VerifierKey(name, raw[0], raw[1:])
    if key.key_id.hex() != given:
        raise ProofError("The id of the verifier key is not that of its name and key.", code="vkey-id")
    return key


def vkey_of(name: str, key: Ed25519PublicKey, kind: int = ED25519) -> str:
    """The verifier key of a public key under a name."""
    check_name(name)
    return str(VerifierKey(name, kind, key.public_bytes(Encoding.Raw, PublicFormat.Raw)))


def cosigner_vkey(vkey: str) -> str:
    """The key under which the holder of a log key cosigns others' heads: same key, type 0x04."""
    key = read_vkey(vkey)
    return str(VerifierKey(key.name, COSIGNATURE, key.public))


def check_name(name: str) -> None:
    """Key names and origins: not empty, no Unicode space, no plus, no control character."""
    if not name or "+" in name or any(letter.isspace() or ord(letter) < 32 for letter in name):
        raise ProofError("The name of a key has no blank and no plus.", code="note-name")


# -- notes -----------------------------------------------------------------------------------


def read_note(data: str | bytes) -> Note:
    """Take a signed note apart; ProofError if it is none. Nothing is verified yet."""
    try:
        raw = data.encode() if isinstance(data, str) else data
        text = raw.decode()
    except UnicodeError:
        raise ProofError("A signed note is UTF-8.", code="note") from None
    if len(raw) > MAX_NOTE_BYTES:
        raise ProofError(f"A signed note has at most {MAX_NOTE_BYTES} bytes.", code="note")
    if any(ord(letter) < 32 and letter != "\n" for letter in text):
        raise ProofError("A signed note has no control characters but newline.", code="note")
    body, blank, tail = text.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise ProofError("A signed note is text, an empty line, and signatures.", code="note")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise ProofError(f"A signed note has at most {MAX_SIGNATURES} signatures.", code="note")
    return Note(body + "\n", tuple(_read_signature(line) for line in lines))


def _read_signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise ProofError("A signature line begins with a long dash and a blank.", code="note")
    name, blank, encoded = line[len(_DASH) :].partition(" ")
    check_name(name)
    raw = unbase64(encoded, "signature") if blank else b""
    if len(raw) < 5:
        raise ProofError("A signature line is dash, name, and base64 of id and signature.", code="note")
    return Signature(name, raw[:4], raw[4:])


def verify_note(data: str | bytes, vkeys: Sequence[str]) -> Note:
    """The note, if one of these keys (type 0x01) has signed it and none of them wrongly; else ProofError."""
    note = read_note(data)
    known = {(key.name, key.key_id): key for key in map(read_vkey, vkeys) if key.kind == ED25519}
    verified = False
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            _verify(key.public, signature.value, note.text.encode())
            verified = True
    if not verified:
        raise ProofError("None of the keys that are trusted has signed this note.", code="note-unsigned")
    return note


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """A note with one signature of type 0x01."""
    check_name(name)
    if not text.endswith("\n"):
        raise ProofError("The text of a note ends with a newline.", code="note")
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = Signature(name, key_id(name, ED25519, public), key.sign(text.encode()))
    return str(Note(text, (signature,)))


# -- checkpoints -----------------------------------------------------------------------------


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint without extension lines; ProofError otherwise."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise ProofError("A checkpoint is origin, size and root, each on its line.", code="checkpoint")
    origin, size, root, _ = lines
    check_name(origin)
    if not _DECIMAL.fullmatch(size) or int(size) > MAX_SIZE:
        raise ProofError("The size of a checkpoint is a decimal number.", code="checkpoint")
    raw = unbase64(root, "root")
    if len(raw) != 32:
        raise ProofError("The root of a checkpoint has 32 bytes.", code="checkpoint")
    if size == "0" and raw != hashlib.sha256(b"").digest():
        raise ProofError("The root of an empty tree is the hash of nothing.", code="checkpoint")
    return Checkpoint(origin, int(size), raw)


def verify_checkpoint(data: str | bytes, vkey: str) -> Checkpoint:
    """The checkpoint, if the log of this key signed it under its own name; else ProofError."""
    checkpoint = read_checkpoint(verify_note(data, [vkey]).text)
    if checkpoint.origin != read_vkey(vkey).name:
        raise ProofError("The checkpoint is of another log.", code="checkpoint-origin")
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed head of a log, its origin being the name of the key."""
    check_name(checkpoint.origin)
    return sign_note(checkpoint.text, checkpoint.origin, key)


# -- cosignatures ----------------------------------------------------------------------------


def cosign(note: str, name: str, key: Ed25519PrivateKey, time: int) -> str:
    """The signature line of a witness for a checkpoint (`cosignature/v1`); `time` in POSIX seconds."""
    check_name(name)
    text = read_note(note).text
    read_checkpoint(text)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    value = time.to_bytes(8, "big") + key.sign(_cosigned_message(text, time))
    return Signature(name, key_id(name, COSIGNATURE, public), value).line


def with_lines(note: str, *lines: str) -> str:
    """The note with more signature lines at its end."""
    together = note + "".join(lines)
    read_note(together)
    return together


def verify_cosignature(data: str | bytes, vkey: str) -> Cosigned:
    """The cosignature by this key (type 0x04) on a checkpoint; ProofError if there is none that holds."""
    note = read_note(data)
    key = read_vkey(vkey)
    if key.kind != COSIGNATURE:
        raise ProofError("A cosignature is verified with a key of type 4.", code="vkey-type")
    for signature in note.signatures:
        if (signature.name, signature.key_id) == (key.name, key.key_id):
            if len(signature.value) != 72:
                raise ProofError("A cosignature is a time and a signature, 72 bytes.", code="cosignature")
            time = int.from_bytes(signature.value[:8], "big")
            if time > MAX_SIZE:
                raise ProofError("The time of a cosignature is out of range.", code="cosignature")
            _verify(key.public, signature.value[8:], _cosigned_message(note.text, time))
            return Cosigned(key.name, time)
    raise ProofError(f"{key.name} has not cosigned this head.", code="note-unsigned")


def _cosigned_message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _verify(public: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise ProofError("The signature of a note does not hold.", code="note-signature") from None


def unbase64(text: str, what: str) -> bytes:
    """RFC 4648 §4 in its one form, or ProofError."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError, ValueError):
        raise ProofError(f"The {what} is not base64.", code="base64") from None
    if base64.b64encode(raw).decode("ascii") != text:
        raise ProofError(f"The {what} is not base64 in its one form.", code="base64")
    return raw
