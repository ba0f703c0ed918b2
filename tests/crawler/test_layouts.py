"""Which page reads: by its URL, its mark, its last day; and what is read of what is no article."""

from datetime import date
from typing import ClassVar

import pytest

from crawler.article import read
from tests.crawler.sheet import AT, BODY, URL, Page


@pytest.mark.parametrize(
    ("url", "identifier", "canonical"),
    [
        (URL, "a:1", URL),
        ("http://m.a.example/x-7.html?utm_source=b&in=t#c", "a:7", "https://a.example/x-7.html"),
        ("https://www.a.example/x-7.html?page=2", None, "https://a.example/x-7.html?page=2"),
        ("https://b.example/x-7.html", None, None),
    ],
)
def test_an_article_is_the_same_across_hosts_and_tracking(
    url: str, identifier: str | None, canonical: str | None
) -> None:
    assert Page.identify(url) == identifier
    if canonical:
        assert Page.canonical(url) == canonical


class Marked(Page):
    mark = ".new"


class Ended(Page):
    until: ClassVar[date | None] = date(2026, 1, 2)


def test_the_first_page_that_fits_reads() -> None:
    for pages, html, expected in [
        ((Marked, Page), BODY, ("Page", 1, True)),
        ((Marked, Page), "<i class=new></i>" + BODY, ("Marked", 0, True)),
        ((Ended, Page), BODY, ("Page", 1, True)),
        ((Marked,), BODY, ("GenericPage", 1, False)),
    ]:
        found = read(pages, URL, html.encode(), [], AT)
        assert (found.page, found.rank, found.recognised) == expected
        assert found.article is not None
        assert found.article.identifier == "a:1"


@pytest.mark.parametrize(("any_url", "expected"), [(True, ("Marked", True)), (False, ("GenericPage", False))])
def test_a_page_of_another_host_is_read_by_its_mark_only_when_asked(
    any_url: bool, expected: tuple[str, bool]
) -> None:
    url = "https://sister.example/news/7"
    found = read([Marked], url, ("<i class=new></i>" + BODY).encode(), [], AT, any_url=any_url)
    assert (found.page, found.recognised) == expected
    assert found.article is not None
    assert found.article.identifier == url


def test_a_page_that_is_no_article_gives_none() -> None:
    assert read([Page], URL.replace("/2026/01/02", ""), b"<h1>404</h1>", [], AT).article is None
    assert read([Page], "https://a.example/", b"", [], AT).article is None
    shell = b"<title>Vestnik</title><div id=app></div><script src=/app.js></script>"
    assert read([Page], URL, shell, [], AT).article is None, "its date stands in the URL alone"


def test_stated_usage_signals_are_kept() -> None:
    headers = [
        ("X-Robots-Tag", "NoArchive, max-snippet:5"),
        ("tdm-reservation", "1"),
        ("TDM-Policy", "https://a.example/p"),
    ]
    html = "<meta name=robots content='index, noarchive'>" + BODY
    assert read([Page], URL, html.encode(), headers, AT).usage == {
        "robots": ["noarchive", "max-snippet:5", "index"], "tdmReservation": 1, "tdmPolicy": "https://a.example/p",
    }  # fmt: skip
    assert read([Page], URL, BODY.encode(), [], AT).usage == {}


def test_a_page_in_windows_1251_that_claims_utf_8_is_read() -> None:
    found = read([Page], URL, BODY.encode("cp1251"), [("Content-Type", "text/html; charset=utf-8")], AT)
    assert found.charset == "windows-1251"
    assert found.article is not None
    assert found.article.headline == "Мост открыт"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0",
        b"<",
        b"<html><h1>",
        b"%PDF-1.4\xff\xfe",
        b"<?xml version='1.0' encoding='x'?><rss/>",
        b"<!doctype html><frameset>",
    ],
)
def test_bytes_that_are_no_page_raise_nothing(body: bytes) -> None:
    assert read([Page], URL, body, [], AT).article is None
