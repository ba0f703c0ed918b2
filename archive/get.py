"""Bringing snapshots home: the chain, the manifests, and the files they name, into a folder that is a store itself."""

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock

from archive import chain
from archive.brought import KINDS, What, dependencies, files, manifests, note, settle
from archive.chain import Entry
from archive.download import Wanted, fetch
from archive.durable import make_folders
from archive.landing import is_original, refuse_original, refuse_other_history, refuse_same
from archive.local import SCRATCH, Directory
from archive.objects import AbsentError, DamagedError, Store, StoreError
from archive.snapshot import ID, UnknownSnapshotError
from archive.threads import together
from archive.verify import verify_chain

LOCK = ".getting"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: files and bytes in place, of how many that are known so far, bytes that came over the network, seconds since it began."""

    files: int
    of_files: int
    bytes: int
    of_bytes: int
    fetched: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bytes a second that came over the network."""
        return self.fetched / self.seconds if self.seconds else 0.0

    @property
    def left(self) -> float | None:
        """Seconds until it is done, None as long as nothing tells."""
        return (self.of_bytes - self.bytes) / self.rate if self.rate else None


@dataclass(frozen=True, slots=True)
class Got:
    """What lies in the folder now: snapshots and files that were asked for, their bytes, and what had to be fetched for it.

    `originals` are snapshots that came along because they hold what unchanged pages stand for, `lacking` those that the store lacks.
    """

    snapshots: int
    files: int
    bytes: int
    fetched_files: int
    fetched_bytes: int
    originals: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def get(
    store: Store,
    folder: Path,
    *,
    site: str | None = None,
    since: date | None = None,
    until: date | None = None,
    what: What = "articles",
    progress: Callable[[Progress], None] | None = None,
    jobs: int = 4,
) -> Got:
    """Bring the snapshots of a site (of all) that were begun on a day from `since` to `until` into a folder, each file checked.

    `what`: the articles alone, as their newest edition has them; the WARCs with their index; or every file. Whole chains and the
    manifests come in any case, so that the folder is a store that `verify` can read; with WARCs come the snapshots that hold what unchanged
    pages stand for. As long as not everything is there, partial.json says what is. What is there and whole is not fetched again; what was
    broken off is continued. `progress` is called from several threads, one at a time. Raises RefusedError, before anything is written, for
    a folder with a history of its own; UnknownSnapshotError for a site that the store has nothing of; StoreError; files that the store
    lost or damaged are told after all others are in place.
    """
    if what not in KINDS:
        raise StoreError(f"{what!r} is nothing to get; name {', '.join(KINDS)}")
    entries = list(chain.snapshots(store, site))
    if not entries:
        if site:
            raise UnknownSnapshotError(f"{store.uri} holds no snapshot of {site}; see `letopis snapshots`")
        raise StoreError(f"{store.uri} holds no snapshot; see `letopis snapshots`")
    refuse_same(store, folder)
    refuse_original(folder, whole=(what, since, until) == ("all", None, None))
    refuse_other_history(store, folder, entries)
    with _alone(folder):
        run = _Run(store, folder, jobs, progress)
        run.fetch([Wanted(entry.key, entry.sha256, lasting=True) for entry in entries])
        run.check()
        _check_chains(Directory(folder), entries)
        if not is_original(folder):
            note(folder, what)
        chosen = [entry.snapshot for entry in entries if _chosen(entry, since, until)]
        whole = run.told(entries, chosen)
        needed = dependencies(folder, whole) if what != "articles" else set()
        brought = [name for name in needed if name in {entry.snapshot for entry in entries}]
        whole += run.told(entries, brought)
        of = partial(files, store, folder, entries, what=what)
        run.fetch(list({one.key: one for name in whole for one in of(name)}.values()))
        chain.refresh(Directory(folder))
        run.check()
        settle(folder)
    with suppress(OSError):  # parts of what nobody asked for this time
        (folder / SCRATCH).rmdir()
    return run.got(len(chosen), brought, sorted(needed.difference(brought)))


class _Run:
    """Fetches lists of objects, several at once, and counts."""

    def __init__(
        self, store: Store, folder: Path, jobs: int, progress: Callable[[Progress], None] | None
    ) -> None:
        self._store = store
        self._folder = folder
        self._jobs = jobs
        self._progress = progress
        self._lock = Lock()
        self._began = time.monotonic()
        self._stopped = False
        self._faults: dict[str, StoreError] = {}
        self._files = self._of_files = self._bytes = self._of_bytes = self._fetched_files = self._fetched = 0

    def fetch(self, objects: Sequence[Wanted]) -> None:
        """All of them; the first failure of the store ends it, what is only lost or damaged is kept for `check`."""
        self._of_files += len(objects)
        self._of_bytes += sum(each.size or 0 for each in objects)
        together(self._one, objects, self._jobs, self._stop)
        self._stopped = False

    def told(self, entries: Sequence[Entry], snapshots: Sequence[str]) -> list[str]:
        """The snapshots whose manifests are all in place, once they were fetched."""
        places = {name: list(manifests(entries, [name])) for name in snapshots}
        self.fetch([each for name in snapshots for each in places[name]])
        return [name for name in snapshots if not any(each.key in self._faults for each in places[name])]

    def check(self) -> None:
        """Raise DamagedError where anything was lost or damaged."""
        if self._faults:
            first = next(iter(self._faults.values()))
            raise DamagedError(
                f"{len(self._faults)} of {self._of_files} files are not to be had; the first: {first}"
            )

    def got(self, snapshots: int, brought: Sequence[str], lacking: Sequence[str]) -> Got:
        """The sum."""
        fetched = self._fetched_files, self._fetched
        return Got(snapshots, self._files, self._bytes, *fetched, tuple(sorted(brought)), tuple(lacking))

    def _stop(self) -> None:
        self._stopped = True

    def _one(self, wanted: Wanted) -> None:
        tell = partial(self._tell, sized=wanted.size is not None)
        try:
            fetched = fetch(self._store, self._folder, wanted, tell)
        except (DamagedError, AbsentError) as fault:
            self._faults[wanted.key] = fault
            return
        with self._lock:
            self._files += 1
            self._fetched_files += fetched
        self._tell(0, 0)

    def _tell(self, more: int, fetched: int, *, sized: bool = True) -> None:
        with self._lock:
            self._bytes += more
            self._of_bytes += 0 if sized else more
            self._fetched += fetched
            seconds = time.monotonic() - self._began
            if self._progress:
                self._progress(
                    Progress(self._files, self._of_files, self._bytes, self._of_bytes, self._fetched, seconds)
                )
        if self._stopped:
            raise StoreError("stopped")


def _chosen(entry: Entry, since: date | None, until: date | None) -> bool:
    match = ID.fullmatch(entry.snapshot)
    if entry.kind != "snapshot" or match is None:
        return False
    begun = date.fromisoformat(match["began"][:8])
    return (since is None or since <= begun) and (until is None or begun <= until)


def _check_chains(local: Directory, entries: Sequence[Entry]) -> None:
    """Refuse a history in which an entry is missing or was changed."""
    for site, series in sorted({(entry.site, entry.series) for entry in entries}):
        for finding in verify_chain(local, site, series):
            raise DamagedError(f"the chain of {site}/{series} is broken: {finding}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps others from getting into the same folder at the same time."""
    try:
        make_folders(folder)
        lock = (folder / LOCK).open("wb")
    except OSError as error:
        raise StoreError(
            f"{folder} is no folder that can be written to: {error.strerror}; name another one"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                f"another `letopis get` is writing to {folder}; wait for it, or name another folder"
            ) from error
        yield
