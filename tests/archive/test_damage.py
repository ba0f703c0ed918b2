import gzip
import io
import zlib
from pathlib import Path

import pytest

from archive.check import check
from archive.damage import cut_tail
from tests.archive import members_of, packed, rewritten
from tests.archive.checked import NAME, at, identifier, reasons


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


def test_one_gzip_member_for_all_records_is_found(warc: Path) -> None:
    assert reasons([packed(gzip.decompress(warc.read_bytes()))])[0] == "more than one record stands in one gzip member: they cannot be addressed"  # fmt: skip


def test_two_records_in_one_member_among_others_are_found(warc: Path) -> None:
    members = members_of(warc)
    joined = packed(b"".join(zlib.decompress(each, 31) for each in members[1:3]))
    assert "more than one record stands in one gzip member: they cannot be addressed" in reasons(
        [members[0], joined, *members[3:]]
    )


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
