"""A store with three committed snapshots of two sites, one of them large enough to be broken off."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

from archive.chain import commit
from archive.local import Directory
from archive.seal import seal
from archive.snapshot import claim
from archive.verify import PARTIAL
from tests.archive.crawled import FACTS, NOON, Crawl, crawl, derive, name

if TYPE_CHECKING:
    from pathlib import Path

    from archive.chain import Entry
    from archive.objects import Store

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
LARGE = 1_500_000
FIRST, SECOND, OTHER = "chronik-20261122T120000Z", "chronik-20261123T120000Z", "blatt-20261122T120000Z"


def publish(store: Store, root: Path) -> list[Entry]:
    """Two days of one site, the second with a page of LARGE bytes, and one day of another."""
    return [
        commit(store, seal(_crawl(store, root, site, day), derive, facts=FACTS), clock=lambda: AT)
        for site, day in (("chronik", 0), ("chronik", 1), ("blatt", 0))
    ]


def _crawl(store: Store, root: Path, site: str, day: int):  # noqa: ANN202  a Work
    made = Crawl(claim(store, root, site, "main", NOON + timedelta(days=day)))
    made.start()
    made.announce("https://chronik.example/feed/", 1, 2)
    made.decide(1, 2)
    made.fetch(1, f"{name(1)}|Заголовок|Текст {day}")
    if site == "chronik" and day:
        made.get("https://chronik.example/large", random.Random(7).randbytes(LARGE))
    made.fetch(2, f"{name(2)}|Заголовок|Другой текст {day}")
    return made.end()


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    """The store, which nobody changes."""
    folder = tmp_path_factory.mktemp("kept")
    store = Directory(folder / "data")
    publish(store, folder / "work")
    return store


def everything(folder: Path) -> dict[str, str]:
    return {stored.key: Directory(folder).sha256(stored.key) for stored in Directory(folder).list()}


def published(kept: Directory) -> dict[str, str]:
    return {key: sha256 for key, sha256 in everything(kept.root).items() if not key.startswith("claims/")}


def other(tmp_path: Path, articles: int = 2) -> Directory:
    """A store with a history of its own of the same site."""
    store = Directory(tmp_path / "other")
    commit(store, seal(crawl(store, tmp_path / "work", articles=articles), derive, facts=FACTS))
    return store


def said(folder: Path) -> object:
    return orjson.loads((folder / PARTIAL).read_bytes()) if (folder / PARTIAL).exists() else None
