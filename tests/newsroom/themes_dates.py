"""The forms in which small sites date an article, for visitors and for machines."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING, Literal

from .html import russian
from .story import Stated

if TYPE_CHECKING:
    from datetime import date, datetime

MOSCOW = timezone(timedelta(hours=3))
Shown = Literal[
    "full", "spaced", "first", "dotted", "dashed", "seconds", "short", "relative", "no-year", "day", ""
]
TimeTag = Literal["offset", "local", "day", ""]


def written(at: datetime, shown: Shown, today: date) -> str:
    """The date as a visitor sees it."""
    long, clock, day = russian(at.date()), f"{at:%H:%M}", at.date()
    if shown == "relative" and 0 <= (today - day).days <= 1:
        return f"{('Сегодня', 'Вчера')[(today - day).days]}, {clock}"
    forms = {
        "full": f"{long}, {clock}",
        "relative": f"{long}, {clock}",
        "spaced": f"{long} г. {clock}",
        "first": f"{clock}, {long}",
        "dotted": f"{at:%d.%m.%Y %H:%M}",
        "dashed": f"{at.day}-{at:%m-%Y, %H:%M}",
        "seconds": f"{at:%d.%m.%Y %H:%M:%S}",
        "short": f"{russian(day, short=True)}, {clock}",
        "no-year": f"{at:%d} {russian(day, year=False).split()[1]} {clock}",
        "day": long,
    }
    return forms.get(shown, "")


def machine(at: datetime, tag: TimeTag) -> str:
    if tag == "day":
        return f"{at:%Y-%m-%d}"
    return f"{at:%Y-%m-%dT%H:%M:%S}" + ("+03:00" if tag == "offset" else "")


def utc(at: datetime) -> Stated:
    return Stated(at.astimezone(UTC))
