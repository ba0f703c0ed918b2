from __future__ import annotations

from dataclasses import make_dataclass
from typing import Any

import pytest
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.spiders import Spider
from scrapy.utils.test import get_crawler

from crawler.article import ArticlePage
from crawler.checks import Checks
from crawler.spider import NewsSpider


class GazetaPage(ArticlePage):
    site = "gazeta"
    urls = r"https://gazeta\.example/(?P<id>\d+)"


class Gazeta(NewsSpider):
    name = "gazeta"
    pages = (GazetaPage,)


def article(**said: Any) -> dict[str, Any]:
    found = {
        "identifier": "gazeta:1",
        "url": "https://gazeta.example/1",
        "headline": "Мост открыт",
        "articleBody": "Движение началось.",
        "origins": {"headline": "css"},
        "capture": {"bodySha256": "0" * 64},
    }
    return {name: value for name, value in {**found, **said}.items() if value is not None}


@pytest.fixture
def checks() -> Checks:
    crawler = get_crawler(Gazeta)
    return Checks.from_crawler(crawler)


def stats(checks: Checks) -> dict[str, Any]:
    return {name: value for name, value in checks._stats.get_stats().items() if name.startswith("letopis/")}


def test_a_valid_article_passes_as_it_came_and_its_fields_are_counted(checks: Checks) -> None:
    item = article()
    assert checks.process_item(item) is item
    assert stats(checks)["letopis/articles"] == 1
    assert stats(checks)["letopis/field/headline"] == 1
    assert "letopis/field/image" not in stats(checks)


def test_an_item_of_another_kind_is_checked_alike(checks: Checks) -> None:
    kind = make_dataclass("kind", list(article()))
    item = kind(**article())
    assert checks.process_item(item) is item


def test_a_refused_article_does_not_reach_the_feeds_and_every_fault_is_counted(checks: Checks) -> None:
    with pytest.raises(DropItem, match="refused by the article schema"):
        checks.process_item(article(articleBody=None, url="gazeta"))
    assert stats(checks) == {
        "letopis/rejected": 1,
        "letopis/fault//articleBody required": 1,
        "letopis/fault//url format": 1,
    }


def test_a_second_edition_does_not_reach_the_feeds(checks: Checks) -> None:
    checks.process_item(article())
    with pytest.raises(DropItem, match="kept from another page"):
        checks.process_item(article())
    assert stats(checks)["letopis/duplicates"] == 1


def test_a_refused_edition_does_not_stand_in_the_way_of_a_good_one(checks: Checks) -> None:
    with pytest.raises(DropItem):
        checks.process_item(article(articleBody=None))
    checks.process_item(article())
    assert stats(checks)["letopis/articles"] == 1


def test_what_was_recorded_must_name_its_record_whole(checks: Checks) -> None:
    with pytest.raises(DropItem):
        checks.process_item(article(capture={"recordId": "urn:uuid:1"}))


def test_items_of_other_spiders_are_none_of_ours() -> None:
    with pytest.raises(NotConfigured):
        Checks.from_crawler(get_crawler(Spider))
