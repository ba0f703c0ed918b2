"""Gzip members of blocks that were not compressed, read without zlib: so lie pages that came compressed already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isal.isal_zlib import crc32

from archive.deflated import settle
from archive.framing import BLOCK, FULL, MEMBER, TRAILER

if TYPE_CHECKING:
    from archive.window import Window

SIZES = 2**32


def stored(window: Window, limit: int) -> tuple[int, bytes]:
    """The length of the member that lies ahead, and what it holds.

    The length is 0 for a member that is compressed, has another header than ours, holds more than `limit` bytes or is damaged: zlib shall
    judge it. RFC 1951 section 3.2.4, RFC 1952.
    """
    if not window.startswith(MEMBER):
        return 0, b""
    parts: list[bytes] = []
    at, last = len(MEMBER), 0
    while not last:
        if not window.fill(at + BLOCK.size):
            return 0, b""
        last, length, complement = BLOCK.unpack_from(window.data, window.at + at)
        begin, at = at + BLOCK.size, at + BLOCK.size + length
        if last > 1 or length ^ complement != FULL or at > limit or not window.fill(at + TRAILER.size):
            return 0, b""
        parts.append(window.data[window.at + begin : window.at + at])
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    check = crc32(data)
    settle()
    if TRAILER.unpack_from(window.data, window.at + at) != (check, len(data) % SIZES):
        return 0, b""
    return at + TRAILER.size, data
