"""Commands that ask for one URL: what they cannot begin with, or the archive does not hold, is told in one line, however quiet the log is."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from crawler.commands import fetch, parse, view
from crawler.exits import Exit
from crawler.fixtures import ROOT

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize("replay", ["", "none.warc.gz"])
@pytest.mark.parametrize("module", [fetch, parse, view], ids=["fetch", "parse", "view"])
def test_an_archive_that_is_not_named_or_not_there_is_told_by_every_command(
    module: ModuleType, replay: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command: Any = module.Command()
    command.settings = Settings({"REPLAY": replay})
    command.run(["http://gazeta.example/"], argparse.Namespace(spider=None))
    assert command.exitcode == Exit.CONFIG
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"scrapy {module.__name__.rpartition('.')[2]}: REPLAY names ")


REPLAY = ("--nolog", "-s", f"REPLAY={ROOT / 'smollenta'}")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (("parse", "--spider", "riaa", "https://ria.ru/1"), 64, "there is no site riaa; there are "),
        (("shell", "--spider", "riaa", "-c", "1"), 64, "there is no site riaa; there are "),
        (("fetch", "--spider", "riaa", "https://ria.ru/1"), 64, "there is no site riaa; there are "),
        (("check", "riaa"), 64, "there is no site riaa; there are "),
        (("parse", "https://unknown.example/"), 64, "no site knows https://unknown.example/: name "),
        (("fetch", "https://ria.ru/1"), 65, "GET https://ria.ru/1 is not in "),
        (("parse", "https://ria.ru/1"), 65, "GET https://ria.ru/1 is not in "),
    ],
)
def test_a_site_that_is_not_known_or_a_page_that_is_not_held_is_told_in_one_line(
    line: tuple[str, ...], code: int, said: str
) -> None:
    env = os.environ | {"SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    command = [sys.executable, "-m", "scrapy", *line, *REPLAY]
    done = subprocess.run(
        command, cwd=ROOT, env=env, input="", capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert done.stderr.startswith(f"scrapy {line[0]}: {said}")
