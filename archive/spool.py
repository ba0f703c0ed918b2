"""Lines in byte order, however many: sorted in parts that are put aside in files and merged when they are read."""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

PART = 2 * 2**20
"""Bytes of lines that are held in memory."""
FILES = 64
"""Files that are read at the same time, at most."""


class Spool:
    """Takes lines (with their line feeds) in any order and puts them aside, sorted, in files of a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._held: list[bytes] = []
        self._size = 0
        self._files: list[Path] = []

    def add(self, line: bytes) -> None:
        """Take one line."""
        self._held.append(line)
        self._size += len(line)
        if self._size > PART:
            self._put_aside()

    def close(self) -> list[Path]:
        """The files, each in byte order."""
        if self._held:
            self._put_aside()
        return self._files

    def _put_aside(self) -> None:
        path = self._folder / f"{self._name}.{len(self._files)}"
        with path.open("wb") as target:
            target.writelines(sorted(self._held))
        self._files.append(path)
        self._held, self._size = [], 0


def merged(files: Iterable[Path]) -> Iterator[bytes]:
    """All lines of sorted files in byte order; the files are taken away as they are merged."""
    left = list(files)
    if sum(path.stat().st_size for path in left) <= PART:
        yield from sorted(line for path in left for line in BytesIO(path.read_bytes()))
        return
    while len(left) > FILES:
        some, left = left[:FILES], left[FILES:]
        target = some[0].with_name(f"{some[0].name}+")
        with target.open("wb") as stream:
            stream.writelines(_lines(some))
        for path in some:
            path.unlink()
        left.append(target)
    yield from _lines(left)


def _lines(files: Iterable[Path]) -> Iterator[bytes]:
    with ExitStack() as stack:
        yield from heapq.merge(*(stack.enter_context(path.open("rb")) for path in files))
