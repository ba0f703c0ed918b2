"""Real pages beside the project, read in place; they are no part of it."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

PAGES = Path(__file__).parents[3] / "shared" / "pages"
absent = pytest.mark.skipif(not PAGES.is_dir(), reason="the real pages are not beside the project")


def page(name: str) -> bytes:
    data = (PAGES / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def truths(site: str) -> list[dict[str, Any]]:
    file = PAGES / site / "truth.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


def likeness(text: str, truth: str) -> float:
    """F1 over the runs of four words."""
    ours, theirs = _runs(text), _runs(truth)
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return Counter(tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3)))
