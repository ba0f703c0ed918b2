import gzip
import io
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.check import check, cut_tail
from archive.finding import Finding
from archive.framing import digest
from archive.journal import Journal
from archive.original import Original
from archive.record import Address
from tests.archive import (
    CONDITIONAL,
    PAGE,
    SNAPSHOT,
    chunked,
    exchange,
    framed,
    gzipped,
    members_of,
    packed,
    response,
    rewritten,
    writer,
)

NAME = f"{SNAPSHOT}-00000.warc.gz"
ORIGINAL = Original(
    "urn:uuid:00000000-0000-4000-8000-999999999999",
    "https://chronik.example/",
    "2026-11-21T06:00:00.000000Z",
    digest(PAGE),
    Address("chronik-20261121T060000Z-00000.warc.gz", 400, 900),
)


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    """warcinfo | response, request, fetch | chunked response, request | gzipped response, request | end"""
    writing = writer(tmp_path)
    writing.exchange(
        exchange(1),
        fetch={"link": "chronik:1", "requested": "https://chronik.example/", "hop": 0, "attempt": 1},
    )
    writing.exchange(exchange(2, chunked(PAGE[:20], PAGE[20:])))
    writing.exchange(exchange(3, gzipped()))
    Journal(writing, SNAPSHOT).end(reason="finished", stats={})
    return writing.close()[0]


def index(warc: Path) -> list[bytes]:
    return warc.with_name(warc.name.replace(".warc.gz", ".cdxj")).read_bytes().splitlines(keepends=True)


def reasons(members: list[bytes], lines: list[bytes] | None = None) -> list[str]:
    found = list(check(io.BytesIO(b"".join(members)), NAME, index=lines))
    assert all(each.place.startswith((NAME, "index")) for each in found)
    return [each.reason for each in found]


def at(members: list[bytes], number: int) -> str:
    return f"{NAME}@{sum(map(len, members[:number]))}+{len(members[number])}"


def identifier(number: int, warc: Path) -> str:
    data = zlib.decompress(members_of(warc)[number], 31)
    return data.partition(b"WARC-Record-ID: <")[2].partition(b">")[0].decode()


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


# The twelve corruptions that the validators were tried on, and who found them: none finds all.


def test_a_flipped_payload_byte_is_found_by_both_digests(warc: Path) -> None:
    members = members_of(warc)
    members[1] = rewritten(members[1], b"<h1>", b"<h2>")
    found = list(check(io.BytesIO(b"".join(members)), NAME))
    assert {each.place for each in found} == {at(members, 1)}
    assert {each.record for each in found} == {identifier(1, warc)}
    assert [each.reason.split()[0] for each in found] == ["WARC-Block-Digest", "WARC-Payload-Digest"]


def test_a_flipped_byte_in_a_chunked_payload_is_found_by_both_digests(warc: Path) -> None:
    members = members_of(warc)
    members[4] = rewritten(members[4], b"<h1>", b"<h2>")
    assert [reason.split()[0] for reason in reasons(members)] == ["WARC-Block-Digest", "WARC-Payload-Digest"]


def test_flipped_chunk_framing_is_found_by_the_block_digest_alone(warc: Path) -> None:
    members = members_of(warc)
    members[4] = rewritten(members[4], b"X-Trailer: 1", b"X-Trailer: 2")
    assert [reason.split()[0] for reason in reasons(members)] == ["WARC-Block-Digest"]


def test_a_file_torn_at_any_byte_of_its_last_record_is_found(warc: Path) -> None:
    *whole, last = members_of(warc)
    for size in range(1, len(last)):
        found = reasons([*whole, last[:size]])
        assert found in (
            ["the file ends inside a gzip member"],
            ["no WARC record and no gzip member begins here"],
        ), size


def test_a_file_that_lost_its_last_record_whole_is_found_by_the_index_or_the_pair(warc: Path) -> None:
    members = members_of(warc)
    assert reasons(members[:6], index(warc)) == ["the index names a record that does not lie here"]
    assert reasons(members[:5]) == ["the file ends before the request of this response"]


@pytest.mark.parametrize("stated", [b"1", b"0", b"99999", b"-5", b"5 bytes", b"0x10"])
def test_a_content_length_that_lies_is_found(warc: Path, stated: bytes) -> None:
    members = members_of(warc)
    head, blank, block = zlib.decompress(members[1], 31).partition(b"\r\n\r\n")
    head = head[: head.rindex(b" ") + 1] + stated
    members[1] = packed(head + blank + block)
    (found,) = reasons(members)
    assert found.startswith(f"Content-Length {'is ' if stated.isdigit() else ''}")


def test_one_gzip_member_for_all_records_is_found(warc: Path) -> None:
    assert reasons([packed(gzip.decompress(warc.read_bytes()))])[0] == "more than one record stands in one gzip member: they cannot be addressed"  # fmt: skip


def test_two_records_in_one_member_among_others_are_found(warc: Path) -> None:
    members = members_of(warc)
    joined = packed(b"".join(zlib.decompress(each, 31) for each in members[1:3]))
    assert "more than one record stands in one gzip member: they cannot be addressed" in reasons(
        [members[0], joined, *members[3:]]
    )


@pytest.mark.parametrize("name", ["WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length"])
@pytest.mark.parametrize("number", range(9))
def test_each_mandatory_field_is_missed_on_each_record(warc: Path, name: str, number: int) -> None:
    members = members_of(warc)
    lines = zlib.decompress(members[number], 31).split(b"\r\n")
    members[number] = packed(
        b"\r\n".join(line for line in lines if not line.startswith(name.encode() + b":"))
    )
    found = [each for each in check(io.BytesIO(b"".join(members)), NAME) if each.place == at(members, number)]
    assert f"mandatory field {name} is missing" in [each.reason for each in found]


@pytest.mark.parametrize(
    "date",
    ["2026-11-22", "2026-02-30T06:00:00Z", "2026-11-22T06:00:00", "2026-11-22T06:00:00+03:00", "2026-11-22 06:00:00Z", "20261122060000", "2026-11-22T25:00:00Z", "2026-11-22T06:00:00.1234567890Z", ""],
)  # fmt: skip
def test_a_date_that_is_none_is_found(warc: Path, date: str) -> None:
    members = members_of(warc)
    members[8] = rewritten(
        members[8], b"WARC-Date: 2026-11-22T06:00:01.123456Z", b"WARC-Date: " + date.encode()
    )
    assert reasons(members) == [f"WARC-Date {date!r} is no UTC date as 2026-11-22T06:00:00.123456Z"]


def test_a_duplicate_id_is_found_in_one_file_and_across_files(warc: Path) -> None:
    members = members_of(warc)
    first = identifier(1, warc).encode()
    members[8] = rewritten(members[8], identifier(8, warc).encode(), first)
    assert reasons(members) == ["record id stands on an earlier record too"]
    seen: set[str] = set()
    assert list(check(warc, seen=seen)) == []
    assert {each.reason for each in check(warc, seen=seen)} == {"record id stands on an earlier record too"}


def test_an_unknown_type_is_found(warc: Path) -> None:
    members = members_of(warc)
    members[8] = rewritten(members[8], b"WARC-Type: metadata", b"WARC-Type: metadatum")
    assert reasons(members) == ["WARC-Type 'metadatum' is unknown"]


@pytest.mark.parametrize("back", range(1, 9))
def test_a_broken_checksum_or_size_of_a_gzip_member_is_found_and_stepped_over(warc: Path, back: int) -> None:
    members = members_of(warc)
    members[1] = (
        members[1][:-back] + bytes([members[1][-back] ^ 1]) + members[1][len(members[1]) - back + 1 :]
    )
    found = list(check(io.BytesIO(b"".join(members)), NAME))
    assert found[0].place == f"{NAME}@{len(members[0])}"
    assert found[0].reason.startswith("gzip member cannot be inflated")
    assert [each.reason for each in found[1:]] == ["request does not follow the response that it led to"]


@pytest.mark.parametrize("left", range(4))
def test_missing_closing_lines_are_found(warc: Path, left: int) -> None:
    members = members_of(warc)
    data = zlib.decompress(members[1], 31)
    members[1] = packed(data[:-4] + b"\r\n\r\n"[:left])
    assert reasons(members) == ["the two closing CRLF of the record are missing"]


@pytest.mark.parametrize("number", [1, 4, 7])
def test_a_wrong_digest_is_found(warc: Path, number: int) -> None:
    members = members_of(warc)
    data = zlib.decompress(members[number], 31)
    at_digest = data.rindex(b"Digest: sha256:") + 15
    wrong = b"1" if data[at_digest : at_digest + 1] != b"1" else b"2"
    members[number] = packed(data[:at_digest] + wrong + data[at_digest + 1 :])
    (found,) = reasons(members)
    assert ", but the bytes give sha256:" in found


# And more.


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


def test_a_missing_digest_is_found(warc: Path) -> None:
    members = members_of(warc)
    lines = zlib.decompress(members[1], 31).split(b"\r\n")
    members[1] = packed(b"\r\n".join(line for line in lines if b"-Digest: " not in line))
    assert reasons(members) == ["WARC-Block-Digest is missing", "WARC-Payload-Digest is missing"]


def test_a_repeated_field_is_found_but_not_where_it_may_repeat(warc: Path) -> None:
    members = members_of(warc)
    members[8] = rewritten(members[8], b"WARC-Type: metadata", b"WARC-Type: metadata\r\nwarc-type: metadata")
    assert reasons(members) == ["field warc-type stands there 2 times"]


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


def test_bytes_between_members_are_found_and_stepped_over(warc: Path) -> None:
    members = members_of(warc)
    found = list(check(io.BytesIO(b"".join([*members[:4], b"garbage", *members[4:]])), NAME))
    assert [each.reason.split(" (")[0] for each in found] == ["gzip member cannot be inflated"]


def test_bytes_behind_the_last_member_are_found(warc: Path) -> None:
    assert len(reasons([*members_of(warc), b"\0" * 100])) == 1
    assert len(reasons([*members_of(warc), b"garbage"])) == 1


def test_damage_that_swallows_the_next_members_is_told_from_a_torn_tail(warc: Path) -> None:
    members = members_of(warc)
    members[1] = members[1][:-20]
    (damage, *after) = reasons(members)
    assert damage.startswith("gzip member")
    assert after == ["request does not follow the response that it led to"]


@pytest.mark.parametrize(
    "data",
    [b"", b"not a WARC at all", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", gzip.compress(b"text")],
    ids=[
        "empty",
        "text",
        "two bytes",
        "a header alone",
        "gzip of text",
    ],  # of the bytes, the last has the time in it
)
def test_what_is_no_warc_is_found(data: bytes) -> None:
    assert "the file holds no record" in reasons([data])


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


def test_a_journal_entry_that_cannot_be_read_is_found(warc: Path) -> None:
    members = members_of(warc)
    url = f"urn:x-letopis:{SNAPSHOT}:journal:end"
    warcinfo = f"<{identifier(0, warc)}>"
    fields = {"WARC-Type": "metadata", "WARC-Record-ID": "<urn:uuid:x>", "WARC-Date": "2026-11-22T06:00:00Z"}
    fields |= {"WARC-Target-URI": url, "WARC-Warcinfo-ID": warcinfo, "Content-Type": "application/json"}
    for block in (b"{", b"[]", b'{"kind":"unheard of","at":"2026"}', b'{"kind":"end"}'):
        (found,) = reasons([*members, framed(fields, block)])
        assert found.startswith("journal entry cannot be read")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"WARC-Target-URI: urn:", b"X-Target-URI: urn:", "metadata record has no WARC-Target-URI"),
        (b"Content-Type: application/json", b"X-Type: json", "block has no Content-Type"),
        (b"WARC-Type: metadata", b"WARC-Type: metadata\r\nWARC-Truncated: bored", "WARC-Truncated 'bored' is none of length, time, disconnect, unspecified"),
        (b"WARC-Block-Digest: sha256:", b"WARC-Block-Digest: crc32:", "cannot be checked here"),
    ],
)  # fmt: skip
def test_fields_that_do_not_hold_are_found(warc: Path, old: bytes, new: bytes, reason: str) -> None:
    members = members_of(warc)
    members[8] = rewritten(members[8], old, new)
    (found,) = reasons(members)
    assert found.endswith(reason)


def test_a_revisit_that_refers_to_nothing_is_found(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    writing.exchange(
        exchange(1, b"HTTP/1.1 304 Not Modified\r\n\r\n", request=CONDITIONAL), original=ORIGINAL
    )
    members = members_of(writing.close()[0])
    lines = zlib.decompress(members[1], 31).split(b"\r\n")
    members[1] = packed(
        b"\r\n".join(line for line in lines if not line.startswith((b"WARC-Refers", b"WARC-Profile")))
    )
    assert reasons(members) == [
        "revisit record has the unknown WARC-Profile ''",
        "revisit record has no WARC-Refers-To",
        "revisit record has no WARC-Refers-To-Target-URI",
        "revisit record has no WARC-Refers-To-Date",
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"offset":"', b'"offset":"1', None),
        (b'"length":"', b'"length":"1', "the index line disagrees: length"),
        (b'"recordDigest":"sha256:', b'"recordDigest":"sha256:0', "the index line disagrees: recordDigest"),
        (b'"status":"200"', b'"status":"404"', "the index line disagrees: status"),
        (b'"mime":"text/html"', b'"mime":"text/plain"', "the index line disagrees: mime"),
        (b'"url":"https', b'"url":"http', "the index line disagrees: url"),
        (b"example,chronik)", b"example,kronik)", "the index line disagrees: key or time"),
        (b'"mime":"text/html",', b"", "the index line disagrees: mime"),
    ],
)
def test_index_lines_that_disagree_are_found(warc: Path, old: bytes, new: bytes, reason: str | None) -> None:
    members, lines = members_of(warc), index(warc)
    lines[1] = lines[1].replace(old, new, 1)
    both = ["the index does not name this record", "the index names a record that does not lie here"]
    assert reasons(members, lines) == ([reason] if reason else both)


def test_an_index_that_lacks_repeats_or_garbles_a_line_is_found(warc: Path) -> None:
    members, lines = members_of(warc), index(warc)
    assert reasons(members, lines[1:]) == ["the index does not name this record"]
    assert reasons(members, [*lines, lines[0]]) == ["the index names this record twice"]
    assert [reason[:12] for reason in reasons(members, [*lines, b"garbage\n", b"a b {\n"])] == [
        "unexpected e",
        "no CDXJ line",
    ]


def test_lines_of_other_files_are_passed_over(warc: Path) -> None:
    other = index(warc)[0].replace(b"-00000.warc", b"-00001.warc")
    assert reasons(members_of(warc), [*index(warc), other]) == []


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


def tear(warc: Path, cut: Callable[[bytes], bytes]) -> tuple[int, bytes]:
    *whole, last = members_of(warc)
    warc.write_bytes(b"".join(whole) + cut(last))
    return cut_tail(warc), b"".join(whole)


def test_a_tail_torn_at_any_byte_is_cut_and_nothing_more(warc: Path) -> None:
    *whole, last = members_of(warc)
    for size in range(1, len(last)):
        warc.write_bytes(b"".join(whole) + last[:size])
        assert cut_tail(warc) == size
        assert warc.read_bytes() == b"".join(whole)


@pytest.mark.parametrize("zeros", [4, 100, 70_000])
def test_zeros_that_a_power_cut_left_are_cut_with_the_torn_record(warc: Path, zeros: int) -> None:
    whole = members_of(warc)
    for size in (0, 5, 50, 200):
        warc.write_bytes(b"".join(whole[:-1]) + whole[-1][:size] + bytes(zeros))
        assert cut_tail(warc) == size + zeros
        assert warc.read_bytes() == b"".join(whole[:-1])


def test_a_sound_file_loses_nothing(warc: Path) -> None:
    before = warc.read_bytes()
    assert cut_tail(warc) == 0
    assert warc.read_bytes() == before


def test_damage_that_is_no_torn_tail_is_left_alone(warc: Path) -> None:
    members = members_of(warc)
    flipped = members[-1][:-8] + bytes([members[-1][-8] ^ 1]) + members[-1][-7:]
    for damaged in (
        [*members[:-1], flipped],
        [members[0], members[1][:-20], *members[2:]],
        [*members, b"garbage"],
    ):
        warc.write_bytes(b"".join(damaged))
        assert cut_tail(warc) == 0
        assert warc.read_bytes() == b"".join(damaged)


def test_a_file_that_is_torn_from_its_first_byte_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz.open"
    path.write_bytes(b"\x1f\x8b\x08")
    assert cut_tail(path) == 3
    path.write_bytes(b"")
    assert cut_tail(path) == 0


def test_a_finding_reads_as_a_sentence_with_its_place() -> None:
    assert str(Finding("error", "a@1+2", "urn:uuid:1", "bad")) == "error: a@1+2 (urn:uuid:1): bad"
