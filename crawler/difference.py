"""What changes when a snapshot is read again: by field and by outcome, counted, with a few examples of each."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from sqlite3 import connect
from typing import Any

import orjson

EXAMPLES = 3
"""Examples that are kept of each field and kind of change, and of each change of outcome."""
KEPT = frozenset({"article", "unrecognised"})
SETTLED = KEPT | {"duplicate"}
"""Outcomes of a link whose article is kept, from this record or another."""
BROKEN = "failed"
"""The outcome of a page that cannot be read: of one that could be before, the code is to blame."""
NONE = "none"
"""Instead of the outcome of a link that a ledger does not tell of."""
OURS = frozenset({"identifier", "capture"})
TOLD_OF_CAPTURE = ("page", "charset", "usage")
"""What of a capture follows from the reading and not from the record alone; who read and by which schema is no difference."""
ALONE = (
    "CREATE TABLE alone (identifier TEXT, side TEXT, line BLOB, PRIMARY KEY (identifier, side)) WITHOUT ROWID"
)
TOGETHER = """SELECT old.line, new.line FROM alone AS old JOIN alone AS new USING (identifier)
    WHERE old.side = 'old' AND new.side = 'new' ORDER BY identifier"""


@dataclass(frozen=True, slots=True)
class Example:
    """One value that changed, of one article, and where its record lies; `kind` is changed, gained or lost."""

    identifier: str
    url: str
    kind: str
    old: Any
    new: Any
    file: str
    offset: int
    length: int


@dataclass(slots=True)
class Changes:
    """How many articles have another value, one where there was none, or none where there was one."""

    changed: int = 0
    gained: int = 0
    lost: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, example: Example) -> None:
        """Count one, and keep it if few of its kind are kept."""
        setattr(self, example.kind, getattr(self, example.kind) + 1)
        if sum(kept.kind == example.kind for kept in self.examples) < EXAMPLES:
            self.examples.append(example)


@dataclass(frozen=True, slots=True)
class Turn:
    """A link that came to another outcome, with the reason that it has now and where its record lies, if there is one."""

    identifier: str
    url: str | None
    old: str
    new: str
    reason: str | None
    address: Mapping[str, Any] | None


@dataclass(slots=True)
class Difference:
    """Articles that are the same, that differ in a field, and links that came to another outcome."""

    same: int = 0
    differing: int = 0
    fields: dict[str, Changes] = field(default_factory=dict)
    turns: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Turn] = field(default_factory=list)

    @property
    def rescued(self) -> int:
        """Links whose article was not kept before and is now."""
        return sum(n for (old, new), n in self.turns.items() if old not in SETTLED and new in KEPT)

    @property
    def gone(self) -> int:
        """Links whose article was kept before and is kept no more."""
        return sum(n for (old, new), n in self.turns.items() if old in KEPT and new not in SETTLED)

    @property
    def broken(self) -> int:
        """Links whose page was read before, to an article or not, and breaks now what reads it."""
        return sum(n for (old, new), n in self.turns.items() if old != NONE and new == BROKEN)

    def told(self) -> dict[str, Any]:
        """The difference for programs."""
        return {
            "same": self.same,
            "differing": self.differing,
            "rescued": self.rescued,
            "gone": self.gone,
            "broken": self.broken,
            "fields": {name: asdict(changes) for name, changes in sorted(self.fields.items())},
            "outcomes": [
                {"old": old, "new": new, "links": n} for (old, new), n in sorted(self.turns.items())
            ],
            "examples": [asdict(turn) for turn in self.examples],
        }

    def articles(
        self,
        old: Iterable[dict[str, Any]],
        new: Iterable[dict[str, Any]],
        scratch: Path,
        wanted: Callable[[str], bool],
    ) -> None:
        """Compare the articles that both have, in the wanted fields; `scratch` is a file that does not exist yet.

        Both come in the order of their records: an article that lies in another record than before waits in the file.
        """
        with closing(connect(scratch, isolation_level=None)) as db:
            db.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {ALONE}; BEGIN")
            for before, now in _paired(iter(old), iter(new), _record):
                if before and now and before["identifier"] == now["identifier"]:
                    self._article(before, now, wanted)
                    continue
                sides = (("old", before), ("new", now))
                rows = ((one["identifier"], side, orjson.dumps(one)) for side, one in sides if one)
                db.executemany("INSERT INTO alone VALUES (?, ?, ?)", rows)
            for was, now_is in db.execute(TOGETHER):
                self._article(orjson.loads(was), orjson.loads(now_is), wanted)
        scratch.unlink()

    def ledgers(self, old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]]) -> None:
        """Compare the outcomes of links; both ledgers are sorted by identifier."""
        for before, now in _paired(iter(old), iter(new), _identifier):
            pair = before.get("outcome", NONE), now.get("outcome", NONE)
            if pair[0] != pair[1]:
                self.turns[pair] += 1
                if self.turns[pair] <= EXAMPLES:
                    told = {**before, **now}
                    turn = Turn(
                        told["identifier"], told.get("url"), *pair, now.get("reason"), told.get("address")
                    )
                    self.examples.append(turn)

    def _article(self, old: dict[str, Any], new: dict[str, Any], wanted: Callable[[str], bool]) -> None:
        before, now = _values(old), _values(new)
        names = [name for name in {**before, **now} if wanted(name) and before.get(name) != now.get(name)]
        for name in names:
            kind = "lost" if name not in now else "gained" if name not in before else "changed"
            capture = new["capture"]
            place = capture["warcFile"], capture["offset"], capture["length"]
            shown = before.get(name), now.get(name)
            self.fields.setdefault(name, Changes()).add(
                Example(new["identifier"], new["url"], kind, *shown, *place)
            )
        self.differing += bool(names)
        self.same += not names


def _values(article: Mapping[str, Any]) -> dict[str, Any]:
    """The values that reading decides on, by the names under which they are told."""
    capture = article["capture"]
    told = {f"capture.{name}": capture[name] for name in TOLD_OF_CAPTURE if name in capture}
    return {name: value for name, value in article.items() if name not in OURS} | told


def _identifier(line: Mapping[str, Any]) -> str:
    return str(line["identifier"])


def _record(article: Mapping[str, Any]) -> tuple[str, int]:
    return article["capture"]["warcFile"], article["capture"]["offset"]


def _paired(
    old: Iterator[dict[str, Any]], new: Iterator[dict[str, Any]], key: Callable[[Mapping[str, Any]], Any]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Lines of two files that are sorted by the same key side by side, {} where one has none."""
    before, now = next(old, None), next(new, None)
    while before is not None or now is not None:
        if now is None or (before is not None and key(before) < key(now)):
            yield before or {}, {}
            before = next(old, None)
        elif before is None or key(now) < key(before):
            yield {}, now
            now = next(new, None)
        else:
            yield before, now
            before, now = next(old, None), next(new, None)
