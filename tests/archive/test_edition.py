import multiprocessing
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from archive import chain, reading
from archive.chain import Entry, commit
from archive.edition import Source
from archive.edition import commit as put
from archive.ledger import Derived
from archive.local import Directory
from archive.manifest import Facts
from archive.objects import Store, StoreError
from archive.record import Record
from archive.snapshot import UnknownSnapshotError, key_of
from schemas import errors
from tests.archive import read
from tests.archive.crawled import FACTS, READER, derive, sealed
from tests.archive.killed import killed

AT = datetime(2026, 11, 22, 13, tzinfo=UTC)
OTHER = "8" * 64
NEWER: Facts = {**FACTS, "reader": OTHER}
FILES = ("articles.jsonl.gz", "rejects.jsonl.gz", "ledger.jsonl.gz", "report.json")


@pytest.fixture
def source(store: Store, tmp_path: Path) -> Source:
    return Source.of(store, commit(store, sealed(store, tmp_path / "work"), clock=lambda: AT).snapshot)


def loud(records: Iterable[Record]) -> Iterator[Derived]:
    """A reader that has changed its mind about headlines."""
    for found in derive(records):
        article = found.article and found.article | {"headline": found.article["headline"].upper()}
        yield replace(found, article=article)


def rebuilt(source: Source, folder: Path, reader: Any = loud, facts: Facts = NEWER) -> Entry:
    folder.mkdir(exist_ok=True)
    return put(source, folder, source.read(folder, reader), facts, clock=lambda: AT)


def headlines(store: Store, snapshot: str, edition: int | None = None) -> list[str]:
    return [line["headline"] for line in reading.lines(store, snapshot, edition=edition)]


def test_the_same_reader_gives_the_same_bytes_from_the_store(source: Source, tmp_path: Path) -> None:
    source.read(tmp_path, derive)
    for file in FILES:
        assert (tmp_path / file).read_bytes() == read(source.store, key_of(source.snapshot, file))


def test_an_edition_lies_beside_what_was_read_first_and_says_what_it_was_made_of(
    source: Source, tmp_path: Path
) -> None:
    store, before = source.store, read(source.store, key_of(source.snapshot, "articles.jsonl.gz"))
    entry = rebuilt(source, tmp_path / "again")
    assert (entry.kind, entry.edition, entry.number, entry.snapshot) == ("edition", 1, 2, source.snapshot)
    told = chain.manifest(store, source.snapshot, 1)
    assert errors("manifest", told) == []
    assert errors("chain", orjson.loads(read(store, entry.key))) == []
    assert told["edition"] == 1
    assert told["derivedFrom"] == {"snapshot": source.snapshot, "manifest": source.sha256}
    assert (told["reader"], told["settings"]) == (OTHER, source.manifest["settings"])
    assert tuple(line["path"] for line in told["files"]) == FILES
    for file in FILES:
        kept = read(store, key_of(source.snapshot, f"editions/1/{file}"))
        assert kept == (tmp_path / "again" / file).read_bytes()
    assert store.sha256(key_of(source.snapshot, "editions/1/manifest.json")) == entry.manifest
    assert read(store, key_of(source.snapshot, "articles.jsonl.gz")) == before


def test_who_asks_for_the_newest_snapshots_gets_no_editions(source: Source, tmp_path: Path) -> None:
    rebuilt(source, tmp_path / "again")
    assert [entry.kind for entry in chain.history(source.store, "chronik")] == ["snapshot", "edition"]
    assert [entry.kind for entry in chain.newest(source.store, "chronik", count=2)] == ["snapshot"]


def test_readers_of_the_archive_get_the_newest_edition_unless_they_ask(
    source: Source, tmp_path: Path
) -> None:
    store, snapshot = source.store, source.snapshot
    plain = headlines(store, snapshot)
    rebuilt(source, tmp_path / "again")
    assert headlines(store, snapshot) == [each.upper() for each in plain] != plain
    assert headlines(store, snapshot, 0) == plain
    assert reading.line(store, snapshot, 1)["headline"] == plain[1].upper()
    assert reading.line(store, snapshot, 1, edition=0)["headline"] == plain[1]
    assert source.newest["reader"] == OTHER
    rebuilt(source, tmp_path / "third", derive, FACTS)
    assert headlines(store, snapshot) == plain
    assert [entry.edition for entry in chain.editions(store, snapshot)] == [1, 2]
    assert source.newest["reader"] == READER


def test_the_list_of_snapshots_tells_of_editions_too(source: Source, tmp_path: Path) -> None:
    entry = rebuilt(source, tmp_path / "again")
    assert (
        list(chain.snapshots(source.store))[-1] == list(chain.snapshots(source.store, anew=True))[-1] == entry
    )
    kept = [orjson.loads(line) for line in read(source.store, "snapshots.jsonl").splitlines()]
    assert [line.get("edition", "none") for line in kept] == ["none", 1]
    latest = orjson.loads(read(source.store, "latest.json"))
    assert latest["chronik"]["main"]["kind"] == "snapshot"


def test_a_warc_that_changed_gives_no_edition(source: Source, tmp_path: Path) -> None:
    path = next((tmp_path / "data").rglob("*.warc.gz"))
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data + data)  # every record is whole, and still it is not what was sealed
    with pytest.raises(StoreError, match="is not what its manifest says"):
        rebuilt(source, tmp_path / "again")
    assert chain.editions(source.store, source.snapshot) == []


def test_a_manifest_that_was_exchanged_is_not_read_again(source: Source, tmp_path: Path) -> None:
    path = next((tmp_path / "data").rglob("manifest.json"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(READER.encode(), OTHER.encode()))
    with pytest.raises(StoreError, match=r"00000001\.json names"):
        Source.of(source.store, source.snapshot)


def test_what_was_never_committed_is_not_read_again(store: Store, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work")
    with pytest.raises(UnknownSnapshotError):
        Source.of(store, made.work.id)


def test_two_at_once_take_a_number_each_unless_they_make_the_same(source: Source, tmp_path: Path) -> None:
    found: list[Entry] = []

    class Meanwhile(Directory):
        """Somebody else comes in between the files and the entry."""

        def create(self, key: str, data: Path | bytes) -> bool:
            if key.startswith("chain/") and not found:
                found.append(rebuilt(source, tmp_path / "same"))
                found.append(rebuilt(source, tmp_path / "other", derive, {**FACTS, "reader": "9" * 64}))
            return super().create(key, data)

    ours = replace(source, store=Meanwhile(tmp_path / "data"))
    entry = rebuilt(ours, tmp_path / "again")
    assert entry == found[0]
    assert [one.edition for one in chain.editions(source.store, source.snapshot)] == [1, 2]


def test_another_edition_that_was_begun_and_never_finished_keeps_its_number(
    source: Source, tmp_path: Path
) -> None:
    class Full(Directory):
        def put(self, key: str, source: Path | bytes) -> None:
            if key.endswith("editions/1/manifest.json"):
                raise StoreError("full")
            super().put(key, source)

    with pytest.raises(StoreError, match="full"):
        rebuilt(replace(source, store=Full(tmp_path / "data")), tmp_path / "again")
    assert headlines(source.store, source.snapshot) == headlines(source.store, source.snapshot, 0)
    other = rebuilt(source, tmp_path / "other", derive, {**FACTS, "reader": "9" * 64})
    assert other.edition == 2


def test_a_commit_killed_at_any_file_it_opens_or_names_is_finished_by_the_next(
    source: Source, tmp_path: Path
) -> None:
    expected = rebuilt(replace(source, store=copied(tmp_path, "plain")), tmp_path / "again")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        folders = pool.apply(_kill_everywhere, (tmp_path, source.snapshot))
    assert len(folders) > 8
    for folder in folders:
        store = Directory(folder)
        assert rebuilt(replace(source, store=store), folder.with_suffix(".again")) == expected, folder
        assert {entry.edition for entry in chain.editions(store, source.snapshot)} == {1}
        again = folder.with_suffix(".read")
        again.mkdir()
        Source.of(store, source.snapshot).read(again, loud)
        for file in FILES:
            kept = read(store, key_of(source.snapshot, f"editions/1/{file}"))
            assert kept == (again / file).read_bytes()


def copied(tmp_path: Path, folder: str) -> Store:
    shutil.copytree(tmp_path / "data", tmp_path / folder)
    return Directory(tmp_path / folder)


def _kill_everywhere(tmp_path: Path, snapshot: str) -> list[Path]:
    """Copies of a store, each left by a rebuild that was killed three steps later than the one before."""
    return list(
        killed(
            tmp_path / "killed",
            tmp_path / "data",
            lambda folder: rebuilt(Source.of(Directory(folder), snapshot), folder.with_suffix(".first")),
            every=3,
        )
    )
