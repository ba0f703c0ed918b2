"""What snapshots and WARC files hold of a URL, the nearest in time first, and the records of what is chosen."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from archive import chain, reading
from archive.cdxj import address_of
from archive.journal import entry
from archive.lookup import Index
from archive.member import BrokenMemberError, members
from archive.objects import AbsentError
from archive.original import Original
from archive.record import BrokenRecordError, parse, unbracketed
from archive.snapshot import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.cdxj import Line
    from archive.member import Member
    from archive.objects import Store
    from archive.record import Address, Record

NEWEST = datetime.max.replace(tzinfo=UTC)
"""The instant to which the newest capture is the nearest."""
BESIDE = 16 * 2**10
"""Bytes read after a response, in the same read, for its request and the journal's entry."""
EARLIEST = "0001-01-01T00:00:00"


@dataclass(frozen=True, slots=True)
class Capture:
    """A response or revisit that is held: its URL, when it was captured, and where it lies in what `place` names."""

    url: str
    at: datetime
    place: Any
    address: Address
    status: str = ""


class Answer(NamedTuple):
    """A captured exchange: the response (or revisit), its request if it is held, and the journal's entry on it, if there is one."""

    response: Record
    request: Record | None
    fetch: Any = None

    @property
    def method(self) -> str:
        """The request's method; GET where no request is held."""
        return self.request.block.split(b" ", 1)[0].decode("latin-1") if self.request else "GET"


class Holding(Protocol):
    """Snapshots or files that hold exchanges."""

    @property
    def name(self) -> str:
        """What it was named by."""

    @property
    def troubles(self) -> Sequence[str]:
        """What could not be read, as far as it has been tried."""

    def captures(self, url: str, at: datetime) -> Iterator[Capture]:
        """Captures under the URL's key (`archive.urlkey.key`), the nearest in time first."""

    def answer(self, capture: Capture) -> Answer:
        """The records of a capture; raises BrokenRecordError or StoreError."""

    def original(self, revisit: Record) -> Record | None:
        """The response that a revisit stands for, None where it is not held."""


class Snapshots:
    """The snapshots of a store: all, those of one site (all, where it has none of it), or the one that is named.

    Indexes are read as they are needed: those of the snapshots nearest in time first, and no further than an answer.
    """

    troubles: Sequence[str] = ()

    def __init__(self, store: Store, *, site: str | None = None, snapshot: str | None = None) -> None:
        self.store = store
        self.snapshot = snapshot
        self._site = site
        self._index = cache(lambda name: Index(store, name))

    @property
    def name(self) -> str:
        """The snapshot, if one is named, and the store."""
        return f"{self.snapshot} in {self.store.uri}" if self.snapshot else self.store.uri

    def captures(self, url: str, at: datetime) -> Iterator[Capture]:
        """Captures under the URL's key, the nearest in time first; to the second, and of one second the later."""
        pending: list[tuple[timedelta, int, Capture]] = []
        count = 0
        for span in sorted(self._spans, key=lambda span: span.distance(at)):
            while pending and pending[0][0] < span.distance(at):
                yield heappop(pending)[2]
            found = [_capture(line, span.snapshot) for line in self._index(span.snapshot).near(url)]
            for capture in sorted(found, key=_place, reverse=True):
                count += 1
                heappush(pending, (abs(at - capture.at), count, capture))
        while pending:
            yield heappop(pending)[2]

    def answer(self, capture: Capture) -> Answer:
        """The records of a capture, by one read of their bytes."""
        address = capture.address
        key = key_of(capture.place, f"warc/{address.file}")
        for length in (address.length + BESIDE, None):
            with closing(self.store.open(key, address.offset, length)) as stream:
                found = _read(members(stream, address.offset), address)
            if found is not None:
                return found
        raise BrokenRecordError(
            address.file, address.offset, f"no record of {address.length} bytes lies here"
        )

    def original(self, revisit: Record) -> Record | None:
        """The response that a revisit stands for, read from the snapshot that the revisit names."""
        named = Original.of(revisit)
        if named is None:
            return None
        try:
            return reading.record(self.store, named.snapshot, named.address)
        except AbsentError:
            return None

    @cached_property
    def _spans(self) -> list[_Span]:
        if self.snapshot:
            return [_Span.of(self.snapshot, chain.manifest(self.store, self.snapshot))]
        entries = list(chain.snapshots(self.store))
        removed = {one.snapshot for one in entries if one.kind == "removal"}
        kept = [one for one in entries if one.kind == "snapshot" and one.snapshot not in removed]
        chosen = [one for one in kept if one.site == self._site] or kept
        return [_Span.of(one.snapshot, one.summary) for one in chosen]


class _Span(NamedTuple):
    """The time in which a snapshot was captured."""

    snapshot: str
    began: datetime
    ended: datetime

    @classmethod
    def of(cls, snapshot: str, told: Any) -> _Span:
        # to the second, as the index has its captures
        began, ended = (instant(told[name]).replace(microsecond=0) for name in ("started", "finished"))
        return cls(snapshot, began, max(began, ended))

    def distance(self, at: datetime) -> timedelta:
        """How far from an instant a capture of the snapshot is at least."""
        return max(self.began - at, at - self.ended, timedelta())


def _capture(line: Line, snapshot: str) -> Capture:
    at = datetime.strptime(line.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return Capture(line.fields["url"], at, snapshot, address_of(line), line.fields["status"])


def _place(capture: Capture) -> tuple[str, int]:
    """Where a capture lies: in the files of one snapshot, that is the order of time."""
    return capture.address.file, capture.address.offset


def _read(found: Iterator[Member], address: Address) -> Answer | None:
    """The exchange whose response comes first; None where the stream ends before its request does."""
    try:
        member = next(found, None)
        if member is None or member.length != address.length:
            reason = f"no record of {address.length} bytes lies here"
            raise BrokenRecordError(address.file, address.offset, reason)
        response = parse(member, address.file)
    except BrokenMemberError as error:
        raise BrokenRecordError(address.file, error.offset, error.reason, torn=error.torn) from error
    return _completed(response, (parse(one, address.file) for one in found))


def _completed(response: Record, following: Iterable[Record]) -> Answer | None:
    """The response with the records that say that they belong to it; in our files they follow it directly."""
    request: Record | None = None
    try:
        for record in following:
            if response.id not in map(unbracketed, record.get_all("WARC-Concurrent-To")):
                break
            if record.type == "request":
                request = record
            elif (said := entry(record)) and said["kind"] == "fetch":
                return Answer(response, request, said)
    except (BrokenMemberError, BrokenRecordError) as error:
        if request is None and getattr(error, "torn", False):
            return None
    return Answer(response, request)


def instant(text: str) -> datetime:
    """The instant of a WARC-Date, which may be less precise than a second; raises ValueError.

    >>> instant("2026-11-22T06:00:00.123456789Z"), instant("2026-11")
    (datetime.datetime(2026, 11, 22, 6, 0, 0, 123456, tzinfo=datetime.timezone.utc), datetime.datetime(2026, 11, 1, 0, 0, tzinfo=datetime.timezone.utc))
    """
    said = text.removesuffix("Z")
    found = datetime.fromisoformat(said + EARLIEST[len(said) :])
    return found.replace(tzinfo=found.tzinfo or UTC)


def nearest(holdings: Iterable[Holding], url: str, at: datetime) -> Iterator[tuple[Holding, Capture]]:
    """Captures of all holdings under the URL's key, the nearest in time first."""
    pending: list[tuple[timedelta, int, Holding, Capture, Iterator[Capture]]] = []
    for place, holding in enumerate(holdings):
        _push(pending, place, holding, holding.captures(url, at), at)
    while pending:
        _, place, holding, capture, more = heappop(pending)
        yield holding, capture
        _push(pending, place, holding, more, at)


def _push(
    pending: list[Any], place: int, holding: Holding, captures: Iterator[Capture], at: datetime
) -> None:
    if (capture := next(captures, None)) is not None:
        heappush(pending, (abs(at - capture.at), place, holding, capture, captures))
