import random
import zlib
from pathlib import Path

import pytest

from archive.check import check
from archive.finding import Finding
from archive.original import Original
from tests.archive import (
    CONDITIONAL,
    PAGE,
    chunked,
    exchange,
    gzipped,
    members_of,
    packed,
    response,
    rewritten,
    writer,
)
from tests.archive.checked import NAME, identifier, index, reasons


def test_a_sound_file_has_no_findings_with_or_without_its_index(warc: Path) -> None:
    assert list(check(warc)) == []
    assert list(check(warc, index=index(warc))) == []


def test_a_file_that_is_still_being_written_is_checked_under_its_final_name(warc: Path) -> None:
    growing = warc.rename(warc.with_name(warc.name + ".open"))
    assert list(check(growing)) == []


@pytest.mark.parametrize(
    "answer",
    [
        response(),
        gzipped(),
        chunked(PAGE),
        b"",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        response(status=b"500 Oh"),
    ],
)
def test_every_kind_of_response_is_sound_as_written(tmp_path: Path, answer: bytes) -> None:
    writing = writer(tmp_path)
    writing.exchange(exchange(1, answer, truncated="disconnect", interim=b"HTTP/1.1 103 Early Hints\r\n\r\n"))
    assert list(check(writing.close()[0])) == []


def test_revisits_are_sound_as_written(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    captured = writing.exchange(exchange(1))
    original = Original(
        captured.record_id,
        "https://chronik.example/",
        captured.date,
        captured.payload_digest,
        captured.address,
    )
    writing.exchange(exchange(2), original=original)
    writing.exchange(
        exchange(3, b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", request=CONDITIONAL), original=original
    )
    assert list(check(writing.close()[0])) == []


@pytest.mark.parametrize("stated", [b"1", b"0", b"99999", b"-5", b"5 bytes", b"0x10"])
def test_a_content_length_that_lies_is_found(warc: Path, stated: bytes) -> None:
    members = members_of(warc)
    head, blank, block = zlib.decompress(members[1], 31).partition(b"\r\n\r\n")
    head = head[: head.rindex(b" ") + 1] + stated
    members[1] = packed(head + blank + block)
    (found,) = reasons(members)
    assert found.startswith(f"Content-Length {'is ' if stated.isdigit() else ''}")


def test_a_duplicate_id_is_found_in_one_file_and_across_files(warc: Path) -> None:
    members = members_of(warc)
    first = identifier(1, warc).encode()
    members[8] = rewritten(members[8], identifier(8, warc).encode(), first)
    assert reasons(members) == ["record id stands on an earlier record too"]
    seen: set[str] = set()
    assert list(check(warc, seen=seen)) == []
    assert {each.reason for each in check(warc, seen=seen)} == {"record id stands on an earlier record too"}


@pytest.mark.parametrize("left", range(4))
def test_missing_closing_lines_are_found(warc: Path, left: int) -> None:
    members = members_of(warc)
    data = zlib.decompress(members[1], 31)
    members[1] = packed(data[:-4] + b"\r\n\r\n"[:left])
    assert reasons(members) == ["the two closing CRLF of the record are missing"]


@pytest.mark.parametrize(("first", "second"), [(1, 2), (4, 5), (6, 7)])
def test_the_swapped_records_of_a_pair_are_found(warc: Path, first: int, second: int) -> None:
    members = members_of(warc)
    members[first], members[second] = members[second], members[first]
    assert "request does not follow the response that it led to" in reasons(members)


def test_swapped_pairs_are_harmless(warc: Path) -> None:
    members = members_of(warc)
    assert reasons([*members[:4], *members[6:8], *members[4:6], *members[8:]]) == []


@pytest.mark.parametrize("number", range(8))
def test_a_record_taken_out_is_found(warc: Path, number: int) -> None:
    members = members_of(warc)
    del members[number]
    assert reasons(members, index(warc)) != []


@pytest.mark.parametrize("line", [b" folded", b"no colon", b"A\nB: c", b"\xff: latin", b"Na me: x"])
def test_a_header_line_that_is_no_named_field_is_found(warc: Path, line: bytes) -> None:
    members = members_of(warc)
    members[8] = rewritten(members[8], b"WARC-Type: metadata", b"WARC-Type: metadata\r\n" + line)
    assert [reason for reason in reasons(members) if reason.endswith("is no named field in UTF-8")] != []


@pytest.mark.parametrize("version", [b"WARC/0.18", b"WARC/2.0", b"HTTP/1.1", b""])
def test_a_version_that_is_none_is_found(warc: Path, version: bytes) -> None:
    members = members_of(warc)
    members[8] = rewritten(members[8], b"WARC/1.1", version)
    assert reasons(members) == ["no WARC/1.1 header stands here, or no blank line ends it"]


def test_a_file_without_its_warcinfo_or_with_two_is_found(warc: Path) -> None:
    members = members_of(warc)
    assert "the file does not begin with a warcinfo record" in reasons(members[1:])
    assert "a second warcinfo record stands in one file" in reasons([*members, members[0]])


def test_a_renamed_file_is_found(warc: Path) -> None:
    renamed = warc.rename(warc.with_name("other.warc.gz"))
    assert [each.reason for each in check(renamed)] == [
        f"WARC-Filename is {NAME}, but the file is other.warc.gz"
    ]


def test_a_record_of_another_file_is_found(warc: Path) -> None:
    members = members_of(warc)
    members[8] = rewritten(
        members[8],
        f"WARC-Warcinfo-ID: <{identifier(0, warc)}>".encode(),
        b"WARC-Warcinfo-ID: <urn:uuid:other>",
    )
    assert reasons(members) == ["WARC-Warcinfo-ID does not name the warcinfo record of this file"]


def test_a_request_of_another_instant_is_found(warc: Path) -> None:
    members = members_of(warc)
    members[2] = rewritten(
        members[2], b"WARC-Date: 2026-11-22T06:01:00.123456Z", b"WARC-Date: 2026-11-22T06:01:00.123457Z"
    )
    assert reasons(members) == ["request and response differ in WARC-Date or WARC-Target-URI"]


def test_no_single_changed_byte_goes_unseen(warc: Path) -> None:
    data, lines = warc.read_bytes(), index(warc)
    chance = random.Random(1)
    # the gzip header's own flags, time and system are no part of any record: recordDigest sees them where there is a line
    starts = [0]
    for member in members_of(warc):
        starts.append(starts[-1] + len(member))
    header = {start + byte for start in starts for byte in range(4, 10)}
    for place in chance.sample([at for at in range(len(data)) if at not in header], 400):
        changed = data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]
        assert reasons([changed], lines) != [], place


def test_a_finding_reads_as_a_sentence_with_its_place() -> None:
    assert str(Finding("error", "a@1+2", "urn:uuid:1", "bad")) == "error: a@1+2 (urn:uuid:1): bad"
