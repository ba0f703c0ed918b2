"""The links of a listing's HTML, and which of them leads to the listing's next page."""

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

NEXT = re.compile(r"/?(?:page[/-]?(\d{1,4})/?|\?(?:PAGEN_\d+|page|paged|p)=(\d{1,4}))")


def anchors(document: HtmlElement, url: str) -> dict[str, str]:
    """Return URL -> the longest text that links to it, in the order of the page."""
    base = absolute(url, document.xpath("string(//base/@href)")) or url
    found: dict[str, str] = {}
    for anchor in document.iter("a"):
        if href := absolute(base, anchor.get("href") or ""):
            text = " ".join(anchor.text_content().split())
            found[href] = max(found.get(href, ""), text, key=len)
    return found


def next_page(document: HtmlElement, url: str, first: str, number: int, hrefs: Sequence[str]) -> str | None:
    """Return the URL that the page calls next, or the one that looks like page `number` of the listing `first`."""
    stated = document.xpath("string((//link|//a)[contains(concat(' ', @rel, ' '), ' next ')]/@href)")
    if stated and (where := absolute(url, stated)) and urlsplit(where).hostname == urlsplit(url).hostname:
        return where
    return next((href for href in hrefs if page_number(href, first) == number), None)


def page_number(href: str, first: str) -> int | None:
    """Return which page of the listing `first` a URL is: "page/2/" below it or "?PAGEN_1=2" on it; else None.

    >>> page_number("https://example.org/news/page/2/", "https://example.org/news/")
    2
    >>> page_number("https://example.org/news/?PAGEN_1=3", "https://example.org/news/")
    3
    >>> page_number("https://example.org/sport/page/2/", "https://example.org/news/")
    """
    here = first.partition("?")[0].rstrip("/")
    rest = NEXT.fullmatch(href[len(here) :]) if href.startswith(here) else None
    return int(rest[1] or rest[2]) if rest else None


def absolute(base: str, href: str) -> str | None:
    """Return an http(s) URL without its fragment, or None for anything else, hostile or broken."""
    try:
        parts = urlsplit(urljoin(base, href.strip())) if href.strip() else None
    except ValueError:
        return None
    good = parts and parts.scheme in {"http", "https"} and parts.hostname
    return parts._replace(fragment="").geturl() if parts and good else None
