"""The crawl after a trouble: what it adds makes the whole, and what was kept is not asked for twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.exits import Exit

if TYPE_CHECKING:
    from tests.faults.conftest import Undisturbed
    from tests.faults.ordeal import Ordeal

TOLD = {Exit.OK, Exit.UNAVAILABLE, Exit.IO, Exit.TEMPORARY}
"""How a command may end whose disk is full: with a line that says so, unless all was done before."""
ARTICLE = re.compile(r"/n/(?!3$)\d+$")
"""URLs that are asked for once; the one left out redirects, and is gone through again if its target was not reached."""


def gone_on_with(it: Ordeal, undisturbed: Undisturbed) -> None:
    """Crawl again where history is partial or empty; then all articles together are those of an undisturbed crawl."""
    before = it.snapshots()
    if not before or before[-1]["status"] == "partial":
        kept = {url for url in it.recorded() if ARTICLE.search(url)}
        it.played.answered.clear()
        after = it.crawl()
        assert after.code == 0, after.err
        # of the exchange that was being written the response may be whole, and what it was fetched for not
        assert len(kept & set(it.played.answered)) <= 1
        last = it.snapshots()[-1]
        assert (last["status"], last["continues"]) == ("complete", before[-1]["snapshot"] if before else None)
        assert it.amiss() == []
    assert it.articles() == undisturbed.articles
