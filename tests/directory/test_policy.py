"""The policy document: what is read, what is refused, what may change from version to version."""

from __future__ import annotations

import contextlib
import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cableroom.cable.canonical import decode, encode
from cableroom.cable.label import Level
from cableroom.cable.precedence import Precedence
from cableroom.directory.policyform import default_policy, read_policy
from cableroom.errors import DocumentError, NotFound, StateError

from .conftest import ORG, Clock


def test_the_default_policy_is_the_one_that_the_documents_describe() -> None:
    policy = default_policy(ORG)
    assert [(x.letter, x.level, x.number) for x in policy.levels] == [
        ("U", "UNCLASSIFIED", 1),
        ("R", "RESTRICTED", 2),
        ("C", "CONFIDENTIAL", 3),
        ("S", "SECRET", 4),
    ]
    assert policy.open_number == 2
    assert policy.clearances == ()
    assert [p.name for p in policy.precedences] == ["ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"]
    assert policy.rule_of("EYES ONLY") == "named"
    assert policy.rule_of("A CAPTION OF SOMEBODY ELSE") == "named"
    assert policy.acknowledge_within(Precedence.FLASH) == timedelta(minutes=10)
    assert policy.acknowledge_within(Precedence.ROUTINE) is None


def test_the_oid_is_2_25_and_a_random_uuid() -> None:
    one, two = default_policy(ORG).oid, default_policy(ORG).oid
    assert one != two
    arc, _, number = one.rpartition(".")
    assert arc == "2.25"
    assert 0 < int(number) < 2**128


def test_a_document_comes_back_as_it_was() -> None:
    policy = default_policy(ORG)
    document = policy.document()
    assert read_policy(decode(encode(document), max_bytes=100_000)) == policy
    assert read_policy(document).document() == document


CHANGES: list[tuple[str, Any]] = [
    ("v", 2),
    ("v", True),
    ("id", "two words"),
    ("id", ""),
    ("version", 0),
    ("version", "1"),
    ("version", True),
    ("oid", "2.25.01"),
    ("oid", "3.1"),
    ("levels", None),
    ("levels", []),
    ("levels", [{"letter": "U", "level": "UNCLASSIFIED", "number": 0}]),
    ("levels", [{"letter": "u", "level": "UNCLASSIFIED", "number": 1}]),
    ("levels", [{"letter": "U", "level": "unclassified", "number": 1}]),
    ("levels", [{"letter": "U", "level": "A, B", "number": 1}]),
    ("levels", [{"letter": "U", "level": "UNCLASSIFIED", "number": 256}]),
    ("levels", [{"letter": "U", "level": "UNCLASSIFIED"}]),
    ("categories", []),
    ("categories", ["ALPHA", "ALPHA"]),
    ("categories", ["alpha"]),
    ("captions", [{"caption": "EYES ONLY", "rule": "nobody"}]),
    ("precedences", ["FASTER"]),
    ("precedences", None),
    ("precedences", ["ROUTINE", "ROUTINE"]),
    ("open_up_to", "TOP SECRET"),
    ("clearances", [{"level": "TOP SECRET", "role": "MINISTER"}]),
    ("series", [{"series": "N", "level": None, "caption": None}]),
    ("series", [{"series": "NUCL", "level": "SECRET", "caption": None}]),
    ("word_list", "easy"),
    ("acknowledge", [{"precedence": "FLASH", "minutes": 0}]),
    ("acknowledge", [{"precedence": "FLASH", "minutes": 5}, {"precedence": "FLASH", "minutes": 6}]),
    ("roles", [{"role": "MINISTER", "permissions": ["rule"]}]),
    ("roles", [{"role": "M", "permissions": None}]),
    ("roles", [{"role": "DESK FLASH", "permissions": None}]),
    ("more", 1),
]


@pytest.mark.parametrize(("key", "value"), CHANGES)
def test_what_is_refused(key: str, value: Any) -> None:
    document = copy.deepcopy(default_policy(ORG).document())
    document[key] = value
    with pytest.raises(DocumentError) as refusal:
        read_policy(document)
    assert refusal.value.where.startswith("policy, ")


def test_levels_out_of_order_or_twice_are_refused() -> None:
    document = default_policy(ORG).document()
    document["levels"] = document["levels"][::-1]
    with pytest.raises(DocumentError, match="rising"):
        read_policy(document)
    document = default_policy(ORG).document()
    document["levels"][1]["letter"] = "U"
    with pytest.raises(DocumentError, match="twice"):
        read_policy(document)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(key=st.sampled_from(sorted(default_policy(ORG).document())), value=_json)
def test_whatever_stands_there_only_the_typed_error_comes(key: str, value: Any) -> None:
    document = default_policy(ORG).document()
    document[key] = value
    with contextlib.suppress(DocumentError):
        read_policy(document)


def test_series_follow_level_and_caption() -> None:
    document = default_policy(ORG).document()
    document["series"] = [
        {"series": "N", "level": None, "caption": "EYES ONLY"},
        {"series": "S", "level": "SECRET", "caption": None},
    ]
    policy = read_policy(document)
    assert policy.series_for("SECRET", ("EYES ONLY",)) == "N"
    assert policy.series_for("SECRET", ()) == "S"
    assert policy.series_for("RESTRICTED", None) is None


def test_a_level_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(NotFound, match="CONFIDENTIAL, SECRET"):
        default_policy(ORG).level("COSMIC")


def test_a_new_version_holds_and_the_old_one_is_kept(house: Any, clock: Clock) -> None:
    from cableroom.directory import policy

    first = policy.current()
    second = replace(first, version=2, word_list="plain")
    policy.register_policy(second, by=None, now=clock.now)
    assert policy.current() == second
    assert policy.own_version(first.id, 1) == first
    with pytest.raises(NotFound):
        policy.own_version(first.id, 3)


def test_the_same_version_again_is_refused_even_with_the_same_content(house: Any, clock: Clock) -> None:
    from cableroom.directory import policy

    with pytest.raises(StateError, match="version 2"):
        policy.register_policy(policy.current(), by=None, now=clock.now)


def test_a_level_keeps_its_number(house: Any, clock: Clock) -> None:
    """Clearances were given by number: SECRET must not become what CONFIDENTIAL was."""
    from cableroom.directory import policy

    present = policy.current()
    for levels in (present.levels[:-1], (*present.levels[:-1], Level("S", "SECRET", 9))):
        with pytest.raises(StateError, match="SECRET has the number 4"):
            policy.register_policy(replace(present, version=2, levels=levels), by=None, now=clock.now)
    assert policy.current() == present


def test_a_level_can_be_added_above(house: Any, clock: Clock) -> None:
    from cableroom.directory import policy

    present = policy.current()
    more = replace(present, version=2, levels=(*present.levels, Level("T", "TOP SECRET", 5)))
    policy.register_policy(more, by=None, now=clock.now)
    assert policy.current().level("TOP SECRET").number == 5
