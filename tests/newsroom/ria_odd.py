"""Links of ria.ru that end otherwise than in one plain page: other layouts, aliases, redirects, errors, no article."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from . import ria_old, ria_truth
from .delivery import PLAIN, Way
from .html import attribute
from .plan import Entry
from .ria_page import page
from .site import FAULT, GONE, HUNG_UP, NOT_FOUND, Response, redirect
from .story import Expected

if TYPE_CHECKING:
    from .ria import Ria
    from .ria_page import Piece

Odd = Callable[["Ria", "Piece"], list[Entry]]
SHELL = (
    '<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>РИА Новости</title></head>'
    '<body><div id="app"></div><script src="/app.js"></script></body></html>'
)


def both(url: str) -> dict[str, tuple[str, ...]]:
    return {"feed": (url,), "sitemap": (url,)}


def known(site: Ria, piece: Piece, outcome: str = "article", note: str = "", *links: str) -> Expected:
    """The truth of a piece, with the page's article if that is its outcome."""
    article = ria_truth.article(piece) if outcome == "article" else None
    return Expected(piece.url, f"{site.name}:{piece.id}", outcome, article, note, links)


def entry(
    piece: Piece, expected: Expected, answers: dict[str, tuple[Response, ...]], **via: tuple[str, ...]
) -> list[Entry]:
    return [Entry(expected, piece.story.headline, piece.story.published, answers, via or both(piece.url))]


def shown(site: Ria, piece: Piece) -> tuple[Response, ...]:
    return PLAIN.send(page(piece, site.rng("markup", piece.id)))


def old_layout(site: Ria, piece: Piece, way: Way = PLAIN) -> list[Entry]:
    """Under the address form of its time, with the section in front and no slug."""
    at = piece.story.published
    url = f"https://ria.ru/society/{at:%Y%m%d}/{piece.id}.html"
    changed = at + timedelta(minutes=12) if int(piece.id) % 2 else None
    story = replace(piece.story, subtitle="", modified=changed)
    piece = replace(piece, url=url, story=story)
    note = f"the layout before 2019, {way.note}"
    expected = Expected(url, f"ria:{piece.id}", "article", ria_truth.old_article(piece), note)
    return entry(piece, expected, {url: way.send(ria_old.old_page(piece, site.rng("old", piece.id)))})


def old_layout_1251(site: Ria, piece: Piece) -> list[Entry]:
    return old_layout(
        site, piece, Way("in windows-1251", charset="cp1251", claimed="text/html", declared="windows-1251")
    )


def no_slug(site: Ria, piece: Piece) -> list[Entry]:
    piece = replace(piece, url=f"https://ria.ru/{piece.story.published:%Y%m%d}/{piece.id}.html")
    return entry(
        piece,
        known(site, piece, note="an address without a slug (2018-2020)"),
        {piece.url: shown(site, piece)},
    )


def new_layout(site: Ria, piece: Piece) -> list[Entry]:
    piece = replace(piece, story=replace(piece.story, subtitle=""))
    expected = Expected(
        piece.url,
        f"ria:{piece.id}",
        "unrecognised",
        ria_truth.new_article(piece),
        "a layout no page class knows",
    )
    return entry(piece, expected, {piece.url: PLAIN.send(ria_old.new_page(piece, site.rng("new", piece.id)))})


def aliases(site: Ria, piece: Piece) -> list[Entry]:
    """One article under the mobile host, with a tracking query, and as it should be."""
    mobile, tracked = (
        piece.url.replace("//ria.ru", "//m.ria.ru"),
        f"{piece.url}?utm_source=yxnews&utm_medium=desktop",
    )
    expected = known(
        site,
        piece,
        "article",
        "announced with a mobile host, a tracking query and plainly",
        mobile,
        tracked,
        piece.url,
    )
    answers = {piece.url: shown(site, piece), mobile: (redirect(piece.url),), tracked: shown(site, piece)}
    return entry(piece, expected, answers, feed=(mobile, tracked), sitemap=(piece.url,))


def renamed(site: Ria, piece: Piece) -> list[Entry]:
    """Two slugs of one article: the number is the identity."""
    former = f"https://ria.ru/{piece.story.published:%Y%m%d}/prezhnij-{piece.id}.html"
    expected = known(site, piece, "article", "announced under its former slug too", former, piece.url)
    return entry(
        piece,
        expected,
        {piece.url: shown(site, piece), former: (redirect(piece.url),)},
        feed=(former,),
        sitemap=(piece.url,),
    )


def chain(site: Ria, piece: Piece) -> list[Entry]:
    day = f"{piece.story.published:%Y%m%d}"
    first, second = f"https://ria.ru/{day}/a-{piece.id}.html", f"https://ria.ru/{day}/b-{piece.id}.html"
    answers = {
        first: (redirect(second, 302),),
        second: (redirect(f"/{day}/c-{piece.id}.html", 307),),
        f"https://ria.ru/{day}/c-{piece.id}.html": (redirect(piece.url),),
        piece.url: shown(site, piece),
    }
    expected = replace(
        known(site, piece, note="a chain of three redirects, one of them relative"), url=first, links=(first,)
    )
    return entry(piece, expected, answers, feed=(first,))


def to_the_front(site: Ria, piece: Piece) -> list[Entry]:
    expected = known(site, piece, "not-an-article", "redirected to a front page without an article")
    return entry(
        piece,
        expected,
        {piece.url: (redirect("https://ria.ru/", 302),), "https://ria.ru/": PLAIN.send(SHELL)},
    )


def no_article(site: Ria, piece: Piece) -> list[Entry]:
    return entry(
        piece,
        known(site, piece, "not-an-article", "an empty application shell"),
        {piece.url: PLAIN.send(SHELL)},
    )


def no_text(site: Ria, piece: Piece) -> list[Entry]:
    """Headline and date, and a body that holds nothing but an advert."""
    bare = replace(piece, story=piece.story.with_blocks([]))
    expected = known(site, piece, "rejected", "an article without text")
    return entry(
        piece, expected, {piece.url: shown(site, replace(bare, story=replace(bare.story, dateline="")))}
    )


def missing(site: Ria, piece: Piece) -> list[Entry]:
    return entry(piece, known(site, piece, "http-error", "404"), {piece.url: (NOT_FOUND,)})


def gone(site: Ria, piece: Piece) -> list[Entry]:
    return entry(piece, known(site, piece, "http-error", "410"), {piece.url: (GONE,)}, feed=(piece.url,))


def faulty(site: Ria, piece: Piece) -> list[Entry]:
    return entry(piece, known(site, piece, "http-error", "500 every time"), {piece.url: (FAULT,)})


def hung_up(site: Ria, piece: Piece) -> list[Entry]:
    return entry(
        piece,
        known(site, piece, "failed", "the connection is closed without a word"),
        {piece.url: (HUNG_UP,)},
    )


def forbidden(site: Ria, piece: Piece) -> list[Entry]:
    url = piece.url.replace("https://ria.ru/", "https://ria.ru/specialprojects/")
    piece = replace(piece, url=url)
    return entry(
        piece, known(site, piece, "robots", "robots.txt does not allow it"), {url: shown(site, piece)}
    )


def older(site: Ria, piece: Piece) -> list[Entry]:
    """Three links older than any window of two days: a bumped feed keeps them."""
    entries = []
    for before in (4, 6, 8):
        at = piece.story.published - timedelta(days=before)
        number = str(int(piece.id) - before * 1_000_003)
        url = f"https://ria.ru/{at:%Y%m%d}/davno-{number}.html"
        past = replace(piece, id=number, url=url, story=replace(piece.story, published=at))
        expected = known(site, past, "too-old", "older than since")
        via = both(url) if before > 4 else {"feed": (url,)}
        entries.append(Entry(expected, f"Давно: {piece.story.headline}", at, {url: shown(site, past)}, via))
    return entries


def newer(site: Ria, piece: Piece) -> list[Entry]:
    """A link dated after the day itself: a slip of the desk."""
    at = piece.story.published + timedelta(days=3)
    url = f"https://ria.ru/{at:%Y%m%d}/zavtra-{piece.id}.html"
    future = replace(piece, url=url, story=replace(piece.story, published=at))
    expected = known(site, future, "too-new", "dated three days ahead")
    return entry(future, expected, {url: shown(site, future)}, feed=(url,))


def elsewhere(_site: Ria, piece: Piece) -> list[Entry]:
    """Links that fit no article of this site."""
    day = f"{piece.story.published:%Y%m%d}"
    urls = (
        f"https://radiosputnik.ria.ru/{day}/efir-{piece.id}.html",
        f"https://realty.ria.ru/{day}/dom-{piece.id}.html",
        f"https://ria.ru/{day}/",
        "https://ria.ru/infografika/",
    )
    return [
        Entry(
            Expected(url, url, "not-an-article", note="an address that fits no article"),
            attribute(piece.story.headline),
            piece.story.published,
            {},
            {"feed": (url,)},
        )
        for url in urls
    ]


def broken_html(site: Ria, piece: Piece) -> list[Entry]:
    """Unclosed and needless tags, bare ampersands, attributes without quotes; no end of the page."""
    html = page(piece, site.rng("markup", piece.id))
    html = html.replace('<div class="article__text">', "<div class=article__text><font color=black><b>", 2)
    html = (
        html.replace("&nbsp;</span>", "& </span></i></p>")
        .replace("</body></html>", "")
        .replace("</head>", "")
    )
    note = "broken HTML: unclosed tags, stray end tags, no end"
    return entry(piece, known(site, piece, note=note), {piece.url: PLAIN.send(html)})


ODD: tuple[Odd, ...] = (
    old_layout,
    old_layout_1251,
    no_slug,
    new_layout,
    aliases,
    renamed,
    chain,
    to_the_front,
    no_article,
    no_text,
    missing,
    gone,
    faulty,
    hung_up,
    forbidden,
    older,
    newer,
    elsewhere,
    broken_html,
)
