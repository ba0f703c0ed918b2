"""Crawls that die, and the crawls after them: nothing that was answered is lost, nothing is asked for twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from archive.store import open_store
from archive.verify import verify_files
from crawler.continuing import continued
from crawler.exits import Exit
from schemas import errors
from tests.crawler.day import DAY, RSS
from tests.crawler.victim import (
    ARGUMENTS,
    Victim,
    articles,
    at_request,
    line_of,
    lines,
    manifest,
    recorded,
    snapshots,
)
from tests.proving import some

from .gazeta import HOME, Crawled, article, command, crawl, listing, rss, town

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS = 15


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
    assert "is being crawled" in line_of(refused)
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
