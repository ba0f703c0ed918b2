"""JSON, one value a line, in gzip members of a thousand lines, so that any line can be reached without reading all."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import orjson

from archive.fingerprint import CHUNK, GZIP, Readable, TornError, inflated

LINES = 1000
"""Lines in a member; the last one holds the rest."""
LEVEL = 4
"""Text comes out 3 % longer than at level 6, and takes half the time."""
LONGEST = 64 * 2**20
"""Bytes of a line, at most: the largest page that is read is a third of that."""


def line(value: Any) -> bytes:
    """A value as one line: UTF-8, keys in their own order, no space, ended by a line feed."""
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def write(stream: BinaryIO, lines: Iterable[bytes]) -> None:
    """Write lines in members of LINES; equal lines give equal bytes with one build of zlib; no lines give one empty member."""
    pending = iter(lines)
    stream.write(compressed(b"".join(islice(pending, LINES))))
    while batch := list(islice(pending, LINES)):
        stream.write(compressed(b"".join(batch)))


def compressed(data: bytes) -> bytes:
    """One gzip member; its header holds neither a time nor a name."""
    encoder = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    return encoder.compress(data) + encoder.flush()


def compress(source: BinaryIO, target: BinaryIO) -> None:
    """Copy a stream into one gzip member, in pieces."""
    encoder = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    while chunk := source.read(CHUNK):
        target.write(encoder.compress(chunk))
    target.write(encoder.flush())


def read(stream: BinaryIO) -> Iterator[Any]:
    """The values of all lines, in order; raises TornError where the gzip or the last line is cut."""
    for text in plain_lines(stream):
        yield orjson.loads(text)


def plain_lines(stream: Readable) -> Iterator[bytes]:
    """The lines themselves, without their line feeds; memory holds one piece and one line."""
    yield from split(piece for _, piece in inflated(stream))


def split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in pieces of a file, without their line feeds; raises TornError for a last one without, and for one that has no end in sight."""
    held, size = list[bytes](), 0
    for piece in pieces:
        first, *more = piece.split(b"\n")
        held.append(first)
        size += len(first)
        if more:
            yield b"".join(held)
            yield from more[:-1]
            held, size = more[-1:], len(more[-1])
        if size > LONGEST:
            raise TornError(f"a line is longer than {LONGEST} bytes")
    if size:
        raise TornError("the last line is cut off")
