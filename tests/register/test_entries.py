"""The canonical entry: its bytes, its kinds, and the page that tells strangers about them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cableroom.cable import canonical
from cableroom.errors import DocumentError, RegisterError
from cableroom.register import entries, tree
from cableroom.register.entries import KINDS, RESERVED, Actor, EntryValue

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "reference" / "entries.md"
VECTORS = json.loads((ROOT / "tests" / "vectors" / "register-entries.json").read_text("utf-8"))
VALUE = EntryValue(
    "Noted", "act:1", datetime(2026, 10, 27, 18, 40, 1, 250_000, UTC), Actor("olga", "mfa.example/CAPITAL", None),
    0, {"no": None, "note": "Rang the ministry – nobody.", "outcome": None}, "ab" * 32,
)  # fmt: skip


def test_an_entry_comes_back() -> None:
    data = entries.to_bytes(VALUE)
    assert entries.from_bytes(data) == VALUE
    assert list(json.loads(data)) == sorted(json.loads(data))


@pytest.mark.parametrize(
    "change",
    [
        {"key": ""}, {"key": "x" * 401}, {"digest": "AB" * 32}, {"digest": "ab"}, {"cause": -1}, {"cause": True},
        {"data": {"note": "x" * (1 << 20)}},
    ],
    ids=str,
)  # fmt: skip
def test_what_has_no_canonical_form_is_not_written(change: dict) -> None:
    with pytest.raises((RegisterError, DocumentError)):
        entries.to_bytes(replace(VALUE, **change))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        entries.from_bytes(data)


@given(st.data())
def test_any_change_of_an_entry_is_another_entry_or_refused(data: st.DataObject) -> None:
    good = entries.to_bytes(VALUE)
    at = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read = entries.from_bytes(bytes(bad))
    except DocumentError:
        return
    assert read != VALUE
    assert entries.to_bytes(read) == bytes(bad)


# -- the vectors -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", VECTORS["entries"], ids=lambda case: case["value"]["key"])
def test_a_vector_is_reproduced(case: dict) -> None:
    value = case["value"]
    entry = EntryValue(
        value["kind"], value["key"], canonical.read_stamp(value["at"]), Actor(**value["actor"]), value["cause"],
        value["data"], value["digest"],
    )  # fmt: skip
    data = case["canonical"].encode()
    assert entries.to_bytes(entry) == data
    assert entries.from_bytes(data) == entry
    leaf = entries.commitment(bytes.fromhex(case["salt"]), data)
    assert leaf.hex() == case["entry"]
    assert tree.leaf_hash(leaf).hex() == case["leaf_hash"]
    house = case["register"] == "house"
    entries.check_data(entry.kind, entry.data, entry.digest, house=house)


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["why"])
def test_a_vector_is_refused(case: dict) -> None:
    with pytest.raises((DocumentError, RegisterError)):
        entry = entries.from_bytes(case["canonical"].encode())
        entries.check_data(entry.kind, entry.data, entry.digest, house=case["register"] == "house")


# -- the page ----------------------------------------------------------------------------------


def sections() -> dict[str, str]:
    parts = re.split(r"^### (\w+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    bodies = [re.split(r"^## ", body, flags=re.MULTILINE)[0] for body in parts[2::2]]
    return dict(zip(parts[1::2], bodies, strict=True))


def test_the_page_has_every_kind_and_no_other() -> None:
    assert set(sections()) == set(KINDS)
    reserved = PAGE.read_text("utf-8").split("## Reserved")[1].split("A kind may be added")[0]
    assert set(re.findall(r"`(\w+)`", reserved)) == RESERVED
    assert not RESERVED & set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_page_has_the_keys_of_a_kind_in_their_order(kind: str) -> None:
    rule, body = KINDS[kind], sections()[kind]
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \|$", body, flags=re.MULTILINE)
    if rule.variants is None:
        assert tuple(key for key, _ in rows) == rule.keys
        return
    assert rule.keys == (rule.by,)
    assert {change for change, _ in rows} == set(rule.variants)
    for change, text in rows:
        outside_parentheses = re.sub(r"\([^()]*\)", "", text)
        named = [key for key in re.findall(r"`(\w+)`", outside_parentheses) if key != "null"]
        assert tuple(named) == rule.variants[change], change


def test_the_page_says_where_each_kind_stands() -> None:
    text = PAGE.read_text("utf-8")
    places = {"post": "a post", "all": "any register", "house": "the house"}
    for kind, rule in KINDS.items():
        above = text[: text.index(f"### {kind}\n")]
        heading = re.findall(r"^## (.*)$", above, flags=re.MULTILINE)[-1]
        assert heading.endswith(places[rule.scope]), kind
