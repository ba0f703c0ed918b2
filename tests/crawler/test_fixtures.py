from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from crawler.cli import site_names
from crawler.fixtures import ABOUT_READING, ROOT, differences, fixtures, looked_at, waiting

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.fixtures import Fixture
    from crawler.look import Look

ALL = [(site, fixture) for site in site_names() for fixture in fixtures(site)]
NAMES = [f"{site}-{fixture.name}" for site, fixture in ALL]
FIELDS = [(site, fixture, field) for site, fixture in ALL for field in fixture.article or ()]


@cache
def look_at(site: str, warc: Path) -> tuple[str, Look]:
    return looked_at(warc, site)


def article(site: str, fixture: Fixture) -> dict[str, Any] | None:
    return look_at(site, fixture.warc)[1].article


@pytest.mark.parametrize(
    ("site", "fixture", "field"), FIELDS, ids=[f"{site}-{one.name}-{field}" for site, one, field in FIELDS]
)
def test_the_field_is_read_as_expected(site: str, fixture: Fixture, field: str) -> None:
    assert (article(site, fixture) or {}).get(field) == (fixture.article or {})[field]


@pytest.mark.parametrize(("site", "fixture"), ALL, ids=NAMES)
def test_the_page_gives_no_field_that_is_not_expected(site: str, fixture: Fixture) -> None:
    found = article(site, fixture)
    assert (found is None) is (fixture.article is None)
    assert {*(found or ())} - ABOUT_READING <= {*(fixture.article or ())}


@pytest.mark.parametrize(("site", "fixture"), ALL, ids=NAMES)
def test_the_url_is_that_of_the_page_in_the_warc(site: str, fixture: Fixture) -> None:
    assert look_at(site, fixture.warc)[0] == fixture.url


def test_each_page_that_was_cut_out_was_looked_at_and_accepted() -> None:
    assert [warc for site in site_names() for warc in waiting(site)] == []


def test_each_folder_of_fixtures_is_of_a_site() -> None:
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} <= {*site_names()}


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
