"""The way from a store's name to the store."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archive.local import Directory
from archive.objects import AbsentError, Store, Stored, StoreError

__all__ = ["AbsentError", "Store", "StoreError", "Stored", "open_store"]

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def open_store(uri: str) -> Store:
    """The store of that name: ``./data``, ``/srv/letopis``, ``file:data``, ``file:///srv/letopis``; raises StoreError for other kinds."""
    if not uri:
        raise StoreError("a store needs a name: a directory such as ./data, or file:/absolute/path")
    if not SCHEME.match(uri):
        return Directory(Path(uri).expanduser())
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path:
        return Directory(Path(unquote(parts.path)))
    raise StoreError(
        f"{uri} is no store that this version knows; name a directory (./data) or file:/absolute/path"
    )
