"""What a crawl that was taken for dead had sent, or sends still, beside what another machine puts into history."""

import gzip
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from archive import lease
from archive.adopt import adopt
from archive.chain import commit, history, manifest
from archive.lease import LASTS
from archive.local import Directory
from archive.manifest import Facts, Sealed, files
from archive.objects import Store
from archive.recover import Recovered, clear, recover
from archive.s3 import S3
from archive.seal import Derive, seal
from archive.sending import SupersededError
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, Work, key_of
from archive.store import open_store
from archive.verify import verify_files
from tests.archive import read
from tests.archive.crawled import FACTS, NOON, crawl, derive
from tests.archive.keys import signer

LATER = NOON + LASTS + timedelta(seconds=1)
LOG = "crawl.log.gz"


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "directory":
        return open_store(str(tmp_path / "data"))
    return open_store(request.getfixturevalue("s3").store())


def sealed_by(store: Store, root: Path, **facts: object) -> Sealed:
    """A crawl that is sealed as by its own machine, of which nobody knows here what that had for reader, settings or key."""
    work = crawl(store, root)
    lease.take(store, work, lambda: NOON)
    assert work.hold
    work.hold.release()
    return seal(work, derive, facts=Facts(**{**FACTS, "settings": "0" * 64, **facts}))  # type: ignore[typeddict-item]


def send(store: Store, sealed: Sealed, *paths: str) -> None:
    for path in paths or [*(line["path"] for line in files(sealed.manifest)), MANIFEST]:
        store.put(key_of(sealed.work.id, path), sealed.work.folder / path)


def reading(_: Work) -> tuple[Derive, Facts]:
    return derive, FACTS


def adopted(store: Store, root: Path) -> Recovered:
    (told,) = adopt(store, root, reading, clock=lambda: LATER)
    return told


def there(store: Store, snapshot: str) -> set[str]:
    folder = key_of(snapshot)
    return {stored.key.removeprefix(folder) for stored in store.list(folder)}


def test_the_log_of_a_machine_that_is_lost_is_named_beside_its_warcs(store: Store, tmp_path: Path) -> None:
    sealed = sealed_by(store, tmp_path / "first")
    send(store, sealed)
    shutil.rmtree(tmp_path / "first")
    assert adopted(store, tmp_path / "second").finished
    (entry,) = history(store, "chronik")
    assert entry.manifest != sealed.sha256
    assert LOG in {line["path"] for line in files(manifest(store, entry.snapshot))}
    assert list(verify_files(store, entry.snapshot)) == []


def test_a_machine_that_had_sent_all_it_had_is_done_when_it_comes_back(store: Store, tmp_path: Path) -> None:
    send(store, sealed_by(store, tmp_path / "first"))
    adopted(store, tmp_path / "second")
    (told,) = recover(store, tmp_path / "first", reading)
    assert told.finished
    assert list((tmp_path / "first").iterdir()) == []


def test_a_signature_that_the_adopter_cannot_make_anew_is_removed(store: Store, tmp_path: Path) -> None:
    sealed = sealed_by(store, tmp_path / "first", signer=signer(tmp_path))
    send(store, sealed)
    send(store, sealed, SIGNATURE)
    assert adopted(store, tmp_path / "second").finished
    assert SIGNATURE not in there(store, sealed.work.id)
    assert list(verify_files(store, sealed.work.id)) == []


def test_a_machine_that_was_alive_removes_what_it_sent_beside_the_adopted_snapshot_and_keeps_it_itself(
    store: Store, tmp_path: Path
) -> None:
    sealed = sealed_by(store, tmp_path / "first")
    send(store, sealed, *(path for line in files(sealed.manifest) if (path := line["path"]) != LOG))
    adopted(store, tmp_path / "second")
    send(store, sealed, LOG)  # a request that had left before the other one's entry was there
    with pytest.raises(SupersededError, match=LOG):
        commit(store, sealed)
    assert LOG not in there(store, sealed.work.id)
    assert (sealed.work.folder / LOG).exists()
    assert list(verify_files(store, sealed.work.id)) == []


def test_what_was_captured_is_never_removed_though_no_manifest_names_it(store: Store, tmp_path: Path) -> None:
    sealed = sealed_by(store, tmp_path / "first")
    send(store, sealed, *(line["path"] for line in files(sealed.manifest)))
    adopted(store, tmp_path / "second")
    late = f"warc/{sealed.work.id}-00009.warc.gz"
    store.put(key_of(sealed.work.id, late), b"captured")
    (told,) = recover(store, tmp_path / "first", reading)  # which finds the snapshot in history, and is done
    assert told.finished
    (found,) = verify_files(store, sealed.work.id)
    assert (found.severity, found.place) == ("warning", key_of(sealed.work.id, late))


def test_what_an_adopter_could_not_tidy_is_tidied_when_its_lease_has_ended(
    store: Store, tmp_path: Path
) -> None:
    sealed = sealed_by(store, tmp_path / "first")
    commit(store, sealed)
    store.put(key_of(sealed.work.id, SIGNATURE), b"of another manifest")
    store.put(key_of(sealed.work.id, "editions/1/articles.jsonl.gz"), b"being made")
    list(clear(store, LATER))
    assert there(store, sealed.work.id) == {
        MANIFEST,
        "editions/1/articles.jsonl.gz",
        *(line["path"] for line in files(sealed.manifest)),
    }
    assert (held := lease.last(store, "chronik", "main"))
    assert held.until is None


ODD = "моё manifest (copy).json"
"""A name that no key has, such as a person gives."""


def test_what_a_person_left_there_under_an_odd_name_stays_stops_no_commit_and_is_told(
    store: Store, tmp_path: Path
) -> None:
    sealed = sealed_by(store, tmp_path / "first")
    put_oddly(store, key_of(sealed.work.id, ODD))
    commit(store, sealed)
    list(clear(store, LATER))
    listed = there(store, sealed.work.id)
    assert {line["path"] for line in files(sealed.manifest)} < listed
    told = [(found.severity, found.place) for found in verify_files(store, sealed.work.id)]
    assert told == [("warning", key_of(sealed.work.id, ODD))]


def put_oddly(store: Store, key: str) -> None:
    """Put an object where the store itself puts none."""
    if isinstance(store, Directory):
        path = store.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")
    elif isinstance(store, S3):
        bucket = store._bucket
        bucket.client.put_object(Bucket=bucket.name, Key=bucket._full(key), Body=b"{}")


@pytest.mark.parametrize(
    ("damaged", "told", "kept"),
    [(b"no gzip at all", "0 bytes", None), (gzip.compress(b"12:00 it began\n" * 999)[:-9], "bytes of it could be read", b"12:00 it began")],
)  # fmt: skip
def test_a_log_that_is_damaged_keeps_no_crawl_from_being_adopted_and_is_told(
    store: Store, tmp_path: Path, damaged: bytes, told: str, kept: bytes | None
) -> None:
    sealed = sealed_by(store, tmp_path / "first")
    send(store, sealed, *(line["path"] for line in files(sealed.manifest) if line["path"] != LOG))
    store.put(key_of(sealed.work.id, LOG), damaged)
    shutil.rmtree(tmp_path / "first")
    found = adopted(store, tmp_path / "second")
    assert found.finished
    assert "its log damaged: " in found.did
    assert told in found.did
    assert list(verify_files(store, sealed.work.id)) == []
    log = key_of(sealed.work.id, LOG)
    if kept:
        assert gzip.decompress(read(store, log)).startswith(kept)
    else:
        assert store.stat(log) is None
