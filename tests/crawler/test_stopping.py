"""What stops a process that crawls, and what it makes of it: each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from .gazeta import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

WAITS = """
import signal
from crawler.stopping import Stopped, stop_at_end_of, stoppable
try:
    stoppable()
    stop_at_end_of(0)
    print("ready", flush=True)
    while True:
        signal.pause()
except Stopped as stopped:
    print(stopped)
"""


@contextmanager
def waiting(hangup: Any = signal.SIG_DFL) -> Iterator[subprocess.Popen[str]]:
    """A process that does nothing until it is stopped; `hangup` is what it inherits for SIGHUP."""
    kept = signal.signal(signal.SIGHUP, hangup)
    line, pipe = [sys.executable, "-c", WAITS], subprocess.PIPE
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(line, env=env, stdin=pipe, stdout=pipe, text=True) as process:
        signal.signal(signal.SIGHUP, kept)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process


def said(process: subprocess.Popen[str]) -> str:
    """Its last words, its standard input left open."""
    assert process.stdout
    return process.stdout.read()


@pytest.mark.parametrize(
    ("number", "heard"),
    [(signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGTERM")],
)
def test_a_signal_is_raised_by_its_name_and_a_hangup_as_the_one_that_scrapy_hears_too(
    number: int, heard: str
) -> None:
    with waiting() as process:
        process.send_signal(number)
        assert said(process) == f"{heard}\n"


def test_what_is_to_outlive_its_terminal_does_not_hear_the_hangup() -> None:
    with waiting(signal.SIG_IGN) as process:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        assert said(process) == "SIGINT\n"


def test_the_end_of_whoever_started_it_is_heard_as_a_signal() -> None:
    with waiting() as process:
        assert process.stdin
        process.stdin.close()
        assert said(process) == "SIGTERM\n"
