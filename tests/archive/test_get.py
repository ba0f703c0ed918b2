"""Bringing snapshots home from each kind of store, in spite of whatever breaks."""

import multiprocessing
import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from archive import chain
from archive.get import Got, Progress, get
from archive.local import SCRATCH, Directory
from archive.manifest import digest
from archive.objects import DamagedError, Store, StoreError
from archive.reading import lines
from archive.snapshot import UnknownSnapshotError, key_of
from archive.store import open_store
from archive.verify import verify_chain, verify_files
from tests.archive.gateway import EVER, Gateway, gateway
from tests.archive.published import FIRST, LARGE, OTHER, SECOND, everything, published
from tests.seaweed import Server, lead


@pytest.fixture(scope="module")
def way(seaweed: Server, kept: Directory) -> Iterator[Gateway]:
    """The same store in a bucket, and published by a web server."""
    with pytest.MonkeyPatch.context() as patch:
        lead(patch, seaweed.environment())
        bucket = open_store(f"s3://{seaweed.bucket}/published")
        for stored in kept.list():
            bucket.put(stored.key, kept.root / stored.key)
        with gateway(seaweed, public=True) as between:
            yield between


@pytest.fixture(params=["directory", "s3", "https"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "directory":
        return request.getfixturevalue("kept")
    between: Gateway = request.getfixturevalue("way")
    if request.param == "https":
        return open_store(f"{between.endpoint}/{between.behind.bucket}/published")
    lead(request.getfixturevalue("monkeypatch"), between.behind.environment())
    return open_store(f"s3://{between.behind.bucket}/published")


def test_everything_is_brought_home_as_a_store_that_verifies(
    store: Store, kept: Directory, tmp_path: Path
) -> None:
    got = get(store, tmp_path, what="all")
    assert everything(tmp_path) == published(kept)
    local = open_store(str(tmp_path))
    for snapshot in (FIRST, SECOND, OTHER):
        assert list(verify_files(local, snapshot)) == []
    assert [list(verify_chain(local, site)) for site in ("chronik", "blatt")] == [[], []]
    assert (got.snapshots, got.files) == (3, got.fetched_files)
    assert got.bytes == got.fetched_bytes > LARGE


def test_a_second_run_fetches_only_what_is_missing_or_damaged(
    store: Store, kept: Directory, tmp_path: Path
) -> None:
    first = get(store, tmp_path, what="all")
    again = get(store, tmp_path, what="all")
    assert again == Got(first.snapshots, first.files, first.bytes, fetched_files=0, fetched_bytes=0)
    gone, damaged = (
        tmp_path / key_of(FIRST, "report.json"),
        tmp_path / key_of(SECOND, f"warc/{SECOND}-00000.warc.gz"),
    )
    gone.unlink()
    size = damaged.stat().st_size
    with damaged.open("r+b") as stream:
        stream.seek(size // 2)
        stream.write(b"\0\0\0\0")
    repaired = get(store, tmp_path, what="all")
    assert (repaired.fetched_files, repaired.fetched_bytes) == (2, size + gone.stat().st_size)
    assert everything(tmp_path) == published(kept)


def test_articles_alone_are_little_and_can_be_read(store: Store, tmp_path: Path) -> None:
    got = get(store, tmp_path)
    assert got.fetched_bytes < LARGE / 10
    assert [article["headline"] for article in lines(Directory(tmp_path), FIRST)] == [
        "Заголовок",
        "Заголовок",
    ]
    assert {path.name for path in (tmp_path / key_of(FIRST)).iterdir()} == {
        "articles.jsonl.gz",
        "manifest.json",
    }
    missing = {finding.place for finding in verify_files(Directory(tmp_path), FIRST)}
    assert key_of(FIRST, "articles.jsonl.gz") not in missing
    assert get(store, tmp_path, what="warc").fetched_bytes > LARGE
    assert {path.name for path in (tmp_path / key_of(FIRST)).iterdir()} == {"articles.jsonl.gz", "index.cdx.gz", "index.idx", "manifest.json", "warc"}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_interrupted_at_random_ten_times_it_ends_with_the_same_files_and_fetches_nothing_twice(
    seed: int, store: Store, kept: Directory, tmp_path: Path
) -> None:
    chance, fetched, size = random.Random(seed), [], sum(stored.size for stored in kept.list())
    for _ in range(10):
        seen: list[Progress] = []
        with suppress(KeyboardInterrupt):
            get(
                store, tmp_path, what="all", progress=_interrupting(seen, chance.randrange(size // 8)), jobs=3
            )
        fetched.append(seen[-1].fetched)
    fetched.append(get(store, tmp_path, what="all").fetched_bytes)
    assert everything(tmp_path) == published(kept)
    assert sum(fetched) == sum(
        stored.size for stored in kept.list() if stored.key.startswith(("snapshots/", "chain/"))
    )
    assert not (tmp_path / SCRATCH).exists()


def _interrupting(seen: list[Progress], limit: int) -> Callable[[Progress], None]:
    def hear(progress: Progress) -> None:
        seen.append(progress)
        if progress.fetched > limit:
            raise KeyboardInterrupt

    return hear


@pytest.mark.parametrize("limit", [0, 3_000, LARGE // 2])
def test_killed_it_goes_on(limit: int, way: Gateway, kept: Directory, tmp_path: Path) -> None:
    uri = f"{way.endpoint}/{way.behind.bucket}/published"
    child = multiprocessing.get_context("spawn").Process(target=_get_and_die, args=(uri, tmp_path, limit))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert everything(tmp_path) != published(kept)
    get(open_store(uri), tmp_path, what="all")
    assert everything(tmp_path) == published(kept)


def _get_and_die(uri: str, folder: Path, limit: int) -> None:
    def hear(progress: Progress) -> None:
        if progress.fetched > limit:
            os.kill(os.getpid(), signal.SIGKILL)

    get(open_store(uri), folder, what="all", progress=hear)


def test_what_a_broken_off_file_holds_is_not_believed(store: Store, kept: Directory, tmp_path: Path) -> None:
    key = key_of(SECOND, f"warc/{SECOND}-00000.warc.gz")
    part = tmp_path / SCRATCH / f"{key.replace('/', '+')}.part"
    for wrong in (b"\0" * 1000, b"\0" * 2 * LARGE):
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(wrong)
        (tmp_path / key).unlink(missing_ok=True)
        get(store, tmp_path, what="all")
        assert everything(tmp_path) == published(kept)


def test_progress_ends_with_all_there_is_and_tells_rate_and_time_left(
    kept: Directory, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    got = get(kept, tmp_path, what="all", progress=seen.append, jobs=1)
    last = seen[-1]
    assert (last.files, last.bytes, last.fetched) == (last.of_files, last.of_bytes, got.fetched_bytes) == (got.files, got.bytes, got.bytes)  # fmt: skip
    assert last.rate == last.fetched / last.seconds
    assert last.left == 0
    assert [each.bytes for each in seen] == sorted(each.bytes for each in seen)
    assert Progress(0, 4, 0, 100, 0, 0.0).left is None
    assert Progress(1, 4, 50, 100, 25, 5.0).left == 10


def test_faults_on_the_way_are_survived(way: Gateway, kept: Directory, tmp_path: Path) -> None:
    way.faults["get"] = ["cut", "500", "", "refused", "", "503", "unheard", *["cut", ""] * 9]
    get(open_store(f"{way.endpoint}/{way.behind.bucket}/published"), tmp_path, what="all", jobs=2)
    assert everything(tmp_path) == published(kept)
    assert way.faults["get"] == []


def test_a_lying_store_is_caught_and_all_else_comes(kept: Directory, tmp_path: Path) -> None:
    damaged, lost = key_of(FIRST, "report.json"), key_of(OTHER, "index.idx")
    store = Directory(tmp_path / "lying")
    for stored in kept.list():
        store.put(stored.key, kept.root / stored.key)
    store.put(damaged, b"x" * kept.stat(damaged).size)  # type: ignore[union-attr]
    store.delete(lost)
    with pytest.raises(
        StoreError, match=r"2 of \d+ files are not to be had; the first: file:.*(gives other bytes|holds no)"
    ):
        get(store, tmp_path / "home", what="all")
    assert published(kept).keys() - everything(tmp_path / "home").keys() == {
        damaged,
        lost,
    }
    assert list((tmp_path / "home" / SCRATCH).iterdir()) == []


def test_a_damaged_manifest_keeps_no_other_snapshot_from_coming(kept: Directory, tmp_path: Path) -> None:
    store = Directory(tmp_path / "data")
    shutil.copytree(kept.root, store.root)
    store.put(key_of(FIRST, "manifest.json"), b"{")
    with pytest.raises(DamagedError, match=r"1 of \d+ files are not to be had; the first: .*manifest\.json"):
        get(store, tmp_path / "home", what="all")
    home = Directory(tmp_path / "home")
    assert list(home.list(key_of(FIRST))) == []
    assert [list(verify_files(home, snapshot)) for snapshot in (SECOND, OTHER)] == [[], []]


def test_a_store_that_fails_for_good_ends_it_at_once(way: Gateway, tmp_path: Path) -> None:
    store = open_store(f"{way.endpoint}/{way.behind.bucket}/published")
    list(store.list("chain/"))
    way.calls.clear()
    way.faults["get"] = ["", "", "", *["expired"] * EVER]
    try:
        with pytest.raises(StoreError, match="the server answers 403"):
            get(store, tmp_path, what="all", jobs=1)
        assert len(way.calls) < 8
    finally:
        way.faults.clear()


def test_a_history_with_a_changed_entry_is_refused(kept: Directory, tmp_path: Path) -> None:
    store = Directory(tmp_path / "forged")
    for stored in kept.list():
        store.put(stored.key, kept.root / stored.key)
    key = "chain/site=chronik/series=main/00000001.json"
    store.put(key, (kept.root / key).read_bytes().replace(b'"links":2', b'"links":3'))
    chain.refresh(store, anew=True)
    assert digest((store.root / key).read_bytes()) != digest((kept.root / key).read_bytes())
    with pytest.raises(StoreError, match=r"the chain of chronik/main is broken: error: .*00000002\.json"):
        get(store, tmp_path / "home")


def test_two_do_not_write_into_one_folder(kept: Directory, tmp_path: Path) -> None:
    def another(_: Progress) -> None:
        with pytest.raises(StoreError, match="another `letopis get` is writing to"):
            get(kept, tmp_path)

    get(kept, tmp_path, progress=another)


def test_what_is_not_there_is_told(kept: Directory, tmp_path: Path) -> None:
    with pytest.raises(UnknownSnapshotError, match="holds no snapshot of nobody; see `letopis snapshots`"):
        get(kept, tmp_path, site="nobody")
    with pytest.raises(StoreError, match="'pictures' is nothing to get; name articles, warc, all"):
        get(kept, tmp_path, what="pictures")  # type: ignore[arg-type]
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match="is no folder that can be written to"):
        get(kept, blocked)
