"""What follows when a crawl has stopped: its snapshot is sealed, committed, and told in one line."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scrapy.settings import BaseSettings

from archive import lease
from archive.chain import Entry, commit
from archive.lease import LeasedError
from archive.manifest import Facts
from archive.objects import Store
from archive.report import FINISHED
from archive.seal import Derive, Sealed, seal
from archive.signature import SETTING, Signer, UnreadableKeyError
from archive.snapshot import Work, discard
from crawler.agent import PARTS, installed, version
from crawler.exits import Complaint, Exit
from crawler.reader import Reader
from crawler.recorder import lock, public_settings
from schemas import versions

CAPTURED = ("article", "unrecognised", "rejected", "duplicate", "unchanged")
GAINED = ("article", "unrecognised", "unchanged", "held")
BROKEN = {"recording_failed": Exit.IO, "start_error": Exit.SOFTWARE}


@dataclass(frozen=True, slots=True)
class Summary:
    """One crawl in a line: counts, bytes of WARC, seconds, how it ended, and the head of its chain."""

    site: str
    snapshot: str
    status: str
    finish: str
    links: int
    captured: int
    articles: int
    unchanged: int
    rejected: int
    bytes: int
    seconds: float
    head: str
    unread: tuple[str, ...]
    exit: int

    def json(self) -> str:
        """Return the summary as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def __str__(self) -> str:
        return (
            f"{self.snapshot}: {self.status} ({self.finish}), {self.links} links, {self.captured} captured, "
            f"{self.articles} articles, {self.unchanged} unchanged, {self.rejected} rejected, {self.bytes} WARC bytes, "
            f"{self.seconds:.1f} s, head sha256:{self.head}"
        )


def finish(store: Store, work: Work, derive: Derive, facts: Facts) -> tuple[Sealed, Entry, dict[str, Any]]:
    """Seal and commit a work folder, then remove it; returns the snapshot, its chain entry and its report.

    Raises SealError, StoreError, OSError, LeasedError where the crawl was taken for dead and another machine is finishing it, and what the
    archive raises for damaged records; the work folder then stays.
    """
    sealed = seal(work, derive, facts=facts)
    report: dict[str, Any] = json.loads((work.folder / "report.json").read_bytes())
    try:
        lease.take(store, work)
    except LeasedError as busy:
        if busy.snapshot == work.id:
            raise  # another crawl, which began when this one had lost its lease, disturbs nobody
    entry = commit(store, sealed)
    discard(work)
    return sealed, entry, report


def keep_reader(store: Store, by: Reader) -> None:
    """Put the sources of the reading code into the store, once for each identity."""
    key = f"readers/{by.identity}.zip"
    if store.stat(key) is None:
        store.create(key, by.packed())


def facts_of(settings: BaseSettings, by: Reader | None) -> Facts:
    """Return what the manifest says of the crawling side: software, settings, reader, schemas, who signs; raises UnreadableKeyError."""
    shown = json.dumps(public_settings(settings), sort_keys=True, ensure_ascii=False).encode()
    software = {"letopis": version(), "python": platform.python_version()}
    software |= {name: installed(name) or "0" for name in PARTS}
    software |= {f"{name} sha256": digest for name, digest in lock().items() if digest}
    facts: Facts = {
        "software": software,
        "settings": hashlib.sha256(shown).hexdigest(),
        "schemas": {name: versions(name)[-1] for name in ("ledger", "report", "manifest")},
    }
    if signer := Signer.configured(settings.get(SETTING)):
        facts["signer"] = signer
    if by:  # the items of another project's spider have no schema of ours
        facts["reader"] = by.identity
        facts["schemas"] = {"article": versions("article")[-1], **facts["schemas"]}
    return facts


def check_key(settings: BaseSettings) -> None:
    """Refuse a key that could not sign what is about to be made; raises Complaint."""
    try:
        Signer.configured(settings.get(SETTING))
    except UnreadableKeyError as error:
        raise Complaint(Exit.CONFIG, f"{SETTING}: {error}") from error


def exit_of(finish: str, unread: Mapping[str, str], outcomes: Mapping[str, int], broken: int = 0) -> Exit:
    """Return what the crawl's exit code is: OK only if every source was read, something was gained and no page broke its reader.

    >>> exit_of("finished", {}, {"article": 3}), exit_of("shutdown", {}, {"article": 3}), exit_of("finished", {}, {})
    (<Exit.OK: 0>, <Exit.TEMPORARY: 75>, <Exit.DATA: 65>)
    """
    if finish != FINISHED:
        return BROKEN.get(finish, Exit.TEMPORARY)
    if broken:
        return Exit.SOFTWARE
    if unread:
        return Exit.UNAVAILABLE
    return Exit.OK if any(outcomes.get(name) for name in GAINED) else Exit.DATA
