"""The pages about text and document say what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cableroom.cable import document, paragraphs, reference, shapes
from cableroom.cable.canonical import encode
from cableroom.cable.grammar import FOOT_KEYS, HEADING_KEYS, NEEDS_ESCAPE
from cableroom.cable.heading import CLAIMS
from cableroom.cable.text import parse_cable, parse_draft, print_cable, print_draft

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference"
TEXT_FORM = (REFERENCE / "text-form.md").read_text("utf-8")
DOCUMENT = (REFERENCE / "document.md").read_text("utf-8")
EXAMPLE = re.search(r"^## Example\n\n```\n(.*?)```", TEXT_FORM, re.DOTALL | re.MULTILINE)[1]


def test_example_parses_and_prints():
    cable = parse_cable(EXAMPLE)
    assert print_cable(cable) == EXAMPLE
    assert print_draft(parse_draft(EXAMPLE)) == EXAMPLE
    example = re.search(r"```json\n(.*?)\n```", DOCUMENT, re.DOTALL)[1]
    assert encode(cable.paras[1].to_json()).decode() == example
    assert json.loads(example) == cable.paras[1].to_json()


def test_every_key_stands_in_the_tables_in_order():
    first = [
        cell
        for row in re.findall(r"^\| (`[A-Z].*?) \|", TEXT_FORM, re.MULTILINE)
        for cell in re.findall(r"`([A-Z ]+)`", row)
    ]
    keys = [key for key in first if key in HEADING_KEYS + FOOT_KEYS]
    assert keys == [*HEADING_KEYS, *FOOT_KEYS]


def test_every_claim_stands_in_the_table():
    table = DOCUMENT.split("### `head`")[1].split("*Addressee*")[0]
    named = [
        claim
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for claim in re.findall(r"`([a-z_]+)`", row)
    ]
    assert sorted(named) == sorted(CLAIMS)


def test_the_lines_to_escape_are_those_of_the_page():
    written = re.search(r"```\n(\\\\\|>.*?)\n```", TEXT_FORM, re.DOTALL)[1] + " "
    keys = "|".join(HEADING_KEYS + FOOT_KEYS)
    told = re.compile(written.replace("KEY", keys))
    for line in (
        "\\x",
        "> x",
        "1. x",
        "1.x",
        "(S) x",
        "(S)x",
        "(S ) x",
        "SUBJECT: x",
        "SUBJECT:x",
        "Subject: x",
    ):
        assert bool(told.match(line)) == bool(NEEDS_ESCAPE.match(line)), line
    for line in (
        "ACTION 1",
        "ACTION x",
        "OUTCOME OF A ",
        "OUTCOME OF a ",
        "COURTESY TRANSLATION x",
        "COURTESY TRANSLATIONS",
    ):
        assert bool(told.match(line)) == bool(NEEDS_ESCAPE.match(line)), line


@pytest.mark.parametrize(
    "limit",
    [
        document.MAX_BYTES,
        document.MAX_SLOTS,
        document.MAX_REFS,
        document.MAX_FILES,
        paragraphs.MAX_PARAGRAPHS,
        paragraphs.MAX_SEGMENTS,
        shapes.MAX_ADDRESSEES,
        shapes.MAX_LINE,
        shapes.MAX_SUBJECT,
        reference.MAX_SERIAL,
    ],
)
def test_limits_are_told(limit):
    assert f"{limit:,}" in DOCUMENT


def test_every_code_is_told():
    refused = json.loads(
        (REFERENCE.parent.parent / "tests" / "vectors" / "text-refused.json").read_text("utf-8")
    )
    told = set(re.findall(r"`([a-z-]+)`", TEXT_FORM.split("has a code:")[1].split("Reading takes")[0]))
    assert {case["code"] for case in refused["cases"]} <= told
    source = "".join(
        path.read_text("utf-8")
        for path in (REFERENCE.parent.parent / "src" / "cableroom" / "cable").glob("*.py")
        if path.stem
        in {
            "canonical",
            "shapes",
            "heading",
            "paragraphs",
            "document",
            "address",
            "reference",
            "label",
            "precedence",
            "characters",
        }
    )
    used = set(re.findall(r'code="([a-z0-9-]+)"', source)) | {"characters", "nfc"}
    named = set(re.findall(r"`([a-z0-9-]+)`", DOCUMENT.split("and a code:")[1]))
    assert used <= named
