"""Each model of ours is of exactly one kind of table; the page names every code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.checks import run_checks
from django.db import models

from cableroom.register import audit, checks, entries, registry, witness
from cableroom.register.bases import BASES, ProjectionTable, RegisterTable, WorkingTable
from cableroom.register.models import Lease, Serial

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "reference" / "register.md").read_text("utf-8")


class OfNone(models.Model):
    class Meta:
        app_label = "toys"
        managed = False


class OfTwo(WorkingTable, ProjectionTable):
    class Meta:
        app_label = "toys"
        managed = False


class Account(AbstractBaseUser, WorkingTable):
    class Meta:
        app_label = "toys"
        managed = False


class Tied(WorkingTable):
    other = models.ForeignKey(Lease, on_delete=models.CASCADE)
    loose = models.ForeignKey(Lease, on_delete=models.CASCADE, db_constraint=False, related_name="+")

    class Meta:
        app_label = "toys"
        managed = False


class Orphan(ProjectionTable):
    class Meta:
        app_label = "toys"
        managed = False


def ids(found: list) -> list[tuple[str, str]]:
    return [(message.obj.__name__, message.id) for message in found]


def only(monkeypatch: pytest.MonkeyPatch, *given: type[models.Model]) -> None:
    monkeypatch.setattr(checks, "our_models", lambda: iter(given))


def test_a_model_of_no_kind_or_of_two_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, OfNone, OfTwo, Account, Tied, Orphan)
    assert ids(checks.check_kinds()) == [("OfNone", "register.E001"), ("OfTwo", "register.E001")]


def test_a_foreign_key_of_the_database_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Account, Tied)
    [message] = checks.check_foreign_keys()
    assert (message.obj, message.id) == (Tied, "register.E002")
    assert message.msg.startswith("other ")


def test_a_projected_table_has_one_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Account, Orphan)
    with registry.only(registry.Projection("toy", None, (Lease,), lambda entry, opened: None)):
        assert ids(checks.check_owners()) == [("Orphan", "register.E003"), ("Lease", "register.E004")]
    with registry.only(registry.Projection("toy", None, (Orphan,), lambda entry, opened: None)):
        assert checks.check_owners() == []


def test_two_projections_cannot_have_one_table() -> None:
    def nothing(entry: object, opened: object) -> None:
        pass

    with (
        pytest.raises(Exception, match="collides"),
        registry.only(
            registry.Projection("one", None, (Serial,), nothing),
            registry.Projection("two", None, (Serial,), nothing),
        ),
    ):
        pass
    assert any(p.name == "serials" for p in registry.projections()), "the registry is as it was"


def test_the_house_passes_its_own_checks() -> None:
    ours = [message for message in run_checks() if (message.id or "").startswith("register.")]
    assert ours == []
    found = list(checks.our_models())
    assert len(found) > 10
    assert all(sum(issubclass(model, base) for base in BASES) == 1 for model in found)
    assert any(issubclass(model, RegisterTable) for model in found)


SOURCES = [(Path(str(module.__file__))).read_text("utf-8") for module in (audit, witness, entries)]


def test_every_code_stands_on_the_page() -> None:
    found = set(re.findall(r'_?add\("([a-z-]+)"', SOURCES[0]))
    found |= set(re.findall(r'_(?:fork|alarm)\(register, "([a-z-]+)"', SOURCES[1]))
    found |= set(re.findall(r'code="(entry-(?:kind|place|keys|digest))"', SOURCES[2]))
    assert len(found) > 25
    missing = {code for code in found if f"`{code}`" not in PAGE}
    assert not missing
