"""HTTP/1.1 as the newsroom speaks it: a request read from a stream, an answer as bytes."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from .site import Headers, Request, Response

if TYPE_CHECKING:
    import asyncio
    from datetime import date

CHUNK = 1499  # odd, so that characters of two bytes are cut apart


async def read_request(reader: asyncio.StreamReader, scheme: str, edition: int) -> Request | None:
    """The next request of a connection, or None when the client is done."""
    line = await reader.readline()
    parts = line.decode("latin-1").split()
    if len(parts) != 3:
        return None
    headers = await _headers(reader)
    host = next((value for name, value in headers if name.lower() == "host"), "").partition(":")[0]
    return Request(parts[0], scheme, host.lower(), parts[1], headers, edition)


async def _headers(reader: asyncio.StreamReader) -> Headers:
    found: list[tuple[str, str]] = []
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        found.append((name.strip(), value.strip()))
    return tuple(found)


def payload(response: Response, request: Request, today: date) -> tuple[bytes, bool]:
    """The bytes of an answer and whether the connection has to end with them."""
    if _unchanged(response, request, today):
        response = Response(b"", 304, "Not Modified", _validators(response, today), compress=False)
    headers, body = _coded(response, request)
    if response.status == 200:
        headers += _validators(response, today)
    if response.status not in (204, 304):
        headers, body = _framed(response, headers, body)
    if response.framing == "none":
        return b"", True
    close = response.framing in ("close", "cut") or request.get("connection").lower() == "close"
    headers = (("Date", _http_date(today)), *headers, ("Connection", "close" if close else "keep-alive"))
    head = f"HTTP/1.1 {response.status} {response.reason}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers)
    return head.encode("latin-1") + b"\r\n" + (b"" if request.method == "HEAD" else body), close


def _coded(response: Response, request: Request) -> tuple[Headers, bytes]:
    if not (response.compress and response.body and "gzip" in request.get("accept-encoding")):
        return response.headers, response.body
    body = gzip.compress(response.body, 6, mtime=0)
    return (*response.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")), body


def _framed(response: Response, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    if response.framing == "close":
        return headers, body
    if response.framing == "length":
        return (*headers, ("Content-Length", str(len(body)))), body
    if response.framing == "cut":
        return (*headers, ("Content-Length", str(len(body)))), body[: len(body) // 2]
    pieces = [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)]
    chunks = b"".join(b"%X\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return (*headers, ("Transfer-Encoding", "chunked")), chunks + b"0\r\n\r\n"


def _etag(response: Response) -> str:
    return f'"{hashlib.sha256(response.body).hexdigest()[:24]}"'


def _unchanged(response: Response, request: Request, today: date) -> bool:
    """RFC 9110 section 13.2.2: If-Modified-Since counts only without If-None-Match; nginx wants the very date it gave."""
    if tag := request.get("if-none-match"):
        return response.etag and _etag(response) in tag
    return (response.etag or response.dated) and request.get("if-modified-since") == _modified(
        response, today
    )


def _validators(response: Response, today: date) -> Headers:
    tag = (("ETag", _etag(response)),) if response.etag else ()
    return (*tag, ("Last-Modified", _modified(response, today))) if response.etag or response.dated else tag


def _modified(response: Response, today: date) -> str:
    """A moment of the morning that goes with the content, so that another content has another one."""
    return _http_date(today, -int(hashlib.sha256(response.body).hexdigest()[:8], 16) % 10_000)


def _http_date(today: date, seconds: int = 0) -> str:
    """Seconds from noon of the newsroom's day: the same seed must give the same bytes."""
    noon = datetime.combine(today, time(12), UTC)
    return format_datetime(noon + timedelta(seconds=seconds), usegmt=True)
