"""A download handler that answers from an archive: the same URL, the same bytes, no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urldefrag

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Headers
from scrapy.utils._download_handlers import make_response
from twisted.web._newclient import HTTPParser

from archive.record import Captured, record_at, records
from crawler.route import ConfigError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.record import Address, Record

GET = "GET"


class Place(NamedTuple):
    """Where a response lies, and since when it was the answer."""

    path: Path
    address: Address
    date: str


class ReplayHandler(BaseDownloadHandler):
    """Answers from the WARC files that the setting REPLAY names: files or folders of them, separated by commas.

    The latest capture of a method and URL answers; a revisit gives what it stands for. The response is what the wire
    would have given: de-chunked, still content-encoded; its record is told in ``request.meta["captured"]``. What is not
    there raises Refused ("not-archived").
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        named: list[str] = crawler.settings.getlist("REPLAY")
        self._named = ", ".join(named)
        self._places: dict[tuple[str, str], Place] = {}
        self._by_id: dict[str, Place] = {}
        for path in warc_files(named):
            self._index(path)

    async def download_request(self, request: Request) -> Response:
        """The archived response; raises Refused where there is none."""
        place = self._places.get((request.method, urldefrag(request.url).url))
        if place is None:
            raise Refused(
                "not-archived",
                f"{request.method} {request.url} is not in {self._named} ({len(self._places)} answers)",
            )
        record = self._stood_for(read(place))
        request.meta["captured"] = captured(record)
        return response_from(record, request)

    def _index(self, path: Path) -> None:
        """Note each response of a file, and the method of those whose request says that it was no GET."""
        responses: dict[str, tuple[str, str]] = {}
        for record in records(path):
            if record.type in ("response", "revisit") and record.url:
                responses[record.id] = (GET, record.url)
                self._by_id[record.id] = Place(path, record.address, record.date)
            elif record.type == "request":
                answer = (record.get("WARC-Concurrent-To") or "").strip("<>")
                if answer in responses:
                    responses[answer] = (
                        record.block.split(b" ", 1)[0].decode("latin-1"),
                        responses[answer][1],
                    )
        for record_id, asked in responses.items():
            place = self._by_id[record_id]
            if asked not in self._places or self._places[asked].date <= place.date:
                self._places[asked] = place

    def _stood_for(self, record: Record) -> Record:
        if record.type != "revisit":
            return record
        original = (record.get("WARC-Refers-To") or "").strip("<>")
        if original not in self._by_id:
            since = f"{record.get('WARC-Refers-To-Target-URI')} of {record.get('WARC-Refers-To-Date')}"
            raise Refused(
                "not-archived", f"{record.url} was unchanged since {since}, which is not in {self._named}"
            )
        return self._stood_for(read(self._by_id[original]))


def warc_files(named: Iterable[str]) -> Iterator[Path]:
    """The WARC files behind names of files and folders, in order; raises ConfigError for a name that leads to none."""
    for name in named:
        path = Path(name)
        found = sorted(path.rglob("*.warc.gz")) if path.is_dir() else [path]
        if not found or not all(file.is_file() for file in found):
            raise ConfigError(f"REPLAY names {name}, where no WARC file is")
        yield from found


def read(place: Place) -> Record:
    """The record at a place."""
    with place.path.open("rb") as stream:
        return record_at(stream, place.address)


def captured(record: Record) -> Captured:
    """What the wire's handler would have told of the record."""
    return Captured(record.address, record.id, record.date, record.get("WARC-Payload-Digest") or "")


def response_from(record: Record, request: Request) -> Response:
    """The response as Scrapy's HTTP/1.1 handler makes it of the same bytes; flagged "truncated" where it is not whole."""
    message = record.message
    body = b"" if request.method == "HEAD" else message.payload()
    headers = Headers()
    if message.get("Content-Length") is not None:
        headers[b"Content-Length"] = str(len(body)).encode()
    for name, value in message.headers:
        if name.lower().encode("latin-1") not in HTTPParser.CONNECTION_CONTROL_HEADERS:
            headers.appendlist(name.encode("latin-1"), value.encode("latin-1"))
    version = message.start_line.split(b" ", 1)[0].decode("latin-1")
    url = urldefrag(request.url).url
    flags = ["truncated"] if record.get("WARC-Truncated") else None
    response: Response = make_response(url, message.status, headers, body, flags, protocol=version)
    return response
