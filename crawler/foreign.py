"""Spiders that are not Letopis's own: their items go into the journal, and come out of it when the crawl is sealed."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.serialize import ScrapyJSONEncoder

from archive.journal import entry
from archive.ledger import Derived, Outcome
from crawler.recorder import recorder_of, stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.record import Record
    from archive.seal import Derive

logger = logging.getLogger(__name__)


class Items:
    """Journals the items that have passed the pipelines of a recorded crawl, of any kind that ItemAdapter knows.

    A signal's errors are swallowed by Scrapy, so one here ends the crawl as "recording_failed".
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.item_scraped, signals.item_scraped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the extension of one crawl; raises NotConfigured for our own spiders, and where nothing is recorded."""
        if not crawler.settings.get("RECORD") or hasattr(crawler.spidercls, "pages"):
            raise NotConfigured
        return cls(crawler)

    def spider_opened(self, spider: Spider) -> None:
        """Journal what the crawl was told."""
        settings = self._crawler.settings
        if recorder := recorder_of(self._crawler):
            recorder.journal.start(
                site=spider.name,
                series=settings.get("SERIES", "main"),
                arguments={},
                clock=recorder.clock().isoformat(),
                sources=[],
                rehearsal=bool(settings.getdict("CONNECT_TO")),
            )

    def item_scraped(self, item: Any, response: Response | None) -> None:
        """Journal an item beside the response that it was made of."""
        try:
            captured = response.meta.get("captured") if response is not None and response.request else None
            said = json.loads(ScrapyJSONEncoder().encode(ItemAdapter(item).asdict()))
            if recorder := recorder_of(self._crawler):
                recorder.journal.item(said, response=captured.record_id if captured else None)
        except Exception:
            logger.exception("An item could not be journalled")
            stop(self._crawler)


def items_deriver(site: str) -> Derive:
    """Return the function that reads the items back: one line each, {"identifier", "url", "item", "capture"}."""

    def derive(records: Iterable[Record]) -> Iterator[Derived]:
        snapshot, captures = "", {}
        numbers: Counter[str] = Counter()
        for record in records:
            if record.type == "response":
                captures[record.id] = _capture(record)
            elif (said := entry(record)) and said["kind"] == "start":
                snapshot = said["snapshot"]
            elif said and said["kind"] == "item":
                response = said["response"] or record.id
                numbers[response] += 1
                name = f"{site}:{response.removeprefix('urn:uuid:')}/{numbers[response]}"
                yield _derived(
                    record, said["item"], name, {"snapshot": snapshot, **captures.get(response, {})}
                )

    return derive


def _capture(record: Record) -> dict[str, Any]:
    where = asdict(record.address)
    return {
        "recordId": record.id,
        "warcFile": where["file"],
        "offset": where["offset"],
        "length": where["length"],
        "payloadDigest": record.get("WARC-Payload-Digest"),
        "httpStatus": record.message.status,
        "retrievedAt": record.date,
        "url": record.url,
    }


def _derived(record: Record, item: dict[str, Any], name: str, capture: dict[str, Any]) -> Derived:
    url = item.get("url") if isinstance(item.get("url"), str) else capture.pop("url", None)
    capture.pop("url", None)
    line = {"identifier": name, "url": url, "item": item, "capture": capture}
    article = {key: value for key, value in line.items() if value is not None}
    return Derived(None, Outcome.ARTICLE, record.address, record.id, article=article)
