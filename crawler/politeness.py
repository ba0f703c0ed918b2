"""Under which settings Letopis crawls at all: who is told, how fast, along which rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.agent import CONTACT, contact_in, user_agent
from crawler.route import ConfigError, Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.settings import BaseSettings

LEAST_DELAY = 2.0
NUMBERS = ("WARC_SIZE", "DISK_FLOOR", "LOOK_BACK")
"""Settings of ours that are counted in whole numbers."""
FSYNC = ("exchange", "segment")
REACHABLE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+|https?://[^\s/]+\.[^\s]+")
"""A contact as far as it can be told without trying it."""


def refusal(settings: BaseSettings, urls: Iterable[str] = ()) -> str | None:
    """Why no crawl may begin with these settings and these URLs, with what to set; None where one may (exit 78)."""
    try:
        rehearsal = Route.from_settings(settings).rehearsal
    except ConfigError as error:
        return str(error)
    complaints = [*_credentials(urls), *_recording(settings)]
    if not rehearsal:
        complaints += [*_anonymity(settings), *_haste(settings)]
    return "; ".join(complaints) or None


def refuse_impolite(settings: BaseSettings) -> None:
    """Raise ConfigError where `refusal` has something to say."""
    if complaint := refusal(settings):
        raise ConfigError(complaint)


def _credentials(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018  asked for because it raises where it is none
        except ValueError as error:
            yield f"{url!r} is no URL: {error}"
            continue
        if "@" in parts.netloc:
            yield f"the URL of {parts.hostname} carries a user or password, which nobody could record: take it out"


def _recording(settings: BaseSettings) -> Iterator[str]:
    for name in NUMBERS:
        if not str(settings.get(name) or 0).isdecimal():
            yield f"{name} is {settings[name]!r}: it is a whole number, 0 or more"
            return
    fsync = settings.get("WARC_FSYNC", FSYNC[0])
    if fsync not in FSYNC:
        yield f'WARC_FSYNC is "{fsync}": it is one of {", ".join(FSYNC)}'
    if settings.getint("WARC_SIZE", 1) < 1:
        yield "WARC_SIZE is the number of bytes after which a new file begins: it is at least 1"


def _anonymity(settings: BaseSettings) -> Iterator[str]:
    contact = contact_in(settings)
    if not contact:
        yield f"set {CONTACT} to an e-mail address or URL at which site owners reach you (environment or setting)"
    elif not REACHABLE.fullmatch(contact):
        yield f"{CONTACT} is {contact!r}: nobody can be reached there; name an e-mail address or an https:// URL"
    elif settings.getpriority("USER_AGENT") and contact not in (settings["USER_AGENT"] or ""):
        yield f'USER_AGENT must name your {CONTACT} (it does where it is not set), as in "{user_agent(contact)}"'


def _haste(settings: BaseSettings) -> Iterator[str]:
    if not settings.getbool("ROBOTSTXT_OBEY"):
        yield "set ROBOTSTXT_OBEY to True: a live crawl follows robots.txt"
    jitter = settings.getfloat("DOWNLOAD_DELAY_JITTER")
    delay = settings.getfloat("DOWNLOAD_DELAY")
    concurrency = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
    yield from _pace("DOWNLOAD_DELAY", delay, jitter)
    yield from _one_at_a_time("CONCURRENT_REQUESTS_PER_DOMAIN", concurrency)
    slots: dict[str, dict[str, Any]] = settings.getdict("DOWNLOAD_SLOTS")
    for host, slot in slots.items():
        place = f'DOWNLOAD_SLOTS["{host}"]'
        yield from _pace(place, float(slot.get("delay", delay)), float(slot.get("jitter", jitter)))
        yield from _one_at_a_time(place, int(slot.get("concurrency", concurrency)))


def _pace(place: str, delay: float, jitter: float) -> Iterator[str]:
    shortest = delay * (1 - jitter)
    if round(shortest, 3) < LEAST_DELAY:
        yield f"{place} waits as little as {shortest:g} s between requests: a live crawl waits at least {LEAST_DELAY:g} s"


def _one_at_a_time(place: str, concurrency: int) -> Iterator[str]:
    if concurrency != 1:
        yield f"{place} allows {concurrency or 'any number of'} requests to a host at once: set it to 1"
