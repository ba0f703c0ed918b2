"""What revisits stand for: each original looked up where its revisit says that it lies."""

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import NamedTuple

from archive import reading
from archive.check import place_of
from archive.finding import Finding
from archive.objects import AbsentError, Store, UnreadableError
from archive.original import Original
from archive.record import Address, BrokenRecordError, Record
from archive.snapshot import ID, MANIFEST, key_of


class Revisit(NamedTuple):
    """A revisit record: what it says of its original, where it lies itself, its id."""

    original: Original
    address: Address
    id: str


def missing(store: Store, revisits: Iterable[Revisit], dependencies: Collection[str]) -> Iterator[Finding]:
    """Revisits whose original is not where they say, or not what they say; each original is read once, by its bytes alone.

    Those in snapshots that the store lacks are passed over: the manifest's dependencies tell. Raises StoreError.
    """

    @cache
    def held(snapshot: str) -> bool:
        return bool(ID.fullmatch(snapshot)) and store.stat(key_of(snapshot, MANIFEST)) is not None

    ordered = sorted(
        revisits,
        key=lambda one: (one.original.address.file, one.original.address.offset, one.original.address.length),
    )
    for _, group in groupby(ordered, lambda one: one.original.address):
        same = list(group)
        snapshot = same[0].original.snapshot
        if snapshot not in dependencies:
            reason = (
                f"its original lies in {snapshot}, which the manifest does not name among its dependencies"
            )
            yield from (_error(one, reason) for one in same)
        elif held(snapshot):
            yield from _compared(store, same)


def _compared(store: Store, revisits: list[Revisit]) -> Iterator[Finding]:
    original = revisits[0].original
    try:
        found = reading.record(store, original.snapshot, original.address)
    except (AbsentError, UnreadableError, BrokenRecordError) as error:
        yield from (_error(one, f"its original cannot be read: {error}") for one in revisits)
        return
    for one in revisits:
        if wrong := _differing(one.original, found):
            place = place_of(one.original.address)
            yield _error(one, f"the record at {place} is not its original: {', '.join(wrong)} differ")


def _differing(said: Original, found: Record) -> list[str]:
    pairs = {
        "type": ("response", found.type),
        "id": (said.record_id, found.id),
        "URL": (said.url, found.url),
        "date": (said.date, found.date),
        "payload digest": (said.payload_digest, found.get("WARC-Payload-Digest")),
    }
    return [name for name, (expected, is_now) in pairs.items() if expected != is_now]


def _error(revisit: Revisit, reason: str) -> Finding:
    return Finding("error", place_of(revisit.address), revisit.id, reason)
