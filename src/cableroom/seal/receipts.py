"""Signed receipts: make one for a cable, and match one with a cable of ours (RFC 2634 §2).

A receipt is a SignedData around a Receipt. It binds its signer to one cable three times: by the
content identifier, by the originator's signature value, and by the digest of the originator's
signed attributes (msgSigDigest). All three are compared with what *we* signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from cableroom.cable.address import Post
from cableroom.errors import CmsError, Problem, SealError
from cableroom.seal import asn1, signing
from cableroom.seal.oids import ID_CT_RECEIPT, name_of
from cableroom.seal.signing import SignedVerdict
from cableroom.seal.trust import Authority, PathVerdict, Use, judge

VERSION = 1
CLOCK_SKEW = timedelta(minutes=10)
"""How much earlier than the cable a receipt may be dated: two clocks are never one."""

WHAT = "The receipt"


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What came of matching a receipt with a cable of ours.

    `good`: it is that post's receipt for that cable, and no problem is an error. `signer` judges
    the certificate; None, as `signing_time`, if the receipt could not be read that far.
    """

    good: bool
    signer: PathVerdict | None
    signing_time: datetime | None
    algorithms: tuple[str, ...]
    problems: tuple[Problem, ...]


def make(
    signed_cable: bytes | SignedVerdict,
    *,
    key: ec.EllipticCurvePrivateKey,
    certificate: bytes,
    signing_time: datetime,
) -> bytes:
    """The signed receipt, in DER, for a SignedData that asks for one; `key` is a system key.

    The SignedData is verified first, if that was not done (RFC 2634 §2.4). Where the receipt goes
    is the directory's business: the addresses in the request are never used. Raises `SealError` if
    no receipt was asked for.
    """
    signed = _verified(signed_cable)
    if signed.receipt_request is None:
        raise SealError("This SignedData asks for no receipt, so none is made.", code="no-receipt-request")
    receipt = asn1.Receipt(
        version=VERSION,
        contentType=signed.content_type,
        signedContentIdentifier=signed.receipt_request.content_identifier,
        originatorSignatureValue=signed.signature,
    )
    return signing.sign(
        asn1.encode(receipt),
        key=key,
        certificate=certificate,
        signing_time=signing_time,
        content_type=ID_CT_RECEIPT,
        msg_sig_digest=bytes.fromhex(signed.attributes_digest),
    )


def match(
    receipt: bytes,
    *,
    signed_cable: bytes | SignedVerdict,
    post: Post,
    authorities: Sequence[Authority],
    at: datetime,
    known: Sequence[bytes] = (),
) -> ReceiptVerdict:
    """Whether `receipt` is the receipt of `post` for our `signed_cable`, at the time `at`.

    Never raises for what is in the receipt. `known` are certificates of the directory, for a
    receipt that brings none along.
    """
    ours = _verified(signed_cable)
    try:
        theirs = signing.verify(receipt, known=known, content_type=ID_CT_RECEIPT)
        inner = asn1.decode(asn1.Receipt, theirs.content, what=WHAT)
    except (CmsError, SealError) as error:
        return _verdict(None, None, [_problem(error.code, str(error))])
    signer = judge(theirs.certificate, use=Use.SYSTEM, authorities=authorities, at=at, post=post)
    problems = [*theirs.problems, *signer.problems, *_mismatches(inner, theirs, ours)]
    return _verdict(signer, theirs, problems)


def _mismatches(inner: asn1.Receipt, theirs: SignedVerdict, ours: SignedVerdict) -> Iterator[Problem]:
    """RFC 2634 §2.6, and what may not be in a receipt."""
    request = ours.receipt_request
    if request is None:
        yield _problem("not-asked", "We asked for no receipt for this cable.")
    elif inner.signedContentIdentifier != request.content_identifier:
        yield _problem("other-cable", "It is the receipt for another cable: the content identifier differs.")
    if inner.version != VERSION:
        yield _problem("bad-receipt", f"It is of version {inner.version}; {VERSION} is read.")
    if inner.contentType != ours.content_type:
        yield _problem("bad-receipt", f"It is a receipt for {name_of(inner.contentType)}, not for a cable.")
    if inner.originatorSignatureValue != ours.signature:
        yield _problem("other-cable", "It is the receipt for another cable: the signature in it is not ours.")
    if theirs.msg_sig_digest is None:
        yield _problem("bad-receipt", "It does not say which signed attributes it is for (msgSigDigest).")
    elif theirs.msg_sig_digest.hex() != ours.attributes_digest:
        yield _problem(
            "other-cable", "It is the receipt for another cable: the digest of our attributes differs."
        )
    if theirs.receipt_request is not None:
        yield _problem("bad-receipt", "It asks for a receipt for itself.")
    if theirs.signing_time < ours.signing_time - CLOCK_SKEW:
        yield _problem("before-sending", "It is dated before the cable was signed.")


def _verified(signed: bytes | SignedVerdict) -> SignedVerdict:
    return signed if isinstance(signed, SignedVerdict) else signing.verify(signed)


def _verdict(
    signer: PathVerdict | None, theirs: SignedVerdict | None, problems: list[Problem]
) -> ReceiptVerdict:
    return ReceiptVerdict(
        good=signer is not None and not any(problem.severity == "error" for problem in problems),
        signer=signer,
        signing_time=None if theirs is None else theirs.signing_time,
        algorithms=() if theirs is None else theirs.algorithms,
        problems=tuple(problems),
    )


def _problem(code: str, message: str) -> Problem:
    return Problem(code, "receipt", message)
