"""A crawl's WARC, written by hand, and the pages of its site: what deriving is tried on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from archive.journal import Journal
from archive.ledger import Derived
from archive.record import Captured, Exchange, records
from archive.seal import Derive
from archive.warc import WarcWriter
from crawler.article import ArticlePage
from crawler.derive import deriver
from crawler.spider import NewsSpider

BASE = "https://gazeta.example/n/"
SNAPSHOT = "gazeta-20260102T060000Z"
DAY = datetime(2026, 1, 2, 6, tzinfo=UTC)
TEXT = "Мост через реку открыли утром. Движение по нему началось сразу, объезд сняли."
META = "<meta property='article:published_time' content='2026-01-02T10:00:00+03:00'>"
GOOD = f"<html><head>{META}</head><body><h1>Мост открыт</h1><div class=text><p>{TEXT}</p></div></body></html>"


class GazetaPage(ArticlePage):
    site = "gazeta"
    urls = r"https://gazeta\.example/n/(?P<id>\d+)"
    mark = "h1"
    headline = "h1"
    articleBody = ".text"  # noqa: N815


class FragilePage(GazetaPage):
    urls = r"https://gazeta\.example/n/(?P<id>13)"

    def fits(self) -> bool:
        raise RuntimeError("no luck")


class GazetaSpider(NewsSpider):
    name = "gazeta"
    pages = (FragilePage, GazetaPage)


@dataclass
class Crawl:
    """A crawl's WARC, written by hand."""

    folder: Path
    fetches: int = 0
    writer: WarcWriter = field(init=False)
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        ticks = iter(range(10_000))
        self.writer = WarcWriter(
            self.folder / "warc",
            SNAPSHOT,
            info={"software": "test/1", "isPartOf": SNAPSHOT},
            clock=lambda: DAY + timedelta(seconds=next(ticks)),
            new_id=lambda: f"urn:uuid:{UUID(int=next(ticks))}",
        )
        self.journal = Journal(self.writer, SNAPSHOT)

    def start(self, *, rehearsal: bool = False, clock: str = "2026-01-02T23:59:59+03:00") -> None:
        self.journal.start(
            site="gazeta", series="main", arguments={}, clock=clock, sources=[], rehearsal=rehearsal
        )

    def decide(self, *numbers: int, via: tuple[str, ...] = ()) -> None:
        self.journal.decision(
            [
                {"identifier": f"gazeta:{n}", "url": f"{BASE}{n}", "decision": "fetch", "via": list(via)}
                for n in numbers
            ]
        )

    def answer(
        self, link: int | None, response: bytes, *, url: str = "", truncated: Any = None, hop: int = 0
    ) -> Captured:
        self.fetches += 1
        target = url or f"{BASE}{link}"
        request = b"GET /n/1 HTTP/1.1\r\nHost: gazeta.example\r\n\r\n"
        began = DAY + timedelta(minutes=self.fetches)
        fetch = {
            "link": link and f"gazeta:{link}",
            "requested": f"{BASE}{link}",
            "hop": hop,
            "attempt": 0,
        }
        return self.writer.exchange(
            Exchange(url=target, began=began, request=request, response=response, truncated=truncated),
            fetch=fetch,
        )

    def derived(self, derive: Derive | None = None) -> list[Derived]:
        paths = self.writer.close()
        return list((derive or deriver(GazetaSpider))(record for path in paths for record in records(path)))


def ok(body: str | bytes, *headers: str) -> bytes:
    raw = body.encode() if isinstance(body, str) else body
    head = [
        "HTTP/1.1 200 OK",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(raw)}",
        *headers,
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + raw


def error(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()


def moved(where: str) -> bytes:
    return f"HTTP/1.1 301 Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()
