"""Who crawls a series at the moment: numbered objects that only save work, for the chain keeps two crawls apart anyway.

They also say who finishes a snapshot that two work folders may hold, see archive.adopt.
The last object of a series tells: its snapshot's crawl runs until the instant that it names. Whoever wants the lease creates the next number;
of two that try at once one succeeds. Renewing and giving back are objects, too, so that nothing is ever changed, and the older ones are removed.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from threading import Event, Thread
from typing import Any

from archive.chain import newest
from archive.objects import AbsentError, Store, StoreError
from archive.snapshot import ID, Work, claim_key
from archive.threads import GRACE, briefly, interrupted

logger = logging.getLogger(__name__)

ROOT = "leases/"
KEY = re.compile(rf"{ROOT}site=[a-z][a-z0-9_]*/series=[a-z0-9][a-z0-9_-]*/\d{{8}}\.json")
LASTS = timedelta(minutes=15)
"""After so long without a renewal the holder is taken for dead."""
RENEWED = LASTS / 3
RECENT = 5
"""Entries of the chain among which a crawl is looked for that has just ended."""
TRIES = 20
"""How often the last lease is looked for where others take and remove theirs meanwhile."""
REMEMBERED = 8
"""Crawls of a series that are remembered to have died."""
Clock = Callable[[], datetime]


class LeasedError(Exception):
    """Another crawl of the series runs, or `snapshot`, the one that is asked for, is in the hands of another."""

    def __init__(self, message: str, snapshot: str = "") -> None:
        super().__init__(message)
        self.snapshot = snapshot


@dataclass(frozen=True, slots=True)
class Lease:
    """One object of a series: the snapshot whose crawl runs, whose work folder holds it, and until when that is believed; None: it was given back.

    `lapsed` are the last snapshots whose lease went to another one without having been given back.
    """

    key: str
    snapshot: str
    holder: str
    until: datetime | None
    lapsed: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The objects of a series are numbered from 1."""
        return int(self.key.rpartition("/")[2].removesuffix(".json"))


def now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


def last(store: Store, site: str, series: str) -> Lease | None:
    """The last lease of a series, whether it holds still or not; raises StoreError."""
    keys: list[str] = []
    for _ in range(TRIES):
        keys = _keys(store, _folder(site, series))
        if not keys:
            return None
        with suppress(AbsentError):  # removed by whoever took a later number: that one is the last
            return _read(store, keys[-1])
    raise StoreError(
        f"{store.uri} lists {keys[-1]} but has no such object; if that stays so, ask whoever runs the store"
    )


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


def taken_over(store: Store, work: Work) -> bool:
    """Whether another work folder has taken the lease to bring this one's snapshot into history."""
    held = last(store, work.site, work.series)
    return held is not None and held.snapshot == work.id and held.holder != work.holder


def lapse(store: Store, work: Work, clock: Clock = now) -> None:
    """Let the lease of a folder that is given up end at once: not given back, for its snapshot is to be finished by others."""
    held = last(store, work.site, work.series)
    if held and _own(held, work):
        _next(store, work, held, clock())


def every(store: Store, site: str | None = None) -> Iterator[Lease]:
    """The last lease of each series, of one site or all; objects before it, which a crash may have left, are removed."""
    held = _keys(store, f"{ROOT}site={site}/" if site else ROOT)
    for _, keys in groupby(held, lambda key: key.rpartition("/")[0]):
        *older, newest = keys
        for key in older:
            store.delete(key)
        with suppress(AbsentError):  # a crawl of this very moment took the next number
            yield _read(store, newest)


def end(store: Store, held: Lease) -> None:
    """Give back the lease of a crawl that is over, in its place; nothing happens where it is not the last any more."""
    _create(store, held.key.rpartition("/")[0] + "/", held, (held.snapshot, held.holder), None)


@contextmanager
def leased(store: Store, work: Work, *, every: timedelta = RENEWED, clock: Clock = now) -> Iterator[None]:
    """Hold the lease of a series during the block, renewed by a thread; raises LeasedError before it begins."""
    take(store, work, clock)
    try:
        with renewed(store, work, every=every, clock=clock):
            yield
    except BaseException as error:
        if interrupted(error):
            briefly(partial(release, store, work))
        else:
            _give_back(store, work)
        raise
    _give_back(store, work)


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


def _give_back(store: Store, work: Work) -> None:
    with suppress(StoreError):  # it ends by itself
        release(store, work)


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
    return _create(store, _folder(work.site, work.series), held, (work.id, work.holder), until)


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
    keys = _keys(store, folder)
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


def _keys(store: Store, prefix: str) -> list[str]:
    """The keys of leases that begin with the prefix, in order; what else lies among them is no business of ours."""
    return [stored.key for stored in store.list(prefix) if KEY.fullmatch(stored.key)]


def _read(store: Store, key: str) -> Lease:
    with closing(store.open(key)) as stream:
        data = stream.read()
    try:
        return _parsed(key, json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"{key} in {store.uri} is no lease; delete it if it stays so and no crawl of the site runs"
        ) from error


def _parsed(key: str, said: Any) -> Lease:
    """A lease from what it says; raises ValueError, KeyError, TypeError, AttributeError for what is none."""
    until = None if said["until"] is None else datetime.fromisoformat(said["until"])
    found = Lease(key, said["snapshot"], said["holder"], until, tuple(said.get("lapsed", ())))
    names = (found.snapshot, *found.lapsed)
    if not all(map(ID.fullmatch, names)) or not isinstance(found.holder, str):
        raise ValueError("it names no snapshot")
    if until and until.tzinfo is None:
        raise ValueError("its instant has no offset")
    return found


def _folder(site: str, series: str) -> str:
    return f"{ROOT}site={site}/series={series}/"
