"""Disks that take so much and no more: one that is played, and the kernel's own limit."""

import errno
import io
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


class Disk:
    """Takes so many bytes more; what fits is written before it says that it is full."""

    def __init__(self) -> None:
        self.room = 10**9
        self.truncates = True

    def create(self, path: Path) -> BinaryIO:
        return File(self, path)  # type: ignore[return-value]


class File(io.FileIO):
    def __init__(self, disk: Disk, path: Path) -> None:
        super().__init__(path, "xb")
        self.disk = disk

    def write(self, data: Any) -> int:
        if not self.disk.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = super().write(bytes(data[: self.disk.room])) or 0
        self.disk.room -= written
        return written

    def truncate(self, size: int | None = None) -> int:
        if not self.disk.truncates:
            raise OSError(errno.EIO, "Input/output error")
        return super().truncate(size)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The kernel's own limit: what fits is written, then write() fails with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
