"""Signing in, waiting after failures, and the value without which no release key is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cableroom.cable.address import Post
from cableroom.directory.authentication import (
    FIRST_WAIT,
    FREE_TRIES,
    FRESH_FOR,
    LONGEST_WAIT,
    Authentication,
    authenticate_again,
    check_fresh,
    hash_passphrase,
    sign_in,
)
from cableroom.errors import InputError, NotAllowed, Unavailable

from .conftest import PASSPHRASE, Clock


@pytest.fixture
def cheap_hashes() -> None:
    """None here: what is tested is what is used."""


def wrong(name: str, clock: Clock, *, source: str = "192.0.2.7") -> str:
    """The code with which a wrong passphrase is refused."""
    with pytest.raises(NotAllowed) as refusal:
        sign_in(name, "not the passphrase", source=source, now=clock.now)
    return refusal.value.code


def test_name_and_passphrase(hire: Any, clock: Clock) -> None:
    anna = hire("anna")
    assert sign_in("anna", PASSPHRASE, source="192.0.2.7", now=clock.now) == anna


def test_a_wrong_name_and_a_wrong_passphrase_are_answered_alike(hire: Any, clock: Clock) -> None:
    hire("anna")
    answers = []
    for name in ("anna", "nobody"):
        with pytest.raises(NotAllowed) as refusal:
            sign_in(name, "not the passphrase", source="192.0.2.7", now=clock.now)
        answers.append((str(refusal.value), refusal.value.code))
    assert answers[0] == answers[1]


def test_the_stored_form_is_scrypt(hire: Any) -> None:
    anna = hire("anna")
    assert anna.password.startswith("scrypt$")
    assert PASSPHRASE not in anna.password


def test_failures_make_the_next_try_wait_longer_and_longer(hire: Any, clock: Clock) -> None:
    hire("anna")
    for _ in range(FREE_TRIES):
        assert wrong("anna", clock) == "passphrase"
    assert wrong("anna", clock) == "sign-in-wait"
    clock.now += FIRST_WAIT - timedelta(seconds=1)
    with pytest.raises(NotAllowed) as refusal:  # the right one waits as well
        sign_in("anna", PASSPHRASE, source="192.0.2.7", now=clock.now)
    assert refusal.value.code == "sign-in-wait"
    clock.now += timedelta(seconds=1)
    assert wrong("anna", clock) == "passphrase"
    clock.now += FIRST_WAIT
    assert wrong("anna", clock) == "sign-in-wait"
    clock.now += FIRST_WAIT
    assert sign_in("anna", PASSPHRASE, source="192.0.2.7", now=clock.now)
    assert wrong("anna", clock) == "passphrase"  # counted anew


def test_the_wait_has_an_end(hire: Any, clock: Clock) -> None:
    from cableroom.directory.models import SignInAttempt

    hire("anna")
    SignInAttempt.objects.create(name="anna", source="192.0.2.7", failures=5000, last_at=clock.now)
    clock.now += LONGEST_WAIT
    assert sign_in("anna", PASSPHRASE, source="192.0.2.7", now=clock.now)


def test_a_stranger_cannot_lock_somebody_out(hire: Any, clock: Clock) -> None:
    hire("anna")
    for _ in range(FREE_TRIES + 1):
        wrong("anna", clock, source="203.0.113.9")
    assert wrong("anna", clock, source="203.0.113.9") == "sign-in-wait"
    assert sign_in("anna", PASSPHRASE, source="192.0.2.7", now=clock.now)


def test_strangers_do_not_fill_the_table(hire: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    from cableroom.directory import authentication
    from cableroom.directory.models import SignInAttempt

    monkeypatch.setattr(authentication, "MOST_ATTEMPT_ROWS", 3)
    hire("anna")
    for _ in range(FREE_TRIES):
        wrong("anna", clock)
    for n in range(5):
        wrong(f"guess-{n}", clock)
    assert SignInAttempt.objects.count() == 3
    assert wrong("anna", clock) == "sign-in-wait", "what counts most is kept"
    clock.forward(hours=25)
    wrong("another", clock)
    assert SignInAttempt.objects.count() == 1


def test_whoever_left_cannot_sign_in(hire: Any, clock: Clock) -> None:
    from cableroom.directory import people

    people.deactivate(hire("anna"), by=None, now=clock.now)
    with pytest.raises(NotAllowed):
        sign_in("anna", PASSPHRASE, source="192.0.2.7", now=clock.now)


def test_a_new_passphrase_counts_at_once(hire: Any, clock: Clock) -> None:
    from cableroom.directory import people

    anna = hire("anna")
    people.new_passphrase(anna, "another harbour, another moss", by=anna, now=clock.now)
    assert wrong("anna", clock) == "passphrase"
    with pytest.raises(NotAllowed):
        sign_in("anna", PASSPHRASE, source="192.0.2.7", now=clock.now)
    assert sign_in("anna", "another harbour, another moss", source="192.0.2.7", now=clock.now)


def test_somebody_elses_passphrase_needs_an_administrator(hire: Any, clock: Clock) -> None:
    from cableroom.directory import people

    anna, bert, admin = hire("anna"), hire("bert", "DESK OFFICER"), hire("admin", "ADMINISTRATOR")
    with pytest.raises(NotAllowed):
        people.new_passphrase(anna, "another harbour, another moss", by=bert, now=clock.now)
    assert sign_in("anna", PASSPHRASE, source="192.0.2.7", now=clock.now)
    people.new_passphrase(anna, "another harbour, another moss", by=admin, now=clock.now)


@pytest.mark.parametrize("passphrase", ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "x" * 1001])
def test_passphrases_that_do_not_do(passphrase: str) -> None:
    with pytest.raises(InputError):
        hash_passphrase(passphrase)


def test_ones_own_name_is_no_passphrase() -> None:
    with pytest.raises(InputError):
        hash_passphrase("Anna.Example.Long", name="anna.example.long")
    assert hash_passphrase("Anna.Example.Long", name="anna")


# -- again ---------------------------------------------------------------------------------


def test_the_release_key_comes_for_a_releasing_officer_who_has_just_authenticated(
    hire: Any, capital: Post, clock: Clock
) -> None:
    from cableroom.directory import certificates, keystore

    anna = hire("anna", "MINISTER", "SECRET")
    again = authenticate_again(anna, PASSPHRASE, now=clock.now)
    key, certificate = keystore.release_key(capital, again, now=clock.now + FRESH_FOR)
    assert certificate == certificates.for_post(capital, "release", clock.now)
    from cableroom.seal import certificates as x509

    assert x509.public_key(certificate) == key.public_key()
    assert again.data() == {"method": "passphrase", "at": "2026-10-27T18:40:00.000Z"}


def test_not_with_a_wrong_passphrase(hire: Any, clock: Clock) -> None:
    with pytest.raises(NotAllowed):
        authenticate_again(hire("anna", "MINISTER"), "not the passphrase", now=clock.now)


@pytest.mark.parametrize("age", [FRESH_FOR + timedelta(milliseconds=1), timedelta(seconds=-1)])
def test_not_when_it_is_old_or_of_the_future(hire: Any, capital: Post, clock: Clock, age: timedelta) -> None:
    from cableroom.directory import keystore

    again = authenticate_again(hire("anna", "MINISTER"), PASSPHRASE, now=clock.now)
    with pytest.raises(NotAllowed) as refusal:
        keystore.release_key(capital, again, now=clock.now + age)
    assert refusal.value.code == "authentication-old"


def test_not_with_a_value_that_was_made_by_hand(hire: Any, capital: Post, clock: Clock) -> None:
    from cableroom.directory import keystore

    hire("anna", "MINISTER")
    desk = authenticate_again(hire("desk", "DESK OFFICER"), PASSPHRASE, now=clock.now)
    forgeries: list[Any] = [
        Authentication("anna", "passphrase", clock.now, b""),
        replace(desk, person="anna"),
        replace(desk, at=clock.now + timedelta(seconds=1)),
        replace(desk, method="token"),
        None,
        "anna",
    ]
    for forged in forgeries:
        with pytest.raises(NotAllowed) as refusal:
            keystore.release_key(capital, forged, now=clock.now)
        assert refusal.value.code == "authentication"
    assert check_fresh(desk, now=clock.now) == "desk"


def test_not_without_a_releasing_role_at_that_very_post_and_time(
    hire: Any, capital: Post, clock: Clock
) -> None:
    from cableroom.directory import founding, keystore, people
    from cableroom.directory.policyform import RoleRule

    havana = founding.create_post("HAVANA", now=clock.now, roles=(RoleRule("AMBASSADOR", ("release",)),))
    desk = hire("desk", "DESK OFFICER", "SECRET")
    anna = hire("anna", "MINISTER", "SECRET")

    def refused(person: Any, post: Post) -> str:
        again = authenticate_again(person, PASSPHRASE, now=clock.now)
        with pytest.raises(NotAllowed) as refusal:
            keystore.release_key(post, again, now=clock.now)
        return refusal.value.code

    assert refused(desk, capital) == "needs-release"
    assert refused(anna, havana) == "needs-release"
    people.appoint(
        desk,
        havana,
        "AMBASSADOR",
        since=clock.now + timedelta(hours=1),
        until=clock.now + timedelta(hours=2),
        by=None,
        now=clock.now,
    )
    assert refused(desk, havana) == "needs-release"
    clock.forward(hours=1)
    again = authenticate_again(desk, PASSPHRASE, now=clock.now)
    assert keystore.release_key(havana, again, now=clock.now)
    clock.forward(hours=1)
    assert refused(desk, havana) == "needs-release"
    again = authenticate_again(anna, PASSPHRASE, now=clock.now)
    people.deactivate(anna, by=None, now=clock.now)
    with pytest.raises(NotAllowed):
        keystore.release_key(capital, again, now=clock.now)


def test_a_post_whose_release_certificate_ended_releases_nothing(
    hire: Any, capital: Post, clock: Clock
) -> None:
    from cableroom.directory import keystore

    anna = hire("anna", "MINISTER")
    clock.forward(days=731)
    again = authenticate_again(anna, PASSPHRASE, now=clock.now)
    with pytest.raises(Unavailable):
        keystore.release_key(capital, again, now=clock.now)
