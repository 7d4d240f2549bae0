"""Serial numbers of released cables: without gaps in (post, year, series), none given twice.

The highest number is derived from the entries `Released`; the next one is asked for in the
writer, inside the act that releases, so no two acts can see the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cableroom.register.acts import Entry
from cableroom.register.models import Serial
from cableroom.register.registry import Projection

if TYPE_CHECKING:
    from cableroom.seal.cables import Opened


def next_serial(register: str, *, year: int, series: str | None = None) -> int:
    """The serial that the next cable of this post, year and series takes. Call it in an act's `run`."""
    row = Serial.objects.filter(register=register, year=year, series=series or "").first()
    return row.last + 1 if row is not None else 1


def _apply(entry: Entry, opened: Opened | None) -> None:
    mrn = entry.data["mrn"]
    key = {"register": entry.register, "year": mrn["year"], "series": mrn["series"] or ""}
    row = Serial.objects.filter(**key).first()
    if row is None:
        Serial(**key, last=mrn["serial"]).save(force_insert=True)
    elif mrn["serial"] > row.last:
        row.last = mrn["serial"]
        row.save(force_update=True)


SERIALS = Projection("serials", frozenset({"Released"}), (Serial,), _apply)
