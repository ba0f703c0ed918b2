from pathlib import Path

import pytest

from archive import jsonl, manifest
from archive.chain import Entry, commit
from archive.history import verify_chain
from archive.objects import Store
from archive.seal import seal
from archive.signature import SIGNATURE, PublicKey
from archive.snapshot import UnknownSnapshotError, key_of
from archive.verify import verify_files
from archive.vouched import MOST
from tests.archive import flip, read, reasons_at
from tests.archive.crawled import FACTS, crawl, derive
from tests.archive.keys import signer
from tests.proving import PROVING

WARC = "warc/chronik-20261122T120000Z-00000.warc.gz"


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
        assert reasons_at(list(verify_files(store, entry.snapshot)), key), place
        flip(store, key, place)
    assert list(verify_files(store, entry.snapshot)) == []


@pytest.mark.parametrize("path", [WARC, "articles.jsonl.gz", "index.cdx.gz", "index.idx"])
def test_a_missing_file_is_found(path: str, store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, path)
    store.delete(key)
    assert "holds no" in reasons_at(list(verify_files(store, entry.snapshot)), key)


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
    assert "never committed" in reasons_at(list(verify_files(store, entry.snapshot)), key_of(entry.snapshot))


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
    assert "not signed" in reasons_at(
        list(verify_files(store, entry.snapshot, key=key)), key_of(entry.snapshot)
    )
    other = PublicKey("0" * 64, key._key)
    found = list(verify_files(store, signed.snapshot, key=other))
    assert "signed by another key" in reasons_at(found, key_of(signed.snapshot))


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
    assert "cannot read" in reasons_at(found, key) or "cannot be read" in reasons_at(found, key)
    assert path == "manifest.json" or reasons_at(found, other)
