"""From the records of a snapshot to what its reader says of them: article, reject or why neither."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NoReturn
from urllib.parse import urljoin

from archive.journal import Entry, entry
from archive.ledger import Derived, Outcome
from archive.message import ContentError
from archive.original import Original
from archive.record import Address, Captured, Record
from archive.seal import Derive
from crawler.agreement import agreement
from crawler.capture import Received, Told, tell
from crawler.exits import Complaint, Exit
from crawler.parallel import Workers
from crawler.reader import Site, reader
from schemas import errors

LARGEST = 20 * 2**20
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def deriver(site: type[Site], identity: str | None = None, workers: int = 1) -> Derive:
    """Return the function that reads a snapshot's records with the pages of a site, streaming.

    `identity` is the reader's, as articles shall name it: that of the code at hand unless another one is told. With more
    than one worker, pages are read by so many processes: the same results in the same order.
    """
    by = identity or reader(site).identity
    if workers == 1:
        return partial(derived, site, by)
    read = partial(read_page, site, by)

    def derive(records: Iterable[Record]) -> Iterator[Derived]:
        pool = Workers[Unread, Derived](workers, read, _lost, _size, (__name__, site.__module__))
        return pool.through(Unread, Walk().through(records))

    return derive


def derived(site: type[Site], reader: str, records: Iterable[Record]) -> Iterator[Derived]:
    """Yield what the records of a snapshot say, in their order, read one after another by the pages of a site."""
    for each in Walk().through(records):
        yield read_page(site, reader, each) if isinstance(each, Unread) else each


@dataclass(frozen=True, slots=True)
class Unread:
    """A whole response to a link, with all that the journal has told of it up to there; `text` is what a feed carried.

    `at` is the moment that words such as «Сегодня» are relative to.
    """

    record: Record
    link: str
    requested: str
    via: Sequence[str]
    text: str | None
    at: datetime
    snapshot: str


@dataclass(slots=True)
class Walk:
    """One pass through a snapshot's records, and what the journal has told on the way."""

    snapshot: str = ""
    clock: datetime | None = None
    via: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, Derived] = field(default_factory=dict)

    def through(self, records: Iterable[Record]) -> Iterator[Derived | Unread]:
        """Yield what each link's response says, or that it is to be read; what is of no link (robots.txt, sources) says nothing here."""
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

    def _answer(self, record: Record, link: str, requested: str) -> Iterator[Derived | Unread]:
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
        elif record.cut:
            reason = f"the response is cut off ({record.get('WARC-Truncated')})"
            yield says(Outcome.FAILED, reason=reason)
        else:
            at = self.clock or datetime.fromisoformat(record.date)
            known = self.via.get(link, ()), self.texts.get(link)
            yield Unread(record, link, requested, *known, at, self.snapshot)


def read_page(site: type[Site], reader: str, page: Unread) -> Derived:
    """Return what a response says when a site's pages read it: an article, a reject, or why it is neither; raises nothing."""
    says = partial(Derived, page.link, address=page.record.address, record_id=page.record.id)
    try:
        with _uncollected():
            told = tell(site, _received(page), reader)
        if told.item is not None:
            return _checked(told, says, page.text, page.record.address)
    except ContentError as error:
        return says(Outcome.FAILED, reason=f"the body cannot be decoded: {error}")
    except Exception as error:  # noqa: BLE001  whatever a page does to its reader, the other pages are sealed
        return says(Outcome.FAILED, reason=f"reading it broke: {type(error).__name__}: {error}")
    return says(Outcome.NOT_AN_ARTICLE, reason=told.reason)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no circles meanwhile: a page leaves none, its objects are gone with its tree, and looking takes up to a twentieth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _lost(page: Unread) -> NoReturn:
    """Raise Complaint: a process that dies, for want of memory say, tells nothing of the page, so nothing may be made of it."""
    place = page.record.address
    raise Complaint(
        Exit.SOFTWARE,
        f"the process that read {place.file}@{place.offset}+{place.length} died, twice, so nothing is made of it; is memory short? try --jobs 1",
    )


def _size(page: Unread) -> int:
    return len(page.record.block)


def _received(page: Unread) -> Received:
    record, message = page.record, page.record.message
    digest = record.get("WARC-Payload-Digest") or ""
    return Received(
        url=record.url or "",
        status=message.status,
        headers=message.headers,
        body=message.content(LARGEST),
        at=page.at,
        requested=page.requested,
        link=page.link,
        via=page.via,
        captured=Captured(record.address, record.id, record.date, digest),
        snapshot=page.snapshot,
    )


def _target(url: str, where: str) -> str:
    """Return where a redirect leads; its own words where they are no URL."""
    try:
        return urljoin(url, where)
    except ValueError:
        return where


def _belongs(said: Record, response: Record) -> bool:
    return response.id in (value.strip("<>") for value in said.get_all("WARC-Concurrent-To"))


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
