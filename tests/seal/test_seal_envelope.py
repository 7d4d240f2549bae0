from __future__ import annotations

import pytest
import weak
from cms_maker import (
    AES128_GCM,
    AES128_WRAP,
    AES256_CBC,
    AES256_WRAP,
    DATA,
    EC_KEY,
    ECDH_SHA1,
    ECDH_SHA512,
    ENVELOPED_DATA,
    LABEL,
    NULL,
    P256,
    P384,
    RSA,
    SIGNED_DATA,
    SIGNING_TIME,
    Sealing,
    algorithm,
    attribute,
    integer,
    issuer_and_serial,
    key_identifier,
    octets,
    oid,
    seq,
    set_of,
    tlv,
    utc_time,
)
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from seal_material import CAPITAL, HAVANA, NOW, make_house

from cableroom.errors import CmsError, SealError
from cableroom.seal.envelope import Kind, Recipients, open_envelope, seal
from cableroom.seal.trust import Use

HOUSE = make_house()
KEY, CERTIFICATE = HOUSE.give(Use.OPENING)
OTHER_KEY, OTHER_CERTIFICATE = HOUSE.give(Use.OPENING, HAVANA)
KEYS = [(CERTIFICATE, KEY)]
CONTENT = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
SEALING = Sealing(CONTENT, CERTIFICATE)
POINT = KEY.public_key().public_bytes(
    serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
)


def refused(data: bytes, says: str, *, believed: bool = True) -> None:
    """Refused by name before a key is used; a careless reader would have opened it."""
    if believed:
        assert weak.opened_content(data, KEY) == CONTENT
    with pytest.raises(CmsError, match=says):
        open_envelope(data, KEYS)


# ── good ones ────────────────────────────────────────────────────────────────────────────────


@given(st.binary(max_size=500))
@settings(max_examples=40, deadline=None)
def test_what_is_sealed_is_opened(content: bytes) -> None:
    opened = open_envelope(
        seal(content, Recipients.of([CERTIFICATE])), [(OTHER_CERTIFICATE, OTHER_KEY), *KEYS]
    )
    assert opened.content == content
    assert (opened.certificate, opened.recipients) == (CERTIFICATE, 1)
    assert opened.algorithms == ("ECDH with SHA-256 KDF", "P-256", "AES-256 key wrap", "AES-256-GCM")


def test_what_we_seal_another_reader_opens_and_what_is_sealed_by_hand_we_open() -> None:
    assert weak.opened_content(seal(CONTENT, Recipients.of([CERTIFICATE])), KEY) == CONTENT
    assert open_envelope(SEALING.make(), KEYS).content == CONTENT


def test_two_envelopes_of_one_content_have_nothing_in_common() -> None:
    first, second = (weak.read_ber(seal(CONTENT, Recipients.of([CERTIFICATE]))) for _ in range(2))
    fields = [
        [
            node.parts[1].parts[0].parts[1].parts[0].parts[1].raw,  # the ephemeral key
            node.parts[1].parts[0].parts[2].parts[1].raw,  # the nonce
            node.parts[1].parts[0].parts[2].parts[2].raw,
            node.parts[1].parts[0].parts[3].raw,
        ]
        for node in (first, second)
    ]
    assert all(one != two for one, two in zip(*fields, strict=True))


def test_the_sha1_kdf_is_read_and_named() -> None:
    opened = open_envelope(SEALING.but(kdf=ECDH_SHA1).make(), KEYS)
    assert (opened.content, opened.algorithms[0]) == (CONTENT, "ECDH with SHA-1 KDF")


@pytest.mark.parametrize("parameters", [b"", NULL, oid(P256)], ids=["absent", "NULL", "P-256"])
def test_parameters_of_the_ephemeral_key_are_absent_null_or_p256(parameters: bytes) -> None:
    data = SEALING.but(originator_algorithm=algorithm(EC_KEY, parameters)).make()
    assert open_envelope(data, KEYS).content == CONTENT


def test_a_recipient_named_by_key_identifier_is_found() -> None:
    data = SEALING.but(rid=tlv(0xA0, octets(key_identifier(CERTIFICATE)))).make()
    assert open_envelope(data, KEYS).content == CONTENT


def test_two_recipients_open_each_with_their_own_key() -> None:
    data = seal(CONTENT, Recipients.of([CERTIFICATE, OTHER_CERTIFICATE]))
    for key, certificate in ((KEY, CERTIFICATE), (OTHER_KEY, OTHER_CERTIFICATE)):
        opened = open_envelope(data, [(certificate, key)])
        assert (opened.content, opened.certificate, opened.recipients) == (CONTENT, certificate, 2)


def test_recipients_are_of_one_kind_and_of_opening_certificates() -> None:
    assert Recipients.of([CERTIFICATE]).kind is Kind.ECDH_P256
    with pytest.raises(SealError, match="needs a recipient"):
        Recipients.of([])
    for use in (Use.RELEASE, Use.SYSTEM):
        with pytest.raises(SealError, match="not one to open"):
            Recipients.of([CERTIFICATE, HOUSE.give(use)[1]])
    with pytest.raises(SealError, match="not one to open"):
        Recipients.of([HOUSE.certificate])


# ── who it is for ────────────────────────────────────────────────────────────────────────────


def test_an_envelope_for_another_post_is_said_to_be_so() -> None:
    with pytest.raises(SealError) as caught:
        open_envelope(seal(CONTENT, Recipients.of([OTHER_CERTIFICATE])), KEYS)
    assert caught.value.code == "wrong-recipient"


def test_the_older_key_of_a_post_still_opens() -> None:
    newer_key, newer = HOUSE.give(Use.OPENING, CAPITAL)
    assert open_envelope(SEALING.make(), [(newer, newer_key), *KEYS]).certificate == CERTIFICATE


def test_a_thousand_recipients_are_refused_at_once() -> None:
    info = SEALING.recipient_info(bytes(32))
    many = SEALING.but(infos=[info] * 65).make()
    with pytest.raises(CmsError, match="65 recipients; 1 to 64"):
        open_envelope(many, KEYS)
    with pytest.raises(CmsError, match="more than 10000 elements"):
        open_envelope(SEALING.but(infos=[info] * 1000).make(), KEYS)
    refused(SEALING.but(infos=[]).make(), "0 recipients", believed=False)


def test_as_many_recipients_as_are_allowed_are_read() -> None:
    other = Sealing(CONTENT, OTHER_CERTIFICATE).recipient_info(bytes(32))
    assert open_envelope(SEALING.but(more_infos=[other] * 63).make(), KEYS).recipients == 64


@pytest.mark.parametrize(("count", "good"), [(63, True), (64, False)])
def test_keys_in_one_recipient_info_are_bounded(count: int, good: bool) -> None:
    other = seq(issuer_and_serial(OTHER_CERTIFICATE), octets(bytes(40)))
    data = SEALING.but(other_keys=[other] * count).make()
    if good:
        assert open_envelope(data, KEYS).content == CONTENT
    else:
        refused(data, "for 65 keys; 1 to 64")


def test_a_recipient_info_for_nobody_is_refused() -> None:
    empty = SEALING.but(only_other_keys=True).recipient_info(bytes(32))
    refused(SEALING.but(more_infos=[empty]).make(), "for 0 keys")


def test_one_certificate_named_twice_is_refused() -> None:
    # the careless reader takes whichever opens first
    decoy = SEALING.recipient_info(bytes(32))
    refused(SEALING.but(more_infos=[decoy]).make(), "more than once")


# ── other kinds, refused by name ─────────────────────────────────────────────────────────────

KTRI = seq(integer(0), issuer_and_serial(CERTIFICATE), algorithm(RSA, NULL), octets(bytes(384)))
KEKRI = tlv(0xA2, integer(4), seq(octets(b"id")), algorithm(AES256_WRAP), octets(bytes(40)))
PWRI = tlv(0xA3, integer(0), algorithm("1.2.840.113549.1.9.16.3.9", algorithm(AES256_CBC)), octets(bytes(40)))
KEM = tlv(0xA4, oid("1.2.840.113549.1.9.16.13.3"), seq(integer(0)))


@pytest.mark.parametrize(
    ("info", "says"),
    [
        (KTRI, "key transport .*RSA"),
        (KEKRI, "a key known before"),
        (PWRI, "a password"),
        (KEM, "another kind"),
    ],
    ids=["RSA key transport", "known key", "password", "KEM"],
)
@pytest.mark.parametrize("beside", [True, False], ids=["beside ours", "alone"])
def test_a61_a62_other_kinds_of_recipient_are_refused_by_name(info: bytes, says: str, beside: bool) -> None:
    sealing = SEALING.but(more_infos=[info]) if beside else SEALING.but(infos=[info])
    refused(sealing.make(), says, believed=beside)


@pytest.mark.parametrize(
    ("outer", "says"),
    [
        (ENVELOPED_DATA, "This is EnvelopedData"),
        (SIGNED_DATA, "This is SignedData"),
        (DATA, "This is id-data"),
    ],
)
def test_other_structures_are_refused_by_name(outer: str, says: str) -> None:
    refused(SEALING.but(outer=outer).make(), says)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"encryption": AES256_CBC}, "uses AES-256-CBC; only AES-256-GCM"),
        ({"encryption": AES128_GCM, "key_size": 16}, "uses AES-128-GCM"),
        ({"encryption": "1.2.840.113549.3.7"}, "uses 3DES-CBC"),
        ({"kdf": ECDH_SHA512}, "ECDH with SHA-512 KDF"),
        ({"kdf": "1.3.133.16.840.63.0.3"}, "ECDH with cofactor, SHA-1 KDF"),
        ({"wrap": algorithm(AES128_WRAP)}, "uses AES-128 key wrap"),
        ({"content_type": SIGNED_DATA}, "holds SignedData"),
        ({"version": 2}, "version other than 0"),
        ({"kari_version": 0}, "version is not 3"),
        ({"originator_info": tlv(0xA0, tlv(0xA0, CERTIFICATE))}, "originatorInfo"),
    ],
)
def test_other_algorithms_and_versions_are_refused_by_name(changes: dict, says: str) -> None:
    refused(SEALING.but(**changes).make(), says, believed="wrap" not in changes)


def test_a43_an_envelope_relabelled_as_cbc_is_not_opened_with_this_key() -> None:
    relabelled = SEALING.but(outer=ENVELOPED_DATA, encryption=AES256_CBC, parameters=octets(bytes(16))).make()
    refused(relabelled, "This is EnvelopedData", believed=False)


# ── A44: tags and nonces ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [4, 8, 12, 13, 14, 15])
@pytest.mark.parametrize("told", [None, "size", 16])
def test_a44_a_short_tag_is_refused(size: int, told: object) -> None:
    data = SEALING.but(tag_bytes=size, told_tag_bytes=size if told == "size" else told).make()
    refused(data, "has a tag of" if told != "size" or size != 12 else "GCMParameters")  # 12 is the default


def test_a44_a_tag_whose_size_is_left_to_the_default_is_refused() -> None:
    refused(SEALING.but(told_tag_bytes=None).make(), "has a tag of 12 bytes .16 are there")


@pytest.mark.parametrize("size", [1, 8, 11, 13, 16, 64, 128])
def test_a44_a_nonce_of_another_length_is_refused(size: int) -> None:
    # the maker's AES-GCM takes 8 bytes and more
    sealing = (
        SEALING.but(nonce=bytes(size))
        if size >= 8
        else SEALING.but(parameters=seq(octets(bytes(size)), integer(16)))
    )
    refused(sealing.make(), f"has a nonce of {size} bytes", believed=size >= 8)


@pytest.mark.parametrize(
    "parameters", [b"", NULL, octets(bytes(12)), seq(), seq(octets(bytes(12)), integer(16), NULL)]
)
def test_a44_parameters_of_another_form_are_refused(parameters: bytes) -> None:
    sealing = SEALING.but(parameters=parameters)
    refused(sealing.make(), "gives no parameters|cannot be read as", believed=False)


def test_a44_nothing_leaves_before_the_tag_is_verified() -> None:
    good = SEALING.make()
    for place in range(1, 17 + len(CONTENT)):
        changed = bytearray(good)
        changed[-place] ^= 1
        with pytest.raises((SealError, CmsError)) as caught:
            open_envelope(bytes(changed), KEYS)
        assert CONTENT[:8] not in repr(caught.value).encode()


# ── A47: what is beside the content ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dotted", "value"),
    [(SIGNING_TIME, utc_time(NOW)), (LABEL, tlv(0x31, integer(4), oid("2.25.1"))), ("1.2.3", NULL)],
)
def test_a47_attributes_beside_the_content_are_refused(dotted: str, value: bytes) -> None:
    set_ = set_of(attribute(dotted, value))
    refused(SEALING.but(unauthenticated=b"\xa2" + set_[1:]).make(), "carries unauthenticated attributes")
    refused(SEALING.but(authenticated=b"\xa1" + set_[1:]).make(), "carries authenticated attributes")


def test_a47_an_empty_set_of_attributes_is_refused_too() -> None:
    refused(SEALING.but(unauthenticated=b"\xa2\x00").make(), "unauthenticated")


# ── A58, A59: the key agreement ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        (b"", "does not say how"),
        (NULL, "cannot be read as"),
        (octets(bytes(1_000_000)), "cannot be read as"),
        (algorithm(AES256_WRAP, NULL), "gives parameters to AES-256 key wrap"),
        (algorithm(AES256_WRAP, octets(bytes(1_000_000))), "gives parameters to AES-256 key wrap"),
    ],
    ids=["absent", "NULL", "1 MB", "NULL within", "1 MB within"],
)
def test_a58_parameters_of_the_key_agreement_are_exact(parameters: bytes, says: str) -> None:
    scheme_only = SEALING.but(kdf_parameters=parameters)
    refused(scheme_only.make(), says, believed=parameters == b"")


@pytest.mark.parametrize("size", [1, 16, 64, 128])
def test_a59_a_ukm_goes_into_the_key(size: int) -> None:
    assert open_envelope(SEALING.but(ukm=bytes(size)).make(), KEYS).content == CONTENT
    # one that is sent and left out of the key, or the other way round, does not open
    with pytest.raises(SealError, match="does not open"):
        open_envelope(SEALING.but(ukm=bytes(size), ukm_in_kdf=False).make(), KEYS)


@pytest.mark.parametrize("size", [0, 129, 1_000_000], ids=["empty", "129", "1 MB"])
def test_a59_a_ukm_of_no_sensible_size_is_refused(size: int) -> None:
    refused(SEALING.but(ukm=bytes(size)).make(), f"ukm of {size} bytes")


def _point_of(curve: ec.EllipticCurve) -> bytes:
    key = ec.generate_private_key(curve).public_key()
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


OFF_CURVE = POINT[:-1] + bytes([POINT[-1] ^ 1])
COMPRESSED = KEY.public_key().public_bytes(
    serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
)


@pytest.mark.parametrize(
    "point",
    [
        b"",
        b"\0",
        b"\4" + bytes(64),
        b"\4" + b"\xff" * 64,
        OFF_CURVE,
        COMPRESSED,
        bytes([6 | POINT[-1] & 1]) + POINT[1:],
        _point_of(ec.SECP384R1()),
        _point_of(ec.SECP256K1()),
        _point_of(ec.BrainpoolP256R1()),
        POINT + b"\0",
        bytes(1_000_000),
    ],
    ids=[
        "none",
        "infinity",
        "0,0",
        "beyond p",
        "off the curve",
        "compressed",
        "hybrid",
        "P-384",
        "K-256",
        "brainpool",
        "66",
        "1 MB",
    ],
)
def test_a59_an_ephemeral_key_that_is_no_point_of_p256_is_refused(point: bytes) -> None:
    refused(
        SEALING.but(originator_point=point).make(), "not a point on P-256|uncompressed point", believed=False
    )


@pytest.mark.parametrize(
    ("key_algorithm", "says"),
    [
        (algorithm(EC_KEY, oid(P384)), "P-384"),
        (algorithm(EC_KEY, seq(integer(1))), "explicit parameters"),
        (algorithm(EC_KEY, octets(bytes(1_000_000))), "no named curve"),
        (algorithm(RSA, NULL), "uses RSA"),
        (algorithm("1.3.101.110"), "X25519"),
    ],
)
def test_a59_an_ephemeral_key_of_another_kind_is_refused_by_name(key_algorithm: bytes, says: str) -> None:
    refused(SEALING.but(originator_algorithm=key_algorithm).make(), says)


@pytest.mark.parametrize(
    "originator",
    [issuer_and_serial(OTHER_CERTIFICATE), tlv(0x80, key_identifier(OTHER_CERTIFICATE))],
    ids=["issuer and serial", "key identifier"],
)
def test_a59_a_static_originator_is_refused(originator: bytes) -> None:
    refused(SEALING.but(originator=originator).make(), "only an ephemeral key", believed=False)


@pytest.mark.parametrize("size", [0, 24, 32, 48, 1_000_000])
def test_a59_a_wrapped_key_of_another_size_is_refused(size: int) -> None:
    refused(SEALING.but(wrapped=bytes(size)).make(), "wrapped key that has not 40 bytes", believed=False)


def test_a_content_outside_is_refused() -> None:
    refused(SEALING.but(detached=True).make(), "outside", believed=False)


# ── one error for all that fails with a key ──────────────────────────────────────────────────


def test_all_failures_of_a_key_are_one_error() -> None:
    good = SEALING.make()
    fake_wrap = SEALING.but(wrapped=bytes(40)).make()
    lost_ukm = SEALING.but(ukm=b"x", ukm_in_kdf=False).make()
    other_ephemeral = SEALING.but(originator_point=POINT).make()
    tag = good[:-1] + bytes([good[-1] ^ 1])
    other_key = [(CERTIFICATE, OTHER_KEY)]
    faults = []
    for data, keys in [
        (fake_wrap, KEYS),
        (lost_ukm, KEYS),
        (other_ephemeral, KEYS),
        (tag, KEYS),
        (good, other_key),
    ]:
        with pytest.raises(SealError) as caught:
            open_envelope(data, keys)
        faults.append((caught.value.as_json(), caught.value.__cause__, caught.value.__suppress_context__))
    assert (
        faults
        == [
            ({"code": "not-opened", "what": "The envelope does not open.", "where": "", "do": ""}, None, True)
        ]
        * 5
    )
