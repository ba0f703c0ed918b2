"""The README's commands, run as they stand there: in a copy of the project, against the newsroom."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.chain import snapshots
from archive.local import Directory
from archive.reading import lines
from tests.newsroom import newsroom
from tests.newsroom.server import MOSCOW

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", README, flags=re.MULTILINE)
LEFT = {".git", ".venv", "data", "work"}

pytestmark = pytest.mark.skipif(
    not (ROOT / ".venv" / "ready").exists(),
    reason="the README's commands need the environment that make sets up",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("readme") / "letopis"
    shutil.copytree(
        ROOT, copy, ignore=lambda folder, names: LEFT & set(names) if Path(folder) == ROOT else set()
    )
    (copy / ".venv").symlink_to(ROOT / ".venv")
    for asked in ("requirements.lock", "pyproject.toml"):
        os.utime(copy / asked, (0, 0))  # or make would set up the environment anew that runs this very test
    return copy


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with newsroom(seed=1) as room:
        yield os.environ | {
            "LETOPIS_CONNECT_TO": json.dumps(room.connect_to),
            "SSL_CERT_FILE": str(room.ca),
        }


def today(command: str) -> str:
    """The command with the days of the README put into the newsroom's window."""
    now = datetime.now(MOSCOW).date()
    days = iter((now - timedelta(days=1), now))
    return re.sub(r"\d{4}-\d\d-\d\d", lambda _: next(days).isoformat(), command)


def held(command: str, project: Path) -> str:
    """The command with the README's names put for those of the archive that its earlier commands made."""
    store = Directory(project / "data")
    entries = [entry for entry in snapshots(store) if entry.site == "ria"]
    if not entries:
        return command
    # the last may have found all unchanged
    read = next(entry for entry in reversed(entries) if entry.summary["articles"])
    (first, *_) = lines(store, read.snapshot)
    url = re.compile(r"\bURL\b|https://ria\.ru/\S+")
    named = url.sub(first["url"], command).replace("HASH", entries[-1].sha256)
    return re.sub(r"ria-\d{8}T\d{6}Z", read.snapshot, named)


def test_the_readme_shows_its_two_commands_first() -> None:
    assert COMMANDS[:2] == ["make demo", "make test"]


def test_every_command_of_the_readme_does_what_it_says(project: Path, environment: dict[str, str]) -> None:
    exported: dict[str, str] = {}
    for command in COMMANDS:
        if command == "make test":  # this is it
            continue
        if match := re.fullmatch(r"export (\w+)=(\S+)", command):
            exported[match[1]] = match[2]
            continue
        done = subprocess.run(
            held(today(command), project),
            shell=True,
            stdin=subprocess.DEVNULL,
            cwd=project,
            env=environment | exported,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def test_a_live_crawl_without_a_contact_refuses_and_says_what_to_set(project: Path) -> None:
    alone = {name: value for name, value in os.environ.items() if name != "LETOPIS_CONTACT"}
    done = subprocess.run(
        ["make", "crawl", "SITE=ria"],
        cwd=project,
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "LETOPIS_CONTACT" in done.stdout + done.stderr
    assert "78" in done.stdout + done.stderr
