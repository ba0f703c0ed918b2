"""What follows from the WARCs of a snapshot, written into a folder: articles, rejects, ledger and report, by pure code."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from archive import jsonl, manifest
from archive.durable import replacing
from archive.journal import entry
from archive.ledger import Derived
from archive.member import BrokenMemberError, members
from archive.record import BrokenRecordError, Record, parse
from archive.report import Census, Coverage, report
from archive.tally import Tally

Derive = Callable[[Iterable[Record]], Iterator[Derived]]
"""The reading code: given all records of a snapshot in order, it says what it reads out of them."""
Segment = tuple[str, BinaryIO]
"""A WARC file's own name, and its bytes; whoever gives it closes it when the next one is asked for."""

FILES = ("articles.jsonl.gz", "rejects.jsonl.gz", "ledger.jsonl.gz", "report.json")
"""What is written."""
TALLY = ".tally.sqlite"
AHEAD = 2**20
"""Bytes of records that are taken before the first of them is read; one record may be larger."""


class NoRoomError(OSError):
    """What is derived cannot be written; the message names the folder."""


@dataclass(frozen=True, slots=True)
class Projection:
    """The report, and the snapshots that hold what revisits stand for."""

    report: dict[str, Any]
    dependencies: set[str]


def project(
    folder: Path,
    segments: Iterable[Segment],
    derive: Derive,
    heard: Callable[[Record, bytes], object] | None = None,
) -> Projection:
    """Write FILES, derived from segments in their order; equal bytes and reader give equal files.

    `heard` is given every record, and its gzip member as it lies in the file. Raises DerivedError for an article without provenance,
    BrokenRecordError for a damaged WARC, NoRoomError, and what reading the segments raises.
    """
    census, coverage = Census(), Coverage()
    try:
        with Tally(folder / TALLY) as tally:
            walk = _ahead(_walk(segments, tally, census, heard))
            for derived in derive(walk):
                tally.answer(derived)
            for _ in walk:  # what the reader did not ask for is counted like the rest
                pass
            tally.settle()
            _write(folder / FILES[0], coverage.articles_in(tally.articles()))
            _write(folder / FILES[1], coverage.rejects_in(tally.rejects()))
            _write(folder / FILES[2], map(jsonl.line, tally.ledger()))
            found = report(tally, census, coverage)
    except sqlite3.OperationalError as error:
        raise NoRoomError(f"{TALLY} in {folder} cannot be written: {error}") from error
    with replacing(folder / FILES[3]) as stream:
        stream.write(manifest.canonical(found))
    return Projection(found, census.dependencies)


def _walk(
    segments: Iterable[Segment],
    tally: Tally,
    census: Census,
    heard: Callable[[Record, bytes], object] | None,
) -> Iterator[Record]:
    """Every record, counted, and its journal entry told to the tally."""
    for record, raw in _records(segments):
        census.count(record)
        if heard:
            heard(record, raw)
        if said := entry(record):
            _tell(said, record, tally, census)
        yield record


def _ahead(records: Iterator[Record]) -> Iterator[Record]:
    """The same records, some of them taken at a time: reading a page drives what takes them out of the processor's caches."""
    held, size = list[Record](), 0
    for record in records:
        held.append(record)
        size += len(record.block)
        if size > AHEAD:
            yield from held
            held, size = [], 0
    yield from held


def _records(segments: Iterable[Segment]) -> Iterator[tuple[Record, bytes]]:
    """Every record beside its gzip member as it lies in the file."""
    for name, stream in segments:
        try:
            for member in members(stream):
                yield parse(member, name), member.raw
        except BrokenMemberError as error:
            raise BrokenRecordError(name, error.offset, error.reason, torn=error.torn) from error


def _tell(said: Mapping[str, Any], record: Record, tally: Tally, census: Census) -> None:
    match said["kind"]:
        case "start":
            census.start = dict(said)
        case "end":
            census.end = dict(said)
        case _:
            tally.tell(said, record.address)


def _write(target: Path, lines: Iterable[bytes]) -> None:
    with replacing(target) as stream:
        jsonl.write(stream, lines)
