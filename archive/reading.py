"""Reading a snapshot where it is kept: its lines, one line, one record, without fetching the rest."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import orjson

from archive import jsonl
from archive.chain import editions, manifest
from archive.fingerprint import TornError
from archive.manifest import inside
from archive.member import BrokenMemberError, members
from archive.objects import DamagedError, NoDocumentError, Store
from archive.record import Address, BrokenRecordError, Record, parse
from archive.snapshot import key_of
from schemas.upcast import upcast

ARTICLES = "articles.jsonl.gz"
REJECTS = "rejects.jsonl.gz"
LEDGER = "ledger.jsonl.gz"
REPORT = "report.json"


def newest(store: Store, snapshot: str) -> int:
    """The number of a snapshot's newest edition, 0 where it has none."""
    found = editions(store, snapshot)
    return (found[-1].edition or 0) if found else 0


def lines(
    store: Store,
    snapshot: str,
    name: str = ARTICLES,
    edition: int | None = None,
    schema: str | None = None,
) -> Iterator[Any]:
    """The values of a snapshot's JSONL file, in order, as its newest edition has them unless another one is named (0 is the snapshot's own).

    With `schema` articles are given in that version of theirs, however old the one is that they were written in; items of another
    project's spider have none and stay as they are. Raises AbsentError, TornError where the file is cut, NoDocumentError where a line is no
    JSON object, and UnknownSchemaError.
    """
    wanted = newest(store, snapshot) if edition is None else edition
    since = (
        manifest(store, snapshot, wanted)["schemas"].get("article") if schema and name == ARTICLES else None
    )
    key = key_of(snapshot, inside(wanted, name))
    try:
        with closing(store.open(key)) as stream:
            for value in jsonl.read(stream):
                if not isinstance(value, dict):
                    raise ValueError("a line is no JSON object")  # noqa: TRY301, TRY004  as what is no JSON
                yield upcast("article", value, since, schema) if since else value
    except TornError as error:
        raise TornError(f"{key}: {error}") from error
    except ValueError as error:
        raise NoDocumentError(f"{key} in {store.uri} cannot be read: {error}; run `letopis verify {snapshot}`") from error  # fmt: skip


def line(store: Store, snapshot: str, number: int, name: str = ARTICLES, edition: int | None = None) -> Any:
    """Line `number`, counted from 0, read from its gzip member alone; edition as in `lines`; raises IndexError where there are fewer."""
    wanted = newest(store, snapshot) if edition is None else edition
    told = next((each for each in manifest(store, snapshot, wanted)["files"] if each["path"] == name), None)
    if told is None:
        raise DamagedError(
            f"the manifest of {snapshot} in {store.uri} names no {name}; run `letopis verify {snapshot}`"
        )
    if not 0 <= number < told["lines"]:
        raise IndexError(f"{name} of {snapshot} has {told['lines']} lines; there is no line {number}")
    member, within = divmod(number, jsonl.LINES)
    begin, end = (*told["members"], told["size"])[member : member + 2]
    key = key_of(snapshot, inside(wanted, name))
    try:
        with closing(store.open(key, begin, max(end - begin, 0))) as stream:
            return next(islice(jsonl.read(stream), within, None))
    except (ValueError, StopIteration) as error:
        raise NoDocumentError(f"line {number} of {key} in {store.uri} cannot be read: {error}; run `letopis verify {snapshot}`") from error  # fmt: skip


def report(store: Store, snapshot: str, edition: int = 0) -> dict[str, Any]:
    """A snapshot's report, or that of one of its editions; raises AbsentError, and NoDocumentError for what is no JSON."""
    key = key_of(snapshot, inside(edition, REPORT))
    with closing(store.open(key)) as stream:
        data = stream.read()
    try:
        found: dict[str, Any] = orjson.loads(data)
    except ValueError as error:
        raise NoDocumentError(
            f"{key} in {store.uri} is no JSON: {error}; run `letopis verify {snapshot}`"
        ) from error
    return found


def record(store: Store, snapshot: str, address: Address) -> Record:
    """The record at an address, by a read of exactly its bytes; raises BrokenRecordError if no record of that length lies there."""
    key = key_of(snapshot, f"warc/{address.file}")
    try:
        with closing(store.open(key, address.offset, address.length)) as stream:
            member = next(members(stream, address.offset), None)
    except BrokenMemberError as error:
        raise BrokenRecordError(address.file, error.offset, error.reason, torn=error.torn) from error
    if member is None or member.length != address.length:
        raise BrokenRecordError(
            address.file, address.offset, f"no record of {address.length} bytes lies here"
        )
    return parse(member, address.file)
