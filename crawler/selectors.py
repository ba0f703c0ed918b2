"""CSS over an index: a page's elements by class and tag, gathered in one pass, so that a selector costs no walk."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from cssselect import parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Negation, Pseudo
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

PROPS = "[itemprop]"
FEW = 4
_SIZE = etree.XPath("count(descendant::*)")


class Index:
    """The elements of one document, each with its place, by class and by tag.

    Selectors of classes, tags, ids, attributes, `:first-child`, `:not()`, descendants and children are answered from
    the index; any other CSS, and CSS on an element of another tree, by walking.
    """

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self._named: dict[str, list[tuple[int, HtmlElement]]] = defaultdict(list)
        self._spans: dict[HtmlElement, range | None] = {}
        named = self._named
        for entry in enumerate(root.iter()):
            node = entry[1]
            named[node.tag].append(entry)
            if names := node.get("class"):
                for name in names.split():
                    named[f".{name}"].append(entry)
            if node.get("itemprop"):
                named[PROPS].append(entry)

    def tagged(self, tag: str) -> list[HtmlElement]:
        """Every element of the document with this tag."""
        return [node for _, node in self._named.get(tag, ())]

    def properties(self, within: HtmlElement) -> list[HtmlElement]:
        """Every element of this one that states a property of microdata."""
        span = self._span(within) or ()
        return [node for place, node in self._named.get(PROPS, ()) if place in span]

    def select(self, css: str, within: HtmlElement) -> list[HtmlElement]:
        """`within` itself and its descendants that the CSS selects, in document order."""
        trees = _trees(css)
        span = self._span(within)
        if span is None or not all(key for key, _, _ in trees):
            return walk(css, within)
        found = {
            place: node
            for key, tree, holder in trees
            for place, node in self._candidates(key, holder)
            if place in span and (tree is None or _matches(node, tree))
        }
        return [found[place] for place in sorted(found)]

    def _candidates(self, key: str, holder: str) -> list[tuple[int, HtmlElement]]:
        """The entries of a name; of a frequent tag only those inside the few elements that must hold them."""
        entries, holders = self._named.get(key, []), self._named.get(holder, [])
        if not holder or len(holders) > FEW or len(entries) < len(holders):
            return entries
        spans = [span for _, node in holders if (span := self._span(node))]
        return [entry for entry in entries if any(entry[0] in span for span in spans)]

    def _span(self, within: HtmlElement) -> range | None:
        """The places of an element and what it holds; None for an element of another tree."""
        if within not in self._spans:
            place = next((place for place, node in self._named.get(within.tag, ()) if node is within), None)
            size: Any = _SIZE(within)
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
def _trees(css: str) -> tuple[tuple[str, Any, str], ...]:
    """Each selector of a group: the index's name for whatever it can match, what is left to check, what must hold it.

    The name is "" when the index can't say; nothing (None) is left to check where the name says all.
    """
    return tuple(_prepared(selector.parsed_tree) for selector in parse(css))


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
