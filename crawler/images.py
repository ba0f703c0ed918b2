"""The pictures of an article: the lead picture first, then those inside its text, each once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from crawler import linked_data, names
from crawler.text import unread, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from crawler.layout import Layout


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture with the words under it."""

    url: str
    origin: str
    caption: str = ""
    credit: str = ""

    def item(self) -> dict[str, str]:
        """The picture under schema.org's names, absent parts left out."""
        parts = {"url": self.url, "caption": self.caption, "creditText": self.credit}
        return {name: value for name, value in parts.items() if value}


def absolute(base: str, url: str) -> str:
    """The URL against its page, every character that a URI may not hold percent-encoded; "" when it is none."""
    try:
        full = urljoin(base, url.strip())
        host = urlsplit(full).hostname
    except ValueError:
        return ""
    return quote(full, safe="!#$%&'()*+,/:;=?@[]~-._") if host and full.startswith("http") else ""


def pictures(page: Layout) -> list[Picture]:
    """The article's pictures in order."""
    return []
