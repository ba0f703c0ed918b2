from pathlib import Path

import orjson
import pytest

from archive import jsonl, manifest
from archive.chain import Entry, commit
from archive.finding import Finding
from archive.objects import Store
from archive.snapshot import UnknownSnapshotError, key_of
from archive.store import open_store
from archive.verify import verify_chain, verify_files
from tests.archive.crawled import sealed
from tests.proving import PROVING

WARC = "warc/chronik-20261122T120000Z-00000.warc.gz"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "data"))


@pytest.fixture
def entry(store: Store, tmp_path: Path) -> Entry:
    return commit(store, sealed(store, tmp_path / "work"))


def read(store: Store, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


def flip(store: Store, key: str, place: int = -1) -> None:
    data = bytearray(read(store, key))
    data[place] ^= 1
    store.put(key, bytes(data))


def reasons(found: list[Finding], place: str) -> str:
    return "\n".join(finding.reason for finding in found if finding.place.startswith(place))


def test_a_whole_snapshot_gives_no_finding(store: Store, entry: Entry) -> None:
    assert list(verify_files(store, entry.snapshot)) == []
    assert list(verify_chain(store, "chronik")) == []


@pytest.mark.proof("one changed bit at any byte of a snapshot's files is found")
@pytest.mark.parametrize(
    "path",
    [
        WARC,
        "articles.jsonl.gz",
        "rejects.jsonl.gz",
        "ledger.jsonl.gz",
        "index.cdx.gz",
        "index.idx",
        "report.json",
        "crawl.log.gz",
    ],
)
def test_one_changed_bit_in_any_file_is_found(path: str, store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, path)
    for place in range(0, len(read(store, key)), 1 if PROVING else 97):
        flip(store, key, place)
        assert reasons(list(verify_files(store, entry.snapshot)), key), place
        flip(store, key, place)
    assert list(verify_files(store, entry.snapshot)) == []


@pytest.mark.parametrize("path", [WARC, "articles.jsonl.gz", "index.cdx.gz", "index.idx"])
def test_a_missing_file_is_found(path: str, store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, path)
    store.delete(key)
    assert "holds no" in reasons(list(verify_files(store, entry.snapshot)), key)


def test_an_object_that_nothing_vouches_for_is_a_warning(store: Store, entry: Entry) -> None:
    stray = key_of(entry.snapshot, "warc/more.warc.gz")
    store.put(stray, b"")
    store.put(key_of(entry.snapshot, "editions/1/manifest.json"), b"")
    assert [(f.severity, f.place) for f in verify_files(store, entry.snapshot)] == [("warning", stray)]


def test_a_snapshot_forged_with_its_manifest_is_found_by_the_chain(store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, "manifest.json")
    forged = manifest.parse(read(store, key)) | {"finish": "shutdown"}
    store.put(key, manifest.canonical(forged))
    assert [f.reason for f in verify_files(store, entry.snapshot)] == [
        f"the manifest is not the one that {entry.key} names"
    ]


def test_a_snapshot_that_was_not_committed_is_found(store: Store, entry: Entry) -> None:
    store.delete(entry.key)
    assert "never committed" in reasons(list(verify_files(store, entry.snapshot)), key_of(entry.snapshot))


@pytest.mark.parametrize(
    "data", [None, b"", b"[]", b'{"schema":"manifest/0.1.0"}', b'{"schema":"manifest/7.0.0","files":3}']
)
def test_a_manifest_that_is_none_is_found(data: bytes | None, store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, "manifest.json")
    store.put(key, data) if data is not None else store.delete(key)
    found = list(verify_files(store, entry.snapshot))
    assert found
    assert {finding.place for finding in found} == {key}


def test_lines_that_break_their_schema_are_found_though_every_digest_holds(
    store: Store, entry: Entry
) -> None:
    key, listed = key_of(entry.snapshot, "articles.jsonl.gz"), key_of(entry.snapshot, "manifest.json")
    with store.open(key) as stream:
        articles = list(jsonl.read(stream))
    del articles[1]["headline"]
    data = jsonl.compressed(b"".join(map(jsonl.line, articles)))
    store.put(key, data)
    told = manifest.parse(read(store, listed))
    for line in told["files"]:
        if line["path"] == "articles.jsonl.gz":
            plain = b"".join(map(jsonl.line, articles))
            line |= {"size": len(data), "sha256": manifest.digest(data)}
            line |= {"uncompressedSize": len(plain), "uncompressedSha256": manifest.digest(plain)}
    store.put(listed, manifest.canonical(told))
    found = [finding for finding in verify_files(store, entry.snapshot) if finding.place != listed]
    assert [(f.place, f.reason) for f in found] == [(f"{key}, line 2", "/headline: headline is missing")]


def test_what_is_no_name_of_a_snapshot_is_refused(store: Store) -> None:
    with pytest.raises(UnknownSnapshotError):
        list(verify_files(store, "../../etc"))


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
    assert "entry 3 of chronik/main stands where entry 2 belongs" in reasons(
        list(verify_chain(store, "chronik")), entries[2].key
    )


def test_an_entry_that_is_none_is_found(store: Store, entries: list[Entry]) -> None:
    for data in (b"", b"[]", b"{}", b'{"number":"1"}'):
        store.put(entries[1].key, data)
        found = list(verify_chain(store, "chronik"))
        assert [(f.place, f.severity) for f in found] == [(entries[1].key, "error")]


def test_an_entry_that_breaks_its_schema_is_found(store: Store, entries: list[Entry]) -> None:
    said = orjson.loads(read(store, entries[3].key)) | {"kind": "rumour"}
    store.put(entries[3].key, manifest.canonical(said))
    assert "/kind: kind is rumour" in reasons(list(verify_chain(store, "chronik")), entries[3].key)
