"""ria.ru: feed, day sitemaps, the current layout in its many moods, the old one, and what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from . import ria_truth
from .delivery import CHARSETS, FRAMED, PLAIN, REFUSED_FIRST, Way
from .desk import Desk
from .html import SHORT, attribute, rfc822, sitemap
from .plan import MOSCOW, Entry, announced, moments, shelve
from .ria_odd import ODD
from .ria_page import Look, Piece, page
from .ria_tricks import TRICKS
from .site import GONE, RSS, TEXT, XML, Response, Shelf, Site, redirect
from .story import Expected, Paragraph
from .text import slug

if TYPE_CHECKING:
    from datetime import date

    from .story import Story

FEED = "https://ria.ru/export/rss2/archive/index.xml"
CITIES = ("МОСКВА", "КАЛИНИНГРАД", "ДУБРАВСК", "ВЕРХНЕЗЁРСК", "САНКТ-ПЕТЕРБУРГ")
ROBOTS = """User-agent: *
Disallow: *-print.html$
Disallow: /sys_*
Disallow: /search/
Disallow: /services/
Disallow: /specialprojects/
Disallow: /*/?*
Disallow: /*/*?*
Allow: /*?page=*
Sitemap: https://ria.ru/sitemap_article_index.xml
"""


class Ria(Site):
    name = "ria"
    hosts = ("ria.ru", "www.ria.ru", "m.ria.ru")

    def __init__(self, seed: int, today: date) -> None:
        super().__init__(seed, today)
        self.entries = lru_cache(self._entries)

    def expected(self, edition: int = 1) -> list[Expected]:
        return [entry.expected for entry in self.entries(edition)]

    def shelf(self, edition: int) -> Shelf:
        shelf = Shelf()
        entries = self.entries(edition)
        shelve(entries, shelf)
        for host in self.hosts:
            shelf.put(f"https://{host}/robots.txt", Response(ROBOTS.encode(), headers=TEXT))
            shelf.put(f"http://{host}/robots.txt", redirect(f"https://{host}/robots.txt"))
        shelf.put(FEED, Response(feed(announced(entries, "feed")).encode(), headers=RSS, framing="chunked"))
        for before in range(9):
            day = self.today - timedelta(days=before)
            url = f"https://ria.ru/sitemap_article.xml?date_start={day:%Y%m%d}&date_end={day:%Y%m%d}"
            shelf.put(url, Response(self._sitemap(day, entries).encode(), headers=XML))
        return shelf

    def _sitemap(self, day: date, entries: list[Entry]) -> str:
        rows = [row for row in announced(entries, "sitemap") if row[1].published.date() == day]
        return sitemap((url, entry.published.isoformat()) for url, entry in rows)

    def _entries(self, edition: int) -> list[Entry]:
        """Tricks first, then odd deliveries, then plain ones; the two last are edited and deleted in edition 2."""
        pieces = self._pieces()
        plain = pieces[len(TRICKS) + len(ODD) :]
        ways = [*FRAMED, *REFUSED_FIRST, *CHARSETS]
        self.rng("ways").shuffle(ways)
        entries = [self._entry(piece, PLAIN, pieces) for piece in pieces[: len(TRICKS)]]
        for odd, piece in zip(ODD, pieces[len(TRICKS) :], strict=False):
            entries += odd(self, piece)
        entries += [self._entry(piece, way, pieces) for piece, way in zip(plain[:-2], ways, strict=False)]
        return [*entries, self._edited(plain[-1], pieces, edition), self._deleted(plain[-2], pieces, edition)]

    def _pieces(self) -> list[Piece]:
        """All articles of the window in an order that the seed decides, the first of them with their tricks played."""
        rng = self.rng("stories")
        desk = Desk(
            rng,
            lambda n: (
                f"https://cdnn21.img.ria.ru/images/07ea/{self.seed % 90 + 10}/{2_000_000 + n}_1920x1080_80.jpg"
            ),
            '""',
            "-",
        )
        times = moments(
            self.rng("times"),
            self.today,
            MOSCOW,
            len(TRICKS) + len(ODD) + len(FRAMED + REFUSED_FIRST + CHARSETS) + 2,
        )
        numbers = [str(2_060_000_000 + at * 7_919 + self.seed % 5_000) for at in range(len(times))][::-1]
        rng.shuffle(paired := list(zip(times, numbers, strict=True)))
        pieces = [self._piece(desk, at, number) for at, number in paired]
        played = [trick(desk, piece) for trick, piece in zip(TRICKS, pieces, strict=False)]
        return played + pieces[len(played) :]

    def _piece(self, desk: Desk, at: datetime, number: str) -> Piece:
        rng = desk.rng
        story = self._story(desk, number, at)
        word = "-".join(slug(story.headline).split("-")[: rng.randint(1, 3)])
        url = f"https://ria.ru/{at:%Y%m%d}/{word}-{number}.html"
        supertag = rng.random() < 0.2
        return Piece(story, number, url, Look(supertag=supertag, short_description=rng.random() < 0.3))

    def _story(self, desk: Desk, key: str, at: datetime) -> Story:
        rng, story = desk.rng, desk.story(key, at)
        dash = rng.choice("-—")
        line = f"{rng.choice(CITIES)}, {at.day} {SHORT[at.month - 1]} {dash} РИА Новости."
        first, *rest = story.blocks
        assert isinstance(first, Paragraph)
        image = story.image and replace(
            story.image, credit=f"© {rng.choice(('РИА Новости', 'Фото'))} / {story.image.credit}"
        )
        return replace(
            story,
            blocks=(Paragraph(f"{line} {first.text}"), *rest),
            dateline=line,
            subtitle=desk.writer.headline() if rng.random() < 0.6 else "",
            modified=rng.choice((None, at, at + timedelta(minutes=rng.randint(1, 50)))),
            image=image,
        )

    def _entry(self, piece: Piece, way: Way, pieces: list[Piece]) -> Entry:
        further = [other for other in pieces if other.id != piece.id][: piece.look.following]
        html = page(piece, self.rng("markup", piece.id), further)
        note = piece.story.note or way.note
        expected = Expected(piece.url, f"ria:{piece.id}", "article", ria_truth.article(piece), note)
        return Entry(
            expected,
            piece.story.headline,
            piece.story.published,
            {piece.url: way.send(html)},
            self.via(piece),
        )

    def via(self, piece: Piece) -> dict[str, tuple[str, ...]]:
        """Most links stand in both sources, some in one of them."""
        draw = self.rng("via", piece.id).random()
        sources = ("feed",) if draw < 0.15 else ("sitemap",) if draw < 0.35 else ("feed", "sitemap")
        return dict.fromkeys(sources, (piece.url,))

    def _edited(self, piece: Piece, pieces: list[Piece], edition: int) -> Entry:
        if edition > 1:
            story = piece.story
            text = Desk(self.rng("edit"), str).writer.paragraph()
            changed = story.published + timedelta(minutes=55)
            story = replace(story, blocks=(*story.blocks, Paragraph(text)), modified=changed)
            piece = replace(piece, story=replace(story, note="edited since the first crawl"))
        return self._entry(piece, PLAIN, pieces)

    def _deleted(self, piece: Piece, pieces: list[Piece], edition: int) -> Entry:
        entry = self._entry(piece, PLAIN, pieces)
        if edition == 1:
            return replace(entry, via={"feed": (piece.url,), "sitemap": (piece.url,)})
        expected = Expected(piece.url, f"ria:{piece.id}", "http-error", note="deleted since the first crawl")
        return replace(entry, expected=expected, answers={piece.url: (GONE,)}, via={"sitemap": (piece.url,)})


def feed(rows: list[tuple[str, Entry]]) -> str:
    """Titles and links alone, every category the same, as the archive feed is."""
    items = "\n".join(
        f"<item><title>{attribute(entry.title)}</title><link>{attribute(url)}</link><guid>{attribute(url)}</guid>"
        "<rian:priority>3</rian:priority><rian:type>article</rian:type>"
        f"<pubDate>{rfc822(entry.published)}</pubDate><category>Лента новостей</category></item>"
        for url, entry in rows
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:rian="http://rian.ru/ns" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>РИА Новости</title><link>https://ria.ru/</link>'
        f"<language>ru</language>\n{items}\n</channel></rss>\n"
    )
