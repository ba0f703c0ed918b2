"""Entries of chains as they lie in a store: read one by one, or taken from `snapshots.jsonl` where the digests prove it.

The last entry of a series is always read itself. Each names the digest of the one before, so that a line of `snapshots.jsonl` is believed
only if that digest is its own; the entry is read where it is not. A list that is old, or was left behind by a store that was
restored from a backup, costs time and misleads nobody.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import NoneType
from typing import Any

import orjson

from archive.manifest import canonical, digest
from archive.objects import AbsentError, DamagedError, Store
from archive.snapshot import ID
from archive.threads import together

SCHEMA = "chain/0.1.0"
ROOT = "chain/"
LIST = "snapshots.jsonl"
KEY = re.compile(r"chain/site=(?P<site>[a-z][a-z0-9_]*)/series=(?P<series>[a-z0-9][a-z0-9_-]*)/\d{8}\.json")
KINDS: Mapping[str, type | tuple[type, ...]] = {
    "site": str, "series": str, "number": int, "kind": str, "snapshot": str, "manifest": str, "previous": (str, NoneType), "at": str,
    "summary": dict, "sha256": str, "edition": (int, NoneType),
}  # fmt: skip
"""What each field of an entry is; whether it is right as well, its schema tells, and verification."""
SUMMARY = {
    "status": str, "rehearsal": bool, "started": str, "finished": str, "links": int, "articles": int, "rejects": int, "bytes": int,
}  # fmt: skip
READERS = 12
"""Entries that are asked for at once: a bucket far away answers in as long for each as for twelve."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit in a site's series.

    `manifest` is the sha256 of the snapshot's manifest, `previous` that of the entry before (None for the first), `sha256` that of this
    entry's own bytes; `summary` repeats what a listing shows: status, started, finished, links, articles, rejects, bytes. Only an
    entry of kind "edition" has an `edition`, its number. Raises ValueError for what no entry says.
    """

    site: str
    series: str
    number: int
    kind: str
    snapshot: str
    manifest: str
    previous: str | None
    at: str
    summary: Mapping[str, Any]
    sha256: str
    edition: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no entry says."""
        wrong = [name for name, kind in KINDS.items() if not isinstance(getattr(self, name), kind)]
        if not wrong:
            wrong = [name for name, kind in SUMMARY.items() if not isinstance(self.summary.get(name), kind)]
        if wrong or self.number < 1 or not ID.fullmatch(self.snapshot) or not KEY.fullmatch(self.key):
            raise ValueError(f"no entry of a chain: {wrong[0] if wrong else 'its place'} cannot be meant")
        for name in ("started", "finished"):
            datetime.fromisoformat(self.summary[name])

    @property
    def key(self) -> str:
        """Where the entry lies in its store."""
        return f"{folder(self.site, self.series)}{self.number:08}.json"

    @property
    def line(self) -> dict[str, Any]:
        """What `snapshots.jsonl` says of the entry."""
        return {
            name: value
            for name in self.__slots__
            if (value := getattr(self, name)) is not None or name != "edition"
        }

    @property
    def proven(self) -> bool:
        """Whether what is said here gives the digest that is said here."""
        said = self.line
        del said["sha256"]
        try:
            return digest(canonical({"schema": SCHEMA, **said})) == self.sha256
        except ValueError:
            return False

    @classmethod
    def parse(cls, data: bytes) -> "Entry":
        """An entry from its bytes; raises ValueError for what is none."""
        said = orjson.loads(data)
        try:
            told = {name: said[name] for name in cls.__slots__ if name not in {"sha256", "edition"}}
            told["edition"] = said.get("edition")
        except (KeyError, TypeError) as error:
            raise ValueError(f"no entry of a chain: {error}") from error
        return cls(**told, sha256=digest(data))


def folder(site: str, series: str) -> str:
    """Where the entries of a series lie."""
    return f"{ROOT}site={site}/series={series}/"


def keys_of(store: Store, prefix: str) -> list[str]:
    """The keys of entries that begin with the prefix, in order; what else lies among them is passed over, and told of by verification."""
    return [stored.key for stored in store.list(prefix) if KEY.fullmatch(stored.key)]


def read(store: Store, key: str) -> Entry:
    """The entry under a key; raises DamagedError for what is none, or belongs under another."""
    with store.open(key) as stream:
        data = stream.read()
    try:
        found = Entry.parse(data)
        if found.key != key:
            raise ValueError(f"its place is {found.key}")  # noqa: TRY301  as what is no entry at all
    except ValueError as error:
        raise DamagedError(
            f"{key} in {store.uri} is no entry of a chain ({error}); run `letopis verify --all`"
        ) from error
    return found


def read_all(store: Store, prefix: str, *, anew: bool = False) -> list[Entry]:
    """Every entry whose key begins with the prefix, by site, series and number; `anew` takes nothing from `snapshots.jsonl`."""
    keys = keys_of(store, prefix)
    return read_these(store, keys, {} if anew or not keys else listed(store))


def read_whole(store: Store, site: str, series: str) -> list[Entry]:
    """Every entry of a series, also those at its end that a listing, being late, does not show."""
    found = read_all(store, prefix := folder(site, series))
    while store.stat(after := f"{prefix}{found[-1].number + 1 if found else 1:08}.json"):
        found.append(read(store, after))
    return found


def read_these(store: Store, keys: Collection[str], known: Mapping[str, Entry]) -> list[Entry]:
    """The entries under these keys, in order; what is not known is read, several at once, and so is the last entry of each series."""
    series = [list(of) for _, of in groupby(keys, lambda key: key.rpartition("/")[0])]
    asked = [key for of in series for key in of if key not in known or key == of[-1]]
    certain = dict(zip(asked, together(lambda key: read(store, key), asked, READERS), strict=True))
    return [entry for of in series for entry in [*backwards(store, of, known, certain)][::-1]]


def backwards(
    store: Store, keys: Collection[str], known: Mapping[str, Entry], certain: Mapping[str, Entry]
) -> Iterator[Entry]:
    """The entries of one series, the last first; of those that are known each is read unless the one after it names its digest."""
    named: str | None = None
    for key in [*keys][::-1]:
        entry = certain.get(key)
        if entry is None:
            told = known.get(key)
            entry = told if told and told.sha256 == named and told.proven else read(store, key)
        named = entry.previous
        yield entry


def listed(store: Store) -> dict[str, Entry]:
    """What `snapshots.jsonl` says, by key; nothing where it is missing or damaged, for it is only a convenience."""
    try:
        with store.open(LIST) as stream:
            entries = [Entry(**orjson.loads(line)) for line in stream]
            return {entry.key: entry for entry in entries}
    except (AbsentError, ValueError, TypeError):
        return {}
