"""Where a site announces articles, as values: bytes of a feed, sitemap or listing become links.

Nothing here fetches: the crawl hands in what came over the wire. Broken input is salvaged, and said so.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import feedparser
from lxml import etree, html

Headers = Sequence[tuple[str, str]]

# No source is read beyond this many bytes, before or after decompression (DESIGN.md 4).
LARGEST = 64 * 2**20
# Feedparser builds several copies of its input; the largest real feed known is 0.2 MB.
LARGEST_FEED = 8 * 2**20


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
        return tuple(
            replace(self, url=url) for url in dict.fromkeys(self.url.format(day=day) for day in days)
        )

    def read(self, body: bytes, url: str, headers: Headers = (), *, since: date | None = None) -> Announced:
        """Return what `body`, received from `url`, announces; what was last touched before `since` may be left out."""
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
        feed = feedparser.parse(
            BytesIO(body[:LARGEST_FEED]),
            response_headers={"content-type": _header(headers, "content-type")},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        links = tuple(link for entry in feed.entries if (link := self._link(entry, url)))
        return Announced(links, trouble=_feed_trouble(feed, body))

    def _link(self, entry: dict[str, Any], base: str) -> Link | None:
        href = (entry.get(_key(self.link)) if self.link else None) or entry.get("link") or _permalink(entry)
        if not isinstance(href, str) or not (url := _absolute(base, href)):
            return None
        text = entry.get(_key(self.text)) if self.text else _content(entry)
        published = entry.get("published") or entry.get("updated")
        return Link(url, _clean(entry.get("title")), _clean(published), text or None)


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap or an index of sitemaps, plain, gzipped or as lines of text; at most `most` sitemaps of an index are read."""

    most: int = 50

    def read(self, body: bytes, url: str, headers: Headers = (), *, since: date | None = None) -> Announced:  # noqa: ARG002
        """Return entries and sub-sitemaps, without those whose lastmod is a day before `since`."""
        data, trouble = _inflate(body)
        if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return _lines(data, url)
        links: list[Link] = []
        more: dict[str, str] = {}
        walk = _Walk(data)
        for entry in walk.entries():
            where = _absolute(url, entry.get("loc", ""))
            if not where or _before(entry.get("lastmod"), since):
                continue
            if entry["kind"] == "sitemap":
                more[where] = entry.get("lastmod", "")
            else:
                links.append(self._link(where, entry))
        return Announced(tuple(links), self._children(more), trouble or walk.trouble or self._surplus(more))

    def _link(self, url: str, entry: dict[str, str]) -> Link:
        return Link(url, entry.get("title"), entry.get("publication_date"), modified=entry.get("lastmod"))

    def _children(self, more: dict[str, str]) -> tuple[Source, ...]:
        newest = sorted(more, key=more.__getitem__, reverse=True)[: self.most]
        return tuple(replace(self, url=where) for where in more if where in set(newest))

    def _surplus(self, more: dict[str, str]) -> str | None:
        return (
            f"the index names {len(more)} sitemaps, of which {self.most} are read"
            if len(more) > self.most
            else None
        )


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
        tree = _tree(body, headers)
        if tree is None:
            return Announced(trouble="the page holds no HTML")
        found = _anchors(tree, _absolute(url, tree.xpath("string(//base/@href)")) or url)
        links = tuple(Link(href, title or None) for href, title in found.items())
        return Announced(links, self._next(tree, url, list(found)))

    def _next(self, tree: html.HtmlElement, url: str, hrefs: list[str]) -> tuple[Source, ...]:
        if self.page >= self.most:
            return ()
        first, number = self.first or url, self.page + 1
        if self.pages:
            where: str | None = urljoin(first, self.pages.format(page=number))
        else:
            where = _next_page(tree, url, first, number, hrefs)
        further = replace(self, url=where, page=number, first=first, optional=True) if where else None
        return (further,) if further else ()


class _Walk:
    """The entries of a sitemap, one at a time, in flat memory; `trouble` is set if the XML ends too early."""

    trouble: str | None = None

    def __init__(self, data: bytes) -> None:
        # entities are never resolved and no DTD is loaded: a sitemap needs neither, an attack does
        self._events = etree.iterparse(
            BytesIO(data),
            events=("end",),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            recover=True,
        )

    def entries(self) -> Iterator[dict[str, str]]:
        """Yield {"kind": "url"|"sitemap", "loc", "lastmod", "title", "publication_date"} as far as they are stated."""
        entry: dict[str, str] = {}
        root = ""
        try:
            for _, element in self._events:
                root = name = etree.QName(element).localname if isinstance(element.tag, str) else ""
                if name in {"url", "sitemap"}:
                    if "loc" in entry:
                        yield {"kind": name, **entry}
                    entry = {}
                    _forget(element)
                elif name in {"loc", "lastmod", "title", "publication_date"} and not _of_picture(element):
                    entry.setdefault(name, " ".join((element.text or "").split()))
        except etree.XMLSyntaxError as error:
            self.trouble = f"the XML ends early: {error.msg}"
        if not self.trouble and root not in {"urlset", "sitemapindex"}:
            self.trouble = "this is no sitemap" if not root else f"the XML ends early, after <{root}>"


def _of_picture(element: etree._Element) -> bool:
    """Tell whether the element belongs to a picture or a video of the entry (`image:loc`, `video:title`)."""
    return any(space in etree.QName(element).namespace or "" for space in ("sitemap-image", "sitemap-video"))


def _forget(element: etree._Element) -> None:
    element.clear()
    while element.getprevious() is not None and element.getparent() is not None:
        del element.getparent()[0]


def _inflate(body: bytes) -> tuple[bytes, str | None]:
    """Return the body ungzipped if it is gzip, at most LARGEST bytes of it, and what was wrong."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:LARGEST], None if len(body) <= LARGEST else _too_large()
    inflater = zlib.decompressobj(31)
    try:
        data = inflater.decompress(body, LARGEST)
    except zlib.error as error:
        return b"", f"the gzip stream is broken: {error}"
    if inflater.unconsumed_tail:
        return data, _too_large()
    return data, None if inflater.eof else "the gzip stream ends early"


def _too_large() -> str:
    return f"it is larger than {LARGEST // 2**20} MiB: only that much was read"


def _lines(data: bytes, base: str) -> Announced:
    lines = data.decode("utf-8-sig", "replace").split()
    urls = [line for line in lines if line.startswith(("http://", "https://"))]
    trouble = None if urls or not lines else "this is no sitemap"
    return Announced(tuple(Link(url) for line in urls if (url := _absolute(base, line))), trouble=trouble)


def _before(lastmod: str | None, since: date | None) -> bool:
    """Tell whether a W3C date names a day, month or year that was over before `since`."""
    if not since or not lastmod or not re.match(r"\d{4}(-\d\d){0,2}(T|$)", lastmod):
        return False
    day = lastmod.partition("T")[0]
    return day < since.isoformat()[: len(day)]


def _feed_trouble(feed: feedparser.FeedParserDict, body: bytes) -> str | None:
    if not feed.entries and not feed.version:
        return "this is no feed"
    if len(body) > LARGEST_FEED:
        return f"the feed is larger than {LARGEST_FEED // 2**20} MiB: only that much was read"
    error = feed.get("bozo_exception")
    # a wrong charset or content type is the rule among feeds, and costs nothing
    if error is None or isinstance(
        error, feedparser.CharacterEncodingOverride | feedparser.NonXMLContentType
    ):
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


def _absolute(base: str, href: str) -> str | None:
    """Return an http(s) URL without its fragment, or None for anything else, hostile or broken."""
    try:
        parts = urlsplit(urljoin(base, href.strip()))
        return (
            parts._replace(fragment="").geturl()
            if parts.scheme in {"http", "https"} and parts.hostname
            else None
        )
    except ValueError:
        return None


def _tree(body: bytes, headers: Headers) -> html.HtmlElement | None:
    charset = re.search(r"charset=[\"']?([\w-]+)", _header(headers, "content-type"))
    try:
        return html.document_fromstring(
            body[:LARGEST], html.HTMLParser(encoding=charset[1] if charset else None)
        )
    except (etree.ParserError, LookupError, ValueError):
        return None


def _anchors(tree: html.HtmlElement, base: str) -> dict[str, str]:
    """Return URL -> the longest text that links to it, in the order of the page."""
    found: dict[str, str] = {}
    for anchor in tree.iter("a"):
        if url := _absolute(base, anchor.get("href") or ""):
            text = " ".join(anchor.text_content().split())
            found[url] = max(found.get(url, ""), text, key=len)
    return found


def _next_page(tree: html.HtmlElement, url: str, first: str, number: int, hrefs: list[str]) -> str | None:
    """Return the URL that the page calls next, or the one that looks like page `number` of the same listing."""
    stated = tree.xpath("string((//link|//a)[contains(concat(' ', @rel, ' '), ' next ')]/@href)")
    if stated and (where := _absolute(url, stated)) and urlsplit(where).hostname == urlsplit(url).hostname:
        return where
    return next((href for href in hrefs if _page_number(href, first) == number), None)


def _page_number(href: str, first: str) -> int | None:
    """Return which page of the listing `first` a URL is: "page/2/" below it or "?PAGEN_1=2" on it; else None.

    >>> _page_number("https://example.org/news/page/2/", "https://example.org/news/")
    2
    >>> _page_number("https://example.org/news/?PAGEN_1=3", "https://example.org/news/")
    3
    >>> _page_number("https://example.org/sport/page/2/", "https://example.org/news/")
    """
    here = first.partition("?")[0].rstrip("/")
    if not href.startswith(here):
        return None
    rest = re.fullmatch(
        r"/?(?:page[/-]?(\d{1,4})/?|\?(?:PAGEN_\d+|page|paged|p)=(\d{1,4}))", href[len(here) :]
    )
    return int(rest[1] or rest[2]) if rest else None
