"""Several sites crawled side by side: one child process each, their progress and their outcomes brought together."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from types import FrameType
from typing import Any, Protocol

from crawler.exits import Exit
from crawler.stopping import HEARD, heeds_hangup

# Progress and summary as JSON lines, and an end when we are gone; of the log, which crawl.log keeps whole, only what somebody must look at.
QUIET = (
    "-s",
    "PROGRESS=1",
    "-s",
    "ATTENDED=1",
    "-s",
    "LOG_LEVEL=ERROR",
    "-s",
    "RETRY_GIVE_UP_LOG_LEVEL=WARNING",
)
KILLED = 128
SOON = 0.2


class Watcher(Protocol):
    """Who is told how the crawls go, from several threads."""

    def begins(self, site: str) -> None:
        """Hear that the crawl of a site begins."""

    def goes_on(self, site: str, progress: Mapping[str, Any]) -> None:
        """Hear of a progress line: articles asked for, answers fetched, articles read."""

    def says(self, site: str, line: str) -> None:
        """Hear a line that the crawl wrote to its error output."""

    def ends(self, outcome: "Outcome") -> None:
        """Hear how a crawl ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the crawl of one site ended; `summary` is None where no snapshot came of it."""

    site: str
    exit: int
    seconds: float
    summary: Mapping[str, Any] | None = None
    said: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return the outcome for programs: the crawl's summary, or what was said where there is none."""
        return dict(
            self.summary or {"site": self.site, "exit": self.exit, "seconds": self.seconds, "said": self.said}
        )


@dataclass(slots=True)
class Fleet:
    """Crawls sites, at most one per processor at a time; `options` go to each `scrapy crawl`.

    `deadline` is a moment of time.monotonic(): crawls that run then are stopped and sealed, others do not begin.
    """

    options: Sequence[str]
    watcher: Watcher
    deadline: float | None = None
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    stopped: bool = False

    def crawl(self, sites: Sequence[str]) -> list[Outcome]:
        """Return the outcomes in the order of the sites; a signal (INT, TERM, HUP) stops all crawls, which are sealed."""
        with self._signals(), ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            futures = [pool.submit(self._one, site) for site in sites]
            while wait_for(futures, timeout=SOON).not_done:
                pass  # a signal's handler runs between two waits
        return [future.result() for future in futures]

    def _one(self, site: str) -> Outcome:
        began = monotonic()
        if self.stopped or (self.deadline is not None and began >= self.deadline):
            outcome = Outcome(site, Exit.TEMPORARY, 0.0, said=("not begun: stopped, or no time left",))
        else:
            self.watcher.begins(site)
            summary, said, code = self._run(site)
            outcome = Outcome(site, code, monotonic() - began, summary, tuple(said))
        self.watcher.ends(outcome)
        return outcome

    def _run(self, site: str) -> tuple[Mapping[str, Any] | None, list[str], int]:
        summary: Mapping[str, Any] | None = None
        said: list[str] = []
        with self._child(site) as child:
            self.running.append(child)
            if self.stopped:  # the signal came while this child was being started
                child.terminate()
            for line in child.stdout or ():
                told = _json(line)
                if told is None:
                    said.append(line.rstrip())
                    self.watcher.says(site, line.rstrip())
                elif "snapshot" in told:
                    summary = told
                else:
                    self.watcher.goes_on(site, told)
            code = child.wait()
            self.running.remove(child)
        return summary, said, code if code >= 0 else KILLED - code

    def _child(self, site: str) -> subprocess.Popen[str]:
        options = list(self.options)
        if self.deadline is not None:
            options += ["-s", f"CLOSESPIDER_TIMEOUT={max(1.0, self.deadline - monotonic()):.0f}"]
        command = [sys.executable, "-P", "-m", "scrapy", "crawl", site, *QUIET, *options]
        return subprocess.Popen(  # noqa: S603  our own program with the user's own options
            command,
            stdin=subprocess.PIPE,  # of which the system closes our end, however we die
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            # wherever the user stands, and whichever Scrapy project is there
            env={**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
            # a terminal's ^C must reach a child once, through us: the second one makes Scrapy stop uncleanly
            start_new_session=True,
        )

    @contextmanager
    def _signals(self) -> Iterator[None]:
        heard = (*HEARD, signal.SIGHUP) if heeds_hangup() else HEARD
        kept = {number: signal.signal(number, self._stop) for number in heard}
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  what signal calls
        if self.stopped and number == signal.SIGHUP:  # of a terminal that is closed comes more than one
            return
        self.stopped = True
        for child in self.running:
            child.terminate()


def worst(outcomes: Sequence[Outcome]) -> int:
    """Return the exit code of all crawls together: the highest."""
    return max((outcome.exit for outcome in outcomes), default=Exit.OK)


def _json(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line) if line.startswith("{") else None
    except ValueError:
        return None
    return found if isinstance(found, dict) and "site" in found else None


def columns(outcome: Outcome) -> list[str]:
    """Return one site's row of the final table: site, links, captured, articles, rejected, WARC bytes, seconds, exit."""
    told = outcome.summary or {}
    names = ("links", "captured", "articles", "rejected", "bytes")
    counts = [f"{told[name]:,}".replace(",", " ") if name in told else "-" for name in names]
    word = Exit(outcome.exit).name.lower() if outcome.exit in set(Exit) else "killed"
    return [outcome.site, *counts, f"{outcome.seconds:.1f}", f"{outcome.exit} {word}"]


HEADINGS = ("site", "links", "captured", "articles", "rejected", "WARC bytes", "seconds", "exit")
