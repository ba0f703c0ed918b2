"""A page's markup: one parse, one pass; metas, links, linked data and microdata as they stand."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

from crawler import linked_data
from crawler.text import words


class Markup:
    """What a page's HTML says of itself outside the visible text.

    `html` is what was parsed, `metas` maps the lower-case property or name to its non-empty contents, `links` the rel to what it links to.
    """

    def __init__(self, html: str | bytes, url: str) -> None:
        self.url = url
        self.html = utf8(html)
        self.root = _parsed(self.html)
        self.metas: dict[str, list[str]] = {}
        self.links: dict[str, list[str]] = {}
        for element in self.root.iter("meta"):
            name = (element.get("property") or element.get("name") or "").lower()
            if name and (content := words(element.get("content"))):
                self.metas.setdefault(name, []).append(content)
        for element in self.root.iter("link"):
            for rel in (element.get("rel") or "").lower().split() if element.get("href") else ():
                self.links.setdefault(rel, []).append(element.get("href", ""))

    @cached_property
    def title(self) -> str:
        """The words of the first title that is not empty."""
        return next((title for node in self.root.iter("title") if (title := words(node.text))), "")

    def link(self, rel: str) -> str | None:
        """The absolute URL of the first link with this rel; None where it is no URL."""
        try:
            return next((urljoin(self.url, href.strip()) for href in self.links.get(rel, ())), None)
        except ValueError:
            return None

    @cached_property
    def linked(self) -> dict[str, Any]:
        """The JSON-LD article that is about this page, {} when there is none."""
        scripts = (
            node.text
            for node in self.root.iter("script")
            if (kind := node.get("type")) and "ld+json" in kind.lower()
        )
        own = [url for url in (self.url, self.link("canonical")) if url]
        return linked_data.about(linked_data.blocks(filter(None, scripts)), own)

    def meta(self, *names: str) -> str | None:
        """The first content of the first of these metas that is stated."""
        return next((self.metas[name][0] for name in names if name in self.metas), None)

    def usage(self, headers: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """The stated usage signals: robots directives, TDM reservation and policy."""
        stated = [value for name, value in headers if name.lower() == "x-robots-tag"] + self.metas.get(
            "robots", []
        )
        robots = [part for value in stated for item in value.split(",") if (part := words(item).lower())]
        signals: dict[str, Any] = {"robots": list(dict.fromkeys(robots))} if robots else {}
        reservation = _header(headers, "tdm-reservation") or self.meta("tdm-reservation")
        if reservation in {"0", "1"}:
            signals["tdmReservation"] = int(reservation)
        if policy := _header(headers, "tdm-policy") or self.meta("tdm-policy"):
            signals["tdmPolicy"] = policy
        return signals


def _header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    return next((words(value) for key, value in headers if key.lower() == name), None)


def utf8(html: str | bytes) -> bytes:
    """A page as it is parsed: in UTF-8, without the NULs at which libxml2 would end it."""
    return (html.encode("utf-8", "replace") if isinstance(html, str) else html).replace(b"\0", b"")


def parse(html: str | bytes) -> HtmlElement:
    """The document, of text or its UTF-8; an empty page gives an empty one, broken HTML what a browser would make of it."""
    return _parsed(utf8(html))


def _parsed(body: bytes) -> HtmlElement:
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )
    parser.set_element_class_lookup(
        etree.ElementDefaultClassLookup(element=HtmlElement)
    )  # without a choice per tag
    root: HtmlElement | None = etree.fromstring(body, parser) if not body.isspace() else None
    return etree.fromstring(b"<html><body></body></html>", parser) if root is None else root
