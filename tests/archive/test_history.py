from pathlib import Path

import orjson
import pytest

from archive import manifest
from archive.chain import Entry, commit
from archive.history import History, verify_chain, verify_heads, verify_lists, verify_uncommitted
from archive.lease import take
from archive.objects import Store
from archive.snapshot import key_of
from archive.verify import verify_files
from tests.archive import flip, read, reasons_at
from tests.archive.crawled import sealed


@pytest.fixture
def entries(store: Store, tmp_path: Path) -> list[Entry]:
    return [commit(store, sealed(store, tmp_path / "work")) for _ in range(4)]


def test_a_changed_entry_is_found_at_the_one_after_it(store: Store, entries: list[Entry]) -> None:
    said = orjson.loads(read(store, entries[1].key)) | {"at": "2020-01-01T00:00:00Z"}
    store.put(entries[1].key, manifest.canonical(said))
    assert [(f.place, f.reason) for f in verify_chain(store, "chronik")] == [
        (entries[2].key, "the entry before is not the one that this entry was made after")
    ]


def test_a_removed_entry_is_found(store: Store, entries: list[Entry]) -> None:
    store.delete(entries[1].key)
    assert "entry 3 of chronik/main stands where entry 2 belongs" in reasons_at(
        list(verify_chain(store, "chronik")), entries[2].key
    )


def test_a_snapshot_that_is_in_history_twice_is_found(store: Store, entries: list[Entry]) -> None:
    with store.open(entries[1].key) as stream:
        told = orjson.loads(stream.read())
    again = "chain/site=chronik/series=main/00000005.json"
    store.create(again, manifest.canonical({**told, "number": 5, "previous": entries[-1].sha256}))
    (found,) = verify_chain(store, "chronik")
    assert (found.place, found.reason) == (again, f"{entries[1].key} has put the same into history before")


def test_an_entry_that_is_none_is_found(store: Store, entries: list[Entry]) -> None:
    for data in (b"", b"[]", b"{}", b'{"number":"1"}'):
        store.put(entries[1].key, data)
        found = list(verify_chain(store, "chronik"))
        assert [(f.place, f.severity) for f in found] == [(entries[1].key, "error")]


def test_an_entry_that_breaks_its_schema_is_found(store: Store, entries: list[Entry]) -> None:
    said = orjson.loads(read(store, entries[3].key)) | {"kind": "rumour"}
    store.put(entries[3].key, manifest.canonical(said))
    assert "/kind: kind is rumour" in reasons_at(list(verify_chain(store, "chronik")), entries[3].key)


@pytest.mark.parametrize("name", ["00000002.json.bak", "notes.txt", "0000002.json", "99999999.json"])
def test_what_does_not_belong_into_a_chain_is_found_and_hides_nothing(
    name: str, store: Store, entries: list[Entry]
) -> None:
    foreign = f"chain/site=chronik/series=main/{name}"
    store.put(foreign, b"\0foreign")
    history = History.of(store)
    assert [(f.place, f.severity) for found in history.findings.values() for f in found] == [
        (foreign, "error")
    ]
    assert history.entries == entries


def test_a_chain_that_lost_its_end_is_found_by_a_head_and_by_what_no_entry_names(
    store: Store, entries: list[Entry]
) -> None:
    assert list(verify_heads(entries, [f"sha256:{entries[3].sha256}", entries[0].sha256.upper()])) == []
    assert list(verify_uncommitted(store, History.of(store))) == []
    store.delete(entries[3].key)
    history = History.of(store)
    assert list(verify_chain(store, "chronik")) == []
    assert len(list(verify_heads(history.entries, [entries[3].sha256]))) == 1
    assert [(f.place, f.severity) for f in verify_uncommitted(store, history)] == [
        (key_of(entries[3].snapshot, "manifest.json"), "error")
    ]


def test_a_snapshot_that_is_about_to_be_committed_is_no_finding(store: Store, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work")
    take(store, made.work)
    entry = commit(store, made)
    store.delete(entry.key)
    assert list(verify_uncommitted(store, History.of(store))) == []


def test_lists_that_are_not_what_the_chain_tells_are_a_warning(store: Store, entries: list[Entry]) -> None:
    history = History.of(store)
    assert history.entries == entries
    assert list(verify_lists(store, history)) == []
    store.put("latest.json", b"{}")
    store.delete("snapshots.jsonl")
    assert [(f.place, f.severity) for f in verify_lists(store, history)] == [("latest.json", "warning")]


def test_an_entry_whose_summary_is_not_the_manifests_is_found(store: Store, entry: Entry) -> None:
    said = orjson.loads(read(store, entry.key))
    said["summary"]["articles"] += 1
    store.put(entry.key, manifest.canonical(said))
    found = list(verify_files(store, entry.snapshot))
    assert [(f.place, f.reason) for f in found] == [(entry.key, "the summary is not what the manifest says")]


def test_an_entry_that_cannot_be_read_hides_no_other(
    store: Store, entries: list[Entry], tmp_path: Path
) -> None:
    place = tmp_path / "data" / entries[0].key
    place.unlink()
    place.symlink_to(place.name)
    flip(store, entries[2].key, 2)
    found = list(verify_chain(store, "chronik"))
    assert "cannot read" in reasons_at(found, entries[0].key)
    assert reasons_at(found, entries[2].key)
