"""Markup: escaping, decorated text that reads the same, Russian dates, feeds and sitemaps."""

from __future__ import annotations

import json
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from datetime import date, datetime

MONTHS = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
SHORT = ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]
INVISIBLE = ("&shy;", "\u200b", "&#8203;", "\u200d", "\ufeff")


def inline(text: str, rng: random.Random, link: str = "") -> str:
    """HTML that reads as `text`: entities, no-break spaces, invisible marks, line breaks, inline tags."""
    words = [_word(word, rng) for word in text.split(" ")]
    if link and len(words) > 4:
        at = rng.randrange(1, len(words) - 2)
        words[at] = f'<a href="{escape(link)}" target="_blank">{words[at]}'
        words[at + 1] += "</a>"
    elif len(words) > 3 and rng.random() < 0.2:
        at, tag = rng.randrange(1, len(words) - 1), rng.choice(("b", "em", "i", "span", "nobr"))
        words[at] = f"<{tag}>{words[at]}</{tag}>"
    return words[0] + "".join(_space(rng) + word for word in words[1:])


def _word(word: str, rng: random.Random) -> str:
    safe = escape(word, quote=False)
    if len(word) > 8 and word.isalpha() and rng.random() < 0.03:
        cut = rng.randrange(3, len(word) - 3)
        return safe[:cut] + rng.choice(INVISIBLE) + safe[cut:]
    if rng.random() < 0.3:
        safe = (
            safe.replace("«", "&laquo;")
            .replace("»", "&raquo;")
            .replace("—", "&mdash;")
            .replace('"', "&quot;")
        )
    return safe


def _space(rng: random.Random) -> str:
    return rng.choices((" ", "&nbsp;", "\u00a0", "\n", "  ", "\u202f"), (92, 3, 2, 1, 1, 1))[0]


def lines(text: str, rng: random.Random, link: str = "") -> str:
    """As `inline`, and now and then with one `<br>` between two words, which reads as a space."""
    words = text.split(" ")
    if len(words) < 6 or rng.random() > 0.1:
        return inline(text, rng, link)
    at = rng.randrange(2, len(words) - 2)
    return (
        inline(" ".join(words[:at]), rng, link)
        + rng.choice(("<br>", "<br />\n"))
        + inline(" ".join(words[at:]), rng)
    )


def hidden(text: str, rng: random.Random) -> str:
    """Words that a browser does not show."""
    words = escape(text, quote=False)
    return rng.choice(
        (
            f"<p hidden>{words}</p>",
            f'<p style="display: none">{words}</p>',
            f'<div aria-hidden="true"><p>{words}</p></div>',
            f'<p class="visually-hidden">{words}</p>',
            f'<span class="sr-only">{words}</span>',
            f"<noscript><p>{words}</p></noscript>",
            f"<template><p>{words}</p></template>",
        )
    )


def poll(text: str) -> str:
    """A form with a question."""
    words = escape(text, quote=False)
    return (
        f'<form action="/vote" method="post" class="poll"><p>{words}</p><label><input type="radio" name="v">Да</label>'
        '<label><input type="radio" name="v">Нет</label><button>Голосовать</button></form>'
    )


def attribute(text: str) -> str:
    return escape(text, quote=True)


def linked_data(data: Any) -> str:
    """A JSON-LD script; `</` is kept from ending it early."""
    text = json.dumps(data, ensure_ascii=False, indent=1).replace("</", "<\\/")
    return f'<script type="application/ld+json">\n{text}\n</script>'


def meta(attribute_name: str, pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f'<meta {attribute_name}="{name}" content="{attribute(text)}">' for name, text in pairs)


def russian(day: date, *, year: bool = True, short: bool = False) -> str:
    """`3 марта 2026`, `3 мар 2026`, `3 марта`."""
    month = (SHORT if short else MONTHS)[day.month - 1]
    return f"{day.day} {month}" + (f" {day.year}" if year else "")


def clock(at: datetime) -> str:
    return f"{at:%H:%M}"


def rfc822(at: datetime) -> str:
    return format_datetime(at)


def sitemap(entries: Iterable[tuple[str, str]], *, index: bool = False) -> str:
    """A sitemap of (loc, lastmod) pairs; an empty lastmod is not stated."""
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    rows = "\n".join(
        f"<{inner}><loc>{escape(loc)}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</{inner}>"
        for loc, lastmod in entries
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{outer} xmlns="{space}">\n{rows}\n</{outer}>\n'


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
