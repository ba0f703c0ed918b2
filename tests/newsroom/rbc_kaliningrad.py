"""РБК Калининград: a listing, the federal feed with full texts, a sitemap index; full and AMP editions of articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from .delivery import CHARSETS, FRAMED, PLAIN, REFUSED_FIRST, Way
from .desk import Desk
from .plan import MOSCOW, Entry, announced, moments, shelve
from .rbc_odd import ODD, amp, read_full
from .rbc_page import Look, Piece, page
from .rbc_sources import feed, index, listing, urls
from .rbc_tricks import TRICKS
from .site import GONE, HTML, RSS, TEXT, XML, Response, Shelf, Site, redirect
from .story import Expected, Paragraph

if TYPE_CHECKING:
    from datetime import date

LISTING = "https://kaliningrad.rbc.ru/kaliningrad/"
FEED = "https://rssexport.rbc.ru/rbcnews/news/30/full.rss"
INDEX = "https://www.rbc.ru/sitemap_index.xml"
WAYS = (*FRAMED, *REFUSED_FIRST, *CHARSETS)
ROBOTS = "User-agent: *\nDisallow: /*?q=\nDisallow: /search/\nDisallow: *page*\nDisallow: /ajax/\nDisallow: /companies/\n"


class RbcKaliningrad(Site):
    name = "rbc_kaliningrad"
    hosts = ("kaliningrad.rbc.ru", "amp.rbc.ru", "www.rbc.ru", "rssexport.rbc.ru")

    def __init__(self, seed: int, today: date) -> None:
        super().__init__(seed, today)
        self.forbidden: set[str] = set()
        self.entries = lru_cache(self._entries)

    def expected(self, edition: int = 1) -> list[Expected]:
        return [entry.expected for entry in self.entries(edition)]

    def shelf(self, edition: int) -> Shelf:
        shelf, entries = Shelf(), self.entries(edition)
        shelve(entries, shelf)
        shelf.put(
            LISTING,
            Response(listing(announced(entries, "listing"), self.rng("listing")).encode(), headers=HTML),
        )
        shelf.put(LISTING.rstrip("/"), redirect(LISTING))
        shelf.put(FEED, Response(feed(announced(entries, "feed")).encode(), headers=RSS))
        self._put_sitemaps(shelf, entries)
        for host in self.hosts[:3]:
            shelf.put(f"https://{host}/robots.txt", Response(self._robots(host).encode(), headers=TEXT))
            shelf.put(f"http://{host}/robots.txt", redirect(f"https://{host}/robots.txt"))
        return shelf

    def _robots(self, host: str) -> str:
        """The feed's host has none (404); the region's names the pages that must not be read."""
        if host != "kaliningrad.rbc.ru":
            return ROBOTS + f"Sitemap: {INDEX}\n"
        paths = sorted(url.removeprefix("https://kaliningrad.rbc.ru") for url in self.forbidden)
        return ROBOTS + "".join(f"Disallow: {path}\n" for path in paths)

    def _put_sitemaps(self, shelf: Shelf, entries: list[Entry]) -> None:
        """The newest sitemap is of these days; the one before it was last changed long before any window."""
        rows = announced(entries, "sitemap")
        long_ago = datetime.combine(self.today - timedelta(days=20), time(5), MOSCOW)
        old = f"https://kaliningrad.rbc.ru/kaliningrad/{long_ago:%d/%m/%Y}/{int(long_ago.timestamp()):08x}9a79470000000000"
        newest = max(entry.published for _, entry in rows)
        maps = {
            "979": (newest, [(url, entry.published) for url, entry in rows]),
            "978": (long_ago, [(old, long_ago)]),
        }
        for number, (_, links) in maps.items():
            body = urls(links).encode()
            shelf.put(
                f"https://www.rbc.ru/sitemap_{number}.xml", Response(body, headers=XML, framing="chunked")
            )
        shelf.put(
            INDEX, Response(index({number: at for number, (at, _) in maps.items()}).encode(), headers=XML)
        )

    def _entries(self, edition: int) -> list[Entry]:
        """Tricks, odd links, then every way of sending; the two last are edited and deleted in edition 2."""
        pieces = self._pieces()
        entries = [self._entry(piece, PLAIN, pieces) for piece in pieces[: len(TRICKS)]]
        for odd, piece in zip(ODD, pieces[len(TRICKS) :], strict=False):
            entries += odd(self, piece)
        plain = pieces[len(TRICKS) + len(ODD) :]
        entries += [self._entry(piece, way, pieces) for piece, way in zip(plain[:-2], WAYS, strict=True)]
        return [*entries, self._edited(plain[-1], pieces, edition), self._deleted(plain[-2], pieces, edition)]

    def _pieces(self) -> list[Piece]:
        rng = self.rng("stories")
        desk = Desk(
            rng,
            lambda n: (
                f"https://s0.rbk.ru/v6_top_pics/media/img/{n % 10}/{n % 90 + 10}/{756_000_000_000 + self.seed % 999 * 1_000_003 + n}.jpg"
            ),
        )
        times = moments(self.rng("times"), self.today, MOSCOW, len(TRICKS) + len(ODD) + len(WAYS) + 2)
        rng.shuffle(times)
        pieces = [self._piece(desk, at) for at in times]
        played = [trick(desk, piece) for trick, piece in zip(TRICKS, pieces, strict=False)]
        return played + pieces[len(played) :]

    def _piece(self, desk: Desk, at: datetime) -> Piece:
        """The first eight digits of an identity are the second in which the article was made."""
        rng = desk.rng
        number = f"{int(at.timestamp()) - rng.randint(60, 900):08x}9a7947{rng.getrandbits(40):010x}"
        story = desk.story(number, at)
        modified = at + timedelta(minutes=rng.randint(1, 90)) if rng.random() < 0.3 else None
        story = replace(
            story, section="Калининград", lead=desk.writer.sentence().removesuffix("."), modified=modified
        )
        look = Look(modern=rng.random() < 0.4)
        return Piece(story, number, replace(look, layout="2019") if rng.random() < 0.3 else look)

    def _entry(self, piece: Piece, way: Way, pieces: list[Piece]) -> Entry:
        further = [other for other in pieces if other.id != piece.id][: piece.look.following]
        html = page(piece, self.rng("markup", piece.id), further)
        expected = read_full(self, piece, piece.story.note or way.note)
        answers = {piece.full: way.send(html), piece.amp: amp(self, piece)}
        return Entry(expected, piece.story.headline, piece.story.published, answers, self.via(piece))

    def via(self, piece: Piece) -> dict[str, tuple[str, ...]]:
        sources = self.rng("via", piece.id).choice(
            (("listing",), ("sitemap",), ("listing", "sitemap"), ("feed", "sitemap"))
        )
        return dict.fromkeys(sources, (piece.full,))

    def _edited(self, piece: Piece, pieces: list[Piece], edition: int) -> Entry:
        if edition > 1:
            blocks = (*piece.story.blocks, Paragraph(Desk(self.rng("edit"), str).writer.paragraph()))
            changed = piece.story.published + timedelta(minutes=95)
            piece = piece.looking(
                "edited since the first crawl", replace(piece.story, blocks=blocks, modified=changed)
            )
        return self._entry(piece, PLAIN, pieces)

    def _deleted(self, piece: Piece, pieces: list[Piece], edition: int) -> Entry:
        entry = self._entry(piece, PLAIN, pieces)
        if edition == 1:
            return replace(entry, via={"listing": (piece.full,), "sitemap": (piece.full,)})
        expected = replace(
            entry.expected, outcome="http-error", article=None, note="deleted since the first crawl"
        )
        answers = {piece.full: (GONE,), piece.amp: (GONE,)}
        return replace(entry, expected=expected, answers=answers, via={"sitemap": (piece.full,)})
