from __future__ import annotations

import time
from typing import Annotated

import pytest
import weak
from cms_maker import Signer, integer, octets, oid, seq, signed_data, tlv, usual_attributes
from cryptography.hazmat import asn1 as codec
from cryptography.x509 import ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st
from seal_material import NOW, make_house

from cableroom.errors import CmsError
from cableroom.seal import der, signing
from cableroom.seal.trust import Use

CONTENT = b"Content-Type: text/plain\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def signer():
    return make_house().give(Use.RELEASE)


@pytest.fixture(scope="module")
def good(signer) -> bytes:
    key, certificate = signer
    return signed_data(CONTENT, Signer(key, certificate, usual_attributes(CONTENT, certificate, NOW)))


def _scan(data: bytes) -> None:
    der.scan(data, what="It")


def test_der_passes(good: bytes) -> None:
    _scan(good)
    _scan(integer(0))
    _scan(seq())
    _scan(oid("2.25.340282366920938463463374607431768211455"))


def _indefinite(data: bytes, levels: int = 3) -> bytes:
    """The same element, it and those in it to three levels with indefinite length, as `openssl -stream` writes."""
    node = weak.read_ber(data)
    if not node.tag & 0x20 or not levels:
        return data
    inner = b"".join(_indefinite(part.raw, levels - 1) for part in node.parts)
    return bytes([node.tag, 0x80]) + inner + b"\0\0"


def _in_pieces(data: bytes, size: int) -> bytes:
    pieces = [octets(data[place : place + size]) for place in range(0, len(data), size)]
    return tlv(0x24, *pieces)


def _long_form(data: bytes) -> bytes:
    """The outermost length written with more octets than it needs."""
    node = weak.read_ber(data)
    return bytes([node.tag, 0x85]) + len(node.body).to_bytes(5, "big") + node.body


def _with_pieces(signer, size: int) -> bytes:
    key, certificate = signer
    econtent = tlv(0xA0, _in_pieces(CONTENT, size))
    attributes = usual_attributes(CONTENT, certificate, NOW)
    return signed_data(CONTENT, Signer(key, certificate, attributes), econtent=econtent)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_indefinite, "indefinite length"),
        (_long_form, "cannot be"),
        (lambda data: b"\x30\x83\x00" + data[2:4] + data[4:], "shortest form"),
        (lambda data: data + b"\0", "followed by 1 more bytes"),
        (lambda data: data + data, "more bytes"),
    ],
    ids=["indefinite length", "length of five octets", "length not minimal", "a byte after it", "twice"],
)
def test_a56_ber_is_refused_before_it_is_decoded(good: bytes, change, says: str) -> None:
    changed = change(good)
    assert weak.believed_content(changed) == CONTENT
    with pytest.raises(CmsError, match=says) as caught:
        signing.verify(changed)
    assert caught.value.code == "not-der"
    assert caught.value.where.startswith("byte ")


def test_a56_a_content_in_pieces_is_refused(signer) -> None:
    data = _with_pieces(signer, 3)
    assert weak.believed_content(data) == CONTENT
    with pytest.raises(CmsError, match="in pieces"):
        signing.verify(data)


def test_a56_a_million_pieces_cost_no_more_than_one() -> None:
    data = seq(oid("1.2.840.113549.1.7.2"), tlv(0xA0, tlv(0x24, octets(b"x") * 1_000_000)))
    start = time.perf_counter()
    with pytest.raises(CmsError, match="in pieces"):
        signing.verify(data)
    assert time.perf_counter() - start < 0.5


def test_a56_more_elements_than_any_message_has_are_refused_in_bounded_time() -> None:
    _scan(seq(integer(1) * 9_999))
    with pytest.raises(CmsError, match="more than 10000 elements"):
        _scan(seq(integer(1) * 10_000))
    data = seq(integer(1) * 1_000_000)
    start = time.perf_counter()
    with pytest.raises(CmsError, match="more than 10000 elements"):
        _scan(data)
    assert time.perf_counter() - start < 2


def _nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = seq(data)
    return data


def test_a57_nesting_is_bounded() -> None:
    _scan(_nested(32))
    with pytest.raises(CmsError, match="nested deeper than 32"):
        _scan(_nested(33))
    deep = _nested(10_000)
    with pytest.raises(RecursionError):
        weak.read_ber(deep)  # the careless reader does not even survive it
    with pytest.raises(CmsError, match="nested deeper than 32"):
        signing.verify(deep)


def test_a57_object_identifiers_are_bounded() -> None:
    _scan(oid("1.2." + ".".join(["3"] * 30)))
    with pytest.raises(CmsError, match="more than 32 arcs"):
        _scan(oid("1.2." + ".".join(["3"] * 31)))
    long = tlv(0x06, b"\x2a" + b"\x81\x01" * 100_000)
    start = time.perf_counter()
    with pytest.raises(CmsError, match="more than 32 arcs"):
        _scan(long)
    with pytest.raises(CmsError, match="above 128 bits"):
        _scan(tlv(0x06, b"\x2a" + b"\xff" * 100_000 + b"\x01"))
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", "cut off"),
        ("30", "cut off"),
        ("3003020101ff", "more bytes"),
        ("30050201", "cut off"),
        ("300302017f00", "more bytes"),
        ("3004020201", "cut off"),
        ("0200", "INTEGER"),
        ("02020001", "INTEGER"),
        ("0202ff80", "INTEGER"),
        ("010101", "BOOLEAN"),
        ("01020000", "BOOLEAN"),
        ("050100", "NULL"),
        ("0300", "BIT STRING"),
        ("030108", "BIT STRING"),
        ("030101", "BIT STRING"),
        ("0600", "cut off"),
        ("06028001", "shortest form"),
        ("06012a81", "more bytes"),
        ("06022a81", "cut off"),
        ("1f8101", "tag number"),
        ("2003020101", "in pieces"),
        ("2c03020101", "in pieces"),
        ("1000", "cannot be primitive"),
        ("1100", "cannot be primitive"),
        ("0000", "cannot be primitive"),
        ("30800000", "indefinite"),
        ("308101ff", "shortest form"),
        ("3085000000000130", "cannot be"),
        ("3083", "cannot be"),
        ("0481", "cannot be"),
        ("0481ff", "cut off"),
        ("30840fffffff", "cut off"),
        ("030208ff", "BIT STRING"),
    ],
)
def test_each_form_that_is_not_der_is_named(data: str, says: str) -> None:
    with pytest.raises(CmsError, match=says):
        _scan(bytes.fromhex(data))


@pytest.mark.parametrize(
    "data",
    [
        "020100",
        "0201ff",
        "02020080",
        "0202ff7f",
        "020100",
        "0101ff",
        "03020780",
        "030100",
        "0400",
        "06042a818000",
    ],
)
def test_each_shortest_form_passes(data: str) -> None:
    _scan(bytes.fromhex(data))


@given(st.binary(max_size=64))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_scanned_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        _scan(data)
    except CmsError:
        return
    codec.decode_der(codec.TLV, data)


@codec.sequence
class _Parts:
    number: Annotated[int, codec.Default(5)]
    several: Annotated[codec.SetOf[int] | None, codec.Implicit(0)]
    one: Annotated[int | None, codec.Explicit(1)]


@codec.set
class _Members:
    number: int | None
    name: ObjectIdentifier


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (_Parts, "3003020105"),  # the default written out
        (_Parts, "3008a006020102020101"),  # SET OF out of order
        (_Parts, "3008a106020101020101"),  # two in an explicit tag
        (_Parts, "3003a00101"),
        (_Parts, "3005a103020101" + "00"),  # a byte after it
        (_Parts, "30050201070500"),  # a member too many
        (_Members, "310606012a020104"),  # SET out of order
        (codec.GeneralizedTime, "181232303535313032373138343030302e35305a"),  # a zero after the fraction
        (codec.UTCTime, "170b323630313031303030305a"),  # no seconds
        (codec.BitString, "030204ff"),  # unused bits that are not zero
        (codec.TLV, "1f0100"),  # a long tag for a short one
        (str, "0c01ff"),  # not UTF-8
        (codec.PrintableString, "13012a"),  # not printable
        (bytes, "2403040161"),  # in pieces
    ],
)
def test_the_codec_leaves_nothing_to_be_refused_after_it(kind, data: str) -> None:
    with pytest.raises(ValueError, match=r"asn1|DER|error"):
        codec.decode_der(kind, bytes.fromhex(data))
