"""A small invented crawl, as a work folder holds it before sealing, and a tiny reader of its pages."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from archive.chain import commit
from archive.journal import Decided, Journal, entry
from archive.ledger import Derived, Outcome
from archive.manifest import Facts
from archive.record import Captured, Exchange, Record
from archive.seal import Sealed, seal
from archive.snapshot import Work, claim
from archive.store import Store
from archive.warc import WarcWriter

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FEED = "https://chronik.example/feed/"
SITEMAP = "https://chronik.example/sitemap.xml"
READER = "7" * 64
FACTS: Facts = {
    "software": {"letopis": "0.1.0"}, "settings": "5" * 64, "reader": READER, "schemas": {"article": "0.1.0"},
}  # fmt: skip


class Crawl:
    """Writes what a crawl of an invented paper would, into a work folder; instants and ids are counted, not chosen.

    With a `size` of 1 each exchange and each word of the journal has a file of its own.
    """

    def __init__(self, work: Work, size: int = 10**9) -> None:
        self.work = work
        self._seconds = count()
        self._ids = count(1)
        self.writer = WarcWriter(
            work.warc, work.id, info={"software": "letopis/0.1.0", "isPartOf": work.id}, clock=self.now, new_id=self.new_id,
            size=size,
        )  # fmt: skip
        self.journal = Journal(self.writer, work.id)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=next(self._seconds))

    def new_id(self) -> str:
        return f"urn:uuid:00000000-0000-4000-8000-{next(self._ids):012}"

    def start(self, **more: Any) -> None:
        told = {
            "site": self.work.site,
            "series": self.work.series,
            "arguments": {},
            "clock": NOON.isoformat(),
        }
        self.journal.start(**told | {"sources": [FEED, SITEMAP]} | more)

    def announce(
        self, source: str, *numbers: int, foreign: tuple[str, ...] = (), outcome: Any = "read"
    ) -> None:
        links: list[Any] = [
            {"url": url(n), "identifier": name(n), "title": f"Заголовок {n}"} for n in numbers
        ]
        links += [{"url": address, "identifier": None} for address in foreign]
        record = self.get(source, b"<feed/>").record_id
        reason = None if outcome == "read" else "the server stopped in the middle"
        self.journal.source(
            source=source, type="Feed", record=record, outcome=outcome, reason=reason, links=links
        )

    def decide(self, *numbers: int, decision: str = "fetch") -> None:
        self.journal.decision([_decided(n, decision) for n in numbers])

    def fetch(self, number: int, body: str, status: int = 200, *, at: str | None = None) -> Captured:
        return self.get(at or url(number), body.encode(), status, link=name(number))

    def get(self, address: str, body: bytes, status: int = 200, link: str | None = None) -> Captured:
        head = f"HTTP/1.1 {status} Ja\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
        exchange = Exchange(
            address, self.now(), b"GET / HTTP/1.1\r\nHost: chronik.example\r\n\r\n", head.encode() + body
        )
        fetch = {"link": link, "requested": address, "hop": 0, "attempt": 0} if link else None
        return self.writer.exchange(exchange, fetch=fetch)

    def end(self, reason: str | None = "finished") -> Work:
        if reason:
            self.journal.end(reason=reason, stats={})
        self.writer.close()
        self.work.log.write_text("12:00 the crawl began\n12:01 it ended\n")
        return self.work


def url(number: int) -> str:
    return f"https://chronik.example/{number}/"


def name(number: int) -> str:
    return f"chronik:{number}"


def crawl(store: Store, root: Path, site: str = "chronik", series: str = "main", articles: int = 3) -> Work:
    """A whole crawl: articles 1 to n, then one of each other kind."""
    made = Crawl(claim(store, root, site, series, NOON))
    made.start()
    numbers = range(1, articles + 1)
    made.announce(FEED, *numbers, 91, 92, 93, 94)
    made.announce(SITEMAP, 1, 95, foreign=("https://chronik.example/about/",))
    made.decide(*numbers, 91, 92, 93, 94)
    made.decide(95, decision="too-old")
    for number in numbers:
        made.fetch(number, f"{name(number)}|Заголовок {number}|Текст {number}")
    made.fetch(91, f"{name(91)}|Без текста|")
    made.fetch(92, "Not found", 404)
    made.fetch(93, "kein Artikel")
    made.journal.failure(link=name(94), url=url(94), reason="robots", message="robots.txt forbids /94/")
    return made.end()


def sealed(store: Store, root: Path, **more: Any) -> Sealed:
    return seal(crawl(store, root, **more), derive, facts=FACTS)


def crawled(
    store: Store, root: Path, *texts: str, status: int = 200, **told: object
) -> tuple[str, list[Captured]]:
    """A committed snapshot with one article for each text, and the records of their pages."""
    made = Crawl(claim(store, root / "work", "chronik", "main", NOON))
    made.start(**told)
    numbers = range(1, len(texts) + 1)
    made.announce(FEED, *numbers)
    made.decide(*numbers)
    captured = [made.fetch(n, f"{name(n)}|Заголовок|{text}", status) for n, text in enumerate(texts, 1)]
    work = made.end()
    commit(store, seal(work, derive, facts=FACTS))
    return work.id, captured


def derive(records: Iterable[Record]) -> Iterator[Derived]:
    """Reads bodies of the form ``identifier|headline|text``; a response waits for the journal's entry that follows it."""
    response = None
    for record in records:
        if record.type == "response":
            response = record
        said = entry(record)
        if said is not None and said["kind"] == "fetch" and response is not None:
            yield _read(said["link"], response)


def _read(link: str | None, record: Record) -> Derived:
    says = partial(Derived, link, address=record.address, record_id=record.id)
    if record.message.status != 200:
        return says(outcome=Outcome.HTTP_ERROR, reason=f"status {record.message.status}")
    identifier, _, rest = record.message.body.decode().partition("|")
    if not rest:
        return says(outcome=Outcome.NOT_AN_ARTICLE)
    article = _article(identifier, *rest.split("|"), record=record)
    rank = 1 if "/amp/" in article["url"] else 0
    if article.get("articleBody"):
        return says(outcome=Outcome.ARTICLE, article=article, rank=rank)
    missing = {"path": "/articleBody", "rule": "required", "value": "", "message": "articleBody is missing"}
    reject = {
        "article": article,
        "errors": [missing],
        "address": asdict(record.address),
    }
    return says(outcome=Outcome.REJECTED, reject=reject, reason="articleBody is missing")


def _article(identifier: str, headline: str, text: str, *, record: Record) -> dict[str, Any]:
    address, digest = record.address, record.get("WARC-Payload-Digest") or ""
    capture = {
        "snapshot": address.file.rpartition("-")[0], "recordId": record.id, "warcFile": address.file, "offset": address.offset,
        "length": address.length, "payloadDigest": digest, "bodySha256": digest.removeprefix("sha256:"), "charset": "utf-8",
        "httpStatus": 200, "retrievedAt": record.date, "requestedUrl": record.url, "via": [FEED], "page": "Seite", "reader": READER,
        "schema": "0.1.0", "usage": {},
    }  # fmt: skip
    article: dict[str, Any] = {
        "identifier": identifier,
        "url": record.url,
        "headline": headline,
        "articleBody": text,
    }
    article |= {"origins": {"headline": "css"}, "capture": capture}
    return {field: value for field, value in article.items() if value}


def _decided(number: int, decision: Any) -> Decided:
    return {"identifier": name(number), "url": url(number), "decision": decision, "via": [FEED]}
