"""Signals outside the crawl proper: Scrapy hears them while its reactor runs, and its handlers do nothing afterwards."""

import signal
from types import FrameType

HEARD = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """A signal came; it is raised where the program is at that moment, as ^C is, and no `except Exception` takes it for a failure."""


def stoppable() -> None:
    """From now on a signal (INT, TERM) raises Stopped; one more ends the process as signals do."""
    for number in HEARD:
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  what signal calls
    for each in HEARD:
        signal.signal(each, signal.SIG_DFL)
    raise Stopped(signal.Signals(number).name)
