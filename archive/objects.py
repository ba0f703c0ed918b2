"""What a store holds and what a store can do: objects, each under a key of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]*(/[A-Za-z0-9][A-Za-z0-9._=-]*)*")
"""A key: hashes, dates, site names and fixed words, so that it is safe as a path, an S3 key and a URL alike."""


class StoreError(Exception):
    """A store cannot do what was asked; the message names the place and the remedy."""


class AbsentError(StoreError):
    """The store holds no object under that key."""


class UnreadableError(StoreError):
    """The store holds the object and cannot read it; nothing is said of others."""


class DamagedError(StoreError):
    """The store gives other bytes than it promised."""


class NoDocumentError(DamagedError, ValueError):
    """What should be a document is none."""


class UnknownStoreError(StoreError):
    """What was named, or asked of a store, is nothing that this version knows."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in a store: its key and its size in bytes."""

    key: str
    size: int


@runtime_checkable
class Store(Protocol):
    """Where snapshots live: a flat set of objects, each whole or absent.

    Every method raises StoreError, and AbsentError where an object that must exist does not.
    """

    @property
    def uri(self) -> str:
        """The name by which `open_store` finds this store again."""

    def create(self, key: str, data: Path | bytes) -> bool:
        """Whether the object was created by this call; a taken key keeps its bytes and gives False."""

    def put(self, key: str, source: Path | bytes) -> None:
        """Store the bytes, replacing what the key held."""

    def open(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        """The object's bytes from `offset`, at most `length` of them, as a stream to be closed."""

    def sha256(self, key: str) -> str:
        """The hex digest of what the store holds, by its own digests or read back; not of what was sent."""

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Objects whose keys begin with the prefix, in the order of their keys."""

    def stat(self, key: str) -> Stored | None:
        """The object's size, or None if there is no such object."""

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens if there is none."""

    def protect(self, key: str) -> None:
        """Forbid changes to an object of a committed snapshot, where the store can and is configured to."""

    def sweep(self, before: datetime) -> Iterator[str]:
        """What writes that began before that instant and never ended have left behind, as it is removed."""


def checked(key: str) -> str:
    """The key itself, if it is one; raises StoreError for anything that could leave the store or differ between stores."""
    if not KEY.fullmatch(key):
        raise StoreError(
            f"{key!r} is no key: parts of letters, digits and . _ = - joined by /, none beginning with a dot"
        )
    return key
