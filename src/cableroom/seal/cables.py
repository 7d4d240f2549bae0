"""A cable sealed and read: document, disclosable form, MIME entity and SignedData, in that order and back.

`sign_cable` makes the one SignedData of a release. `read_cable` checks all of it, in the order
of docs/reference/leg.md, and answers with a verdict: accepted, held (what is missing can
still come) or refused (it can never be good).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from cableroom.cable import mime
from cableroom.cable.address import Post
from cableroom.cable.canonical import b64u, decode, encode, unb64u
from cableroom.cable.document import MAX_BYTES, Cable
from cableroom.cable.mime import Attachment, Entity, address_of
from cableroom.cable.printing import print_cable
from cableroom.errors import CableroomError, DocumentError, Problem, SealError
from cableroom.seal import certificates, jws, signing
from cableroom.seal.disclosure import SEED_BYTES, derive
from cableroom.seal.sheets import VERSION, check_version
from cableroom.seal.signing import EssLabel, ReceiptRequest
from cableroom.seal.trust import Authority, PathVerdict, Use, judge

ACCEPTED: Final = "accepted"
HELD: Final = "held"
REFUSED: Final = "refused"

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"

# What is wrong with a certificate, but can still come right: a card, a list, a clock.
_PASSING: Final = frozenset(
    {
        "unknown-authority",
        "expired",
        "not-yet-valid",
        "authority-expired",
        "authority-not-yet-valid",
        "crl-missing",
        "crl-stale",
        "crl-bad",
    }
)

Json = Any


class Policy(NamedTuple):
    """What a label is computed from: the policy's OID, the number of each level, and its portion letters."""

    oid: str
    levels: Mapping[str, int]
    letters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SignedCable:
    """A release: its identity, the SignedData that travels, and what it was made with.

    `signature` are the 64 bytes of the JWS.
    """

    digest: str
    signed_data: bytes
    signature: bytes
    seed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A cable that was verified when it came into the register, with all that came along."""

    cable: Cable
    files: tuple[Attachment, ...]
    signed_data: bytes = field(repr=False)
    seed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CableVerdict:
    """What came of reading a SignedData.

    `fate` is accepted, held or refused; `problems` has the reasons (an accepted cable may have
    warnings). `cable`, `document`, `files`, `seed` and `signature` are there only if it is
    accepted. `claimed` is the post that the certificate names and `digest` the identity, once
    the signature by that certificate held: known does not mean trusted.
    """

    fate: str
    problems: tuple[Problem, ...]
    claimed: Post | None = None
    digest: str | None = None
    certificate: bytes | None = None
    signer: PathVerdict | None = None
    label: EssLabel | None = None
    algorithms: tuple[str, ...] = ()
    signing_time: datetime | None = None
    message_id: str | None = None
    signed_data: bytes = field(default=b"", repr=False)
    cable: Cable | None = None
    document: Mapping[str, Json] | None = field(default=None, repr=False)
    files: tuple[Attachment, ...] = ()
    seed: bytes | None = field(default=None, repr=False)
    signature: bytes | None = field(default=None, repr=False)

    @property
    def opened(self) -> Opened:
        """What the register keeps of an accepted cable. Raises `SealError` for any other."""
        if self.cable is None or self.seed is None or self.signature is None:
            raise SealError(f"The cable was {self.fate}.", code=self.fate)
        return Opened(self.cable, self.files, self.signed_data, self.seed, self.signature)


def new_seed() -> bytes:
    """32 fresh random bytes: every cable has its own."""
    return secrets.token_bytes(SEED_BYTES)


def new_message_id(org: str) -> str:
    """A fresh Message-ID that tells nothing: 26 random base32 characters at the organisation's domain."""
    return f"<{''.join(secrets.choice(_BASE32) for _ in range(26))}@{org}>"


# ---- signing -----------------------------------------------------------------------------


def sign_cable(
    cable: Cable,
    *,
    files: Sequence[tuple[str, str, bytes]],
    seed: bytes,
    key: ec.EllipticCurvePrivateKey,
    certificate: bytes,
    addresses: Mapping[Post, str],
    message_id: str,
    ess: tuple[str, int],
    now: datetime,
) -> SignedCable:
    """Sign a complete cable with the release key of its post. Deterministic in its arguments.

    `files` are (name, media type, bytes) as the document lists them; `addresses` the mail
    addresses of the addressees (`post@org` where there is none); `ess` the OID of the policy
    and the number of the level in it. Raises `SealError` if the key is another post's or a
    file is not as the document says, `MimeError` for what mail cannot carry.
    """
    names = certificates.read(certificate)
    if (names.org, names.name) != (cable.sender.org, cable.sender.name):
        raise SealError(
            f"The certificate is that of {names.title}, the cable is of {cable.sender}.", code="wrong-post"
        )
    attached = [Attachment(*file) for file in files]
    _check_files(cable, attached)
    document = cable.to_json()
    derived = derive(document, seed, hashlib.sha256(certificate).digest())
    signature = jws.sign_input(key, derived.signing_input)
    sender = address_of(cable.sender)
    to = list(dict.fromkeys(addresses.get(post, address_of(post)) for post in cable.action_posts))
    copies = dict.fromkeys(addresses.get(post, address_of(post)) for post in cable.info_posts)
    entity = mime.write_entity(
        document,
        text=print_cable(cable),
        data=encode({"document": document, "jws": b64u(signature), "seed": b64u(seed), "v": VERSION}),
        files=attached,
        sender=sender,
        to=to,
        copies=[address for address in copies if address not in to],
        message_id=message_id,
        dtg=cable.dtg,
    )
    signed_data = signing.sign(
        entity,
        key=key,
        certificate=certificate,
        signing_time=now,
        label=EssLabel(*ess),
        receipt_request=ReceiptRequest(bytes.fromhex(derived.digest), (sender,)),
    )
    return SignedCable(derived.digest, signed_data, signature, seed)


def _check_files(cable: Cable, files: Sequence[Attachment]) -> None:
    """Every file as the document lists it, in its order, and no other."""
    if len(files) != len(cable.files):
        raise SealError(
            f"The document lists {len(cable.files)} files, {len(files)} are there.", code="files-differ"
        )
    for listed, file in zip(cable.files, files, strict=True):
        given = (file.name, file.media_type, len(file.content), hashlib.sha256(file.content).hexdigest())
        if given != (listed.name, listed.media_type, listed.bytes, listed.sha256):
            raise SealError(
                f"File {listed.n} is not the one that the document lists as {listed.name}.",
                code="files-differ",
            )


# ---- reading -----------------------------------------------------------------------------


def read_cable(
    signed_data: bytes,
    *,
    authorities: Sequence[Authority],
    policies: Mapping[tuple[str, int], tuple[str, Mapping[str, int], Mapping[str, str]]],
    at: datetime,
    own_post: Post | None,
    known: Sequence[bytes] = (),
) -> CableVerdict:
    """The verdict on a cable's SignedData (DER); never raises for what is in it.

    The signer's certificate is judged at `at` under `authorities`; `known` are certificates
    of the directory, for a SignedData that brings none. `policies` maps (id, version) to the
    policies that cards brought. `own_post` must be an addressee; None leaves that unasked
    (a copy that is only looked at).
    """
    reading = _Reading(signed_data)
    try:
        reading.check(authorities, policies, at, own_post, known)
    except CableroomError as error:
        reading.note(error)
    return reading.verdict()


def open_without_trust(signed_data: bytes) -> Opened:
    """What is in a SignedData that *was* verified before, and lay safe since: in our own register.

    The CMS signature is checked again, whose it is and whether the parts agree is not.
    Raises `CableroomError` if it cannot be read.
    """
    signed = signing.verify(signed_data)
    entity = mime.read_entity(signed.content)
    part = _part(entity)
    return Opened(Cable.from_json(part.document), entity.files, signed_data, part.seed, part.signature)


class _Part(NamedTuple):
    """The JSON part of a cable, read but for the document's shape."""

    document: Mapping[str, Json]
    signature: bytes
    seed: bytes


def _part(entity: Entity) -> _Part:
    value = decode(entity.data, max_bytes=MAX_BYTES + 1024)
    if not isinstance(value, dict):
        raise DocumentError("The document part is not a JSON object.", code="document")
    check_version(value.get("v"), "cable")
    if set(value) != {"document", "jws", "seed", "v"}:
        raise DocumentError(
            "The document part has document, jws, seed and v, and nothing else.", code="document"
        )
    return _Part(value["document"], unb64u(value["jws"], length=64), unb64u(value["seed"], length=SEED_BYTES))


# Errors that something still to come can cure; every other error refuses.
_CURABLE: Final = _PASSING | {"unknown-certificate", "newer-version", "unassigned", "unknown-policy"}


class _Reading:
    """One run through the checks; what was found out so far is in `_found`."""

    def __init__(self, signed_data: bytes) -> None:
        self._found = CableVerdict(ACCEPTED, (), signed_data=signed_data)
        self._problems: list[Problem] = []
        self._cable: Cable | None = None
        self._part: _Part | None = None
        self._files: tuple[Attachment, ...] = ()

    def note(self, error: CableroomError) -> None:
        self._problems.append(Problem(error.code, error.where, error.what, error.do))

    def verdict(self) -> CableVerdict:
        errors = [problem for problem in self._problems if problem.severity == "error"]
        if not errors and self._cable is not None and self._part is not None:
            return replace(
                self._found,
                problems=tuple(self._problems),
                cable=self._cable,
                document=self._part.document,
                files=self._files,
                seed=self._part.seed,
                signature=self._part.signature,
            )
        fate = HELD if all(problem.code in _CURABLE for problem in errors) else REFUSED
        return replace(self._found, fate=fate, problems=tuple(self._problems))

    def check(
        self,
        authorities: Sequence[Authority],
        policies: Mapping[tuple[str, int], tuple[str, Mapping[str, int], Mapping[str, str]]],
        at: datetime,
        own_post: Post | None,
        known: Sequence[bytes],
    ) -> None:
        """Every check in its order. Raises at the first that refuses; what only holds is noted, and the rest checked."""
        content = self._signed(authorities, at, known)
        entity = mime.read_entity(content)
        self._found = replace(self._found, message_id=entity.message_id)
        part = _part(entity)
        cable = Cable.from_json(part.document)
        self._jws(cable, part)
        self._addressed(cable, own_post)
        if entity.text != print_cable(cable):
            raise SealError(
                "The text is not what the document says.", where="the text part", code="text-differs"
            )
        _check_files(cable, entity.files)
        self._label(cable, policies)
        self._header(cable, part, entity)
        self._cable, self._part, self._files = cable, part, entity.files

    def _signed(self, authorities: Sequence[Authority], at: datetime, known: Sequence[bytes]) -> bytes:
        signed = signing.verify(self._found.signed_data, known=known)
        self._problems += signed.problems
        path = judge(signed.certificate, use=Use.RELEASE, authorities=authorities, at=at)
        self._problems += path.problems
        self._found = replace(
            self._found,
            claimed=path.post,
            certificate=signed.certificate,
            signer=path,
            label=signed.label,
            algorithms=(*signed.algorithms, jws.ALGORITHM),
            signing_time=signed.signing_time,
        )
        return signed.content

    def _jws(self, cable: Cable, part: _Part) -> None:
        certificate = self._found.certificate or b""
        derived = derive(part.document, part.seed, hashlib.sha256(certificate).digest())
        jws.verify_input(certificate, derived.signing_input, part.signature)
        if cable.sender != self._found.claimed:
            raise SealError(
                f"The cable says that it is of {cable.sender}, its certificate is that of {self._found.claimed}.",
                where="from",
                code="wrong-post",
            )
        self._found = replace(self._found, digest=derived.digest)

    def _addressed(self, cable: Cable, own_post: Post | None) -> None:
        if own_post is not None and own_post not in cable.all_posts:
            raise SealError(f"{own_post} is no addressee of this cable.", where="to", code="not-addressed")

    def _label(
        self,
        cable: Cable,
        policies: Mapping[tuple[str, int], tuple[str, Mapping[str, int], Mapping[str, str]]],
    ) -> None:
        """The ESS label must be what the document and its policy give (RFC 2634 §3)."""
        if self._found.label is None:
            raise SealError("The signature carries no security label.", where="label", code="label-missing")
        reference = cable.head.policy
        policy = policies.get((reference.id, reference.version))
        if policy is None:
            message = f"The policy {reference.id} {reference.version} is not known here."
            self._problems.append(
                Problem(
                    "unknown-policy", "label", message, "Import the newest card of the sender's organisation."
                )
            )
            return
        oid, levels, _ = policy
        number = levels.get(cable.head.classification)
        if number is None or self._found.label != EssLabel(oid, number):
            raise SealError(
                f"The security label of the signature is not that of {cable.head.classification}.",
                where="label",
                code="label-differs",
            )

    def _header(self, cable: Cable, part: _Part, entity: Entity) -> None:
        different = mime.header_differences(entity, part.document)
        if entity.sender != address_of(cable.sender):
            different.append("from")
        if different:
            raise SealError(
                "Header fields inside the seal are not what the document says: " + ", ".join(different) + ".",
                where="the header",
                code="header-differs",
            )
