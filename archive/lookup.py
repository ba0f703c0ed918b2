"""One URL found in the index of a snapshot, where that is kept: index.idx is read once, of index.cdx.gz what may hold the URL."""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from contextlib import closing
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from archive.cdxj import PACKED, address_of, parse_line, place_of
from archive.objects import DamagedError
from archive.snapshot import key_of
from archive.urlkey import key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.cdxj import Line
    from archive.objects import Store

BLOCKS = "index.idx"
META = b"!meta "
READ = {"url", "mime", "status", "digest", "filename", "offset", "length"}
"""What is read of a line."""


class Index:
    """The index of one snapshot; of what was read, the blocks and the last lines are kept in memory."""

    def __init__(self, store: Store, snapshot: str) -> None:
        self._store = store
        self._snapshot = snapshot
        self._read = _Lines(0, 0, [])

    def captures(self, url: str) -> Iterator[Line]:
        """Every line of exactly this URL, by time; raises AbsentError, and DamagedError for an index that cannot be read."""
        return (line for line in self.near(url) if line.fields["url"] == url)

    def near(self, url: str) -> Iterator[Line]:
        """Every line under the URL's key, by time: also of URLs that differ by scheme, `www.`, case or the order of a query."""
        wanted = key(url).encode() + b" "
        lines = self._lines(wanted)
        for text in lines[bisect_left(lines, wanted) :]:
            if not text.startswith(wanted):
                return
            yield self._parsed(text)

    def _lines(self, wanted: bytes) -> list[bytes]:
        """The lines of all blocks that may hold a key: those that begin with it, and the one before them."""
        blocks = self._blocks
        first = max(bisect_left(blocks, wanted, key=lambda block: block.key) - 1, 0)
        last = bisect_right(blocks, wanted, key=lambda block: block.key)
        if first >= last:
            return []
        begin, end = blocks[first].offset, blocks[last - 1].offset + blocks[last - 1].length
        if (self._read.begin, self._read.end) != (begin, end):
            self._read = _Lines(begin, end, self._inflated(begin, end))
        return self._read.lines

    @cached_property
    def _blocks(self) -> list[_Block]:
        with closing(self._store.open(key_of(self._snapshot, BLOCKS))) as stream:
            entries = [text for text in stream.read().splitlines() if not text.startswith(META)]
        try:
            parsed = [parse_line(text) for text in entries]
            places = [place_of(one) for one in parsed]
        except (ValueError, KeyError) as error:
            raise self._damaged(BLOCKS, error) from error
        return [_Block(one.key.encode() + b" ", *place) for one, place in zip(parsed, places, strict=True)]

    def _inflated(self, begin: int, end: int) -> list[bytes]:
        with closing(self._store.open(key_of(self._snapshot, PACKED), begin, end - begin)) as stream:
            packed = stream.read()
        lines: list[bytes] = []
        while packed:
            inflate = zlib.decompressobj(31)
            try:
                lines += inflate.decompress(packed).splitlines()
            except zlib.error as error:
                raise self._damaged(PACKED, error) from error
            if not inflate.eof:
                raise self._damaged(PACKED, "it is cut off")
            packed = inflate.unused_data
        return lines

    def _parsed(self, text: bytes) -> Line:
        try:
            found = parse_line(text)
            if lacking := READ - found.fields.keys():
                raise ValueError(f"a line has no {min(lacking)}")  # noqa: TRY301  as what is no line
            address_of(found)
            datetime.strptime(f"{found.timestamp}+0000", "%Y%m%d%H%M%S%z")
            int(found.fields["status"])
        except ValueError as error:
            raise self._damaged(PACKED, error) from error
        return found

    def _damaged(self, name: str, reason: object) -> DamagedError:
        place = f"{key_of(self._snapshot, name)} in {self._store.uri}"
        return DamagedError(f"{place} cannot be read: {reason}; run `letopis verify {self._snapshot}`")


class _Block(NamedTuple):
    """A gzip member of index.cdx.gz: the key of its first line and a blank, and where it lies."""

    key: bytes
    offset: int
    length: int


class _Lines(NamedTuple):
    """Lines of neighbouring blocks, and which bytes they were packed in."""

    begin: int
    end: int
    lines: list[bytes]


def captures(store: Store, snapshot: str, url: str) -> Iterator[Line]:
    """Every index line of exactly this URL in a snapshot, by time; raises as Index.captures does."""
    return Index(store, snapshot).captures(url)
