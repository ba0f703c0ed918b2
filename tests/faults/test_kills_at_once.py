"""Crawls that are killed, or whose disk is full, while several hosts answer at once, so that one write holds the exchanges of several."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.crawler.gazeta import AMP, HOME, Answer, article, listing, moved, rss
from tests.faults.afterwards import TOLD, gone_on_with
from tests.faults.conftest import Undisturbed
from tests.proving import some

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.ordeal import Ordeal

HOSTS = (HOME, AMP, "http://kazan.gazeta.example", "http://omsk.gazeta.example")
PAUSE = 0.25
"""Seconds for which an answer waits for others to go with; where nobody comes it goes alone."""
POINTS = 18
CASES = [(kind, number) for kind in ("directory", "s3") for number in range(POINTS)]


class Chorus:
    """Answers that wait for one another, until each host has one; `full` is how often that was so."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = self._round = self.full = 0

    def wait(self) -> None:
        """Return when all hosts have come, or nobody comes any more."""
        with self._changed:
            now = self._round
            self._waiting += 1
            self.full += self._waiting == len(HOSTS)
            if self._waiting == len(HOSTS) or not self._changed.wait_for(lambda: self._round != now, PAUSE):
                self._waiting, self._round = 0, self._round + 1
                self._changed.notify_all()


def day(chorus: Chorus) -> dict[str, Answer]:
    """The day of a site on four hosts, whose articles come together."""
    urls = {number: f"{HOSTS[number % len(HOSTS)]}/n/{number}" for number in (*range(1, 17), 30)}
    pages = {url: article(f"Новость {number}") for number, url in urls.items()}
    pages |= {urls[3]: moved(urls[30]), urls[6]: Answer(status=410), urls[9]: Answer(status=404)}
    pages = {url: replace(page, before=chorus.wait) for url, page in pages.items()}
    feed = rss(*((urls[n], f"Новость {n}") for n in range(1, 17)))
    return {f"{HOME}/rss": feed, f"{HOME}/news/": listing(urls[1], urls[2])} | pages


def begun(it: Ordeal) -> Ordeal:
    it.at_once = len(HOSTS)
    return it


@pytest.fixture(scope="module")
def undisturbed(trial: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    chorus = Chorus()
    with trial(tmp_path_factory.mktemp("undisturbed"), day=day(chorus)) as it:
        ended = begun(it).crawl()
        assert (ended.code, it.lost(), it.amiss()) == (os.EX_OK, [], []), ended.err
        assert chorus.full
        return Undisturbed(it.articles(), ended.steps)


@pytest.mark.proof("a crawl of several hosts killed at any step loses at most what was in the air")
@pytest.mark.parametrize(("kind", "number"), some(CASES, 1), scope="module")
def test_of_a_crawl_of_several_hosts_only_what_is_in_the_air_can_be_lost(
    number: int,
    trial: Callable[..., Any],
    undisturbed: Undisturbed,
    suffered: Callable[[str, int], None],
    tmp_path: Path,
) -> None:
    with trial(tmp_path, day=day(Chorus())) as it:
        chance = random.Random(f"{it.uri[:2]} {number}")
        killed = begun(it).crawl(_doom("kill", number, chance, undisturbed))
        assert killed.code == -signal.SIGKILL, killed.err
        suffered("kill -9, four hosts at once", _recovered(it, undisturbed))


@pytest.mark.proof("a disk that is full while several hosts answer costs at most what was in the air")
@pytest.mark.parametrize(("kind", "number"), some(CASES[:POINTS], 1), scope="module")
def test_of_a_disk_that_is_full_while_several_hosts_answer_only_what_is_in_the_air_can_be_lost(
    number: int,
    trial: Callable[..., Any],
    undisturbed: Undisturbed,
    suffered: Callable[[str, int], None],
    tmp_path: Path,
) -> None:
    with trial(tmp_path, day=day(Chorus())) as it:
        ended = begun(it).crawl(_doom("full", number, random.Random(number), undisturbed))
        assert ended.code in TOLD, ended.err
        suffered("ENOSPC, four hosts at once", _recovered(it, undisturbed))


def _doom(how: str, number: int, chance: random.Random, undisturbed: Undisturbed) -> dict[str, Any]:
    step = (number + chance.random()) * undisturbed.steps["crawl"] // POINTS
    return {"how": how, "phase": "crawl", "step": step, "share": chance.random()}


def _recovered(it: Ordeal, undisturbed: Undisturbed) -> int:
    """How many exchanges are lost beyond those that were in the air, when all is finished."""
    asked = Counter(it.played.asked)
    recovered = it.recover()
    assert recovered.code == 0, recovered.out + recovered.err
    # Scrapy asks for no fifth page before one of four came back from the handler, which is after the fsync of its exchange
    unrecorded = (asked - it.recorded()).total()
    assert unrecorded <= len(HOSTS)
    assert it.amiss() == []
    gone_on_with(it, undisturbed)
    return max(0, unrecorded - len(HOSTS))
