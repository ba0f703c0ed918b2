import io
import shutil
import subprocess
import zlib
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from archive.record import Address, BrokenRecordError, Record, record_at, records
from tests.archive import PAGE, URL, chunked, exchange, gzipped, members_of, packed, response, writer


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    writing = writer(tmp_path)
    for number, answer in enumerate(
        (response(), gzipped(), chunked(PAGE), b"", response(b"\r\n\r\nWARC/1.1\r\n")), 1
    ):
        writing.exchange(exchange(number, answer))
    return writing.close()[0]


def test_records_come_with_exact_addresses_and_blocks(warc: Path) -> None:
    read = list(records(warc))
    assert [record.type for record in read] == ["warcinfo", *["response", "request"] * 5]
    assert [record.address.length for record in read] == [len(member) for member in members_of(warc)]
    assert [record.address.offset for record in read[1:]] == [
        each.address.offset + each.address.length for each in read[:-1]
    ]
    assert {record.address.file for record in read} == {warc.name}
    assert [record.block for record in read[1::2]][1:4] == [gzipped(), chunked(PAGE), b""]


def test_a_record_is_read_at_its_address(warc: Path) -> None:
    with warc.open("rb") as stream:
        for record in reversed(list(records(warc))):
            assert record_at(stream, record.address) == record


def test_an_address_that_holds_no_such_record_is_refused(warc: Path) -> None:
    first, second = [record.address for record in records(warc)][:2]
    with warc.open("rb") as stream:
        for wrong in (
            Address(first.file, 3, 9),
            Address(first.file, 0, second.length),
            Address(first.file, 10**9, 1),
        ):
            with pytest.raises(BrokenRecordError, match=rf"{first.file} at offset {wrong.offset}"):
                record_at(stream, wrong)


def test_fields_are_read_whatever_their_case_and_however_often(warc: Path) -> None:
    record = next(record for record in records(warc) if record.type == "response")
    assert record.get("warc-protocol") == "http/1.1"
    assert record.get_all("WARC-PROTOCOL") == ["http/1.1", "tls/1.3"]
    assert record.get("absent") is None
    assert record.id == "urn:uuid:00000000-0000-4000-8000-000000000001"
    assert (record.url, record.date) == (URL, "2026-11-22T06:01:00.123456Z")
    assert record.message.content() == PAGE


def test_a_stream_without_a_name_or_a_seek_is_read_too(warc: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self.data = data

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            size = min(size, 7)
            part, self.data = self.data[:size], self.data[size:]
            return part

    pipe = Pipe(warc.read_bytes())
    assert [record.block for record in records(pipe, "a.warc.gz")] == [
        record.block for record in records(warc)
    ]  # type: ignore[arg-type]


def test_a_growing_file_is_read_under_its_final_name(warc: Path) -> None:
    growing = warc.rename(warc.with_name(warc.name + ".open"))
    assert {record.address.file for record in records(growing)} == {warc.name}


def test_a_torn_file_gives_all_before_the_tear_and_says_so(warc: Path) -> None:
    whole = list(records(warc))
    warc.write_bytes(warc.read_bytes()[:-5])
    read = []
    with pytest.raises(BrokenRecordError) as caught:
        read.extend(iter_into(read, records(warc)))
    assert (caught.value.torn, caught.value.offset) == (True, whole[-1].address.offset)
    assert read == whole[:-1]


def iter_into(read: list[Record], source: object) -> list[Record]:
    for record in source:  # type: ignore[attr-defined]
        read.append(record)  # noqa: PERF402  what came before the error counts
    return []


@pytest.mark.parametrize("change", [partial(bytes.replace, old := b"Content-Length: ", old + b"1"), lambda data: data[:-4], lambda data: data + data, lambda _: b"x"])  # fmt: skip
def test_a_record_whose_framing_does_not_hold_is_refused(
    warc: Path, change: Callable[[bytes], bytes]
) -> None:
    data = zlib.decompress(members_of(warc)[0], 31)
    with pytest.raises(BrokenRecordError) as caught:
        list(records(io.BytesIO(packed(change(data))), "a"))
    assert not caught.value.torn


def test_a_member_that_inflates_without_end_is_refused() -> None:
    with pytest.raises(BrokenRecordError, match="more than 268435456 bytes"):
        list(records(io.BytesIO(packed(bytes(300_000_000))), "bomb"))


def test_warcio_and_fastwarc_read_the_same_blocks_at_the_same_places(warc: Path) -> None:
    ours = [(record.address.offset, record.id, record.block) for record in records(warc)]
    with warc.open("rb") as stream:
        fast = [
            (each.stream_pos, each.record_id[1:-1], each.reader.read())
            for each in FastIterator(stream, parse_http=False)
        ]
    assert fast == ours
    with warc.open("rb") as stream:
        iterator = ArchiveIterator(stream, no_record_parse=True)
        slow = [
            (each.raw_stream.read(), each.rec_headers["WARC-Record-ID"][1:-1], iterator.get_record_offset())
            for each in iterator
        ]
    assert [(offset, identifier, block) for block, identifier, offset in slow] == ours


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # warcio leaves its buffers unclosed
@pytest.mark.parametrize("gz", [True, False])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_what_warcio_writes_is_read(gz: bool, version: str) -> None:
    out = io.BytesIO()
    foreign = WARCWriter(out, gzip=gz, warc_version=version)
    foreign.write_record(foreign.create_warcinfo_record("a.warc", {"software": "another"}))
    foreign.write_record(foreign.create_warc_record(URL, "response", payload=io.BytesIO(chunked(PAGE))))
    out.seek(0)
    info, answer = records(out, "a.warc")
    assert (info.type, info.version, answer.url) == ("warcinfo", f"WARC/{version}", URL)
    assert answer.message.content() == PAGE
    assert record_at(out, answer.address) == answer


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.skipif(not shutil.which("wget"), reason="wget is not installed")
@pytest.mark.parametrize("options", [[], ["--no-warc-compression"]])
def test_what_wget_writes_is_read(tmp_path: Path, options: list[str]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/a.html"
        command = ["wget", "-q", "--no-config", "--no-proxy", "-O", "page", "--warc-file=a", *options, url]
        subprocess.run(command, cwd=tmp_path, check=True, timeout=30)
        server.shutdown()
        thread.join()
    (warc,) = tmp_path.glob("a.warc*")
    read = {record.type: record for record in records(warc)}
    assert read["response"].url == url
    assert read["response"].version == "WARC/1.0"
    assert read["response"].message.content() == PAGE
    assert read["request"].message.start_line == b"GET /a.html HTTP/1.1"
    with warc.open("rb") as stream:
        assert record_at(stream, read["response"].address) == read["response"]
