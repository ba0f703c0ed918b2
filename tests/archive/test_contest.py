"""Creating only once where the server ignores If-None-Match: a real server, behind a gateway that takes the condition away."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from archive import contest
from archive.content import Content
from archive.contest import ContestedError
from archive.objects import StoreError
from archive.s3 import S3
from tests.archive.gateway import Gateway, gateway
from tests.seaweed import Server, lead

KEY = "chain/site=ria/series=main/00000001.json"
SHORT = 1.0
"""Seconds after which one who is waiting in vain gives up."""
KEY_FOLDER = hashlib.sha256(KEY.encode()).hexdigest()[:32]


@pytest.fixture(scope="module")
def deaf(seaweed: Server) -> Iterator[Gateway]:
    with gateway(seaweed, deaf=True) as way:
        yield way


@pytest.fixture(autouse=True)
def _there(deaf: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    lead(monkeypatch, deaf.behind.environment(deaf.endpoint))
    monkeypatch.setattr(contest, "PATIENCE", 60.0)  # nobody gives up because the machine is slow
    monkeypatch.setattr(contest, "PAUSE", 0.02)
    yield
    deaf.faults.clear()
    deaf.before = lambda _: None


def opened(uri: str) -> S3:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    return S3(bucket, prefix, timeout=5)


def read(store: S3) -> bytes:
    with store.open(KEY) as stream:
        return stream.read()


def candidates(store: S3) -> list[str]:
    return [each.key for each in store._bucket.listed(contest.CANDIDATES)]


def test_a_server_that_ignores_the_condition_is_found_out_and_still_creates_once(deaf: Gateway) -> None:
    store = opened(deaf.behind.store())
    assert store.create(KEY, b"first")
    assert not store.create(KEY, b"second")
    assert read(store) == b"first"
    assert not store._honours_conditions
    assert candidates(store) == []


def test_of_many_that_create_at_once_exactly_one_does(deaf: Gateway) -> None:
    uri = deaf.behind.store()
    stores = [opened(uri) for _ in range(4)]
    with ThreadPoolExecutor(len(stores)) as pool:
        for number in range(5):
            key = f"new/{number}"
            won = list(pool.map(lambda name, key=key: stores[name].create(key, str(name).encode()), range(4)))
            assert won.count(True) == 1
            with stores[0].open(key) as stream:
                assert stream.read() == str(won.index(True)).encode()
    assert candidates(stores[0]) == []


@pytest.mark.parametrize("step", range(7))
def test_whoever_is_held_up_at_any_step_overwrites_nobody(
    step: int, deaf: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One creator is stopped before one of its requests; another one comes, and ends or gives up; then the first goes on."""
    uri = deaf.behind.store()
    slow, quick = opened(uri), opened(uri)
    assert not slow._honours_conditions
    assert not quick._honours_conditions
    held, go, passed, won = threading.Event(), threading.Event(), count(), dict[str, bool]()

    def before(_: str) -> None:
        if not held.is_set() and next(passed) == step:
            held.set()
            go.wait(30)

    deaf.before = before
    thread = threading.Thread(target=lambda: won.update(slow=_created(slow, b"slow")))
    thread.start()
    assert held.wait(30)
    monkeypatch.setattr(contest, "PATIENCE", SHORT)
    won["quick"] = _created(quick, b"quick")
    go.set()
    thread.join()
    winners = [name for name in won if won[name]]
    assert len(winners) == 1
    assert read(slow) == winners[0].encode()
    assert candidates(slow) == []


def _created(store: S3, data: bytes) -> bool:
    """Whether it was created; no is also the answer of one that gave up."""
    with suppress(ContestedError):
        return store.create(KEY, data)
    return False


def test_the_candidate_of_one_that_died_is_in_the_way_until_it_is_stale(
    deaf: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(deaf.behind.store())
    store._bucket.put(f"{contest.CANDIDATES}{KEY_FOLDER}/0", Content.of(b""), checksum=False)
    monkeypatch.setattr(contest, "PATIENCE", SHORT)
    with pytest.raises(
        ContestedError, match=r"others are creating it, or died doing so.*try again in 10 minutes"
    ):
        store.create(KEY, b"first")
    assert len(candidates(store)) == 1
    monkeypatch.setattr(contest, "PATIENCE", 60.0)
    monkeypatch.setattr(contest, "STALE", timedelta(seconds=-1))
    assert store.create(KEY, b"first")
    assert candidates(store) == []


def test_dead_candidates_are_swept(deaf: Gateway) -> None:
    store = opened(deaf.behind.store())
    store._bucket.put(f"{contest.CANDIDATES}{KEY_FOLDER}/0", Content.of(b""), checksum=False)
    assert list(store.sweep(datetime.now(UTC) - timedelta(hours=1))) == []
    assert len(list(store.sweep(datetime.now(UTC) + timedelta(hours=1)))) == 1
    assert candidates(store) == []


@pytest.mark.parametrize("fault", ["500", "503", "cut", "unheard", "swallowed"])
def test_a_deciding_write_that_was_answered_is_looked_up_and_tried_again(fault: str, deaf: Gateway) -> None:
    store = opened(deaf.behind.store())
    assert not store._honours_conditions
    deaf.faults["put"] = ["", fault]  # the candidate's, the deciding one
    assert store.create(KEY, b"first")
    assert deaf.faults["put"] == []
    assert read(store) == b"first"
    assert candidates(store) == []


def test_a_deciding_write_without_an_answer_keeps_others_away(
    deaf: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(deaf.behind.store())
    assert not store._honours_conditions
    deaf.faults["put"] = ["", *["refused"] * contest.WRITES]
    with pytest.raises(StoreError, match="the connection broke"):
        store.create(KEY, b"first")
    assert store.stat(KEY) is None
    assert len(candidates(store)) == 1
    monkeypatch.setattr(contest, "PATIENCE", SHORT)
    assert not _created(store, b"second")


def test_a_deciding_write_that_a_failing_gateway_carries_out_late_replaces_nobody(
    deaf: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = deaf.behind.store()
    slow, quick = opened(uri), opened(uri)
    assert not slow._honours_conditions
    assert not quick._honours_conditions
    deaf.faults["put"] = ["", *["500"] * contest.WRITES]
    with pytest.raises(StoreError, match="keeps answering 500"):
        slow.create(KEY, b"slow")
    monkeypatch.setattr(contest, "PATIENCE", SHORT)
    assert not _created(quick, b"quick")
    slow._bucket.put(KEY, Content.of(b"slow"), checksum=False)  # what the gateway had held back
    assert not _created(quick, b"quick")
    assert read(quick) == b"slow"


def test_a_plain_refusal_keeps_nobody_away(deaf: Gateway) -> None:
    store = opened(deaf.behind.store())
    assert not store._honours_conditions
    deaf.faults["put"] = ["", "expired"]
    with pytest.raises(StoreError, match="expired"):
        store.create(KEY, b"first")
    assert candidates(store) == []
    assert store.create(KEY, b"second")


def test_a_refusal_after_a_failure_keeps_others_away(deaf: Gateway) -> None:
    store = opened(deaf.behind.store())
    assert not store._honours_conditions
    deaf.faults["put"] = ["", "500", *["expired"] * (contest.WRITES - 1)]
    with pytest.raises(StoreError, match="expired"):
        store.create(KEY, b"first")
    assert len(candidates(store)) == 1
