"""From the records of a snapshot to what its reader says of them: article, reject or why neither."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin

from archive.journal import Entry, entry
from archive.ledger import Derived, Outcome
from archive.message import ContentError, Message
from archive.original import Original
from archive.record import Address, Captured, Record
from archive.seal import Derive
from crawler.agreement import agreement
from crawler.capture import Received, Told, tell
from crawler.reader import Site, reader
from schemas import errors

LARGEST = 20 * 2**20
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def deriver(site: type[Site], identity: str | None = None) -> Derive:
    """Return the function that reads a snapshot's records with the pages of a site, streaming.

    `identity` is the reader's, as articles shall name it: that of the code at hand unless another one is told.
    """
    by = identity or reader(site).identity
    return lambda records: Walk(site, by).through(records)


@dataclass(slots=True)
class Walk:
    """One pass through a snapshot's records, and what the journal has told on the way."""

    site: type[Site]
    reader: str
    snapshot: str = ""
    clock: datetime | None = None
    via: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, Derived] = field(default_factory=dict)

    def through(self, records: Iterable[Record]) -> Iterator[Derived]:
        """Yield what each link's response says; what is of no link (robots.txt, sources) says nothing here."""
        response: Record | None = None
        for record in records:
            if record.type in {"response", "revisit"}:
                response = record
            elif said := entry(record):
                self._learn(said)
                if said["kind"] == "fetch" and said["link"] and response and _belongs(record, response):
                    yield from self._answer(response, said["link"], said["requested"])
        yield from self.redirects.values()

    def _learn(self, said: Entry) -> None:
        match said["kind"]:
            case "start":
                self.snapshot = said["snapshot"]
                # a rehearsal plays another day: there, "today" is the crawl's and not the record's
                self.clock = datetime.fromisoformat(said["clock"]) if said["rehearsal"] else None
            case "source":
                told = ((link["identifier"], link.get("text")) for link in said["links"])
                self.texts.update((identifier, text) for identifier, text in told if identifier and text)
            case "decision":
                self.via.update((link["identifier"], link["via"]) for link in said["links"])
            case "failure":
                self.redirects.pop(said["link"] or "", None)

    def _answer(self, record: Record, link: str, requested: str) -> Iterator[Derived]:
        """Yield what a link's response says; a redirect says something only if nothing follows it."""
        says = partial(Derived, link, address=record.address, record_id=record.id)
        self.redirects.pop(link, None)
        message = record.message
        if record.type == "revisit":
            since = record.get("WARC-Refers-To-Date")
            yield says(Outcome.UNCHANGED, reason=f"unchanged since {since}", original=Original.of(record))
        elif message.status in REDIRECTS and (where := message.get("Location")):
            reason = f"redirected to {_target(record.url or '', where)}, which was not fetched"
            self.redirects[link] = says(Outcome.HTTP_ERROR, reason=reason)
        elif not 200 <= message.status < 300:  # noqa: PLR2004  RFC 9110 section 15.3
            reason = f"the server answered {message.status} {message.reason}".strip()
            yield says(Outcome.HTTP_ERROR, reason=reason)
        elif _cut(record, message):
            reason = f"the response is cut off ({record.get('WARC-Truncated')})"
            yield says(Outcome.FAILED, reason=reason)
        else:
            yield self._read(record, link, requested)

    def _read(self, record: Record, link: str, requested: str) -> Derived:
        says = partial(Derived, link, address=record.address, record_id=record.id)
        try:
            told = tell(self.site, self._received(record, link, requested), self.reader)
        except ContentError as error:
            return says(Outcome.FAILED, reason=f"the body cannot be decoded: {error}")
        except Exception as error:  # noqa: BLE001  whatever a page does to its reader, the other pages are sealed
            return says(Outcome.FAILED, reason=f"reading it broke: {type(error).__name__}: {error}")
        if told.item is None:
            return says(Outcome.NOT_AN_ARTICLE, reason=told.reason)
        return _checked(told, says, self.texts.get(link), record.address)

    def _received(self, record: Record, link: str, requested: str) -> Received:
        message = record.message
        return Received(
            url=record.url or "",
            status=message.status,
            headers=message.headers,
            body=message.content(LARGEST),
            at=self.clock or datetime.fromisoformat(record.date),
            requested=requested,
            link=link,
            via=self.via.get(link, ()),
            captured=Captured(
                record.address, record.id, record.date, record.get("WARC-Payload-Digest") or ""
            ),
            snapshot=self.snapshot,
        )


def _target(url: str, where: str) -> str:
    """Return where a redirect leads; its own words where they are no URL."""
    try:
        return urljoin(url, where)
    except ValueError:
        return where


def _belongs(said: Record, response: Record) -> bool:
    return response.id in (value.strip("<>") for value in said.get_all("WARC-Concurrent-To"))


def _cut(record: Record, message: Message) -> bool:
    """Tell whether the response lacks its end; one that only ends with its connection is taken as it came."""
    truncated = record.get("WARC-Truncated")
    framed = message.get("Content-Length") is not None or message.get("Transfer-Encoding") is not None
    return truncated is not None and (framed or truncated != "disconnect")


def _checked(told: Told, says: partial[Derived], text: str | None, address: Address) -> Derived:
    """Return the article, or the reject with every fault, as the schema has it."""
    item: dict[str, Any] = told.item or {}
    compared = agreement(text, item.get("articleBody", "")) if text else None
    says = partial(says, rank=told.rank, agreement=compared)
    if faults := errors("article", item):
        reject = {"article": item, "errors": [asdict(fault) for fault in faults], "address": asdict(address)}
        return says(Outcome.REJECTED, reject=reject, reason=faults[0].message)
    if told.recognised:
        return says(Outcome.ARTICLE, article=item)
    return says(
        Outcome.UNRECOGNISED, article=item, reason="no page of the site fits: the generic reader read it"
    )
