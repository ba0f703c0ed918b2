"""Processes that work for this one: they hear nothing of Ctrl-C, and end with whoever gave them their work."""

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def unheard() -> Iterator[None]:
    """A block in which processes may be started that Ctrl-C does not reach, from their first moment on; here it is heard at its end."""
    resource_tracker.ensure_running()  # it would take the mask away again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end(pool: ProcessPoolExecutor, *, at_once: bool) -> None:
    """End a pool and wait for its processes: what they were doing is dropped, in the middle of it if `at_once`."""
    if at_once:
        for child in multiprocessing.active_children():
            child.terminate()
    pool.shutdown(wait=True, cancel_futures=True)
