"""Crawls killed by SIGKILL at any step that leaves a trace, from their claim to their commit, and what is there afterwards."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.afterwards import gone_on_with
from tests.faults.steps import PHASES, spread
from tests.proving import some

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.conftest import Undisturbed
    from tests.faults.ordeal import Ordeal

POINTS = {"directory": (24, 8, 20, 20, 16), "s3": (24, 6, 16, 12, 14)}
"""How many points of each phase are tried, evenly spread over its steps."""


@pytest.mark.proof("a crawl killed at any step loses at most the exchange that was being written")
@pytest.mark.parametrize(("kind", "point"), some(spread(POINTS), 3), scope="module", ids=str)
def test_a_crawl_killed_at_any_step_is_recovered_and_gone_on_with(
    point: tuple[str, int, int],
    trial: Callable[..., Any],
    undisturbed: Undisturbed,
    suffered: Callable[[str, int], None],
    tmp_path: Path,
) -> None:
    phase, number, count = point
    with trial(tmp_path) as it:
        step = number * undisturbed.steps[phase] // count
        killed = it.crawl({"how": "kill", "phase": phase, "step": step})
        assert killed.code == -signal.SIGKILL, killed.err
        _recovered(it, random.Random(f"{it.uri[:2]} {point}"))
        lost = it.lost()
        suffered(f"kill -9 in {phase}", max(0, len(lost) - 1))
        assert len(lost) <= 1
        assert it.amiss() == []
        gone_on_with(it, undisturbed)


def _recovered(it: Ordeal, chance: random.Random) -> None:
    """By `letopis recover`, which is killed itself every other time, or by the next crawl, for which there is no space."""
    if chance.random() < 0.5:
        doom = {"how": "kill", "phase": chance.choice(PHASES), "step": chance.randrange(10)}
        assert it.recover(doom=doom).code in (0, -signal.SIGKILL)
    ended = it.recover()
    assert ended.code == 0, ended.out + ended.err
