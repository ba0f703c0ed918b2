from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from html import unescape
from urllib.parse import urlsplit

import pytest

from tests.newsroom import Request, Site
from tests.newsroom.html import lines
from tests.newsroom.site import sites
from tests.newsroom.story import Stated, dated
from tests.newsroom.text import Writer

OWN = ("ria", "rbc_kaliningrad")


def site_of(name: str, seed: int) -> Site:
    return next(site for site in sites() if site.name == name)(seed, date(2026, 1, 1))


def fetched(site: Site, url: str) -> bytes:
    asked = urlsplit(url)
    return site.respond(Request("GET", asked.scheme, asked.netloc, asked.path, attempt=9)).body


def as_read(page: bytes) -> str:
    """The page's words without tags, one space between them; invisible marks gone."""
    try:
        text = page.replace(b"<!-- \xd0 -->", b"").decode()
    except UnicodeDecodeError:
        text = page.decode("cp1251")
    text = unescape(re.sub(r"</?(?:a|b|em|i|span|nobr|strong|font)\b[^>]*>", "", text))
    return " ".join(re.sub("[\u00ad\u200b\u200d\ufeff]", "", re.sub(r"<[^>]+>", " ", text)).split())


AT = datetime(2025, 12, 31, 23, 10, tzinfo=timezone(timedelta(hours=3)))


@pytest.mark.parametrize(
    ("places", "date_", "assumed"),
    [
        ([Stated(AT)], "2025-12-31T23:10:00+03:00", []),
        ([Stated(AT, time=False)], "2025-12-31", []),
        (
            [Stated(AT, time=False), Stated(AT, zone=False)],
            "2025-12-31T23:10:00+03:00",
            ["datePublished.zone"],
        ),
        ([Stated(AT, time=False), Stated(AT + timedelta(hours=2))], "2025-12-31", []),
        (
            [Stated(AT, zone=False, year=False)],
            "2025-12-31T23:10:00+03:00",
            ["datePublished.year", "datePublished.zone"],
        ),
    ],
)
def test_the_first_place_that_states_a_date_wins_unless_it_leaves_out_the_hour(
    places: list[Stated], date_: str, assumed: list[str]
) -> None:
    assert dated(places) == (date_, assumed)


@pytest.mark.parametrize("seed", range(20))
def test_decorated_text_reads_as_it_was_written(seed: int) -> None:
    rng = random.Random(seed)
    writer = Writer(rng)
    for _ in range(20):
        text = writer.paragraph()
        assert as_read(lines(text, rng, "https://ria.ru/").replace("<br", " <br").encode()) == text


@pytest.mark.parametrize("name", OWN)
def test_no_two_articles_share_a_paragraph(name: str) -> None:
    bodies = [one.article["articleBody"] for one in site_of(name, 7).expected() if one.article]
    paragraphs = Counter(text for body in bodies for text in body.split("\n\n") if "Показатель" not in text)
    assert [text for text, times in paragraphs.items() if times > 1] == []


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_the_truth_says_stands_on_the_page(name: str, seed: int) -> None:
    site = site_of(name, seed)
    for one in site.expected():
        if one.article:
            page = as_read(fetched(site, one.article["url"]))
            paragraphs = [text.replace(" | ", " ") for text in one.article["articleBody"].split("\n\n")]
            pictured = [image["caption"] for image in one.article.get("image", []) if "caption" in image]
            second = one.article.get("alternativeHeadline", "")
            texts = [one.article["headline"], second, *paragraphs, *pictured]
            assert [text for text in texts if text not in page] == [], one.note
