"""The archive answers as the wire did, and says so where it cannot."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from archive.chain import commit
from archive.local import Directory
from archive.seal import seal
from archive.snapshot import claim
from crawler.repeated import Repeated
from crawler.replay import ReplayHandler
from crawler.route import ConfigError, Refused
from crawler.standoff import Standoff
from tests.archive import exchange, response
from tests.archive.crawled import FACTS, NOON, Crawl, name
from tests.crawler.odds import ODDS, PAGE, ZIPPED
from tests.crawler.wirecrawl import Outcome, crawl
from tests.oddserver import Answer, OddServer

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.http import Response

WHOLE = {name: odd for name, odd in ODDS.items() if odd.truncated is None and odd.status is not None}
FIRST, SECOND = (Answer((b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + which,)) for which in (b"1", b"2"))
REPLAY = {
    "DOWNLOAD_HANDLERS": {"http": "crawler.replay.ReplayHandler"},
    "EXTENSIONS": {"crawler.robots.RetryAfter": 0},
}


@dataclass
class Twice:
    """The same requests, sent to a server and then to what that crawl left."""

    wire: Outcome
    replay: Outcome
    work: Path


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    work = tmp_path_factory.mktemp("replay") / "replay-20260101T000000Z"
    asked: list[dict[str, Any]] = [
        {"url": f"http://{name}.test/#part", **odd.request} for name, odd in WHOLE.items()
    ]
    asked.append({"url": "http://changes.test/", "then": {"url": "http://changes.test/"}})
    scripts = {f"{name}.test": list(odd.answers) for name, odd in WHOLE.items()} | {
        "changes.test": [FIRST, SECOND]
    }
    with OddServer(scripts) as server:
        wire = crawl(asked, {"RECORD": str(work), "CONNECT_TO": {"*": f"127.0.0.1:{server.port}"}})
    # the delay of the settings, which an archive has no need of
    replay = crawl(asked, REPLAY | {"REPLAY": str(work / "warc"), "DOWNLOAD_DELAY": 60})
    return Twice(wire, replay, work)


@pytest.mark.parametrize("name", WHOLE)
def test_the_archive_answers_as_the_wire_did(twice: Twice, name: str) -> None:
    at = list(WHOLE).index(name)
    wire = twice.wire.results[at] | {"flags": []}  # "partial" says that the connection's end ended the body
    assert twice.replay.results[at] == wire


def test_the_latest_capture_answers(twice: Twice) -> None:
    assert twice.replay.results[-1] == twice.wire.results[-1]


def asked_of(paths: str, request: Request) -> Response:
    handler = ReplayHandler(get_crawler(settings_dict={"REPLAY": paths}))
    return handler.answer(request)


def test_a_body_comes_as_it_was_sent_but_for_its_chunks(twice: Twice) -> None:
    response = asked_of(str(twice.work), Request("http://chunked-and-gzipped.test/"))
    assert response.body == ZIPPED
    assert response.headers["Content-Encoding"] == b"gzip"
    assert "Transfer-Encoding" not in response.headers
    assert PAGE not in response.body


def test_every_value_of_a_repeated_header_is_there(twice: Twice) -> None:
    response = asked_of(str(twice.work), Request("http://repeated-headers.test/"))
    assert response.headers.getlist("Set-Cookie") == [b"a=1", b"b=2"]


def test_what_is_not_there_is_named(twice: Twice) -> None:
    with pytest.raises(Refused, match=r"GET http://nowhere\.test/ is not in .*warc") as refused:
        asked_of(str(twice.work / "warc"), Request("http://nowhere.test/"))
    assert refused.value.reason == "not-archived"


def test_an_answer_to_a_post_is_none_to_a_get(twice: Twice) -> None:
    with pytest.raises(Refused):
        asked_of(str(twice.work), Request("http://post.test/"))


def test_a_name_that_leads_to_no_warc_is_a_configuration_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.warc.gz"):
        with pytest.raises(ConfigError, match="where no WARC file is"):
            asked_of(str(path), Request("http://a.test/"))


@pytest.mark.parametrize(
    ("truncated", "answer", "kept"),
    [
        (None, response(b"whole"), True),
        ("disconnect", b"HTTP/1.1 200 OK\r\n\r\nup to the end of the connection", True),
        ("disconnect", response(b"half"), False),
        ("time", b"HTTP/1.1 200 OK\r\n\r\nhalf", False),
        ("length", response(b"half"), False),
    ],
)
def test_a_crawl_that_is_repeated_gets_no_answer_where_it_had_none(
    tmp_path: Path, truncated: Any, answer: bytes, kept: bool
) -> None:
    store, one = Directory(tmp_path / "data"), exchange(1, answer, truncated=truncated)
    made = Crawl(claim(store, tmp_path / "work", "chronik", "main", NOON))
    made.start()
    made.writer.exchange(one, fetch={"link": name(1), "requested": one.url, "hop": 0, "attempt": 0})
    commit(store, seal(made.end(), lambda _: (), facts=FACTS))
    crawler = get_crawler(settings_dict={"REPLAY": str(store.root)})
    asked = Request(one.url, meta={"link": {"identifier": name(1)}})
    assert ReplayHandler(crawler).answer(asked).status == 200
    crawler.repeated = Repeated(made.work.id, ends={name(1): "article"})  # type: ignore[attr-defined]
    with nullcontext() if kept else pytest.raises(Refused, match="no answer to this was kept"):
        ReplayHandler(crawler).answer(asked)


def test_a_crawl_of_an_archive_never_leaves_a_host_alone() -> None:
    with pytest.raises(NotConfigured):
        Standoff.from_crawler(get_crawler(settings_dict={"REPLAY": "data"}))


def test_what_cannot_be_read_is_refused_with_its_reason(twice: Twice, tmp_path: Path) -> None:
    (kept,) = (twice.work / "warc").glob("*.warc.gz")
    torn = tmp_path / kept.name
    torn.write_bytes(kept.read_bytes())
    handler = ReplayHandler(get_crawler(settings_dict={"REPLAY": str(torn)}))
    assert handler.answer(Request("http://plain.test/")).status == 200
    torn.write_bytes(bytes(torn.stat().st_size))
    with pytest.raises(Refused, match=f"^{torn.name} at offset "):
        handler.answer(Request("http://plain.test/"))
