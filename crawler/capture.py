"""From a page as it was received to the item made of it: one place for the live crawl and for its derivation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from archive.record import Captured
from crawler.article import Reading, read
from crawler.identify import identify
from crawler.reader import Site
from schemas import versions


@dataclass(frozen=True, slots=True)
class Received:
    """A response with what is known of it; `body` is content-decoded, `captured` is None where nothing is recorded.

    `link` is the identifier of the link it answers, `requested` the first URL of its redirects, `via` the sources
    that announced it, `at` the moment that words such as «Сегодня» are relative to.
    """

    url: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    at: datetime
    requested: str
    link: str | None = None
    via: Sequence[str] = ()
    captured: Captured | None = None
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a page said: the item, None (with the reason) where it is no article, and how it was read."""

    item: dict[str, Any] | None
    recognised: bool
    rank: int
    reason: str = ""


def tell(site: type[Site], received: Received, reader: str) -> Told:
    """Return the item of a page, read by the site's pages or else by the generic reader, with its provenance."""
    known = identify(site.pages, received.url)
    if received.link and not known:
        # a removed article often leads to the front page, which the generic reader would take for an article
        return Told(
            None, recognised=False, rank=0, reason=f"it led to {received.url}, which is no article's URL"
        )
    reading = read(site.pages, received.url, received.body, _plain(received.headers), received.at)
    if reading.article is None:
        reason = "the page has no headline, or neither text nor date"
        return Told(None, reading.recognised, reading.rank, reason)
    article = reading.article
    # a URL that no page knows keeps the link's
    article.identifier = known[0] if known else received.link or article.identifier
    article.capture = _capture(received, reading, reader)
    return Told(article.item(), reading.recognised, reading.rank)


def _plain(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers without what Scrapy has changed in them before a spider sees them: case and order of names."""
    return sorted(((name.lower(), value) for name, value in headers), key=lambda header: header[0])


def _capture(received: Received, reading: Reading, reader: str) -> dict[str, Any]:
    where, captured = {}, received.captured
    if captured is not None:
        where = {
            "snapshot": received.snapshot,
            "recordId": captured.record_id,
            "warcFile": captured.address.file,
            "offset": captured.address.offset,
            "length": captured.address.length,
            "payloadDigest": captured.payload_digest,
        }
    said = {
        "bodySha256": hashlib.sha256(received.body).hexdigest(),
        "charset": reading.charset,
        "httpStatus": received.status,
        "retrievedAt": captured.date if captured else None,
        "requestedUrl": received.requested,
        "via": sorted(received.via),
        "page": reading.page,
        "reader": reader,
        "schema": _schema(),
        "usage": reading.usage,
    }
    return where | {name: value for name, value in said.items() if value is not None}


@cache
def _schema() -> str:
    return versions("article")[-1]
