"""Crawls that died in their work folder, what recovers them, and what keeps files from growing."""

import resource
from pathlib import Path

from archive.manifest import Facts
from archive.objects import Store
from archive.recover import Recovered, recover
from archive.seal import Derive
from archive.snapshot import Work, claim
from archive.store import open_store
from tests.archive.crawled import FACTS, FEED, NOON, Crawl, derive, name


def reading(_: Work) -> tuple[Derive, Facts]:
    return derive, FACTS


def store_in(folder: Path) -> Store:
    return open_store(str(folder / "data"))


def dead(folder: Path, articles: int = 3, torn: bytes = b"") -> Work:
    """A crawl that died after some articles, `torn` being what came of its last write."""
    work = claim(store_in(folder), folder / "work", "chronik", "main", NOON)
    made = Crawl(work)
    made.start()
    made.announce(FEED, *range(1, articles + 2))
    made.decide(*range(1, articles + 2))
    for number in range(1, articles + 1):
        made.fetch(number, f"{name(number)}|Заголовок {number}|Текст {number}")
    (path,) = work.warc.glob("*.open")
    with path.open("ab") as stream:
        stream.write(torn)
    gone(work, made)
    return work


def gone(work: Work, made: Crawl | None = None) -> None:
    """What the system does when the process ends."""
    assert work.hold
    work.hold.release()
    if made and made.writer._segment:
        made.writer._segment._warc.close()
        made.writer._segment._index.close()


def recovered(folder: Path) -> list[Recovered]:
    return list(recover(store_in(folder), folder / "work", reading))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "work").iterdir())


class limited:  # noqa: N801  a block
    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.RLIM_INFINITY))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
