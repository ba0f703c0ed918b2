"""Gzip members inflated by ISA-L where nothing is amiss with them: at half of what zlib takes, checksum and all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isal import isal_zlib

if TYPE_CHECKING:
    from archive.fingerprint import Readable

USUAL = b"\x1f\x8b\x08\0"
"""A header without name, comment, extra field or checksum of its own: ISA-L passes over flags that zlib refuses."""
CHUNK = 32 * 2**10  # small enough that the copy of what was not used stays cheap
GZIP = 31


def deflated(stream: Readable, buffer: bytes, limit: int) -> tuple[bytes, int, bytes]:
    """The buffer with what had to be read after it, the length of the member that it begins with, and what that holds.

    The length is 0 for a member that has another header, holds more than `limit` bytes or is damaged: zlib shall judge it. RFC 1952.
    """
    if not buffer.startswith(USUAL):
        return buffer, 0, b""
    inflate = isal_zlib.decompressobj(GZIP)
    read, parts, size = [buffer], list[bytes](), 0
    try:
        while read[-1] and size <= limit:
            parts.append(inflate.decompress(read[-1]))
            size += len(parts[-1])
            if inflate.eof:
                break
            read.append(stream.read(CHUNK))
    except isal_zlib.error:  # type: ignore[misc]  # its stubs take the class for an error
        return b"".join(read), 0, b""
    buffer = b"".join(read)
    if not inflate.eof or size > limit:
        return buffer, 0, b""
    return buffer, len(buffer) - len(inflate.unused_data), b"".join(parts)
