"""CSS over an index: a page's elements by class and tag, gathered in one pass, so that a selector costs no walk."""

from collections.abc import Iterator
from functools import cache, cached_property
from itertools import chain
from typing import Any, NamedTuple, cast

from cssselect import parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Negation, Pseudo
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

REFERRED = frozenset("&<>\"'")
EDGES = "\0 \t\n\f\r"  # what stands around the name of a class
PROPS = "[itemprop]"
FEW = 4
_HOLDING = etree.XPath("//@class[contains(., $name)]/..")
_STATING = etree.XPath("//@itemprop/..")  # few do: in two thirds of the time that //*[@itemprop] takes


class Plan(NamedTuple):
    """How a group of selectors is answered: by its tags, where it says nothing else; by the index, where that can say.

    Each of `trees` is the index's name for whatever a selector can match, what is left to check, what must hold it. The
    name is "" when the index can't say; nothing (None) is left to check where the name says all.
    """

    tags: tuple[str, ...]
    trees: tuple[tuple[str, Any, str], ...]
    indexed: bool


class Index:
    """The elements of one document by class and by tag, gathered when they are first asked for; `html` is what it was parsed from.

    Selectors of classes, tags, ids, attributes, `:first-child`, `:not()`, descendants and children are answered from
    the index; any other CSS, and CSS on an element of another tree, by walking.

    `singly` is how many classes are sought one by one before all are gathered, which takes as long as two of them.
    """

    def __init__(self, root: HtmlElement, html: bytes, singly: int = 0) -> None:
        self.root, self.html, self.singly = root, html, singly
        self._named: dict[str, list[HtmlElement]] = {}
        self._selected: dict[str, list[HtmlElement]] = {}

    @cached_property
    def _alike(self) -> dict[str, list[HtmlElement]]:
        """The elements by what they say in `class`."""
        alike: dict[str, list[HtmlElement]] = {}
        for node in self.root.iter():
            names = node.get("class")
            if names in alike:
                alike[names].append(node)
            elif names is not None:
                alike[names] = [node]
        return alike

    @cached_property
    def _said(self) -> str:
        """All that is said in `class`, each once, a NUL around each."""
        return "\0".join(("", *self._alike, ""))

    @cached_property
    def _stating(self) -> list[HtmlElement]:
        return cast("list[HtmlElement]", _STATING(self.root))

    def properties(self, within: HtmlElement) -> list[HtmlElement]:
        """Every element of this one that states a property of microdata."""
        return _inside(within, self._stating) if within is not self.root else self._stating

    def select(self, css: str, within: HtmlElement) -> list[HtmlElement]:
        """`within` itself and its descendants that the CSS selects, in document order."""
        plan = _plan(css)
        if plan.tags:
            return list(within.iter(*plan.tags))
        if not plan.indexed or within.getroottree().getroot() is not self.root:
            return walk(css, within)
        if css not in self._selected:
            self._selected[css] = self._ordered([self._matching(*tree) for tree in plan.trees])
        return _inside(within, self._selected[css]) if within is not self.root else [*self._selected[css]]

    def _matching(self, key: str, tree: Any, holder: str) -> list[HtmlElement]:
        found = self._held(key, holder) if holder else self._all(key)
        return [node for node in found if _matches(node, tree)] if tree is not None else found

    def _held(self, key: str, holder: str) -> list[HtmlElement]:
        """What bears a name; of a tag no more than what lies inside the few elements that must hold it."""
        holders = self._all(holder)
        if key[0] in ".[" or len(holders) > FEW:
            return self._all(key) if holders else []
        return self._ordered([list(node.iter(key)) for node in holders])

    def _all(self, name: str) -> list[HtmlElement]:
        """The elements of a class («.name»), of a tag, or that state microdata."""
        found = self._named.get(name)
        if found is None:
            if name == PROPS:
                found = self._stating
            else:
                found = self._classed(name[1:]) if name[0] == "." else list(self.root.iter(name))
            self._named[name] = found
        return found

    def _is_absent(self, name: str) -> bool:
        """Whether the page's very bytes do not hold the name of a class: asked until all are gathered, for it takes a tenth of that.

        What pages write as character references may be there all the same; letters are not among it.
        """
        gathered = "_alike" in self.__dict__
        return not gathered and REFERRED.isdisjoint(name) and name.encode() not in self.html

    def _classed(self, name: str) -> list[HtmlElement]:
        if self._is_absent(name):
            return []
        if self.singly:
            self.singly -= 1
            found = cast("list[HtmlElement]", _HOLDING(self.root, name=name))
            return [node for node in found if any(_sayings(name, f"\0{node.get('class')}\0"))]
        return self._ordered([self._alike[words] for words in _sayings(name, self._said)])

    def _ordered(self, groups: list[list[HtmlElement]]) -> list[HtmlElement]:
        """The elements of several lists in document order, each once; each list is so already."""
        told = [group for group in groups if group] if len(groups) > 1 else groups
        if len(told) <= 1:
            return told[0] if told else []
        wanted = set(chain.from_iterable(told))
        return [node for node in self.root.iter(*{node.tag for node in wanted}) if node in wanted]


def _sayings(name: str, said: str) -> Iterator[str]:
    """What is said where a name is said, of several sayings with a NUL around each."""
    at, size = said.find(name), len(name)
    while at >= 0:
        after = at + size
        if said[at - 1] in EDGES and said[after] in EDGES:
            after = said.index("\0", at)
            yield said[said.rindex("\0", 0, at) + 1 : after]
        at = said.find(name, after)


def _inside(within: HtmlElement, nodes: list[HtmlElement]) -> list[HtmlElement]:
    return [
        node for node in nodes if node is within or any(above is within for above in node.iterancestors())
    ]


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
    alone = isinstance(tree, Class) and isinstance(tree.selector, Element) and not tree.selector.element
    bare = isinstance(tree, Element) or alone
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
