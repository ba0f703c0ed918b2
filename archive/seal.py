"""Sealing: from the WARCs that a crawl left to a snapshot that is whole, by pure code that may be run again at any time."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from archive import jsonl, manifest
from archive.cdxj import line_of, sorted_index
from archive.durable import replacing
from archive.fingerprint import fingerprint
from archive.journal import entry
from archive.ledger import Derived
from archive.manifest import Facts, Sealed
from archive.member import BrokenMemberError, members
from archive.record import BrokenRecordError, Record, parse
from archive.report import Census, Coverage, report
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, Work
from archive.tally import Tally

__all__ = ["Derive", "SealError", "Sealed", "seal", "sealed_in"]

Derive = Callable[[Iterable[Record]], Iterator[Derived]]
"""The reading code: given all records of a snapshot in order, it says what it reads out of them."""

TALLY = ".tally.sqlite"
REMEDY = f"what is derived can be made again: remove {MANIFEST} and seal; a WARC cannot"


class SealError(Exception):
    """A work folder cannot be sealed as it is; the message names the file and the remedy."""


def seal(work: Work, derive: Derive, *, facts: Facts) -> Sealed:
    """The snapshot made whole: everything derived from its WARCs, the manifest written last.

    A work folder that has a manifest is checked against it and left as it is, whatever derived it; without one all is made anew, and
    equal WARCs, reader and facts give equal bytes. Raises SealError for a segment that is still open or a file that is not what the
    manifest says, DerivedError for an article without provenance, BrokenRecord for a damaged WARC.
    """
    if not (work.folder / MANIFEST).exists():
        _refuse_open_segments(work)
        _clear_scratch(work)
        try:
            found, dependencies = _project(work, derive)
        except sqlite3.OperationalError as error:
            reason = f"{TALLY} in {work.folder} cannot be written: {error}"
            raise SealError(f"{reason}; free some space there, nothing that was recorded is lost") from error
        data = manifest.canonical(manifest.document(work, found, facts, dependencies))
        if signer := facts.get(
            "signer"
        ):  # before the manifest, which is last: with it, the snapshot is whole
            _write(work.folder / SIGNATURE, [signer.sign(data)])
        _write(work.folder / MANIFEST, [data])
    return sealed_in(work)


def sealed_in(work: Work) -> Sealed:
    """The snapshot in a work folder that was sealed before; raises SealError if a file is not what its manifest says."""
    data = (work.folder / MANIFEST).read_bytes()
    told = manifest.parse(data)
    for line in manifest.files(told):
        _check(work, line)
    return Sealed(work, told, manifest.digest(data))


def segments(work: Work) -> list[Path]:
    """The closed WARC segments in the order in which they were written."""
    return sorted(work.warc.glob("*.warc.gz"))


def _project(work: Work, derive: Derive) -> tuple[dict[str, Any], set[str]]:
    """Write all that follows from the WARCs; gives the report, and the snapshots that hold what revisits stand for."""
    census, coverage, index = Census(), Coverage(), list[bytes]()
    with Tally(work.folder / TALLY) as tally:
        walk = _walk(segments(work), tally, census, index)
        for derived in derive(walk):
            tally.answer(derived)
        for _ in walk:  # what the reader did not ask for is counted and indexed like the rest
            pass
        tally.settle()
        _write_lines(work.folder / "articles.jsonl.gz", coverage.articles_in(tally.articles()))
        _write_lines(work.folder / "rejects.jsonl.gz", coverage.rejects_in(tally.rejects()))
        _write_lines(work.folder / "ledger.jsonl.gz", map(jsonl.line, tally.ledger()))
        found = report(tally, census, coverage)
    _write(work.folder / "report.json", [manifest.canonical(found)])
    with replacing(work.folder / "index.cdx.gz") as packed, replacing(work.folder / "index.idx") as blocks:
        sorted_index(index, packed, blocks)
    _compress_log(work)
    return found, census.dependencies


def _walk(paths: Iterable[Path], tally: Tally, census: Census, index: list[bytes]) -> Iterator[Record]:
    """Every record, counted and indexed, and its journal entry told to the tally."""
    for record, raw in _records(paths):
        census.count(record)
        if line := line_of(record, raw):
            index.append(line)
        if said := entry(record):
            _tell(said, tally, census)
        yield record


def _records(paths: Iterable[Path]) -> Iterator[tuple[Record, bytes]]:
    """Every record beside its gzip member as it lies in the file."""
    for path in paths:
        with path.open("rb") as stream:
            try:
                for member in members(stream):
                    yield parse(member, path.name), member.raw
            except BrokenMemberError as error:
                raise BrokenRecordError(path.name, error.offset, error.reason, torn=error.torn) from error


def _tell(said: Mapping[str, Any], tally: Tally, census: Census) -> None:
    match said["kind"]:
        case "start":
            census.start = dict(said)
        case "end":
            census.end = dict(said)
        case _:
            tally.tell(said)


def _write(target: Path, parts: Iterable[bytes]) -> None:
    with replacing(target) as stream:
        stream.writelines(parts)


def _write_lines(target: Path, lines: Iterable[bytes]) -> None:
    with replacing(target) as stream:
        jsonl.write(stream, lines)


def _compress_log(work: Work) -> None:
    if work.log.exists():
        with work.log.open("rb") as source, replacing(work.folder / "crawl.log.gz") as target:
            jsonl.compress(source, target)


def _refuse_open_segments(work: Work) -> None:
    still_open = sorted(work.warc.glob("*.open"))
    if still_open:
        raise SealError(
            f"{still_open[0]} is still open: its crawl runs, or died; wait for it or run `letopis recover`"
        )
    if not segments(work):
        raise SealError(f"{work.warc} holds no WARC: nothing was captured, nothing can be sealed")


def _clear_scratch(work: Work) -> None:
    """Remove what a seal that died left: dotted names are never part of a snapshot."""
    for path in work.folder.glob(".*"):
        path.unlink()


def _check(work: Work, line: Mapping[str, Any]) -> None:
    path = work.folder / line["path"]
    try:
        with path.open("rb") as stream:
            found = fingerprint(stream, gzipped=False)
    except FileNotFoundError as error:
        raise SealError(f"{path} is gone, but {MANIFEST} names it; {REMEDY}") from error
    if (found.size, found.sha256) != (line["size"], line["sha256"]):
        raise SealError(f"{path} is not what {MANIFEST} says; {REMEDY}")
