"""`letopis` before a command begins: what its line may say, and where it finds itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from crawler.cli import main, site_names

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("crawl", "-s", "NOVALUE"), "argument -s: 'NOVALUE' is no setting; write NAME=VALUE"),
        (("get", "x", "--jobs", "0"), "argument --jobs: '0' is no whole number from 1 on"),
        (("verify", "--all", "--jobs", "0"), "argument --jobs: '0' is no whole number from 1 on"),
        (("rebuild", "--all", "--jobs", "-1"), "argument --jobs: '-1' is no whole number from 1 on"),
        (("show", "x", "--edition", "-1"), "argument --edition: '-1' is no whole number from 0 on"),
    ],
)
def test_what_cannot_be_meant_is_told_below_how_the_command_is_used(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 64
    assert capsys.readouterr().err.splitlines()[-1] == f"letopis {arguments[0]}: {said}"


def test_no_folder_of_the_users_is_taken_for_a_package(tmp_path: Path) -> None:
    for name in ("archive", "crawler", "schemas"):
        (tmp_path / name).mkdir()
    line = [sys.executable, "-m", "crawler.cli", "sites", "--json"]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(line, env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [json.loads(shown)["site"] for shown in done.stdout.splitlines()] == site_names()
