"""Deliberately weak readers, each of the kind that attacks succeed against.

Every attack in these tests is first shown to be believed by one of them: so the case is real, and
what refuses it is the check under test and not some other fault of the sample.
"""

from __future__ import annotations

from dataclasses import dataclass

from cms_maker import explicit, octets, seq, tlv
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF


@dataclass
class Node:
    """One element of BER, read without a doubt."""

    tag: int
    body: bytes
    raw: bytes
    parts: list[Node]

    @property
    def value(self) -> bytes:
        """The bytes of a string, its pieces joined."""
        return b"".join(part.value for part in self.parts) if self.tag & 0x20 else self.body

    def find(self, tag: int) -> Node | None:
        return next((part for part in self.parts if part.tag == tag), None)


def read_ber(data: bytes) -> Node:
    return _element(data, 0)[0]


def _element(data: bytes, start: int) -> tuple[Node, int]:
    tag, size, position = data[start], data[start + 1], start + 2
    if size == 0x80:
        parts = []
        while data[position : position + 2] != b"\0\0":
            part, position = _element(data, position)
            parts.append(part)
        return Node(tag, data[start + 2 : position], data[start : position + 2], parts), position + 2
    if size > 0x80:
        octets_ = size & 0x7F
        size = int.from_bytes(data[position : position + octets_], "big")
        position += octets_
    end = position + size
    parts = []
    inner = position
    while tag & 0x20 and inner < end:
        part, inner = _element(data, inner)
        parts.append(part)
    return Node(tag, data[position:end], data[start:end], parts), end


_HASHES = {
    "2b0e03021a": hashes.SHA1(),
    "608648016503040201": hashes.SHA256(),
    "608648016503040202": hashes.SHA384(),
    "608648016503040203": hashes.SHA512(),
    "2a8648ce3d0401": hashes.SHA1(),
    "2a8648ce3d040302": hashes.SHA256(),
    "2a8648ce3d040303": hashes.SHA384(),
    "2a8648ce3d040304": hashes.SHA512(),
    "2a864886f70d010105": hashes.SHA1(),
    "2a864886f70d01010b": hashes.SHA256(),
}
_PSS = "2a864886f70d01010a"


def believed_content(data: bytes, detached: bytes | None = None) -> bytes | None:
    """The content that a careless reader shows as signed: if anything signs anything, or nobody signs at all."""
    signed = read_ber(data).parts[1].parts[0]
    encapsulated = signed.parts[2].find(0xA0)
    content = encapsulated.parts[0].value if encapsulated else (detached or b"")
    bag = signed.find(0xA0)
    keys = [x509.load_der_x509_certificate(part.raw).public_key() for part in (bag.parts if bag else [])]
    signers = signed.parts[-1].parts
    if not signers or any(_verifies(key, signer, content) for signer in signers for key in keys):
        return content
    return None


def _verifies(key: object, signer: Node, content: bytes) -> bool:
    attributes = signer.find(0xA0)
    signed = content if attributes is None else tlv(0x31, attributes.body)
    rest = [part for part in signer.parts[2:] if part.tag in (0x30, 0x04)]
    digest, scheme, signature = rest[0].parts[0].body.hex(), rest[1].parts[0].body.hex(), rest[2].value
    try:
        _verify(key, signature, signed, scheme, _HASHES.get(scheme) or _HASHES.get(digest))
    except InvalidSignature:
        return False
    return True


def _verify(key, signature: bytes, signed: bytes, scheme: str, hash_) -> None:
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, signed)
    elif isinstance(key, rsa.RSAPublicKey) and scheme == _PSS:
        for mask in (hashes.SHA1(), hashes.SHA256(), hashes.SHA512()):
            for inner in (hashes.SHA1(), hashes.SHA256(), hashes.SHA512()):
                try:
                    return key.verify(
                        signature, signed, padding.PSS(padding.MGF1(mask), padding.PSS.AUTO), inner
                    )
                except InvalidSignature:
                    continue
        raise InvalidSignature
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), hash_)
    else:
        _verify_ecdsa(key, signature, signed, hash_)


def _verify_ecdsa(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes, hash_) -> None:
    """With a BER signature made good DER first, as a tolerant parser would."""
    pair = read_ber(signature)
    numbers = (int.from_bytes(part.value, "big", signed=True) for part in pair.parts[:2])
    key.verify(encode_dss_signature(*numbers), signed, ec.ECDSA(hash_))


_KDF_HASHES = {
    "2b81051086483f0002": hashes.SHA1(),
    "2b8104010b01": hashes.SHA256(),
    "2b8104010b03": hashes.SHA512(),
}


def opened_content(data: bytes, key: ec.EllipticCurvePrivateKey) -> bytes | None:
    """What a careless reader gets out of an envelope: it tries each recipient and trusts every parameter."""
    envelope = read_ber(data).parts[1].parts[0]
    recipients = envelope.find(0x31)
    inner = next(part for part in envelope.parts if part.tag == 0x30 and part.parts[0].tag == 0x06)
    nonce = inner.parts[1].parts[1].parts[0].value
    sealed = inner.find(0x80).value
    tag = next(part.value for part in envelope.parts if part.tag == 0x04)
    attributes = envelope.find(0xA1)
    associated = b"" if attributes is None else tlv(0x31, attributes.body)
    for info in recipients.parts:
        for content_key in _content_keys(info, key):
            try:
                return _gcm(content_key, nonce, sealed, tag, associated)
            except Exception:  # noqa: BLE001 - careless on purpose
                continue
    return None


def _gcm(key: bytes, nonce: bytes, sealed: bytes, tag: bytes, associated: bytes) -> bytes:
    mode = modes.GCM(nonce, tag, min_tag_length=4)
    decryptor = Cipher(algorithms.AES(key), mode).decryptor()
    decryptor.authenticate_additional_data(associated)
    return decryptor.update(sealed) + decryptor.finalize()


def _content_keys(info: Node, key: ec.EllipticCurvePrivateKey):
    if info.tag != 0xA1:
        return
    fields = info.parts
    point = fields[1].parts[0].parts[1].body[1:]
    ukm = info.find(0xA1)
    scheme = next(part for part in fields if part.tag == 0x30 and part.parts[0].tag == 0x06)
    hash_ = _KDF_HASHES.get(scheme.parts[0].body.hex(), hashes.SHA256())
    wrap = scheme.parts[1].raw if len(scheme.parts) > 1 else seq(bytes.fromhex("060960864801650304012d"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    shared = key.exchange(ec.ECDH(), public)
    for with_ukm in (True, False):
        entity = explicit(0, octets(ukm.parts[0].value)) if ukm is not None and with_ukm else b""
        for part in (wrap, seq(bytes.fromhex("060960864801650304012d"))):
            info_ = seq(part, entity, explicit(2, octets((256).to_bytes(4, "big"))))
            kek = X963KDF(hash_, 32, info_).derive(shared)
            for encrypted in fields[-1].parts:
                try:
                    yield keywrap.aes_key_unwrap(kek, encrypted.parts[1].value)
                except (keywrap.InvalidUnwrap, ValueError):
                    continue


def signed_by(certificate: bytes, authority: bytes) -> bool:
    """Whether a careless check of a certificate passes: signed by the authority's key, and no more asked."""
    leaf, key = read_ber(certificate), x509.load_der_x509_certificate(authority).public_key()
    try:
        key.verify(leaf.parts[2].body[1:], leaf.parts[0].raw, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
