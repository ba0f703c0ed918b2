"""`letopis recover`, and what commands on a store say before they begin."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from archive.snapshot import claim
from archive.store import open_store
from crawler.cli import main
from crawler.exits import Exit
from tests.archive.crawled import FEED, NOON, Crawl

from .gazeta import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def letopis(folder: Path, *arguments: str) -> Iterator[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "crawler.cli", *arguments]
    done = subprocess.run(line, env=env, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    yield str(done.returncode)
    yield from done.stdout.splitlines()


def test_recover_says_what_it_did_or_why_it_could_not(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert list(letopis(tmp_path, "recover")) == ["0", "nothing was left to be done"]
    work = claim(open_store(str(tmp_path / "data")), tmp_path / "work", "chronik", "main", NOON)
    made = Crawl(work)
    made.get(FEED, b"<feed/>")
    made.writer.close()
    assert list(letopis(tmp_path, "recover")) == [
        "0",
        f"{work.id}: was left alone: its crawl is running, or being finished",
    ]
    assert work.hold
    work.hold.release()
    code, line = letopis(tmp_path, "recover")
    assert code == "74"
    assert "no site chronik is known here; `scrapy crawl chronik` in the project" in line
    assert [path.name for path in (tmp_path / "work").iterdir()] == [work.id]


@pytest.mark.parametrize("command", [["recover"], ["rebuild", "--all"]])
def test_a_key_that_cannot_sign_is_refused_before_anything_is_made(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "")
    monkeypatch.setenv("LETOPIS_SIGN_KEY", str(tmp_path / "gone.pem"))
    (tmp_path / "data").mkdir()
    with pytest.raises(SystemExit) as ended:
        main([*command, "--store", str(tmp_path / "data")])
    assert ended.value.code == Exit.CONFIG
    (line,) = capsys.readouterr().err.splitlines()
    assert f"LETOPIS_SIGN_KEY: the key {tmp_path}/gone.pem cannot be read: No such file" in line


@pytest.mark.parametrize("command", ["recover", "snapshots"])
def test_a_store_that_is_not_there_is_told_and_not_taken_for_an_empty_one(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "")
    with pytest.raises(SystemExit) as ended:
        main([command, "--store", str(tmp_path / "gone")])
    assert ended.value.code == Exit.IO
    assert capsys.readouterr().err == (
        f"letopis {command}: file:{tmp_path}/gone is not there: name the store with --store; its first crawl makes it\n"
    )
    assert not (tmp_path / "gone").exists()
