"""The tables of texts in tests/vectors: open to every other implementation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cableroom.cable.document import Cable
from cableroom.cable.text import parse_cable, parse_draft, print_cable, print_draft, tidy
from cableroom.errors import DocumentError, TextError

VECTORS = Path(__file__).parent.parent / "vectors"
TEXTS = json.loads((VECTORS / "text.json").read_text("utf-8"))
REFUSED = json.loads((VECTORS / "text-refused.json").read_text("utf-8"))
DOCUMENTS = json.loads((VECTORS / "document-refused.json").read_text("utf-8"))


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", named(TEXTS["cables"]))
def test_text_and_document_say_the_same(case):
    assert parse_cable(case["text"]).to_json() == case["document"]
    assert print_cable(Cable.from_json(case["document"])) == case["text"]


@pytest.mark.parametrize("case", named(TEXTS["drafts"]))
def test_draft_prints_as_told_and_to_itself(case):
    draft = parse_draft(case["text"])
    assert print_draft(draft) == case["printed"]
    assert parse_draft(case["printed"]) == draft


@pytest.mark.parametrize("case", named(REFUSED["cases"]))
def test_bad_text_is_refused_where_it_is_bad(case):
    text = REFUSED["bases"][case["base"]]
    for old, new in case["replace"]:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(TextError) as caught:
        (parse_cable if case["as"] == "cable" else parse_draft)(text)
    fault = caught.value
    assert (fault.line, fault.column, fault.code) == (case["line"], case["column"], case["code"])
    assert fault.what.endswith(".") and fault.do


@pytest.mark.parametrize("name", sorted(REFUSED["bases"]))
def test_bases_of_the_refused_texts_are_good(name):
    parse_draft(REFUSED["bases"][name])
    if name != "draft":
        parse_cable(REFUSED["bases"][name])


def _changed(case):
    document = json.loads(json.dumps(TEXTS["cables"][DOCUMENTS["bases"][case["base"]]]["document"]))
    for path, value in [*case["set"], *((path, None) for path in case["drop"])]:
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        if path in case["drop"]:
            del holder[path[-1]]
        else:
            holder[path[-1]] = value
    return document


@pytest.mark.parametrize("case", named(DOCUMENTS["cases"]))
def test_bad_document_is_refused_where_it_is_bad(case):
    with pytest.raises(DocumentError) as caught:
        Cable.from_json(_changed(case))
    assert (caught.value.where, caught.value.code) == (case["where"], case["code"])
    assert caught.value.what.endswith(".")


def test_every_kind_of_fault_is_in_the_tables():
    codes = {case["code"] for case in REFUSED["cases"]}
    assert codes >= {
        "characters",
        "unassigned",
        "nfc",
        "blank",
        "key",
        "escape",
        "number",
        "twice",
        "dtg",
        "mrn",
        "limit",
    }


def test_tidy_takes_out_what_nobody_sees_and_nothing_else():
    draft = TEXTS["drafts"][0]["printed"]
    typed = "\n\n" + draft.replace("\n", " \t\r\n").replace("é", "e\u0301") + "\r\n\r\n"
    assert tidy(typed) == draft
    assert tidy(draft) == draft
    assert tidy(TEXTS["cables"][0]["text"]) == TEXTS["cables"][0]["text"]
