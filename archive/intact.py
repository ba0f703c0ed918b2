"""Whether a snapshot still holds what history says, as far as one listing can tell: of what was captured nothing is read."""

from collections.abc import Iterator, Mapping
from typing import Any

from archive.cdxj import PACKED
from archive.chain import Entry, named_by
from archive.manifest import RECORDED, files
from archive.objects import DamagedError, Store
from archive.reading import LEDGER
from archive.snapshot import key_of

NEEDED = (RECORDED, LEDGER, PACKED)
"""Paths of what a later crawl builds on, or how they begin."""


def intact(store: Store, entry: Entry) -> dict[str, Any]:
    """The manifest of a snapshot in history: it is the one that its entry names, and the files that a later crawl builds on have its sizes.

    Two requests to a bucket. Raises DamagedError, AbsentError, StoreError.
    """
    told = named_by(store, entry)
    if wrong := "; ".join(shortfalls(store, told)):
        raise DamagedError(
            f"{entry.snapshot} in {store.uri} is damaged ({wrong}); run `letopis verify {entry.snapshot}`"
        )
    return told


def shortfalls(store: Store, told: Mapping[str, Any]) -> Iterator[str]:
    """Which of these files a store lacks, or holds in another size, by the manifest `told`."""
    folder = key_of(told["snapshot"])
    held = {stored.key.removeprefix(folder): stored.size for stored in store.list(folder)}
    for line in files(told):
        path, size = line["path"], line["size"]
        if not path.startswith(NEEDED):
            continue
        if path not in held:
            yield f"{path} is missing"
        elif held[path] != size:
            yield f"{path} has {held[path]} bytes, not {size}"
