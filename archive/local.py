"""The directory store: one file per object."""

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from shutil import copyfileobj
from stat import S_ISREG
from typing import BinaryIO, cast

from archive.durable import creating, replacing, sync_folder
from archive.fingerprint import sha256
from archive.objects import AbsentError, Stored, StoreError, UnreadableError, checked

CHUNK = 1 << 20
READING = {"read", "list", "look at"}
"""What is done without changing anything."""
SCRATCH = ".pending"
"""Folder of files still being written; a key never begins with a dot, so they are in no listing."""


class Directory:
    """A store in a folder: a key is a path below it; the folder is made by the first write."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def uri(self) -> str:
        """``file:/absolute/path``."""
        return f"file:{self.root}"

    def create(self, key: str, data: Path | bytes) -> bool:
        """Whether this call created the file, whole; a taken name keeps its bytes and gives False."""
        try:
            with self._written(key, creating(self._path(key), self._scratch)) as stream:
                _copy(data, stream)
        except FileExistsError as error:
            if (path := self._path(key)).is_dir():
                raise StoreError(f"cannot write {key} in {self.uri}: a folder stands in its place; move {path} away") from error  # fmt: skip
            return False
        return True

    def put(self, key: str, source: Path | bytes) -> None:
        """Write the file anew and force it to disk before it takes its name."""
        with self._written(key, replacing(self._path(key), self._scratch)) as stream:
            _copy(source, stream)

    def open(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        """The file from `offset` on, at most `length` bytes of it; raises AbsentError."""
        try:
            stream = io.BufferedReader(_File(self._path(key), partial(self._refused, "read", key)))
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise AbsentError(f"{self.uri} holds no {key}") from error
        except OSError as error:
            raise self._refused("read", key, error) from error
        stream.seek(offset)
        return (
            stream if length is None else cast("BinaryIO", io.BufferedReader(_Limited(stream, length), CHUNK))
        )

    def sha256(self, key: str) -> str:
        """The hex digest of the file as it now lies on disk."""
        with self.open(key) as stream:
            return sha256(stream)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Files whose keys begin with the prefix, in the order of their keys."""
        folder, _, begin = prefix.rpartition("/")
        yield from self._below(checked(folder) if folder else "", begin)

    def stat(self, key: str) -> Stored | None:
        """The file's size, or None."""
        path = self._path(key)
        with self._asked("look at", key):
            found = path.stat()
            return Stored(key, found.st_size) if S_ISREG(found.st_mode) else None
        return None

    def delete(self, key: str) -> None:
        """Remove the file; nothing happens if there is none."""
        path = self._path(key)
        with self._asked("delete", key):
            if path.is_file():
                path.unlink()
                sync_folder(path.parent)

    def protect(self, key: str) -> None:
        """Nothing: whoever may write to a folder may change it; the chain shows that it was changed."""

    def sweep(self, before: datetime) -> Iterator[str]:
        """Files that were being written when their process died."""
        found = list[Path]()
        with self._asked("list", SCRATCH):
            found = sorted(self._scratch.iterdir())
        for path in found:
            old = False
            with self._asked("clear", SCRATCH):  # a write that ends gives its file another name
                if old := path.stat().st_mtime < before.timestamp():
                    path.unlink()
            if old:
                yield path.name

    @property
    def _scratch(self) -> Path:
        return self.root / SCRATCH

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    def _below(self, folder: str, begin: str) -> Iterator[Stored]:
        entries = list[os.DirEntry[str]]()
        with self._asked("list", folder or "the folders"), os.scandir(self.root / folder) as found:
            entries = [one for one in found if one.name.startswith(begin) and one.name[0] != "."]
        # "a/b" sorts after "a-b" as a key; a folder's name therefore counts with its slash.
        for entry in sorted(entries, key=lambda entry: entry.name + ("/" if _is_folder(entry) else "")):
            key = f"{folder}/{entry.name}" if folder else entry.name
            if _is_folder(entry):
                yield from self._below(key, "")
            else:
                size = None
                with self._asked("look at", key):
                    size = _size(entry)
                if size is not None:
                    yield Stored(key, size)

    @contextmanager
    def _written(self, key: str, target: AbstractContextManager[BinaryIO]) -> Iterator[BinaryIO]:
        """The target's stream, with what the system says about it told as a StoreError."""
        try:
            with target as stream:
                yield stream
        except FileExistsError:
            raise
        except OSError as error:
            raise self._refused("write", key, error) from error

    @contextmanager
    def _asked(self, verb: str, key: str) -> Iterator[None]:
        """What is not there, or no more since another process removed it, is passed over; all else is a StoreError."""
        try:
            yield
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            raise self._refused(verb, key, error) from error

    def _refused(self, verb: str, key: str, error: OSError) -> StoreError:
        reason = error.strerror or str(error)
        kind = UnreadableError if verb in READING else StoreError
        return kind(f"cannot {verb} {key} in {self.uri}: {reason}; {_remedy(error, verb)}")


def _copy(source: Path | bytes, stream: BinaryIO) -> None:
    if isinstance(source, bytes):
        stream.write(source)
    else:
        with source.open("rb") as given:
            copyfileobj(given, stream, CHUNK)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):  # a link that leads in a circle
        return entry.is_dir()
    return False


def _size(entry: os.DirEntry[str]) -> int:
    """The size of a file, or of a link that leads nowhere."""
    with suppress(OSError):
        return entry.stat().st_size
    return entry.stat(follow_symlinks=False).st_size


def _remedy(error: OSError, verb: str) -> str:
    match error.errno:
        case errno.EACCES | errno.EPERM if verb in READING:
            return "it must be readable by this user"
        case errno.ENOSPC | errno.EDQUOT:
            return "free some space there, nothing that was complete is lost"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "the folder must be writable by this user, on a file system with hard links"
        case errno.EOPNOTSUPP | errno.EXDEV | errno.EMLINK:
            return "the folder must lie on one file system with hard links"
        case errno.ENOTDIR | errno.EISDIR:
            return "a file stands where a folder belongs; name another folder"
        case _:
            return "look at the disk, then run the same command again"


class _File(io.FileIO):
    """A file whose failures are told as those of its store."""

    def __init__(self, path: Path, refused: Callable[[OSError], StoreError]) -> None:
        super().__init__(path)
        self._refused = refused

    def readinto(self, buffer: bytearray | memoryview) -> int | None:  # type: ignore[override]
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise self._refused(error) from error

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError as error:
            raise self._refused(error) from error


class _Limited(io.RawIOBase):
    """A stream that ends after a given number of bytes."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(min(self._left, len(buffer)))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
