"""What a crawl takes over from a snapshot that is not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archive.chain import commit
from archive.objects import DamagedError
from archive.seal import seal
from archive.snapshot import MANIFEST, claim, key_of
from archive.store import open_store
from crawler.article import ArticlePage
from crawler.continuing import continued
from tests.archive.crawled import FACTS, FEED, NOON, Crawl, derive, name

if TYPE_CHECKING:
    from pathlib import Path

    from archive.objects import Store
    from archive.snapshot import Work


class ChronikPage(ArticlePage):
    site = "chronik"
    urls = r"https://chronik\.example/(?P<id>\d+)/"


def committed(store: Store, work: Work) -> str:
    return commit(store, seal(work, derive, facts=FACTS)).snapshot


def test_what_a_snapshot_with_a_hole_had_taken_over_itself_is_not_forgotten(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "data"))
    first = Crawl(claim(store, tmp_path / "work", "chronik", "main", NOON), size=1)
    first.start()
    first.announce(FEED, 1, 2, 3)
    first.decide(1, 2, 3)
    first.fetch(1, f"{name(1)}|Заголовок|Текст")
    before = committed(store, first.end("shutdown"))
    second = Crawl(claim(store, tmp_path / "work", "chronik", "main", NOON), size=1)
    second.start(continues=before)
    second.decide(2, 3)
    second.fetch(2, f"{name(2)}|Заголовок|Текст")
    work = second.end()
    (work.warc / f"{work.id}-00001.warc.gz").unlink()
    last = committed(store, work)
    found = continued(store, "chronik", "main", (ChronikPage,), rehearsal=False)
    assert found
    assert (found.snapshot, [link["identifier"] for link in found.open]) == (last, [name(3)])
    assert found.held == {name(1), name(2)}


def test_what_a_damaged_snapshot_held_is_fetched_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(str(tmp_path / "data"))
    made = Crawl(claim(store, tmp_path / "work", "chronik", "main", NOON), size=1)
    made.start()
    made.announce(FEED, 1, 2)
    made.decide(1, 2)
    made.fetch(1, f"{name(1)}|Заголовок|Текст")
    last = committed(store, made.end("shutdown"))
    whole = continued(store, "chronik", "main", (ChronikPage,), rehearsal=False)
    assert whole
    assert ([link["identifier"] for link in whole.open], whole.held) == ([name(2)], {name(1)})
    *_, newest = [stored.key for stored in store.list(key_of(last, "warc/"))]
    store.put(newest, b"torn")
    found = continued(store, "chronik", "main", (ChronikPage,), rehearsal=False)
    assert found
    assert ([link["identifier"] for link in found.open], found.held) == ([name(1), name(2)], set())
    assert f"run `letopis verify {last}`" in caplog.text


def test_what_a_snapshot_left_whose_manifest_is_another_is_not_known(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "data"))
    made = Crawl(claim(store, tmp_path / "work", "chronik", "main", NOON), size=1)
    made.start()
    made.announce(FEED, 1)
    made.decide(1)
    last = committed(store, made.end("shutdown"))
    store.put(key_of(last, MANIFEST), b"{}")
    with pytest.raises(DamagedError, match=f"run `letopis verify {last}`"):
        continued(store, "chronik", "main", (ChronikPage,), rehearsal=False)
