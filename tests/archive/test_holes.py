"""WARC files that are missing between others: what is left never passes for a whole crawl, and says that they are missing."""

from pathlib import Path

import orjson
import pytest

from archive.chain import manifest
from archive.reading import lines
from archive.recover import FORGOTTEN
from archive.report import holes
from archive.seal import seal
from archive.snapshot import Work, claim, key_of
from archive.store import Store, open_store
from archive.verify import verify_files
from schemas import errors
from tests.archive.crawled import FACTS, FEED, NOON, Crawl, derive, name
from tests.archive.died import gone
from tests.archive.rivals import LATER, adopted


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "data"))


def ended(store: Store, root: Path) -> Work:
    """A crawl that came to its own end, with a file for each exchange and each word of its journal."""
    made = Crawl(claim(store, root, "chronik", "main", NOON), size=1)
    made.start()
    made.announce(FEED, 1, 2, 3)
    made.decide(1, 2, 3)
    for number in (1, 2, 3):
        made.fetch(number, f"{name(number)}|Заголовок {number}|Текст {number}")
    return made.end()


def test_a_crawl_that_ended_is_complete_only_where_no_file_is_missing(store: Store, tmp_path: Path) -> None:
    whole = ended(store, tmp_path / "whole")
    count = len(list(whole.warc.glob("*.warc.gz")))
    assert count == 8
    assert seal(whole, derive, facts=FACTS).manifest["status"] == "complete"
    for number in range(count):
        work = ended(store, tmp_path / str(number))
        (work.warc / f"{work.id}-{number:05}.warc.gz").unlink()
        assert seal(work, derive, facts=FACTS).manifest["status"] == "partial"
        told = orjson.loads((work.folder / "report.json").read_bytes())
        assert errors("report", told) == []
        found = [each["subject"] for each in told["findings"] if each["kind"] == "segments-missing"]
        assert found == ([f"{number:05}"] if number < count - 1 else [])


def test_an_adopted_snapshot_says_which_files_its_machine_took_with_it(store: Store, tmp_path: Path) -> None:
    work = ended(store, tmp_path / "first")
    for path in work.warc.glob("*.warc.gz"):
        if not path.name.endswith(("-00002.warc.gz", "-00005.warc.gz", "-00006.warc.gz")):
            store.put(key_of(work.id, f"warc/{path.name}"), path)
    gone(work)
    (told,) = adopted(store, tmp_path / "second", LATER + FORGOTTEN)
    assert told.finished
    kept = manifest(store, work.id)
    assert (kept["status"], kept["finish"]) == ("partial", "finished")
    with store.open(key_of(work.id, "report.json")) as stream:
        report = orjson.loads(stream.read())
    assert [each["subject"] for each in report["findings"]] == ["00002", "00005 to 00006"]
    assert len(list(lines(store, work.id))) == 1
    assert list(verify_files(store, work.id)) == []


def test_names_that_tell_no_number_make_no_hole() -> None:
    assert holes([]) == holes(["other.warc.gz", "warc/a-00000.warc.gz", "a-00001.warc.gz"]) == []
    assert holes(["a-99999999.warc.gz"]) == [(0, 99999998)]
