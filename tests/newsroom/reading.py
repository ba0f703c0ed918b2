"""A page of the newsroom read without a crawl: asked for, redirects followed, given to a site's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from crawler.article import read

from .site import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.article import ArticlePage

    from .site import Response, Site
    from .story import Expected

HOPS = 6
TRIES = 4
LATER = (429, 500, 503)


def article(
    site: Site, pages: Sequence[type[ArticlePage]], expected: Expected, at: datetime
) -> dict[str, Any] | None:
    """What the pages make of one link: its article as an item, {} where they find none, None where no page answers."""
    url, response = answer(site, pages[0].canonical(expected.url))
    if response.status != 200:
        return None
    found = read(pages, url, response.body, response.headers, at).article
    return found.item() if found else {}


def answer(site: Site, url: str) -> tuple[str, Response]:
    """The last answer to a URL, and the URL that gave it."""
    for _ in range(HOPS):
        response = _persistent(site, url)
        if not 300 <= response.status < 400:
            break
        url = urljoin(url, {name.lower(): value for name, value in response.headers}["location"])
    return url, response


def _persistent(site: Site, url: str) -> Response:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    for attempt in range(TRIES):
        response = site.respond(Request("GET", parts.scheme, parts.netloc, target, attempt=attempt))
        if response.status not in LATER and response.framing not in ("cut", "none"):
            break
    return response
