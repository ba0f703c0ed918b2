import json
import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from threading import Event

import pytest

from archive import lease
from archive.chain import commit
from archive.lease import LASTS, LeasedError
from archive.local import Directory
from archive.objects import Store, Stored, StoreError
from archive.seal import seal
from archive.snapshot import Work, claim, forget
from archive.store import open_store
from tests.archive.crawled import FACTS, crawl, derive

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def claimed(store: Store, root: Path, site: str = "chronik", series: str = "main") -> Work:
    return claim(store, root / "work", site, series, NOON)


def keys(store: Store) -> list[str]:
    return [stored.key for stored in store.list("leases/")]


def test_a_second_crawl_of_a_series_is_told_who_runs(store: Store, tmp_path: Path) -> None:
    first, second = claimed(store, tmp_path), claimed(store, tmp_path)
    lease.take(store, first, lambda: NOON)
    with pytest.raises(LeasedError, match=rf"{first.id} is being crawled; .* ends at 2026-11-22T12:15:00"):
        lease.take(store, second, lambda: NOON + LASTS - timedelta(seconds=1))


def test_other_sites_and_series_are_not_disturbed(store: Store, tmp_path: Path) -> None:
    for site, series in (("chronik", "main"), ("chronik", "spring"), ("bote", "main")):
        lease.take(store, claimed(store, tmp_path, site, series), lambda: NOON)
    assert len(keys(store)) == 3


def test_the_lease_of_a_dead_crawl_ends(store: Store, tmp_path: Path) -> None:
    lease.take(store, claimed(store, tmp_path), lambda: NOON)
    lease.take(store, (second := claimed(store, tmp_path)), lambda: NOON + LASTS)
    held = lease.last(store, "chronik", "main")
    assert held
    assert (held.snapshot, held.until) == (second.id, NOON + 2 * LASTS)


def test_a_lease_that_was_given_back_is_free_at_once(store: Store, tmp_path: Path) -> None:
    first, second = claimed(store, tmp_path), claimed(store, tmp_path)
    lease.take(store, first, lambda: NOON)
    lease.release(store, second)  # not its own: nothing happens
    with pytest.raises(LeasedError):
        lease.take(store, second, lambda: NOON)
    lease.release(store, first)
    lease.take(store, second, lambda: NOON)


def test_a_crawl_whose_snapshot_is_in_history_holds_no_lease_any_more(store: Store, tmp_path: Path) -> None:
    work = crawl(store, tmp_path / "work")
    lease.take(store, work, lambda: NOON)
    commit(store, seal(work, derive, facts=FACTS))
    lease.take(store, claimed(store, tmp_path), lambda: NOON)


def test_a_crawl_that_was_forgotten_holds_no_lease_any_more(store: Store, tmp_path: Path) -> None:
    first, second = claimed(store, tmp_path), claimed(store, tmp_path)
    lease.take(store, first, lambda: NOON)
    forget(store, first)  # and then it was killed
    lease.take(store, second, lambda: NOON)


def test_one_object_is_left_of_many_crawls(store: Store, tmp_path: Path) -> None:
    for _ in range(3):
        work = claimed(store, tmp_path)
        lease.take(store, work, lambda: NOON)
        assert lease.renew(store, work, lambda: NOON + timedelta(minutes=5))
        lease.release(store, work)
    assert keys(store) == ["leases/site=chronik/series=main/00000009.json"]


def test_who_lost_the_lease_hears_it_when_renewing(store: Store, tmp_path: Path) -> None:
    first, second = claimed(store, tmp_path), claimed(store, tmp_path)
    lease.take(store, first, lambda: NOON)
    lease.take(store, second, lambda: NOON + LASTS)
    assert not lease.renew(store, first, lambda: NOON + LASTS)
    assert lease.renew(store, second, lambda: NOON + LASTS)


def test_a_number_that_had_been_removed_gives_no_lease(store: Store, tmp_path: Path) -> None:
    first, late = claimed(store, tmp_path), claimed(store, tmp_path)
    lease.take(store, first, lambda: NOON)
    seen = lease.last(store, "chronik", "main")
    assert lease.renew(store, first, lambda: NOON)
    assert lease.renew(store, first, lambda: NOON)
    assert not lease._next(store, late, seen, NOON + LASTS)
    assert keys(store) == ["leases/site=chronik/series=main/00000003.json"]


@pytest.mark.parametrize(
    "name", ["README", "00000009.json.bak", "9.json", "zz/00000009.json", "00000009.json/x"]
)
def test_what_others_left_among_the_leases_is_passed_over_and_left(
    name: str, store: Store, tmp_path: Path
) -> None:
    foreign = f"leases/site=chronik/series=main/{name}"
    store.put(foreign, b"")
    first, second = claimed(store, tmp_path), claimed(store, tmp_path)
    lease.take(store, first, lambda: NOON)
    with pytest.raises(LeasedError):
        lease.take(store, second, lambda: NOON)
    assert lease.renew(store, first, lambda: NOON)
    assert [held.snapshot for held in lease.every(store)] == [first.id]
    assert foreign in keys(store)


def test_a_folder_in_the_place_of_a_lease_is_told(store: Store, tmp_path: Path) -> None:
    store.put("leases/site=chronik/series=main/00000001.json/x", b"")
    with pytest.raises(StoreError, match=r"a folder stands in its place; move .* away"):
        lease.take(store, claimed(store, tmp_path), lambda: NOON)


@pytest.mark.parametrize(
    "said",
    [
        {"until": "2026-11-22T12:00:00"},
        {"until": 5},
        {"snapshot": None},
        {"snapshot": "nothing"},
        {"lapsed": 3},
        {"lapsed": [3]},
        {"holder": []},
    ],
)
def test_a_lease_that_says_what_none_does_is_told(
    said: dict[str, object], store: Store, tmp_path: Path
) -> None:
    work = claimed(store, tmp_path)
    lease.take(store, work, lambda: NOON)
    (key,) = keys(store)
    with store.open(key) as stream:
        whole = json.loads(stream.read())
    for data in (json.dumps(whole | said).encode(), b"[]", b"", b"\xff"):
        store.put(key, data)
        with pytest.raises(StoreError, match=r"is no lease; delete it"):
            lease.last(store, work.site, work.series)


class Strange(Directory):
    """A store that answers in a way which nobody expects, once or always."""

    def __init__(self, root: Path, answers: Iterator[object]) -> None:
        super().__init__(root)
        self.answers = answers

    def list(self, prefix: str = "") -> Iterator[Stored]:
        match next(self.answers):
            case None:
                return super().list(prefix)
            case Exception() as error:
                raise error
            case _:
                return iter([Stored(f"{prefix}00000007.json", 5)])


def test_a_listing_that_lies_is_told_and_not_followed_for_ever(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"lists leases/.*/00000007\.json but has no such object"):
        lease.last(Strange(tmp_path / "data", repeat("lie")), "chronik", "main")


def test_whatever_the_store_says_the_lease_is_renewed_when_it_is_due_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    renewed = Event()

    def answers() -> Iterator[object]:
        yield from [None, None]  # taken
        yield RuntimeError("nobody expects this")
        yield from [None, None]  # renewed
        renewed.set()
        yield from repeat(None)

    store = Strange(tmp_path / "data", answers())
    with lease.leased(store, claimed(store, tmp_path), every=timedelta(milliseconds=1)):
        assert renewed.wait(10)
    assert "could not be renewed: nobody expects this" in caplog.text


def test_of_many_processes_one_gets_the_lease(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        got = pool.map(_take, [str(tmp_path)] * 8)
    assert sum(got) == 1


def _take(folder: str) -> bool:
    store = open_store(f"{folder}/data")
    try:
        lease.take(store, claimed(store, Path(folder)))
    except LeasedError:
        return False
    return True


def test_a_lease_is_renewed_while_the_crawl_lives_and_free_when_it_has_ended(
    store: Store, tmp_path: Path
) -> None:
    renewed = Event()

    def clock() -> Iterator[datetime]:
        yield NOON
        yield NOON + timedelta(minutes=5)
        renewed.set()
        yield from repeat(NOON + timedelta(minutes=10))

    ticks = chain(clock())
    with lease.leased(
        store, claimed(store, tmp_path), every=timedelta(milliseconds=1), clock=lambda: next(ticks)
    ):
        assert renewed.wait(10)
        held = lease.last(store, "chronik", "main")
        assert held
        assert held.until > NOON + LASTS
    lease.take(store, claimed(store, tmp_path), lambda: NOON + timedelta(minutes=11))
