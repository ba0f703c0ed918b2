"""Two machines that hold one snapshot: while one has the lease the other sends nothing, and nothing large is written over either."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from archive import lease
from archive.chain import commit, history
from archive.lease import LASTS, LeasedError
from archive.local import Directory
from archive.objects import Store
from archive.s3 import S3
from archive.seal import seal
from archive.store import open_store
from archive.verify import verify_files
from tests.archive import read
from tests.archive.bucketed import SMALL_PART, way
from tests.archive.crawled import FACTS, derive
from tests.archive.gateway import Gateway, gateway
from tests.archive.rivals import LATER, Meanwhile, adopted, held, lost
from tests.seaweed import Server, lead

__all__ = ["way"]

KEY = "snapshots/site=chronik/snapshot=chronik-20261122T120000Z/articles.jsonl.gz"
PLACES = ["articles.jsonl.gz", "report.json", "manifest.json", "00000001.json"]


@pytest.fixture
def store(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "data")


@pytest.mark.parametrize("key", PLACES)
def test_a_crawl_that_comes_back_sends_nothing_while_another_machine_is_at_its_snapshot(
    key: str, store: Directory, tmp_path: Path
) -> None:
    work = lost(store, tmp_path / "first", sent=3)
    made = seal(work, derive, facts=FACTS)

    def come_back() -> None:
        before = held(store)
        with pytest.raises(LeasedError, match="is being brought into history elsewhere"):
            commit(store, made, clock=lambda: LATER)
        assert held(store) == before

    meeting = Meanwhile(tmp_path / "data", come_back, key)
    (told,) = adopted(meeting, tmp_path / "second")
    assert (meeting.met, told.finished) == (True, True)
    assert [entry.snapshot for entry in history(store, "chronik")] == [work.id]
    assert list(verify_files(store, work.id)) == []


@pytest.mark.parametrize("key", PLACES[:3])
def test_a_machine_that_adopts_sends_nothing_more_once_the_crawl_has_its_lease_back(
    key: str, store: Directory, tmp_path: Path
) -> None:
    work = lost(store, tmp_path / "first", sent=3)
    made = seal(work, derive, facts=FACTS)
    after: dict[str, str] = {}

    def take_back() -> None:
        lease.take(store, work, lambda: LATER + 2 * LASTS)
        after.update(held(store))

    meeting = Meanwhile(tmp_path / "data", take_back, key)
    assert adopted(meeting, tmp_path / "second") == []
    assert meeting.met
    written = held(store).keys() - after.keys()
    assert {name.rpartition("/")[2] for name in written} == {key}  # the request that was under way
    commit(store, made, clock=lambda: LATER + 2 * LASTS)
    assert [entry.manifest for entry in history(store, "chronik")] == [made.sha256]
    assert list(verify_files(store, work.id)) == []


@pytest.fixture(params=["directory", "s3"])
def either(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("archive.content.PART", SMALL_PART)
    if request.param == "directory":
        return open_store(str(tmp_path / "data"))
    return open_store(request.getfixturevalue("s3").store())


def large(folder: Path, letter: bytes) -> Path:
    path = folder / letter.decode()
    path.write_bytes(letter * (SMALL_PART + 17))
    return path


def heeds_conditions(store: S3) -> bool:
    """Whether the server refuses to complete an upload in parts, on condition that the key is free, to a key that is taken."""
    client, name = (
        store._bucket.client,
        {"Bucket": store._bucket.name, "Key": f"{store._bucket.prefix}condition"},
    )
    client.put_object(**name, Body=b"")
    upload = client.create_multipart_upload(**name)["UploadId"]
    tag = client.upload_part(**name, UploadId=upload, PartNumber=1, Body=b"a")["ETag"]
    parts = {"Parts": [{"ETag": tag, "PartNumber": 1}]}
    try:
        client.complete_multipart_upload(**name, UploadId=upload, MultipartUpload=parts, IfNoneMatch="*")
    except ClientError:
        client.abort_multipart_upload(**name, UploadId=upload)
        return True
    return False


def test_a_file_in_parts_is_created_once_too(either: Store, tmp_path: Path) -> None:
    assert either.create(KEY, large(tmp_path, b"a"))
    assert not either.create(KEY, large(tmp_path, b"b"))
    assert read(either, KEY) == b"a" * (SMALL_PART + 17)


@pytest.mark.parametrize("call", ["begin", "part", "complete"])
def test_of_two_uploads_in_parts_that_meet_the_one_that_ends_first_stays(
    call: str, way: Gateway, tmp_path: Path
) -> None:
    bucket, _, prefix = way.behind.store().removeprefix("s3://").partition("/")
    stores = [S3(bucket, prefix, timeout=30) for _ in range(2)]
    if call == "complete" and not heeds_conditions(stores[0]):
        pytest.skip("this server passes over If-None-Match where uploads in parts are completed")
    won: list[bool] = []

    def rival(called: str) -> None:
        if called == call:
            way.before = lambda _: None
            won.append(stores[1].create(KEY, large(tmp_path, b"b")))

    way.before = rival
    assert not stores[0].create(KEY, large(tmp_path, b"a"))
    assert won == [True]
    assert read(stores[0], KEY) == b"b" * (SMALL_PART + 17)
    assert stores[0]._bucket.unfinished() == []


@pytest.mark.parametrize("fault", ["unsupported", "unheard", "500", "conflict"])
def test_an_upload_in_parts_is_created_though_its_end_fails(fault: str, way: Gateway, tmp_path: Path) -> None:
    bucket, _, prefix = way.behind.store().removeprefix("s3://").partition("/")
    store = S3(bucket, prefix, timeout=30)
    way.faults["complete"] = [fault]
    assert store.create(KEY, large(tmp_path, b"a"))
    assert read(store, KEY) == b"a" * (SMALL_PART + 17)
    assert store._bucket.unfinished() == []


def test_where_no_condition_is_known_what_is_there_is_seen_before_an_upload_in_parts(
    s3: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("archive.content.PART", SMALL_PART)
    with gateway(s3, deaf=True) as way:
        lead(monkeypatch, s3.environment(way.endpoint))
        bucket, _, prefix = s3.store().removeprefix("s3://").partition("/")
        store = S3(bucket, prefix, timeout=30)
        assert store.create(KEY, large(tmp_path, b"a"))
        assert not store.create(KEY, large(tmp_path, b"b"))
        assert read(store, KEY) == b"a" * (SMALL_PART + 17)
        assert store._bucket.unfinished() == []
