"""The feeds of a crawl (`-O FILE`): whether each was written, for Scrapy only logs where one was not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.extensions.feedexport import FeedExporter

from crawler.exits import Exit

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

WRITTEN = "feedexport/success_count/"


def with_feeds(crawler: Crawler, code: Exit) -> Exit:
    """Return a crawl's exit code, at least 74 where a feed was not written, which is told."""
    exporter = crawler.get_extension(FeedExporter)
    # a feed that may stay empty may have had nothing to write
    due = [options["store_empty"] for options in exporter.feeds.values()].count(True) if exporter else 0
    stats = crawler.stats.get_stats() if crawler.stats else {}
    written = sum(count for name, count in stats.items() if name.startswith(WRITTEN))
    if written >= due:
        return code
    # not by their names, which may hold passwords; the log hides these
    told = f"{due - written} of {due} feeds (-O, -o, FEEDS) were not written: the log says why"
    sys.stderr.write(f"{told}; what was captured is not concerned\n")
    return max(code, Exit.IO)
