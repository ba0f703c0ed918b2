"""A crawl of what an archive holds: nothing is asked of a site, nothing is recorded, and a named snapshot is crawled as it was."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from archive.holdings import Snapshots
from archive.objects import DamagedError, StoreError
from archive.record import BrokenRecordError
from archive.snapshot import site_of
from crawler.exits import Complaint, Exit
from crawler.feeds import with_feeds
from crawler.finish import exit_of
from crawler.held import asked, held
from crawler.repeated import Repeated
from crawler.replay import MISSES, UNASKED
from crawler.route import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler, CrawlerProcessBase
    from scrapy.settings import BaseSettings

IN_TURN = {
    "CONCURRENT_REQUESTS": 1,
    "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 0,  # no request is sent while a response is being read: it may ask for the next edition
    "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue",  # the default one lets hosts take turns
    "RETRY_PRIORITY_ADJUST": 0,
}
"""Settings with which one link after another comes to its end: first its redirects and editions, then the next link."""


def asked_for(settings: BaseSettings) -> bool:
    """Whether REPLAY is to answer; raises Complaint where that is meant but not said."""
    try:
        return asked(settings)
    except ConfigError as error:
        raise Complaint(Exit.CONFIG, str(error)) from error


def crawl(process: CrawlerProcessBase, crawler: Crawler, arguments: Mapping[str, str]) -> Exit:
    """Crawl what REPLAY names and say how it went; the exit code is that of a crawl that found the same, or 65.

    Where REPLAY names one snapshot, its crawl is repeated with its clock and, unless others are given, its arguments.
    """
    try:
        repeated = _repeated(crawler)
    except ConfigError as error:
        raise Complaint(Exit.CONFIG, str(error)) from error
    except (BrokenRecordError, DamagedError) as error:
        raise Complaint(Exit.DATA, str(error)) from error
    except StoreError as error:
        raise Complaint(Exit.IO, str(error)) from error
    if repeated:
        crawler.settings.setdict(IN_TURN, "cmdline")
        crawler.repeated = repeated  # type: ignore[attr-defined]  # as `continued` is kept
        crawler.continued = repeated.continued  # type: ignore[attr-defined]
        arguments = repeated.arguments | dict(arguments)
    process.crawl(crawler, **arguments)
    process.start()
    return _told(crawler)


def _repeated(crawler: Crawler) -> Repeated | None:
    """The circumstances of the one snapshot that REPLAY names; None where it names anything else."""
    holdings = held(crawler.settings).holdings
    one = holdings[0] if len(holdings) == 1 else None
    if not isinstance(one, Snapshots) or one.snapshot is None:
        return None
    if site_of(one.snapshot) != crawler.spidercls.name:
        site = site_of(one.snapshot)
        raise Complaint(Exit.USAGE, f"{one.snapshot} is a snapshot of {site}; say: scrapy crawl {site}")
    found = Repeated.of(one.store, one.snapshot)
    if not found.start:
        raise Complaint(Exit.DATA, f"{one.snapshot} has no journal: when it was crawled is not known")
    return found


def _told(crawler: Crawler) -> Exit:
    """Say how it went; what is not held is no whole crawl, whatever was read, and exits as the other commands do for it."""
    stats: dict[str, Any] = crawler.stats.get_stats() if crawler.stats else {}
    unread = getattr(crawler.spider, "unread", {})
    misses = f"{stats.get(MISSES, 0)} not archived, {stats.get(UNASKED, 0)} not answered then either"
    # another project's items are none of ours, and all that its crawl gains
    articles = "letopis/articles" if hasattr(crawler.spidercls, "pages") else "item_scraped_count"
    outcomes = {"article": stats.get(articles, 0), "unchanged": stats.get("letopis/unchanged", 0)}
    if "finish_reason" not in stats:
        raise Complaint(Exit.SOFTWARE, "the crawl did not begin: the log above says why")
    sys.stderr.write(
        f"{crawler.spidercls.name}, replayed from {', '.join(crawler.settings.getlist('REPLAY'))}: {outcomes['article']} articles, "
        f"{outcomes['unchanged']} unchanged, {stats.get('letopis/rejected', 0)} rejected, {misses}\n"
    )
    for url, reason in unread.items():
        sys.stderr.write(f"not read: {url}: {reason}\n")
    code = exit_of(stats["finish_reason"], unread, outcomes, stats.get("spider_exceptions/count", 0))
    code = with_feeds(crawler, code)
    if not stats.get(MISSES) or code not in {Exit.OK, Exit.UNAVAILABLE}:
        return code
    lacking = f"{stats[MISSES]} of {stats['downloader/request_count']} requests are not held there"
    sys.stderr.write(
        f"this is not the whole crawl: {lacking}; the log names each in a warning{_remedy(crawler)}\n"
    )
    return Exit.DATA


def _remedy(crawler: Crawler) -> str:
    if getattr(crawler, "repeated", None):
        return ""
    return ". To repeat a crawl name its snapshot alone; else say the days that are held: -a since=DAY -a until=DAY"
