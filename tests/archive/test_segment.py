import os
from pathlib import Path
from typing import BinaryIO

import pytest

from archive import cdxj
from archive.check import check
from archive.record import records
from archive.warc import NotRecorded
from tests.archive import FETCH, INTERIM, SNAPSHOT, exchange, gzipped, response, writer
from tests.archive.full import Disk, largest_file


def index_of(path: Path) -> list[bytes]:
    return path.with_name(path.name.replace("warc.gz", "cdxj")).read_bytes().splitlines()


def test_files_grow_under_another_name_and_get_their_own_when_closed(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    assert list(tmp_path.iterdir()) == []
    writing.exchange(exchange(1))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{SNAPSHOT}-00000.cdxj",
        f"{SNAPSHOT}-00000.warc.gz.open",
    ]
    assert list(check(tmp_path / f"{SNAPSHOT}-00000.warc.gz.open")) == []
    assert writing.close() == [tmp_path / f"{SNAPSHOT}-00000.warc.gz"]
    assert writing.close() == [tmp_path / f"{SNAPSHOT}-00000.warc.gz"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{SNAPSHOT}-00000.cdxj",
        f"{SNAPSHOT}-00000.warc.gz",
    ]


def test_no_exchange_straddles_two_files(tmp_path: Path) -> None:
    writing = writer(tmp_path, size=3000)
    for number in range(1, 21):
        writing.exchange(exchange(number, response(os.urandom(400)), interim=INTERIM), fetch=FETCH)
    paths = writing.close()
    assert [path.name for path in paths] == [
        f"{SNAPSHOT}-{number:05d}.warc.gz" for number in range(len(paths))
    ]
    assert len(paths) > 3
    seen: set[str] = set()
    for path in paths:
        kinds = [record.type for record in records(path)]
        assert kinds == ["warcinfo", *["response", "request", "metadata", "metadata"] * (len(kinds) // 4)]
        assert list(check(path, index=index_of(path), seen=seen)) == []


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    there = tmp_path / f"{SNAPSHOT}-00000.warc.gz.open"
    there.write_bytes(b"evidence")
    with pytest.raises(NotRecorded, match="cannot be begun"):
        writer(tmp_path).exchange(exchange(1))
    assert there.read_bytes() == b"evidence"


def test_the_index_grows_with_the_file(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    growing = tmp_path / f"{SNAPSHOT}-00000.warc.gz.open"
    for number in range(1, 4):
        writing.exchange(exchange(number), fetch=FETCH)
        assert next(tmp_path.glob("*.cdxj")).read_bytes() == b"".join(cdxj.lines_of(growing))
    writing.close()


@pytest.mark.parametrize("room", range(0, 2600, 97))
def test_a_disk_full_at_any_byte_leaves_what_was_written_before(tmp_path: Path, room: int) -> None:
    disk = Disk()
    writing = writer(tmp_path, create=disk.create)
    writing.exchange(exchange(1), fetch=FETCH)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    disk.room = room
    with pytest.raises(NotRecorded, match="No space left on device"):
        writing.exchange(exchange(2, gzipped(os.urandom(900))), fetch=FETCH)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    disk.room = 10**9
    writing.exchange(exchange(3), fetch=FETCH)
    (path,) = writing.close()
    assert list(check(path, index=index_of(path))) == []


def test_a_disk_full_at_the_first_record_leaves_no_file(tmp_path: Path) -> None:
    disk = Disk()
    disk.room = 100
    writing = writer(tmp_path, create=disk.create)
    with pytest.raises(NotRecorded):
        writing.exchange(exchange(1))
    assert writing.close() == []
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_that_cannot_be_taken_back_ends_all_writing(tmp_path: Path) -> None:
    disk = Disk()
    writing = writer(tmp_path, create=disk.create)
    writing.exchange(exchange(1))
    disk.room, disk.truncates = 50, False
    with pytest.raises(NotRecorded, match="No space left"):
        writing.exchange(exchange(2))
    disk.room, disk.truncates = 10**9, True
    with pytest.raises(NotRecorded, match="takes no more"):
        writing.exchange(exchange(3))
    with pytest.raises(NotRecorded, match="takes no more"):
        writing.close()
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".cdxj", ".open"]


def test_an_index_that_cannot_be_written_takes_its_records_back(tmp_path: Path) -> None:
    def full_index(path: Path) -> BinaryIO:
        return (
            Path("/dev/full").open("wb", buffering=0)
            if path.suffix == ".cdxj"
            else path.open("xb", buffering=0)
        )

    writing = writer(tmp_path, create=full_index)
    with pytest.raises(NotRecorded, match="No space left on device"):
        writing.exchange(exchange(1))
    assert (tmp_path / f"{SNAPSHOT}-00000.warc.gz.open").read_bytes() == b""
    with pytest.raises(NotRecorded):
        writing.close()


def test_a_file_that_may_not_grow_keeps_what_it_has(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    writing.exchange(exchange(1))
    growing = tmp_path / f"{SNAPSHOT}-00000.warc.gz.open"
    before = growing.read_bytes()
    with largest_file(len(before) + 700), pytest.raises(NotRecorded, match="File too large"):
        writing.exchange(exchange(2, response(os.urandom(2000))))
    assert growing.read_bytes() == before
    writing.exchange(exchange(2))
    assert list(check(writing.close()[0])) == []


def test_a_folder_that_went_away_is_not_recorded_to(tmp_path: Path) -> None:
    writing = writer(tmp_path / "gone")
    with pytest.raises(NotRecorded, match="cannot be begun"):
        writing.exchange(exchange(1))
    assert writing.close() == []


def test_a_file_that_cannot_get_its_name_stays_open_by_name_and_takes_no_more(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    writing.exchange(exchange(1))
    (tmp_path / f"{SNAPSHOT}-00000.warc.gz").mkdir()
    with pytest.raises(NotRecorded, match="could not be closed"):
        writing.close()
    with pytest.raises(NotRecorded, match="takes no more"):
        writing.exchange(exchange(2))
    assert list(check(tmp_path / f"{SNAPSHOT}-00000.warc.gz.open")) == []
