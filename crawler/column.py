"""Which text stands apart from the headline and is therefore none of the article's: comments, teasers, footers (pure)."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from lxml.html import HtmlElement

from crawler.runs import BOX, HEADINGS, Run
from crawler.text import anchor

COUNT = re.compile(r"\s*\(?\d+\)?\s*$")  # «Комментарии (14)»
ANCHOR_AT_MOST = 60  # characters
REMARKS = re.compile(r"(?:\w+ (?:a )?)?(?:комментари|comment|reply)", re.IGNORECASE)
NEAR = 2  # elements around an excerpt, in which the title that it belongs to stands
NAMED = re.compile(r"(?:^|[\s_-])comments?(?:$|[\s_-])", re.IGNORECASE)


def is_anchor(run: Run, end: Collection[str]) -> bool:
    """Whether a run says nothing but one of the texts that close an article; `end` holds them as `anchor` gives them."""
    if run.plain + run.linked > ANCHOR_AT_MOST:
        return False
    row_of_buttons = run.linked > run.plain and not run.is_tail
    return anchor(COUNT.sub("", run.text)) in end or (
        row_of_buttons and anchor(run.begin.text_content()) in end
    )


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


def foreign(
    container: HtmlElement, headed: Run, opening: Sequence[Run], end: Collection[str]
) -> HtmlElement | None:
    """The element with this text that cannot belong to the headline, None where the text may be the article's.

    `opening` are the runs behind the headline up to the text's first paragraph. The element does not hold the headline, and it is a footer, is named after comments, stands outside the main column that
    holds the headline, or begins with a heading of its own: an end anchor, or the title of another page.
    """
    above = {headed.element, *headed.element.iterancestors()}
    apart = [node for node in (container, *container.iterancestors()) if node not in above]
    if not apart:
        return None
    for node in reversed(apart):
        if node.tag == "footer" or NAMED.search(f"{node.get('class', '')} {node.get('id', '')}"):
            return node
    if any(node.tag == "main" and apart[-1] not in set(node.iter()) for node in above):
        return apart[-1]
    headings = ((_heads(*pair), *pair) for pair in pairwise(opening) if pair[0].element.tag in HEADINGS)
    for node, heading, below in headings:
        closing = is_anchor(heading, end) and not BOX.match(heading.text)
        teaser = heading.is_link and below.excerpt and node in apart[:NEAR]
        if node in apart and (closing or teaser):
            return node
    return None


def _heads(heading: Run, below: Run) -> HtmlElement | None:
    """The innermost element that holds a heading together with the line below it."""
    around = set(below.element.iterancestors())
    return next((node for node in heading.element.iterancestors() if node in around), None)
