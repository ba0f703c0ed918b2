"""What the snapshots of a store say of one link or URL: where it was announced, what became of it, which captures there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive import chain, reading
from archive.cdxj import address_of
from archive.lookup import Index
from archive.manifest import inside
from archive.objects import AbsentError, DamagedError, UnreadableError
from archive.original import Original
from archive.record import Address, BrokenRecordError
from archive.shape import address, having, many, maybe, misfit, text
from archive.snapshot import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.cdxj import Line
    from archive.objects import Store
    from archive.record import Record

BROKEN = (AbsentError, BrokenRecordError, DamagedError, UnreadableError)
"""What says that something of one snapshot is damaged or gone, and nothing of the others."""
READ = {
    "identifier": text,
    "url": text,
    "outcome": text,
    "reason": maybe(text),
    "record": maybe(text),
    "address": maybe(address),
    "original": maybe(having(snapshot=text, record=text, date=text, address=address)),
    "announced": many(having(source=text, url=text)),
}
"""What is read of a line of a ledger."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked for: a link by its identifier, whatever has this URL, or both."""

    identifier: str | None = None
    url: str | None = None

    def fits(self, line: dict[str, Any]) -> bool:
        """Whether a line of a ledger tells of it."""
        if self.identifier is not None and line["identifier"] == self.identifier:
            return True
        return self.url is not None and self.url in _urls(line)


@dataclass(frozen=True, slots=True)
class Seen:
    """One capture: its instant, URL, status (0 where none came), bare media type, payload digest and place; `revisit` if it holds no page itself."""

    snapshot: str
    at: str
    url: str
    status: int
    mime: str
    digest: str
    address: Address
    revisit: bool


@dataclass(slots=True)
class Sighting:
    """What one snapshot says of a link: `editions` maps each edition (0 is the snapshot's own) to outcome, reason and place.

    A URL that is no link (a source, a robots.txt) has neither identifier nor editions.
    """

    snapshot: str
    identifier: str | None = None
    url: str | None = None
    announced: list[dict[str, str]] = field(default_factory=list)
    editions: dict[int, dict[str, Any]] = field(default_factory=dict)
    captures: list[Seen] = field(default_factory=list)


def trace(
    store: Store,
    target: Target,
    site: str | None = None,
    *,
    broken: Callable[[str, Exception], None] | None = None,
) -> Iterator[Sighting]:
    """What each snapshot of a site (of all sites, where none is named) says of a target, the oldest first.

    Each ledger is read through, of each index what is needed. Raises StoreError and BrokenRecordError; where `broken` is given, it is told
    of a snapshot that is damaged or gone and why, and the others are read.
    """
    entries = list(chain.snapshots(store, site))
    removed = {entry.snapshot for entry in entries if entry.kind == "removal"}
    names = [one.snapshot for one in entries if one.kind == "snapshot" and one.snapshot not in removed]
    for snapshot in sorted(names, key=lambda name: name.rpartition("-")[2]):
        try:
            found = list(_sightings(store, snapshot, target))
        except BROKEN as error:
            if broken is None:
                raise
            broken(snapshot, error)
        else:
            yield from found


def ledger(store: Store, snapshot: str, edition: int = 0) -> Iterator[dict[str, Any]]:
    """The lines of a ledger; raises AbsentError, and DamagedError for one that cannot be read."""
    try:
        for line in reading.lines(store, snapshot, reading.LEDGER, edition):
            if wrong := misfit(line, READ):
                reason = f"{line!r} is no line of a ledger: {wrong} is missing or cannot be meant"
                raise ValueError(reason)  # noqa: TRY301  as what is no JSON
            yield line
    except ValueError as error:
        place = f"{key_of(snapshot, inside(edition, reading.LEDGER))} in {store.uri}"
        raise DamagedError(f"{place} cannot be read: {error}; run `letopis verify {snapshot}`") from error


def payload(store: Store, seen: Seen) -> Record:
    """The response that a capture gave, by a read of its bytes alone: of a revisit the one that it stands for, as its address tells.

    Raises BrokenRecordError, and AbsentError where the snapshot that holds the original is not there.
    """
    record = reading.record(store, seen.snapshot, seen.address)
    original = Original.of(record)
    return reading.record(store, original.snapshot, original.address) if original else record


def _sightings(store: Store, snapshot: str, target: Target) -> Iterator[Sighting]:
    found: dict[str, Sighting] = {}
    for edition in (0, *(entry.edition or 0 for entry in chain.editions(store, snapshot))):
        for line in ledger(store, snapshot, edition):
            if target.fits(line):
                one = found.setdefault(
                    line["identifier"], Sighting(snapshot, line["identifier"], line["url"])
                )
                one.announced = line["announced"]
                names = ("outcome", "reason", "address", "original")
                one.editions[edition] = {name: line[name] for name in names if name in line}
    index = Index(store, snapshot)
    for one in found.values():
        urls = {one.url, target.url, *(said["url"] for said in one.announced)} - {None}
        one.captures = _captures(store, index, one, sorted(map(str, urls)))
        yield one
    if not found and target.url and (lines := list(index.captures(target.url))):
        yield Sighting(snapshot, url=target.url, captures=[_seen(line, snapshot) for line in lines])


def _captures(store: Store, index: Index, one: Sighting, urls: list[str]) -> list[Seen]:
    """The captures of all URLs of a link, and of the page that its redirects led to."""
    found = (_seen(line, one.snapshot) for url in urls for line in index.captures(url))
    seen = {(each.address.file, each.address.offset): each for each in found}
    for said in one.editions.values():
        place = said.get("address")
        if place and (place["file"], place["offset"]) not in seen:
            record = reading.record(store, one.snapshot, Address(**place))
            seen[place["file"], place["offset"]] = _seen_record(record, one.snapshot)
    return [seen[place] for place in sorted(seen)]


def _seen(line: Line, snapshot: str) -> Seen:
    told = line.fields
    at = f"{line.timestamp[:4]}-{line.timestamp[4:6]}-{line.timestamp[6:8]}T"
    at += f"{line.timestamp[8:10]}:{line.timestamp[10:12]}:{line.timestamp[12:14]}Z"
    revisit = told["mime"] == "warc/revisit"
    return Seen(
        snapshot,
        at,
        told["url"],
        int(told["status"]),
        told["mime"],
        told["digest"],
        address_of(line),
        revisit,
    )


def _seen_record(record: Record, snapshot: str) -> Seen:
    at = record.date[:19] + "Z"
    mime = (record.message.get("Content-Type") or "unk").partition(";")[0].strip().lower()
    digest = record.get("WARC-Payload-Digest") or ""
    revisit = record.type == "revisit"
    mime = "warc/revisit" if revisit else mime
    return Seen(snapshot, at, record.url or "", record.message.status, mime, digest, record.address, revisit)


def _urls(line: dict[str, Any]) -> set[str]:
    return {line["url"], *(said["url"] for said in line["announced"])}
