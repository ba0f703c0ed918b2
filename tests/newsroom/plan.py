"""What a site has planned: links, their answers, their truth, and which sources announce them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from .site import Response, Shelf
    from .story import Expected

MOSCOW = timezone(timedelta(hours=3))
KALININGRAD = timezone(timedelta(hours=2))


@dataclass(frozen=True)
class Entry:
    """One link: its truth, the answers of every URL it needs, and the URL by which each source (`via`) names it."""

    expected: Expected
    title: str
    published: datetime
    answers: Mapping[str, tuple[Response, ...]] = field(default_factory=dict)
    via: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def shelve(entries: list[Entry], shelf: Shelf) -> None:
    for entry in entries:
        for url, answers in entry.answers.items():
            shelf.put(url, *answers)


def announced(entries: list[Entry], source: str) -> list[tuple[str, Entry]]:
    """(URL, entry) of every link that a source names, newest first."""
    rows = [(url, entry) for entry in entries for url in entry.via.get(source, ())]
    return sorted(rows, key=lambda row: row[1].published, reverse=True)


def moments(rng: random.Random, today: date, zone: timezone, number: int) -> list[datetime]:
    """Minutes spread over yesterday and today in `zone`, none within two hours of the window's edges, newest first."""
    first = datetime.combine(today - timedelta(days=1), time(2, 10), zone)
    room = 43 * 60 // number
    chosen = [first + timedelta(minutes=at * room + rng.randrange(max(1, room - 1))) for at in range(number)]
    return chosen[::-1]
