from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from select import select
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from crawler.fleet import Fleet, Outcome, columns, worst
from crawler.watching import Lines, Silence, console

from .gazeta import ROOT, Answer, rss, town

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def crawling(
    folder: Path, hangup: Any = signal.SIG_DFL
) -> Iterator[tuple[subprocess.Popen[str], threading.Event]]:
    """`letopis crawl` while its first source is being answered, which ends when the event is set; `hangup` is what it inherits for SIGHUP."""
    reached, go = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go.wait(30)

    feed = "http://vybor-naroda.org/rss.xml"
    line = [sys.executable, "-m", "crawler.cli", "crawl", "vybor_naroda", "--json"]
    kept = signal.signal(signal.SIGHUP, hangup)
    with town({feed: Answer(rss().body, before=hold)}) as played:
        env = os.environ | {"LETOPIS_CONNECT_TO": played.connect_to, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(line, env=env, cwd=folder, stdout=subprocess.PIPE, text=True) as letopis:
            signal.signal(signal.SIGHUP, kept)
            try:
                assert reached.wait(30)
                yield letopis, go
            finally:
                go.set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_each_crawl_once_and_each_is_sealed(number: int, tmp_path: Path) -> None:
    with crawling(tmp_path) as (letopis, go):
        letopis.send_signal(number)
        go.set()
        out, _ = letopis.communicate(timeout=60)
    told = json.loads(out)
    assert (letopis.returncode, told["exit"], told["status"], told["finish"]) == (
        75,
        75,
        "partial",
        "shutdown",
    )
    assert list(tmp_path.glob("data/chain/site=vybor_naroda/series=main/*.json"))
    assert list(tmp_path.glob("work/*")) == []


def test_a_crawl_begun_with_nohup_outlives_its_terminal(tmp_path: Path) -> None:
    with crawling(tmp_path, signal.SIG_IGN) as (letopis, go):
        letopis.send_signal(signal.SIGHUP)
        go.set()
        out, _ = letopis.communicate(timeout=60)
    assert json.loads(out)["finish"] == "finished"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells of the end of another's child")
def test_crawls_of_a_letopis_that_is_killed_stop_and_are_sealed(tmp_path: Path) -> None:
    with crawling(tmp_path) as (letopis, go), ExitStack() as opened:
        (child,) = " ".join(
            path.read_text() for path in Path(f"/proc/{letopis.pid}/task").glob("*/children")
        ).split()
        ended = os.pidfd_open(int(child))
        opened.callback(os.close, ended)
        letopis.kill()
        letopis.wait()
        go.set()
        assert select([ended], [], [], 60)[0]
    (manifest,) = tmp_path.glob("data/snapshots/*/*/manifest.json")
    told = json.loads(manifest.read_bytes())
    assert (told["status"], told["finish"]) == ("partial", "shutdown")
    assert list(tmp_path.glob("work/*")) == []


def test_a_crawl_for_which_no_time_is_left_is_not_begun_and_says_so() -> None:
    (outcome,) = Fleet([], Silence(console()), deadline=monotonic()).crawl(["gazeta"])
    assert (outcome.exit, outcome.summary) == (75, None)
    assert outcome.said == ("not begun: stopped, or no time left",)


@pytest.mark.parametrize(("codes", "told"), [((), 0), ((0, 0), 0), ((0, 69, 65), 69), ((75, 143), 143)])
def test_the_worst_child_tells_the_exit_code(codes: tuple[int, ...], told: int) -> None:
    assert worst([Outcome("gazeta", code, 1.0) for code in codes]) == told


@pytest.mark.parametrize(
    ("code", "more"),
    [(74, ""), (137, "; killed: `letopis recover`, or the next crawl, finishes what it left in WORK")],
)
def test_what_a_killed_crawl_left_is_said_to_be_recoverable(
    code: int, more: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Lines(console()).ends(Outcome("gazeta", code, 1.0))
    assert capsys.readouterr().out == f"gazeta: no snapshot (exit {code}){more}\n"


def test_a_row_shows_counts_or_that_there_are_none() -> None:
    summary = {"links": 1200, "captured": 12, "articles": 11, "rejected": 1, "bytes": 1234567}
    assert columns(Outcome("gazeta", 0, 12.34, summary)) == [
        "gazeta",
        "1 200",
        "12",
        "11",
        "1",
        "1 234 567",
        "12.3",
        "0 ok",
    ]
    assert columns(Outcome("gazeta", 137, 1.0))[-3:] == ["-", "1.0", "137 killed"]
