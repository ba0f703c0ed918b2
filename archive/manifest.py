"""The manifest: the last file of a snapshot, which names every other one with its digests."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import orjson
import rfc8785

from archive.fingerprint import Fingerprint, fingerprint
from archive.shape import Test, having, instant, many, misfit, nullable, number, text, truth
from archive.shape import named as each
from archive.signature import SIGNATURE, Signer
from archive.snapshot import MANIFEST, PACKED_LOG, Work

SCHEMA = "manifest/0.1.0"
RECORDED = "warc/"
"""Where the files lie that were captured; all others are derived from them, apart from the log."""


EDITIONS = "editions/"
"""Where editions lie, each in a folder named by its number."""

LINES = ".jsonl.gz"
"""Ends the names of files whose lines can be read one by one."""
FILE = having(path=text, size=number, sha256=text)
PARTS = having(lines=number, members=many(number))


def _of_file(line: Any) -> bool:
    """Whether a line says of a file what is read of it."""
    return FILE(line) and (not line["path"].endswith(LINES) or PARTS(line))


READ: Mapping[str, Test] = {
    "snapshot": text, "site": text, "series": text, "status": text, "rehearsal": truth, "started": instant, "finished": instant,
    "counts": having(links=number, articles=number, rejects=number), "schemas": each(text), "settings": nullable(text),
    "reader": nullable(text), "signedBy": nullable(text), "dependencies": many(text), "files": many(_of_file),
}  # fmt: skip
"""What is read of a manifest."""


class Facts(TypedDict, total=False):
    """What only the crawling side knows, and the WARCs do not tell."""

    software: Mapping[str, str]
    """Names and versions: letopis, python, scrapy, lock (sha256 of the lock file), ..."""
    settings: str
    """sha256 of the settings, without secrets."""
    reader: str
    """The reader's identity."""
    schemas: Mapping[str, str]
    """Schema names and the versions the lines were checked against."""
    signer: Signer
    """The key that signs the manifest, where one is configured."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A work folder that holds a whole snapshot: its manifest, and the sha256 of the manifest's bytes."""

    work: Work
    manifest: Mapping[str, Any]
    sha256: str


def canonical(document: Mapping[str, Any]) -> bytes:
    """A JSON document as RFC 8785 bytes, which are what is hashed and signed."""
    return rfc8785.dumps(dict(document))


def digest(data: bytes) -> str:
    """The hex sha256 of bytes at hand."""
    return hashlib.sha256(data).hexdigest()


def document(
    work: Work, report: Mapping[str, Any], facts: Facts, dependencies: Iterable[str]
) -> dict[str, Any]:
    """The manifest of a work folder in which everything else is written, valid under ``schemas/manifest``.

    `dependencies` are the snapshots that hold the originals of its revisit records.
    """
    signer = facts.get("signer")
    return {
        "schema": SCHEMA,
        "snapshot": work.id,
        "site": work.site,
        "series": work.series,
        **repeated(report),
        "software": dict(facts.get("software", {})),
        "schemas": dict(facts.get("schemas", {})),
        "settings": facts.get("settings"),
        "reader": facts.get("reader"),
        "signedBy": signer.identity if signer else None,
        "dependencies": sorted(dependencies),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "files": [described(work.folder, path) for path in contents(work.folder)],
    }


def repeated(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a manifest repeats of its snapshot's report."""
    told = ("status", "finish", "rehearsal", "continues", "started", "finished")
    counts = ("links", "articles", "rejects", "truncated")
    records = {"records": sum(report["records"].values())}
    return {name: report[name] for name in told} | {
        "counts": {name: report[name] for name in counts} | records
    }


def contents(folder: Path) -> list[str]:
    """Paths of a snapshot's files below its folder, the WARCs first, in the order in which they are uploaded."""
    segments = sorted(folder.glob(f"{RECORDED}*.warc.gz"))
    names = (
        "articles.jsonl.gz",
        "rejects.jsonl.gz",
        "ledger.jsonl.gz",
        "index.cdx.gz",
        "index.idx",
        "report.json",
        PACKED_LOG,
    )
    others = [folder / name for name in names if (folder / name).exists()]
    return [path.relative_to(folder).as_posix() for path in (*segments, *others)]


def described(folder: Path, path: str) -> dict[str, Any]:
    """A file's line in the manifest, from the bytes that lie on disk now."""
    with (folder / path).open("rb") as stream:
        return {"path": path} | stated(path, fingerprint(stream, gzipped=packed(path)))


def packed(path: str) -> bool:
    """Whether the manifest speaks of a file's content too; the content of a WARC is told by its records' own digests."""
    return path.endswith(".gz") and not path.startswith(RECORDED)


def stated(path: str, found: Fingerprint) -> dict[str, Any]:
    """What the manifest says of a file with that fingerprint."""
    line: dict[str, Any] = {"size": found.size, "sha256": found.sha256}
    if packed(path):
        line |= {"uncompressedSize": found.plain_size, "uncompressedSha256": found.plain_sha256}
    if path.endswith(".jsonl.gz"):
        line |= {"lines": found.lines, "members": list(found.members)}
    return line


def parse(data: bytes) -> dict[str, Any]:
    """A manifest from its bytes; raises ValueError for what is no JSON object."""
    try:
        found = orjson.loads(data)
    except ValueError as error:
        raise ValueError(f"a manifest is JSON, and this is none: {error}") from error
    if not isinstance(found, dict):
        raise ValueError("a manifest is a JSON object")  # noqa: TRY004  the content is wrong, not the caller's type
    return found


def read(data: bytes) -> dict[str, Any]:
    """A manifest of which every reader can take what it needs; raises ValueError for what has another shape."""
    found = parse(data)
    if wrong := misfit(found, READ):
        raise ValueError(f"it is no manifest: {wrong} is missing or cannot be meant")
    return found


def inside(edition: int, path: str) -> str:
    """The path of an edition's file below its snapshot's folder; edition 0 is the snapshot itself.

    >>> inside(2, "report.json"), inside(0, "report.json")
    ('editions/2/report.json', 'report.json')
    """
    return f"{EDITIONS}{edition}/{path}" if edition else path


def named(manifest: Mapping[str, Any]) -> set[str]:
    """Paths below the manifest's folder of all that it vouches for, itself and its signature among them."""
    own = {MANIFEST, SIGNATURE} if manifest.get("signedBy") else {MANIFEST}
    return own | {line["path"] for line in files(manifest)}


def files(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The manifest's lines about files, each at least with path, size and sha256."""
    yield from manifest["files"]
