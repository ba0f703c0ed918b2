"""What a site's file says wrongly is told in one line, by class and word, before anything is crawled."""

from datetime import date, datetime
from typing import Any

import pytest

from crawler.article import ArticlePage
from crawler.declared import ONE, SEVERAL, DeclarationError
from crawler.layout import Layout
from crawler.plain import PlainPage
from crawler.sources import Feed, Listing, Sitemap
from crawler.spider import NewsSpider

FEED = Feed("https://gazeta.example/feed/")


def page(of: type[ArticlePage] = PlainPage, **words: Any) -> type[ArticlePage]:
    said = {"site": "gazeta", "urls": r"https://gazeta\.example/(?P<id>\d+)"}
    return type("GazetaPage", (of,), said | words)


def site(**words: Any) -> type[NewsSpider]:
    said = {"name": "gazeta", "allowed_domains": ["gazeta.example"], "pages": (page(),), "sources": (FEED,)}
    return type("GazetaSpider", (NewsSpider,), said | words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"headline": "h1["}, "headline = 'h1[' is no CSS (Expected"),
        ({"headline": ("h1",)}, "headline = ('h1',) is no CSS"),
        ({"scope": "a >"}, "scope = 'a >' is no CSS"),
        ({"drop": ("p", "[")}, "drop has '[', which is no CSS"),
        ({"drop": ("p", "")}, "drop has '', which is no CSS"),
        ({"drop": "["}, "drop = '[' is no tuple or list: write ('[',)"),
        ({"end": "Печать"}, "end = 'Печать' is no tuple or list: write ('Печать',)"),
        ({"end": None}, "end = None is no tuple or list"),
        ({"until": "2026-13-01"}, "until = '2026-13-01' is no day: write date(2026, 12, 31)"),
        ({"until": datetime(2026, 12, 1)}, "is no day: write date(2026, 12, 31)"),  # noqa: DTZ001  as a site might
        ({"zone": "Europe/Moskau"}, "zone = 'Europe/Moskau' is no time zone: write one like"),
        ({"home": "gazeta.example"}, "home = 'gazeta.example' is no address: write \"https://...\""),
        ({"urls": ("a", "b")}, "urls = ('a', 'b') is no text"),
        ({"signature": "(?P<author>"}, "signature = '(?P<author>' is no regular expression: missing )"),
        ({"headlin": "h1"}, "headlin is no word of a page: write headline, or _headlin if your own methods"),
        ({"title": "h1"}, "title is no word of a page: write"),
    ],
)
def test_a_word_of_a_page_is_told_with_what_to_write(words: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=r"^site gazeta, GazetaPage: ") as refused:
        site(pages=(page(), page(**words)))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"sources": ("https://gazeta.example/feed/",)}, "feed/', which is no source: write Feed(...), "),
        ({"sources": FEED}, "is no tuple or list: write (Feed("),
        ({"sources": (Feed("gazeta.example/feed/"),)}, 'which is no address: write "https://..."'),
        ({"sources": (Listing("https://gazeta.example/{dya:%Y}/"),)}, "(KeyError('dya')): write {day:%Y-%m-%d}"),
        ({"sources": (Listing("https://gazeta.example/", pages="{pag}/"),)}, "(KeyError('pag')): write"),
        ({"pages": ()}, "pages is empty: write pages = (ThePage,)"),
        ({"pages": page()}, "pages = GazetaPage is no tuple or list: write (GazetaPage,)"),
        ({"pages": ("GazetaPage",)}, "pages has 'GazetaPage', which is no page"),
        ({"allowed_domains": "gazeta.example"}, "= 'gazeta.example' is no tuple or list: write ('gazeta.example',)"),
        ({"allowed_domains": ["https://gazeta.example/"]}, "which is no host: write"),
    ],
)  # fmt: skip
def test_a_word_of_a_site_is_told_with_what_to_write(words: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=r"^site gazeta, GazetaSpider: ") as refused:
        site(**words)
    assert said in str(refused.value)


def test_what_a_site_may_reasonably_say_is_loaded() -> None:
    class OwnPage(PlainPage):
        site = "gazeta"
        urls = r"https://gazeta\.example/(?P<id>\d+)"
        until = date(2026, 12, 31)
        drop = ["p.ad", "h1:not(.a) + p"]  # type: ignore[assignment]  # noqa: RUF012  a list is as good
        NAMES = ("Анна",)
        _names_too = ("Анна",)

        def headline(self) -> None:
            """A method says it."""

        def helper(self) -> None:
            """One of its own."""

        @property
        def scope(self) -> str:  # type: ignore[override]
            return "main"

    elsewhere = Sitemap("https://maps.example/{day:%Y}/{day:%m}.xml")
    assert site(pages=[OwnPage], sources=[elsewhere], allowed_domains=[])
    assert site(pages=(page(ArticlePage),), sources=())
    assert type("TownSpider", (NewsSpider,), {}).pages == ()  # what several sites have in common


def test_every_word_that_a_page_may_set_is_checked() -> None:
    assert {*ONE, *SEVERAL} == {*Layout.__annotations__, *PlainPage.__annotations__}
