"""Crawls repeated from what they left, in a process that may not speak to the network: the same articles, line for line."""

from datetime import date
from pathlib import Path

import pytest

from archive.chain import history
from archive.reading import ARTICLES, LEDGER, lines
from archive.snapshot import key_of
from archive.store import open_store
from crawler.cli import main
from tests.archive.gateway import gateway
from tests.crawler.gazeta import AMP, HOME, SITE, Answer, article, crawl, listing, moved, rss, town
from tests.offline import REFUSED
from tests.proving import some
from tests.repeating import ROOT, offline, repeats, replayed
from tests.seaweed import lead
from tests.twice import Twice, crawled_twice

TODAY = date(2026, 1, 2)
RBC = "rbc_kaliningrad"


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    return crawled_twice(RBC, tmp_path_factory.mktemp("twice"), TODAY)


@pytest.mark.parametrize("which", ["first", "second"])
def test_a_snapshots_crawl_gives_its_articles_again_and_leaves_no_trace(twice: Twice, which: str) -> None:
    repeats(twice, getattr(twice, which))


def test_the_whole_store_gives_every_page_as_it_was_at_an_instant(twice: Twice) -> None:
    first, second = twice.first, twice.second
    (changed,) = {item["identifier"] for item in second.articles} & {
        item["identifier"] for item in first.articles
    }
    for edition in (first, second):
        at = f"{history(twice.store, RBC)[edition is second].summary['started']}"
        told = ("-a", f"until={TODAY}", "-s", "REPLAY=data", "-s", f"REPLAY_AT={at}")
        code, items, said = replayed(twice.folder, RBC, *told)
        assert code == 65, said  # a page that was reset left no bytes; its own crawl, repeated, knows that
        assert "1 of " in said.splitlines()[-1]
        (found,) = (item for item in items if item["identifier"] == changed)
        assert found["capture"]["snapshot"] == edition.snapshot
        assert len(items) > len(second.articles)  # unchanged pages are read from the snapshot that holds them


@pytest.mark.parametrize("kept", ["s3", "https"])
def test_a_bucket_and_a_web_server_answer_as_the_directory_does(
    twice: Twice, kept: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gateway(request.getfixturevalue("seaweed"), public=True) as between:
        lead(monkeypatch, between.behind.environment())
        uri = f"s3://{between.behind.bucket}/{kept}"
        for stored in twice.store.list():
            open_store(uri).put(stored.key, twice.folder / "data" / stored.key)
        store = {"s3": uri, "https": f"{between.endpoint}/{between.behind.bucket}/{kept}"}[kept]
        but = between.behind.environment()
        edition = {"s3": twice.second, "https": twice.first}[kept]
        told = ("-s", f"REPLAY={edition.snapshot}", "-s", f"STORE={store}")
        code, items, said = replayed(twice.folder, RBC, *told, but=but)
        assert (code, items) == (0, edition.articles), said
        one = twice.first.articles[0]
        told = ("-s", f"REPLAY={store}", "--nolog", "-c", "print(page.article().headline)")
        done = offline(twice.folder, "shell", one["url"], *told, but=but)
        assert done.stdout.splitlines()[0] == one["headline"], done.stderr


def test_another_sites_snapshot_is_refused(twice: Twice) -> None:
    code, items, said = replayed(twice.folder, "ria", "-s", f"REPLAY={twice.first.snapshot}")
    assert (code, items) == (64, [])
    assert f"{twice.first.snapshot} is a snapshot of {RBC}" in said


@pytest.mark.parametrize("name", ["store", "snapshot", "folder", "file"])
def test_the_shell_answers_with_the_archived_page_and_the_sites_page_at_hand(twice: Twice, name: str) -> None:
    kept = twice.first.articles[0]
    folder = twice.folder / "data" / key_of(twice.first.snapshot)
    replay = {
        "store": "data",
        "snapshot": twice.first.snapshot,
        "folder": str(folder),
        "file": str(twice.warcs(twice.first)[0]),
    }
    code = 'print(type(page).__name__, page.article().headline, response.meta["captured"].record_id, sep="|")'
    done = offline(twice.folder, "shell", kept["url"], "-s", f"REPLAY={replay[name]}", "--nolog", "-c", code)
    assert done.returncode == 0, done.stderr
    by, headline, record = done.stdout.splitlines()[0].split("|")
    assert (by, headline, record) == (kept["capture"]["page"], kept["headline"], kept["capture"]["recordId"])


def test_an_unchanged_page_is_read_from_the_snapshot_that_holds_it(twice: Twice) -> None:
    line = next(one for one in twice.second.ledger if one["outcome"] == "unchanged")
    done = offline(
        twice.folder, "shell", line["url"], "-s", f"REPLAY={twice.second.snapshot}", "--nolog", "-c",
        'response.meta["captured"].record_id',
    )  # fmt: skip
    assert done.stdout.strip() == line["original"]["record"], done.stderr


def test_the_bytes_of_an_unchanged_page_are_its_originals_and_said_to_be(
    twice: Twice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = next(one for one in twice.second.ledger if one["outcome"] == "unchanged")
    target = tmp_path / "page.http"
    with pytest.raises(SystemExit) as ended:
        main(["trace", line["identifier"], "--open", str(target), "--store", twice.store.uri])
    assert ended.value.code == 0
    assert target.read_bytes().startswith(b"HTTP/1.1 200 ")
    held, revisit = ("{file}@{offset}+{length}".format(**one["address"]) for one in (line["original"], line))
    said = capsys.readouterr().err
    assert f" bytes of {held}, " in said
    assert f": the original of {revisit}, which found it unchanged (304) at " in said


def test_fetch_and_parse_answer_from_the_archive(twice: Twice) -> None:
    kept = twice.first.articles[0]
    at = ("-s", f"REPLAY={twice.first.snapshot}", "--nolog")
    fetched = offline(twice.folder, "fetch", kept["url"], *at)
    assert fetched.returncode == 0, fetched.stderr
    assert "<html" in fetched.stdout
    parsed = offline(twice.folder, "parse", kept["url"], *at, "--nocolour")
    assert parsed.returncode == 0, parsed.stderr
    assert repr(kept["identifier"]) in parsed.stdout


@pytest.mark.parametrize("command", [("fetch",), ("parse",), ("shell", "-c", "response")])
def test_what_is_not_held_is_a_miss_with_a_word_and_no_404(twice: Twice, command: tuple[str, ...]) -> None:
    url = twice.first.articles[0]["url"].replace("https://", "http://www.")
    done = offline(
        twice.folder, command[0], url, *command[1:], "-s", "REPLAY=data", "-s", "LOG_LEVEL=WARNING"
    )
    assert done.returncode == 65
    assert f"GET {url} is not in file:" in done.stderr
    assert "404" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["fetch", "parse", "shell"])
def test_a_name_that_leads_nowhere_is_a_wrong_setting(tmp_path: Path, command: str) -> None:
    done = offline(tmp_path, command, "https://ria.ru/", "-s", "REPLAY=ria-20200101T000000Z", "--nolog")
    assert (done.returncode, done.stderr.count("\n")) == (78, 1)
    assert "holds no sealed snapshot ria-20200101T000000Z" in done.stderr


REFUSING = [
    (command, setting)
    for command in (
        ("crawl", "ria"),
        ("fetch", "https://ria.ru/"),
        ("parse", "https://ria.ru/"),
        ("shell", "https://ria.ru/"),
        ("check", "ria"),
        ("runspider", str(ROOT / "crawler/spiders/ria.py")),
        ("fixture", "ria", "https://ria.ru/"),
    )
    for setting in ("REPLAY=", "REPLAY=,", "REPLAY_AT=2026-11-22")
    if (command[0], setting[:9])
    != ("fixture", "REPLAY_AT")  # it never asks a site: without REPLAY the store answers
]


@pytest.mark.parametrize(("command", "setting"), some(REFUSING, 3))
def test_an_archive_that_is_meant_but_not_named_is_a_wrong_setting_and_no_site_is_asked(
    command: tuple[str, ...], setting: str, tmp_path: Path
) -> None:
    done = offline(tmp_path, *command, "-s", setting, "--nolog")
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (78, 1, ""), done.stderr
    assert done.stderr.startswith(f"scrapy {command[0]}")
    assert "name the archive that is to answer, -s REPLAY=" in done.stderr


def test_a_crawl_of_an_archive_that_holds_little_of_it_says_so(twice: Twice) -> None:
    told = ("-s", f"REPLAY={twice.warcs(twice.first)[0]}", "-a", f"until={TODAY}", "-s", "LOG_LEVEL=ERROR")
    code, items, said = replayed(twice.folder, "ria", *told)
    assert (code, items) == (65, [])
    assert "this is not the whole crawl: " in said.splitlines()[-1]


def test_without_an_archive_the_network_is_refused_here(tmp_path: Path) -> None:
    done = offline(
        tmp_path, "fetch", "https://127.0.0.1:9/", "-s", 'CONNECT_TO={"*": "127.0.0.1:9"}', "--nolog"
    )
    assert done.returncode == REFUSED
    assert "the network was asked" in done.stderr


# What makes a crawl hard to repeat: errors that pass, redirects, a crawl that continues another


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two crawls of a small site, the second of which goes on where the first was stopped."""
    folder = tmp_path_factory.mktemp("hard")
    links = [(f"{HOME}/n/{n}", f"Новость {n}") for n in (10, 20, *range(1, 9))]  # the last is the newest
    answers = {url: article(title) for url, title in links}
    answers |= {f"{HOME}/rss": rss(*links), f"{HOME}/news/": listing()}
    answers |= {
        f"{HOME}/robots.txt": Answer("User-agent: *\nDisallow: /n/4\n"),
        f"{HOME}/n/1": moved(f"{AMP}/n/10"),  # read before the better edition of the same article
        f"{AMP}/n/10": article("Новость 10, коротко"),
        f"{HOME}/n/2": moved("/n/20"),  # two links, one page: the first record counts
        f"{HOME}/n/3": Answer(status=0),
        f"{HOME}/n/7": Answer(status=404),
    }
    with town(answers) as played:
        busy = Answer(
            status=503, headers=(("Retry-After", "0"),), before=lambda: played.answers.update(better)
        )
        better = {f"{HOME}/n/8": article("Новость 8")}
        played.answers[f"{HOME}/n/8"] = busy
        told = ("-s", "RETRY_TIMES=2", "-s", "CONCURRENT_REQUESTS=1")
        stopped = crawl(played, folder, "-s", "CLOSESPIDER_ITEMCOUNT=2", *told)
        assert stopped.code == 75, stopped.err
        assert crawl(played, folder, *told).code == 0
    (folder / "gazetasite.py").write_text(SITE, encoding="utf-8")
    return folder


def test_crawls_with_retries_redirects_refusals_and_open_links_are_repeated_line_for_line(hard: Path) -> None:
    store = open_store(str(hard / "data"))
    entries = history(store, "gazeta")
    assert len(entries) == 2
    for entry in entries:
        told = ("-s", "SPIDER_MODULES=gazetasite", "-s", f"REPLAY={entry.snapshot}")
        _, items, said = replayed(hard, "gazeta", *told)
        kept = list(lines(store, entry.snapshot, ARTICLES))
        assert items == kept, said
        assert kept
        assert "0 not archived" in said
    ends = {line["identifier"]: line["outcome"] for line in lines(store, entries[1].snapshot, LEDGER)}
    ends = {name.removeprefix("gazeta:"): outcome for name, outcome in ends.items()}
    assert [ends[name] for name in ("10", "1", "2", "20")] == ["article", "duplicate", "article", "duplicate"]
    assert [ends[name] for name in ("3", "4", "7", "8")] == ["failed", "robots", "held", "held"]
    for refusal in ("robots: ", "reset: "):
        assert f"no answer to this was kept when the link was crawled ({refusal}" in said
