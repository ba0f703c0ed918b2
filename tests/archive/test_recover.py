import multiprocessing
import re
import resource
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from archive import lease
from archive.chain import commit, history, manifest
from archive.hold import Hold
from archive.manifest import Facts
from archive.objects import Store
from archive.reading import report
from archive.record import records
from archive.recover import Recovered, clear, recover
from archive.seal import Derive, SealError, seal
from archive.snapshot import Work, claim, claim_key, forget, key_of
from archive.store import open_store
from archive.verify import verify_files
from archive.warc import NotRecorded
from tests.archive.crawled import FACTS, FEED, NOON, Crawl, crawl, derive, name, url
from tests.archive.killed import killed
from tests.proving import PROVING


def reading(_: Work) -> tuple[Derive, Facts]:
    return derive, FACTS


def store_in(folder: Path) -> Store:
    return open_store(str(folder / "data"))


def dead(folder: Path, articles: int = 3, torn: bytes = b"") -> Work:
    """A crawl that died after some articles, `torn` being what came of its last write."""
    work = claim(store_in(folder), folder / "work", "chronik", "main", NOON)
    made = Crawl(work)
    made.start()
    made.announce(FEED, *range(1, articles + 2))
    made.decide(*range(1, articles + 2))
    for number in range(1, articles + 1):
        made.fetch(number, f"{name(number)}|Заголовок {number}|Текст {number}")
    (path,) = work.warc.glob("*.open")
    with path.open("ab") as stream:
        stream.write(torn)
    gone(work, made)
    return work


def gone(work: Work, made: Crawl | None = None) -> None:
    """What the system does when the process ends."""
    assert work.hold
    work.hold.release()
    if made and made.writer._segment:
        made.writer._segment._warc.close()
        made.writer._segment._index.close()


def recovered(folder: Path) -> list[Recovered]:
    return list(recover(store_in(folder), folder / "work", reading))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "work").iterdir())


@pytest.mark.parametrize("torn", [b"", b"\x1f\x8b\x08\x00\x00", bytes(4096)])
def test_a_crawl_that_died_becomes_a_partial_snapshot(torn: bytes, tmp_path: Path) -> None:
    work = dead(tmp_path, torn=torn)
    (told,) = recovered(tmp_path)
    assert told.finished
    assert told.did.startswith("sealed as partial and committed")
    assert (f"{len(torn)} bytes of a torn record" in told.did) == bool(torn)
    store = store_in(tmp_path)
    kept = manifest(store, work.id)
    assert (kept["status"], kept["finish"], kept["counts"]["articles"]) == ("partial", "died", 3)
    assert [entry.snapshot for entry in history(store, "chronik")] == [work.id]
    assert list(verify_files(store, work.id)) == []
    assert left(tmp_path) == []
    assert recovered(tmp_path) == []


def test_a_torn_file_loses_its_last_record_at_every_byte_and_nothing_more(tmp_path: Path) -> None:
    work = dead(tmp_path / "whole", articles=1)
    (path,) = work.warc.glob("*.open")
    data, ends = path.read_bytes(), [r.address.offset + r.address.length for r in records(path)]
    for size in range(ends[-4], len(data), 97):
        copy = tmp_path / str(size)
        shutil.copytree(tmp_path / "whole", copy)
        with (copy / path.relative_to(tmp_path / "whole")).open("r+b") as stream:
            stream.truncate(size)
        (told,) = recovered(copy)
        (warc,) = (copy / "data").rglob("*.warc.gz")
        assert told.finished
        assert warc.stat().st_size == max(end for end in ends if end <= size)


def test_a_crawl_that_lives_is_left_alone(tmp_path: Path) -> None:
    work = crawl(store_in(tmp_path), tmp_path / "work")
    (told,) = recovered(tmp_path)
    assert (told.name, told.running, told.finished) == (work.id, True, False)
    assert told.did == "was left alone: its crawl is running, or being finished"
    assert left(tmp_path) == [work.id]
    gone(work)
    assert [told.finished for told in recovered(tmp_path)] == [True]


def test_only_the_crawls_of_one_site_are_looked_at_where_one_is_named(tmp_path: Path) -> None:
    work = dead(tmp_path)
    assert list(recover(store_in(tmp_path), tmp_path / "work", reading, "bote")) == []
    assert left(tmp_path) == [work.id]


def test_a_crawl_that_came_to_its_end_before_it_died_is_complete(tmp_path: Path) -> None:
    gone(crawl(store_in(tmp_path), tmp_path / "work"))
    (told,) = recovered(tmp_path)
    assert told.entry
    assert told.entry.summary["status"] == "complete"


def test_a_sealed_or_committed_folder_is_finished_and_not_made_again(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    first, second = (crawl(store, tmp_path / "work") for _ in range(2))
    commit(store, seal(first, derive, facts=FACTS))
    kept = seal(second, derive, facts=FACTS)
    gone(first)
    gone(second)

    def nobody(_: Work) -> tuple[Derive, Facts]:
        raise AssertionError

    found = list(recover(store, tmp_path / "work", nobody))
    assert [told.finished for told in found] == [True, True]
    assert [(e.snapshot, e.number) for e in history(store, "chronik")] == [(first.id, 1), (second.id, 2)]
    assert history(store, "chronik")[1].manifest == kept.sha256
    assert left(tmp_path) == []


def test_a_crawl_that_captured_nothing_is_removed_with_its_claim(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    bare, begun = (claim(store, tmp_path / "work", "chronik", "main", NOON) for _ in range(2))
    made = Crawl(begun)
    made.start()
    gone(bare)
    gone(begun, made)
    assert ["nothing had been captured" in told.did for told in recovered(tmp_path)] == [True, True]
    assert left(tmp_path) == []
    assert list(store.list("claims/")) == []


def test_a_crawl_that_only_failed_is_kept(tmp_path: Path) -> None:
    work = claim(store_in(tmp_path), tmp_path / "work", "chronik", "main", NOON)
    made = Crawl(work)
    made.start()
    for number in range(1, 4):
        made.journal.failure(link=None, url=url(number), reason="dns", message="no such host")
    gone(work, made)
    (told,) = recovered(tmp_path)
    assert told.did.startswith("sealed as partial and committed")
    assert report(store_in(tmp_path), work.id)["failures"] == {"dns": 3}
    assert list(verify_files(store_in(tmp_path), work.id)) == []


def test_a_folder_of_another_store_is_left_where_it_is(tmp_path: Path) -> None:
    work = dead(tmp_path)
    other = open_store(str(tmp_path / "other"))
    (told,) = recover(other, tmp_path / "work", reading)
    assert not told.finished
    assert f"it was not claimed in {other.uri}; name {store_in(tmp_path).uri}" in told.did
    assert left(tmp_path) == [work.id]
    assert list(other.list()) == []


def test_a_damaged_folder_is_named_and_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    work = dead(tmp_path)
    (path,) = work.warc.glob("*.open")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    other = dead(tmp_path)
    broken, sound = recovered(tmp_path)
    assert (broken.name, broken.finished) == (work.id, False)
    assert re.fullmatch(r"cannot be finished: \S+\.warc\.gz.*; all stays in \S+", broken.did)
    assert (sound.name, sound.finished) == (other.id, True)
    assert left(tmp_path) == [work.id]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (LookupError("no site chronik is known here"), "no site chronik is known here"),
        (
            PermissionError(13, "Permission denied", "/srv/letopis/work"),
            "Permission denied: /srv/letopis/work",
        ),
        (SealError("x.warc.gz is open\nyet"), "x.warc.gz is open yet"),
        (KeyError("headline"), "Letopis broke (KeyError: 'headline'), please report it"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_a_fault_of_ours_is_named(
    error: Exception, said: str, tmp_path: Path
) -> None:
    work = dead(tmp_path)

    def fails(_: Work) -> tuple[Derive, Facts]:
        raise error

    (told,) = recover(store_in(tmp_path), tmp_path / "work", fails)
    assert told.did == f"cannot be finished: {said}; all stays in {work.folder}"


@pytest.mark.parametrize("name", ["chronik-20261122T120000Z", "chronik-20261122T120000Z/warc"])
def test_what_only_has_the_name_of_a_work_folder_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "work" / name).parent.mkdir(parents=True)
    (tmp_path / "work" / name).write_bytes(b"")
    assert all("has no claim.json" in told.did for told in recovered(tmp_path))
    assert (tmp_path / "work" / name).exists()


def test_the_lease_of_a_recovered_crawl_is_given_back(tmp_path: Path) -> None:
    store, work = store_in(tmp_path), dead(tmp_path)
    lease.take(store, work)
    assert recovered(tmp_path)[0].finished
    lease.take(store, claim(store, tmp_path / "work", "chronik", "main", NOON))


def test_what_was_given_up_in_a_store_is_cleared_and_said(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    gone(crawl(store, tmp_path / "work"))
    (kept,) = recovered(tmp_path)
    orphan, loaded = (claim(store, tmp_path / "work", "bote", "main", NOON).id for _ in range(2))
    store.put(key_of(loaded, "warc/x.warc.gz"), b"")
    scratch = tmp_path / "data" / ".pending"
    (scratch / ".half").write_bytes(b"half")
    assert list(clear(store, NOON)) == []
    told = {one.name: one.finished for one in clear(store, datetime.now(UTC) + timedelta(days=400))}
    assert told == {".half": True, orphan: True, loaded: False}
    assert [Path(stored.key).stem for stored in store.list("claims/")] == [loaded, kept.name]


def test_a_folder_that_comes_back_after_its_claim_was_cleared_is_finished(tmp_path: Path) -> None:
    store, work = store_in(tmp_path), dead(tmp_path)
    (told,) = clear(store, NOON + timedelta(days=31))
    assert told.name == work.id
    assert list(store.list("claims/")) == []
    assert [told.finished for told in recovered(tmp_path)] == [True]
    assert [entry.snapshot for entry in history(store, "chronik")] == [work.id]
    assert [Path(stored.key).stem for stored in store.list("claims/")] == [work.id]


def test_a_folder_whose_claim_another_has_taken_meanwhile_is_left_alone(tmp_path: Path) -> None:
    store, work = store_in(tmp_path), dead(tmp_path)
    store.delete(claim_key(work.id))
    other = claim(store, tmp_path / "elsewhere", "chronik", "main", NOON)
    assert other.id == work.id
    assert [told.finished for told in recovered(tmp_path)] == [False]
    assert left(tmp_path) == [work.id]


def test_the_claim_of_a_crawl_that_runs_for_long_is_not_cleared(tmp_path: Path) -> None:
    store, work = store_in(tmp_path), dead(tmp_path)
    now = NOON + timedelta(days=31)
    lease.take(store, work, lambda: now)
    assert list(clear(store, now)) == []
    assert len(list(store.list("claims/"))) == 1


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
        with _limited(size):
            (told,) = recovered(folder)
        if told.finished:
            break
        full.append(folder)
    return full


class _limited:  # noqa: N801  a block
    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.RLIM_INFINITY))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


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
    with _limited(20_000), suppress(NotRecorded):
        while number := next(numbers):
            made.fetch(number, f"{name(number)}|Заголовок {number}|Текст {number}")
    gone(made.work, made)


def test_a_lock_is_one_process_s_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "claim.json"
    assert Hold.take(path) is None
    path.write_text("{}")
    first = Hold.take(path)
    assert first
    assert Hold.take(path) is None
    first.release()
    again = Hold.take(path)
    assert again
    again.release()
