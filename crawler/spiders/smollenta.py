# ruff: noqa: N815  (fields carry schema.org's names)
"""smollenta.ru (Smolensk; its sister is go32.ru).

Verified on stored copies: the article's URL form with year and month, the order of a page's lines (title, date
without a year and rubric, title again, text, byline glued to the photo's credit, «Читайте также», «Новости регионов»).
Verified on the sister site: `/feed`, `div.news-content`, the lead picture in og:image, lines that begin with «Фото».
Assumed: WordPress, hence the sitemap and the month archive; dates are Moscow time.
No HTML of the site is known: `div.news-content` is a first try, the rest is read without class names.
"""

from typing import ClassVar

from crawler.plain import PlainPage
from crawler.sources import Feed, Listing, Sitemap
from crawler.spider import NewsSpider

NAME = r"(?:[А-ЯЁ][а-яё]+|[А-ЯЁ]\.(?: ?[А-ЯЁ]\.)?) ?[А-ЯЁ]{2}[А-ЯЁ-]*"


class SmollentaPage(PlainPage):
    """An article, signed «Имя ФАМИЛИЯ Фото …» in its last line."""

    site = "smollenta"
    urls = r"https?://(?:www\.)?smollenta\.ru/(?P<yyyy>20\d\d)/(?P<mm>\d\d)/(?P<slug>[a-z0-9_-]+)/?"
    identity = "{yyyy}/{mm}/{slug}"
    home = "https://smollenta.ru"
    end = ("Читайте также", "Новости регионов")
    articleBody = "div.news-content"
    signature = rf"(?P<author>{NAME}(?:(?:,| и) {NAME})*)[\s,.;]*(?P<credit>Фото.*)?"


class SmollentaSpider(NewsSpider):
    """The crawl of smollenta.ru."""

    name = "smollenta"
    allowed_domains: ClassVar[list[str]] = ["smollenta.ru"]
    pages = (SmollentaPage,)
    sources = (
        Feed("https://smollenta.ru/feed/", optional=True),
        Sitemap("https://smollenta.ru/wp-sitemap.xml", optional=True),
        Listing("https://smollenta.ru/{day:%Y/%m}/", pages="page/{page}/", optional=True),
    )
