"""`scrapy crawl`, recorded: the crawl's snapshot is sealed and committed when the crawler has stopped."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from archive.fingerprint import TornError
from archive.known import LOOK_BACK, Known, gather
from archive.lease import LeasedError, leased
from archive.objects import StoreError, UnknownStoreError
from archive.snapshot import claim, forget
from archive.store import open_store
from crawler import repeat
from crawler.conclude import close, conclude, not_begun
from crawler.continuing import continued
from crawler.decide import ArgumentError, Arguments
from crawler.discretion import DiscreetFormatter
from crawler.disk import shortage, unusable
from crawler.exits import Complaint, Exit
from crawler.finish import check_key
from crawler.logfile import LogFile
from crawler.politeness import refusal
from crawler.recovery import recovered
from crawler.shipping import Shipping
from crawler.stopping import Stopped, stop_at_end_of, stoppable

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from scrapy.spiderloader import SpiderLoaderProtocol

    from archive.objects import Store
    from archive.snapshot import Work

logger = logging.getLogger(__name__)

STDIN = 0
LOG_FORMAT = "%(asctime)s [%(name)s] %(levelname)s: %(message)s"


class Command(ScrapyCrawl):
    """Crawls a site, records it under WORK, and puts the sealed snapshot into STORE."""

    default_settings: ClassVar[dict[str, Any]] = {
        "STORE": "./data",
        "WORK": "./work",
        "SERIES": "main",
        "LOOK_BACK": LOOK_BACK,
    }

    def short_desc(self) -> str:
        """Return the line of `scrapy -h`."""
        return "Crawl a site, record it, and put the sealed snapshot into the store"

    def long_desc(self) -> str:
        """Return the text of `scrapy crawl -h`."""
        codes = ", ".join(f"{code.value} {code.name.lower()}" for code in Exit)
        return (
            f"{self.short_desc()}. Spider arguments: -a since=DAY -a until=DAY -a limit=N -a url=URL. "
            f"Settings: -s STORE=./data -s WORK=./work, -s LOOK_BACK={LOOK_BACK} (pages unchanged since one of so many "
            f"snapshots are not kept again). Exit codes: {codes}."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, seal, commit; `exitcode` tells how it went."""
        if len(args) != 1:
            raise UsageError("name one site: scrapy crawl SITE (letopis crawl takes several)")
        stoppable()
        if self.settings and self.settings.getbool("ATTENDED"):
            stop_at_end_of(STDIN)
        try:
            self.exitcode = self._crawl(args[0], opts.spargs)
        except Complaint as refused:
            sys.stderr.write(f"scrapy crawl {args[0]}: {refused}\n")
            self.exitcode = refused.code
        except Stopped as stopped:
            told = f"stopped by {stopped}; what was recorded stays in its work folder, and the next run finishes it"
            sys.stderr.write(f"scrapy crawl {args[0]}: {told}\n")
            self.exitcode = Exit.TEMPORARY

    def _crawl(self, site: str, arguments: dict[str, str]) -> Exit:
        spidercls = self._spider(site)
        _check_arguments(spidercls, arguments)
        assert self.crawler_process  # noqa: S101  scrapy.cmdline has set it; for mypy
        crawler = self._create_crawler(spidercls)
        if repeat.asked_for(crawler.settings):
            return repeat.crawl(self.crawler_process, crawler, arguments)
        check_key(crawler.settings)
        if complaint := refusal(crawler.settings, _urls(spidercls, arguments)):
            raise Complaint(Exit.CONFIG, complaint)
        if complaint := unusable(crawler.settings):
            raise Complaint(Exit.IO, complaint)
        store = _store(crawler.settings)
        _recover(crawler.settings, store, loader=self.crawler_process.spider_loader, site=site)
        if short := shortage(crawler.settings):
            raise Complaint(Exit.TEMPORARY, short)
        work = _claim(crawler, store)
        with ExitStack() as leases:
            _lease(leases, store, work)
            return self._recorded(crawler, arguments, store, work)

    def _recorded(self, crawler: Crawler, arguments: dict[str, str], store: Store, work: Work) -> Exit:
        """Crawl into the work folder, then seal and commit."""
        crawler.settings.set("RECORD", str(work.folder), "cmdline")
        with _Log(work, crawler.settings):
            _look_back(crawler, store, work)
            if not arguments.get("url"):
                _continue(crawler, store, work)
            assert self.crawler_process  # noqa: S101  scrapy.cmdline has set it; for mypy
            with Shipping(store, work) as shipping:
                crawler.shipping = shipping  # type: ignore[attr-defined]  # as the recorder is kept
                self.crawler_process.crawl(crawler, **arguments)
                self.crawler_process.start()
                stoppable()
                began = close(crawler)
        if not began:
            _forget(store, work)
            raise not_begun(crawler)
        return conclude(crawler, store, work)

    def _spider(self, site: str) -> type[Spider]:
        assert self.crawler_process  # noqa: S101  scrapy.cmdline has set it; for mypy
        loader = self.crawler_process.spider_loader
        try:
            return loader.load(site)
        except KeyError:
            known = ", ".join(sorted(loader.list()))
            raise Complaint(Exit.USAGE, f"no such site; known are {known}") from None


class _Log:
    """Keeps the crawl's log with its snapshot, beside wherever else it goes."""

    def __init__(self, work: Work, settings: BaseSettings) -> None:
        self._handler = LogFile(work.log, encoding="utf-8")
        self._handler.setFormatter(DiscreetFormatter(LOG_FORMAT, settings))
        # Scrapy's own handler may be set to say less; what is kept does not depend on who watches
        self._handler.setLevel(logging.INFO)

    def __enter__(self) -> None:
        logging.getLogger().addHandler(self._handler)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._handler)
        with suppress(OSError):  # a full disk: the log is cut, which is no reason to leave the crawl unsealed
            self._handler.close()


def _check_arguments(spidercls: type[Spider], arguments: dict[str, str]) -> None:
    if hasattr(spidercls, "pages"):
        try:
            Arguments.parse(arguments)
        except ArgumentError as error:
            raise Complaint(Exit.USAGE, f"-a {error}") from error


def _urls(spidercls: Any, arguments: dict[str, str]) -> list[str]:
    """Return the URLs with which a crawl would begin, as far as they are known before it does."""
    sources = (source.url for source in getattr(spidercls, "sources", ()))
    return [*arguments.get("url", "").split(), *sources, *(getattr(spidercls, "start_urls", None) or ())]


def _store(settings: BaseSettings) -> Store:
    try:
        return open_store(settings["STORE"])
    except (ValueError, UnknownStoreError) as error:
        raise Complaint(Exit.CONFIG, str(error)) from error
    except (StoreError, OSError) as error:
        raise Complaint(Exit.IO, str(error)) from error


def _recover(settings: BaseSettings, store: Store, loader: SpiderLoaderProtocol, site: str) -> None:
    """Finish what dead crawls of the site left, and say so; what cannot be finished keeps no crawl waiting."""
    try:
        for found in recovered(store, settings, loader, site):
            if found.running:  # the lease tells, if that concerns this crawl
                continue
            sys.stderr.write(f"scrapy crawl {site}: {found}\n")
    except StoreError as error:
        raise Complaint(Exit.IO, str(error)) from error


def _claim(crawler: Crawler, store: Store) -> Work:
    settings = crawler.settings
    try:
        now = datetime.now(UTC)
        return claim(store, Path(settings["WORK"]), crawler.spidercls.name, settings["SERIES"], now)
    except ValueError as error:
        raise Complaint(Exit.CONFIG, str(error)) from error
    except (StoreError, OSError) as error:
        raise Complaint(Exit.IO, str(error)) from error


def _lease(leases: ExitStack, store: Store, work: Work) -> None:
    """Hold the lease of the series until the stack is left."""
    try:
        leases.enter_context(leased(store, work))
    except LeasedError as busy:
        _forget(store, work)
        raise Complaint(Exit.TEMPORARY, str(busy)) from busy
    except StoreError as error:
        raise Complaint(Exit.IO, str(error)) from error


def _forget(store: Store, work: Work) -> None:
    """Remove a work folder that holds nothing, and its claim; where that fails now, the next recovery does it."""
    try:
        forget(store, work)
    except (StoreError, OSError) as error:
        logger.warning("%s, which holds nothing, is left to the next run: %s", work.folder, error)


def _look_back(crawler: Crawler, store: Store, work: Work) -> None:
    """Note what the site's last snapshots hold; a crawl of another project's spider asks for everything."""
    settings = crawler.settings
    if not hasattr(crawler.spidercls, "pages"):
        return
    rehearsal = bool(settings.getdict("CONNECT_TO"))
    try:
        troubles = gather(store, work, settings.getint("LOOK_BACK"), rehearsal=rehearsal)
        crawler.known = Known.of(work.folder)  # type: ignore[attr-defined]  # as the recorder is kept
    except StoreError as error:
        _forget(store, work)
        raise Complaint(Exit.IO, str(error)) from error
    for trouble in troubles:
        logger.warning(trouble)


def _continue(crawler: Crawler, store: Store, work: Work) -> None:
    """Hand the spider what the last snapshot of its series left open, if that is partial."""
    pages = getattr(crawler.spidercls, "pages", ())
    rehearsal = bool(crawler.settings.getdict("CONNECT_TO"))
    try:
        found = continued(store, work.site, work.series, pages, rehearsal=rehearsal) if pages else None
    except (StoreError, TornError, LookupError, ValueError) as error:
        logger.warning("What the last snapshot left open is not known to this crawl: %s", error)
        return
    crawler.continued = found  # type: ignore[attr-defined]  # as the recorder is kept
    if found:
        told = (found.snapshot, len(found.open), len(found.held))
        logger.info("Continues %s: %d links are open, %d answered", *told)
