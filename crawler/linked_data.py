"""JSON-LD as news sites write it: tolerant to read, strict in what is taken."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crawler.text import words

ARTICLE = re.compile(r"(?:^|[/:])(?:\w*Article|\w*Posting|Report|Review|Liveblog\w*)$")
OPENING = re.compile(r"(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|(?://\s*)?<!\[CDATA\[)\s*")
CLOSINGS = ("-->", "/*]]>*/", "//]]>", "// ]]>", "]]>", "//", ";")
TAG = re.compile(r"</?[a-z][^<>]*>")
STRING = r'"(?:[^"\\]|\\.)*"'
STRAY_COMMA = re.compile(rf"({STRING})|,(?=\s*[}}\]])", re.DOTALL)
BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
DEEPEST = 8  # levels of @graph and lists that are unfolded


def blocks(scripts: Iterable[str]) -> list[dict[str, Any]]:
    """Every object of the scripts, lists and @graph unfolded, {"@id": ...} references resolved."""
    found = [item for script in scripts for value in _values(script) for item in _unfold(value, DEEPEST)]
    named = {item["@id"]: item for item in found if isinstance(item.get("@id"), str) and len(item) > 1}
    return [{key: _resolve(value, named) for key, value in item.items()} for item in found]


def about(found: Sequence[Mapping[str, Any]], urls: Sequence[str]) -> dict[str, Any]:
    """The article among the blocks that is about the page at these URLs; {} when there is none.

    Taken is the article that names one of the URLs as its own, else the first that names none.
    """
    articles = [block for block in found if is_article(block)]
    wanted = {_place(url) for url in urls}
    named = [(block, {_place(url) for url in _addresses(block)}) for block in articles]
    own = next((block for block, places in named if wanted & places), None)
    unnamed = next((block for block, places in named if not places), None)
    alone = articles[0] if len(articles) == 1 else None  # its address may be written in a form we do not know
    return dict(own or unnamed or alone or {})


def is_article(block: Mapping[str, Any]) -> bool:
    """Whether the block is an article of any kind."""
    return any(ARTICLE.search(kind) for kind in texts(block.get("@type")))


def text(value: Any) -> str:
    """The words of a value: a string, a number, or the name of what it stands for; "" for anything else."""
    if isinstance(value, str):
        plain = html.unescape(value)
        return words(TAG.sub(" ", plain) if "<" in plain else plain)
    if isinstance(value, list):
        return next((found for item in value if (found := text(item))), "")
    if isinstance(value, Mapping):
        return text(value.get("name") or value.get("@value") or value.get("url"))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def texts(value: Any) -> list[str]:
    """The words of each value of a list, or of the one value."""
    return [found for item in (value if isinstance(value, list) else [value]) if (found := text(item))]


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.path.rstrip('/')}?{parts.query}" if parts.query else parts.path.rstrip("/")


def _addresses(block: Mapping[str, Any]) -> Iterator[str]:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = block.get(key)
        address = (value.get("@id") or value.get("url")) if isinstance(value, Mapping) else value
        if isinstance(address, str) and _place(address):
            yield address


def _values(script: str) -> list[Any]:
    """The values of a script: one, or several one after the other, as they stand or after repair."""
    plain = OPENING.sub("", script.strip(), count=1) if "<!" in script else script.strip()
    for closing in CLOSINGS:
        plain = plain.removesuffix(closing).rstrip()
    for repair in (str, _tidied, html.unescape):
        if values := _decoded(repair(plain)):
            return values
    return []


def _tidied(text: str) -> str:
    """Without commas before a closing bracket and without backslashes that escape nothing."""
    return STRAY_COMMA.sub(lambda match: match[1] or "", BAD_ESCAPE.sub("", text))


def _decoded(text: str) -> list[Any]:
    decoder, values, place = json.JSONDecoder(strict=False), [], 0
    while place < len(text):
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        values.append(value)
        place = end + len(text[end:]) - len(text[end:].lstrip(" \t\r\n,;"))
    return values


def _unfold(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, list) and depth:
        for item in value:
            yield from _unfold(item, depth - 1)
    elif isinstance(value, dict):
        yield value
        if depth:
            yield from _unfold(value.get("@graph", []), depth - 1)
            yield from _unfold(value.get("mainEntity", []), depth - 1)


def _resolve(value: Any, named: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolve(item, named) for item in value]
    if isinstance(value, dict) and list(value) == ["@id"] and isinstance(value["@id"], str):
        return named.get(value["@id"], value)
    return value
