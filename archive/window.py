"""What was read of a stream and not yet used: members are taken from it one after another, without a copy of what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.fingerprint import Readable

CHUNK = 64 * 2**10
"""Bytes read at a time, at least."""
MOST = 256 * 2**10
"""And of a stream that is read on: what is left of one piece, and is copied, is little beside the next."""


class Window:
    """Bytes of a stream from its present position on; those ahead begin at `at` in `data`."""

    __slots__ = ("_piece", "_stream", "at", "data")

    def __init__(self, stream: Readable, data: bytes = b"") -> None:
        self._stream = stream
        self._piece = CHUNK
        self.data = data
        self.at = 0

    @property
    def ahead(self) -> int:
        """Bytes that were read and not taken."""
        return len(self.data) - self.at

    def fill(self, size: int) -> bool:
        """Whether so many bytes lie ahead, read now if need be."""
        ahead = len(self.data) - self.at
        if ahead >= size:
            return True
        parts = [self.data[self.at :]]
        while ahead < size:
            # twice as much each time, so that a long member is not copied again and again
            more = self._stream.read(max(size - ahead, self._piece, ahead))
            if not more:
                break
            parts.append(more)
            ahead += len(more)
        self._piece = min(2 * self._piece, MOST)
        self.data, self.at = b"".join(parts), 0
        return ahead >= size

    def startswith(self, prefix: bytes) -> bool:
        """Whether the bytes ahead begin so."""
        return self.data.startswith(prefix, self.at)

    def take(self, size: int) -> bytes:
        """The next bytes; what follows lies ahead then."""
        taken = self.data[self.at : self.at + size]
        self.at += size
        return taken
