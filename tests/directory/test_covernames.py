"""Cover names: resolved for the cleared, and for everybody else as if there were none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from cableroom.cable.address import Post
from cableroom.errors import CableroomError, InputError, NotAllowed, NotFound, SealError

from .conftest import Clock

MEANT = "General Pliyev, commander of the troops on the island"


def define(clock: Clock, name: str = "PAVLOV", meaning: str = MEANT, **more: Any) -> Any:
    from cableroom.directory import covernames

    return covernames.define(name, meaning, **{"level": "SECRET", "by": None, "now": clock.now, **more})


def asked(person: Any, clock: Clock, name: str = "PAVLOV", **more: Any) -> str | None:
    from cableroom.directory import covernames

    found = covernames.meaning(person, name, now=clock.now, **more)
    return None if found is None else found.meaning


def test_the_cleared_learn_who_is_meant(hire: Any, clock: Clock) -> None:
    from cableroom.directory import covernames

    anna = hire("anna", "MINISTER", "SECRET")
    define(clock)
    assert asked(anna, clock) == MEANT
    found = covernames.meaning(anna, "PAVLOV", now=clock.now)
    assert (found.level, found.categories, found.until) == ("SECRET", (), None)
    assert covernames.readable_names(anna, now=clock.now) == ["PAVLOV"]
    assert set(covernames.meanings(anna, ["PAVLOV", "IVANOV"], now=clock.now)) == {"PAVLOV"}


def everything_that_can_be_asked(person: Any, clock: Clock) -> list[Any]:
    """What an uncleared person, who is an administrator too, can get out of this module."""
    from cableroom.directory import covernames

    answers: list[Any] = [
        covernames.meaning(person, "PAVLOV", now=clock.now),
        covernames.meaning(person, "PAVLOV", now=clock.now, at=clock.now + timedelta(days=10)),
        covernames.meanings(person, ["PAVLOV", "PAVLO", ""], now=clock.now),
        covernames.readable_names(person, now=clock.now),
    ]
    for level, meaning in (("SECRET", "x"), ("UNCLASSIFIED", ""), ("COSMIC", "x")):
        try:
            covernames.define("PAVLOV", meaning, level=level, by=person, now=clock.now)
        except CableroomError as error:
            answers.append((type(error), error.as_json()))
    return answers


def test_a103_two_worlds_look_the_same_to_the_uncleared(hire: Any, clock: Clock) -> None:
    """Whether there is such a name or not: same answers, same errors, same words."""
    low = hire("low", "ADMINISTRATOR", "CONFIDENTIAL")
    without = everything_that_can_be_asked(low, clock)
    define(clock)
    define(clock, "PAVLOV", "another", since=clock.now + timedelta(days=1))
    within = everything_that_can_be_asked(low, clock)
    assert within == without
    assert any(isinstance(answer, tuple) for answer in without)


def test_a103_the_uncleared_can_define_the_same_name_under_a_label_of_theirs(hire: Any, clock: Clock) -> None:
    """There is no "already exists" to learn from; each reads what they may."""
    low, anna = hire("low", "ADMINISTRATOR", "CONFIDENTIAL"), hire("anna", "MINISTER", "SECRET")
    define(clock)
    entry = define(clock, "PAVLOV", "a gardener", level="RESTRICTED", by=low)
    assert not entry.repeated
    assert asked(low, clock) == "a gardener"
    assert asked(anna, clock) == "a gardener"  # the later statement
    define(clock)
    assert asked(low, clock) == "a gardener"
    assert asked(anna, clock) == MEANT


def test_no_query_depends_on_what_is_hidden(hire: Any, clock: Clock, django_assert_num_queries: Any) -> None:
    """The same number of queries, and no blob opened, whether there is a hidden name or not."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    low = hire("low", "DESK OFFICER", "CONFIDENTIAL")
    counts = []
    for _world in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert asked(low, clock) is None
        counts.append([query["sql"] for query in queries])
        define(clock)
    assert counts[0] == counts[1]


def test_level_and_category_both_count(hire: Any, clock: Clock) -> None:
    from cableroom.directory import people, policy

    policy.register_policy(
        replace(policy.current(), version=2, categories=("ALPHA", "BRAVO")), by=None, now=clock.now
    )
    anna = hire("anna", "MINISTER", "SECRET", ("ALPHA",))
    define(clock, level="SECRET", categories=["ALPHA", "BRAVO"])
    assert asked(anna, clock) is None
    people.set_clearance(anna, "SECRET", ["ALPHA", "BRAVO"], by=None, now=clock.now)
    assert asked(anna, clock) == MEANT
    people.set_clearance(anna, "CONFIDENTIAL", ["ALPHA", "BRAVO"], by=None, now=clock.now)
    assert asked(anna, clock) is None
    with pytest.raises(NotFound):
        define(clock, categories=["CHARLIE"])


def test_it_has_a_time(hire: Any, clock: Clock) -> None:
    anna = hire("anna", "MINISTER", "SECRET")
    start = clock.now
    define(clock, since=start, until=start + timedelta(days=30))
    define(clock, "PAVLOV", "his successor", since=start + timedelta(days=30))
    assert asked(anna, clock) == MEANT
    assert asked(anna, clock, at=start - timedelta(days=1)) is None
    clock.forward(days=30)
    assert asked(anna, clock) == "his successor"
    assert asked(anna, clock, at=start + timedelta(days=1)) == MEANT


def test_whoever_left_learns_nothing(hire: Any, clock: Clock) -> None:
    from cableroom.directory import people

    anna = hire("anna", "MINISTER", "SECRET")
    define(clock)
    people.deactivate(anna, by=None, now=clock.now)
    assert asked(anna, clock) is None
    assert asked("nobody", clock) is None


def test_the_meaning_lies_nowhere_in_the_open(hire: Any, clock: Clock, house: Any) -> None:
    define(clock)
    found = []
    for model in apps.get_models():
        for row in model.objects.values_list():
            for value in row:
                raw = (
                    bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else str(value).encode()
                )
                if b"Pliyev" in raw or MEANT.encode().hex().encode() in raw:
                    found.append(model)
    assert found == []
    assert not [path for path in house.rglob("*") if path.is_file() and b"Pliyev" in path.read_bytes()]


def test_a_meaning_that_was_put_under_another_name_does_not_open(hire: Any, clock: Clock) -> None:
    from cableroom.directory import covernames, keystore
    from cableroom.seal import keys

    key = keystore.archive_key("house")
    blob = keys.wrap(b"somebody", with_key=key, about=covernames._about("PAVLOV"))
    assert covernames._unwrap(blob, covernames._about("PAVLOV")) == b"somebody"
    with pytest.raises(SealError):
        covernames._unwrap(blob, covernames._about("IVANOV"))


def test_only_administrators_who_are_cleared_define(hire: Any, clock: Clock) -> None:
    desk, low, admin = (
        hire("desk", "DESK OFFICER", "SECRET"),
        hire("low", "ADMINISTRATOR", "CONFIDENTIAL"),
        hire("admin", "ADMINISTRATOR", "SECRET"),
    )
    for person in (desk, low):
        with pytest.raises(NotAllowed):
            define(clock, by=person)
    assert asked(admin, clock) is None
    define(clock, by=admin)
    assert asked(admin, clock) == MEANT


def test_what_cannot_be_a_cover_name(capital: Post, clock: Clock) -> None:
    names = ("", " PAVLOV", "PAV\nLOV", "X" * 101, "PAV\u202eLOV")
    meanings = ("", "  ", "x" * 2001)
    for name, meaning in [(name, "x") for name in names] + [("PAVLOV", meaning) for meaning in meanings]:
        with pytest.raises(InputError):
            define(clock, name, meaning)
    with pytest.raises(InputError):
        define(clock, until=clock.now)


def test_names_in_any_script(hire: Any, clock: Clock) -> None:
    anna = hire("anna", "MINISTER", "SECRET")
    for name in ("Павлов", "パブロフ", "بافلوف", "Old Tom"):
        define(clock, name, "somebody")
        assert asked(anna, clock, name) == "somebody"


def test_the_names_for_cutting_are_all_of_them(capital: Post, clock: Clock) -> None:
    from cableroom.directory import covernames

    define(clock)
    define(clock, "IVANOV", "x", since=clock.now - timedelta(days=9), until=clock.now - timedelta(days=3))
    assert covernames.all_names_without_access_check() == {"PAVLOV", "IVANOV"}
