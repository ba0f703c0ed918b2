"""Who crawls a series at the moment: numbered objects that only save work, for the chain keeps two crawls apart anyway.

The last object of a series tells: its snapshot's crawl runs until the instant that it names. Whoever wants the lease creates the next number;
of two that try at once one succeeds. Renewing and giving back are objects, too, so that nothing is ever changed, and the older ones are removed.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from archive.chain import newest
from archive.objects import AbsentError, Store, StoreError
from archive.snapshot import Work, claim_key

LASTS = timedelta(minutes=15)
"""After so long without a renewal the holder is taken for dead."""
RENEWED = LASTS / 3
RECENT = 5
"""Entries of the chain among which a crawl is looked for that has just ended."""
Clock = Callable[[], datetime]


class LeasedError(Exception):
    """Another crawl of the series runs, or `snapshot`, the one that is asked for, is in the hands of another."""

    def __init__(self, message: str, snapshot: str = "") -> None:
        super().__init__(message)
        self.snapshot = snapshot


@dataclass(frozen=True, slots=True)
class Lease:
    """One object of a series: the snapshot whose crawl runs, whose work folder holds it, and until when that is believed; None: it was given back."""

    key: str
    snapshot: str
    holder: str
    until: datetime | None

    @property
    def number(self) -> int:
        """The objects of a series are numbered from 1."""
        return int(self.key.rpartition("/")[2].removesuffix(".json"))


def now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


def last(store: Store, site: str, series: str) -> Lease | None:
    """The last lease of a series, whether it holds still or not."""
    for key in reversed([stored.key for stored in store.list(_folder(site, series))]):
        try:
            with closing(store.open(key)) as stream:
                said = json.loads(stream.read())
        except AbsentError:  # removed by whoever took a later number: that one is the last
            return last(store, site, series)
        until = said["until"] and datetime.fromisoformat(said["until"])
        return Lease(key, said["snapshot"], said["holder"], until)
    return None


def take(store: Store, work: Work, clock: Clock = now) -> None:
    """Take the lease of a series for a work folder, anew where it has it; raises LeasedError, which names who has it, and StoreError."""
    held = last(store, work.site, work.series)
    if held and held.until and held.until > clock() and not _over(store, work, held):
        until = held.until.isoformat(timespec="seconds")
        does = "brought into history elsewhere" if held.snapshot == work.id else "crawled"
        reason = f"{held.snapshot} is being {does}; if whoever does it is dead, that lease ends at {until}"
        raise LeasedError(reason, held.snapshot)
    if not _next(store, work, held, clock() + LASTS):
        raise LeasedError("another crawl began at the same moment")


def renew(store: Store, work: Work, clock: Clock = now) -> bool:
    """Whether the lease is still the crawl's own, and now anew; nothing must stop because it is not."""
    held = last(store, work.site, work.series)
    return held is not None and _own(held, work) and _next(store, work, held, clock() + LASTS)


def release(store: Store, work: Work) -> None:
    """Give back the lease of a series, if the crawl has it; raises StoreError."""
    held = last(store, work.site, work.series)
    if held and _own(held, work):
        _next(store, work, held, None)


@contextmanager
def leased(store: Store, work: Work, *, every: timedelta = RENEWED, clock: Clock = now) -> Iterator[None]:
    """Hold the lease of a series during the block, renewed by a thread; raises LeasedError before it begins."""
    take(store, work, clock)
    try:
        with renewed(store, work, every=every, clock=clock):
            yield
    finally:
        with suppress(StoreError):  # it ends by itself
            release(store, work)


@contextmanager
def renewed(store: Store, work: Work, *, every: timedelta = RENEWED, clock: Clock = now) -> Iterator[None]:
    """Have a thread renew the lease that was taken, until the end of the block or until it is given back or lost."""
    ended = Event()
    thread = Thread(target=_renew_until, args=(ended, store, work, every, clock), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _own(held: Lease, work: Work) -> bool:
    """Whether a work folder has the lease and has not given it back."""
    return held.until is not None and (held.snapshot, held.holder) == (work.id, work.holder)


def _over(store: Store, work: Work, held: Lease) -> bool:
    """Whether the lease keeps nobody away: it is this folder's own, or its crawl is in history or was forgotten before it gave it back."""
    if _own(held, work) or store.stat(claim_key(held.snapshot)) is None:
        return True
    recent = newest(store, work.site, work.series, count=RECENT)
    return held.snapshot in {entry.snapshot for entry in recent}


def _renew_until(ended: Event, store: Store, work: Work, every: timedelta, clock: Clock) -> None:
    while not ended.wait(every.total_seconds()):
        try:
            if not renew(store, work, clock):
                return
        except StoreError:  # the store may be back when the next renewal is due; nothing depends on it
            continue


def _next(store: Store, work: Work, held: Lease | None, until: datetime | None) -> bool:
    """Whether the next number was created by this call, and is the last one; the numbers before it are removed."""
    number = held.number + 1 if held else 1
    key = f"{_folder(work.site, work.series)}{number:08}.json"
    said = {"snapshot": work.id, "holder": work.holder, "until": until and until.isoformat()}
    if not store.create(key, json.dumps(said).encode() + b"\n"):
        return False
    keys = [stored.key for stored in store.list(_folder(work.site, work.series))]
    if keys and keys[-1] != key:  # the number had been taken before, and removed since: others are further on
        store.delete(key)
        return False
    for older in keys[:-1]:
        store.delete(older)
    return True


def _folder(site: str, series: str) -> str:
    return f"leases/site={site}/series={series}/"
