"""A crawl of what an archive holds: nothing is asked of a site, nothing is recorded, and a named snapshot is crawled as it was."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from archive.chain import manifest
from archive.holdings import Snapshots
from archive.objects import StoreError
from archive.record import BrokenRecordError
from archive.snapshot import site_of
from crawler.continuing import HELD, Continued, entries
from crawler.exits import Complaint, Exit
from crawler.finish import exit_of
from crawler.held import held
from crawler.replay import MISSES
from crawler.route import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scrapy.crawler import Crawler, CrawlerProcessBase

    from archive.objects import Store


@dataclass(slots=True)
class Repeated:
    """The circumstances of a crawl that is repeated: its snapshot, "now", arguments, and what it took over from another one."""

    snapshot: str
    start: Mapping[str, Any] = field(default_factory=dict)
    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, snapshot: str) -> Self:
        """The circumstances as the snapshot's journal tells them; raises StoreError, BrokenRecordError."""
        found = cls(snapshot)
        found._learn(entries(store, manifest(store, snapshot)))
        return found

    @property
    def clock(self) -> datetime:
        """The crawl's "now"."""
        return datetime.fromisoformat(self.start["clock"])

    @property
    def rehearsal(self) -> bool:
        """Whether a local server stood in for the site."""
        return bool(self.start["rehearsal"])

    @property
    def arguments(self) -> dict[str, str]:
        """The spider arguments as a command line has them."""
        told: dict[str, Any] = self.start["arguments"]
        return {name: " ".join(said) if isinstance(said, list) else str(said) for name, said in told.items()}

    @property
    def continued(self) -> Continued | None:
        """What the crawl took over from the snapshot that it continued."""
        if not self.start["continues"]:
            return None
        answered = frozenset(name for name, decision in self.decisions.items() if decision == HELD)
        return Continued(self.start["continues"], tuple(self.open.values()), answered, frozenset())

    def _learn(self, journal: Iterable[Any]) -> None:
        """Take what was said before the first article was fetched."""
        for said in journal:
            match said["kind"]:
                case "start":
                    self.start = said
                case "decision":
                    for link in said["links"]:
                        self.decisions[link["identifier"]] = link["decision"]
                        if "announced" in link:
                            self.open.setdefault(link["identifier"], link)
                case "fetch" if said["link"]:
                    return


def crawl(process: CrawlerProcessBase, crawler: Crawler, arguments: Mapping[str, str]) -> Exit:
    """Crawl what REPLAY names and say how it went; the exit code is that of a crawl that found the same.

    Where REPLAY names one snapshot, its crawl is repeated with its clock and, unless others are given, its arguments.
    """
    try:
        repeated = _repeated(crawler)
    except ConfigError as error:
        raise Complaint(Exit.CONFIG, str(error)) from error
    except (StoreError, BrokenRecordError) as error:
        raise Complaint(Exit.IO, str(error)) from error
    if repeated:
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
    stats: dict[str, Any] = crawler.stats.get_stats() if crawler.stats else {}
    unread = getattr(crawler.spider, "unread", {})
    outcomes = {"article": stats.get("letopis/articles", 0), "unchanged": stats.get("letopis/unchanged", 0)}
    if "finish_reason" not in stats:
        raise Complaint(Exit.SOFTWARE, "the crawl did not begin: the log above says why")
    sys.stderr.write(
        f"{crawler.spidercls.name}, replayed from {', '.join(crawler.settings.getlist('REPLAY'))}: {outcomes['article']} articles, "
        f"{outcomes['unchanged']} unchanged, {stats.get('letopis/rejected', 0)} rejected, {stats.get(MISSES, 0)} not archived\n"
    )
    for url, reason in unread.items():
        sys.stderr.write(f"not read: {url}: {reason}\n")
    return exit_of(stats["finish_reason"], unread, outcomes, stats.get("spider_exceptions/count", 0))
