"""What each single record must be, as rules that yield a sentence for each breach; FORMAT.md states the same in prose."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from typing import TYPE_CHECKING

from archive import journal
from archive.record import BrokenRecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.record import Record

    Rule = Callable[[Record], Iterator[str]]

MANDATORY = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length")
REPEATABLE = frozenset({"warc-concurrent-to", "warc-protocol"})
TYPES = ("warcinfo", "response", "request", "revisit", "metadata", "resource", "conversion", "continuation")
ADDRESSED = ("response", "request", "revisit", "metadata", "resource")
TRUNCATED = ("length", "time", "disconnect", "unspecified")
PROFILES = ("server-not-modified", "identical-payload-digest")
HTTP = "application/http"
ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]+>")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z")


def breaches(record: Record) -> Iterator[str]:
    """Every rule that a record breaks, as sentences."""
    for rule in RULES:
        yield from rule(record)


def mandatory(record: Record) -> Iterator[str]:
    """WARC/1.1 section 5: four fields on every record."""
    for name in MANDATORY:
        if record.get(name) is None:
            yield f"mandatory field {name} is missing"


def once(record: Record) -> Iterator[str]:
    """WARC/1.1 section 4: no field twice, but for WARC-Concurrent-To; WARC-Protocol has a line per layer."""
    names = [name.lower() for name, _ in record.fields]
    for name in sorted({name for name in names if name not in REPEATABLE and names.count(name) > 1}):
        yield f"field {name} stands there {names.count(name)} times"


def identified(record: Record) -> Iterator[str]:
    """A record id is a URI in angle brackets."""
    identifier = record.get("WARC-Record-ID")
    if identifier is not None and not ID.fullmatch(identifier):
        yield f"WARC-Record-ID {identifier!r} is no URI in angle brackets"


def dated(record: Record) -> Iterator[str]:
    """A date is UTC, to the second or finer, and in the calendar."""
    date = record.get("WARC-Date")
    if date is not None and not _is_date(date):
        yield f"WARC-Date {date!r} is no UTC date as 2026-11-22T06:00:00.123456Z"


def typed(record: Record) -> Iterator[str]:
    """The type is one that WARC/1.1 knows."""
    if record.get("WARC-Type") is not None and record.type not in TYPES:
        yield f"WARC-Type {record.type!r} is unknown"


def addressed(record: Record) -> Iterator[str]:
    """A Target-URI stands on every record but warcinfo; a block that is not empty has a Content-Type."""
    if record.type in ADDRESSED and not record.url:
        yield f"{record.type} record has no WARC-Target-URI"
    if record.type == "warcinfo" and record.url is not None:
        yield "warcinfo record has a WARC-Target-URI"
    if record.block and not record.get("Content-Type"):
        yield "block has no Content-Type"


def truncated(record: Record) -> Iterator[str]:
    """A reason for truncation is one of four words."""
    reason = record.get("WARC-Truncated")
    if reason is not None and reason not in TRUNCATED:
        yield f"WARC-Truncated {reason!r} is none of {', '.join(TRUNCATED)}"


def block_digest(record: Record) -> Iterator[str]:
    """The block is what its digest says."""
    stated = record.get("WARC-Block-Digest")
    if stated is None:
        yield "WARC-Block-Digest is missing"
    else:
        yield from _compared("WARC-Block-Digest", stated, record.block)


def payload_digest(record: Record) -> Iterator[str]:
    """The payload (chunk framing undone, content coding left) of a response is what its digest says."""
    stated = record.get("WARC-Payload-Digest")
    if record.type in ("response", "revisit") and stated is None:
        yield "WARC-Payload-Digest is missing"
    elif record.type == "response" and stated is not None:
        http = (record.get("Content-Type") or "").startswith(HTTP)
        yield from _compared(
            "WARC-Payload-Digest", stated, record.message.payload() if http else record.block
        )


def revisited(record: Record) -> Iterator[str]:
    """A revisit says how it knows and which record it stands for (WARC/1.1 section 6.7)."""
    if record.type != "revisit":
        return
    profile = record.get("WARC-Profile") or ""
    if profile.rpartition("/")[2] not in PROFILES:
        yield f"revisit record has the unknown WARC-Profile {profile!r}"
    for name in ("WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"):
        if not record.get(name):
            yield f"revisit record has no {name}"


def journaled(record: Record) -> Iterator[str]:
    """A journal entry is JSON of a known kind."""
    try:
        journal.entry(record)
    except BrokenRecordError as error:
        yield f"journal entry cannot be read: {error.reason}"


RULES: tuple[Rule, ...] = (
    mandatory,
    once,
    identified,
    dated,
    typed,
    addressed,
    truncated,
    block_digest,
    payload_digest,
    revisited,
    journaled,
)


def _is_date(date: str) -> bool:
    try:
        return bool(DATE.fullmatch(date) and datetime.fromisoformat(date[:19] + "Z"))
    except ValueError:
        return False


def _compared(name: str, stated: str, data: bytes) -> Iterator[str]:
    algorithm, _, value = stated.partition(":")
    if algorithm not in ("sha256", "sha1", "md5"):
        yield f"{name} {stated!r} is of an algorithm that cannot be checked here"
        return
    found = hashlib.new(algorithm, data, usedforsecurity=False)
    # sha1 is written in Base32 by custom, the others in Base16
    if value.lower() != found.hexdigest() and value != base64.b32encode(found.digest()).decode():
        yield f"{name} is {stated}, but the bytes give {algorithm}:{found.hexdigest()}"
