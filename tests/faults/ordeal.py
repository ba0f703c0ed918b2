"""One trial: a site, a work folder and a store of their own, in which a crawl suffers something and is recovered from it."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.chain import LATEST, LIST, history, manifest
from archive.lease import last
from archive.manifest import files
from archive.reading import ARTICLES, LEDGER, lines
from archive.record import records
from archive.recover import CAPTURED, clear
from archive.snapshot import MANIFEST, NASCENT, claim_key, key_of
from archive.store import open_store
from archive.verify import verify_chain, verify_files
from tests.crawler.day import DAY
from tests.crawler.gazeta import Answer, Town, command, town

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archive.objects import Store
    from tests.faults.nursery import Ended, Nursery


@dataclass
class Ordeal:
    """A folder, the name of its store, the site that is played, and the process that runs the commands.

    `environment` leads to the store; `store` is the same one, reached by an undisturbed way.
    """

    folder: Path
    uri: str
    played: Town
    nursery: Nursery
    store: Store
    environment: Mapping[str, str] = field(default_factory=dict)
    warc_size: int = 6000
    at_once: int = 1

    def crawl(self, doom: Mapping[str, Any] | None = None, *arguments: str, work: str = "./work") -> Ended:
        """Crawl the site, `at_once` requests at a time, so that as many exchanges at most can be in the air."""
        # what a host has answered and the crawl not read yet is in the air, too; WARCs of a few pages go up while it runs
        settings = (
            f"CONCURRENT_REQUESTS={self.at_once}",
            f"STORE={self.uri}",
            f"WORK={work}",
            "DISK_FLOOR=0",
            f"WARC_SIZE={self.warc_size}",
        )
        told = [part for setting in settings for part in ("-s", setting)]
        line, environment = command(
            self.played, self.folder, "crawl", "gazeta", "-a", "until=2026-01-02", *told, *arguments
        )
        return self.nursery.run(line[2:], self.folder, {**environment, **self.environment}, doom)

    def recover(self, doom: Mapping[str, Any] | None = None) -> Ended:
        """`letopis recover` minutes later, and what it does about the store when it is run again after a few days."""
        for path in self.folder.glob(f"work/{NASCENT}*"):
            os.utime(path, (0, 0))
        _, environment = command(self.played, self.folder, "crawl")
        ended = self.nursery.run(
            ["recover"], self.folder, {**environment, **self.environment, "STORE": self.uri}, doom
        )
        list(clear(self.store, datetime.now(UTC) + timedelta(days=2)))
        return ended

    def snapshots(self) -> list[dict[str, Any]]:
        """The manifests of the site's history, in its order."""
        return [manifest(self.store, entry.snapshot) for entry in history(self.store, "gazeta")]

    def recorded(self) -> Counter[str]:
        """The URLs of the exchanges that history holds."""
        found: Counter[str] = Counter()
        for told in self.snapshots():
            for path in (line["path"] for line in files(told) if line["path"].startswith("warc/")):
                with self.store.open(key_of(told["snapshot"], path)) as stream:
                    found.update(str(each.url) for each in records(stream, path) if each.type in CAPTURED)
        return found

    def lost(self) -> list[str]:
        """What the site answered whole and no snapshot holds."""
        return sorted((Counter(self.played.answered) - self.recorded()).elements())

    def articles(self) -> dict[str, dict[str, Any]]:
        """The articles of all snapshots together, their capture aside; none is there twice."""
        found = [line for told in self.snapshots() for line in lines(self.store, told["snapshot"], ARTICLES)]
        kept = {line["identifier"]: {k: v for k, v in line.items() if k != "capture"} for line in found}
        assert len(kept) == len(found)
        return kept

    def amiss(self) -> list[str]:
        """What is not as it must be once all is recovered: a partial snapshot that passes for complete, damage, orphans."""
        told = self.snapshots()
        wrong = [f"{each['snapshot']} is not {each['status']}" for each in told if not self._honest(each)]
        for each in told:
            found = verify_files(self.store, each["snapshot"])
            # of the exchange that was being written its response may be whole, and its request not
            wrong += [str(one) for one in found if one.severity == "error" or each["finish"] != "died"]
        wrong += map(str, verify_chain(self.store, "gazeta", "main"))
        wrong += [f"left: {key}" for key in sorted(self._keys() - self._rightful(told))]
        wrong += [
            f"lost: {key}"
            for key in sorted(self._rightful(told) - self._keys())
            if not key.startswith("leases/")
        ]
        held = last(self.store, "gazeta", "main")
        wrong += [f"leased still: {held.key}"] if held and held.until else []
        for work in self.folder.glob("work*"):
            wrong += [f"left: {path}" for path in work.iterdir()]
        return wrong + [f"left: {name}" for name in self._unfinished()]

    def told(self) -> Iterator[tuple[str, bytes]]:
        """All that was written anywhere, each with its name, gzip undone."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()
        for stored in self.store.list():
            with self.store.open(stored.key) as stream:
                data = stream.read()
            yield stored.key, gzip.decompress(data) if stored.key.endswith(".gz") else data

    def _honest(self, told: Mapping[str, Any]) -> bool:
        outcomes = {line["outcome"] for line in lines(self.store, told["snapshot"], LEDGER)}
        whole = told["finish"] == "finished" and "not-fetched" not in outcomes
        return (told["status"] == "complete") == whole

    def _keys(self) -> set[str]:
        return {stored.key for stored in self.store.list() if not stored.key.startswith("readers/")}

    def _rightful(self, told: list[dict[str, Any]]) -> set[str]:
        """Keys that history accounts for."""
        keys = {LIST, LATEST} if told else set()
        held = last(self.store, "gazeta", "main")
        keys |= {held.key} if held else set()
        keys |= {entry.key for entry in history(self.store, "gazeta")}
        for each in told:
            keys |= {claim_key(each["snapshot"]), key_of(each["snapshot"], MANIFEST)}
            keys |= {key_of(each["snapshot"], line["path"]) for line in files(each)}
        return keys

    def _unfinished(self) -> list[str]:
        """What never-ended writes have left after all was cleared."""
        return list(self.store.sweep(datetime.now(UTC) + timedelta(days=2)))


@contextmanager
def ordeal(
    folder: Path,
    uri: str,
    nursery: Nursery,
    environment: Mapping[str, str] | None = None,
    day: Mapping[str, Answer] | None = None,
) -> Iterator[Ordeal]:
    """A trial in a folder that is made for it."""
    folder.mkdir(parents=True, exist_ok=True)
    store = open_store(uri if "://" in uri else os.fspath(folder / uri))
    with town(dict(day or DAY)) as played:
        yield Ordeal(folder, uri, played, nursery, store, environment or {})


def pass_the_quarter_of_an_hour(it: Ordeal) -> None:
    """The last lease, as it is when nobody has renewed it for so long."""
    held = last(it.store, "gazeta", "main")
    assert held
    with it.store.open(held.key) as stream:
        said = json.load(stream)
    it.store.put(held.key, json.dumps(said | {"until": "2026-01-02T00:00:00+00:00"}).encode())
