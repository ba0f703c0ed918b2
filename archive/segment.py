"""One WARC file while it grows, its index beside it: what was written is whole, or is taken back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Create = Callable[[Path], BinaryIO]

OPEN = ".open"


class NotRecorded(Exception):  # noqa: N818  it names what happened; the crawl stops for it under this name
    """A record could not be written; what had been written before stays valid."""


def create(path: Path) -> BinaryIO:
    """A new file to write to, unbuffered: the one place where the archive opens a WARC or its index for writing."""
    return cast("BinaryIO", path.open("xb", buffering=0))


class Segment:
    """A file `NAME.warc.gz.open` with its index `NAME.cdxj`; close() gives it its final name.

    Each append is one write. One that fails is truncated away and raises NotRecorded; if that fails too, every later
    append is refused, for nobody can say any more what stands in the file.
    """

    def __init__(self, path: Path, create: Create = create) -> None:
        self.path = path
        self.size = 0
        self._index_size = 0
        self._fault: BaseException | None = None
        try:
            self._warc = create(path.with_name(path.name + OPEN))
            self._index = create(path.with_name(path.name.removesuffix(".warc.gz") + ".cdxj"))
        except OSError as error:
            raise NotRecorded(f"{path.name} cannot be begun: {error}") from error

    def append(self, data: bytes, lines: bytes, *, sync: bool) -> None:
        """Append members and their index lines; on disk when this returns, if `sync`."""
        if self._fault:
            raise NotRecorded(
                f"{self.path.name} refuses writes since one could not be taken back: {self._fault}"
            )
        done = False
        try:
            _write(self._warc, data)
            if sync:
                os.fsync(self._warc.fileno())
            _write(self._index, lines)
            done = True
        except OSError as error:
            raise NotRecorded(
                f"{self.path.name} could not be written at offset {self.size}: {error}"
            ) from error
        finally:
            if not done:
                self._take_back()
        self.size += len(data)
        self._index_size += len(lines)

    def close(self) -> Path:
        """Bring the file to disk and give it its final name; raises NotRecorded and leaves `.open` where it fails."""
        growing = self.path.with_name(self.path.name + OPEN)
        try:
            os.fsync(self._warc.fileno())
            growing.rename(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise NotRecorded(f"{self.path.name} could not be closed: {error}") from error
        finally:
            self._warc.close()
            self._index.close()
        return self.path

    def _take_back(self) -> None:
        try:
            for file, size in ((self._warc, self.size), (self._index, self._index_size)):
                file.truncate(size)
                file.seek(size)
            os.fsync(self._warc.fileno())
        except OSError as error:
            self._fault = error


def _write(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
