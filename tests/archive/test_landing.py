"""Where a copy may land: what another history holds is refused, and stays as it is."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from archive.chain import commit
from archive.get import Progress, get
from archive.landing import RefusedError
from archive.local import Directory
from archive.objects import StoreError
from archive.seal import seal
from archive.snapshot import key_of
from archive.verify import verify_files
from tests.archive.crawled import FACTS, crawl, derive
from tests.archive.published import SECOND, everything, other, published, said


def uncrawled(store: Directory) -> Directory:
    """The same as a copy: nobody crawls into it."""
    shutil.rmtree(store.root / "claims")
    return store


@pytest.mark.parametrize("made", [other, lambda folder: uncrawled(other(folder))])
def test_a_folder_with_another_history_is_refused_and_stays_as_it_is(
    made: Callable[[Path], Directory], kept: Directory, tmp_path: Path
) -> None:
    held = made(tmp_path)
    before = everything(held.root)
    with pytest.raises(
        RefusedError, match=r"another history of chronik: entry 00000001 differs .*; name an empty directory"
    ):
        get(kept, held.root, what="all")
    assert everything(held.root) == before


def test_a_history_written_anew_does_not_replace_the_copy_that_somebody_keeps(
    kept: Directory, tmp_path: Path
) -> None:
    get(kept, tmp_path / "copy", what="all")
    before = everything(tmp_path / "copy")
    for articles in (2, 3):
        with pytest.raises(RefusedError, match="another history of chronik"):
            get(other(tmp_path / str(articles), articles), tmp_path / "copy", what="all")
    assert everything(tmp_path / "copy") == before


def test_a_copy_that_is_ahead_of_the_store_keeps_what_it_has(kept: Directory, tmp_path: Path) -> None:
    behind = Directory(tmp_path / "behind")
    shutil.copytree(kept.root, behind.root)
    shutil.rmtree(behind.root / key_of(SECOND))
    behind.delete("chain/site=chronik/series=main/00000002.json")
    get(kept, tmp_path / "copy", what="all")
    get(behind, tmp_path / "copy", what="all")
    assert everything(tmp_path / "copy") == published(kept)
    last = tmp_path / "copy/chain/site=chronik/series=main/00000002.json"
    last.write_bytes(last.read_bytes().replace(b'"previous":"', b'"previous":"0'))
    with pytest.raises(RefusedError, match="entry 00000002 differs"):
        get(behind, tmp_path / "copy", what="all")


def test_an_entry_that_came_meanwhile_is_not_replaced(kept: Directory, tmp_path: Path) -> None:
    key = "chain/site=chronik/series=main/00000001.json"

    def commits(_: Progress) -> None:
        Directory(tmp_path).create(key, b"another")

    with pytest.raises(StoreError, match=r"00000001\.json is something else than .* holds"):
        get(kept, tmp_path, site="chronik", progress=commits, jobs=1)
    assert (tmp_path / key).read_bytes() == b"another"


def test_a_store_that_crawls_write_to_takes_only_what_is_whole(kept: Directory, tmp_path: Path) -> None:
    store = Directory(tmp_path / "data")
    crawled = crawl(store, tmp_path / "work", site="gazeta")
    commit(store, seal(crawled, derive, facts=FACTS))
    for part in ({}, {"what": "all", "since": date(2026, 11, 23)}):
        with pytest.raises(RefusedError, match="is a store that crawls write to"):
            get(kept, store.root, **part)  # type: ignore[arg-type]

    def hear(_: Progress) -> None:
        assert said(store.root) is None

    get(kept, store.root, what="all", progress=hear)
    assert published(kept).keys() <= everything(store.root).keys()
    assert list(verify_files(store, crawled.id)) == list(verify_files(store, SECOND)) == []


def test_a_store_is_not_brought_to_itself(kept: Directory, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(kept.root)
    for same in (kept.root, tmp_path / "link"):
        with pytest.raises(RefusedError, match="is the store itself"):
            get(kept, same, what="all")
