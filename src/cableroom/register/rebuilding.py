"""Rebuild: drop every projection, replay the registers, compare.

It runs in one transaction that keeps the writer away; with `check` everything is rolled back.
Reactions and workers never run in it, so it sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper

from cableroom.register import registry
from cableroom.register.acts import HOUSE
from cableroom.register.models import EntryRow, Followed, Register
from cableroom.register.registry import Projection
from cableroom.register.writer import entry_of

SHOWN: Final = 40  # characters of a value in a difference
PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not the same in use and rebuilt, in words."""

    table: str
    what: str

    def __str__(self) -> str:
        return f"{self.table}: {self.what}"


def rebuild(*, check: bool = True) -> list[Difference]:
    """Replay every register into empty projections; the differences from the rows in use.

    With `check` the rows in use stay as they are; without, the rebuilt ones take their place.
    """
    tables = [table for projection in registry.projections() for table in projection.tables]
    with transaction.atomic(durable=True):
        list(Register.objects.order_by("name").select_for_update())  # the writer waits
        followed = {(row.projection, row.register): row.position for row in Followed.objects.all()}
        for table in tables:
            _set_apart(table)
            table._default_manager.all().delete()
        for name in _names():
            _replay(name, followed)
        differences = [difference for table in tables for difference in _differences(table)]
        for table in tables:
            _drop_apart(table)
        if check:
            transaction.set_rollback(True)
    return differences


def _names() -> list[str]:
    names = sorted(Register.objects.values_list("name", flat=True))
    return sorted(names, key=lambda name: name != HOUSE)


def _replay(register: str, followed: dict[tuple[str, str], int]) -> None:
    parts = [p for p in registry.projections() if p.concerns_register(register)]
    if not parts:
        return
    for row in _rows(register):
        applicable = [p for p in parts if p.concerns(register, row.kind) and _is_reached(p, row, followed)]
        if not applicable:
            continue
        entry = entry_of(row)
        opened = registry.opened_of(entry)
        for projection in applicable:
            projection.apply(entry, opened)


def _is_reached(projection: Projection, row: EntryRow, followed: dict[tuple[str, str], int]) -> bool:
    return projection.within or row.index <= followed.get((projection.name, row.register), -1)


def _rows(register: str) -> Iterator[EntryRow]:
    after = -1
    while True:
        page = list(EntryRow.objects.filter(register=register, index__gt=after).order_by("index")[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].index


# -- comparing -------------------------------------------------------------------------------


def _set_apart(table: type[models.Model]) -> None:
    """Copy the rows in use aside, without automatic ids."""
    columns = ", ".join(_columns(table))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {_apart(table)} AS SELECT {columns} FROM {_quoted(table)}")


def _drop_apart(table: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {_apart(table)}")


def _differences(table: type[models.Model]) -> Iterator[Difference]:
    names = _names_of(_fields(table))
    keys = _natural_key(table)
    with connection.cursor() as cursor:
        in_use = _only_in(cursor, table, _apart(table), _quoted(table))
        rebuilt = _only_in(cursor, table, _quoted(table), _apart(table))
    by_key = {tuple(row[names.index(k)] for k in keys): row for row in rebuilt} if keys else {}
    for row in in_use:
        key = tuple(row[names.index(k)] for k in keys)
        twin = by_key.pop(key, None) if keys else None
        if twin is None:
            yield Difference(table._meta.label, f"in use, not rebuilt: {_words(names, row)}")
        else:
            changed = "; ".join(
                f"{name} is {_short(old)} in use, {_short(new)} rebuilt"
                for name, old, new in zip(names, row, twin, strict=False)
                if old != new
            )
            yield Difference(table._meta.label, f"{_words(keys, key)}: {changed}")
    for row in by_key.values() if keys else rebuilt:
        yield Difference(table._meta.label, f"rebuilt, not in use: {_words(names, row)}")


def _only_in(cursor: CursorWrapper, table: type[models.Model], one: str, other: str) -> list[Sequence[Any]]:
    """The rows of one that the other has not, each with how often it stands there."""
    columns = ", ".join(_columns(table))
    select = f"SELECT {columns}, COUNT(*) FROM {{}} GROUP BY {columns}"
    cursor.execute(f"{select.format(one)} EXCEPT {select.format(other)}")
    return list(cursor.fetchall())


def _fields(table: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in table._meta.local_concrete_fields if not isinstance(field, models.AutoField)]


def _names_of(fields: Iterable[Any]) -> list[str]:
    return [str(field.column) for field in fields]


def _columns(table: type[models.Model]) -> list[str]:
    return [connection.ops.quote_name(name) for name in _names_of(_fields(table))]


def _natural_key(table: type[models.Model]) -> list[str]:
    """The columns that tell one row from another, if the table says so."""
    composite = getattr(table._meta.pk, "fields", None)
    if composite:
        return _names_of(composite)
    for constraint in table._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and not constraint.condition:
            return _names_of(table._meta.get_field(name) for name in constraint.fields)
    return _names_of(field for field in _fields(table) if field.unique)[:1]


def _quoted(table: type[models.Model]) -> str:
    return str(connection.ops.quote_name(table._meta.db_table))


def _apart(table: type[models.Model]) -> str:
    return str(connection.ops.quote_name(f"in_use_{table._meta.db_table}"))


def _words(names: Sequence[str], row: Sequence[Any]) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in zip(names, row, strict=False))


def _short(value: Any) -> str:
    text = bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value)
    return f"{text[:SHOWN]}…" if len(text) > SHOWN else text
