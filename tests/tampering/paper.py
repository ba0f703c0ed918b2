"""A history worth tampering with: three signed days of a site, an edition of the first, and a day of a foreign spider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from archive import edition
from archive.chain import commit
from archive.journal import Journal
from archive.original import Original
from archive.record import Exchange
from archive.seal import seal
from archive.signature import Signer
from archive.snapshot import claim
from archive.warc import WarcWriter
from crawler.derive import deriver
from crawler.finish import keep_reader
from crawler.foreign import items_deriver
from crawler.look import loader
from crawler.reader import reader

if TYPE_CHECKING:
    from pathlib import Path

    from archive.chain import Entry
    from archive.manifest import Facts
    from archive.objects import Store
    from archive.record import Captured
    from archive.snapshot import Work

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SITE, FOREIGN = "ria", "blatt"
FEED = "https://ria.ru/export/rss2/archive/index.xml"
ARTICLES = 3


def signer(folder: Path) -> Signer:
    """A key that is always the same; its public half lies beside it as public.pem."""
    key = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    found = Signer.configured(str(private))
    assert found
    return found


def written(store: Store, folder: Path, seed: int = 0) -> list[Entry]:
    """The history, committed: three days of a site, an edition of the first, a day of a foreign spider; `seed` draws its words."""
    site: Any = loader().load(SITE)
    by = reader(site)
    keep_reader(store, by)
    schemas = dict.fromkeys(("article", "ledger", "report", "manifest"), "0.1.0")
    facts: Facts = {
        "software": {"letopis": "0.1.0"},
        "settings": "5" * 64,
        "schemas": schemas,
        "signer": signer(folder),
    }
    ours: Facts = {**facts, "reader": by.identity}
    theirs: Facts = {**facts, "schemas": {name: schemas[name] for name in ("ledger", "report", "manifest")}}
    entries, before = [], None
    for day in range(3):
        made = Day(store, folder / "work", SITE, day, seed)
        before = made.fetch_all(before)
        entries.append(commit(store, seal(made.work, deriver(site), facts=ours), clock=made.now))
    source = edition.Source.of(store, entries[0].snapshot)
    (folder / "again").mkdir()
    read = source.read(folder / "again", deriver(site))
    entries.append(edition.commit(source, folder / "again", read, ours, clock=made.now))
    foreign = Day(store, folder / "work", FOREIGN, 0, seed)
    foreign.scrape()
    entries.append(commit(store, seal(foreign.work, items_deriver(FOREIGN), facts=theirs), clock=foreign.now))
    return entries


class Day:
    """One crawl of one day; instants and ids are counted."""

    def __init__(self, store: Store, root: Path, site: str, day: int, seed: int) -> None:
        self.work: Work = claim(store, root, site, "main", NOON + timedelta(days=day))
        self._seconds, self._ids = count(1), count(1)
        self._day, self._seed = day, seed
        info = {"software": "letopis/0.1.0", "isPartOf": self.work.id}
        self.writer = WarcWriter(
            self.work.warc, self.work.id, info=info, clock=self.now, new_id=self._new_id, fsync="segment"
        )
        self.journal = Journal(self.writer, self.work.id)

    def now(self) -> datetime:
        return NOON + timedelta(days=self._day, seconds=next(self._seconds))

    def fetch_all(self, before: Captured | None) -> Captured:
        """Articles, one of them unchanged since the day before if that is known, a page without text, and one that is gone."""
        self._start(SITE, [FEED])
        numbers = [10_000_000 + n for n in range(1, ARTICLES + 3)]
        links = [
            {"identifier": f"{SITE}:{n}", "url": self._url(n), "title": f"Заголовок {n}"} for n in numbers
        ]
        feed = self._get(FEED, b"<rss/>")
        self.journal.source(source=FEED, type="Feed", record=feed.record_id, outcome="read", links=links)  # type: ignore[arg-type]
        self.journal.decision(
            [
                {"identifier": f"{SITE}:{n}", "url": self._url(n), "decision": "fetch", "via": [FEED]}
                for n in numbers
            ]
        )
        first = self._get(self._url(numbers[0]), self._page(1, "всегда"), link=numbers[0], original=before)
        for number in numbers[1:ARTICLES]:
            self._get(self._url(number), self._page(number, f"дня {self._day}"), link=number)
        self._get(self._url(numbers[-2]), self._page(number, ""), link=numbers[-2])
        self._get(self._url(numbers[-1]), b"gone", link=numbers[-1], status=404)
        self._end()
        return before or first

    def scrape(self) -> None:
        """What a spider of another project leaves: a page and two items of it."""
        self._start(FOREIGN, [])
        record = self._get("https://blatt.example/", b"<h1>Blatt</h1>").record_id
        self.journal.item({"url": "https://blatt.example/", "title": f"Blatt {self._seed}"}, response=record)
        self.journal.item({"title": "Ohne Adresse"}, response=record)
        self._end()

    def _start(self, site: str, sources: list[str]) -> None:
        clock = (NOON + timedelta(days=self._day)).isoformat()
        self.journal.start(site=site, series="main", arguments={}, clock=clock, sources=sources)

    def _end(self) -> None:
        self.journal.end(reason="finished", stats={})
        self.writer.close()
        self.work.log.write_text(f"12:00 day {self._day} began\n12:01 it ended\n")

    def _get(
        self,
        url: str,
        body: bytes,
        *,
        link: int | None = None,
        status: int = 200,
        original: Captured | None = None,
    ) -> Captured:
        head = f"HTTP/1.1 {status} Ja\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        request = f"GET / HTTP/1.1\r\nHost: {url.split('/')[2]}\r\n\r\n"
        exchange = Exchange(url, self.now(), request.encode(), head.encode() + body)
        fetch = {"link": f"{SITE}:{link}", "requested": url, "hop": 0, "attempt": 0} if link else None
        same = original and Original(
            original.record_id, url, original.date, original.payload_digest, original.address
        )
        return self.writer.exchange(exchange, fetch=fetch, original=same)

    def _page(self, number: int, text: str) -> bytes:
        words = f"<div class=article__text>Мост номер {number} открыли утром {text}, и стало {self._seed} градусов.</div>"
        return (
            f'<html lang=ru><body><div class=endless__item><h1 class="article__title">Мост {number} открыт</h1>'
            '<div class=article__info-date><a href="/20261122/">10:00 22.11.2026</a></div><div class="article__body">'
            f'<div class="article__block" data-type=text>{words if text else ""}</div></div></div></body></html>'
        ).encode()

    def _url(self, number: int) -> str:
        return f"https://ria.ru/20261122/most-{number}.html"

    def _new_id(self) -> str:
        return f"urn:uuid:00000000-0000-4000-{self._seed:04}-{self._day:04}{next(self._ids):08}"
