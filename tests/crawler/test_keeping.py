"""`letopis recover`, and what commands on a store say before they begin."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from archive.chain import PARTIAL, commit
from archive.snapshot import claim
from archive.store import open_store
from crawler.cli import main
from crawler.exits import Exit
from tests.archive.crawled import FEED, NOON, Crawl, sealed

from .gazeta import ROOT, SITE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


BROKEN_SITE = SITE.replace('headline = "h1"', "headline = property(lambda _: 1 // 0)")


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


@pytest.mark.parametrize("command", [["recover"], ["snapshots"], ["get", "copy"]])
def test_a_file_that_stands_where_the_store_belongs_is_told(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "")
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as ended:
        main([*command, "--store", str(tmp_path / "file")])
    assert ended.value.code == Exit.IO
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("a file stands where a folder belongs; name the store's folder with --store")


@pytest.mark.parametrize("command", ["show", "rebuild"])
@pytest.mark.parametrize("copy", [False, True])
def test_a_snapshot_that_the_chain_names_and_whose_files_are_gone_is_damage_but_in_a_copy(
    command: str,
    copy: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "")
    store = open_store(str(tmp_path / "data"))
    entry = commit(store, sealed(store, tmp_path / "work"))
    shutil.rmtree(tmp_path / "data" / "snapshots")
    if copy:
        store.put(PARTIAL, b"{}")
    with pytest.raises(SystemExit) as ended:
        main([command, entry.snapshot, "--store", store.uri])
    (line,) = capsys.readouterr().err.splitlines()
    gone = f"the chain names it, its files are gone; run `letopis verify {entry.snapshot}`"
    assert (ended.value.code, line.endswith(gone)) == ((Exit.USAGE, False) if copy else (Exit.DATA, True))


def test_a_page_that_breaks_its_reader_is_our_fault_and_no_sites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "brokensite.py").write_text(BROKEN_SITE)
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("crawler.settings.SPIDER_MODULES", ["brokensite"])
    (tmp_path / "page.html").write_text("<h1>Мост</h1>")
    with pytest.raises(SystemExit) as ended:
        main(["read", str(tmp_path / "page.html"), "--url", "http://gazeta.example/n/1"])
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == Exit.SOFTWARE
    assert line.startswith("letopis read: reading http://gazeta.example/n/1 broke: ZeroDivisionError: ")
