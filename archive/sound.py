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

from archive.glance import Glance
from archive.journal import CONTENT_TYPE, fault_of
from archive.profile import REQUEST, RESPONSE

if TYPE_CHECKING:
    from archive.glance import Headed
    from archive.record import Record

END = b"\r\n\r\n"
HEAD = 64 * 2**10
"""Bytes of a usual record's header and its end, at most."""
FORM = re.compile(
    r"""
    WARC/1\.1\r\n
    WARC-Type:\ (?P<type>response|request|metadata)\r\n
    WARC-Record-ID:\ <(?P<id>urn:[!-;=?-~]+)>\r\n
    WARC-Date:\ (?P<date>\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z)\r\n
    WARC-Target-URI:\ (?P<url>[!-~]+)\r\n
    WARC-Warcinfo-ID:\ <(?P<warcinfo>[!-;=?-~]+)>\r\n
    (?:WARC-Concurrent-To:\ <(?P<concurrent>[!-;=?-~]+)>\r\n)?
    (?:WARC-IP-Address:\ [0-9a-f.:]+\r\n)?
    (?:WARC-Protocol:\ [!-~]+\r\n)*
    (?:WARC-Cipher-Suite:\ [!-~]+\r\n)?
    WARC-Block-Digest:\ (?P<block>sha256:[!-~]+)\r\n
    (?:WARC-Payload-Digest:\ (?P<payload>sha256:[!-~]+)\r\n)?
    Content-Type:\ (?P<content>[!-~]+)\r\n
    Content-Length:\ (?P<length>[1-9]\d{0,8})
    """,
    re.VERBOSE | re.ASCII,
)


class Told(NamedTuple):
    """What the records of a file are compared by; `message` (what its head says) and `payload` digest of responses."""

    type: str
    id: str
    date: str
    url: str | None
    warcinfo: str
    concurrent: tuple[str, ...]
    truncated: bool = False
    message: Headed | None = None
    payload: str = ""
    record: Record | None = None
    """The record itself, where it had to be taken apart."""


def sound(data: bytes) -> Told | None:
    """What a record tells, if its bytes have the usual form and its digests hold; None where that must be looked into."""
    end = data.find(END, 0, HEAD)
    form = FORM.fullmatch(data[: max(end, 0)].decode("latin-1"))
    if not form:
        return None
    kind, identifier, date, url, warcinfo, concurrent, digest, payload, content, length = form.groups()
    begin = end + len(END)
    end = begin + int(length)
    if len(data) != end + len(END) or not data.endswith(END) or not _is_day(date[:10]):
        return None
    block = memoryview(data)[begin:end]
    if "sha256:" + sha256(block).hexdigest() != digest:
        return None
    message = None
    if kind == "response":
        message = _head(data, begin, end, payload) if content == RESPONSE else None
        wanted = message is not None
    elif kind == "request":
        wanted = content == REQUEST and not payload
    else:
        wanted = content == CONTENT_TYPE and not payload and _is_entry(url, block)
    if not wanted:
        return None
    beside = (concurrent,) if concurrent else ()
    return Told(kind, identifier, date, url, warcinfo, beside, False, message, payload or "")


def _head(data: bytes, begin: int, end: int, digest: str | None) -> Glance | None:
    """The head of a response that is not chunked, if its payload is what the digest says."""
    head = Glance.of(data, begin, end) if digest else None
    if not head or not head.frames(end - begin - head.size):
        return None
    payload = memoryview(data)[begin + head.size : end]
    return head if "sha256:" + sha256(payload).hexdigest() == digest else None


def _is_entry(url: str, block: memoryview) -> bool:
    """Whether a metadata record is an entry of the journal."""
    if ":journal:" not in url:
        return False
    try:
        found = orjson.loads(block)
    except orjson.JSONDecodeError:
        return False
    return fault_of(found) is None


@lru_cache(1000)
def _is_day(date: str) -> bool:
    try:
        return bool(datetime.fromisoformat(date))
    except ValueError:
        return False
