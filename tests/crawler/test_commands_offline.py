"""Commands that ask for one URL, where REPLAY names no archive: refused in one line, however quiet the log is."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from crawler.commands import fetch, parse, view
from crawler.exits import Exit

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize("replay", ["", "none.warc.gz"])
@pytest.mark.parametrize("module", [fetch, parse, view], ids=["fetch", "parse", "view"])
def test_an_archive_that_is_not_named_or_not_there_is_told_by_every_command(
    module: ModuleType, replay: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command: Any = module.Command()
    command.settings = Settings({"REPLAY": replay})
    command.run(["http://gazeta.example/"], argparse.Namespace())
    assert command.exitcode == Exit.CONFIG
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"scrapy {module.__name__.rpartition('.')[2]}: REPLAY names ")
