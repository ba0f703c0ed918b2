"""A snapshot read again with the pages of today: what changes, and the edition that keeps it."""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive import edition, jsonl
from archive.edition import Source
from archive.objects import NoDocumentError, Store
from archive.reading import ARTICLES, LEDGER, lines
from crawler.derive import deriver
from crawler.difference import Difference
from crawler.exits import Complaint, Exit
from crawler.finish import facts_of, keep_reader
from crawler.look import loader, project
from crawler.reader import Reader, running


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What reading a snapshot again gave; `edition` is the new one, None where none was made.

    None is made where a page breaks today's code that was read before: it would hide that page's article, or why it was refused.
    `difference` is None where the newest edition was made by this very reader: then nothing was read.
    """

    snapshot: str
    reader: str
    articles: int
    rejects: int
    edition: int | None
    head: str | None
    difference: Difference | None

    def told(self) -> dict[str, Any]:
        """What is said of it to programs."""
        difference = self.difference.told() if self.difference else None
        names = ("snapshot", "reader", "articles", "rejects", "edition", "head")
        return {name: getattr(self, name) for name in names} | {"difference": difference}


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """Reads snapshots of a store again; `write` puts what was read beside them, `fields` are those that are compared (none: all).

    `tell` hears how many bytes of records were read.
    """

    store: Store
    jobs: int
    write: bool
    fields: Collection[str] = ()
    tell: Callable[[int], object] | None = None

    def rebuild(self, snapshot: str) -> Rebuilt:
        """Read a snapshot again; raises Complaint for one that the sites known here cannot read, StoreError, UnknownSnapshotError."""
        source = Source.of(self.store, snapshot)
        site = _site(source)
        by = running(site)
        if self.write:
            if (newest := source.newest)["reader"] == by.identity:
                counts = newest["counts"]
                return Rebuilt(snapshot, by.identity, counts["articles"], counts["rejects"], None, None, None)
            keep_reader(self.store, by)  # a store that cannot be written to says so before anything is read
        with TemporaryDirectory(prefix="letopis-") as folder:
            return self._read(source, site, by, Path(folder))

    def _read(self, source: Source, site: Any, by: Reader, folder: Path) -> Rebuilt:
        found = source.read(folder, deriver(site, by.identity, self.jobs), self.tell)
        difference = self._compared(source.snapshot, folder)
        sound = self.write and not difference.broken
        entry = edition.commit(source, folder, found, facts_of(project(), by)) if sound else None
        return Rebuilt(
            snapshot=source.snapshot,
            reader=by.identity,
            articles=found.report["articles"],
            rejects=found.report["rejects"],
            edition=entry.edition if entry else None,
            head=entry.sha256 if entry else None,
            difference=difference,
        )

    def _compared(self, snapshot: str, folder: Path) -> Difference:
        """What is in the folder against what readers of the archive have had until now."""
        difference = Difference()
        kept = lines(self.store, snapshot, ARTICLES), lines(self.store, snapshot, LEDGER)
        try:
            difference.articles(kept[0], _lines(folder / ARTICLES), folder / ".kept.sqlite", self._wanted)
            difference.ledgers(kept[1], _lines(folder / LEDGER))
        except (KeyError, TypeError, AttributeError, sqlite3.Error) as error:
            kind = type(error).__name__
            reason = f"says of {snapshot} what no article and no ledger says ({kind}: {error})"
            raise NoDocumentError(f"{self.store.uri} {reason}; run `letopis verify {snapshot}`") from error
        return difference

    def _wanted(self, name: str) -> bool:
        return not self.fields or name in self.fields


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as stream:
        yield from jsonl.read(stream)


def _site(source: Source) -> Any:
    """The site whose pages read a snapshot; raises Complaint."""
    name, known = source.manifest["site"], loader()
    if source.manifest["reader"] is None:
        reason = "it holds the items of another project's spider, which its records alone do not give again"
        raise Complaint(Exit.USAGE, f"{source.snapshot} cannot be rebuilt: {reason}")
    if name not in known.list() or not hasattr(known.load(name), "pages"):
        reason = f"no site {name} is known here; rebuild it in the project that crawled it"
        raise Complaint(Exit.USAGE, f"{source.snapshot} cannot be rebuilt: {reason}")
    return known.load(name)
