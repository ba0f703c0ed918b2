from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from archive import jsonl
from archive.chain import commit
from archive.record import records
from archive.seal import seal, segments
from archive.snapshot import Work, claim
from archive.snapshot import key_of as key_of_file
from archive.store import open_store
from crawler.audit import Asked, Audit
from crawler.cli import site_names
from crawler.derive import derived, deriver
from crawler.finish import keep_reader
from crawler.look import loader
from crawler.reader import Reader, reader
from crawler.recorded import RecordedReaderError, differing, key_of, recorded

from .fetched import NOON, fetched
from .gazeta import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from archive.ledger import Derived
    from archive.manifest import Facts
    from archive.objects import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "data"))


def crawled(tmp_path: Path, name: str) -> tuple[Any, Work]:
    """A site, and a crawl of it that is not sealed."""
    site = loader().load(name)
    work = Work(tmp_path / name, f"{name}-20261122T120000Z", name, "main")
    fetched(work.warc, site, others=("ria",))
    return site, work


def kept(store: Store, found: Reader) -> str:
    keep_reader(store, found)
    return found.identity


def read(work: Work, derive: Any) -> list[Derived]:
    return list(derive(one for path in segments(work) for one in records(path)))


@pytest.mark.parametrize("name", site_names())
def test_a_stored_reader_reads_what_the_code_at_hand_reads(name: str, store: Store, tmp_path: Path) -> None:
    site, work = crawled(tmp_path, name)
    identity = kept(store, reader(site))
    found = read(work, recorded(store, identity, work))
    assert found == read(work, partial(derived, site, identity))
    assert {one.outcome for one in found} >= {"article", "http-error", "not-an-article", "failed"}
    assert differing(store, identity) == []


def other_reader(site: Any, headline: str = "'Иначе'") -> Reader:
    """The reader of a project whose pages give every article the same headline."""
    text = (ROOT / "crawler" / "page.py").read_text("utf-8")
    changed = text.replace("article.assumed.sort()", f"article.headline = {headline}")
    assert changed != text
    return reader(site, {"crawler.page": changed})


def test_a_stored_reader_reads_as_it_did_when_the_code_at_hand_no_longer_does(
    store: Store, tmp_path: Path
) -> None:
    site, work = crawled(tmp_path, "ria")
    other = kept(store, other_reader(site))
    assert other != reader(site).identity
    headlines = {}
    for who, derive in (("here", deriver(site, other)), ("stored", recorded(store, other, work))):
        seal(work, derive, facts={})
        with (work.folder / "articles.jsonl.gz").open("rb") as stream:
            headlines[who] = [one["headline"] for one in jsonl.read(stream)]
        (work.folder / "manifest.json").unlink()
    assert set(headlines["stored"]) == {"Иначе"}
    assert "Иначе" not in headlines["here"]
    assert len(headlines["here"]) == len(headlines["stored"])


def test_what_another_reader_read_is_read_again_by_it_and_told_by_value_by_the_code_at_hand(
    store: Store, tmp_path: Path
) -> None:
    site = loader().load("ria")
    other = kept(store, other_reader(site))
    work = claim(store, tmp_path / "work", "ria", "main", NOON)
    fetched(work.warc, site)
    schemas = {"article": "0.1.0", "ledger": "0.1.0"}
    facts: Facts = {
        "software": {"letopis": "0.1.0"},
        "settings": "5" * 64,
        "reader": other,
        "schemas": schemas,
    }
    work.log.write_text("it began and ended\n")
    entry = commit(store, seal(work, recorded(store, other, work), facts=facts))
    assert Audit(store, Asked(recorded=True)).findings() == []
    found = Audit(store, Asked()).findings()
    assert {one.severity for one in found} == {"warning"}
    (told,) = [one for one in found if "headline" in one.reason]
    assert told.place.startswith(key_of_file(entry.snapshot, "articles.jsonl.gz"))
    assert "Иначе" in told.reason


def test_a_stored_reader_takes_no_code_and_no_secrets_from_where_it_runs(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, work = crawled(tmp_path, "ria")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    telling = "str([dict(__import__('os').environ), [m.__file__ for n, m in __import__('sys').modules.items() if n.split('.')[0] in ('crawler', 'archive', 'schemas')]])"
    identity = kept(store, other_reader(site, telling))
    told = next(one for one in read(work, recorded(store, identity, work)) if one.article)
    headline = (told.article or {})["headline"]
    assert "reader.zip/crawler/page.py" in headline
    assert str(ROOT) not in headline.replace("reader.zip", "")
    assert "hush" not in headline


def test_a_reader_that_is_not_kept_is_told(store: Store, tmp_path: Path) -> None:
    _, work = crawled(tmp_path, "ria")
    with pytest.raises(RecordedReaderError, match=r"keeps no reader readers/aaa\.zip"):
        recorded(store, "aaa", work)


def test_a_reader_that_is_not_the_one_that_its_name_says_is_not_run(store: Store, tmp_path: Path) -> None:
    site, work = crawled(tmp_path, "ria")
    store.put(key_of("a" * 64), other_reader(site).packed())
    store.put(key_of("b" * 64), b"PK")
    with pytest.raises(RecordedReaderError, match="is another reader: its identity is"):
        recorded(store, "a" * 64, work)
    with pytest.raises(RecordedReaderError, match="no packed reader"):
        recorded(store, "b" * 64, work)


def test_a_reader_that_breaks_is_told_in_one_line(store: Store, tmp_path: Path) -> None:
    site, work = crawled(tmp_path, "ria")
    sources = {**reader(site).sources, "__main__.py": b"raise SystemExit('it is over')"}
    identity = kept(store, Reader(sources))
    with pytest.raises(RecordedReaderError, match=r"^readers/\w+.zip broke \(exit 1\): it is over$"):
        read(work, recorded(store, identity, work))


def test_versions_that_are_others_here_are_told(store: Store) -> None:
    sources = {"versions.json": b'{"python": "2.7.18", "lxml": "3.0", "gone-library": "1.0"}'}
    found = differing(store, kept(store, Reader(sources)))
    assert [one.partition(",")[0] for one in found] == ["python 2.7.18", "lxml 3.0", "gone-library 1.0"]
    assert found[2] == "gone-library 1.0, here none"
