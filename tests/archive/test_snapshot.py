import multiprocessing
import shutil
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from archive.objects import StoreError
from archive.snapshot import UnknownSnapshotError, Work, claim, discard, key_of, site_of, work_in
from archive.store import open_store

NOW = datetime(2026, 11, 22, 6, 0, 0, 999_999, tzinfo=UTC)


def test_a_snapshot_is_named_by_its_site_and_the_second_of_its_claim(tmp_path: Path) -> None:
    work = claim(open_store(str(tmp_path / "data")), tmp_path / "work", "rbc_kaliningrad", "main", NOW)
    assert work.id == "rbc_kaliningrad-20261122T060000Z"
    assert work == Work(tmp_path / "work" / work.id, work.id, "rbc_kaliningrad", "main")
    assert work.warc.is_dir()


def test_the_second_is_that_of_utc_wherever_the_clock_stands(tmp_path: Path) -> None:
    moscow = NOW.astimezone(timezone(timedelta(hours=3)))
    assert (
        claim(open_store(str(tmp_path)), tmp_path / "work", "ria", "main", moscow).id
        == "ria-20261122T060000Z"
    )


def test_a_taken_second_gives_the_next_even_from_another_work_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "data"))
    works = [claim(store, tmp_path / f"work{n % 2}", "ria", "main", NOW) for n in range(4)]
    assert [work.id[-3:] for work in works] == ["00Z", "01Z", "02Z", "03Z"]
    assert sorted(path.name for path in (tmp_path / "work0").iterdir()) == [works[0].id, works[2].id]


def test_a_work_folder_that_another_store_uses_is_not_shared(tmp_path: Path) -> None:
    first = claim(open_store(str(tmp_path / "a")), tmp_path / "work", "ria", "main", NOW)
    second = claim(open_store(str(tmp_path / "b")), tmp_path / "work", "ria", "main", NOW)
    assert first.folder != second.folder


def test_sites_do_not_take_each_others_seconds(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    ids = {claim(store, tmp_path / "work", site, "main", NOW).id for site in ("ria", "smollenta")}
    assert ids == {"ria-20261122T060000Z", "smollenta-20261122T060000Z"}


def test_of_many_processes_each_gets_a_snapshot_of_its_own(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        ids = pool.map(_claim, [str(tmp_path)] * 12)
    assert sorted(ids) == [f"ria-20261122T0600{second:02}Z" for second in range(12)]


def _claim(folder: str) -> str:
    return claim(open_store(f"{folder}/data"), Path(folder, "work"), "ria", "main", NOW).id


def test_a_work_folder_is_found_again_by_what_lies_in_it(tmp_path: Path) -> None:
    work = claim(open_store(str(tmp_path / "data")), tmp_path / "work", "ria", "spring-2026", NOW)
    moved = tmp_path / "elsewhere"
    shutil.move(work.folder, moved)
    assert work_in(moved) == Work(moved, work.id, "ria", "spring-2026")


def test_a_folder_without_a_claim_is_no_work_folder(tmp_path: Path) -> None:
    with pytest.raises(UnknownSnapshotError, match=r"no work folder of a crawl"):
        work_in(tmp_path)
    (tmp_path / "claim.json").write_text("[]")
    with pytest.raises(UnknownSnapshotError, match=r"no work folder of a crawl"):
        work_in(tmp_path)


def test_a_discarded_work_folder_is_gone_and_its_name_stays_taken(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "data"))
    work = claim(store, tmp_path / "work", "ria", "main", NOW)
    discard(work)
    assert not work.folder.exists()
    assert claim(store, tmp_path / "work", "ria", "main", NOW).id == "ria-20261122T060001Z"


@pytest.mark.parametrize(
    ("site", "series"),
    [("Ria", "main"), ("../ria", "main"), ("", "main"), ("ria-2", "main"), ("ria", "a/b"), ("ria", "")],
)
def test_names_that_could_not_be_part_of_a_key_are_refused(site: str, series: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot name a (site|series)"):
        claim(open_store(str(tmp_path)), tmp_path / "work", site, series, NOW)


def test_a_work_root_that_is_a_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("")
    with pytest.raises(StoreError, match=r"cannot make the work folder .*work"):
        claim(open_store(str(tmp_path / "data")), tmp_path / "work", "ria", "main", NOW)


@pytest.mark.parametrize(
    "name", ["ria", "ria-20261122", "ria-20261122T060000", "ria-20261122T060000Z/..", "Ria-20261122T060000Z"]
)
def test_what_is_no_identifier_has_no_key(name: str) -> None:
    with pytest.raises(UnknownSnapshotError, match="their names look like"):
        key_of(name)


def test_a_site_is_read_off_an_identifier() -> None:
    assert site_of("rbc_kaliningrad-20261122T060000Z") == "rbc_kaliningrad"
    assert key_of("ria-20261122T060000Z") == "snapshots/site=ria/snapshot=ria-20261122T060000Z/"
