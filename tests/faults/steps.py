"""What a process does to the world outside, counted step by step; at one of them it is killed, or its disk is full from there on.

A step is what leaves a trace: a file opened for writing, a write to it, a forced write, a name given or taken, a statement of SQLite, a
request that changes a bucket. Of a write at which the process is killed or the disk is full, a part is written.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sqlite3
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PHASES = ("crawl", "derive", "seal", "upload", "commit")
CHANGING = (b"PUT ", b"POST ", b"DELETE ")
GROWING = {"open", "write", "fsync", "os.link", "os.mkdir", "sqlite"}
"""What a full disk refuses; names can be changed and taken away, and no bucket is full."""
UNSEEN = ("crawl.log", "__pycache__")


def spread(points: Mapping[str, Sequence[int]]) -> list[tuple[str, tuple[str, int, int]]]:
    """Cases (kind of store, (phase, number, count)): of each phase so many, to be spread evenly over its steps."""
    return [
        (kind, (phase, number, count))
        for kind, counts in points.items()
        for phase, count in zip(PHASES, counts, strict=True)
        for number in range(count)
    ]


class Steps:
    """Counts the steps of this process below a folder, by phase, and does to it what is asked for.

    `doom` is {"how": "kill" | "full", "phase": ..., "step": n, "share": s}: n counts from 0 within the phase, and of a write the
    share s is done, half if it is not told. A phase that has fewer steps, as it may where several requests run at once, is over then: the
    step is the next one after it.
    """

    def __init__(self, folder: Path, doom: dict[str, Any] | None) -> None:
        self.counts: Counter[str] = Counter()
        self._folder = str(folder)
        self._doom = doom or {"how": "", "phase": "", "step": 0}
        self._phase = PHASES[0]
        self._full = False

    def watch(self) -> None:
        """Begin: from here on every step of this process is seen."""
        real = io.open

        def opened(file: Any, mode: str = "r", buffering: int = -1, *more: Any, **named: Any) -> Any:
            if "b" not in mode or not set(mode) & set("wxa+"):
                return real(file, mode, buffering, *more, **named)
            raw = _Watched(file, mode.replace("b", ""))
            raw.steps = self
            if buffering == 0:
                return raw
            return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

        io.open = opened  # type: ignore[assignment]  Path.open and os.fdopen go through it
        os.fsync, os.fdatasync = self._forced(os.fsync), self._forced(os.fdatasync)
        sqlite3.connect = self._connecting(sqlite3.connect)  # type: ignore[assignment]
        sys.addaudithook(self._hear)

    def take(self, kind: str, name: str) -> bool:
        """Count a step; whether it is one that fails. A step at which the process is to be killed before it is done ends here."""
        self._go_on(kind, name)
        doom, number = self._doom, self.counts[self._phase]
        self.counts[self._phase] += 1
        if doom["how"] and (PHASES.index(self._phase), number) >= (PHASES.index(doom["phase"]), doom["step"]):
            if doom["how"] == "kill" and kind != "write":
                self.die()
            self._full = True
        if doom["how"] == "full":
            return self._full and kind in GROWING
        return self._full

    def die(self) -> None:
        """The end, without a last word."""
        os.kill(os.getpid(), signal.SIGKILL)

    def _go_on(self, kind: str, name: str) -> None:
        """A phase begins with its first step."""
        match self._phase:
            case "crawl" if kind == "sqlite" and name.endswith(".tally.sqlite"):
                self._phase = "derive"
            case "derive" if kind == "open" and "/.articles.jsonl.gz." in name:
                self._phase = "seal"
            case "seal" if kind == "os.rename" and name.endswith("/manifest.json"):
                self.counts["seal"] += 1
                self._phase = "upload"
            case "upload" if kind in ("os.link", "request") and "/chain/" in name:
                self._phase = "commit"

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        match event:
            case "open" if isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR):
                self._named("open", given[0])
            case "os.link" | "os.rename":
                self._named(event, given[1])
            case "os.mkdir" | "os.remove" | "os.rmdir":
                self._named(event, given[0])
            case "http.client.send" if isinstance(given[1], bytes) and given[1].startswith(CHANGING):
                self.take("request", given[1].partition(b"\r\n")[0].decode())

    def _named(self, kind: str, path: Any) -> None:
        name = os.path.abspath(path) if isinstance(path, str | Path) else ""  # noqa: PTH100  no Path in a hook: it opens
        if (
            name.startswith(self._folder)
            and not any(part in name for part in UNSEEN)
            and self.take(kind, name)
        ):
            raise _full()

    def _forced(self, real: Any) -> Any:
        def forced(descriptor: int) -> None:
            if self.take("fsync", ""):
                raise _full()
            real(descriptor)

        return forced

    def _connecting(self, real: Any) -> Any:
        steps = self

        def watched(name: str) -> Any:
            def run(connection: sqlite3.Connection, *given: Any) -> Any:
                if steps.take("sqlite", ""):
                    raise sqlite3.OperationalError("database or disk is full")
                return getattr(sqlite3.Connection, name)(connection, *given)

            return run

        ways = {name: watched(name) for name in ("execute", "executemany", "executescript")}
        counted = type("Watched", (sqlite3.Connection,), ways)

        def connect(path: Any, **named: Any) -> Any:
            if self.take("sqlite", str(path)):
                raise sqlite3.OperationalError("unable to open database file")
            return real(path, factory=counted, **named)

        return connect


class _Watched(io.FileIO):
    steps: Steps

    def write(self, data: Any, /) -> int:
        if not self.steps.take("write", ""):
            return super().write(data)
        doom, whole = self.steps._doom, memoryview(data).cast("B")
        super().write(whole[: int(len(whole) * doom.get("share", 0.5))])
        if doom["how"] == "kill":
            self.steps.die()
        raise _full()


def _full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
