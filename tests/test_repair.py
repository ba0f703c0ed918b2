"""docs/repair.md is walked through: each of its commands runs as it stands there, on a snapshot of the newsroom's smollenta."""

import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from archive.reading import ARTICLES
from archive.reading import lines as lines_of
from archive.snapshot import key_of
from tests.twice import Twice, crawled_twice

ROOT = Path(__file__).parent.parent
COMMANDS = re.findall(r"^\$ (.+)$", (ROOT / "docs" / "repair.md").read_text("utf-8"), re.MULTILINE)
URL, SNAPSHOT = "https://smollenta.ru/2026/11/new-bridge", "smollenta-20261122T060000Z"
SHOWN = 65
"""The exit code of `scrapy fixture` until somebody has looked."""


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    return crawled_twice("smollenta", tmp_path_factory.mktemp("repair"), date(2026, 1, 2))


def test_every_command_of_the_walk_does_what_it_says(twice: Twice) -> None:
    url = twice.first.articles[0]["url"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("LETOPIS")}
    env |= {"SCRAPY_SETTINGS_MODULE": "crawler.settings", "PYTHONPATH": str(ROOT)}
    assert any(" --accept" in command for command in COMMANDS)
    for command in COMMANDS:
        line = command.replace(".venv/bin", str(Path(sys.executable).parent))
        line = line.replace(URL, shlex.quote(url)).replace(SNAPSHOT, twice.first.snapshot)
        if " fixture " in line:
            line += " -s FIXTURES=sites"
        done = subprocess.run(
            line,
            shell=True,
            cwd=twice.folder,
            env=env,
            input="",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        expected = SHOWN if " fixture " in line and " --accept" not in line else 0
        assert done.returncode == expected, f"$ {line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    made = sorted(path.name for path in (twice.folder / "sites" / "smollenta").iterdir())
    assert made == ["bridge.json", "bridge.warc.gz"]
    repeated = (twice.folder / "today.jsonl").read_text("utf-8").splitlines()
    assert len(repeated) == len(list(lines_of(twice.store, twice.first.snapshot, ARTICLES)))
    page = (twice.folder / "page.http").read_bytes()
    assert page.startswith(b"HTTP/1.1 200")
    assert twice.store.stat(key_of(twice.first.snapshot, "manifest.json"))
