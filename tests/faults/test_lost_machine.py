"""A machine that is lost in the middle of a crawl with all it had: what it had sent is brought into history by another one."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from archive.chain import history
from archive.record import records
from archive.recover import clear
from crawler.exits import Exit
from tests.faults.afterwards import gone_on_with
from tests.faults.ordeal import pass_the_quarter_of_an_hour
from tests.proving import some

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.conftest import Undisturbed
    from tests.faults.ordeal import Ordeal

COUNT = 12
CASES = [
    (kind, (phase, number))
    for kind in ("directory", "s3")
    for phase in ("crawl", "seal", "upload")
    for number in range(COUNT)
]


@pytest.mark.proof("a machine that is lost takes with it only what it had not sent")
@pytest.mark.parametrize(("kind", "point"), some(CASES, 1), scope="module", ids=str)
def test_a_machine_that_is_lost_takes_with_it_only_what_it_had_not_sent(
    point: tuple[str, int],
    trial: Callable[..., Any],
    undisturbed: Undisturbed,
    suffered: Callable[[str, int], None],
    tmp_path: Path,
) -> None:
    phase, number = point
    with trial(tmp_path) as it:
        step = number * undisturbed.steps[phase] // COUNT
        assert it.crawl({"how": "kill", "phase": phase, "step": step}).code == -signal.SIGKILL
        there = (tmp_path / "work").exists()
        if there:
            (tmp_path / "work").rename(tmp_path / "lost")
        sent = _sent(it)
        if list(it.store.list("leases/")):
            pass_the_quarter_of_an_hour(it)
        recovered = it.recover()
        assert recovered.code == 0, recovered.out + recovered.err
        list(clear(it.store, datetime.now(UTC) + timedelta(days=40)))  # a claim of which nothing ever came
        suffered(f"work folder lost in {phase} (of what had been sent)", (sent - it.recorded()).total())
        assert it.recorded() == sent
        assert it.amiss() == []
        gone_on_with(it, undisturbed)
        if there:
            _come_back(it, tmp_path / "lost")


def _sent(it: Ordeal) -> Counter[str]:
    """The URLs of the exchanges that lie in the store, in history or not."""
    found: Counter[str] = Counter()
    for stored in it.store.list("snapshots/"):
        if stored.key.endswith(".warc.gz"):
            with it.store.open(stored.key) as stream:
                name = stored.key.rpartition("/")[2]
                found.update(str(each.url) for each in records(stream, name) if each.type == "response")
    return found


def _come_back(it: Ordeal, lost: Path) -> None:
    """The machine was not lost at all: its folder changes nothing in history any more, and is kept where it holds more."""
    before = history(it.store, "gazeta")
    lost.rename(lost.with_name("work"))
    assert it.recover().code in (Exit.OK, Exit.IO)
    assert history(it.store, "gazeta")[: len(before)] == before
