"""Canonical bytes, numbers, names, labels: the small values on which all else stands."""

from __future__ import annotations

import json
import time
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from cable_strategies import examples, times
from hypothesis import given
from hypothesis import strategies as st

from cableroom.cable import canonical
from cableroom.cable.address import Addressee, Post, PostRef, parse_addressee, slug
from cableroom.cable.characters import composed, first_fault
from cableroom.cable.label import Label, Level, PortionMark, check_mark, dominates, parse_mark
from cableroom.cable.precedence import Precedence, by_name
from cableroom.cable.reference import Mrn, is_near_miss, kind_of, parse_dtg, parse_mrn, print_dtg
from cableroom.cable.tags import form_of
from cableroom.errors import DocumentError

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@examples(200)
@given(values)
def test_canonical_bytes_are_those_of_rfc_8785(value):
    data = canonical.encode(value)
    assert data == rfc8785.dumps(value)
    assert canonical.decode(data, max_bytes=len(data)) == value


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b" 1",
        b"1\n",
        b"1.0",
        b"1e3",
        b"-1",
        b"-0",
        b"01",
        b"9007199254740992",
        b"9" * 5000,
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b'"\\u0061"',
        b'"\\/"',
        b'"\\u000A"',
        b'"\\ud800"',
        b'"\xff"',
        b'\xef\xbb\xbf"a"',
        b'"a',
        b"",
        b"{}{}",
        '{"é":1}'.encode(),
        b"[" * 17 + b"]" * 17,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"'a'",
        b"[1,]",
        b'"\t"',
    ],
)
def test_other_bytes_than_the_canonical_ones_are_refused(data):
    with pytest.raises(DocumentError):
        canonical.decode(data, max_bytes=2**20)


def test_a_duplicate_key_is_named():
    with pytest.raises(DocumentError, match="'b' twice"):
        canonical.decode(b'{"a":1,"b":1,"b":1}', max_bytes=100)


def test_depth_and_size_are_bounded_to_the_last_one():
    assert canonical.decode(b"[" * 16 + b"]" * 16, max_bytes=100)
    with pytest.raises(DocumentError):
        canonical.decode(b"[1]", max_bytes=2)
    with pytest.raises(DocumentError):
        canonical.decode(b"[[1]]", max_bytes=10, max_depth=1)


@examples(200)
@given(st.binary(max_size=60) | st.text(max_size=30).map(lambda text: json.dumps(text).encode()))
def test_any_bytes_are_read_or_refused(data):
    try:
        assert canonical.encode(canonical.decode(data, max_bytes=100)) == data
    except DocumentError as fault:
        assert fault.what


@pytest.mark.parametrize("value", [1.0, -1, 2**53, {1: 2}, {"é": 1}, "\ud800", object(), b"x", {"a": {1, 2}}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(DocumentError):
        canonical.encode(value)


@examples(100)
@given(st.binary(max_size=40))
def test_base64url_has_one_form(data):
    text = canonical.b64u(data)
    assert canonical.unb64u(text, length=len(data)) == data
    with pytest.raises(DocumentError):
        canonical.unb64u(text, length=len(data) + 1)


@pytest.mark.parametrize(
    "text", ["A", "AB", "AAB", "AA==", "A+", "A/", "AA\n", " AA", "ÄÄ", "AA=", None, "A" * 5]
)
def test_other_base64_is_refused(text):
    with pytest.raises(DocumentError):
        canonical.unb64u(text)


def test_times_are_cut_never_rounded():
    moment = datetime(2026, 10, 27, 20, 40, 59, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert canonical.stamp(moment) == "2026-10-27T18:40:59.999Z"
    assert canonical.minute(moment) == "2026-10-27T18:40:00Z"
    assert canonical.read_stamp("2026-10-27T18:40:59.999Z") == moment.replace(microsecond=999_000)
    with pytest.raises(DocumentError):
        canonical.stamp(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-27T18:40:01Z",
        "2026-10-27t18:40:00Z",
        "2026-10-27T18:40:00+00:00",
        "2026-02-30T00:00:00Z",
        "",
        None,
        "2026-10-27T24:00:00Z",
        "٢٠٢٦-10-27T18:40:00Z",
        "2026-10-27T18:40:00Z\n",
        "0000-01-01T00:00:00Z",
    ],
)
def test_other_times_are_refused(text):
    with pytest.raises(DocumentError):
        canonical.read_minute(text)


@examples(100)
@given(times)
def test_dtg_comes_back(moment):
    assert parse_dtg(print_dtg(moment)) == moment
    assert canonical.read_minute(canonical.minute(moment)) == moment


def test_years_have_two_digits_in_this_century_alone():
    assert print_dtg(datetime(2026, 10, 27, 18, 40, tzinfo=UTC)) == "271840Z OCT 26"
    assert print_dtg(datetime(1962, 10, 27, 18, 40, tzinfo=UTC)) == "271840Z OCT 1962"
    assert print_dtg(datetime(2100, 1, 1, tzinfo=UTC)) == "010000Z JAN 2100"
    assert Mrn("a", "CAPITAL", None, 417, 1962).print("a") == "1962 CAPITAL 417"
    for text in (
        "271840Z OCT 2026",
        "271840Z OCT 0000",
        "271840Z OCT 126",
        "321840Z OCT 26",
        "272440Z OCT 26",
    ):
        with pytest.raises(DocumentError):
            parse_dtg(text)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("A", "271740Z"),
        ("I", "270940Z"),
        ("K", "270840Z"),
        ("M", "270640Z"),
        ("N", "271940Z"),
        ("Y", "280640Z"),
    ],
)
def test_another_zone_is_refused_with_the_time_in_z(zone, told):
    with pytest.raises(DocumentError) as caught:
        parse_dtg(f"271840{zone} OCT 26")
    assert caught.value.do == f"Write {told} OCT 26."


@pytest.mark.parametrize(
    ("cited", "kind"),
    [
        ("26 HAVANA 1021", "mrn"),
        ("26 NEW YORK N-12", "mrn"),
        ("1962 HAVANA 1021", "mrn"),
        ("26 HAVANA 1021 @un.example", "mrn"),
        ("26 HAVANA 1021 @mfa.example", "free"),
        ("26 26 26 1", "mrn"),
        ("26 X 271840Z OCT 26", "mrn"),
        ("26 HAVANA 0", "free"),
        ("26 HAVANA 01", "free"),
        ("26 HAVANA 10000000", "free"),
        ("26 HAVANA ABCD-1", "free"),
        ("2026 HAVANA 1", "free"),
        ("26 FLASH 1", "free"),
        ("26 Havana 1", "free"),
        ("26  HAVANA 1", "free"),
        ("CNO WASHINGTON DC 312110Z AUG 05", "dtg"),
        ("x 312110Z AUG 1905", "dtg"),
        ("312110Z AUG 05", "free"),
        ("CNO 312110Z JUN 05", "free"),
        ("CNO 312110Z FEB 05", "free"),
        ("CNO 312110A AUG 05", "free"),
        ("CNO 312110Z AUG 2005", "free"),
        ("CNO  312110Z AUG 05", "dtg"),
        ("CNO 312110Z AUG 05.", "free"),
        ("Letter of 3 March", "free"),
    ],
)
def test_kind_of_a_ref_follows_from_its_form(cited, kind):
    assert kind_of(cited, "mfa.example") == kind


def test_near_misses_are_seen():
    for cited in (
        "2026 CAPITAL 417",
        "26 Capital 417",
        "26 CAPITAL 417 @mfa.example",
        "CNO 312110A AUG 05",
        "CNO 312110Z AUG 2005",
    ):
        assert is_near_miss(cited), cited
    for cited in ("Letter of 3 March 2026", "the note of the harbour master"):
        assert not is_near_miss(cited), cited


def test_mrn_says_its_organisation_outside_it():
    mrn = Mrn.parse("26 CAPITAL N-12", "mfa.example")
    assert (mrn.org, mrn.post, mrn.series, mrn.serial, mrn.year) == ("mfa.example", "CAPITAL", "N", 12, 2026)
    assert str(mrn) == "26 CAPITAL N-12 @mfa.example" == mrn.print("un.example")
    assert mrn.print("mfa.example") == "26 CAPITAL N-12"
    assert Mrn.parse(str(mrn), "un.example") == mrn
    assert mrn.sender == Post("mfa.example", "CAPITAL")
    for text in (
        "26 CAPITAL 417 @",
        "26 CAPITAL 417 @Mfa.example",
        "26 CAPITAL",
        "CAPITAL 417",
        "26 CAPITAL ٤",
        "26 CAPITAL 417\n",
    ):
        with pytest.raises(DocumentError):
            parse_mrn(text)


def test_post_has_one_name():
    post = Post.parse("mfa.example/PORT OF SPAIN")
    assert (str(post), slug(post)) == ("mfa.example/PORT OF SPAIN", "port-of-spain")
    assert post.seen_from("mfa.example") == PostRef(None, "PORT OF SPAIN")
    assert post.seen_from("un.example").at("un.example") == post
    for text in (
        "CAPITAL",
        "mfa.example/",
        "/CAPITAL",
        "MFA/CAPITAL",
        "a/b",
        "a/CAPITAL ",
        "a/CAPITAL NIACT",
        "-a/XX",
        f"{'a.' * 127}a/XX",
    ):
        with pytest.raises(DocumentError):
            Post.parse(text)


def test_addressee_reads_what_it_writes():
    text = "ALL ISLANDS@un.example/HEAD OF MISSION (KINGSTON, PORT OF SPAIN@a.b) NIACT PRIORITY"
    addressee = parse_addressee(text)
    assert addressee == Addressee(
        "ALL ISLANDS",
        "un.example",
        "HEAD OF MISSION",
        True,
        Precedence.PRIORITY,
        (PostRef(None, "KINGSTON"), PostRef("a.b", "PORT OF SPAIN")),
    )
    assert addressee.as_text() == text
    for bad in (
        "A1 (",
        "A1 ()",
        "A1(B2)",
        "A1 PRIORITY NIACT",
        "A1  FLASH",
        "FLASH",
        "NIACT FLASH",
        "A1/",
        "A1@",
        "A1 (B2,C3)",
    ):
        with pytest.raises(DocumentError):
            parse_addressee(bad)


def test_precedence_has_its_numbers_elsewhere():
    told = [(each.name, int(each), each.mt_priority, each.prosign) for each in Precedence]
    assert told == [
        ("DEFERRED", 0, -4, "M"),
        ("ROUTINE", 1, -2, "R"),
        ("PRIORITY", 2, 0, "P"),
        ("IMMEDIATE", 3, 2, "O"),
        ("FLASH", 4, 4, "Z"),
        ("OVERRIDE", 5, 6, "Y"),
    ]
    assert by_name("FLASH") is Precedence.FLASH
    with pytest.raises(DocumentError):
        by_name("Flash")


LEVELS = (Level("U", "UNCLASSIFIED", 1), Level("S", "SECRET", 4))


def test_a_clearance_covers_the_whole_label_or_does_not():
    label = Label("SECRET", ("MEDICAL",), ("EYES ONLY",))
    assert dominates(4, {"MEDICAL", "OTHER"}, label, levels=LEVELS)
    assert not dominates(3, {"MEDICAL"}, label, levels=LEVELS)
    assert not dominates(4, {"OTHER"}, label, levels=LEVELS)
    assert not dominates(9, {"MEDICAL"}, Label("COSMIC"), levels=LEVELS)


def test_mark_is_a_letter_and_handling_words():
    assert parse_mark("S") == PortionMark("S")
    assert parse_mark("TS//SI/EYES ONLY") == PortionMark("TS", ("SI", "EYES ONLY"))
    for bad in ("", "s", "1", "S ", "/S", "S" * 33, "S,T", "É"):
        with pytest.raises(DocumentError):
            check_mark(bad)


def test_tags_have_forms():
    found = [
        form_of(tag) for tag in ("CU", "PREL", "UNO", "UNESCO", "CASTRO FIDEL", "1", "A B", "LONGERTHAN8")
    ]
    assert found == ["country", "topic", "organisation", "organisation", "person", None, None, None]


@pytest.mark.parametrize(
    ("text", "code", "index"),
    [
        ("a\x00b", "characters", 1),
        ("a\x7fb", "characters", 1),
        ("a\x85b", "characters", 1),
        ("ab\u2066c\u2069", None, 0),
        ("क्\u200dष", None, 0),
        ("é\u202a", "characters", 1),
        ("é\ud800", "characters", 1),
        ("é\U000e0080", "unassigned", 1),
        ("é\U0001ffff", "characters", 1),
        ("e\u0301", "nfc", 0),
        ("xyA\u030a", "nfc", 2),
        ("\u212b", "nfc", 0),
        ("a\u0301\u0378", "unassigned", 2),
    ],
)
def test_first_fault_is_found(text, code, index):
    fault = first_fault(text)
    assert (fault and (fault.code, fault.index)) == (code and (code, index))


marks = st.text(
    st.sampled_from("aeé가각ᄀ\u1161\u11a8\u0301\u0316\u0327\u0344\u0f73\u0338>\u212b\u05ae\n"), max_size=10
)


@examples(300)
@given(marks)
def test_nfc_is_what_the_library_says(text):
    fault = first_fault(text, lines=True)
    assert (fault is None) == unicodedata.is_normalized("NFC", text)
    assert composed(text) == unicodedata.normalize("NFC", text)
    assert first_fault(composed(text), lines=True) is None


def test_a_heap_of_marks_is_refused_in_linear_time():
    heap = "a" + "\u0315\u0300\u05ae\u0316" * 200_000
    start = time.process_time()
    assert first_fault(heap).code == "nfc"
    assert composed(heap) == heap
    assert time.process_time() - start < 3
