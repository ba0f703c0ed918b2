"""How a recorded crawl ends: its WARC is closed, its snapshot sealed, committed and told."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from archive.lease import LeasedError
from archive.ledger import DerivedError
from archive.objects import StoreError
from archive.record import BrokenRecordError
from archive.seal import SealError
from archive.segment import NotRecorded
from archive.sending import SupersededError
from crawler.derive import deriver
from crawler.exits import Complaint, Exit
from crawler.feeds import with_feeds
from crawler.finish import BROKEN, CAPTURED, Summary, exit_of, facts_of, finish, keep_reader
from crawler.foreign import items_deriver
from crawler.stopping import Stopped

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from archive.objects import Store
    from archive.snapshot import Work
    from crawler.reader import Reader
    from crawler.recorder import Recorder

logger = logging.getLogger(__name__)


def close(crawler: Crawler) -> bool:
    """Journal the end and close the WARC; False where nothing was ever recorded."""
    recorder: Recorder | None = getattr(crawler, "recorder", None)
    if recorder is None:
        return False
    stats = crawler.stats.get_stats()
    shown = {
        name: value if isinstance(value, int | float | str) else str(value) for name, value in stats.items()
    }
    try:
        recorder.journal.end(reason=str(stats.get("finish_reason", "died")), stats=shown)
    except (NotRecorded, OSError) as error:
        logger.error("The end of the crawl could not be recorded: %s", error)  # noqa: TRY400  its words suffice
    with suppress(NotRecorded, OSError):  # closing again what failed before changes nothing that was written
        recorder.close()
    return True


def not_begun(crawler: Crawler) -> Complaint:
    """Why nothing was recorded: the disk, if its first file could not be begun, or Letopis itself."""
    reason = crawler.stats.get_value("finish_reason") if crawler.stats else None
    code = BROKEN.get(str(reason), Exit.SOFTWARE)
    return Complaint(code, "the crawl did not begin: the log above says why")


def conclude(crawler: Crawler, store: Store, work: Work) -> Exit:
    """Seal, commit and tell; raises Complaint, and then everything stays in the work folder for the next run."""
    by: Reader | None = getattr(crawler.spider, "reader", None)
    site: Any = crawler.spidercls
    derive = deriver(site, by.identity) if by else items_deriver(work.site)
    kept = f"what was recorded stays in {work.folder}, and the next run goes on with it"
    try:
        if by:
            keep_reader(store, by)
        _, entry, report = finish(store, work, derive, facts_of(crawler.settings, by))
    except SupersededError as error:
        raise Complaint(
            Exit.IO, f"the snapshot was not committed: {error}; it is in {work.folder}"
        ) from error
    except (SealError, BrokenRecordError, OSError) as error:
        raise Complaint(Exit.IO, f"the snapshot could not be sealed: {error}; {kept}") from error
    except (StoreError, LeasedError) as error:
        raise Complaint(Exit.IO, f"the snapshot could not be committed: {error}; {kept}") from error
    except Stopped as stopped:
        raise Complaint(
            Exit.TEMPORARY,
            f"stopped by {stopped} while sealing; what was recorded stays in {work.folder}, and the next run finishes it",
        ) from stopped
    except DerivedError as error:
        raise Complaint(Exit.SOFTWARE, f"the snapshot could not be sealed: {error}; {kept}") from error
    outcomes, unread = report["outcomes"], getattr(crawler.spider, "unread", {})
    broken = crawler.stats.get_value("spider_exceptions/count", 0)
    summary = Summary(
        site=work.site,
        snapshot=work.id,
        status=report["status"],
        finish=report["finish"],
        links=report["links"],
        captured=sum(outcomes[name] for name in CAPTURED),
        articles=report["articles"],
        unchanged=outcomes["unchanged"],
        rejected=report["rejects"],
        bytes=report["warcBytes"],
        seconds=report["seconds"],
        head=entry.sha256,
        unread=tuple(f"{url}: {reason}" for url, reason in unread.items()),
        exit=with_feeds(crawler, exit_of(report["finish"], unread, outcomes, broken)),
    )
    _print(summary, as_json=crawler.settings.getbool("PROGRESS"))
    return Exit(summary.exit)


def _print(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(summary.json() + "\n")
        return
    sys.stdout.write(f"{summary}\n")
    for line in summary.unread:
        sys.stderr.write(f"not read: {line}\n")
