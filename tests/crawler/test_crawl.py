"""Each site of the house, crawled from end to end in the newsroom."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from crawler.cli import site_names
from schemas import errors
from tests.newsroom import newsroom

from .gazeta import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.newsroom import Newsroom

TODAY = date(2026, 1, 2)


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with newsroom(seed=11, today=TODAY) as open_room:
        yield open_room


@pytest.fixture(scope="module", params=site_names())
def folder(room: Newsroom, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one site was crawled to."""
    place: Path = tmp_path_factory.mktemp(request.param)
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    env |= {
        "SSL_CERT_FILE": str(room.ca),
        "PYTHONPATH": str(ROOT),
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
    }
    settings = {"CONNECT_TO": json.dumps(room.connect_to), "DOWNLOAD_DELAY": "0"}
    told = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    line = [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        request.param,
        *told,
        "-a",
        f"until={TODAY}",
        "-O",
        "live.jsonl",
    ]
    done = subprocess.run(line, env=env, cwd=place, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return place


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    (path,) = folder.glob(f"data/snapshots/*/*/{name}")
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def site_of(folder: Path) -> str:
    (path,) = folder.glob("data/snapshots/*")
    return path.name.removeprefix("site=")


def test_live_items_are_the_sealed_lines(folder: Path) -> None:
    live = [json.loads(line) for line in (folder / "live.jsonl").read_text("utf-8").splitlines()]
    place = [(item["capture"]["warcFile"], item["capture"]["offset"]) for item in live]
    assert [item for _, item in sorted(zip(place, live, strict=True), key=lambda pair: pair[0])] == lines(
        folder, "articles.jsonl.gz"
    )


def test_every_link_of_the_newsroom_is_in_the_ledger(folder: Path, room: Newsroom) -> None:
    found = {line["identifier"] for line in lines(folder, "ledger.jsonl.gz")}
    assert {one.identifier for one in room.truth[site_of(folder)]} <= found


def test_every_article_of_the_newsroom_is_kept(folder: Path, room: Newsroom) -> None:
    found = {line["identifier"] for line in lines(folder, "articles.jsonl.gz")}
    assert {one.identifier for one in room.truth[site_of(folder)] if one.outcome == "article"} <= found


def test_what_is_kept_is_valid(folder: Path) -> None:
    assert [fault for line in lines(folder, "articles.jsonl.gz") for fault in errors("article", line)] == []


def test_what_is_refused_says_why_and_where(folder: Path) -> None:
    for line in lines(folder, "rejects.jsonl.gz"):
        assert line["errors"]
        assert line["address"]["length"] > 0
