"""What lies in the WARC is what crossed the socket, however odd that was."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from archive.journal import entries
from tests.crawler.odds import HELLO, ODDS, OK
from tests.crawler.wirecrawl import Outcome, crawl, written
from tests.newsroom.tls import authority
from tests.oddserver import Answer, OddServer, Seen, free_port

if TYPE_CHECKING:
    from archive.record import Record

SCHEMES = ("http", "https")
CASES = [pytest.param(scheme, name, id=f"{scheme}-{name}") for scheme in SCHEMES for name in ODDS]


def url_of(scheme: str, name: str) -> str:
    return f"{scheme}://{name}.{scheme}.test/a/b?c=d&e=%D0%B0"


def host_of(scheme: str, name: str) -> str:
    return f"{name}.{scheme}.test"


def scripts(scheme: str) -> dict[str, list[Answer]]:
    return {host_of(scheme, name): list(odd.answers) for name, odd in ODDS.items()}


@dataclass
class Left:
    """What a crawl left, and what the servers saw."""

    outcome: Outcome
    results: dict[str, dict[str, Any]]
    seen: dict[str, Seen]
    records: list[Record]

    def of(self, url: str, kind: str = "response") -> list[Record]:
        return [record for record in self.records if record.type == kind and record.url == url]

    def blocks(self, host: str, kind: str = "response") -> list[bytes]:
        return [r.block for r in self.records if r.type == kind and f"//{host}/" in (r.url or "")]

    def failures(self, url: str) -> list[dict[str, Any]]:
        return [dict(e) for e in entries(self.records) if e["kind"] == "failure" and e["url"] == url]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Left:
    hosts = [host_of("https", name) for name in ODDS]
    ca, context = authority(tmp_path_factory.mktemp("tls"), hosts)
    work = tmp_path_factory.mktemp("odd") / "odd-20260101T000000Z"
    asked = [{"url": url_of(scheme, name), **ODDS[name].request} for scheme in SCHEMES for name in ODDS]
    with OddServer(scripts("http")) as plain, OddServer(scripts("https"), context) as safe:
        route = {f"{host_of('http', name)}:80": f"127.0.0.1:{plain.port}" for name in ODDS}
        route |= {f"{host}:443": f"127.0.0.1:{safe.port}" for host in hosts}
        outcome = crawl(asked, {"RECORD": str(work), "CONNECT_TO": route}, ca)
    results = {said["url"]: result for said, result in zip(asked, outcome.results, strict=True)}
    return Left(outcome, results, plain.seen | safe.seen, written(work))


def test_at_least_thirty_odd_responses_are_tried() -> None:
    assert len(ODDS) >= 30


def test_the_crawl_over_all_odd_answers_ends_well(odd: Left) -> None:
    assert odd.outcome.reason == "finished"
    assert "crawler/" not in odd.outcome.log  # no traceback leads into our own code


@pytest.mark.parametrize(("scheme", "name"), CASES)
def test_the_request_is_recorded_as_the_server_got_it(odd: Left, scheme: str, name: str) -> None:
    url = url_of(scheme, name)
    blocks = [record.block for record in odd.of(url, "request")]
    assert blocks == odd.seen[host_of(scheme, name)].requests[: len(odd.of(url))]


@pytest.mark.parametrize(("scheme", "name"), CASES)
def test_the_response_is_recorded_as_the_server_sent_it(odd: Left, scheme: str, name: str) -> None:
    case = ODDS[name]
    sent = odd.seen[host_of(scheme, name)].answers[0].removeprefix(case.interim)
    blocks = [record.block for record in odd.of(url_of(scheme, name))]
    if not sent:
        assert blocks == []
        return
    [block] = blocks
    if case.prefix:
        assert block
        assert sent.startswith(block)
    else:
        assert block == sent[: len(sent) - case.surplus]


@pytest.mark.parametrize(("scheme", "name"), CASES)
def test_what_is_not_whole_says_so_and_why(odd: Left, scheme: str, name: str) -> None:
    url = url_of(scheme, name)
    responses = odd.of(url)
    assert [record.get("WARC-Truncated") for record in responses] == [ODDS[name].truncated] * len(responses)
    reasons = [(entry["reason"], entry["record"]) for entry in odd.failures(url)]
    record = responses[0].id if responses else None
    assert reasons == ([(ODDS[name].reason, record)] if ODDS[name].reason else [])


@pytest.mark.parametrize(("scheme", "name"), CASES)
def test_interim_responses_lie_beside_the_response(odd: Left, scheme: str, name: str) -> None:
    url = url_of(scheme, name)
    ids = {record.id for record in odd.of(url)}
    beside = [
        record.block
        for record in odd.records
        if record.get("Content-Type") == "application/http;msgtype=response"
        and record.type == "metadata"
        and (record.url == url or (record.get("WARC-Concurrent-To") or "").strip("<>") in ids)
    ]
    assert beside == ([ODDS[name].interim] if ODDS[name].interim else [])


@pytest.mark.parametrize(("scheme", "name"), CASES)
def test_the_spider_gets_what_scrapy_makes_of_it_and_the_record(odd: Left, scheme: str, name: str) -> None:
    case = ODDS[name]
    result = odd.results[url_of(scheme, name)]
    assert result.get("status") == case.status
    if case.body is not None:
        assert base64.b64decode(result["body"]) == case.body
    told = [record.id for record in odd.of(url_of(scheme, name))]
    assert ([result["captured"]["record"]] if result["captured"] else []) == told


@pytest.mark.parametrize(("scheme", "name"), CASES)
def test_a_record_names_address_and_protocols(odd: Left, scheme: str, name: str) -> None:
    for record in odd.of(url_of(scheme, name)):
        http = "http/1.0" if name == "http-1.0" else "http/1.1"
        assert record.get("WARC-IP-Address") == "127.0.0.1"
        assert record.get_all("WARC-Protocol") == ([http, "tls/1.3"] if scheme == "https" else [http])
        assert (record.get("WARC-Cipher-Suite") or "").startswith("TLS_") == (scheme == "https")


LINK = {"identifier": "odd:1", "requested": "http://moved.test/a"}
SERIES = {
    "kept.test": [Answer((OK + b"Content-Length: 1\r\n\r\n%d" % number,)) for number in range(3)],
    "more.test": [Answer((HELLO + OK + b"Content-Length: 3\r\n\r\nbad",)), Answer((HELLO,))],
    "gone.test": [Answer((HELLO,)), Answer((), "close"), Answer((HELLO,))],
    "moved.test": [
        Answer((b"HTTP/1.1 302 Found\r\nLocation: /b#part\r\nContent-Length: 0\r\n\r\n",)),
        Answer((b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n",)),
        Answer((HELLO,)),
    ],
    "silent.test": [Answer((), "close")],
    "stop.test": [Answer((OK + b"Content-Length: 9000\r\n\r\n", b"x" * 9000))],
}
ASKED: list[dict[str, Any]] = [
    {
        "url": "http://kept.test/0",
        "then": {"url": "http://kept.test/1", "then": {"url": "http://kept.test/2"}},
    },
    {"url": "http://more.test/1", "then": {"url": "http://more.test/2"}},
    {"url": "http://gone.test/1", "then": {"url": "http://gone.test/2#part", "meta": {"max_retry_times": 1}}},
    {
        "url": "http://moved.test/a",
        "meta": {"link": LINK, "handle_httpstatus_all": False, "max_retry_times": 1},
    },
    {"url": "http://silent.test/", "meta": {"link": LINK}},
    {"url": "http://stop.test/"},
    {"url": "http://shut.test/"},
]


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Left:
    work = tmp_path_factory.mktemp("series") / "series-20260101T000000Z"
    extensions = {"tests.crawler.wirecrawl.StopAtHeaders": 0}
    with OddServer(SERIES) as server:
        route = {f"{host}:80": f"127.0.0.1:{server.port}" for host in SERIES}
        route["shut.test:80"] = f"127.0.0.1:{free_port()}"
        told = {"CONNECT_TO": route, "RETRY_ENABLED": True, "RETRY_TIMES": 0, "EXTENSIONS": extensions}
        outcome = crawl(ASKED, {"RECORD": str(work)} | told)
    results = {said["url"]: result for said, result in zip(ASKED, outcome.results, strict=True)}
    return Left(outcome, results, server.seen, written(work))


def test_exchanges_of_one_kept_connection_are_told_apart(series: Left) -> None:
    seen = series.seen["kept.test"]
    assert (seen.connections, len(seen.requests)) == (1, 3)
    assert series.blocks("kept.test") == seen.answers
    assert series.blocks("kept.test", "request") == seen.requests


def test_a_connection_that_brought_too_much_is_not_used_again(series: Left) -> None:
    """What comes late could not be told from the next response."""
    assert series.seen["more.test"].connections == 2
    assert series.blocks("more.test") == [HELLO, HELLO]


def test_a_kept_connection_that_is_gone_is_a_failure_and_asking_again_an_attempt(series: Left) -> None:
    """Twisted would ask again at once, unseen, whatever the host's delay."""
    assert len(series.seen["gone.test"].requests) == 3
    assert series.blocks("gone.test") == [HELLO, HELLO]
    [failure] = series.failures("http://gone.test/2")
    assert (failure["reason"], failure["record"]) == ("reset", None)
    fetches = [entry for entry in entries(series.records) if entry["kind"] == "fetch"]
    assert [f["attempt"] for f in fetches if f["requested"] == "http://gone.test/2"] == [1]


def test_redirects_and_retries_are_recorded_one_by_one(series: Left) -> None:
    urls = [
        record.url for record in series.records if record.type == "response" and "moved" in (record.url or "")
    ]
    assert urls == ["http://moved.test/a", "http://moved.test/b", "http://moved.test/b"]


def test_the_journal_says_for_which_link_and_how_far_along(series: Left) -> None:
    fetches = [entry for entry in entries(series.records) if entry["kind"] == "fetch" and entry["link"]]
    assert [(f["link"], f["requested"], f["hop"], f["attempt"]) for f in fetches] == [
        ("odd:1", "http://moved.test/a", 0, 0),
        ("odd:1", "http://moved.test/a", 1, 0),
        ("odd:1", "http://moved.test/a", 1, 1),
    ]


def test_no_url_is_kept_with_its_fragment(series: Left) -> None:
    assert [record.url for record in series.records if "#" in (record.url or "")] == []


def test_a_link_without_a_byte_is_named_in_the_journal_and_has_no_record(series: Left) -> None:
    [failure] = series.failures("http://silent.test/")
    assert (failure["link"], failure["reason"], failure["record"]) == ("odd:1", "reset", None)
    assert series.blocks("silent.test") == series.blocks("silent.test", "request") == []


def test_a_refused_connection_is_a_failure_and_has_no_record(series: Left) -> None:
    assert [failure["reason"] for failure in series.failures("http://shut.test/")] == ["connect"]
    assert series.blocks("shut.test") == series.blocks("shut.test", "request") == []


def test_what_a_signal_handler_stops_is_truncated_by_length(series: Left) -> None:
    [record] = series.of("http://stop.test/")
    assert series.results["http://stop.test/"]["flags"] == ["download_stopped"]
    assert record.get("WARC-Truncated") == "length"
    assert series.seen["stop.test"].answers[0].startswith(record.block)
