"""Where sealing brings together what the journal says and what was read, and settles each link's one outcome.

It lives in a temporary SQLite file, so that memory stays flat however long the crawl was.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import orjson

from archive import jsonl
from archive.ledger import Derived, Outcome
from archive.original import Original
from archive.record import Address

TABLES = """
CREATE TABLE link (key TEXT PRIMARY KEY, url TEXT, decision TEXT) WITHOUT ROWID;
CREATE TABLE announced (key TEXT, source TEXT, url TEXT, title TEXT, published TEXT);
CREATE TABLE source (url TEXT, type TEXT, outcome TEXT, reason TEXT, record TEXT, links INTEGER);
CREATE TABLE answer (seq INTEGER PRIMARY KEY, key TEXT, outcome TEXT, rank INTEGER,
    file TEXT, offset INTEGER, length INTEGER, record TEXT, reason TEXT, article TEXT, url TEXT, agreement REAL, original BLOB,
    line BLOB, told TEXT);
CREATE TABLE failure (reason TEXT);
"""
COLUMNS = (
    "key",
    "outcome",
    "rank",
    "file",
    "offset",
    "length",
    "record",
    "reason",
    "article",
    "url",
    "agreement",
    "original",
    "line",
    "told",
)
TOGETHER = 64, 2**20
"""Answers, and bytes of their lines, that are put into the file at once: one by one, between pages, each takes five times as long."""
SETTLE = (
    "CREATE INDEX by_article ON answer (article) WHERE article IS NOT NULL",
    # Of several editions the best one stays: lower rank, then the earlier record.
    """UPDATE answer SET outcome = 'duplicate', line = NULL, reason = 'the article is kept from another record' WHERE seq IN (
        SELECT seq FROM (SELECT seq, row_number() OVER (PARTITION BY article ORDER BY rank, file, offset, seq) AS place
            FROM answer WHERE article IS NOT NULL) WHERE place > 1)""",
    "INSERT OR IGNORE INTO link SELECT key, min(url), NULL FROM announced GROUP BY key",
    "INSERT OR IGNORE INTO link SELECT key, NULL, NULL FROM answer WHERE key IS NOT NULL",
    # Where several things happened to a link, the weightiest counts; of failures the last one, which the final attempt met:
    # by its place in the WARCs, for pages that are read by several processes are answered for later than failures are told.
    """CREATE TABLE settled AS
        SELECT link.key, coalesce(link.url, best.url) AS url, best.record, best.file, best.offset, best.length, best.reason, best.original,
            coalesce(best.outcome, nullif(link.decision, 'fetch'), 'not-fetched') AS outcome
        FROM link LEFT JOIN (SELECT key, url, record, file, offset, length, reason, original, outcome, row_number() OVER (PARTITION BY key
                ORDER BY (SELECT place FROM weight WHERE weight.outcome = answer.outcome), CASE WHEN outcome IN ('http-error', 'failed') THEN told END DESC,
                CASE WHEN outcome IN ('http-error', 'failed') THEN -seq END, rank, file, offset, seq) AS place
            FROM answer WHERE key IS NOT NULL) AS best ON best.key = link.key AND best.place = 1""",
    "CREATE UNIQUE INDEX settled_key ON settled (key)",
    "CREATE INDEX announced_key ON announced (key)",
)


class Tally:
    """Links with all that was said of them; give it everything, call `settle` once, then read."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        # A crash makes this file worthless anyway: it is built again from the WARC.
        self._db.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {TABLES}")
        self._db.execute("CREATE TABLE weight (outcome TEXT PRIMARY KEY, place INTEGER)")
        self._db.executemany(
            "INSERT INTO weight VALUES (?, ?)", [(o.value, n) for n, o in enumerate(Outcome)]
        )
        self._db.execute("BEGIN")
        self._answers, self._held = list[tuple[Any, ...]](), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._path.unlink(missing_ok=True)

    def tell(self, entry: Mapping[str, Any], address: Address) -> None:
        """Take an entry of the journal, and where its record lies."""
        match entry["kind"]:
            case "source":
                self._source(entry)
            case "decision":
                self._decision(entry["links"])
            case "failure":
                self._failure(entry, address)

    def answer(self, derived: Derived) -> None:
        """Take what was read out of a record; raises DerivedError for what must not be written."""
        derived.check()
        article, address, body = derived.article or {}, derived.address, derived.article or derived.reject
        self._answer(
            key=derived.link or article.get("identifier"),
            outcome=derived.outcome,
            rank=derived.rank,
            file=address.file if address else None,
            offset=address.offset if address else None,
            length=address.length if address else None,
            record=derived.record_id,
            reason=derived.reason,
            article=article.get("identifier"),
            url=article.get("url"),
            agreement=derived.agreement,
            original=orjson.dumps(_place(derived.original)) if derived.original else None,
            line=jsonl.line(body) if body else None,
            told=address and _order(address),
        )

    def settle(self) -> None:
        """Decide: one article per identifier, one outcome per link."""
        self._put()
        for statement in SETTLE:
            self._db.execute(statement)

    def articles(self) -> Iterator[bytes]:
        """The lines of the articles that are kept, in the order of their records."""
        return self._lines("article IS NOT NULL")

    def rejects(self) -> Iterator[bytes]:
        """The lines of the rejects, in the order of their records."""
        return self._lines("article IS NULL")

    def ledger(self) -> Iterator[dict[str, Any]]:
        """One line per link, in the order of their identifiers."""
        for key, url, outcome, reason, record, original, *address in self._db.execute(
            "SELECT key, url, outcome, reason, record, original, file, offset, length FROM settled ORDER BY key"
        ):
            line = {"identifier": key, "url": url, "outcome": outcome, "reason": reason, "record": record}
            if address[0] is not None:
                line["address"] = dict(zip(("file", "offset", "length"), address, strict=True))
            line["original"] = original and orjson.loads(original)
            yield _stated(line) | {"announced": self._announcements(key)}

    def query(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Rows of a SELECT over the tables above."""
        return iter(self._db.execute(sql))

    def _source(self, entry: Mapping[str, Any]) -> None:
        links = entry["links"]
        row = (
            entry["source"],
            entry["type"],
            entry["outcome"],
            entry.get("reason"),
            entry.get("record"),
            len(links),
        )
        self._db.execute("INSERT INTO source VALUES (?, ?, ?, ?, ?, ?)", row)
        self._announce((_key(link), entry["source"], link) for link in links)
        foreign = [(link["url"], link["url"]) for link in links if not link.get("identifier")]
        self._db.executemany("INSERT OR IGNORE INTO link VALUES (?, ?, 'not-an-article')", foreign)

    def _decision(self, links: Sequence[Mapping[str, Any]]) -> None:
        rows = [(_key(link), link["url"], link["decision"]) for link in links]
        self._db.executemany("INSERT OR REPLACE INTO link VALUES (?, ?, ?)", rows)
        taken_over = [(_key(link), said) for link in links for said in link.get("announced", ())]
        self._announce((key, said["source"], said) for key, said in taken_over)

    def _announce(self, announced: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
        self._db.executemany(
            "INSERT INTO announced VALUES (?, ?, ?, ?, ?)",
            (
                (key, source, said["url"], said.get("title"), said.get("published"))
                for key, source, said in announced
            ),
        )

    def _failure(self, entry: Mapping[str, Any], address: Address) -> None:
        self._db.execute("INSERT INTO failure VALUES (?)", (entry["reason"],))
        if entry.get("link"):
            self._answer(
                key=entry["link"],
                outcome=Outcome.ROBOTS if entry["reason"] == "robots" else Outcome.FAILED,
                record=entry.get("record"),
                reason=": ".join(filter(None, (entry["reason"], entry.get("message")))),
                url=entry["url"],
                told=_order(address),
            )

    def _answer(self, **columns: Any) -> None:
        self._answers.append(tuple(map(columns.get, COLUMNS)))
        self._held += len(columns.get("line") or b"")
        if len(self._answers) >= TOGETHER[0] or self._held >= TOGETHER[1]:
            self._put()

    def _put(self) -> None:
        marks = ", ".join("?" * len(COLUMNS))
        self._db.executemany(f"INSERT INTO answer ({', '.join(COLUMNS)}) VALUES ({marks})", self._answers)  # noqa: S608
        self._answers, self._held = [], 0

    def _lines(self, which: str) -> Iterator[bytes]:
        rows = self._db.execute(
            f"SELECT line FROM answer WHERE line IS NOT NULL AND {which} ORDER BY file, offset, seq"  # noqa: S608
        )
        return (row[0] for row in rows)

    def _announcements(self, key: str) -> list[dict[str, Any]]:
        rows = self._db.execute(
            "SELECT DISTINCT source, url, title, published FROM announced WHERE key = ? ORDER BY 1, 2, 3, 4",
            (key,),
        )
        return [_stated(dict(zip(("source", "url", "title", "published"), row, strict=True))) for row in rows]


def _key(link: Mapping[str, Any]) -> str:
    return str(link.get("identifier") or link["url"])


def _order(address: Address) -> str:
    """What sorts as records lie in the files of a snapshot."""
    return f"{address.file} {address.offset:015}"


def _place(original: Original) -> dict[str, Any]:
    """Where the page of an unchanged link lies, as its ledger line says it."""
    return {
        "snapshot": original.snapshot,
        "record": original.record_id,
        "date": original.date,
        "address": asdict(original.address),
    }


def _stated(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if value is not None}
