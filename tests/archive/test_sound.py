import random
import zlib
from pathlib import Path

import pytest

from archive.journal import Journal
from archive.member import Member
from archive.record import parse
from archive.rules import breaches
from archive.sound import sound
from tests.archive import SNAPSHOT, chunked, exchange, gzipped, members_of, writer
from tests.proving import PROVING


@pytest.fixture
def records(tmp_path: Path) -> list[bytes]:
    """warcinfo | response, request, fetch | chunked response, request | gzipped response, request | end"""
    writing = writer(tmp_path)
    told = {"link": "chronik:1", "requested": "https://chronik.example/", "hop": 0, "attempt": 1}
    writing.exchange(exchange(1), fetch=told)
    writing.exchange(exchange(2, chunked(b"abc")))
    writing.exchange(exchange(3, gzipped()))
    Journal(writing, SNAPSHOT).end(reason="finished", stats={})
    return [zlib.decompress(member, 31) for member in members_of(writing.close()[0])]


def test_the_usual_records_are_known_and_tell_what_they_are(records: list[bytes]) -> None:
    found = [sound(data) for data in records]
    kinds = [told.type if told else None for told in found]
    # warcinfo and chunked responses are looked at by the rules one by one
    assert kinds == [
        None,
        "response",
        "request",
        "metadata",
        None,
        "request",
        "response",
        "request",
        "metadata",
    ]
    for told, data in zip(found, records, strict=True):
        record = parse(Member(0, b"", data), "a.warc.gz")
        if told:
            assert (told.id, told.date, told.url) == (record.id, record.date, record.url)
            assert told.concurrent == tuple(v.strip("<>") for v in record.get_all("WARC-Concurrent-To"))


@pytest.mark.proof("a record with one changed byte is taken for sound only if it breaks no rule")
def test_what_is_taken_for_sound_breaks_no_rule_whatever_byte_was_changed(records: list[bytes]) -> None:
    chance = random.Random(5)
    for data in records:
        for place in range(0, len(data), 1 if PROVING else 7):
            changed = bytearray(data)
            changed[place] = chance.choice(b"\0\r\n :<>0Z\xff" + bytes([data[place] ^ 1]))
            if sound(bytes(changed)):
                assert list(breaches(parse(Member(0, b"", bytes(changed)), "a.warc.gz"))) == []
