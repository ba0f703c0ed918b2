"""What is to be uploaded: bytes or a file, its digest, and the parts in which it goes."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archive.objects import StoreError

PART = 8 << 20
"""Bytes of a part, at least; S3 wants 5 MiB, and R2 wants all but the last to be equal."""
PARTS = 10_000
"""Parts of an object, at most."""
TYPES = {
    "gz": "application/gzip",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "idx": "text/plain; charset=utf-8",
    "zip": "application/zip",
}
"""Content-Type by the end of a name. Never a Content-Encoding: a client would inflate what the manifest has hashed."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an object: its number, counted from 1, where it begins, its length, its sha256."""

    number: int
    offset: int
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes or a file, measured once: its size, its hex sha256, its parts (always at least one)."""

    source: Path | bytes
    size: int
    sha256: str
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, source: Path | bytes) -> Self:
        """The content of a file, read once and in pieces, or of bytes; raises OSError."""
        if isinstance(source, bytes):
            digest = hashlib.sha256(source)
            return cls(source, len(source), digest.hexdigest(), (Part(1, 0, len(source), digest.digest()),))
        size = source.stat().st_size
        step, whole, parts = part_size(size), hashlib.sha256(), list[Part]()
        room = memoryview(bytearray(min(step, size)))
        # hashlib lets other threads run: the part's digest is made while the whole's goes on.
        with source.open("rb") as stream, ThreadPoolExecutor(1) as aside:
            for number, offset in enumerate(range(0, max(size, 1), step), 1):
                data = room[: stream.readinto(room[: size - offset])]
                part = aside.submit(hashlib.sha256, data)
                whole.update(data)
                parts.append(Part(number, offset, len(data), part.result().digest()))
        return cls(source, size, whole.hexdigest(), tuple(parts))

    @property
    def composite(self) -> str:
        """What S3 states as the SHA-256 of an object uploaded in these parts."""
        if len(self.parts) == 1:
            return encoded(self.parts[0].sha256)
        whole = hashlib.sha256(b"".join(part.sha256 for part in self.parts)).digest()
        return f"{encoded(whole)}-{len(self.parts)}"

    def read(self, part: Part) -> bytes:
        """The part's bytes; raises OSError, and StoreError if the file is shorter now."""
        if isinstance(self.source, bytes):
            return self.source
        with self.source.open("rb") as stream:
            stream.seek(part.offset)
            data = stream.read(part.length)
        if len(data) != part.length:
            raise StoreError(
                f"{self.source} was cut while it was sent; nothing was stored, run the same command again"
            )
        return data


def part_size(size: int) -> int:
    """How long the parts of an object of that size are, the last one apart."""
    return max(PART, -(-size // PARTS))


def encoded(digest: bytes) -> str:
    """A digest as S3's headers hold it."""
    return base64.b64encode(digest).decode()


def md5(data: bytes) -> str:
    """What Content-MD5 holds: the digest that is compared by servers that know no other."""
    return encoded(hashlib.md5(data, usedforsecurity=False).digest())


def content_type(key: str) -> str:
    """The media type of an object by its name.

    >>> content_type("snapshots/site=ria/x/warc/ria-00000.warc.gz")
    'application/gzip'
    """
    return TYPES.get(key.rpartition(".")[2], "application/octet-stream")
