"""One site of the newsroom, crawled into one store before and after its news went on."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from archive.chain import history
from archive.objects import Store
from archive.reading import ARTICLES, LEDGER, lines
from archive.snapshot import key_of
from archive.store import open_store
from tests.newsroom import Newsroom, newsroom
from tests.newsroom.story import Expected


@dataclass(frozen=True)
class Edition:
    """One crawl: its snapshot, the live items that Scrapy exported, and what had to be found."""

    store: Store
    snapshot: str
    live: list[dict[str, Any]]
    truth: list[Expected]

    @property
    def articles(self) -> list[dict[str, Any]]:
        return list(lines(self.store, self.snapshot, ARTICLES))

    @property
    def ledger(self) -> list[dict[str, Any]]:
        return list(lines(self.store, self.snapshot, LEDGER))


@dataclass(frozen=True)
class Twice:
    """The two crawls, and the folder that holds their store as `data`."""

    folder: Path
    first: Edition
    second: Edition

    @property
    def store(self) -> Store:
        return self.first.store

    def warcs(self, edition: Edition) -> list[Path]:
        return sorted((self.folder / "data" / key_of(edition.snapshot, "warc")).iterdir())


def crawled_twice(site: str, folder: Path, today: date) -> Twice:
    """Crawl both editions of a site, the second one after the first is committed."""
    with newsroom(seed=1, today=today) as room:
        editions = []
        for number in (1, 2):
            room.edition(number)
            editions.append(_crawled(room, site, folder, today, number))
    return Twice(folder, *editions)


def crawled_once(site: str, folder: Path, today: date) -> Edition:
    """Crawl the first edition of a site into `data` below a folder."""
    with newsroom(seed=1, today=today) as room:
        return _crawled(room, site, folder, today, 1)


def _crawled(room: Newsroom, site: str, folder: Path, today: date, number: int) -> Edition:
    live = folder / f"live{number}.jsonl"
    env = os.environ | {
        "LETOPIS_CONNECT_TO": json.dumps(room.connect_to),
        "SSL_CERT_FILE": str(room.ca),
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", site, "-a", f"until={today}", "-O", str(live)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    store = open_store(str(folder / "data"))
    items = [json.loads(line) for line in live.read_text("utf-8").splitlines()]
    return Edition(store, history(store, site)[-1].snapshot, items, room.truth[site])
