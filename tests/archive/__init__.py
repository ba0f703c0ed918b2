"""Invented exchanges, counted instants and ids: what the tests of the archive write down."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from archive.framing import DEFLATE, digest, frame
from archive.record import Exchange
from archive.warc import WarcWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archive.finding import Finding
    from archive.objects import Store

SNAPSHOT = "chronik-20261122T060000Z"
SIX = datetime(2026, 11, 22, 6, 0, 0, 123456, tzinfo=UTC)
URL = "https://chronik.example/20261122/a-1.html"
PAGE = "<html><h1>Мост открыт</h1><p>Мост через реку открыли утром.</p></html>".encode()
REQUEST = b"GET /20261122/a-1.html HTTP/1.1\r\nHost: chronik.example\r\nAccept-Encoding: gzip\r\n\r\n"
CONDITIONAL = REQUEST.replace(b"\r\n\r\n", b'\r\nIf-None-Match: "1"\r\n\r\n')
INFO = {"software": "letopis/0.1.0", "isPartOf": SNAPSHOT}
FETCH = {"link": "chronik:1", "requested": "https://chronik.example/old", "hop": 1, "attempt": 1}
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
ID = "urn:uuid:00000000-0000-4000-8000-00000000000"
"""A counted id without its last digit."""


def counted_ids() -> Callable[[], str]:
    """Ids that repeat from run to run."""
    numbers = count(1)
    return lambda: f"urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}"


def counted_clock() -> Callable[[], datetime]:
    """A clock that goes on by a second at each look."""
    seconds = count()
    return lambda: SIX + timedelta(seconds=next(seconds))


def response(body: bytes = PAGE, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """A response with Content-Length."""
    lines = (b"HTTP/1.1 " + status, b"Content-Type: text/html; charset=utf-8", *headers)
    return b"\r\n".join((*lines, b"Content-Length: %d" % len(body), b"", body))


def gzipped(body: bytes = PAGE) -> bytes:
    """A response whose body is content-encoded."""
    return response(gzip.compress(body, mtime=0), b"Content-Encoding: gzip")


def chunked(*chunks: bytes) -> bytes:
    """A response in chunks, with a trailer."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n"
    return head + framed + b"0\r\nX-Trailer: 1\r\n\r\n"


def exchange(number: int = 1, answer: bytes | None = None, **fields: Any) -> Exchange:
    """An exchange about article `number`."""
    given = {
        "ip": "203.0.113.7",
        "protocols": ("http/1.1", "tls/1.3"),
        "cipher": "TLS_AES_256_GCM_SHA384",
    } | fields
    url = given.pop("url", f"https://chronik.example/20261122/a-{number}.html")
    answer = response() if answer is None else answer
    return Exchange(url, SIX + timedelta(minutes=number), given.pop("request", REQUEST), answer, **given)


def writer(folder: Path, **given: Any) -> WarcWriter:
    """A writer whose instants and ids are counted."""
    given = {"info": INFO, "clock": counted_clock(), "new_id": counted_ids()} | given
    return WarcWriter(folder, SNAPSHOT, **given)


def read(store: Store, key: str, *where: int) -> bytes:
    """The bytes of an object, or `where` (offset, length) of them."""
    with store.open(key, *where) as stream:
        return stream.read()


def flip(store: Store, key: str, place: int = -1) -> None:
    """Change one bit of an object."""
    data = bytearray(read(store, key))
    data[place] ^= 1
    store.put(key, bytes(data))


def reasons_at(found: list[Finding], place: str) -> str:
    """What was found at places that begin so."""
    return "\n".join(finding.reason for finding in found if finding.place.startswith(place))


def members_of(path: Path) -> list[bytes]:
    """The gzip members of a file, each with what it inflates to left to the caller."""
    data, found = path.read_bytes(), []
    while data:
        inflate = zlib.decompressobj(31)
        inflate.decompress(data)
        found.append(data[: len(data) - len(inflate.unused_data)])
        data = inflate.unused_data
    return found


def inflated(path: Path) -> list[bytes]:
    """Records as they are written, without their compression."""
    return [zlib.decompress(member, 31) for member in members_of(path)]


def recorded(tmp_path: Path, *given: Any, **keywords: Any) -> list[bytes]:
    """What a file holds into which one exchange was written."""
    writing = writer(tmp_path)
    writing.exchange(*given, **keywords)
    return inflated(writing.close()[0])


def rewritten(raw: bytes, old: bytes, new: bytes) -> bytes:
    """A member with one thing in its record changed, everything else as it was."""
    data = zlib.decompress(raw, 31)
    assert data.count(old) == 1, f"{old!r} stands there {data.count(old)} times"
    return packed(data.replace(old, new))


def packed(data: bytes) -> bytes:
    """Bytes as one gzip member."""
    deflate = zlib.compressobj(DEFLATE, zlib.DEFLATED, 31)
    return deflate.compress(data) + deflate.flush()


def framed(fields: dict[str, str], block: bytes) -> bytes:
    """A record of one's own fields, with a true block digest."""
    return frame([*fields.items(), ("WARC-Block-Digest", digest(block))], block, DEFLATE)
