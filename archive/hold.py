"""Which process works on a folder: the system's own lock on its claim, which goes with the process however that ends."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Self


class Hold:
    """A lock on a file, held until `release` or until the process is gone; it holds for this machine only."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """The lock on a file that is there; None while a process has it, or where the file is gone."""
        try:
            descriptor = os.open(path, os.O_RDWR)
        except (FileNotFoundError, NotADirectoryError):
            return None
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # whoever held it may have removed the file, and the folder with it, after we opened it
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return cls(descriptor)
        os.close(descriptor)
        return None

    def release(self) -> None:
        """Give the lock back; again is no error."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None
