"""Who may read: the rule as a function, the same rule as a query, and both through real cables."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cableroom.cable.address import Post
from cableroom.cable.label import Level
from cableroom.directory.access import Labelled, Reader, dominates, may
from cableroom.directory.policyform import Caption, default_policy
from cableroom.directory.standing import Clearance
from cableroom.errors import NotFound

from . import cabling
from .conftest import NOW, ORG, Clock
from .foreign import Foreign

POLICY = default_policy(ORG)
CATEGORIES = ("ALPHA", "BRAVO", "ALPHA@un.example")
CAPTIONS = ("EYES ONLY", "LIMITED DISTRIBUTION", "PERSONAL DATA", "UNHEARD OF")
TOKENS = ("MINISTER", "DESK OFFICER", "@anna", "*head", "*desk")

clearances = st.none() | st.builds(
    Clearance, st.just("X"), st.integers(0, 7), st.frozensets(st.sampled_from(CATEGORIES))
)
labels = st.builds(
    Labelled,
    st.integers(1, 7),
    st.frozensets(st.sampled_from(CATEGORIES)),
    st.frozensets(st.sampled_from(CAPTIONS)),
)
readers = st.lists(st.builds(Reader, st.sampled_from(TOKENS), st.booleans()), max_size=4)
tokens = st.frozensets(st.sampled_from(TOKENS))
ceilings = st.none() | st.integers(1, 7)


# -- the rule ------------------------------------------------------------------------------


@given(clearances, labels, tokens, readers, ceilings)
def test_nobody_reads_up(clearance: Any, label: Any, roles: Any, distribution: Any, ceiling: Any) -> None:
    if not may(clearance, label, roles, distribution, POLICY, ceiling):
        return
    assert clearance is not None
    assert label.level <= clearance.number
    assert label.categories <= clearance.categories
    assert ceiling is None or label.level <= ceiling
    assert roles
    if label.level > POLICY.open_number:
        assert any(reader.reader in roles for reader in distribution)
    if label.captions & {"EYES ONLY", "UNHEARD OF"}:
        assert any(reader.reader in roles and reader.named for reader in distribution)


@given(clearances, labels, tokens, readers, ceilings)
def test_a_higher_clearance_never_shows_less(
    clearance: Any, label: Any, roles: Any, distribution: Any, ceiling: Any
) -> None:
    if clearance is not None and may(clearance, label, roles, distribution, POLICY, ceiling):
        more = Clearance("Y", clearance.number + 1, clearance.categories | {"CHARLIE"})
        assert may(more, label, roles, distribution, POLICY, ceiling)


@given(clearances, labels, tokens, readers, ceilings, st.sampled_from(CAPTIONS), st.sampled_from(CATEGORIES))
def test_a_stricter_label_never_shows_more(
    clearance: Any, label: Any, roles: Any, distribution: Any, ceiling: Any, caption: str, category: str
) -> None:
    for stricter in (
        replace(label, captions=label.captions | {caption}),
        replace(label, categories=label.categories | {category}),
        replace(label, level=label.level + 1),
    ):
        if may(clearance, stricter, roles, distribution, POLICY, ceiling):
            assert may(clearance, label, roles, distribution, POLICY, ceiling)


def test_the_rule_in_examples() -> None:
    secret = Clearance("SECRET", 4)
    desk, minister = {"DESK OFFICER"}, {"MINISTER"}
    named = [Reader("MINISTER", True)]

    def reads(roles: set[str], label: Labelled, distribution: list[Reader], clearance: Any = secret) -> bool:
        return may(clearance, label, roles, distribution, POLICY, None)

    assert reads(desk, Labelled(2), [])  # open to whoever is cleared there
    assert not reads(set(), Labelled(1), [Reader("*head", True)])  # serves elsewhere
    assert not reads(desk, Labelled(3), named)
    assert reads(minister, Labelled(3), named)
    assert reads(desk, Labelled(3), [*named, Reader("DESK OFFICER", False)])  # added by hand
    eyes = frozenset({"EYES ONLY"})
    assert not reads(desk, Labelled(1, captions=eyes), [])
    assert not reads(desk, Labelled(3, captions=eyes), [*named, Reader("DESK OFFICER", False)])
    assert reads(minister, Labelled(3, captions=eyes), named)
    assert not reads(desk, Labelled(1, captions=frozenset({"LIMITED DISTRIBUTION"})), [])
    assert reads(desk, Labelled(1, captions=frozenset({"PERSONAL DATA"})), [])
    assert not reads(minister, Labelled(3), named, Clearance("RESTRICTED", 2))
    assert not reads(minister, Labelled(3), named, None)
    assert not reads(minister, Labelled(1, frozenset({"ALPHA"})), named)


def test_nobodys_clearance_covers_nothing() -> None:
    assert not dominates(None, 1, ())
    assert dominates(Clearance("U", 1), 1, ())


# -- the query says the same as the rule ---------------------------------------------------


POSTS = ("mfa.example/CAPITAL", "mfa.example/HAVANA", "mfa.example/GENEVA")
ROLES = {"MINISTER": ["head", "release"], "DESK OFFICER": [], "SORTER": ["desk"], "KEEPER": ["archive"]}
PEOPLE = ("anna", "bert", "cora", "dora", "emil", "fred")


def make_world(seed: int) -> dict[tuple[str, str], tuple[Labelled, list[Reader]]]:
    """Posts, people and labelled things at random, straight into the tables."""
    from cableroom.directory import models

    dice = random.Random(seed)
    levels = (*POLICY.levels, Level("T", "TOP SECRET", 6))
    captions = (*POLICY.captions, Caption("TO BE SORTED", "listed"))
    open_up_to = dice.choice([None, "UNCLASSIFIED", "RESTRICTED", "TOP SECRET"])
    policy = replace(
        POLICY, levels=levels, categories=("ALPHA", "BRAVO"), captions=captions, open_up_to=open_up_to
    )
    models.PolicyRow.objects.create(index=1, policy="p", version=1, oid="1.2", document=policy.document())
    for post in POSTS:
        ceiling = dice.choice([None, None, "CONFIDENTIAL", "SECRET"])
        models.PostRow.objects.create(
            post=post,
            org=ORG,
            name=post[12:],
            own=True,
            confirmed=True,
            authority="a",
            ceiling=ceiling,
            profile="cableroom",
            origin=post,
            log_key="",
        )
        for role, permissions in ROLES.items():
            models.RoleRow.objects.create(post=post, role=role, permissions=permissions)
    for name in PEOPLE:
        models.Person.objects.create(name=name, full_name=name, is_active=dice.random() < 0.9)
        if dice.random() < 0.9:
            categories = [c for c in CATEGORIES if dice.random() < 0.6]
            models.ClearanceRow.objects.create(
                person=name,
                level="x",
                number=dice.randint(1, 7),
                categories=categories,
                until=dice.choice([None, None, None, NOW, NOW + timedelta(days=1)]),
            )
        for post in POSTS:
            if dice.random() < 0.7:
                models.AppointmentRow.objects.create(
                    person=name,
                    post=post,
                    role=dice.choice([*ROLES, "GONE"]),
                    acting=False,
                    since=NOW - timedelta(days=dice.choice([-1, 0, 1, 1, 1, 1])),
                    until=dice.choice([None, None, None, NOW, NOW + timedelta(days=1)]),
                )
    world = {}
    names = [*ROLES, *(f"@{name}" for name in PEOPLE), "*head", "*desk", "*archive"]
    for n in range(60):
        post, digest = dice.choice(POSTS), f"{n:064x}"
        label = Labelled(
            dice.randint(1, 6),
            frozenset(c for c in CATEGORIES if dice.random() < 0.1),
            frozenset(c for c in (*CAPTIONS, "TO BE SORTED") if dice.random() < 0.1),
        )
        distribution = [Reader(name, dice.random() < 0.5) for name in names if dice.random() < 0.35]
        models.ReadableRow.objects.create(register=post, digest=digest, level=label.level)
        marks = [("category", c) for c in label.categories] + [("caption", c) for c in label.captions]
        for kind, mark in marks:
            models.MarkRow.objects.create(register=post, digest=digest, kind=kind, name=mark)
        for reader in distribution:
            models.ReaderRow.objects.create(
                register=post, digest=digest, reader=reader.reader, named=reader.named
            )
        world[post, digest] = (label, distribution)
    return world


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2, 12))
def test_the_query_and_the_rule_agree(seed: int) -> None:
    from cableroom.directory import access, policy
    from cableroom.directory.models import ReadableRow
    from cableroom.directory.standing import standing

    world = make_world(seed)
    present = policy.current()
    shown = 0
    for person in PEOPLE:
        who = standing(person, now=NOW)
        ceilings = access._ceilings(POSTS, present)
        expected = {
            place
            for place, (label, distribution) in world.items()
            if may(
                who.clearance,
                label,
                access.tokens(who, place[0]),
                distribution,
                present,
                ceilings.get(place[0]),
            )
        }
        rows = access.visible_to(person, now=NOW)
        assert {(row.register, row.digest) for row in rows} == expected, person
        assert len(rows) == len(expected)
        through = access.visible(ReadableRow.objects.all(), person, now=NOW)
        assert {(row.register, row.digest) for row in through} == expected
        for register, digest in list(world)[::12]:
            assert access.may_read(person, register, digest, now=NOW) is ((register, digest) in expected)
        shown += len(expected)
    assert shown, "a world in which nobody reads anything tests nothing"
    assert shown < len(world) * len(PEOPLE)


@pytest.mark.django_db
def test_nobody_sees_nothing() -> None:
    from cableroom.directory import access

    make_world(1)
    assert not access.visible_to(None).exists()
    assert not access.visible_to("stranger", now=NOW).exists()


# -- through real cables -------------------------------------------------------------------


@pytest.fixture
def staff(hire: Any) -> dict[str, Any]:
    return {
        "minister": hire("minister", "MINISTER", "SECRET"),
        "desk": hire("desk", "DESK OFFICER", "SECRET"),
        "low": hire("low", "DESK OFFICER", "UNCLASSIFIED"),
        "keeper": hire("keeper", "ARCHIVIST", "SECRET"),
        "nobody": hire("nobody", None, "SECRET"),
    }


@pytest.fixture
def un(clock: Clock) -> Foreign:
    return Foreign("un.example", clock.now)


def received(un: Foreign, post: Post, clock: Clock, text: str) -> str:
    from cableroom.seal import keys, trust

    key = keys.new_signing_key()
    certificate = un.issue("GENEVA", trust.Use.RELEASE, public_key=key.public_key())
    return cabling.append(
        str(post), "Received", text, org=un.org, key=key, certificate=certificate, now=clock.now
    )


def who_reads(staff: dict[str, Any], post: Post, digest: str, clock: Clock) -> set[str]:
    from cableroom.directory import access

    found = {n for n, person in staff.items() if access.may_read(person, str(post), digest, now=clock.now)}
    assert set(access.readers(str(post), digest, now=clock.now)) == found
    return found


ARRIVALS: list[tuple[str, str, str, set[str]]] = [
    ("CAPITAL@mfa.example", "UNCLASSIFIED", "", {"minister", "desk", "low", "keeper"}),
    ("CAPITAL@mfa.example", "RESTRICTED", "", {"minister", "desk", "keeper"}),
    ("CAPITAL@mfa.example", "RESTRICTED", "PERSONAL DATA", {"minister", "desk", "keeper"}),
    ("CAPITAL@mfa.example", "RESTRICTED", "LIMITED DISTRIBUTION", {"minister"}),
    ("CAPITAL@mfa.example", "SECRET", "", {"minister"}),
    ("CAPITAL@mfa.example", "SECRET", "EYES ONLY", {"minister"}),
    ("CAPITAL@mfa.example", "UNCLASSIFIED", "UNHEARD OF", {"minister"}),
    ("CAPITAL@mfa.example/DESK OFFICER", "SECRET", "", {"desk"}),
    ("CAPITAL@mfa.example/DESK OFFICER", "SECRET", "EYES ONLY", {"desk"}),
    ("CAPITAL@mfa.example/ARCHIVIST, CAPITAL@mfa.example/DESK OFFICER", "SECRET", "", {"desk", "keeper"}),
    ("GENEVA (CAPITAL@mfa.example)", "SECRET", "", {"minister"}),
]


def test_what_arrives(staff: Any, capital: Post, clock: Clock, un: Foreign) -> None:
    for to, level, captions, expected in ARRIVALS:
        digest = received(un, capital, clock, cabling.draft("GENEVA", to, level, captions=captions))
        assert who_reads(staff, capital, digest, clock) == expected, (to, level, captions)


def test_another_organisations_category_is_not_ours_of_the_same_name(
    staff: Any, capital: Post, clock: Clock, un: Foreign
) -> None:
    from cableroom.directory import people, policy

    present = policy.current()
    policy.register_policy(replace(present, version=2, categories=("ALPHA",)), by=None, now=clock.now)
    text = cabling.draft("GENEVA", "CAPITAL@mfa.example/MINISTER", "SECRET", categories="ALPHA")
    digest = received(un, capital, clock, text)
    people.set_clearance(staff["minister"], "SECRET", ["ALPHA"], by=None, now=clock.now)
    assert who_reads(staff, capital, digest, clock) == set()
    people.set_clearance(staff["minister"], "SECRET", ["ALPHA@un.example"], by=None, now=clock.now)
    assert who_reads(staff, capital, digest, clock) == {"minister"}


def test_what_goes_out_is_read_by_whoever_worked_on_it(staff: Any, capital: Post, clock: Clock) -> None:
    text = cabling.draft("CAPITAL", "HAVANA", "SECRET")
    digest = cabling.released(
        capital, text, now=clock.now, officers=("MINISTER", "ARCHIVIST", "LEGAL ADVISER")
    )
    assert who_reads(staff, capital, digest, clock) == {"minister", "keeper"}
    by_desk = cabling.released(capital, text, now=clock.now, officers=("LEGAL ADVISER",), person="desk")
    assert who_reads(staff, capital, by_desk, clock) == {"desk"}


def test_adding_somebody_by_hand_or_by_assignment(
    staff: Any, capital: Post, clock: Clock, un: Foreign
) -> None:
    text = cabling.draft("GENEVA", "CAPITAL@mfa.example/MINISTER", "SECRET")
    digest = received(un, capital, clock, text)
    cabling.distributed(str(capital), digest, role="ARCHIVIST")
    assert who_reads(staff, capital, digest, clock) == {"minister", "keeper"}
    cabling.assigned(str(capital), digest, "desk")
    assert who_reads(staff, capital, digest, clock) == {"minister", "keeper", "desk"}
    cabling.distributed(str(capital), digest, person="low")  # not cleared
    cabling.distributed(str(capital), digest, person="nobody")  # does not serve here
    assert who_reads(staff, capital, digest, clock) == {"minister", "keeper", "desk"}


def test_eyes_only_cannot_be_passed_on(staff: Any, capital: Post, clock: Clock, un: Foreign) -> None:
    text = cabling.draft("GENEVA", "CAPITAL@mfa.example/MINISTER", "SECRET", captions="EYES ONLY")
    digest = received(un, capital, clock, text)
    cabling.distributed(str(capital), digest, role="ARCHIVIST")
    cabling.assigned(str(capital), digest, "desk")
    assert who_reads(staff, capital, digest, clock) == {"minister"}


def test_a102_what_changes_counts_from_the_next_byte_on(
    staff: Any, capital: Post, clock: Clock, un: Foreign
) -> None:
    from cableroom.directory import people, policy, posts

    digest = received(un, capital, clock, cabling.draft("GENEVA", "CAPITAL@mfa.example/MINISTER", "SECRET"))
    minister = staff["minister"]
    assert who_reads(staff, capital, digest, clock) == {"minister"}
    people.set_clearance(minister, "CONFIDENTIAL", by=None, now=clock.now)
    assert who_reads(staff, capital, digest, clock) == set()
    people.set_clearance(minister, "SECRET", until=clock.now + timedelta(hours=1), by=None, now=clock.now)
    assert who_reads(staff, capital, digest, clock) == {"minister"}
    posts.set_ceiling(capital, "CONFIDENTIAL", by=None, now=clock.now)
    assert who_reads(staff, capital, digest, clock) == set()
    posts.set_ceiling(capital, None, by=None, now=clock.now)
    policy.register_policy(replace(policy.current(), version=2, open_up_to="SECRET"), by=None, now=clock.now)
    assert who_reads(staff, capital, digest, clock) == {"minister", "desk", "keeper"}
    people.end_appointment(staff["desk"], capital, "DESK OFFICER", by=None, now=clock.forward(minutes=1))
    assert who_reads(staff, capital, digest, clock) == {"minister", "keeper"}
    clock.forward(hours=1)
    assert who_reads(staff, capital, digest, clock) == {"keeper"}
    people.deactivate(staff["keeper"], by=None, now=clock.now)
    assert who_reads(staff, capital, digest, clock) == set()


def test_the_same_cable_at_two_posts_is_two_things(
    staff: Any, capital: Post, clock: Clock, hire: Any
) -> None:
    """Whoever serves at one post sees nothing of the other's register."""
    from cableroom.directory import access, founding, people
    from cableroom.directory.policyform import RoleRule

    havana = founding.create_post("HAVANA", now=clock.now, roles=(RoleRule("AMBASSADOR", ("head",)),))
    envoy = hire("envoy", None, "SECRET")
    people.appoint(envoy, havana, "AMBASSADOR", by=None, now=clock.now)
    digest = cabling.released(capital, cabling.draft("CAPITAL", "HAVANA", "SECRET"), now=clock.now)
    assert access.may_read(staff["minister"], str(capital), digest, now=clock.now)
    assert not access.may_read(envoy, str(capital), digest, now=clock.now)
    assert not access.may_read(envoy, str(havana), digest, now=clock.now)


def test_absent_and_hidden_are_refused_in_the_same_words(staff: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import access

    digest = cabling.released(capital, cabling.draft("CAPITAL", "HAVANA", "SECRET"), now=clock.now)
    said = []
    for wanted in (digest, "0" * 64):
        with pytest.raises(NotFound) as refusal:
            access.check_may_read(staff["desk"], str(capital), wanted, now=clock.now)
        said.append((str(refusal.value), refusal.value.as_json()))
    assert said[0] == said[1]
    access.check_may_read(staff["minister"], str(capital), digest, now=clock.now)


def test_before_release_the_circle_is_known(staff: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import access

    named = [Reader("MINISTER", True)]
    assert access.would_read(str(capital), Labelled(2), named, now=clock.now) == [
        "desk",
        "keeper",
        "minister",
    ]
    assert access.would_read(str(capital), Labelled(4), named, now=clock.now) == ["minister"]


def test_rebuilding_the_readers(staff: Any, capital: Post, clock: Clock, un: Foreign) -> None:
    from cableroom.directory.models import MarkRow, ReaderRow
    from cableroom.register import following

    text = cabling.draft("GENEVA", "CAPITAL@mfa.example", "SECRET", captions="EYES ONLY", categories="ALPHA")
    digest = received(un, capital, clock, text)
    cabling.distributed(str(capital), digest, role="MINISTER")
    cabling.distributed(str(capital), digest, role="MINISTER")
    cabling.released(capital, cabling.draft("CAPITAL", "HAVANA", "SECRET"), now=clock.now, person="desk")
    assert following.rebuild(check=True) == []
    before = set(ReaderRow.objects.values_list("register", "digest", "reader", "named"))
    marks = set(MarkRow.objects.values_list("digest", "kind", "name"))
    assert {(digest, "caption", "EYES ONLY"), (digest, "category", "ALPHA@un.example")} <= marks
    following.rebuild(check=False)
    assert set(ReaderRow.objects.values_list("register", "digest", "reader", "named")) == before
