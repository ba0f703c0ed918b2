"""Whether a store still holds what it promised: the chain, the digests, every record and every line; findings, never a verdict."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import orjson

from archive import chain, jsonl, manifest
from archive.check import check
from archive.finding import Finding
from archive.fingerprint import TornError, fingerprint
from archive.objects import AbsentError, Store
from archive.snapshot import MANIFEST, key_of, site_of
from schemas import Fault, UnknownSchemaError, errors

EDITIONS = "editions/"
INDEX = "index.cdx.gz"
LINES = {"articles.jsonl.gz": "article", "ledger.jsonl.gz": "ledger"}
"""Files whose every line has a schema, and its name."""


def verify_files(store: Store, snapshot: str) -> Iterator[Finding]:
    """Everything wrong with a snapshot as its store holds it now; nothing where it is whole.

    Its manifest against the chain, each file against the manifest, each WARC record against itself and the index, each line against its
    schema, and objects that the manifest does not name. What the lines were derived from is not derived again here. Raises StoreError if
    the store cannot be read, UnknownSnapshotError for what is no snapshot's name.
    """
    key = key_of(snapshot, MANIFEST)
    try:
        with closing(store.open(key)) as stream:
            data = stream.read()
        told = manifest.parse(data)
    except (AbsentError, ValueError) as error:
        yield _error(key, f"there is no manifest that can be read: {error}")
        return
    faults = list(_document(key, "manifest", told))
    yield from faults
    if faults:  # what is not even a manifest in form says nothing about files
        return
    yield from _committed(store, snapshot, manifest.digest(data), told["series"])
    seen: set[str] = set()
    for line in told["files"]:
        yield from _file(store, snapshot, line)
        if line["path"].endswith(".warc.gz"):
            yield from _segment(store, snapshot, line["path"], seen)
        elif line["path"] in LINES:
            yield from _lines(store, snapshot, line["path"], told)
    yield from _originals(store, snapshot, told)
    yield from _strays(store, snapshot, told)


def verify_chain(store: Store, site: str, series: str = "main") -> Iterator[Finding]:
    """Everything wrong with one site's series: numbers without gaps, each entry naming the digest of the one before."""
    previous = None
    for number, stored in enumerate(store.list(f"{chain.ROOT}site={site}/series={series}/"), 1):
        with closing(store.open(stored.key)) as stream:
            data = stream.read()
        try:
            entry = chain.Entry.parse(data)
        except ValueError as error:
            yield _error(stored.key, str(error))
            return
        yield from _document(stored.key, "chain", orjson.loads(data))
        if entry.number != number or entry.key != stored.key:
            yield _error(
                stored.key,
                f"entry {entry.number} of {entry.site}/{entry.series} stands where entry {number} belongs",
            )
        if entry.previous != previous:
            yield _error(stored.key, "the entry before is not the one that this entry was made after")
        previous = entry.sha256


def _committed(store: Store, snapshot: str, sha256: str, series: str) -> Iterator[Finding]:
    place = key_of(snapshot, MANIFEST)
    entries = chain.history(store, site_of(snapshot), series)
    named = [entry for entry in entries if entry.snapshot == snapshot and entry.kind == "snapshot"]
    if not named:
        yield _error(place, "no entry of the chain names this snapshot: it was never committed")
    for entry in named:
        if entry.manifest != sha256:
            yield _error(place, f"the manifest is not the one that {entry.key} names")


def _file(store: Store, snapshot: str, line: Mapping[str, Any]) -> Iterator[Finding]:
    """One file against its line in the manifest."""
    path, key = line["path"], key_of(snapshot, line["path"])
    try:
        with closing(store.open(key)) as stream:
            found = manifest.stated(path, fingerprint(stream, gzipped=path.endswith(".gz")))
    except (AbsentError, TornError) as error:
        yield _error(key, str(error))
        return
    wrong = [name for name, value in found.items() if line.get(name) != value]
    if wrong:
        yield _error(key, f"not what the manifest says: {', '.join(wrong)}")


def _segment(store: Store, snapshot: str, path: str, seen: set[str]) -> Iterator[Finding]:
    """Every record of a WARC, and that the index names it."""
    try:
        with (
            closing(store.open(key_of(snapshot, path))) as stream,
            closing(store.open(key_of(snapshot, INDEX))) as index,
        ):
            lines = (line + b"\n" for line in jsonl.plain_lines(index))
            yield from check(stream, path.rpartition("/")[2], index=lines, seen=seen)
    except (AbsentError, TornError):
        return  # said already, where the files are compared with the manifest


def _lines(store: Store, snapshot: str, path: str, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Every line against its schema, in the version that the manifest names."""
    key, name = key_of(snapshot, path), LINES[path]
    version = told["schemas"].get(name)
    free = name == "article" and version is None  # items of another project's spider, which have no schema
    try:
        with closing(store.open(key)) as stream:
            for number, value in enumerate(jsonl.read(stream), 1):
                for fault in _faults(name, value, version) if not free else ():
                    yield _error(f"{key}, line {number}", f"{fault.path}: {fault.message}")
    except (AbsentError, TornError):
        return  # said already, where the files are compared with the manifest
    except ValueError as error:
        yield _error(key, f"a line is no JSON: {error}")


def _document(key: str, name: str, said: Mapping[str, Any]) -> Iterator[Finding]:
    for fault in _faults(name, dict(said), str(said.get("schema", "")).removeprefix(f"{name}/") or None):
        yield _error(key, f"{fault.path}: {fault.message}")


def _faults(name: str, value: Any, version: str | None) -> list[Fault]:
    try:
        return errors(name, value, version)
    except UnknownSchemaError as error:
        return [Fault("", "schema", version or "", str(error))]


def _originals(store: Store, snapshot: str, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Snapshots that the store lacks, though they hold the pages that this one's revisits stand for."""
    for other in told["dependencies"]:
        if store.stat(key_of(other, MANIFEST)) is None:
            reason = f"unchanged pages lie in {other}, which is not in this store"
            yield Finding("warning", key_of(snapshot, MANIFEST), None, reason)


def _strays(store: Store, snapshot: str, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Objects in the snapshot's folder that nothing vouches for; editions have manifests of their own."""
    folder = key_of(snapshot)
    named = {line["path"] for line in told["files"]} | {MANIFEST}
    for stored in store.list(folder):
        path = stored.key.removeprefix(folder)
        if path not in named and not path.startswith(EDITIONS):
            yield Finding("warning", stored.key, None, "the manifest does not name this object")


def _error(place: str, reason: str) -> Finding:
    return Finding("error", place, None, reason)
