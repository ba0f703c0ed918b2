"""What a partial snapshot left open, and what it holds, so that the next crawl of its series goes on from there."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urldefrag
from zoneinfo import ZoneInfo

from w3lib.url import safe_url_string

from archive import jsonl
from archive.cdxj import PACKED, parse_line
from archive.chain import Entry, entry_of, named_by, newest
from archive.framing import uri
from archive.intact import shortfalls
from archive.journal import entry
from archive.ledger import Outcome
from archive.objects import Store
from archive.reading import LEDGER, lines
from archive.record import records
from archive.report import DIED, holes
from archive.snapshot import key_of
from crawler.decide import FETCH, Arguments, decide
from crawler.page import ArticlePage
from crawler.sources import Link

logger = logging.getLogger(__name__)

HELD = "held"
READ = frozenset({Outcome.ARTICLE, Outcome.UNRECOGNISED, Outcome.DUPLICATE, Outcome.UNCHANGED})
ANSWERED = READ | {Outcome.REJECTED, Outcome.NOT_AN_ARTICLE, Outcome.HTTP_ERROR}
ASK_AGAIN = frozenset({Outcome.NOT_FETCHED, Outcome.ROBOTS, Outcome.FAILED})
PASSING = frozenset(
    {"301", "302", "303", "307", "308", "408", "429", "500", "502", "503", "504", "522", "524"}
)
"""Statuses after which another request would have followed: a redirect that was not followed, an error that passes."""


@dataclass(frozen=True, slots=True)
class Continued:
    """The links that a crawl takes over from the snapshot that it continues, and those that it need not fetch again.

    `open` are entries as `decide` makes them, with how the links had been announced; `held` are identifiers, `asked` the URLs of open
    links that need not be asked for again.
    """

    snapshot: str
    open: tuple[dict[str, Any], ...]
    held: frozenset[str]
    asked: frozenset[str]

    def merged(self, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what is taken over, then what this crawl decided about other links; held ones are not fetched again."""
        said = {entry["identifier"]: entry for entry in entries}
        names = {link["identifier"] for link in self.open}
        taken = [self._taken(link, said.get(link["identifier"], link)) for link in self.open]
        return [*taken, *(self._decided(entry) for entry in entries if entry["identifier"] not in names)]

    def _taken(self, link: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
        """An open link with what this crawl was told of it: further sources, and editions in today's order."""
        known = dict.fromkeys((*_urls(entry), *_urls(link)))
        urls = [url for url in known if url not in self.asked] or _urls(link)
        via = sorted({*link["via"], *entry["via"]})
        return (
            {name: value for name, value in link.items() if name != "editions"}
            | _editions(urls)
            | {"via": via}
        )

    def _decided(self, entry: dict[str, Any]) -> dict[str, Any]:
        held = entry["decision"] == FETCH and entry["identifier"] in self.held
        return entry | {"decision": HELD} if held else entry


def continued(
    store: Store, site: str, series: str, pages: Sequence[type[ArticlePage]], *, rehearsal: bool
) -> Continued | None:
    """Return what the last snapshot of a series left, if it is partial and as much a rehearsal as this crawl; else None.

    Where it died, or its files are not all there, it may not tell what it had taken over itself: then what it continued is looked at, too.
    Of a snapshot that is damaged in the store all is open that it was to fetch.
    Raises StoreError, and what the archive raises for a snapshot of which not even that can be read.
    """
    last = next(iter(newest(store, site, series, count=1)), None)
    if last is None or last.summary["status"] != "partial":
        return None
    if bool(last.summary.get("rehearsal")) != rehearsal:
        return None
    links: dict[str, dict[str, Any]] = {}
    held: set[str] = set()
    asked: set[str] = set()
    before: Entry | None = last
    while before:
        told = named_by(store, before)
        left = _Left.of(store, told, pages, whole=_whole(store, told))
        links = left.open | links
        held |= left.held
        asked |= left.asked
        name = told["continues"] if _cut(told) else None
        before = entry_of(store, site, series, name) if name else None
    taken = tuple(link for link in links.values() if link["identifier"] not in held)
    return Continued(last.snapshot, taken, frozenset(held), frozenset(asked))


def _whole(store: Store, told: Mapping[str, Any]) -> bool:
    """Whether the store has all that a snapshot captured; said where not."""
    wrong = "; ".join(shortfalls(store, told))
    if wrong:
        name = told["snapshot"]
        logger.warning("%s is damaged (%s): all that it fetched is fetched again; run `letopis verify %s`", name, wrong, name)  # fmt: skip
    return not wrong


def _cut(told: Mapping[str, Any]) -> bool:
    """Whether a snapshot, by its manifest, may lack what its crawl decided."""
    return told["finish"] == DIED or bool(holes(file["path"] for file in told["files"]))


@dataclass(frozen=True, slots=True)
class _Left:
    """What one snapshot left: open links and held ones by their identifiers, and URLs of open ones that were answered for good."""

    open: dict[str, dict[str, Any]]
    held: set[str]
    asked: set[str]

    @classmethod
    def of(
        cls, store: Store, told: Mapping[str, Any], pages: Sequence[type[ArticlePage]], *, whole: bool
    ) -> "_Left":
        ledger = {line["identifier"]: line for line in lines(store, told["snapshot"], LEDGER, 0)}
        start, decided = _journal(store, told)
        answers = _Answers.of(store, told["snapshot"])
        links: dict[str, dict[str, Any]] = {}
        asked: set[str] = set()
        for link in (*decided.values(), *_undecided(start, decided, ledger, pages)):
            line = ledger[link["identifier"]]
            urls = answers.missing(link, line) if whole else _urls(link)
            if link["decision"] == FETCH and urls:
                taken = {name: link[name] for name in ("identifier", "decision", "via")}
                links[link["identifier"]] = taken | _editions(urls) | {"announced": line["announced"]}
                asked |= {*_urls(link)} - {*urls}
        held = {name for name, line in ledger.items() if line["outcome"] in ANSWERED} - links.keys()
        return cls(links, held if whole else set(), asked)


@dataclass(frozen=True, slots=True)
class _Answers:
    """The status of each answer that a snapshot holds, by its URL and by its place."""

    by_url: dict[str, str]
    by_place: dict[tuple[str, int], str]

    @classmethod
    def of(cls, store: Store, snapshot: str) -> "_Answers":
        found = cls({}, {})
        with closing(store.open(key_of(snapshot, PACKED))) as stream:
            for text in jsonl.plain_lines(stream):
                told = parse_line(text).fields
                found.by_url[told["url"]] = told["status"]
                found.by_place[told["filename"], int(told["offset"])] = told["status"]
        return found

    def missing(self, link: Mapping[str, Any], line: Mapping[str, Any]) -> list[str]:
        """Return which URLs of a link are still to be asked for, by preference: none where the article is there or will not be."""
        if line["outcome"] in READ:
            return []
        urls = _urls(link)
        unasked = [url for url in urls if self._status(url) is None]
        if line["outcome"] in ASK_AGAIN:
            return unasked or urls
        place = line.get("address", {})
        passing = self.by_place.get((place.get("file"), place.get("offset"))) in PASSING
        return [url for url in urls if url in unasked or (passing and self._status(url) in PASSING)]

    def _status(self, url: str) -> str | None:
        return self.by_url.get(uri(urldefrag(safe_url_string(url)).url))


def _urls(link: Mapping[str, Any]) -> list[str]:
    return [link["url"], *link.get("editions", ())]


def _editions(urls: Sequence[str]) -> dict[str, Any]:
    """The URLs of a link as an entry holds them."""
    return {"url": urls[0]} | ({"editions": [*urls[1:]]} if urls[1:] else {})


def _journal(store: Store, told: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, dict[str, Any]]]:
    """The start of a crawl and what it decided; all of that was written before the first article's exchange."""
    start: Mapping[str, Any] = {}
    decided: dict[str, dict[str, Any]] = {}
    for said in entries(store, told):
        match said["kind"]:
            case "start":
                start = said
            case "decision":
                decided |= {link["identifier"]: link for link in said["links"]}
            case "fetch" if said["link"]:
                break
    return start, decided


def entries(store: Store, told: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the journal of a snapshot, by its manifest."""
    for file in told["files"]:
        if file["path"].startswith("warc/"):
            with closing(store.open(key_of(told["snapshot"], file["path"]))) as stream:
                yield from filter(None, map(entry, records(stream, file["path"])))


def _undecided(
    start: Mapping[str, Any],
    decided: Mapping[str, Any],
    ledger: Mapping[str, Mapping[str, Any]],
    pages: Sequence[type[ArticlePage]],
) -> Iterable[dict[str, Any]]:
    """What a crawl that died while it read its sources would have decided about the links that it had seen."""
    if not start:
        return []
    said = {name: value for name, value in start["arguments"].items() if name != "url"}
    arguments = Arguments.parse(said)
    window = arguments.window(
        datetime.fromisoformat(start["clock"]).astimezone(ZoneInfo(pages[0].zone)).date()
    )
    announced = (
        (source["source"], Link(source["url"], source.get("title"), source.get("published")))
        for name, line in ledger.items()
        if line["outcome"] == Outcome.NOT_FETCHED and name not in decided
        for source in line["announced"]
    )
    return decide(announced, pages, window, arguments.limit)
