"""Recoveries that are killed or find the disk full: the next one finishes them."""

import multiprocessing
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from archive.chain import history
from archive.objects import Store
from archive.record import records
from archive.snapshot import claim, forget
from archive.warc import NotRecorded
from tests.archive.crawled import FEED, NOON, Crawl, name
from tests.archive.died import dead, gone, left, limited, recovered, store_in
from tests.archive.killed import killed
from tests.proving import PROVING


def test_recovering_while_others_begin_disturbs_nobody(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(_begin_and_forget, store_in(tmp_path), tmp_path / "work", 60)
        while not begun.done():
            assert all(told.running for told in recovered(tmp_path))
        begun.result()


def _begin_and_forget(store: Store, root: Path, times: int) -> None:
    for _ in range(times):
        forget(store, claim(store, root, "chronik", "main", NOON))


@pytest.mark.proof("a recovery killed at any of its steps is finished by the next")
def test_a_recovery_killed_at_any_step_is_finished_by_the_next(tmp_path: Path) -> None:
    dead(tmp_path / "pattern", torn=b"\x1f\x8b\x08\x00\x00")
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(tmp_path / "pattern", undisturbed)
    (expected,) = recovered(undisturbed)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        folders = pool.apply(_kill_everywhere, (tmp_path / "pattern", tmp_path / "killed"))
    assert len(folders) > 10
    for folder in folders:
        again = recovered(folder)
        assert all(told.finished for told in again), (folder, again)
        entries = history(store_in(folder), "chronik")
        assert [entry.manifest for entry in entries] == [expected.entry.manifest if expected.entry else ""], (
            folder
        )
        assert left(folder) == [], folder


def _kill_everywhere(pattern: Path, root: Path) -> list[Path]:
    every = 1 if PROVING else 5
    return list(killed(root, pattern, recovered, every))


def test_a_disk_that_is_full_at_any_size_of_file_costs_nothing_that_was_complete(tmp_path: Path) -> None:
    dead(tmp_path / "pattern", articles=40)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(tmp_path / "pattern", undisturbed)
    (expected,) = recovered(undisturbed)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        folders = pool.apply(_fill_disks, (tmp_path / "pattern", tmp_path / "full"))
    assert len(folders) > 5
    for folder in folders:
        (told,) = recovered(folder)
        assert told.entry
        assert expected.entry
        assert told.entry.manifest == expected.entry.manifest
        assert left(folder) == []


def _fill_disks(pattern: Path, root: Path) -> list[Path]:
    """Copies of a work folder, in each of which no file could grow beyond a size, until all could."""
    full = []
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for size in range(1, 10**6, 1500):
        shutil.copytree(pattern, folder := root / str(size))
        with limited(size):
            (told,) = recovered(folder)
        if told.finished:
            break
        full.append(folder)
    return full


def test_an_exchange_that_finds_the_disk_full_costs_none_before_it(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(partial(_crawl_until_full, tmp_path))
    (path,) = (tmp_path / "work").glob("*/warc/*.open")
    numbers = [record.url for record in records(path) if record.type == "response"]
    assert len(numbers) > 3
    (told,) = recovered(tmp_path)
    assert told.entry
    assert told.entry.summary["articles"] == len(numbers) - 1  # the first one is the feed


def _crawl_until_full(folder: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    made = Crawl(claim(store_in(folder), folder / "work", "chronik", "main", NOON))
    made.start()
    made.announce(FEED, *range(1, 100))
    made.decide(*range(1, 100))
    numbers = count(1)
    with limited(20_000), suppress(NotRecorded):
        while number := next(numbers):
            made.fetch(number, f"{name(number)}|Заголовок {number}|Текст {number}")
    gone(made.work, made)
