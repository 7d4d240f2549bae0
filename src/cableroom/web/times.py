"""Times as people read them: Zulu first, relative only beside an absolute one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from cableroom.cable.reference import print_dtg
from cableroom.web.viewing import DueView
from cableroom.web.wording import Words

SOON = timedelta(hours=48)
"""A deadline this near is drawn in ochre."""


def clock(at: datetime, now: datetime | None = None) -> str:
    """``18:40Z`` on the day of `now`, ``22 Nov 18:40Z`` in its year, else with the year."""
    at = at.astimezone(UTC)
    time = f"{at:%H:%M}Z"
    if now is not None:
        now = now.astimezone(UTC)
        if at.date() == now.date():
            return time
        if at.year == now.year:
            return f"{date_format(at, 'j M')} {time}"
    return f"{date_format(at, 'j M Y')} {time}"


def dtg(at: datetime | None) -> str:
    """A date-time group, or nothing."""
    return "" if at is None else print_dtg(at)


def day(at: datetime) -> str:
    """``23 November 2026``."""
    return date_format(at.astimezone(UTC), "j F Y")


def short_day(at: datetime) -> str:
    """``23 Nov 2026``."""
    return date_format(at.astimezone(UTC), "j M Y")


def span(length: timedelta) -> str:
    """A length of time in its two greatest units: ``4 min``, ``14 h 51 min``, ``6 d 3 h``."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        parts = (pgettext("days", "%(n)s d") % {"n": days}, pgettext("hours", "%(n)s h") % {"n": hours})
        return " ".join(parts) if hours else parts[0]
    if hours:
        parts = (
            pgettext("hours", "%(n)s h") % {"n": hours},
            pgettext("minutes", "%(n)s min") % {"n": minutes},
        )
        return " ".join(parts) if minutes else parts[0]
    return pgettext("minutes", "%(n)s min") % {"n": minutes}


def due(at: datetime | None, now: datetime, words: Words) -> DueView | None:
    """A deadline in a list: ``due 24 Nov 12:00Z``, or ``overdue since …``."""
    if at is None:
        return None
    when = clock(at, now)
    if at <= now:
        return DueView(
            gettext("%(overdue)s since %(when)s") % {"overdue": words("overdue"), "when": when}, "late"
        )
    text = f"{words('due')} {when}"
    return DueView(text, "soon" if at - now <= SOON else "")


def left(at: datetime | None, now: datetime, words: Words) -> DueView | None:
    """How long is left, beside the time itself: ``in 14 h 51 min``, ``overdue 40 min``."""
    if at is None:
        return None
    if at <= now:
        return DueView(f"{words('overdue')} {span(now - at)}", "late")
    text = pgettext("time left", "in %(span)s") % {"span": span(at - now)}
    return DueView(text, "soon" if at - now <= SOON else "")
