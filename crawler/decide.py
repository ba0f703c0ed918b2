"""Which announced links are fetched, in which order, and why the others are not (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from crawler.identify import identify
from crawler.page import ArticlePage
from crawler.sources import Link
from crawler.values import moment, url_date

FETCH = "fetch"
KNOWN = ("since", "until", "limit", "url")


class ArgumentError(ValueError):
    """A spider argument that cannot be meant; the message names it, its value and what would be good."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a crawl was told: the window (both days included), how many articles at most, or which URLs alone."""

    since: date | None = None
    until: date | None = None
    limit: int | None = None
    urls: tuple[str, ...] = ()

    @classmethod
    def parse(cls, said: dict[str, Any]) -> Self:
        """Read spider arguments as they come from the command line; raises ArgumentError."""
        if unknown := sorted(set(said) - set(KNOWN)):
            raise ArgumentError(f"unknown argument {unknown[0]!r}; known are {', '.join(KNOWN)}")
        since, until = _day(said, "since"), _day(said, "until")
        if since and until and since > until:
            raise ArgumentError(f"since={since} is after until={until}; since is the earlier day")
        urls = tuple(str(said.get("url") or "").split())
        if wrong := [url for url in urls if not url.startswith(("http://", "https://"))]:
            raise ArgumentError(f"url={wrong[0]!r} is no URL; write it whole, https:// included")
        return cls(since, until, _limit(said), urls)

    def window(self, today: date) -> "Window":
        """Return the days that are crawled: to `until` or today, from `since` or the day before that."""
        until = self.until or today
        return Window(self.since or until - timedelta(days=1), until)


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a crawl, both included."""

    since: date
    until: date

    def misses(self, days: tuple[date, date]) -> str | None:
        """Return "too-old" or "too-new" for an article of these days (first, last possible), None for one inside."""
        if days[1] < self.since:
            return "too-old"
        return "too-new" if days[0] > self.until else None


@dataclass(slots=True)
class Candidate:
    """One article with all that was announced of it; `editions` are its URLs by preference."""

    identifier: str
    editions: dict[str, int] = field(default_factory=dict)
    via: set[str] = field(default_factory=set)
    days: tuple[date, date] = (date.min, date.max)
    stated: str = ""
    changed: str = ""
    decision: str = FETCH

    @property
    def when(self) -> str:
        """The article's time as far as it is known, to put the newest first; "" when it is not."""
        first = "" if self.days[0] == date.min else self.days[0].isoformat()
        return self.stated or self.changed or first

    def entry(self) -> dict[str, Any]:
        """Return the link as the journal's decision entry holds it."""
        first, *others = sorted(self.editions, key=self.editions.__getitem__)
        said = {
            "identifier": self.identifier,
            "url": first,
            "decision": self.decision,
            "via": sorted(self.via),
        }
        return said | ({"editions": others} if others else {})


def decide(
    announced: Iterable[tuple[str, Link]],
    pages: Sequence[type[ArticlePage]],
    window: Window,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Return one entry per article: those to fetch first, the newest at the head, then the others.

    `announced` pairs a source's URL with each of its links; links that no page reads are left out, because the
    source's own journal entry tells them.
    """
    zone = ZoneInfo(pages[0].zone) if pages else ZoneInfo("UTC")
    found: dict[str, Candidate] = {}
    for source, link in announced:
        if known := identify(pages, link.url):
            identifier, url, rank = known
            candidate = found.setdefault(identifier, Candidate(identifier))
            candidate.editions.setdefault(url, rank)
            candidate.via.add(source)
            _date(candidate, link, url, zone)
    for candidate in found.values():
        candidate.decision = window.misses(candidate.days) or FETCH
    # a stable sort: among links of one moment, and among undated ones, the sources' own order holds
    chosen = sorted((c for c in found.values() if c.decision == FETCH), key=lambda c: c.when, reverse=True)
    for candidate in chosen[limit:] if limit else ():
        candidate.decision = "over-limit"
    return [c.entry() for c in chosen] + [c.entry() for c in found.values() if c.decision.startswith("too-")]


def _date(candidate: Candidate, link: Link, url: str, zone: ZoneInfo) -> None:
    """Narrow the days on which the article may have been published by what one link tells."""
    first, last = candidate.days
    if stated := _stated(link.published, zone):
        first = last = date.fromisoformat(stated[:10])
        candidate.stated = candidate.stated or stated
    if days := _url_days(url):
        first, last = max(first, days[0]), min(last, days[1])
    if changed := _stated(link.modified, zone):
        # changed on that day, so published then or before
        last = min(last, date.fromisoformat(changed[:10]))
        candidate.changed = max(candidate.changed, changed)
    if first <= last:
        candidate.days = first, last


def _stated(words: str | None, zone: ZoneInfo) -> str | None:
    """Return a date in the words of a source as local ISO time ("2026-11-22T10:00:00"), or None."""
    found = moment(words, zone.key)
    if not found:
        return None
    if not found.timed:
        return found.value
    return datetime.fromisoformat(found.value).astimezone(zone).replace(tzinfo=None).isoformat()


def _url_days(url: str) -> tuple[date, date] | None:
    """Return the first and last day that a URL's own date may mean: one day, or a month."""
    found = url_date(url) or ()
    try:
        first = date(*found, *(1,) * (3 - len(found))) if found else None
    except ValueError:
        return None
    if first is None or len(found) == len(("year", "month", "day")):
        return (first, first) if first else None
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _day(said: dict[str, Any], name: str) -> date | None:
    value = said.get(name) or None
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ArgumentError(
            f"{name}={value!r} is no day; write it as YYYY-MM-DD, such as 2026-11-01"
        ) from None


def _limit(said: dict[str, Any]) -> int | None:
    value = said.get("limit")
    if value in (None, ""):
        return None
    if not str(value).isdecimal() or int(str(value)) < 1:
        raise ArgumentError(f"limit={value!r} is no number of articles; write a whole number from 1 up")
    return int(str(value))
