# ruff: noqa: N815  (fields carry schema.org's names, from the HTML to the Parquet column)
"""Layout: one page opened, and where a site says that things stand in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from lxml.html import HtmlElement

from crawler import charset, text
from crawler.density import main_text
from crawler.markup import Markup
from crawler.microdata import Microdata
from crawler.selectors import Index
from crawler.text import words

Opened = TypeVar("Opened", bound="Layout")


class Layout:
    """A page's bytes, decoded and parsed once; `crawler.page.ArticlePage` explains the words that a site may set.

    `body` is the page in UTF-8, `at` the moment of capture, which «Сегодня, 14:30» is relative to.
    """

    site: ClassVar[str] = ""
    urls: ClassVar[str] = ""
    identity: ClassVar[str] = "{id}"
    home: ClassVar[str] = ""
    mark: ClassVar[str] = ""
    until: ClassVar[date | None] = None
    zone: ClassVar[str] = "Europe/Moscow"
    scope: ClassVar[str] = ""
    drop: ClassVar[tuple[str, ...]] = ()
    end: ClassVar[tuple[str, ...]] = ()

    headline: ClassVar[Any] = ""
    alternativeHeadline: ClassVar[Any] = ""
    description: ClassVar[Any] = ""
    articleBody: ClassVar[Any] = ""
    datePublished: ClassVar[Any] = ""
    dateModified: ClassVar[Any] = ""
    author: ClassVar[Any] = ""
    articleSection: ClassVar[Any] = ""
    keywords: ClassVar[Any] = ""
    image: ClassVar[Any] = ""
    caption: ClassVar[str] = ""
    credit: ClassVar[str] = ""
    dateline: ClassVar[Any] = ""

    _singly = 0  # of the classes that are named, see `Index`

    def __init__(
        self, url: str, body: bytes, headers: Sequence[tuple[str, str]] = (), at: datetime | None = None
    ) -> None:
        self.url = url
        self.headers = headers
        self.at = at
        self.body, self.charset = charset.recode(body, headers)
        self.markup = Markup(self.body, url)

    def over(self, page: type[Opened]) -> Opened:
        """The same opened page, to be read by another page class."""
        other = page.__new__(page)
        other.url, other.headers, other.at = self.url, self.headers, self.at
        other.body, other.charset, other.markup = self.body, self.charset, self.markup
        return other

    @cached_property
    def html(self) -> str:
        """The page's text."""
        return self.body.decode("utf-8")

    @cached_property
    def index(self) -> Index:
        """The page's elements by class and tag."""
        return Index(self.markup.root, self.markup.html, self._singly)

    @cached_property
    def part(self) -> HtmlElement:
        """The element that is read: the first match of `scope`, or the whole document."""
        root = self.markup.root
        return next(iter(self.inside(root, self.scope)), root) if self.scope else root

    @cached_property
    def microdata(self) -> Microdata:
        """What the scope's elements state of the article."""
        return Microdata(self.index.properties(self.part))

    def all(self, css: str) -> list[HtmlElement]:
        """Every element of the scope that the CSS selects, in document order."""
        return self.inside(self.part, css) if css else []

    def inside(self, node: HtmlElement, css: str) -> list[HtmlElement]:
        """Every element of the node, itself included, that the CSS selects, in document order."""
        return self.index.select(css, node)

    def first(self, css: str) -> HtmlElement | None:
        """The first element of the scope that the CSS selects."""
        return next(iter(self.all(css)), None)

    def selector(self, field: str) -> str:
        """The CSS that the site names for a field; "" where it has a method or nothing."""
        own = getattr(self, field)
        return own if isinstance(own, str) else ""

    def texts(self, css: str) -> list[str]:
        """The visible texts of what the CSS selects, each once."""
        return list(self._texts(css))

    def _texts(self, css: str) -> Iterator[str]:
        known = {""}
        for node in self.all(css):
            if not text.hidden(node) and (found := words(text.content(node))) not in known:
                known.add(found)
                yield found

    def shown(self, field: str) -> Iterable[str]:
        """The visible texts that state a field; overridden where no CSS can name their place."""
        return self._texts(self.selector(field))

    @cached_property
    def lead(self) -> HtmlElement | None:
        """The element that holds the lead picture; overridden where no CSS can name its place."""
        return self.first(self.selector("image"))

    @cached_property
    def blocks(self) -> list[HtmlElement]:
        """The elements that hold the body: the site's selector, or microdata's articleBody, else the densest text."""
        if css := self.selector("articleBody"):
            return _outermost(self.all(css))
        stated = [node for node in self.microdata.props("articleBody") if not text.hidden(node)]
        return stated[:1] or list(main_text(self.part, "", self.end).elements)

    def dropped(self, block: HtmlElement) -> set[HtmlElement]:
        """What the site's `drop` takes out of a block."""
        return set(self.inside(block, ", ".join(self.drop))) if self.drop else set()

    def wordless(self, block: HtmlElement) -> set[HtmlElement]:
        """What of a block is no body text: what is dropped, the words under pictures, a lead that is the description."""
        named = (self.caption, self.credit, self.selector("description"))
        return self.dropped(block) | {node for css in named if css for node in self.inside(block, css)}


def _outermost(nodes: list[HtmlElement]) -> list[HtmlElement]:
    chosen = set(nodes)
    return [node for node in nodes if not any(above in chosen for above in node.iterancestors())]
