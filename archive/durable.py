"""Files that are whole or absent, whatever kills the process or the power.

Every file that sealing and the directory store write goes through here: written under a temporary name, forced to disk, then
given its name in one step (rename(2) and link(2) are atomic; a name is durable once its folder is fsynced).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(target: Path, scratch: Path | None = None) -> Iterator[BinaryIO]:
    """A stream that becomes `target`, replacing what stood there, only if the block ends without an error.

    The temporary file lies in `scratch` (the target's own folder if none is named), which must be on the same file system.
    """
    with _pending(target, scratch) as (stream, temporary):
        yield stream
        _force(stream)
        temporary.replace(target)
    sync_folder(target.parent)


@contextmanager
def creating(target: Path, scratch: Path | None = None) -> Iterator[BinaryIO]:
    """A stream that becomes `target` at the end of the block; raises FileExistsError if the name is taken by then."""
    with _pending(target, scratch) as (stream, temporary):
        yield stream
        _force(stream)
        # link(2) refuses a taken name, where rename(2) would replace it.
        os.link(temporary, target)
    sync_folder(target.parent)


@contextmanager
def continuing(part: Path) -> Iterator[BinaryIO]:
    """A stream over what an earlier try has left of a file, from its beginning; what is written goes to its end. Only `place` names it."""
    make_folders(part.parent)
    with part.open("a+b") as stream:
        stream.seek(0)
        yield stream
        _force(stream)


def place(part: Path, target: Path) -> None:
    """Give a whole file its name, replacing what stood there; both lie in one file system."""
    make_folders(target.parent)
    part.replace(target)
    sync_folder(target.parent)


def place_new(part: Path, target: Path) -> None:
    """Give a whole file its name; raises FileExistsError if the name is taken."""
    make_folders(target.parent)
    os.link(part, target)
    sync_folder(target.parent)
    part.unlink()


def make_folders(folder: Path) -> None:
    """Make a folder and its missing parents, so that all of them outlive a power cut."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    with suppress(FileExistsError):  # another process may have made it meanwhile
        folder.mkdir()
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _pending(target: Path, scratch: Path | None) -> Iterator[tuple[BinaryIO, Path]]:
    folder = scratch or target.parent
    make_folders(folder)
    make_folders(target.parent)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=folder)
    try:
        os.fchmod(descriptor, 0o644)  # mkstemp gives 0600; an archive is for reading
        with os.fdopen(descriptor, "wb") as stream:
            yield stream, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _force(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())
