"""A snapshot's identity: what it is called, where it lies in a store, and where it is while its crawl writes."""

import errno
import json
import re
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.durable import creating, make_folders, sync_folder
from archive.hold import Hold
from archive.objects import KEY, AbsentError, Store, StoreError
from archive.shape import maybe, misfit, text

ID = re.compile(r"(?P<site>[a-z][a-z0-9_]*)-(?P<began>\d{8}T\d{6}Z)")
SITE = re.compile(r"[a-z][a-z0-9_]*")
SERIES = re.compile(r"[a-z0-9][a-z0-9_-]*")
MANIFEST = "manifest.json"
CLAIM = "claim.json"
LOG, PACKED_LOG = "crawl.log", "crawl.log.gz"
"""While its crawl runs, and in its snapshot: evidence that cannot be derived."""
ADOPTER = "adopter"
"""In the claim of a work folder that took the snapshot over from another: a random name of its own."""
STORE = "store"
"""In the claim of a work folder: the URI of the store in which the identifier was taken."""
CLAIMED = {
    "snapshot": text,
    "site": text,
    "series": text,
    "token": text,
    ADOPTER: maybe(text),
    STORE: maybe(text),
}
"""What is read of the claim of a work folder."""
NASCENT, ADOPTING, DISCARDED = ".claiming-", ".adopting-", ".discarded-"
"""Begin the names of folders that are no work folder yet, or no more."""


class UnknownSnapshotError(LookupError):
    """What was named is no snapshot's identifier, or no snapshot that is there."""


@dataclass(frozen=True, slots=True)
class Work:
    """One crawl's work folder, laid out inside as the snapshot will be in the store.

    `hold` says that this process works on it; `holder` names the folder where another may hold the same snapshot, see archive.adopt.
    """

    folder: Path
    id: str
    site: str
    series: str
    hold: Hold | None = field(default=None, compare=False, repr=False)
    holder: str = field(default="", compare=False, repr=False)

    @property
    def warc(self) -> Path:
        """The folder of the WARC segments."""
        return self.folder / "warc"

    @property
    def log(self) -> Path:
        """The crawl's log, compressed by sealing."""
        return self.folder / LOG


def site_of(snapshot: str) -> str:
    """The site in a snapshot's identifier; raises UnknownSnapshotError.

    >>> site_of("ria-20261122T060000Z")
    'ria'
    """
    match = ID.fullmatch(snapshot)
    if not match:
        raise UnknownSnapshotError(f"{snapshot!r} is no snapshot; their names look like ria-20261122T060000Z")
    return match["site"]


def key_of(snapshot: str, path: str = "") -> str:
    """The key of a snapshot's file in a store, of its folder (with a slash) when no path is named.

    >>> key_of("ria-20261122T060000Z", "manifest.json")
    'snapshots/site=ria/snapshot=ria-20261122T060000Z/manifest.json'
    """
    return f"snapshots/site={site_of(snapshot)}/snapshot={snapshot}/{path}"


def claim_key(snapshot: str) -> str:
    """The key under which an identifier is taken."""
    return f"claims/site={site_of(snapshot)}/{snapshot}.json"


def claim(store: Store, work_root: Path, site: str, series: str, now: datetime) -> Work:
    """A new snapshot's work folder, its identifier taken in the store by nobody else: `now`, or the first free second after it.

    The identifier is taken by creating ``claims/site=<site>/<identifier>.json`` in the store, which says what the work folder's claim.json
    said before: what a crash leaves can be told apart from the claim of another. The folder is held from the
    moment it has its name. Raises StoreError, and ValueError for a name that could not be part of a key.
    """
    _check_names(site, series)
    second = now.astimezone(UTC).replace(microsecond=0)
    while not (work := _taken(store, work_root, f"{site}-{second:%Y%m%dT%H%M%SZ}", series)):
        second += timedelta(seconds=1)
    return work


def claimed_by(store: Store, work: Work) -> bool | None:
    """Whether the claim in the store is that of this work folder; None where the identifier is not claimed there."""
    try:
        with closing(store.open(claim_key(work.id))) as stream:
            claimed = stream.read()
    except AbsentError:
        return None
    return claimed == _stored(_said(work))


def claimed_in(work: Work) -> str | None:
    """The URI of the store in which a work folder's identifier was taken; None where its claim does not tell."""
    return _said(work).get(STORE)


def claim_again(store: Store, work: Work) -> bool:
    """Whether the claim in the store is that of this work folder now: one that had been removed from that very store is made again."""
    if claimed_in(work) == store.uri:
        store.create(claim_key(work.id), _stored(_said(work)))
    return bool(claimed_by(store, work))


def work_in(folder: Path, hold: Hold | None = None) -> Work:
    """The work folder that a crawl left, read back from its claim; raises UnknownSnapshotError."""
    try:
        said = json.loads((folder / CLAIM).read_bytes())
        if wrong := misfit(said, CLAIMED):
            raise ValueError(f"its {wrong} is missing or cannot be meant")  # noqa: TRY301  as what is no JSON
        names = said["snapshot"], said["site"], said["series"]
        return Work(folder, *names, hold, said.get(ADOPTER, said["token"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnknownSnapshotError(
            f"{folder} is no work folder of a crawl: it has no {CLAIM} that can be read"
        ) from error


def discard(work: Work) -> None:
    """Remove a work folder; only for one whose snapshot the chain holds, see archive.chain.commit, or that holds nothing."""
    remove(work.folder)
    if work.hold:
        work.hold.release()


def remove(folder: Path) -> None:
    """Remove a folder of a work root so that, wherever that stops, the next recover removes the rest; raises OSError where it cannot begin."""
    # in one step: a folder of which half is gone could not be told from one that was damaged
    gone = folder.rename(folder.with_name(f"{DISCARDED}{folder.name.lstrip('.')}-{uuid.uuid4().hex[:8]}"))
    shutil.rmtree(gone, ignore_errors=True)


def forget(store: Store, work: Work) -> None:
    """Remove a work folder that holds nothing, what of it had gone to the store, and its claim, so that nothing is left of it."""
    if claimed_by(store, work):
        for key in [stored.key for stored in store.list(key_of(work.id)) if KEY.fullmatch(stored.key)]:
            store.delete(key)
        store.delete(claim_key(work.id))
    discard(work)


def _taken(store: Store, work_root: Path, identifier: str, series: str) -> Work | None:
    said = {"snapshot": identifier, "site": site_of(identifier), "series": series, "token": uuid.uuid4().hex}
    try:
        hold = named(work_root, identifier, _claim_bytes({**said, STORE: store.uri}))
    except OSError as error:
        raise StoreError(
            f"cannot make the work folder {work_root / identifier}: {error.strerror}; name a writable one"
        ) from error
    if hold is None:
        return None
    work = Work(work_root / identifier, identifier, said["site"], series, hold, said["token"])
    if not store.create(claim_key(identifier), _claim_bytes(said)):
        discard(work)
        return None
    make_folders(work.warc)
    return work


def _said(work: Work) -> dict[str, str]:
    said: dict[str, str] = json.loads((work.folder / CLAIM).read_bytes())
    return said


def _stored(said: Mapping[str, str]) -> bytes:
    """The claim in the store, of what that in the work folder says."""
    return _claim_bytes({name: said[name] for name in said if name not in {ADOPTER, STORE}})


def _claim_bytes(said: Mapping[str, str]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def named(work_root: Path, identifier: str, data: bytes) -> Hold | None:
    """Make a work folder, held and with its claim before it gets its name; None where the name is taken. Raises OSError."""
    make_folders(work_root)
    nascent = Path(tempfile.mkdtemp(prefix=NASCENT, dir=work_root))
    hold = None
    try:
        nascent.chmod(0o755)  # mkdtemp gives 0700
        with creating(nascent / CLAIM) as stream:
            stream.write(data)
        hold = _locked(nascent / CLAIM)
        # rename(2) refuses the name of a folder in which something lies, and in a work folder its claim does
        nascent.rename(work_root / identifier)
    except OSError as error:
        shutil.rmtree(nascent, ignore_errors=True)
        if hold:
            hold.release()
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            return None
        raise
    sync_folder(work_root)
    return hold


def _locked(path: Path) -> Hold:
    hold = Hold.take(path)
    if hold is None:
        raise OSError(errno.ENOLCK, "its file system knows no locks")
    return hold


def _check_names(site: str, series: str) -> None:
    if not SITE.fullmatch(site):
        raise ValueError(
            f"{site!r} cannot name a site: lower-case letters, digits and _ only, a letter first"
        )
    if not SERIES.fullmatch(series):
        raise ValueError(f"{series!r} cannot name a series: lower-case letters, digits, - and _ only")
