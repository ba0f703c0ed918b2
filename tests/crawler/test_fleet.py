from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from crawler.fleet import Fleet, Outcome, columns, worst
from crawler.watching import Lines, Silence, console

from .gazeta import ROOT, Answer, rss, town

if TYPE_CHECKING:
    from pathlib import Path


def test_a_signal_stops_each_crawl_once_and_each_is_sealed(tmp_path: Path) -> None:
    reached, go = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go.wait(30)

    feed = "http://vybor-naroda.org/rss.xml"
    with town({feed: Answer(rss().body, before=hold)}) as played:
        line = [sys.executable, "-m", "crawler.cli", "crawl", "vybor_naroda", "--json"]
        env = os.environ | {"LETOPIS_CONNECT_TO": played.connect_to, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(line, env=env, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as letopis:
            assert reached.wait(30)
            letopis.send_signal(signal.SIGTERM)
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
