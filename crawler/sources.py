"""Where a site announces articles, as values: bytes of a feed, sitemap or listing become links.

Nothing here fetches: the crawl hands in what came over the wire. Broken input is salvaged, and said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any, Self
from urllib.parse import urljoin

from feedparser import CharacterEncodingOverride, NonXMLContentType
from feedparser.api import parse as parse_feed
from lxml.etree import ParserError

from crawler import charset, listing, markup, sitemap
from crawler.listing import absolute

Headers = Sequence[tuple[str, str]]

# Feedparser builds several copies of its input; the largest real feed known is 0.2 MB.
LARGEST_FEED = 8 * 2**20
LARGEST_LISTING = 20 * 2**20


@dataclass(frozen=True, slots=True)
class Link:
    """An article's URL as a source announced it, with the source's own words about it."""

    url: str
    title: str | None = None
    published: str | None = None
    text: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """What one source said: links, further sources that it names, and what was wrong with its bytes, if anything."""

    links: tuple[Link, ...] = ()
    more: tuple[Source, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A place that announces articles.

    `url` may hold `{day:%Y%m%d}` (any strftime form): it is then read once for each day of the crawl's window.
    `optional` says that its existence is assumed, not known: a 404 is then no error.
    """

    url: str
    optional: bool = field(default=False, kw_only=True)

    def days(self, since: date, until: date) -> tuple[Self, ...]:
        """Return this source once for each distinct URL of the days since..until, both included, newest first."""
        if "{day" not in self.url:
            return (self,)
        days = (until - timedelta(days=n) for n in range((until - since).days + 1))
        urls = dict.fromkeys(self.url.format(day=day) for day in days)
        return tuple(replace(self, url=url) for url in urls)

    def read(self, body: bytes, url: str, headers: Headers = (), *, since: date | None = None) -> Announced:
        """Return what `body`, received from `url`, announces; further sources last changed before `since` may be left out."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Feed(Source):
    """An RSS or Atom feed.

    `link` and `text` name elements as the feed writes them ("pdalink", "rbc_news:full-text") that hold the
    article's URL and its full text, where these are not the usual ones.
    """

    link: str = ""
    text: str = ""

    def read(self, body: bytes, url: str, headers: Headers = (), *, since: date | None = None) -> Announced:  # noqa: ARG002
        """Return the links of the feed's entries; full text comes as the feed wrote it, markup included."""
        # a stream, because feedparser would open bytes that happen to be a file's name
        feed: Any = parse_feed(  # type: ignore[no-untyped-call]
            BytesIO(body[:LARGEST_FEED]),
            response_headers={"content-type": _header(headers, "content-type")},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        links = tuple(link for entry in feed.entries if (link := self._link(entry, url)))
        return Announced(links, trouble=_feed_trouble(feed, body))

    def _link(self, entry: dict[str, Any], base: str) -> Link | None:
        href = (entry.get(_key(self.link)) if self.link else None) or entry.get("link") or _permalink(entry)
        url = absolute(base, href) if isinstance(href, str) else None
        if not url:
            return None
        text = entry.get(_key(self.text)) if self.text else _content(entry)
        published = entry.get("published") or entry.get("updated")
        return Link(url, _clean(entry.get("title")), _clean(published), text or None)


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap or an index of them, as XML or lines, gzipped or not; of an index the `most` newest sitemaps are read."""

    most: int = 50

    def read(self, body: bytes, url: str, headers: Headers = (), *, since: date | None = None) -> Announced:  # noqa: ARG002
        """Return all entries, and the sub-sitemaps without those last changed before `since`."""
        data, trouble = sitemap.inflate(body)
        if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return _lines(data, url, trouble)
        links: list[Link] = []
        more: dict[str, str] = {}
        entries = sitemap.Entries(data)
        for entry in entries:
            where = absolute(url, entry["loc"])
            if where and entry["kind"] == "url":
                links.append(_sitemap_link(where, entry))
            elif where and not sitemap.before(entry.get("lastmod"), since):
                more[where] = entry.get("lastmod", "")
        return Announced(tuple(links), self._newest(more), trouble or entries.trouble or self._surplus(more))

    def _newest(self, more: dict[str, str]) -> tuple[Source, ...]:
        newest = set(sorted(more, key=more.__getitem__, reverse=True)[: self.most])
        return tuple(replace(self, url=where) for where in more if where in newest)

    def _surplus(self, more: dict[str, str]) -> str | None:
        many = len(more) > self.most
        return f"the index names {len(more)} sitemaps, of which {self.most} are read" if many else None


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap with the title and publication date of each article (Google's news extension)."""


@dataclass(frozen=True, slots=True)
class Listing(Source):
    """A page with links to articles; every `a[href]` counts, which of them are articles is for the pages to say.

    `pages` is the URL of a further page relative to the first ("page/{page}/"); without it the page's own link to
    the next page of the same listing is followed. At most `most` pages are read.
    """

    pages: str = ""
    most: int = 10
    page: int = field(default=1, kw_only=True)
    first: str = field(default="", kw_only=True)

    def read(self, body: bytes, url: str, headers: Headers = (), *, since: date | None = None) -> Announced:  # noqa: ARG002
        """Return the links of the page and, as a further source, the next page of the listing."""
        try:
            document = markup.parse(charset.decode(body[:LARGEST_LISTING], headers)[0])
        except ParserError:
            return Announced(trouble="the page holds no HTML")
        found = listing.anchors(document, url)
        links = tuple(Link(href, title or None) for href, title in found.items())
        first, number = self.first or url, self.page + 1
        if self.pages:
            where: str | None = urljoin(first, self.pages.format(page=number))
        else:
            where = listing.next_page(document, url, first, number, list(found))
        return Announced(links, self._further(where, number, first))

    def _further(self, where: str | None, number: int, first: str) -> tuple[Source, ...]:
        if not where or number > self.most:
            return ()
        # how many pages there are is not known beforehand: a 404 is their end
        return (replace(self, url=where, page=number, first=first, optional=True),)


def _sitemap_link(url: str, entry: dict[str, str]) -> Link:
    return Link(url, entry.get("title"), entry.get("publication_date"), modified=entry.get("lastmod"))


def _lines(data: bytes, base: str, trouble: str | None) -> Announced:
    lines = data.decode("utf-8-sig", "replace").split()
    urls = [
        url for line in lines if line.startswith(("http://", "https://")) and (url := absolute(base, line))
    ]
    unread = "this is no sitemap" if lines and not urls else None
    return Announced(tuple(Link(url) for url in urls), trouble=trouble or unread)


def _feed_trouble(feed: Any, body: bytes) -> str | None:
    if not feed.entries and not feed.version:
        return "this is no feed"
    if len(body) > LARGEST_FEED:
        return f"the feed is larger than {LARGEST_FEED // 2**20} MiB: only that much was read"
    error = feed.get("bozo_exception")
    # a wrong charset or content type is the rule among feeds, and costs nothing
    harmless = CharacterEncodingOverride | NonXMLContentType
    if error is None or isinstance(error, harmless):
        return None
    return f"the feed is broken, what could be read was kept: {' '.join(str(error).split())}"


def _key(name: str) -> str:
    return name.lower().replace(":", "_")


def _permalink(entry: dict[str, Any]) -> str | None:
    name = entry.get("id")
    return name if isinstance(name, str) and name.startswith(("http://", "https://")) else None


def _content(entry: dict[str, Any]) -> str | None:
    return next((part["value"] for part in entry.get("content", ()) if part.get("value")), None)


def _clean(text: Any) -> str | None:
    return " ".join(text.split()) or None if isinstance(text, str) else None


def _header(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
