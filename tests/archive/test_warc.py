import errno
import gzip
import io
import os
import resource
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.checker import Checker

from archive import cdxj
from archive.check import check
from archive.framing import digest
from archive.mask import Mask
from archive.original import Original
from archive.record import Captured, record_at, records
from archive.warc import NotRecorded, WarcWriter
from tests.archive import (
    CONDITIONAL,
    INFO,
    PAGE,
    REQUEST,
    SIX,
    SNAPSHOT,
    URL,
    chunked,
    counted_ids,
    exchange,
    gzipped,
    members_of,
    response,
    writer,
)

FETCH = {"link": "chronik:1", "requested": "https://chronik.example/old", "hop": 1, "attempt": 1}
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
ID = "urn:uuid:00000000-0000-4000-8000-00000000000"


def raw(path: Path) -> list[bytes]:
    """Records as they are written, without their compression."""
    return [zlib.decompress(member, 31) for member in members_of(path)]


def index_of(path: Path) -> list[bytes]:
    return path.with_name(path.name.replace("warc.gz", "cdxj")).read_bytes().splitlines()


def one(tmp_path: Path, *given: Any, **keywords: Any) -> list[bytes]:
    writing = writer(tmp_path)
    writing.exchange(*given, **keywords)
    return raw(writing.close()[0])


def test_an_exchange_is_written_record_by_record_as_the_profile_says(tmp_path: Path) -> None:
    answer = response()
    info, got, asked, early, why = one(tmp_path, exchange(1, answer, interim=INTERIM), fetch=FETCH)
    said = (
        f"software: letopis/0.1.0\r\nisPartOf: {SNAPSHOT}\r\nformat: WARC File Format 1.1\r\n"
        "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
        "digest-encoding: sha256, lower-case Base16; payload digests over the de-chunked, still content-encoded body\r\n"
        "fidelity: responses are the bytes received, verbatim; requests the bytes sent, secrets masked where "
        "WARC-Letopis-Masked says so; 1xx responses stand in metadata records\r\n"
    ).encode()
    assert (
        info
        == (
            f"WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <{ID}5>\r\nWARC-Date: 2026-11-22T06:00:00.123456Z\r\n"
            f"WARC-Filename: {SNAPSHOT}-00000.warc.gz\r\nWARC-Block-Digest: {digest(said)}\r\n"
            f"Content-Type: application/warc-fields\r\nContent-Length: {len(said)}\r\n\r\n"
        ).encode()
        + said
        + b"\r\n\r\n"
    )
    shared = (
        f"WARC-Date: 2026-11-22T06:01:00.123456Z\r\nWARC-Target-URI: {URL}\r\nWARC-Warcinfo-ID: <{ID}5>\r\n"
    )
    assert (
        got
        == (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <{ID}1>\r\n{shared}"
            "WARC-IP-Address: 203.0.113.7\r\nWARC-Protocol: http/1.1\r\nWARC-Protocol: tls/1.3\r\n"
            "WARC-Cipher-Suite: TLS_AES_256_GCM_SHA384\r\n"
            f"WARC-Block-Digest: {digest(answer)}\r\nWARC-Payload-Digest: {digest(PAGE)}\r\n"
            f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
        ).encode()
        + answer
        + b"\r\n\r\n"
    )
    assert (
        asked
        == (
            f"WARC/1.1\r\nWARC-Type: request\r\nWARC-Record-ID: <{ID}2>\r\n{shared}"
            f"WARC-Concurrent-To: <{ID}1>\r\nWARC-IP-Address: 203.0.113.7\r\nWARC-Block-Digest: {digest(REQUEST)}\r\n"
            f"Content-Type: application/http;msgtype=request\r\nContent-Length: {len(REQUEST)}\r\n\r\n"
        ).encode()
        + REQUEST
        + b"\r\n\r\n"
    )
    assert (
        early
        == (
            f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <{ID}3>\r\nWARC-Date: 2026-11-22T06:01:00.123456Z\r\n"
            f"WARC-Target-URI: urn:x-letopis:{SNAPSHOT}:interim\r\nWARC-Warcinfo-ID: <{ID}5>\r\nWARC-Concurrent-To: <{ID}1>\r\n"
            f"WARC-IP-Address: 203.0.113.7\r\nWARC-Block-Digest: {digest(INTERIM)}\r\n"
            f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(INTERIM)}\r\n\r\n"
        ).encode()
        + INTERIM
        + b"\r\n\r\n"
    )
    entry = b'{"kind":"fetch","at":"2026-11-22T06:01:00.123456Z","link":"chronik:1","requested":"https://chronik.example/old","hop":1,"attempt":1}'  # fmt: skip
    assert (
        why
        == (
            f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <{ID}4>\r\nWARC-Date: 2026-11-22T06:01:00.123456Z\r\n"
            f"WARC-Target-URI: urn:x-letopis:{SNAPSHOT}:journal:fetch\r\nWARC-Warcinfo-ID: <{ID}5>\r\n"
            f"WARC-Concurrent-To: <{ID}1>\r\nWARC-Block-Digest: {digest(entry)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(entry)}\r\n\r\n"
        ).encode()
        + entry
        + b"\r\n\r\n"
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


def test_every_record_but_warcinfo_names_its_warcinfo(tmp_path: Path) -> None:
    writing = writer(tmp_path, size=1)
    writing.exchange(exchange(1), fetch=FETCH)
    writing.exchange(exchange(2), fetch=FETCH)
    for path in writing.close():
        info, *others = records(path)
        assert info.get("WARC-Warcinfo-ID") is None
        assert {record.get("WARC-Warcinfo-ID") for record in others} == {f"<{info.id}>"}


def test_info_is_kept_in_its_order_and_may_say_more_of_what_is_declared(tmp_path: Path) -> None:
    info = {
        **INFO,
        "operator": "Beispiel <crawl@chronik.example>",
        "fidelity": "as told",
        "robots": "obey; RFC 9309",
    }
    writing = writer(tmp_path, info=info)
    writing.exchange(exchange(1))
    block = next(records(writing.close()[0])).block.decode()
    assert [line.partition(":")[0] for line in block.splitlines()] == [
        *(
            "software",
            "isPartOf",
            "operator",
            "fidelity",
            "robots",
            "format",
            "conformsTo",
            "digest-encoding",
        ),
    ]
    assert "fidelity: as told\r\n" in block


def test_info_of_more_than_one_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'operator' has more than one line"):
        writer(tmp_path, info={**INFO, "operator": "a\r\nWARC-Type: response"})


def test_instants_are_written_in_utc_to_the_microsecond(tmp_path: Path) -> None:
    moscow = datetime(2026, 11, 22, 9, 0, 0, 5, tzinfo=timezone(timedelta(hours=3)))
    writing = writer(tmp_path)
    assert writing.exchange(replace(exchange(1), began=moscow)).date == "2026-11-22T06:00:00.000005Z"
    with pytest.raises(ValueError, match="has no zone"):
        writing.exchange(replace(exchange(1), began=datetime(2026, 11, 22)))  # noqa: DTZ001
    writing.close()


@pytest.mark.parametrize(
    ("given", "kept"), [("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("203.0.113.7", "203.0.113.7")]
)
def test_addresses_take_their_short_form(tmp_path: Path, given: str, kept: str) -> None:
    _, got, asked = one(tmp_path, exchange(1, ip=given))
    assert f"\r\nWARC-IP-Address: {kept}\r\n".encode() in got
    assert f"\r\nWARC-IP-Address: {kept}\r\n".encode() in asked


def test_a_proxy_is_named_without_its_password_and_hides_the_address(tmp_path: Path) -> None:
    _, got, asked = one(tmp_path, exchange(1, proxy="http://me:geheim@proxy.example:3128"))
    for record in (got, asked):
        assert b"WARC-Letopis-Proxy: http://masked@proxy.example:3128\r\n" in record
        assert b"WARC-IP-Address" not in record
        assert b"geheim" not in record


@pytest.mark.parametrize("reason", ["length", "time", "disconnect", "unspecified"])
def test_what_was_cut_short_says_why(tmp_path: Path, reason: str) -> None:
    _, got, asked = one(tmp_path, exchange(1, response()[:-9], truncated=reason))
    assert f"\r\nWARC-Truncated: {reason}\r\n".encode() in got
    assert b"WARC-Truncated" not in asked
    assert f"WARC-Payload-Digest: {digest(PAGE[:-9])}".encode() in got


def test_no_url_can_end_its_line(tmp_path: Path) -> None:
    (_, got, _) = one(tmp_path, exchange(1, url="https://chronik.example/a b\r\nWARC-Type: x\t\x85ü"))
    assert (
        b"\r\nWARC-Target-URI: https://chronik.example/a%20b%0D%0AWARC-Type:%20x%09%C2%85\xc3\xbc\r\n" in got
    )


# Revisits


@pytest.fixture
def original(tmp_path: Path) -> Original:
    (tmp_path / "before").mkdir()
    before = writer(tmp_path / "before", new_id=iter([f"urn:uuid:before-{n}" for n in range(9)]).__next__)
    captured = before.exchange(exchange(1, gzipped()))
    before.close()
    return Original(captured.record_id, URL, captured.date, captured.payload_digest, captured.address)


def test_a_304_becomes_a_revisit_of_what_was_not_modified(tmp_path: Path, original: Original) -> None:
    answer, place = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n', original.address
    _, got, asked = one(tmp_path, exchange(2, answer, request=CONDITIONAL), original=original)
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
    _, got, _ = one(tmp_path, exchange(2, answer), original=original)
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
    _, got, _ = one(tmp_path, exchange(2, answer), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")
    assert answer in got


def test_a_cut_response_is_never_a_revisit(tmp_path: Path, original: Original) -> None:
    _, got, _ = one(tmp_path, exchange(2, gzipped(), truncated="time"), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


def test_a_304_that_nobody_asked_for_stays_a_response(tmp_path: Path, original: Original) -> None:
    _, got, _ = one(tmp_path, exchange(2, b"HTTP/1.1 304 Not Modified\r\n\r\n"), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


def test_an_error_page_is_never_a_revisit_whatever_its_bytes(tmp_path: Path, original: Original) -> None:
    answer = gzipped().replace(b"200 OK", b"503 Nein", 1)
    _, got, _ = one(tmp_path, exchange(2, answer), original=original)
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


def test_a_revisit_names_its_original_again_when_it_is_read(tmp_path: Path, original: Original) -> None:
    writing = writer(tmp_path)
    captured = writing.exchange(exchange(2, gzipped()), original=original)
    read = [Original.of(record) for record in records(writing.close()[0])]
    assert (captured.revisit, read) == (True, [None, original, None])
    assert original.snapshot == SNAPSHOT


def test_a_304_without_an_original_stays_a_response(tmp_path: Path) -> None:
    _, got, _ = one(tmp_path, exchange(1, b"HTTP/1.1 304 Not Modified\r\n\r\n"))
    assert got.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


# Secrets


def test_secrets_are_masked_wherever_a_request_shows_them_and_named(tmp_path: Path) -> None:
    url = "https://chronik.example/a?id=7&token=geheim"
    request = b"GET /a?id=7&token=geheim HTTP/1.1\r\nCookie: sid=krumel\r\nReferer: https://chronik.example/?token=geheim\r\n\r\n"
    writing = writer(tmp_path, mask=Mask(query=("token",)))
    writing.exchange(exchange(1, url=url, request=request), fetch={**FETCH, "requested": url})
    writing.metadata(b'{"url":"' + url.encode() + b'"}', "application/json", url="urn:x-letopis:a:note")
    (path,) = writing.close()
    _, got, asked, why, note = raw(path)
    everything = got + asked + why + note + next(tmp_path.glob("*.cdxj")).read_bytes()
    assert b"geheim" not in everything
    assert b"krumel" not in everything
    assert b"WARC-Target-URI: https://chronik.example/a?id=7&token=masked\r\n" in got
    assert b"\r\nWARC-Letopis-Masked: query:token\r\n" in got
    assert b"\r\nWARC-Letopis-Masked: cookie, query:token\r\n" in asked
    assert (
        b"GET /a?id=7&token=masked HTTP/1.1\r\nCookie: masked\r\nReferer: https://chronik.example/?token=masked\r\n"
        in asked
    )
    assert b"\r\nWARC-Letopis-Masked: query:token\r\n" in why
    assert b"\r\nWARC-Letopis-Masked: query:token\r\n" in note
    assert list(check(path)) == []


def test_a_response_that_echoes_a_secret_is_kept_as_it_is_and_says_so(tmp_path: Path) -> None:
    url = "https://chronik.example/a?token=geheim"
    answer = gzipped(b"<p>your token is geheim</p>")
    writing = writer(tmp_path, mask=Mask(query=("token",)))
    writing.exchange(exchange(1, answer, url=url, request=b"GET /a?token=geheim HTTP/1.1\r\n\r\n"))
    writing.exchange(exchange(2, b"HTTP/1.1 302 Found\r\nLocation: /b?token=geheim\r\n\r\n", url=url))
    writing.exchange(exchange(3, gzipped(b"nothing of it"), url=url))
    _, echo, _, header, _, silent, _ = records(writing.close()[0])
    assert (echo.block, echo.get("WARC-Letopis-Echoed")) == (answer, "query:token")
    assert header.get("WARC-Letopis-Echoed") == "query:token"
    assert silent.get("WARC-Letopis-Echoed") is None


def test_a_broken_body_is_searched_for_echoes_as_far_as_it_goes(tmp_path: Path) -> None:
    answer = gzipped(b"geheim" + os.urandom(3000))[:-40]
    request = b"GET / HTTP/1.1\r\nAuthorization: Bearer geheim\r\n\r\n"
    _, got, _ = one(tmp_path, exchange(1, answer, request=request))
    assert b"WARC-Letopis-Echoed: authorization\r\n" in got


def test_a_url_with_a_password_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    with pytest.raises(ValueError, match=r"chronik\.example carries a user or password") as caught:
        writing.exchange(exchange(1, url="https://me:geheim@chronik.example/"))
    assert "geheim" not in str(caught.value)
    assert writing.close() == []
    assert list(tmp_path.iterdir()) == []


# Files


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


# Failures


class Disk:
    """Takes so many bytes more; what fits is written before it says that it is full."""

    def __init__(self) -> None:
        self.room = 10**9
        self.truncates = True

    def create(self, path: Path) -> BinaryIO:
        return File(self, path)  # type: ignore[return-value]


class File(io.FileIO):
    def __init__(self, disk: Disk, path: Path) -> None:
        super().__init__(path, "xb")
        self.disk = disk

    def write(self, data: Any) -> int:
        if not self.disk.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = super().write(bytes(data[: self.disk.room])) or 0
        self.disk.room -= written
        return written

    def truncate(self, size: int | None = None) -> int:
        if not self.disk.truncates:
            raise OSError(errno.EIO, "Input/output error")
        return super().truncate(size)


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


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The kernel's own limit: what fits is written, then write() fails with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


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


# Other readers


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
