"""The pieces a WARC file is made of: one gzip member (or one bare record) at a time, with its exact place."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from isal import isal_zlib

from archive.deflated import USUAL, settle
from archive.framing import MEMBER
from archive.stored import stored
from archive.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.fingerprint import Readable

GZIP = b"\x1f\x8b"
LIMIT = (
    256 * 2**20
)  # twice the largest source, four times over: whatever is larger is no record of a news site
CHUNK = 32 * 2**10  # small enough that zlib's copy of what it did not use stays cheap
FIRST = 2**10  # and most members are requests and entries of the journal
WBITS = 31
HEAD = 64 * 2**10
LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class Inflate(Protocol):
    """What undoes a gzip member."""

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""

    @property
    def unused_data(self) -> bytes:
        """What was fed beyond its end."""

    def decompress(self, data: bytes, /) -> bytes:
        """What comes out."""


class BrokenMemberError(Exception):
    """Bytes at `offset` that are no record; `torn` says that the file ended before it could be told."""

    def __init__(self, offset: int, reason: str, *, torn: bool = False) -> None:
        super().__init__(f"offset {offset}: {reason}")
        self.offset = offset
        self.reason = reason
        self.torn = torn


class Member(NamedTuple):
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
    window = Window(stream)
    window.fill(len(GZIP))
    read = _gzip_member if window.startswith(GZIP) else _bare_record
    while window.fill(1):
        member = read(window, offset, limit)
        yield member
        offset += len(member.raw)


def _gzip_member(window: Window, offset: int, limit: int) -> Member:
    if window.startswith(MEMBER):
        length, data = stored(window, limit)
        if length:
            return Member(offset, window.take(length), data)
    if window.startswith(USUAL):
        try:
            return _inflated(window, offset, limit, isal_zlib.decompressobj(WBITS))
        except (isal_zlib.error, BrokenMemberError):  # type: ignore[misc]  # its stubs take the class for an error
            pass  # zlib says what is wrong
        finally:
            settle()
    try:
        return _inflated(window, offset, limit, zlib.decompressobj(WBITS))
    except zlib.error as error:
        raise BrokenMemberError(offset, f"gzip member cannot be inflated ({error})") from error


def _inflated(window: Window, offset: int, limit: int, inflate: Inflate) -> Member:
    piece = window.data[window.at : window.at + FIRST]
    data = inflate.decompress(piece)
    if inflate.eof and len(data) <= limit:
        return Member(offset, window.take(len(piece) - len(inflate.unused_data)), data)
    parts, fed, size = [data], len(piece), len(data)
    while not inflate.eof:
        if not window.fill(fed + 1):
            raise BrokenMemberError(offset, "the file ends inside a gzip member", torn=True)
        begin = window.at + fed
        piece = window.data[begin : begin + CHUNK]
        parts.append(inflate.decompress(piece))
        fed, size = fed + len(piece), size + len(parts[-1])
        if size > limit:
            break
    if size > limit:
        raise BrokenMemberError(offset, f"gzip member inflates to more than {limit} bytes")
    raw = window.take(fed - len(inflate.unused_data))
    return Member(offset, raw, b"".join(parts))


def _bare_record(window: Window, offset: int, limit: int) -> Member:
    while (end := window.data.find(b"\r\n\r\n", window.at)) < 0 and window.ahead < HEAD:
        if not window.fill(window.ahead + 1):
            raise BrokenMemberError(offset, "the file ends inside a record's header", torn=True)
    length = LENGTH.search(window.data, window.at, max(end, window.at) + 2)
    if end < 0 or not window.startswith(b"WARC/") or not length:
        raise BrokenMemberError(offset, "no WARC record and no gzip member begins here")
    size = end - window.at + 4 + int(length[1]) + 4
    if size > limit:
        raise BrokenMemberError(offset, f"record is longer than {limit} bytes")
    if not window.fill(size):
        raise BrokenMemberError(offset, "the file ends inside a record's block", torn=True)
    raw = window.take(size)
    return Member(offset, raw, raw)
