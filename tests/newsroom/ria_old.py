"""Article pages of ria.ru as they were before 2019, and a page in a layout that nobody has seen yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .html import attribute, inline, linked_data, meta
from .ria_page import SITE, article_data

if TYPE_CHECKING:
    import random

    from .ria_page import Piece


def old_page(piece: Piece, rng: random.Random) -> str:
    """The `.b-article` layout: microdata, paragraphs as `p`, read-also as `.b-inject` between them."""
    story = piece.story
    texts = story.body().split("\n\n")
    body = [f"<p>{_led(piece, text, rng)}</p>" for text in texts]
    body.insert(1, INJECT.format(title=attribute(f"{story.section}: что ещё случилось за день")))
    image = f'<img src="{story.image.url}" itemprop="associatedMedia" alt="">' if story.image else ""
    changed = (
        f'<div class="b-article__info-modified">(обновлено: <span itemprop="dateModified" '
        f'datetime="{story.modified.isoformat()}">{story.modified:%H:%M %d.%m.%Y}</span>)</div>'
        if story.modified
        else ""
    )
    return (
        f'<!DOCTYPE html>\n<html lang="ru">{_head(piece)}<body><div class="b-layout"><div class="b-header">Новости</div>'
        '<div class="b-article" itemscope itemtype="http://schema.org/Article">'
        f'<h1 class="b-article__title"><span itemprop="name">{inline(story.headline, rng)}</span></h1>'
        f'<div class="b-article__info"><div class="b-article__info-date" itemprop="dateCreated" '
        f'datetime="{story.published.isoformat()}"><span>{story.published:%H:%M %d.%m.%Y}</span></div>{changed}</div>'
        f'<div class="b-article__announce">{image}</div>'
        f'<div class="b-article__body js-mediator-article mia-analytics" itemprop="articleBody">{"".join(body)}</div>'
        '<div class="b-article__social">Поделиться</div></div>'
        '<div class="b-recommend"><h2>Рекомендуем</h2><p>Ещё материалы за день</p></div></div></body></html>'
    )


INJECT = (
    '<div class="b-inject b-inject_article"><div class="b-inject__header">Материалы по теме</div>'
    '<a href="https://ria.ru/society/20180101/1512000000.html"><span class="b-inject__title">{title}</span></a></div>'
)


def _led(piece: Piece, text: str, rng: random.Random) -> str:
    line = piece.story.dateline
    if line and text.startswith(line):
        return f"<strong>{line}</strong> {inline(text.removeprefix(line).strip(), rng)}"
    return inline(text, rng)


def _head(piece: Piece) -> str:
    story = piece.story
    pairs = [
        ("og:url", piece.url),
        ("og:title", story.headline),
        ("og:description", piece.described),
        ("og:type", "article"),
        ("og:site_name", SITE),
        ("article:published_time", f"{story.published:%Y%m%dT%H%M}+0300Z"),
        *(("article:tag", tag) for tag in story.tags),
    ]
    if story.image:
        pairs.append(("og:image", story.image.url))
    names = [("description", piece.described), ("analytics:rubric", story.section)]
    return (
        '<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        f"<title>{attribute(story.headline)} - {SITE}, {story.published:%d.%m.%Y}</title>{meta('name', names)}"
        f'{meta("property", pairs)}<link rel="canonical" href="{piece.url}"></head>'
    )


def new_page(piece: Piece, rng: random.Random) -> str:
    """A layout of tomorrow: none of the class names of ria.ru, but clean HTML and linked data."""
    story = piece.story
    body = "\n".join(f"<p>{inline(text, rng)}</p>" for text in story.body().split("\n\n"))
    data = article_data(piece)
    return (
        '<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8">'
        f"<title>{attribute(story.headline)}</title>"
        f'<link rel="canonical" href="{piece.url}">{linked_data(data)}</head><body><nav><a href="/">Главная</a></nav>'
        f"<main><article><h1>{inline(story.headline, rng)}</h1>"
        f'<time datetime="{story.published.isoformat()}">{story.published:%H:%M}</time>\n<div>{body}</div></article></main>'
        "<footer><p>© Редакция</p></footer></body></html>"
    )
