"""Whose certificate since when: issued by our own authority, renewed in time, revoked; and those of others.

Nobody handles a certificate. A post lacks a key, or two thirds of a certificate's life are over:
`renew_due` makes new ones. Old opening and archive keys stay, since old letters must open;
replaced release and system keys are deleted, since nothing may be signed with them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.utils.translation import gettext as _

from cableroom.cable.address import Post
from cableroom.cable.canonical import sha256_hex, stamp
from cableroom.directory import keystore
from cableroom.directory.cardform import USES, b64
from cableroom.directory.house import SYSTEM, acting, record
from cableroom.directory.models import (
    CardRow,
    CertificateRow,
    IssuedList,
    OrganisationRow,
    Person,
    PostRow,
    RevocationRow,
    StoredKey,
)
from cableroom.errors import InputError, NotFound, StateError, Unavailable
from cableroom.register import ledger
from cableroom.register.ledger import Actor, Entry, Turn
from cableroom.seal import certificates, keys, revocation, trust

POST_USES = ("release", "system", "opening")
_SIGNING = ("release", "system")
_LIST_RENEWED_AFTER = timedelta(days=30)


# -- looking up ----------------------------------------------------------------------------


def authorities(*, now: datetime | None = None) -> list[trust.Authority]:
    """Our own authority and those on cards that a person confirmed; with `now`, no expired card's."""
    return [authority for _id, authority in _authorities(now)]


def authorities_for(post: Post, *, now: datetime | None = None) -> list[trust.Authority]:
    """The one authority that `post` is bound to, if it is known and confirmed; else none.

    Judge what claims to come from a post with these: two installations of one organisation have
    two authorities, and neither may speak for a post of the other. A card that has expired at
    `now` (the ledger's time) carries none.
    """
    now = now or ledger.now()
    row = PostRow.objects.filter(post=str(post), confirmed=True).first()
    if row is None:
        return []
    return [authority for identity, authority in _authorities(now) if identity == row.authority]


def for_post(post: Post, use: str, at: datetime) -> bytes:
    """The certificate (DER) of `post` for `use` in force at `at`, the newest. Raises `NotFound`."""
    row = PostRow.objects.filter(post=str(post), confirmed=True).first()
    if row is not None:
        revoked = _revoked(row)
        found = CertificateRow.objects.filter(
            post=str(post), use=use, authority=row.authority, since__lte=at, until__gt=at
        )
        for certificate in found.order_by("-since", "sha256"):
            der = bytes(certificate.der)
            since = revoked.get(certificates.read(der).serial)
            if since is None or since > at:
                return der
    raise NotFound(
        _("There is no certificate %(use)s of %(post)s in force at %(time)s.")
        % {"use": use, "post": post.as_text(), "time": stamp(at)},
        do=_("Import that organisation's newest post card."),
        code="no-certificate",
    )


def by_sha256(sha256: str) -> bytes:
    """A certificate of the directory by its SHA-256. Raises `NotFound`."""
    row = CertificateRow.objects.filter(sha256=sha256).first()
    if row is None:
        raise NotFound(
            _("There is no certificate %(sha256)s here.") % {"sha256": sha256}, code="no-certificate"
        )
    return bytes(row.der)


def own_crl() -> bytes:
    """The newest revocation list of our authority. Raises `Unavailable` before one was made."""
    row = IssuedList.objects.order_by("-issued").first()
    if row is None:
        raise Unavailable(_("No revocation list was made yet."), do="cableroom init", code="not-set-up")
    return bytes(row.der)


# -- issuing and renewing ------------------------------------------------------------------


def complete_keys(post: Post, *, actor: Actor, now: datetime) -> list[Entry]:
    """Make the keys that `post` lacks, and renew those of which two thirds of the life are over."""
    made = [
        entry
        for use in POST_USES
        if (entry := _renew(post, use, actor=actor, now=now)) is not None and not entry.repeated
    ]
    if not StoredKey.objects.filter(post=str(post), use="archive").exists():
        made.append(make_archive_key(str(post), actor=actor, now=now))
    return made


def make_archive_key(register: str, *, actor: Actor, now: datetime) -> Entry:
    """The key that the blobs of a register are encrypted with. An earlier one goes on opening."""
    secret = keys.new_archive_key()
    name = keystore.archive_key_name(secret)

    def check(turn: Turn) -> None:
        keystore.keep(register, "archive", name, secret, made=turn.at)

    data = _key_data(register, "archive", None, name, now, None)
    count = StoredKey.objects.filter(post=register, use="archive").count()
    return record("Key", data, actor=actor, key=f"key:{register}:archive:{count}", within=check)


def renew_due(now: datetime) -> int:
    """The worker: make what is missing, renew what is due, refresh the revocation list. How many things."""
    if not OrganisationRow.objects.exists():
        return 0
    done = 0
    for row in PostRow.objects.filter(own=True).order_by("post"):
        done += len(complete_keys(Post.parse(row.post), actor=SYSTEM, now=now))
    done += make_line(now=now, actor=SYSTEM)
    done += refresh_list(now=now)
    return done


def make_line(*, actor: Actor, now: datetime, name: str | None = None) -> int:
    """The line's key and certificate, if there is none or two thirds of its life are over. 1 if made."""
    present = _line_certificate()
    if present is not None:
        _know_line(present, actor=actor)
        if not _is_due(present, now):
            return 0
        name = name or present.name
    if name is None:
        raise Unavailable(_("The line has no name yet."), do="cableroom init", code="not-set-up")
    authority_key, authority = keystore.authority_key()
    key = keys.new_signing_key()
    der = trust.issue(
        authority_key, authority, use=trust.Use.LINE, name=name, public_key=key.public_key(), now=now
    )
    keystore.write(keystore.LINE, _pem(key, der, authority))
    _know_line(certificates.read(der), actor=actor)
    return 1


def refresh_list(*, now: datetime, always: bool = False) -> int:
    """Sign a new revocation list if the newest is a month old (or `always`). 1 if made."""
    newest = IssuedList.objects.order_by("-issued").first()
    if newest is not None and not always and now < newest.issued + _LIST_RENEWED_AFTER:
        return 0
    key, authority = keystore.authority_key()
    revoked = [(int(row.serial), row.at) for row in RevocationRow.objects.all()]
    der = trust.make_crl(key, authority, revoked, now=now)
    IssuedList.objects.get_or_create(issued=now, defaults={"der": der})
    return 1


def revoke(sha256: str, *, reason: str, by: Person | None, now: datetime) -> Entry:
    """A certificate of ours counts no more from now on; a new key takes its place at once.

    Correspondents learn of it from the revocation list on our next card.
    """
    row = CertificateRow.objects.filter(sha256=sha256, own=True).exclude(use="authority").first()
    if row is None:
        raise NotFound(_("No certificate of ours has this SHA-256."), where=sha256, code="no-certificate")
    if not reason.strip():
        raise InputError(_("A revocation needs a reason."), code="reason")
    serial = certificates.read(bytes(row.der)).serial

    def check(turn: Turn) -> None:
        if RevocationRow.objects.filter(sha256=sha256).exists():
            raise StateError(_("This certificate is revoked already."), where=sha256, code="revoked")
        StoredKey.objects.filter(name=sha256, use__in=_SIGNING).delete()

    data = {"change": "revocation", "sha256": sha256, "serial": str(serial), "reason": reason}
    entry = record("Directory", data, actor=acting(by, now=now), within=check)
    refresh_list(now=now, always=True)
    if row.post:
        complete_keys(Post.parse(row.post), actor=SYSTEM, now=now)
    return entry


# -- inside --------------------------------------------------------------------------------


def _renew(post: Post, use: str, *, actor: Actor, now: datetime) -> Entry | None:
    present = _newest_own(str(post), use)
    if present is not None and not _is_due(certificates.read(bytes(present.der)), now):
        return None
    authority_key, authority = keystore.authority_key()
    key = keys.new_opening_key() if use == "opening" else keys.new_signing_key()
    der = trust.issue(
        authority_key, authority, use=USES[use], post=post, public_key=key.public_key(), now=now
    )
    name = sha256_hex(der)

    def keep(turn: Turn) -> None:
        keystore.keep(str(post), use, name, keys.private_bytes(key), made=turn.at)
        if use in _SIGNING:
            keystore.forget(str(post), use, but=name)

    found = certificates.read(der)
    data = _key_data(str(post), use, der, name, found.not_before, found.not_after)
    count = CertificateRow.objects.filter(post=str(post), use=use, own=True).count()
    return record("Key", data, actor=actor, key=f"key:{post}:{use}:{count}", within=keep)


def _newest_own(register: str, use: str) -> CertificateRow | None:
    """The newest certificate that is not revoked and whose key is here."""
    revoked = set(RevocationRow.objects.values_list("sha256", flat=True))
    for row in CertificateRow.objects.filter(post=register, use=use, own=True).order_by("-since", "sha256"):
        if row.sha256 not in revoked:
            return row
    return None


def _is_due(certificate: certificates.Certificate, now: datetime) -> bool:
    life = certificate.not_after - certificate.not_before
    return now >= certificate.not_before + life * 2 / 3


def _authorities(now: datetime | None) -> Iterator[tuple[str, trust.Authority]]:
    own = OrganisationRow.objects.first()
    if own is not None:
        yield own.authority, trust.Authority(own.org, keystore.authority_certificate(), own_crl())
    rows = CardRow.objects.filter(confirmed=True)
    if now is not None:
        rows = rows.filter(expires__gt=now)
    for row in rows.order_by("org", "authority"):
        yield row.authority, trust.Authority(row.org, bytes(row.certificate), bytes(row.crl))


def _revoked(post: PostRow) -> dict[int, datetime]:
    """Serials that the post's authority has revoked, as far as we know."""
    if post.own:
        return {int(row.serial): row.at for row in RevocationRow.objects.all()}
    card = CardRow.objects.filter(authority=post.authority).first()
    return {} if card is None else revocation.read(bytes(card.crl), bytes(card.certificate)).revoked


def _line_certificate() -> certificates.Certificate | None:
    path = keystore.line_key()
    if not path.is_file():
        return None
    der = _first_certificate(path.read_bytes())
    return None if der is None else certificates.read(der)


def _first_certificate(pem: bytes) -> bytes | None:
    found = x509.load_pem_x509_certificates(pem)
    return found[0].public_bytes(serialization.Encoding.DER) if found else None


def _know_line(certificate: certificates.Certificate, *, actor: Actor) -> None:
    """Enter the line's certificate, once: the file is written first, a crash may lie between."""
    if not CertificateRow.objects.filter(sha256=certificate.sha256).exists():
        data = _key_data(
            None,
            "line",
            certificate.der,
            certificate.sha256,
            certificate.not_before,
            certificate.not_after,
        )
        record("Key", data, actor=actor, key=f"key::line:{certificate.sha256}")


def _pem(key: keys.PrivateKey, der: bytes, authority: bytes) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = (
        x509.load_der_x509_certificate(one).public_bytes(serialization.Encoding.PEM)
        for one in (der, authority)
    )
    return private + b"".join(chain)


def _key_data(
    register: str | None, use: str, der: bytes | None, name: str, since: datetime, until: datetime | None
) -> dict[str, str | None]:
    return {
        "post": register,
        "use": use,
        "certificate": None if der is None else b64(der),
        "sha256": name,
        "from": stamp(since),
        "until": None if until is None else stamp(until),
    }
