"""Reading a site's sources, one after another, before the first article is fetched."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from archive.segment import NotRecorded
from crawler.decide import FETCH, decide
from crawler.identify import identify
from crawler.recorder import RecordingFailed
from crawler.sources import Announced, Link, Listing, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.journal import Announced as AnnouncedLink
    from archive.journal import Journal
    from crawler.decide import Window
    from crawler.page import ArticlePage

logger = logging.getLogger(__name__)

LARGEST = 64 * 2**20
# A site that names ever more sitemaps must not keep a crawl from its articles.
MOST = 300
GONE = frozenset({404, 410})
REFUSED = frozenset({401, 403, 429})


@dataclass(slots=True)
class Gathering:
    """What the sources announce; `unread` names those that had to be read and were not, with the reason."""

    crawler: Crawler
    pages: Sequence[type[ArticlePage]]
    window: Window
    journal: Journal | None
    links: list[tuple[str, Link]] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    read: int = 0
    listed: dict[str, set[str]] = field(default_factory=dict)

    async def all(self, sources: Sequence[Source]) -> None:
        """Read the sources in their order, each followed by the further ones that it names."""
        window = self.window
        queue = deque(one for source in sources for one in source.days(window.since, window.until))
        seen: set[str] = set()
        while queue and len(seen) < MOST and not self._closing:
            source = queue.popleft()
            if source.url not in seen:
                seen.add(source.url)
                queue.extendleft(reversed(await self._one(source)))
        reason = "the crawl was stopped before" if self._closing else f"more than {MOST} sources were named"
        for source in queue:
            self.unread.setdefault(source.url, reason)

    @property
    def _closing(self) -> bool:
        slot = self.crawler.engine._slot  # noqa: SLF001  Scrapy tells nobody else that it closes
        return slot is None or slot.closing is not None

    async def _one(self, source: Source) -> Sequence[Source]:
        """Read one source and say so; returns the further sources to read."""
        record: str | None = None
        reason: str | None
        announced = Announced()
        try:
            response = await self.crawler.engine.download_async(_request(source))
        except IgnoreRequest as error:
            outcome, reason = "refused", str(error)
        except (NotRecorded, RecordingFailed):
            raise
        except Exception as error:  # noqa: BLE001  whatever kept the source away, the others are read
            outcome, reason = "failed", f"{type(error).__name__}: {error}"
        else:
            captured = response.meta.get("captured")
            record = captured.record_id if captured else None
            outcome, reason, announced = self._understand(source, response)
        self._say(source, record, outcome, reason, announced)
        return self._further(source, announced)

    def _understand(self, source: Source, response: Response) -> tuple[str, str | None, Announced]:
        """Return outcome, reason and links of a source's response."""
        if response.status in GONE and source.optional:
            return "absent", f"the server answered {response.status}", Announced()
        if not 200 <= response.status < 300:  # noqa: PLR2004  RFC 9110 section 15.3
            outcome = "refused" if response.status in REFUSED else "failed"
            return outcome, f"the server answered {response.status}", Announced()
        try:
            announced = source.read(
                response.body, response.url, headers_of(response), since=self.window.since
            )
        except Exception as error:  # whatever a source does to its reader, the others are read
            logger.exception("Reading the source %s broke", source.url)
            return "failed", f"reading it broke: {type(error).__name__}: {error}", Announced()
        if announced.trouble and not announced.links and not announced.more:
            return "absent" if source.optional else "failed", announced.trouble, announced
        return "cut" if announced.trouble else "read", announced.trouble, announced

    def _say(
        self,
        source: Source,
        record: str | None,
        outcome: str,
        reason: str | None,
        said: Announced,
    ) -> None:
        known = [identify(self.pages, link.url) for link in said.links]
        fitting = sum(1 for one in known if one)
        logger.info("Source %s: %s, %d links, %d of them articles", source.url, outcome, len(known), fitting)
        self.crawler.stats.inc_value(f"letopis/source/{outcome}")
        self.read += outcome in {"read", "cut"}
        if outcome in {"failed", "refused"}:
            self.unread[source.url] = reason or outcome
            logger.error("Source %s could not be read: %s", source.url, reason)
        if self.journal:
            links = [_said(link, one and one[0]) for link, one in zip(said.links, known, strict=True)]
            kind: Any = type(source).__name__
            self.journal.source(
                source=source.url,
                type=kind,
                record=record,
                outcome=outcome,  # type: ignore[arg-type]  # one of the words above
                reason=reason,
                links=links,
            )

    def _further(self, source: Source, said: Announced) -> Sequence[Source]:
        """Take the links; a listing goes on while its pages hold articles to fetch that its earlier pages did not."""
        told = [(source.url, link) for link in said.links]
        self.links += told
        if not isinstance(source, Listing):
            return said.more
        entries = decide(told, self.pages, self.window)
        wanted = {entry["identifier"] for entry in entries if entry["decision"] == FETCH}
        listed = self.listed.setdefault(source.first or source.url, set())
        new = wanted - listed
        listed |= wanted
        return said.more if new else ()


def headers_of(response: Response) -> list[tuple[str, str]]:
    """Return a response's headers as text, repeated ones in their order."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]


def _request(source: Source) -> Request:
    # dont_filter: a source may lie on a host that holds no articles, which allowed_domains does not name
    return Request(source.url, callback=NO_CALLBACK, dont_filter=True, meta={"download_maxsize": LARGEST})


def _said(link: Link, identifier: str | None) -> AnnouncedLink:
    said: AnnouncedLink = {"url": link.url, "identifier": identifier}
    if link.title:
        said["title"] = link.title
    if link.published:
        said["published"] = link.published
    if link.text and identifier:
        said["text"] = link.text
    return said
