from __future__ import annotations

import json
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from archive.check import check
from schemas import errors

from .gazeta import AMP, HOME, TEXT, Answer, article, command, crawl, listing, moved, rss, scrapy, town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .gazeta import Crawled

ROBOTS = Answer("User-agent: *\nDisallow: /n/6\n", headers=(("Content-Type", "text/plain"),))
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8)
DAY = {
    f"{HOME}/robots.txt": ROBOTS,
    f"{HOME}/rss": rss(*((f"{HOME}/n/{n}?utm_source=rss", f"Новость {n}") for n in NUMBERS), text=TEXT),
    f"{HOME}/news/": listing("/n/1", f"{AMP}/n/2", "/about", "/n/9"),
    f"{HOME}/news/page/2/": listing("/n/10", "/n/1"),
    f"{HOME}/n/1": article("Мост открыт"),
    f"{HOME}/n/2": Answer(status=404),
    f"{AMP}/n/2": article("Каток залит"),
    f"{HOME}/n/3": moved("/n/30"),
    f"{HOME}/n/30": article("Ярмарка переехала"),
    f"{HOME}/n/4": moved("/"),
    f"{HOME}/": article("Главная"),
    f"{HOME}/n/5": article("Без слов", text=""),
    f"{HOME}/n/7": Answer(status=0),
    f"{HOME}/n/8": Answer(status=500),
    f"{HOME}/n/9": article("Трамвай вернулся"),
    f"{HOME}/n/10": article("Парк закрыт"),
}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    with town(DAY) as played:
        yield crawl(played, tmp_path_factory.mktemp("day"), "-O", "live.jsonl")


def test_a_crawl_that_read_every_source_and_captured_something_exits_with_0(day: Crawled) -> None:
    assert day.code == 0, day.err
    assert day.out.startswith(f"{day.snapshot.name.removeprefix('snapshot=')}: complete (finished), 11 links")


def test_every_link_has_its_one_outcome(day: Crawled) -> None:
    assert day.outcomes == {
        f"{HOME}/about": "not-an-article",
        "gazeta:1": "article",
        "gazeta:10": "article",
        "gazeta:2": "article",
        "gazeta:3": "article",
        "gazeta:4": "not-an-article",
        "gazeta:5": "rejected",
        "gazeta:6": "robots",
        "gazeta:7": "failed",
        "gazeta:8": "http-error",
        "gazeta:9": "article",
    }


def test_live_items_are_the_sealed_lines(day: Crawled) -> None:
    live = [json.loads(line) for line in (day.folder / "live.jsonl").read_text("utf-8").splitlines()]
    sealed = day.lines("articles.jsonl.gz")
    assert sorted(live, key=lambda item: item["capture"]["offset"]) == sealed
    assert list(live[0]) == list(next(line for line in sealed if line["identifier"] == live[0]["identifier"]))


def test_what_is_sealed_is_valid(day: Crawled) -> None:
    assert [errors("article", line) for line in day.lines("articles.jsonl.gz")] == [[]] * 5


def test_an_article_names_every_source_that_announced_it(day: Crawled) -> None:
    via = day.articles["gazeta:1"]["capture"]["via"]
    assert via == [f"{HOME}/news/", f"{HOME}/news/page/2/", f"{HOME}/rss"]


def test_the_next_edition_is_asked_for_when_the_better_one_fails(day: Crawled) -> None:
    capture = day.articles["gazeta:2"]["capture"]
    assert (capture["page"], capture["requestedUrl"]) == ("GazetaAmpPage", f"{AMP}/n/2")


def test_a_redirect_is_followed_and_the_first_url_kept(day: Crawled) -> None:
    found = day.articles["gazeta:30"]
    assert found["url"] == f"{HOME}/n/30"
    assert found["capture"]["requestedUrl"] == f"{HOME}/n/3"


def test_the_journal_tells_the_sources_with_their_evidence(day: Crawled) -> None:
    told = {entry["source"]: entry for entry in day.journal("source")}
    assert {url: entry["outcome"] for url, entry in told.items()} == {
        f"{HOME}/rss": "read",
        f"{HOME}/news/": "read",
        f"{HOME}/news/page/2/": "read",
        f"{HOME}/news/page/3/": "absent",
        f"{HOME}/sitemap.xml": "absent",
    }
    first = told[f"{HOME}/rss"]["links"][0]
    assert first["identifier"] == "gazeta:1"
    assert first["published"] == "Fri, 02 Jan 2026 00:00:00 +0300"
    assert first["text"] == TEXT
    assert told[f"{HOME}/rss"]["record"].startswith("urn:uuid:")


def test_the_journal_tells_what_the_crawl_was_told(day: Crawled) -> None:
    (start,) = day.journal("start")
    assert start["arguments"] == {"until": "2026-01-02"}
    assert start["rehearsal"] is True
    assert start["clock"] == "2026-01-02T23:59:59+03:00"
    assert [entry["reason"] for entry in day.journal("end")] == ["finished"]


def test_the_newest_is_asked_for_first(day: Crawled) -> None:
    (decided,) = day.journal("decision")
    asked = [entry["link"] for entry in day.journal("fetch") if entry["link"]]
    assert [link["identifier"] for link in decided["links"]][:3] == ["gazeta:8", "gazeta:7", "gazeta:6"]
    assert asked[:2] == ["gazeta:8", "gazeta:5"]


def test_the_text_of_the_feed_is_held_against_the_page(day: Crawled) -> None:
    assert day.report["feedText"] == {"compared": 3, "mean": 1.0, "least": 1.0}


def test_the_log_is_kept_with_the_snapshot(day: Crawled) -> None:
    assert (day.snapshot / "crawl.log.gz").exists()
    assert list((day.folder / "work").iterdir()) == []


def test_the_reader_is_kept_in_the_store(day: Crawled) -> None:
    manifest = json.loads((day.snapshot / "manifest.json").read_bytes())
    assert (day.folder / "data" / "readers" / f"{manifest['reader']}.zip").exists()
    assert day.articles["gazeta:1"]["capture"]["reader"] == manifest["reader"]


def test_a_limit_leaves_the_rest_for_later(tmp_path: Path) -> None:
    with town(DAY) as played:
        found = crawl(played, tmp_path, "-a", "limit=1", "-a", "since=2026-01-02")
    assert found.outcomes["gazeta:8"] == "http-error"
    assert found.outcomes["gazeta:1"] == "over-limit"
    assert found.code == 65
    assert f", {found.report['links']} links, 0 captured, " in found.out  # as many as `letopis show` tells


def test_urls_are_fetched_alone_and_no_source_is_read(tmp_path: Path) -> None:
    with town(DAY) as played:
        found = crawl(played, tmp_path, "-a", f"url={HOME}/n/9 {AMP}/n/2")
    assert set(played.asked) == {f"{HOME}/robots.txt", f"{AMP}/robots.txt", f"{HOME}/n/9", f"{AMP}/n/2"}
    assert found.outcomes == {"gazeta:2": "article", "gazeta:9": "article"}
    assert found.articles["gazeta:9"]["capture"]["via"] == []
    assert found.code == 0


def test_a_source_that_cannot_be_read_fails_the_crawl_and_not_its_articles(tmp_path: Path) -> None:
    answers = DAY | {f"{HOME}/news/": Answer(status=503)}
    with town(answers) as played:
        found = crawl(played, tmp_path)
    assert found.code == 69
    assert f"not read: {HOME}/news/: the server answered 503" in found.err
    assert found.outcomes["gazeta:1"] == "article"
    assert found.report["findings"][0]["kind"] == "source-failed"


def test_a_host_that_keeps_refusing_is_left_alone(tmp_path: Path) -> None:
    many = [(f"{HOME}/n/{n}", f"Новость {n}") for n in range(100, 140)]
    answers = {f"{HOME}/rss": rss(*many), f"{HOME}/news/": listing()}
    answers |= {url: Answer(status=401) for url, _ in many}
    with town(answers) as played:
        found = crawl(played, tmp_path)
    assert len([url for url in played.asked if "/n/" in url]) <= 6
    assert list(found.outcomes.values()).count("failed") >= 34
    assert found.report["failures"]["stopped"] >= 34
    assert found.code == 65


def test_a_signal_ends_the_crawl_gracefully_and_what_it_has_is_sealed(tmp_path: Path) -> None:
    reached, go = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go.wait(30)

    answers = DAY | {f"{HOME}/n/5": Answer("<p>Потом</p>", before=hold)}
    with town(answers) as played:
        line, env = command(played, tmp_path, "crawl", "gazeta", "-a", "until=2026-01-02")
        with subprocess.Popen(line, env=env, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as child:
            assert reached.wait(30)
            child.send_signal(signal.SIGTERM)
            go.set()
            out, _ = child.communicate(timeout=60)
        assert child.returncode == 75
    assert ": partial (shutdown), " in out
    (manifest,) = tmp_path.glob("data/snapshots/*/*/manifest.json")
    assert json.loads(manifest.read_bytes())["status"] == "partial"


def test_a_crawl_on_the_live_web_says_who_it_is_or_does_not_begin(tmp_path: Path) -> None:
    with town({}) as played:
        found = scrapy(played, tmp_path, "crawl", "gazeta", "-s", "CONNECT_TO={}")
        assert played.asked == []
    assert found.code == 78
    assert "LETOPIS_CONTACT" in found.err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gazeta", "-a", "since=now"), "since='now' is no day"),
        (("gazeta", "-a", "sins=2026-01-01"), "unknown argument 'sins'"),
        (("gazete",), "no such site; known are gazeta"),
    ],
)
def test_what_cannot_be_meant_is_told_in_a_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    with town({}) as played:
        found = scrapy(played, tmp_path, "crawl", *arguments)
    assert found.code == 64
    assert said in found.err
    assert not (tmp_path / "data").exists()


def test_parse_shows_the_article_and_leaves_nothing(tmp_path: Path) -> None:
    with town(DAY) as played:
        found = scrapy(played, tmp_path, "parse", f"{HOME}/n/1", "--pipelines", "--nocolour")
    assert "'headline': 'Мост открыт'" in found.out
    assert found.code == 0, found.err
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == ["gazetasite.py"]


def test_the_shell_has_the_page_at_hand(tmp_path: Path) -> None:
    with town(DAY) as played:
        found = scrapy(played, tmp_path, "shell", f"{HOME}/n/1", "-c", "page.article().headline", "--nolog")
    assert found.out.strip() == "Мост открыт", found.err


@pytest.mark.parametrize(("headline", "code"), [("Мост открыт", 0), ("Мост закрыт", 1)])
def test_check_holds_the_pages_against_their_fixtures_offline(
    day: Crawled, tmp_path: Path, headline: str, code: int
) -> None:
    place = tmp_path / "sites" / "gazeta"
    place.mkdir(parents=True)
    (place / "most.warc.gz").write_bytes(day.warcs[0].read_bytes())
    told = {
        name: value for name, value in day.articles["gazeta:1"].items() if name not in {"capture", "origins"}
    }
    expected = {"url": f"{HOME}/n/1", "article": told | {"headline": headline}}
    (place / "most.json").write_text(json.dumps(expected, ensure_ascii=False), encoding="utf-8")
    with town({}) as played:
        found = scrapy(played, tmp_path, "check", "-s", f"FIXTURES={tmp_path / 'sites'}")
        assert played.asked == []
    assert found.code == code, found.err
    assert ("headline is not correct: 'Мост открыт' instead of 'Мост закрыт'" in found.err) == bool(code)


def test_a_full_disk_stops_the_crawl_and_what_was_written_stays(tmp_path: Path) -> None:
    full = '{"http": "tests.crawler.wirecrawl.FullDiskHandler"}'
    with town(DAY) as played:
        found = crawl(played, tmp_path, "-s", f"DOWNLOAD_HANDLERS={full}")
    (warc,) = tmp_path.glob("work/*/warc/*.warc.gz*")
    assert found.code == 74
    assert "what was recorded stays in work/gazeta-" in found.err
    assert [finding for finding in check(warc) if finding.severity == "error"] == []
