from pathlib import Path
from typing import Any

import orjson
import pytest

from archive.ledger import Derived
from archive.manifest import parse
from archive.original import Original
from archive.record import Address, Exchange
from archive.seal import seal
from archive.snapshot import claim
from archive.store import open_store
from schemas import errors
from tests.archive.crawled import FACTS, FEED, NOON, SITEMAP, Crawl, crawl, derive, name, url


@pytest.fixture
def made(tmp_path: Path) -> Crawl:
    made = Crawl(claim(open_store(str(tmp_path / "data")), tmp_path / "work", "chronik", "main", NOON))
    made.start()
    return made


def reported(made: Crawl, reason: str | None = "finished", reader: Any = derive) -> dict[str, Any]:
    work = made.end(reason)
    seal(work, reader, facts=FACTS)
    told = parse((work.folder / "report.json").read_bytes())
    assert errors("report", told) == []
    return told


def stated(counts: dict[str, int]) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count}


def test_a_page_that_is_unchanged_counts_with_the_status_that_the_server_sent(made: Crawl) -> None:
    place = Address("chronik-20261121T120000Z-00000.warc.gz", 0, 10)
    original = Original("urn:uuid:0", url(1), "2026-11-21T12:00:00Z", "sha256:" + "0" * 64, place)
    request, answer = b"GET /1/ HTTP/1.1\r\nIf-None-Match: x\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n"
    made.writer.exchange(Exchange(url(1), made.now(), request, answer), original=original)
    made.fetch(2, f"{name(2)}|Заголовок|Текст")
    assert reported(made)["statuses"] == {"200": 1, "304": 1}


def test_every_link_is_counted_once_and_per_source(tmp_path: Path) -> None:
    work = crawl(open_store(str(tmp_path / "data")), tmp_path / "work")
    seal(work, derive, facts=FACTS)
    told = orjson.loads((work.folder / "report.json").read_bytes())
    assert errors("report", told) == []
    assert told["links"] == sum(told["outcomes"].values()) == 9
    assert stated(told["outcomes"]) == {
        "article": 3, "http-error": 1, "not-an-article": 2, "rejected": 1, "robots": 1, "too-old": 1,
    }  # fmt: skip
    feed, sitemap = told["sources"]
    assert (feed["source"], feed["links"]) == (FEED, 7)
    assert feed["outcomes"] == {
        "article": 3,
        "http-error": 1,
        "not-an-article": 1,
        "rejected": 1,
        "robots": 1,
    }
    assert (sitemap["source"], sitemap["links"]) == (SITEMAP, 3)
    assert sitemap["outcomes"] == {"article": 1, "not-an-article": 1, "too-old": 1}
    assert told["failures"] == {"robots": 1}
    assert told["statuses"] == {"200": 7, "404": 1}
    assert told["refused"] == [{"path": "/articleBody", "rule": "required", "articles": 1}]
    assert told["records"] == {"metadata": 13, "request": 8, "response": 8, "warcinfo": 1}
    assert told["warcBytes"] == sum(path.stat().st_size for path in work.warc.glob("*.warc.gz"))


def test_it_says_how_full_the_fields_are_and_what_was_assumed(made: Crawl) -> None:
    def assuming(records: Any) -> Any:
        for said in derive(records):
            if said.article and said.link == name(2):
                said.article["assumed"] = ["datePublished.zone"]
                said.article["keywords"] = []
            yield said

    made.decide(1, 2)
    made.fetch(1, f"{name(1)}|Заголовок|Текст")
    made.fetch(2, f"{name(2)}|Заголовок|Текст")
    told = reported(made, reader=assuming)
    assert told["articles"] == 2
    assert told["fields"]["headline"] == 2
    assert told["fields"]["assumed"] == 1
    assert "keywords" not in told["fields"]
    assert told["assumed"] == {"datePublished.zone": 1}
    assert told["pages"] == {"Seite": 2}


def test_a_finished_crawl_that_fetched_all_it_wanted_is_complete(made: Crawl) -> None:
    made.decide(1)
    made.fetch(1, "kein Artikel")
    told = reported(made)
    assert (told["status"], told["finish"]) == ("complete", "finished")
    assert told["seconds"] > 0


@pytest.mark.parametrize(
    ("reason", "finish"), [("closespider_timeout", "closespider_timeout"), (None, "died")]
)
def test_a_crawl_that_did_not_come_to_its_own_end_is_partial(
    reason: str | None, finish: str, made: Crawl
) -> None:
    made.decide(1)
    made.fetch(1, "kein Artikel")
    told = reported(made, reason)
    assert (told["status"], told["finish"]) == ("partial", finish)


def test_a_crawl_that_left_a_link_unfetched_is_partial_whatever_it_says(made: Crawl) -> None:
    made.decide(1)
    told = reported(made)
    assert (told["status"], told["finish"], told["outcomes"]["not-fetched"]) == ("partial", "finished", 1)


def test_a_crawl_that_died_before_its_first_entry_is_reported_too(tmp_path: Path) -> None:
    made = Crawl(claim(open_store(str(tmp_path / "data")), tmp_path / "work", "chronik", "main", NOON))
    made.get("https://chronik.example/robots.txt", b"")
    told = reported(made, None)
    assert (told["status"], told["links"], told["sources"]) == ("partial", 0, [])
    assert told["started"] <= told["finished"]


def test_a_rehearsal_and_what_it_continues_are_told(tmp_path: Path) -> None:
    made = Crawl(claim(open_store(str(tmp_path / "data")), tmp_path / "work", "chronik", "main", NOON))
    made.start(rehearsal=True, continues="chronik-20261121T120000Z")
    told = reported(made)
    assert told["rehearsal"] is True
    assert told["continues"] == "chronik-20261121T120000Z"


def test_sources_that_were_not_read_whole_are_findings(made: Crawl) -> None:
    made.announce(FEED, 1)
    made.announce(SITEMAP, 2, outcome="cut")
    told = reported(made)
    assert [source["outcome"] for source in told["sources"]] == ["read", "cut"]
    assert told["findings"] == [
        {"kind": "source-cut", "subject": SITEMAP, "message": "the server stopped in the middle"}
    ]


def test_a_body_that_repeats_a_masked_value_is_a_finding(made: Crawl) -> None:
    secret = b"GET / HTTP/1.1\r\nHost: chronik.example\r\nCookie: sid=geheim-0815\r\n\r\n"
    body = b"<p>geheim-0815</p>"
    response = b"HTTP/1.1 200 Ja\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    made.writer.exchange(Exchange("https://chronik.example/9/", made.now(), secret, response))
    (finding,) = reported(made)["findings"]
    assert (finding["kind"], finding["subject"]) == ("body-echoes-secret", "https://chronik.example/9/")
    assert "geheim" not in finding["message"]


def test_a_page_that_only_the_generic_reader_could_read_is_a_finding(made: Crawl) -> None:
    made.decide(1)
    made.fetch(1, f"{name(1)}|Заголовок|Текст")
    told = reported(made, reader=lambda records: (as_unrecognised(said) for said in derive(records)))
    assert told["articles"] == told["outcomes"]["unrecognised"] == 1
    assert [(finding["kind"], finding["subject"]) for finding in told["findings"]] == [
        ("page-unrecognised", name(1))
    ]


def as_unrecognised(said: Derived) -> Derived:
    return Derived(said.link, type(said.outcome)("unrecognised"), said.address, said.record_id, said.article)


def test_the_agreement_of_feed_texts_is_told_where_there_were_any(made: Crawl) -> None:
    def comparing(records: Any) -> Any:
        for said in derive(records):
            share = {name(1): 1.0, name(2): 0.5}.get(said.link or "")
            yield Derived(
                said.link, said.outcome, said.address, said.record_id, said.article, agreement=share
            )

    made.decide(1, 2, 3)
    for number in (1, 2, 3):
        made.fetch(number, f"{name(number)}|Заголовок|Текст")
    assert reported(made, reader=comparing)["feedText"] == {"compared": 2, "mean": 0.75, "least": 0.5}


@pytest.mark.parametrize(
    ("field", "value"),
    [("links", -1), ("outcomes", {}), ("status", "ok"), ("started", "gestern"), ("more", 1)],
)
def test_a_report_that_breaks_its_schema_is_refused(field: str, value: object, made: Crawl) -> None:
    assert {fault.path.split("/")[1] for fault in errors("report", reported(made) | {field: value})} == {
        field
    }
