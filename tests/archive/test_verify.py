from pathlib import Path

import orjson
import pytest

from archive import jsonl, manifest
from archive.chain import Entry, commit
from archive.finding import Finding
from archive.history import History, verify_chain, verify_heads, verify_lists, verify_uncommitted
from archive.lease import take
from archive.objects import Store
from archive.seal import seal
from archive.signature import SIGNATURE, PublicKey
from archive.snapshot import UnknownSnapshotError, key_of
from archive.verify import verify_files
from archive.vouched import MOST
from tests.archive import read
from tests.archive.crawled import FACTS, crawl, derive, sealed
from tests.archive.test_signature import signer
from tests.proving import PROVING

WARC = "warc/chronik-20261122T120000Z-00000.warc.gz"


@pytest.fixture
def entry(store: Store, tmp_path: Path) -> Entry:
    return commit(store, sealed(store, tmp_path / "work"))


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
    edition = key_of(entry.snapshot, "editions/1/report.json")
    store.put(edition, b"")
    found = [(f.severity, f.place) for f in verify_files(store, entry.snapshot)]
    assert found == [("warning", edition), ("warning", stray)]


def test_a_snapshot_forged_with_its_manifest_is_found_by_the_chain(store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, "manifest.json")
    forged = manifest.parse(read(store, key)) | {"finish": "shutdown"}
    store.put(key, manifest.canonical(forged))
    assert [f.reason for f in verify_files(store, entry.snapshot)] == [
        f"the manifest is not the one that {entry.key} names",
        "not what report.json says: finish",
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
    assert "/kind: kind is rumour" in reasons(list(verify_chain(store, "chronik")), entries[3].key)


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


@pytest.fixture
def signed(store: Store, tmp_path: Path) -> Entry:
    work = crawl(store, tmp_path / "work")
    return commit(store, seal(work, derive, facts=FACTS | {"signer": signer(tmp_path)}))


def test_a_signature_is_checked_by_its_key_and_without_one_by_its_form(
    store: Store, signed: Entry, tmp_path: Path
) -> None:
    key, place = PublicKey.read(str(tmp_path / "public.pem")), key_of(signed.snapshot, SIGNATURE)
    assert list(verify_files(store, signed.snapshot, key=key)) == []
    assert list(verify_files(store, signed.snapshot)) == []
    flip(store, place)
    assert [f.place for f in verify_files(store, signed.snapshot, key=key)] == [place]
    assert list(verify_files(store, signed.snapshot)) == []
    store.put(place, b"short")
    assert [f.place for f in verify_files(store, signed.snapshot)] == [place]
    store.delete(place)
    assert [f.place for f in verify_files(store, signed.snapshot)] == [place]


def test_a_manifest_that_nobody_or_another_has_signed_is_found_by_the_key(
    store: Store, entry: Entry, signed: Entry, tmp_path: Path
) -> None:
    key = PublicKey.read(str(tmp_path / "public.pem"))
    assert "not signed" in reasons(list(verify_files(store, entry.snapshot, key=key)), key_of(entry.snapshot))
    other = PublicKey("0" * 64, key._key)
    found = list(verify_files(store, signed.snapshot, key=other))
    assert "signed by another key" in reasons(found, key_of(signed.snapshot))


def test_a_reject_that_breaks_its_schema_is_found(store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, "rejects.jsonl.gz")
    store.put(key, jsonl.compressed(jsonl.line({"article": {}, "errors": []})))
    found = [f.reason for f in verify_files(store, entry.snapshot) if f.place == f"{key}, line 1"]
    assert found == ["/address: address is missing", "/errors: errors is empty"]


def test_findings_on_one_file_are_counted_and_not_all_told(store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, "articles.jsonl.gz")
    store.put(key, jsonl.compressed(b"garbage\n" * (MOST + 500)))
    found = [f.reason for f in verify_files(store, entry.snapshot) if f.place.startswith(key)]
    assert len(found) == MOST + 1
    assert found[-1] == "501 more findings on this file are not told"


@pytest.mark.parametrize("leads", ["circle", "/proc/self/mem"], ids=["circle", "damage"])
@pytest.mark.parametrize(
    "path", [WARC, "articles.jsonl.gz", "report.json", "index.cdx.gz", "index.idx", "manifest.json"]
)
def test_a_file_that_cannot_be_read_is_a_finding_and_all_else_is_checked(
    path: str, leads: str, store: Store, entry: Entry, tmp_path: Path
) -> None:
    key = key_of(entry.snapshot, path)
    place = tmp_path / "data" / key
    place.unlink()
    place.symlink_to(place.name if leads == "circle" else leads)  # what no open or no read comes back from
    flip(store, other := key_of(entry.snapshot, "rejects.jsonl.gz"))
    found = list(verify_files(store, entry.snapshot))
    assert "cannot read" in reasons(found, key) or "cannot be read" in reasons(found, key)
    assert path == "manifest.json" or reasons(found, other)


def test_an_entry_that_cannot_be_read_hides_no_other(
    store: Store, entries: list[Entry], tmp_path: Path
) -> None:
    place = tmp_path / "data" / entries[0].key
    place.unlink()
    place.symlink_to(place.name)
    flip(store, entries[2].key, 2)
    found = list(verify_chain(store, "chronik"))
    assert "cannot read" in reasons(found, entries[0].key)
    assert reasons(found, entries[2].key)
