"""The words that a site may declare, and the crawl that follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import scrapy

if TYPE_CHECKING:
    from crawler.article import ArticlePage
    from crawler.sources import Source


class NewsSpider(scrapy.Spider):
    """The crawl of one news site.

    A site declares `name`, `allowed_domains`, its `pages` (best edition first) and its `sources` (read in order).
    Arguments: since, until (YYYY-MM-DD), limit (articles), url (one or more, separated by blanks).
    """

    pages: ClassVar[tuple[type[ArticlePage], ...]] = ()
    sources: ClassVar[tuple[Source, ...]] = ()
    allowed_domains: ClassVar[list[str]] = []
