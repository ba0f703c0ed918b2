"""The visible stretches of text of a page in their order, each with how much of it is links."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count, islice
from typing import Any

from lxml.html import HtmlElement

from crawler.text import HIDING, INLINE, NEVER, anchor, hidden, tabular

SKIPPED = NEVER - {"h1", "table"} | {"label"}
TRUSTED = frozenset(["html", "body", "main", "article"])
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# of names in small letters, which a search without regard to case would take five times as long for
DOUBTFUL = re.compile(
    r"comment|related|sidebar|footer|share|social|newsletter|subscri|promo|advert|banner|menu|cookie|popup|modal"
    r"|tags|breadcrumb|widget|recommend|copyright|disclaim|teaser|most-?(read|popular)"
)
DATA = re.compile(r"(?:^|[_-])meta(?:$|\s)")  # the article once more, for machines
PROMISING = re.compile(r"article|body|content|entry|main|post|story|text|news-?detail")
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
BOX = re.compile(  # anchors, in small letters, that may also head a box inside the text
    r"чита|смотри|по теме|материалы|новости по|другие|ещ[её]|также|подпи|подел|реклам|read|more|also|related|recommend"
    r"|see|share|you may|popular"
)
SENTENCE = re.compile(r"[.!?…:][»\")]*$")
SHORT = 90  # characters
BOX_AT_MOST = 24  # characters at the beginning that say so
TEXT_AT_LEAST = 25  # characters: shorter lines are dates, labels, buttons
LINK_AT_LEAST = 20  # a title in a list of links; rubrics and «Читать далее» are shorter


@dataclass(eq=False, slots=True)
class Run:
    """A stretch of text that belongs to one block element, up to the next block or empty line; asked only when whole."""

    element: HtmlElement
    trust: float
    begin: HtmlElement  # the element whose text or tail comes first
    is_tail: bool
    beginning: (
        str  # the first character, which says whether it may be the line looked for (`text.beginnings`)
    )
    pieces: list[str]
    linked: int = 0
    plain: int = 0
    excerpt: bool = False
    _text: str | None = None
    _line: str | None = None
    _weight: float | None = None
    _boxes: bool | None = None

    @property
    def text(self) -> str:
        """The words with single spaces."""
        if self._text is None:
            self._text = " ".join("".join(self.pieces).split())
        return self._text

    @property
    def line(self) -> str:
        """The words in the form in which lines are compared."""
        if self._line is None:
            self._line = anchor(self.text)
        return self._line

    @property
    def weight(self) -> float:
        """How much running text it is evidence of, in characters; links speak against it."""
        if self.plain < TEXT_AT_LEAST or self.linked > self.plain / 2:
            return 0.0
        if self._weight is None:
            self._weight = 0.0 if self._is_no_text else (self.plain - self.linked) * self.trust
        return self._weight

    @property
    def _is_no_text(self) -> bool:
        dated = self.plain < SHORT and NO_TEXT.match(self.text) is not None
        return dated or IMPRINT.match(self.text) is not None

    @property
    def opens_box(self) -> bool:
        """Whether it says «Читайте также» or the like."""
        if self._boxes is None:
            opening = "".join(self.pieces).lstrip()[:BOX_AT_MOST]
            self._boxes = BOX.match(" ".join(opening.lower().split())) is not None
        return self._boxes

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


def mark_excerpts(found: Iterable[Run]) -> None:
    """Mark each text that only follows another page's title as an excerpt of that page.

    A title behind «Читайте также» is a box of one line, unless it is a heading: what follows it is no excerpt.
    """
    title: tuple[Run, Run | None] | None = None  # of another page, with the run before it
    before: Run | None = None
    for run in found:
        if run.is_link:
            title = run, before
        elif run.weight > 0:
            run.excerpt = title is not None and _introduces(*title)
            title = None
        elif run.element.tag in HEADINGS:
            title = None
        before = run


def _introduces(title: Run, before: Run | None) -> bool:
    if title.element.tag in HEADINGS:
        return True
    return not (title.opens_box or (before is not None and before.opens_box))


_Place = tuple[HtmlElement, float, bool]  # the block element, its trust, whether linked


@dataclass(slots=True)
class _Pen:
    """Writes text into the runs of the block elements in which it stands; the last one begun goes on while that is `at` its element."""

    begun: list[Run] = field(default_factory=list)
    at: HtmlElement | None = None

    def add(self, text: str, begin: HtmlElement, place: _Place, *, is_tail: bool) -> None:
        element, trust, linked = place
        plain = text.strip()
        if element is self.at:
            run = self.begun[-1]
            run.pieces.append(text if plain else " ")
        elif plain:
            run = Run(element, trust, begin, is_tail, plain[0], [text])
            self.begun.append(run)
            self.at = element
        else:
            return
        if linked:
            run.linked += len(plain)
        else:
            run.plain += len(plain)

    def enter(self, node: HtmlElement, around: _Place) -> _Place | None:
        """Where the text inside a node stands; None for what is not walked: what nobody sees."""
        tag = node.tag
        inline = tag in INLINE
        if not inline:
            if tag == "br":
                self._break(node, around)
                return None
            self.at = None
            if tag in SKIPPED and not (tag == "form" and _is_page(node)):
                return None
        if (names := node.keys()) and not HIDING.isdisjoint(names) and hidden(node):
            return None
        element, trust, linked = around
        if inline:
            return (element, trust, True) if tag == "a" else around
        return node, trust * _trust(node, tag) if names or tag == "footer" else trust, linked

    def _break(self, br: HtmlElement, place: _Place) -> None:
        """Two line breaks with nothing between end a paragraph; one is a space."""
        if self.at is not place[0]:
            return
        before = br.getprevious()
        if before is not None and before.tag == "br" and not (before.tail and before.tail.strip()):
            self.at = None
        else:
            self.begun[-1].pieces.append(" ")


class Runs(Sequence[Run]):
    """Every visible stretch of text under an element, in page order: walked no further than it is asked for.

    Half of a page stands behind its article, where nobody looks for more once an anchor has ended it.
    """

    def __init__(self, root: HtmlElement) -> None:
        self._whole: list[Run] = []
        self._walk = _walk(root)

    def __len__(self) -> int:
        self._whole.extend(self._walk)
        return len(self._whole)

    def __getitem__(self, place: Any) -> Any:
        """The run at a place, or those of a slice."""
        start, stop = (place.start or 0, place.stop) if isinstance(place, slice) else (place, place + 1)
        to_the_end = stop is None or min(start, stop) < 0 or getattr(place, "step", None) is not None
        self._whole.extend(islice(self._walk, None if to_the_end else max(0, stop - len(self._whole))))
        return self._whole[place]

    def __iter__(self) -> Iterator[Run]:
        """One after the other, however many others walk ahead meanwhile."""
        for place in count():
            if place == len(self._whole):
                if (run := next(self._walk, None)) is None:
                    return
                self._whole.append(run)
            yield self._whole[place]


def _walk(root: HtmlElement) -> Iterator[Run]:
    """Each run once it is whole, that is when the next one begins.

    By a stack of our own: pages nest deeper than Python calls, and libxml2's walk makes two steps per element. Space is most of what
    stands between elements, and matters only in a run.
    """
    pen, around = _Pen(), (root, 1.0, False)
    begun = pen.begun
    pen.add(root.text or "", root, around, is_tail=False)
    children, above = iter(root[:]), []
    while True:
        for node in children:
            while len(begun) > 1:
                yield begun.pop(0)
            if inside := pen.enter(node, around):
                if (own := node.text) and (inside[0] is pen.at or not own.isspace()):
                    pen.add(own, node, inside, is_tail=False)
                if len(node):
                    above.append((children, node, around))
                    children, around = iter(node[:]), inside
                    break
            if (tail := node.tail) and (around[0] is pen.at or not tail.isspace()):
                pen.add(tail, node, around, is_tail=True)
        else:
            if not above:
                yield from begun
                return
            children, node, around = above.pop()
            if (tail := node.tail) and (around[0] is pen.at or not tail.isspace()):
                pen.add(tail, node, around, is_tail=True)


def _trust(element: HtmlElement, tag: str) -> float:
    if tag == "footer":
        return 0.1
    return 1.0 if tag in TRUSTED else _named_trust(element.get("class"), element.get("id"))


@lru_cache(maxsize=4096)  # a page repeats few names often
def _named_trust(*names: str | None) -> float:
    name = " ".join(filter(None, names)).lower()
    doubtful = DOUBTFUL.search(name) and not PROMISING.search(name)
    data = "meta" in name and DATA.search(name)
    return 0.3 if doubtful or data else 1.0


def _is_page(form: HtmlElement) -> bool:
    """Whether a form is wrapped around the whole page, as some frameworks do."""
    return next(form.iter("h1", "h2", "article"), None) is not None
