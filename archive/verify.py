"""Whether a store still holds what it promised: the chain, the digests, every record and every line; findings, never a verdict."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive import chain, manifest
from archive.chain import PARTIAL
from archive.check import repeated
from archive.finding import Finding
from archive.history import History, documented, verify_chain
from archive.objects import AbsentError, Store, UnreadableError
from archive.packed import INDEX, verify_index
from archive.signature import SIGNATURE, SIZE, PublicKey
from archive.snapshot import MANIFEST, key_of, site_of
from archive.spool import merged
from archive.vouched import Job, Seen
from archive.workers import Workers

__all__ = ["PARTIAL", "Snapshot", "verify_chain", "verify_files"]

EDITIONS = "editions/"
DERIVED = ("articles.jsonl.gz", "rejects.jsonl.gz", "ledger.jsonl.gz", "report.json")


def verify_files(
    store: Store, snapshot: str, edition: int = 0, *, key: PublicKey | None = None, digests: bool = True
) -> Iterator[Finding]:
    """Everything wrong with a snapshot, or an edition of it, as its store holds it now; nothing where it is whole.

    Its manifest against the chain and its signature, each file against the manifest, each WARC record against itself, the index and its
    original, each line against its schema, and objects that the manifest does not name. What the lines were derived from is not derived
    again here. `digests` False leaves out only what the index says of gzip members' digests. Raises StoreError if the store cannot be read, UnknownSnapshotError for what is no snapshot's name.
    """
    history = History.of(store, site_of(snapshot))
    with Workers(store) as workers:
        yield from Snapshot(
            store, snapshot, edition, history=history, workers=workers, key=key, digests=digests
        ).findings()


class Snapshot:
    """The check of a snapshot, or of an edition of it: its files are handed to workers at once, its findings asked for later.

    `readable` says, once they were, that its records can be read again: neither its manifest nor a WARC of it is damaged.
    """

    def __init__(
        self,
        store: Store,
        snapshot: str,
        edition: int = 0,
        *,
        history: History,
        workers: Workers,
        key: PublicKey | None = None,
        digests: bool = True,
    ) -> None:
        self._store = store
        self._snapshot = snapshot
        self._edition = edition
        self._digests = digests
        self.readable = False
        numbers = {entry.edition for entry in history.kept() if entry.snapshot == snapshot and entry.edition}
        self._newest = edition == max(numbers, default=0)
        self._editions = () if edition else tuple(f"{EDITIONS}{number}/" for number in numbers)
        self._place = self._key(MANIFEST)
        self._told: dict[str, Any] = {}
        self._wrong = list(self._read(history, key))
        self._scratch = TemporaryDirectory(prefix="letopis-")
        absent = set(self._absent()) if self._told else set()
        self._jobs = list(self._chosen(absent))
        # the longest first: else one process ends with it when the others have nothing left
        begun = {job.name: workers.look(job) for job in sorted(self._jobs, key=lambda job: -job.size)}
        self._looks = [begun[job.name] for job in self._jobs]
        self._has_index = (
            bool(self._told)
            and not edition
            and not absent.intersection(INDEX)
            and not any(path.startswith(manifest.RECORDED) for path in absent)
        )

    def findings(self) -> Iterator[Finding]:
        """What is wrong; to be asked for once."""
        with self._scratch:
            yield from self._wrong
            if not self._told:  # what is not even a manifest in form says nothing about files
                return
            seen = [look() for look in self._looks]
            for one in seen:
                yield from one.findings
            self.readable = not any(
                finding.severity == "error"
                for job, one in zip(self._jobs, seen, strict=True)
                if job.path.startswith(manifest.RECORDED)
                for finding in one.findings
            )
            if self._has_index:
                yield from self._joined(seen)
            yield from self._counted(seen)
            yield from self._reported()
            yield from _originals(self._store, self._place, self._told)
            yield from self._strays()

    def _key(self, path: str = "") -> str:
        return key_of(self._snapshot, manifest.inside(self._edition, path))

    def _read(self, history: History, key: PublicKey | None) -> Iterator[Finding]:
        """The manifest: in form, in history, signed, and this snapshot's own."""
        try:
            with closing(self._store.open(self._place)) as stream:
                data = stream.read()
            told = manifest.parse(data)
        except (AbsentError, UnreadableError, ValueError) as error:
            yield _error(self._place, f"there is no manifest that can be read: {error}")
            return
        faults = list(documented(self._place, "manifest", told))
        yield from faults
        if faults:
            return
        self._told = told
        yield from self._committed(history, manifest.digest(data))
        yield from self._signed(data, key)
        yield from self._own()

    def _committed(self, history: History, sha256: str) -> Iterator[Finding]:
        named = history.naming(self._snapshot, self._edition)
        if not named:
            yield _error(self._place, "no entry of the chain names this snapshot: it was never committed")
        for entry in named:
            if entry.manifest != sha256:
                yield _error(self._place, f"the manifest is not the one that {entry.key} names")
            elif entry.series != self._told["series"]:
                yield _error(
                    self._place, f"the manifest says series {self._told['series']}, but {entry.key} names it"
                )
            elif dict(entry.summary) != chain.summary(self._told):
                yield _error(entry.key, "the summary is not what the manifest says")
        for entry in named[1:]:
            yield _error(entry.key, f"{named[0].key} has put the same into history before")

    def _signed(self, data: bytes, key: PublicKey | None) -> Iterator[Finding]:
        by, place = self._told["signedBy"], self._key(SIGNATURE)
        if by is None:
            if key:
                yield _error(self._place, "the manifest is not signed")
            return
        try:
            with closing(self._store.open(place)) as stream:
                signature = stream.read(SIZE + 1)
        except AbsentError:
            yield _error(place, "the manifest says that it is signed, but there is no signature")
            return
        except UnreadableError as error:
            yield _error(place, str(error))
            return
        if len(signature) != SIZE:
            yield _error(place, f"a signature has {SIZE} bytes")
        elif key and by != key.identity:
            yield _error(self._place, f"the manifest is signed by another key than {key.identity}")
        elif key and not key.made(signature, data):
            yield _error(place, "the signature is not one of this manifest by its key")

    def _own(self) -> Iterator[Finding]:
        """What the manifest says of itself, and that it names every kind of file that a snapshot has."""
        if self._told["snapshot"] != self._snapshot or self._told["site"] != site_of(self._snapshot):
            yield _error(self._place, f"the manifest is that of {self._told['snapshot']}")
        if self._told.get("edition", 0) != self._edition:
            yield _error(self._place, "the manifest is that of another edition")
        paths = Counter(line["path"] for line in manifest.files(self._told))
        for path, times in paths.items():
            if times > 1:
                yield _error(self._place, f"the manifest names {path} {times} times")
        needed = DERIVED if self._edition else (*DERIVED, *INDEX)
        for path in needed:
            if path not in paths:
                yield _error(self._place, f"the manifest names no {path}")
        if not self._edition and not any(path.startswith(manifest.RECORDED) for path in paths):
            yield _error(self._place, "the manifest names no WARC")

    def _absent(self) -> Iterator[str]:
        """Files that a partial copy was never meant to hold."""
        what = partial_copy(self._store)
        if what is None:
            return
        old = what == "articles" and not self._newest  # of which the articles were not wanted either
        for line in manifest.files(self._told):
            if (old or not wanted(line["path"], what)) and self._store.stat(self._key(line["path"])) is None:
                yield line["path"]

    def _chosen(self, absent: set[str]) -> Iterator[Job]:
        for number, line in enumerate(manifest.files(self._told) if self._told else ()):
            if line["path"] in absent or (line["path"] in INDEX and not self._edition):
                continue
            yield Job(
                self._snapshot,
                self._edition,
                line,
                self._told["schemas"],
                frozenset(self._told["dependencies"]),
                Path(self._scratch.name),
                str(number),
                self._digests,
            )

    def _joined(self, seen: list[Seen]) -> Iterator[Finding]:
        """What concerns all WARCs together: ids that are used twice, and the index."""
        for before, now in pairwise(merged(path for one in seen for path in one.ids)):
            identifier, _, first = before.rpartition(b" ")
            if now.startswith(identifier) and now.rpartition(b" ")[0] == identifier:
                places = first.decode().strip(), now.rpartition(b" ")[2].decode().strip()
                yield repeated(identifier.decode(), max(places, key=_offset))
        lines = {line["path"]: line for line in manifest.files(self._told) if line["path"] in INDEX}
        given = merged(path for one in seen for path in one.lines)
        if len(lines) == len(INDEX):
            unread = self._unread(seen)
            yield from verify_index(self._store, self._snapshot, lines, given, unread, digests=self._digests)

    def _unread(self, seen: list[Seen]) -> set[str]:
        """WARC files in which no record was found."""
        paths = (job.path for job in self._jobs)
        segments = zip(paths, seen, strict=True)
        return {path.rpartition("/")[2] for path, one in segments if not one.records}

    def _counted(self, seen: list[Seen]) -> Iterator[Finding]:
        """Numbers that the manifest repeats of its files."""
        counts = self._told["counts"]
        found = {
            name: line["lines"]
            for line in manifest.files(self._told)
            for name in ("articles", "rejects")
            if line["path"] == f"{name}.jsonl.gz" and "lines" in line
        }
        if self._has_index:
            found["records"] = sum(one.records for one in seen)
        for name, count in found.items():
            if counts[name] != count:
                yield _error(
                    self._place, f"the manifest counts {counts[name]} {name}, its files hold {count}"
                )

    def _reported(self) -> Iterator[Finding]:
        """What the manifest repeats of the report."""
        place = self._key("report.json")
        with (
            suppress(AbsentError, UnreadableError, ValueError, KeyError, TypeError),
            closing(self._store.open(place)) as stream,
        ):
            said = manifest.repeated(manifest.parse(stream.read()))
            if wrong := [name for name, value in said.items() if self._told[name] != value]:
                yield _error(self._place, f"not what report.json says: {', '.join(wrong)}")

    def _strays(self) -> Iterator[Finding]:
        """Objects in the snapshot's folder that nothing vouches for; editions have manifests of their own."""
        folder = self._key()
        named = manifest.named(self._told)
        for stored in self._store.list(folder):
            path = stored.key.removeprefix(folder)
            if path not in named and not path.startswith(self._editions):
                yield Finding("warning", stored.key, None, "the manifest does not name this object")


def partial_copy(store: Store) -> str | None:
    """What was brought to a copy that is not whole: "articles" or "warc"; None where a store is no such copy."""
    with suppress(AbsentError, ValueError), closing(store.open(PARTIAL)) as stream:
        return str(manifest.parse(stream.read()).get("what"))
    return None


def wanted(path: str, what: str) -> bool:
    """Whether a copy of that kind holds the file."""
    if what == "articles":
        return path == "articles.jsonl.gz"
    return what != "warc" or path.startswith((manifest.RECORDED, "index."))


def _originals(store: Store, place: str, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Snapshots that the store lacks, though they hold the pages that this one's revisits stand for."""
    for other in told["dependencies"]:
        if store.stat(key_of(other, MANIFEST)) is None:
            reason = f"unchanged pages lie in {other}, which is not in this store"
            yield Finding("warning", place, None, reason)


def _offset(place: str) -> tuple[str, int]:
    file, _, rest = place.rpartition("@")
    return file, int(rest.partition("+")[0])


def _error(place: str, reason: str) -> Finding:
    return Finding("error", place, None, reason)
