"""What earlier snapshots hold of a site's pages, so that a crawl can ask for what has changed and refer to the rest.

The site's last snapshots are looked through, and only records are known that one of the site's own pages read an article
from: what the generic reader read is fetched again, so that it is told of again. An original that has fallen out of sight
is fetched whole: a server whose validators lie is believed for that long and no longer. So is one whose snapshot is damaged:
what refers to a page that is lost would hide that it is.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

import orjson

from archive import jsonl
from archive.cdxj import PACKED, address_of, parse_line
from archive.chain import Entry, newest
from archive.entries import READERS
from archive.fingerprint import Digested, TornError
from archive.intact import intact
from archive.ledger import Outcome
from archive.manifest import files
from archive.objects import AbsentError, DamagedError, Store, StoreError, UnreadableError
from archive.original import Original
from archive.reading import LEDGER
from archive.record import Address
from archive.snapshot import Work, key_of

LOOK_BACK = 30
"""Snapshots that are looked through unless the crawl is told otherwise."""

NAME = ".known.sqlite"
"""In the work folder; sealing removes it, as everything with a dot."""

TABLES = """
PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;
CREATE TABLE known (url TEXT PRIMARY KEY, record TEXT, date TEXT, digest TEXT, file TEXT, offset INTEGER, length INTEGER,
    etag TEXT, modified TEXT) WITHOUT ROWID;
CREATE TEMP TABLE kept (record TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Page(NamedTuple):
    """A page that is known: its original, and the validators that the server gave with it."""

    original: Original
    etag: str | None
    modified: str | None


class Known:
    """The pages of one site that are known, by their URLs."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)

    @classmethod
    def of(cls, work: Path) -> Self | None:
        """What was gathered for a work folder; None where nothing was. Raises StoreError where that cannot be read."""
        try:
            return cls(work / NAME) if (work / NAME).exists() else None
        except sqlite3.OperationalError as error:
            raise StoreError(f"{NAME} in {work} cannot be read: {error}; look at the disk") from error

    def page(self, url: str) -> Page | None:
        """The newest original of exactly this URL."""
        row = self._db.execute("SELECT * FROM known WHERE url = ?", (url,)).fetchone()
        if row is None:
            return None
        url, record, date, digest, file, offset, length, etag, modified = row
        return Page(Original(record, url, date, digest, Address(file, offset, length)), etag, modified)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def gather(store: Store, work: Work, look_back: int = LOOK_BACK, *, rehearsal: bool = False) -> list[str]:
    """Note for a work folder what the last `look_back` snapshots of its site's main series hold; see Known.

    Rehearsals know rehearsals only, other crawls none. A snapshot that is damaged or cannot be read is passed over: why stands in what
    is returned. Four requests to a bucket for each, one of them a listing. Raises StoreError where the chain cannot be read, or nothing be noted.
    """
    troubles: list[str] = []
    try:
        with closing(sqlite3.connect(work.folder / NAME, isolation_level=None)) as db:
            db.executescript(TABLES)
            db.execute("BEGIN")
            seen = _seen(store, work.site, look_back, rehearsal=rehearsal)
            with ThreadPoolExecutor(min(READERS, len(seen)) or 1) as pool:
                manifests = {entry.snapshot: pool.submit(intact, store, entry) for entry in seen}
                for snapshot, told in manifests.items():
                    try:
                        with _all_or_nothing(db):
                            _look_through(store, told.result(), db)
                    except (AbsentError, UnreadableError, DamagedError, ValueError, KeyError) as error:
                        troubles.append(_passed_over(snapshot, error))
            db.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"{NAME} in {work.folder} cannot be written: {error}; free some space there"
        ) from error
    return troubles


def _seen(store: Store, site: str, look_back: int, *, rehearsal: bool) -> list[Entry]:
    return [
        entry
        for entry in newest(store, site, count=look_back)
        if bool(entry.summary.get("rehearsal")) == rehearsal
    ]


def _passed_over(snapshot: str, error: Exception) -> str:
    remedy = "" if isinstance(error, DamagedError) else f"; run `letopis verify {snapshot}`"
    return f"{snapshot} is passed over, its pages are fetched anew: {error}{remedy}"


@contextmanager
def _all_or_nothing(db: sqlite3.Connection) -> Iterator[None]:
    """Nothing stays noted where the block raises."""
    db.execute("SAVEPOINT one")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK TO one")
        raise
    finally:
        db.execute("RELEASE one")


def _look_through(store: Store, told: Mapping[str, Any], db: sqlite3.Connection) -> None:
    """Note one snapshot's originals, but for URLs that a newer one has told of."""
    db.execute("DELETE FROM kept")
    kept = (
        (line.get("record"),)
        for line in map(orjson.loads, _lines(store, told, LEDGER))
        if line["outcome"] == Outcome.ARTICLE
    )
    db.executemany("INSERT OR IGNORE INTO kept VALUES (?)", kept)
    db.executemany(
        """INSERT OR IGNORE INTO known SELECT * FROM (SELECT ?, ? AS record, ?, ?, ?, ?, ?, ?, ?)
            WHERE record IN (SELECT record FROM kept)""",
        _askable(_lines(store, told, PACKED)),
    )


def _askable(index: Iterator[bytes]) -> Iterator[tuple[str | int | None, ...]]:
    """A row for each line of a snapshot's index that says enough to refer to it."""
    for text in index:
        line = parse_line(text)
        told, place = line.fields, address_of(line)
        if "recordId" in told:
            yield (
                *(told[name] for name in ("url", "recordId", "date", "digest")),
                *(place.file, place.offset, place.length),
                *(told.get(name) for name in ("etag", "lastModified")),
            )


def _lines(store: Store, told: Mapping[str, Any], path: str) -> Iterator[bytes]:
    """The lines of a snapshot's own file; raises DamagedError after the last one if they are not those that its manifest names."""
    key = key_of(told["snapshot"], path)
    with closing(store.open(key)) as stream:
        source = Digested(stream)
        try:
            yield from jsonl.plain_lines(source)
        except TornError as error:
            raise TornError(f"{key}: {error}") from error
        digest = source.whole().sha256
    if digest not in {line["sha256"] for line in files(told) if line["path"] == path}:
        raise DamagedError(
            f"{key} in {store.uri} is not what its manifest says; run `letopis verify {told['snapshot']}`"
        )
