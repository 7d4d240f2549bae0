"""Is this certificate good, for this use, at that given time: a verdict with its reasons.

The path is always two long: a certificate, and an authority that people confirmed. Nothing that
a message brings along can lengthen it. The clock is the caller's: `at` is now, or the time at
which a register is known to have held the signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec

from cableroom.cable.address import Post, check_name, check_org
from cableroom.errors import CmsError, DocumentError, Problem
from cableroom.seal import algorithms, certificates, revocation
from cableroom.seal.certificates import Certificate, escape_name
from cableroom.seal.issuing import issue, make_authority, make_crl, new_serial
from cableroom.seal.uses import AUTHORITY_NAME, AUTHORITY_USAGES, Use, key_usage_der

__all__ = [
    "Authority",
    "PathVerdict",
    "Use",
    "authority_id",
    "issue",
    "judge",
    "make_authority",
    "make_crl",
    "new_serial",
]

_AUTHORITY_USAGE_DER = key_usage_der(*AUTHORITY_USAGES)


@dataclass(frozen=True, slots=True)
class Authority:
    """An organisation's authority that somebody confirmed: its certificate and newest revocation list, in DER."""

    org: str
    certificate: bytes
    crl: bytes | None = None


@dataclass(frozen=True, slots=True)
class PathVerdict:
    """What came of judging a certificate.

    `good`: no problem is an error. `post` is whose it is, if its name can be believed to be a
    post's. `path` names the certificate and then its authority. `authority` is the authority's
    identity (`authority_id`), None where it is unknown. `problems` has the reasons, codes in
    docs/reference/certificates.md.
    """

    good: bool
    post: Post | None
    path: tuple[str, ...]
    problems: tuple[Problem, ...]
    authority: str | None = None


def judge(
    certificate: bytes,
    *,
    use: Use,
    authorities: Sequence[Authority],
    at: datetime,
    post: Post | None = None,
    without_crl: str = "warning",
) -> PathVerdict:
    """Judge a DER certificate for `use` at the time `at`, for `post` if one is expected.

    Never raises for what is in the certificate. `without_crl` is the severity of a revocation
    list that is missing or out of date: "warning", or "error" where that is not good enough.
    """
    try:
        leaf = certificates.read(certificate)
    except CmsError as error:
        return _verdict([_problem("bad-certificate", str(error))])
    problems = [*_use_problems(leaf, use), *_name_problems(leaf, use, post)]
    problems += _time_problems(leaf, at, "")
    authority, wrong = _find_authority(leaf, authorities)
    problems += wrong
    path: tuple[str, ...] = (leaf.title,)
    if authority is not None:
        anchor = _read_authority(authority.certificate)
        path += (anchor.title,)
        problems += _time_problems(anchor, at, "authority-")
        problems += _revocation_problems(leaf, authority, anchor, at, without_crl)
    return _verdict(
        problems, leaf, use, path, None if authority is None else authority_id(authority.certificate)
    )


def authority_id(certificate: bytes) -> str:
    """What identifies an authority: SHA-256 of its SubjectPublicKeyInfo, 64 hexadecimal digits."""
    return hashlib.sha256(certificates.read(certificate).public_key_info).hexdigest()


def _verdict(
    problems: list[Problem],
    leaf: Certificate | None = None,
    use: Use | None = None,
    path: tuple[str, ...] = (),
    authority: str | None = None,
) -> PathVerdict:
    named = leaf is not None and use is not Use.LINE and not any(p.code == "bad-name" for p in problems)
    return PathVerdict(
        good=not any(problem.severity == "error" for problem in problems),
        post=Post(leaf.org, leaf.name) if leaf is not None and named else None,
        path=path,
        problems=tuple(problems),
        authority=authority,
    )


def _use_problems(leaf: Certificate, use: Use) -> Iterator[Problem]:
    if leaf.is_authority:
        yield _problem(
            "wrong-use", "This is the certificate of an authority, which signs nothing but certificates."
        )
        return
    if leaf.policies != use.policies_der:
        actual = next(
            (other.says for other in Use if leaf.policies == other.policies_der), "for something else"
        )
        yield _problem("wrong-use", f"This certificate is {actual}, not {use.says}.")
    elif leaf.key_usage != use.key_usage_der or leaf.purposes != use.purposes_der:
        yield _problem("wrong-use", f"The key usage of this certificate is not that of one {use.says}.")
    if isinstance(leaf.public_key, ec.EllipticCurvePublicKey) is (use is Use.LEGACY):
        yield _problem("wrong-use", f"The key in this certificate is not of the kind used {use.says}.")


def _name_problems(leaf: Certificate, use: Use, post: Post | None) -> Iterator[Problem]:
    if use is Use.LINE:
        return
    try:
        check_org(leaf.org)
        check_name(leaf.name)
    except DocumentError:
        yield _problem("bad-name", f"{leaf.title} cannot be the name of a post.")
        return
    if post is not None and (leaf.org, leaf.name) != (post.org, post.name):
        yield _problem("wrong-post", f"This certificate is of {leaf.org}/{leaf.name}, not of {post}.")


def _time_problems(certificate: Certificate, at: datetime, prefix: str) -> Iterator[Problem]:
    whose = "The authority's certificate" if prefix else "The certificate"
    if at < certificate.not_before:
        yield _problem(
            f"{prefix}not-yet-valid", f"{whose} begins on {certificate.not_before:%Y-%m-%d %H:%M}Z."
        )
    elif at > certificate.not_after:
        yield _problem(f"{prefix}expired", f"{whose} ended on {certificate.not_after:%Y-%m-%d %H:%M}Z.")


def _find_authority(
    leaf: Certificate, authorities: Sequence[Authority]
) -> tuple[Authority | None, list[Problem]]:
    """The authority whose key signed `leaf`. Several may have one name; only the key decides."""
    wrong: list[Problem] = []
    for authority in authorities:
        try:
            anchor = _read_authority(authority.certificate)
        except CmsError as error:
            wrong.append(_problem("bad-authority", str(error), severity="warning"))
            continue
        named = anchor.subject == leaf.issuer
        hinted = leaf.issuer_key_identifier in (None, anchor.key_identifier)
        if not named or not hinted or not _signed_by(leaf, anchor):
            continue
        if anchor.org != leaf.org or anchor.org != authority.org:
            fault = f"The authority of {escape_name(anchor.org)} cannot speak for {leaf.title}."
            return authority, [_problem("wrong-authority", fault)]
        return authority, []
    fault = f"No confirmed authority has signed the certificate of {leaf.title}."
    hint = "Import and confirm the card of that organisation, or ask for its newest one."
    return None, [*wrong, _problem("unknown-authority", fault, hint=hint)]


@lru_cache(maxsize=256)
def _read_authority(certificate: bytes) -> Certificate:
    """A confirmed authority's certificate, if it is one (`CmsError`): pure, and the same for every cable."""
    anchor = certificates.read(certificate)
    form = (anchor.is_authority, anchor.path_length, anchor.key_usage, anchor.name)
    if form != (True, 0, _AUTHORITY_USAGE_DER, AUTHORITY_NAME) or anchor.purposes or anchor.policies:
        raise CmsError("The certificate given for an authority is not one.", code="bad-authority")
    if anchor.issuer != anchor.subject or not _signed_by(anchor, anchor):
        raise CmsError(
            "The certificate given for an authority is not signed by itself.", code="bad-authority"
        )
    return anchor


def _signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    key = issuer.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    return algorithms.verifies(key, certificate.signature, certificate.signed)


def _revocation_problems(
    leaf: Certificate, authority: Authority, anchor: Certificate, at: datetime, without_crl: str
) -> Iterator[Problem]:
    if authority.crl is None:
        fault = f"There is no revocation list of {anchor.title}."
        yield _problem("crl-missing", fault, severity=without_crl)
        return
    try:
        crl = revocation.read(authority.crl, authority.certificate)
    except CmsError as error:
        yield _problem("crl-bad", str(error))
        return
    if at > crl.next_update:
        fault = f"The revocation list of {anchor.title} was to be renewed on {crl.next_update:%Y-%m-%d}."
        yield _problem("crl-stale", fault, severity=without_crl)
    since = crl.revoked.get(leaf.serial)
    if since is None:
        return
    if since <= at:
        yield _problem("revoked", f"The certificate was revoked on {since:%Y-%m-%d %H:%M}Z.")
    else:
        fault = f"The certificate was revoked later, on {since:%Y-%m-%d %H:%M}Z."
        yield _problem("revoked-later", fault, severity="warning")


def _problem(code: str, message: str, *, hint: str = "", severity: str = "error") -> Problem:
    return Problem(code, "certificate", message, hint, severity)
