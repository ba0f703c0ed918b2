"""Whether what a site declares can be meant, told when its file is loaded and not at the first article (pure)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from string import Formatter
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from crawler.page import ArticlePage
from crawler.plain import PlainPage
from crawler.sources import Listing, Source

Kind = Callable[[Any], str]
"""Says what is wrong with a value and what to write instead; "" where nothing is."""
DAY = date(2026, 12, 31)
SHOWN = 80


class DeclarationError(ValueError):
    """A site that could not be crawled, or a page that could name no article; the message says which, why, and what to write instead."""


def check_site(spider: type[Any]) -> None:
    """Hold what a site declares against what its words can be, with all of its pages; raises DeclarationError."""
    for fault in _wrong(spider, {}, OF_SITE):
        raise DeclarationError(f"site {spider.name}, {spider.__name__}: {fault}")
    if not spider.pages:
        remedy = "write pages = (ThePage,), the classes that read its articles"
        raise DeclarationError(f"site {spider.name}, {spider.__name__}: pages is empty: {remedy}")
    for page in spider.pages:
        check(spider.name, page)


def check(site: str, page: type[ArticlePage]) -> None:
    """Hold what a page of a site says together; raises DeclarationError.

    >>> check("gazeta", type("Page", (ArticlePage,), {"site": "gazeta", "urls": r"https://gazeta/(?P<slug>.+)"}))
    Traceback (most recent call last):
    crawler.declared.DeclarationError: site gazeta, Page: identity '{id}' asks for a group {id}, and urls has {slug}: write (?P<id>...) in urls, or set identity
    """
    for faults in (_wrong(page, ONE, SEVERAL), _unknown(page), _faults(site, page)):
        for fault in faults:
            raise DeclarationError(f"site {site}, {page.__name__}: {fault}")


def _faults(site: str, page: type[ArticlePage]) -> Iterator[str]:
    if page.site != site:
        yield f"it says site = {page.site!r}, and the spider's name is {site!r}: write the same for both"
    if not page.urls:
        return
    try:
        groups = re.compile(page.urls).groupindex
        wanted = [name for _, name, _, _ in Formatter().parse(page.identity) if name is not None]
    except (re.error, ValueError) as error:
        yield f"urls is no regular expression, or identity no format: {error}"
        return
    if not wanted:
        yield f"identity {page.identity!r} asks for no group of urls: all its articles would be one"
    has = ", ".join(f"{{{name}}}" for name in groups) or "no named group"
    for name in wanted:
        if name not in groups:
            remedy = f"write (?P<{name or 'id'}>...) in urls, or set identity"
            yield f"identity {page.identity!r} asks for a group {{{name}}}, and urls has {has}: {remedy}"


def _wrong(holder: type[Any], one: Mapping[str, Kind], several: Mapping[str, Kind]) -> Iterator[str]:
    """Yield which words have values of another kind; what a class works out for each page is not known here."""
    for word in (*one, *several):
        value = getattr(holder, word, property())  # the words of a PlainPage are no words of every page
        if _is_worked_out(value):
            continue
        if word in one:
            if fault := one[word](value):
                yield f"{word} = {_shown(value)} {fault}"
        elif not isinstance(value, tuple | list):
            yield f"{word} = {_shown(value)} is no tuple or list: write ({_shown(value)},)"
        else:
            for each in value:
                if fault := several[word](each):
                    yield f"{word} has {_shown(each)}, which {fault}"


def _unknown(page: type[ArticlePage]) -> Iterator[str]:
    """Yield what a site's own classes set that no page reads: a word that is misspelt."""
    for owner in page.__mro__:
        for word, value in vars(owner).items() if owner not in PlainPage.__mro__ else ():
            own = "_" in word or word.isupper() or callable(value) or _is_worked_out(value)
            if not own and word not in {*ONE, *SEVERAL}:
                close = (
                    *get_close_matches(word, [*ONE, *SEVERAL], 1),
                    f"_{word} if your own methods read it",
                )
                yield f"{word} is no word of a page: write {', or '.join(close)}"


def _is_worked_out(value: Any) -> bool:
    return hasattr(type(value), "__get__") and not callable(value)


def _shown(value: Any) -> str:
    return value.__name__ if isinstance(value, type) else f"{value!r:.{SHOWN}}"


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else 'is no text: write it in quotes, "..."'


def _css(value: Any) -> str:
    try:
        CSSSelector(value, translator="html")
    except (SelectorError, TypeError, ValueError) as error:
        return f'is no CSS ({error}): write a selector, "h1.title"'
    return ""


def _css_if_any(value: Any) -> str:
    return _css(value) if value else ""


def _field(value: Any) -> str:
    return "" if callable(value) else _css_if_any(value)


def _regex(value: Any) -> str:
    try:
        re.compile(value)
    except (re.error, TypeError) as error:
        return f"is no regular expression: {error}"
    return ""


def _home(value: Any) -> str:
    return "" if value == "" else _address(value)


def _address(value: Any) -> str:
    try:
        parts = urlsplit(value)
        known = parts.scheme in {"http", "https"} and parts.hostname
    except (ValueError, AttributeError, TypeError):
        known = False
    return "" if known else 'is no address: write "https://..."'


def _zone(value: Any) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return 'is no time zone: write one like "Europe/Moscow"'
    return ""


def _day(value: Any) -> str:
    # a datetime is a date, too, but cannot be held against one
    return "" if value is None or type(value) is date else "is no day: write date(2026, 12, 31)"


def _host(value: Any) -> str:
    known = isinstance(value, str) and value and "/" not in value
    return "" if known else 'is no host: write "example.org", without https:// and path'


def _page(value: Any) -> str:
    known = isinstance(value, type) and issubclass(value, ArticlePage)
    return "" if known else "is no page: write the name of a class of ArticlePage or PlainPage"


def _source(value: Any) -> str:
    if not isinstance(value, Source):
        return "is no source: write Feed(...), NewsSitemap(...), Sitemap(...) or Listing(...)"
    try:
        address = value.url.format(day=DAY)
        if isinstance(value, Listing):
            value.pages.format(page=2)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        asks = f"asks for what nobody fills in ({error!r})"
        return f"{asks}: write {{day:%Y-%m-%d}} in its address, {{page}} in pages"
    return _address(address)


FIELDS = (
    "headline", "alternativeHeadline", "description", "articleBody", "datePublished", "dateModified", "author",
    "articleSection", "keywords", "image", "dateline",
)  # fmt: skip
# what a page's words are, and a PlainPage's own; what each of several is; what each of a site's is
ONE: Mapping[str, Kind] = {
    **dict.fromkeys(("site", "urls", "identity"), _text),
    **dict.fromkeys(("mark", "scope", "caption", "credit"), _css_if_any),
    **dict.fromkeys(FIELDS, _field),
    **dict.fromkeys(("signature", "deck"), _regex),
    "home": _home,
    "until": _day,
    "zone": _zone,
}
SEVERAL: Mapping[str, Kind] = {"drop": _css, "end": _text}
OF_SITE: Mapping[str, Kind] = {"allowed_domains": _host, "pages": _page, "sources": _source}
