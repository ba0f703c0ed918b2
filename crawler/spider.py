"""The words that a site may declare, and the crawl that follows from them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urldefrag
from zoneinfo import ZoneInfo

import scrapy
from scrapy.exceptions import CloseSpider, IgnoreRequest

from archive.segment import NotRecorded
from crawler.capture import Received, tell
from crawler.decide import FETCH, Arguments, decide
from crawler.declared import check_site
from crawler.gather import Gathering, headers_of
from crawler.held import moment
from crawler.identify import identify
from crawler.reader import reader
from crawler.recorder import RecordingFailed, recorder_of
from crawler.route import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from scrapy.http import Request, Response
    from twisted.python.failure import Failure

    from crawler.continuing import Continued
    from crawler.page import ArticlePage
    from crawler.reader import Reader
    from crawler.recorder import Recorder
    from crawler.repeated import Repeated
    from crawler.sources import Source


class NewsSpider(scrapy.Spider):
    """The crawl of one news site.

    What a site declares:

    - `name`: the site's name, its file's name.
    - `allowed_domains`: its hosts, by which `scrapy parse` and `scrapy shell` find the spider of a URL.
    - `pages`: how its articles are read; where two editions of an article are announced, the first page's is fetched.
    - `sources`: where articles are announced; all are read, in this order, before the first article is fetched.

    Spider arguments: `since`, `until` (YYYY-MM-DD, both included; without them yesterday and today), `limit` (articles),
    `url` (one or more, blanks between: nothing but these is fetched, no source is read).
    """

    pages: ClassVar[tuple[type[ArticlePage], ...]] = ()
    sources: ClassVar[tuple[Source, ...]] = ()
    allowed_domains: ClassVar[list[str]] = []

    def __init_subclass__(cls, **given: Any) -> None:
        """Hold what the site declares together; raises DeclarationError."""
        super().__init_subclass__(**given)
        if getattr(cls, "name", None):  # what has none is no site, but what sites may have in common
            check_site(cls)

    def __init__(self, name: str | None = None, **said: Any) -> None:
        super().__init__(name)
        self.arguments = Arguments.parse(said)
        self.unread: dict[str, str] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Read the sources, journal what was decided, then ask for the articles, the newest first."""
        try:
            async for request in self._begin():
                yield request
        except (NotRecorded, RecordingFailed) as error:
            self.logger.error("Nothing more is fetched, for nothing can be recorded: %s", error)  # noqa: TRY400
            raise CloseSpider("recording_failed") from error

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Yield the page's article as a dict, or the next edition's request where this one holds none; unchanged, nothing."""
        captured = response.meta.get("captured")
        if captured and captured.revisit:
            self.crawler.stats.inc_value("letopis/unchanged")
            return
        told = tell(type(self), self.received(response), self.reader.identity)
        if told.item is not None:
            yield told.item
        else:
            self.logger.warning("No article at %s: %s", response.url, told.reason)
            self.crawler.stats.inc_value("letopis/not_an_article")
        if told.item is None or "articleBody" not in told.item:
            yield from self._next_edition(response.meta)

    def failed(self, failure: Failure) -> Iterator[Request]:
        """Ask for the next edition of an article whose request failed; journal what nobody else has."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        if (
            isinstance(error, IgnoreRequest)
            and not isinstance(error, Refused)
            and not hasattr(error, "response")
        ):
            self._journal_ignored(request, error)
        self.logger.warning("Not fetched: %s: %s", request.url, error)
        yield from self._next_edition(request.meta)

    def received(self, response: Response) -> Received:
        """Return a response as reading takes it, with where it was recorded, if it was."""
        request, link = response.request, response.meta.get("link") or {}
        captured = response.meta.get("captured")
        date = datetime.fromisoformat(captured.date) if captured else datetime.now(UTC)
        return Received(
            url=urldefrag(response.url).url,
            status=response.status,
            headers=headers_of(response),
            body=response.body,
            at=self.clock if self.rehearsal else date,
            requested=link.get("requested") or (request.url if request else response.url),
            link=link.get("identifier"),
            via=link.get("via", ()),
            captured=captured,
            # replayed pages lie in files that are named for their snapshot
            snapshot=captured.address.file.rpartition("-")[0] if captured else None,
        )

    @cached_property
    def reader(self) -> Reader:
        """The code that reads this site, as it was when the crawl began."""
        return reader(type(self))

    @cached_property
    def rehearsal(self) -> bool:
        """Whether the crawl asks a server on this machine that plays the site, or repeats one that did."""
        if self.repeated:
            return self.repeated.rehearsal
        return bool(self.settings.getdict("CONNECT_TO")) and not self.settings.get("REPLAY")

    @cached_property
    def clock(self) -> datetime:
        """The crawl's "now": the moment it began; in a rehearsal of another day the end of that day; REPLAY_AT."""
        if self.repeated:
            return self.repeated.clock
        if at := self.settings.get("REPLAY_AT"):
            return moment(at)
        until = self.arguments.until
        if self.rehearsal and until:
            return datetime.combine(until, time(23, 59, 59), self.zone)
        return datetime.now(UTC)

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.pages[0].zone)

    @cached_property
    def recorder(self) -> Recorder | None:
        """What the crawl is recorded by; None in `scrapy shell`, `parse` and `check`."""
        return recorder_of(self.crawler)

    @property
    def continued(self) -> Continued | None:
        """What the crawl takes over from the snapshot before it, set by whoever starts it; None where nothing was left."""
        return getattr(self.crawler, "continued", None)

    @property
    def repeated(self) -> Repeated | None:
        """The crawl that is repeated from its snapshot; None in every other."""
        return getattr(self.crawler, "repeated", None)

    async def _begin(self) -> AsyncIterator[Request]:
        window = self.arguments.window(self.clock.astimezone(self.zone).date())
        sources = [one for source in self.sources for one in source.days(window.since, window.until)]
        self._journal_start([] if self.arguments.urls else [source.url for source in sources])
        if self.arguments.urls:
            entries = self._asked(self.arguments.urls)
        else:
            journal = self.recorder.journal if self.recorder else None
            if journal and self.continued:  # said before anything can go wrong again
                journal.decision(self.continued.open)  # type: ignore[arg-type]  # as below
            gathering = Gathering(self.crawler, self.pages, window, journal, unread=self.unread)
            await gathering.all(self.sources)
            if not gathering.read:
                self.unread.setdefault(self.name, "no source of the site could be read")
            entries = decide(gathering.links, self.pages, window, self.arguments.limit)
            entries = self.continued.merged(entries) if self.continued else entries
        if self.recorder:
            self.recorder.journal.decision(entries)  # type: ignore[arg-type]  # decide makes what Decided describes
        for request in self._requests(self.repeated.ordered(entries) if self.repeated else entries):
            yield request

    def _asked(self, urls: Iterable[str]) -> list[dict[str, Any]]:
        """Return the entries of URLs that the crawl was told to fetch; what is no article's URL is refused."""
        entries: dict[str, dict[str, Any]] = {}
        for url in urls:
            known = identify(self.pages, url)
            if known is None:
                self.unread[url] = f"it is no article's URL at {self.name}"
                self.logger.error("url=%s is no article's URL at %s", url, self.name)
            else:
                entries[known[0]] = {"identifier": known[0], "url": known[1], "decision": FETCH, "via": []}
        return list(entries.values())

    def _requests(self, entries: Iterable[dict[str, Any]]) -> Iterator[Request]:
        for place, entry in enumerate(entries):
            self.crawler.stats.inc_value(f"letopis/link/{entry['decision']}")
            if entry["decision"] == FETCH:
                urls = (entry["url"], *entry.get("editions", ()))
                yield self._request(entry["identifier"], urls, entry["via"], -place)

    def _request(self, identifier: str, urls: Sequence[str], via: Sequence[str], priority: int) -> Request:
        link = {"identifier": identifier, "requested": urls[0], "via": list(via)}
        return scrapy.Request(
            urls[0],
            callback=self.parse,
            errback=self.failed,
            priority=priority,
            # each link is asked for once as it is; a redirect to a page that was seen is an answer too
            dont_filter=True,
            meta={"link": link, "editions": list(urls[1:])},
        )

    def _next_edition(self, meta: dict[str, Any]) -> Iterator[Request]:
        if urls := meta.get("editions"):
            self.crawler.stats.inc_value("letopis/next_edition")
            yield self._request(meta["link"]["identifier"], urls, meta["link"]["via"], 0)

    def _journal_start(self, sources: list[str]) -> None:
        if self.recorder:
            told = self.arguments
            arguments = {
                "since": told.since,
                "until": told.until,
                "limit": told.limit,
                "url": told.urls or None,
            }
            self.recorder.journal.start(
                site=self.name,
                series=self.settings.get("SERIES", "main"),
                arguments={name: value for name, value in arguments.items() if value is not None},
                clock=self.clock.isoformat(),
                sources=sources,
                rehearsal=self.rehearsal,
                continues=self.continued.snapshot if self.continued else None,
            )

    def _journal_ignored(self, request: Request, error: IgnoreRequest) -> None:
        """Journal a request that a middleware gave up; one that was refused has its entry already."""
        if self.recorder:
            self.recorder.failure(request, "ignored", str(error) or "a middleware ignored it")
