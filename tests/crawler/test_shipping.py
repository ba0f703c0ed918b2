"""Closed WARC files go into the store while the crawl runs, and nothing that befalls them there reaches the crawl."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

import pytest

from archive import lease
from archive.chain import commit
from archive.local import Directory
from archive.objects import StoreError
from archive.seal import seal
from archive.snapshot import key_of
from crawler.shipping import Shipping
from tests.archive.crawled import FACTS, crawl, derive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 20.0


class Watched(Directory):
    """A directory store that is asked `before` each file is put, tells when one was confirmed, and counts what was put."""

    def __init__(self, root: Path, before: Callable[[], None] = lambda: None) -> None:
        super().__init__(root)
        self._before = before
        self.confirmed = Event()
        self.puts: Counter[str] = Counter()

    def put(self, key: str, source: Path | bytes) -> None:
        self.puts[key] += 1
        if "/warc/" in key:
            self._before()
        super().put(key, source)

    def sha256(self, key: str) -> str:
        found = super().sha256(key)
        self.confirmed.set()
        return found


def failing(times: int) -> Callable[[], None]:
    left = iter(range(times))

    def fail() -> None:
        if next(left, None) is not None:
            raise StoreError("the store is away")

    return fail


def test_a_closed_file_is_in_the_store_before_the_crawl_has_ended_and_commit_does_not_send_it_again(
    tmp_path: Path,
) -> None:
    store = Watched(tmp_path / "data")
    work = crawl(store, tmp_path / "work")
    (path,) = work.warc.glob("*.warc.gz")
    with Shipping(store, work) as shipping:
        shipping.take(path)
        assert store.confirmed.wait(PATIENCE)
    key = key_of(work.id, f"warc/{path.name}")
    assert store.stat(key)
    assert path.exists()
    commit(store, seal(work, derive, facts=FACTS))
    assert store.puts[key] == 1


@pytest.mark.parametrize("times", [1, 3])
def test_a_store_that_fails_is_asked_again(times: int, tmp_path: Path) -> None:
    store = Watched(tmp_path / "data", failing(times))
    work = crawl(store, tmp_path / "work")
    (path,) = work.warc.glob("*.warc.gz")
    with Shipping(store, work, pauses=[0.0] * times) as shipping:
        shipping.take(path)
        assert store.confirmed.wait(PATIENCE)
    assert store.puts[key_of(work.id, f"warc/{path.name}")] == times + 1


@pytest.mark.parametrize("kind", [StoreError, RuntimeError])
def test_what_the_store_does_not_take_is_left_for_commit_and_keeps_no_end_waiting(
    kind: type[Exception], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked = Event()

    def fail() -> None:
        asked.set()
        raise kind("the store is away")

    store = Watched(tmp_path / "data", fail)
    work = crawl(store, tmp_path / "work")
    (path,) = work.warc.glob("*.warc.gz")
    with Shipping(store, work, pauses=[10**6]) as shipping:
        shipping.take(path)
        assert asked.wait(PATIENCE)
    assert "the store is away" in caplog.text
    assert f"{path.name} is left to be sent with the next one, or when the crawl has ended" in caplog.text
    sealed = seal(work, derive, facts=FACTS)
    with pytest.raises(kind, match="away"):
        commit(store, sealed)
    assert path.exists()
    assert commit(Directory(tmp_path / "data"), sealed).snapshot == work.id


def test_the_last_file_of_a_crawl_is_none_that_the_store_did_not_take(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Watched(tmp_path / "data")
    work = crawl(store, tmp_path / "work")
    (path,) = work.warc.glob("*.warc.gz")
    shipping = Shipping(store, work)

    class Late(SimpleQueue["Path | None"]):
        """Hands out the file as the crawl ends."""

        def get(self, block: bool = True, timeout: float | None = None) -> Path | None:
            path = super().get(block, timeout)
            shipping._ended.set()
            return path

    shipping._waiting = Late()
    shipping.take(path)
    with shipping:
        pass
    assert caplog.text == ""
    assert store.puts == {}


def test_no_file_goes_before_the_one_before_it_was_confirmed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Watched(tmp_path / "data", failing(3))
    work = crawl(store, tmp_path / "work")
    (path,) = work.warc.glob("*.warc.gz")
    paths = [path, *(path.with_name(f"{work.id}-0000{number}.warc.gz") for number in (1, 2))]
    for other in paths[1:]:
        other.write_bytes(path.read_bytes())
    shipping = Shipping(store, work, pauses=[0.0])
    for one in paths:
        shipping.take(one)
    with shipping:
        assert store.confirmed.wait(PATIENCE)
    sent = [key.rpartition("/")[2] for key in store.puts]
    assert sent == [one.name for one in paths][: len(sent)]
    assert next(iter(store.puts.values())) == 4
    assert f"{path.name} is left to be sent with the next one" in caplog.text


def test_a_store_that_hangs_holds_up_nobody_who_hands_over_a_file(tmp_path: Path) -> None:
    began, go_on = Event(), Event()

    def hang() -> None:
        began.set()
        assert go_on.wait(PATIENCE)

    store = Watched(tmp_path / "data", hang)
    work = crawl(store, tmp_path / "work")
    (path,) = work.warc.glob("*.warc.gz")
    with Shipping(store, work) as shipping:
        shipping.take(path)
        assert began.wait(PATIENCE)
        shipping.take(path)
        go_on.set()
    assert store.stat(key_of(work.id, f"warc/{path.name}"))


@pytest.mark.parametrize("so_far", ["in history", "on its way"])
def test_nothing_is_sent_of_a_crawl_that_another_machine_finishes(
    so_far: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Watched(tmp_path / "data")
    work = crawl(store, tmp_path / "work")
    if so_far == "in history":
        commit(store, seal(work, derive, facts=FACTS))
    else:
        lease.take(store, replace(work, holder="another"))
    before = store.puts.copy()
    late = work.warc / "late.warc.gz"
    late.write_bytes(b"late")
    shipping = Shipping(store, work)
    with shipping:
        shipping.take(late)
        shipping._thread.join(PATIENCE)  # it ends by itself
    assert "was taken for dead" in caplog.text
    assert store.puts == before
