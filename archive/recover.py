"""What a crash left, finished: torn records cut, segments closed, the snapshot sealed as partial and committed.

Every step leaves what the next run can go on from, so that this, too, may die at any byte.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive import lease
from archive.chain import Entry, commit, entry_of, named_by, snapshots
from archive.damage import cut_tail
from archive.durable import sync_folder
from archive.fingerprint import TornError
from archive.hold import Hold
from archive.journal import entry
from archive.lease import LeasedError
from archive.ledger import DerivedError
from archive.manifest import Facts, Sealed
from archive.objects import Store, StoreError
from archive.record import OPEN, BrokenRecordError, Record, records
from archive.seal import Derive, SealError, mend_log, seal, sealed_in
from archive.snapshot import (
    ADOPTING,
    CLAIM,
    DISCARDED,
    ID,
    MANIFEST,
    NASCENT,
    UnknownSnapshotError,
    Work,
    claim_again,
    claim_key,
    claimed_by,
    claimed_in,
    discard,
    forget,
    key_of,
    remove,
    work_in,
)
from archive.strays import remove_strays

CAPTURED = ("response", "revisit")
SAID = (StoreError, SealError, BrokenRecordError, DerivedError, TornError, UnknownSnapshotError, OSError)
"""Errors whose words are for whoever runs the command."""
YOUNG = 60.0
"""Seconds for which a folder without a name may still be in the making."""
GIVEN_UP = timedelta(days=1)
"""After so long a write that has not ended belongs to nobody."""
FORGOTTEN = timedelta(days=30)
"""After so long no other machine is expected to come back to a claim of which the store holds nothing."""

Reading = Callable[[Work], tuple[Derive, Facts]]
"""The reading code for a work folder, and what the manifest says of it; raises LookupError where its site is not known."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done about one leftover; `finished` is False where something has to be looked at first, or where its crawl is `running`."""

    name: str
    did: str
    entry: Entry | None = None
    finished: bool = True
    running: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.did}"


def recover(store: Store, work_root: Path, reading: Reading, site: str | None = None) -> Iterator[Recovered]:
    """Finish every work folder on which no process works, those of one site or all; yields what was done to each, and which crawls run."""
    for path in sorted(work_root.iterdir()) if work_root.is_dir() else ():
        match = ID.fullmatch(path.name)
        if path.name.startswith(ADOPTING):
            _give_up(store, path)
        elif not match:
            _clear(path)
        elif site in (None, match["site"]) and (found := _held(store, path, reading)):
            yield found


def clear(store: Store, now: datetime, site: str | None = None) -> Iterator[Recovered]:
    """Remove from a store what was given up there: writes that never ended; of one site or all, leases of crawls that are over, old claims."""
    for name in store.sweep(now - GIVEN_UP):
        yield Recovered(name, "the rest of a write that never ended was removed")
    entries = {found.snapshot: found for found in snapshots(store, site) if found.kind == "snapshot"}
    alive = _end_leases(store, now, entries, site)
    for stored in list(store.list(f"claims/site={site}/" if site else "claims/")):
        match = ID.fullmatch(Path(stored.key).stem)
        if match and match[0] not in alive | entries.keys() and _instant(match["began"]) < now - FORGOTTEN:
            yield _orphan(store, match[0])


def _end_leases(store: Store, now: datetime, entries: Mapping[str, Entry], site: str | None) -> set[str]:
    """Give back the leases of crawls that are over, and return the snapshots of those that run."""
    alive = set()
    for held in lease.every(store, site):
        if not held.until:
            continue
        if held.until > now:
            alive.add(held.snapshot)
        if entry := entries.get(held.snapshot):
            with suppress(
                StoreError
            ):  # whoever made the entry may have died over it; verification tells the rest
                remove_strays(store, named_by(store, entry))
        if entry or (held.until < now and not any(store.list(key_of(held.snapshot)))):
            lease.end(store, held)
    return alive


def _held(store: Store, folder: Path, reading: Reading) -> Recovered | None:
    """What was done to a folder; None where it is gone."""
    hold = None
    try:
        hold = Hold.take(folder / CLAIM)
        if hold is None:
            return _held_elsewhere(folder)
        return _alone(store, work_in(folder, hold), reading)
    except LeasedError as busy:
        return Recovered(folder.name, f"was left alone: {busy}", finished=False)
    except Exception as error:  # noqa: BLE001  whatever one folder holds, the others are finished and the next crawl begins
        did = f"cannot be finished: {in_words(error)}; all stays in {folder}"
        return Recovered(folder.name, did, finished=False)
    finally:
        if hold:
            hold.release()


def _held_elsewhere(folder: Path) -> Recovered | None:
    """What is said of a folder that another process holds; None where that has just removed it."""
    if not folder.is_dir():
        return None
    if (folder / CLAIM).exists():
        return Recovered(
            folder.name,
            "was left alone: its crawl is running, or being finished",
            finished=False,
            running=True,
        )
    did = f"cannot be finished: {folder} is no work folder of a crawl, for it has no {CLAIM}; all stays there"
    return Recovered(folder.name, did, finished=False) if folder.is_dir() else None


def in_words(error: Exception) -> str:
    """What is wrong, in one line; where nobody found words for it, for whoever is to mend Letopis."""
    if isinstance(error, OSError) and error.strerror:
        said = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    elif isinstance(error, SAID) or type(error) is LookupError:
        said = str(error)
    else:
        said = f"Letopis broke ({type(error).__name__}: {error}), please report it"
    return " ".join(said.split())


def _alone(store: Store, work: Work, reading: Reading) -> Recovered:
    """What was done to a folder while no other machine could adopt its snapshot; raises LeasedError where one is about it."""
    with ExitStack() as leases:
        if claimed_by(store, work) or (_tells(work) and claim_again(store, work)):
            try:
                leases.enter_context(lease.leased(store, work))
            except LeasedError as busy:
                if busy.snapshot == work.id:
                    raise  # the lease of another crawl keeps those who would adopt this one away as well
        return finished(store, work, reading)


def finished(store: Store, work: Work, reading: Reading) -> Recovered:
    """What was done to a work folder that this process holds: its snapshot was brought into history, and its lease given back."""
    if not claimed_by(store, work) and _tells(work):
        asked = claimed_in(work) or "the store that its crawl was to go to"
        reason = f"it was not claimed in {store.uri}; name {asked}"
        return Recovered(work.id, f"was left alone: {reason}", finished=False)
    cut = _close(work)
    if not _tells(work):
        lease.release(store, work)
        if entry_of(store, work.site, work.series, work.id):
            discard(work)
        else:
            forget(store, work)
        return Recovered(work.id, "nothing had been captured: its work folder and its claim were removed")
    log = mend_log(work)
    sealed = sealed_in(work) if (work.folder / MANIFEST).exists() else _seal(work, reading)
    entry = commit(store, sealed)
    lease.release(store, work)
    discard(work)
    torn = f", {cut} bytes of a torn record cut off" if cut else ""
    did = f"sealed as {sealed.manifest['status']} and committed{torn}{log}; head sha256:{entry.sha256}"
    return Recovered(work.id, did, entry)


def _seal(work: Work, reading: Reading) -> Sealed:
    derive, facts = reading(work)
    return seal(work, derive, facts=facts)


def _close(work: Work) -> int:
    """Give the segments that were being written their names, a torn last record cut off; returns how many bytes went."""
    cut = 0
    for path in sorted(work.warc.glob(f"*{OPEN}")):
        cut += cut_tail(path)
        if path.stat().st_size:
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
            path.rename(path.with_name(path.name.removesuffix(OPEN)))
        else:
            path.unlink()
    if work.warc.is_dir():
        sync_folder(work.warc)
    return cut


def _tells(work: Work) -> bool:
    """Whether a work folder holds anything that is worth a snapshot: an exchange, or of the journal more than that the crawl began."""
    if (work.folder / MANIFEST).exists():
        return True
    return any(map(_captured, sorted(work.warc.glob("*.warc.gz*"))))


def _captured(path: Path) -> bool:
    try:
        return any(record.type in CAPTURED or _says(record) for record in records(path))
    except BrokenRecordError as error:
        return not error.torn


def _says(record: Record) -> bool:
    said = entry(record)
    return said is not None and said["kind"] != "start"


def _clear(path: Path) -> None:
    """Remove a folder that was never named or is discarded already."""
    if path.name.startswith(DISCARDED) or (path.name.startswith(NASCENT) and _old(path)):
        shutil.rmtree(path, ignore_errors=True)


def _old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > YOUNG
    except FileNotFoundError:  # its crawl has just given it its name
        return False


def _give_up(store: Store, path: Path) -> None:
    """Remove a folder into which a process that is gone was bringing what another crawl had sent; whoever wants may do that now."""
    hold = Hold.take(path / CLAIM)
    if hold is None and (path / CLAIM).exists():
        return
    try:
        if hold:
            with suppress(StoreError, UnknownSnapshotError):  # the lease ends by itself
                lease.lapse(store, work_in(path, hold))
        with suppress(OSError):  # whoever was at it has removed it, or it is not ours to remove
            remove(path)
    finally:
        if hold:
            hold.release()


def _orphan(store: Store, snapshot: str) -> Recovered:
    files = sum(1 for _ in store.list(key_of(snapshot)))
    if files:
        did = f"{files} files of it lie in the store, but it was never committed; recover where its work folder is"
        return Recovered(snapshot, did, finished=False)
    store.delete(claim_key(snapshot))
    return Recovered(snapshot, "nothing ever came of this claim: it was removed")


def _instant(began: str) -> datetime:
    return datetime.strptime(began, "%Y%m%dT%H%M%S%z")
