import io
import zlib
from pathlib import Path

import pytest

from archive.check import check
from archive.framing import digest
from archive.original import Original
from archive.record import Address
from tests.archive import CONDITIONAL, PAGE, SNAPSHOT, exchange, framed, members_of, packed, rewritten, writer
from tests.archive.checked import NAME, at, identifier, reasons

ORIGINAL = Original(
    "urn:uuid:00000000-0000-4000-8000-999999999999",
    "https://chronik.example/",
    "2026-11-21T06:00:00.000000Z",
    digest(PAGE),
    Address("chronik-20261121T060000Z-00000.warc.gz", 400, 900),
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


def test_an_unknown_type_is_found(warc: Path) -> None:
    members = members_of(warc)
    members[8] = rewritten(members[8], b"WARC-Type: metadata", b"WARC-Type: metadatum")
    assert reasons(members) == ["WARC-Type 'metadatum' is unknown"]


@pytest.mark.parametrize("number", [1, 4, 7])
def test_a_wrong_digest_is_found(warc: Path, number: int) -> None:
    members = members_of(warc)
    data = zlib.decompress(members[number], 31)
    at_digest = data.rindex(b"Digest: sha256:") + 15
    wrong = b"1" if data[at_digest : at_digest + 1] != b"1" else b"2"
    members[number] = packed(data[:at_digest] + wrong + data[at_digest + 1 :])
    (found,) = reasons(members)
    assert ", but the bytes give sha256:" in found


def test_a_missing_digest_is_found(warc: Path) -> None:
    members = members_of(warc)
    lines = zlib.decompress(members[1], 31).split(b"\r\n")
    members[1] = packed(b"\r\n".join(line for line in lines if b"-Digest: " not in line))
    assert reasons(members) == ["WARC-Block-Digest is missing", "WARC-Payload-Digest is missing"]


def test_a_repeated_field_is_found_but_not_where_it_may_repeat(warc: Path) -> None:
    members = members_of(warc)
    members[8] = rewritten(members[8], b"WARC-Type: metadata", b"WARC-Type: metadata\r\nwarc-type: metadata")
    assert reasons(members) == ["field warc-type stands there 2 times"]


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
