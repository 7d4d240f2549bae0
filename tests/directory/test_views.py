"""What the rules of a draft's check see of policy and directory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cableroom.cable.address import Post
from cableroom.cable.check import check
from cableroom.cable.text import parse_draft

from . import cabling
from .conftest import ORG, Clock
from .foreign import Foreign


@pytest.fixture
def codes(capital: Post, clock: Clock) -> Any:
    """The codes of what is wrong with a draft, by the real policy and directory."""
    from cableroom.directory import views

    def find(text: str) -> set[str]:
        problems = check(
            parse_draft(text), policy=views.policy_view(), directory=views.directory_view(), now=clock.now
        )
        return {problem.code for problem in problems if problem.severity == "error"}

    return find


def confirmed(clock: Clock, foreign: Foreign) -> None:
    from cableroom.directory import cards

    cards.import_card(foreign.file(), by=None, now=clock.now)
    cards.confirm(foreign.org, foreign.words(), by=None, now=clock.now)


def test_a_good_draft_has_no_fault(codes: Any, clock: Clock) -> None:
    from cableroom.directory import founding

    founding.create_post("HAVANA", now=clock.now)
    assert codes(cabling.draft("CAPITAL", "HAVANA", "SECRET", captions="EYES ONLY")) == set()
    assert codes(cabling.draft("CAPITAL", "HAVANA/HEAD OF POST", "SECRET")) == set()


def test_unknown_and_unconfirmed_posts_are_none(codes: Any, clock: Clock) -> None:
    from cableroom.directory import cards

    text = cabling.draft("CAPITAL", "GENEVA@un.example", "UNCLASSIFIED")
    unknown = codes(text)
    assert unknown
    un = Foreign("un.example", clock.now)
    cards.import_card(un.file(), by=None, now=clock.now)
    assert codes(text) == unknown
    cards.confirm("un.example", un.words(), by=None, now=clock.now)
    assert codes(text) == set()


def test_roles_of_our_posts_are_known_and_those_of_others_not(codes: Any, clock: Clock) -> None:
    from cableroom.directory import founding, views

    founding.create_post("HAVANA", now=clock.now)
    assert codes(cabling.draft("CAPITAL", "HAVANA/CONSUL", "SECRET"))
    confirmed(clock, Foreign("un.example", clock.now))
    assert codes(cabling.draft("CAPITAL", "GENEVA@un.example/ENVOY", "RESTRICTED")) == set()
    directory = views.directory_view()
    assert directory.post(Post("un.example", "GENEVA")).roles is None
    assert "HEAD OF POST" in directory.post(Post(ORG, "HAVANA")).roles


def test_a_ceiling_of_others_counts_by_its_number(codes: Any, clock: Clock) -> None:
    ceilings = {"GENEVA": "OPEN", "VIENNA": "INTERNAL", "NAIROBI": "CLOSED", "PARIS": None}
    un = Foreign("un.example", clock.now, posts=tuple(ceilings))
    for post, ceiling in ceilings.items():
        un.made[post] = replace(un.post(post), ceiling=ceiling)
    confirmed(clock, un)
    levels = list(cabling.LEVELS)
    for post, highest in zip(ceilings, (1, 2, 4, 4), strict=True):
        passes = [
            level for level in levels if not codes(cabling.draft("CAPITAL", f"{post}@un.example", level))
        ]
        assert passes == levels[:highest], post


def test_a_ceiling_below_all_our_levels_lets_nothing_through(codes: Any, clock: Clock) -> None:
    from cableroom.cable.label import Level
    from cableroom.directory import policy

    un = Foreign("un.example", clock.now)
    un.made["GENEVA"] = replace(un.post("GENEVA"), ceiling="OPEN")
    confirmed(clock, un)
    document = policy.current().document()
    document["levels"] = [{"letter": "S", "level": "SECRET", "number": 4}]
    document |= {"open_up_to": None, "version": 2}
    from cableroom.directory import views

    high = policy.read_policy(document)
    directory = replace(views.directory_view(), levels=high.levels)
    found = check(
        parse_draft(cabling.draft("CAPITAL", "GENEVA@un.example", "SECRET")),
        policy=views.policy_view(high),
        directory=directory,
        now=clock.now,
    )
    assert [problem.code for problem in found if problem.code == "addressee-ceiling"] == ["addressee-ceiling"]
    assert Level("S", "SECRET", 4) in high.levels


def test_our_own_ceiling(codes: Any, clock: Clock, capital: Post) -> None:
    from cableroom.directory import founding, posts

    havana = founding.create_post("HAVANA", now=clock.now, ceiling="CONFIDENTIAL")
    assert codes(cabling.draft("CAPITAL", "HAVANA", "CONFIDENTIAL")) == set()
    assert "addressee-ceiling" in codes(cabling.draft("CAPITAL", "HAVANA", "SECRET"))
    assert "sender-ceiling" in codes(cabling.draft("HAVANA", "CAPITAL", "SECRET"))
    posts.set_ceiling(havana, "SECRET", by=None, now=clock.now)
    assert codes(cabling.draft("CAPITAL", "HAVANA", "SECRET")) == set()


def test_collectives_are_ours_alone(capital: Post, clock: Clock) -> None:
    from cableroom.directory import posts, views

    posts.set_collective("ALL POSTS", [capital], by=None, now=clock.now)
    directory = views.directory_view()
    assert directory.collective(Post(ORG, "ALL POSTS")) == (capital,)
    assert directory.collective(Post("un.example", "ALL POSTS")) is None
    assert directory.collective(Post(ORG, "NOBODY")) is None
