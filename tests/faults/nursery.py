"""A process in which everything is imported already: each command runs in a fork of it, as in a process of its own, only sooner.

`python -m tests.faults.nursery` reads one command a line from its input and answers each with its exit code, below zero for a signal.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent.parent
NEEDED = (
    "scrapy.cmdline", "scrapy.crawler", "scrapy.core.downloader.handlers.http11", "archive.s3", "crawler.recovery",
    "crawler.article", "crawler.commands.crawl", "crawler.continuing", "crawler.generic", "crawler.spider", "crawler.wire",
    "scrapy.extensions.remote_control",
)  # fmt: skip
PATIENCE = 100
"""Seconds after which a command that does not end is killed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit code (below zero: the signal), what it wrote, and how many steps of each phase it took."""

    code: int
    out: str
    err: str
    steps: Mapping[str, int]


class Nursery:
    """The process, from the side that gives the commands; gone at the end of the block."""

    def __enter__(self) -> Self:
        self._told = (
            TemporaryDirectory()
        )  # not in a command's own folder, which may be on a disk that is full
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"], cwd=ROOT, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._told.cleanup()

    def run(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        doom: Mapping[str, Any] | None = None,
    ) -> Ended:
        """Run a command in a folder: ``scrapy ...`` or ``recover``; `doom` is told in tests.faults.steps."""
        assert self._process.stdin
        assert self._process.stdout
        where = Path(self._told.name)
        told = {"command": list(command), "folder": str(folder), "told": str(where)}
        told |= {"environment": dict(environment), "doom": doom}
        self._process.stdin.write(json.dumps(told) + "\n")
        code = int(self._process.stdout.readline())
        out, err, steps = (where / name for name in ("out", "err", "steps"))
        counted = json.loads(steps.read_bytes()) if code >= 0 else {}
        return Ended(code, out.read_text("utf-8"), err.read_text("utf-8"), counted)


def main() -> None:
    """Serve commands until the input ends."""
    sys.dont_write_bytecode = True
    for name in NEEDED:
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(**json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(code, flush=True)


def _live(
    command: list[str], folder: str, told: str, environment: dict[str, str], doom: dict[str, Any] | None
) -> None:
    """The forked process: it becomes the command, and never returns."""
    signal.alarm(PATIENCE)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [folder]
    for name, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(f"{told}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    from tests.faults.steps import Steps  # noqa: PLC0415  what it watches is imported by then

    _hurry()
    steps = Steps(Path(folder), doom)
    steps.watch()
    code: object = 1
    try:
        code = _recover() if command == ["recover"] else _scrapy(command)
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001  the process ends here, and says why
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    Path(told, "steps").write_text(json.dumps(steps.counts))
    os._exit(code if isinstance(code, int) else 0)


def _hurry() -> None:
    """An answer is waited for as long as on loopback, attempts follow at once, and a few megabytes go up in parts."""
    from botocore.retries.standard import ExponentialBackoff  # noqa: PLC0415

    from archive import content  # noqa: PLC0415
    from archive.s3 import S3  # noqa: PLC0415

    ExponentialBackoff.delay_amount = lambda *_: 0.0
    S3.__init__.__kwdefaults__["timeout"] = 1.0
    content.PART = 5 << 20


def _scrapy(command: list[str]) -> None:
    from scrapy.cmdline import execute  # noqa: PLC0415

    execute(command)


def _recover() -> int:
    """What `letopis recover` does, in a project of whose sites it does not know."""
    from scrapy.spiderloader import get_spider_loader  # noqa: PLC0415
    from scrapy.utils.project import get_project_settings  # noqa: PLC0415

    from archive.store import open_store  # noqa: PLC0415
    from crawler.recovery import recovered  # noqa: PLC0415

    settings = get_project_settings()
    settings.setdict({"SPIDER_MODULES": "gazetasite", "WORK": "./work"}, "cmdline")
    done = list(recovered(open_store(os.environ["STORE"]), settings, get_spider_loader(settings)))
    print(*done, sep="\n")
    return 0 if all(found.finished for found in done) else 74


if __name__ == "__main__":
    main()
