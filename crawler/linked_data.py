"""JSON-LD as news sites write it: tolerant to read, strict in what is taken."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crawler.text import words

ARTICLE = re.compile(r"(?:^|/|:)(?:\w*Article|\w*Posting|\w*NewsReport|Report|Reportage\w*)$")


def blocks(scripts: Iterable[str]) -> list[dict[str, Any]]:
    """Every object of the scripts, lists and @graph unfolded, {"@id": ...} references resolved."""
    found = [item for script in scripts for value in _values(script) for item in _unfold(value)]
    named = {item["@id"]: item for item in found if isinstance(item.get("@id"), str) and len(item) > 1}
    return [{key: _resolve(value, named) for key, value in item.items()} for item in found]


def about(found: Sequence[Mapping[str, Any]], urls: Sequence[str]) -> dict[str, Any]:
    """The article among the blocks that names one of these URLs as its own, else the first; {} when there is none."""
    articles = [block for block in found if is_article(block)]
    wanted = {_place(url) for url in urls}
    own = (block for block in articles if wanted & {_place(url) for url in _addresses(block)})
    return dict(next(own, articles[0] if articles else {}))


def is_article(block: Mapping[str, Any]) -> bool:
    """Whether the block is an article of any kind."""
    kinds = block.get("@type")
    return any(ARTICLE.search(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))


def text(value: Any) -> str:
    """The words of a value: a string, a number, or the name of what it stands for; "" for anything else."""
    if isinstance(value, list):
        return next((found for item in value if (found := text(item))), "")
    if isinstance(value, Mapping):
        return text(value.get("name") or value.get("@value"))
    if isinstance(value, str | int) and not isinstance(value, bool):
        return words(html.unescape(str(value)))
    return ""


def texts(value: Any) -> list[str]:
    """The words of each value of a list, or of the one value."""
    return [found for item in (value if isinstance(value, list) else [value]) if (found := text(item))]


def _place(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _addresses(block: Mapping[str, Any]) -> Iterator[str]:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = block.get(key)
        address = (value.get("@id") or value.get("url")) if isinstance(value, Mapping) else value
        if isinstance(address, str):
            yield address


def _values(script: str) -> list[Any]:
    try:
        return [json.loads(script, strict=False)]
    except ValueError:
        return []


def _unfold(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _unfold(item)
    elif isinstance(value, dict):
        yield value
        yield from _unfold(value.get("@graph", []))


def _resolve(value: Any, named: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolve(item, named) for item in value]
    if isinstance(value, dict) and list(value) == ["@id"]:
        return named.get(value["@id"], value)
    return value
