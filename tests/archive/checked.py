"""A sound WARC file of nine records, and what a check finds in it once it was changed."""

import io
import zlib
from pathlib import Path

import pytest

from archive.check import check
from archive.journal import Journal
from tests.archive import PAGE, SNAPSHOT, chunked, exchange, gzipped, members_of, writer

NAME = f"{SNAPSHOT}-00000.warc.gz"


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
