"""A site's robots.txt and its requests to wait are kept, also when they can only be guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.http import TextResponse
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.test import get_crawler

from archive.journal import entries
from crawler.robots import RobotsRules, delay_in, rules_in, seconds_in
from crawler.route import ConfigError
from tests.crawler.odds import HELLO
from tests.crawler.wirecrawl import Outcome, crawl, written
from tests.oddserver import Answer, OddServer, Seen

if TYPE_CHECKING:
    from pathlib import Path

    from archive.record import Record

MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.robots.RobotsRules": 100,
}
POLITE = {
    "ROBOTSTXT_OBEY": True,
    "DOWNLOADER_MIDDLEWARES": MIDDLEWARES,
    "EXTENSIONS": {"crawler.robots.RetryAfter": 0},
}
PAGE = Answer((HELLO,))


def answer(status: str, body: bytes = b"", *headers: bytes) -> Answer:
    lines = b"".join(header + b"\r\n" for header in headers)
    return Answer(
        (b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status.encode(), lines, len(body), body),)
    )


NO_ENTRY = b"User-agent: *\nDisallow: /\n"
OURS = b"User-agent: *\nDisallow: /\n\nUser-agent: Letopis\nAllow: /news\nDisallow: /news/print\n"
LONG = b"User-agent: *\nDisallow: /first\n" + b"# filler\n" * 60_000 + b"Disallow: /last\n"
HOSTS = {
    "found.test": [answer("200 OK", NO_ENTRY), PAGE],
    "missing.test": [answer("404 Not Found", NO_ENTRY), PAGE],
    "forbidden.test": [answer("403 Forbidden", NO_ENTRY), PAGE],
    "unknown.test": [answer("401 Unauthorized"), PAGE],
    "busy.test": [answer("429 Too Many Requests"), PAGE],
    "broken.test": [answer("503 Service Unavailable", b"User-agent: *\nAllow: /\n"), PAGE],
    "reset.test": [Answer((), "reset"), PAGE],
    "hangs.test": [Answer((), "hang"), PAGE],
    "ours.test": [answer("200 OK", OURS), PAGE],
    "moved.test": [answer("301 Moved", b"", b"Location: http://rules.test/robots.txt"), PAGE],
    "rules.test": [answer("200 OK", NO_ENTRY)],
    "circle.test": [answer("302 Found", b"", b"Location: /robots.txt")],
    "long.test": [answer("200 OK", LONG), PAGE],
    "bom.test": [answer("200 OK", b"\xef\xbb\xbf" + NO_ENTRY), PAGE],
    "html.test": [answer("200 OK", b"<html>Disallow: /</html>"), PAGE],
    "slow.test": [answer("200 OK", b"User-agent: *\nCrawl-delay: 0.5\n"), PAGE],
    "wait.test": [answer("404 No"), answer("429 Wait", b"", b"Retry-After: 1"), PAGE],
}
ASKED = {
    **dict.fromkeys(
        [f"http://{host}/" for host in HOSTS if host not in ("rules.test", "ours.test", "long.test")]
    ),
    **dict.fromkeys([f"http://ours.test{path}" for path in ("/news/1", "/news/print/1", "/other")]),
    **dict.fromkeys([f"http://long.test{path}" for path in ("/first", "/last")]),
    **dict.fromkeys([f"http://slow.test/{number}" for number in range(2)]),
    "http://wait.test/": {"max_retry_times": 1, "handle_httpstatus_all": False},
    "http://wait.test/2": None,
}


@dataclass
class Left:
    """What became of each URL, what the servers saw, the records."""

    results: dict[str, dict[str, Any]]
    seen: dict[str, Seen]
    records: list[Record]

    def began(self, host: str) -> list[datetime]:
        responses = [r for r in self.records if r.type == "response" and f"//{host}/" in (r.url or "")]
        return sorted(datetime.fromisoformat(r.date) for r in responses)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    work = tmp_path_factory.mktemp("robots") / "robots-20260101T000000Z"
    asked = [{"url": url, "meta": meta or {}} for url, meta in ASKED.items()]
    with OddServer(HOSTS) as server:
        told = {"RECORD": str(work), "CONNECT_TO": {"*": f"127.0.0.1:{server.port}"}, "DOWNLOAD_TIMEOUT": 1}
        outcome = crawl(asked, POLITE | told | {"RETRY_ENABLED": True, "RETRY_TIMES": 0})
    assert outcome.reason == "finished"
    return Left(dict(zip(ASKED, outcome.results, strict=True)), server.seen, written(work))


@pytest.mark.parametrize("host", ["missing.test", "forbidden.test", "unknown.test", "html.test"])
def test_a_client_error_or_no_rules_allow_everything(left: Left, host: str) -> None:
    assert left.results[f"http://{host}/"].get("status") == 200


@pytest.mark.parametrize(
    "host",
    [
        "found.test",
        "busy.test",
        "broken.test",
        "reset.test",
        "hangs.test",
        "moved.test",
        "circle.test",
        "bom.test",
    ],
)
def test_rules_or_their_absence_forbid_everything(left: Left, host: str) -> None:
    assert left.results[f"http://{host}/"].get("error") == "Refused"
    asked = {request.split(b" ")[1] for request in left.seen[host].requests}
    assert asked == {b"/robots.txt"}


def test_whoever_asked_is_told_why_nothing_is_allowed(left: Left) -> None:
    assert left.results["http://found.test/"]["message"] == "Forbidden by robots.txt"
    assert left.results["http://busy.test/"]["message"].startswith("http://busy.test/robots.txt answers ")
    assert "/robots.txt could not be had: " in left.results["http://reset.test/"]["message"]


def test_a_refused_link_is_journalled_with_its_reason(left: Left) -> None:
    said = {
        e["url"]: e["message"]
        for e in entries(left.records)
        if e["kind"] == "failure" and e["reason"] == "robots"
    }
    refused = [url for url, result in left.results.items() if result.get("error") == "Refused"]
    assert sorted(said) == sorted(refused)
    assert said["http://broken.test/"] == "http://broken.test/robots.txt answers 503"
    assert said["http://found.test/"] == "Forbidden by robots.txt"


def test_the_rules_for_letopis_bind_before_those_for_everybody(left: Left) -> None:
    allowed = [
        url for url, result in left.results.items() if "ours.test" in url and result.get("status") == 200
    ]
    assert allowed == ["http://ours.test/news/1", "http://ours.test/other"]


def test_rules_beyond_500_kib_are_not_read(left: Left) -> None:
    assert left.results["http://long.test/first"].get("error") == "Refused"
    assert left.results["http://long.test/last"].get("status") == 200


def test_robots_txt_is_asked_for_once_and_recorded(left: Left) -> None:
    asked = [request.split(b" ")[1] for request in left.seen["ours.test"].requests]
    assert asked == [b"/robots.txt", b"/news/1", b"/other"]
    assert "http://ours.test/robots.txt" in {
        record.url for record in left.records if record.type == "response"
    }


def test_crawl_delay_is_kept(left: Left) -> None:
    began = left.began("slow.test")
    assert len(began) == 4
    assert min((b - a).total_seconds() for a, b in pairwise(began)) > 0.4


def test_retry_after_holds_the_whole_host_back_and_no_other(left: Left) -> None:
    began = left.began("wait.test")
    assert left.results["http://wait.test/"].get("status") == 200
    assert left.results["http://wait.test/2"].get("status") == 200
    assert (began[2] - began[1]).total_seconds() > 0.9
    assert left.began("missing.test")[-1] < began[2]


def test_a_crawl_that_ends_does_not_wait_for_a_host_that_is_held_back() -> None:
    hosts = {"wait.test": [answer("404 No"), answer("503 Wait", b"", b"Retry-After: 600"), PAGE]}
    asked = [{"url": "http://wait.test/1"}, {"url": "http://wait.test/2"}]
    began = monotonic()
    with OddServer(hosts) as server:
        route = {"*": f"127.0.0.1:{server.port}"}
        outcome: Outcome = crawl(asked, POLITE | {"CONNECT_TO": route, "CLOSESPIDER_TIMEOUT": 0.2})
    assert outcome.reason == "closespider_timeout"
    assert {result.get("error") for result in outcome.results} == {None, "IgnoreRequest"}
    assert monotonic() - began < 60


def test_a_recorded_live_crawl_with_impolite_settings_does_not_begin(tmp_path: Path) -> None:
    hasty = {"ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": 0, "RECORD": str(tmp_path / "x")}
    with pytest.raises(ConfigError, match="DOWNLOAD_DELAY"):
        RobotsRules.from_crawler(get_crawler(settings_dict=hasty))


@pytest.mark.parametrize(("asked", "kept"), [("7", 7.0), ("0.5", 0.5), ("86400", 120.0), ("soon", 0.0)])
def test_crawl_delay_has_a_limit(asked: str, kept: float) -> None:
    rules = ProtegoRobotParser(b"User-agent: letopis\nCrawl-delay: " + asked.encode(), None)
    assert delay_in(rules) == kept


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 90 ", 90.0),
        ("Sun, 22 Nov 2026 00:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 0.0),
        ("-5", 0.0),
        ("tomorrow", 0.0),
        ("١٢", 0.0),
        ("", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    assert seconds_in(value, datetime(2026, 11, 22, tzinfo=UTC)) == seconds


def test_a_rule_is_not_cut_in_two_at_the_limit() -> None:
    body = b"Disallow: /a\n" * 50_000
    rules = rules_in(TextResponse("http://a.test/robots.txt", body=body))
    assert len(rules) <= 500 * 1024
    assert set(rules.splitlines()) == {b"Disallow: /a"}


def test_without_a_delay_a_host_still_gets_one_request_at_a_time() -> None:
    asked = [{"url": f"http://one.test/{number}"} for number in range(4)]
    with OddServer({"one.test": [PAGE]}) as server:
        route = {"*": f"127.0.0.1:{server.port}"}
        outcome = crawl(asked, POLITE | {"CONNECT_TO": route, "ROBOTSTXT_OBEY": False})
    assert [result.get("status") for result in outcome.results] == [200] * 4
    assert server.seen["one.test"].connections == 1
