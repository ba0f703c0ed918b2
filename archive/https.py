"""The store behind a plain web server: read only, without credentials.

A web server lists nothing. What there is is told by the chain: `snapshots.jsonl` names its entries, the numbers after them are tried
until one is missing, and each snapshot's manifest names its files.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, NoReturn

import orjson
import urllib3

from archive import chain, manifest
from archive.fingerprint import sha256
from archive.objects import AbsentError, Stored, StoreError, checked
from archive.resumed import Answer, resumed
from archive.snapshot import ID, MANIFEST, key_of
from archive.web import BROKEN, RETRIES, Website

TIMEOUT = 60.0
"""Seconds for which an answer is waited for."""
SERIES = re.compile(rf"{chain.ROOT}site=[^/]+/series=[^/]+/")


class Https:
    """A published store below a URL, such as ``https://data.example/letopis``."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT, retries: urllib3.Retry = RETRIES) -> None:
        self._site = Website(url, timeout, retries)

    @property
    def uri(self) -> str:
        """The URL."""
        return self._site.url

    def create(self, key: str, data: Path | bytes) -> bool:  # noqa: ARG002  the protocol's
        """Refused."""
        self._refuse("write", key)

    def put(self, key: str, source: Path | bytes) -> None:  # noqa: ARG002  the protocol's
        """Refused."""
        self._refuse("write", key)

    def delete(self, key: str) -> None:
        """Refused."""
        self._refuse("delete", key)

    def protect(self, key: str) -> None:
        """Refused."""
        self._refuse("lock", key)

    def sweep(self, before: datetime) -> Iterator[str]:  # noqa: ARG002  the protocol's
        """Nothing: nobody can write here."""
        return iter(())

    def open(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        """The object from `offset` on, at most `length` bytes of it, read as it is asked for; raises AbsentError."""
        end = None if length is None else offset + length
        return resumed(f"{self.uri}/{checked(key)}", partial(self._answer, key, end), BROKEN, offset, end)

    def sha256(self, key: str) -> str:
        """The hex digest of what the server gives."""
        with closing(self.open(key)) as stream:
            return sha256(stream)

    def stat(self, key: str) -> Stored | None:
        """The object's size as the server tells it, or None."""
        size = self._site.size(checked(key))
        return None if size is None else Stored(key, size)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """What the chain and the manifests name, in the order of keys; what they do not name is not seen."""
        entries = sorted(self._entries(prefix), key=lambda entry: entry.key)
        for entry in entries:
            if entry.key.startswith(prefix):
                yield self._sized(entry)
        for key in (chain.LATEST, chain.LIST):
            if key.startswith(prefix) and (stored := self.stat(key)):
                yield stored
        for snapshot in sorted(_snapshots(prefix, entries), key=key_of):
            for stored in self._files(snapshot):
                if stored.key.startswith(prefix):
                    yield stored

    def _answer(self, key: str, end: int | None, offset: int) -> Answer:
        # An empty range cannot be asked for; its first byte can, and is not handed out.
        return self._site.read(key, offset, None if end is None else max(end, offset + 1))

    def _entries(self, prefix: str) -> Iterator[chain.Entry]:
        """Entries that matter for a listing: none for one snapshot, whose manifest knows all; those of one series; or all."""
        if ID.search(prefix):
            return
        series: dict[str, list[chain.Entry]] = {}
        for entry in self._known():
            series.setdefault(entry.key[: entry.key.rindex("/") + 1], []).append(entry)
        if named := SERIES.match(prefix):
            series = {named[0]: series.get(named[0], [])}
        elif not series:
            raise StoreError(
                f"{self.uri} has no {chain.LIST}, and a web server lists nothing else; publish it, or check the address"
            )
        for folder, entries in series.items():
            yield from entries
            yield from self._after(folder, max((entry.number for entry in entries), default=0))

    def _after(self, folder: str, number: int) -> Iterator[chain.Entry]:
        """Entries made since the convenience file was written."""
        while (entry := self._entry(f"{folder}{number + 1:08}.json")) is not None:
            yield entry
            number += 1

    def _entry(self, key: str) -> chain.Entry | None:
        try:
            return chain.Entry.parse(self._read(key))
        except AbsentError:
            return None
        except ValueError as error:
            raise StoreError(
                f"{self.uri}/{key} is no entry of a chain; does the server answer 200 for what it does not have?"
            ) from error

    def _known(self) -> Iterable[chain.Entry]:
        try:
            return [chain.Entry(**orjson.loads(line)) for line in self._read(chain.LIST).splitlines()]
        except AbsentError:
            return []
        except (ValueError, TypeError) as error:
            raise StoreError(
                f"{self.uri}/{chain.LIST} cannot be read; write it again from the chain"
            ) from error

    def _sized(self, entry: chain.Entry) -> Stored:
        """The entry's object: its bytes follow from what it says, and its digest proves it; else the server is asked."""
        said = {name: getattr(entry, name) for name in chain.Entry.__slots__ if name != "sha256"}
        data = manifest.canonical({"schema": chain.SCHEMA, **said})
        if manifest.digest(data) == entry.sha256:
            return Stored(entry.key, len(data))
        return self.stat(entry.key) or Stored(entry.key, 0)

    def _files(self, snapshot: str) -> Iterable[Stored]:
        """A snapshot's objects, by its manifest; none where there is no manifest."""
        try:
            data = self._read(key_of(snapshot, MANIFEST))
        except AbsentError:
            return []
        try:
            told = manifest.parse(data)
            files = [Stored(checked(key_of(snapshot, one["path"])), int(one["size"])) for one in manifest.files(told)]  # fmt: skip
        except (ValueError, KeyError, TypeError, StoreError) as error:
            raise StoreError(f"the manifest of {snapshot} at {self.uri} is none: {error}") from error
        return sorted([*files, Stored(key_of(snapshot, MANIFEST), len(data))], key=lambda each: each.key)

    def _read(self, key: str) -> bytes:
        with closing(self.open(key)) as stream:
            return stream.read()

    def _refuse(self, verb: str, key: str) -> NoReturn:
        raise StoreError(
            f"cannot {verb} {key} at {self.uri}: an https store is read only; name a directory or s3://bucket/prefix"
        )


def _snapshots(prefix: str, entries: Iterable[chain.Entry]) -> set[str]:
    """Snapshots whose files may have that prefix."""
    if match := ID.search(prefix):
        return {match[0]}
    named = {entry.snapshot for entry in entries}
    return {each for each in named if key_of(each).startswith(prefix) or prefix.startswith(key_of(each))}
