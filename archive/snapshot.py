"""A snapshot's identity: what it is called, where it lies in a store, and where it is while its crawl writes."""

import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.durable import creating, make_folders
from archive.objects import Store, StoreError

ID = re.compile(r"(?P<site>[a-z][a-z0-9_]*)-(?P<began>\d{8}T\d{6}Z)")
SITE = re.compile(r"[a-z][a-z0-9_]*")
SERIES = re.compile(r"[a-z0-9][a-z0-9_-]*")
MANIFEST = "manifest.json"
CLAIM = "claim.json"


class UnknownSnapshotError(LookupError):
    """What was named is no snapshot's identifier, or no snapshot that is there."""


@dataclass(frozen=True, slots=True)
class Work:
    """One crawl's work folder, laid out inside as the snapshot will be in the store."""

    folder: Path
    id: str
    site: str
    series: str

    @property
    def warc(self) -> Path:
        """The folder of the WARC segments."""
        return self.folder / "warc"

    @property
    def log(self) -> Path:
        """The crawl's log, compressed by sealing."""
        return self.folder / "crawl.log"


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


def claim(store: Store, work_root: Path, site: str, series: str, now: datetime) -> Work:
    """A new snapshot's work folder, its identifier taken in the store by nobody else: `now`, or the first free second after it.

    The identifier is taken by creating ``claims/site=<site>/<identifier>.json`` in the store, after its work folder: a crash between
    the two leaves an empty folder and no claim. Raises StoreError, and ValueError for a name that could not be part of a key.
    """
    _check_names(site, series)
    second = now.astimezone(UTC).replace(microsecond=0)
    while not (work := _taken(store, work_root, f"{site}-{second:%Y%m%dT%H%M%SZ}", series)):
        second += timedelta(seconds=1)
    return work


def work_in(folder: Path) -> Work:
    """The work folder that a crawl left, read back from its claim; raises UnknownSnapshotError."""
    try:
        said = json.loads((folder / CLAIM).read_bytes())
        return Work(folder, said["snapshot"], said["site"], said["series"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnknownSnapshotError(
            f"{folder} is no work folder of a crawl: it has no {CLAIM} that can be read"
        ) from error


def discard(work: Work) -> None:
    """Remove a work folder; only for one whose snapshot the chain holds, see archive.chain.commit."""
    shutil.rmtree(work.folder)


def _taken(store: Store, work_root: Path, identifier: str, series: str) -> Work | None:
    work = Work(work_root / identifier, identifier, site_of(identifier), series)
    make_folders(work_root)
    try:
        work.folder.mkdir()
    except FileExistsError:
        return None
    except OSError as error:
        raise StoreError(
            f"cannot make the work folder {work.folder}: {error.strerror}; name a writable one"
        ) from error
    data = json.dumps({"snapshot": identifier, "site": work.site, "series": series}).encode() + b"\n"
    if not store.create(f"claims/site={work.site}/{identifier}.json", data):
        work.folder.rmdir()
        return None
    with creating(work.folder / CLAIM) as stream:
        stream.write(data)
    make_folders(work.warc)
    return work


def _check_names(site: str, series: str) -> None:
    if not SITE.fullmatch(site):
        raise ValueError(
            f"{site!r} cannot name a site: lower-case letters, digits and _ only, a letter first"
        )
    if not SERIES.fullmatch(series):
        raise ValueError(f"{series!r} cannot name a series: lower-case letters, digits, - and _ only")
