"""The way from a store's name to the store.

Stores over a network are imported when they are named: boto3 takes half a second, and most commands need none.
"""
# ruff: noqa: PLC0415

import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archive.local import Directory
from archive.objects import AbsentError, Store, Stored, StoreError, UnknownStoreError

__all__ = ["AbsentError", "Store", "StoreError", "Stored", "UnknownStoreError", "open_store"]

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def open_store(uri: str) -> Store:
    """The store of that name: ``./data``, ``/srv/letopis``, ``file:data``, ``file:///srv/letopis``, ``s3://bucket/prefix``.

    And, to be read only, ``https://host/path``; plain http is for this machine alone. Raises UnknownStoreError for other names.
    """
    if not uri:
        raise UnknownStoreError("a store needs a name: a directory such as ./data, or s3://bucket/prefix")
    if directory := _directory(uri):
        return directory
    parts = urlsplit(uri)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UnknownStoreError(
            f"a {parts.scheme}: store's name holds a host and a path only; credentials come from the environment"
        )
    if parts.scheme == "s3":
        from archive.s3 import S3

        return S3(parts.netloc, parts.path.strip("/"))
    if parts.scheme == "https" or (parts.scheme == "http" and _here(parts.hostname or "")):
        from archive.https import Https

        return Https(uri)
    raise UnknownStoreError(
        f"{uri} is no store that this version knows; name a directory (./data) or file:/absolute/path, s3://bucket/prefix or https://host/path"
    )


def check_there(uri: str) -> None:
    """Raise StoreError for a directory that is none, or not there: only a crawl makes one, and to all else it is a name mistyped or a disk not mounted."""
    directory = _directory(uri)
    try:
        there = directory is None or directory.root.is_dir()
        taken = directory is not None and not there and directory.root.exists()
    except OSError as error:
        raise StoreError(
            f"{uri} cannot be looked at: {error.strerror}; its folders must be readable by this user"
        ) from error
    if directory and taken:
        raise StoreError(
            f"{directory.uri} is no store: a file stands where a folder belongs; name the store's folder with --store"
        )
    if directory and not there:
        raise StoreError(
            f"{directory.uri} is not there: name the store with --store; its first crawl makes it"
        )


def _directory(uri: str) -> Directory | None:
    if not SCHEME.match(uri):
        return Directory(Path(uri).expanduser()) if uri else None
    parts = urlsplit(uri)
    local = parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path
    return Directory(Path(unquote(parts.path))) if local else None


def _here(host: str) -> bool:
    """Whether a host is this machine, by its name alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
