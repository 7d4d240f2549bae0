from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws as stock
from joserfc.jwk import ECKey
from seal_material import HAVANA, make_house

from cableroom.cable.canonical import b64u, encode
from cableroom.errors import CmsError, DocumentError, SealError
from cableroom.seal import jws, keys
from cableroom.seal.algorithms import ORDER
from cableroom.seal.trust import Use

HOUSE = make_house()
KEY, CERTIFICATE = HOUSE.give(Use.SYSTEM)
EVE_KEY, EVE_CERTIFICATE = HOUSE.give(Use.SYSTEM, HAVANA)
TYP = "cableroom-sheet+jwt"
EXTRA = {"x5t#S256": jws.thumbprint(CERTIFICATE)}
PAYLOAD = {"channel": 7, "v": 1}
GOOD = jws.sign(PAYLOAD, typ=TYP, key=KEY, header_extra=EXTRA)


def verify(data: bytes, **changes) -> dict[str, Any]:
    return jws.verify(data, **{"typ": TYP, "certificate": CERTIFICATE, "header_extra": EXTRA, **changes})


def by_hand(
    protected: bytes | None = None,
    payload: bytes | None = None,
    *,
    key=KEY,
    signature: bytes | None = None,
    **more,
) -> bytes:
    protected = encode({"alg": "ES256", "typ": TYP, **EXTRA}) if protected is None else protected
    payload = encode(PAYLOAD) if payload is None else payload
    signing_input = f"{b64u(protected)}.{b64u(payload)}".encode()
    signature = jws.sign_input(key, signing_input) if signature is None else signature
    return encode(
        {"payload": b64u(payload), "protected": b64u(protected), "signature": b64u(signature), **more}
    )


def weakly_believed(data: bytes) -> dict[str, Any]:
    """What a careless reader believes: any header, any JSON, if the key of the certificate signed it or says `none`."""
    parts = json.loads(data)
    header = json.loads(_bytes(parts["protected"]))
    if header.get("alg") != "none":
        signature = _bytes(parts["signature"])
        pair = utils.encode_dss_signature(
            int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        )
        signing_input = f"{parts['protected']}.{parts['payload']}".encode()
        KEY.public_key().verify(pair, signing_input, ec.ECDSA(hashes.SHA256()))
    return json.loads(_bytes(parts["payload"]))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


# ── good ones ────────────────────────────────────────────────────────────────────────────────


def test_what_is_signed_is_verified_and_by_hand_it_is_the_same() -> None:
    assert verify(GOOD) == PAYLOAD
    assert by_hand() == GOOD


def test_a_signature_is_the_same_each_time() -> None:
    assert jws.sign_input(KEY, b"x") == jws.sign_input(KEY, b"x")
    assert len(jws.sign_input(KEY, b"x")) == 64


def test_another_library_verifies_it_and_we_verify_another_s() -> None:
    numbers = KEY.public_key().public_numbers()
    public = {
        "kty": "EC",
        "crv": "P-256",
        "x": b64u(numbers.x.to_bytes(32, "big")),
        "y": b64u(numbers.y.to_bytes(32, "big")),
    }
    private = {**public, "d": b64u(KEY.private_numbers().private_value.to_bytes(32, "big"))}
    read = stock.deserialize_json(json.loads(GOOD), ECKey.import_key(public), algorithms=["ES256"])
    assert json.loads(read.payload) == PAYLOAD
    member = {"protected": {"alg": "ES256", "typ": TYP, **EXTRA}}
    theirs = stock.serialize_json(member, encode(PAYLOAD), ECKey.import_key(private), algorithms=["ES256"])
    parts = jws.unverified(encode(dict(theirs)))
    jws.verify_input(CERTIFICATE, parts.signing_input, parts.signature)


def test_a_card_carries_its_certificate_unprotected() -> None:
    data = jws.sign(PAYLOAD, typ="cableroom-card+jwt", key=KEY, unprotected={"x5c": ["AA=="]})
    assert jws.unverified(data).header == {"x5c": ["AA=="]}
    assert jws.verify(data, typ="cableroom-card+jwt", certificate=CERTIFICATE) == PAYLOAD


@given(
    st.dictionaries(
        st.text("abcdefgh", min_size=1, max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers(0, 2**53 - 1) | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=6,
        ),
        max_size=5,
    )
)
@settings(max_examples=50, deadline=None)
def test_any_payload_comes_back(payload) -> None:
    data = jws.sign(payload, typ=TYP, key=KEY, header_extra=EXTRA)
    assert verify(data) == json.loads(json.dumps(payload))


# ── what is refused ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({"alg": "none", "typ": TYP, **EXTRA}, "'none'; only ES256"),
        ({"alg": "HS256", "typ": TYP, **EXTRA}, "'HS256'; only ES256"),
        ({"alg": "ES384", "typ": TYP, **EXTRA}, "'ES384'; only ES256"),
        ({"typ": TYP, **EXTRA}, "None; only ES256"),
        ({"alg": "ES256", "typ": "cable+sd-jwt", **EXTRA}, "'cable\\+sd-jwt', not a 'cableroom-sheet\\+jwt'"),
        ({"alg": "ES256", **EXTRA}, "None, not a"),
        ({"alg": "ES256", "typ": TYP}, "protected header"),
        ({"alg": "ES256", "typ": TYP, "x5t#S256": jws.thumbprint(EVE_CERTIFICATE)}, "protected header"),
        ({"alg": "ES256", "typ": TYP, **EXTRA, "kid": "https://eve.example/key"}, "protected header"),
        ({"alg": "ES256", "typ": TYP, **EXTRA, "jwk": {"kty": "EC"}}, "protected header"),
        ({"alg": "ES256", "typ": TYP, **EXTRA, "x5c": ["AA=="]}, "protected header"),
        ({"alg": "ES256", "typ": TYP, **EXTRA, "crit": ["b64"], "b64": True}, "protected header"),
    ],
)
def test_a78_a_header_never_chooses_key_or_algorithm(header, says: str) -> None:
    data = by_hand(encode(header))
    assert weakly_believed(data) == PAYLOAD
    with pytest.raises(SealError, match=says) as caught:
        verify(data)
    assert caught.value.code == "bad-jws"


@pytest.mark.parametrize(
    ("typ", "other"),
    list(itertools.permutations(["cable+sd-jwt", "cableroom-card+jwt", TYP, "cableroom-service+jwt"], 2)),
)
def test_a76_a_jws_of_one_kind_is_not_taken_for_another(typ: str, other: str) -> None:
    data = jws.sign(PAYLOAD, typ=typ, key=KEY)
    assert jws.verify(data, typ=typ, certificate=CERTIFICATE) == PAYLOAD
    with pytest.raises(SealError, match="not a"):
        jws.verify(data, typ=other, certificate=CERTIFICATE)


@pytest.mark.parametrize(
    ("protected", "payload"),
    [
        (b'{"alg":"ES256", "typ":"' + TYP.encode() + b'"}', None),
        (b'{"typ":"' + TYP.encode() + b'","alg":"ES256"}', None),
        (b'{"alg":"none","alg":"ES256","typ":"' + TYP.encode() + b'"}', None),
        (None, b'{"v":1,"channel":7}'),
        (None, b'{"channel":7,"channel":7,"v":1}'),
        (None, b'{"channel":7.0,"v":1}'),
        (None, b'{"channel":NaN,"v":1}'),
        (None, b'{"channel":9007199254740992,"v":1}'),
        (None, b'{"channel":7,"v":1}\n'),
        (None, b"[" * 20 + b"]" * 20),
        (None, b"7"),
        (b'"ES256"', None),
    ],
)
def test_a41_json_of_another_form_is_refused(protected, payload) -> None:
    with pytest.raises(DocumentError):
        verify(by_hand(protected, payload))


@pytest.mark.parametrize(
    "change",
    [
        lambda jws_: {**jws_, "extra": 1},
        lambda jws_: {"payload": jws_["payload"], "protected": jws_["protected"]},
        lambda jws_: {**jws_, "signatures": []},
        lambda jws_: {**jws_, "header": "x"},
        lambda jws_: {**jws_, "payload": 7},
        lambda jws_: {**jws_, "signature": jws_["signature"] + "="},
        lambda jws_: {**jws_, "signature": jws_["signature"][:-2]},
        lambda jws_: {**jws_, "protected": jws_["protected"] + "=="},
        lambda jws_: {**jws_, "payload": " " + jws_["payload"]},
        lambda jws_: [jws_],
    ],
)
def test_a_frame_of_another_form_is_refused(change) -> None:
    with pytest.raises(DocumentError):
        verify(encode(change(json.loads(GOOD))))


def test_a_jws_is_bounded_in_size() -> None:
    with pytest.raises(DocumentError, match="bytes"):
        verify(GOOD, max_bytes=len(GOOD) - 1)


def test_another_key_is_not_this_key() -> None:
    with pytest.raises(SealError, match="not by the key"):
        verify(by_hand(key=EVE_KEY))
    with pytest.raises(SealError, match="not by the key"):
        verify(GOOD, certificate=EVE_CERTIFICATE)


def test_a65_either_s_verifies_and_nothing_else_does() -> None:
    signature = jws.sign_input(KEY, b"data")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")

    def pair(r: int, s: int) -> bytes:
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    jws.verify_input(CERTIFICATE, b"data", pair(r, s))
    jws.verify_input(CERTIFICATE, b"data", pair(r, ORDER - s))
    for wrong in (pair(0, s), pair(r, 0), pair(0, 0), pair(ORDER, s), pair(r, ORDER), b"", signature[:-1]):
        with pytest.raises(SealError, match=r"1 … n-1|64 bytes"):
            jws.verify_input(CERTIFICATE, b"data", wrong)
    der = KEY.sign(b"data", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(SealError, match="64 bytes"):
        jws.verify_input(CERTIFICATE, b"data", der)
    with pytest.raises(SealError, match="not by the key"):
        jws.verify_input(CERTIFICATE, b"other", signature)
    with pytest.raises(SealError, match="not by the key"):
        jws.verify_input(CERTIFICATE, b"data", pair(s, r))


def test_a_certificate_that_is_none_is_said_to_be_none() -> None:
    with pytest.raises(CmsError):
        jws.verify_input(b"no certificate", b"data", jws.sign_input(KEY, b"data"))
    with pytest.raises(CmsError):
        jws.verify_input(keys.public_bytes(KEY.public_key()), b"data", jws.sign_input(KEY, b"data"))


def test_every_changed_bit_is_noticed() -> None:
    for place in range(len(GOOD)):
        changed = bytearray(GOOD)
        changed[place] ^= 1 << (place % 7)
        with pytest.raises((SealError, DocumentError)):
            verify(bytes(changed))


def test_the_vector_of_the_cable_is_signed_byte_for_byte(shared) -> None:
    vector = json.loads((shared / "data" / "vectors" / "cableroom" / "vector1.json").read_text())
    jwk = vector["release_key_jwk"]
    key = ec.derive_private_key(int.from_bytes(_bytes(jwk["d"]), "big"), ec.SECP256R1())
    signature = jws.sign_input(key, vector["signing_input"].encode())
    assert b64u(signature) == vector["signature_rfc6979"]
    certificate = _bytes(vector["certificate_der_b64u"])
    jws.verify_input(certificate, vector["signing_input"].encode(), signature)
    assert jws.thumbprint(certificate) == vector["jws_header"]["x5t#S256"]
