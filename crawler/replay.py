"""A download handler that answers from an archive: the same URL, the same bytes, no network."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Headers
from scrapy.utils._download_handlers import make_response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.threads import deferToThread
from twisted.web._newclient import HTTPParser

from archive.objects import StoreError
from archive.record import BrokenRecordError, Captured
from crawler.held import NotHeldError, held
from crawler.route import Refused

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.record import Record
    from crawler.held import Found
    from crawler.repeated import Repeated

logger = logging.getLogger(__name__)

MISSES = "letopis/replay/not_archived"
"""Stat: requests for what the archive does not hold, or cannot read."""
UNASKED = "letopis/replay/unanswered"
"""Stat: requests of a crawl that is repeated to which it got no answer that could be used, or which it never made."""


class ReplayHandler(BaseDownloadHandler):
    """Answers from what the setting REPLAY names: snapshots, stores, WARC and WACZ files, separated by commas.

    Of the captures of a method and URL the one nearest to REPLAY_AT answers, without it the newest; a revisit gives what it
    stands for. The response is what the wire would have given: de-chunked, still content-encoded; its record is told in
    ``request.meta["captured"]``. What is not there raises Refused ("not-archived"), said in the log and in
    ``request.meta["refused"]``; in a crawl that is repeated, a link that had no answer then raises Refused ("unanswered").
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler = crawler
        self._held = held(crawler.settings, crawler.spidercls.name)
        self._reading = Lock()  # what is held remembers what it has read
        self._warned = 0
        # a crawl that is repeated asks as it asked: for each link its own exchange, and unchanged pages yield nothing
        self._repeated: Repeated | None = getattr(crawler, "repeated", None)

    async def download_request(self, request: Request) -> Response:
        """The archived response; raises Refused where there is none. Stores may be far away: they are read beside the reactor."""
        return await maybe_deferred_to_future(deferToThread(self.answer, request))

    def answer(self, request: Request) -> Response:
        """What `download_request` gives, by whoever can wait for it."""
        with self._reading:
            found = self._found(request)
        request.meta["captured"] = captured(found.response, revisit=found.revisit and bool(self._repeated))
        return response_from(found.response, request)

    def _found(self, request: Request) -> Found:
        link = (request.meta.get("link") or {}).get("identifier") if self._repeated else None
        end = self._repeated.ends.get(link or "") if self._repeated else None
        url = urldefrag(request.url).url
        try:
            found = self._held.find(url, method=request.method, link=link, only=end is not None)
        except NotHeldError as error:
            raise self._refused(request, str(error), end) from error
        except (StoreError, BrokenRecordError) as error:
            raise self._refused(request, str(error), None) from error
        finally:
            for trouble in self._held.troubles[self._warned :]:
                logger.warning("%s", trouble)
            self._warned = len(self._held.troubles)
        if end is not None and found.response.cut:
            raise self._refused(request, "the response is cut off", end)
        return found

    def _refused(self, request: Request, miss: str, end: str | None) -> Refused:
        """Tell what a link had no answer to when it was crawled from what the archive does not hold."""
        if end is not None:
            self._crawler.stats.inc_value(UNASKED)
            return Refused("unanswered", f"no answer to this was kept when the link was crawled ({end})")
        request.meta["refused"] = miss
        logger.warning("%s", miss)
        self._crawler.stats.inc_value(MISSES)
        return Refused("not-archived", miss)


def captured(record: Record, *, revisit: bool = False) -> Captured:
    """What the wire's handler would have told of the record."""
    return Captured(
        record.address, record.id, record.date, record.get("WARC-Payload-Digest") or "", revisit=revisit
    )


def response_from(record: Record, request: Request) -> Response:
    """The response as Scrapy's HTTP/1.1 handler makes it of the same bytes; flagged "truncated" where it is not whole."""
    message = record.message
    body = b"" if request.method == "HEAD" else message.payload()
    headers = Headers()
    if message.get("Content-Length") is not None:
        headers[b"Content-Length"] = str(len(body)).encode()
    for name, value in message.headers:
        if name.lower().encode("latin-1") not in HTTPParser.CONNECTION_CONTROL_HEADERS:
            headers.appendlist(name.encode("latin-1"), value.encode("latin-1"))
    version = message.start_line.split(b" ", 1)[0].decode("latin-1")
    url = urldefrag(request.url).url
    flags = ["truncated"] if record.get("WARC-Truncated") else None
    response: Response = make_response(url, message.status, headers, body, flags, protocol=version)
    return response
