"""The pieces a WARC file is made of: one gzip member (or one bare record) at a time, with its exact place."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.deflated import deflated
from archive.framing import MEMBER
from archive.stored import stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.fingerprint import Readable

GZIP = b"\x1f\x8b"
LIMIT = (
    256 * 2**20
)  # twice the largest source, four times over: whatever is larger is no record of a news site
CHUNK = 32 * 2**10  # small enough that zlib's copy of what it did not use stays cheap
HEAD = 64 * 2**10
LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class BrokenMemberError(Exception):
    """Bytes at `offset` that are no record; `torn` says that the file ended before it could be told."""

    def __init__(self, offset: int, reason: str, *, torn: bool = False) -> None:
        super().__init__(f"offset {offset}: {reason}")
        self.offset = offset
        self.reason = reason
        self.torn = torn


@dataclass(frozen=True, slots=True)
class Member:
    """One gzip member as it lies in the file (`raw`) and inflated (`data`); the same bytes where nothing is compressed."""

    offset: int
    raw: bytes
    data: bytes

    @property
    def length(self) -> int:
        """Bytes the member takes in the file."""
        return len(self.raw)


def members(stream: Readable, offset: int = 0, limit: int = LIMIT) -> Iterator[Member]:
    """Every member from the stream's present position, which is byte `offset` of the file.

    Holds one member in memory, never more than `limit` bytes of it. Raises BrokenMemberError at the first bytes that are
    no member. Gzip members: RFC 1952; bare records (wget without --warc-compression): WARC/1.1 section 4.
    """
    buffer = stream.read(CHUNK)
    read = _gzip_member if buffer.startswith(GZIP) else _bare_record
    while buffer:
        member, buffer = read(stream, buffer, offset, limit)
        yield member
        offset += member.length
        buffer = buffer or stream.read(CHUNK)


def _gzip_member(stream: Readable, buffer: bytes, offset: int, limit: int) -> tuple[Member, bytes]:
    for read in (stored, deflated) if buffer.startswith(MEMBER) else (deflated,):
        buffer, length, held = read(stream, buffer, limit)
        if length:
            return Member(offset, buffer[:length], held), buffer[length:]
    inflate = zlib.decompressobj(31)
    raw: list[bytes] = []
    data: list[bytes] = []
    size = 0
    while True:
        try:
            data.append(inflate.decompress(buffer, limit + 1 - size))
        except zlib.error as error:
            raise BrokenMemberError(offset, f"gzip member cannot be inflated ({error})") from error
        size += len(data[-1])
        if size > limit:
            raise BrokenMemberError(offset, f"gzip member inflates to more than {limit} bytes")
        if inflate.eof:
            rest = inflate.unused_data
            raw.append(buffer[: len(buffer) - len(rest)])
            return Member(offset, b"".join(raw), b"".join(data)), rest
        raw.append(buffer)
        buffer = stream.read(CHUNK)
        if not buffer:
            raise BrokenMemberError(offset, "the file ends inside a gzip member", torn=True)


def _bare_record(stream: Readable, buffer: bytes, offset: int, limit: int) -> tuple[Member, bytes]:
    while (end := buffer.find(b"\r\n\r\n")) < 0 and len(buffer) < HEAD:
        more = stream.read(CHUNK)
        if not more:
            raise BrokenMemberError(offset, "the file ends inside a record's header", torn=True)
        buffer += more
    length = LENGTH.search(buffer, 0, max(end, 0) + 2)
    if end < 0 or not buffer.startswith(b"WARC/") or not length:
        raise BrokenMemberError(offset, "no WARC record and no gzip member begins here")
    size = end + 4 + int(length[1]) + 4
    if size > limit:
        raise BrokenMemberError(offset, f"record is longer than {limit} bytes")
    if len(buffer) < size:
        buffer += stream.read(size - len(buffer))
    if len(buffer) < size:
        raise BrokenMemberError(offset, "the file ends inside a record's block", torn=True)
    return Member(offset, buffer[:size], buffer[:size]), buffer[size:]
