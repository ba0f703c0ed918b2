"""What a file is, told by its bytes: size and digest, of the file and of what its gzip members hold."""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from isal import isal_zlib

from archive.deflated import USUAL, settle

CHUNK = 1 << 16
"""Bytes read at a time: few, for zlib copies what follows a member's end, and a WARC has many members."""
PACKED = 1 << 14
"""Bytes of gzip read at a time: what is inflated of them is still in the processor's cache when it is digested."""
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
    """A stream whose bytes are counted and digested as they are read, each once however often it is sought."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], object] | None = None) -> None:
        self._stream = stream
        self._tell = tell
        self._digest = hashlib.sha256()
        self._at = 0
        self.size = 0

    def read(self, size: int = CHUNK, /) -> bytes:
        """The stream's next bytes."""
        data = self._stream.read(size)
        self._at += len(data)
        fresh = self._at - self.size
        if fresh > 0:
            self._digest.update(data[-fresh:] if fresh < len(data) else data)
            self.size = self._at
            if self._tell:
                self._tell(fresh)
        return data

    def seekable(self) -> bool:
        """Whether the stream can be read again from an earlier place."""
        return self._stream.seekable()

    def seek(self, offset: int, /) -> int:
        """Go to a byte that was read already, or to the one after; raises ValueError for one further on."""
        if offset > self.size:
            raise ValueError(f"byte {offset} lies behind what was read")
        self._at = self._stream.seek(offset)
        return offset

    def whole(self) -> Fingerprint:
        """Size and digest of the file, what was not read yet included."""
        if self._at != self.size:
            self.seek(self.size)
        while self.read():
            pass
        return Fingerprint(self.size, self._digest.hexdigest())

    @property
    def sha256(self) -> str:
        """The hex digest of what was read so far."""
        return self._digest.hexdigest()


class Inflated:
    """What the gzip members of a stream hold, in pieces, both fingerprinted on the way."""

    def __init__(self, source: Digested) -> None:
        self._source = source
        self._plain = hashlib.sha256()
        self._size = 0
        self._members: list[int] = []

    def __iter__(self) -> Iterator[bytes]:
        for begin, piece in inflated(self._source):
            self._plain.update(piece)
            self._size += len(piece)
            if self._members[-1:] != [begin]:
                self._members.append(begin)
            yield piece

    def whole(self, lines: int) -> Fingerprint:
        """What was found, once all pieces have been taken and so many lines were counted in them."""
        members = tuple(self._members)
        return Fingerprint(
            self._source.size, self._source.sha256, self._size, self._plain.hexdigest(), lines, members
        )


def sha256(stream: BinaryIO) -> str:
    """The hex digest of what is left in a stream."""
    return fingerprint(stream, gzipped=False).sha256


def fingerprint(stream: BinaryIO, *, gzipped: bool) -> Fingerprint:
    """What a stream holds from here to its end, read once and in pieces; raises TornError if it should be gzip and is not whole."""
    source = Digested(stream)
    if not gzipped:
        return source.whole()
    pieces = Inflated(source)
    return pieces.whole(sum(piece.count(b"\n") for piece in pieces))


def _inflate(data: bytes) -> Any:
    """What undoes the gzip member that begins with these bytes: zlib where it may be none, of which ISA-L waits for more."""
    return (isal_zlib if data.startswith(USUAL) else zlib).decompressobj(GZIP)


def inflated(stream: Readable) -> Iterator[tuple[int, bytes]]:
    """What the gzip members of a stream hold, in pieces, each with the offset at which its member begins; raises TornError."""
    member, begin, end = None, 0, 0
    while data := stream.read(PACKED):
        end += len(data)
        while data:
            if member is None or member.eof:
                member, begin = _inflate(data), end - len(data)
            try:
                piece = member.decompress(data, PIECE)
            except (zlib.error, isal_zlib.error) as error:  # type: ignore[misc]  # its stubs take the class for an error
                raise TornError(f"the gzip member at byte {begin} cannot be read: {error}") from error
            settle()
            yield begin, piece
            data = member.unconsumed_tail or member.unused_data
    if member is not None and not member.eof:
        raise TornError(f"the gzip member at byte {begin} is cut off")
