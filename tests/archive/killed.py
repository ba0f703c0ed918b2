"""Processes killed at every step at which they change the file system."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

STEPS = {"os.link", "os.remove", "os.rename", "sqlite3.connect"}


def killed(root: Path, pattern: Path, act: Callable[[Path], object], every: int = 1) -> Iterator[Path]:
    """Copies of a folder, in each of which `act` was killed `every` steps later than in the one before, until it came to its end.

    It forks, so it is to be called in a process without threads.
    """
    step = 0
    while True:
        folder = root / str(step)
        shutil.copytree(pattern, folder)
        child = os.fork()
        if child == 0:
            _die_at(step)
            act(folder)
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended == 0:
            return
        assert ended == -signal.SIGKILL
        yield folder
        step += every


def _die_at(step: int) -> None:
    seen = iter(range(step + 1))

    def hook(name: str, given: tuple[object, ...]) -> None:
        if (name in STEPS or _writes(name, given)) and next(seen) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _writes(name: str, given: tuple[object, ...]) -> bool:
    return name == "open" and isinstance(given[2], int) and bool(given[2] & (os.O_WRONLY | os.O_RDWR))
