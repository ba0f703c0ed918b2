"""The lookup key (SURT) of a URL: under it an index is sorted, and all spellings of one URL stand together."""

from __future__ import annotations

import re
import warnings
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = re.compile(
    r"https?://((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)"
    r"((?:/[A-Za-z0-9_~-][A-Za-z0-9_~.,;:@+=-]*)*/?)"
    r"(?:\?([A-Za-z0-9_~.,;:@+=&/-]+))?"
)
"""URLs in which nothing is to be unescaped, folded into another path or recognised as an address of numbers."""
SESSIONS = ("sid=", "sessionid", "cfid=")


def key(url: str) -> str:
    """The lookup key (SURT) of a URL: a key, never an identity, for it folds case and `www.`.

    >>> key("https://www.Example.org/B?b=2&a=1")
    'org,example)/b?a=1&b=2'
    """
    return plain_key(url) or any_key(url)


def plain_key(url: str) -> str | None:
    """What surt says of a URL of the usual form, at a fifth of its cost; None for any other.

    >>> plain_key("https://www.example.org/B/?b=2&a=1"), plain_key("https://example.org/a%20b")
    ('org,example)/b?a=1&b=2', None)
    """
    match = PLAIN.fullmatch(url)
    if not match:
        return None
    host, path, query = match.groups()
    turned = _turned(host)
    if not turned:
        return None
    place = f"{turned}){path.lower().removesuffix('/') or '/'}"
    if not query:
        return place
    query = query.lower()
    if any(name in query for name in SESSIONS):
        return None
    return f"{place}?{_ordered(query) if '&' in query else query}"


@lru_cache(100)
def _turned(host: str) -> str | None:
    if host.startswith("www"):
        if host[3] != ".":
            return None
        host = host[4:]
    return ",".join(reversed(host.split(".")))


def any_key(url: str) -> str:
    """What surt says of any URL; one that it cannot read is its own key."""
    try:
        found = str(_surt()(url))
    except ValueError:
        found = url
    return found.replace(" ", "%20")


def _ordered(query: str) -> str:
    return "&".join("=".join(pair) for pair in sorted(part.split("=", 1) for part in query.split("&")))


@cache
def _surt() -> Callable[[str], Any]:
    with (
        warnings.catch_warnings()
    ):  # surt 0.3.1 spells its patterns so that Python warns when it compiles them
        warnings.simplefilter("ignore")
        from surt import surt  # noqa: PLC0415  most commands meet no such URL, and it takes 90 ms to import
    return surt
