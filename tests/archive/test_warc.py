import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.check import check
from archive.framing import digest
from archive.record import Captured, record_at, records
from archive.warc import WarcWriter
from tests.archive import (
    FETCH,
    ID,
    INTERIM,
    PAGE,
    REQUEST,
    SIX,
    SNAPSHOT,
    chunked,
    counted_ids,
    exchange,
    gzipped,
    response,
    writer,
)


def test_the_same_exchanges_clock_and_ids_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        writing = writer(tmp_path / name)
        writing.exchange(exchange(1, gzipped()), fetch=FETCH)
        writing.resource(b"{}", "application/json", url=f"urn:x-letopis:{SNAPSHOT}:settings")
        written.append([path.read_bytes() for path in (*writing.close(), *(tmp_path / name).glob("*.cdxj"))])
    assert written[0] == written[1]


def test_what_was_written_is_said_of_the_response(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    captured = writing.exchange(exchange(1, chunked(PAGE)), fetch=FETCH)
    (path,) = writing.close()
    assert captured == Captured(captured.address, ID + "1", "2026-11-22T06:01:00.123456Z", digest(PAGE))
    with path.open("rb") as stream:
        record = record_at(stream, captured.address)
    assert (record.id, record.block) == (captured.record_id, chunked(PAGE))


def test_metadata_and_resources_stand_alone(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    settings = writing.resource(b"# lock", "text/plain", url="urn:x-letopis:a:lock")
    note = writing.metadata(
        b"{}", "application/json", url="urn:x-letopis:a:note", concurrent_to=settings.record_id, at=SIX
    )
    (path,) = writing.close()
    kept = list(records(path))
    assert [(record.type, record.url, record.id, record.address) for record in kept[1:]] == [
        ("resource", "urn:x-letopis:a:lock", settings.record_id, settings.address),
        ("metadata", "urn:x-letopis:a:note", note.record_id, note.address),
    ]
    assert (kept[2].get("WARC-Concurrent-To"), kept[2].date) == (
        f"<{settings.record_id}>",
        "2026-11-22T06:00:00.123456Z",
    )
    assert settings.payload_digest == digest(b"# lock")


@pytest.mark.parametrize("answer", [response(), gzipped(), chunked(b"a" * 70_000, b"b"), b"HTTP/1.0 200 OK\nBad line\n\xff: \xe9\n\n\0\xff", b"", b"\r\n" * 9])  # fmt: skip
def test_blocks_come_back_byte_for_byte(tmp_path: Path, answer: bytes) -> None:
    writing = writer(tmp_path)
    writing.exchange(exchange(1, answer, interim=INTERIM))
    _, got, asked, early = records(writing.close()[0])
    assert (got.block, asked.block, early.block) == (answer, REQUEST, INTERIM)


def test_encoded_bodies_are_stored_and_others_deflated(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    page = PAGE * 100 + os.urandom(5000)
    stored = writing.exchange(exchange(1, gzipped(page)))
    deflated = writing.exchange(exchange(2, response(page)))
    (path,) = writing.close()
    encoded = gzip.compress(page, mtime=0)
    assert encoded in path.read_bytes()
    assert stored.address.length > len(encoded)
    assert deflated.address.length < len(page)


def test_the_level_follows_every_value_of_content_encoding(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    writing.exchange(exchange(1, response(b"x" * 1000, b"Content-Encoding: identity")))
    writing.exchange(
        exchange(2, response(b"y" * 1000, b"Content-Encoding: identity", b"Content-Encoding: gzip"))
    )
    data = writing.close()[0].read_bytes()
    assert b"x" * 1000 not in data
    assert b"y" * 1000 in data


KILLED = """
import os, sys
from pathlib import Path
from tests.archive import exchange, response, writer
writing = writer(Path(sys.argv[1]))
for number in range(1, 10**6):
    writing.exchange(exchange(number, response(os.urandom(3000))), fetch={"link": "a"})
    print(number, flush=True)
"""


def test_what_was_said_to_be_written_survives_the_death_of_the_crawl(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    ) as crawl:
        assert crawl.stdout
        said = 0
        while said < 20:
            said = int(crawl.stdout.readline())
        crawl.kill()
        said = max([said, *map(int, crawl.stdout.read().split())])
    growing = tmp_path / f"{SNAPSHOT}-00000.warc.gz.open"
    answers = [record for record in records(growing) if record.type == "response"]
    assert len(answers) >= said


def test_recording_holds_nothing_back_in_memory(tmp_path: Path) -> None:
    writing = writer(tmp_path, fsync="segment", new_id=counted_ids(), size=10**5)
    for number in range(1, 200):
        writing.exchange(exchange(number, response(os.urandom(2000))), fetch=FETCH)
    held = {
        name: value for name, value in vars(writing).items() if isinstance(value, bytes | list | dict | str)
    }
    assert sum(map(sys.getsizeof, held.values())) < 5000
    assert len(writing.close()) > 3


def test_a_writer_needs_no_more_than_a_folder_a_prefix_and_info(tmp_path: Path) -> None:
    writing = WarcWriter(tmp_path, "a", info={"isPartOf": "a"})
    captured = writing.exchange(exchange(1))
    (path,) = writing.close()
    assert captured.record_id.startswith("urn:uuid:")
    assert list(check(path)) == []
