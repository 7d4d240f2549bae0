"""System checks: each model of ours is of exactly one kind of table, and none can fail at COMMIT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import models

from cableroom.register import registry
from cableroom.register.bases import BASES, ProjectionTable
from cableroom.register.models import Followed

_OWN_BOOKKEEPING = {Followed}


def our_models() -> Iterator[type[models.Model]]:
    for config in apps.get_app_configs():
        if config.name.startswith("cableroom."):
            yield from config.get_models(include_auto_created=True)


def check_kinds(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Every model of ours inherits exactly one of RegisterTable, WorkingTable, ProjectionTable."""
    found: list[checks.CheckMessage] = []
    for model in our_models():
        kinds = [base.__name__ for base in BASES if issubclass(model, base)]
        if len(kinds) != 1:
            found.append(
                checks.Error(
                    f"This table is of {len(kinds)} kinds ({', '.join(kinds) or 'none'}), not of one.",
                    hint="Inherit exactly one of RegisterTable, WorkingTable, ProjectionTable.",
                    obj=model,
                    id="register.E001",
                )
            )
    return found


def check_foreign_keys(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """No table of ours has a database foreign key: deferred ones fail at COMMIT, with a whole group."""
    return [
        checks.Error(
            f"{field.name} is a foreign key of the database.",
            hint="Write db_constraint=False, or refer by a natural key.",
            obj=model,
            id="register.E002",
        )
        for model in our_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey) and getattr(field, "db_constraint", True)
    ]


def check_owners(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Every projection table is written by exactly one projection, which may write no other table."""
    owned = [table for projection in registry.projections() for table in projection.tables]
    found: list[checks.CheckMessage] = [
        checks.Error(
            "This table is projected, but no projection of entries owns it.",
            hint="Name it in the `tables` of the projection that writes it.",
            obj=model,
            id="register.E003",
        )
        for model in our_models()
        if issubclass(model, ProjectionTable) and model not in owned and model not in _OWN_BOOKKEEPING
    ]
    found += [
        checks.Error(
            "A projection owns this table, which is no ProjectionTable: a rebuild would empty it.",
            obj=table,
            id="register.E004",
        )
        for table in owned
        if not issubclass(table, ProjectionTable)
    ]
    return found


def register_checks() -> None:
    for check in (check_kinds, check_foreign_keys, check_owners):
        checks.register(check, "register")
