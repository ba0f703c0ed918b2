from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from archive.record import records

from .gazeta import HOME, Answer, Crawled, article, crawl, listing, moved, rss, town

if TYPE_CHECKING:
    from pathlib import Path

    from archive.message import Message

DATE = "Fri, 02 Jan 2026 07:00:00 GMT"
GONE_ON = Answer(status=304, headers=(("ETag", '"1"'),))


class Latest(Crawled):
    """A crawl of a store that holds others."""

    @property
    def snapshot(self) -> Path:
        return max(self.folder.glob("data/snapshots/*/*"))

    def asked(self, url: str) -> Message:
        """The last request for a URL."""
        found = [record for path in self.warcs for record in records(path)]
        return [record.message for record in found if record.type == "request" and record.url == url][-1]

    def conditions(self, url: str) -> tuple[str | None, str | None]:
        asked = self.asked(url)
        return asked.get("If-None-Match"), asked.get("If-Modified-Since")


def tagged(title: str, *headers: tuple[str, str]) -> Answer:
    return Answer(article(title).body, headers=headers)


def news(*numbers: int) -> dict[str, Answer]:
    links = [(f"{HOME}/n/{n}", f"Новость {n}") for n in numbers]
    return {f"{HOME}/rss": rss(*links), f"{HOME}/news/": listing()}


FIRST = news(1, 2, 3, 4, 5, 6, 7) | {
    f"{HOME}/n/1": tagged("Мост открыт", ("ETag", '"1"'), ("Last-Modified", DATE)),
    f"{HOME}/n/2": tagged("Каток залит", ("Last-Modified", DATE)),
    f"{HOME}/n/3": tagged("Ярмарка открылась"),
    f"{HOME}/n/4": tagged("Трамвай вернулся", ("ETag", '"4"')),
    f"{HOME}/n/5": moved("/n/50"),
    f"{HOME}/n/50": tagged("Парк закрыт", ("ETag", '"50"')),
    f"{HOME}/n/6": Answer(article("Сбой").body, status=500, headers=(("ETag", '"6"'),)),
    f"{HOME}/n/7": tagged("Цирк уехал", ("ETag", '"7"')),
}
SECOND = FIRST | {
    f"{HOME}/n/1": GONE_ON,
    f"{HOME}/n/2": GONE_ON,
    f"{HOME}/n/4": tagged("Трамвай сломался", ("ETag", '"4b"')),
    f"{HOME}/n/50": GONE_ON,
    f"{HOME}/n/6": GONE_ON,
    f"{HOME}/n/7": moved("/n/70"),
    f"{HOME}/n/70": tagged("Цирк приехал"),
}


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Latest:
    folder = tmp_path_factory.mktemp("twice")
    with town(FIRST) as played:
        crawl(played, folder)
        played.answers = SECOND
        found = crawl(played, folder, "-O", "live.jsonl")
    return Latest(found.code, found.out, found.err, folder)


def test_each_link_has_the_outcome_of_what_the_server_says_now(second: Latest) -> None:
    assert second.outcomes == {
        "gazeta:1": "unchanged",
        "gazeta:2": "unchanged",
        "gazeta:3": "unchanged",
        "gazeta:4": "article",
        "gazeta:5": "unchanged",
        "gazeta:6": "http-error",
        "gazeta:7": "article",
    }


def test_a_known_page_is_asked_for_with_the_validators_it_came_with(second: Latest) -> None:
    asked = {n: second.conditions(f"{HOME}/n/{n}") for n in (1, 2, 3, 4)}
    assert asked == {1: ('"1"', DATE), 2: (None, DATE), 3: (None, None), 4: ('"4"', None)}


def test_a_redirect_is_followed_with_the_conditions_of_its_target_only(second: Latest) -> None:
    asked = {n: second.conditions(f"{HOME}/n/{n}") for n in (5, 50, 7, 70)}
    assert asked == {5: (None, None), 50: ('"50"', None), 7: ('"7"', None), 70: (None, None)}


def test_sources_and_error_pages_are_asked_for_whole(second: Latest) -> None:
    for url in (f"{HOME}/rss", f"{HOME}/news/", f"{HOME}/robots.txt", f"{HOME}/n/6"):
        assert second.conditions(url) == (None, None)


def test_a_304_that_nobody_asked_for_is_an_error(second: Latest) -> None:
    (line,) = (line for line in second.lines("ledger.jsonl.gz") if line["identifier"] == "gazeta:6")
    assert line["reason"] == "the server answered 304 Not Modified"


def test_nothing_is_yielded_live_for_an_unchanged_page(second: Latest) -> None:
    live = [json.loads(line) for line in (second.folder / "live.jsonl").read_text("utf-8").splitlines()]
    assert sorted(item["headline"] for item in live) == ["Трамвай сломался", "Цирк приехал"]
    assert sorted(live, key=lambda item: item["capture"]["offset"]) == second.lines("articles.jsonl.gz")


def test_a_crawl_that_found_only_unchanged_pages_is_a_good_one(tmp_path: Path) -> None:
    answers = news(1) | {f"{HOME}/n/1": tagged("Мост открыт")}
    with town(answers) as played:
        crawl(played, tmp_path)
        found = crawl(played, tmp_path)
    assert (found.code, Latest(0, "", "", tmp_path).outcomes) == (0, {"gazeta:1": "unchanged"})
    assert "0 articles, 1 unchanged" in found.out


def test_who_looks_back_to_nothing_fetches_everything_whole(tmp_path: Path) -> None:
    answers = news(1) | {f"{HOME}/n/1": tagged("Мост открыт", ("ETag", '"1"'))}
    with town(answers) as played:
        crawl(played, tmp_path)
        crawl(played, tmp_path, "-s", "LOOK_BACK=0")
    found = Latest(0, "", "", tmp_path)
    assert (found.outcomes, found.conditions(f"{HOME}/n/1")) == ({"gazeta:1": "article"}, (None, None))
