"""Crawls repeated from what they left, in a process that may not speak to the network."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.offline import BUT
from tests.twice import Edition, Twice

ROOT = Path(__file__).parent.parent


def offline(folder: Path, *arguments: str, but: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
    """A `scrapy` command without a network and without the newsroom's addresses; `but` leads to a server of this machine."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LETOPIS")}
    env |= {"SCRAPY_SETTINGS_MODULE": "crawler.settings", "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    env |= {BUT: "127.0.0.1", **but} if but else {}
    line = [sys.executable, "-m", "tests.offline", *arguments]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


def replayed(
    folder: Path, site: str, *told: str, but: Mapping[str, str] = {}
) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, items in their order, and what was said, of a crawl of an archive."""
    done = offline(folder, "crawl", site, "-O", "replayed.jsonl", *told, but=but)
    out = folder / "replayed.jsonl"
    items = [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
    out.unlink(missing_ok=True)
    return done.returncode, items, done.stderr


def repeats(twice: Twice, edition: Edition) -> None:
    """Hold a crawl that is repeated against the archive, line for line, and against what the live crawl gave."""
    before = held(twice.folder)
    site = edition.snapshot.rpartition("-")[0]
    code, items, said = replayed(twice.folder, site, "-s", f"REPLAY={edition.snapshot}")
    assert code == 0, said
    assert items == edition.articles
    assert items == sorted(edition.live, key=place)  # live, hosts answer in any order
    assert held(twice.folder) == before


def place(item: dict[str, Any]) -> tuple[str, int]:
    return item["capture"]["warcFile"], item["capture"]["offset"]


def held(folder: Path) -> dict[str, int]:
    """Every file below a folder, with the time of its last change."""
    return {
        str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts
    }
