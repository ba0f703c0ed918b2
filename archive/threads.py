"""Threads that wait for a store on behalf of one that may be interrupted: Ctrl-C waits for none of them longer than GRACE.

A server may accept a connection and never answer. No thread can be made to stop waiting for it, so these are daemons, which keep no process.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
GRACE = 1.0
"""Seconds."""


def together(
    act: Callable[[T], R], items: Iterable[T], count: int, end: Callable[[], object] = lambda: None
) -> list[R]:
    """What `act` makes of each item, in their order, so many at a time.

    The first error is raised once those that had begun are through, and no other is begun then; `end` is called before they are waited for.
    """
    crowd, limit = _Crowd(act, list(items)), None
    threads = [Thread(target=crowd.work, daemon=True) for _ in range(min(count, crowd.size))]
    try:
        for thread in threads:
            thread.start()
        return crowd.results()
    except KeyboardInterrupt:
        limit = time.monotonic() + GRACE
        raise
    finally:
        crowd.ended.set()
        end()
        for thread in threads:
            if thread.ident:
                thread.join(None if limit is None else max(0, limit - time.monotonic()))


def briefly(act: Callable[[], object]) -> None:
    """Begin something that is good to be done and not needed, and wait for its end, but for GRACE at most; its errors are nobody's."""
    thread = Thread(target=_tried, args=(act,), daemon=True)
    thread.start()
    thread.join(GRACE)


def interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C, or a signal heard alike, is behind an error."""
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)


class _Crowd(Generic[T, R]):
    """Items that wait for a thread, and what the threads made of them."""

    def __init__(self, act: Callable[[T], R], items: Sequence[T]) -> None:
        self._act = act
        self._waiting = SimpleQueue[tuple[int, T]]()
        self._done = SimpleQueue[tuple[int, R] | BaseException]()
        for one in enumerate(items):
            self._waiting.put(one)
        self.size = len(items)
        self.ended = Event()

    def work(self) -> None:
        """One thread's share: item after item, until none is left or it has ended."""
        while not self.ended.is_set():
            try:
                number, item = self._waiting.get_nowait()
            except Empty:
                return
            try:
                self._done.put((number, self._act(item)))
            except BaseException as error:  # noqa: BLE001  raised again in the thread that waits for it
                self.ended.set()
                self._done.put(error)

    def results(self) -> list[R]:
        """All of them, once they are there; raises the first error."""
        found: dict[int, R] = {}
        while len(found) < self.size:
            done = self._done.get()
            if isinstance(done, BaseException):
                raise done
            found[done[0]] = done[1]
        return [found[number] for number in range(self.size)]


def _tried(act: Callable[[], object]) -> None:
    with suppress(Exception):  # whoever does this is about to end, and says why
        act()
