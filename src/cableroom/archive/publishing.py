"""Giving out what is held: as text, as the internet message, as it was signed, or as an edition with parts withheld."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cableroom.archive.models import RecordRow
from cableroom.cable.printing import print_cable
from cableroom.errors import InputError, NotFound, StateError
from cableroom.register import following, ledger
from cableroom.seal import disclosure
from cableroom.seal import signing as cms
from cableroom.seal.cables import Opened

FORMS = ("text", "mime", "sealed", "edition")


@dataclass(frozen=True, slots=True)
class Export:
    """The bytes of a file, its media type, and the name that it might have."""

    data: bytes
    media_type: str
    name: str


def opened(row: RecordRow) -> Opened:
    """The cable that `row` is about, opened and verified. The caller has seen to it that the reader may read `row`."""
    found = following.opened_of(ledger.entry(row.register, row.index))
    if not isinstance(found, Opened):
        raise NotFound(
            "This record is no cable.", do="Show it with `cableroom archive show`.", code="no-cable"
        )
    return found


def export(row: RecordRow, form: str, *, withhold: Sequence[str] = (), reveal: Sequence[str] = ()) -> Export:
    """The cable of `row` in one of `FORMS`; only an edition can withhold anything.

    `withhold` and `reveal` name places such as ``2`` (paragraph 2), ``head/subject``, ``refs/A``, ``paras/2/segments/3``.
    """
    if form not in FORMS:
        raise InputError(f"“{form}” is no form.", do=f"One of: {', '.join(FORMS)}.", code="form")
    if (withhold or reveal) and form != "edition":
        raise InputError(
            f"The form “{form}” shows the whole cable.",
            do="Withhold in an edition: --form edition.",
            code="withhold",
        )
    cable = opened(row)
    name = str(row.mrn or row.record).replace(" ", "-").replace("@", "at")
    if form == "text":
        return Export(print_cable(cable.cable).encode(), "text/plain; charset=utf-8", f"{name}.cable")
    if form == "mime":
        return Export(cms.verify(cable.signed_data).content, "message/rfc822", f"{name}.eml")
    if form == "sealed":
        return Export(cable.signed_data, "application/pkcs7-mime", f"{name}.p7m")
    certificate = cms.verify(cable.signed_data).certificate
    derived = disclosure.derive(cable.cable.to_json(), cable.seed, hashlib.sha256(certificate).digest())
    data = disclosure.edition(
        derived,
        cable.signature,
        withhold=[_place(place) for place in withhold],
        reveal=[_place(place) for place in reveal],
        certificates=[certificate],
    )
    return Export(data, "application/json", f"{name}.cable-edition")


def _place(place: str) -> str:
    """A bare number is a paragraph."""
    if not place:
        raise StateError(
            "An empty place names nothing.",
            do="Write --withhold 2, or --withhold head/subject.",
            code="place",
        )
    return f"paras/{place}" if place.isdigit() else place
