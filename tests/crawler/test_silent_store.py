"""A store that takes every request and never answers: Ctrl-C ends whoever waits for it, threads and all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING

import pytest

from archive.store import open_store
from tests.archive.gateway import EVER, Gateway, gateway
from tests.seaweed import Server, lead
from tests.tampering.paper import Day, written

from .gazeta import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOON = 5.0
"""Seconds that an ending may take on a machine with other work; the store's first timeout comes after 60."""


@pytest.fixture(scope="module")
def way(seaweed: Server) -> Iterator[Gateway]:
    with gateway(seaweed) as between:
        yield between


@pytest.fixture(scope="module")
def uri(seaweed: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        lead(patch, seaweed.environment())
        store = open_store(seaweed.store())
        written(store, tmp_path_factory.mktemp("paper"))
        store.delete("snapshots.jsonl")  # so that entries are read one by one, several at once
    return store.uri


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (("get", 3), ("snapshots",)),
        (("get", 12), ("get", "home", "--what", "all")),
        (("list", 1), ("verify", "--all")),
        (("create", 1), ("recover",)),
        (("create", 3), ("recover",)),  # the lease is held, and cannot be given back
    ],
)
def test_ctrl_c_ends_what_waits_for_a_silent_store(
    call: tuple[str, int], arguments: tuple[str, ...], way: Gateway, uri: str, tmp_path: Path
) -> None:
    asked, (silent, nth) = Event(), call
    if arguments == ("recover",):
        _leave(way.behind, uri, tmp_path / "work", day=nth)
    way.calls.clear()
    way.faults.clear()
    way.faults[silent] = [""] * (nth - 1) + ["slow"] * EVER
    way.before = lambda kind: asked.set() if kind == silent and way.calls.count(kind) >= nth else None
    env = {**os.environ, **way.behind.environment(way.endpoint), "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "crawler.cli", *arguments, "--store", uri]
    with subprocess.Popen(line, env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as letopis:
        assert asked.wait(60)
        began = time.monotonic()
        said = _stopped(letopis)
    assert (letopis.returncode, said) == (130, f"letopis {arguments[0]}: stopped\n")
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize(
    "arguments", [("verify", "--all"), ("rebuild", "--all", "--dry-run"), ("get", "home"), ("trace", "ria:1")]
)
def test_ctrl_c_ends_a_command_before_a_silent_web_server_in_one_line(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = f"http://127.0.0.1:{silent.getsockname()[1]}/data"
        line = [sys.executable, "-m", "crawler.cli", *arguments, "--store", store]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            line, env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as letopis:
            asked, _ = silent.accept()
            with asked:
                assert asked.recv(1)  # it is not on its way any more: it waits
                said = _stopped(letopis)
    assert (letopis.returncode, said) == (130, f"letopis {arguments[0]}: stopped\n")


def _stopped(letopis: subprocess.Popen[str]) -> str:
    """What it says after Ctrl-C; pressed again, as people do: one in the instant before a call begins to wait is heard at its end."""
    for _ in range(2):
        letopis.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return letopis.communicate(timeout=3)[1]
    letopis.kill()
    raise AssertionError("Ctrl-C does not end it")


def _leave(server: Server, uri: str, root: Path, day: int) -> None:
    """What a crawl leaves that died."""
    with pytest.MonkeyPatch.context() as patch:
        lead(patch, server.environment())
        made = Day(open_store(uri), root, "ria", 10 + day, 0)
        made.fetch_all(None)
    assert made.work.hold
    made.work.hold.release()
