"""Two machines that hold one snapshot: a crawl of which some was sent, whoever adopts it, and a store in which they meet."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive import lease
from archive.adopt import adopt
from archive.lease import LASTS
from archive.local import Directory
from archive.objects import Store, Stored
from archive.recover import Recovered
from archive.snapshot import Work, claim, key_of
from tests.archive.crawled import FEED, Crawl, name
from tests.archive.died import gone, reading

SENT = 3
NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + LASTS + timedelta(seconds=1)


def lost(store: Store, root: Path, articles: int = 5, sent: int = SENT) -> Work:
    """A crawl that wrote a file for each exchange and died; the first ones of them had been sent."""
    work = claim(store, root, "chronik", "main", NOW)
    lease.take(store, work, lambda: NOW)
    made = Crawl(work, size=1)
    made.start()
    made.announce(FEED, *range(1, articles + 1))
    made.decide(*range(1, articles + 1))
    for number in range(1, articles + 1):
        made.fetch(number, f"{name(number)}|Заголовок {number}|Текст {number}")
    made.writer.close()
    for path in sorted(work.warc.glob("*.warc.gz"))[
        : 4 + sent
    ]:  # the first four are the journal's and the feed's
        store.put(key_of(work.id, f"warc/{path.name}"), path)
    gone(work)
    return work


def adopted(store: Store, root: Path, now: datetime = LATER) -> list[Recovered]:
    """What another machine did about it, a quarter of an hour later."""
    return list(adopt(store, root, reading, clock=lambda: now))


class Meanwhile(Directory):
    """A directory in which a rival takes its step once: right before a key that ends so is written, or after the n-th listing of a chain."""

    def __init__(self, root: Path, rival: Callable[[], object], key: str = "/none", listing: int = 0) -> None:
        super().__init__(root)
        self._rival: Callable[[], object] | None = rival
        self._key = key
        self._listing = listing

    def create(self, key: str, data: Path | bytes) -> bool:
        self._met(key.endswith(self._key))
        return super().create(key, data)

    def put(self, key: str, source: Path | bytes) -> None:
        self._met(key.endswith(self._key))
        super().put(key, source)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        found = [*super().list(prefix)]
        if prefix.startswith("chain/site="):
            self._listing -= 1
            self._met(self._listing == 0)
        yield from found

    @property
    def met(self) -> bool:
        return self._rival is None

    def _met(self, now: bool) -> None:
        if now and self._rival:
            rival, self._rival = self._rival, None
            rival()


def held(store: Directory) -> dict[str, str]:
    """The digest of each object of snapshots."""
    return {stored.key: store.sha256(stored.key) for stored in store.list("snapshots/")}
