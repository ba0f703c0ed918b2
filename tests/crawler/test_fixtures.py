from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from archive.record import records
from crawler.cli import site_names
from crawler.fixtures import Fixture, differences, fixtures
from crawler.look import Page, look

if TYPE_CHECKING:
    from crawler.look import Look

ALL = [(site, fixture) for site in site_names() for fixture in fixtures(site)]


def looked_at(site: str, fixture: Fixture) -> Look:
    record = next(one for one in records(fixture.warc) if (one.type, one.url) == ("response", fixture.url))
    page = Page(fixture.url, record.message.content(), list(record.message.headers), record.message.status)
    return look(page, site, datetime.fromisoformat(record.date))


@pytest.mark.parametrize(("site", "fixture"), ALL, ids=[f"{site}-{fixture.name}" for site, fixture in ALL])
def test_the_page_gives_exactly_the_article_expected(site: str, fixture: Fixture) -> None:
    assert differences(fixture.article, looked_at(site, fixture).article) == []


@pytest.mark.parametrize("site", site_names())
def test_each_site_has_a_fixture(site: str) -> None:
    assert next(fixtures(site), None)


def test_each_field_that_differs_is_told_by_itself() -> None:
    wanted = {"headline": "А", "author": [{"name": "Б"}]}
    found = {"headline": "В", "image": [], "origins": {}, "capture": {}}
    assert [line.partition(" ")[0] for line in differences(wanted, found)] == ["headline", "author", "image"]


def test_an_article_where_none_is_expected_is_a_difference() -> None:
    assert differences(None, {"headline": "А"}) == ["the page is an article"]
    assert differences({"headline": "А"}, None) == ["the page is no article"]
    assert differences(None, None) == []
