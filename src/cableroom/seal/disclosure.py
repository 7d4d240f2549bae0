"""The selectively disclosable form of a cable: derive it, and disclose less of it.

Every claim of the document becomes an SD-JWT disclosure (RFC 9901), every level is filled
with pads to a power of two, and the salts, places and identifier all follow from one seed of
32 bytes, so that sender and receiver derive the same bytes. Exact rules: docs/reference/disclosure.md
(derivation), docs/reference/edition.md (what may be withheld, and how a file is checked).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cableroom.cable.canonical import b64u, encode
from cableroom.errors import DocumentError, ProofError
from cableroom.seal.slots import (
    FILES,
    HEAD_CLAIMS,
    JTI_BYTES,
    JWS_TYP,
    LEVELS,
    PARAS,
    REFS,
    SALT_BYTES,
    SEGMENTS,
    SLOTS_IN_ALL,
    Level,
    regions,
)

SEED_BYTES = 32
_PLACES = b"cableroom/sd/1/places"
_SALTS = b"cableroom/sd/1/salts"
_JTI = b"cableroom/sd/1/jti"
_KEY_BYTES = 8

Json = Any


class Disclosure(NamedTuple):
    """One salted claim. `encoded` is what is disclosed (b64u), `digest` what is signed (b64u)."""

    path: str
    salt: bytes
    name: str
    value: Json
    encoded: str
    digest: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where the items of one level stand: `size` slots, `at` the places in ascending order."""

    level: Level
    path: str
    size: int
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """What the release key signs, and everything that it commits to.

    `digest` (64 hex digits) is the identity of the cable. `disclosures` stand in traversal
    order. `segments` has one entry for each paragraph, in order.
    """

    protected: str
    payload: str
    signing_input: bytes
    digest: str
    jti: str
    disclosures: tuple[Disclosure, ...]
    refs: Places
    files: Places
    body: Places
    segments: tuple[Places, ...]
    document: Mapping[str, Json] = field(repr=False)


def derive(document: Mapping[str, Json], seed: bytes, certificate_sha256: bytes) -> Derived:
    """The one selectively disclosable form of `document` under `seed`.

    `document` is the JSON value that a `Cable` gives (its shape is not checked again here);
    `certificate_sha256` the 32 bytes of SHA-256 over the DER release certificate.
    Raises `DocumentError` if a seed or hash has another length or the document needs more
    than 65,536 slots.
    """
    if len(seed) != SEED_BYTES or len(certificate_sha256) != 32:
        raise DocumentError("A seed and a certificate's SHA-256 have 32 bytes each.", code="seed")
    paras = document["paras"]
    refs, files, body, *segments = _place(document, seed)
    count = (
        len(HEAD_CLAIMS)
        + sum(level.size + len(level.level.claims) * len(level.at) for level in (refs, files, body))
        + sum(level.size for level in segments)
    )
    walk = _Walk(hashlib.shake_256(_SALTS + seed).digest(SALT_BYTES * count))
    head = document["head"]
    signed_head = [walk.claim(f"head/{name}", name, head[name]) for name in HEAD_CLAIMS]
    signed_refs = walk.level(refs, [_ref_claims(ref) for ref in document["refs"] or ()])
    signed_files = walk.level(files, [_file_claims(file) for file in document["files"] or ()])
    signed_body = walk.level(body, [_para_claims(para) for para in paras], segments, paras)
    jti = b64u(hashlib.shake_256(_JTI + seed).digest(JTI_BYTES))
    issuer = head["from"]
    payload = {
        "_sd_alg": "sha-256",
        "body": {"_sd": signed_body},
        "files": {"_sd": signed_files},
        "head": {"_sd": sorted(signed_head)},
        "iss": f"{issuer['org']}/{issuer['post']}",
        "jti": jti,
        "refs": {"_sd": signed_refs},
        "v": 1,
    }
    protected, body_text = protected_header(certificate_sha256), b64u(encode(payload))
    signing_input = f"{protected}.{body_text}".encode("ascii")
    return Derived(
        protected=protected,
        payload=body_text,
        signing_input=signing_input,
        digest=hashlib.sha256(signing_input).hexdigest(),
        jti=jti,
        disclosures=tuple(walk.done),
        refs=refs,
        files=files,
        body=body,
        segments=tuple(segments),
        document=document,
    )


def protected_header(certificate_sha256: bytes) -> str:
    """The one protected header of a cable signed with that certificate, as b64u."""
    return b64u(encode({"alg": "ES256", "typ": JWS_TYP, "x5t#S256": b64u(certificate_sha256)}))


def _place(document: Mapping[str, Json], seed: bytes) -> list[Places]:
    """Where every item stands: refs, files, paragraphs, then the segments of each paragraph."""
    counts: list[tuple[Level, int]] = [
        (REFS, len(document["refs"] or ())),
        (FILES, len(document["files"] or ())),
        (PARAS, len(document["paras"])),
    ]
    counts += [(SEGMENTS, len(para["segments"] or ())) for para in document["paras"]]
    sizes = [level.size(items) for level, items in counts]
    if sum(sizes) > SLOTS_IN_ALL:
        raise DocumentError(
            f"The document needs {sum(sizes)} slots; a cable has at most {SLOTS_IN_ALL}.",
            do="Cut its text into fewer pieces, or send two cables.",
            code="too-many-slots",
        )
    stream = hashlib.shake_256(_PLACES + seed).digest(_KEY_BYTES * sum(sizes))
    placed: list[Places] = []
    start = 0
    for (level, items), size in zip(counts, sizes, strict=True):
        keys = [stream[at : at + _KEY_BYTES] for at in range(start, start + size * _KEY_BYTES, _KEY_BYTES)]
        start += size * _KEY_BYTES
        # Ties fall to the lower slot: `sorted` is stable.
        at = tuple(sorted(sorted(range(size), key=keys.__getitem__)[:items]))
        path = level.payload or f"body/{PARAS.name(placed[2].at[len(placed) - 3])}"
        placed.append(Places(level, path, size, at))
    return placed


def _ref_claims(ref: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "letter": ref["letter"],
        "ref": {"cited": ref["cited"], "digest": ref["digest"], "kind": ref["kind"]},
    }


def _file_claims(file: Mapping[str, Json]) -> dict[str, Json]:
    return {"n": file["n"], "file": {key: value for key, value in file.items() if key != "n"}}


def _para_claims(para: Mapping[str, Json]) -> dict[str, Json]:
    return {name: para[name] for name in PARAS.claims}


class _Walk:
    """Makes the disclosures in traversal order, taking the next salt for each."""

    def __init__(self, salts: bytes) -> None:
        self._salts = salts
        self._next = 0
        self.done: list[Disclosure] = []

    def _salt(self) -> bytes:
        start = self._next
        self._next += SALT_BYTES
        return self._salts[start : start + SALT_BYTES]

    def _make(self, path: str, salt: bytes, name: str, value: Json) -> Disclosure:
        # canonical JSON of [salt, name, value], put together: half of all values are null
        told = b"null" if value is None else encode(value)
        encoded = _b64u(b'["%b","%b",%b]' % (_b64u(salt), name.encode("ascii"), told))
        digest = _b64u(hashlib.sha256(encoded).digest())
        return Disclosure(path, salt, name, value, encoded.decode("ascii"), digest.decode("ascii"))

    def claim(self, path: str, name: str, value: Json) -> str:
        """Add one disclosure; its digest."""
        made = self._make(path, self._salt(), name, value)
        self.done.append(made)
        return made.digest

    def level(
        self,
        places: Places,
        items: Sequence[Mapping[str, Json]],
        segments: Sequence[Places] = (),
        paras: Sequence[Mapping[str, Json]] = (),
    ) -> list[str]:
        """Add the slots of a level with what is in them; the digests of the slots, sorted."""
        numbers = {slot: number for number, slot in enumerate(places.at)}
        digests: list[str] = []
        for slot in range(places.size):
            name = places.level.name(slot)
            path = f"{places.path}/{name}"
            number = numbers.get(slot)
            if number is None:
                digests.append(self.claim(path, name, None))
                continue
            salt = self._salt()
            here = len(self.done)
            self.done.append(_RESERVED)
            inside = [
                self.claim(f"{path}/{claim}", claim, items[number][claim]) for claim in places.level.claims
            ]
            if segments:
                inside += self._segments(segments[number], paras[number]["segments"] or ())
            made = self._make(path, salt, name, {"_sd": sorted(inside)})
            self.done[here] = made
            digests.append(made.digest)
        return sorted(digests)

    def _segments(self, places: Places, segments: Sequence[Json]) -> list[str]:
        values: list[Json] = [None] * places.size
        for slot, segment in zip(places.at, segments, strict=True):
            values[slot] = segment
        return [
            self.claim(f"{places.path}/{SEGMENTS.name(slot)}", SEGMENTS.name(slot), value)
            for slot, value in enumerate(values)
        ]


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _b64u(data: bytes) -> bytes:
    """`canonical.b64u` in bytes: a cable needs some five hundred of them."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=")


# Holds the place of a slot in traversal order until what is in it has been made.
_RESERVED = Disclosure("", b"", "", None, "", "")


# ---- disclosing less ---------------------------------------------------------------------


def edition(
    derived: Derived,
    signature: bytes,
    *,
    withhold: Sequence[str] = (),
    reveal: Sequence[str] = (),
    certificates: Sequence[bytes],
) -> bytes:
    """An edition of the cable that leaves out what `withhold` names: the bytes of the file.

    Places count from 1: "head/subject", "refs/1" (or by letter, "refs/A"), "files/1",
    "paras/2", "paras/2/mark", "paras/2/segments/3". Round everything withheld the pads are
    closed too, and the letter or number of what stands behind it in its level stays closed,
    unless `reveal` names it ("paras/3/n"). `certificates` are DER, the release certificate
    first. Raises `ProofError` for a place that is not there.
    """
    if len(signature) != 64:
        raise ProofError("A signature has 64 bytes, r and s.", code="signature-form")
    named = certificates and protected_header(hashlib.sha256(certificates[0]).digest())
    if named != derived.protected:
        raise ProofError(
            "The first certificate is not the one that the signed header names.", code="certificate-mismatch"
        )
    closed = _closed(derived, withhold, reveal)
    shown = [
        made.encoded
        for made in derived.disclosures
        if made.path not in closed and made.path.rpartition("/")[0] not in closed
    ]
    return encode(
        {
            "header": {
                "disclosures": shown,
                "x5c": [b64encode(certificate).decode("ascii") for certificate in certificates],
            },
            "payload": derived.payload,
            "protected": derived.protected,
            "signature": b64u(signature),
        }
    )


def _closed(derived: Derived, withhold: Sequence[str], reveal: Sequence[str]) -> set[str]:
    """The paths that stay closed; what lies below a closed slot is not listed."""
    withheld = {_path(derived, place) for place in withhold}
    opened = set()
    for place in reveal:
        path = _path(derived, place)
        opened.add(path)
        if path.rpartition("/")[2] not in ("letter", "n", "no") or path in withheld:
            raise ProofError(
                f"{place} cannot be opened by name.",
                do="Only a letter or number (refs/2/letter, files/2/n, paras/3/n, paras/3/no) that is not withheld.",
                code="bad-place",
            )
    closed = set(withheld)
    for places in (derived.refs, derived.files, derived.body):
        closed |= _close(places, withheld, opened)
    for places in derived.segments:
        closed |= _close(places, withheld, opened)
    return closed


def _close(places: Places, withheld: set[str], opened: set[str]) -> set[str]:
    """What rules 1 and 2 close in one level, given what is withheld in it."""
    name = places.level.name
    shown = [slot for slot in places.at if f"{places.path}/{name(slot)}" not in withheld]
    if len(shown) == len(places.at):
        return set()
    hidden = set(places.at).difference(shown)
    closed: set[str] = set()
    behind_gap = False
    for (start, end), item in zip(regions(shown, places.size), [*shown, None], strict=True):
        if not hidden.isdisjoint(range(start, end)):
            behind_gap = True
            closed |= {f"{places.path}/{name(slot)}" for slot in range(start, end)}
        if behind_gap and item is not None:
            numbers = {f"{places.path}/{name(item)}/{claim}" for claim in places.level.order}
            closed |= numbers - opened
    return closed


def _path(derived: Derived, place: str) -> str:
    """The path of a place that a person names: "paras/2" is "body/p0015"."""
    first, _, rest = place.partition("/")
    if first == "head" and rest in HEAD_CLAIMS:
        return place
    for level, places in zip(LEVELS, (derived.refs, derived.files, derived.body), strict=True):
        if first != level.place:
            continue
        item, _, inside = rest.partition("/")
        index = _index(item, len(places.at), letters=level is REFS)
        if index is None:
            break
        path = f"{places.path}/{level.name(places.at[index])}"
        if not inside:
            return path
        if inside in level.claims:
            return f"{path}/{inside}"
        if level is PARAS and inside.startswith("segments/"):
            segments = derived.segments[index]
            piece = _index(inside.removeprefix("segments/"), len(segments.at))
            if piece is not None:
                return f"{path}/{SEGMENTS.name(segments.at[piece])}"
    raise ProofError(
        f"There is no place {place!r} in this cable.",
        do="Name head/subject, refs/1, files/1, paras/2, paras/2/mark or paras/2/segments/3; numbers begin with 1.",
        code="bad-place",
    )


def _index(text: str, count: int, *, letters: bool = False) -> int | None:
    """The index that "1" (or, for refs, "A") means, or None if there is no such item."""
    if letters and len(text) == 1 and "A" <= text <= "Z":
        index = ord(text) - ord("A")
    elif text.isascii() and text.isdigit() and len(text) <= 4 and text[0] != "0":
        index = int(text) - 1
    else:
        return None
    return index if index < count else None
