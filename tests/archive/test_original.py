import gzip
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.checker import Checker

from archive.framing import digest
from archive.mask import Mask
from archive.original import Original
from archive.record import records
from tests.archive import (
    CONDITIONAL,
    FETCH,
    ID,
    INTERIM,
    PAGE,
    SNAPSHOT,
    URL,
    chunked,
    exchange,
    gzipped,
    members_of,
    recorded,
    response,
    writer,
)


@pytest.fixture
def original(tmp_path: Path) -> Original:
    (tmp_path / "before").mkdir()
    before = writer(tmp_path / "before", new_id=iter([f"urn:uuid:before-{n}" for n in range(9)]).__next__)
    captured = before.exchange(exchange(1, gzipped()))
    before.close()
    return Original(captured.record_id, URL, captured.date, captured.payload_digest, captured.address)


def test_a_304_becomes_a_revisit_of_what_was_not_modified(tmp_path: Path, original: Original) -> None:
    answer, place = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n', original.address
    _, got, asked = recorded(tmp_path, exchange(2, answer, request=CONDITIONAL), original=original)
    assert (
        got
        == (
            f"WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Record-ID: <{ID}1>\r\nWARC-Date: 2026-11-22T06:02:00.123456Z\r\n"
            f"WARC-Target-URI: https://chronik.example/20261122/a-2.html\r\nWARC-Warcinfo-ID: <{ID}3>\r\n"
            "WARC-IP-Address: 203.0.113.7\r\nWARC-Protocol: http/1.1\r\nWARC-Protocol: tls/1.3\r\n"
            "WARC-Cipher-Suite: TLS_AES_256_GCM_SHA384\r\n"
            "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n"
            f"WARC-Refers-To: <urn:uuid:before-0>\r\nWARC-Refers-To-Target-URI: {URL}\r\n"
            "WARC-Refers-To-Date: 2026-11-22T06:01:00.123456Z\r\n"
            f"WARC-Letopis-Refers-To-Address: {place.file}@{place.offset}+{place.length}\r\n"
            f"WARC-Block-Digest: {digest(answer)}\r\n"
            f"WARC-Payload-Digest: {original.payload_digest}\r\n"
            f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
        ).encode()
        + answer
        + b"\r\n\r\n"
    )
    assert asked.startswith(b"WARC/1.1\r\nWARC-Type: request\r\n")


def test_the_same_payload_becomes_a_revisit_that_keeps_the_header(tmp_path: Path, original: Original) -> None:
    answer = gzipped().replace(b"\r\n\r\n", b"\r\nDate: now\r\n\r\n", 1)
    head = answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    writing = writer(tmp_path)
    captured = writing.exchange(exchange(2, answer), original=original)
    _, got, _ = records(writing.close()[0])
    assert (got.type, got.block, got.get("WARC-Truncated")) == ("revisit", head, "length")
    assert got.get("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert got.get("WARC-Block-Digest") == digest(head)
    assert got.get("WARC-Payload-Digest") == original.payload_digest == captured.payload_digest
    assert got.get("WARC-Refers-To") == "<urn:uuid:before-0>"


def test_the_same_payload_in_chunks_is_the_same_payload(tmp_path: Path, original: Original) -> None:
    answer = chunked(gzip.compress(PAGE, mtime=0))
    _, got, _ = recorded(tmp_path, exchange(2, answer), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: revisit\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        response(b"other"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        response(b"", status=b"404 Not Found"),
    ],
)
def test_another_payload_or_none_stays_a_response(tmp_path: Path, original: Original, answer: bytes) -> None:
    _, got, _ = recorded(tmp_path, exchange(2, answer), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")
    assert answer in got


def test_a_cut_response_is_never_a_revisit(tmp_path: Path, original: Original) -> None:
    _, got, _ = recorded(tmp_path, exchange(2, gzipped(), truncated="time"), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


def test_a_304_that_nobody_asked_for_stays_a_response(tmp_path: Path, original: Original) -> None:
    _, got, _ = recorded(tmp_path, exchange(2, b"HTTP/1.1 304 Not Modified\r\n\r\n"), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


def test_an_error_page_is_never_a_revisit_whatever_its_bytes(tmp_path: Path, original: Original) -> None:
    answer = gzipped().replace(b"200 OK", b"503 Nein", 1)
    _, got, _ = recorded(tmp_path, exchange(2, answer), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


def test_a_revisit_names_its_original_again_when_it_is_read(tmp_path: Path, original: Original) -> None:
    writing = writer(tmp_path)
    captured = writing.exchange(exchange(2, gzipped()), original=original)
    read = [Original.of(record) for record in records(writing.close()[0])]
    assert (captured.revisit, read) == (True, [None, original, None])
    assert original.snapshot == SNAPSHOT


def test_a_304_without_an_original_stays_a_response(tmp_path: Path) -> None:
    _, got, _ = recorded(tmp_path, exchange(1, b"HTTP/1.1 304 Not Modified\r\n\r\n"))
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


def test_warcio_and_fastwarc_find_every_digest_right_but_for_chunked_payloads(
    tmp_path: Path, original: Original
) -> None:
    writing = writer(tmp_path, mask=Mask(query=("token",)))
    for number, answer in enumerate(
        (response(), gzipped(), b"HTTP/1.1 204 No Content\r\n\r\n", response(b"x", status=b"404 Nein")), 1
    ):
        writing.exchange(exchange(number, answer, interim=INTERIM), fetch=FETCH)
    writing.exchange(exchange(5, gzipped()), original=original)
    writing.exchange(
        exchange(6, b"HTTP/1.1 304 Not Modified\r\n\r\n", request=CONDITIONAL), original=original
    )
    writing.resource(b"{}", "application/json", url="urn:x-letopis:a:settings")
    (path,) = writing.close()
    assert verified(path) == [True] * len(members_of(path))
    assert Checker(type("Command", (), {"inputs": [str(path)], "verbose": False})).process_all() == 0


def verified(path: Path) -> list[bool]:
    with path.open("rb") as stream:
        return [record.verify_block_digest() for record in FastIterator(stream, parse_http=False)]
