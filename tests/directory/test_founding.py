"""The ceremonies: the data folder, a post, and being interrupted in the middle."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from cableroom.cable.address import Post
from cableroom.errors import InputError, SealError, StateError, Unavailable

from .conftest import ORG, Clock


def test_the_folder_is_for_its_owner_alone(house: Path) -> None:
    keys = house / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    names = {file.name for file in keys.iterdir()}
    assert names == {"master.key", "authority.key", "authority.crt", "web.secret", "line.pem"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in keys.iterdir())


def test_the_config_is_toml_whatever_the_name(home: Path, clock: Clock) -> None:
    from cableroom.directory import founding

    name = 'Ministère "A\\B" – 外務省'
    founding.prepare_folder(home, org=ORG, name=name, now=clock.now, config="[web]\nport = 8001\n")
    config = tomllib.loads((home / "config.toml").read_text("utf-8"))
    assert config == {"organisation": {"org": ORG, "name": name}, "web": {"port": 8001}}


def test_no_private_key_lies_open(house: Path, capital: Post) -> None:
    from cableroom.directory import keystore
    from cableroom.directory.models import StoredKey
    from cableroom.seal import keys

    secrets = [keys.private_bytes(keystore.system_key(capital)[0]), keystore.archive_key(capital)]
    secrets.append(keys.private_bytes(keystore.authority_key()[0]))
    stored = b"".join(bytes(row.wrapped) for row in StoredKey.objects.all())
    stored += (house / "keys" / "authority.key").read_bytes()
    assert stored
    assert not [secret for secret in secrets if secret in stored]


def test_a_key_that_was_put_elsewhere_does_not_open(capital: Post) -> None:
    from cableroom.directory import keystore
    from cableroom.directory.models import StoredKey

    release = StoredKey.objects.get(post=str(capital), use="release")
    StoredKey.objects.filter(post=str(capital), use="system").update(wrapped=release.wrapped)
    with pytest.raises(SealError):
        keystore.system_key(capital)


def test_the_authority_has_the_form_of_one(capital: Post, clock: Clock) -> None:
    from cableroom.directory import certificates
    from cableroom.seal import trust

    for use, kind in (
        ("release", trust.Use.RELEASE),
        ("system", trust.Use.SYSTEM),
        ("opening", trust.Use.OPENING),
    ):
        der = certificates.for_post(capital, use, clock.now)
        verdict = trust.judge(
            der,
            use=kind,
            authorities=certificates.authorities(),
            at=clock.now,
            post=capital,
            without_crl="error",
        )
        assert verdict.good, verdict.problems


def test_the_line_loads_as_a_chain(house: Path) -> None:
    import ssl

    from cableroom.directory import keystore

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keystore.line_key())
    chain = x509.load_pem_x509_certificates(keystore.line_key().read_bytes())
    assert chain[0].issuer == chain[1].subject


def test_founding_twice_is_refused_and_changes_nothing(house: Path, clock: Clock) -> None:
    from cableroom.directory import founding
    from cableroom.register import ledger

    before, master = ledger.size("house"), (house / "keys" / "master.key").read_bytes()
    with pytest.raises(StateError, match="already an organisation"):
        founding.found(house, org="other.example", name="Other", now=clock.now)
    assert ledger.size("house") == before
    assert (house / "keys" / "master.key").read_bytes() == master


def test_another_folder_than_that_of_the_settings_is_refused(
    house: Path, tmp_path: Path, clock: Clock
) -> None:
    from cableroom.directory import founding

    with pytest.raises(InputError):
        founding.found(tmp_path / "other", org=ORG, name="Other", now=clock.now)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("step", range(12))
def test_f8_an_interrupted_founding_can_be_run_again(
    transactional_db: None,
    home: Path,
    clock: Clock,
    only_directory: None,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    """Stop before the n-th thing that is written, run again: whole, with one authority throughout."""
    from cableroom.directory import certificates, founding, house, keystore
    from cableroom.directory.models import CertificateRow

    class Stopped(BaseException):
        pass

    left = [step]

    def stopping(real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if left[0] == 0:
                left[0] = -1
                raise Stopped
            left[0] -= 1
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for module in (founding, certificates, house.ledger, keystore):
            for name in ("record", "append", "write_durably"):
                if hasattr(module, name):
                    patch.setattr(module, name, stopping(getattr(module, name)))
        with pytest.raises(Stopped):
            founding.found(home, org=ORG, name="Ministry", now=clock.now)
    founding.found(home, org=ORG, name="Ministry", now=clock.now)
    assert CertificateRow.objects.filter(use="authority").count() == 1
    assert CertificateRow.objects.filter(use="line").count() == 1
    assert len(keystore.archive_keys("house")) == 1
    post = founding.create_post("CAPITAL", now=clock.now)
    assert keystore.system_key(post)
    with pytest.raises(StateError):
        founding.found(home, org=ORG, name="Ministry", now=clock.now)


def test_f8_an_interrupted_post_can_be_made_again(
    house: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cableroom.directory import certificates, founding, keystore
    from cableroom.register import ledger

    real = certificates.record

    def fails_at_the_system_key(kind: str, data: dict[str, Any], **more: Any) -> Any:
        if data.get("use") == "system":
            raise Unavailable("The disk is full.")
        return real(kind, data, **more)

    with monkeypatch.context() as patch:
        patch.setattr(certificates, "record", fails_at_the_system_key)
        with pytest.raises(Unavailable):
            founding.create_post("HAVANA", now=clock.now)
    origin = ledger.view(f"{ORG}/HAVANA").origin
    post = founding.create_post("HAVANA", now=clock.now)
    assert ledger.view(str(post)).origin == origin
    assert keystore.system_key(post)
    assert len(keystore.opening_keys(post)) == 1


def test_a_post_cannot_be_made_twice(capital: Post, clock: Clock) -> None:
    from cableroom.directory import founding

    with pytest.raises(StateError, match="There is already a post CAPITAL"):
        founding.create_post("CAPITAL", now=clock.now)


def test_names_that_no_post_can_have(house: Path, clock: Clock) -> None:
    from cableroom.directory import founding

    for name in ("capital", "A", "NEW YORK FLASH", "X" * 33, "PORT  OF", "A/B", ""):
        with pytest.raises(InputError):
            founding.create_post(name, now=clock.now)


def test_rebuilding_gives_the_same_tables(capital: Post, hire: Any, clock: Clock) -> None:
    from cableroom.directory import covernames, people, posts, routes
    from cableroom.register import following

    anna = hire("anna", "MINISTER", "SECRET")
    people.appoint(anna, capital, "ARCHIVIST", until=clock.now.replace(year=2027), by=None, now=clock.now)
    people.end_appointment(anna, capital, "ARCHIVIST", by=None, now=clock.forward(days=1))
    routes.set_routes(capital, [("smtp", "127.0.0.1:2525")], by=None, now=clock.now)
    posts.set_ceiling(capital, "SECRET", by=None, now=clock.now)
    posts.set_collective("ALL POSTS", [capital], by=None, now=clock.now)
    covernames.define("PAVLOV", "the general", level="SECRET", by=None, now=clock.now)
    assert following.rebuild(check=True) == []
    assert following.rebuild(check=False) == []
    assert posts.get(capital).ceiling_number == 4
    assert posts.expand("ALL POSTS") == (capital.seen_from(ORG),)
    assert covernames.meaning(anna, "PAVLOV", now=clock.now).meaning == "the general"
