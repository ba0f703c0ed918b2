# ruff: noqa: N802  (a function per field, under schema.org's name)
"""The order of belief: per field, which of a page's statements is taken first. Written once, for all sites."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler import linked_data, names, text, values
from crawler.images import absolute, pictures
from crawler.microdata import prop_value
from crawler.text import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from crawler.layout import Layout

FIELDS = (
    "canonicalUrl", "headline", "alternativeHeadline", "description", "articleBody", "datePublished", "dateModified",
    "author", "articleSection", "keywords", "image", "inLanguage", "dateline", "isAccessibleForFree", "publisher",
)  # fmt: skip
PUBLISHED = (
    "article:published_time", "article:published", "og:published_time", "og:pubdate", "og:article:published_time",
    "datepublished", "pubdate", "publish-date", "publishdate", "publish_date", "publication_date", "date", "dc.date",
    "dc.date.issued", "dcterms.created", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "mediator_published_time",
)  # fmt: skip
MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")


DATELINE = re.compile(r"[A-ZА-ЯЁ][A-ZА-ЯЁ./ ’'-]+[,/].{0,40}?\s[-–—]\s[A-ZА-ЯЁ][^.?]{1,60}(?=\.|$)")


@dataclass(frozen=True, slots=True)
class Found:
    """A field's value, where it came from, the page's own words and the parts that had to be assumed."""

    value: Any
    origin: str
    raw: str = ""
    assumed: tuple[str, ...] = ()


def _first(candidates: Iterable[tuple[str, Any]]) -> Found | None:
    """The first candidate (origin, value) that says anything."""
    return next(
        (Found(value, origin) for origin, value in candidates if value not in (None, "", [], {})), None
    )


def canonicalUrl(page: Layout) -> Found | None:
    """The page's own address: link, og:url, JSON-LD."""
    stated = (
        ("html", page.markup.link("canonical")),
        ("meta", page.markup.meta("og:url")),
        ("json-ld", linked_data.text(page.markup.linked.get("url"))),
    )
    return _first((origin, absolute(page.url, url)) for origin, url in stated if url)


def headline(page: Layout) -> Found | None:
    """The visible title: the site's selector, h1; then JSON-LD, og:title, microdata, <title>."""
    markup = page.markup
    sites = _sites(page)

    def candidates() -> Iterator[tuple[str, str | None]]:
        yield "css", next(iter(page.shown("headline")), None)
        yield "css", _heading(page, sites)
        yield "json-ld", linked_data.text(markup.linked.get("headline") or markup.linked.get("name"))
        yield "meta", markup.meta("og:title", "twitter:title")
        yield "microdata", next(map(prop_value, page.microdata.props("headline")), None)
        yield "html", markup.title

    return _first((origin, names.title(value, sites)) for origin, value in candidates() if value)


def _heading(page: Layout, sites: list[str]) -> str | None:
    """The h1 of the article: the one that the page's titles repeat, else the only one that is not the site's name."""
    headings = [
        found for node in page.all("h1") if (found := words(text.content(node))) and not text.hidden(node)
    ]
    known = {name.casefold() for name in sites}
    own = [found for found in headings if found.casefold() not in known]
    titles = " ".join([page.markup.title, *page.markup.metas.get("og:title", ())]).casefold()
    return next((found for found in own if found.casefold() in titles), own[0] if len(own) == 1 else None)


def alternativeHeadline(page: Layout) -> Found | None:
    """A second title, only where the site names its place."""
    return _first([("css", next(iter(page.shown("alternativeHeadline")), None))])


def description(page: Layout) -> Found | None:
    """The site's visible lead, JSON-LD, og:description, meta description."""
    markup = page.markup
    candidates = (
        ("css", next(iter(page.shown("description")), None)),
        ("json-ld", linked_data.text(markup.linked.get("description"))),
        ("meta", markup.meta("og:description", "description")),
    )
    return _first((origin, names.unsigned(value, _sites(page))) for origin, value in candidates if value)


def _sites(page: Layout) -> list[str]:
    """The names under which the page's site goes."""
    return [page.markup.meta("og:site_name") or "", linked_data.text(page.markup.linked.get("publisher"))]


def articleBody(page: Layout) -> Found | None:
    """The paragraphs of the elements that hold the body."""
    ends = text.anchors(page.end)
    parts = [
        part for block in page.blocks for part in text.paragraphs(block, drop=page.wordless(block), end=ends)
    ]
    origin = (
        "css"
        if page.selector("articleBody")
        else "microdata"
        if page.microdata.props("articleBody")
        else "density"
    )
    return _first([(origin, "\n\n".join(parts))])


def untitled(body: str | None, titles: Iterable[str | None]) -> str | None:
    """The body without titles that are printed once more above it."""
    parts = body.split("\n\n") if body else []
    while parts and parts[0] in titles:
        parts.pop(0)
    return "\n\n".join(parts) or None


def _moments(page: Layout, field: str, metas: tuple[str, ...]) -> Iterator[tuple[str, values.Moment]]:
    """Every date that the page states for a field, in the order of belief."""
    near = values.url_date(page.url)
    for origin, line in _stamps(page, field, metas):
        if line and (moment := values.moment(line, page.zone, near=near, at=page.at)):
            yield origin, moment


def _stamps(page: Layout, field: str, metas: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
    markup = page.markup
    yield "json-ld", linked_data.text(markup.linked.get(field))
    yield from (("meta", content) for name in metas for content in markup.metas.get(name, ()))
    yield from (("microdata", prop_value(node)) for node in page.microdata.props(field))
    nodes = page.all(page.selector(field))
    yield from (("microdata", node.get("datetime") or node.get("content")) for node in nodes)
    yield from (("css" if nodes else "text", line) for line in page.shown(field))


def _date(candidates: Iterator[tuple[str, values.Moment]]) -> Found | None:
    """The first date; if it has no time of day, a later one of the same day that has."""
    origin, moment = next(candidates, ("", None))
    if moment is None:
        return None
    if not moment.timed:
        origin, moment = next(
            ((o, m) for o, m in candidates if m.timed and m.day == moment.day), (origin, moment)
        )
    return Found(moment.value, origin, moment.raw, moment.assumed)


def datePublished(page: Layout) -> Found | None:
    """JSON-LD, meta, microdata and time, the visible words, the URL."""

    def candidates() -> Iterator[tuple[str, values.Moment]]:
        yield from _moments(page, "datePublished", PUBLISHED)
        if day := values.url_day(page.url):
            yield "url", day

    return _date(candidates())


def dateModified(page: Layout) -> Found | None:
    """The same order, never filled from datePublished."""
    return _date(_moments(page, "dateModified", MODIFIED))


def author(page: Layout) -> Found | None:
    """The visible byline, JSON-LD, microdata, meta; microdata or a meta that names the site itself is no author."""
    own = _sites(page)

    def candidates() -> Iterator[tuple[str, list[str]]]:
        yield "css", [name for byline in page.shown("author") for name in names.names(byline)]
        yield "json-ld", linked_data.texts(page.markup.linked.get("author"))
        yield "microdata", _people(map(prop_value, page.microdata.props("author")), own)
        yield "meta", _people(page.markup.metas.get("author", ()), own)

    found = _listed(candidates())
    return Found([{"name": name} for name in found.value], found.origin) if found else None


def _people(stated: Iterable[str], own: Collection[str]) -> list[str]:
    return [name for value in stated if "/" not in value and value not in own for name in names.names(value)]


def listed(*candidates: tuple[str, list[str] | None]) -> Found | None:
    """The first list that is not empty, each value once."""
    return _listed(candidates)


def _listed(candidates: Iterable[tuple[str, list[str] | None]]) -> Found | None:
    return _first((origin, list(dict.fromkeys(filter(None, stated or [])))) for origin, stated in candidates)


def articleSection(page: Layout) -> Found | None:
    """The site's selector, JSON-LD, microdata, meta article:section."""

    def candidates() -> Iterator[tuple[str, list[str] | None]]:
        yield "css", [section.rstrip(" ,") for section in page.shown("articleSection")]
        yield "json-ld", linked_data.texts(page.markup.linked.get("articleSection"))
        stated = page.microdata.props("articleSection")
        yield "microdata", [prop_value(node).rstrip(" ,") for node in stated]
        yield "meta", page.markup.metas.get("article:section")

    return _listed(candidates())


def keywords(page: Layout) -> Found | None:
    """The visible tags, JSON-LD, article:tag; never meta keywords."""

    def candidates() -> Iterator[tuple[str, list[str] | None]]:
        yield "css", [tag.strip(" ,#") for tag in page.shown("keywords")]
        stated = page.markup.linked.get("keywords")
        yield "json-ld", linked_data.texts(stated.split(",") if isinstance(stated, str) else stated)
        yield "meta", page.markup.metas.get("article:tag")

    return _listed(candidates())


def image(page: Layout) -> Found | None:
    """The lead picture, then those of the body."""
    found = pictures(page)
    return Found([picture.item() for picture in found], found[0].origin) if found else None


def inLanguage(page: Layout) -> Found | None:
    """The lang of html, JSON-LD, og:locale."""
    root = page.markup.root
    stated = words(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"))
    candidates = (
        ("html", stated.replace("_", "-")),
        ("json-ld", linked_data.text(page.markup.linked.get("inLanguage"))),
        ("meta", (page.markup.meta("og:locale") or "").replace("_", "-")),
    )
    return _first(candidates)


def dateline(page: Layout) -> Found | None:
    """Place, day and agency («МОСКВА, 31 мая - РИА Новости») that begin what the site's selector selects first."""
    match = DATELINE.match(next(iter(page.shown("dateline")), ""))
    return Found(match[0], "css") if match else None


def isAccessibleForFree(page: Layout) -> Found | None:
    """JSON-LD alone."""
    stated = page.markup.linked.get("isAccessibleForFree")
    value = {"true": True, "false": False}.get(str(stated).lower())
    return None if value is None else Found(value, "json-ld")


def publisher(page: Layout) -> Found | None:
    """JSON-LD, og:site_name."""
    found = _first(
        [
            ("json-ld", linked_data.text(page.markup.linked.get("publisher"))),
            ("meta", page.markup.meta("og:site_name")),
        ]
    )
    return Found({"name": found.value}, found.origin) if found else None
