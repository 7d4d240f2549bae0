"""Keys are made, renewed at two thirds of their life and revoked, and nobody handles a certificate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cableroom.cable.address import Post
from cableroom.errors import InputError, NotAllowed, NotFound, StateError
from cableroom.seal import certificates as x509
from cableroom.seal import trust
from cableroom.seal.uses import POST_LIFETIME

from .conftest import ORG, Clock


def rows(post: Post, use: str) -> list[Any]:
    from cableroom.directory.models import CertificateRow

    return list(CertificateRow.objects.filter(post=str(post), use=use).order_by("since"))


def stored(post: Post, use: str) -> int:
    from cableroom.directory.models import StoredKey

    return StoredKey.objects.filter(post=str(post), use=use).count()


def test_nothing_is_renewed_before_two_thirds(capital: Post, clock: Clock) -> None:
    from cableroom.directory import certificates

    clock.now += POST_LIFETIME * 2 / 3 - timedelta(minutes=6)
    certificates.refresh_list(now=clock.now)
    assert certificates.renew_due(clock.now) == 0


def test_at_two_thirds_there_is_a_new_one_of_each_and_the_old_ones_stay_for_reading(
    capital: Post, clock: Clock
) -> None:
    from cableroom.directory import certificates, keystore

    old = certificates.for_post(capital, "opening", clock.now)
    old_key = keystore.opening_keys(capital)[0][1]
    certificates.refresh_list(now=clock.now)
    clock.now += POST_LIFETIME * 2 / 3
    certificates.refresh_list(now=clock.now)
    assert certificates.renew_due(clock.now) == 4  # release, system, opening; and the line
    assert certificates.renew_due(clock.now) == 0
    assert [len(rows(capital, use)) for use in ("release", "system", "opening")] == [2, 2, 2]
    assert [stored(capital, use) for use in ("release", "system", "opening", "archive")] == [1, 1, 2, 1]
    new = certificates.for_post(capital, "opening", clock.now)
    assert new != old
    assert [certificate for certificate, _key in keystore.opening_keys(capital)] == [new, old]
    assert keystore.opening_keys(capital)[1][1].private_numbers() == old_key.private_numbers()
    key, certificate = keystore.system_key(capital, now=clock.now)
    assert x509.public_key(certificate) == key.public_key()
    assert certificate == certificates.for_post(capital, "system", clock.now)


def test_a_certificate_that_was_missed_is_made_when_the_program_runs_again(
    capital: Post, clock: Clock
) -> None:
    from cableroom.directory import certificates, keystore

    clock.now += POST_LIFETIME * 2
    with pytest.raises(NotFound):
        certificates.for_post(capital, "release", clock.now)
    assert certificates.renew_due(clock.now) >= 4
    assert certificates.for_post(capital, "release", clock.now)
    assert keystore.system_key(capital, now=clock.now)


def test_f8_a_renewal_that_is_interrupted_leaves_the_old_key_in_use(
    capital: Post, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cableroom.directory import certificates, keystore, projecting

    old = certificates.for_post(capital, "system", clock.now)
    clock.now += POST_LIFETIME * 2 / 3

    def breaks(*_args: Any, **_more: Any) -> int:
        raise NotFound("The disk went away.")

    with monkeypatch.context() as patch:
        patch.setattr(keystore, "forget", breaks)
        with pytest.raises(NotFound):
            certificates.renew_due(clock.now)
    assert [len(rows(capital, use)) for use in ("release", "system", "opening")] == [1, 1, 1]
    assert keystore.system_key(capital, now=clock.now)[1] == old
    assert projecting.TABLES
    assert certificates.renew_due(clock.now) >= 3


def test_the_renewed_line_is_in_its_file(capital: Post, clock: Clock) -> None:
    import ssl

    from cableroom.directory import certificates, keystore

    before = keystore.line_key().read_bytes()
    clock.now += POST_LIFETIME * 2 / 3
    certificates.renew_due(clock.now)
    assert keystore.line_key().read_bytes() != before
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(keystore.line_key())


def test_the_revocation_list_is_renewed_every_month(capital: Post, clock: Clock) -> None:
    from cableroom.directory import certificates

    first = certificates.own_crl()
    assert certificates.refresh_list(now=clock.forward(days=29)) == 0
    assert certificates.refresh_list(now=clock.forward(days=1)) == 1
    assert certificates.own_crl() != first


def test_a_revoked_key_signs_nothing_more_and_another_takes_its_place(capital: Post, clock: Clock) -> None:
    from cableroom.directory import certificates, keystore

    clock.forward(days=10)
    old = certificates.for_post(capital, "system", clock.now)
    sha256 = x509.read(old).sha256
    certificates.revoke(sha256, reason="Somebody read the disk.", by=None, now=clock.now)
    new = certificates.for_post(capital, "system", clock.now)
    assert new != old
    assert keystore.system_key(capital, now=clock.now)[1] == new
    assert stored(capital, "system") == 1
    verdict = trust.judge(
        old, use=trust.Use.SYSTEM, authorities=certificates.authorities(), at=clock.now, post=capital
    )
    assert [p.code for p in verdict.problems if p.severity == "error"] == ["revoked"]
    with pytest.raises(StateError):
        certificates.revoke(sha256, reason="again", by=None, now=clock.now)


def test_what_cannot_be_revoked(capital: Post, clock: Clock, hire: Any) -> None:
    from cableroom.directory import certificates, keystore

    sha256 = x509.read(certificates.for_post(capital, "system", clock.now)).sha256
    with pytest.raises(NotFound):
        certificates.revoke("0" * 64, reason="lost", by=None, now=clock.now)
    with pytest.raises(NotFound):  # that is another ceremony
        authority = x509.read(keystore.authority_certificate()).sha256
        certificates.revoke(authority, reason="lost", by=None, now=clock.now)
    with pytest.raises(InputError):
        certificates.revoke(sha256, reason=" ", by=None, now=clock.now)
    with pytest.raises(NotAllowed):
        certificates.revoke(sha256, reason="lost", by=hire("anna", "MINISTER"), now=clock.now)


def test_each_certificate_is_good_for_its_own_use_alone(capital: Post, clock: Clock) -> None:
    """A70: all pairs of the keys of a post."""
    from cableroom.directory import certificates

    uses = {"release": trust.Use.RELEASE, "system": trust.Use.SYSTEM, "opening": trust.Use.OPENING}
    for name in uses:
        der = certificates.for_post(capital, name, clock.now)
        for other, use in uses.items():
            verdict = trust.judge(
                der, use=use, authorities=certificates.authorities_for(capital), at=clock.now, post=capital
            )
            assert verdict.good is (name == other), (name, other)


def test_posts_and_their_certificates_are_found(capital: Post, clock: Clock) -> None:
    from cableroom.directory import certificates, posts, routes

    assert posts.own_posts() == [capital]
    assert posts.by_address("Capital@MFA.example") == capital
    assert posts.by_address("havana@mfa.example") is None
    assert posts.by_origin(posts.get(capital).origin) == capital
    assert posts.find(Post(ORG, "HAVANA")) is None
    with pytest.raises(NotFound):
        posts.get(Post(ORG, "HAVANA"))
    assert routes.routes_for(capital) == [routes.Route("local", "capital@mfa.example")]
    assert routes.mail_address(Post(ORG, "PORT OF SPAIN")) == "port-of-spain@mfa.example"
    der = certificates.for_post(capital, "release", clock.now)
    assert certificates.by_sha256(x509.read(der).sha256) == der
    with pytest.raises(NotFound):
        certificates.by_sha256("0" * 64)


def test_collectives(capital: Post, clock: Clock) -> None:
    from cableroom.directory import founding, posts
    from cableroom.register import ledger

    havana = founding.create_post("HAVANA", now=clock.now)
    posts.set_collective("ALL POSTS", [havana, capital], by=None, now=clock.now)
    assert [member.at(ORG) for member in posts.expand("ALL POSTS")] == [capital, havana]
    assert all(member.org is None for member in posts.expand("ALL POSTS"))
    with pytest.raises(NotFound):
        posts.set_collective("ALL", [Post("un.example", "GENEVA")], by=None, now=clock.now)
    with pytest.raises(StateError):
        posts.set_collective("HAVANA", [capital], by=None, now=clock.now)
    with pytest.raises(StateError, match="is a collective"):
        founding.create_post("ALL POSTS", now=clock.now)
    assert ledger.registers() == ["house", str(capital), str(havana)], "nothing was begun"
    posts.set_collective("ALL POSTS", [], by=None, now=clock.now)
    assert posts.expand("ALL POSTS") is None
