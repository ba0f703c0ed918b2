"""One WARC file while it grows, its index beside it: what was written is whole, or is taken back."""

from __future__ import annotations

import os
from contextlib import ExitStack
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
        self._growing = path.with_name(path.name + OPEN)
        self._beside = path.with_name(path.name.removesuffix(".warc.gz") + ".cdxj")
        try:
            with ExitStack() as stack:
                self._warc = _begun(self._growing, create, stack)
                self._index = _begun(self._beside, create, stack)
                _sync_folder(
                    path.parent
                )  # else a power cut may take the name of a file whose bytes are on disk
                stack.pop_all()
        except OSError as error:
            raise NotRecorded(f"{path.name} cannot be begun: {error}") from error

    def append(self, data: bytes, lines: bytes, *, sync: bool) -> None:
        """Append members and their index lines; on disk when this returns, if `sync`."""
        self._refuse_after_a_fault()
        done = False
        try:
            _write(self._warc, data)
            if sync:  # the file's size goes with its data, its times need not; the index can be made again
                os.fdatasync(self._warc.fileno())
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

    def close(self) -> list[Path]:
        """Bring the file to disk and give it its final name; an empty one is removed.

        Raises NotRecorded and leaves `.open` where that fails.
        """
        try:
            self._refuse_after_a_fault()
            if not self.size:
                self._growing.unlink()
                self._beside.unlink()
                return []
            os.fsync(self._warc.fileno())
            self._growing.rename(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            self._fault = error
            raise NotRecorded(f"{self.path.name} could not be closed: {error}") from error
        finally:
            self._warc.close()
            self._index.close()
        return [self.path]

    def _refuse_after_a_fault(self) -> None:
        if self._fault:
            raise NotRecorded(
                f"{self.path.name} takes no more: a failed write could not be undone ({self._fault})"
            )

    def _take_back(self) -> None:
        try:
            for file, size in ((self._warc, self.size), (self._index, self._index_size)):
                file.truncate(size)
                file.seek(size)
            os.fsync(self._warc.fileno())
        except OSError as error:
            self._fault = error


def _begun(path: Path, create: Create, stack: ExitStack) -> BinaryIO:
    """A new file that is closed and removed again if what follows fails."""
    file = create(path)
    stack.callback(path.unlink)
    stack.callback(file.close)
    return file


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
