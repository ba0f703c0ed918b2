"""Who holds the lease of a series, read from the last of its objects; archive.lease makes them."""

import json
import re
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.objects import AbsentError, Store, StoreError
from archive.snapshot import ID, Work

ROOT = "leases/"
KEY = re.compile(rf"{ROOT}site=[a-z][a-z0-9_]*/series=[a-z0-9][a-z0-9_-]*/\d{{8}}\.json")
TRIES = 20
"""How often the last lease is looked for where others take and remove theirs meanwhile."""


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

    def runs(self, now: datetime) -> bool:
        """Whether its holder is believed to be alive."""
        return self.until is not None and self.until > now

    def refusal(self, work: Work) -> LeasedError:
        """What a work folder is told that may not go on while it runs."""
        does = "brought into history elsewhere" if self.snapshot == work.id else "crawled"
        until = self.until.isoformat(timespec="seconds") if self.until else "once"
        reason = f"{self.snapshot} is being {does}; if whoever does it is dead, that lease ends at {until}"
        return LeasedError(reason, self.snapshot)


def last(store: Store, site: str, series: str) -> Lease | None:
    """The last lease of a series, whether it holds still or not; raises StoreError."""
    keys: list[str] = []
    for _ in range(TRIES):
        keys = keys_of(store, folder(site, series))
        if not keys:
            return None
        with suppress(AbsentError):  # removed by whoever took a later number: that one is the last
            return read(store, keys[-1])
    raise StoreError(
        f"{store.uri} lists {keys[-1]} but has no such object; if that stays so, ask whoever runs the store"
    )


def taken_over(store: Store, work: Work) -> bool:
    """Whether another work folder has taken the lease to bring this one's snapshot into history."""
    held = last(store, work.site, work.series)
    return held is not None and held.snapshot == work.id and held.holder != work.holder


def refuse_rival(store: Store, work: Work, now: datetime) -> None:
    """Raise LeasedError while another work folder has the lease to bring this one's snapshot into history; raises StoreError."""
    held = last(store, work.site, work.series)
    if held and held.snapshot == work.id and held.holder != work.holder and held.runs(now):
        raise held.refusal(work)


def keys_of(store: Store, prefix: str) -> list[str]:
    """The keys of leases that begin with the prefix, in order; what else lies among them is no business of ours."""
    return [stored.key for stored in store.list(prefix) if KEY.fullmatch(stored.key)]


def read(store: Store, key: str) -> Lease:
    """The lease under that key; raises AbsentError, and StoreError for what is none."""
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


def folder(site: str, series: str) -> str:
    """Where the leases of a series lie."""
    return f"{ROOT}site={site}/series={series}/"
