"""Sealing: from the WARCs that a crawl left to a snapshot that is whole, by pure code that may be run again at any time."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from archive import jsonl, manifest
from archive.cdxj import line_of, sorted_index
from archive.durable import replacing
from archive.fingerprint import TornError, fingerprint, inflated
from archive.manifest import Facts, Sealed
from archive.projection import Derive, NoRoomError, Projection, Segment, project
from archive.record import Record
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, PACKED_LOG, Work

__all__ = ["Derive", "SealError", "Sealed", "seal", "sealed_in"]

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
            found = _project(work, derive)
        except NoRoomError as error:
            raise SealError(f"{error}; free some space there, nothing that was recorded is lost") from error
        data = manifest.canonical(manifest.document(work, found.report, facts, found.dependencies))
        if signer := facts.get(
            "signer"
        ):  # before the manifest, which is last: with it, the snapshot is whole
            _write(work.folder / SIGNATURE, [signer.sign(data)])
        _write(work.folder / MANIFEST, [data])
    return sealed_in(work)


def sealed_in(work: Work) -> Sealed:
    """The snapshot in a work folder that was sealed before; raises SealError if a file is not what its manifest says."""
    data = (work.folder / MANIFEST).read_bytes()
    try:
        told = manifest.read(data)
    except ValueError as error:
        raise SealError(f"{work.folder / MANIFEST}: {error}; {REMEDY}") from error
    for line in manifest.files(told):
        _check(work, line)
    return Sealed(work, told, manifest.digest(data))


def mend_log(work: Work) -> str:
    """What is to be said of a packed log that is damaged and not sealed yet; what can be read of it, if anything, is sealed in its place."""
    packed, size = work.folder / PACKED_LOG, 0
    if (work.folder / MANIFEST).exists() or work.log.exists() or not packed.exists() or _whole(packed):
        return ""
    with packed.open("rb") as source, replacing(work.log) as target, suppress(TornError):
        for _, piece in inflated(source):
            size += target.write(piece)
    if not size:
        work.log.unlink()
        packed.unlink()
    return f", its log damaged: {size} bytes of it could be read"


def _whole(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return fingerprint(stream, gzipped=True).lines >= 0
    except TornError:
        return False


def segments(work: Work) -> list[Path]:
    """The closed WARC segments in the order in which they were written."""
    return sorted(work.warc.glob("*.warc.gz"))


def _project(work: Work, derive: Derive) -> Projection:
    """Write all that follows from the WARCs."""
    index: list[bytes] = []

    def note(record: Record, raw: bytes) -> None:
        if line := line_of(record, raw):
            index.append(line)

    found = project(work.folder, _opened(work), derive, note)
    with replacing(work.folder / "index.cdx.gz") as packed, replacing(work.folder / "index.idx") as blocks:
        sorted_index(index, packed, blocks)
    _compress_log(work)
    return found


def _opened(work: Work) -> Iterator[Segment]:
    for path in segments(work):
        with path.open("rb") as stream:
            yield path.name, stream


def _write(target: Path, parts: Iterable[bytes]) -> None:
    with replacing(target) as stream:
        stream.writelines(parts)


def _compress_log(work: Work) -> None:
    if work.log.exists():
        with work.log.open("rb") as source, replacing(work.folder / PACKED_LOG) as target:
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
