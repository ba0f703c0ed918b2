"""The floor of free space: a crawl stops above it, and none begins below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from crawler.disk import shortage
from crawler.exits import Exit
from crawler.finish import exit_of
from tests.crawler.day import DAY
from tests.crawler.victim import line_of

from .gazeta import HOME, crawl, scrapy, town

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_recorded_stops_at_the_floor_of_free_space(tmp_path: Path) -> None:
    with town(DAY) as played:
        # no `scrapy crawl`, which would not begin: nobody can say when the disk of a test fills up
        found = scrapy(
            played,
            tmp_path,
            "fetch",
            f"{HOME}/n/1",
            "-s",
            f"RECORD={tmp_path}/x",
            "-s",
            f"DISK_FLOOR={2**62}",
        )
    assert "'finish_reason': 'disk_floor'" in found.err
    assert "free some space" in found.err
    assert exit_of("disk_floor", {}, {"article": 1}) == Exit.TEMPORARY


def test_no_crawl_begins_below_the_floor(tmp_path: Path) -> None:
    settings = Settings({"WORK": str(tmp_path / "not" / "made" / "yet"), "DISK_FLOOR": 2**62})
    assert f"{tmp_path} has " in (shortage(settings) or "")
    assert shortage(Settings({"WORK": str(tmp_path), "DISK_FLOOR": 0})) is None


@pytest.mark.parametrize("place", ["/proc/work", "file/work", "file"])
def test_a_folder_that_can_hold_nothing_is_not_taken_for_a_full_disk(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with town(DAY) as played:
        refused = crawl(played, tmp_path, "-s", f"WORK={place}")
    assert (refused.code, played.asked) == (Exit.IO, [])
    assert f"nothing can be written in {tmp_path / place}: " in line_of(refused)
    assert "name another folder with --work" in line_of(refused)
