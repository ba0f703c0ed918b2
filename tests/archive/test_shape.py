"""Documents that are JSON and none of ours: told as damage wherever they are read, in the words of the store."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import chain, manifest, trace
from archive.chain import Entry
from archive.edition import Source
from archive.journal import entry as journal_entry
from archive.lookup import BLOCKS, captures
from archive.objects import DamagedError, Store, StoreError
from archive.reading import LEDGER, line
from archive.record import BrokenRecordError, records
from archive.shape import having, instant, many, maybe, misfit, nullable, number, text
from archive.snapshot import CLAIM, UnknownSnapshotError, key_of, work_in
from tests.archive import SNAPSHOT, framed, read
from tests.archive.crawled import FEED, crawl, url

Change = Callable[[Any], object]


def rewrite(store: Store, key: str, change: Change) -> None:
    said = json.loads(read(store, key))
    change(said)
    store.put(key, json.dumps(said).encode())


@pytest.mark.parametrize(
    ("value", "test", "fits"),
    [
        (1, number, True),
        (True, number, False),
        (-1, number, False),
        (10**30, number, False),
        ("2026-11-22T06:00:00Z", instant, True),
        ("2026-11-22T06:00:00", instant, False),
        ("0001-01-01T00:00:00+23:59", instant, False),
        (["a", 1], many(text), False),
        (None, maybe(text), True),
        ({"size": None}, having(size=number), False),
    ],
)
def test_what_can_be_meant_is_told_from_what_cannot(value: Any, test: Any, fits: bool) -> None:
    assert test(value) is fits


def test_what_may_be_null_must_be_there_and_what_may_be_missing_need_not() -> None:
    assert misfit({"reader": None}, {"reader": nullable(text)}) is None
    assert misfit({}, {"reader": nullable(text)}) == "reader"
    assert misfit({}, {"reason": maybe(text)}) is None


@pytest.mark.parametrize("name", manifest.READ)
def test_a_manifest_without_a_member_that_is_read_is_damaged(store: Store, entry: Entry, name: str) -> None:
    rewrite(store, key_of(entry.snapshot, "manifest.json"), lambda said: said.pop(name))
    for reading in (chain.manifest, Source.of):
        with pytest.raises(DamagedError, match=f"no manifest: {name} is missing") as found:
            reading(store, entry.snapshot)
        assert f"run `letopis verify {entry.snapshot}`" in str(found.value)


@pytest.mark.parametrize("name", ["lines", "members", "size", "path"])
def test_a_manifest_that_does_not_say_where_lines_lie_is_damaged(
    store: Store, entry: Entry, name: str
) -> None:
    rewrite(
        store,
        key_of(entry.snapshot, "manifest.json"),
        lambda said: [one.pop(name) for one in said["files"] if one["path"].endswith(".jsonl.gz")],
    )
    with pytest.raises(DamagedError, match="files is missing or cannot be meant"):
        line(store, entry.snapshot, 0)


def test_a_manifest_that_names_no_articles_is_damaged(store: Store, entry: Entry) -> None:
    rewrite(store, key_of(entry.snapshot, "manifest.json"), lambda said: said["files"].clear())
    with pytest.raises(DamagedError, match=r"names no articles\.jsonl\.gz"):
        line(store, entry.snapshot, 0)


def test_a_line_that_is_no_json_is_damaged(store: Store, entry: Entry) -> None:
    key = key_of(entry.snapshot, "articles.jsonl.gz")
    store.put(key, gzip.compress(b"{\n" * 3))
    rewrite(
        store,
        key_of(entry.snapshot, "manifest.json"),
        lambda said: [one.update(size=len(read(store, key))) for one in said["files"] if one["path"] in key],
    )
    with pytest.raises(DamagedError, match=r"line 0 of .* cannot be read"):
        line(store, entry.snapshot, 0)


@pytest.mark.parametrize("change", [{"snapshot": 7}, {"token": None}, {"store": []}, {"adopter": 1}])
def test_a_work_folder_whose_claim_says_what_none_does_is_no_work_folder(
    store: Store, tmp_path: Path, change: dict[str, object]
) -> None:
    folder = crawl(store, tmp_path / "more").folder
    said = json.loads((folder / CLAIM).read_bytes())
    (folder / CLAIM).write_bytes(json.dumps(said | change).encode())
    with pytest.raises(UnknownSnapshotError, match=CLAIM):
        work_in(folder)


def test_an_entry_that_says_another_number_than_its_place_is_damaged_and_no_endless_row(
    store: Store, entry: Entry
) -> None:
    store.put(entry.key.replace("00000001", "00000002"), read(store, entry.key))
    for reading in (
        lambda: chain.history(store, "chronik"),
        lambda: chain.entry_of(store, "chronik", "main", SNAPSHOT),
    ):
        with pytest.raises(DamagedError, match=f"its place is {entry.key}"):
            reading()


@pytest.mark.parametrize("change", [{"offset": -5}, {"length": "-1"}, {"offset": "9" * 30}])
def test_an_index_that_names_no_place_is_damaged(
    store: Store, entry: Entry, change: dict[str, object]
) -> None:
    key = key_of(entry.snapshot, BLOCKS)
    meta, first, *rest = read(store, key).splitlines(keepends=True)
    begin, _, said = first.partition(b"{")
    said = json.dumps(json.loads(b"{" + said) | change).encode()
    store.put(key, b"".join([meta, begin, said, b"\n", *rest]))
    with pytest.raises(StoreError, match=r"index\.idx .* are no place; run `letopis verify"):
        list(captures(store, entry.snapshot, url(1)))


@pytest.mark.parametrize("change", [{"address": {"file": "a"}}, {"announced": [FEED]}, {"url": None}])
def test_a_line_of_a_ledger_that_lacks_what_is_read_of_it_is_told(
    store: Store, entry: Entry, change: dict[str, object]
) -> None:
    key = key_of(entry.snapshot, LEDGER)
    first, *rest = gzip.decompress(read(store, key)).splitlines(keepends=True)
    changed = json.dumps(json.loads(first) | change).encode() + b"\n"
    store.put(key, gzip.compress(b"".join([changed, *rest])))
    with pytest.raises(
        StoreError, match=rf"is no line of a ledger: {next(iter(change))} is missing or cannot be meant"
    ):
        list(trace.ledger(store, entry.snapshot))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"kind": "decision", "links": [{"url": url(1)}]}, "links"),
        ({"kind": "decision", "links": {}}, "links"),
        ({"kind": "source", "source": FEED}, "type"),
        ({"kind": "fetch", "requested": url(1)}, "link"),
        ({"kind": "failure", "link": None, "url": url(1), "reason": 7}, "reason"),
        ({"kind": "end", "at": "today", "reason": "finished", "stats": {}}, "at"),
    ],
)
def test_a_journal_entry_of_another_shape_is_a_broken_record(
    tmp_path: Path, said: dict[str, Any], wrong: str
) -> None:
    fields = {"WARC-Type": "metadata", "WARC-Record-ID": "<urn:uuid:1>", "WARC-Date": "2026-11-22T06:00:00Z"}
    fields |= {"WARC-Target-URI": f"urn:x-letopis:{SNAPSHOT}:journal:x", "Content-Type": "application/json"}
    path = tmp_path / "a.warc.gz"
    path.write_bytes(framed(fields, json.dumps({"at": "2026-11-22T06:00:00Z", **said}).encode()))
    (record,) = records(path)
    with pytest.raises(BrokenRecordError, match=f"{wrong} is missing or cannot be meant"):
        journal_entry(record)
