"""What a crawl does not ask for any more once the floor of free space is met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawler.odds import HELLO
from tests.crawler.wirecrawl import crawl, written
from tests.oddserver import Answer, OddServer

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 12


def test_what_waits_for_its_turn_when_the_floor_is_met_is_not_asked_for(tmp_path: Path) -> None:
    work = tmp_path / "floor-20260101T000000Z"
    told = {
        "RECORD": str(work),
        "DISK_FLOOR": 2**62,
        "EXTENSIONS": {"crawler.disk.Floor": 0},
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    }
    with OddServer({"a.test": [Answer((HELLO,))] * COUNT}) as server:
        told |= {"CONNECT_TO": {"*": f"127.0.0.1:{server.port}"}}
        outcome = crawl([{"url": f"http://a.test/{number}"} for number in range(COUNT)], told)
        assert len(server.seen["a.test"].requests) == 1
    assert outcome.reason == "disk_floor"
    assert [record.block for record in written(work) if record.type == "response"] == [HELLO]
    assert "free some space" in outcome.log
    waited = {each["message"] for each in outcome.results if "error" in each}
    assert waited == {"nothing more is fetched: the floor of free space is met"}
