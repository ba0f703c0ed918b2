"""A page that kills the process that reads it: nothing is concluded of it, and that is said in one line."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archive.chain import editions, history
from archive.store import open_store
from tests.crawler.gazeta import HOME, ROOT, SITE, article, crawl, listing, rss, town

DEADLY = """
import os
import signal


def killed(self):
    os.kill(os.getpid(), signal.SIGKILL)


GazetaPage.fits = killed
"""
PROGRAM = "from crawler import cli, settings; settings.SPIDER_MODULES = ['gazetasite']; cli.main()"


@pytest.fixture(scope="module")
def deadly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two snapshots in `data`, and a site whose page has become deadly since."""
    folder = tmp_path_factory.mktemp("deadly")
    answers = {f"{HOME}/rss": rss((f"{HOME}/n/1", "Мост")), f"{HOME}/n/1": article("Мост открыт")}
    with town(answers | {f"{HOME}/news/": listing()}) as played:
        for n in (1, 2):  # another text each time, or the second page would be unchanged
            played.answers[f"{HOME}/n/1"] = article(f"Мост открыт {n}")
            assert (done := crawl(played, folder)).code == 0, done.err
    (folder / "gazetasite.py").write_text(SITE + DEADLY, encoding="utf-8")
    return folder


def letopis(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    line = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


def snapshots(folder: Path) -> list[str]:
    return [entry.snapshot for entry in history(open_store(str(folder / "data")), "gazeta")]


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_a_process_that_dies_is_told_in_one_line_and_is_no_damage(deadly: Path, command: str) -> None:
    one, _ = snapshots(deadly)
    done = letopis(deadly, command, one, "--jobs", "2")
    assert (done.returncode, done.stderr.count("\n")) == (70, 1), done.stderr
    assert done.stderr.startswith(f"letopis {command}: ")
    assert f"the process that read {one}-00000.warc.gz@" in done.stderr
    assert f"{one}:" not in done.stdout
    assert "finding" not in done.stdout
    assert not editions(open_store(str(deadly / "data")), one)


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_it_keeps_no_other_snapshot_waiting(deadly: Path, command: str) -> None:
    done = letopis(deadly, command, "--all", "--jobs", "2")
    assert done.returncode == 70
    for line, snapshot in zip(done.stderr.splitlines(), snapshots(deadly), strict=True):
        assert f"the process that read {snapshot}-00000.warc.gz@" in line
    if command == "verify":
        assert "chain of gazeta/main: ok" in done.stdout


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_with_one_job_the_command_itself_dies_and_keeps_nothing(deadly: Path, command: str) -> None:
    one, _ = snapshots(deadly)
    done = letopis(deadly, command, one, "--jobs", "1")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")
    assert not editions(open_store(str(deadly / "data")), one)
