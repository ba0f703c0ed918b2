"""How a crawl went, in numbers: told from its WARCs alone, so that anyone can count again."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson

from archive.ledger import Outcome
from archive.original import Original
from archive.record import Record
from archive.tally import Tally

FINISHED = "finished"
"""The reason that Scrapy gives for a crawl that came to its own end."""
DIED = "died"
"""The reason told for a crawl whose journal has no end."""

ANSWERS = frozenset({"response", "revisit"})
INDEX = re.compile(r"/\d+(?=/|$)")
NUMBER = re.compile(r"-(\d+)\.warc\.gz$")
"""A WARC file's place among those of its crawl, counted from 0."""


@dataclass(slots=True)
class Census:
    """What the records are, and what the journal says of the crawl as a whole."""

    types: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    truncated: int = 0
    echoes: dict[str, str] = field(default_factory=dict)
    size: int = 0
    first: str = ""
    last: str = ""
    start: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] = field(default_factory=dict)
    dependencies: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def count(self, record: Record) -> None:
        """Take the next record of the snapshot."""
        kind, date = record.type, record.date
        self.types[kind] += 1
        self.files.add(record.address.file)
        self.size += record.address.length
        self.truncated += record.get("WARC-Truncated") is not None
        self.first = self.first or date
        self.last = max(self.last, date)
        if echoed := record.get("WARC-Letopis-Echoed"):
            self.echoes[record.url or ""] = echoed
        if original := Original.of(record):
            self.dependencies.add(original.snapshot)
        if kind in ANSWERS and (record.url or "").startswith("http"):
            self.statuses[str(record.message.status)] += 1

    @property
    def finish(self) -> str:
        """Why the crawl ended."""
        return str(self.end.get("reason", DIED))


@dataclass(slots=True)
class Coverage:
    """How full the fields of the kept articles are, and why others were refused; fed with their lines as they are written."""

    articles: int = 0
    rejects: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    assumed: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)

    def articles_in(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        """The same lines, their fields counted as they pass."""
        for line in lines:
            self._count(orjson.loads(line))
            yield line

    def rejects_in(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        """The same lines, their errors counted as they pass."""
        for line in lines:
            self.rejects += 1
            errors = orjson.loads(line)["errors"]
            self.refused.update({(INDEX.sub("/*", error["path"]), error["rule"]) for error in errors})
            yield line

    def _count(self, article: dict[str, Any]) -> None:
        self.articles += 1
        self.fields.update(name for name, value in article.items() if value not in (None, "", [], {}))
        self.assumed.update(article.get("assumed", ()))
        self.pages.update(filter(None, [article["capture"].get("page")]))


def holes(names: Iterable[str]) -> list[tuple[int, int]]:
    """First and last number of each row of WARC files that are missing before others, by the names of those that are there.

    >>> holes(["warc/a-00001.warc.gz", "warc/a-00004.warc.gz"])
    [(0, 0), (2, 3)]
    """
    found = (NUMBER.search(name) for name in names)
    numbers = sorted({-1, *(int(match[1]) for match in found if match)})
    return [(before + 1, after - 1) for before, after in pairwise(numbers) if after - before > 1]


def report(tally: Tally, census: Census, coverage: Coverage) -> dict[str, Any]:
    """The document of ``schemas/report``: sources, outcomes, fields, failures; `tally` must be settled, `coverage` complete."""
    outcomes = dict.fromkeys(map(str, Outcome), 0) | dict(
        tally.query("SELECT outcome, count(*) FROM settled GROUP BY outcome")
    )
    started, finished = census.start.get("at", census.first), census.end.get("at", census.last)
    whole = census.finish == FINISHED and not outcomes[Outcome.NOT_FETCHED] and not holes(census.files)
    return {
        "schema": "report/0.1.0",
        "status": "complete" if whole else "partial",
        "finish": census.finish,
        "rehearsal": bool(census.start.get("rehearsal")),
        "continues": census.start.get("continues"),
        "started": started,
        "finished": finished,
        "seconds": _seconds(started, finished),
        "links": sum(outcomes.values()),
        "outcomes": outcomes,
        "articles": coverage.articles,
        "rejects": coverage.rejects,
        "sources": list(_sources(tally)),
        "fields": dict(coverage.fields),
        "assumed": dict(coverage.assumed),
        "pages": dict(coverage.pages),
        "feedText": _feed_text(tally),
        "refused": [{"path": path, "rule": rule, "articles": count} for (path, rule), count in sorted(coverage.refused.items())],
        "failures": dict(tally.query("SELECT reason, count(*) FROM failure GROUP BY reason")),
        "statuses": dict(census.statuses),
        "records": dict(census.types),
        "truncated": census.truncated,
        "warcBytes": census.size,
        "findings": [*_findings(tally), *_echoes(census), *_holes(census)],
    }  # fmt: skip


def _sources(tally: Tally) -> Iterator[dict[str, Any]]:
    """Each source as it was read, with the outcomes of the links it announced."""
    ends: dict[str, dict[str, int]] = {}
    for source, outcome, count in tally.query(
        """SELECT source, outcome, count(*) FROM (SELECT DISTINCT source, key FROM announced)
            JOIN settled USING (key) GROUP BY source, outcome"""
    ):
        ends.setdefault(source, {})[outcome] = count
    for url, kind, outcome, reason, links in tally.query(
        "SELECT url, type, outcome, min(reason), sum(links) FROM source GROUP BY url, type, outcome, record ORDER BY min(rowid)"
    ):
        line = {
            "source": url,
            "type": kind,
            "outcome": outcome,
            "links": links,
            "outcomes": ends.get(url, {}),
        }
        yield line | ({"reason": reason} if reason else {})


def _findings(tally: Tally) -> Iterator[dict[str, Any]]:
    """What someone should look at, apart from the counts."""
    for url, outcome, reason in tally.query(
        "SELECT DISTINCT url, outcome, reason FROM source WHERE outcome NOT IN ('read', 'absent') ORDER BY url, outcome"
    ):
        yield {"kind": f"source-{outcome}", "subject": url, "message": reason or f"the source was {outcome}"}
    for key, reason in tally.query(
        "SELECT key, reason FROM settled WHERE outcome = 'unrecognised' ORDER BY key"
    ):
        yield {"kind": "page-unrecognised", "subject": key, "message": reason or "no page of the site fits"}


def _echoes(census: Census) -> Iterator[dict[str, Any]]:
    """Bodies are never altered: one that repeats what was masked in its request is told, for someone to decide."""
    for url, names in sorted(census.echoes.items()):
        yield {
            "kind": "body-echoes-secret",
            "subject": url,
            "message": f"the response repeats what is masked in its request: {names}",
        }


def _holes(census: Census) -> Iterator[dict[str, Any]]:
    """What a machine took with it that was lost while it sent its files: of that nothing else tells."""
    for first, last in holes(census.files):
        numbers = f"{first:05}" if first == last else f"{first:05} to {last:05}"
        message = "WARC files of these numbers were written and are not here: what they held is not known"
        yield {"kind": "segments-missing", "subject": numbers, "message": message}


def _feed_text(tally: Tally) -> dict[str, Any] | None:
    """How far the texts that feeds carried agree with the pages; None where no feed carried any."""
    rows = "FROM answer WHERE agreement IS NOT NULL AND outcome IN ('article', 'unrecognised')"
    ((count, mean, least),) = tally.query(f"SELECT count(*), avg(agreement), min(agreement) {rows}")
    return {"compared": count, "mean": round(mean, 4), "least": round(least, 4)} if count else None


def _seconds(started: str, finished: str) -> float:
    """Seconds between two instants, 0 where either is unknown."""
    if not (started and finished):
        return 0.0
    return (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()
