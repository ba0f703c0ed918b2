"""What two crawls of one snapshot left beside each other: objects in its folder that the manifest in history does not name.

A machine that was taken for dead may have sent what it derived, or send it still, when another one puts the snapshot into history.
"""

from collections.abc import Mapping
from typing import Any

from archive.manifest import EDITIONS, RECORDED, named
from archive.objects import KEY, Store
from archive.snapshot import key_of


def remove_strays(store: Store, told: Mapping[str, Any]) -> list[str]:
    """Remove from the folder of a snapshot in history, whose manifest is `told`, what that does not name; returns its paths.

    What was captured stays, for it may be the only copy: verification tells of it. So do editions, which have manifests of their own,
    and what has a name that no key has, for no crawl ever sent it.
    Whoever does this, and however often, the manifest in history is the one that counts, and is never another. Raises StoreError.
    """
    folder, kept = key_of(told["snapshot"]), named(told)
    paths = [stored.key.removeprefix(folder) for stored in store.list(folder)]
    sent = (path for path in paths if KEY.fullmatch(path) and not path.startswith((RECORDED, EDITIONS)))
    strays = [path for path in sent if path not in kept]
    for path in strays:
        store.delete(folder + path)
    return strays
