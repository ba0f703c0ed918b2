"""A crawl that dies at one of its requests, and what crawls have left in a folder."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archive.record import records
from tests.crawler.gazeta import AMP, HOME, Answer, Crawled, Town, command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# one request at a time: of two hosts each may have answered what the crawl had not read yet when it was killed
ARGUMENTS = ("crawl", "gazeta", "-a", "until=2026-01-02", "-s", "CONCURRENT_REQUESTS=1")


def snapshots(folder: Path) -> list[Path]:
    return sorted(folder.glob("data/snapshots/*/*"))


def lines(snapshot: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress((snapshot / name).read_bytes()).splitlines()]


def manifest(snapshot: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((snapshot / "manifest.json").read_bytes())
    return found


def articles(folder: Path) -> dict[str, dict[str, Any]]:
    """The articles of all snapshots together, their capture aside."""
    found = [line for snapshot in snapshots(folder) for line in lines(snapshot, "articles.jsonl.gz")]
    kept = {line["identifier"]: {k: v for k, v in line.items() if k != "capture"} for line in found}
    assert len(kept) == len(found)
    return kept


def recorded(folder: Path) -> list[str]:
    """The URLs of all exchanges that are kept, in every WARC below a folder."""
    paths = sorted(folder.rglob("*.warc.gz*"))
    return [str(record.url) for path in paths for record in records(path) if record.type == "response"]


class Victim:
    """A crawl that is killed when it makes a request: nothing of it is answered."""

    def __init__(self, played: Town, folder: Path, *more: str) -> None:
        self._line, self.environment = command(played, folder, *ARGUMENTS, *more)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        with (self._folder / "victim.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._line, env=self.environment, cwd=self._folder, stdout=log, stderr=log
            )
            return self._process.wait(120)

    def die(self) -> None:
        assert self._process
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(30)


def at_request(number: int, played: Town, act: Callable[[], None]) -> None:
    """Act when the server is asked for the so-many-th time, before it answers."""

    def before() -> None:
        if len(played.asked) == number + 1:
            act()

    played.answers.update({url: replace(answer, before=before) for url, answer in played.answers.items()})
    for url in (f"{AMP}/robots.txt", f"{HOME}/sitemap.xml", f"{HOME}/news/page/2/"):
        played.answers.setdefault(url, Answer(status=404, before=before))


def line_of(found: Crawled) -> str:
    """The one line that a crawl says beside its log."""
    (line,) = [line for line in found.err.splitlines() if line.startswith("scrapy crawl")]
    return line
