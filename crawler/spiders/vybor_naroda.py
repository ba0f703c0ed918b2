"""vybor-naroda.org, «Выбор народа», the portal of АНО «Центр ПРИСП».

Verified on stored copies: the article's URL form, its id running across categories, the bare address 83.69.226.28
as a second host, the order of a page's lines (date, title, title again, «Фото с сайта:», deck, text, «Печать»,
feed, form, calendar), `div.full-img` around the lead picture (2017 host), feeds with `yandex:full-text` (2017 host).
Assumed: DataLife Engine, hence these feed URLs and the day archive; https unknown; dates are Moscow time.
No HTML of the site is known, so nothing else is read by its class.
"""

from typing import ClassVar

from crawler.plain import PlainPage
from crawler.sources import Feed, Listing
from crawler.spider import NewsSpider


class VyborNarodaPage(PlainPage):
    """An article; the deck («Губернатор … – о …») names its author."""

    site = "vybor_naroda"
    urls = (
        r"https?://(?:www\.)?(?:vybor-naroda\.org|83\.69\.226\.28)"
        r"/(?P<category>[a-z0-9_/-]+)/(?P<id>\d+)-(?P<slug>[^/]+)\.html"
    )
    home = "http://vybor-naroda.org"
    end = ("Печать",)
    image = "div.full-img img"
    deck = r"[А-ЯЁ][^.!?]*? (?P<author>[А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?) [–—-] об? "


class VyborNarodaSpider(NewsSpider):
    """The crawl of vybor-naroda.org."""

    name = "vybor_naroda"
    allowed_domains: ClassVar[list[str]] = ["vybor-naroda.org", "83.69.226.28"]
    pages = (VyborNarodaPage,)
    sources = (
        Feed("http://vybor-naroda.org/rss.xml", optional=True),
        Feed("http://vybor-naroda.org/vn_exclusive/rss.xml", text="yandex:full-text", optional=True),
        Listing("http://vybor-naroda.org/{day:%Y/%m/%d}/", pages="page/{page}/", optional=True),
    )
