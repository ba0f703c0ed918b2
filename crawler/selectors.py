"""CSS over an index: a page's elements by class and tag, gathered in one pass, so that a selector costs no walk."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any, NamedTuple, cast

from cssselect import parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Negation, Pseudo
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

EDGES = "\0 \t\n\f\r"  # what stands around the name of a class
PROPS = "[itemprop]"
FEW = 4
_SIZE = etree.XPath("count(descendant::*)")
_STATING = etree.XPath("descendant-or-self::*[@itemprop]")


class Plan(NamedTuple):
    """How a group of selectors is answered: by its tags, where it says nothing else; by the index, where that can say.

    Each of `trees` is the index's name for whatever a selector can match, what is left to check, what must hold it. The
    name is "" when the index can't say; nothing (None) is left to check where the name says all.
    """

    tags: tuple[str, ...]
    trees: tuple[tuple[str, Any, str], ...]
    indexed: bool


class Index:
    """The elements of one document, each with its place, by class and by tag; gathered when they are first asked for.

    Selectors of classes, tags, ids, attributes, `:first-child`, `:not()`, descendants and children are answered from
    the index; any other CSS, and CSS on an element of another tree, by walking.
    """

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self._found: dict[str, list[int]] = {}
        self._selected: dict[str, list[int]] = {}
        self._spans: dict[HtmlElement, range | None] = {}

    @cached_property
    def _nodes(self) -> list[HtmlElement]:
        return list(self.root.iter())

    @cached_property
    def _order(self) -> dict[HtmlElement, int]:
        return dict(zip(self._nodes, range(len(self._nodes)), strict=True))

    @cached_property
    def _alike(self) -> tuple[dict[str, list[int]], str]:
        """The places of the elements by what they say in `class`, and all that is said there, a NUL around each."""
        alike: dict[str, list[int]] = {}
        for place, node in enumerate(self._nodes):
            if names := node.get("class"):
                if names in alike:
                    alike[names].append(place)
                else:
                    alike[names] = [place]
        return alike, "\0".join(("", *alike, ""))

    @cached_property
    def stating(self) -> list[HtmlElement]:
        """Every element that states a property of microdata."""
        return cast("list[HtmlElement]", _STATING(self.root))

    def properties(self, within: HtmlElement) -> list[HtmlElement]:
        """Every element of this one that states a property of microdata."""
        if within is self.root or not self.stating:
            return self.stating
        span = self._span(within) or ()
        return [self._nodes[place] for place in self._places(PROPS) if place in span]

    def select(self, css: str, within: HtmlElement) -> list[HtmlElement]:
        """`within` itself and its descendants that the CSS selects, in document order."""
        plan = _plan(css)
        if plan.tags:
            return list(within.iter(*plan.tags))
        span = self._span(within) if plan.indexed else None
        if span is None:
            return walk(css, within)
        if css not in self._selected:
            self._selected[css] = sorted(set(self._matching(plan)))
        places = self._selected[css]
        first, last = bisect_left(places, span.start), bisect_left(places, span.stop)
        return [self._nodes[place] for place in places[first:last]]

    def _matching(self, plan: Plan) -> Iterator[int]:
        for key, tree, holder in plan.trees:
            if places := self._places(key):
                places = self._held(places, holder) if holder else places
                yield from (place for place in places if tree is None or _matches(self._nodes[place], tree))

    def _held(self, places: list[int], holder: str) -> list[int]:
        """The places of a frequent name that lie inside the few elements that must hold them."""
        holders = self._places(holder)
        if len(holders) > FEW or len(places) < len(holders):
            return places
        spans = [span for place in holders if (span := self._span(self._nodes[place]))]
        return [place for place in places if any(place in span for span in spans)]

    def _places(self, name: str) -> list[int]:
        """The places of a class («.name»), of a tag, or of what states microdata."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._classed(name[1:]) if name[0] == "." else self._tagged(name)
        return found

    def _classed(self, name: str) -> list[int]:
        alike, said = self._alike
        found: list[int] = []
        at, size = said.find(name), len(name)
        while at >= 0:
            after = at + size
            if said[at - 1] in EDGES and said[after] in EDGES:
                after = said.index("\0", at)
                found += alike[said[said.rindex("\0", 0, at) + 1 : after]]
            at = said.find(name, after)
        return found

    def _tagged(self, name: str) -> list[int]:
        nodes = self.stating if name == PROPS else self.root.iter(name)
        return [self._order[node] for node in nodes]

    def _span(self, within: HtmlElement) -> range | None:
        """The places of an element and what it holds; None for an element of another tree."""
        if within not in self._spans:
            place = 0 if within is self.root else self._order.get(within)
            size = cast("float", _SIZE(within)) if place is not None else 0
            self._spans[within] = None if place is None else range(place, place + 1 + int(size))
        return self._spans[within]


@cache
def _walker(css: str) -> CSSSelector:
    return CSSSelector(css, translator="html")


def walk(css: str, within: HtmlElement) -> list[HtmlElement]:
    """The same by looking at every element."""
    found: Any = _walker(css)(within)
    return list(found)


@cache
def _plan(css: str) -> Plan:
    found = [selector.parsed_tree for selector in parse(css)]
    trees = tuple(map(_prepared, found))
    bare = all(isinstance(tree, Element) and tree.element and not tree.namespace for tree in found)
    return Plan(tuple(key for key, _, _ in trees) if bare else (), trees, all(key for key, _, _ in trees))


def _prepared(tree: Any) -> tuple[str, Any, str]:
    key = next((key for key in _names(tree) if key), "") if _simple(tree) else ""
    bare = isinstance(tree, Element) or (isinstance(tree, Class) and not any(list(_names(tree))[1:]))
    holder = (
        next(filter(None, _names(tree.selector)), "") if key and isinstance(tree, CombinedSelector) else ""
    )
    return key, None if bare else tree, holder


def _names(tree: Any) -> Iterator[str]:
    if isinstance(tree, CombinedSelector):
        yield from _names(tree.subselector)
    elif isinstance(tree, Class):
        yield f".{tree.class_name}"
        yield from _names(tree.selector)
    elif isinstance(tree, Element):
        yield tree.element or ""
    else:
        if isinstance(tree, Attrib) and tree.attrib == "itemprop":
            yield PROPS
        yield from _names(tree.selector)


def _simple(tree: Any) -> bool:
    if isinstance(tree, Element):
        return tree.namespace is None
    if isinstance(tree, CombinedSelector):
        return tree.combinator in {" ", ">"} and _simple(tree.selector) and _simple(tree.subselector)
    if isinstance(tree, Negation):
        return _simple(tree.selector) and _simple(tree.subselector)
    if isinstance(tree, Attrib):
        return tree.operator in {"exists", "="} and _simple(tree.selector)
    if isinstance(tree, Pseudo):
        return tree.ident == "first-child" and _simple(tree.selector)
    return isinstance(tree, Class | Hash) and _simple(tree.selector)


def _matches(node: HtmlElement, tree: Any) -> bool:
    if isinstance(tree, Element):
        return tree.element is None or node.tag == tree.element
    if isinstance(tree, CombinedSelector):
        return _matches(node, tree.subselector) and any(
            _matches(above, tree.selector) for above in _above(node, tree.combinator)
        )
    if isinstance(tree, Negation):
        return _matches(node, tree.selector) and not _matches(node, tree.subselector)
    return _says(node, tree) and _matches(node, tree.selector)


def _above(node: HtmlElement, combinator: str) -> Iterator[HtmlElement]:
    for above in node.iterancestors():
        yield above
        if combinator == ">":
            return


def _says(node: HtmlElement, tree: Any) -> bool:
    if isinstance(tree, Class):
        return tree.class_name in (node.get("class") or "").split()
    if isinstance(tree, Hash):
        return bool(node.get("id") == tree.id)
    if isinstance(tree, Attrib):
        stated = node.get(tree.attrib)
        return stated is not None and (
            tree.operator == "exists" or stated == getattr(tree.value, "value", None)
        )
    return node.getprevious() is None
