"""How a record is laid out on disk: named fields, block and closing lines in one gzip member of fixed form."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STORE = (
    0  # for blocks that are compressed already: deflating them again costs a millisecond and gains nothing
)
DEFLATE = 6  # a page of 131 kB: level 1 gives 23.1 kB in 0.7 ms, 6 gives 18.1 kB in 1.8 ms, 9 gives 17.9 kB in 3.8 ms

USUAL = (31, 8)  # window and memory of zlib, gzip around it
LITTLE = (
    16 + 12,
    5,
)  # 32 kB to set up instead of 268 kB, and not a byte more comes out for what fits the window
SMALL = 4096

MEMBER = b"\x1f\x8b\x08\0\0\0\0\0\x04\x03"  # as zlib writes it: no name, no time, least effort, Unix
BLOCK = struct.Struct("<BHH")  # whether it is the last one, its length and the length's complement
FULL = 0xFFFF
TRAILER = struct.Struct("<LL")

Field = tuple[str, str]


def frame(fields: Iterable[Field], block: bytes, level: int) -> bytes:
    """The gzip member of one record: WARC/1.1 section 4 and annex D; no name, no time (RFC 1952), so it repeats."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in fields])
    head = f"WARC/1.1\r\n{lines}Content-Length: {len(block)}\r\n\r\n".encode("utf-8", "surrogateescape")
    if level == STORE:
        return stored(head, block, b"\r\n\r\n")
    record = b"".join((head, block, b"\r\n\r\n"))
    deflate = zlib.compressobj(level, zlib.DEFLATED, *(LITTLE if len(record) <= SMALL else USUAL))
    return deflate.compress(record) + deflate.flush()


def stored(*parts: bytes) -> bytes:
    """A gzip member of blocks without compression (RFC 1951 section 3.2.4, RFC 1952), at half of what zlib takes for it.

    >>> zlib.decompress(stored(b"a", b"bc"), 31)
    b'abc'
    """
    size, check = 0, 0
    for part in parts:
        size, check = size + len(part), zlib.crc32(part, check)
    ends = TRAILER.pack(check, size)
    if size <= FULL:
        return b"".join((MEMBER, BLOCK.pack(1, size, size ^ FULL), *parts, ends))
    data = memoryview(b"".join(parts))
    blocks: list[bytes | memoryview] = []
    for at in range(0, size, FULL):
        one = data[at : at + FULL]
        blocks += (BLOCK.pack(at + FULL >= size, len(one), len(one) ^ FULL), one)
    return b"".join((MEMBER, *blocks, ends))


def digest(data: bytes) -> str:
    """A digest as records carry it: `sha256:` and lower-case Base16.

    >>> digest(b"")[:15]
    'sha256:e3b0c442'
    """
    return "sha256:" + hashlib.sha256(data).hexdigest()


def stamp(instant: datetime) -> str:
    """A WARC-Date with microseconds; raises ValueError for an instant without a zone.

    >>> stamp(datetime(2026, 11, 22, 6, tzinfo=UTC))
    '2026-11-22T06:00:00.000000Z'
    """
    if instant.tzinfo is None:
        raise ValueError(f"the instant {instant} has no zone: hand in an aware datetime")
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def fields_block(fields: Sequence[Field]) -> bytes:
    """A block of application/warc-fields; raises ValueError for a value of more than one line."""
    for name, value in fields:
        if "\n" in value or "\r" in value:
            raise ValueError(f"warcinfo field {name!r} has more than one line: {value!r}")
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode()


def uri(url: str) -> str:
    r"""A URL fit for a named field: spaces and control characters percent-encoded, so that none can end the line.

    >>> uri("http://a/b c\r\nX: y")
    'http://a/b%20c%0D%0AX:%20y'
    """
    if url.isprintable() and " " not in url:
        return url
    return "".join(char if char.isprintable() and char != " " else _escaped(char) for char in url)


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def new_id() -> str:
    """A fresh record id, without angle brackets: a random UUID (RFC 9562 section 5.4)."""
    drawn = os.urandom(16).hex()
    variant = "89ab"[int(drawn[16], 16) % 4]
    return f"urn:uuid:{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-{variant}{drawn[17:20]}-{drawn[20:]}"


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)
