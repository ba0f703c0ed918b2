import gc
import gzip
import traceback
from pathlib import Path

import pytest

from archive.ledger import Outcome
from archive.seal import seal
from archive.snapshot import Work
from crawler.derive import deriver
from crawler.spider import NewsSpider
from schemas import errors
from tests.crawler.written import (
    BASE,
    GOOD,
    SNAPSHOT,
    TEXT,
    Crawl,
    GazetaPage,
    GazetaSpider,
    error,
    moved,
    ok,
)


@pytest.fixture
def crawl(tmp_path: Path) -> Crawl:
    (tmp_path / "warc").mkdir()
    return Crawl(tmp_path)


def test_a_page_becomes_a_valid_article_that_names_its_record(crawl: Crawl) -> None:
    crawl.start()
    crawl.decide(1, via=(BASE + "rss", BASE + "list"))
    captured = crawl.answer(1, ok(GOOD))
    (found,) = crawl.derived()
    assert found.outcome is Outcome.ARTICLE
    assert found.article is not None
    assert errors("article", found.article) == []
    capture = found.article["capture"]
    assert found.article["articleBody"] == TEXT
    assert capture["snapshot"] == SNAPSHOT
    assert (capture["warcFile"], capture["offset"], capture["length"]) == (
        captured.address.file,
        captured.address.offset,
        captured.address.length,
    )
    assert capture["recordId"] == captured.record_id
    assert capture["via"] == [BASE + "list", BASE + "rss"]
    assert capture["page"] == "GazetaPage"
    assert found.rank == 1


def test_what_is_of_no_link_says_nothing(crawl: Crawl) -> None:
    crawl.start()
    crawl.answer(None, ok(GOOD), url="https://gazeta.example/robots.txt")
    assert crawl.derived() == []


@pytest.mark.parametrize(
    ("response", "truncated", "outcome", "reason"),
    [
        (error("404 Not Found"), None, "http-error", "the server answered 404 Not Found"),
        (error("503 Busy"), None, "http-error", "the server answered 503 Busy"),
        (
            moved("/n/2"),
            None,
            "http-error",
            "redirected to https://gazeta.example/n/2, which was not fetched",
        ),
        (moved(""), None, "http-error", "the server answered 301 Moved"),
        (ok(GOOD)[:-20], "time", "failed", "the response is cut off (time)"),
        (ok(GOOD)[:-20], "disconnect", "failed", "the response is cut off (disconnect)"),
        (ok(b"no gzip", "Content-Encoding: gzip"), None, "failed", "the body cannot be decoded"),
        (ok(GOOD, "Content-Encoding: br"), None, "failed", "the body cannot be decoded"),
        (ok("<p>Страницы нет</p>"), None, "not-an-article", "the page has no headline"),
        (ok(""), None, "not-an-article", "the page has no headline"),
        (ok("<!-- -->"), None, "not-an-article", "the page has no headline"),
    ],
)
def test_whatever_came_instead_of_an_article_is_said(
    crawl: Crawl, response: bytes, truncated: str | None, outcome: str, reason: str
) -> None:
    crawl.start()
    crawl.answer(1, response, truncated=truncated)
    (found,) = crawl.derived()
    assert found.outcome == outcome
    assert (found.reason or "").startswith(reason)
    assert found.address is not None


def test_a_page_that_ends_with_its_connection_is_taken_as_it_came(crawl: Crawl) -> None:
    crawl.start()
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + GOOD.encode()
    crawl.answer(1, response, truncated="disconnect")
    assert [found.outcome for found in crawl.derived()] == [Outcome.ARTICLE]


def test_a_bomb_ends_in_an_outcome_and_not_in_memory(crawl: Crawl) -> None:
    crawl.start()
    crawl.answer(1, ok(gzip.compress(b" " * 30 * 2**20, 1), "Content-Encoding: gzip"))
    (found,) = crawl.derived()
    assert found.outcome is Outcome.FAILED
    assert "more than 20971520 bytes" in (found.reason or "")


def test_a_page_that_breaks_its_reader_leaves_the_others_alone(crawl: Crawl) -> None:
    crawl.start()
    crawl.answer(13, ok(GOOD))
    crawl.answer(1, ok(GOOD))
    broken, good = crawl.derived()
    assert (broken.outcome, broken.reason) == (Outcome.FAILED, "reading it broke: RuntimeError: no luck")
    assert good.outcome is Outcome.ARTICLE


def test_no_circles_are_looked_for_while_a_page_is_read(crawl: Crawl) -> None:
    crawl.start()
    for n in (13, 1):
        crawl.answer(n, ok(GOOD))
    within: list[bool] = []

    def heard(*_: object) -> None:
        within.append("read" in {at.name for at in traceback.extract_stack()})

    before = gc.get_threshold()
    gc.callbacks.append(heard)
    gc.set_threshold(5)
    try:
        crawl.derived()
        assert gc.isenabled()
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(heard)
    assert within
    assert not any(within)


def test_a_redirect_leads_to_the_article_and_says_nothing_itself(crawl: Crawl) -> None:
    crawl.start()
    crawl.decide(1, via=(BASE + "rss",))
    crawl.answer(1, moved("/n/7"))
    crawl.answer(1, ok(GOOD), url=BASE + "7", hop=1)
    (found,) = crawl.derived()
    assert found.link == "gazeta:1"
    assert found.article is not None
    assert found.article["identifier"] == "gazeta:7"
    assert found.article["capture"]["requestedUrl"] == BASE + "1"
    assert found.article["capture"]["via"] == [BASE + "rss"]


@pytest.mark.parametrize("where", ["http://[bad/n/1", "//[::1", "http://a\u2100b.example/"])
def test_a_redirect_to_what_is_no_url_leaves_the_others_alone(crawl: Crawl, where: str) -> None:
    crawl.start()
    crawl.answer(1, moved(where))
    crawl.answer(2, ok(GOOD))
    good, lost = crawl.derived()
    assert good.outcome is Outcome.ARTICLE
    assert (lost.outcome, lost.link) == (Outcome.HTTP_ERROR, "gazeta:1")
    assert (lost.reason or "").endswith("which was not fetched")


@pytest.mark.parametrize(
    "broken", ["<a href='//[y'>z</a>", "<link rel=canonical href='http://[bad'>", "<img src='http://[x'>"]
)
def test_a_page_with_a_link_that_is_no_url_is_read(crawl: Crawl, broken: str) -> None:
    crawl.start()
    crawl.answer(1, ok(GOOD.replace("<h1>", f"{broken}<h1>")))
    crawl.answer(2, ok(GOOD.replace("</h1>", f"</h1>{broken}")))
    assert [one.outcome for one in crawl.derived()] == [Outcome.ARTICLE, Outcome.ARTICLE]


def test_a_redirect_whose_end_failed_is_told_by_the_journal(crawl: Crawl) -> None:
    crawl.start()
    crawl.answer(1, moved("/n/7"))
    crawl.journal.failure(link="gazeta:1", url=BASE + "7", reason="connect", message="refused")
    assert crawl.derived() == []


def test_a_link_that_leads_to_the_front_page_is_no_article(crawl: Crawl) -> None:
    crawl.start()
    crawl.answer(1, moved("/"))
    crawl.answer(1, ok(GOOD), url="https://gazeta.example/", hop=1)
    (found,) = crawl.derived()
    assert found.outcome is Outcome.NOT_AN_ARTICLE
    assert found.reason == "it led to https://gazeta.example/, which is no article's URL"


def test_an_article_that_the_schema_refuses_is_kept_with_every_reason(crawl: Crawl) -> None:
    crawl.start()
    captured = crawl.answer(1, ok(GOOD.replace(TEXT, "")))
    (found,) = crawl.derived()
    assert found.outcome is Outcome.REJECTED
    assert found.reject is not None
    assert found.reject["errors"] == [
        {"path": "/articleBody", "rule": "required", "value": "", "message": "articleBody is missing"}
    ]
    assert found.reject["address"]["offset"] == captured.address.offset
    assert found.reject["article"]["headline"] == "Мост открыт"


def test_a_layout_that_no_page_fits_is_read_and_said(crawl: Crawl) -> None:
    crawl.start()
    page = (
        "<html><head><meta property='og:title' content='Мост открыт'><meta property='article:published_time' "
        f"content='2026-01-02T10:00:00+03:00'></head><body><h2>Мост открыт</h2><p>{TEXT}</p><p>{TEXT[::-1]}</p></body></html>"
    )
    crawl.answer(1, ok(page))
    (found,) = crawl.derived()
    assert found.outcome is Outcome.UNRECOGNISED
    assert found.article is not None
    assert found.article["identifier"] == "gazeta:1"


def test_the_text_of_a_feed_is_compared_and_never_used(crawl: Crawl) -> None:
    crawl.start()
    told = TEXT.replace("сразу", "вечером")
    crawl.journal.source(
        source=BASE + "rss",
        type="Feed",
        record=None,
        outcome="read",
        links=[{"url": BASE + "1", "identifier": "gazeta:1", "text": told}],
    )
    crawl.answer(1, ok(GOOD))
    (found,) = crawl.derived()
    assert found.agreement is not None
    assert 0.3 < found.agreement < 0.8
    assert found.article is not None
    assert "вечером" not in str(found.article)


@pytest.mark.parametrize(("rehearsal", "day"), [(True, "2020-05-05"), (False, "2026-01-02")])
def test_today_is_the_day_of_capture_and_in_a_rehearsal_the_day_that_is_played(
    crawl: Crawl, *, rehearsal: bool, day: str
) -> None:
    crawl.start(rehearsal=rehearsal, clock="2020-05-05T23:59:59+03:00")
    crawl.answer(
        1, ok(f"<h1>Мост</h1><span class=date>Сегодня, 08:15</span><div class=text><p>{TEXT}</p></div>")
    )

    class Dated(GazetaPage):
        datePublished = ".date"  # noqa: N815

    class Site(NewsSpider):
        name = "gazeta"
        pages = (Dated,)

    (found,) = crawl.derived(deriver(Site, "0" * 64))
    assert found.article is not None
    assert found.article["datePublished"] == f"{day}T08:15:00+03:00"


def test_deriving_twice_gives_the_same_bytes(crawl: Crawl, tmp_path: Path) -> None:
    crawl.start()
    crawl.decide(1, 2)
    crawl.answer(1, ok(GOOD))
    crawl.answer(2, error("404 Not Found"))
    crawl.journal.end(reason="finished", stats={})
    crawl.writer.close()
    names = ("articles.jsonl.gz", "rejects.jsonl.gz", "ledger.jsonl.gz", "report.json", "index.cdx.gz")
    work = Work(tmp_path, SNAPSHOT, "gazeta", "main")
    found = []
    for _ in range(2):
        seal(work, deriver(GazetaSpider), facts={})
        found.append({name: (tmp_path / name).read_bytes() for name in names})
        (tmp_path / "manifest.json").unlink()
    assert found[0] == found[1]
    assert gzip.decompress(found[0]["articles.jsonl.gz"]).count(b"\n") == 1


def test_several_workers_say_the_same_in_the_same_order_as_one(crawl: Crawl) -> None:
    crawl.start()
    crawl.decide(*range(1, 40))
    for n in range(1, 30):
        crawl.answer(n, ok(GOOD.replace("Мост открыт", f"Мост {n} открыт")))
    crawl.answer(30, error("404 Gone"))
    crawl.answer(31, moved("/n/32"))
    crawl.answer(13, ok("x", "Content-Encoding: br"))
    alone = crawl.derived()
    assert {found.outcome for found in alone} == {Outcome.ARTICLE, Outcome.FAILED, Outcome.HTTP_ERROR}
    assert crawl.derived(deriver(GazetaSpider, workers=2)) == alone
