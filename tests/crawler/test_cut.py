"""An exchange that is cut out of an archive is the same exchange, in a file that any reader of WARCs takes."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from warcio.checker import Checker

from archive.original import Original
from archive.record import Record, record_at, records
from crawler.cut import cut
from crawler.held import Found
from tests.archive import PAGE, chunked, exchange, gzipped, members_of, response, writer

if TYPE_CHECKING:
    from pathlib import Path


def found(folder: Path, answer: bytes, *, revisit: bool = False) -> Found:
    writing = writer(folder)
    captured = writing.exchange(exchange(1, answer))
    if revisit:
        original = Original(
            captured.record_id, exchange(1).url, captured.date, captured.payload_digest, captured.address
        )
        writing.exchange(exchange(2, answer), original=original)
    (path,) = writing.close()
    by_type = {record.type: record for record in records(path)}
    with path.open("rb") as stream:
        whole = record_at(stream, captured.address)
    return Found(whole, by_type["request"], revisit)


def written(folder: Path, data: bytes) -> Path:
    path = folder / "brücke.warc.gz"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "answer", [response(PAGE), gzipped(PAGE), chunked(PAGE, b"\r\n")], ids=["plain", "gzip", "chunked"]
)
def test_its_records_are_byte_for_byte_what_they_were(tmp_path: Path, answer: bytes) -> None:
    exchanged = found(tmp_path, answer)
    path = written(tmp_path, cut(exchanged, "brücke.warc.gz"))
    (before,) = tmp_path.glob("*-00000.warc.gz")
    then, now = ([gzip.decompress(member) for member in members_of(one)] for one in (before, path))
    assert now[1:] == then[1:3]
    assert [record.type for record in records(path)] == ["warcinfo", "response", "request"]


def test_it_says_where_it_was_cut_out(tmp_path: Path) -> None:
    exchanged = found(tmp_path, gzipped(PAGE))
    info = next(records(written(tmp_path, cut(exchanged, "brücke.warc.gz"))))
    where = exchanged.response.address
    assert f"cut out of {where.file} at offset {where.offset}, {where.length} bytes" in info.block.decode()
    assert info.get("WARC-Filename") == "brücke.warc.gz"


def test_the_same_exchange_gives_the_same_file(tmp_path: Path) -> None:
    exchanged = found(tmp_path, gzipped(PAGE))
    assert cut(exchanged, "a.warc.gz") == cut(exchanged, "a.warc.gz")


def test_the_question_whether_a_page_has_changed_is_not_kept_with_its_original(tmp_path: Path) -> None:
    path = written(tmp_path, cut(found(tmp_path, gzipped(PAGE), revisit=True), "a.warc.gz"))
    assert [record.type for record in records(path)] == ["warcinfo", "response"]


def test_warcio_accepts_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, cut(found(tmp_path, gzipped(PAGE)), "a.warc.gz"))

    class Told:
        inputs = (str(path),)
        verbose = True

    assert Checker(Told()).process_all() == 0
    assert "digest failed" not in capsys.readouterr().out


def test_a_field_of_another_archive_that_is_no_utf_8_stays_as_it_is(tmp_path: Path) -> None:
    exchanged = found(tmp_path, response(PAGE))
    odd: Record = replace(exchanged.response, fields=(*exchanged.response.fields, ("X-Note", "caf\udce9")))
    assert b"X-Note: caf\xe9\r\n" in gzip.decompress(cut(exchanged._replace(response=odd), "a.warc.gz"))
