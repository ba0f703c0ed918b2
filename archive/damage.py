"""What a crash or a bad disk left of a WARC file: stepped over where it is damaged, cut where it is torn."""

from __future__ import annotations

import os
import re
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Protocol

from archive.member import CHUNK, BrokenMemberError, Member, members

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = re.compile(rb"\x1f\x8b\x08")
STRADDLE = 512  # bytes of a member that show what it holds
TRAILER = 4  # fewer zeros may be the end of a whole member, whose last word is its size


class Source(Protocol):
    """As much of a stream as is needed to look for records behind a damaged place."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, none at the end."""

    def seek(self, offset: int, /) -> int:
        """Go to a byte that was read already."""

    def seekable(self) -> bool:
        """Whether it can."""


def cut_tail(path: Path) -> int:
    """Cut a torn last record off a WARC file and return how many bytes went; a sound file loses none.

    Torn is what a crash leaves: a member that the end of the file breaks off, or zeros that a power cut put in its
    place. Damage of any other kind is left as it is, for check() to name.
    """
    with path.open("r+b") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        end = 0
        try:
            for member in members(stream):
                end = member.offset + member.length
        except BrokenMemberError as error:
            broken_off = error.torn and _next_member(stream, end + 1) is None
            if not broken_off and not _zeros_behind(stream, end):
                return 0
        stream.truncate(end)
        os.fsync(stream.fileno())
    return size - end


def _zeros_behind(stream: BinaryIO, offset: int) -> bool:
    """Whether what stands at offset is the beginning of a member, or none, with zeros up to the end of the file."""
    stream.seek(offset)
    inflate = zlib.decompressobj(31)
    zeros = 0
    while chunk := stream.read(CHUNK):
        kept = chunk.rstrip(b"\0")
        if kept:
            fed = bytes(zeros) + kept
            if not _inflates(inflate, fed):
                return False
        zeros = len(chunk) - len(kept) + (0 if kept else zeros)
    return zeros >= TRAILER and not inflate.eof


def members_and_damage(stream: Source) -> Iterator[Member | BrokenMemberError]:
    """Every member of a file, and for each damaged place the error, after which the next whole member follows."""
    offset: int | None = 0
    while offset is not None:
        try:
            yield from members(stream, offset)
        except BrokenMemberError as error:
            found = error
        else:
            return
        offset = _next_member(stream, found.offset + 1) if stream.seekable() else None
        if found.torn and offset is not None:
            found = BrokenMemberError(
                found.offset, "gzip member is damaged and does not end where the next begins"
            )
        yield found
        if offset is not None:
            stream.seek(offset)


def _next_member(stream: Source, offset: int) -> int | None:
    """The offset of the next gzip member that holds a WARC record, searched from `offset`."""
    stream.seek(offset)
    window = b""
    while chunk := stream.read(CHUNK):
        window += chunk
        for match in START.finditer(window):
            if _begins_record(window[match.start() :]):
                return offset + match.start()
        keep = min(len(window), STRADDLE)
        offset += len(window) - keep
        window = window[-keep:]
    return None


def _begins_record(data: bytes) -> bool:
    with suppress(zlib.error):
        return zlib.decompressobj(31).decompress(data, 5) == b"WARC/"
    return False


def _inflates(inflate: zlib._Decompress, data: bytes) -> bool:
    with suppress(zlib.error):
        inflate.decompress(data)
        return True
    return False
