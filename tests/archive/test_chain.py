import multiprocessing
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import orjson
import pytest

from archive import chain, manifest
from archive.chain import commit, head, history, newest, refresh, snapshots
from archive.local import Directory
from archive.objects import Store, Stored, StoreError
from archive.seal import Sealed, seal
from archive.snapshot import UnknownSnapshotError, Work, discard, key_of
from archive.store import open_store
from archive.verify import verify_files
from schemas import errors
from tests.archive import read
from tests.archive.crawled import FACTS, Crawl, crawl, derive, sealed
from tests.archive.killed import killed

AT = datetime(2026, 11, 22, 13, tzinfo=UTC)


def committed(store: Store, root: Path, **more: str) -> chain.Entry:
    return commit(store, sealed(store, root, **more), clock=lambda: AT)


def test_a_committed_snapshot_lies_in_the_store_as_it_was_sealed(store: Store, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work")
    commit(store, made)
    for path in [*(line["path"] for line in made.manifest["files"]), "manifest.json"]:
        assert read(store, key_of(made.work.id, path)) == (made.work.folder / path).read_bytes()
    assert chain.manifest(store, made.work.id) == made.manifest


def test_an_entry_names_the_snapshot_its_manifest_and_the_entry_before(store: Store, tmp_path: Path) -> None:
    first, second = committed(store, tmp_path / "work"), committed(store, tmp_path / "work")
    assert (first.number, first.previous, first.at) == (1, None, "2026-11-22T13:00:00Z")
    assert (second.number, second.previous) == (2, first.sha256)
    assert first.key == "chain/site=chronik/series=main/00000001.json"
    assert first.manifest == store.sha256(key_of(first.snapshot, "manifest.json"))
    assert first.sha256 == store.sha256(first.key)
    assert history(store, "chronik") == [first, second]
    assert head(store, "chronik") == second
    said = orjson.loads(read(store, second.key))
    assert errors("chain", said) == []
    assert manifest.canonical(said) == read(store, second.key)


def test_the_newest_entries_come_first_and_no_more_than_asked_for(store: Store, tmp_path: Path) -> None:
    first, second, third = (committed(store, tmp_path / "work") for _ in range(3))
    assert newest(store, "chronik", count=2) == [third, second]
    assert newest(store, "chronik", count=9) == [third, second, first]
    assert newest(store, "chronik", count=0) == newest(store, "nobody", count=5) == []


def test_each_site_and_series_has_a_chain_of_its_own(store: Store, tmp_path: Path) -> None:
    entries = [
        committed(store, tmp_path / "work"),
        committed(store, tmp_path / "work", series="spring-2026"),
        committed(store, tmp_path / "work", site="bote"),
    ]
    assert [entry.number for entry in entries] == [1, 1, 1]
    assert history(store, "chronik", "spring-2026") == [entries[1]]
    assert history(store, "chronik", "autumn-2026") == []
    assert head(store, "nobody") is None
    assert list(snapshots(store)) == [entries[2], entries[0], entries[1]]


def test_a_snapshot_is_committed_once_however_often_it_is_tried(store: Store, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work")
    assert commit(store, made) == commit(store, made)
    assert len(history(store, "chronik")) == 1


def test_a_snapshot_that_was_never_committed_is_not_in_history(store: Store, tmp_path: Path) -> None:
    sealed(store, tmp_path / "work")
    assert list(snapshots(store)) == []
    with pytest.raises(UnknownSnapshotError, match="letopis snapshots"):
        chain.manifest(store, "chronik-20261122T120000Z")


def test_commits_of_many_processes_at_once_are_all_in_the_chain_in_order(
    store: Store, tmp_path: Path
) -> None:
    made = [sealed(store, tmp_path / "work", articles=1) for _ in range(6)]
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        entries = pool.map(_commit, [(store.uri, each) for each in made])
    told = history(store, "chronik")
    assert sorted(entries, key=lambda entry: entry.number) == told
    assert [entry.number for entry in told] == [1, 2, 3, 4, 5, 6]
    assert [entry.previous for entry in told[1:]] == [entry.sha256 for entry in told[:-1]]
    assert {entry.snapshot for entry in told} == {each.work.id for each in made}
    assert {orjson.loads(line)["number"] for line in read(store, "snapshots.jsonl").splitlines()} == {
        1,
        2,
        3,
        4,
        5,
        6,
    }


def _commit(job: tuple[str, Sealed]) -> chain.Entry:
    uri, made = job
    return commit(open_store(uri), made)


class Meeting(Directory):
    """A directory in which two commits are made to take the same number at the same time."""

    def __init__(self, root: Path, barrier: threading.Barrier) -> None:
        super().__init__(root)
        self._barrier = barrier
        self.refused = 0

    def create(self, key: str, data: Path | bytes) -> bool:
        if key.endswith("/00000001.json"):
            self._barrier.wait(10)
        created = super().create(key, data)
        self.refused += not created
        return created


def test_of_two_commits_that_take_the_same_number_one_takes_the_next(store: Store, tmp_path: Path) -> None:
    made = [sealed(store, tmp_path / "work", articles=1) for _ in range(2)]
    barrier = threading.Barrier(2)
    stores = [Meeting(tmp_path / "data", barrier) for _ in made]
    threads = [threading.Thread(target=commit, args=pair) for pair in zip(stores, made, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.refused for each in stores) == [0, 1]
    assert {entry.snapshot for entry in history(store, "chronik")} == {each.work.id for each in made}


def test_two_processes_that_commit_the_same_snapshot_make_one_entry(store: Store, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work")
    barrier = threading.Barrier(2)
    stores = [Meeting(tmp_path / "data", barrier) for _ in range(2)]
    threads = [threading.Thread(target=commit, args=(each, made)) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.snapshot for entry in history(store, "chronik")] == [made.work.id]


class Recording(Directory):
    """A directory that remembers the order of what was written, and can be told to keep other bytes."""

    def __init__(self, root: Path, spoiled: str = "nothing") -> None:
        super().__init__(root)
        self._spoiled = spoiled
        self.written: list[str] = []

    def put(self, key: str, source: Path | bytes) -> None:
        self.written.append(key.rpartition("/")[2])
        super().put(key, b"other bytes" if key.endswith(self._spoiled) else source)

    def create(self, key: str, data: Path | bytes) -> bool:
        self.written.append(key.rpartition("/")[2])
        return super().create(key, b"other bytes" if key.endswith(self._spoiled) else data)


def test_warcs_go_first_the_manifest_last_and_then_the_entry(store: Store, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work")
    watched = Recording(tmp_path / "data")
    commit(watched, made)
    assert watched.written == [
        "chronik-20261122T120000Z-00000.warc.gz", "articles.jsonl.gz", "rejects.jsonl.gz", "ledger.jsonl.gz", "index.cdx.gz",
        "index.idx", "report.json", "crawl.log.gz", "manifest.json", "00000001.json", "snapshots.jsonl", "latest.json",
    ]  # fmt: skip


@pytest.mark.parametrize("file", ["00000.warc.gz", "report.json", "manifest.json"])
def test_a_store_that_gives_back_other_bytes_gets_no_entry_and_the_next_try_goes_on(
    file: str, store: Store, tmp_path: Path
) -> None:
    made = sealed(store, tmp_path / "work")
    with pytest.raises(StoreError, match=rf"{file} but gives back other bytes; nothing was deleted"):
        commit(Recording(tmp_path / "data", file), made)
    assert history(store, "chronik") == []
    again = Recording(tmp_path / "data")
    commit(again, made)
    assert len(history(store, "chronik")) == 1
    assert again.written[0].endswith(file)  # what lay there whole was not sent again


def test_the_work_folder_may_go_once_the_entry_is_there(store: Store, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work")
    commit(store, made)
    discard(made.work)
    assert [entry.snapshot for entry in snapshots(store)] == [made.work.id]
    assert chain.manifest(store, made.work.id) == made.manifest


def test_the_list_repeats_the_chain_and_is_rebuilt_from_it_alone(store: Store, tmp_path: Path) -> None:
    for _ in range(3):
        committed(store, tmp_path / "work")
    listed, latest = read(store, "snapshots.jsonl"), read(store, "latest.json")
    for damage in (b"", b"{}\n", b"not JSON\n", listed[:-20], listed.replace(b'"number":2', b'"number":7')):
        store.put("snapshots.jsonl", damage)
        store.put("latest.json", damage)
        refresh(store, anew=True)
        assert (read(store, "snapshots.jsonl"), read(store, "latest.json")) == (listed, latest)


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"not JSON\n", b"[]\n"])
def test_snapshots_are_listed_though_the_list_is_damaged_or_old(
    damage: bytes, store: Store, tmp_path: Path
) -> None:
    entries = [committed(store, tmp_path / "work") for _ in range(2)]
    store.put("snapshots.jsonl", damage)
    assert list(snapshots(store)) == entries
    store.put(
        "snapshots.jsonl",
        orjson.dumps({name: getattr(entries[0], name) for name in chain.Entry.__slots__}) + b"\n",
    )
    assert list(snapshots(store)) == entries


class Counting(Directory):
    """A directory that counts how often it is read."""

    reads = 0

    def open(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        self.reads += 1
        return super().open(key, offset, length)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        return super().list(prefix)


def test_a_listing_reads_the_list_and_not_every_entry(store: Store, tmp_path: Path) -> None:
    for _ in range(3):
        committed(store, tmp_path / "work")
    counting = Counting(tmp_path / "data")
    assert len(list(snapshots(counting))) == 3
    assert counting.reads == 2  # the list, and the last entry, which proves it


def test_the_latest_snapshot_is_the_last_complete_one(store: Store, tmp_path: Path) -> None:
    complete = committed(store, tmp_path / "work")
    made = Crawl(crawl_folder(store, tmp_path))
    made.start()
    made.decide(1)
    partial = commit(store, seal(made.end("shutdown"), derive, facts=FACTS))
    assert partial.summary["status"] == "partial"
    assert orjson.loads(read(store, "latest.json"))["chronik"]["main"]["snapshot"] == complete.snapshot


def crawl_folder(store: Store, root: Path) -> Work:
    """A claimed work folder with nothing captured in it yet."""
    work = crawl(store, root / "work")
    shutil.rmtree(work.warc)
    work.warc.mkdir()
    return work


def test_an_entry_that_cannot_be_read_is_named(store: Store, tmp_path: Path) -> None:
    entry = committed(store, tmp_path / "work")
    store.put(entry.key, b"{}")
    with pytest.raises(StoreError, match=r"00000001\.json in .* is no entry of a chain"):
        history(store, "chronik")


def test_a_commit_killed_at_any_step_is_finished_by_the_next_and_is_never_there_in_part(
    store: Store, tmp_path: Path
) -> None:
    made = sealed(store, tmp_path / "work", articles=1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        folders = pool.apply(_kill_commits, (made, tmp_path / "data", tmp_path / "killed"))
    assert len(folders) > 12
    commit(store, made, clock=_one)
    for left in (open_store(str(folder)) for folder in folders):
        if history(left, "chronik"):
            assert list(verify_files(left, made.work.id)) == []
        commit(left, made, clock=_one)
        assert contents(left) == contents(store)


def _kill_commits(made: Sealed, data: Path, root: Path) -> list[Path]:
    # Three is no divisor of the four steps of a write, so that each of them is met.
    return list(killed(root, data, lambda folder: commit(open_store(str(folder)), made, clock=_one), every=3))


def _one() -> datetime:
    return AT


def contents(store: Store) -> dict[str, bytes]:
    return {stored.key: read(store, stored.key) for stored in store.list()}
