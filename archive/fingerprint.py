"""What a file is, told by its bytes: size and digest, of the file and of what its gzip members hold."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

CHUNK = 1 << 16
"""Bytes read at a time: few, for zlib copies what follows a member's end, and a WARC has many members."""
PIECE = 1 << 20
"""Bytes inflated at a time, at most."""
GZIP = 31
"""zlib's window bits for a gzip member (RFC 1952) and nothing else."""


class TornError(ValueError):
    """A gzip file ends in the middle of a member, or holds what is no gzip."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Size in bytes and hex sha256 of a file; for gzip also of its content, its lines, and where each member begins."""

    size: int
    sha256: str
    plain_size: int = 0
    plain_sha256: str = ""
    lines: int = 0
    members: tuple[int, ...] = ()


class Readable(Protocol):
    """As much of a stream as is needed here."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, none at the end."""


class Digested:
    """A stream whose bytes are counted and digested as they are read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int, /) -> bytes:
        """The stream's next bytes."""
        data = self._stream.read(size)
        self._digest.update(data)
        self.size += len(data)
        return data

    @property
    def sha256(self) -> str:
        """The hex digest of what was read so far."""
        return self._digest.hexdigest()


def sha256(stream: BinaryIO) -> str:
    """The hex digest of what is left in a stream."""
    return fingerprint(stream, gzipped=False).sha256


def fingerprint(stream: BinaryIO, *, gzipped: bool) -> Fingerprint:
    """What a stream holds from here to its end, read once and in pieces; raises TornError if it should be gzip and is not whole."""
    source = Digested(stream)
    if not gzipped:
        while source.read(CHUNK):
            pass
        return Fingerprint(source.size, source.sha256)
    digest, size, lines, members = hashlib.sha256(), 0, 0, list[int]()
    for begin, piece in inflated(source):
        digest.update(piece)
        size += len(piece)
        lines += piece.count(b"\n")
        if members[-1:] != [begin]:
            members.append(begin)
    return Fingerprint(source.size, source.sha256, size, digest.hexdigest(), lines, tuple(members))


def inflated(stream: Readable) -> Iterator[tuple[int, bytes]]:
    """What the gzip members of a stream hold, in pieces, each with the offset at which its member begins; raises TornError."""
    member, begin, end = None, 0, 0
    while data := stream.read(CHUNK):
        end += len(data)
        while data:
            if member is None or member.eof:
                member, begin = zlib.decompressobj(GZIP), end - len(data)
            try:
                yield begin, member.decompress(data, PIECE)
            except zlib.error as error:
                raise TornError(f"the gzip member at byte {begin} cannot be read: {error}") from error
            data = member.unconsumed_tail or member.unused_data
    if member is not None and not member.eof:
        raise TornError(f"the gzip member at byte {begin} is cut off")
