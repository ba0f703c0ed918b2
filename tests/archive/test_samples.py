"""WARC files that other crawlers wrote, kept outside the tree: LETOPIS_SAMPLES names a folder of pywb's and browsertrix' samples."""

import os
import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.record import BrokenRecordError, Record, record_at, records

SAMPLES = os.environ.get("LETOPIS_SAMPLES")
pytestmark = pytest.mark.skipif(
    not SAMPLES, reason="LETOPIS_SAMPLES names no folder of WARC and WACZ files of other crawlers"
)

BROKEN = {  # test files of pywb that break the standard on purpose or by hand: read up to there, and the place is named
    "example.warc": (
        4061,
        "Content-Length is 320, but 324 bytes follow",
    ),  # closed by one CRLF fewer, and so are
    "example-extra.warc": (2701, "Content-Length is 0, but 4 bytes follow"),  # its neighbours
    "example-url-agnostic-orig.warc.gz": (0, "Content-Length is 243, but"),  # many records in one gzip member
    "example-url-agnostic-revisit.warc.gz": (0, "Content-Length is 243, but"),
    "missing-status-text.warc": (0, "the file ends inside a record's header"),  # lines end in CR CR LF
}


def found() -> list[Path]:
    kinds = (".warc", ".warc.gz", ".wacz")
    return (
        sorted(path for path in Path(SAMPLES or ".").rglob("*") if path.name.endswith(kinds))
        if SAMPLES
        else []
    )


def warcs(path: Path) -> Iterator[tuple[str, bytes]]:
    """The WARC files in a sample: itself, or those in a WACZ, which may hold further ones."""
    if path.suffix != ".wacz":
        yield path.name, path.read_bytes()
        return
    yield from packed(path.read_bytes())


def packed(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith((".warc", ".warc.gz")):
                yield name, archive.read(name)
            elif name.endswith(".wacz"):
                yield from packed(archive.read(name))


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", found(), ids=lambda path: path.name)
def test_a_sample_is_read_record_by_record_as_warcio_reads_it(path: Path) -> None:
    for name, data in warcs(path):
        ours, fault = read(data, name)
        assert (fault and fault.offset) == (BROKEN[name][0] if name in BROKEN else None)
        assert fault is None or fault.reason.startswith(BROKEN[name][1])
        theirs = [
            (record.rec_type, record.rec_headers.get_header("WARC-Record-ID"), len(record.raw_stream.read()))
            for record in islice(ArchiveIterator(BytesIO(data), no_record_parse=True), len(ours))
        ]
        assert [(one.type, one.get("WARC-Record-ID"), len(one.block)) for one in ours] == theirs
        assert fault or not more(data, len(ours))
        assert [record_at(BytesIO(data), one.address).block for one in ours] == [one.block for one in ours]
        answers = [one for one in ours if one.type == "response" and (one.url or "").startswith("http")]
        assert all(one.message.status for one in answers)


def read(data: bytes, name: str) -> tuple[list[Record], BrokenRecordError | None]:
    """The records up to the first that is broken, and what is wrong with that."""
    ours: list[Record] = []
    try:
        for record in records(BytesIO(data), name):
            ours.append(record)  # noqa: PERF402  what came before the fault counts
    except BrokenRecordError as error:
        return ours, error
    return ours, None


def more(data: bytes, count: int) -> bool:
    """Whether warcio reads more records than these."""
    return next(islice(ArchiveIterator(BytesIO(data), no_record_parse=True), count, None), None) is not None
