"""Who crawls a series at the moment: numbered objects that only save work, for the chain keeps two crawls apart anyway.

They also say who finishes a snapshot that two work folders may hold, see archive.adopt.
The last object of a series tells: its snapshot's crawl runs until the instant that it names. Whoever wants the lease creates the next number;
of two that try at once one succeeds. Renewing and giving back are objects, too, so that nothing is ever changed, and the older ones are removed.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from threading import Event, Thread

from archive.chain import newest
from archive.holder import ROOT, Lease, LeasedError, folder, keys_of, last, read, taken_over
from archive.objects import AbsentError, Store, StoreError
from archive.snapshot import Work, claim_key
from archive.threads import GRACE, briefly, interrupted

__all__ = ["Lease", "LeasedError", "last", "taken_over"]

logger = logging.getLogger(__name__)

LASTS = timedelta(minutes=15)
"""After so long without a renewal the holder is taken for dead."""
RENEWED = LASTS / 3
RECENT = 5
"""Entries of the chain among which a crawl is looked for that has just ended."""
REMEMBERED = 8
"""Crawls of a series that are remembered to have died."""
Clock = Callable[[], datetime]


def now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


def take(store: Store, work: Work, clock: Clock = now) -> None:
    """Take the lease of a series for a work folder, anew where it has it; raises LeasedError, which names who has it, and StoreError."""
    held = last(store, work.site, work.series)
    if held and held.runs(clock()) and not _over(store, work, held):
        raise held.refusal(work)
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


def lapse(store: Store, work: Work, clock: Clock = now) -> None:
    """Let the lease of a folder that is given up end at once: not given back, for its snapshot is to be finished by others."""
    held = last(store, work.site, work.series)
    if held and _own(held, work):
        _next(store, work, held, clock())


def every(store: Store, site: str | None = None) -> Iterator[Lease]:
    """The last lease of each series, of one site or all; objects before it, which a crash may have left, are removed."""
    held = keys_of(store, f"{ROOT}site={site}/" if site else ROOT)
    for _, keys in groupby(held, lambda key: key.rpartition("/")[0]):
        *older, newest = keys
        for key in older:
            store.delete(key)
        with suppress(AbsentError):  # a crawl of this very moment took the next number
            yield read(store, newest)


def end(store: Store, held: Lease) -> None:
    """Give back the lease of a crawl that is over, in its place; nothing happens where it is not the last any more."""
    _create(store, held.key.rpartition("/")[0] + "/", held, (held.snapshot, held.holder), None)


@contextmanager
def leased(store: Store, work: Work, *, every: timedelta = RENEWED, clock: Clock = now) -> Iterator[None]:
    """Hold the lease of a series during the block, renewed by a thread; raises LeasedError before it begins."""
    take(store, work, clock)
    with parting(partial(release, store, work)), renewed(store, work, every=every, clock=clock):
        yield


@contextmanager
def parting(act: Callable[[], None]) -> Iterator[None]:
    """Do something about a lease at the end of the block, but only for a moment after Ctrl-C: should it fail, the lease ends by itself."""
    try:
        yield
    except BaseException as error:
        if interrupted(error):
            briefly(act)
        else:
            _tried(act)
        raise
    _tried(act)


@contextmanager
def renewed(store: Store, work: Work, *, every: timedelta = RENEWED, clock: Clock = now) -> Iterator[None]:
    """Have a thread renew the lease that was taken, until the end of the block or until it is given back or lost."""
    ended = Event()
    thread = Thread(target=_renew_until, args=(ended, store, work, every, clock), name="lease", daemon=True)
    thread.start()
    limit = None
    try:
        yield
    except BaseException as error:
        limit = GRACE if interrupted(error) else None
        raise
    finally:
        ended.set()
        thread.join(limit)


def _tried(act: Callable[[], None]) -> None:
    with suppress(StoreError):
        act()


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
        except Exception as error:  # noqa: BLE001  the store may be back when the next renewal is due; nothing depends on it
            logger.warning("The lease of %s could not be renewed: %s", work.id, error)


def _next(store: Store, work: Work, held: Lease | None, until: datetime | None) -> bool:
    return _create(store, folder(work.site, work.series), held, (work.id, work.holder), until)


def _create(
    store: Store, folder: str, held: Lease | None, owner: tuple[str, str], until: datetime | None
) -> bool:
    """Whether the next number was created by this call, and is the last one; the numbers before it are removed."""
    key = f"{folder}{held.number + 1 if held else 1:08}.json"
    said = {
        "snapshot": owner[0],
        "holder": owner[1],
        "until": until and until.isoformat(),
        "lapsed": _lapsed(held, owner[0]),
    }
    if not store.create(key, json.dumps(said).encode() + b"\n"):
        return False
    keys = keys_of(store, folder)
    if keys and keys[-1] != key:  # the number had been taken before, and removed since: others are further on
        store.delete(key)
        return False
    for older in keys[:-1]:
        store.delete(older)
    return True


def _lapsed(held: Lease | None, snapshot: str) -> list[str]:
    """The snapshots that have lapsed when this one takes the lease from whoever held it."""
    if held is None:
        return []
    known = dict.fromkeys([*held.lapsed, *([held.snapshot] if held.until else [])])
    return [name for name in known if name != snapshot][-REMEMBERED:]
