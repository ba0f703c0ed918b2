"""Downloads that end at the same time share one write; each hears what became of its own exchange."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from archive.cdxj import lines_of
from archive.check import check
from archive.record import Captured, records
from archive.warc import NotRecorded
from crawler.together import ENOUGH, Together
from tests.archive import exchange, response, writer
from tests.archive.full import Disk, File, largest_file

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from archive.record import Exchange
    from archive.warc import WarcWriter


async def written(writing: WarcWriter, exchanges: list[Exchange]) -> list[Captured | BaseException]:
    together = Together(writing)
    return await asyncio.gather(
        *(together.write(writing.pieces(one)) for one in exchanges), return_exceptions=True
    )


class Counted:
    """Counts the writes to each file."""

    def __init__(self) -> None:
        self.disk = Disk()
        self.writes: list[str] = []

    def create(self, path: Path) -> BinaryIO:
        counted = self.writes

        class Counting(File):
            def write(self, data: bytes) -> int:
                counted.append(path.suffix)
                return super().write(data)

        return Counting(self.disk, path)  # type: ignore[return-value]


def test_what_ends_in_one_turn_is_one_write_of_whole_exchanges_in_their_order(tmp_path: Path) -> None:
    counted = Counted()
    writing = writer(tmp_path, create=counted.create)
    given = [exchange(number) for number in range(1, 16)]
    told = asyncio.run(written(writing, given))
    assert counted.writes == [".open", ".cdxj"]
    (path,) = writing.close()
    responses = [record for record in records(path) if record.type == "response"]
    assert [record.url for record in responses] == [one.url for one in given]
    assert [record.address for record in responses] == [
        one.address for one in told if isinstance(one, Captured)
    ]
    assert list(check(path, index=list(lines_of(path)))) == []


def test_together_they_are_byte_for_byte_what_they_are_one_by_one(tmp_path: Path) -> None:
    given = [exchange(number) for number in range(1, 9)]
    files = []
    for name in ("together", "alone"):
        (tmp_path / name).mkdir()
        writing = writer(tmp_path / name)
        if name == "together":
            asyncio.run(written(writing, given))
        else:
            for one in given:
                writing.exchange(one)
        (path,) = writing.close()
        files.append([record.block for record in records(path)][1:])
    assert files[0] == files[1]


def test_on_a_disk_with_room_for_some_those_are_kept_and_only_the_others_fail(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    first = writing.exchange(exchange(1))
    with largest_file(first.address.offset + first.address.length + 4000):
        told = asyncio.run(written(writing, [exchange(number) for number in range(2, 12)]))
    kept = [one for one in told if isinstance(one, Captured)]
    assert 0 < len(kept) < len(told)
    assert all(isinstance(one, NotRecorded) for one in told if not isinstance(one, Captured))
    (path,) = writing.close()
    assert [record.id for record in records(path) if record.type == "response"][1:] == [
        one.record_id for one in kept
    ]


def test_whatever_breaks_a_write_all_who_wait_hear_of_it_and_what_was_written_stays(tmp_path: Path) -> None:
    broken = False

    class Poisoned(File):
        """Breaks as no disk does."""

        def write(self, data: bytes) -> int:
            if broken:
                raise MemoryError("no room for so many")
            return super().write(data)

    disk = Disk()
    writing = writer(tmp_path, create=lambda path: Poisoned(disk, path))  # type: ignore[arg-type,return-value]
    first = [writing.exchange(exchange(number)).record_id for number in (1, 2, 3)]
    broken = True
    told = asyncio.run(written(writing, [exchange(number) for number in range(4, 9)]))
    assert [str(one) for one in told] == [
        "an exchange could not be written: MemoryError: no room for so many"
    ] * 5
    assert all(isinstance(one, NotRecorded) for one in told)
    (path,) = writing.close()
    assert [record.id for record in records(path) if record.type == "response"] == first


def test_large_answers_do_not_wait_for_more(tmp_path: Path) -> None:
    counted = Counted()
    writing = writer(tmp_path, create=counted.create)
    asyncio.run(written(writing, [exchange(number, response(bytes(ENOUGH))) for number in range(1, 4)]))
    assert counted.writes == [".open", ".cdxj"] * 3
    writing.close()


def test_what_still_waits_when_the_crawl_is_cut_short_is_written(tmp_path: Path) -> None:
    writing = writer(tmp_path)

    async def cut_short() -> None:
        together = Together(writing)
        asking = asyncio.ensure_future(together.write(writing.pieces(exchange(1))))
        await asyncio.sleep(0)
        together.flush()
        assert (await asking).record_id

    asyncio.run(cut_short())
    (path,) = writing.close()
    assert [record.type for record in records(path)] == ["warcinfo", "response", "request"]
