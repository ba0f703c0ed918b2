"""A URL looked up in the index of a snapshot that is kept elsewhere: what a scan of all lines finds, for a few reads."""

import gzip
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.cdxj import BLOCK, PACKED, Line, parse_line, sorted_index
from archive.https import Https
from archive.local import Directory
from archive.lookup import BLOCKS, Index, captures
from archive.objects import Store, StoreError
from archive.snapshot import key_of
from archive.store import open_store
from archive.urlkey import key
from tests.archive.gateway import gateway
from tests.seaweed import Server, lead

SNAPSHOT = "chronik-20261122T060000Z"
NEWYEAR = datetime(2026, 1, 1, tzinfo=UTC)
HOSTS = (
    "https://chronik.example",
    "http://chronik.example",
    "https://www.chronik.example",
    "https://a.example",
)
MOST = st.lists(st.sampled_from([f"{host}/{n}" for host in HOSTS for n in range(40)]), max_size=60)


class Counting(Directory):
    """A directory that counts how often it is read and how many bytes that is."""

    reads = 0
    given = 0

    def open(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        with super().open(key, offset, length) as stream:
            data = stream.read()
        self.reads += 1
        self.given += len(data)
        return io.BytesIO(data)


def index(store: Store, urls: list[str]) -> list[Line]:
    """An index with one line for each URL in this order of time; its lines in their order."""
    lines = [
        f'{key(url)} {NEWYEAR + timedelta(seconds=number):%Y%m%d%H%M%S} {{"url":"{url}","mime":"text/html","status":"200",'
        f'"digest":"{random.Random(number).randbytes(32).hex()}","length":"9","offset":"{number}","filename":"a"}}\n'.encode()
        for number, url in enumerate(urls)
    ]
    cdx, idx = io.BytesIO(), io.BytesIO()
    sorted_index(lines, cdx, idx)
    store.put(key_of(SNAPSHOT, PACKED), cdx.getvalue())
    store.put(key_of(SNAPSHOT, BLOCKS), idx.getvalue())
    return [parse_line(line) for line in sorted(lines)]


def many(count: int) -> list[str]:
    """URLs of which some are captured again and again, one of them across several blocks."""
    urls = [f"https://chronik.example/2026/{number:05d}.html" for number in range(count)]
    return urls + urls[::7] + [urls[count // 2]] * (2 * BLOCK)


@given(wanted=MOST, captured=MOST)
def test_what_is_found_is_what_a_scan_of_all_lines_finds(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[str], captured: list[str]
) -> None:
    store = Directory(tmp_path_factory.mktemp("store"))
    lines = index(store, captured)
    for url in {*wanted, *captured}:
        assert list(captures(store, SNAPSHOT, url)) == [line for line in lines if line.fields["url"] == url]
        assert list(Index(store, SNAPSHOT).near(url)) == [line for line in lines if line.key == key(url)]


@pytest.fixture(scope="module", params=["directory", "s3", "https"])
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, list[Line]]]:
    """An index of several blocks, and the store to read it from."""
    if request.param == "directory":
        store = Directory(tmp_path_factory.mktemp("store"))
        yield store, index(store, many(5000))
        return
    server: Server = request.getfixturevalue("seaweed")
    with pytest.MonkeyPatch.context() as patch:
        lead(patch, server.environment())
        source = open_store(server.store())
        lines = index(source, many(5000))
        if request.param == "s3":
            yield source, lines
            return
        with gateway(server, public=True) as way:
            yield Https(f"{way.endpoint}/{source.uri.removeprefix('s3://')}/"), lines


def test_every_store_is_searched_alike(kept: tuple[Store, list[Line]]) -> None:
    store, lines = kept
    one = Index(store, SNAPSHOT)
    absent = [f"https://{host}/" for host in ("0.example", "chronik.example", "zzz.example")]
    by_url: dict[str, list[Line]] = {}
    for line in lines:
        by_url.setdefault(line.fields["url"], []).append(line)
    edges = [lines[at].fields["url"] for at in (0, BLOCK - 1, BLOCK, BLOCK + 1, -1)]
    for url in (*edges, *list(by_url)[::499], many(5000)[2500], *absent):
        assert list(one.captures(url)) == by_url.get(url, [])


def test_of_a_large_index_little_is_read(tmp_path: Path) -> None:
    store = Counting(tmp_path)
    lines = index(store, many(40_000)[: 40 * BLOCK])
    packed = store.stat(key_of(SNAPSHOT, PACKED))
    for line in lines[::5001]:
        store.reads = store.given = 0
        assert line in list(captures(store, SNAPSHOT, line.fields["url"]))
        assert store.reads == 2
        assert packed
        assert store.given < packed.size / 15


def test_neighbours_are_looked_up_without_another_read(tmp_path: Path) -> None:
    store = Counting(tmp_path)
    lines = index(store, many(3000))
    one = Index(store, SNAPSHOT)
    for line in lines[10:60]:
        assert list(one.captures(line.fields["url"]))
    assert store.reads == 2


def test_an_index_that_is_damaged_is_told_in_one_line(tmp_path: Path) -> None:
    store = Directory(tmp_path)
    url = index(store, many(100)[:100])[3].fields["url"]
    whole = (tmp_path / key_of(SNAPSHOT, PACKED)).read_bytes()
    damaged = (whole[:-9], b"\x1f\x8b\x09" + whole[3:], gzip.compress(f"{key(url)} 1\n".encode()))
    for data in damaged:
        store.put(key_of(SNAPSHOT, PACKED), data)
        with pytest.raises(
            StoreError, match=r"index\.cdx\.gz in file:.* cannot be read: .*letopis verify chronik-"
        ):
            list(captures(store, SNAPSHOT, url))
    store.put(key_of(SNAPSHOT, BLOCKS), b"chronik 1 {}\n")
    with pytest.raises(StoreError, match=r"index\.idx .* cannot be read"):
        list(captures(store, SNAPSHOT, url))
