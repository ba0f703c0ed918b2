import multiprocessing
import os
import resource
import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import durable
from archive.local import SCRATCH
from archive.objects import AbsentError, Store, Stored, StoreError, UnreadableError
from archive.store import open_store
from tests.archive import read

KEY = "snapshots/site=ria/snapshot=ria-20261122T060000Z/manifest.json"


@pytest.fixture
def folder(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "data"))


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "directory":
        return request.getfixturevalue("folder")
    return open_store(request.getfixturevalue("s3").store())


def test_what_was_put_is_read_back_whole_and_in_part(store: Store) -> None:
    store.put(KEY, b"0123456789")
    assert read(store, KEY) == b"0123456789"
    assert read(store, KEY, 4) == b"456789"
    assert read(store, KEY, 4, 3) == b"456"
    assert read(store, KEY, 8, 100) == b"89"
    assert read(store, KEY, 20, 5) == b""
    assert store.stat(KEY) == Stored(KEY, 10)
    assert store.sha256(KEY) == "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"


def test_a_part_can_be_read_line_by_line_and_closes_the_file_under_it(store: Store) -> None:
    store.put(KEY, b"a\nb\nc\n")
    with store.open(KEY, 2, 3) as stream:
        assert list(stream) == [b"b\n", b"c"]
    assert stream.closed


def test_a_file_is_put_by_its_path(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "segment"
    source.write_bytes(os.urandom(3_000_000))
    store.put(KEY, source)
    assert read(store, KEY) == source.read_bytes()


def test_put_replaces_and_create_does_not(store: Store) -> None:
    assert store.create(KEY, b"first")
    assert not store.create(KEY, b"second")
    assert read(store, KEY) == b"first"
    store.put(KEY, b"third")
    assert read(store, KEY) == b"third"


def test_keys_are_listed_in_their_own_order_and_by_any_prefix(store: Store) -> None:
    keys = ["a-b", "a.b", "a/b", "a/b-c", "a/b/c", "ab", "b=1/x"]
    for key in reversed(keys):
        if key != "a/b":  # a directory cannot hold a file and a folder of one name, nor does a snapshot
            store.put(key, b"1")
    listed = [stored.key for stored in store.list()]
    assert listed == sorted(set(keys) - {"a/b"})
    for prefix in ("a", "a/", "a/b", "a/b/", "a/b/c", "b=", "nothing", "nothing/at/all"):
        assert [stored.key for stored in store.list(prefix)] == [
            key for key in listed if key.startswith(prefix)
        ]


def test_an_absent_object_is_said_to_be_absent(store: Store) -> None:
    assert store.stat(KEY) is None
    assert list(store.list()) == []
    store.delete(KEY)
    with pytest.raises(AbsentError, match="holds no " + KEY):
        store.open(KEY)
    with pytest.raises(AbsentError):
        store.sha256(KEY)


def test_a_folder_is_no_object(store: Store) -> None:
    store.put("a/b", b"1")
    assert store.stat("a") is None
    with pytest.raises(AbsentError):
        store.open("a")


def test_what_is_committed_can_be_protected_where_nothing_is_configured(store: Store) -> None:
    store.put(KEY, b"1")
    store.protect(KEY)
    assert read(store, KEY) == b"1"


def test_files_of_writers_that_died_are_swept(folder: Store, tmp_path: Path) -> None:
    left = tmp_path / "data" / SCRATCH / ".manifest.json.x"
    folder.put(KEY, b"1")
    left.write_bytes(b"half")
    assert list(folder.sweep(datetime.now(UTC) - timedelta(hours=1))) == []
    assert list(folder.sweep(datetime.now(UTC) + timedelta(hours=1))) == [left.name]
    assert not left.exists()
    assert read(folder, KEY) == b"1"


def test_deleted_objects_are_gone(store: Store) -> None:
    store.put(KEY, b"1")
    store.delete(KEY)
    assert store.stat(KEY) is None
    assert list(store.list()) == []


def test_what_others_remove_while_a_folder_is_walked_is_not_there(folder: Store, tmp_path: Path) -> None:
    for key in ("a/1", "a/2", "a/3", "b/1"):
        folder.put(key, b"x")
    walk = folder.list()
    assert next(walk).key == "a/1"
    (tmp_path / "data/a/2").unlink()
    shutil.rmtree(tmp_path / "data/b")
    assert [stored.key for stored in walk] == ["a/3"]


def test_what_takes_its_name_while_writes_that_died_are_swept_is_left_alone(
    folder: Store, tmp_path: Path
) -> None:
    folder.put("a", b"x")
    for name in "12":
        (tmp_path / "data" / SCRATCH / name).write_bytes(b"")
    swept = folder.sweep(datetime.now(UTC) + timedelta(days=1))
    assert next(swept) == "1"
    (tmp_path / "data" / SCRATCH / "2").rename(tmp_path / "data" / "b")
    assert list(swept) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a while")
def test_what_this_user_may_not_read_is_told_with_its_remedy(folder: Store, tmp_path: Path) -> None:
    folder.put("a/b", b"x")
    (tmp_path / "data/a").chmod(0o700)
    os.seteuid(65534)
    try:
        for ask in (folder.open, folder.stat, lambda key: list(folder.list(key))):
            with pytest.raises(UnreadableError, match="Permission denied; it must be readable by this user"):
                ask("a/b")
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_read_is_named(folder: Store, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/round").symlink_to("round")
    with pytest.raises(StoreError, match=r"cannot look at round/key in file:"):
        folder.stat("round/key")


@pytest.mark.parametrize(
    "key",
    ["", "/a", "a/", "a//b", "../a", "a/../b", ".hidden", "a/.b", "a b", "a\n", "é", "a\\b", "a:b", "a%2f"],
)
def test_nothing_outside_the_alphabet_of_keys_reaches_the_disk(store: Store, key: str) -> None:
    for act in (
        lambda: store.put(key, b"1"),
        lambda: store.create(key, b"1"),
        lambda: store.open(key),
        lambda: store.stat(key),
    ):
        with pytest.raises(StoreError, match="is no key"):
            act()


def test_of_many_creators_exactly_one_succeeds(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        won = pool.map(_create, [(str(tmp_path), number) for number in range(24)])
    assert won.count(True) == 1
    assert read(open_store(str(tmp_path)), KEY) == str(won.index(True)).encode() * 10_000


def _create(job: tuple[str, int]) -> bool:
    folder, number = job
    return open_store(folder).create(KEY, str(number).encode() * 10_000)


def test_a_write_killed_in_the_middle_leaves_the_object_as_it_was(folder: Store, tmp_path: Path) -> None:
    folder.put(KEY, b"before")
    source = tmp_path / "pipe"
    os.mkfifo(source)
    writer = multiprocessing.get_context("spawn").Process(target=_put, args=(folder.uri, source))
    writer.start()
    with source.open("wb") as pipe:  # opens only when the writer reads
        pipe.write(b"x" * 3_000_000)
        assert writer.pid
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    assert writer.exitcode == -signal.SIGKILL
    assert read(folder, KEY) == b"before"
    assert [stored.key for stored in folder.list()] == [KEY]


def _put(uri: str, source: Path) -> None:
    open_store(uri).put(KEY, source)


def test_a_write_that_fails_leaves_nothing_behind_and_names_place_and_remedy(
    folder: Store, tmp_path: Path
) -> None:
    folder.put(KEY, b"before")
    with pytest.raises(StoreError, match=r"cannot write .*manifest.json in file:.*: No such file"):
        folder.put(KEY, tmp_path / "missing")
    assert read(folder, KEY) == b"before"
    assert list((tmp_path / "data" / SCRATCH).iterdir()) == []


def test_a_disk_that_takes_no_more_is_told_and_the_object_stays_as_it_was(folder: Store) -> None:
    folder.put(KEY, b"before")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        told = pool.apply(_put_beyond_the_limit, (folder.uri,))
    assert told.startswith(f"cannot write {KEY} in {folder.uri}: File too large; ")
    assert read(folder, KEY) == b"before"


def _put_beyond_the_limit(uri: str) -> str:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        open_store(uri).put(KEY, b"x" * 3_000_000)
    except StoreError as error:
        return str(error)
    return "nothing"


def test_a_file_where_a_folder_belongs_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(StoreError, match="name another folder"):
        open_store(str(tmp_path / "data")).put(KEY, b"1")


@pytest.mark.parametrize("form", ["{}", "file:{}", "file://{}", "file://localhost{}"])
def test_a_directory_is_opened_under_each_of_its_names(form: str, tmp_path: Path) -> None:
    open_store(str(tmp_path)).put("a", b"1")
    opened = open_store(form.format(tmp_path))
    assert read(opened, "a") == b"1"
    assert opened.uri == f"file:{tmp_path}"


def test_a_relative_directory_stays_where_it_was_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("./data")
    monkeypatch.chdir("/")
    store.put("a", b"1")
    assert (tmp_path / "data" / "a").read_bytes() == b"1"


@pytest.mark.parametrize("uri", ["ftp://host/data", "gopher:x", "file://otherhost/data", "file:"])
def test_a_store_of_an_unknown_kind_is_refused_with_those_that_are_known(uri: str) -> None:
    with pytest.raises(StoreError, match=r"name a directory \(\./data\) or file:/absolute/path"):
        open_store(uri)


def test_a_store_without_a_name_is_refused() -> None:
    with pytest.raises(StoreError, match="needs a name"):
        open_store("")


def test_a_stream_that_breaks_off_replaces_nothing(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"before")
    with pytest.raises(RuntimeError, match="broken off"):
        _break_off(target)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def _break_off(target: Path) -> None:
    with durable.replacing(target) as stream:
        stream.write(b"half")
        raise RuntimeError("broken off")
