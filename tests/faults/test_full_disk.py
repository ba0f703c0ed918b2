"""Disks that are full from any write on: nothing that was complete is lost, and when there is space again recover finishes."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.afterwards import TOLD, gone_on_with
from tests.faults.steps import spread
from tests.proving import some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.conftest import Undisturbed
    from tests.faults.ordeal import Ordeal

POINTS = {"directory": (30, 8, 20, 18, 12), "s3": (10, 2, 4, 2, 2)}
"""How many points of each phase are tried, evenly spread over its steps; of a bucket only the work folder can be full."""
SIZES = [*range(16, 160, 8), *range(160, 640, 60)]
"""KiB of a small file system: from no room for a claim to enough for all."""


@pytest.mark.proof("a disk that is full from any write on costs nothing that was complete")
@pytest.mark.parametrize(("kind", "point"), some(spread(POINTS), 1), scope="module", ids=str)
def test_a_crawl_whose_disk_is_full_from_any_write_on_is_finished_when_there_is_space(
    point: tuple[str, int, int],
    trial: Callable[..., Any],
    undisturbed: Undisturbed,
    suffered: Callable[[str, int], None],
    tmp_path: Path,
) -> None:
    phase, number, count = point
    with trial(tmp_path) as it:
        step = number * undisturbed.steps[phase] // count
        ended = it.crawl({"how": "full", "phase": phase, "step": step})
        assert ended.code in TOLD, ended.err
        assert ended.code or it.snapshots()
        _finished(it, undisturbed, f"ENOSPC from a write on, in {phase}", suffered)


def _finished(it: Ordeal, undisturbed: Undisturbed, fault: str, suffered: Callable[[str, int], None]) -> None:
    recovered = it.recover()
    assert recovered.code == 0, recovered.out + recovered.err
    lost = it.lost()
    suffered(fault, max(0, len(lost) - 1))
    assert len(lost) <= 1
    assert it.amiss() == []
    gone_on_with(it, undisturbed)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Callable[[int], None]]:
    """A file system of so many KiB in a folder; what is yielded makes it larger. Skips where mounting is not permitted."""
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}k", "letopis-test", str(folder)],
        check=False,
        capture_output=True,
    )
    if not mounted or mounted.returncode:
        pytest.skip("this user may not mount a tmpfs")
    try:
        yield (
            lambda larger: (
                subprocess.run(["mount", "-o", f"remount,size={larger}k", str(folder)], check=True) and None
            )
        )
    finally:
        os.chdir("/")
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.proof("a small file system that fills up costs nothing that was complete")
@pytest.mark.parametrize("kind", ["directory"], scope="module")
@pytest.mark.parametrize("size", some(SIZES, 1))
def test_a_file_system_that_really_is_full_costs_nothing_that_was_complete(
    size: int,
    trial: Callable[..., Any],
    undisturbed: Undisturbed,
    suffered: Callable[[str, int], None],
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", size) as grow, trial(tmp_path / "disk") as it:
        ended = it.crawl()
        assert ended.code in TOLD, ended.err
        grow(100_000)
        _finished(it, undisturbed, "a tmpfs that fills up", suffered)
