"""The floor of free space: a crawl stops while there is room to seal what it has."""

from __future__ import annotations

import errno
import logging
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import _schedule_coro

from archive.durable import make_folders
from archive.snapshot import NASCENT
from crawler.recorder import recorder_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

FLOOR = 2**30
"""Bytes, unless the setting DISK_FLOOR says otherwise."""
REASON = "disk_floor"


def unusable(settings: BaseSettings) -> str | None:
    """Return why no crawl can work under WORK, whatever space there is; the folder is made if it can be. A full disk is for `shortage` to tell."""
    place = Path(settings["WORK"]).absolute()
    try:
        make_folders(place)
        Path(tempfile.mkdtemp(prefix=NASCENT, dir=place)).rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return f"nothing can be written in {place}: {error.strerror}; name another folder with --work (-s WORK=)"
    return None


def shortage(settings: BaseSettings) -> str | None:
    """Return why no crawl may begin or go on: less is free where it is recorded than DISK_FLOOR asks for."""
    floor = settings.getint("DISK_FLOOR", FLOOR)
    place = Path(settings.get("RECORD") or settings["WORK"]).absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free >= floor:
        return None
    return f"{place} has {free} bytes free, DISK_FLOOR asks for {floor}: free some space or set it lower"


class Floor:
    """Stops a recorded crawl as "disk_floor", to be sealed as partial, once less space is free than DISK_FLOOR asks for.

    What waits for its turn is not asked for any more. Below the floor goes only what is on its way from other hosts at that moment: one
    answer of each, as long as DOWNLOAD_MAXSIZE lets it be.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stopped = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the extension of one crawl; raises NotConfigured where nothing is recorded."""
        if not crawler.settings.get("RECORD"):
            raise NotConfigured
        floor = cls(crawler)
        # sent when an answer is recorded, before its host is asked for the next one
        crawler.signals.connect(floor.look, signals.response_downloaded)
        return floor

    def look(self) -> None:
        """Stop the crawl if there is too little space."""
        short = None if self._stopped else shortage(self._crawler.settings)
        if short and self._crawler.engine:
            self._stopped = True
            if recorder := recorder_of(self._crawler):
                recorder.full = True
            logger.error("The crawl stops: %s", short)
            _schedule_coro(self._crawler.engine.close_spider_async(reason=REASON))
