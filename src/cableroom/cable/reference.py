"""How cables are named: message reference numbers, date-time groups, and the refs that a cable leans on.

Years 2000 to 2099 are written with two digits, all others with four, in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cableroom.cable.address import Post, check_name, check_org
from cableroom.errors import DocumentError

MAX_SERIAL: Final = 9_999_999
MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_MRN = re.compile(
    r"([0-9]{4}|[0-9]{2}) ([A-Z0-9-]+(?: [A-Z0-9-]+)*) (?:([A-Z]{1,3})-)?([1-9][0-9]{0,6})(?: @([^ ]+))?"
)
_DTG = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([A-Z]) ([A-Z]{3}) ([0-9]{4}|[0-9]{2})")
_DTG_AT_END = re.compile(r"[^ ].* ([0-9]{6}Z [A-Z]{3} (?:[0-9]{4}|[0-9]{2}))", re.DOTALL)
_NEAR = re.compile(
    r"[0-9]{2,4} +[A-Z0-9][A-Z0-9 -]{0,40}[ -][0-9]{1,9}( *@.*)?|.*[0-9]{6} ?[A-Z]? ?[A-Z]{3,9} ?[0-9]{2,4}",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class MrnRef:
    """An MRN as a cable cites it: `org` None is the organisation of the citing post."""

    org: str | None
    post: str
    series: str | None
    serial: int
    year: int

    def at(self, home: str) -> Mrn:
        """The complete MRN, cited in a cable from the organisation `home`."""
        return Mrn(self.org or home, self.post, self.series, self.serial, self.year)

    def print(self, own_org: str | None = None) -> str:
        """`26 CAPITAL N-12`, and ` @org` behind it unless the organisation is `own_org` or None."""
        series = f"{self.series}-" if self.series else ""
        place = f" @{self.org}" if self.org not in (None, own_org) else ""
        return f"{print_year(self.year)} {self.post} {series}{self.serial}{place}"


@dataclass(frozen=True, slots=True, order=True)
class Mrn(MrnRef):
    """A message reference number: unique for ever, meant for people."""

    org: str

    def __str__(self) -> str:
        return self.print()

    @property
    def sender(self) -> Post:
        return Post(self.org, self.post)

    @classmethod
    def parse(cls, text: str, own_org: str) -> Mrn:
        """The MRN that `text` names inside the organisation `own_org`; raises DocumentError."""
        return parse_mrn(text).at(own_org)

    def to_json(self) -> dict[str, Any]:
        return {
            "org": self.org,
            "post": self.post,
            "serial": self.serial,
            "series": self.series,
            "year": self.year,
        }


@dataclass(frozen=True, slots=True)
class Ref:
    """A lettered reference. `kind` is mrn, dtg or free, and follows from `cited` (`kind_of`)."""

    letter: str
    kind: str
    cited: str
    digest: str | None = None

    def mrn(self, own_org: str) -> Mrn | None:
        """The number that it cites, seen from `own_org`; None if it cites something else."""
        return Mrn.parse(self.cited, own_org) if self.kind == "mrn" else None

    def as_text(self) -> str:
        return f"{self.letter}. {self.cited}"

    def to_json(self) -> dict[str, str | None]:
        return {"cited": self.cited, "digest": self.digest, "kind": self.kind, "letter": self.letter}


def parse_mrn(text: str) -> MrnRef:
    """`26 CAPITAL N-12 @mfa.example`, the organisation optional; raises DocumentError."""
    found = _MRN.fullmatch(text)
    if found is None:
        raise DocumentError(
            f"{text[:80]!r} is no message number.",
            do="Write year, post and serial: 26 CAPITAL 417.",
            code="mrn",
        )
    year, post, series, serial, org = found.groups()
    return MrnRef(
        None if org is None else check_org(org), check_name(post), series, int(serial), read_year(year)
    )


def print_year(year: int) -> str:
    """`26` for 2026, `1962` for 1962."""
    return f"{year % 100:02d}" if 2000 <= year <= 2099 else f"{year:04d}"


def read_year(digits: str) -> int:
    """The year of two or four digits; raises DocumentError where the other form is due."""
    year = int(digits) if len(digits) == 4 else 2000 + int(digits)
    if len(digits) == 4 and 2000 <= year <= 2099:
        raise DocumentError(
            f"The year {digits} is written with two digits.", do=f"Write {digits[2:]}.", code="year"
        )
    if year == 0:
        raise DocumentError("There is no year 0000.", do="Write the year of the cable.", code="year")
    return year


def print_dtg(moment: datetime) -> str:
    """`271840Z OCT 26` of an aware time."""
    moment = moment.astimezone(UTC)
    return (
        f"{moment.day:02d}{moment.hour:02d}{moment.minute:02d}Z "
        f"{MONTHS[moment.month - 1]} {print_year(moment.year)}"
    )


def parse_dtg(text: str) -> datetime:
    """The aware UTC time of a date-time group in zone Z; raises DocumentError.

    Another military zone is refused with the Z time to write instead.
    """
    found = _DTG.fullmatch(text)
    if found is None:
        raise DocumentError(
            f"{text[:80]!r} is no date-time group.", do="Write it as 271840Z OCT 26.", code="dtg"
        )
    day, hour, minute, zone, month, year = found.groups()
    if month not in MONTHS:
        raise DocumentError(f"{month} is no month.", do="Write JAN, FEB, MAR and so on.", code="dtg")
    try:
        moment = datetime(
            read_year(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=UTC
        )
    except ValueError:
        raise DocumentError(
            f"{text} is no real time.", do="Check day, hour and minute.", code="dtg"
        ) from None
    if zone != "Z":
        raise DocumentError(f"Zone {zone} is not used here.", do=_in_zone_z(moment, zone), code="dtg")
    return moment


def _in_zone_z(moment: datetime, zone: str) -> str:
    if zone == "J":
        return "J is local time: write the time in Z."
    # ACP 121: A … M without J are 1 … 12 hours ahead of Z, N … Y 1 … 12 hours behind.
    ahead = "ABCDEFGHIKLM".index(zone) + 1 if zone < "N" else -("NOPQRSTUVWXY".index(zone) + 1)
    try:
        return f"Write {print_dtg(moment - timedelta(hours=ahead))}."
    except OverflowError:
        return "Write the time in Z."


def kind_of(cited: str, own_org: str | None) -> str:
    """`mrn`, `dtg` or `free`: what a ref cites, by its form alone.

    An MRN counts only exactly as it is printed inside `own_org`; a date-time group only in zone Z, a
    real date, at the end, with its originator before it.
    """
    try:
        mrn = parse_mrn(cited)
    except DocumentError:
        mrn = None
    if mrn is not None and (own_org is None or mrn.org != own_org):
        return "mrn"
    found = _DTG_AT_END.fullmatch(cited)
    if found is not None:
        try:
            parse_dtg(found[1])
        except DocumentError:
            return "free"
        return "dtg"
    return "free"


def is_near_miss(cited: str) -> bool:
    """Whether a citation of kind free looks as if an MRN or a date-time group was meant."""
    return _NEAR.fullmatch(cited) is not None
