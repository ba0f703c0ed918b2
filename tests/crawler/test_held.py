"""Whatever REPLAY names, the capture nearest in time answers, and what is not held is told."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest
from scrapy.settings import Settings

from archive.chain import commit
from archive.holdings import Snapshots
from archive.local import Directory
from archive.loose import Files
from archive.seal import seal
from archive.snapshot import claim
from crawler.held import Held, NotHeldError, complaint, held
from tests.archive.crawled import FACTS, NOON, Crawl, derive, name, url

if TYPE_CHECKING:
    from pathlib import Path


DAYS = (0, 1, 2, 5, 9)
PAGE = "https://chronik.example/2026/page.html"


class Counting(Directory):
    """A directory that tells what was opened."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.opened: list[str] = []

    def open(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        self.opened.append(key)
        return super().open(key, offset, length)


class Daily(Crawl):
    """A crawl of a later day."""

    day = 0

    def now(self) -> datetime:
        return super().now() + timedelta(days=self.day)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Counting:
    """One snapshot a day: page 1 is in all, page 10 + day in one; of another site one snapshot."""
    root = tmp_path_factory.mktemp("held")
    store = Counting(root / "data")
    for site, days in (("chronik", DAYS), ("blatt", (3,))):
        for day in days:
            made = type("Day", (Daily,), {"day": day})(
                claim(store, root / "w", site, "main", NOON + timedelta(days=day))
            )
            made.start()
            made.fetch(1, f"{name(1)}|Заголовок|{site} {day}")
            made.fetch(10 + day, f"{name(10 + day)}|Заголовок|{site} {day}")
            commit(store, seal(made.end(), derive, facts=FACTS))
    return store


def text(found: Any) -> str:
    said: str = found.response.message.body.decode().rpartition("|")[2]
    return said


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (None, 9),
        ("2026-11-01", 0),
        ("2026-11-23", 1),
        ("2026-11-26", 5),
        ("2026-11-25T11:00:00Z", 2),
        ("20270101000000", 9),
    ],
)
def test_the_capture_nearest_in_time_answers_and_the_newest_without_one(
    store: Counting, at: str | None, day: int
) -> None:
    settings = Settings({"REPLAY": str(store.root)} | ({"REPLAY_AT": at} if at else {}))
    assert text(held(settings, "chronik").find(url(1))) == f"chronik {day}"


def test_any_instant_gives_what_a_look_at_all_captures_gives(store: Counting) -> None:
    captures = [NOON + timedelta(days=day) for day in DAYS]
    chance = random.Random(5)
    site = Held([Snapshots(store, site="chronik")])
    for _ in range(60):
        at = NOON + timedelta(minutes=chance.randrange(-2 * 1440, 12 * 1440))
        expected = min(captures, key=lambda captured, at=at: abs(captured - at))
        assert text(site.find(url(1), at)) == f"chronik {(expected - NOON).days}"


def test_no_further_index_is_read_than_an_answer_needs(store: Counting) -> None:
    site = Held([Snapshots(store, site="chronik")])
    store.opened.clear()
    assert text(site.find(url(1), NOON + timedelta(days=5, hours=1))) == "chronik 5"
    assert len([key for key in store.opened if key.endswith("index.idx")]) == 1
    assert text(site.find(url(12))) == "chronik 2"


def test_only_the_site_is_searched_where_the_store_has_it_else_all(store: Counting) -> None:
    with pytest.raises(NotHeldError):
        Held([Snapshots(store, site="chronik")]).find(url(13))
    for site in ("blatt", "example", None):
        assert text(Held([Snapshots(store, site=site)]).find(url(13))) == "blatt 3"


def test_a_named_snapshot_answers_alone(store: Counting) -> None:
    snapshot = f"chronik-{NOON + timedelta(days=2):%Y%m%dT%H%M%SZ}"
    one = held(Settings({"REPLAY": snapshot, "STORE": str(store.root)}))
    assert text(one.find(url(1))) == "chronik 2"
    with pytest.raises(NotHeldError, match=rf"^GET {url(11)} is not in {snapshot} in file:"):
        one.find(url(11))


def test_of_several_names_the_nearest_capture_answers(store: Counting) -> None:
    names = ",".join(f"chronik-{NOON + timedelta(days=day):%Y%m%dT%H%M%SZ}" for day in (0, 5, 1))
    both = held(Settings({"REPLAY": names, "STORE": str(store.root)}))
    assert text(both.find(url(1))) == "chronik 5"
    assert text(both.find(url(1), NOON + timedelta(days=1))) == "chronik 1"


def test_a_miss_names_what_is_held_instead(store: Counting) -> None:
    for asked in ("http://chronik.example/1/", "https://www.chronik.example/1/"):
        with pytest.raises(NotHeldError, match=rf"is not in file:.*; held is {url(1)}$"):
            Held([Snapshots(store)]).find(asked)


@pytest.mark.parametrize("asked", ["https://CHRONIK.example:443/1/#top", "https://chronik.example/1/"])
def test_spellings_of_one_url_are_one(store: Counting, asked: str) -> None:
    assert Held([Snapshots(store)]).find(asked).response.url == url(1)


def test_of_several_exchanges_the_one_of_the_link_answers(tmp_path: Path) -> None:
    store = Directory(tmp_path / "data")
    made = Crawl(claim(store, tmp_path / "work", "chronik", "main", NOON))
    made.start()
    for link in ("a", "b", "c"):
        made.get(PAGE, f"{name(1)}|Заголовок|{link}".encode(), link=link)
    work = made.end()
    commit(store, seal(work, derive, facts=FACTS))
    one = Held([Snapshots(store, snapshot=work.id)])
    assert [text(one.find(PAGE, link=link)) for link in ("a", "b", "c", "d", None)] == [
        "a",
        "b",
        "c",
        "c",
        "c",
    ]


@pytest.mark.parametrize(
    ("replay", "said"),
    [
        ("nowhere.warc.gz", "where no WARC file is"),
        ("chronik-20200101T000000Z", "holds no sealed snapshot chronik-20200101T000000Z"),
        ("gopher://chronik.example/", "is no store"),
        ("s3://", "that is no store"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_in_one_line(tmp_path: Path, replay: str, said: str) -> None:
    told = complaint(Settings({"REPLAY": replay, "STORE": str(tmp_path)}))
    assert told
    assert said in told
    assert "\n" not in told


def test_names_are_opened_without_reading_a_file(tmp_path: Path) -> None:
    (tmp_path / "large.warc.gz").write_bytes(b"no WARC at all")
    one = held(Settings({"REPLAY": str(tmp_path)}))
    assert isinstance(one.holdings[0], Files)
    assert one.troubles == []
