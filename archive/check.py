"""The integrity of one WARC file: every record whole, true to its digests, in its place, and found by the index."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from archive import cdxj
from archive.damage import cut_tail, members_and_damage
from archive.finding import Finding
from archive.member import GZIP, BrokenMemberError, Member
from archive.record import OPEN, Address, Record, unbracketed
from archive.rules import breaches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["check", "cut_tail"]

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
    exchanges; lines of other files are passed over. `seen` carries record ids from file to file of a snapshot. A
    damaged place is stepped over where a later record can be found.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        name = file or (source.name.removesuffix(OPEN) if isinstance(source, Path) else "")
        yield from _File(name, set() if seen is None else seen, index).findings(stream)


class _File:
    """What must be remembered from record to record of one file."""

    def __init__(self, name: str, seen: set[str], index: Iterable[bytes] | None) -> None:
        self.name = name
        self.seen = seen
        self.index = None if index is None else _Index(name, index)
        self.warcinfo: str | None = None
        self.count = 0
        self.awaited: Record | None = None  # the response whose request must come next

    def findings(self, stream: BinaryIO) -> Iterator[Finding]:
        for each in members_and_damage(stream):
            if isinstance(each, BrokenMemberError):
                self.awaited = None
                yield self._finding(each.offset, None, None, each.reason)
            else:
                yield from self._member(each)
        if self.awaited:
            yield self._of(self.awaited, "the file ends before the request of this response", "warning")
        if not self.count:
            yield self._finding(0, None, None, "the file holds no record")
        if self.index:
            yield from self.index.left()

    def _member(self, member: Member) -> Iterator[Finding]:
        record, faults = _framed(member, self.name)
        for fault in faults:
            yield self._finding(member.offset, member.length, record.id if record else None, fault)
        if record is None:
            return
        self.count += 1
        for reason in (*breaches(record), *self._placed(record)):
            yield self._of(record, reason)
        if not member.raw.startswith(GZIP):
            yield self._of(record, "record is not compressed: an address cannot be read by itself")
        if self.index:
            for reason in self.index.compared(record, member.raw):
                yield self._of(record, reason)

    def _placed(self, record: Record) -> Iterator[str]:
        if record.id in self.seen:
            yield "record id stands on an earlier record too"
        self.seen.add(record.id)
        if self.count == 1 and record.type != "warcinfo":
            yield "the file does not begin with a warcinfo record"
        yield from self._described(record)
        yield from self._paired(record)

    def _described(self, record: Record) -> Iterator[str]:
        if record.type == "warcinfo":
            if self.count > 1:
                yield "a second warcinfo record stands in one file"
            self.warcinfo = record.id
            if record.get("WARC-Filename") != self.name:
                yield f"WARC-Filename is {record.get('WARC-Filename')}, but the file is {self.name}"
        elif unbracketed(record.get("WARC-Warcinfo-ID") or "") != self.warcinfo:
            yield "WARC-Warcinfo-ID does not name the warcinfo record of this file"

    def _paired(self, record: Record) -> Iterator[str]:
        response, self.awaited = self.awaited, record if record.type in ("response", "revisit") else None
        if record.type != "request":
            if response:
                yield f"a request should stand here: {response.type} {response.id} before it has none"
            return
        if response is None or response.id not in map(unbracketed, record.get_all("WARC-Concurrent-To")):
            yield "request does not follow the response that it led to"
        elif (response.date, response.url) != (record.date, record.url):
            yield "request and response differ in WARC-Date or WARC-Target-URI"

    def _of(self, record: Record, reason: str, severity: Literal["error", "warning"] = "error") -> Finding:
        where: Address = record.address
        return self._finding(where.offset, where.length, record.id or None, reason, severity)

    def _finding(
        self,
        offset: int,
        length: int | None,
        record: str | None,
        reason: str,
        severity: Literal["error", "warning"] = "error",
    ) -> Finding:
        place = f"{self.name}@{offset}" + (f"+{length}" if length is not None else "")
        return Finding(severity, place, record, reason)


class _Index:
    """The lines that an index holds for one file, each taken out when its record is met."""

    def __init__(self, name: str, lines: Iterable[bytes]) -> None:
        self.name = name
        self.lines: dict[str, bytes] = {}
        self.faults: list[Finding] = []
        for text in lines:
            try:
                line = cdxj.parse_line(text)
            except ValueError as error:
                self.faults.append(Finding("error", "index", None, str(error)))
                continue
            if line.fields.get("filename") == name:
                self._add(line.fields.get("offset", ""), text)

    def compared(self, record: Record, raw: bytes) -> Iterator[str]:
        expected = cdxj.line_of(record, raw)
        found = self.lines.pop(str(record.address.offset), None) if expected else None
        if expected and found is None:
            yield "the index does not name this record"
        elif expected and found and found.rstrip(b"\n") != expected.rstrip(b"\n"):
            yield f"the index line disagrees: {_difference(cdxj.parse_line(found), cdxj.parse_line(expected))}"

    def left(self) -> Iterator[Finding]:
        yield from self.faults
        for offset in self.lines:
            yield Finding(
                "error", f"{self.name}@{offset}", None, "the index names a record that does not lie here"
            )

    def _add(self, offset: str, text: bytes) -> None:
        if offset in self.lines:
            self.faults.append(
                Finding("error", f"{self.name}@{offset}", None, "the index names this record twice")
            )
        self.lines[offset] = text


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


def _difference(found: cdxj.Line, expected: cdxj.Line) -> str:
    names = [name for name in expected.fields if found.fields.get(name) != expected.fields[name]]
    if (found.key, found.timestamp) != (expected.key, expected.timestamp):
        names.insert(0, "key or time")
    return ", ".join(names) or "its form"
