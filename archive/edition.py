"""Editions: what a snapshot's WARCs give when they are read again, put beside what was read first and never over it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, cast

from archive import chain, manifest
from archive.chain import Entry
from archive.durable import replacing
from archive.fingerprint import Digested
from archive.manifest import Facts
from archive.objects import DamagedError, Store
from archive.projection import Derive, Projection, Segment, project
from archive.reading import newest
from archive.record import Record
from archive.sending import send
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, UnknownSnapshotError, Work, key_of, site_of


@dataclass(frozen=True, slots=True)
class Source:
    """A snapshot in a store, to be read again: its manifest, and the sha256 of that."""

    store: Store
    snapshot: str
    manifest: Mapping[str, Any]
    sha256: str

    @classmethod
    def of(cls, store: Store, snapshot: str) -> "Source":
        """A snapshot that is in history; raises UnknownSnapshotError, StoreError where its manifest is not the one that was committed."""
        told = chain.manifest(store, snapshot)
        entry = chain.entry_of(store, told["site"], told["series"], snapshot)
        if entry is None:
            raise UnknownSnapshotError(
                f"{snapshot} was never committed to {store.uri}; run `letopis recover`"
            )
        if entry.manifest != store.sha256(key_of(snapshot, MANIFEST)):
            raise DamagedError(
                f"the manifest of {snapshot} is not the one that {entry.key} names; run `letopis verify`"
            )
        return cls(store, snapshot, told, entry.manifest)

    @property
    def newest(self) -> Mapping[str, Any]:
        """The manifest of its newest edition, its own where it has none."""
        return chain.manifest(self.store, self.snapshot, newest(self.store, self.snapshot))

    def read(self, folder: Path, derive: Derive, tell: Callable[[int], object] | None = None) -> Projection:
        """All that follows from the WARCs, written into a folder; see archive.projection.project. Raises StoreError for a WARC that changed.

        `tell` hears of each record, how many bytes it takes.
        """

        def heard(_: Record, raw: bytes) -> None:
            if tell:
                tell(len(raw))

        return project(folder, self._segments(), derive, heard)

    def _segments(self) -> Iterator[Segment]:
        for line in manifest.files(self.manifest):
            path = line["path"]
            if path.startswith(manifest.RECORDED):
                with closing(self.store.open(key_of(self.snapshot, path))) as stream:
                    digested = Digested(stream)
                    yield path.removeprefix(manifest.RECORDED), cast("BinaryIO", digested)
                if digested.sha256 != line["sha256"]:
                    raise DamagedError(
                        f"{key_of(self.snapshot, path)} is not what its manifest says; run `letopis verify`"
                    )


def commit(
    source: Source,
    folder: Path,
    found: Projection,
    facts: Facts,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Entry:
    """Put what was read into a folder into history, as the next edition of its snapshot.

    Its number is taken by creating ``claims/site=<site>/<snapshot>.edition-<n>.json``, which names the sha256 of the manifest to be: the
    same edition goes on where an earlier try stopped, another one takes the next number. Then the files go up, the manifest last, then
    the entry of the chain is created. Raises StoreError.
    """
    store = source.store
    number, data = _claim(source, folder, found, facts)
    keys = _upload(source, number, folder, data, facts)
    entry = _append(source, number, data, clock)
    for key in (*keys, entry.key):
        store.protect(key)
    chain.refresh(store)
    return entry


def _upload(source: Source, number: int, folder: Path, data: bytes, facts: Facts) -> list[str]:
    """Bring an edition's files to its place in the store, the manifest last; gives their keys."""
    signer = facts.get("signer")
    last = ({SIGNATURE: signer.sign(data)} if signer else {}) | {MANIFEST: data}
    for name, content in last.items():
        with replacing(folder / name) as stream:
            stream.write(content)
    keys = []
    for line in (*manifest.files(manifest.parse(data)), *(manifest.described(folder, name) for name in last)):
        keys.append(key_of(source.snapshot, manifest.inside(number, line["path"])))
        send(source.store, keys[-1], folder / line["path"], line["size"], line["sha256"])
    return keys


def _claim(source: Source, folder: Path, found: Projection, facts: Facts) -> tuple[int, bytes]:
    """The number of the edition, and its manifest's bytes."""
    document = _document(source, folder, found, facts)

    def made(number: int) -> bytes:
        return manifest.canonical(document | {"edition": number})

    committed = chain.editions(source.store, source.snapshot)
    if committed and committed[-1].manifest == manifest.digest(made(number := committed[-1].edition or 0)):
        return number, made(number)
    numbers = count((committed[-1].edition or 0) + 1 if committed else 1)
    return next((n, made(n)) for n in numbers if _taken(source, n, manifest.digest(made(n))))


def _taken(source: Source, number: int, sha256: str) -> bool:
    """Whether a number is ours: taken now, or by an earlier try to commit the very same edition."""
    key = f"claims/site={site_of(source.snapshot)}/{source.snapshot}.edition-{number}.json"
    said = manifest.canonical({"snapshot": source.snapshot, "edition": number, "manifest": sha256})
    if source.store.create(key, said):
        return True
    with closing(source.store.open(key)) as stream:
        return stream.read() == said


def _document(source: Source, folder: Path, found: Projection, facts: Facts) -> dict[str, Any]:
    """The manifest of an edition but for its number."""
    of = source.manifest
    work = Work(folder, source.snapshot, of["site"], of["series"])
    made = manifest.document(work, found.report, facts, found.dependencies)
    derived_from = {"snapshot": source.snapshot, "manifest": source.sha256}
    return made | {"derivedFrom": derived_from, "settings": of["settings"]}


def _append(source: Source, number: int, data: bytes, clock: Callable[[], datetime]) -> Entry:
    told = manifest.parse(data)
    said = {"kind": "edition", "snapshot": source.snapshot, "edition": number}
    said |= {"manifest": manifest.digest(data), "summary": chain.summary(told)}

    def same(entry: Entry) -> bool:
        return (entry.snapshot, entry.edition) == (source.snapshot, number)

    return chain.append(source.store, (told["site"], told["series"]), said, same, clock)
