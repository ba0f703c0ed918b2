"""What a file is, told by its bytes: size and digest, of the file and of what its gzip members hold."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

CHUNK = 1 << 16
"""Bytes read at a time: small, for zlib copies what follows a member's end, and a WARC has many members."""
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


@dataclass(slots=True)
class _Content:
    """Digests what the members of a gzip stream hold, in pieces of bounded size."""

    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size: int = 0
    lines: int = 0
    members: list[int] = field(default_factory=list)
    member: "zlib._Decompress | None" = None

    def feed(self, data: bytes, offset: int) -> None:
        """Take the next bytes of the file, which lie at `offset`."""
        end = offset + len(data)
        while data:
            if self.member is None or self.member.eof:
                self.members.append(end - len(data))
                self.member = zlib.decompressobj(GZIP)
            data = self._inflate(self.member, data)

    def _inflate(self, member: "zlib._Decompress", data: bytes) -> bytes:
        plain = member.decompress(data, CHUNK)
        self.digest.update(plain)
        self.size += len(plain)
        self.lines += plain.count(b"\n")
        return member.unconsumed_tail or member.unused_data


def sha256(stream: BinaryIO) -> str:
    """The hex digest of what is left in a stream."""
    digest = hashlib.sha256()
    for chunk in _chunks(stream):
        digest.update(chunk)
    return digest.hexdigest()


def fingerprint(stream: BinaryIO, *, gzipped: bool) -> Fingerprint:
    """What a stream holds from here to its end, read once and in pieces; raises TornError if it should be gzip and is not whole."""
    digest, size, content = hashlib.sha256(), 0, _Content()
    for chunk in _chunks(stream):
        digest.update(chunk)
        if gzipped:
            _feed(content, chunk, size)
        size += len(chunk)
    if content.member is not None and not content.member.eof:
        raise TornError(f"the gzip member at byte {content.members[-1]} is cut off")
    if not gzipped:
        return Fingerprint(size, digest.hexdigest())
    return Fingerprint(
        size,
        digest.hexdigest(),
        content.size,
        content.digest.hexdigest(),
        content.lines,
        tuple(content.members),
    )


def _feed(content: _Content, chunk: bytes, offset: int) -> None:
    try:
        content.feed(chunk, offset)
    except zlib.error as error:
        raise TornError(f"the gzip member at byte {content.members[-1]} cannot be read: {error}") from error


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
