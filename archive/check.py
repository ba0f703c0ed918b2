"""The integrity of one WARC file: every record whole, true to its digests, in its place, and found by the index."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from archive import cdxj
from archive.damage import Source, members_and_damage
from archive.finding import Finding
from archive.indexed import compared
from archive.member import GZIP, BrokenMemberError, Member
from archive.record import OPEN, Address, Record, unbracketed
from archive.rules import breaches
from archive.sound import Told, sound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*")
VERSIONS = (b"WARC/1.1", b"WARC/1.0")
END = b"\r\n\r\n"


def check(
    source: Path | BinaryIO,
    file: str | None = None,
    *,
    index: Iterable[bytes] | None = None,
    seen: set[str] | None = None,
) -> Iterator[Finding]:
    """Everything that is wrong with a WARC file of Letopis, damage first to last; nothing where it is sound.

    `file` is the name it ought to have (default: the path's). `index` holds the CDXJ lines that ought to name its
    exchanges; lines of other files are passed over. `seen` carries record ids from file to file of a snapshot. A damaged place is stepped over where a later
    record can be found.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        name = file or (source.name.removesuffix(OPEN) if isinstance(source, Path) else "")
        notes = _Notes(set() if seen is None else seen)
        yield from Walk(name, notes).findings(stream)
        yield from notes.repeated
        if index is not None:
            kept = sorted(line.rstrip(b"\n") + b"\n" for line in index if _of(name, line))
            yield from compared(kept, sorted(notes.lines))


def _of(name: str, line: bytes) -> bool:
    try:
        return cdxj.parse_line(line).fields.get("filename") == name
    except ValueError:
        return True  # to be told of


class Notes(Protocol):
    """Takes what the rest of a snapshot is compared with."""

    def record(self, record_id: str, place: str) -> None:
        """A record's id, and where it stands."""

    def line(self, line: bytes) -> None:
        """The index line that an exchange ought to have."""

    def revisit(self, record: Record) -> None:
        """A record that stands for another one."""


class _Notes:
    """Held in memory: for one file, and the ids of those before it."""

    def __init__(self, seen: set[str]) -> None:
        self._seen = seen
        self.repeated: list[Finding] = []
        self.lines: list[bytes] = []

    def record(self, record_id: str, place: str) -> None:
        if record_id in self._seen:
            self.repeated.append(repeated(record_id, place))
        self._seen.add(record_id)

    def line(self, line: bytes) -> None:
        self.lines.append(line)

    def revisit(self, record: Record) -> None:
        pass


def repeated(record_id: str, place: str) -> Finding:
    """That a record id is used twice."""
    return Finding("error", place, record_id or None, "record id stands on an earlier record too")


class Walk:
    """One pass over a WARC file, and what must be remembered on it from record to record."""

    def __init__(self, name: str, notes: Notes, *, digests: bool = True) -> None:
        self._name = name
        self._notes = notes
        self._digests = digests  # whether index lines shall hold that of the gzip member
        self._warcinfo: str | None = None
        self._awaited: tuple[Told, Address] | None = None  # the response whose request must come next
        self.count = 0

    def findings(self, stream: Source) -> Iterator[Finding]:
        """What is wrong, in the order of the file."""
        for each in members_and_damage(stream):
            if isinstance(each, BrokenMemberError):
                self._awaited = None
                yield Finding("error", f"{self._name}@{each.offset}", None, each.reason)
                continue
            told = sound(each.data)
            if told and self._follows(told) and each.raw.startswith(GZIP):
                self._take(told, each)
            else:
                yield from self._member(each, told)
        if self._awaited:
            told, address = self._awaited
            yield _finding(address, told.id, "the file ends before the request of this response", "warning")
        if not self.count:
            yield Finding("error", f"{self._name}@0", None, "the file holds no record")

    def _follows(self, told: Told) -> bool:
        """Whether nothing can be said against a record of the usual form where it stands."""
        awaited = self._awaited[0] if self._awaited else None
        if told.warcinfo != self._warcinfo or not self.count:
            return False
        if told.type != "request" or awaited is None:
            return told.type != "request" and awaited is None
        return awaited.id in told.concurrent and awaited.date == told.date and awaited.url == told.url

    def _member(self, member: Member, told: Told | None) -> Iterator[Finding]:
        address = Address(self._name, member.offset, member.length)
        if told is None:
            record, faults = _framed(member, self._name)
            for fault in faults:
                yield _finding(address, record.id if record else None, fault)
            if record is None:
                return
            for reason in breaches(record):
                yield _finding(address, record.id, reason)
            told = _told(record)
        before = self._awaited
        self._take(told, member)
        for reason in [*self._described(told), *_paired(told, before)]:
            yield _finding(address, told.id, reason)
        if not member.raw.startswith(GZIP):
            yield _finding(address, told.id, "record is not compressed: an address cannot be read by itself")

    def _take(self, told: Told, member: Member) -> None:
        """Count a record, await its request, and note it."""
        self.count += 1
        self._awaited = None
        length = len(member.raw)
        self._notes.record(told.id, f"{self._name}@{member.offset}+{length}")
        if told.record and told.type == "revisit":
            self._notes.revisit(told.record)
        if told.type in cdxj.INDEXED:
            address = Address(self._name, member.offset, length)
            self._awaited = told, address
            if told.message:
                line = cdxj.line(
                    type=told.type,
                    record_id=told.id,
                    truncated=told.truncated,
                    url=told.url or "",
                    date=told.date,
                    message=told.message,
                    payload_digest=told.payload,
                    address=address,
                    raw=member.raw if self._digests else None,
                )
                self._notes.line(line)

    def _described(self, told: Told) -> Iterator[str]:
        if self.count == 1 and told.type != "warcinfo":
            yield "the file does not begin with a warcinfo record"
        if told.type == "warcinfo":
            if self.count > 1:
                yield "a second warcinfo record stands in one file"
            self._warcinfo = told.id
            named = told.record.get("WARC-Filename") if told.record else None
            if named != self._name:
                yield f"WARC-Filename is {named}, but the file is {self._name}"
        elif told.warcinfo != self._warcinfo:
            yield "WARC-Warcinfo-ID does not name the warcinfo record of this file"


def _paired(told: Told, before: tuple[Told, Address] | None) -> Iterator[str]:
    """What is wrong with a record's place after the response, if one, that awaits its request."""
    response = before[0] if before else None
    if told.type != "request":
        if response:
            yield f"a request should stand here: {response.type} {response.id} before it has none"
        return
    if response is None or response.id not in told.concurrent:
        yield "request does not follow the response that it led to"
    elif (response.date, response.url) != (told.date, told.url):
        yield "request and response differ in WARC-Date or WARC-Target-URI"


def place_of(address: Address) -> str:
    """An address as findings name it."""
    return f"{address.file}@{address.offset}+{address.length}"


def _finding(
    address: Address, record_id: str | None, reason: str, severity: Literal["error", "warning"] = "error"
) -> Finding:
    return Finding(severity, place_of(address), record_id or None, reason)


def _told(record: Record) -> Told:
    return Told(
        record.type,
        record.id,
        record.date,
        record.url,
        unbracketed(record.get("WARC-Warcinfo-ID") or ""),
        tuple(map(unbracketed, record.get_all("WARC-Concurrent-To"))),
        record.get("WARC-Truncated") is not None,
        record.message,
        record.get("WARC-Payload-Digest") or "",
        record,
    )


def _framed(member: Member, name: str) -> tuple[Record | None, list[str]]:
    """The record in a member as far as it can be told, and what is wrong with its framing."""
    head, blank, rest = member.data.partition(END)
    version, *lines = head.split(b"\r\n")
    if version not in VERSIONS or not blank:
        return None, ["no WARC/1.1 header stands here, or no blank line ends it"]
    faults: list[str] = []
    fields: list[tuple[str, str]] = []
    for line in lines:
        text = line.decode("utf-8", "replace")
        if "\ufffd" in text or not FIELD.fullmatch(text):
            faults.append(f"header line {text[:80]!r} is no named field in UTF-8")
        field, _, value = text.partition(":")
        fields.append((field, value.strip(" \t")))
    stated = next((value for name, value in fields if name.lower() == "content-length"), None)
    block, fault = _measured(stated, rest)
    record = Record(Address(name, member.offset, member.length), version.decode(), tuple(fields), block)
    return record, [*faults, fault] if fault else faults


def _measured(stated: str | None, rest: bytes) -> tuple[bytes, str | None]:
    """The block as far as it can be told from what follows the header, and what is wrong with its length."""
    if stated is None:
        return rest.removesuffix(END), None  # archive.rules says so
    if not (stated.isascii() and stated.isdigit()):
        return rest.removesuffix(END), f"Content-Length {stated!r} is no number"
    block, tail = rest[: int(stated)], rest[int(stated) :]
    if tail == END and len(block) == int(stated):
        return block, None
    if tail.startswith(END + b"WARC/"):
        return block, "more than one record stands in one gzip member: they cannot be addressed"
    if len(block) == int(stated) and tail in (b"", b"\r", b"\r\n", b"\r\n\r"):
        return block, "the two closing CRLF of the record are missing"
    block = rest.removesuffix(END)
    return block, f"Content-Length is {stated}, but the block has {len(block)} bytes"
