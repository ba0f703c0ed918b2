"""A crawl's progress as JSON lines on standard output, for the program that started it."""

from __future__ import annotations

import json
import sys
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

PAUSE = 0.3
"""Seconds between two lines, at least: progress is for eyes."""


class Progress:
    """Writes {"site", "asked", "fetched", "articles"} while the crawl goes on, where the setting PROGRESS asks for it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._last = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the extension of one crawl; raises NotConfigured where nobody asked."""
        if not crawler.settings.getbool("PROGRESS"):
            raise NotConfigured
        progress = cls(crawler)
        crawler.signals.connect(progress.tell, signals.response_received)
        return progress

    def tell(self) -> None:
        """Write a line, unless the last one is fresh."""
        if monotonic() - self._last < PAUSE:
            return
        self._last = monotonic()
        count = self._crawler.stats.get_value
        line = {
            "site": self._crawler.spidercls.name,
            "asked": count("letopis/link/fetch", 0),
            "fetched": count("response_received_count", 0),
            "articles": count("letopis/articles", 0),
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
