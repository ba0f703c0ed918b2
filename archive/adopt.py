"""A crawl that died with its disk, finished from what it had sent: another machine takes its snapshot over, and puts it into history.

The lease of the series decides who: of several that want it one gets it, and renews it until all is done.
"""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from archive import lease
from archive.chain import snapshots
from archive.durable import creating, sync_folder
from archive.fingerprint import CHUNK, Digested
from archive.lease import Clock, LeasedError
from archive.manifest import RECORDED
from archive.objects import AbsentError, Store, Stored, StoreError
from archive.recover import FORGOTTEN, Reading, Recovered, finished, in_words
from archive.seal import segments
from archive.snapshot import (
    ADOPTER,
    ADOPTING,
    ID,
    PACKED_LOG,
    SERIES,
    STORE,
    Work,
    claim_key,
    key_of,
    named,
    remove,
    site_of,
)

CLAIMED = ("snapshot", "site", "series", "token")
"""What every claim says."""


def adopt(
    store: Store, work_root: Path, reading: Reading, site: str | None = None, clock: Clock = lease.now
) -> Iterator[Recovered]:
    """Finish what crawls on machines that are gone had sent, those of one site or all; yields what was done to each.

    Such a crawl has a claim and WARC files in the store, is not in history, has no work folder here, and its lease has expired; or it gave
    that back, and has not been finished where it ran for FORGOTTEN. Raises StoreError where the store cannot be listed.
    """
    done = {entry.snapshot for entry in snapshots(store, site)}
    for stored in list(store.list(f"claims/site={site}/" if site else "claims/")):
        match = ID.fullmatch(Path(stored.key).stem)
        if match and match[0] not in done and not (work_root / match[0]).exists():
            found = _adopted(store, work_root, match[0], reading, clock)
            if found:
                yield found


def _adopted(
    store: Store, work_root: Path, snapshot: str, reading: Reading, clock: Clock
) -> Recovered | None:
    """What was done about a claim; None where nothing was sent, where its crawl may be alive, or where another machine is at it."""
    sent = any(f"/{RECORDED}" in stored.key for stored in _sent(store, snapshot))
    claimed = _claim(store, snapshot)
    if not sent or not claimed or not _dead(store, claimed, clock()):
        return None
    try:
        with _taken_over(store, work_root, claimed, clock) as work:
            return _said(len(segments(work)), finished(store, work, reading)) if work else None
    except LeasedError:
        return None
    except Exception as error:  # noqa: BLE001  whatever is the matter with one, the others are finished and the next crawl begins
        did = f"its machine is gone; what it sent cannot be finished: {in_words(error)}"
        return Recovered(snapshot, did, finished=False)


def _said(files: int, found: Recovered) -> Recovered:
    """What was done, and from what."""
    return replace(found, did=f"its machine is gone; what it had sent ({files} WARC files) was {found.did}")


def _claim(store: Store, snapshot: str) -> dict[str, str] | None:
    """What a claim says; None where it is gone, or is none."""
    try:
        with closing(store.open(claim_key(snapshot))) as stream:
            said = json.loads(stream.read())
    except (AbsentError, ValueError):
        return None
    if not isinstance(said, dict) or {type(said.get(name)) for name in CLAIMED} != {str}:
        return None
    own = said["snapshot"] == snapshot and said["site"] == site_of(snapshot) and SERIES.fullmatch(said["series"])  # fmt: skip
    return said if own else None


def _dead(store: Store, claimed: Mapping[str, str], now: datetime) -> bool:
    """Whether nobody is expected to finish a crawl where it ran."""
    held = lease.last(store, claimed["site"], claimed["series"])
    if held and held.until and held.until > now:
        return False
    if held and (claimed["snapshot"] in held.lapsed or (held.until and held.snapshot == claimed["snapshot"])):
        return True
    match = ID.fullmatch(claimed["snapshot"])
    began = datetime.strptime(match["began"], "%Y%m%dT%H%M%S%z") if match else now
    return began < now - FORGOTTEN


@contextmanager
def _taken_over(
    store: Store, work_root: Path, claimed: Mapping[str, str], clock: Clock
) -> Iterator[Work | None]:
    """The work folder with all that was sent, its lease held; None where another process of this machine is at it."""
    said = {**claimed, ADOPTER: uuid.uuid4().hex, STORE: store.uri}
    folder = work_root / f"{ADOPTING}{claimed['snapshot']}"
    hold = named(work_root, folder.name, json.dumps(said).encode() + b"\n")
    if hold is None:
        yield None
        return
    work = Work(
        work_root / claimed["snapshot"],
        claimed["snapshot"],
        claimed["site"],
        claimed["series"],
        hold,
        said[ADOPTER],
    )
    with ExitStack() as after:
        after.callback(hold.release)
        coming = after.enter_context(ExitStack())
        coming.callback(_put_away, folder)
        after.enter_context(_lease(store, work, clock))
        # whoever is alive after all sends no more, now that the lease is gone
        for stored in _sent(store, work.id):
            _bring(store, stored, folder / stored.key.removeprefix(key_of(work.id)))
        sync_folder(folder)
        folder.rename(work.folder)  # in one step: from here on it is a work folder like any other
        coming.pop_all()
        sync_folder(work_root)
        yield work


def _sent(store: Store, snapshot: str) -> Iterator[Stored]:
    """What of a crawl cannot be derived: its WARC files and, where it was sealed already, its log; nothing that others left there."""
    own = re.compile(rf"{RECORDED}{snapshot}-\d+\.warc\.gz|{re.escape(PACKED_LOG)}")
    folder = key_of(snapshot)
    for stored in list(store.list(folder)):
        if own.fullmatch(stored.key.removeprefix(folder)):
            yield stored


def _put_away(folder: Path) -> None:
    with suppress(OSError):  # the next recover removes it
        remove(folder)


@contextmanager
def _lease(store: Store, work: Work, clock: Clock) -> Iterator[None]:
    """Hold the lease during the block; where it was not given back there, it ends at once: whoever comes next need not wait."""
    lease.take(store, work, clock)
    with lease.parting(lambda: lease.lapse(store, work, clock)), lease.renewed(store, work, clock=clock):
        yield


def _bring(store: Store, stored: Stored, target: Path) -> None:
    """Bring a file, and see that it came as the store has it."""
    with closing(store.open(stored.key)) as stream, creating(target) as copy:
        source = Digested(stream)
        while data := source.read(CHUNK):
            copy.write(data)
        # a log that is damaged keeps nobody: what can be read of it is taken, see archive.recover
        whole = source.size == stored.size and source.sha256 == store.sha256(stored.key)
        if not whole and target.name != PACKED_LOG:
            raise StoreError(
                f"{stored.key} in {store.uri} does not come as it says; run the same command again"
            )
