"""Reading a snapshot where it is kept: its lines, one line, one record, without fetching the rest."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

from archive import jsonl
from archive.chain import manifest
from archive.member import BrokenMemberError, members
from archive.objects import Store
from archive.record import Address, BrokenRecordError, Record, parse
from archive.snapshot import key_of

ARTICLES = "articles.jsonl.gz"
REJECTS = "rejects.jsonl.gz"
LEDGER = "ledger.jsonl.gz"


def lines(store: Store, snapshot: str, name: str = ARTICLES) -> Iterator[Any]:
    """The values of a snapshot's JSONL file, in order; raises AbsentError, and TornError where it is cut."""
    with closing(store.open(key_of(snapshot, name))) as stream:
        yield from jsonl.read(stream)


def line(store: Store, snapshot: str, number: int, name: str = ARTICLES) -> Any:
    """Line `number`, counted from 0, read from its gzip member alone; raises IndexError where there are fewer."""
    told = next(each for each in manifest(store, snapshot)["files"] if each["path"] == name)
    if not 0 <= number < told["lines"]:
        raise IndexError(f"{name} of {snapshot} has {told['lines']} lines; there is no line {number}")
    member, within = divmod(number, jsonl.LINES)
    begin, end = (*told["members"], told["size"])[member : member + 2]
    with closing(store.open(key_of(snapshot, name), begin, end - begin)) as stream:
        return next(islice(jsonl.read(stream), within, None))


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
