"""Microdata: what the elements of a page, or of a part of it, state of the article."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from crawler.text import content, words

OWNER = etree.XPath("ancestor::*[@itemscope][1]")
ARTICLE_TYPE = re.compile(r"schema\.org/\w*(?:Article|Posting|Report)\b")
TELLING = ("headline", "datePublished", "articleBody", "name")


class Microdata:
    """The properties that elements with `itemprop` state, by the item that owns them."""

    def __init__(self, elements: Iterable[HtmlElement]) -> None:
        self._named: dict[str, list[HtmlElement]] = {}
        for element in elements:
            for name in element.get("itemprop", "").split():
                self._named.setdefault(name, []).append(element)

    def props(self, name: str) -> list[HtmlElement]:
        """The elements that hold this property of the first article, or of no item at all."""
        owned = (None, self._article)
        return [node for node in self._named.get(name, ()) if any(_owner(node) is item for item in owned)]

    @cached_property
    def _article(self) -> HtmlElement | None:
        owners = (_owner(element) for name in TELLING for element in self._named.get(name, ()))
        typed = (
            item for item in owners if item is not None and ARTICLE_TYPE.search(item.get("itemtype", ""))
        )
        return next(typed, None)


def _owner(element: HtmlElement) -> HtmlElement | None:
    owners: Any = OWNER(element)
    return owners[-1] if owners else None


def prop_value(element: HtmlElement) -> str:
    """The value of a microdata element: the name of a nested item, else its content, datetime, address or text."""
    if element.get("itemscope") is not None:
        names = element.xpath(".//*[@itemprop='name']")
        return prop_value(names[0]) if names else words(content(element))
    for attribute in ("content", "datetime"):
        if element.get(attribute):
            return words(element.get(attribute))
    return words(element.get("href") or element.get("src") or content(element))
