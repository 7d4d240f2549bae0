"""Cuts: after sentences, round names, numbers and dates, and within every limit."""

from __future__ import annotations

import time

import pytest
from cable_strategies import examples
from hypothesis import given
from hypothesis import strategies as st
from test_text_vectors import TEXTS
from uniseg.sentencebreak import sentence_boundaries

from cableroom.cable.canonical import encode
from cableroom.cable.cutting import cut, uncut
from cableroom.cable.document import MAX_BYTES, MAX_SLOTS, Cable, count_slots
from cableroom.cable.sentences import sentence_ends
from cableroom.cable.text import parse_cable, parse_draft, print_cable
from cableroom.errors import TextError

SHORT = TEXTS["cables"][2]["text"]


def cable(body):
    """A small cable whose first paragraph says `body`."""
    return parse_cable(with_body(body))


def with_body(body):
    heading, _, foot = SHORT.split("\n\n")
    return f"{heading}\n\n1. {body}\n\n{foot}"


def pieces(body, *names):
    return [segment.t for segment in cut(cable(body), names).paras[0].segments]


# The examples of UAX #29 §5.1 and one for each rule.
@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("He said. (Yes) 1.", [9]),
        ("c.d", []),
        ("3.4", []),
        ("U.S", []),
        ("the resp. leaders are", []),
        ('She said "See spot run."  John shook', [26]),
        ("Dr. Who.", [4]),
        ("etc.)\u2019 \u2018(the", []),
        ("etc.)\u2019\u00a0\u2018(The", [7]),
        ("One? Two! Three", [5, 10]),
        ("One?, two", []),
        ("\u6587\u3002\u6587", [2]),
        ("a\nb", [2]),
        ("a\r\nb", [3]),
        ("A.\u0301 B", [4]),
        ("A. * b", []),
        ("A. * B", [3]),
        ("A. \u2014 B", []),
        ("", []),
        (".", []),
    ],
)
def test_sentences_end_where_uax_29_says(text, ends):
    assert sentence_ends(text) == ends


@examples(300)
@given(st.text(st.sampled_from("aZ1.!? \n\r()\u0301\u200d,;\u2029\"'ßй語\u0600:-"), max_size=12))
def test_sentences_end_where_another_implementation_says(text):
    # uniseg skips less than SB8 allows, but only over characters that are not in this alphabet.
    assert sentence_ends(text) == list(sentence_boundaries(text))[1:-1]


def test_cuts_stand_after_sentences_and_round_names_numbers_and_dates():
    assert pieces("HERON left. He took 3,500.50 sacks on 27 October 1962 at dawn.", "HERON") == [
        "HERON",
        " left. ",
        "He took ",
        "3,500.50",
        " sacks on ",
        "27 October 1962",
        " at dawn.",
    ]
    assert pieces("See 271840Z OCT 1962 or October 27, 1962 or 1962-10-27.") == [
        "See ",
        "271840Z OCT 1962",
        " or ",
        "October 27, 1962",
        " or ",
        "1962-10-27",
        ".",
    ]


def test_the_longest_name_is_cut_out_whole():
    assert pieces("Ann Lee and Ann.", "Ann", "Ann Lee") == ["Ann Lee", " and ", "Ann", "."]


def test_a_name_is_found_in_whatever_form_it_is_given():
    assert pieces("With Jos\u00e9 there.", "Jose\u0301") == ["With ", "Jos\u00e9", " there."]


def test_no_piece_begins_with_a_line_end_or_a_mark():
    found = cut(cable("Say:\n> One.\n>\n>\n> Two."))
    assert [segment.t for segment in found.paras[0].segments] == ["Say:", "One.\n\n\n", "Two."]
    assert pieces("x\u0301yz1\u0301", "x") == ["x\u0301yz", "1\u0301"]


def test_the_names_of_openers_are_cut_out_of_every_text():
    text = TEXTS["cables"][0]["text"].replace("of paragraph 1.", "the district governor knows HERON.")
    found = cut(parse_cable(text)).paras[3].segments
    assert [segment.t for segment in found] == ["the district governor", " knows ", "HERON", "."]


@pytest.mark.parametrize(
    ("body", "most"),
    [
        pytest.param("\n".join(["Number 12 here."] * 50_000), 1000, id="one long paragraph"),
        pytest.param("Ab. " * 260_000 + "y", 1000, id="as many sentences as fit"),
        pytest.param("x" * 1_040_000, 1, id="nothing to cut"),
        pytest.param("1 " * 520_000 + "1", 1, id="numbers alone"),
    ],
)
def test_cuts_of_large_texts_keep_every_limit(body, most):
    whole = cable(body)
    found = cut(whole, ["Number"])
    assert 1 <= len(found.paras[0].segments) <= most
    assert print_cable(found) == print_cable(whole)
    assert Cable.from_json(found.to_json()) == found
    assert uncut(found) == uncut(whole)


def test_cuts_of_a_thousand_paragraphs_stay_within_the_slots():
    heading, _, foot = SHORT.split("\n\n")
    body = "One. " * 100 + "End."
    found = cut(parse_cable("\n\n".join([heading, *(f"{n}. {body}" for n in range(1, 1001)), foot])))
    assert count_slots(found) <= MAX_SLOTS
    assert len(encode(found.to_json())) <= MAX_BYTES
    assert len(found.paras[0].segments) > 10


def _seconds(act, *values):
    start = time.process_time()
    act(*values)
    return time.process_time() - start


HEADING, _, FOOT = SHORT.split("\n\n")
HOSTILE = {
    "blanks": "a. " + " " * 1_000_000 + "b",
    "brackets": "A. " + "(" * 1_000_000,
    "full stops": "a." * 500_000,
    "backslashes": "\\" * 1_000_000,
    "quotes": 'ACTION 1 INFORM "' + '\\"' * 500_000,
    "an endless number": "9" * 1_000_000 + ". x",
    "an endless mark": "(" + "S " * 500_000,
    "combining marks": "a" + "\u0315\u0300\u05ae\u0316" * 200_000,
    "short lines": "\n".join("x" * 500_000),
    "quoted lines": "x\n" + "\n".join([">"] * 500_000),
    "posts": "ACTION 1 DO FOR (" + ", ".join(f"P{n}" for n in range(150_000)) + "):",
    "times": "ACTION 1 DO BY " + "x" * 1_000_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_paragraph_of_a_mebibyte_is_read_in_linear_time(name):
    text = with_body(HOSTILE[name])

    def read():
        for parse in (parse_cable, parse_draft):
            try:
                parse(text)
            except TextError:
                continue

    assert _seconds(read) < 8


HEADINGS = {
    "commas": "TO: " + ", " * 500_000 + "B2",
    "brackets": "TO: " + " (" * 500_000 + "B2",
    "many addressees": "TO: " + ", ".join(f"P{n}" for n in range(120_000)),
    "continued": "TO: B2,\n    " + ",\n    ".join(f"P{n}" for n in range(60_000)),
    "words": "MRN: 26 " + "A " * 500_000 + "1",
    "near DTG": "REFS: A. " + "X 271840Z OCT " * 70_000,
    "file": "FILES: 1. " + " (a" * 300_000,
    "unknown key": "A" * 40 + " " * 900_000 + ": x",
    "refs": "REFS: " + "\n      ".join(f"A. {n}" for n in range(50_000)),
    "language": "LANGUAGE: en" + "-a-aa" * 200_000,
    "exercise": 'EXERCISE: DRILL "' + "\\\\" * 400_000,
    "digits": "POLICY: p " + "9" * 1_000_000,
}


@pytest.mark.parametrize("name", sorted(HEADINGS))
def test_heading_of_a_mebibyte_is_read_in_linear_time(name):
    heading = [
        line for line in HEADING.split("\n") if not line.startswith(HEADINGS[name].split(":")[0] + ":")
    ]
    order = [
        "MRN",
        "DTG",
        "FROM",
        "TO",
        "PRECEDENCE",
        "CLASSIFICATION",
        "POLICY",
        "LANGUAGE",
        "EXERCISE",
        "SUBJECT",
    ]
    order += ["REFS", "FILES"]
    key = HEADINGS[name].split(":")[0]
    at = order.index(key) if key in order else 0
    lines = [*(line for line in heading if order.index(line.split(":")[0]) < at), HEADINGS[name]]
    lines += [line for line in heading if order.index(line.split(":")[0]) > at]
    text = "\n\n".join(["\n".join(lines), "1. x", FOOT])

    def read():
        for parse in (parse_cable, parse_draft):
            try:
                parse(text)
            except TextError:
                continue

    assert _seconds(read) < 8


def test_a_text_beyond_every_cable_is_refused_at_once():
    with pytest.raises(TextError) as caught:
        parse_cable("x" * (2 * 2**20 + 1))
    assert caught.value.code == "limit"
