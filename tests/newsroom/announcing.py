"""How the small sites announce their articles: feeds, and lists over several pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .html import attribute, rfc822
from .site import Response, Shelf
from .themes import excerpt
from .themes_clutter import footer, menu

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .regional import RegionalSite, Turn


def rss(site: RegionalSite, turns: Iterable[Turn], source: str, full: str = "") -> str:
    """An RSS feed of title, link, date and description, with the whole text in the element `full`."""
    items = "\n".join(_item(turn, source, full) for turn in turns)
    space = ' xmlns:yandex="http://news.yandex.ru"' if full else ""
    head = f"<title>{site.brand.name}</title>\n<link>{site.brand.home}/</link>\n<language>ru</language>"
    return f'<rss version="2.0"{space}>\n<channel>\n{head}\n{items}\n</channel>\n</rss>\n'


def _item(turn: Turn, source: str, full: str) -> str:
    story, link = turn.leaf.story, attribute(turn.link(source))
    text = f"<{full}>{attribute(story.body())}</{full}>" if full else ""
    first = story.body().partition("\n")[0]
    return (
        f"<item><title>{attribute(story.headline)}</title><guid isPermaLink='true'>{link}</guid><link>{link}</link>"
        f"<description>{attribute(first)}</description><pubDate>{rfc822(story.published)}</pubDate>{text}</item>"
    )


def listing(site: RegionalSite, turns: Iterable[Turn], source: str, following: str) -> Response:
    """A list of articles with the link to the next page, in a page full of links to other things."""
    items = "\n".join(_listed(turn, source) for turn in turns)
    more = f'<a class="next" href="{following}">Далее</a>' if following else ""
    header, tail = menu(site.brand, ' class="menu"'), footer(site.brand)
    odd = '<a href="javascript:history.go(-1)">Назад</a> <a href="mailto:news@site.example">Почта</a> <a href="#top">Вверх</a>'
    main = f'<div class="list">\n{items}\n</div>\n<div class="navigation"><span>1</span> {more}</div>{odd}'
    head = f'<head><meta charset="utf-8"><title>{site.brand.name}</title></head>'
    html = f'<!DOCTYPE html>\n<html lang="ru">\n{head}\n<body>{header}\n<main>{main}</main>\n{tail}</body>\n</html>'
    return Response(html.encode())


def _listed(turn: Turn, source: str) -> str:
    story, link = turn.leaf.story, attribute(turn.link(source))
    picture = f'<a href="{link}"><img src="{story.image.url}" alt=""></a>' if story.image else ""
    title = f'<h2><a href="{link}">{story.headline}</a></h2>'
    return f'<div class="short">{picture}{title}<p>{excerpt(story.body())}</p><span>{story.published:%H:%M}</span></div>'


def paged(shelf: Shelf, site: RegionalSite, turns: list[Turn], source: str, pages: Pages) -> None:
    """A listing over as many pages as its articles need; the last one has no link onward."""
    count = max(1, -(-len(turns) // pages.size))
    for number in range(1, count + 1):
        part = turns[(number - 1) * pages.size : number * pages.size]
        following = pages.url(number + 1) if number < count else ""
        shelf.put(pages.url(number), listing(site, part, source, following))


@dataclass(frozen=True)
class Pages:
    """Where the pages of a listing are: `first`, then `first` with `more` (a template of {page})."""

    first: str
    more: str
    size: int

    def url(self, number: int) -> str:
        return self.first if number == 1 else self.first + self.more.format(page=number)
