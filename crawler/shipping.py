"""WARC files go into the store while their crawl runs, so that a machine that is lost takes little with it."""

from __future__ import annotations

import logging
from collections import deque
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from archive.chain import entry_of
from archive.fingerprint import fingerprint
from archive.lease import taken_over
from archive.manifest import RECORDED
from archive.sending import send
from archive.snapshot import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.objects import Store
    from archive.snapshot import Work

logger = logging.getLogger(__name__)

PAUSES = (1.0, 10.0, 60.0, 300.0)
"""Seconds between two attempts to send a file; after the last one it is left until the next one is closed, or the crawl has ended."""


class TakenOverError(Exception):
    """The crawl was taken for dead: another machine has brought into history what the store held of it."""


class Shipping:
    """One thread that sends the closed WARC files of a crawl, in the block for which this is entered; files stay where they are.

    Nothing that goes wrong reaches the crawl: what was not sent, or not confirmed by size and digest, is sent by commit. No file goes before
    the one before it was confirmed: a machine that is lost then leaves the beginning of its crawl, without a hole. At the end of
    the block the file that is on its way is waited for, for commit would need it there, and no other is begun.
    """

    def __init__(self, store: Store, work: Work, pauses: Sequence[float] = PAUSES) -> None:
        self._store = store
        self._work = work
        self._pauses = pauses
        self._waiting: SimpleQueue[Path | None] = SimpleQueue()
        self._ended = Event()
        self._thread = Thread(target=self._run, name="shipping", daemon=True)

    def take(self, path: Path) -> None:
        """Send a file that has got its final name, some time soon; returns at once."""
        self._waiting.put(path)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        unsent: deque[Path] = deque()
        while not self._ended.is_set():
            if path := self._waiting.get():
                unsent.append(path)
            while unsent and not self._ended.is_set():
                if not self._sent(unsent[0]):
                    left = unsent[0].name
                    logger.warning(
                        "%s is left to be sent with the next one, or when the crawl has ended", left
                    )
                    break
                unsent.popleft()

    def _sent(self, path: Path) -> bool:
        """Whether the store has confirmed a file, after as many attempts as it took."""
        for pause in (*self._pauses, None):
            try:
                self._send(path)
            except TakenOverError as error:
                self._ended.set()
                logger.error("%s goes no more into the store: %s", path.name, error)  # noqa: TRY400  its words suffice
            except Exception as error:  # noqa: BLE001  whatever it is: the crawl goes on, and the file is still here
                logger.warning("%s could not be sent: %s", path.name, error)
            else:
                return True
            if pause is None or self._ended.wait(pause):
                return False
        return False

    def _send(self, path: Path) -> None:
        work = self._work
        if taken_over(self._store, work) or entry_of(self._store, work.site, work.series, work.id):
            raise TakenOverError(f"{work.id} was taken for dead, and is brought into history without it")
        with path.open("rb") as stream:
            found = fingerprint(stream, gzipped=False)
        send(self._store, key_of(work.id, f"{RECORDED}{path.name}"), path, found.size, found.sha256)
        logger.info("%s is in the store: %d bytes, confirmed by size and digest", path.name, found.size)
