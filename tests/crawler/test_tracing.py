"""`letopis trace`, run in its own process against an archive of an invented paper that no site of ours is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from archive.chain import commit, history
from archive.get import get
from archive.local import Directory
from archive.lookup import BLOCKS
from archive.reading import ARTICLES, LEDGER, REJECTS, lines
from archive.snapshot import key_of
from archive.store import open_store
from tests.archive.crawled import FEED, name, sealed, url
from tests.seaweed import seaweed  # noqa: F401  the fixture

from .gazeta import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from archive.objects import Store
    from tests.seaweed import Server

ELSEWHERE = {
    "identifier": name(1),
    "capture": {"snapshot": "chronik-1", "warcFile": "a.warc.gz", "offset": 0},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    root = tmp_path_factory.mktemp("trace")
    store = open_store(str(root / "data"))
    commit(store, sealed(store, root / "work"))
    return store


def trace(uri: str, *arguments: str, line: object = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "crawler.cli", "trace", *arguments, "--store", uri]
    given = json.dumps(line, ensure_ascii=False).encode() if line else b""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, input=given, env=env, capture_output=True, timeout=60, check=False)


def test_a_link_is_told_in_words(store: Store) -> None:
    (article,) = (one for one in lines(store, snapshot(store)) if one["identifier"] == name(2))
    place = article["capture"]
    done = trace(store.uri, name(2))
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert said.startswith(f"{snapshot(store)}  {name(2)}  {url(2)}\n")
    assert f"announced  {FEED} «Заголовок 2»" in said
    assert f"{place['warcFile']}@{place['offset']}+{place['length']}  {place['payloadDigest'][:19]}" in said


def test_a_url_is_found_however_its_host_is_written(store: Store) -> None:
    done = trace(store.uri, url(2).replace("chronik.example", "CHRONIK.example:443") + "#top", "--json")
    assert json.loads(done.stdout)["identifier"] == name(2)


def snapshot(store: Store) -> str:
    (found,) = {stored.key.split("/")[2].partition("=")[2] for stored in store.list("snapshots/")}
    return found


def test_a_line_of_the_archive_leads_to_its_exact_bytes(store: Store, tmp_path: Path) -> None:
    for number, article in enumerate(lines(store, snapshot(store), ARTICLES), 1):
        done = trace(store.uri, "-", "--open", "-", line=article)
        assert done.stdout.endswith(f"\r\n\r\n{name(number)}|Заголовок {number}|Текст {number}".encode())
        assert done.stdout.startswith(b"HTTP/1.1 200 Ja\r\n")
    (reject,) = lines(store, snapshot(store), REJECTS)
    target = tmp_path / "page.http"
    told = trace(store.uri, json.dumps(reject), "--open", str(target), "--json")
    assert target.read_bytes().endswith(f"{name(91)}|Без текста|".encode())
    assert json.loads(told.stdout)["editions"]["0"]["outcome"] == "rejected"


def test_a_line_of_the_ledger_that_bears_only_a_url_is_looked_for_in_every_site(store: Store) -> None:
    line = next(one for one in lines(store, snapshot(store), LEDGER) if one["identifier"] == one["url"])
    done = trace(store.uri, "-", line=line)
    assert done.stdout.decode().startswith(f"{snapshot(store)}  {line['url']}  "), done.stderr


def test_the_bytes_come_out_of_a_bucket(
    seaweed: Server,  # noqa: F811  the fixture
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for key, value in seaweed.environment().items():
        monkeypatch.setenv(key, value)
    bucket = open_store(seaweed.store())
    commit(bucket, sealed(bucket, tmp_path / "work"))
    done = trace(bucket.uri, url(3), "--open", "-")
    assert done.stdout.endswith("|Текст 3".encode()), done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("chronik:404",), 65, "holds nothing of chronik:404"),
        (("https://nowhere.example/",), 65, "holds nothing of https://nowhere.example/"),
        (("chronik",), 64, "'chronik' is no URL, no identifier"),
        (("{}",), 64, "that is no line of articles.jsonl: it has no 'identifier'"),
        (('{"identifier": 5}',), 64, "its capture or identifier is none"),
        (('{"identifier": "chronik:1", "capture": {}}',), 64, "its capture or identifier is none"),
        (
            (json.dumps(ELSEWHERE), "--open", "-"),
            65,
            "that the line names is not there: a.warc.gz@0 of chronik-1",
        ),
        ((name(1), "--at", "2026-11-22"), 64, "--at says which capture --open writes out"),
        (("-",), 64, "is no URL, no identifier"),
        ((name(94), "--open", "-"), 65, "there is no capture to open; its outcome: robots"),
        ((name(1), "--open", "-", "--at", "yesterday"), 64, "'yesterday' is no date"),
    ],
)
def test_what_cannot_be_traced_is_told_in_one_line(
    store: Store, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = trace(store.uri, *arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.decode().count("\n") == 1
    assert said in done.stderr.decode()


def test_a_line_of_the_ledger_is_traced_by_its_link(store: Store) -> None:
    line = next(one for one in lines(store, snapshot(store), LEDGER) if one["outcome"] == "too-old")
    told = json.loads(trace(store.uri, "-", "--json", line=line).stdout)
    assert (told["identifier"], told["captures"]) == (line["identifier"], [])


class Pair(NamedTuple):
    """A store with two snapshots, the first of which is about to be damaged."""

    store: Directory
    first: str
    second: str

    def folder(self) -> Path:
        return self.store.root / key_of(self.first)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    store = Directory(tmp_path / "data")
    for _ in range(2):
        commit(store, sealed(store, tmp_path / "work"))
    return Pair(store, *(entry.snapshot for entry in history(store, "chronik")))


@pytest.mark.parametrize("harm", ["index", "ledger", "file", "folder"])
@pytest.mark.parametrize("more", [(), ("--open", "page")])
def test_what_is_whole_is_shown_and_what_is_not_is_told_with_its_remedy(
    pair: Pair, tmp_path: Path, harm: str, more: tuple[str, ...]
) -> None:
    match harm:
        case "index":
            (pair.folder() / BLOCKS).write_bytes(b"no index")
        case "ledger":
            (pair.folder() / LEDGER).write_bytes(b"junk")
        case "file":
            (pair.folder() / BLOCKS).unlink()
        case "folder":
            shutil.rmtree(pair.folder())
    to = tuple(one.replace("page", str(tmp_path / "page")) for one in more)
    done = trace(pair.store.uri, name(2), *to)
    assert (done.returncode, done.stdout.decode().split()[0]) == (65, pair.second), done.stderr
    told = done.stderr.decode().splitlines()
    assert told[0].startswith("letopis trace: ")
    assert told[0].endswith(f"; run `letopis verify {pair.first}`")
    assert len(told) == 1 + bool(more)
    assert not more or (tmp_path / "page").read_bytes().endswith("|Текст 2".encode())


def test_where_nothing_is_whole_that_is_told_of_each(pair: Pair) -> None:
    shutil.rmtree(pair.store.root / "snapshots")
    done = trace(pair.store.uri, url(2))
    *told, last = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout, len(told)) == (65, b"", 2)
    assert "holds nothing of" in last


def test_bytes_that_are_gone_are_told_with_their_remedy(pair: Pair) -> None:
    for path in (pair.store.root / "snapshots").rglob("*.warc.gz"):
        path.unlink()
    done = trace(pair.store.uri, name(2), "--open", "-")
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.decode().endswith(f"; run `letopis verify {pair.second}`\n")


def test_what_was_not_brought_to_a_copy_is_no_damage(pair: Pair, tmp_path: Path) -> None:
    get(pair.store, tmp_path / "copy", what="articles")
    shutil.copytree(pair.folder(), tmp_path / "copy" / key_of(pair.first), dirs_exist_ok=True)
    done = trace(str(tmp_path / "copy"), name(2))
    assert (done.returncode, done.stdout.decode().split()[0]) == (0, pair.first)
    (line,) = done.stderr.decode().splitlines()
    assert line.endswith("lacks what is read of 1 snapshots; `letopis get --what all` brings it")


def test_a_store_that_cannot_be_read_ends_it(pair: Pair) -> None:
    shutil.rmtree(pair.store.root / "chain")
    (pair.store.root / "chain").symlink_to("chain")
    done = trace(pair.store.uri, name(2))
    assert (done.returncode, done.stdout) == (74, b""), done.stderr
