"""Files on their way into a store: sent once, and taken to be there only when the store gives back their size and digest."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from archive.entries import Entry
from archive.manifest import RECORDED, Sealed, files
from archive.objects import Store, StoreError
from archive.snapshot import PACKED_LOG, key_of


class OvertakenError(Exception):
    """The snapshot is in history by this entry, with another manifest: nothing of it may be put up any more."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.key)
        self.entry = entry


class SupersededError(StoreError):
    """The snapshot is in history as another work folder had it, and lacks what only this one holds."""


def send(
    store: Store, key: str, source: Path, size: int, sha256: str, *, alone: Callable[[], None] = lambda: None
) -> None:
    """See that the store holds a file of that size (bytes) and hex digest; one that it holds already is not sent again.

    `alone` raises where it is not wanted there any more. Raises StoreError where the store does not take it, or gives back other bytes.
    """
    if not holds(store, key, size, sha256):
        alone()
        store.put(key, source)
        _see(store, key, size, sha256)


def send_alone(
    store: Store, key: str, source: Path, size: int, sha256: str, *, alone: Callable[[], None]
) -> None:
    """The same for a file of which others may hold another one: `alone` raises where theirs is the one that counts.

    What is not there is created, so that whoever comes second is refused; what is there is replaced. Raises StoreError also where somebody
    else is sending at this moment.
    """
    if holds(store, key, size, sha256):
        return
    alone()
    if store.stat(key) is not None:
        store.put(key, source)
    elif not store.create(key, source) and not holds(store, key, size, sha256):
        alone()
        raise StoreError(
            f"somebody else has sent {key} to {store.uri} at this moment; nothing was deleted, run the same command again"
        )
    _see(store, key, size, sha256)


def _see(store: Store, key: str, size: int, sha256: str) -> None:
    if not holds(store, key, size, sha256):
        raise StoreError(
            f"{store.uri} took {key} but gives back other bytes; nothing was deleted, run the same command again"
        )


def holds(store: Store, key: str, size: int, sha256: str) -> bool:
    """Whether the store gives back a file of that size and hex digest; raises StoreError."""
    stored = store.stat(key)
    return stored is not None and stored.size == size and store.sha256(key) == sha256


def refuse_lacking(store: Store, sealed: Sealed, told: Mapping[str, Any]) -> None:
    """Raise SupersededError unless all that was captured in a work folder is in the snapshot that history names, whose manifest is `told`."""
    work = sealed.work
    there = {(line["path"], line["sha256"]) for line in files(told)}
    captured = [line for line in files(sealed.manifest) if line["path"].startswith((RECORDED, PACKED_LOG))]
    lacking = [
        f"{path} ({size} bytes)"
        for path, size, sha256 in ((line["path"], line["size"], line["sha256"]) for line in captured)
        if (path, sha256) not in there or not holds(store, key_of(work.id, path), size, sha256)
    ]
    if lacking:
        raise SupersededError(
            f"this machine was taken for dead, and {work.id} is in history as {store.uri} held it then; that lacks "
            f"{', '.join(lacking)}: look at it and take the folder elsewhere, it is not put into history any more"
        )
