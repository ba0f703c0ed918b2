"""WARC files that lie anywhere, by themselves or inside WACZ files, whoever wrote them: indexed in memory when first asked."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from struct import Struct
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from archive.framing import digest
from archive.holdings import Answer, Capture, instant
from archive.record import BrokenRecordError, Record, record_at, records, unbracketed
from archive.urlkey import key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.record import Address

WARC, WACZ = (".warc", ".warc.gz"), ".wacz"
ZIP = b"PK"
LOCAL = Struct("<26xHH")
"""The header of a zip entry before its name, and how long name and extra field are (APPNOTE 4.3.7)."""


class Volume(NamedTuple):
    """A WARC file: `size` bytes from `begin` on of the file at `path`; all of it where `size` is None."""

    path: Path
    name: str
    begin: int = 0
    size: int | None = None

    def open(self) -> BinaryIO:
        """The WARC file as a seekable stream."""
        if self.size is None:
            return self.path.open("rb")
        return cast("BinaryIO", io.BufferedReader(_Part(self.path, self.begin, self.size)))


class _Place(NamedTuple):
    volume: Volume
    address: Address

    def read(self) -> Record:
        with self.volume.open() as stream:
            return record_at(stream, self.address)


@dataclass(slots=True)
class _Shelf:
    """What the files hold: captures by their keys, records by what a revisit may name them by, requests by their responses."""

    captures: dict[str, list[Capture]] = field(default_factory=dict)
    by_id: dict[str, _Place] = field(default_factory=dict)
    by_date: dict[tuple[str, str], _Place] = field(default_factory=dict)
    by_digest: dict[str, _Place] = field(default_factory=dict)
    requests: dict[str, _Place] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)


class Files:
    """WARC files and WACZ files, read through once; `troubles` says what of them could not be read."""

    def __init__(self, name: str, paths: Sequence[Path]) -> None:
        self.name = name
        self.troubles: list[str] = []
        self._paths = paths

    def captures(self, url: str, at: datetime) -> Iterator[Capture]:
        """Captures under the URL's key, the nearest in time first, of one instant the later in its file."""
        found = self._shelf.captures.get(key(url), [])
        later_first = found[::-1]
        return iter(sorted(later_first, key=lambda capture: abs(at - capture.at)))

    def answer(self, capture: Capture) -> Answer:
        """The records of a capture."""
        response = _answering(_Place(capture.place, capture.address).read())
        asked = self._shelf.requests.get(response.id) or self._shelf.requests.get(
            self._shelf.partners.get(response.id, "")
        )
        return Answer(response, asked.read() if asked else None)

    def original(self, revisit: Record) -> Record | None:
        """The response that a revisit stands for: by its record id, by its URL and date, or by the digest of its payload."""
        shelf = self._shelf
        url = unbracketed(revisit.get("WARC-Refers-To-Target-URI") or revisit.url or "")
        place = (
            shelf.by_id.get(unbracketed(revisit.get("WARC-Refers-To") or ""))
            or shelf.by_date.get((url, revisit.get("WARC-Refers-To-Date") or ""))
            or shelf.by_digest.get(revisit.get("WARC-Payload-Digest") or "")
        )
        return place.read() if place else None

    @cached_property
    def _shelf(self) -> _Shelf:
        shelf = _Shelf()
        for path in self._paths:
            for volume in self._volumes(path):
                try:
                    with volume.open() as stream:
                        for record in records(stream, volume.name):
                            self._put(shelf, record, volume)
                except BrokenRecordError as error:
                    self.troubles.append(f"{path} is read no further than that: {error}")
        return shelf

    def _put(self, shelf: _Shelf, record: Record, volume: Volume) -> None:
        try:
            _place(shelf, record, volume)
        except ValueError:
            place = f"{volume.name} at offset {record.address.offset}"
            self.troubles.append(f"{place} is passed over: {record.date!r} is no date")

    def _volumes(self, path: Path) -> Iterator[Volume]:
        with path.open("rb") as stream:
            if stream.read(len(ZIP)) == ZIP:
                yield from self._packed(path, stream, 0)
            else:
                yield Volume(path, path.name)

    def _packed(self, path: Path, stream: BinaryIO, begin: int) -> Iterator[Volume]:
        """The WARC files in a zip that begins at a byte of a file; a WACZ may hold further ones."""
        try:
            with zipfile.ZipFile(stream) as archive:
                members = [one for one in archive.infolist() if one.filename.endswith((*WARC, WACZ))]
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            self.troubles.append(f"{path} is no whole zip file: {error}")
            return
        if not members:
            self.troubles.append(f"{path} is a zip file without a WARC file")
        for one in members:
            if one.compress_type != zipfile.ZIP_STORED:
                reason = f"{one.filename} in {path} is compressed once more, which WACZ forbids"
                self.troubles.append(f"{reason}: unzip it and name the WARC file")
                continue
            stream.seek(one.header_offset)
            header = stream.read(LOCAL.size)
            if len(header) < LOCAL.size:
                self.troubles.append(f"{one.filename} is not in {path}, which lists it")
                continue
            inside = one.header_offset + LOCAL.size + sum(LOCAL.unpack(header))
            volume = Volume(path, one.filename.rpartition("/")[2], begin + inside, one.file_size)
            if one.filename.endswith(WACZ):
                with volume.open() as within:
                    yield from self._packed(path, within, volume.begin)
            else:
                yield volume


def _place(shelf: _Shelf, record: Record, volume: Volume) -> None:
    place = _Place(volume, record.address)
    beside = [unbracketed(value) for value in record.get_all("WARC-Concurrent-To")]
    if record.type == "request":
        shelf.requests.update(dict.fromkeys((record.id, *beside), place))
    if record.type not in ("response", "revisit", "resource") or not record.url:
        return
    if record.type == "resource" and not record.url.startswith(("http://", "https://")):
        return  # what a tool kept beside the exchanges: settings, texts, pictures of pages
    if beside:  # some name the request in the response, others the other way round
        shelf.partners[record.id] = beside[0]
    at = instant(record.date)
    status = "200" if record.type == "resource" else str(record.message.status)
    captures = shelf.captures.setdefault(key(record.url), [])
    captures.append(Capture(record.url, at, volume, record.address, status))
    if record.type == "response":
        shelf.by_id[record.id] = place
        shelf.by_date[record.url, record.date] = place
        if digest := record.get("WARC-Payload-Digest"):
            shelf.by_digest.setdefault(digest, place)


def _answering(record: Record) -> Record:
    """A record that answers a request: one of an http(s) resource, which holds the entity-body alone (WARC/1.1 section 6.4), as a plain 200.

    What the server said besides was not kept; the media type is the record's own.
    """
    if record.type != "resource":
        return record
    media = " ".join((record.get("Content-Type") or "application/octet-stream").split())
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {len(record.block)}\r\n\r\n"
    block = head.encode("latin-1", "replace") + record.block
    said = {"warc-type": "response", "content-type": "application/http;msgtype=response"}
    said |= {"warc-block-digest": digest(block), "warc-payload-digest": digest(record.block)}
    fields = ((name, said.get(name.lower(), value)) for name, value in record.fields)
    return Record(record.address, record.version, tuple(fields), block)


class _Part(io.RawIOBase):
    """A part of a file, as a file of its own."""

    def __init__(self, path: Path, begin: int, size: int) -> None:
        self._stream = path.open("rb")
        self._begin = begin
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._stream.seek(self._begin + self._at)
        data = self._stream.read(max(min(self._size - self._at, len(buffer)), 0))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
