"""CMS AuthEnvelopedData: seal a content for recipients, and open it (RFC 5083, 5084, 5753).

AES-256-GCM with a nonce of 12 bytes and a tag of 16, no attributes beside the content. What is
otherwise is refused by its name before a key is used; whatever fails after that is one error, and
nothing leaves before the tag is verified.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat import asn1 as codec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from cableroom.errors import CmsError, SealError
from cableroom.seal import algorithms, asn1, recipients
from cableroom.seal.oids import ID_AES256_GCM, ID_CT_AUTH_ENVELOPED_DATA, ID_DATA, name_of
from cableroom.seal.recipients import Kind, Recipients

__all__ = ["Kind", "OpenedEnvelope", "Recipients", "open_envelope", "seal"]

NONCE_BYTES = 12
TAG_BYTES = 16
WHAT = "The envelope"


@dataclass(frozen=True, slots=True)
class OpenedEnvelope:
    """What was in an envelope, and how it came to be opened.

    `certificate` is ours whose key opened it, `recipients` how many RecipientInfos there were,
    `algorithms` the names of what was used. Nothing here says who sealed it: anybody can.
    """

    content: bytes
    certificate: bytes
    algorithms: tuple[str, ...]
    recipients: int


def seal(content: bytes, to: Recipients) -> bytes:
    """A ContentInfo in DER that only `to` can open. Every call draws a new content key and nonce."""
    content_key = secrets.token_bytes(recipients.KEY_BYTES)
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(content_key).encrypt(nonce, content, None)
    parameters = asn1.GCMParameters(aes_nonce=nonce, aes_ICVlen=TAG_BYTES)
    data = asn1.AuthEnvelopedData(
        version=0,
        originatorInfo=None,
        recipientInfos=codec.SetOf(recipients.recipient_infos(content_key, to)),
        authEncryptedContentInfo=asn1.EncryptedContentInfo(
            contentType=ID_DATA,
            contentEncryptionAlgorithm=algorithms.identifier(ID_AES256_GCM, asn1.tlv(parameters)),
            encryptedContent=sealed[:-TAG_BYTES],
        ),
        authAttrs=None,
        mac=sealed[-TAG_BYTES:],
        unauthAttrs=None,
    )
    return asn1.encode(asn1.AuthEnvelopedMessage(contentType=ID_CT_AUTH_ENVELOPED_DATA, content=data))


def open_envelope(data: bytes, keys: Sequence[tuple[bytes, ec.EllipticCurvePrivateKey]]) -> OpenedEnvelope:
    """The content of an AuthEnvelopedData in DER, opened with one of our (certificate, key) pairs.

    Raises `CmsError` for what cannot be read or is not allowed, by its name; `SealError`
    "wrong-recipient" where no recipient is ours, and "not-opened" for all that fails with a key.
    """
    envelope = _read(data)
    nonce = _nonce(envelope)
    infos = envelope.recipientInfos.as_list()
    way = recipients.find_way(infos, keys)
    sealed = envelope.authEncryptedContentInfo.encryptedContent
    if sealed is None:
        raise _refused("has its content outside (detached), which is not read")
    try:
        content = AESGCM(way.unwrap()).decrypt(nonce, sealed + envelope.mac, None)
    except (InvalidUnwrap, InvalidTag, ValueError):
        # One error, without its cause: which step failed is nobody's business.
        raise SealError("The envelope does not open.", code="not-opened") from None
    return OpenedEnvelope(content, way.certificate, (*way.algorithms, "AES-256-GCM"), len(infos))


def _read(data: bytes) -> asn1.AuthEnvelopedData:
    info = asn1.decode(asn1.ContentInfo, data, what=WHAT)
    if info.contentType != ID_CT_AUTH_ENVELOPED_DATA:
        raise CmsError(
            f"This is {name_of(info.contentType)}; AuthEnvelopedData was expected.", code="not-allowed-form"
        )
    envelope = asn1.parse(asn1.AuthEnvelopedData, info.content, what=WHAT)
    if envelope.version != 0:
        raise _refused("is of a version other than 0")
    if envelope.originatorInfo is not None:
        raise _refused("carries certificates beside its content (originatorInfo)")
    if envelope.authAttrs is not None or envelope.unauthAttrs is not None:
        attributes = (envelope.authAttrs or envelope.unauthAttrs or codec.SetOf([])).as_list()
        names = ", ".join(name_of(attribute.attrType) for attribute in attributes[:4])
        which = "authenticated" if envelope.authAttrs is not None else "unauthenticated"
        raise _refused(f"carries {which} attributes ({names})")
    return envelope


def _nonce(envelope: asn1.AuthEnvelopedData) -> bytes:
    inner = envelope.authEncryptedContentInfo
    if inner.contentType != ID_DATA:
        raise _refused(f"holds {name_of(inner.contentType)}; only id-data is read")
    algorithm = inner.contentEncryptionAlgorithm
    algorithms.require_name(algorithm, ID_AES256_GCM, WHAT)
    if not isinstance(algorithm.parameters, codec.TLV):
        raise _refused("gives no parameters to AES-256-GCM")
    parameters = asn1.parse(asn1.GCMParameters, algorithm.parameters, what="The parameters of AES-256-GCM")
    if len(parameters.aes_nonce) != NONCE_BYTES:
        raise _refused(f"has a nonce of {len(parameters.aes_nonce)} bytes; {NONCE_BYTES} are read")
    if parameters.aes_ICVlen != TAG_BYTES or len(envelope.mac) != TAG_BYTES:
        raise _refused(
            f"has a tag of {parameters.aes_ICVlen} bytes ({len(envelope.mac)} are there); {TAG_BYTES} are read"
        )
    return parameters.aes_nonce


def _refused(fault: str) -> CmsError:
    return algorithms.refused(WHAT, fault)
