"""The AMP edition of РБК Калининград; no page of it is known, so class names and nesting are the seed's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .html import attribute, inline, linked_data, meta, russian
from .plan import KALININGRAD
from .rbc_page import SITE
from .story import Heading, Items, Paragraph, Quote, Table

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from .rbc_page import Piece
    from .story import Block

NAMES = ("article", "news", "amp", "c", "material", "post")


def amp_page(piece: Piece, rng: random.Random, teasers: Sequence[str]) -> str:
    """In the order of seed 002: place and date, title, link to the full edition, credit, text, Pro and title in pairs."""
    story, kind = piece.story, rng.choice(NAMES)
    shell = rng.choice(("div", "section", "article"))
    parts = [
        f'<div class="{kind}-date">Калининград, {_date(piece, rng)}</div>',
        f'<h1 class="{kind}-title">{inline(story.headline, rng)}</h1>',
        f'<a class="{kind}-full" href="{piece.full}">Читать в полной версии</a>',
        _picture(piece, kind, rng),
        _body(piece, kind, rng),
        _pro(kind, rng, teasers),
    ]
    return (
        f'<!doctype html>\n<html amp lang="ru">\n{_head(piece)}<body>\n<amp-sidebar id="menu"><ul><li>Политика</li></ul>'
        f'</amp-sidebar><header><a href="https://www.rbc.ru/">РБК</a></header><{shell} class="{kind}">'
        f"{''.join(parts)}</{shell}>\n<footer>© РБК</footer></body></html>"
    )


def _date(piece: Piece, rng: random.Random) -> str:
    at = piece.story.published.astimezone(KALININGRAD)
    return f"{russian(at, short=rng.random() < 0.7)}, {at:%H:%M}"


def _head(piece: Piece) -> str:
    story, look = piece.story, piece.look
    pairs = [
        ("og:title", story.headline),
        ("og:description", story.lead),
        ("og:image", story.image.url if story.image else ""),
        ("og:site_name", SITE),
        ("og:type", "article"),
    ]
    stated = meta("property", [pair for pair in pairs if pair[1]]) if look.amp_og else ""
    data = linked_data(amp_data(piece)) if look.amp_data else ""
    return (
        '<head><meta charset="utf-8"><script async src="https://cdn.ampproject.org/v0.js"></script>\n'
        f'<title>{attribute(story.headline)} — РБК</title><link rel="canonical" href="{piece.full}">\n{stated}\n{data}'
        "<style amp-custom>body{margin:0}</style></head>\n"
    )


def amp_data(piece: Piece) -> dict[str, Any]:
    story = piece.story
    data: dict[str, Any] = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": piece.full,
        "headline": story.headline,
        "datePublished": story.published.isoformat(),
        "publisher": {
            "@type": "Organization",
            "name": SITE,
            "logo": {"@type": "ImageObject", "url": "https://s.rbk.ru/l.png"},
        },
        "keywords": list(story.tags),
    }
    if story.lead:
        data["description"] = story.lead
    if story.modified:
        data["dateModified"] = story.modified.isoformat()
    if story.image:
        data["image"] = {"@type": "ImageObject", "url": story.image.url, "width": 1440, "height": 900}
    if story.authors:
        data["author"] = [{"@type": "Person", "name": name} for name in story.authors]
    return {"@graph": [data], "@context": "http://schema.org"} if len(story.tags) % 2 else data


def _picture(piece: Piece, kind: str, rng: random.Random) -> str:
    image = piece.story.image
    if not image:
        return ""
    tag = rng.choice(("div", "p", "span"))
    return (
        f'<amp-img src="{image.url}" width="1440" height="900" layout="responsive"></amp-img>'
        f'<{tag} class="{kind}-credit">Фото: {attribute(image.credit)}</{tag}>'
    )


def _body(piece: Piece, kind: str, rng: random.Random) -> str:
    text = "\n".join(_block(block, rng) for block in piece.story.blocks)
    return f'<div class="{kind}-text">{text}</div>' if rng.random() < 0.7 else text


def _block(block: Block, rng: random.Random) -> str:
    """Text only: what is not the article's text is left out of this edition."""
    match block:
        case Paragraph(text):
            return f"<p>{inline(text, rng)}</p>"
        case Heading(text, level):
            return f"<h{level}>{inline(text, rng)}</h{level}>"
        case Quote(texts):
            return "<blockquote>" + "".join(f"<p>{inline(text, rng)}</p>" for text in texts) + "</blockquote>"
        case Items(items):
            return "<ul>" + "".join(f"<li>{inline(item, rng)}</li>" for item in items) + "</ul>"
        case Table(rows):
            lines = (
                "<tr>" + "".join(f"<td>{inline(cell, rng)}</td>" for cell in row) + "</tr>" for row in rows
            )
            return f"<table>{''.join(lines)}</table>"
    return '<amp-ad width="300" height="250" type="adfox"></amp-ad>'


def _pro(kind: str, rng: random.Random, teasers: Sequence[str]) -> str:
    tag = rng.choice(("div", "p", "span"))
    rows = "".join(
        f'<div class="{kind}-more"><{tag}>Pro</{tag}>\n<a href="https://pro.rbc.ru/news/{at}"><{tag}>{attribute(title)}</{tag}></a></div>'
        for at, title in enumerate(teasers)
    )
    return f'<div class="{kind}-pro">{rows}</div>' if rng.random() < 0.5 else rows
