from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from archive.record import records
from archive.snapshot import claim
from archive.store import open_store
from crawler.addon import LetopisAddon
from crawler.agent import user_agent
from tests.archive.crawled import FEED, NOON, Crawl

from .gazeta import HOME, ROOT, SITE, Answer, Crawled, Town, article, listing, town

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
SPIDER_MODULES = ["books"]

ADDONS = {"crawler.addon.LetopisAddon": 500}
COMMANDS_MODULE = "crawler.commands"
STORE = "./archive"
"""
SPIDER = """
from dataclasses import dataclass
from datetime import date

import attrs
import scrapy


class Shelf(scrapy.Item):
    url = scrapy.Field()
    count = scrapy.Field()


@dataclass
class Book:
    title: str
    seen: date


@attrs.define
class Note:
    text: str
    tags: list[str]


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
        yield Note("на полях", ["a", "б"])
"""


def run(played: Town, folder: Path, *arguments: str) -> Crawled:
    (folder / "books.py").write_text(SPIDER, encoding="utf-8")
    (folder / "shop.py").write_text(SETTINGS, encoding="utf-8")
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = shop\n", encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if name != "SCRAPY_SETTINGS_MODULE"}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    said = {"CONNECT_TO": played.connect_to, "LETOPIS_CONTACT": "crawl@example.org"}
    told = [part for name, value in said.items() for part in ("-s", f"{name}={value}")]
    line = [sys.executable, "-m", "scrapy", *arguments, *told]
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


def test_the_snapshot_verifies_clean(foreign: Crawled) -> None:
    line = [sys.executable, "-m", "crawler.cli", "verify", "--all", "--store", str(foreign.folder / "data")]
    done = subprocess.run([*line, "--json"], cwd=ROOT, capture_output=True, text=True, check=False)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [finding for one in said for finding in one["findings"]] == [], done.stderr
    assert (len(said), done.returncode) == (2, 0)


def test_the_sites_are_told_who_asks(foreign: Crawled) -> None:
    (asked, *_) = [record for path in foreign.warcs for record in records(path) if record.type == "request"]
    assert asked.message.get("User-Agent") == user_agent("crawl@example.org")
    assert asked.message.get("From") == "crawl@example.org"
    assert asked.message.get("Accept-Encoding") == "gzip"


def test_its_items_of_any_kind_are_the_lines(foreign: Crawled) -> None:
    items = [line["item"] for line in foreign.lines("articles.jsonl.gz")]
    assert sorted(items, key=json.dumps) == sorted(
        [
            {"url": f"{HOME}/shelf", "count": 2},
            {"title": "Книга 1", "seen": "2026-01-02"},
            {"title": "Книга 2", "seen": "2026-01-02"},
            *2 * [{"title": "ещё одна"}, {"text": "на полях", "tags": ["a", "б"]}],
        ],
        key=json.dumps,
    )


def test_each_item_names_the_record_of_its_response(foreign: Crawled) -> None:
    first = foreign.lines("articles.jsonl.gz")[0]
    assert first["capture"]["recordId"].startswith("urn:uuid:")
    assert first["capture"]["httpStatus"] == 200
    assert first["identifier"] == f"books:{first['capture']['recordId'].removeprefix('urn:uuid:')}/1"


def test_what_a_dead_crawl_left_the_next_one_finishes_in_its_project(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    work = claim(open_store(str(tmp_path / "archive")), tmp_path / "work", "books", "main", NOON)
    made = Crawl(work)
    made.get(FEED, b"<feed/>")
    made.writer.close()
    assert work.hold
    work.hold.release()
    with town({}) as played:
        done = run(
            played, tmp_path, "crawl", "books", "-s", f"DISK_FLOOR={2**62}"
        )  # recovers, then does not begin
    assert f"scrapy crawl books: {work.id}: sealed as partial and committed" in done.err
    assert (done.code, [*(tmp_path / "work").iterdir()]) == (75, [])


def updated(**said: Any) -> Settings:
    settings = Settings(said)
    LetopisAddon().update_settings(settings)
    return settings


def test_what_a_project_says_of_itself_wins_over_the_addon() -> None:
    said = updated(USER_AGENT="mine/1", DEFAULT_REQUEST_HEADERS={"from": "me@example.org", "X": "1"})
    assert said["USER_AGENT"] == "mine/1"
    assert said.getdict("DEFAULT_REQUEST_HEADERS") == {
        "from": "me@example.org",
        "X": "1",
        "Accept-Encoding": "gzip",
    }


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


def there(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A `scrapy` command in the other project."""
    env = {name: value for name, value in os.environ.items() if name != "SCRAPY_SETTINGS_MODULE"}
    env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    line = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_its_crawl_is_repeated_from_the_archive(foreign: Crawled) -> None:
    done = there(foreign.folder, "crawl", "books", "-s", "REPLAY=data", "-s", "LOG_LEVEL=ERROR")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.startswith("books, replayed from data: 7 articles, ")


def test_its_spiders_have_no_fixtures_and_a_sites_are_kept_in_that_project(foreign: Crawled) -> None:
    url = f"{HOME}/b/1"
    done = there(foreign.folder, "fixture", "books", url, "-s", "REPLAY=data")
    assert (done.returncode, done.stderr.count("\n")) == (64, 1)
    assert done.stderr.startswith("scrapy fixture: books declares no pages: ")
    (foreign.folder / "towns.py").write_text(SITE.replace("/n/", "/b/"), encoding="utf-8")
    (foreign.folder / "below").mkdir()
    both = SETTINGS.replace('["books"]', '["books", "towns"]')
    (foreign.folder / "shop.py").write_text(both, encoding="utf-8")
    done = there(
        foreign.folder / "below", "fixture", "gazeta", url, "-s", f"REPLAY={foreign.folder / 'data'}"
    )
    assert (done.returncode, "read by GazetaPage of gazeta; look at it" in done.stderr) == (65, True), (
        done.stderr
    )
    assert [path.name for path in (foreign.folder / "tests/sites/gazeta").iterdir()] == ["1.warc.gz"]
    assert not [*ROOT.glob("tests/sites/gazeta")]
