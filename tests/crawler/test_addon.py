from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from crawler.addon import LetopisAddon

from .gazeta import HOME, ROOT, Answer, Crawled, Town, article, listing, town

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
SPIDER_MODULES = ["books"]
ROBOTSTXT_OBEY = True
ADDONS = {"crawler.addon.LetopisAddon": 500}
COMMANDS_MODULE = "crawler.commands"
STORE = "./archive"
"""
SPIDER = """
from dataclasses import dataclass
from datetime import date

import scrapy


class Shelf(scrapy.Item):
    url = scrapy.Field()
    count = scrapy.Field()


@dataclass
class Book:
    title: str
    seen: date


class BooksSpider(scrapy.Spider):
    name = "books"
    start_urls = ["http://gazeta.example/shelf"]

    def parse(self, response):
        links = response.css("a::attr(href)").getall()
        yield Shelf(url=response.url, count=len(links))
        yield from response.follow_all(links, self.book)

    def book(self, response):
        yield Book(response.css("h1::text").get(), date(2026, 1, 2))
        yield {"title": "ещё одна"}
"""


def run(played: Town, folder: Path, *arguments: str) -> Crawled:
    (folder / "books.py").write_text(SPIDER, encoding="utf-8")
    (folder / "shop.py").write_text(SETTINGS, encoding="utf-8")
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = shop\n", encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if name != "SCRAPY_SETTINGS_MODULE"}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    line = [sys.executable, "-m", "scrapy", *arguments, "-s", f"CONNECT_TO={played.connect_to}"]
    done = subprocess.run(line, env=env, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return Crawled(done.returncode, done.stdout, done.stderr, folder)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    answers = {f"{HOME}/shelf": listing("/b/1", "/b/2"), f"{HOME}/robots.txt": Answer("")}
    answers |= {f"{HOME}/b/{n}": article(f"Книга {n}") for n in (1, 2)}
    with town(answers) as played:
        found = run(played, tmp_path_factory.mktemp("foreign"), "crawl", "books")
    (found.folder / "archive").rename(found.folder / "data")
    return found


def test_another_project_gets_a_snapshot_for_three_lines_of_settings(foreign: Crawled) -> None:
    assert foreign.code == 0, foreign.err
    assert ": complete (finished), " in foreign.out
    assert json.loads((foreign.snapshot / "manifest.json").read_bytes())["reader"] is None


def test_its_items_of_any_kind_are_the_lines(foreign: Crawled) -> None:
    items = [line["item"] for line in foreign.lines("articles.jsonl.gz")]
    assert sorted(items, key=json.dumps) == sorted(
        [
            {"url": f"{HOME}/shelf", "count": 2},
            {"title": "Книга 1", "seen": "2026-01-02"},
            {"title": "Книга 2", "seen": "2026-01-02"},
            {"title": "ещё одна"},
            {"title": "ещё одна"},
        ],
        key=json.dumps,
    )


def test_each_item_names_the_record_of_its_response(foreign: Crawled) -> None:
    first = foreign.lines("articles.jsonl.gz")[0]
    assert first["capture"]["recordId"].startswith("urn:uuid:")
    assert first["capture"]["httpStatus"] == 200
    assert first["identifier"] == f"books:{first['capture']['recordId'].removeprefix('urn:uuid:')}/1"


def updated(**said: Any) -> Settings:
    settings = Settings(said)
    LetopisAddon().update_settings(settings)
    return settings


def test_the_handlers_of_a_project_win_over_the_addon() -> None:
    assert updated()["DOWNLOAD_HANDLERS"]["https"] == "crawler.wire.WireHandler"
    assert (
        updated(DOWNLOAD_HANDLERS={"https": "mine.Handler"})["DOWNLOAD_HANDLERS"]["https"] == "mine.Handler"
    )


def test_a_replay_asks_nobody_and_waits_for_nobody() -> None:
    settings = updated(REPLAY="a.warc.gz", ROBOTSTXT_OBEY=True, DOWNLOAD_DELAY=3)
    assert settings["DOWNLOAD_HANDLERS"]["http"] == "crawler.replay.ReplayHandler"
    assert not settings.getbool("ROBOTSTXT_OBEY")
    assert settings.getfloat("DOWNLOAD_DELAY") == 0
