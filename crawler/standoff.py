"""Leaving a host alone that keeps refusing: no storm of requests against 401, 403 or 429."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured
from twisted.python.failure import Failure

from crawler.recorder import recorder_of
from crawler.route import Refused

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

REFUSALS = frozenset({401, 403, 429})
IN_A_ROW = 5


class Standoff:
    """Downloader middleware: after five refusals in a row (401, 403, 429, retries spent) a host is asked nothing more.

    Its place is above the retry middleware, so that it sees final answers. What is not asked is journalled as "stopped".
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._refusals: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of one crawl; raises NotConfigured for one that an archive answers."""
        if crawler.settings.get("REPLAY"):
            raise NotConfigured  # an archive is asked, and no site
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise Refused for a host that is left alone."""
        host = urlsplit(request.url).hostname or ""
        if self._refusals[host] >= IN_A_ROW:
            raise self._refuse(request, host)

    def process_response(self, request: Request, response: Response) -> Response:
        """Count refusals in a row; anything else that the host answers begins the count anew."""
        host = urlsplit(request.url).hostname or ""
        if response.status not in REFUSALS:
            self._refusals[host] = 0
            return response
        self._refusals[host] += 1
        if self._refusals[host] == IN_A_ROW:
            logger.error(
                "%s refused %d times in a row (%d): it is left alone", host, IN_A_ROW, response.status
            )
            self._crawler.stats.inc_value("letopis/stopped_hosts")
            self._drain(request, host)
        return response

    def _drain(self, request: Request, host: str) -> None:
        """Fail what already waits for its turn on that host."""
        slot = self._crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        while slot and slot.queue:
            waiting, answer = slot.queue.popleft()
            answer.errback(Failure(self._refuse(waiting, host)))  # type: ignore[no-untyped-call]

    def _refuse(self, request: Request, host: str) -> Refused:
        reason = f"{host} refused {IN_A_ROW} requests in a row and is left alone until the next crawl"
        if recorder := recorder_of(self._crawler):
            recorder.failure(request, "stopped", reason)
        return Refused("stopped", reason)
