"""Records in the very form in which they are written here, known at one look to break no rule of archive.rules.

Most records of an archive are such. Whatever has another form is no worse for it: it is looked at by the rules one by one.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import orjson

from archive.journal import CONTENT_TYPE, KINDS
from archive.message import BLANK, Message
from archive.profile import REQUEST, RESPONSE

if TYPE_CHECKING:
    from archive.record import Record

END = b"\r\n\r\n"
ANSWER, ASKED, ENTRY = RESPONSE.encode(), REQUEST.encode(), CONTENT_TYPE.encode()
FORM = re.compile(
    rb"""
    WARC/1\.1\r\n
    WARC-Type:\ (?:(?P<response>response)|(?P<request>request)|metadata)\r\n
    WARC-Record-ID:\ <(?P<id>urn:[!-;=?-~]+)>\r\n
    WARC-Date:\ (?P<date>\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z)\r\n
    WARC-Target-URI:\ (?P<url>[!-~]+)\r\n
    WARC-Warcinfo-ID:\ <(?P<warcinfo>[!-;=?-~]+)>\r\n
    (?:WARC-Concurrent-To:\ <(?P<concurrent>[!-;=?-~]+)>\r\n)?
    (?:WARC-IP-Address:\ [0-9a-f.:]+\r\n)?
    (?:WARC-Protocol:\ [!-~]+\r\n)*
    (?:WARC-Cipher-Suite:\ [!-~]+\r\n)?
    WARC-Block-Digest:\ sha256:(?P<block>[0-9a-f]{64})\r\n
    (?:WARC-Payload-Digest:\ (?P<payload>sha256:[0-9a-f]{64})\r\n)?
    Content-Type:\ (?P<content>[!-~]+)\r\n
    Content-Length:\ (?P<length>[1-9]\d{0,8})\r\n\r\n
    """,
    re.VERBOSE,
)


class Told(NamedTuple):
    """What the records of a file are compared by; `message` (its head at least) and `payload` digest of responses."""

    type: str
    id: str
    date: str
    url: str | None
    warcinfo: str
    concurrent: tuple[str, ...]
    truncated: bool = False
    message: Message | None = None
    payload: str = ""
    record: Record | None = None
    """The record itself, where it had to be taken apart."""


def sound(data: bytes) -> Told | None:
    """What a record tells, if its bytes have the usual form and its digests hold; None where that must be looked into."""
    form = FORM.match(data)
    if not form:
        return None
    response, request, identifier, date, url, warcinfo, concurrent, digest, payload, content, length = (
        form.groups()
    )
    begin = form.end()
    end = begin + int(length)
    if len(data) != end + len(END) or not data.endswith(END) or not _is_day(date[:10]):
        return None
    block = memoryview(data)[begin:end]
    if sha256(block).hexdigest() != digest.decode():
        return None
    message = None
    if response:
        message = _message(data, block, payload) if content == ANSWER else None
        kind, wanted = "response", message is not None
    elif request:
        kind, wanted = "request", content == ASKED and not payload
    else:
        kind, wanted = "metadata", content == ENTRY and not payload and _is_entry(url, block)
    if not wanted:
        return None
    return Told(
        kind,
        identifier.decode(),
        date.decode(),
        url.decode(),
        warcinfo.decode(),
        (concurrent.decode(),) if concurrent else (),
        False,
        message,
        payload.decode() if message else "",
    )


def _message(data: bytes, block: memoryview, digest: bytes | None) -> Message | None:
    """The head of a response that is not chunked, if its payload is what the digest says."""
    begin = len(data) - len(END) - len(block)
    blank = BLANK.search(data, begin)
    if not blank or not digest:
        return None
    message = Message(data[begin : blank.end()])
    payload = block[blank.end() - begin :]
    lengths = message.get_all("content-length")
    if message.get("transfer-encoding") is not None or lengths not in ([], [str(len(payload))]):
        return None
    return message if sha256(payload).hexdigest() == digest[7:].decode() else None


def _is_entry(url: bytes, block: memoryview) -> bool:
    """Whether a metadata record is an entry of the journal."""
    if b":journal:" not in url:
        return False
    try:
        found = orjson.loads(block)
    except orjson.JSONDecodeError:
        return False
    return isinstance(found, dict) and found.get("kind") in KINDS and isinstance(found.get("at"), str)


@lru_cache(1000)
def _is_day(date: bytes) -> bool:
    try:
        return bool(datetime.fromisoformat(date.decode()))
    except ValueError:
        return False
