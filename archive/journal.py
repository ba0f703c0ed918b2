"""The crawl's own account, in the WARC: what it was told, saw announced, decided, fetched and failed at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, Protocol, TypedDict, cast

import orjson

from archive.framing import stamp
from archive.record import BrokenRecordError
from archive.shape import Test, having, instant, many, maybe, misfit, nullable, table, text, truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from archive.record import Captured, Record

CONTENT_TYPE = "application/json"
NAMESPACE = "urn:x-letopis:"
KINDS = ("start", "source", "decision", "fetch", "failure", "item", "end")
READ: Mapping[str, Mapping[str, Test]] = {
    "start": {
        "at": instant, "snapshot": text, "arguments": table, "clock": instant, "sources": many(text), "rehearsal": truth,
        "continues": nullable(text),
    },
    "source": {
        "at": instant, "source": text, "type": text, "record": maybe(text), "outcome": text, "reason": maybe(text),
        "links": many(having(url=text, identifier=nullable(text), title=maybe(text), published=maybe(text), text=maybe(text))),
    },
    "decision": {
        "at": instant,
        "links": many(having(
            identifier=text, url=text, decision=text, via=many(text), editions=maybe(many(text)),
            announced=maybe(many(having(source=text, url=text, title=maybe(text), published=maybe(text)))),
        )),
    },
    "fetch": {"at": instant, "link": nullable(text), "requested": text},
    "failure": {
        "at": instant, "link": nullable(text), "url": text, "reason": text, "message": maybe(text), "record": maybe(text),
    },
    "item": {"at": instant, "item": table, "response": nullable(text)},
    "end": {"at": instant, "reason": text, "stats": table},
}  # fmt: skip
"""Of each kind of entry, what of it is read."""
LINKS = 1000  # links in one decision entry, so that no entry grows with the site

Kind = Literal["start", "source", "decision", "fetch", "failure", "item", "end"]
Decision = Literal["fetch", "held", "too-old", "too-new", "over-limit", "not-an-article"]
SourceType = Literal["Feed", "NewsSitemap", "Sitemap", "Listing"]
SourceOutcome = Literal["read", "cut", "failed", "refused", "absent"]


class Announced(TypedDict):
    """A link as a source announced it; `published` raw, `text` the full text that a feed carries."""

    url: str
    identifier: str | None
    title: NotRequired[str]
    published: NotRequired[str]
    text: NotRequired[str]


class Decided(TypedDict):
    """A link and what was decided; `via` the sources that announced it, `editions` its other URLs in order.

    `announced`, on links that are taken over from the snapshot that is continued: as its ledger tells it.
    """

    identifier: str
    url: str
    decision: Decision
    via: list[str]
    editions: NotRequired[list[str]]
    announced: NotRequired[list[dict[str, str]]]


class Start(TypedDict):
    """The crawl begins: `clock` is its "now", ISO 8601; `continues` the dead snapshot it goes on from."""

    kind: Literal["start"]
    at: str
    snapshot: str
    site: str
    series: str
    arguments: dict[str, Any]
    clock: str
    sources: list[str]
    rehearsal: bool
    continues: str | None


class Source(TypedDict):
    """A source was read, or not: `record` is its response record, `reason` says why it is not whole."""

    kind: Literal["source"]
    at: str
    source: str
    type: SourceType
    record: str | None
    outcome: SourceOutcome
    reason: str | None
    links: list[Announced]


class Decisions(TypedDict):
    """What was decided about at most 1,000 links."""

    kind: Literal["decision"]
    at: str
    links: list[Decided]


class Fetch(TypedDict):
    """Why an exchange took place; concurrent to its response. `requested` begins the redirect chain."""

    kind: Literal["fetch"]
    at: str
    link: str | None
    requested: str
    hop: int
    attempt: int


class Failure(TypedDict):
    """A URL of which no whole response came; `record` is what did come."""

    kind: Literal["failure"]
    at: str
    link: str | None
    url: str
    reason: str
    message: str
    record: str | None


class Item(TypedDict):
    """An item that a spider of another project made of a response."""

    kind: Literal["item"]
    at: str
    item: dict[str, Any]
    response: str | None


class End(TypedDict):
    """The crawl ended, and why."""

    kind: Literal["end"]
    at: str
    reason: str
    stats: dict[str, Any]


Entry = Start | Source | Decisions | Fetch | Failure | Item | End


class MetadataWriter(Protocol):
    """What the journal needs of a WARC writer."""

    def now(self) -> datetime:
        """The writer's clock."""

    def metadata(
        self,
        block: bytes,
        content_type: str,
        *,
        url: str,
        concurrent_to: str | None = None,
        at: datetime | None = None,
    ) -> Captured:
        """Write one metadata record."""


class Journal:
    """Writes the entries of one snapshot, one method per kind, each into a metadata record of its own."""

    def __init__(self, writer: MetadataWriter, snapshot: str) -> None:
        self._writer = writer
        self._snapshot = snapshot

    def start(
        self,
        *,
        site: str,
        series: str,
        arguments: Mapping[str, Any],
        clock: str,
        sources: Sequence[str],
        rehearsal: bool = False,
        continues: str | None = None,
    ) -> Captured:
        """Say what the crawl was told."""
        told: dict[str, Any] = {
            "snapshot": self._snapshot,
            "site": site,
            "series": series,
            "arguments": dict(arguments),
        }
        told |= {"clock": clock, "sources": list(sources), "rehearsal": rehearsal, "continues": continues}
        return self._write("start", told)

    def source(
        self,
        *,
        source: str,
        type: SourceType,  # noqa: A002  the entry's own word
        record: str | None,
        outcome: SourceOutcome,
        reason: str | None = None,
        links: Sequence[Announced] = (),
    ) -> Captured:
        """Say what a source announced, or why it could not be read."""
        said = {"source": source, "type": type, "record": record, "outcome": outcome, "reason": reason}
        return self._write("source", {**said, "links": list(links)})

    def decision(self, links: Sequence[Decided]) -> list[Captured]:
        """Say what was decided about links, in as many entries as they need."""
        parts = [links[at : at + LINKS] for at in range(0, len(links), LINKS)]
        return [self._write("decision", {"links": list(part)}) for part in parts]

    def failure(
        self, *, link: str | None, url: str, reason: str, message: str, record: str | None = None
    ) -> Captured:
        """Say that no whole response came."""
        said = {"link": link, "url": url, "reason": reason, "message": message, "record": record}
        return self._write("failure", said)

    def item(self, item: Mapping[str, Any], *, response: str | None = None) -> Captured:
        """Keep an item beside the response it was made of."""
        return self._write("item", {"item": dict(item), "response": response})

    def end(self, *, reason: str, stats: Mapping[str, Any]) -> Captured:
        """Say why the crawl ended."""
        return self._write("end", {"reason": reason, "stats": dict(stats)})

    def _write(self, kind: Kind, said: Mapping[str, Any]) -> Captured:
        at = self._writer.now()
        return self._writer.metadata(
            block(kind, at, said), CONTENT_TYPE, url=urn(self._snapshot, kind), at=at
        )


def urn(snapshot: str, kind: str) -> str:
    """The Target-URI of a journal entry.

    >>> urn("ria-20261122T060000Z", "fetch")
    'urn:x-letopis:ria-20261122T060000Z:journal:fetch'
    """
    return f"{NAMESPACE}{snapshot}:journal:{kind}"


def block(kind: Kind, at: datetime, said: Mapping[str, Any]) -> bytes:
    """The JSON of an entry: UTF-8, compact, `kind` and `at` first; raises TypeError for what JSON cannot hold."""
    return orjson.dumps({"kind": kind, "at": stamp(at), **said})


def entry(record: Record) -> Entry | None:
    """The journal entry in a record, or None when it is none; raises BrokenRecordError for one that cannot be read."""
    url = record.url or ""
    if record.type != "metadata" or not url.startswith(NAMESPACE) or ":journal:" not in url:
        return None
    try:
        found = orjson.loads(record.block)
    except orjson.JSONDecodeError as error:
        raise _broken(record, f"is no JSON: {error}") from error
    if fault := fault_of(found):
        raise _broken(record, fault)
    return cast("Entry", found)


def fault_of(said: Any) -> str | None:
    """Why a JSON document is no entry that can be read; None for one that can.

    >>> fault_of({"kind": "end", "at": "2026-11-22T06:00:00Z", "reason": 1, "stats": {}})
    'is no journal entry: reason is missing or cannot be meant'
    """
    kind = said.get("kind") if isinstance(said, dict) else None
    if kind not in KINDS:
        return "is no journal entry of a kind that is known here"
    wrong = misfit(said, READ[kind])
    return f"is no journal entry: {wrong} is missing or cannot be meant" if wrong else None


def _broken(record: Record, reason: str) -> BrokenRecordError:
    return BrokenRecordError(record.address.file, record.address.offset, f"record {record.id} {reason}")


def entries(records: Iterable[Record]) -> Iterator[Entry]:
    """Every journal entry among records, in their order."""
    for record in records:
        if found := entry(record):
            yield found
