"""The chain: which snapshots are in a site's history, in which order, each entry holding the digest of the one before."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from archive import entries
from archive import manifest as manifests
from archive.entries import LIST, ROOT, SCHEMA, Entry
from archive.holder import refuse_rival
from archive.manifest import RECORDED, Sealed
from archive.objects import AbsentError, DamagedError, NoDocumentError, Store
from archive.sending import OvertakenError, refuse_lacking, send, send_alone
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, UnknownSnapshotError, key_of, site_of
from archive.strays import remove_strays

__all__ = ["LATEST", "LIST", "ROOT", "SCHEMA", "Entry"]

LATEST = "latest.json"
PARTIAL = "partial.json"
"""At the root of a copy to which not everything was brought: says what was."""


def commit(
    store: Store, sealed: Sealed, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Entry:
    """Put a sealed snapshot into its site's history: its files, the manifest last, then the entry; once only, however often it is called.

    Files that the store holds already are not sent again; each is read back before the entry is made. When this returns, the work folder
    may be discarded. Raises StoreError; the next call goes on where this one stopped. Raises SupersededError where the same snapshot is in
    history without something that was captured here, LeasedError where another work folder is about it.

    Two work folders may hold one snapshot, see archive.adopt. What was captured is the same in both. Before each file history and the lease
    are asked: nothing is sent while another folder has the lease, nothing is replaced once another folder's manifest is in history; a file
    that is not there is created only, and whoever has the entry looks at all that was derived once more. What is left: a process that is
    stopped within one request, for longer than its lease runs, which then replaces what an earlier try had sent; or that ends an upload in
    parts, where the server knows no condition for these. What the manifest in history does not name is removed by whoever has looked at
    history last, see archive.strays.
    """
    work = sealed.work
    found = entry_of(store, work.site, work.series, work.id)
    if found is None:
        try:
            _upload(store, sealed, clock)
            refuse_rival(store, work, clock())
            found = _append(store, sealed, clock)
        except OvertakenError as overtaken:
            found = overtaken.entry
    elif found.manifest == sealed.sha256:
        # an earlier call died after its entry: what it sent is looked at before the folder may go
        _upload(store, sealed, clock)
    if found.manifest != sealed.sha256:  # what the store held of it was adopted while this machine was away
        told = named_by(store, found)
        remove_strays(store, told)
        refuse_lacking(store, sealed, told)
        return found
    _upload(store, sealed, clock, derived=True)
    remove_strays(store, sealed.manifest)
    _protect(store, sealed, found)
    refresh(store)
    return found


def history(store: Store, site: str, series: str = "main") -> list[Entry]:
    """The entries of one series, oldest first, each read from the chain itself; raises StoreError for one that cannot be read."""
    return entries.read_all(store, entries.folder(site, series), anew=True)


def head(store: Store, site: str, series: str = "main") -> Entry | None:
    """The last entry of a series: whoever keeps its sha256 can tell later that nothing before it was changed."""
    keys = entries.keys_of(store, entries.folder(site, series))
    return entries.read(store, keys[-1]) if keys else None


def newest(store: Store, site: str, series: str = "main", *, count: int) -> list[Entry]:
    """The last `count` snapshots of a series, the newest first, their editions passed over.

    Entries that `snapshots.jsonl` repeats are not read one by one.
    """
    keys = entries.keys_of(store, entries.folder(site, series))
    known = entries.listed(store) if keys else {}
    found = entries.backwards(store, keys, known, {})
    return list(islice((entry for entry in found if entry.kind == "snapshot"), count))


def snapshots(store: Store, site: str | None = None, *, anew: bool = False) -> Iterator[Entry]:
    """Every entry of every chain, or of one site's, by site, series and number.

    Those that `snapshots.jsonl` repeats are not read one by one; `anew` believes nothing that it says.
    """
    yield from entries.read_all(store, f"{ROOT}site={site}/" if site else ROOT, anew=anew)


def editions(store: Store, snapshot: str) -> list[Entry]:
    """The editions of a snapshot that are in history, the newest last; raises UnknownSnapshotError for what is no snapshot's name."""
    known = entries.read_all(store, f"{ROOT}site={site_of(snapshot)}/")
    found = [entry for entry in known if entry.snapshot == snapshot and entry.edition]
    return sorted(found, key=lambda entry: entry.edition or 0)


def manifest(store: Store, snapshot: str, edition: int = 0) -> dict[str, Any]:
    """The manifest of a snapshot in the store, or of one of its editions; raises UnknownSnapshotError if there is none, NoDocumentError.

    And DamagedError where there is none though history names it.
    """
    try:
        with store.open(key_of(snapshot, manifests.inside(edition, MANIFEST))) as stream:
            return manifests.read(stream.read())
    except ValueError as error:
        place = key_of(snapshot, manifests.inside(edition, MANIFEST))
        raise NoDocumentError(f"{place} in {store.uri}: {error}; run `letopis verify {snapshot}`") from error
    except AbsentError as error:
        what = f"edition {edition} of {snapshot}" if edition else f"sealed snapshot {snapshot}"
        if _is_named(store, snapshot, edition):
            raise DamagedError(
                f"{store.uri} holds no {what}: the chain names it, its files are gone; run `letopis verify {snapshot}`"
            ) from error
        raise UnknownSnapshotError(f"{store.uri} holds no {what}; see `letopis snapshots`") from error


def refresh(store: Store, *, anew: bool = False) -> None:
    """Write `snapshots.jsonl` and `latest.json`, conveniences told by the chain; `anew` believes nothing that they said before."""
    known = {} if anew else entries.listed(store)
    keys: list[str] = []
    # Another commit may have listed before our entry and written after us: whoever writes last must have seen all.
    while keys != (now := entries.keys_of(store, ROOT)):
        keys = now
        known = dict(zip(keys, entries.read_these(store, keys, known), strict=True))
        for key, data in lists(known.values()).items():
            store.put(key, data)


def lists(told: Collection[Entry]) -> dict[str, bytes]:
    """The conveniences, by key, that these entries give."""
    return {
        LIST: b"".join(_line(entry) for entry in told),
        LATEST: manifests.canonical(_latest(told)),
    }


def _protect(store: Store, sealed: Sealed, entry: Entry) -> None:
    """What is in history is locked where the store can lock; before, its crawl may still replace it."""
    paths = [line["path"] for line in manifests.files(sealed.manifest)]
    for key in (*(key_of(sealed.work.id, path) for path in (*paths, *_last(sealed))), entry.key):
        store.protect(key)


def _upload(store: Store, sealed: Sealed, clock: Callable[[], datetime], *, derived: bool = False) -> None:
    """See that the store holds a snapshot's files, the manifest last; `derived`: only those that another folder's could differ from."""
    work = sealed.work

    def alone() -> None:
        entry = entry_of(store, work.site, work.series, work.id)
        if entry is None:
            refuse_rival(store, work, clock())
        elif entry.manifest != sealed.sha256:
            raise OvertakenError(entry)

    def bring(path: str, size: int, sha256: str) -> None:
        key, source = key_of(work.id, path), work.folder / path
        if not path.startswith(RECORDED):
            send_alone(store, key, source, size, sha256, alone=alone)
        elif not derived:
            send(store, key, source, size, sha256, alone=alone)

    for line in manifests.files(sealed.manifest):
        bring(line["path"], line["size"], line["sha256"])
    for path in _last(sealed):
        data = (work.folder / path).read_bytes()
        bring(path, len(data), manifests.digest(data))


def named_by(store: Store, entry: Entry) -> dict[str, Any]:
    """The manifest that a snapshot's entry names; raises AbsentError, and DamagedError where what lies in its place is another one, or none."""
    with store.open(key := key_of(entry.snapshot, MANIFEST)) as stream:
        data = stream.read()
    if manifests.digest(data) != entry.manifest:
        raise DamagedError(
            f"{key} in {store.uri} is not the manifest that {entry.key} names; run `letopis verify {entry.snapshot}`"
        )
    try:
        return manifests.read(data)
    except ValueError as error:
        raise NoDocumentError(
            f"{key} in {store.uri}: {error}; run `letopis verify {entry.snapshot}`"
        ) from error


def _last(sealed: Sealed) -> list[str]:
    """What goes last: the manifest, and its signature if it says that it has one."""
    return [MANIFEST, SIGNATURE] if sealed.manifest.get("signedBy") else [MANIFEST]


def _append(store: Store, sealed: Sealed, clock: Callable[[], datetime]) -> Entry:
    """Create the entry under the first free number; a number taken meanwhile means: read again, take the next."""
    work = sealed.work
    told = {"kind": "snapshot", "snapshot": work.id, "manifest": sealed.sha256}
    return append(
        store, (work.site, work.series), told | {"summary": summary(sealed.manifest)}, _of(work.id), clock
    )


def append(
    store: Store,
    series: tuple[str, str],
    told: Mapping[str, Any],
    same: Callable[[Entry], bool],
    clock: Callable[[], datetime],
) -> Entry:
    """The entry that says what is told (kind, snapshot, manifest, summary), made at the end of a site's series.

    `same` tells an entry that says it already; no number is taken before every entry below it was looked at. Whoever finds a number taken
    reads what took it, so that a listing that is late, or lies, delays the end and never hides it.
    """
    seen = entries.read_whole(store, *series)
    while (found := next(filter(same, seen), None)) is None:
        last = seen[-1] if seen else None
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
        seen = [entries.read(store, made.key)]
    return found


def summary(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry repeats of a manifest."""
    told = {name: manifest[name] for name in ("status", "rehearsal", "started", "finished")}
    counts = {name: manifest["counts"][name] for name in ("links", "articles", "rejects")}
    return told | counts | {"bytes": sum(line["size"] for line in manifests.files(manifest))}


def entry_of(store: Store, site: str, series: str, snapshot: str) -> Entry | None:
    """The entry by which a snapshot is in history; None while it is not."""
    return next(filter(_of(snapshot), entries.read_whole(store, site, series)), None)


def _is_named(store: Store, snapshot: str, edition: int) -> bool:
    """Whether history has a snapshot or edition, and no removal of it; a copy need not have all of history's."""
    told = [one for one in snapshots(store, site_of(snapshot)) if one.snapshot == snapshot]
    named = any(one.kind != "removal" and (one.edition or 0) == edition for one in told)
    return named and all(one.kind != "removal" for one in told) and store.stat(PARTIAL) is None


def _of(snapshot: str) -> Callable[[Entry], bool]:
    return lambda entry: (entry.kind, entry.snapshot) == ("snapshot", snapshot)


def _line(entry: Entry) -> bytes:
    return orjson.dumps(entry.line, option=orjson.OPT_APPEND_NEWLINE)


def _latest(told: Iterable[Entry]) -> dict[str, dict[str, Any]]:
    """Of each site and series the newest complete snapshot."""
    found: dict[str, dict[str, Any]] = {}
    for entry in told:
        if entry.kind == "snapshot" and entry.summary["status"] == "complete":
            found.setdefault(entry.site, {})[entry.series] = orjson.loads(_line(entry))
    return found
