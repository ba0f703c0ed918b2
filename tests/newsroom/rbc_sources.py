"""The sources of РБК Калининград as text: listing, feed, sitemaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .html import attribute, cdata, rfc822, russian, sitemap

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from .plan import Entry

Rows = list[tuple[str, "Entry"]]


def listing(rows: Rows, rng: random.Random) -> str:
    """The region's front page: items, with the oldest beside them as the most read."""
    items = "\n".join(_item(url, entry, rng) for url, entry in rows)
    return (
        '<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8"><title>РБК Калининград</title></head><body>'
        '<div class="topline"><a href="https://www.rbc.ru/">РБК</a><a href="/kaliningrad/about/">О проекте</a>'
        '<a href="https://pro.rbc.ru/">Pro</a></div>'
        f'<div class="g-overflow"><div class="l-row js-load-container">\n{items}\n</div></div>'
        '<div class="news-feed__more" data-url="/v10/ajax/get-news-by-filters/?region=kaliningrad&amp;offset=20">Ещё</div>'
        "</body></html>"
    )


def _item(url: str, entry: Entry, rng: random.Random) -> str:
    at = entry.published
    picture = '<span class="item__image-block"><img src="https://s0.rbk.ru/i.jpg" class="item__image"></span>'
    return (
        '<div class="item item_image-mob"><div class="item__wrap l-col-center">'
        f'{picture * (rng.random() < 0.5)}<a class="item__link"\n href="{attribute(url)}"><span class="item__title rm-cm-item-text">'
        f"{attribute(entry.title)}</span></a>"
        f'<div class="item__bottom"><a class="item__category" href="/kaliningrad/">Калининград,</a>'
        f'<span class="item__category">{russian(at, year=False, short=True)}, {at:%H:%M}</span></div></div></div>'
    )


def feed(rows: Rows) -> str:
    """The federal feed: the address is in `pdalink`; `link` is of another host and related links mislead."""
    items = "\n".join(_feed_item(url, entry) for url, entry in rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:rbc_news="https://www.rbc.ru">'
        "<channel><title>РБК - Все материалы</title><link>https://www.rbc.ru/</link><ttl>30</ttl>"
        f"<description>Новости</description>\n{items}\n</channel></rss>\n"
    )


def _feed_item(url: str, entry: Entry) -> str:
    number = url.rpartition("/")[2]
    body = entry.expected.article["articleBody"] if entry.expected.article else entry.title
    text = body.replace("\n\n", "\n") + "\nОставайтесь на связи с РБК в Max."
    return (
        f"<item><title>{attribute(entry.title)}</title><link>https://rbc.ru/short/{number}</link>"
        f'<pdalink>{attribute(url)}</pdalink><guid isPermaLink="false">rbc:{number}</guid>'
        f"<pubDate>{rfc822(entry.published)}</pubDate><description>{attribute(entry.title)}</description>"
        f"<rbc_news:news_id>{number}</rbc_news:news_id><rbc_news:type>article</rbc_news:type>"
        f"<rbc_news:newsDate_timestamp>{int(entry.published.timestamp())}</rbc_news:newsDate_timestamp>"
        '<rbc_news:related_links><link url="https://www.rbc.ru/rbcnews/related">Ещё по теме</link></rbc_news:related_links>'
        f"<rbc_news:full-text>{cdata(text)}</rbc_news:full-text></item>"
    )


def urls(links: Iterable[tuple[str, datetime]]) -> str:
    return sitemap((url, at.isoformat()) for url, at in links)


def index(maps: Mapping[str, datetime]) -> str:
    rows = ((f"https://www.rbc.ru/sitemap_{number}.xml", at.isoformat()) for number, at in maps.items())
    return sitemap(rows, index=True)
