"""A crawl that fetched the fixtures of a site and met a bit of trouble, as its WARC holds it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from archive.journal import Journal
from archive.record import Exchange, records
from archive.warc import WarcWriter
from crawler.fixtures import fixtures

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
REQUEST = b"GET / HTTP/1.1\r\nHost: fixture.example\r\n\r\n"
TROUBLE = (
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone",
)


def fetched(folder: Path, site: Any, others: tuple[str, ...] = ()) -> list[Path]:
    """The WARC files of a crawl of a site: its fixtures, those of other sites under its URLs, and what goes wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    seconds, ids, links = count(), count(1), count(1)
    name = f"{site.name}-20261122T120000Z"
    writer = WarcWriter(
        folder, name, info={"software": "letopis/0.1.0", "isPartOf": name},
        clock=lambda: NOON + timedelta(seconds=next(seconds)), new_id=lambda: f"urn:uuid:00000000-0000-4000-8000-{next(ids):012}",
    )  # fmt: skip
    journal = Journal(writer, name)
    journal.start(site=site.name, series="main", arguments={}, clock=NOON.isoformat(), sources=[])
    answers = [(one.url, block_of(one)) for one in fixtures(site.name)]
    known = answers[0][0]
    answers += [(known, block_of(one)) for other in others for one in fixtures(other)]
    answers += [(known, block) for block in TROUBLE]
    for url, block in answers:
        link = f"{site.name}:{next(links)}"
        fetch = {"link": link, "requested": url, "hop": 0, "attempt": 0}
        writer.exchange(Exchange(url, NOON, REQUEST, block), fetch=fetch)
    journal.end(reason="finished", stats={})
    return list(writer.close())


def block_of(fixture: Any) -> bytes:
    return next(
        one.block for one in records(fixture.warc) if (one.type, one.url) == ("response", fixture.url)
    )
