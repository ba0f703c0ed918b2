"""A crawl whose machine is gone: another one finishes it from what it had sent, and whoever comes back loses nothing."""

import multiprocessing
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from archive import lease
from archive.chain import commit, history, manifest
from archive.lease import LASTS
from archive.local import Directory
from archive.objects import Store
from archive.reading import lines
from archive.recover import FORGOTTEN, Recovered, clear, recover
from archive.seal import seal
from archive.sending import SupersededError
from archive.snapshot import ADOPTING, NASCENT, Work, claim
from archive.store import open_store
from archive.verify import verify_files
from tests.archive.crawled import FACTS, derive
from tests.archive.died import reading
from tests.archive.killed import killed
from tests.archive.rivals import LATER, NOW, SENT, adopted, lost
from tests.proving import PROVING


@pytest.fixture(params=["directory", "s3"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "directory":
        return open_store(str(tmp_path / "data"))
    return open_store(request.getfixturevalue("s3").store())


def test_another_machine_makes_a_partial_snapshot_of_what_was_sent(either: Store, tmp_path: Path) -> None:
    work = lost(either, tmp_path / "first")
    shutil.rmtree(tmp_path / "first")
    (told,) = adopted(either, tmp_path / "second")
    assert told.finished
    assert told.did.startswith(
        "its machine is gone; what it had sent (7 WARC files) was sealed as partial and committed"
    )
    kept = manifest(either, work.id)
    assert (kept["status"], kept["finish"], kept["counts"]["articles"]) == ("partial", "died", SENT)
    assert [entry.snapshot for entry in history(either, "chronik")] == [work.id]
    assert list(verify_files(either, work.id)) == []
    assert list((tmp_path / "second").iterdir()) == []
    assert adopted(either, tmp_path / "second") == []
    assert (last := lease.last(either, "chronik", "main"))
    assert last.until is None


def test_a_crawl_whose_lease_has_not_ended_is_left_alone(store: Store, tmp_path: Path) -> None:
    lost(store, tmp_path / "first")
    assert adopted(store, tmp_path / "second", NOW + LASTS - timedelta(seconds=1)) == []
    assert history(store, "chronik") == []


def test_a_crawl_that_has_its_folder_here_is_not_adopted_but_recovered_whole(
    store: Store, tmp_path: Path
) -> None:
    work = lost(store, tmp_path / "work")
    assert adopted(store, tmp_path / "work") == []
    (told,) = recover(store, tmp_path / "work", reading)
    assert told.finished
    assert manifest(store, work.id)["counts"]["articles"] == 5


def test_a_crawl_that_gave_its_lease_back_is_expected_to_come_back_for_a_month(
    store: Store, tmp_path: Path
) -> None:
    lease.release(store, lost(store, tmp_path / "first"))
    assert adopted(store, tmp_path / "second") == []
    assert adopted(store, tmp_path / "second", NOW + FORGOTTEN) == []
    (told,) = adopted(store, tmp_path / "second", NOW + FORGOTTEN + timedelta(seconds=1))
    assert told.finished


def test_a_claim_of_which_nothing_was_sent_is_none_to_adopt(store: Store, tmp_path: Path) -> None:
    lost(store, tmp_path / "first", sent=-4)
    assert adopted(store, tmp_path / "second") == []
    assert not (tmp_path / "second").exists()


def test_what_was_sent_without_an_exchange_is_removed_with_its_claim(store: Store, tmp_path: Path) -> None:
    lost(store, tmp_path / "first", sent=-3)
    (told,) = adopted(store, tmp_path / "second")
    assert "nothing had been captured" in told.did
    assert [stored.key for stored in store.list()] == [f"leases/site=chronik/series=main/{3:08}.json"]


def test_of_many_machines_one_adopts(store: Store, tmp_path: Path) -> None:
    lost(store, tmp_path / "first")
    shutil.rmtree(tmp_path / "first")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        told = pool.map(partial(_adopt, store.uri), [tmp_path / str(n) for n in range(6)])
    assert [one.finished for found in told for one in found] == [True]
    assert len(history(store, "chronik")) == 1
    assert [list(path.iterdir()) for n in range(6) if (path := tmp_path / str(n)).exists()] == [[]] * sum(
        (tmp_path / str(n)).exists() for n in range(6)
    )


def _adopt(uri: str, root: Path) -> list[Recovered]:
    return adopted(open_store(uri), root)


def test_the_first_machine_that_comes_back_with_more_is_refused_and_told_what_is_missing(
    store: Store, tmp_path: Path
) -> None:
    work = lost(store, tmp_path / "first")
    adopted(store, tmp_path / "second")
    before = {stored.key: store.sha256(stored.key) for stored in store.list("snapshots/")}
    for _ in range(2):
        (told,) = recover(store, tmp_path / "first", reading)
        assert not told.finished
        assert "this machine was taken for dead" in told.did
        assert f"warc/{work.id}-00007.warc.gz (" in told.did
        assert f"warc/{work.id}-00006.warc.gz (" not in told.did
        assert len(list(work.warc.glob("*.warc.gz"))) == 9
    assert {stored.key: store.sha256(stored.key) for stored in store.list("snapshots/")} == before
    assert len(history(store, "chronik")) == 1


def test_the_first_machine_that_comes_back_with_nothing_more_is_done(store: Store, tmp_path: Path) -> None:
    lost(store, tmp_path / "first", sent=99)
    (told,) = adopted(store, tmp_path / "second")
    (again,) = recover(store, tmp_path / "first", reading)
    assert (again.finished, again.entry) == (True, told.entry)
    assert list((tmp_path / "first").iterdir()) == []


def test_a_crawl_that_was_not_dead_is_not_committed_over_the_adopted_one(
    store: Store, tmp_path: Path
) -> None:
    work = lost(store, tmp_path / "first")
    sealed = seal(work, derive, facts=FACTS)
    adopted(store, tmp_path / "second")
    with pytest.raises(SupersededError, match=r"00008\.warc\.gz"):
        commit(store, sealed)


def test_while_one_machine_adopts_the_first_one_waits(store: Store, tmp_path: Path) -> None:
    work = lost(store, tmp_path / "first")
    other = Work(tmp_path / "second" / work.id, work.id, work.site, work.series, holder="other")
    lease.take(store, other, lambda: LATER)
    (told,) = recover(store, tmp_path / "first", reading)
    assert not told.finished
    assert "is being brought into history elsewhere" in told.did
    assert work.folder.exists()
    lease.release(store, other)
    assert [told.finished for told in recover(store, tmp_path / "first", reading)] == [True]


def test_another_crawl_of_the_series_keeps_no_recovery_waiting(store: Store, tmp_path: Path) -> None:
    lost(store, tmp_path / "first")
    other = claim(store, tmp_path / "second", "chronik", "main", NOW)
    lease.take(store, other, lambda: LATER)
    assert [told.finished for told in recover(store, tmp_path / "first", reading)] == [True]
    assert (held := lease.last(store, "chronik", "main"))
    assert (held.snapshot, held.until) == (other.id, LATER + LASTS)


def lying(root: Path) -> Store:
    """A store whose files do not come as it says."""

    class Lying(Directory):
        def sha256(self, key: str) -> str:
            return super().sha256(key)[::-1]

    return Lying(root)


def test_a_file_that_does_not_come_as_it_was_sent_is_not_believed(store: Store, tmp_path: Path) -> None:
    lost(store, tmp_path / "first")

    (told,) = adopted(lying(tmp_path / "data"), tmp_path / "second")
    assert not told.finished
    assert "does not come as it says" in told.did
    assert list((tmp_path / "second").iterdir()) == []
    assert history(store, "chronik") == []


@pytest.mark.parametrize("left", ["warc/x.warc.gz", "claim.json"])
def test_what_is_left_of_a_folder_that_was_being_removed_keeps_no_adoption_waiting(
    left: str, store: Store, tmp_path: Path
) -> None:
    work = lost(store, tmp_path / "first")
    path = tmp_path / "second" / f"{ADOPTING}{work.id}" / left
    path.parent.mkdir(parents=True)
    path.write_bytes(b"torn")
    assert list(recover(store, tmp_path / "second", reading)) == []
    assert list((tmp_path / "second").iterdir()) == []
    (told,) = adopted(store, tmp_path / "second")
    assert told.finished


def test_an_adoption_that_fails_keeps_nobody_waiting_and_is_tried_again(store: Store, tmp_path: Path) -> None:
    lost(store, tmp_path / "first")
    now = LATER
    for _ in range(2):
        (told,) = adopted(lying(tmp_path / "data"), tmp_path / "second", now)
        assert not told.finished
        following = claim(store, tmp_path / "second", "chronik", "main", now)
        lease.take(store, following, lambda: now)  # noqa: B023  called at once
        assert adopted(store, tmp_path / "third", now) == []
        lease.release(store, following)
        now += LASTS
    (told,) = adopted(store, tmp_path / "third", now)
    assert told.finished


def test_leases_of_crawls_that_are_over_are_given_back_by_clearing(store: Store, tmp_path: Path) -> None:
    work = lost(store, tmp_path / "first")
    other = claim(store, tmp_path / "first", "bote", "main", NOW)
    lease.take(store, other, lambda: NOW)
    assert list(clear(store, LATER)) == []
    assert (held := lease.last(store, "chronik", "main"))
    assert held.until is not None  # it is what says that the crawl may be adopted
    assert (ended := lease.last(store, "bote", "main"))
    assert ended.until is None
    adopted(store, tmp_path / "second")
    lease.take(store, work, lambda: LATER)
    list(clear(store, LATER))
    assert [found.until for found in lease.every(store)] == [None, None]


@pytest.mark.proof("an adoption killed at any of its steps is finished by the next machine")
def test_an_adoption_killed_at_any_step_is_finished_by_others(tmp_path: Path) -> None:
    pattern = tmp_path / "pattern"
    lost(open_store(str(pattern / "data")), pattern / "first", articles=2, sent=1)
    shutil.rmtree(pattern / "first")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        folders = pool.apply(_kill_everywhere, (pattern, tmp_path / "killed"))
    assert len(folders) > 10
    for folder in folders:
        store = open_store(str(folder / "data"))
        told = [*_finish(folder, "second", LATER), *_finish(folder, "third", LATER + 2 * LASTS)]
        assert all(one.finished for one in told), (folder, told)
        assert len(history(store, "chronik")) == 1, folder
        (entry,) = history(store, "chronik")
        assert list(verify_files(store, entry.snapshot)) == []
        assert len(list(lines(store, entry.snapshot))) == 1
        left = [path for path in (folder / "second").iterdir() if not path.name.startswith(NASCENT)]
        assert left == [], folder


def _finish(folder: Path, machine: str, now: datetime) -> Iterator[Recovered]:
    store = open_store(str(folder / "data"))
    yield from recover(store, folder / machine, reading)
    yield from adopted(store, folder / machine, now)


def _kill_everywhere(pattern: Path, root: Path) -> list[Path]:
    def act(folder: Path) -> None:
        adopted(open_store(str(folder / "data")), folder / "second")

    return list(killed(root, pattern, act, 1 if PROVING else 5))
