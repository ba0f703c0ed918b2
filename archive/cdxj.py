"""The index of a snapshot: one CDXJ line per exchange, sorted and packed so that one URL is found in two reads."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import orjson

from archive.framing import digest
from archive.member import members
from archive.record import OPEN, Address, parse
from archive.shape import number
from archive.urlkey import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from archive.glance import Headed
    from archive.record import Record

INDEXED = ("response", "revisit")
OK = 200
BLOCK = 1024  # lines in one gzip member of index.cdx.gz
PACKED = "index.cdx.gz"
META = b"!meta 0 " + orjson.dumps({"format": "cdxj-gzip-1.0", "filename": PACKED}) + b"\n"
"""The first line of index.idx."""
VALIDATORS = ("etag", "ETag"), ("lastModified", "Last-Modified")
MIME = re.compile(r"[;,\s]")
NOT_DIGITS = re.compile(r"\D")
DIGEST = re.compile(rb',"recordDigest":"sha256:[0-9a-f]{64}"')


class Line(NamedTuple):
    """One index line: SURT key, 14-digit UTC time, and its JSON members, which FORMAT.md describes."""

    key: str
    timestamp: str
    fields: dict[str, str]


def timestamp(date: str) -> str:
    """The 14 digits of a WARC-Date.

    >>> timestamp("2026-11-22T06:00:00.123456Z")
    '20261122060000'
    """
    plain = date[:19].replace("-", "").replace(":", "").replace("T", "")
    return plain if plain.isdecimal() and plain.isascii() else NOT_DIGITS.sub("", plain)


def line(
    *,
    type: str,  # noqa: A002  WARC-Type
    record_id: str,
    truncated: bool,
    url: str,
    date: str,
    message: Headed,
    payload_digest: str,
    address: Address,
    raw: bytes | None,
) -> bytes:
    """The index line of a response or revisit whose gzip member is `raw`; numbers are strings, as cdxj-indexer has them.

    None leaves recordDigest out, see without_digest().
    """
    revisit = type == "revisit"
    mime = "warc/revisit" if revisit else _mime(message.get("content-type") or "")
    status = message.status
    fields = {
        "url": url,
        "mime": mime or "unk",
        "status": str(status),
        "digest": payload_digest,
        "length": str(address.length),
        "offset": str(address.offset),
        "filename": address.file,
    }
    if raw is not None:
        fields["recordDigest"] = digest(raw)
    if status == OK and not revisit and not truncated:
        # what a later crawl has to know to ask whether a page has changed, and to refer to it
        fields["recordId"], fields["date"] = record_id, date
        for name, header in VALIDATORS:
            if said := message.get(header):
                fields[name] = said
    return f"{key(url)} {timestamp(date)} ".encode() + orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


@lru_cache(100)
def _mime(content_type: str) -> str:
    return MIME.split(content_type, maxsplit=1)[0].lower()


def without_digest(line: bytes) -> bytes:
    """An index line without its recordDigest, if that has the form of one; the order of lines is the same without it.

    >>> without_digest(b'a)/ 2026 {"filename":"a","recordDigest":"sha256:' + b"0" * 64 + b'","recordId":"b"}')
    b'a)/ 2026 {"filename":"a","recordId":"b"}'
    """
    return DIGEST.sub(b"", line, count=1)


def line_of(record: Record, raw: bytes) -> bytes | None:
    """The index line that a record ought to have, or None for one that the index leaves out."""
    if record.type not in INDEXED:
        return None
    return line(
        type=record.type,
        record_id=record.id,
        truncated=record.get("WARC-Truncated") is not None,
        url=record.url or "",
        date=record.date,
        message=record.message,
        payload_digest=record.get("WARC-Payload-Digest") or "",
        address=record.address,
        raw=raw,
    )


def lines_of(warc: Path) -> Iterator[bytes]:
    """The index lines of a WARC file, made again from its records alone; raises as `archive.record.records` does."""
    name = warc.name.removesuffix(OPEN)
    with warc.open("rb") as stream:
        for member in members(stream):
            if found := line_of(parse(member, name), member.raw):
                yield found


def parse_line(text: bytes) -> Line:
    """An index line taken apart; raises ValueError when it is none."""
    parts = text.rstrip(b"\n").split(b" ", 2)
    if len(parts) < 3:  # noqa: PLR2004  key, time, JSON
        raise ValueError(f"no CDXJ line: {text[:80]!r}")
    fields: Any = orjson.loads(parts[2])
    if not isinstance(fields, dict):
        raise ValueError(f"no CDXJ line: {text[:80]!r}")  # noqa: TRY004  what is wrong is the line, not an argument's type
    return Line(parts[0].decode(), parts[1].decode(), {name: str(value) for name, value in fields.items()})


def address_of(line: Line) -> Address:
    """Where the record of a line lies; raises KeyError for a line without its place, ValueError for one that is none."""
    return Address(line.fields["filename"], *place_of(line))


def place_of(line: Line) -> tuple[int, int]:
    """Offset and length that a line states, in bytes; raises as address_of does."""
    offset, length = int(line.fields["offset"]), int(line.fields["length"])
    if not number(offset) or not number(length):
        raise ValueError(f"{length} bytes at {offset} are no place")
    return offset, length


def sorted_index(lines: Iterable[bytes], cdx: BinaryIO, idx: BinaryIO) -> None:
    """Write index.cdx.gz and index.idx (ZipNum, cdxj-gzip-1.0): lines in byte order, 1,024 to a gzip member.

    Holds the lines in memory (about 600 bytes per exchange). The same lines give the same bytes within one zlib build.
    """
    ordered = iter(sorted(lines))
    idx.write(META)
    offset = 0
    while block := list(islice(ordered, BLOCK)):
        deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = deflate.compress(b"".join(block)) + deflate.flush()
        cdx.write(packed)
        idx.write(block_line(block[0], packed, offset))
        offset += len(packed)


def block_line(first: bytes, packed: bytes, offset: int) -> bytes:
    """The line of index.idx about a block: the key and time of its first line, and where it lies."""
    where = {"offset": offset, "length": len(packed), "digest": digest(packed), "filename": PACKED}
    return b" ".join((*first.split(b" ", 2)[:2], orjson.dumps(where))) + b"\n"
