"""From a page's bytes to its article: the first page that fits reads, else the generic reader.

The words that a site may set are in `crawler.page`, the order of belief per field in `crawler.belief`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler import belief
from crawler.belief import Found
from crawler.generic import GenericPage
from crawler.page import Article, ArticlePage

__all__ = ["Article", "ArticlePage", "Found", "Reading", "belief", "read"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one page gave; `article` is None when the page is no article.

    `page` names the class that read, `rank` is its place among the site's pages (0 = first), `recognised` is False
    when only the generic reader was left, `usage` holds the stated signals: robots, tdmReservation, tdmPolicy.
    """

    article: Article | None
    page: str
    rank: int
    charset: str
    recognised: bool
    usage: dict[str, Any] = field(default_factory=dict)


def read(
    pages: Sequence[type[ArticlePage]],
    url: str,
    body: bytes,
    headers: Sequence[tuple[str, str]],
    at: datetime,
    *,
    any_url: bool = False,
) -> Reading:
    """The reading by the first page whose URLs match, whose time has not passed and whose mark the HTML shows.

    `any_url` lets the mark alone decide: for a page that was saved, or that a sister site serves.
    """
    opened = GenericPage(url, body, headers, at)
    for rank, page in enumerate(pages):
        known = page.identify(url)
        if (any_url or known) and (page.until is None or at.date() <= page.until):
            reader = opened.over(page)
            if reader.fits():
                return _reading(reader, rank, recognised=True, identifier=known or url)
    identifier = next((found for page in pages if (found := page.identify(url))), url)
    return _reading(opened, len(pages), recognised=False, identifier=identifier)


def _reading(reader: ArticlePage, rank: int, *, recognised: bool, identifier: str = "") -> Reading:
    article = reader.article()
    if article and identifier:
        article.identifier = identifier
    usage = reader.markup.usage(reader.headers)
    return Reading(article, type(reader).__name__, rank, reader.charset, recognised, usage)
