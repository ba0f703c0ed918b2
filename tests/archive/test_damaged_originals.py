"""A snapshot that is damaged in the store is none that a new crawl may refer to: its pages are fetched again."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.chain import history
from archive.intact import intact
from archive.known import Known, gather
from archive.objects import DamagedError, Store
from archive.reading import LEDGER
from archive.snapshot import MANIFEST, Work, key_of
from archive.store import open_store
from tests.archive.crawled import crawled, url
from tests.archive.gateway import gateway
from tests.seaweed import Server

INDEX = "index.cdx.gz"


def cut(store: Store, key: str) -> None:
    store.put(key, read(store, key)[:-1])


def delete(store: Store, key: str) -> None:
    store.delete(key)


def change(store: Store, key: str) -> None:
    """Another manifest of the same form."""
    told = json.loads(read(store, key))
    store.put(key, json.dumps(told | {"reader": "0" * 64}).encode())


def spoil(store: Store, key: str) -> None:
    """As many bytes, of which one is another: in a gzip header the one for the system, which nobody looks at."""
    data = bytearray(read(store, key))
    data[9] ^= 1
    store.put(key, bytes(data))


def read(store: Store, key: str) -> bytes:
    with closing(store.open(key)) as stream:
        return stream.read()


DAMAGE: dict[str, tuple[str, Callable[[Store, str], object], str]] = {
    "WARC cut": ("warc/{0}-00000.warc.gz", cut, "warc/{0}-00000.warc.gz has "),
    "WARC gone": ("warc/{0}-00000.warc.gz", delete, "warc/{0}-00000.warc.gz is missing"),
    "manifest gone": (MANIFEST, delete, "holds no "),
    "manifest changed": (MANIFEST, change, "is not the manifest that chain/"),
    "ledger cut": (LEDGER, cut, "ledger.jsonl.gz has "),
    "index gone": (INDEX, delete, "index.cdx.gz is missing"),
    "index changed": (INDEX, spoil, "index.cdx.gz in "),
}


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "directory":
        return open_store(str(tmp_path / "data"))
    return open_store(request.getfixturevalue("s3").store())


def looked(store: Store, root: Path) -> tuple[Known, list[str]]:
    work = Work(root / "crawl", "chronik-20261123T120000Z", "chronik", "main")
    work.folder.mkdir()
    troubles = gather(store, work)
    found = Known.of(work.folder)
    assert found
    return found, troubles


@pytest.mark.parametrize("damage", DAMAGE)
def test_nothing_is_known_from_a_damaged_snapshot_and_a_warning_names_it_and_the_remedy(
    store: Store, tmp_path: Path, damage: str
) -> None:
    path, does, reason = DAMAGE[damage]
    older, _ = crawled(store, tmp_path, "Текст")
    newer, _ = crawled(store, tmp_path, "Текст", "Второй")
    key = key_of(newer, path.format(newer))
    does(store, key)
    known, (trouble,) = looked(store, tmp_path)
    with closing(known):
        first, second = known.page(url(1)), known.page(url(2))
    assert trouble.startswith(f"{newer} is passed over")
    assert reason.format(newer) in trouble
    assert trouble.endswith(f"run `letopis verify {newer}`")
    assert (first and first.original.snapshot, second) == (older, None)


def test_a_sound_snapshot_is_intact(store: Store, tmp_path: Path) -> None:
    snapshot, _ = crawled(store, tmp_path, "Текст")
    (entry,) = history(store, "chronik")
    assert intact(store, entry)["snapshot"] == snapshot
    store.delete(key_of(snapshot, "articles.jsonl.gz"))  # which is derived, and which no crawl builds on
    assert intact(store, entry)["snapshot"] == snapshot
    store.delete(key_of(snapshot, LEDGER))
    with pytest.raises(DamagedError, match=r"ledger\.jsonl\.gz is missing"):
        intact(store, entry)


def test_ten_snapshots_in_a_bucket_cost_four_requests_each_and_no_body_of_a_warc(
    s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = open_store(s3.store())
    for _ in range(10):
        crawled(direct, tmp_path, "Текст")
    with gateway(s3) as way:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.endpoint)
        known, troubles = looked(open_store(direct.uri), tmp_path)
        known.close()
    assert troubles == []
    # the chain: a listing, snapshots.jsonl, its last entry; of each snapshot its listing, manifest, ledger, index
    assert Counter(way.calls) == {"list": 1 + 10, "get": 2 + 3 * 10}
