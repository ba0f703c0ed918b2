"""The main text of a page whose markup nobody described: which element holds it, and that element without its surroundings.

Works from what any markup shows: where running text stands together, where links stand instead, where the
headline is, and which whole lines (anchors) say that the article has ended. Class names weigh little.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.column import foreign, standing, upwards
from crawler.runs import Run, Runs
from crawler.text import INLINE, anchors, shut
from crawler.window import bounds, is_apart

PARAGRAPHS = frozenset(["p", "li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "pre"])
GATHERERS = frozenset(["blockquote", "ul", "ol", "dl"])  # hold paragraphs, but never an article
IMAGES = frozenset(["img", "amp-img"])
ICON_AT_MOST = 60  # pixels
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|$)|^#", re.IGNORECASE)
LEVELS = 2  # forks up from the best element, at which its brothers may stand
AFTER = 12  # lines behind the end of the text, among which the tags may stand
SHARES = (1.0, 0.95, 0.6, 0.3)  # what a text counts for its own element, its parent and so on


@dataclass(frozen=True, slots=True)
class MainText:
    """Where a page's main text stands.

    `elements` are copies: leads that stand apart between headline and container, then the container of the
    paragraphs, cut behind the headline and in front of the end anchor. The lines around it are runs in page order:
    `above` between headline and first paragraph, `before` the headline, `below` the last paragraph up to the anchor,
    `after` the first dozen from it on.
    """

    elements: tuple[HtmlElement, ...] = ()
    container: HtmlElement | None = None  # in the page's own tree
    headed: Run | None = None
    before: tuple[Run, ...] = ()
    above: tuple[Run, ...] = ()
    below: tuple[Run, ...] = ()
    after: tuple[Run, ...] = ()
    lead: Run | None = None  # the first paragraph, if no other stands like it


def main_text(
    root: HtmlElement, headline: str = "", end: Collection[str] = (), found: Sequence[Run] | None = None
) -> MainText:
    """The main text of a page, with no elements when the page holds no running text.

    `headline` narrows the search to what follows it; `end` are whole texts of elements, compared by `anchor`, that
    close an article; `found` the runs of `root` where they are at hand. The tree handed in is unchanged.
    """
    found = Runs(root) if found is None else found
    ends = anchors(tuple(end))
    start, stop = bounds(found, headline, ends)
    window = found[start:stop]
    before = tuple(found[: max(start - 1, 0)])
    headed = found[start - 1] if start else None
    own, container = _chosen(window, headed, ends, root)
    if container is None:
        return MainText(headed=headed, before=before, above=tuple(window))
    ended = next(iter(found[stop : stop + 1]), None)
    inside = set(container.iter())
    leads = [deepcopy(element) for element in _leads(own, container, inside)]
    known = set(own)
    held = [index for index, run in enumerate(window) if run in known and run.element in inside]
    above, below = window[: held[0]], window[held[-1] + 1 :]
    ended = next((run for run in below if run.is_label or run.excerpt), ended)
    return MainText(
        (*leads, _cut(container, headed, ended, own)),
        container,
        headed,
        before,
        tuple(above),
        tuple(below),
        tuple(found[stop : stop + AFTER]),
        own[0] if len(own) > 1 and is_apart(own[0], own[1:]) else None,
    )


def _chosen(
    window: Sequence[Run], headed: Run | None, end: frozenset[str], root: HtmlElement
) -> tuple[list[Run], HtmlElement | None]:
    """The article's own texts and their container: the densest one that may belong to the headline.

    Of excerpts one alone may be the text, behind a link of some other kind; several are a list of other pages.
    """
    texts = [run for run in window if run.weight > 0]
    texts = standing(texts, headed) if headed else texts
    while True:
        own = [run for run in texts if not run.excerpt] or (texts if len(texts) == 1 else [])
        container = _container(own, window, root)
        if container is None or headed is None:
            return own, container
        held = set(container.iter())
        known = set(own)
        first = next(index for index, run in enumerate(window) if run in known and run.element in held)
        section = foreign(window[: first + 1], headed, end)
        if section is None:
            return own, container
        inside = set(section.iter())
        texts = [run for run in texts if run.element not in inside]


def _container(own: Sequence[Run], window: Sequence[Run], root: HtmlElement) -> HtmlElement | None:
    scores: dict[HtmlElement, float] = defaultdict(float)
    held: dict[HtmlElement, float] = defaultdict(float)
    for run in own:
        held[_holder(run, root)] += run.weight
    for element, weight in held.items():
        for share, ancestor in zip(SHARES, upwards(element, root), strict=False):
            scores[ancestor] += weight * share
    return _widened(max(scores, key=lambda element: scores[element]), window, root) if scores else None


def _holder(run: Run, root: HtmlElement) -> HtmlElement:
    """The element that holds the paragraph of a run; never a paragraph, list or inline element, however tags cross."""
    element = run.element
    while element is not root and (
        element.tag in PARAGRAPHS or element.tag in GATHERERS or element.tag in INLINE
    ):
        element = element.getparent()
    return element


def _widened(best: HtmlElement, window: Sequence[Run], root: HtmlElement) -> HtmlElement:
    """An ancestor instead, where the text goes on in brothers of the same tag and class, as sections of one article do.

    A brother that holds as many titles of other pages as texts is none: lists of teasers are made of like parts too.
    """
    chosen = best
    forks = [node for node in upwards(best, root) if node is not root and len(node.getparent()) > 1]
    for node in forks[:LEVELS]:
        parent, like = node.getparent(), (node.tag, node.get("class"))
        brothers = {one for one in parent if one is not node and (one.tag, one.get("class")) == like}
        if brothers and max(_texts(brothers, window).values(), default=0) > 0:
            chosen = parent
    return chosen


def _texts(brothers: Collection[HtmlElement], window: Sequence[Run]) -> Counter[HtmlElement]:
    """How many more texts than titles of other pages each brother holds."""
    texts: Counter[HtmlElement] = Counter()
    for run in window:
        worth = -1 if run.is_link or run.excerpt else 1 if run.weight > 0 else 0
        around = (run.element, *run.element.iterancestors()) if worth else ()
        texts.update({node: worth for node in around if node in brothers})
    return texts


def _leads(
    own: Sequence[Run], container: HtmlElement, inside: Collection[HtmlElement]
) -> Iterator[HtmlElement]:
    for run in own:
        if run.element in inside:
            return
        if run.trust == 1 and not run.linked and container not in run.element.iterdescendants():
            yield run.element


def _cut(container: HtmlElement, headed: Run | None, ended: Run | None, own: Sequence[Run]) -> HtmlElement:
    """A copy of the container that begins behind one run and ends in front of another, where these are inside."""
    order = {element: index for index, element in enumerate(container.iter())}
    whole = {ancestor for run in own for ancestor in upwards(run.element, container)}
    copy = deepcopy(container)
    copy.tail = None
    copies = list(copy.iter())
    if ended and ended.begin in order and (ended.is_tail or ended.begin not in whole):
        _drop_following(copies[order[ended.begin]], copy, behind=ended.is_tail)
    if headed and headed.begin in order and headed.begin not in whole and not headed.is_tail:
        _drop_preceding(copies[order[headed.begin]], copy)
    return copy


def _drop_following(element: HtmlElement, root: HtmlElement, *, behind: bool) -> None:
    for node in upwards(element, root):
        if node is not root:
            for sibling in list(node.itersiblings()):
                sibling.getparent().remove(sibling)
            node.tail = None
    if not behind:
        element.getparent().remove(element)


def _drop_preceding(element: HtmlElement, root: HtmlElement) -> None:
    for node in upwards(element, root):
        if node is not root:
            for sibling in list(node.itersiblings(preceding=True)):
                sibling.getparent().remove(sibling)
            node.getparent().text = None
    element.drop_tree()


def lead_picture(text: MainText) -> HtmlElement | None:
    """The first picture between the title and the container; those inside the container are the text's own.

    Icons, pictures that lead to another article, and what stands in navigation are passed over.
    """
    if text.container is None or text.headed is None:
        return None
    inside = set(text.container.iter())
    begun = False
    tags = {*IMAGES, text.headed.element.tag, text.container.tag}
    for node in text.headed.element.getroottree().iter(*tags):
        begun = begun or node is text.headed.element
        if node is text.container and text.headed.element not in inside:
            return None
        if begun and node.tag in IMAGES and _is_shown(node):
            return None if node in inside else node
    return None


def _is_shown(image: HtmlElement) -> bool:
    sizes = [image.get(side, "").removesuffix("px") for side in ("width", "height")]
    if any(size.isdecimal() and int(size) <= ICON_AT_MOST for size in sizes):
        return False
    return not any(shut(above) or _leads_elsewhere(above) for above in image.iterancestors())


def _leads_elsewhere(element: HtmlElement) -> bool:
    href = element.get("href")
    return element.tag == "a" and bool(href) and PICTURE.search(href) is None
