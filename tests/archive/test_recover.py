import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import lease
from archive.chain import commit, history, manifest
from archive.manifest import Facts
from archive.reading import report
from archive.record import records
from archive.recover import clear, recover
from archive.seal import Derive, SealError, seal
from archive.snapshot import Work, claim, claim_key, key_of
from archive.store import open_store
from archive.verify import verify_files
from tests.archive.crawled import FACTS, NOON, Crawl, crawl, derive, url
from tests.archive.died import dead, gone, left, reading, recovered, store_in


@pytest.mark.parametrize("torn", [b"", b"\x1f\x8b\x08\x00\x00", bytes(4096)])
def test_a_crawl_that_died_becomes_a_partial_snapshot(torn: bytes, tmp_path: Path) -> None:
    work = dead(tmp_path, torn=torn)
    (told,) = recovered(tmp_path)
    assert told.finished
    assert told.did.startswith("sealed as partial and committed")
    assert (f"{len(torn)} bytes of a torn record" in told.did) == bool(torn)
    store = store_in(tmp_path)
    kept = manifest(store, work.id)
    assert (kept["status"], kept["finish"], kept["counts"]["articles"]) == ("partial", "died", 3)
    assert [entry.snapshot for entry in history(store, "chronik")] == [work.id]
    assert list(verify_files(store, work.id)) == []
    assert left(tmp_path) == []
    assert recovered(tmp_path) == []


def test_a_torn_file_loses_its_last_record_at_every_byte_and_nothing_more(tmp_path: Path) -> None:
    work = dead(tmp_path / "whole", articles=1)
    (path,) = work.warc.glob("*.open")
    data, ends = path.read_bytes(), [r.address.offset + r.address.length for r in records(path)]
    for size in range(ends[-4], len(data), 97):
        copy = tmp_path / str(size)
        shutil.copytree(tmp_path / "whole", copy)
        with (copy / path.relative_to(tmp_path / "whole")).open("r+b") as stream:
            stream.truncate(size)
        (told,) = recovered(copy)
        (warc,) = (copy / "data").rglob("*.warc.gz")
        assert told.finished
        assert warc.stat().st_size == max(end for end in ends if end <= size)


def test_a_crawl_that_lives_is_left_alone(tmp_path: Path) -> None:
    work = crawl(store_in(tmp_path), tmp_path / "work")
    (told,) = recovered(tmp_path)
    assert (told.name, told.running, told.finished) == (work.id, True, False)
    assert told.did == "was left alone: its crawl is running, or being finished"
    assert left(tmp_path) == [work.id]
    gone(work)
    assert [told.finished for told in recovered(tmp_path)] == [True]


def test_only_the_crawls_of_one_site_are_looked_at_where_one_is_named(tmp_path: Path) -> None:
    work = dead(tmp_path)
    assert list(recover(store_in(tmp_path), tmp_path / "work", reading, "bote")) == []
    assert left(tmp_path) == [work.id]


def test_a_crawl_that_came_to_its_end_before_it_died_is_complete(tmp_path: Path) -> None:
    gone(crawl(store_in(tmp_path), tmp_path / "work"))
    (told,) = recovered(tmp_path)
    assert told.entry
    assert told.entry.summary["status"] == "complete"


def test_a_sealed_or_committed_folder_is_finished_and_not_made_again(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    first, second = (crawl(store, tmp_path / "work") for _ in range(2))
    commit(store, seal(first, derive, facts=FACTS))
    kept = seal(second, derive, facts=FACTS)
    gone(first)
    gone(second)

    def nobody(_: Work) -> tuple[Derive, Facts]:
        raise AssertionError

    found = list(recover(store, tmp_path / "work", nobody))
    assert [told.finished for told in found] == [True, True]
    assert [(e.snapshot, e.number) for e in history(store, "chronik")] == [(first.id, 1), (second.id, 2)]
    assert history(store, "chronik")[1].manifest == kept.sha256
    assert left(tmp_path) == []


def test_a_crawl_that_captured_nothing_is_removed_with_its_claim(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    bare, begun = (claim(store, tmp_path / "work", "chronik", "main", NOON) for _ in range(2))
    made = Crawl(begun)
    made.start()
    gone(bare)
    gone(begun, made)
    assert ["nothing had been captured" in told.did for told in recovered(tmp_path)] == [True, True]
    assert left(tmp_path) == []
    assert list(store.list("claims/")) == []


def test_a_crawl_that_only_failed_is_kept(tmp_path: Path) -> None:
    work = claim(store_in(tmp_path), tmp_path / "work", "chronik", "main", NOON)
    made = Crawl(work)
    made.start()
    for number in range(1, 4):
        made.journal.failure(link=None, url=url(number), reason="dns", message="no such host")
    gone(work, made)
    (told,) = recovered(tmp_path)
    assert told.did.startswith("sealed as partial and committed")
    assert report(store_in(tmp_path), work.id)["failures"] == {"dns": 3}
    assert list(verify_files(store_in(tmp_path), work.id)) == []


def test_a_folder_of_another_store_is_left_where_it_is(tmp_path: Path) -> None:
    work = dead(tmp_path)
    other = open_store(str(tmp_path / "other"))
    (told,) = recover(other, tmp_path / "work", reading)
    assert not told.finished
    assert f"it was not claimed in {other.uri}; name {store_in(tmp_path).uri}" in told.did
    assert left(tmp_path) == [work.id]
    assert list(other.list()) == []


def test_a_damaged_folder_is_named_and_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    work = dead(tmp_path)
    (path,) = work.warc.glob("*.open")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    other = dead(tmp_path)
    broken, sound = recovered(tmp_path)
    assert (broken.name, broken.finished) == (work.id, False)
    assert re.fullmatch(r"cannot be finished: \S+\.warc\.gz.*; all stays in \S+", broken.did)
    assert (sound.name, sound.finished) == (other.id, True)
    assert left(tmp_path) == [work.id]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (LookupError("no site chronik is known here"), "no site chronik is known here"),
        (
            PermissionError(13, "Permission denied", "/srv/letopis/work"),
            "Permission denied: /srv/letopis/work",
        ),
        (SealError("x.warc.gz is open\nyet"), "x.warc.gz is open yet"),
        (KeyError("headline"), "Letopis broke (KeyError: 'headline'), please report it"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_a_fault_of_ours_is_named(
    error: Exception, said: str, tmp_path: Path
) -> None:
    work = dead(tmp_path)

    def fails(_: Work) -> tuple[Derive, Facts]:
        raise error

    (told,) = recover(store_in(tmp_path), tmp_path / "work", fails)
    assert told.did == f"cannot be finished: {said}; all stays in {work.folder}"


@pytest.mark.parametrize("name", ["chronik-20261122T120000Z", "chronik-20261122T120000Z/warc"])
def test_what_only_has_the_name_of_a_work_folder_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "work" / name).parent.mkdir(parents=True)
    (tmp_path / "work" / name).write_bytes(b"")
    assert all("has no claim.json" in told.did for told in recovered(tmp_path))
    assert (tmp_path / "work" / name).exists()


def test_the_lease_of_a_recovered_crawl_is_given_back(tmp_path: Path) -> None:
    store, work = store_in(tmp_path), dead(tmp_path)
    lease.take(store, work)
    assert recovered(tmp_path)[0].finished
    lease.take(store, claim(store, tmp_path / "work", "chronik", "main", NOON))


def test_what_was_given_up_in_a_store_is_cleared_and_said(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    gone(crawl(store, tmp_path / "work"))
    (kept,) = recovered(tmp_path)
    orphan, loaded = (claim(store, tmp_path / "work", "bote", "main", NOON).id for _ in range(2))
    store.put(key_of(loaded, "warc/x.warc.gz"), b"")
    scratch = tmp_path / "data" / ".pending"
    (scratch / ".half").write_bytes(b"half")
    assert list(clear(store, NOON)) == []
    told = {one.name: one.finished for one in clear(store, datetime.now(UTC) + timedelta(days=400))}
    assert told == {".half": True, orphan: True, loaded: False}
    assert [Path(stored.key).stem for stored in store.list("claims/")] == [loaded, kept.name]


def test_a_folder_that_comes_back_after_its_claim_was_cleared_is_finished(tmp_path: Path) -> None:
    store, work = store_in(tmp_path), dead(tmp_path)
    (told,) = clear(store, NOON + timedelta(days=31))
    assert told.name == work.id
    assert list(store.list("claims/")) == []
    assert [told.finished for told in recovered(tmp_path)] == [True]
    assert [entry.snapshot for entry in history(store, "chronik")] == [work.id]
    assert [Path(stored.key).stem for stored in store.list("claims/")] == [work.id]


def test_a_folder_whose_claim_another_has_taken_meanwhile_is_left_alone(tmp_path: Path) -> None:
    store, work = store_in(tmp_path), dead(tmp_path)
    store.delete(claim_key(work.id))
    other = claim(store, tmp_path / "elsewhere", "chronik", "main", NOON)
    assert other.id == work.id
    assert [told.finished for told in recovered(tmp_path)] == [False]
    assert left(tmp_path) == [work.id]


def test_the_claim_of_a_crawl_that_runs_for_long_is_not_cleared(tmp_path: Path) -> None:
    store, work = store_in(tmp_path), dead(tmp_path)
    now = NOON + timedelta(days=31)
    lease.take(store, work, lambda: now)
    assert list(clear(store, now)) == []
    assert len(list(store.list("claims/"))) == 1
