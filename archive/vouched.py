"""One file of a snapshot against its line in the manifest, and all that is inside: read once, by whichever process."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from archive import jsonl, manifest
from archive.check import Walk
from archive.finding import Finding
from archive.fingerprint import Digested, Fingerprint, Inflated, TornError, fingerprint
from archive.history import documented, faults
from archive.objects import AbsentError, Store, UnreadableError
from archive.original import Original
from archive.originals import Revisit, missing
from archive.record import Record
from archive.snapshot import key_of
from archive.spool import Spool
from schemas import UnknownSchemaError, proved
from schemas.proof import Proof

LINES = {"articles.jsonl.gz": "article", "rejects.jsonl.gz": "reject", "ledger.jsonl.gz": "ledger"}
"""Files whose every line has a schema, and its name."""
MOST = 1000
"""Findings on one file that are told one by one."""
BREAK = re.compile(r"[\r\n]")
Tell = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be looked at: its line in the manifest of a snapshot (or edition), and where what it gives may be put aside."""

    snapshot: str
    edition: int
    line: Mapping[str, Any]
    schemas: Mapping[str, str]
    dependencies: frozenset[str]
    scratch: Path
    name: str
    digests: bool = True
    """Whether each gzip member of a WARC is digested, to be compared with the index."""

    @property
    def path(self) -> str:
        """The file's path below its snapshot's (or edition's) folder."""
        return str(self.line["path"])

    @property
    def size(self) -> int:
        """Bytes to be looked at, about: what a file of lines holds takes as long as as much of a WARC."""
        return int(self.line.get("uncompressedSize", self.line["size"]))

    @property
    def key(self) -> str:
        """Where the file lies in its store."""
        return key_of(self.snapshot, manifest.inside(self.edition, self.path))


@dataclass(slots=True)
class Seen:
    """What was found in a file: findings, and in a WARC its records, their ids and the index lines they ought to have."""

    findings: list[Finding] = field(default_factory=list)
    records: int = 0
    ids: list[Path] = field(default_factory=list)
    lines: list[Path] = field(default_factory=list)

    def take(self, findings: Iterable[Finding], place: str) -> None:
        """Keep the first findings, and say that there are more."""
        left = 0
        for finding in findings:
            if len(self.findings) < MOST:
                self.findings.append(finding)
            else:
                left += 1
        if left:
            self.findings.append(_error(place, f"{left} more findings on this file are not told"))


def examine(store: Store, job: Job, tell: Tell | None = None) -> Seen:
    """Look at one file; `tell` hears of its bytes as they are read. Raises StoreError, but for a file that is not there or cannot be read: that is a finding."""
    seen = Seen()
    if job.path.startswith(manifest.RECORDED):
        found = _segment(store, job, tell, seen)
    elif job.path in LINES:
        found = _lines(store, job, tell)
    else:
        found = _plain(store, job, tell)
    seen.take(found, job.key)
    return seen


def stated(key: str, line: Mapping[str, Any], found: Fingerprint) -> Iterator[Finding]:
    """What a file is, against what the manifest says of it."""
    said = manifest.stated(line["path"], found)
    if wrong := [name for name, value in said.items() if line.get(name) != value]:
        yield _error(key, f"not what the manifest says: {', '.join(wrong)}")


class _Notes:
    """What a WARC file gives, put aside in files."""

    def __init__(self, job: Job) -> None:
        self.ids = Spool(job.scratch, f"{job.name}.ids")
        self.lines = Spool(job.scratch, f"{job.name}.lines")
        self.revisits: list[Revisit] = []

    def record(self, record_id: str, place: str) -> None:
        one = record_id if record_id.isprintable() else BREAK.sub("?", record_id)
        self.ids.add(f"{one} {place}\n".encode("utf-8", "replace"))

    def line(self, line: bytes) -> None:
        self.lines.add(line)

    def revisit(self, record: Record) -> None:
        if original := Original.of(record):
            self.revisits.append(Revisit(original, record.address, record.id))


def _segment(store: Store, job: Job, tell: Tell | None, seen: Seen) -> Iterator[Finding]:
    notes = _Notes(job)
    walk = Walk(job.path.removeprefix(manifest.RECORDED), notes, digests=job.digests)
    try:
        with closing(store.open(job.key)) as stream:
            source = Digested(stream, tell)
            yield from walk.findings(source)
            yield from stated(job.key, job.line, source.whole())
    except (AbsentError, UnreadableError) as error:
        yield _error(job.key, str(error))
    yield from missing(store, notes.revisits, job.dependencies)
    seen.records, seen.ids, seen.lines = walk.count, notes.ids.close(), notes.lines.close()


def _lines(store: Store, job: Job, tell: Tell | None) -> Iterator[Finding]:
    """Every line against its schema, in the version that the manifest names."""
    name = LINES[job.path]
    version = job.schemas.get(name)
    proof = _proof(name, version)
    try:
        with closing(store.open(job.key)) as stream:
            pieces, number = Inflated(Digested(stream, tell)), 0
            for number, text in enumerate(jsonl.split(pieces), 1):
                try:
                    value = orjson.loads(text)
                except ValueError as error:
                    yield _error(f"{job.key}, line {number}", f"the line is no JSON: {error}")
                    continue
                if not proof(value):
                    for fault in faults(name, value, version):
                        yield _error(f"{job.key}, line {number}", f"{fault.path}: {fault.message}")
            yield from stated(job.key, job.line, pieces.whole(number))
    except (AbsentError, UnreadableError, TornError) as error:
        yield _error(job.key, str(error))


def _proof(name: str, version: str | None) -> Proof:
    """What tells true of a line that no schema is asked about any more."""
    if name == "article" and version is None:  # items of another project's spider, which have no schema
        return lambda _: True
    try:
        return proved(name, version)
    except UnknownSchemaError:
        return lambda _: False  # each line is told of


def _plain(store: Store, job: Job, tell: Tell | None) -> Iterator[Finding]:
    try:
        with closing(store.open(job.key)) as stream:
            if job.path == "report.json":
                yield from _report(job, Digested(stream, tell))
            else:
                source: Any = Digested(stream, tell)
                yield from stated(job.key, job.line, fingerprint(source, gzipped=manifest.packed(job.path)))
    except (AbsentError, UnreadableError, TornError) as error:
        yield _error(job.key, str(error))


def _report(job: Job, source: Digested) -> Iterator[Finding]:
    parts = []
    while part := source.read():
        parts.append(part)
    yield from stated(job.key, job.line, source.whole())
    try:
        yield from documented(job.key, "report", manifest.parse(b"".join(parts)))
    except ValueError as error:
        yield _error(job.key, f"the report cannot be read: {error}")


def _error(place: str, reason: str) -> Finding:
    return Finding("error", place, None, reason)
