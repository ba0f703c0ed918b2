"""The S3 store against a real server, alone and through a gateway that fails in every way."""

import hashlib
import logging
import multiprocessing
import os
import subprocess
import sys
import traceback
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import boto3
import pytest

from archive.objects import AbsentError, Store, Stored, StoreError
from archive.s3 import S3
from archive.store import open_store
from tests.archive import read
from tests.archive.gateway import EVER, FAULTS, Gateway, gateway
from tests.seaweed import ANOTHER, Server, lead

KEY = "snapshots/site=ria/snapshot=ria-20261122T060000Z/warc/ria-00000.warc.gz"
OTHER = "snapshots/site=ria/snapshot=ria-20261122T060000Z/manifest.json"
SMALL_PART = 5 << 20  # S3 takes none smaller, but for the last
LARGE = SMALL_PART + 17
TIMEOUT = 0.4
vouching = pytest.mark.skipif(
    ANOTHER in os.environ,
    reason="whether a server states checksums, and encrypts without TLS, is its own affair",
)


@pytest.fixture
def store(s3: Server, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("archive.content.PART", SMALL_PART)
    return open_store(s3.store())


@pytest.fixture
def way(s3: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    monkeypatch.setattr("archive.content.PART", SMALL_PART)
    with gateway(s3) as between:
        lead(monkeypatch, s3.environment(between.endpoint))
        yield between


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(LARGE))
    return path


def opened(server: Server, timeout: float = 30) -> S3:
    bucket, _, prefix = server.store().removeprefix("s3://").partition("/")
    return S3(bucket, prefix, timeout=timeout)


def heads(store: Store, key: str) -> dict[str, Any]:
    bucket, _, prefix = store.uri.removeprefix("s3://").partition("/")
    return dict(boto3.client("s3").head_object(Bucket=bucket, Key=f"{prefix}/{key}", ChecksumMode="ENABLED"))


def test_a_large_file_goes_up_in_parts(store: Store, large: Path) -> None:
    store.put(KEY, large)
    assert read(store, KEY) == large.read_bytes()
    assert read(store, KEY, SMALL_PART - 3, 7) == large.read_bytes()[SMALL_PART - 3 : SMALL_PART + 4]
    assert store.sha256(KEY) == hashlib.sha256(large.read_bytes()).hexdigest()


@vouching
def test_the_server_vouches_for_the_digests_of_the_parts(store: Store, large: Path) -> None:
    store.put(KEY, large)
    assert heads(store, KEY)["ChecksumSHA256"].endswith("-2")


def test_objects_carry_their_digest_and_type_and_never_an_encoding(store: Store, large: Path) -> None:
    store.put(KEY, large)
    store.put(OTHER, b"{}")
    store.create("chain/site=ria/series=main/00000001.json", b"{}")
    kinds = {
        KEY: "application/gzip",
        OTHER: "application/json",
        "chain/site=ria/series=main/00000001.json": "application/json",
    }
    for key, kind in kinds.items():
        said = heads(store, key)
        assert said["ContentType"] == kind
        assert said["Metadata"]["sha256"] == store.sha256(key)
        assert "ContentEncoding" not in said


def test_an_object_that_others_wrote_is_read_back_for_its_digest(store: Store) -> None:
    bucket, _, prefix = store.uri.removeprefix("s3://").partition("/")
    boto3.client("s3").put_object(
        Bucket=bucket, Key=f"{prefix}/{KEY}", Body=b"abc", Metadata={"sha256": "0" * 64, "parts": "x-2"}
    )
    assert store.sha256(KEY) == hashlib.sha256(b"abc").hexdigest()


def test_listings_of_more_than_a_page_are_whole_and_in_order(s3: Server) -> None:
    store = opened(s3)
    store._bucket.client.meta.events.register("provide-client-params.s3.ListObjectsV2", _three_a_page)
    keys = ["a-b", "a.b", "a/b-c", "a/b/c", "ab", *(f"chain/{number:08}.json" for number in range(12))]
    for key in reversed(keys):
        store.put(key, b"1")
    assert list(store.list()) == [Stored(key, 1) for key in sorted(keys)]
    assert list(store.list("a")) == [Stored(key, 1) for key in sorted(keys) if key.startswith("a")]


def _three_a_page(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return params | {"MaxKeys": 3}


def test_what_the_store_needs_for_itself_is_in_no_listing(store: Store) -> None:
    assert store.create(KEY, b"1")
    assert [stored.key for stored in store.list()] == [KEY]


@pytest.mark.parametrize(
    "uri", ["s3://", "s3://UPPER/x", "s3://ab", "s3://bucket/a//b", "s3://bucket/../x", "s3://bucket/.x"]
)
def test_what_is_no_bucket_or_prefix_is_refused(uri: str) -> None:
    with pytest.raises(StoreError, match="name s3://bucket/prefix"):
        open_store(uri)


@pytest.mark.parametrize(
    "uri", ["s3://key:geheim@bucket/x", "https://user:geheim@host/x", "ftp://user:geheim@host/x"]
)
def test_credentials_in_a_name_are_refused_and_not_repeated(uri: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(uri)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("ENCRYPTION", "rot13"), ("ENCRYPTION", "AES256:key"), ("LOCK", "COMPLIANCE"), ("LOCK", "NONE:3")],
)
def test_a_setting_that_means_nothing_is_refused(setting: str, value: str) -> None:
    with pytest.raises(StoreError, match=f"LETOPIS_S3_{setting} is "):
        S3("bucket", environment={f"LETOPIS_S3_{setting}": value})


@vouching
def test_encryption_is_asked_for_in_one_request_and_in_parts(
    s3: Server, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.content.PART", SMALL_PART)
    monkeypatch.setenv("LETOPIS_S3_ENCRYPTION", "AES256")
    store = open_store(s3.store())
    store.put(KEY, large)
    store.put(OTHER, b"{}")
    for key in (KEY, OTHER):
        assert heads(store, key)["ServerSideEncryption"] == "AES256"
        assert len(read(store, key)) in (LARGE, 2)


@pytest.mark.usefixtures("s3")
def test_a_protected_object_cannot_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETOPIS_S3_LOCK", "COMPLIANCE:1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="letopis-locked", ObjectLockEnabledForBucket=True)
    store = open_store("s3://letopis-locked/data")
    store.put(OTHER, b"{}")
    store.protect(OTHER)
    said = client.head_object(Bucket="letopis-locked", Key=f"data/{OTHER}")
    assert said["ObjectLockMode"] == "COMPLIANCE"
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket="letopis-locked", Key=f"data/{OTHER}", VersionId=said["VersionId"])


def test_without_the_setting_protecting_does_nothing(store: Store) -> None:
    store.put(OTHER, b"{}")
    store.protect(OTHER)
    assert "ObjectLockMode" not in heads(store, OTHER)


def test_what_died_halfway_is_swept_and_nothing_else(store: Store) -> None:
    bucket, _, prefix = store.uri.removeprefix("s3://").partition("/")
    boto3.client("s3").create_multipart_upload(Bucket=bucket, Key=f"{prefix}/{KEY}")
    store.put(OTHER, b"{}")
    now = datetime.now(UTC)
    assert list(store.sweep(now - timedelta(hours=1))) == []
    assert list(store.sweep(now + timedelta(hours=1))) == [KEY]
    assert list(store.sweep(now + timedelta(hours=1))) == []
    assert [stored.key for stored in store.list()] == [OTHER]


def test_a_file_that_is_cut_while_it_is_sent_is_not_stored(way: Gateway, large: Path) -> None:
    store = opened(way.behind)
    way.before = lambda kind: large.write_bytes(b"short") if kind == "begin" else None
    with pytest.raises(StoreError, match="was cut while it was sent"):
        store.put(KEY, large)
    assert store.stat(KEY) is None
    assert "abort" in way.calls


def test_a_file_that_is_not_there_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file or directory; nothing was stored"):
        store.put(KEY, tmp_path / "missing")


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
UNSEEN = {("get", "swallowed"), ("head", "swallowed"), ("list", "swallowed")}
"""Lies about what is read show only against a digest, which `verify` and `get` hold."""


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


@pytest.mark.parametrize(("call", "fault"), [pair for pair in product(CALLS, FAULTS) if pair not in UNSEEN])
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
    [pair for pair in product(CALLS, ["expired", "down", "refused", "swallowed"]) if pair not in UNSEEN],
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


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (
            {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"},
            "the server cannot be reached; check AWS_ENDPOINT_URL_S3",
        ),
        ({"AWS_ENDPOINT_URL_S3": "no url"}, "the endpoint is no URL; check AWS_ENDPOINT_URL_S3"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "the server does not accept the credentials; check AWS_PROFILE"),
        ({"AWS_PROFILE": "nobody"}, "has no such profile; check AWS_PROFILE"),
    ],
)
def test_settings_that_lead_nowhere_are_named(
    environment: dict[str, str], said: str, s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead(monkeypatch, {**s3.environment(), **environment})
    with pytest.raises(StoreError, match=said):
        open_store(s3.store()).put(OTHER, b"1")


def test_a_missing_bucket_and_missing_credentials_are_named(
    s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match="there is no such bucket; create it"):
        read(open_store("s3://letopis-missing/x"), OTHER)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreError, match="there are no credentials; set AWS_PROFILE"):
        list(open_store(s3.store()).list())


@vouching
@pytest.mark.parametrize("call", ["put", "part"])
def test_a_server_that_refuses_checksums_gets_none(call: str, way: Gateway, large: Path) -> None:
    store = opened(way.behind)
    way.faults[call] = ["unsupported"]
    for number in range(2):
        store.put(f"small{number}", b"1")
        store.put(f"large{number}", large)
        assert store.sha256(f"large{number}") == hashlib.sha256(large.read_bytes()).hexdigest()
    assert not way.faults[call]
    assert ("ChecksumSHA256" in heads(store, "small1"), "ChecksumSHA256" in heads(store, "large1")) == (
        call == "part",
        call == "put",
    )


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


def test_of_many_processes_exactly_one_creates(s3: Server) -> None:
    uri = s3.store()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        won = pool.map(_create_each, [(uri, number) for number in range(2)])
    assert [sum(each) for each in zip(*won, strict=True)] == [1] * 20
    for number, winners in enumerate(zip(*won, strict=True)):
        assert read(open_store(uri), f"new/{number}") == str(winners.index(True)).encode()


def _create_each(job: tuple[str, int]) -> list[bool]:
    uri, number = job
    store = open_store(uri)
    return [store.create(f"new/{key}", str(number).encode()) for key in range(20)]


def test_absent_objects_are_told_even_where_a_range_is_asked_for(store: Store) -> None:
    for where in ((), (3,), (3, 4), (3, 0)):
        with pytest.raises(AbsentError, match=f"{store.uri} holds no {OTHER}"):
            read(store, OTHER, *where)


def test_boto3_is_not_imported_before_a_bucket_is_named() -> None:
    code = "import sys, archive.store, archive.objects, archive.local; sys.exit('boto3' in sys.modules or 'urllib3' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode
        == 0
    )
