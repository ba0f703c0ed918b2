"""Two crawls of one site from two work folders against one store: one runs; where both do, history has both."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from archive.chain import history
from crawler.exits import Exit
from tests.crawler.day import DAY
from tests.crawler.gazeta import HOME
from tests.faults.nursery import Ended, Nursery
from tests.faults.ordeal import pass_the_quarter_of_an_hour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.ordeal import Ordeal

WHOLE = 10**9
"""Nothing of a crawl goes up before it has ended: of one that had sent something its rival would bring that into history."""
MIDDLE = f"{HOME}/n/4"


class Slow:
    """A crawl that waits for its server in the middle, while something is done to it."""

    def __init__(self, it: Ordeal) -> None:
        self._it = it
        self._there, self._go_on = threading.Event(), threading.Event()
        self._ended: list[Ended] = []
        it.played.answers[MIDDLE] = replace(DAY[MIDDLE], before=self._wait)
        self._thread = threading.Thread(target=lambda: self._ended.append(it.crawl()))

    def __enter__(self) -> None:
        self._thread.start()
        assert self._there.wait(60)
        self._it.played.answers[MIDDLE] = DAY[MIDDLE]

    def __exit__(self, *_: object) -> None:
        self._go_on.set()
        self._thread.join()

    @property
    def ended(self) -> Ended:
        return self._ended[0]

    def _wait(self) -> None:
        self._there.set()
        assert self._go_on.wait(60)


@pytest.fixture(scope="module")
def rival() -> Iterator[Nursery]:
    with Nursery() as process:
        yield process


def other(it: Ordeal, rival: Nursery) -> Ended:
    """The same crawl from another work folder, in another process."""
    return replace(it, nursery=rival).crawl(work="./work-other")


def test_of_two_crawls_at_once_one_runs_and_the_other_says_so(
    trial: Callable[..., Any], rival: Nursery, tmp_path: Path
) -> None:
    with trial(tmp_path) as it:
        it.warc_size = WHOLE
        first = Slow(it)
        with first:
            refused = other(it, rival)
        assert (first.ended.code, refused.code) == (Exit.OK, Exit.TEMPORARY)
        assert "is being crawled" in refused.err
        assert len(history(it.store, "gazeta")) == 1
        assert (it.lost(), it.amiss()) == ([], [])


def test_of_two_crawls_that_both_commit_none_is_lost(
    trial: Callable[..., Any], rival: Nursery, tmp_path: Path
) -> None:
    with trial(tmp_path) as it:
        it.warc_size = WHOLE
        first = Slow(it)
        with first:
            pass_the_quarter_of_an_hour(it)
            second = other(it, rival)
        assert (first.ended.code, second.code) == (Exit.OK, Exit.OK), first.ended.err + second.err
        entries = history(it.store, "gazeta")
        assert [entry.number for entry in entries] == [1, 2]
        assert [entry.snapshot in second.out for entry in entries] == [True, False]
        assert entries[1].previous == entries[0].sha256
        assert (it.lost(), it.amiss()) == ([], [])


def test_the_lease_of_a_dead_crawl_ends_and_what_it_had_is_added(
    trial: Callable[..., Any], tmp_path: Path
) -> None:
    with trial(tmp_path) as it:
        it.warc_size = WHOLE
        assert it.crawl({"how": "kill", "phase": "crawl", "step": 90}).code == -signal.SIGKILL
        refused = it.crawl(work="./work-other")
        assert (refused.code, "is being crawled" in refused.err) == (Exit.TEMPORARY, True)
        pass_the_quarter_of_an_hour(it)
        assert it.crawl(work="./work-other").code == Exit.OK
        assert it.recover().code == 0
        assert [told["status"] for told in it.snapshots()] == ["complete", "partial"]
        assert len(it.lost()) <= 1
        assert it.amiss() == []
