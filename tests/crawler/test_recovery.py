"""Crawls that die, and the crawls after them: nothing that was answered is lost, nothing is asked for twice."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from scrapy.settings import Settings

from archive.record import records
from archive.snapshot import claim
from archive.store import open_store
from archive.verify import verify_files
from crawler.cli import main
from crawler.continuing import continued
from crawler.disk import shortage
from crawler.exits import Exit
from crawler.finish import exit_of
from schemas import errors
from tests.archive.crawled import FEED, NOON, Crawl
from tests.proving import some

from .gazeta import (
    AMP,
    HOME,
    ROOT,
    Answer,
    Crawled,
    Town,
    article,
    command,
    crawl,
    listing,
    moved,
    rss,
    scrapy,
    town,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# one request at a time: of two hosts each may have answered what the crawl had not read yet when it was killed
ARGUMENTS = ("crawl", "gazeta", "-a", "until=2026-01-02", "-s", "CONCURRENT_REQUESTS=1")
RSS = tuple((f"{HOME}/n/{n}", f"Новость {n}") for n in range(1, 7))
DAY: dict[str, Answer] = {
    f"{HOME}/robots.txt": Answer("User-agent: *\nAllow: /\n"),
    f"{HOME}/rss": rss(*RSS),
    f"{HOME}/news/": listing(f"{HOME}/n/1", f"{HOME}/n/7", f"{AMP}/n/5"),
    **{f"{HOME}/n/{n}": article(f"Новость {n}") for n in (1, 2, 4, 7)},
    f"{HOME}/n/3": moved(f"{HOME}/n/30"),
    f"{HOME}/n/30": article("Новость 3"),
    f"{HOME}/n/5": Answer(status=404),
    f"{AMP}/n/5": article("Новость 5"),
    f"{HOME}/n/6": Answer(status=410),
}
REQUESTS = 15


def snapshots(folder: Path) -> list[Path]:
    return sorted(folder.glob("data/snapshots/*/*"))


def lines(snapshot: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress((snapshot / name).read_bytes()).splitlines()]


def manifest(snapshot: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((snapshot / "manifest.json").read_bytes())
    return found


def articles(folder: Path) -> dict[str, dict[str, Any]]:
    """The articles of all snapshots together, their capture aside."""
    found = [line for snapshot in snapshots(folder) for line in lines(snapshot, "articles.jsonl.gz")]
    kept = {line["identifier"]: {k: v for k, v in line.items() if k != "capture"} for line in found}
    assert len(kept) == len(found)
    return kept


def recorded(folder: Path) -> list[str]:
    """The URLs of all exchanges that are kept, in every WARC below a folder."""
    paths = sorted(folder.rglob("*.warc.gz*"))
    return [str(record.url) for path in paths for record in records(path) if record.type == "response"]


class Victim:
    """A crawl that is killed when it makes a request: nothing of it is answered."""

    def __init__(self, played: Town, folder: Path, *more: str) -> None:
        self._line, self.environment = command(played, folder, *ARGUMENTS, *more)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        with (self._folder / "victim.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._line, env=self.environment, cwd=self._folder, stdout=log, stderr=log
            )
            return self._process.wait(120)

    def die(self) -> None:
        assert self._process
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(30)


def at_request(number: int, played: Town, act: Callable[[], None]) -> None:
    """Act when the server is asked for the so-many-th time, before it answers."""

    def before() -> None:
        if len(played.asked) == number + 1:
            act()

    played.answers.update({url: replace(answer, before=before) for url, answer in played.answers.items()})
    for url in (f"{AMP}/robots.txt", f"{HOME}/sitemap.xml", f"{HOME}/news/page/2/"):
        played.answers.setdefault(url, Answer(status=404, before=before))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The articles of a crawl that nothing disturbs, and what it asks for."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with town(DAY) as played:
        assert crawl(played, folder).code == 0
        assert len(played.asked) == REQUESTS
        return articles(folder), played.asked


@pytest.mark.proof("a crawl killed at any of its requests is gone on with, and nothing is asked for twice")
@pytest.mark.parametrize("point", some(range(REQUESTS), 2))
def test_a_crawl_killed_at_any_request_is_gone_on_with(
    point: int, undisturbed: tuple[dict[str, dict[str, Any]], list[str]], tmp_path: Path
) -> None:
    with town(DAY) as played:
        victim = Victim(played, tmp_path)
        at_request(point, played, victim.die)
        assert victim.run() == -signal.SIGKILL
        before = played.answered[:]
        assert set(before) - set(recorded(tmp_path)) == set()
        played.answered.clear()
        after = crawl(played, tmp_path)
    assert after.code == 0, after.err
    assert "finished" in after.out
    first, last = snapshots(tmp_path)[0], snapshots(tmp_path)[-1]
    assert manifest(last)["status"] == "complete"
    if first != last:
        assert (manifest(first)["status"], manifest(first)["finish"]) == ("partial", "died")
        assert f"{first.name.removeprefix('snapshot=')}: sealed as partial" in after.err
        assert manifest(last)["continues"] == manifest(first)["snapshot"]
    assert articles(tmp_path) == undisturbed[0]
    pages = [url for url in before if "/n/" in url and url != f"{HOME}/n/3"]
    assert set(pages) & set(played.answered) == set()
    assert sorted(recorded(tmp_path)) == sorted(before + played.answered)
    assert list((tmp_path / "work").iterdir()) == []
    assert {path.name for path in tmp_path.glob("data/claims/*/*")} == {
        f"{manifest(snapshot)['snapshot']}.json" for snapshot in snapshots(tmp_path)
    }


@pytest.mark.proof("a crawl killed at a random moment loses at most the exchange that was being written")
@pytest.mark.parametrize("seed", some(range(100), 1))
def test_a_crawl_killed_at_any_moment_loses_at_most_what_was_being_written(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    with town(DAY) as played:
        victim = Victim(played, tmp_path)
        timer = threading.Timer(
            chance.uniform(0, 2.5), victim.die
        )  # the end of it is for sealing and committing
        at_request(0, played, timer.start)
        killed = victim.run() != 0
        timer.cancel()
        answered = played.answered[:]
        after = crawl(played, tmp_path, "-s", f"DISK_FLOOR={2**62}")  # recovers, then does not begin
        assert played.answered == answered
    assert (after.code, list((tmp_path / "work").iterdir())) == (75, [])
    assert len([*set(answered) - set(recorded(tmp_path))]) <= 1
    kept = snapshots(tmp_path)
    assert (
        len(kept)
        == len(list(tmp_path.glob("data/claims/*/*")))
        == len(list(tmp_path.glob("data/chain/*/*/*")))
        <= 1
    )
    for told in map(manifest, kept):
        outcomes = {line["outcome"] for line in lines(kept[0], "ledger.jsonl.gz")}
        assert (told["status"] == "complete") == (
            told["finish"] == "finished" and "not-fetched" not in outcomes
        )
        assert killed or told["status"] == "complete"
        assert list(verify_files(open_store(str(tmp_path / "data")), told["snapshot"])) == []


@pytest.fixture(scope="module")
def resumed(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """A crawl that goes on from one that died at its second article, while the site has new ones and hides old ones."""
    folder = tmp_path_factory.mktemp("resumed")
    with town(DAY) as played:
        victim = Victim(played, folder)
        target = f"{HOME}/n/5"
        played.answers[target] = replace(played.answers[target], before=victim.die)
        victim.run()
        played.answers |= DAY | {
            f"{HOME}/rss": rss((f"{HOME}/n/8", "Новость 8"), RSS[5], RSS[1]),
            f"{HOME}/news/": listing(f"{HOME}/n/8"),
            f"{HOME}/n/8": article("Новость 8"),
        }
        return crawl(played, folder)


def ledger(found: Crawled) -> dict[str, dict[str, Any]]:
    told = {line["identifier"]: line for line in lines(snapshots(found.folder)[-1], "ledger.jsonl.gz")}
    assert [fault for line in told.values() for fault in errors("ledger", line)] == []
    return told


def test_links_that_no_source_tells_of_any_more_are_taken_over_with_their_announcements(
    resumed: Crawled,
) -> None:
    assert resumed.code == 0, resumed.err
    told = ledger(resumed)
    assert told["gazeta:1"]["outcome"] == "article"
    assert {said["source"] for said in told["gazeta:1"]["announced"]} == {f"{HOME}/rss", f"{HOME}/news/"}
    assert told["gazeta:4"]["announced"][0]["title"] == "Новость 4"
    kept = {line["identifier"]: line for line in lines(snapshots(resumed.folder)[-1], "articles.jsonl.gz")}
    assert kept["gazeta:1"]["capture"]["via"] == [f"{HOME}/news/", f"{HOME}/rss"]


def test_what_was_answered_before_is_held_and_what_is_new_is_fetched(resumed: Crawled) -> None:
    told = ledger(resumed)
    assert told["gazeta:6"]["outcome"] == "held"  # gone for good, and announced again
    assert told["gazeta:8"]["outcome"] == "article"
    report = json.loads((snapshots(resumed.folder)[-1] / "report.json").read_bytes())
    assert errors("report", report) == []
    assert report["outcomes"]["held"] == 1


def test_the_next_crawl_but_one_begins_afresh(resumed: Crawled) -> None:
    store = open_store(str(resumed.folder / "data"))
    first, last = (manifest(one) for one in snapshots(resumed.folder))
    assert (first["status"], last["status"], last["continues"]) == ("partial", "complete", first["snapshot"])
    assert continued(store, "gazeta", "main", (), rehearsal=True) is None


def told(found: Crawled) -> str:
    """The one line that a crawl says beside its log."""
    (line,) = [line for line in found.err.splitlines() if line.startswith("scrapy crawl")]
    return line


def test_of_two_crawls_at_once_one_runs_and_the_other_says_so(tmp_path: Path) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        assert go_on.wait(100)

    with town(DAY | {f"{HOME}/n/4": replace(DAY[f"{HOME}/n/4"], before=wait)}) as played:
        first = Victim(played, tmp_path)
        thread = threading.Thread(target=first.run)
        thread.start()
        assert asked.wait(100)
        try:
            refused = crawl(played, tmp_path, "-s", "WORK=elsewhere")
        finally:
            go_on.set()
            thread.join()
    assert refused.code == 75
    assert "is being crawled" in told(refused)
    assert len(snapshots(tmp_path)) == len(list(tmp_path.glob("data/claims/*/*"))) == 1
    assert list((tmp_path / "work").iterdir()) == list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_a_crawl_is_sealed_stops_that_and_the_next_run_finishes_it(
    number: int, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    os.mkfifo(key)  # whoever reads it waits until it is written
    began = threading.Event()
    with town(DAY) as played:
        at_request(0, played, began.set)
        line, env = command(played, tmp_path, *ARGUMENTS)
        env["LETOPIS_SIGN_KEY"] = str(key)
        with subprocess.Popen(line, env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as child:
            key.write_bytes(pem)  # it is looked at before the crawl, and read again to seal
            assert began.wait(60)
            with key.open("wb"):
                child.send_signal(number)
                _, err = child.communicate(timeout=60)
    said = [text for text in err.splitlines() if text.startswith("scrapy crawl")]
    (folder,) = (tmp_path / "work").iterdir()
    stays = f"what was recorded stays in work/{folder.name}, and the next run finishes it"
    name = signal.Signals(number).name
    assert said == [f"scrapy crawl gazeta: stopped by {name} while sealing; {stays}"]
    assert "Traceback" not in err
    assert (child.returncode, snapshots(tmp_path)) == (Exit.TEMPORARY, [])
    with town(DAY) as played:
        after = crawl(played, tmp_path)
    assert f"{folder.name}: sealed as complete and committed" in after.err
    assert list((tmp_path / "work").iterdir()) == []


def test_what_is_recorded_stops_at_the_floor_of_free_space(tmp_path: Path) -> None:
    with town(DAY) as played:
        # no `scrapy crawl`, which would not begin: nobody can say when the disk of a test fills up
        found = scrapy(
            played,
            tmp_path,
            "fetch",
            f"{HOME}/n/1",
            "-s",
            f"RECORD={tmp_path}/x",
            "-s",
            f"DISK_FLOOR={2**62}",
        )
    assert "'finish_reason': 'disk_floor'" in found.err
    assert "free some space" in found.err
    assert exit_of("disk_floor", {}, {"article": 1}) == Exit.TEMPORARY


def test_no_crawl_begins_below_the_floor(tmp_path: Path) -> None:
    settings = Settings({"WORK": str(tmp_path / "not" / "made" / "yet"), "DISK_FLOOR": 2**62})
    assert f"{tmp_path} has " in (shortage(settings) or "")
    assert shortage(Settings({"WORK": str(tmp_path), "DISK_FLOOR": 0})) is None


@pytest.mark.parametrize("place", ["/proc/work", "file/work", "file"])
def test_a_folder_that_can_hold_nothing_is_not_taken_for_a_full_disk(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with town(DAY) as played:
        refused = crawl(played, tmp_path, "-s", f"WORK={place}")
    assert (refused.code, played.asked) == (Exit.IO, [])
    assert f"nothing can be written in {tmp_path / place}: " in told(refused)
    assert "name another folder with --work" in told(refused)


def letopis(folder: Path, *arguments: str) -> Iterator[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "crawler.cli", *arguments]
    done = subprocess.run(line, env=env, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    yield str(done.returncode)
    yield from done.stdout.splitlines()


def test_recover_says_what_it_did_or_why_it_could_not(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert list(letopis(tmp_path, "recover")) == ["0", "nothing was left to be done"]
    work = claim(open_store(str(tmp_path / "data")), tmp_path / "work", "chronik", "main", NOON)
    made = Crawl(work)
    made.get(FEED, b"<feed/>")
    made.writer.close()
    assert list(letopis(tmp_path, "recover")) == [
        "0",
        f"{work.id}: was left alone: its crawl is running, or being finished",
    ]
    assert work.hold
    work.hold.release()
    code, line = letopis(tmp_path, "recover")
    assert code == "74"
    assert "no site chronik is known here" in line
    assert [path.name for path in (tmp_path / "work").iterdir()] == [work.id]


@pytest.mark.parametrize("command", [["recover"], ["rebuild", "--all"]])
def test_a_key_that_cannot_sign_is_refused_before_anything_is_made(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "")
    monkeypatch.setenv("LETOPIS_SIGN_KEY", str(tmp_path / "gone.pem"))
    (tmp_path / "data").mkdir()
    with pytest.raises(SystemExit) as ended:
        main([*command, "--store", str(tmp_path / "data")])
    assert ended.value.code == Exit.CONFIG
    (line,) = capsys.readouterr().err.splitlines()
    assert f"LETOPIS_SIGN_KEY: the key {tmp_path}/gone.pem cannot be read: No such file" in line


@pytest.mark.parametrize("command", ["recover", "snapshots"])
def test_a_store_that_is_not_there_is_told_and_not_taken_for_an_empty_one(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "")
    with pytest.raises(SystemExit) as ended:
        main([command, "--store", str(tmp_path / "gone")])
    assert ended.value.code == Exit.IO
    assert capsys.readouterr().err == (
        f"letopis {command}: file:{tmp_path}/gone is not there: name the store with --store; its first crawl makes it\n"
    )
    assert not (tmp_path / "gone").exists()
