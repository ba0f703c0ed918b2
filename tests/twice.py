"""One site of the newsroom, crawled into one store before and after its news went on."""

import fcntl
import json
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from archive.chain import history
from archive.objects import Store
from archive.reading import ARTICLES, LEDGER, lines
from archive.snapshot import key_of
from archive.store import open_store
from tests.newsroom import newsroom
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
    """Both editions of a site, the second crawled after the first was committed, below a folder that was made by pytest."""
    shutil.copytree(_kept(site, 2, folder, today), folder, dirs_exist_ok=True)
    return Twice(folder, *(_edition(site, number, folder) for number in (1, 2)))


def crawled_once(site: str, folder: Path, today: date) -> Edition:
    """The first edition of a site alone, likewise: its store is `data` below the folder."""
    shutil.copytree(_kept(site, 1, folder, today), folder, dirs_exist_ok=True)
    return _edition(site, 1, folder)


def _kept(site: str, number: int, folder: Path, today: date) -> Path:
    """Where so many crawls of a site lie, made by whichever process of the test run needs them first: copied, never changed."""
    run = folder.parent.parent if "PYTEST_XDIST_WORKER" in os.environ else folder.parent
    kept = run / "crawled" / f"{site}-{today}-{number}"
    kept.parent.mkdir(exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            begun = Path(mkdtemp(dir=kept.parent))
            if number > 1:
                shutil.copytree(_kept(site, number - 1, folder, today), begun, dirs_exist_ok=True)
            _crawl(site, number, begun, today)
            begun.rename(kept)
    return kept


def _crawl(site: str, number: int, folder: Path, today: date) -> None:
    with newsroom(seed=1, today=today) as room:
        room.edition(number)
        env = os.environ | {
            "LETOPIS_CONNECT_TO": json.dumps(room.connect_to),
            "SSL_CERT_FILE": str(room.ca),
            "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        }
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", site, "-a", f"until={today}", "-O", _live(number)],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / _truth(number)).write_bytes(pickle.dumps(room.truth[site]))


def _edition(site: str, number: int, folder: Path) -> Edition:
    store = open_store(str(folder / "data"))
    items = [json.loads(line) for line in (folder / _live(number)).read_text("utf-8").splitlines()]
    truth = pickle.loads((folder / _truth(number)).read_bytes())
    return Edition(store, history(store, site)[number - 1].snapshot, items, truth)


def _live(number: int) -> str:
    return f"live{number}.jsonl"


def _truth(number: int) -> str:
    return f"truth{number}.pickle"
