"""A snapshot of a site of the newsroom as a crawl leaves it, written down without a server."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from archive.chain import commit
from archive.journal import Journal
from archive.record import Exchange
from archive.seal import seal
from archive.snapshot import claim
from archive.warc import WarcWriter
from crawler.derive import deriver
from crawler.identify import identify
from tests.newsroom.reading import answer
from tests.newsroom.site import sites

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.manifest import Facts
    from archive.objects import Store
    from archive.snapshot import Work
    from crawler.reader import Site

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FEW = 16
"""Pages of a snapshot that is played."""
EARLIER = "7" * 64
"""The reader that read it first."""


def pages(name: str, seed: int = 3) -> Iterable[tuple[str, int, bytes, tuple[tuple[str, str], ...]]]:
    """URL, status, body and headers of every article of a site of the newsroom."""
    site = next(room for room in sites() if room.name == name)(seed, TODAY)
    for told in site.expected():
        url, response = answer(site, told.url)
        yield url, response.status, response.body, response.headers


def played(store: Store, root: Path, site: Any, *, reads: type[Site] | None = None, seed: int = 3) -> str:
    """The name of a committed snapshot of a site, read by the pages of `reads` when it was sealed."""
    work = claim(store, root, site.name, "main", NOON)
    written(work, site, islice(pages(site.name, seed), FEW))
    facts: Facts = {"software": {"letopis": "0.0.1"}, "settings": "5" * 64, "reader": EARLIER}
    facts["schemas"] = {"article": "0.1.0"}
    sealed = seal(work, deriver(reads or site, EARLIER), facts=facts)
    return commit(store, sealed, clock=lambda: NOON).snapshot


def written(work: Work, site: Any, told: Iterable[tuple[str, int, bytes, Any]]) -> None:
    """The WARCs of a crawl that fetched those pages, each gzip-encoded."""
    seconds, ids = count(), count(1)
    writer = WarcWriter(
        work.warc,
        work.id,
        info={"software": "letopis/0.0.1", "isPartOf": work.id},
        clock=lambda: NOON + timedelta(seconds=next(seconds)),
        new_id=lambda: f"urn:uuid:00000000-0000-4000-8000-{next(ids):012}",
        fsync="segment",
    )
    journal = Journal(writer, work.id)
    said: dict[str, Any] = {"arguments": {}, "clock": NOON.isoformat(), "sources": []}
    journal.start(site=work.site, series=work.series, rehearsal=True, **said)
    for url, status, body, headers in told:
        known = identify(site.pages, url)
        if known is None:
            continue
        journal.decision(
            [{"identifier": known[0], "url": url, "decision": "fetch", "via": ["https://feed.example/"]}]
        )
        packed = gzip.compress(body, 6, mtime=0)
        lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in headers)]
        head = "\r\n".join([*lines, "Content-Encoding: gzip", f"Content-Length: {len(packed)}", "", ""])
        request = b"GET / HTTP/1.1\r\nHost: played.example\r\n\r\n"
        exchange = Exchange(url, writer.now(), request, head.encode() + packed)
        fetch = {"link": known[0], "requested": url, "hop": 0, "attempt": 0}
        writer.exchange(exchange, fetch=fetch)
    journal.end(reason="finished", stats={})
    writer.close()
