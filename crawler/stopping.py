"""Signals outside the crawl proper: Scrapy hears them while its reactor runs, and its handlers do nothing afterwards."""

import os
import signal
from threading import Thread
from types import FrameType

HEARD = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """A signal came; it is raised where the program is at that moment, as ^C is, and no `except Exception` takes it for a failure."""


def stoppable() -> None:
    """From now on a signal (INT, TERM) raises Stopped; one more ends the process as signals do. HUP is heard as TERM, here and by Scrapy."""
    for number in HEARD:
        signal.signal(number, _stop)
    if heeds_hangup():
        signal.signal(signal.SIGHUP, _as_term)


def heeds_hangup() -> bool:
    """Whether this process is to end with its terminal: not under `nohup`."""
    return signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN


def stop_at_end_of(descriptor: int) -> None:
    """From now on the end of a pipe is heard as TERM: its other end is held by whoever started this process, who may be killed without a word."""
    Thread(target=_wait, args=(descriptor,), name="attended", daemon=True).start()


def _wait(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass  # nothing is ever said there
    os.kill(os.getpid(), signal.SIGTERM)


def _as_term(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  what signal calls
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  what signal calls
    for each in HEARD:
        signal.signal(each, signal.SIG_DFL)
    raise Stopped(signal.Signals(number).name)
