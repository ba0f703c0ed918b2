"""Everything that can be checked of a store: snapshots, editions, chains, lists, and what no chain names."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from archive.chain import Entry
from archive.finding import Finding
from archive.history import History, verify_heads, verify_lists, verify_uncommitted
from archive.objects import Store
from archive.signature import PublicKey
from archive.snapshot import MANIFEST, key_of, site_of
from archive.verify import PARTIAL, Snapshot, partial_copy
from archive.workers import Workers
from crawler.kept import verify_derived, verify_reader

SMALL = 64 * 2**20
"""Bytes that one process has checked before others would have begun."""
LACKS = {
    "articles": "no WARCs, indexes, rejects, ledgers and reports",
    "warc": "no articles, rejects, ledgers and reports",
}
"""What a partial copy does not hold."""
Part = tuple[str, Iterable[Finding]]
"""What was checked, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What shall be checked.

    `snapshots` None: all. `heads` are digests of entries that the chains must hold, `key` must have signed every manifest. `derive`: read the
    records again, in so many `jobs`, by the code at hand or (`recorded`) by the readers that the store keeps; index lines are then compared
    to the last digest.
    """

    snapshots: tuple[str, ...] | None = None
    heads: tuple[str, ...] = ()
    key: PublicKey | None = None
    derive: bool = True
    recorded: bool = False
    jobs: int = 1


class Audit:
    """The check of a store; raises StoreError where the store cannot be read, UnknownSnapshotError for what is no snapshot's name."""

    def __init__(self, store: Store, asked: Asked) -> None:
        self._store = store
        self._asked = asked
        self._histories = _histories(store, asked.snapshots)
        self._lacking = 0
        self._targets = list(self._chosen())

    @property
    def size(self) -> int:
        """Bytes of what there is to check."""
        chosen = set(self._targets)
        return sum(entry.summary["bytes"] for entry in self._entries() if _target(entry) in chosen)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to check: no chain, and no snapshot that one could name."""
        chains = any(history.entries or any(history.findings.values()) for history in self._histories)
        return not chains and not any(self._store.list("snapshots/"))

    def parts(self, tell: Callable[[int], object] | None = None) -> Iterator[Part]:
        """All that was checked, with what is wrong with it, in turn; `tell` hears of bytes as they have been looked at."""
        with Workers(self._store, self._asked.jobs if self.size > SMALL else 1, tell) as workers:
            yield from self._snapshots(workers)
            yield from self._chains()

    def findings(self) -> list[Finding]:
        """All that is wrong."""
        return [finding for _, findings in self.parts() for finding in findings]

    def _snapshots(self, workers: Workers) -> Iterator[Part]:
        """Each snapshot and edition; some are begun ahead, so that no process waits for the last file of one."""
        begun: deque[tuple[str, int, Snapshot]] = deque()
        for name, edition in self._targets:
            history = next(one for one in self._histories if one.holds(name))
            check = Snapshot(
                self._store,
                name,
                edition,
                history=history,
                workers=workers,
                key=self._asked.key,
                digests=self._asked.derive,
            )
            begun.append((name, edition, check))
            if len(begun) >= workers.count:
                yield self._part(*begun.popleft())
        while begun:
            yield self._part(*begun.popleft())

    def _part(self, name: str, edition: int, check: Snapshot) -> Part:
        shown = f"{name} edition {edition}" if edition else name
        return shown, self._of(name, edition, check)

    def _of(self, name: str, edition: int, check: Snapshot) -> Iterator[Finding]:
        yield from check.findings()
        if not check.readable:  # what is damaged need not be read to know that
            return
        wrong = list(verify_reader(self._store, name, edition))
        yield from wrong
        if self._asked.derive and not wrong:
            yield from verify_derived(
                self._store, name, edition, recorded=self._asked.recorded, jobs=self._asked.jobs
            )

    def _chains(self) -> Iterator[Part]:
        for history in self._histories:
            for name, findings in history.findings.items():
                yield f"chain of {'/'.join(name)}" if name else "chain", findings
        if self._asked.heads:
            entries = [entry for history in self._histories for entry in history.entries]
            yield "heads", verify_heads(entries, self._asked.heads)
        yield from ((name, findings) for name, findings in self._around() if findings)

    def _around(self) -> Iterator[tuple[str, list[Finding]]]:
        """What is worth a word only where something is amiss."""
        if self._asked.snapshots is None:
            for history in self._histories:
                yield "what no chain names", list(verify_uncommitted(self._store, history))
                yield "lists", list(verify_lists(self._store, history))
        yield "copy", self._partial()

    def _chosen(self) -> Iterator[tuple[str, int]]:
        """Snapshots and editions, as far as this copy was meant to hold them."""
        targets = dict.fromkeys(_target(entry) for entry in self._entries())
        if (names := self._asked.snapshots) is not None:
            own: dict[tuple[str, int], None] = {(name, 0): None for name in names}
            targets = own | {target: None for target in targets if target[0] in names}
        partial = partial_copy(self._store)
        for name, edition in targets:
            if partial and self._store.stat(key_of(name, MANIFEST)) is None:
                self._lacking += 1
            else:
                yield name, edition

    def _partial(self) -> list[Finding]:
        """One warning for everything that a partial copy does not hold."""
        what = partial_copy(self._store)
        if what is None:
            return []
        held = [LACKS[what]] if what in LACKS else []
        held += [f"{self._lacking} snapshots of its chains are not here"] if self._lacking else []
        reason = f"this is a partial copy: {'; '.join(held) or 'not every file is here'}"
        return [Finding("warning", PARTIAL, None, reason)]

    def _entries(self) -> Iterator[Entry]:
        for history in self._histories:
            yield from history.kept()


def _histories(store: Store, names: Iterable[str] | None) -> list[History]:
    """The history of the whole store, or of the sites of these snapshots."""
    if names is None:
        return [History.of(store)]
    return [History.of(store, site) for site in sorted({site_of(name) for name in names})]


def _target(entry: Entry) -> tuple[str, int]:
    return entry.snapshot, entry.edition or 0
