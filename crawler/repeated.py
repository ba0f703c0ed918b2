"""The crawl that a snapshot was left by, as far as it is needed to crawl so again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from archive.chain import manifest
from archive.ledger import Outcome
from archive.trace import ledger
from crawler.continuing import HELD, Continued, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archive.objects import Store

UNANSWERED = frozenset({Outcome.ROBOTS, Outcome.FAILED, Outcome.NOT_FETCHED})


@dataclass(slots=True)
class Repeated:
    """The circumstances of a crawl that is repeated: its snapshot, "now", arguments, what it took over, and what its links came to.

    `ends` has every link that was to be fetched and what came of it; `order` says
    which of them come first, so that articles come as articles.jsonl has them.
    """

    snapshot: str
    start: Mapping[str, Any] = field(default_factory=dict)
    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    order: dict[str, tuple[bool, str, int]] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, snapshot: str) -> Self:
        """The circumstances as the snapshot's journal and ledger tell them; raises StoreError, BrokenRecordError."""
        found = cls(snapshot)
        found._learn(entries(store, manifest(store, snapshot)))
        for line in ledger(store, snapshot):
            found._end(line)
        return found

    @property
    def clock(self) -> datetime:
        """The crawl's "now"."""
        return datetime.fromisoformat(self.start["clock"])

    @property
    def rehearsal(self) -> bool:
        """Whether a local server stood in for the site."""
        return bool(self.start["rehearsal"])

    @property
    def arguments(self) -> dict[str, str]:
        """The spider arguments as a command line has them."""
        told: dict[str, Any] = self.start["arguments"]
        return {name: " ".join(said) if isinstance(said, list) else str(said) for name, said in told.items()}

    @property
    def continued(self) -> Continued | None:
        """What the crawl took over from the snapshot that it continued."""
        if not self.start["continues"]:
            return None
        answered = frozenset(name for name, decision in self.decisions.items() if decision == HELD)
        return Continued(self.start["continues"], tuple(self.open.values()), answered, frozenset())

    def ordered(self, decided: Iterable[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        """The entries by the places of the records that counted; what an article was kept besides, and what had no record, comes last."""
        last = (True, "~", 0)
        return sorted(decided, key=lambda entry: self.order.get(entry["identifier"], last))

    def _end(self, line: dict[str, Any]) -> None:
        """Take a line of the ledger."""
        name, place = line["identifier"], line.get("address")
        if place:
            spare = (
                line["outcome"] == Outcome.DUPLICATE
            )  # of an article's records the one that was kept comes first
            self.order[name] = (spare, place["file"], place["offset"])
        if place or line["outcome"] in UNANSWERED:
            self.ends[name] = line.get("reason") or line["outcome"]

    def _learn(self, journal: Iterable[Any]) -> None:
        """Take what was said before the first article was fetched."""
        for said in journal:
            match said["kind"]:
                case "start":
                    self.start = said
                case "decision":
                    for link in said["links"]:
                        self.decisions[link["identifier"]] = link["decision"]
                        if "announced" in link:
                            self.open.setdefault(link["identifier"], link)
                case "fetch" if said["link"]:
                    return
