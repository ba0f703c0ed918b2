"""A machine that is lost with its disk in the middle of a crawl, before a real S3 server: the next machine goes on from what had been sent."""

from __future__ import annotations

import json
import shutil
import signal
from dataclasses import dataclass, replace
from threading import Condition
from typing import TYPE_CHECKING, Any

import pytest

from archive.chain import manifest, snapshots
from archive.manifest import RECORDED
from archive.reading import lines
from archive.record import records
from archive.snapshot import key_of
from archive.store import open_store
from archive.verify import verify_files
from tests.archive.gateway import gateway
from tests.crawler.gazeta import HOME, Crawled, article, crawl, rss, town
from tests.crawler.victim import Victim

if TYPE_CHECKING:
    from pathlib import Path

    from archive.objects import Store
    from tests.seaweed import Server

ARTICLES = range(1, 9)
DAY = {
    f"{HOME}/rss": rss(*((f"{HOME}/n/{n}", f"Новость {n}") for n in ARTICLES)),
    f"{HOME}/news/": article("Нет новостей"),
    **{f"{HOME}/n/{n}": article(f"Новость {n}") for n in ARTICLES},
}
PATIENCE = 60.0


@dataclass
class Lost:
    """What the first machine had sent when it was lost, what it had been answered, and the crawl of the second one with what that was answered."""

    store: Store
    sent: set[str]
    before: list[str]
    after: list[str]
    second: Crawled


def pages(store: Store) -> set[str]:
    """The URLs of articles in the WARC files that a store holds."""
    found = set()
    for stored in [each for each in store.list("snapshots/") if f"/{RECORDED}" in each.key]:
        with store.open(stored.key) as stream:
            found |= {
                str(one.url)
                for one in records(stream, stored.key)
                if one.type == "response" and "/n/" in str(one.url)
            }
    return found


def expire(store: Store) -> None:
    """Let a quarter of an hour pass."""
    (stored,) = store.list("leases/")
    with store.open(stored.key) as stream:
        said = json.loads(stream.read())
    store.put(stored.key, json.dumps(said | {"until": "2026-01-01T00:00:00+00:00"}).encode())


@pytest.fixture
def lost(s3: Server, tmp_path: Path) -> Lost:
    store = open_store(s3.store())
    called = Condition()

    def heard(_: str) -> None:
        with called:
            called.notify_all()

    with gateway(s3) as way, town(DAY) as played:
        victim = Victim(played, tmp_path, "-s", f"STORE={store.uri}", "-s", "WARC_SIZE=1")
        victim.environment["AWS_ENDPOINT_URL_S3"] = way.endpoint
        way.before = heard

        def die() -> None:
            with called:
                assert called.wait_for(lambda: len(pages(store)) >= 3, PATIENCE)
            victim.die()

        last = f"{HOME}/n/1"  # the oldest
        played.answers[last] = replace(played.answers[last], before=die)
        assert victim.run() == -signal.SIGKILL
        shutil.rmtree(tmp_path / "work")
        before, sent = played.answered[:], pages(store)
        played.answered.clear()
        played.answers[last] = DAY[last]
        expire(store)
        second = crawl(played, tmp_path, "-s", f"STORE={store.uri}", "-s", "WORK=second")
        return Lost(store, sent, before, played.answered, second)


def test_the_next_machine_finishes_what_had_been_sent_and_asks_only_for_the_rest(
    lost: Lost, tmp_path: Path
) -> None:
    assert lost.second.code == 0, lost.second.err
    assert "its machine is gone; what it had sent" in lost.second.err
    first, last = list(snapshots(lost.store))
    told: list[dict[str, Any]] = [manifest(lost.store, entry.snapshot) for entry in (first, last)]
    assert [(one["status"], one["continues"]) for one in told] == [
        ("partial", None),
        ("complete", first.snapshot),
    ]
    assert 3 <= len(lost.sent) < len(ARTICLES)
    assert lost.sent <= set(lost.before)
    assert {url for url in lost.after if "/n/" in url} == set(DAY) - lost.sent - {
        f"{HOME}/rss",
        f"{HOME}/news/",
    }
    found = [line["identifier"] for entry in (first, last) for line in lines(lost.store, entry.snapshot)]
    assert sorted(found) == [f"gazeta:{n}" for n in ARTICLES]
    assert [list(verify_files(lost.store, entry.snapshot)) for entry in (first, last)] == [[], []]
    assert list((tmp_path / "second").iterdir()) == []
    assert [json.loads(lost.store.open(each.key).read())["until"] for each in lost.store.list("leases/")] == [
        None
    ]
    keys = {each.key.split("/")[0] for each in lost.store.list() if key_of(first.snapshot) not in each.key}
    assert keys <= {
        "chain",
        "claims",
        "latest.json",
        "leases",
        "readers",
        "schemas",
        "snapshots",
        "snapshots.jsonl",
    }
