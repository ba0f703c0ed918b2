# ruff: noqa: N815  (fields carry schema.org's names)
"""РБК Калининград: kaliningrad.rbc.ru and its AMP edition on amp.rbc.ru.

Verified on a saved page of 2017, on five pages of a sister site with the same template (2019-2025) and on scrapers' code:
the classes of the full edition, `datetime` or `content` of its date, the first slide of a page that holds several
articles, text that goes on in further `.article__text` behind a wide picture, the feed with full text and its pdalink, the
sitemap index; the 24 hex digits that name an article on both hosts.

Assumed: that regional pages keep that template (their text of 2025 reads like it), `freenews` URLs, and all of the AMP
markup, which is therefore read by anchors: a date before the title, «Pro» behind the text, Kaliningrad time (inferred
from the identifier, which holds the moment of creation). `__NEXT_DATA__`, seen in other sections of the site, is not read.
"""

from collections.abc import Iterable
from typing import ClassVar

from crawler.article import ArticlePage, Found, belief
from crawler.plain import PlainPage
from crawler.sources import Feed, Listing, Sitemap
from crawler.spider import NewsSpider

PLACE = r"(?:\d\d/\d\d/\d{4}|freenews)/(?P<id>[0-9a-f]{24})/?"


class RbcPage(ArticlePage):
    """The full edition, 2017 to today."""

    site = "rbc_kaliningrad"
    urls = rf"https?://kaliningrad\.rbc\.ru/kaliningrad/{PLACE}"
    scope = ".js-rbcslider-slide, .article"
    headline = ".article__header__title-in, .js-slide-title"
    description = ".article__text__overview, .article__header__anons"
    articleBody = ".article__text"
    datePublished = ".article__header__date"
    author = ".article__authors__author__name"
    articleSection = ".article__header__category"
    image = ".article__main-image__image"
    caption = ".article__main-image__title, .article__main-image__description, .article__picture__title, .article__picture__description"
    credit = ".article__main-image__author, .article__picture__author, .thg__copyright"
    end = ("Читайте РБК в Telegram", "Оставайтесь на связи с РБК в Max")
    drop = (
        ".article__inline-item", ".article__inline-video", ".pro-anons", ".pro-anons__wrapper", ".banner", ".fox-tail",
        ".news-bar", ".article__ticker", ".article__ticker__link", ".article__special_container", ".article__clear",
        ".article__right-column", ".article__photoreport", ".article__related", ".article__fb-link", ".subscribe-infographic",
        ".video-autoplay-recommend", ".article__tabs-wrapper", ".gallery_vertical", ".article__tags", ".article__authors",
    )  # fmt: skip

    def shown(self, field: str) -> Iterable[str]:
        """The authors' names, else the line that is theirs."""
        stated = super().shown(field)
        return stated if field != "author" else list(stated) or self.texts(".article__authors")

    def keywords(self) -> Found | None:
        """The tags, else the story that the article belongs to."""
        story = [story.rstrip(" ,") for story in self.texts(".article__header__story")]
        tags = self.texts(".article__tags__item, .article__tags .article__tag")
        return belief.listed(("css", tags), ("css", story))


class AmpPage(PlainPage):
    """The AMP edition, by anchors."""

    site = RbcPage.site
    urls = rf"https?://amp\.rbc\.ru/regional/kaliningrad/{PLACE}"
    zone = "Europe/Kaliningrad"
    end = ("Pro",)

    def shown(self, field: str) -> Iterable[str]:
        """The date stands over the title, behind the name of the town."""
        if field == "datePublished":
            return [run.text for run in self.surroundings.before[-3:]]
        return super().shown(field)


class RbcKaliningradSpider(NewsSpider):
    """The region's page, the feed with full text and the newest sitemaps."""

    name = "rbc_kaliningrad"
    allowed_domains: ClassVar[list[str]] = [
        "kaliningrad.rbc.ru",
        "amp.rbc.ru",
        "www.rbc.ru",
        "rssexport.rbc.ru",
    ]
    pages = (RbcPage, AmpPage)
    sources = (
        Listing("https://kaliningrad.rbc.ru/kaliningrad/"),
        Feed("https://rssexport.rbc.ru/rbcnews/news/30/full.rss", link="pdalink", text="rbc_news:full-text"),
        Sitemap("https://www.rbc.ru/sitemap_index.xml"),
    )
