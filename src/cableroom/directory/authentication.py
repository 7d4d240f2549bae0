"""Passphrases: signing in, and authenticating again for an act that commits the post.

`Authentication` is a value that only this module can make. Whoever needs one (the keystore,
for a release key) checks it here. Repeated failures make the next try wait, by name and
source; an unknown name costs the same time and gives the same answer as a wrong passphrase.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cableroom.cable.canonical import stamp
from cableroom.directory.models import Person, SignInAttempt
from cableroom.errors import InputError, NotAllowed

FRESH_FOR = timedelta(minutes=2)
LEAST_LENGTH = 12
MOST_LENGTH = 1000
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
MOST_ATTEMPT_ROWS = 10_000

_SECRET = secrets.token_bytes(32)  # of this process: a value made in another one does not count


@dataclass(frozen=True, slots=True)
class Authentication:
    """Proof, good for two minutes in this process, that `person` has just shown who they are."""

    person: str
    method: str
    at: datetime
    proof: bytes

    def data(self) -> dict[str, str]:
        """What the register keeps of it: the method and the time."""
        return {"method": self.method, "at": stamp(self.at)}


def authenticate_again(
    person: Person, passphrase: str, *, now: datetime, source: str = "again"
) -> Authentication:
    """Check the passphrase of a person who is signed in, before an act that commits the post.

    Raises `NotAllowed` (code "passphrase", or "sign-in-wait" after repeated failures).
    """
    _verified(person.name, passphrase, source=source, now=now)
    return Authentication(person.name, "passphrase", now, _proof(person.name, "passphrase", now))


def check_fresh(authentication: Authentication, *, now: datetime) -> str:
    """The person's name, if the value was made here and is not older than two minutes. Raises `NotAllowed`."""
    if not isinstance(authentication, Authentication) or not hmac.compare_digest(
        authentication.proof,
        _proof(authentication.person, authentication.method, authentication.at),
    ):
        raise NotAllowed(_("This authentication was not made here."), code="authentication")
    if not timedelta(0) <= now - authentication.at <= FRESH_FOR:
        raise NotAllowed(
            _("The passphrase was given more than two minutes ago."),
            do=_("Enter it again."),
            code="authentication-old",
        )
    return authentication.person


def sign_in(name: str, passphrase: str, *, source: str, now: datetime) -> Person:
    """The person of this name and passphrase. `source` is where the try comes from (an address).

    Raises `NotAllowed`; its words are the same for a wrong name and a wrong passphrase.
    """
    return _verified(name, passphrase, source=source, now=now)


def hash_passphrase(passphrase: str, *, name: str = "") -> str:
    """The stored form of a new passphrase. Raises `InputError` if it is too short or the name itself."""
    if not LEAST_LENGTH <= len(passphrase) <= MOST_LENGTH:
        raise InputError(
            _("A passphrase has at least %(least)s characters.") % {"least": LEAST_LENGTH},
            do=_("Take four or five words."),
            code="passphrase-length",
        )
    if len(set(passphrase)) < 5 or (name and passphrase.casefold().strip() == name.casefold()):
        raise InputError(
            _("This passphrase is too easy to guess."),
            do=_("Take four or five words."),
            code="passphrase-easy",
        )
    return make_password(passphrase)


def _verified(name: str, passphrase: str, *, source: str, now: datetime) -> Person:
    name, source = name[:64], source[:100]
    _refuse_if_waiting(name, source, now)
    _count_try(name, source, now)  # before the check: tries at the same moment count too
    person = Person.objects.filter(name=name, is_active=True).first()
    if not _check(person, passphrase) or person is None:
        raise NotAllowed(_("Name and passphrase do not fit."), do=_("Try again."), code="passphrase")
    SignInAttempt.objects.filter(name=name, source=source).delete()
    return person


def _check(person: Person | None, passphrase: str) -> bool:
    if person is None:
        make_password(passphrase[:MOST_LENGTH])  # as long as a real check takes
        return False
    return len(passphrase) <= MOST_LENGTH and check_password(passphrase, person.password)


def _refuse_if_waiting(name: str, source: str, now: datetime) -> None:
    row = SignInAttempt.objects.filter(name=name, source=source).first()
    if row is None:
        return
    until = row.last_at + _wait(row.failures)
    if now < until:
        raise NotAllowed(
            _("Several tries failed."),
            do=_("Try again after %(time)s UTC.") % {"time": f"{until:%H:%M:%S}"},
            code="sign-in-wait",
        )


def _wait(failures: int) -> timedelta:
    if failures < FREE_TRIES:
        return timedelta(0)
    return min(FIRST_WAIT * 2 ** min(failures - FREE_TRIES, 16), LONGEST_WAIT)


def _count_try(name: str, source: str, now: datetime) -> None:
    with transaction.atomic():
        SignInAttempt.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
        mine = SignInAttempt.objects.filter(name=name, source=source)
        if mine.update(failures=F("failures") + 1, last_at=now):
            return
        if SignInAttempt.objects.count() >= MOST_ATTEMPT_ROWS:  # strangers do not fill the disk
            SignInAttempt.objects.order_by("failures", "last_at")[0].delete()
        row = SignInAttempt(name=name, source=source, failures=1, last_at=now)
        SignInAttempt.objects.bulk_create([row], ignore_conflicts=True)


def _proof(person: str, method: str, at: datetime) -> bytes:
    return hmac.digest(_SECRET, "\0".join((person, method, at.isoformat())).encode(), "sha256")
