"""A crawl whose store has lost what an earlier one captured: nothing refers to what is lost, the page is kept anew."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from archive.chain import history
from archive.manifest import RECORDED
from archive.reading import LEDGER, lines
from archive.snapshot import key_of
from archive.store import open_store
from tests.proving import some

from .gazeta import HOME, Answer, article, crawl, listing, rss, town

if TYPE_CHECKING:
    from pathlib import Path

    from archive.objects import Store
    from tests.seaweed import Server

DAY = {
    f"{HOME}/rss": rss((f"{HOME}/n/1", "Мост открыт")),
    f"{HOME}/news/": listing(),
    f"{HOME}/n/1": Answer(article("Мост открыт").body, headers=(("ETag", '"1"'),)),
}


def outcomes(store: Store) -> list[str]:
    return [next(lines(store, entry.snapshot, LEDGER))["outcome"] for entry in history(store, "gazeta")]


@pytest.mark.proof("a page whose only copy is damaged is captured again")
@pytest.mark.parametrize("kind", some(["directory", "s3"], 1))
def test_a_page_whose_only_copy_is_damaged_is_captured_again(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: Server | None = request.getfixturevalue("s3") if kind == "s3" else None
    uri = server.store() if server else os.fspath(tmp_path / "data")
    store = open_store(uri)
    with town(DAY) as played:
        crawl(played, tmp_path, "-s", f"STORE={uri}")
        (first,) = history(store, "gazeta")
        (warc,) = store.list(key_of(first.snapshot, RECORDED))
        with closing(store.open(warc.key)) as stream:
            store.put(warc.key, stream.read()[:-1])
        again = crawl(played, tmp_path, "-s", f"STORE={uri}")
    assert outcomes(store) == ["article", "article"]
    (warning,) = [line for line in again.err.splitlines() if "is passed over" in line]
    assert "WARNING" in warning
    assert warning.endswith(f"run `letopis verify {first.snapshot}`")


def test_a_snapshot_that_is_gone_is_damage_to_the_crawl_that_would_repeat_it(tmp_path: Path) -> None:
    with town(DAY) as played:
        crawl(played, tmp_path)
        (entry,) = history(open_store(os.fspath(tmp_path / "data")), "gazeta")
        shutil.rmtree(tmp_path / "data" / "snapshots")
        again = crawl(played, tmp_path, "-s", f"REPLAY={entry.snapshot}")
    assert again.code == 65
    assert again.err.endswith(f"its files are gone; run `letopis verify {entry.snapshot}`\n")
