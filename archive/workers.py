"""Who looks at the files of snapshots: this process, or several that share them."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import Self

from archive import aside
from archive.objects import Store
from archive.store import open_store
from archive.vouched import Job, Seen, Tell, examine


class Workers:
    """So many processes, or none of its own for one; `tell` hears of bytes as they have been looked at."""

    def __init__(self, store: Store, jobs: int = 1, tell: Tell | None = None) -> None:
        self._store = store
        self._tell = tell
        self.count = jobs
        # spawned: a fork of a process with threads may wait for ever for what another thread held
        self._pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) if jobs > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool:
            aside.end(self._pool, at_once=kind is not None)

    def look(self, job: Job) -> Callable[[], Seen]:
        """What a file gives, once it is asked for; several processes begin at once, and what one of them died of is looked at by this one."""
        here = partial(examine, self._store, job, self._tell)
        if self._pool is None:
            return here
        try:
            with aside.unheard():
                future = self._pool.submit(_examine, self._store.uri, job)
        except BrokenProcessPool:
            return here

        def seen() -> Seen:
            try:
                found = future.result()
            except BrokenProcessPool:
                return here()
            if self._tell:
                self._tell(job.line["size"])
            return found

        return seen


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def _examine(uri: str, job: Job) -> Seen:
    return examine(open_store(uri), job)
