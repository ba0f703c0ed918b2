import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from archive import cdxj
from archive.cdxj import key, line_of, lines_of, parse_line, sorted_index, timestamp
from archive.framing import digest
from archive.original import Original
from archive.record import record_at, records
from tests.archive import CONDITIONAL, PAGE, SNAPSHOT, URL, exchange, gzipped, members_of, response, writer

FETCH = {"link": "chronik:1", "requested": URL, "hop": 0, "attempt": 1}


def some_lines(count: int) -> list[bytes]:
    urls = [f"https://chronik.example/2026/{number:05d}.html" for number in range(count)]
    lines = [
        f'{key(url)} 20261122060000 {{"url":"{url}","n":{number}}}\n'.encode()
        for number, url in enumerate(urls)
    ]
    random.Random(1).shuffle(lines)
    return lines


def packed(lines: list[bytes]) -> tuple[bytes, bytes]:
    cdx, idx = io.BytesIO(), io.BytesIO()
    sorted_index(lines, cdx, idx)
    return cdx.getvalue(), idx.getvalue()


def test_a_line_is_written_byte_for_byte_as_described(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    captured = writing.exchange(exchange(1, gzipped()), fetch=FETCH)
    (path,) = writing.close()
    member = members_of(path)[1]
    assert (
        path.with_name(f"{SNAPSHOT}-00000.cdxj").read_bytes()
        == (
            f'example,chronik)/20261122/a-1.html 20261122060100 {{"url":"{URL}","mime":"text/html","status":"200",'
            f'"digest":"{captured.payload_digest}","length":"{len(member)}","offset":"{captured.address.offset}",'
            f'"filename":"{path.name}","recordDigest":"{digest(member)}","recordId":"{captured.record_id}",'
            f'"date":"{captured.date}"}}\n'
        ).encode()
    )


def test_a_whole_page_has_what_asking_again_needs(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    headers = (b'ETag: W/"\xe9"', b"Last-Modified: Sun, 22 Nov 2026 05:00:00 GMT")
    whole = writing.exchange(exchange(1, response(PAGE, *headers)))
    writing.exchange(exchange(2, response(PAGE, *headers), truncated="time"))
    writing.exchange(exchange(3, response(PAGE, *headers, status=b"404 Nein")))
    told, cut, absent = (parse_line(line).fields for line in lines_of(writing.close()[0]))
    names = ("recordId", "date", "etag", "lastModified")
    assert [told[name] for name in names] == [
        whole.record_id,
        whole.date,
        'W/"\xe9"',
        "Sun, 22 Nov 2026 05:00:00 GMT",
    ]
    assert not [name for name in names if name in cut or name in absent]


def test_only_responses_and_revisits_have_a_line(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    first = writing.exchange(exchange(1), fetch=FETCH)
    original = Original(first.record_id, URL, first.date, first.payload_digest, first.address)
    writing.exchange(exchange(2), original=original)
    writing.exchange(
        exchange(3, b"HTTP/1.1 304 Not Modified\r\n\r\n", request=CONDITIONAL), original=original
    )
    writing.resource(b"{}", "application/json", url="urn:x-letopis:a:settings")
    lines = [parse_line(line).fields for line in lines_of(writing.close()[0])]
    assert [(line["mime"], line["status"], line["digest"]) for line in lines] == [
        ("text/html", "200", digest(PAGE)),
        ("warc/revisit", "200", digest(PAGE)),
        ("warc/revisit", "304", digest(PAGE)),
    ]


@pytest.mark.parametrize(
    ("header", "mime"),
    [
        (b"Text/HTML;charset=utf-8", "text/html"),
        (b"text/html charset=x", "text/html"),
        (b"", "unk"),
        (b"a/b, c/d", "a/b"),
    ],
)
def test_the_type_is_the_bare_one_or_unknown(tmp_path: Path, header: bytes, mime: str) -> None:
    writing = writer(tmp_path)
    writing.exchange(exchange(1, b"HTTP/1.1 200 OK\r\nContent-Type: " + header + b"\r\n\r\n"))
    (line,) = lines_of(writing.close()[0])
    assert parse_line(line).fields["mime"] == mime


def test_the_index_made_again_from_the_records_is_the_one_that_grew(tmp_path: Path) -> None:
    writing = writer(tmp_path, size=2000)
    for number in range(1, 9):
        writing.exchange(exchange(number, gzipped(PAGE * number)), fetch=FETCH)
    for path in writing.close():
        assert b"".join(lines_of(path)) == path.with_name(path.name.replace("warc.gz", "cdxj")).read_bytes()
        line = next(filter(None, map(line_of, records(path), members_of(path))))
        assert line == next(lines_of(path))


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://www.Chronik.example:443/B/?b=2&a=1#c", "example,chronik)/b?a=1&b=2"),
        ("https://хроника.рф/Мост", "xn--p1ai,xn--80apgkel8a)/%d0%9c%d0%be%d1%81%d1%82"),
        ("http://127.0.0.1:8080/a", "1,0,0,127:8080)/a"),
        ("https://chronik.example/a b", "example,chronik)/a%20b"),
    ],
)
def test_keys_bring_spellings_of_one_url_together(url: str, found: str) -> None:
    assert key(url) == found


@pytest.mark.parametrize(
    "url", ["", "no url", "http://[::1", "http://", "urn:x-letopis:a:b", "http://a/%%%", "http://a/\udc80"]
)
def test_every_url_has_a_key_without_a_space(url: str) -> None:
    assert " " not in key(url)


def test_the_time_has_14_digits() -> None:
    assert timestamp("2026-11-22T06:00:00Z") == timestamp("2026-11-22T06:00:00.999999Z") == "20261122060000"


@pytest.mark.parametrize("text", [b"", b"a b\n", b"a b {\n", b"a b []\n", b"\n"])
def test_what_is_no_line_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"no CDXJ line|unexpected|empty|EOF"):
        parse_line(text)


def test_the_packed_index_is_sorted_bytes_in_blocks_that_stand_alone() -> None:
    lines = some_lines(2500)
    cdx, idx = packed(lines)
    assert gzip.decompress(cdx) == b"".join(sorted(lines))
    header, *blocks = idx.splitlines()
    assert header == b'!meta 0 {"format":"cdxj-gzip-1.0","filename":"index.cdx.gz"}'
    assert len(blocks) == 3
    end = 0
    for number, block in enumerate(blocks):
        where = json.loads(block.split(b" ", 2)[2])
        part = cdx[where["offset"] : where["offset"] + where["length"]]
        assert where["offset"] == end
        assert where["digest"] == digest(part)
        assert zlib.decompress(part, 31) == b"".join(sorted(lines)[number * 1024 : number * 1024 + 1024])
        assert zlib.decompress(part, 31).startswith(b" ".join(block.split(b" ", 2)[:2]) + b" ")
        end += where["length"]
    assert end == len(cdx)


def test_the_same_lines_in_any_order_give_the_same_bytes() -> None:
    lines = some_lines(1500)
    assert packed(lines) == packed(sorted(lines))
    assert packed([])[0] == b""


def test_a_record_is_reached_from_the_index_alone(tmp_path: Path) -> None:
    writing = writer(tmp_path, size=1)
    for number in range(1, 6):
        writing.exchange(exchange(number, response(PAGE * number)))
    paths = {path.name: path for path in writing.close()}
    cdx, _ = packed([line for path in paths.values() for line in lines_of(path)])
    (line,) = (
        one
        for one in map(parse_line, gzip.decompress(cdx).splitlines())
        if one.fields["url"].endswith("a-4.html")
    )
    address = cdxj.address_of(line)
    with paths[address.file].open("rb") as stream:
        assert record_at(stream, address).message.content() == PAGE * 4


OURS = {"recordDigest", "recordId", "date"}
INDEXER = shutil.which("cdxj-indexer", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.mark.skipif(not INDEXER, reason="cdxj-indexer is not installed")
def test_cdxj_indexer_writes_the_same_lines_but_for_the_fields_that_asking_again_needs(
    tmp_path: Path,
) -> None:
    writing = writer(tmp_path)
    for number in range(1, 4):
        writing.exchange(exchange(number, gzipped()), fetch=FETCH)
    (path,) = writing.close()
    command = [str(INDEXER), "--records", "response,revisit", str(path)]
    theirs = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.splitlines()
    ours = [parse_line(line) for line in lines_of(path)]
    assert [parse_line(line) for line in theirs] == [
        line._replace(fields={name: value for name, value in line.fields.items() if name not in OURS})
        for line in ours
    ]
