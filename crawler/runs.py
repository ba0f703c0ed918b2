"""The visible stretches of text of a page in their order, each with how much of it is links."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from lxml.html import HtmlElement

from crawler.text import INLINE, NEVER, anchor, hidden, tabular

SKIPPED = NEVER - {"h1", "table"} | {"label"}
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
DOUBTFUL = re.compile(
    r"comment|related|sidebar|footer|share|social|newsletter|subscri|promo|advert|banner|menu|cookie|popup|modal"
    r"|tags|breadcrumb|widget|recommend|copyright|disclaim|teaser|most-?(read|popular)",
    re.IGNORECASE,
)
DATA = re.compile(r"(?:^|[_-])meta(?:$|\s)", re.IGNORECASE)  # the article once more, for machines
PROMISING = re.compile(r"article|body|content|entry|main|post|story|text|news-?detail", re.IGNORECASE)
# a line of date, rubric and credit, however long: ends in no sentence
NO_TEXT = re.compile(
    r"\W{0,2}(?:\d{1,2}[ .](?:[а-яё]{3,9}|\d\d)[ .,]|\d{1,2}:\d\d|\d{4}-\d\d-\d\d|Фото\b|Автор|Источник|Опубликован|Дата|Просмотр)"
    r".*[^.!?…»]$",
    re.IGNORECASE,
)
IMPRINT = re.compile(  # what a site says of itself under every page
    r"©|\(c\) |Свидетельство о регистрации (?:СМИ|средства массовой|сетевого)|Мнение редакции может"
    r"|При (?:\w+ ){0,4}(?:использовании|перепечатке|цитировании) (?:\w+ )?материалов|(?:Все права|All rights) (?:защищены|reserved)",
    re.IGNORECASE,
)
BOX = re.compile(  # anchors that may also head a box inside the text
    r"чита|смотри|по теме|материалы|новости по|другие|ещ[её]|также|подпи|подел|реклам|read|more|also|related|recommend"
    r"|see|share|you may|popular",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"[.!?…:][»\")]*$")
SHORT = 90  # characters
TEXT_AT_LEAST = 25  # characters: shorter lines are dates, labels, buttons
LINK_AT_LEAST = 20  # a title in a list of links; rubrics and «Читать далее» are shorter


@dataclass(eq=False)
class Run:
    """A stretch of text that belongs to one block element, up to the next block or empty line; asked only when whole."""

    element: HtmlElement
    trust: float
    begin: HtmlElement  # the element whose text or tail comes first
    is_tail: bool
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    plain: int = 0
    excerpt: bool = False

    @cached_property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join("".join(self.pieces).split())

    @cached_property
    def line(self) -> str:
        """The words in the form in which lines are compared."""
        return anchor(self.text)

    @cached_property
    def weight(self) -> float:
        """How much running text it is evidence of, in characters; links speak against it."""
        if self.plain < TEXT_AT_LEAST or self.linked > self.plain / 2:
            return 0.0
        if self.plain < SHORT and NO_TEXT.match(self.text):
            return 0.0
        if IMPRINT.match(self.text):
            return 0.0
        return (self.plain - self.linked) * self.trust

    @property
    def is_link(self) -> bool:
        """Whether it is a title or label that leads elsewhere."""
        return self.linked >= LINK_AT_LEAST and self.plain <= self.linked / 4

    @property
    def is_label(self) -> bool:
        """Whether, beside a text, it is a date, rubric, counter, button or title rather than a short paragraph."""
        if self.linked > self.plain or self.element.tag in HEADINGS:
            return True
        marked = self.element.tag in {"div", "span", "td", "header", "address"} and self.begin is self.element
        inline = self.begin is not self.element and not self.is_tail
        short = self.plain < SHORT and not SENTENCE.search(self.text)
        return (marked or inline) and short and not self._is_figure

    @property
    def _is_figure(self) -> bool:
        """Whether it stands in a table of data, which is text however short its cells are."""
        row = next(self.element.iterancestors("tr"), None)
        if row is None or not tabular(row):
            return False
        beside = (next(row.itersiblings("tr", preceding=before), None) for before in (False, True))
        return any(other is not None and tabular(other) for other in beside)


def runs(root: HtmlElement) -> list[Run]:
    """Every visible stretch of text under `root` in page order; excerpts that only follow a link are marked."""
    found: list[Run] = []
    _walk(root, _Pen(found, root, 1.0))
    found = [run for run in found if run.plain or run.linked]
    mark_excerpts(found)
    return found


def mark_excerpts(found: Iterable[Run]) -> None:
    """Mark each text that only follows another page's title as an excerpt of that page.

    A title behind «Читайте также» is a box of one line, unless it is a heading: what follows it is no excerpt.
    """
    follows_link = boxed = False
    for run in found:
        run.excerpt = follows_link and run.weight > 0
        in_box, boxed = boxed, BOX.match(run.text) is not None
        if run.is_link:
            follows_link = run.element.tag in HEADINGS or not (boxed or in_box)
        elif run.weight or run.element.tag in HEADINGS:
            follows_link = False


@dataclass(slots=True)
class _Pen:
    """Writes the text of one block element into runs."""

    found: list[Run]
    element: HtmlElement
    trust: float
    run: Run | None = None

    def add(self, text: str | None, at: HtmlElement, *, linked: bool, is_tail: bool) -> None:
        if not text or not (length := len(text.strip())):
            if text and self.run:
                self.run.pieces.append(" ")
            return
        if self.run is None:
            self.run = Run(self.element, self.trust, at, is_tail)
            self.found.append(self.run)
        self.run.pieces.append(text)
        if linked:
            self.run.linked += length
        else:
            self.run.plain += length

    def lift(self) -> None:
        """What follows is another run of the same element."""
        self.run = None


@dataclass(slots=True)
class _Level:
    """One element whose children are being walked; a stack of these, for pages nest deeper than Python calls."""

    element: HtmlElement
    children: Iterator[HtmlElement]
    pen: _Pen
    linked: bool
    after_break: bool = False

    def leave(self, child: HtmlElement) -> None:
        self.pen.add(child.tail, child, linked=self.linked, is_tail=True)

    def breaks(self, child: HtmlElement) -> None:
        """Two line breaks with nothing between end a paragraph; one is a space."""
        if self.after_break:
            self.pen.lift()
        elif self.pen.run:
            self.pen.run.pieces.append(" ")
        self.after_break = not (child.tail and child.tail.strip())


def _walk(root: HtmlElement, pen: _Pen) -> None:
    levels = [_opened(root, pen, linked=False)]
    while levels:
        level = levels[-1]
        child = next(level.children, None)
        if child is None:
            levels.pop()
            if levels:
                levels[-1].leave(level.element)
        elif inside := _entered(child, level):
            levels.append(inside)
        else:
            level.leave(child)


def _opened(element: HtmlElement, pen: _Pen, *, linked: bool) -> _Level:
    pen.add(element.text, element, linked=linked, is_tail=False)
    return _Level(element, iter(element), pen, linked)


def _entered(child: HtmlElement, level: _Level) -> _Level | None:
    """The level below, None for what is not walked: line breaks, comments, what nobody sees."""
    tag = child.tag
    if tag == "br":
        level.breaks(child)
        return None
    if not isinstance(tag, str):
        return None
    level.after_break = False
    if tag in INLINE:
        return None if hidden(child) else _opened(child, level.pen, linked=level.linked or tag == "a")
    level.pen.lift()
    if (tag in SKIPPED and not _is_page(child, tag)) or hidden(child):
        return None
    pen = _Pen(level.pen.found, child, level.pen.trust * _trust(child, tag))
    return _opened(child, pen, linked=level.linked)


def _trust(element: HtmlElement, tag: str) -> float:
    if tag in {"html", "body", "main", "article"}:
        return 1.0
    if tag == "footer":
        return 0.1
    return _named_trust(f"{element.get('class', '')} {element.get('id', '')}")


@lru_cache(maxsize=4096)  # a page repeats few names often
def _named_trust(name: str) -> float:
    doubtful = DATA.search(name) or (DOUBTFUL.search(name) and not PROMISING.search(name))
    return 0.3 if doubtful else 1.0


def _is_page(element: HtmlElement, tag: str) -> bool:
    """Whether a form is wrapped around the whole page, as some frameworks do."""
    return tag == "form" and next(element.iter("h1", "h2", "article"), None) is not None
