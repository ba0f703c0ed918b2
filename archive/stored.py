"""Gzip members of blocks that were not compressed, read without zlib: so lie pages that came compressed already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isal.isal_zlib import crc32

from archive.framing import BLOCK, FULL, MEMBER, TRAILER

if TYPE_CHECKING:
    from archive.fingerprint import Readable

AHEAD = 8 * 2**10
"""Bytes read beyond what is needed: the request and the journal's entry follow a page."""
SIZES = 2**32


def stored(stream: Readable, buffer: bytes, limit: int) -> tuple[bytes, int, bytes]:
    """The buffer with what had to be read after it, the length of the member that it begins with, and what that holds.

    The length is 0 for a member that is compressed, has another header than ours, holds more than `limit` bytes or is damaged: zlib shall
    judge it. RFC 1951 section 3.2.4, RFC 1952.
    """
    parts: list[bytes] = []
    at, last = len(MEMBER), 0
    while not last:
        buffer = _filled(stream, buffer, at + BLOCK.size)
        if len(buffer) < at + BLOCK.size or not buffer.startswith(MEMBER):
            return buffer, 0, b""
        last, length, complement = BLOCK.unpack_from(buffer, at)
        begin, at = at + BLOCK.size, at + BLOCK.size + length
        if last > 1 or length ^ complement != FULL or at > limit:
            return buffer, 0, b""
        buffer = _filled(stream, buffer, at + TRAILER.size)
        parts.append(buffer[begin:at])
    data = b"".join(parts)
    end = at + TRAILER.size
    if len(buffer) < end or TRAILER.unpack_from(buffer, at) != (crc32(data), len(data) % SIZES):
        return buffer, 0, b""
    return buffer, end, data


def _filled(stream: Readable, buffer: bytes, size: int) -> bytes:
    """The buffer with at least so many bytes, as long as the stream has them."""
    while len(buffer) < size and (more := stream.read(size - len(buffer) + AHEAD)):
        buffer += more
    return buffer
