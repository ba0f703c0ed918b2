"""Links of РБК Калининград that are more than one full page: the AMP edition, both editions, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from . import rbc_truth
from .delivery import PLAIN, Way
from .desk import Desk, inserted
from .plan import Entry
from .rbc_amp import amp_page
from .rbc_page import page
from .site import GONE, NOT_FOUND, Response, redirect, refusal
from .story import Expected

if TYPE_CHECKING:
    from .rbc_kaliningrad import RbcKaliningrad
    from .rbc_page import Piece

Odd = Callable[["RbcKaliningrad", "Piece"], list[Entry]]
Answers = dict[str, tuple[Response, ...]]
UNAUTHORISED = refusal(401, "Unauthorized")
SHELL = (
    '<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>РБК</title></head>'
    '<body><div id="__next"></div><script src="/_next/app.js"></script></body></html>'
)


def known(site: RbcKaliningrad, piece: Piece, outcome: str, note: str, *links: str) -> Expected:
    """The truth about the full edition's address, without an article."""
    return Expected(piece.full, f"{site.name}:{piece.id}", outcome, None, note, links)


def entry(piece: Piece, expected: Expected, answers: Answers, **via: tuple[str, ...]) -> list[Entry]:
    places = via or {"listing": (piece.full,), "sitemap": (piece.full,)}
    return [Entry(expected, piece.story.headline, piece.story.published, answers, places)]


def full(site: RbcKaliningrad, piece: Piece) -> tuple[Response, ...]:
    return PLAIN.send(page(piece, site.rng("markup", piece.id)))


def amp(site: RbcKaliningrad, piece: Piece, way: Way = PLAIN) -> tuple[Response, ...]:
    rng = site.rng("amp", piece.id)
    writer = Desk(site.rng("pro", piece.id), str).writer
    teasers = [writer.headline() for _ in range(piece.look.amp_pro)]
    return way.send(amp_page(piece, rng, teasers))


def read_full(site: RbcKaliningrad, piece: Piece, note: str, *links: str) -> Expected:
    article = rbc_truth.full_article(piece)
    return replace(known(site, piece, "article", note, *links), article=article)


def read_amp(site: RbcKaliningrad, piece: Piece, note: str, *links: str) -> Expected:
    article = rbc_truth.amp_article(piece)
    return replace(known(site, piece, "article", note, *links), article=article, url=piece.amp)


def amp_only(site: RbcKaliningrad, piece: Piece, note: str, way: Way = PLAIN) -> list[Entry]:
    expected = read_amp(site, piece, note, piece.amp)
    return entry(piece, expected, {piece.amp: amp(site, piece, way)}, sitemap=(piece.amp,))


def seed_002(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    image = piece.story.image and replace(piece.story.image, caption="", credit="Pixabay")
    story = replace(piece.story, lead="", authors=(), image=image)
    piece = piece.looking("", story, amp_og=False)
    return amp_only(
        site, piece, "order of text of seed 002: no lead, no author, no section, eight Pro teasers"
    )


def amp_plain(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    return amp_only(site, piece, "the AMP edition with OpenGraph, Kaliningrad's time in words")


def amp_linked(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    writer = Desk(site.rng("author", piece.id), str).writer
    story = replace(
        piece.story, authors=(writer.person(),), modified=piece.story.published + timedelta(minutes=9)
    )
    return amp_only(site, piece.looking("", story, amp_data=True), "the AMP edition with linked data")


def amp_rich(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    desk = Desk(site.rng("rich", piece.id), str)
    story = inserted(piece.story, desk.heading(2), desk.items(3), desk.quote(2), desk.table(2), at=1)
    return amp_only(
        site, piece.looking("", story), "the AMP edition with subheading, list, quotation and table"
    )


def amp_no_teasers(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    story = replace(piece.story, image=None)
    return amp_only(site, piece.looking("", story, amp_pro=0), "the AMP edition without picture and teasers")


def amp_1251(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    way = Way("", charset="cp1251", claimed="text/html")
    return amp_only(site, piece, "the AMP edition in windows-1251 under a meta that says utf-8", way)


def both(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    expected = read_full(site, piece, "both editions announced: the full one is kept", piece.full, piece.amp)
    answers = {piece.full: full(site, piece), piece.amp: amp(site, piece)}
    return entry(piece, expected, answers, listing=(piece.full,), sitemap=(piece.amp,))


def both_in_one(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    """The AMP edition stands first in the sitemap, and alone in the feed."""
    expected = read_full(site, piece, "both editions in one sitemap, AMP in the feed", piece.amp, piece.full)
    answers = {piece.full: full(site, piece), piece.amp: amp(site, piece)}
    return entry(piece, expected, answers, sitemap=(piece.amp, piece.full), feed=(piece.amp,))


def fallback(site: RbcKaliningrad, piece: Piece, answer: Response, note: str) -> list[Entry]:
    expected = read_amp(site, piece, note, piece.full, piece.amp)
    answers = {piece.full: (answer,), piece.amp: amp(site, piece)}
    return entry(piece, expected, answers, listing=(piece.full,), sitemap=(piece.amp,))


def unauthorised(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    return fallback(site, piece, UNAUTHORISED, "401 for the full edition, the AMP edition is fine")


def full_missing(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    return fallback(site, piece, NOT_FOUND, "404 for the full edition, the AMP edition is fine")


def full_shell(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    return fallback(
        site, piece, PLAIN.send(SHELL)[0], "an empty shell as full edition, the AMP edition is fine"
    )


def tracked(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    link = f"{piece.full}?from=materials_on_subject"
    expected = read_full(site, piece, "a link with a tracking query", link, piece.full)
    return entry(
        piece,
        expected,
        {piece.full: full(site, piece), link: full(site, piece)},
        listing=(link,),
        feed=(piece.full,),
    )


def chain(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    plain = piece.full.replace("https://", "http://")
    answers = {
        plain: (redirect(f"{piece.full}/"),),
        f"{piece.full}/": (redirect(piece.full.removeprefix("https://kaliningrad.rbc.ru"), 302),),
        piece.full: full(site, piece),
    }
    return entry(
        piece,
        read_full(site, piece, "http, then a slash too many, then the page", plain),
        answers,
        feed=(plain,),
    )


def no_article(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    return entry(
        piece,
        known(site, piece, "not-an-article", "an empty application shell"),
        {piece.full: PLAIN.send(SHELL)},
    )


def no_text(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    bare = replace(piece, story=replace(piece.story, blocks=()))
    expected = known(site, piece, "rejected", "an article without text: headline, lead, date and picture")
    return entry(piece, expected, {piece.full: full(site, bare)})


def missing(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    return entry(piece, known(site, piece, "http-error", "404, no other edition"), {piece.full: (NOT_FOUND,)})


def gone(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    expected = known(site, piece, "http-error", "410 for both editions", piece.full, piece.amp)
    answers: Answers = {piece.full: (GONE,), piece.amp: (GONE,)}
    return entry(piece, expected, answers, listing=(piece.full,), sitemap=(piece.amp,))


def forbidden(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    """`robots()` of the site names this page alone, as after a court's word."""
    site.forbidden.add(piece.full)
    return entry(
        piece, known(site, piece, "robots", "robots.txt does not allow it"), {piece.full: full(site, piece)}
    )


def older(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    """Links older than any window of two days, among the most read and in the feed."""
    entries = []
    for before, source in ((4, "listing"), (7, "feed"), (11, "sitemap")):
        at = piece.story.published - timedelta(days=before)
        past = replace(
            piece, id=f"{int(at.timestamp()):08x}{piece.id[8:]}", story=replace(piece.story, published=at)
        )
        entries += entry(
            past,
            known(site, past, "too-old", "older than since"),
            {past.full: full(site, past)},
            **{source: (past.full,)},
        )
    return entries


def elsewhere(_site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    """Federal and other regions' articles, which fit no page of this site."""
    day = f"{piece.story.published:%d/%m/%Y}"
    urls = [
        *(
            f"https://www.rbc.ru/{rubric}/{day}/{piece.id[:-2]}0{n}"
            for n, rubric in enumerate(("politics", "business", "society"))
        ),
        f"https://amp.rbc.ru/rbcnews/economics/{day}/{piece.id[:-2]}0a",
        f"https://kuban.rbc.ru/krasnodar/freenews/{piece.id[:-2]}0b",
    ]
    return [
        Entry(
            Expected(url, url, "not-an-article", note="an address that fits no article of this site"),
            piece.story.headline,
            piece.story.published,
            {},
            {"feed": (url,)} if at % 2 else {"sitemap": (url,), "feed": (url,)},
        )
        for at, url in enumerate(urls)
    ]


def broken_html(site: RbcKaliningrad, piece: Piece) -> list[Entry]:
    html = page(piece, site.rng("markup", piece.id))
    html = (
        html.replace("</p>\n<p>", "\n<p>")
        .replace('class="article__text"', "class=article__text")
        .replace("</head>", "")
    )
    html = html.replace("<p>", "<p><font face=Arial>", 2).replace("</body></html>", "</span></b></i>")
    note = "broken HTML: paragraphs never closed, stray end tags, no end"
    return entry(piece, read_full(site, piece, note), {piece.full: PLAIN.send(html)})


ODD: tuple[Odd, ...] = (
    seed_002,
    amp_plain,
    amp_linked,
    amp_rich,
    amp_no_teasers,
    amp_1251,
    both,
    both_in_one,
    unauthorised,
    full_missing,
    full_shell,
    tracked,
    chain,
    no_article,
    no_text,
    missing,
    gone,
    forbidden,
    older,
    elsewhere,
    broken_html,
)
