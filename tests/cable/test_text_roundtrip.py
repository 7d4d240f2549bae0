"""What is printed parses to the same cable, and what is parsed prints to the same bytes."""

from __future__ import annotations

import json

import pytest
from cable_strategies import PIECES, cables, documents, examples
from hypothesis import given
from hypothesis import strategies as st

from cableroom.cable.canonical import decode, encode
from cableroom.cable.characters import BLANKS
from cableroom.cable.cutting import cut, uncut
from cableroom.cable.document import Cable
from cableroom.cable.text import parse_cable, parse_draft, print_cable, print_draft
from cableroom.errors import TextError


@pytest.fixture(scope="module")
def vector(shared):
    return json.loads((shared / "data" / "vectors" / "cableroom" / "vector1.json").read_text("utf-8"))


def test_vector_prints_and_parses_byte_for_byte(vector):
    cable = Cable.from_json(vector["document"])
    assert cable.to_json() == vector["document"]
    assert print_cable(cable) == vector["text"]
    assert parse_cable(vector["text"]) == uncut(cable)
    assert cable.to_json() == Cable.from_json(decode(encode(vector["document"]), max_bytes=2**20)).to_json()


@examples(40)
@given(documents())
def test_document_comes_back_from_its_json_and_its_text(document):
    cable = Cable.from_json(document)
    assert cable.to_json() == document
    text = print_cable(cable)
    assert parse_cable(text) == uncut(cable)
    assert text.endswith("\n") and "\t" not in text and "\r" not in text


@examples(40)
@given(cables, st.lists(st.sampled_from(PIECES), max_size=4))
def test_cuts_leave_no_trace_and_keep_every_rule(cable, names):
    pieces = cut(cable, names)
    assert print_cable(pieces) == print_cable(cable)
    assert uncut(pieces) == uncut(cable)
    assert cut(pieces, names) == pieces
    assert Cable.from_json(pieces.to_json()) == pieces


@examples(40)
@given(cables)
def test_text_of_a_cable_is_a_draft_that_prints_to_itself(cable):
    text = print_cable(cable)
    draft = parse_draft(text)
    assert print_draft(draft) == text
    assert parse_draft(print_draft(draft)) == draft


def _mutated(text, changes):
    letters = list(text)
    for place, kind, piece in changes:
        at = place % (len(letters) + 1)
        if kind == "insert":
            letters[at:at] = piece
        elif kind == "drop":
            del letters[at : at + len(piece)]
        else:
            letters[at : at + len(piece)] = piece
    return "".join(letters)


changes = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.sampled_from(["insert", "drop", "replace"]),
        st.sampled_from([*PIECES, "\n", "\n\n", "\t", "\r\n", "\u202e", "A", "x", "0"]),
    ),
    min_size=1,
    max_size=3,
)


def _is_placed(fault, text):
    lines = text.split("\n")
    assert 1 <= fault.line <= max(len(lines), 1), fault
    assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1, fault
    assert fault.what and fault.do and fault.code


@examples(40)
@given(cables, changes)
def test_mutated_text_reads_to_what_prints_it_or_is_refused_with_its_place(cable, changed):
    text = _mutated(print_cable(cable), changed)
    try:
        assert print_cable(parse_cable(text)) == text
    except TextError as fault:
        _is_placed(fault, text)
    try:
        draft = parse_draft(text)
    except TextError as fault:
        _is_placed(fault, text)
    else:
        assert parse_draft(print_draft(draft)) == draft


@examples(100)
@given(st.text() | st.lists(st.sampled_from([*PIECES, "\n", "\n\n", "FROM: A1\n"])).map("".join))
def test_any_text_is_read_or_refused_with_its_place(text):
    for parse in (parse_cable, parse_draft):
        with pytest.raises(TextError) as caught:
            parse(text)
        _is_placed(caught.value, text)


def _lessened(text, dropped, *, bare, footless, broken):
    """A cable's text with less in it, as a drafter writes it."""
    blocks = text.split("\n\n")
    if footless:
        blocks.pop()
    lines = []
    for line in blocks[0].split("\n"):
        key, _, value = line.partition(": ")
        if key in dropped:
            continue
        if key == "FROM" and bare:
            line = line.partition("@")[0]
        if key in ("TO", "INFO", "SUBJECT", "HANDLING") and broken:
            first, blank, rest = value.partition(" ")
            if blank and first and rest[0] not in BLANKS and first[-1] not in BLANKS:
                line = f"{key}: {first}\n{' ' * (len(key) + 2)}{rest}"
        lines.append(line)
    text = "\n\n".join(["\n".join(lines), *blocks[1:]])
    return text if text.endswith("\n") else text + "\n"


@examples(40)
@given(
    cables,
    st.sets(st.sampled_from(["MRN", "DTG", "TO", "POLICY", "KIND", "INFO"])),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_draft_with_less_in_it_prints_to_itself(cable, dropped, bare, footless, broken):
    text = print_cable(cable)
    draft = parse_draft(_lessened(text, dropped, bare=bare, footless=footless, broken=broken))
    printed = print_draft(draft)
    assert parse_draft(printed) == draft
    assert print_draft(parse_draft(printed)) == printed
    assert printed == _lessened(text, dropped, bare=bare, footless=footless, broken=False)
