"""The S3 store through a gateway that fails in every way."""

import hashlib
import logging
import os
import traceback
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from archive.objects import Store, Stored, StoreError
from archive.s3 import S3
from archive.store import open_store
from tests.archive import read
from tests.archive.bucketed import KEY, LARGE, OTHER, SMALL_PART, TIMEOUT, large, opened, way
from tests.archive.gateway import EVER, FAULTS, Gateway, gateway
from tests.seaweed import Server, lead

__all__ = ["large", "way"]

ACTS: dict[str, Callable[[Store, str, Path], object]] = {
    "put": lambda store, at, _: (store.put(at + "put", b"[]"), read(store, at + "put"), store.sha256(at + "put")),
    "upload": lambda store, at, large: (store.put(at + "up", large), store.stat(at + "up"), store.sha256(at + "up")),
    "get": lambda store, _, large: (read(store, "large") == large.read_bytes(), read(store, "large", 9, 7) == large.read_bytes()[9:16]),
    "head": lambda store, at, _: (store.stat(at + "small"), store.sha256(at + "small"), store.stat(at + "none")),
    "list": lambda store, at, _: list(store.list(at)),
    "delete": lambda store, at, _: (store.delete(at + "small"), store.stat(at + "small")),
    "create": lambda store, at, _: (store.create(at + "new", b"1"), store.create(at + "new", b"2"), read(store, at + "new")),
}  # fmt: skip
CALLS = {"begin": "upload", "part": "upload", "complete": "upload"} | {
    name: name for name in ACTS if name != "upload"
}
"""Kinds of calls, and the act in which each occurs."""


@pytest.fixture(scope="module")
def troubled(seaweed: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, S3, Path]]:
    """A gateway, a store behind it, and a file that the store holds as "large": shared, for connecting takes longer than the tests."""
    large = tmp_path_factory.mktemp("large") / "large"
    large.write_bytes(os.urandom(LARGE))
    with pytest.MonkeyPatch.context() as patch, gateway(seaweed) as way:
        patch.setattr("archive.content.PART", SMALL_PART)
        lead(patch, seaweed.environment(way.endpoint))
        store = opened(seaweed, TIMEOUT)
        store.create("probed", b"1")  # so that a fault meets the call that is meant, not the probe
        store.put("large", large)
        yield way, store, large


def folder(store: Store) -> str:
    """A folder of its own, with a small object in it."""
    at = f"{uuid.uuid4().hex}/"
    store.put(at + "small", b"small")
    return at


def expected(call: str, at: str, large: Path) -> object:
    def digest(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    return {
        "put": (None, b"[]", digest(b"[]")),
        "upload": (None, Stored(at + "up", LARGE), digest(large.read_bytes())),
        "get": (True, True),
        "head": (Stored(at + "small", 5), digest(b"small"), None),
        "list": [Stored(at + "small", 5)],
        "delete": (None, None),
        "create": (True, False, b"1"),
    }[CALLS[call]]


@pytest.mark.parametrize(("call", "fault"), [*product(CALLS, FAULTS)])
def test_a_fault_that_passes_changes_nothing(
    call: str, fault: str, troubled: tuple[Gateway, S3, Path]
) -> None:
    way, store, large = troubled
    at = folder(store)
    way.faults[call] = [fault]
    assert ACTS[CALLS[call]](store, at, large) == expected(call, at, large)
    assert not way.faults[call], "the fault was played"


@pytest.mark.parametrize(
    ("call", "fault"),
    [*product(CALLS, ["expired", "down", "refused", "swallowed"])],
)
def test_a_fault_that_stays_is_told_in_one_line_and_the_next_run_finishes(
    call: str, fault: str, troubled: tuple[Gateway, S3, Path]
) -> None:
    way, store, large = troubled
    at = folder(store)
    way.faults[call] = [fault] * EVER
    with pytest.raises(StoreError) as caught:
        ACTS[CALLS[call]](store, at, large)
    way.faults.clear()
    said = str(caught.value)
    assert "\n" not in said
    assert store.uri in said
    assert ";" in said, "what, and what to do"
    if fault == "expired" and call != "head":  # whose answers have no body
        assert "the credentials have expired; renew them" in said
    assert ACTS[CALLS[call]](store, at, large) == expected(call, at, large)


@pytest.mark.parametrize(
    ("call", "fault"), [("begin", "unheard"), ("complete", "swallowed"), ("abort", "500")]
)
def test_uploads_that_nobody_could_end_are_swept(
    call: str, fault: str, troubled: tuple[Gateway, S3, Path]
) -> None:
    way, store, large = troubled
    key, ever = folder(store) + "up", datetime.now(UTC) + timedelta(hours=1)
    list(store.sweep(ever))
    way.faults[call] = [fault]
    if call == "abort":
        way.faults |= {"abort": ["500"] * EVER, "part": ["expired"] * EVER}
        with pytest.raises(StoreError, match="expired"):
            store.put(key, large)
        way.faults.clear()
    else:
        store.put(key, large)
    assert list(store.sweep(ever)) == [key]
    assert list(store.sweep(ever)) == []


def test_nothing_secret_is_told_by_errors_or_logs(
    way: Gateway, large: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    planted = {
        "AWS_ACCESS_KEY_ID": "PLANTEDACCESSKEY",
        "AWS_SECRET_ACCESS_KEY": "planted+secret",
        "AWS_SESSION_TOKEN": "planted.token",
    }
    lead(monkeypatch, {**way.behind.environment(way.endpoint), **planted})
    caplog.set_level(logging.DEBUG)  # as Scrapy does
    told = []
    store = opened(way.behind, TIMEOUT)
    for fault in ("", "expired", "down", "cut", "refused", "swallowed"):
        for kind in ("put", "begin", "head", "get", "list", "delete"):
            way.faults[kind] = [fault] * EVER if fault else []
            with pytest.raises(StoreError) as caught:
                _use(store, kind, large)
            told += [repr(caught.value), *traceback.format_exception(caught.value)]
    told += [record.getMessage() for record in caplog.records]
    assert len(told) > 50
    for secret in (*planted.values(), "AWS4-HMAC"):
        assert [line for line in told if secret in line] == []


def _use(store: Store, kind: str, large: Path) -> None:
    match kind:
        case "put":
            store.put(OTHER, b"1")
        case "begin":
            store.put(KEY, large)
        case "head":
            store.stat(KEY)
            raise StoreError("a lie about what is absent cannot be seen here")
        case "get":
            read(store, KEY)
            raise StoreError("nor this")
        case "list":
            list(store.list())
            raise StoreError("nor this")
        case "delete":
            store.delete(KEY)


def test_a_stream_that_breaks_again_and_again_goes_on_and_gives_up_where_nothing_comes(
    troubled: tuple[Gateway, S3, Path],
) -> None:
    way, store, large = troubled
    way.faults["get"] = ["cut"] * 12
    assert read(store, "large") == large.read_bytes()
    way.faults["get"] = ["cut", *["slow"] * EVER]
    with pytest.raises(StoreError, match="cannot read large in s3://"):
        read(store, "large")
    way.faults.clear()


def test_an_object_replaced_while_it_is_read_is_told(way: Gateway, large: Path) -> None:
    store = opened(way.behind)
    store.put("large", large)
    other = open_store(store.uri)
    way.faults["get"] = ["cut"]
    way.before = lambda kind: _replace(other) if kind == "get" and way.calls.count("get") == 2 else None
    with pytest.raises(StoreError, match="it was replaced meanwhile"):
        read(store, "large")


def _replace(store: Store) -> None:
    store.put("large", os.urandom(LARGE // 2))
