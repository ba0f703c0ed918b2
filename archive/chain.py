"""The chain: which snapshots are in a site's history, in which order, each entry holding the digest of the one before."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from archive import manifest as manifests
from archive.manifest import Sealed
from archive.objects import AbsentError, Store, StoreError
from archive.sending import refuse_lacking, send
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, UnknownSnapshotError, key_of, site_of

SCHEMA = "chain/0.1.0"
ROOT = "chain/"
LIST = "snapshots.jsonl"
LATEST = "latest.json"
READERS = 12
"""Entries that are asked for at once: a bucket far away answers in as long for each as for twelve."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit in a site's series.

    `manifest` is the sha256 of the snapshot's manifest, `previous` that of the entry before (None for the first), `sha256` that of this
    entry's own bytes; `summary` repeats what a listing shows: status, started, finished, links, articles, rejects, bytes. Only an
    entry of kind "edition" has an `edition`, its number.
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

    @property
    def key(self) -> str:
        """Where the entry lies in its store."""
        return f"{_folder(self.site, self.series)}{self.number:08}.json"

    @classmethod
    def parse(cls, data: bytes) -> "Entry":
        """An entry from its bytes; raises ValueError for what is none."""
        said = orjson.loads(data)
        try:
            told = {name: said[name] for name in cls.__slots__ if name not in {"sha256", "edition"}}
            told["edition"] = said.get("edition")
        except (KeyError, TypeError) as error:
            raise ValueError(f"no entry of a chain: {error}") from error
        return cls(**told, sha256=manifests.digest(data))


def commit(
    store: Store, sealed: Sealed, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Entry:
    """Put a sealed snapshot into its site's history: its files, the manifest last, then the entry; once only, however often it is called.

    Files that the store holds already are not sent again; each is read back before the entry is made. When this returns, the work folder
    may be discarded. Raises StoreError; the next call goes on where this one stopped. Raises SupersededError where the same snapshot is in
    history without something that was captured here.
    """
    work = sealed.work
    found = entry_of(store, work.site, work.series, work.id)
    if found is None:
        _upload(store, sealed)
        found = _append(store, sealed, clock)
    if found.manifest != sealed.sha256:  # what the store held of it was adopted while this machine was away
        refuse_lacking(store, sealed, manifest(store, work.id))
        return found
    _protect(store, sealed, found)
    refresh(store)
    return found


def history(store: Store, site: str, series: str = "main") -> list[Entry]:
    """The entries of one series, oldest first, each read from the chain itself; raises StoreError for one that cannot be read."""
    return [_read(store, stored.key) for stored in store.list(_folder(site, series))]


def head(store: Store, site: str, series: str = "main") -> Entry | None:
    """The last entry of a series: whoever keeps its sha256 can tell later that nothing before it was changed."""
    last = None
    for stored in store.list(_folder(site, series)):
        last = stored.key
    return None if last is None else _read(store, last)


def newest(store: Store, site: str, series: str = "main", *, count: int) -> list[Entry]:
    """The last `count` snapshots of a series, the newest first, their editions passed over.

    Entries that `snapshots.jsonl` repeats are not read one by one.
    """
    keys = [stored.key for stored in store.list(_folder(site, series))]
    known = _listed(store) if keys else {}
    entries = (known.get(key) or _read(store, key) for key in reversed(keys))
    return list(islice((entry for entry in entries if entry.kind == "snapshot"), count))


def snapshots(store: Store, site: str | None = None, *, anew: bool = False) -> Iterator[Entry]:
    """Every entry of every chain, or of one site's, by site, series and number.

    Those that `snapshots.jsonl` repeats are not read one by one; `anew` believes nothing that it says.
    """
    known = {} if anew else _listed(store)
    keys = [stored.key for stored in store.list(f"{ROOT}site={site}/" if site else ROOT)]
    yield from _all(store, keys, known)


def editions(store: Store, snapshot: str) -> list[Entry]:
    """The editions of a snapshot that are in history, the newest last; raises UnknownSnapshotError for what is no snapshot's name."""
    known = _listed(store)
    entries = (
        known.get(stored.key) or _read(store, stored.key)
        for stored in store.list(f"{ROOT}site={site_of(snapshot)}/")
    )
    found = [entry for entry in entries if entry.snapshot == snapshot and entry.edition]
    return sorted(found, key=lambda entry: entry.edition or 0)


def manifest(store: Store, snapshot: str, edition: int = 0) -> dict[str, Any]:
    """The manifest of a snapshot in the store, or of one of its editions; raises UnknownSnapshotError if there is none."""
    try:
        with store.open(key_of(snapshot, manifests.inside(edition, MANIFEST))) as stream:
            return manifests.parse(stream.read())
    except AbsentError as error:
        what = f"edition {edition} of {snapshot}" if edition else f"sealed snapshot {snapshot}"
        raise UnknownSnapshotError(f"{store.uri} holds no {what}; see `letopis snapshots`") from error


def refresh(store: Store, *, anew: bool = False) -> None:
    """Write `snapshots.jsonl` and `latest.json`, conveniences told by the chain; `anew` believes nothing that they said before."""
    known = {} if anew else _listed(store)
    keys: list[str] = []
    # Another commit may have listed before our entry and written after us: whoever writes last must have seen all.
    while keys != (now := [stored.key for stored in store.list(ROOT)]):
        keys = now
        known = dict(zip(keys, _all(store, keys, known), strict=True))
        for key, data in lists(known.values()).items():
            store.put(key, data)


def lists(entries: Collection[Entry]) -> dict[str, bytes]:
    """The conveniences, by key, that these entries give."""
    return {
        LIST: b"".join(_line(entry) for entry in entries),
        LATEST: manifests.canonical(_latest(entries)),
    }


def _protect(store: Store, sealed: Sealed, entry: Entry) -> None:
    """What is in history is locked where the store can lock; before, its crawl may still replace it."""
    paths = [line["path"] for line in manifests.files(sealed.manifest)]
    for key in (*(key_of(sealed.work.id, path) for path in (*paths, *_last(sealed))), entry.key):
        store.protect(key)


def _upload(store: Store, sealed: Sealed) -> None:
    work = sealed.work
    for line in manifests.files(sealed.manifest):
        path = line["path"]
        send(store, key_of(work.id, path), work.folder / path, line["size"], line["sha256"])
    for path in _last(sealed):
        data = (work.folder / path).read_bytes()
        send(store, key_of(work.id, path), work.folder / path, len(data), manifests.digest(data))


def _last(sealed: Sealed) -> list[str]:
    """What goes last: the manifest, and its signature if it says that it has one."""
    return [MANIFEST, SIGNATURE] if sealed.manifest.get("signedBy") else [MANIFEST]


def _append(store: Store, sealed: Sealed, clock: Callable[[], datetime]) -> Entry:
    """Create the entry under the first free number; a number taken meanwhile means: read again, take the next."""
    work = sealed.work
    told = {"kind": "snapshot", "snapshot": work.id, "manifest": sealed.sha256}

    def found() -> Entry | None:
        return entry_of(store, work.site, work.series, work.id)

    return append(store, (work.site, work.series), told | {"summary": summary(sealed.manifest)}, found, clock)


def append(
    store: Store,
    series: tuple[str, str],
    told: Mapping[str, Any],
    found: Callable[[], Entry | None],
    clock: Callable[[], datetime],
) -> Entry:
    """The entry that says what is told (kind, snapshot, manifest, summary), made at the end of a site's series.

    `found` looks whether it is there already, as it may be after each number that somebody else has taken.
    """
    while (entry := found()) is None:
        last = head(store, *series)
        data = manifests.canonical(
            {
                "schema": SCHEMA,
                "site": series[0],
                "series": series[1],
                "number": last.number + 1 if last else 1,
                "previous": last.sha256 if last else None,
                "at": clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                **told,
            }
        )
        made = Entry.parse(data)
        if store.create(made.key, data):
            return made
    return entry


def summary(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry repeats of a manifest."""
    told = {name: manifest[name] for name in ("status", "rehearsal", "started", "finished")}
    counts = {name: manifest["counts"][name] for name in ("links", "articles", "rejects")}
    return told | counts | {"bytes": sum(line["size"] for line in manifests.files(manifest))}


def entry_of(store: Store, site: str, series: str, snapshot: str) -> Entry | None:
    """The entry by which a snapshot is in history; None while it is not."""
    known = _listed(store)
    entries = (
        known.get(stored.key) or _read(store, stored.key) for stored in store.list(_folder(site, series))
    )
    return next((entry for entry in entries if entry.snapshot == snapshot and entry.kind == "snapshot"), None)


def _folder(site: str, series: str) -> str:
    return f"{ROOT}site={site}/series={series}/"


def _read(store: Store, key: str) -> Entry:
    with store.open(key) as stream:
        data = stream.read()
    try:
        return Entry.parse(data)
    except ValueError as error:
        raise StoreError(
            f"{key} in {store.uri} is no entry of a chain ({error}); run `letopis verify --all`"
        ) from error


def _all(store: Store, keys: Collection[str], known: Mapping[str, Entry]) -> list[Entry]:
    """The entries under these keys, in their order; those that are not known are read, several at once."""
    missing = [key for key in keys if key not in known]
    if not missing:
        return [known[key] for key in keys]
    with ThreadPoolExecutor(min(READERS, len(missing))) as pool:
        read = dict(zip(missing, pool.map(lambda key: _read(store, key), missing), strict=True))
    return [known.get(key) or read[key] for key in keys]


def _line(entry: Entry) -> bytes:
    said = {name: getattr(entry, name) for name in Entry.__slots__}
    if entry.edition is None:
        del said["edition"]
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def _listed(store: Store) -> dict[str, Entry]:
    """What `snapshots.jsonl` says, by key; nothing where it is missing or damaged, for it is only a convenience."""
    try:
        with store.open(LIST) as stream:
            entries = [Entry(**orjson.loads(line)) for line in stream]
    except (AbsentError, ValueError, TypeError):
        return {}
    return {entry.key: entry for entry in entries}


def _latest(entries: Iterable[Entry]) -> dict[str, dict[str, Any]]:
    """Of each site and series the newest complete snapshot."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.kind == "snapshot" and entry.summary["status"] == "complete":
            found.setdefault(entry.site, {})[entry.series] = orjson.loads(_line(entry))
    return found
