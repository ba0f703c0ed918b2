"""Commits of one snapshot that meet in a store, and lists and listings that do not tell what its chain does."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import chain, edition
from archive.chain import commit, entry_of, head, history, newest, snapshots
from archive.edition import Source
from archive.lease import LASTS
from archive.local import Directory
from archive.manifest import Sealed
from archive.objects import DamagedError, Stored, StoreError
from archive.recover import recover
from archive.seal import seal
from archive.sending import SupersededError
from archive.snapshot import key_of
from archive.verify import verify_files
from tests.archive.crawled import FACTS, crawl, derive, sealed
from tests.archive.died import gone, reading
from tests.archive.rivals import LATER, Meanwhile, adopted, held, lost


class Blind(Directory):
    """A directory whose listings of chains are empty."""

    def list(self, prefix: str = "") -> Iterator[Stored]:
        return iter(()) if prefix.startswith("chain/") else super().list(prefix)


@pytest.fixture
def store(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "data")


@pytest.mark.parametrize("key", ["00007.warc.gz", "articles.jsonl.gz", "report.json", "crawl.log.gz"])
def test_a_crawl_that_sends_when_its_snapshot_is_adopted_writes_over_nothing(
    key: str, store: Directory, tmp_path: Path
) -> None:
    made, before = sealed_alive(store, tmp_path / "first"), dict[str, str]()
    meeting = Meanwhile(tmp_path / "data", lambda: before.update(adopted_meanwhile(store, tmp_path)), key)
    with pytest.raises(SupersededError, match=r"crawl\.log\.gz"):
        commit(meeting, made)
    assert meeting.met
    late = {key_of(made.work.id, f"warc/{made.work.id}-{key}")}  # what was captured stays, and is told of
    assert {name: digest for name, digest in held(store).items() if name not in late} == before
    assert {each.place for each in verify_files(store, made.work.id)} <= late
    assert len(history(store, "chronik")) == 1
    assert made.work.folder.exists()


@pytest.mark.parametrize("key", ["manifest.json", "00000001.json"])
def test_a_crawl_that_had_sent_its_log_too_when_its_snapshot_was_adopted_lacks_nothing(
    key: str, store: Directory, tmp_path: Path
) -> None:
    made, before = sealed_alive(store, tmp_path / "first"), dict[str, str]()
    meeting = Meanwhile(tmp_path / "data", lambda: before.update(adopted_meanwhile(store, tmp_path)), key)
    entry = commit(meeting, made)
    assert meeting.met
    assert entry.manifest != made.sha256
    assert held(store) == before
    assert list(verify_files(store, made.work.id)) == []
    assert history(store, "chronik") == [entry]


def sealed_alive(store: Directory, root: Path) -> Sealed:
    """A crawl that is taken for dead and is not; its settings are its own, and so is its manifest."""
    work = lost(store, root)
    work.log.write_text("what only the first machine has\n")
    return seal(work, derive, facts=FACTS | {"settings": "0" * 64})


def adopted_meanwhile(store: Directory, root: Path) -> dict[str, str]:
    adopted(store, root / "second")
    return held(store)


@pytest.mark.parametrize("key", ["articles.jsonl.gz", "manifest.json"])
def test_a_machine_that_adopts_writes_over_nothing_of_the_crawl_that_came_back(
    key: str, store: Directory, tmp_path: Path
) -> None:
    work = lost(store, tmp_path / "first")
    made = seal(work, derive, facts=FACTS)
    late = LATER + 2 * LASTS  # the lease of the machine that adopts is over: it sleeps
    rival = Meanwhile(tmp_path / "data", lambda: commit(store, made, clock=lambda: late), key)
    adopted(rival, tmp_path / "second")
    assert [entry.manifest for entry in history(store, "chronik")] == [made.sha256]
    assert list(verify_files(store, work.id)) == []
    assert chain.manifest(store, work.id)["counts"]["articles"] == 5


def test_what_a_rival_replaced_until_the_entry_was_made_is_put_right(
    store: Directory, tmp_path: Path
) -> None:
    made = sealed(store, tmp_path / "work")
    keys = [key_of(made.work.id, name) for name in ("articles.jsonl.gz", "manifest.json")]

    def rival() -> None:
        for key in keys:
            store.put(key, b"another folder's")

    commit(Meanwhile(tmp_path / "data", rival, "00000001.json"), made)
    assert list(verify_files(store, made.work.id)) == []
    assert store.sha256(keys[1]) == made.sha256


def test_an_earlier_call_that_died_after_its_entry_is_looked_at_before_the_folder_may_go(
    store: Directory, tmp_path: Path
) -> None:
    made = sealed(store, tmp_path / "work")
    commit(store, made)
    warc = next(key for key in held(store) if key.endswith(".warc.gz"))
    store.delete(warc)
    commit(store, made)
    assert store.stat(warc)
    assert list(verify_files(store, made.work.id)) == []


def test_a_manifest_that_the_entry_does_not_name_lets_no_folder_go(store: Directory, tmp_path: Path) -> None:
    work = lost(store, tmp_path / "first")
    made = seal(work, derive, facts=FACTS)
    adopted(store, tmp_path / "second")
    store.put(key_of(work.id, "manifest.json"), work.folder / "manifest.json")
    with pytest.raises(DamagedError, match=r"is not the manifest that .* names; run `letopis verify"):
        commit(store, made)


@pytest.mark.parametrize("listing", range(1, 11))
def test_whenever_a_rival_commits_the_same_there_is_one_entry(
    listing: int, store: Directory, tmp_path: Path
) -> None:
    made = sealed(store, tmp_path / "work", articles=1)
    meeting = Meanwhile(tmp_path / "data", lambda: commit(store, made), listing=listing)
    commit(meeting, made)
    assert meeting.met
    assert [entry.snapshot for entry in history(store, "chronik")] == [made.work.id]


@pytest.mark.parametrize("listing", range(1, 4))
def test_whenever_a_rival_rebuilds_the_same_there_is_one_edition(
    listing: int, store: Directory, tmp_path: Path
) -> None:
    snapshot = commit(store, sealed(store, tmp_path / "work", articles=1)).snapshot

    def rebuilt(within: Directory, name: str) -> chain.Entry:
        (folder := tmp_path / name).mkdir()
        source = Source.of(store, snapshot)
        return edition.commit(
            Source(within, *(source.snapshot, source.manifest, source.sha256)),
            folder,
            source.read(folder, derive),
            FACTS,
        )

    meeting = Meanwhile(tmp_path / "data", lambda: rebuilt(store, "rival"), listing=listing)
    assert rebuilt(meeting, "again").edition == 1
    assert meeting.met == (listing < 3)
    assert [entry.edition for entry in history(store, "chronik")] == [None, 1]


def test_a_listing_that_shows_nothing_hides_no_entry_from_a_commit(store: Directory, tmp_path: Path) -> None:
    first, second = (sealed(store, tmp_path / "work", articles=1) for _ in range(2))
    entry = commit(store, first)
    blind = Blind(tmp_path / "data")
    assert commit(blind, first) == entry
    assert commit(blind, second).previous == entry.sha256
    assert len(history(store, "chronik")) == 2


def test_what_stands_where_an_entry_belongs_ends_a_commit_at_once(store: Directory, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work", articles=1)
    store.create("chain/site=chronik/series=main/00000001.json", b"{}")
    with pytest.raises(StoreError, match="is no entry of a chain"):
        commit(Blind(tmp_path / "data"), made)


def test_a_listing_that_shows_nothing_lets_nothing_be_written_over(store: Directory, tmp_path: Path) -> None:
    work = lost(store, tmp_path / "first")
    adopted(store, tmp_path / "second")
    before = held(store)
    with pytest.raises(SupersededError):
        commit(Blind(tmp_path / "data"), seal(work, derive, facts=FACTS))
    assert held(store) == before


def test_what_is_no_entry_by_its_name_stops_nobody(store: Directory, tmp_path: Path) -> None:
    first = commit(store, sealed(store, tmp_path / "work", articles=1))
    for name in ("00000001.json~", "note.txt", "older/00000001.json"):
        path = store.root / "chain/site=chronik/series=main" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"{}")
    second = commit(store, sealed(store, tmp_path / "work", articles=1))
    assert history(store, "chronik") == list(snapshots(store)) == [first, second]
    assert (head(store, "chronik"), newest(store, "chronik", count=1)) == (second, [second])


def back_to(backup: Path, store: Directory, *folders: str) -> None:
    """Restore folders of a store from a copy, as it was before they were there."""
    for name in folders:
        shutil.rmtree(store.root / name)
        if (backup / name).exists():
            shutil.copytree(backup / name, store.root / name)


def test_a_list_that_a_restored_store_kept_hides_no_later_snapshot(store: Directory, tmp_path: Path) -> None:
    first = commit(store, sealed(store, tmp_path / "work"))
    shutil.copytree(store.root, tmp_path / "backup")
    commit(store, sealed(store, tmp_path / "work"))
    later = sealed(store, tmp_path / "work", articles=2)
    back_to(tmp_path / "backup", store, "chain", "snapshots")
    entry = commit(store, later)
    stale = b"".join(chain.lists([first, entry])["snapshots.jsonl"].splitlines(keepends=True)[:1])
    for told in (stale, stale + stale.replace(b'"number":1', b'"number":2')):
        store.put("snapshots.jsonl", told)
        assert list(snapshots(store)) == newest(store, "chronik", count=9)[::-1] == [first, entry]
        assert entry_of(store, "chronik", "main", later.work.id) == entry
        assert commit(store, later) == entry
    assert len(history(store, "chronik")) == 2


def test_a_line_that_was_changed_is_not_believed_though_it_tells_a_digest_of_the_chain(
    store: Directory, tmp_path: Path
) -> None:
    entries = [commit(store, sealed(store, tmp_path / "work")) for _ in range(2)]
    with store.open("snapshots.jsonl") as stream:
        told = stream.read()
    store.put("snapshots.jsonl", told.replace(b'"articles":3', b'"articles":4'))
    assert list(snapshots(store)) == entries


def test_no_folder_goes_because_a_list_says_that_its_snapshot_is_in_history(
    store: Directory, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    work = crawl(store, tmp_path / "work")
    commit(store, seal(work, derive, facts=FACTS))
    with store.open("snapshots.jsonl") as stream:
        told = stream.read()
    back_to(tmp_path / "empty", store, "chain", "snapshots")
    other = commit(store, sealed(store, tmp_path / "other"))
    store.put("snapshots.jsonl", told)
    gone(work)
    assert [one.finished for one in recover(store, tmp_path / "work", reading)] == [True]
    assert [entry.snapshot for entry in history(store, "chronik")] == [other.snapshot, work.id]
    assert list(verify_files(store, work.id)) == []
