"""A page whose record is not written is given to nobody; what is written tells the settings and no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scrapy.settings import Settings

from archive.journal import entries
from crawler.recorder import plain, public_settings, warcinfo
from tests.crawler.odds import HELLO
from tests.crawler.wirecrawl import crawl, written
from tests.oddserver import Answer, OddServer

if TYPE_CHECKING:
    from pathlib import Path


def test_without_record_there_is_no_trace() -> None:
    with OddServer({"a.test": [Answer((HELLO,))]}) as server:
        outcome = crawl([{"url": "http://a.test/"}], {"CONNECT_TO": {"*": f"127.0.0.1:{server.port}"}})
    assert outcome.results[0]["status"] == 200
    assert outcome.results[0]["captured"] is None


def test_a_url_with_a_password_is_not_fetched_and_the_password_not_kept(tmp_path: Path) -> None:
    work = tmp_path / "pw-20260101T000000Z"
    with OddServer({"a.test": [Answer((HELLO,))]}) as server:
        told = {"RECORD": str(work), "CONNECT_TO": {"*": f"127.0.0.1:{server.port}"}, "MASK_QUERY": ["token"]}
        crawl([{"url": "http://me:geheim@a.test/x"}, {"url": "http://a.test/y?token=geheim&b=1"}], told)
    records = written(work)
    [failure] = [entry for entry in entries(records) if entry["kind"] == "failure"]
    assert (failure["reason"], failure["url"]) == ("credentials", "http://a.test/x")
    assert [record.url for record in records if record.type == "response"] == [
        "http://a.test/y?token=masked&b=1"
    ]
    assert not [record for record in records if b"geheim" in record.block or "geheim" in str(record.fields)]


def test_a_record_that_cannot_be_written_fails_its_page_and_ends_the_crawl(tmp_path: Path) -> None:
    """The disk is full after the first exchange: what was written before stays, and nobody asks for a third page."""
    work = tmp_path / "full-20260101T000000Z"
    asked = [
        {"url": "http://a.test/1", "then": {"url": "http://a.test/2", "then": {"url": "http://a.test/3"}}}
    ]
    with OddServer({"a.test": [Answer((HELLO,))]}) as server:
        told = {"RECORD": str(work), "CONNECT_TO": {"*": f"127.0.0.1:{server.port}"}}
        handler = {"http": "tests.crawler.wirecrawl.FullDiskHandler"}
        outcome = crawl(asked, told | {"DOWNLOAD_HANDLERS": handler})
    assert outcome.reason == "recording_failed"
    assert outcome.results[0]["error"] == "RecordingFailed"
    assert len(server.seen["a.test"].requests) == 2
    assert [record.block for record in written(work) if record.type == "response"] == [HELLO]


def test_a_work_folder_that_cannot_be_written_stops_the_crawl_before_its_first_request(
    tmp_path: Path,
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with OddServer({"a.test": [Answer((HELLO,))]}) as server:
        told = {
            "RECORD": str(blocked / "x-20260101T000000Z"),
            "CONNECT_TO": {"*": f"127.0.0.1:{server.port}"},
        }
        outcome = crawl([{"url": "http://a.test/"}], told)
    assert outcome.reason == "recording_failed"
    assert server.seen["a.test"].requests == []


def test_settings_are_kept_without_what_is_secret() -> None:
    settings = Settings()
    settings.setdict(
        {
            "AWS_SECRET_ACCESS_KEY": "geheim",
            "FEEDS": {"s3://me:geheim@bucket/a.json": {"format": "json"}},
            "PROXY": "http://me:geheim@proxy:3128",
            "STORE": {"password": "geheim", "uri": "x"},
            "API_TOKENS": ["geheim"],
            "COOKIES_ENABLED": False,
            "RECORD": "/home/me/work/x",
        },
        priority="project",
    )
    kept = public_settings(settings)
    assert "geheim" not in json.dumps(kept)
    assert "/home/me" not in json.dumps(kept)
    assert kept["STORE"] == {"password": "masked", "uri": "x"}
    assert kept["COOKIES_ENABLED"] is False
    assert "DOWNLOAD_TIMEOUT" not in kept


def test_settings_read_the_same_in_each_run() -> None:
    """A class is kept by its path and a set in order, not by an address in memory."""
    assert plain({"pipeline": Settings, "codes": {404, 401}}) == {
        "pipeline": "scrapy.settings.Settings",
        "codes": ["401", "404"],
    }


def test_warcinfo_says_who_asks_and_by_which_rules() -> None:
    settings = Settings(
        {"LETOPIS_CONTACT": "crawl@example.org", "USER_AGENT": "letopis/1", "ROBOTSTXT_OBEY": True}
    )
    info = warcinfo(settings, "a-20260101T000000Z", "a")
    assert info["operator"] == info["http-header-from"] == "crawl@example.org"
    assert info["isPartOf"] == "a-20260101T000000Z"
    assert info["robots"].startswith("obeyed by RFC 9309")
    assert "scrapy/2.19" in info["software"]
    assert "rehearsal" not in info
