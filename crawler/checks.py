"""The item pipeline of a crawl: what the schema refuses does not reach feeds, and how full each field was."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem, NotConfigured

from schemas import errors

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from schemas import Fault

logger = logging.getLogger(__name__)


class Checks:
    """Checks articles of any ItemAdapter kind against the newest article schema and counts their fields.

    Refused items and second editions of one article are dropped from live feeds only: sealing derives both from the
    records again, and keeps what was refused in rejects.jsonl.gz.

    Stats: ``letopis/articles``, ``letopis/rejected``, ``letopis/duplicates``, ``letopis/field/<name>`` (articles that have it),
    ``letopis/fault/<path> <rule>``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._seen: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the pipeline of one crawl; raises NotConfigured for a spider whose items are no articles of ours."""
        if not getattr(crawler.spidercls, "pages", ()):
            raise NotConfigured
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Return the item as it came; raises DropItem."""
        article = ItemAdapter(item).asdict()
        name = article.get("identifier") or article.get("url")
        if faults := faults_of(article):
            self._count_faults(faults)
            logger.warning("Rejected: %s: %s", name, "; ".join(fault.message for fault in faults))
            raise DropItem("refused by the article schema", log_level="DEBUG")
        if name in self._seen:
            self._stats.inc_value("letopis/duplicates")
            raise DropItem("the article is kept from another page", log_level="DEBUG")
        self._seen.add(str(name))
        self._stats.inc_value("letopis/articles")
        for field, value in article.items():
            if value not in (None, "", [], {}):
                self._stats.inc_value(f"letopis/field/{field}")
        return item

    def _count_faults(self, faults: list[Fault]) -> None:
        self._stats.inc_value("letopis/rejected")
        for fault in faults:
            self._stats.inc_value(f"letopis/fault/{fault.path} {fault.rule}")


def faults_of(article: dict[str, Any]) -> list[Fault]:
    """Return an article's faults; one that was not recorded (`scrapy parse`) is not asked for its record."""
    recorded = "recordId" in article.get("capture", {})
    return [
        fault for fault in errors("article", article) if recorded or not fault.path.startswith("/capture")
    ]
