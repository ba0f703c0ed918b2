from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archive import jsonl, manifest
from archive.store import open_store
from crawler.kept import verify_derived

from .gazeta import HOME, Answer, article, listing, town
from .test_addon import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("kept")
    answers = {
        f"{HOME}/shelf": listing("/b/1"),
        f"{HOME}/b/1": article("Книга"),
        f"{HOME}/robots.txt": Answer(""),
    }
    with town(answers) as played:
        assert run(played, place, "crawl", "books").code == 0
    return place


def snapshot(folder: Path) -> Path:
    (found,) = folder.glob("archive/snapshots/*/*")
    return found


def test_what_was_kept_is_derived_again_to_the_same_lines(folder: Path) -> None:
    name = snapshot(folder).name.removeprefix("snapshot=")
    assert list(verify_derived(open_store(str(folder / "archive")), name)) == []


def test_a_line_that_was_changed_and_hashed_anew_is_still_found(folder: Path) -> None:
    place = snapshot(folder)
    lines = place / "articles.jsonl.gz"
    told = manifest.parse((place / "manifest.json").read_bytes())
    lines.chmod(0o644)
    with lines.open("wb") as stream:
        jsonl.write(stream, [b"{}\n"])
    told["files"] = [
        manifest.described(place, line["path"]) if line["path"] == lines.name else line
        for line in told["files"]
    ]
    (place / "manifest.json").chmod(0o644)
    (place / "manifest.json").write_bytes(manifest.canonical(told))
    found = list(verify_derived(open_store(str(folder / "archive")), place.name.removeprefix("snapshot=")))
    assert [(one.severity, one.place.rpartition("/")[2]) for one in found] == [
        ("error", "articles.jsonl.gz, line 1")
    ]
