"""WARC records, read one after another or at an address, with every byte as it was written."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from archive.member import BrokenMemberError, Member, members
from archive.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = [
    "Address",
    "BrokenRecordError",
    "Captured",
    "Exchange",
    "Message",
    "Record",
    "record_at",
    "records",
]

OPEN = ".open"


class BrokenRecordError(ValueError):
    """No record can be read at `offset` of `file`; `torn` says that the file ended inside it."""

    def __init__(self, file: str, offset: int, reason: str, *, torn: bool = False) -> None:
        super().__init__(f"{file} at offset {offset}: {reason}")
        self.file = file
        self.offset = offset
        self.reason = reason
        self.torn = torn


@dataclass(frozen=True, slots=True)
class Address:
    """Where a record lies: the file's own name, the offset and length of its gzip member in bytes."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response as they crossed the wire.

    `began` is the instant the exchange began (aware, microseconds). `response` holds no 1xx blocks, `interim` holds
    those. `protocols` as WARC-Protocol names them ("http/1.1", "tls/1.3"), `cipher` as IANA does. A `proxy` is its
    URL; there is then no `ip`, for it would not be the site's.
    """

    url: str
    began: datetime
    request: bytes
    response: bytes
    interim: bytes = b""
    ip: str | None = None
    protocols: tuple[str, ...] = ()
    cipher: str | None = None
    truncated: Literal["length", "time", "disconnect", "unspecified"] | None = None
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """A record that was written, a revisit or none: id without angle brackets, date as in WARC-Date, digest "sha256:<hex>"."""

    address: Address
    record_id: str
    date: str
    payload_digest: str
    revisit: bool = False


@dataclass(frozen=True)
class Record:
    """One WARC record: its named fields in their order, its block byte for byte."""

    address: Address
    version: str
    fields: tuple[tuple[str, str], ...]
    block: bytes

    def get(self, name: str) -> str | None:
        """The first value of a named field, or None; case of the name does not matter."""
        return self._first.get(name.lower())

    def get_all(self, name: str) -> list[str]:
        """Every value of a named field, in order."""
        wanted = name.lower()
        return [value for each, value in self.fields if each.lower() == wanted]

    @cached_property
    def _first(self) -> dict[str, str]:
        return {name.lower(): value for name, value in reversed(self.fields)}

    @property
    def type(self) -> str:
        """WARC-Type: response, request, revisit, metadata, resource, warcinfo."""
        return self.get("WARC-Type") or ""

    @property
    def id(self) -> str:
        """WARC-Record-ID without its angle brackets."""
        return unbracketed(self.get("WARC-Record-ID") or "")

    @property
    def date(self) -> str:
        """WARC-Date as it stands."""
        return self.get("WARC-Date") or ""

    @property
    def url(self) -> str | None:
        """WARC-Target-URI, without the brackets that WARC/1.0 put around it."""
        url = self.get("WARC-Target-URI")
        return None if url is None else unbracketed(url)

    @property
    def cut(self) -> bool:
        """Whether a response lacks its end; one that only ends with its connection is taken as it came."""
        truncated = self.get("WARC-Truncated")
        if truncated != "disconnect":
            return truncated is not None
        return any(self.message.get(name) is not None for name in ("Content-Length", "Transfer-Encoding"))

    @cached_property
    def message(self) -> Message:
        """The block as an HTTP message."""
        return Message(self.block)


def unbracketed(value: str) -> str:
    """A URI without the angle brackets around it.

    >>> unbracketed("<urn:uuid:1>")
    'urn:uuid:1'
    """
    return value[1:-1] if value.startswith("<") and value.endswith(">") else value


def records(source: Path | BinaryIO, file: str | None = None) -> Iterator[Record]:
    """Every record of a WARC file, WARC/1.0 or 1.1, compressed by record or not, one in memory at a time.

    `file` names it in addresses (default: the path's own name, without `.open`). Raises BrokenRecordError where the file
    is torn or damaged, after all records before that place.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        name = file or (source.name.removesuffix(OPEN) if isinstance(source, Path) else "")
        try:
            for member in members(stream):
                yield parse(member, name)
        except BrokenMemberError as error:
            raise BrokenRecordError(name, error.offset, error.reason, torn=error.torn) from error


def record_at(stream: BinaryIO, address: Address) -> Record:
    """The record at an address of a seekable stream; raises BrokenRecordError when no record of that length lies there."""
    stream.seek(address.offset)
    try:
        member = next(members(stream, address.offset), None)
    except BrokenMemberError as error:
        raise BrokenRecordError(address.file, error.offset, error.reason, torn=error.torn) from error
    if member is None or member.length != address.length:
        found = member.length if member else 0
        raise BrokenRecordError(address.file, address.offset, f"{found} bytes lie here, not {address.length}")
    return parse(member, address.file)


def parse(member: Member, file: str) -> Record:
    """The record inside a member; raises BrokenRecordError when its framing does not hold (WARC/1.1 section 4)."""
    data = member.data
    end = data.find(b"\r\n\r\n")
    version, *lines = data[: max(end, 0)].decode("utf-8", "surrogateescape").split("\r\n")
    if not version.startswith("WARC/"):
        raise BrokenRecordError(file, member.offset, "no WARC header stands here")
    address = Address(file, member.offset, member.length)
    record = Record(address, version, tuple(map(_field, lines)), data[end + 4 : -4])
    length = record.get("Content-Length")
    if not data.endswith(b"\r\n\r\n", end + 4) or length != str(len(record.block)):
        following = len(data) - end - 4
        reason = f"Content-Length is {length}, but {following} bytes follow the header, the closing CRLF CRLF with them"
        raise BrokenRecordError(file, member.offset, reason)
    return record


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip(" \t")
