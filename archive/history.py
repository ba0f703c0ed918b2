"""A site's history as it stands in a store: every entry that can be read, and everything wrong with the chain of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from archive import chain, lease, manifest
from archive.entries import KEY, Entry
from archive.finding import Finding
from archive.objects import AbsentError, Store, UnreadableError
from archive.snapshot import ID, MANIFEST, key_of, site_of
from schemas import Fault, UnknownSchemaError, errors

HELD = re.compile(
    rf"snapshots/site=[^/]+/snapshot=(?P<snapshot>{ID.pattern})/(?:editions/(?P<edition>[1-9]\d*)/)?{re.escape(MANIFEST)}"
)
"""Where manifests lie, of snapshots and of their editions."""


@dataclass(slots=True)
class History:
    """The entries of a store's chains (or of one site's), each chain in its order, and what is wrong with each (None: with none of them)."""

    site: str | None
    entries: list[Entry] = field(default_factory=list)
    findings: dict[tuple[str, str] | None, list[Finding]] = field(default_factory=dict)
    _named: dict[tuple[str, str, int | None], str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, store: Store, site: str | None = None, series: str | None = None) -> "History":
        """The history of a store, of one site or of one of its series; what is no entry hides none of the others."""
        prefix = chain.ROOT + (f"site={site}/" if site else "") + (f"series={series}/" if series else "")
        found, keys = cls(site), dict[tuple[str, str], list[str]]()
        for stored in store.list(prefix):
            if match := KEY.fullmatch(stored.key):
                keys.setdefault((match["site"], match["series"]), []).append(stored.key)
            else:
                wrong = _error(stored.key, "this is no place of an entry: it does not belong into a chain")
                found.findings.setdefault(None, []).append(wrong)
        for name, listed in keys.items():
            found.findings[name] = list(found._chained(store, listed))
        return found

    def holds(self, snapshot: str) -> bool:
        """Whether the history of a snapshot's site is in this one."""
        return self.site is None or self.site == site_of(snapshot)

    def naming(self, snapshot: str, edition: int = 0) -> list[Entry]:
        """The entries that put a snapshot, or an edition of it, into history."""
        kind = "edition" if edition else "snapshot"
        return [
            one
            for one in self.entries
            if (one.snapshot, one.kind, one.edition or 0) == (snapshot, kind, edition)
        ]

    def kept(self) -> list[Entry]:
        """The entries of snapshots and editions that were not removed later."""
        removed = {entry.snapshot for entry in self.entries if entry.kind == "removal"}
        return [one for one in self.entries if one.kind != "removal" and one.snapshot not in removed]

    def _chained(self, store: Store, keys: Iterable[str]) -> Iterator[Finding]:
        """Read one chain: numbers without gaps, each entry naming the digest of the one before."""
        previous: str | None = None
        known = True
        for number, key in enumerate(keys, 1):
            try:
                with closing(store.open(key)) as stream:
                    data = stream.read()
                entry = Entry.parse(data)
            except (UnreadableError, ValueError) as error:
                yield _error(key, str(error))
                known = False  # the next one cannot be compared with it
                continue
            wrong = list(documented(key, "chain", orjson.loads(data)))
            yield from wrong
            yield from _placed(entry, key, number)
            if known and entry.previous != previous:
                yield _error(key, "the entry before is not the one that this entry was made after")
            previous, known = entry.sha256, True
            if not wrong:  # what is not even an entry in form names nothing
                before = self._named.setdefault((entry.kind, entry.snapshot, entry.edition), key)
                if before != key:
                    yield _error(key, f"{before} has put the same into history before")
                self.entries.append(entry)


def verify_chain(store: Store, site: str, series: str = "main") -> Iterator[Finding]:
    """Everything wrong with one site's series: numbers without gaps, each entry naming the digest of the one before."""
    for findings in History.of(store, site, series).findings.values():
        yield from findings


def verify_heads(entries: Iterable[Entry], heads: Iterable[str]) -> Iterator[Finding]:
    """Digests of entries, kept elsewhere, that no entry has: history was cut, or written anew."""
    known = {entry.sha256 for entry in entries}
    for head in heads:
        if head.removeprefix("sha256:").lower() not in known:
            yield _error(chain.ROOT, f"no entry has the digest {head}: history was cut off or written anew")


def verify_uncommitted(
    store: Store, history: History, clock: lease.Clock = lambda: datetime.now(UTC)
) -> Iterator[Finding]:
    """Manifests in a store that no entry names, though nobody is about to commit them."""
    named = {(entry.snapshot, entry.edition or 0) for entry in history.entries}
    named |= {(entry.snapshot, 0) for entry in history.entries if entry.kind == "removal"}
    for stored in store.list("snapshots/"):
        match = HELD.fullmatch(stored.key)
        if not match or (match["snapshot"], int(match["edition"] or 0)) in named:
            continue
        if match["edition"]:
            yield _error(
                stored.key,
                "no entry of the chain names this edition: its entry was removed, or its commit died",
            )
        elif not _leased(store, match["snapshot"], clock()):
            reason = "no entry of the chain names this snapshot: its entry was removed, or its crawl died before its commit"
            yield _error(stored.key, reason)


def verify_lists(store: Store, history: History) -> Iterator[Finding]:
    """Lists made for convenience that are not what the chain tells; whoever reads them may be misled, nothing is lost."""
    for key, expected in chain.lists(history.entries).items():
        try:
            with closing(store.open(key)) as stream:
                found = stream.read()
        except (AbsentError, UnreadableError):
            continue
        if found != expected:
            yield Finding(
                "warning", key, None, "this list is not what the chain tells; the next commit writes it anew"
            )


def documented(key: str, name: str, said: Mapping[str, Any]) -> Iterator[Finding]:
    """What a schema has against a document that names its own version."""
    for fault in faults(name, dict(said), str(said.get("schema", "")).removeprefix(f"{name}/") or None):
        yield _error(key, f"{fault.path}: {fault.message}")


def faults(name: str, value: Any, version: str | None) -> list[Fault]:
    """What a schema has against a value; a version that is not known is a fault, too."""
    try:
        return errors(name, value, version)
    except UnknownSchemaError as error:
        return [Fault("", "schema", version or "", str(error))]


def _placed(entry: Entry, key: str, number: int) -> Iterator[Finding]:
    if entry.number != number or entry.key != key:
        stands = f"entry {entry.number} of {entry.site}/{entry.series}"
        yield _error(key, f"{stands} stands where entry {number} belongs")
    match = ID.fullmatch(str(entry.snapshot))
    if match and match["site"] != entry.site:
        yield _error(key, f"the entry names {entry.snapshot}, a snapshot of another site")


def _leased(store: Store, snapshot: str, now: datetime) -> bool:
    """Whether the crawl of a snapshot runs."""
    try:
        with closing(store.open(key_of(snapshot, MANIFEST))) as stream:
            told = manifest.parse(stream.read())
        held = lease.last(store, told["site"], told["series"])
    except (ValueError, KeyError, TypeError):
        return False
    return bool(held and held.snapshot == snapshot and held.until and held.until > now)


def _error(place: str, reason: str) -> Finding:
    return Finding("error", place, None, reason)
