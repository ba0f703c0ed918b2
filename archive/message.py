"""HTTP messages read from their exact bytes: nothing is repaired, nothing that can be told is lost."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from isal import isal_zlib

from archive.deflated import USUAL, settle

LIMIT = 64 * 2**20
CHUNK = 64 * 2**10
BLANK = re.compile(rb"\n\r?\n")
STATUS = re.compile(rb"HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?:[ \t]+(.*))?$", re.DOTALL)
SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")


class ContentError(ValueError):
    """A body whose content coding cannot be undone; `partial` holds what came out before the fault."""

    def __init__(self, reason: str, partial: bytes = b"") -> None:
        super().__init__(reason)
        self.partial = partial


class TooLargeError(ContentError):
    """The body inflates beyond the limit: a decompression bomb, or a page no news site needs."""


class BrokenCodingError(ContentError):
    """The body is not what its Content-Encoding says, or its checksum is wrong."""


class CutCodingError(ContentError):
    """The body ends before its content coding does."""


class UnknownCodingError(ContentError):
    """A Content-Encoding that Letopis never asks for (it sends Accept-Encoding: gzip)."""


class Head(NamedTuple):
    """The bytes up to and with the blank line, taken apart."""

    start_line: bytes
    headers: tuple[tuple[str, str], ...]
    size: int


@dataclass(frozen=True)
class Message:
    r"""A request or response: its block as it was sent, and the parts that can be told in it.

    LF-only lines, folded and repeated headers, bytes above ASCII (as latin-1) are read; a line without a colon is
    left out of `headers` and stays in `block`. A block without a blank line is all header.

    >>> message = Message(b"HTTP/1.1 200 Gut\nX-A: 1\n\nbody")
    >>> message.status, message.reason, message.headers, message.body
    (200, 'Gut', (('X-A', '1'),), b'body')
    """

    block: bytes

    @cached_property
    def head(self) -> Head:
        """Start line, headers and the length of both with their blank line."""
        return parse_head(self.block)

    @property
    def start_line(self) -> bytes:
        """The first line without its line end: `HTTP/1.1 200 OK` or `GET / HTTP/1.1`."""
        return self.head.start_line

    @property
    def status(self) -> int:
        """The status code; 0 for a request or a start line that is none."""
        match = STATUS.match(self.start_line)
        return int(match[1]) if match else 0

    @property
    def reason(self) -> str:
        """The reason phrase, empty where there is none."""
        match = STATUS.match(self.start_line)
        return (match[2] or b"").decode("latin-1") if match else ""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Header names and values in their order and case, folds joined by one space."""
        return self.head.headers

    @property
    def body(self) -> bytes:
        """What follows the blank line, chunk framing and all."""
        return self.block[self.head.size :]

    def get(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return self._first.get(name.lower())

    def get_all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        wanted = name.lower()
        if wanted not in self._first:
            return []
        return [value for each, value in self.headers if each.lower() == wanted]

    @cached_property
    def _first(self) -> dict[str, str]:
        return {name.lower(): value for name, value in reversed(self.headers)}

    def payload(self) -> bytes:
        """The entity body: chunk framing and trailers taken away, content coding left on.

        Where the last chunk is missing, what is there; where Content-Length names less than came, what it names
        (RFC 9112 section 6.3). A body that is not chunked though its header says so (other archives hold such) is
        given as it is.
        """
        codings = _tokens(self.get_all("transfer-encoding"))
        if codings:
            return dechunk(self.body) if codings[-1] == "chunked" else self.body
        lengths = set(self.get_all("content-length"))
        if len(lengths) == 1 and (length := lengths.pop()).isascii() and length.isdigit():
            return self.body[: int(length)]
        return self.body

    def content(self, limit: int = LIMIT) -> bytes:
        """The payload with gzip, x-gzip and deflate undone, at most `limit` bytes.

        Raises TooLargeError, BrokenCodingError, CutCodingError or UnknownCodingError, each with what could be had in `partial`.
        """
        content = self.payload()
        for coding in reversed(_tokens(self.get_all("content-encoding"))):
            content = decode(content, coding, limit)
        if len(content) > limit:
            raise TooLargeError(f"body is larger than {limit} bytes", content[:limit])
        return content


def parse_head(block: bytes) -> Head:
    """Start line and headers of a message; size is where its body begins."""
    blank = BLANK.search(block)
    size = blank.end() if blank else len(block)
    start, *lines = block[:size].decode("latin-1").split("\n")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, value + " " + line.strip(" \t\r"))
            continue
        name, colon, value = line.partition(":")
        if colon and (name := name.strip(" \t")):
            headers.append((name, value.strip(" \t\r")))
    return Head(start.removesuffix("\r").encode("latin-1"), tuple(headers), size)


def dechunk(body: bytes) -> bytes:
    r"""The bytes inside chunk framing (RFC 9112 section 7.1), up to the last chunk or as far as they came.

    >>> dechunk(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n")
    b'abcde'
    """
    data: list[bytes] = []
    at = 0
    while line := SIZE.match(body, at):
        size = int(line[1], 16)
        if not size:
            break
        data.append(body[line.end() : line.end() + size])
        at = line.end() + size
        at += 2 if body.startswith(b"\r\n", at) else 1
    return b"".join(data) if at or line else body


def decode(data: bytes, coding: str, limit: int = LIMIT) -> bytes:
    """Data with one content coding undone; an empty body (HEAD, 304) stays empty. Errors as Message.content."""
    if coding == "identity" or not data:
        return data
    if coding in ("gzip", "x-gzip"):
        sound = _sound(data, limit)
        return _inflate(data, 31, limit) if sound is None else sound
    if coding == "deflate":
        # RFC 9110 means zlib, many servers send the bare stream: the first two bytes tell them apart
        zlib_header = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
        return _inflate(data, 15 if zlib_header else -15, limit)
    raise UnknownCodingError(f"Content-Encoding {coding!r} is not undone here: gzip, x-gzip and deflate are")


def _sound(data: bytes, limit: int) -> bytes | None:
    """What one gzip member holds if nothing is amiss with it, at half of zlib's cost; None where zlib shall judge."""
    if not data.startswith(USUAL):
        return None
    inflate = isal_zlib.decompressobj(31)
    try:
        content: bytes = inflate.decompress(data, limit + 1)
    except isal_zlib.error:  # type: ignore[misc]  # its stubs take the class for an error
        return None
    settle()
    last = inflate.eof and not inflate.unused_data.startswith(b"\x1f\x8b")
    return content if last and len(content) <= limit else None


def _inflate(data: bytes, wbits: int, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    inflate = zlib.decompressobj(wbits)
    while True:
        try:
            parts.append(inflate.decompress(data, min(CHUNK, limit + 1 - size)))
        except zlib.error as error:
            raise BrokenCodingError(f"body cannot be inflated ({error})", b"".join(parts)) from error
        size += len(parts[-1])
        if size > limit:
            raise TooLargeError(f"body inflates to more than {limit} bytes", b"".join(parts)[:limit])
        data = inflate.unconsumed_tail
        if inflate.eof:
            data = inflate.unused_data
            if not data.startswith(
                b"\x1f\x8b"
            ):  # padding after the last member is passed over, as browsers do
                return b"".join(parts)
            inflate = zlib.decompressobj(wbits)
        elif not data and not parts[-1]:
            raise CutCodingError("body ends before its content coding does", b"".join(parts))


def _tokens(values: list[str]) -> list[str]:
    return [token for value in values for part in value.split(",") if (token := part.strip().lower())]
