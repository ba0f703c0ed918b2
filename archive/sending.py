"""Files on their way into a store: sent once, and taken to be there only when the store gives back their size and digest."""

from pathlib import Path

from archive.objects import Store, StoreError


def send(store: Store, key: str, source: Path, size: int, sha256: str) -> None:
    """See that the store holds a file of that size (bytes) and hex digest; one that it holds already is not sent again.

    Raises StoreError where the store does not take it, or gives back other bytes.
    """
    if _holds(store, key, size, sha256):
        return
    store.put(key, source)
    if not _holds(store, key, size, sha256):
        raise StoreError(
            f"{store.uri} took {key} but gives back other bytes; nothing was deleted, run the same command again"
        )


def _holds(store: Store, key: str, size: int, sha256: str) -> bool:
    stored = store.stat(key)
    return stored is not None and stored.size == size and store.sha256(key) == sha256
