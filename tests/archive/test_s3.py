"""The S3 store against a real server."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from archive.objects import AbsentError, Store, Stored, StoreError
from archive.s3 import S3
from archive.store import open_store
from tests.archive import read
from tests.archive.bucketed import KEY, LARGE, OTHER, SMALL_PART, large, opened, store, way
from tests.archive.gateway import Gateway
from tests.seaweed import ANOTHER, Server, lead

vouching = pytest.mark.skipif(
    ANOTHER in os.environ,
    reason="whether a server states checksums, and encrypts without TLS, is its own affair",
)

__all__ = ["large", "store", "way"]


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
