"""Which text stands apart from the headline and is therefore none of the article's: comments, teasers, footers (pure)."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from lxml.html import HtmlElement

from crawler.runs import HEADINGS, Run
from crawler.text import anchor, beginnings, content

COUNT = re.compile(r"\s*\(?\d+\)?\s*$")  # «Комментарии (14)»
ANCHOR_AT_MOST = 60  # characters
REMARKS = re.compile(r"(?:\w+ (?:a )?)?(?:комментари|comment|reply)", re.IGNORECASE)
NEAR = 3  # elements, of which one holds an excerpt with the title that it belongs to
NAMED = re.compile(r"(?:^|[\s_-])comments?(?:$|[\s_-])", re.IGNORECASE)


def is_anchor(run: Run, end: frozenset[str]) -> bool:
    """Whether a run says nothing but one of the texts that close an article; `end` holds them as `anchor` gives them."""
    if run.plain + run.linked > ANCHOR_AT_MOST or run.beginning not in _beginnings(end):
        return False
    row_of_buttons = run.linked > run.plain and not run.is_tail
    return anchor(COUNT.sub("", run.text)) in end or (row_of_buttons and anchor(content(run.begin)) in end)


@lru_cache(maxsize=64)  # a site's own, on each of its pages
def _beginnings(end: frozenset[str]) -> str:
    return beginnings("".join(sorted({line[:1] for line in end})))


def opens_comments(run: Run) -> bool:
    """Whether a run is the heading of the readers' comments, behind which no article begins."""
    return run.element.tag in HEADINGS and REMARKS.match(run.text) is not None


def upwards(element: HtmlElement, root: HtmlElement) -> Iterator[HtmlElement]:
    """The element and those around it, up to the root."""
    while element is not None:
        yield element
        if element is root:
            return
        element = element.getparent()


def standing(texts: Sequence[Run], headed: Run) -> list[Run]:
    """The texts that are not the headline once more and do not stand apart from it.

    Apart stands what is in a footer, in the comments, or outside the headline's `main`.
    """
    first = beginnings(headed.line[:1])
    texts = [run for run in texts if run.beginning not in first or run.line != headed.line]
    above = {headed.element, *headed.element.iterancestors()}
    mains = {node for main in headed.element.iterancestors("main") for node in main.iterancestors()}
    return [run for run in texts if not _is_outside(run.element, above, mains)]


def _is_outside(element: HtmlElement, above: Collection[HtmlElement], mains: Collection[HtmlElement]) -> bool:
    """Whether an element leaves the headline's column on the way up to what holds both."""
    while element not in above:
        if element.tag == "footer" or _is_named(element.get("class"), element.get("id")):
            return True
        element = element.getparent()
    return element in mains


@lru_cache(maxsize=4096)  # a page repeats few names often
def _is_named(*names: str | None) -> bool:
    return NAMED.search(" ".join(filter(None, names))) is not None


def foreign(opening: Sequence[Run], headed: Run, end: frozenset[str]) -> HtmlElement | None:
    """The element around a text that is headed otherwise than by the headline: by an end anchor, or by another title.

    `opening` are the runs behind the headline up to the text's first paragraph. None where the text may be the article's.
    """
    above = {headed.element, *headed.element.iterancestors()}
    around = _around(opening[-1])
    for heading, below in pairwise(opening):
        if heading.element.tag in HEADINGS:
            node = _shared(heading, below)
            closing = is_anchor(heading, end) and not heading.opens_box
            teaser = heading.is_link and node in around[:NEAR] and node in _around(heading)[:NEAR]
            if node in around and node not in above and (closing or teaser):
                return node
    return None


def _around(run: Run) -> list[HtmlElement]:
    return [run.element, *run.element.iterancestors()]


def _shared(one: Run, other: Run) -> HtmlElement:
    """The innermost element that holds two runs."""
    around = set(_around(other))
    return next(node for node in _around(one) if node in around)
