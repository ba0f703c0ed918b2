# ruff: noqa: N815  (fields carry schema.org's names)
"""ria.ru (РИА Новости).

Verified on saved pages of 2026 and on scrapers' code: the classes of the current layout, the `.endless__item` that holds
the first article of an endless page, dates as `YYYYMMDDTHHMM` in Moscow time, the second title in an h1 while the first
is a div, no `<p>` in the text, long reads with headings of their own, the hidden block of microdata that repeats the article (it is never read as text), and
that the page's own text length counts neither side notes (`vrez`) nor the dateline. The layout before 2019 is verified on
one page of 2017. Feed and day sitemap are verified; the identifier is the number that ends every form of the URL.

Assumed: that old articles keep their old markup (the markup decides, not the date), that quotes and subheadings stand in
the text blocks as other scrapers say, that m. and www. show the same pages.
"""

from typing import ClassVar

from crawler.article import ArticlePage, Found, belief
from crawler.sources import Feed, Sitemap
from crawler.spider import NewsSpider


class RiaPage(ArticlePage):
    """The current layout, with JSON-LD (2026) or with the hidden microdata block (2025)."""

    site = "ria"
    home = "https://ria.ru"
    urls = r"https?://(?:www\.|m\.)?ria\.ru/(?:[a-z_]+/)?\d{8}/(?:[a-z0-9_-]+-)?(?P<id>\d{8,11})\.html"
    scope = ".endless__item"
    headline = ".article__title, .white-longread__header-title"
    alternativeHeadline = ".article__second-title, .white-longread__header-subtitle"
    articleBody = ".article__body"
    datePublished = ".article__info-date > a"
    dateModified = ".article__info-date-modified"
    author = ".article__author-name, .white-longread__header-author"
    keywords = ".article__tags-item"
    image = ".article__announce .photoview__open img"
    caption = ".media__description, .article__photo-item-text, .white-longread__media-description"
    credit = ".media__copyright-item.m-copyright, .white-longread__media-copyright-item"
    dateline = ".article__text, [itemprop=articleBody] p"
    drop: ClassVar[tuple[str, ...]] = (
        ".article__block[data-type=article]", ".article__block[data-type=banner]", ".article__vrez", ".article__summary",
        ".article__contents", ".article__match", ".white-longread__header-text", ".article__quote-bar", ".media__copyright", ".photoview__open-info", ".article__photo-title",
        ".article__photo-inner-desc", ".article__photo-outer-desc")  # fmt: skip

    def articleSection(self) -> Found | None:  # noqa: N802
        """The supertag, else the rubric; article:section is «Новости» for all, JSON-LD repeats the tags."""
        supertag = self.texts(".article__supertag-header-title")
        rubric = self.markup.metas.get("analytics:rubric")
        return belief.listed(("css", supertag), ("meta", rubric)) or Found([], "css")


class OldRiaPage(RiaPage):
    """The layout before 2019: h1 and microdata."""

    scope = ".b-article"
    articleBody = "[itemprop=articleBody]"
    drop = (".b-inject",)


class RiaSpider(NewsSpider):
    """The feed of the last day and the sitemap of each day of the window."""

    name = "ria"
    allowed_domains: ClassVar[list[str]] = ["ria.ru"]
    pages = (RiaPage, OldRiaPage)
    sources = (
        Feed("https://ria.ru/export/rss2/archive/index.xml"),
        Sitemap("https://ria.ru/sitemap_article.xml?date_start={day:%Y%m%d}&date_end={day:%Y%m%d}"),
    )
