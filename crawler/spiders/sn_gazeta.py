"""sn-gazeta.ru, «Смоленская народная газета».

Verified on one stored copy: the article's URL form (section `politics` is the rubric «Власть») and the order of its
lines (a kicker, title, rubric, text, the newspaper's name as the last line). WordPress in April 2023.
Assumed: everything else. The URLs may come from WordPress or from 1C-Bitrix, so the feeds and pages of both are
tried; further sections than `politics` are guessed; dates are Moscow time. No HTML of the site is known.
"""

from typing import ClassVar

from crawler.plain import PlainPage
from crawler.sources import Feed, Listing, Sitemap
from crawler.spider import NewsSpider


class SnGazetaPage(PlainPage):
    """An article; its path is all that identifies it."""

    site = "sn_gazeta"
    urls = (
        r"https?://(?:www\.)?sn-gazeta\.ru/(?!(?:page|tag|author|upload|bitrix|wp-[a-z]+)/)"
        r"(?P<section>[a-z0-9_-]+)/(?P<slug>[a-z0-9_-]{8,})/?"
    )
    identity = "{section}/{slug}"
    home = "https://sn-gazeta.ru"
    end = ("Смоленская народная газета", "Читайте также")


class SnGazetaSpider(NewsSpider):
    """The crawl of sn-gazeta.ru."""

    name = "sn_gazeta"
    allowed_domains: ClassVar[list[str]] = ["sn-gazeta.ru"]
    pages = (SnGazetaPage,)
    sources = (
        Listing("https://sn-gazeta.ru/politics/"),
        Listing("https://sn-gazeta.ru/society/", optional=True),
        Feed("https://sn-gazeta.ru/feed/", optional=True),
        Feed("https://sn-gazeta.ru/rss/", optional=True),
        Sitemap("https://sn-gazeta.ru/sitemap.xml", optional=True),
    )
