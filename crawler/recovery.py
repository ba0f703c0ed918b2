"""What crashes left, finished with the sites and readers that are at hand here."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.adopt import adopt
from archive.objects import StoreError
from archive.record import records
from archive.recover import Recovered, clear, recover
from archive.seal import segments
from crawler.derive import deriver
from crawler.finish import facts_of, keep_reader
from crawler.foreign import items_deriver
from crawler.reader import reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.settings import BaseSettings
    from scrapy.spiderloader import SpiderLoaderProtocol

    from archive.manifest import Facts
    from archive.objects import Store
    from archive.seal import Derive
    from archive.snapshot import Work


def recovered(
    store: Store, settings: BaseSettings, loader: SpiderLoaderProtocol, site: str | None = None
) -> Iterator[Recovered]:
    """Finish what dead crawls of a site, or of all, left under the setting WORK, or in the store where their machine is gone.

    What was given up in the store is cleared, too. Yields what was done, nothing where nothing was left. Raises StoreError.
    """

    def reading(work: Work) -> tuple[Derive, Facts]:
        return _reading(store, settings, loader, work)

    work_root = Path(settings["WORK"])
    yield from recover(store, work_root, reading, site)
    yield from adopt(store, work_root, reading, site)
    try:
        yield from clear(store, datetime.now(UTC), site)
    except StoreError as error:  # a crawl may well be allowed to write where it may not clear
        yield Recovered(store.uri, f"could not be cleared: {error}", finished=False)


def _reading(
    store: Store, settings: BaseSettings, loader: SpiderLoaderProtocol, work: Work
) -> tuple[Derive, Facts]:
    """What reads a work folder, its sources kept in the store, and what its manifest shall say; raises LookupError."""
    if work.site not in loader.list():
        remedy = f"`scrapy crawl {work.site}` in the project that crawled it finishes this"
        raise LookupError(f"no site {work.site} is known here; {remedy}")
    site: Any = loader.load(work.site)
    by = reader(site) if hasattr(site, "pages") else None
    facts = facts_of(settings, by)
    facts["settings"] = _settings(work) or facts["settings"]
    if by is None:
        return items_deriver(work.site), facts
    keep_reader(store, by)
    return deriver(site, by.identity), facts


def _settings(work: Work) -> str | None:
    """The digest of the settings that the crawl had, from its own record of them."""
    for path in segments(work)[:1]:
        for record in records(path):
            if record.type == "resource" and (record.url or "").endswith(":settings"):
                shown = json.dumps(json.loads(record.block), sort_keys=True, ensure_ascii=False)
                return hashlib.sha256(shown.encode()).hexdigest()
            if record.type == "response":
                break
    return None
