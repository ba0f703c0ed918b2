"""Asking only for what has changed: article pages that earlier snapshots hold are asked for with their validators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urldefrag

from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from archive.known import Known, Page

NOT_MODIFIED = 304


class Unchanged:
    """Downloader middleware: requests of links whose URL is known carry If-None-Match and If-Modified-Since.

    The page's original goes to the recorder as ``request.meta["original"]``; a 304 then reaches the spider. Sources are
    always fetched whole, for some servers repeat the validators of feeds that have changed. Its place is next to the
    downloader, so that it sees each redirect and retry.
    """

    def __init__(self, known: Known) -> None:
        self._known = known

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of one crawl; raises NotConfigured where no earlier snapshot was looked through."""
        known: Known | None = getattr(crawler, "known", None)
        if known is None:
            raise NotConfigured
        crawler.signals.connect(known.close, signals.engine_stopped)
        return cls(known)

    def process_request(self, request: Request) -> None:
        """Ask for the page only if it has changed, where it is known; whatever a redirected request brought along goes."""
        if not request.meta.get("link"):
            return
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
        for name in ("original", "handle_httpstatus_list"):
            request.meta.pop(name, None)
        if page := self._known.page(urldefrag(request.url).url):
            _ask(request, page)


def _ask(request: Request, page: Page) -> None:
    said: dict[str, Any] = {"If-None-Match": page.etag, "If-Modified-Since": page.modified}
    request.headers.update({name: value.encode("latin-1") for name, value in said.items() if value})
    request.meta["original"] = page.original
    request.meta["handle_httpstatus_list"] = [NOT_MODIFIED]
