# ruff: noqa: N815  (fields carry schema.org's names, from the HTML to the Parquet column)
"""ArticlePage: one page, read into an Article, and the words that a site may set to say how."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag

from crawler import belief
from crawler.belief import Found
from crawler.layout import Layout

TRACKING = re.compile(r"(?:utm_\w+|from|in|yclid|gclid|fbclid|_openstat|ysclid)(?:=|$)")


@dataclass(slots=True)
class Article:
    """One article as the page states it; None or empty means that the page does not say it."""

    identifier: str
    url: str
    canonicalUrl: str | None = None
    headline: str | None = None
    alternativeHeadline: str | None = None
    description: str | None = None
    articleBody: str | None = None
    datePublished: str | None = None
    datePublishedRaw: str | None = None
    dateModified: str | None = None
    dateModifiedRaw: str | None = None
    author: list[dict[str, str]] = field(default_factory=list)
    articleSection: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    image: list[dict[str, str]] = field(default_factory=list)
    inLanguage: str | None = None
    dateline: str | None = None
    isAccessibleForFree: bool | None = None
    publisher: dict[str, str] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    capture: dict[str, Any] = field(default_factory=dict)

    @property
    def is_dated(self) -> bool:
        """Whether the page itself says when it was published; a URL says so of an error page, too."""
        return self.datePublished is not None and self.origins["datePublished"] != "url"

    def item(self) -> dict[str, Any]:
        """The stated fields in their declared order, ready to be written as JSON."""
        pairs = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: value for name, value in pairs if value is not None and value not in ("", [], {})}


class ArticlePage(Layout):
    """A pure reader of one page: (url, content-decoded bytes, headers) -> Article.

    A site says only what differs from the defaults. Words about the page as a whole:

    - `site`: the site's name, first part of every identifier.
    - `urls`: regular expression (fully matched) of the URLs that this page reads; its named groups feed `identity`.
    - `identity`: format of those groups that makes the identifier: `"{id}"` -> `"ria:2039174868"`; a URL in which one of them
      is empty or did not take part is none of this page's.
    - `home`: scheme and host that alias hosts are folded to in `canonical`, `""` = left as they are.
    - `mark`: CSS that the HTML must hold, `""` = the scope if one is set, else nothing.
    - `until`: capture date after which the page no longer reads (a layout that has ended), None = still reads.
    - `zone`: IANA zone of dates that state none.
    - `scope`: CSS; its first match is all that is read of the page's body (endless scroll), `""` = all.
    - `drop`: CSS of what is no article text, beside what `crawler.text` drops on every site.
    - `end`: texts of whole elements («Печать») that end the body where they stand; colon and case are ignored.

    Words about fields bear the field's name. A string is CSS within `scope`, tried where `crawler.belief` says:
    `headline`, `alternativeHeadline`, `description`, `articleBody` (the elements that hold the paragraphs),
    `datePublished`, `dateModified`, `author`, `articleSection`, `keywords` (each match is one value), `dateline`,
    `image` (the lead picture), `caption`, `credit` (of a picture, searched from the picture upwards).
    Where CSS cannot say it, a method of the same name returns `Found(value, origin)`, empty for "absent", or None for the
    default order;
    methods may call `self.first(css)`, `self.all(css)`, `belief.<field>(self)`, and read `self.markup`.
    `shown(field)` (visible texts that state a field) and `blocks` (elements that hold the body) may be overridden
    where the place cannot be named by CSS.
    """

    @classmethod
    def identify(cls, url: str) -> str | None:
        """The identifier of the article at this URL, None when the URL is none of this page's, or lacks a part of `identity`.

        >>> page = type("Page", (ArticlePage,), {"site": "gazeta", "urls": r"https://gazeta/(?:n(?P<id>[0-9]*)|about)"})
        >>> page.identify("https://gazeta/n7"), page.identify("https://gazeta/n"), page.identify("https://gazeta/about")
        ('gazeta:7', None, None)
        """
        match = re.fullmatch(cls.urls, cls.bare(url)) if cls.urls else None
        if match is None:
            return None
        try:
            return f"{cls.site}:{cls.identity.format_map({k: v for k, v in match.groupdict().items() if v})}"
        except KeyError:  # with nothing in its place, different articles would be one
            return None

    @classmethod
    def canonical(cls, url: str) -> str:
        """The URL to fetch: without fragment and tracking query, alias hosts folded to `home`."""
        return re.sub(r"^https?://[^/]+", cls.home, cls.bare(url)) if cls.home else cls.bare(url)

    @staticmethod
    def bare(url: str) -> str:
        """The URL without fragment and tracking query; any other query stays."""
        path, _, query = urldefrag(url)[0].partition("?")
        kept = "&".join(part for part in query.split("&") if part and not TRACKING.match(part))
        return f"{path}?{kept}" if kept else path

    def fits(self) -> bool:
        """Whether the HTML shows the mark of this page."""
        mark = self.mark or self.scope
        return not mark or bool(self.inside(self.markup.root, mark))

    def found(self, name: str) -> Found | None:
        """What the page says of one field: the site's own method, else the order of belief."""
        own = getattr(self, name, "")
        answer: Found | None = own() if callable(own) else None
        return answer or getattr(belief, name)(self)

    def article(self) -> Article | None:
        """The article, or None when the page has no headline, or neither text nor a date of its own."""
        article = Article(identifier=self.identify(self.url) or self.url, url=self.url)
        for name in belief.FIELDS:
            found = self.found(name)
            if found and found.value not in (None, "", []):
                setattr(article, name, found.value)
                article.origins[name] = found.origin
                article.assumed += [f"{name}.{part}" for part in found.assumed]
                if found.raw:
                    setattr(article, f"{name}Raw", found.raw)
        article.assumed.sort()
        article.articleBody = belief.untitled(
            article.articleBody, (article.headline, article.alternativeHeadline)
        )
        return article if article.headline and (article.articleBody or article.is_dated) else None
