"""Records in the very form in which they are written here, known at one look to break no rule of archive.rules.

Most records of an archive are such. Whatever has another form is no worse for it: it is looked at by the rules one by one.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import orjson

from archive.journal import CONTENT_TYPE, KINDS
from archive.message import BLANK, Message
from archive.profile import REQUEST, RESPONSE

if TYPE_CHECKING:
    from archive.record import Record

END = b"\r\n\r\n"
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
    begin, size = form.end(), int(form["length"])
    block = memoryview(data)[begin : begin + size]
    whole = len(data) == begin + size + len(END) and data.endswith(END)
    if not whole or hashlib.sha256(block).hexdigest() != form["block"].decode() or not _is_day(form["date"]):
        return None
    if form["response"]:
        return _response(form, data, block)
    kind = "request" if form["request"] else "metadata"
    if form["payload"] or form["content"].decode() != (REQUEST if form["request"] else CONTENT_TYPE):
        return None
    return _told(form, kind) if form["request"] or _is_entry(form["url"], block) else None


def _response(form: re.Match[bytes], data: bytes, block: memoryview) -> Told | None:
    blank = BLANK.search(data, form.end())
    if not blank or not form["payload"] or form["content"].decode() != RESPONSE:
        return None
    message = Message(data[form.end() : blank.end()])
    payload = block[blank.end() - form.end() :]
    lengths = message.get_all("content-length")
    if message.get("transfer-encoding") is not None or lengths not in ([], [str(len(payload))]):
        return None
    digest = form["payload"].decode()
    if hashlib.sha256(payload).hexdigest() != digest[7:]:
        return None
    return _told(form, "response")._replace(message=message, payload=digest)


def _told(form: re.Match[bytes], kind: str) -> Told:
    concurrent = form["concurrent"]
    return Told(
        kind,
        form["id"].decode(),
        form["date"].decode(),
        form["url"].decode(),
        form["warcinfo"].decode(),
        (concurrent.decode(),) if concurrent else (),
    )


def _is_entry(url: bytes, block: memoryview) -> bool:
    """Whether a metadata record is an entry of the journal."""
    if b":journal:" not in url:
        return False
    try:
        found = orjson.loads(block)
    except orjson.JSONDecodeError:
        return False
    return isinstance(found, dict) and found.get("kind") in KINDS and isinstance(found.get("at"), str)


def _is_day(date: bytes) -> bool:
    try:
        return bool(datetime.fromisoformat(date[:10].decode()))
    except ValueError:
        return False
