from datetime import date
from typing import Any

import pytest

from crawler.article import ArticlePage
from crawler.decide import ArgumentError, Arguments, Window, decide
from crawler.sources import Link

BASE = "https://gazeta.example/"
TODAY = Window(date(2026, 1, 1), date(2026, 1, 2))


class Full(ArticlePage):
    site = "gazeta"
    urls = r"https://gazeta\.example/n/(?:\d{4}/\d\d/(?:\d\d/)?)?(?P<id>\w+)"


class Amp(ArticlePage):
    site = "gazeta"
    urls = r"https://amp\.gazeta\.example/n/(?P<id>\w+)"


def decided(*links: Link, window: Window = TODAY, limit: int | None = None) -> list[dict[str, Any]]:
    return decide([(BASE + "rss", link) for link in links], (Full, Amp), window, limit)


def decisions(*links: Link, **how: Any) -> dict[str, str]:
    return {entry["identifier"]: entry["decision"] for entry in decided(*links, **how)}


def test_a_link_that_two_sources_announce_is_one_article_that_names_both() -> None:
    links = [(BASE + "b", Link(BASE + "n/1?utm_source=rss")), (BASE + "a", Link(BASE + "n/1#top"))]
    assert decide(links, (Full,), TODAY) == [
        {
            "identifier": "gazeta:1",
            "url": BASE + "n/1",
            "decision": "fetch",
            "via": [BASE + "a", BASE + "b"],
        }
    ]


def test_the_first_page_of_the_site_is_the_edition_that_is_fetched_whatever_came_first() -> None:
    entry = decided(Link("https://amp.gazeta.example/n/1"), Link(BASE + "n/1"))[0]
    assert entry["url"] == BASE + "n/1"
    assert entry["editions"] == ["https://amp.gazeta.example/n/1"]


def test_a_link_that_no_page_reads_is_left_to_its_source() -> None:
    assert decided(Link(BASE + "about")) == []


@pytest.mark.parametrize(
    ("link", "decision"),
    [
        (Link(BASE + "n/1", published="Wed, 31 Dec 2025 23:59:59 +0300"), "too-old"),
        (Link(BASE + "n/1", published="Wed, 31 Dec 2025 21:00:00 GMT"), "fetch"),
        (Link(BASE + "n/1", published="Sat, 03 Jan 2026 00:00:00 +0300"), "too-new"),
        (Link(BASE + "n/1", published="2026-01-02T23:59:00+03:00"), "fetch"),
        (Link(BASE + "n/1", published="2026-01-01"), "fetch"),
        (Link(BASE + "n/1", published="вчера вечером"), "fetch"),
        (Link(BASE + "n/2025/12/31/1"), "too-old"),
        (Link(BASE + "n/2026/01/02/1"), "fetch"),
        (Link(BASE + "n/2026/01/03/1"), "too-new"),
        (Link(BASE + "n/2025/12/1"), "too-old"),
        (Link(BASE + "n/2026/01/1"), "fetch"),
        (Link(BASE + "n/1", modified="2025-12-31T10:00:00+03:00"), "too-old"),
        (Link(BASE + "n/1", modified="2026-02-01"), "fetch"),
        (Link(BASE + "n/2026/01/1", modified="2025-12-31"), "fetch"),
        (Link(BASE + "n/1"), "fetch"),
    ],
)
def test_the_window_is_told_by_the_day_in_the_zone_of_the_site(link: Link, decision: str) -> None:
    assert decisions(link) == {"gazeta:1": decision}


def test_one_source_may_date_what_another_announces_without_a_date() -> None:
    assert decisions(Link(BASE + "n/1"), Link(BASE + "n/1", modified="2025-12-01")) == {"gazeta:1": "too-old"}


def test_the_newest_is_fetched_first_and_undated_links_keep_their_order() -> None:
    entries = decided(
        Link(BASE + "n/x"),
        Link(BASE + "n/old", published="Thu, 01 Jan 2026 09:00:00 +0300"),
        Link(BASE + "n/y"),
        Link(BASE + "n/new", published="2026-01-02T06:30:00Z"),
        Link(BASE + "n/mid", published="2026-01-02T09:00:00+03:00"),
    )
    assert [entry["identifier"].partition(":")[2] for entry in entries] == ["new", "mid", "old", "x", "y"]


def test_the_limit_keeps_the_newest_and_says_so_of_the_others() -> None:
    links = [Link(BASE + f"n/{n}", published=f"2026-01-02T0{n}:00:00Z") for n in range(3)]
    assert decisions(*links, limit=2) == {"gazeta:2": "fetch", "gazeta:1": "fetch", "gazeta:0": "over-limit"}


def test_the_window_is_today_and_yesterday_unless_said() -> None:
    assert Arguments.parse({}).window(date(2026, 1, 2)) == TODAY
    assert Arguments.parse({"until": "2026-01-02"}).window(date(2030, 1, 1)) == TODAY
    assert Arguments.parse({"since": "2025-12-30"}).window(date(2026, 1, 2)).since == date(2025, 12, 30)


def test_several_urls_are_separated_by_blanks() -> None:
    assert Arguments.parse({"url": "https://a.example/1  http://a.example/2"}).urls == (
        "https://a.example/1",
        "http://a.example/2",
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"since": "yesterday"}, "since='yesterday' is no day"),
        ({"until": "2026-02-30"}, "until='2026-02-30' is no day"),
        ({"since": "2026-01-02", "until": "2026-01-01"}, "since=2026-01-02 is after until=2026-01-01"),
        ({"limit": "0"}, "limit='0' is no number"),
        ({"limit": "ten"}, "limit='ten' is no number"),
        ({"url": "gazeta.example/1"}, "url='gazeta.example/1' is no URL"),
        ({"sinse": "2026-01-01"}, "unknown argument 'sinse'; known are since, until, limit, url"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused_by_name(said: dict[str, str], told: str) -> None:
    with pytest.raises(ArgumentError) as error:
        Arguments.parse(said)
    assert str(error.value).startswith(told)


class Loose(ArticlePage):
    site = "gazeta"
    urls = r"https://gazeta\.example/s/(?:(?P<id>\d+)|[a-z]+|(?P<slug>[A-Z]*))"
    identity = "{id}"


class Slug(Loose):
    identity = "{slug}"


@pytest.mark.parametrize("page", [Loose, Slug])
def test_urls_that_lack_a_part_of_the_identifier_are_no_articles_instead_of_all_being_one(
    page: type[ArticlePage],
) -> None:
    links = [(BASE + "rss", Link(BASE + path)) for path in ("s/about", "s/", "s/contact", "s/7", "s/A")]
    (only,) = decide(links, (page,), TODAY)
    assert only["identifier"] in {"gazeta:7", "gazeta:A"}
