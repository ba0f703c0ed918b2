"""pywb, in an environment of its own, replays what two crawls left: LETOPIS_PYWB names that environment's python."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from archive.jsonl import plain_lines
from archive.original import Original
from archive.record import Record, records
from archive.snapshot import key_of
from tests.twice import Twice, crawled_twice

PYWB = os.environ.get("LETOPIS_PYWB", "")
pytestmark = pytest.mark.skipif(not PYWB, reason="LETOPIS_PYWB names no python of an environment with pywb")
# pywb's own application, asked without a port
ASK = """
from gevent import monkey; monkey.patch_all()
import json, sys
from pywb.apps.frontendapp import FrontEndApp
from werkzeug.test import Client
client, answers = Client(FrontEndApp()), []
for path in json.load(sys.stdin):
    answer = client.get(path)
    answers.append([answer.status_code, dict(answer.headers), answer.data.decode("latin-1")])
print("\\n" + json.dumps(answers))
"""
NOT_MODIFIED = '"mime":"warc/revisit","status":"304"'


@dataclass(frozen=True)
class Page:
    """What pywb answers."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    return crawled_twice("ria", tmp_path_factory.mktemp("ria"), date(2026, 1, 2))


@pytest.fixture(scope="module")
def exchanges(twice: Twice) -> list[Record]:
    paths = (path for edition in (twice.first, twice.second) for path in twice.warcs(edition))
    return [record for path in paths for record in records(path) if record.type in {"response", "revisit"}]


@pytest.fixture(scope="module")
def collection(twice: Twice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of both snapshots, indexed by pywb."""
    place = tmp_path_factory.mktemp("pywb")
    manager = [PYWB, "-c", "from pywb.manager.manager import main_wrap_exc; main_wrap_exc()"]
    warcs = [str(path) for edition in (twice.first, twice.second) for path in twice.warcs(edition)]
    for command in (["init", "ria"], ["add", "ria", *warcs]):
        subprocess.run([*manager, *command], cwd=place, check=True, capture_output=True, timeout=120)
    return place


@pytest.fixture(scope="module")
def ours(twice: Twice, collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same collection with our index in place of pywb's, as FORMAT.md section 7 says."""
    place = tmp_path_factory.mktemp("ours") / "pywb"
    shutil.copytree(collection, place)
    lines = []
    for edition in (twice.first, twice.second):
        with twice.store.open(key_of(edition.snapshot, "index.cdx.gz")) as stream:
            lines += [line for line in plain_lines(stream) if NOT_MODIFIED.encode() not in line]
    index = place / "collections" / "ria" / "indexes" / "index.cdxj"
    index.write_bytes(b"".join(line + b"\n" for line in sorted(lines)))
    return place


def replay(place: Path, record: Record) -> Page:
    """What pywb shows for the URL and the moment of a record, not rewritten."""
    moment = "".join(sign for sign in record.date[:19] if sign.isdigit())
    asked = json.dumps([f"/ria/{moment}id_/{record.url}"])
    done = subprocess.run(
        [PYWB, "-c", ASK], cwd=place, input=asked, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    ((status, headers, body),) = json.loads(done.stdout.splitlines()[-1])
    return Page(status, headers, body.encode("latin-1"))


def page_of(exchanges: list[Record], revisit: Record) -> bytes:
    """The content of the response that a revisit stands for."""
    original = Original.of(revisit)
    assert original
    (found,) = (record for record in exchanges if record.id == original.record_id)
    return found.message.content()


def first(exchanges: list[Record], wanted: Callable[[Record], bool]) -> Record:
    return next(record for record in exchanges if wanted(record))


def not_modified(record: Record) -> bool:
    return record.type == "revisit" and record.message.status == 304


def identical(record: Record) -> bool:
    return record.type == "revisit" and record.message.status == 200


def test_an_article_is_replayed(twice: Twice, collection: Path, exchanges: list[Record]) -> None:
    article = twice.first.articles[0]
    record = first(exchanges, lambda one: one.id == article["capture"]["recordId"])
    page = replay(collection, record)
    assert (page.status, page.body) == (200, record.message.content())


def test_a_redirect_is_replayed(collection: Path, exchanges: list[Record]) -> None:
    record = first(exchanges, lambda one: one.message.status == 302)
    page = replay(collection, record)
    assert (page.status, page.headers["Location"]) == (302, record.message.get("Location"))


def test_a_revisit_of_an_identical_payload_is_replayed_as_the_page(
    collection: Path, ours: Path, exchanges: list[Record]
) -> None:
    record = first(exchanges, identical)
    for place in (collection, ours):
        page = replay(place, record)
        assert (page.status, page.body) == (200, page_of(exchanges, record))


def test_a_304_is_replayed_as_the_page_that_it_stands_for(ours: Path, exchanges: list[Record]) -> None:
    record = first(exchanges, not_modified)
    page = replay(ours, record)
    assert (page.status, page.body) == (200, page_of(exchanges, record))


def test_pywb_on_its_own_index_answers_304_without_a_page(collection: Path, exchanges: list[Record]) -> None:
    page = replay(collection, first(exchanges, not_modified))
    assert (page.status, page.body) == (304, b"")
