"""People, roles, terms, clearances: what is taken, what is refused, and that each is a fact of the register."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cableroom.cable.address import Post
from cableroom.errors import InputError, NotAllowed, NotFound, StateError

from .conftest import PASSPHRASE, Clock


def held(person: Any, clock: Clock) -> set[tuple[str, str]]:
    from cableroom.directory.standing import standing

    return {(each.register, each.role) for each in standing(person, now=clock.now).held}


def test_a_new_person_may_nothing_and_reads_nothing(hire: Any, clock: Clock) -> None:
    from cableroom.directory.standing import standing

    who = standing(hire("anna"), now=clock.now)
    assert who.held == ()
    assert who.clearance is None


def test_adding_somebody_is_a_fact_without_a_secret(hire: Any, clock: Clock) -> None:
    from cableroom.register import ledger

    anna = hire("anna")
    (entry,) = [e for e in ledger.entries("house", kinds=["Directory"]) if e.data["change"] == "person"]
    assert entry.data == {
        "change": "person",
        "person": "anna",
        "full_name": "Anna",
        "active": True,
        "passphrase": True,
    }
    assert entry.actor.role == "OPERATOR"
    assert anna.password not in str(entry.data)


def test_a_name_is_given_once(hire: Any, clock: Clock) -> None:
    from cableroom.directory import people
    from cableroom.register import ledger

    hire("anna")
    before = ledger.size("house")
    with pytest.raises(StateError, match="already somebody with the name anna"):
        people.add_person("anna", "Another", PASSPHRASE, by=None, now=clock.now)
    assert ledger.size("house") == before


def test_names_that_an_account_cannot_have(house: Any, clock: Clock) -> None:
    from cableroom.directory import people

    for name in ("", "Anna", "a b", "-a", "a/b", "@a", "*head", "x" * 65, "ann\n"):
        with pytest.raises(InputError):
            people.add_person(name, "Anna", PASSPHRASE, by=None, now=clock.now)
    for full_name in ("", " ", " Anna", "Anna\nBob", "An\u202ena"):
        with pytest.raises(InputError):
            people.add_person("anna", full_name, PASSPHRASE, by=None, now=clock.now)


def test_an_appointment_has_a_beginning_and_an_end(hire: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import people

    anna = hire("anna")
    start, end = clock.now + timedelta(days=1), clock.now + timedelta(days=2)
    people.appoint(anna, capital, "MINISTER", since=start, until=end, by=None, now=clock.now)
    assert held(anna, clock) == set()
    clock.now = start
    assert held(anna, clock) == {(str(capital), "MINISTER")}
    clock.now = end - timedelta(milliseconds=1)
    assert held(anna, clock) == {(str(capital), "MINISTER")}
    clock.now = end
    assert held(anna, clock) == set()


def test_an_appointment_ends_after_it_begins(hire: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import people

    with pytest.raises(InputError):
        people.appoint(hire("anna"), capital, "MINISTER", until=clock.now, by=None, now=clock.now)


def test_ending_an_appointment(hire: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import people

    anna = hire("anna", "MINISTER")
    clock.forward(days=1)
    people.end_appointment(anna, capital, "MINISTER", by=None, now=clock.now)
    assert held(anna, clock) == set()
    with pytest.raises(StateError):
        people.end_appointment(anna, capital, "MINISTER", by=None, now=clock.now)


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(
    hire: Any, capital: Post, clock: Clock
) -> None:
    from cableroom.directory import people

    with pytest.raises(NotFound, match="ADMINISTRATOR, ARCHIVIST, DESK OFFICER, MINISTER"):
        people.appoint(hire("anna"), capital, "CONSUL", by=None, now=clock.now)


def test_a_role_can_be_given_more_and_less(hire: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import people
    from cableroom.directory.standing import standing

    desk = hire("desk", "DESK OFFICER")
    assert standing(desk, now=clock.now).may("archive") is None
    people.add_role(capital, "DESK OFFICER", permissions=["archive"], by=None, now=clock.now)
    assert standing(desk, now=clock.now).may("archive")
    people.add_role(capital, "DESK OFFICER", by=None, now=clock.now)
    assert standing(desk, now=clock.now).may("archive") is None


def test_roles_that_cannot_be(capital: Post, clock: Clock) -> None:
    from cableroom.directory import people

    for name in ("minister", "DESK FLASH", "X", "A" * 33, "@X", "*X"):
        with pytest.raises(InputError):
            people.add_role(capital, name, by=None, now=clock.now)
    with pytest.raises(InputError):
        people.add_role(capital, "MINISTER", permissions=["rule"], by=None, now=clock.now)
    with pytest.raises(NotFound):
        people.add_role(Post("mfa.example", "NOWHERE"), "MINISTER", by=None, now=clock.now)


def test_a_clearance_has_a_level_and_an_end(hire: Any, clock: Clock) -> None:
    from cableroom.directory import people
    from cableroom.directory.standing import Clearance, clearance

    anna = hire("anna", None, "SECRET")
    assert clearance("anna", now=clock.now) == Clearance("SECRET", 4)
    people.set_clearance(anna, "RESTRICTED", until=clock.now + timedelta(days=1), by=None, now=clock.now)
    assert clearance("anna", now=clock.now) == Clearance("RESTRICTED", 2)
    assert clearance("anna", now=clock.forward(days=1)) is None


def test_levels_and_categories_that_the_policy_does_not_know(hire: Any, clock: Clock) -> None:
    from cableroom.directory import people

    anna = hire("anna")
    with pytest.raises(NotFound):
        people.set_clearance(anna, "COSMIC", by=None, now=clock.now)
    with pytest.raises(NotFound):
        people.set_clearance(anna, "SECRET", ["ALPHA"], by=None, now=clock.now)
    people.set_clearance(anna, "SECRET", ["ALPHA@un.example"], by=None, now=clock.now)


def test_only_administrators_change_the_directory(hire: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import people, posts, routes
    from cableroom.register import ledger

    anna, minister, admin = (
        hire("anna"),
        hire("minister", "MINISTER", "SECRET"),
        hire("admin", "ADMINISTRATOR"),
    )

    def acts(by: Any) -> list[Any]:
        common = {"by": by, "now": clock.now}
        return [
            lambda: people.add_person("bert", "Bert", PASSPHRASE, **common),
            lambda: people.appoint(anna, capital, "ARCHIVIST", **common),
            lambda: people.end_appointment(anna, capital, "ARCHIVIST", **common),
            lambda: people.set_clearance(anna, "SECRET", **common),
            lambda: people.add_role(capital, "CONSUL", **common),
            lambda: people.deactivate(anna, **common),
            lambda: posts.set_ceiling(capital, "SECRET", **common),
            lambda: posts.set_collective("ALL", [capital], **common),
            lambda: routes.set_routes(capital, [("mail", "capital@mfa.example")], **common),
        ]

    people.appoint(anna, capital, "ARCHIVIST", by=None, now=clock.now)
    before = ledger.size("house")
    for act in acts(minister):
        with pytest.raises(NotAllowed) as refusal:
            act()
        assert refusal.value.code == "needs-administer"
    assert ledger.size("house") == before
    clock.forward(minutes=1)
    for act in acts(admin):
        act()
    assert ledger.size("house") == before + len(acts(admin))
    assert next(iter(ledger.entries("house", after=before - 1))).actor.person == "admin"


def test_the_holders_of_a_permission(hire: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import people
    from cableroom.directory.standing import holders

    anna, _bert = hire("anna", "MINISTER"), hire("bert", "DESK OFFICER")
    assert holders(str(capital), now=clock.now) == (("bert", "DESK OFFICER"), ("anna", "MINISTER"))
    assert holders(str(capital), now=clock.now, permission="release") == (("anna", "MINISTER"),)
    people.deactivate(anna, by=None, now=clock.now)
    assert holders(str(capital), now=clock.now, permission="release") == ()
