"""The record text form, the house citation, and what is proposed from a text of old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cableroom.archive
from cableroom.archive.citing import Citation, Holding, parse_citation, print_citation
from cableroom.archive.proposing import propose
from cableroom.archive.recordform import parse_record, print_record, with_marks
from cableroom.errors import InputError

SAMPLE = (Path(cableroom.archive.__file__).parent / "samples" / "veide-1961.txt").read_bytes()


def test_the_sample_is_read_whole() -> None:
    form = parse_record(SAMPLE)
    assert form.dated == date(1961, 3, 14)
    assert form.language == "French"
    assert [(t.kind, t.language, len(t.paragraphs), t.signature) for t in form.texts] == [
        ("Translation", "English", 4, "H. VEIDE")
    ]
    assert form.doubts == ()
    assert print_record(form).encode() == SAMPLE


def test_an_identity_in_brackets_is_lifted_out_of_the_text() -> None:
    form = parse_record(SAMPLE)
    [cover] = form.cover_names
    assert (cover.name, cover.meaning) == ("Heron", "Colonel T. Aaske, engineer of the river forces")
    paragraph = form.texts[0].paragraphs[cover.paragraph - 1]
    assert "[" not in paragraph and paragraph[: cover.offset].endswith("inform Heron")
    assert "Aaske" in with_marks(paragraph, form, cover.paragraph)
    assert "Aaske" not in with_marks(paragraph, form, cover.paragraph, identities=False)


def test_a_note_is_anchored_to_its_words() -> None:
    [note] = parse_record(SAMPLE).notes
    assert (note.number, note.paragraph) == (1, 3)
    assert note.exact == 'The gauges at Aune show a falling river; whoever says otherwise has not read them."'
    assert note.text.startswith("The wording leaves open")


def test_the_instructions_are_proposed() -> None:
    deliver, inform, report = propose(parse_record(SAMPLE).texts[0])
    assert (deliver.act, deliver.target, deliver.authority, deliver.urgent) == (
        "deliver", "the Prime Minister", "the Government", True,
    )  # fmt: skip
    assert deliver.words[0].startswith("In Vernes") and deliver.words[1].endswith("read them.")
    assert (inform.act, inform.target) == ("inform", "Heron")
    assert (report.act, report.what) == ("report", "on these instructions")


def test_the_seed_comes_out_as_it_went_in(shared: Path) -> None:
    source = (shared / "seed" / "gromyko.txt").read_bytes()
    form = parse_record(source)
    assert form.dated == date(1962, 10, 27)
    assert form.title == "Cable from Soviet Foreign Minister Gromyko to USSR Ambassador to Cuba Alekseev"
    assert form.language == "Russian" and form.doubts == ()
    citation = parse_citation(form.citation)
    assert citation is not None and citation.translator == "Vladimir Zaemsky"
    assert [h.holder for h in citation.custody] == [
        "Archive of Foreign Policy, Russian Federation (AVP RF), Moscow",
        "NHK (Japanese Television)",
        "CWIHP",
        "National Security Archive, Washington, D.C.",
    ]
    assert print_citation(citation).encode() in source
    [cover] = form.cover_names
    assert (cover.name, cover.meaning) == (
        "Pavlov",
        "USSR Gen. Issa A. Pliyev, commander of Soviet forces in Cuba",
    )
    [note] = form.notes
    assert note.paragraph == 5 and note.exact is not None and note.exact.endswith('Hitlerian perfidy."')
    assert [p.act for p in propose(form.texts[0])] == ["deliver", "inform", "report"]
    assert propose(form.texts[0])[0].words[-1].endswith("Hitlerian perfidy.")
    lines = [
        line
        for block in source.decode().replace("to\nUSSR", "to USSR").split("\n\n")
        if (line := block.strip())
    ]
    assert [block for block in print_record(form).split("\n\n") if block.strip()] == [
        *lines[:-1],
        lines[-1] + "\n",
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "record-empty"),
        (b"\xff\xfe", "record-encoding"),
        (b"a\0b", "record-encoding"),
        (b"March 1, 1961\n\nno title\n", "record-title"),
        (b"March 1, 1961\n\n**T**\n\nSummary:\n\nx\n", "record-contents"),
        (b"x" * (1 << 20) + b"x", "record-size"),
    ],
)
def test_what_is_no_record_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_record(data)
    assert caught.value.code == code and caught.value.what


def test_what_is_not_understood_is_a_doubt() -> None:
    text = "sometime in 1961\n\n**T**\n\nstray\n\nContents:\n\nOriginal - French\n\nA word² and [sic] another.\n\nX. Y\n"
    form = parse_record(text.encode())
    assert form.dated is None and len(form.doubts) == 3
    assert form.insertions[0].text == "sic" and "²" in form.texts[0].paragraphs[0]


line = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=40).map(
    lambda s: " ".join(s.split())
).filter(bool)  # fmt: skip


@given(st.lists(line, min_size=1, max_size=8), line)
@settings(max_examples=150)
def test_any_text_is_read_or_refused_by_name(paragraphs: list[str], title: str) -> None:
    text = f"March 14, 1961\n\n**{title}**\n\nContents:\n\n" + "\n\n".join(paragraphs) + "\n"
    try:
        form = parse_record(text.encode())
    except InputError as error:
        assert error.do
        return
    if not form.doubts:
        assert replace(parse_record(print_record(form).encode()), doubts=()) == form


names = st.text(st.characters(codec="ascii", categories=("Lu", "Ll")), min_size=1, max_size=12)


@given(
    names,
    names,
    st.lists(st.tuples(names, st.sampled_from(("obtained by", "provided to", "on file at"))), max_size=4),
)
def test_a_citation_prints_and_parses(title: str, publisher: str, copies: list[tuple[str, str]]) -> None:
    custody = (Holding("The Holder", "original"), *(Holding(n, how) for n, how in copies))
    citation = Citation(title, "October 27, 1962", publisher, custody, "A. Person", "https://x.example/1")
    assert parse_citation(print_citation(citation)) == citation


def test_hostile_input_takes_linear_time() -> None:
    for text in (
        "a" * 500_000 + " [a pseudonym for x]",
        "[" * 400_000,
        "You should inform " * 20_000,
        '"' * 300_000,
    ):
        form = parse_record(f"March 14, 1961\n\n**T**\n\nContents:\n\n{text}\n".encode())
        propose(form.texts[0])
    parse_citation('"T", October 27, 1962, ' + " <a" * 100_000)
