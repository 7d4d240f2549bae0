"""Where private keys lie, and who may use which.

Each is wrapped (AES-256-GCM) under the master key, ``keys/master.key``, bound to its register,
its use and its name: a row that is moved elsewhere does not open. A release key is given only
for a fresh authentication of a person who holds a releasing role at that post, now.

What this keeps off: a stolen database or backup without the keys folder; a row put in another
place; a person without the role; a forgotten session. What it does not: whoever can read both
the database and the keys folder (root, or the account that runs Cableroom) can sign as any post
of this installation. The officer's passphrase is checked by this program; it encrypts nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.translation import gettext as _

from cableroom.cable.address import Post
from cableroom.directory.authentication import Authentication, check_fresh
from cableroom.directory.models import CertificateRow, RevocationRow, StoredKey
from cableroom.directory.standing import standing
from cableroom.errors import NotAllowed, SealError, Unavailable
from cableroom.register.durable import write_durably
from cableroom.seal import keys

MASTER = "master.key"
AUTHORITY = "authority.key"
AUTHORITY_CERTIFICATE = "authority.crt"
LINE = "line.pem"
WEB_SECRET = "web.secret"

CertifiedKey = tuple[bytes, EllipticCurvePrivateKey]
"""A certificate (DER) and its private key."""


# -- using ---------------------------------------------------------------------------------


def release_key(
    post: Post, authentication: Authentication, *, now: datetime
) -> tuple[EllipticCurvePrivateKey, bytes]:
    """The release key of `post` and its certificate, for a person who has just authenticated again.

    Raises `NotAllowed` for a stale or foreign authentication, or a person who holds no releasing
    role at that post at `now`; `Unavailable` if the post has no release key in force.
    """
    person = check_fresh(authentication, now=now)
    if standing(person, now=now).may("release", str(post)) is None:
        raise NotAllowed(
            _("%(person)s holds no releasing role at %(post)s.") % {"person": person, "post": post.name},
            do=_("Ask a releasing officer of that post."),
            code="needs-release",
        )
    certificate, key = _newest(str(post), "release", now)
    return key, certificate


def system_key(post: Post, *, now: datetime | None = None) -> tuple[EllipticCurvePrivateKey, bytes]:
    """The system key of `post` and its certificate: service messages, receipts, sheets."""
    certificate, key = _newest(str(post), "system", now)
    return key, certificate


def opening_keys(post: Post) -> list[CertifiedKey]:
    """(certificate, key) of every opening key that `post` has had, the newest first.

    Old ones stay: a leg may have been sealed before its sender had the newer certificate.
    """
    rows = CertificateRow.objects.filter(post=str(post), use="opening", own=True).order_by("-since", "sha256")
    stored = {row.name: row for row in StoredKey.objects.filter(post=str(post), use="opening")}
    return [(bytes(row.der), _certified(stored[row.sha256])) for row in rows if row.sha256 in stored]


def archive_keys(register: str) -> list[bytes]:
    """Every archive key of a register, the newest first. The first one encrypts, all of them open."""
    rows = StoredKey.objects.filter(post=register, use="archive").order_by("-made", "name")
    return [_secret(row) for row in rows]


def archive_key(post: Post | str) -> bytes:
    """The archive key that encrypts the blobs of a post (or of ``house``) now."""
    found = archive_keys(str(post))
    if not found:
        raise _no_key(str(post), "archive")
    return found[0]


def log_key(register: str) -> Ed25519PrivateKey:
    """The key that signs the heads of a register."""
    row = StoredKey.objects.filter(post=register, use="log").order_by("made").first()
    if row is None:
        raise _no_key(register, "log")
    return keys.private_key(_secret(row), Ed25519PrivateKey)  # type: ignore[type-abstract, return-value]


def line_key() -> Path:
    """The PEM file with the key of this installation's lines, its certificate and the authority's.

    For `ssl.SSLContext.load_cert_chain`. Load it again when its time of change is another: it is renewed.
    """
    return folder() / LINE


def authority_key() -> tuple[EllipticCurvePrivateKey, bytes]:
    """The authority's key and certificate, for a ceremony: issuing, revoking, signing a card."""
    secret = keys.unwrap(_read(AUTHORITY), with_key=_master(), about=_about("", "authority", ""))
    return keys.private_key(secret), authority_certificate()


def authority_certificate() -> bytes:
    """The certificate (DER) of this installation's authority."""
    return _read(AUTHORITY_CERTIFICATE)


# -- keeping -------------------------------------------------------------------------------


def folder() -> Path:
    """The keys folder of this installation; nobody else may read it."""
    return Path(settings.HOME) / "keys"


def keep(register: str, use: str, name: str, secret: bytes, *, made: datetime) -> StoredKey:
    """Store a private key, wrapped. Call it within the act whose entry makes the key known."""
    wrapped = keys.wrap(secret, with_key=_master(), about=_about(register, use, name))
    return StoredKey.objects.create(post=register, use=use, name=name, wrapped=wrapped, made=made)


def forget(register: str, use: str, *, but: str) -> int:
    """Delete the keys of this use that were replaced: they would sign nothing any more. How many."""
    return StoredKey.objects.filter(post=register, use=use).exclude(name=but).delete()[0]


def make_log_key(register: str, *, made: datetime) -> Ed25519PrivateKey:
    """The log key of a register that is about to begin; the one that is there, if there is one."""
    if not StoredKey.objects.filter(post=register, use="log").exists():
        key = keys.new_log_key()
        keep(register, "log", _name(keys.public_bytes(key.public_key())), keys.private_bytes(key), made=made)
    return log_key(register)


def archive_key_name(secret: bytes) -> str:
    """How an archive key is called: a SHA-256 that tells nothing of it."""
    return _name(b"cableroom/archive-key/1\0" + secret)


def write(name: str, data: bytes) -> None:
    """A file of the keys folder: 0600 in 0700, whole or not at all, on disk."""
    write_durably(folder() / name, data, below=Path(settings.HOME))


def write_authority(key: EllipticCurvePrivateKey, certificate: bytes) -> None:
    """Keep the authority: its key wrapped, its certificate beside it."""
    about = _about("", "authority", "")
    write(AUTHORITY, keys.wrap(keys.private_bytes(key), with_key=_master(), about=about))
    write(AUTHORITY_CERTIFICATE, certificate)


# -- inside --------------------------------------------------------------------------------


def _newest(register: str, use: str, now: datetime | None) -> CertifiedKey:
    rows = CertificateRow.objects.filter(post=register, use=use, own=True).order_by("-since", "sha256")
    if now is not None:
        rows = rows.filter(since__lte=now, until__gt=now)
    revoked = set(RevocationRow.objects.values_list("sha256", flat=True))
    for row in rows:
        if row.sha256 in revoked:
            continue
        stored = StoredKey.objects.filter(post=register, use=use, name=row.sha256).first()
        if stored is not None:
            return bytes(row.der), _certified(stored)
    raise _no_key(register, use)


def _no_key(register: str, use: str) -> Unavailable:
    return Unavailable(
        _("%(register)s has no %(use)s key in force.") % {"register": register, "use": use},
        do=_("Start cableroom serve; it makes the keys that are missing."),
        code="no-key",
    )


def _certified(row: StoredKey) -> EllipticCurvePrivateKey:
    return _parsed(_secret(row))


@lru_cache(maxsize=256)
def _parsed(secret: bytes) -> EllipticCurvePrivateKey:
    return keys.private_key(secret)


def _secret(row: StoredKey) -> bytes:
    return _unwrap(bytes(row.wrapped), _master(), _about(row.post, row.use, row.name))


@lru_cache(maxsize=256)
def _unwrap(wrapped: bytes, master: bytes, about: bytes) -> bytes:
    return keys.unwrap(wrapped, with_key=master, about=about)


def _about(register: str, use: str, name: str) -> bytes:
    return "\0".join((register, use, name)).encode("utf-8")


def _name(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _master() -> bytes:
    master = _read(MASTER)
    if len(master) != keys.ARCHIVE_KEY_BYTES:
        raise SealError(_("The master key is damaged."), where=str(folder() / MASTER), code="master-key")
    return master


def _read(name: str) -> bytes:
    path = folder() / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable(
            _("The key file %(name)s cannot be read (%(why)s).") % {"name": name, "why": error.strerror},
            where=str(path),
            do=_("Set CABLEROOM_HOME to the data folder, or set one up with cableroom init."),
            code="no-key-file",
        ) from error
