"""Exchanges that end in one turn of the reactor, written by one write and brought to disk by one fsync."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from archive.warc import NotRecorded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.profile import Piece
    from archive.record import Captured
    from archive.warc import WarcWriter

ENOUGH = 8 * 2**20  # bytes that may wait: a few sources or some hundred pages


class Waiting(NamedTuple):
    """An exchange that is to be written, and who waits for it."""

    pieces: Sequence[Piece]
    written: Deferred[Captured]


class Together:
    """Writes what several downloads have got at the same time; each of them goes on when its exchange is on disk.

    With sixteen downloads at once most exchanges come a dozen in a turn, and fsync is the dearest part of recording one.
    Where they cannot be written together each is tried by itself, so that the disk's last bytes are used. Whatever kind of error that is, each
    of those who wait hears of it: nobody's page is used unrecorded, and nobody waits for ever.
    """

    def __init__(self, writer: WarcWriter) -> None:
        self._writer = writer
        self._waiting: list[Waiting] = []
        self._size = 0

    async def write(self, pieces: Sequence[Piece]) -> Captured:
        """The exchange's response record, on disk; raises NotRecorded, OSError."""
        if not self._waiting:
            call_later(0, self.flush)
        waiting = Waiting(pieces, Deferred())
        self._waiting.append(waiting)
        self._size += len(pieces[0].block)
        if self._size > ENOUGH:
            self.flush()
        return await maybe_deferred_to_future(waiting.written)

    def flush(self) -> None:
        """Write what waits, and tell those who wait."""
        waiting, self._waiting, self._size = self._waiting, [], 0
        if not waiting:
            return
        try:
            answers = self._writer.write([each.pieces for each in waiting])
        except Exception as error:  # noqa: BLE001  told to who waits
            if len(waiting) == 1:
                waiting[0].written.errback(_told(error))
            else:
                self._one_by_one(waiting)
            return
        for each, captured in zip(waiting, answers, strict=True):
            each.written.callback(captured)

    def _one_by_one(self, waiting: Sequence[Waiting]) -> None:
        for each in waiting:
            try:
                (captured,) = self._writer.write([each.pieces])
            except Exception as error:  # noqa: BLE001  told to who waits
                each.written.errback(_told(error))
            else:
                each.written.callback(captured)


def _told(error: Exception) -> Exception:
    """The error as those know it who stop the crawl for it."""
    if isinstance(error, OSError | NotRecorded):
        return error
    told = NotRecorded(f"an exchange could not be written: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told
