from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from archive.known import Known, gather
from archive.ledger import Outcome
from archive.objects import Store
from archive.reading import LEDGER, lines
from archive.snapshot import Work, key_of
from tests.archive.crawled import crawled, url

Look = Callable[..., Known]


@pytest.fixture
def known(store: Store, tmp_path: Path) -> Iterator[Look]:
    """Gathers what a new crawl knows, as often as it is called."""
    with ExitStack() as held:

        def look(look_back: int = 30, *, rehearsal: bool = False) -> Known:
            work = Work(tmp_path / "crawl", "chronik-20261123T120000Z", "chronik", "main")
            work.folder.mkdir()
            assert gather(store, work, look_back, rehearsal=rehearsal) == []
            found = Known.of(work.folder)
            assert found
            return held.enter_context(closing(found))

        yield look


def test_a_page_whose_article_was_kept_is_known_by_its_url(store: Store, tmp_path: Path, known: Look) -> None:
    snapshot, (captured,) = crawled(store, tmp_path, "Текст")
    page = known().page(url(1))
    assert page
    original = page.original
    assert (original.record_id, original.date, original.payload_digest, original.address) == (
        captured.record_id,
        captured.date,
        captured.payload_digest,
        captured.address,
    )
    assert (original.url, original.snapshot) == (url(1), snapshot)
    assert (page.etag, page.modified) == (None, None)


@pytest.mark.parametrize(("text", "status"), [("Текст", 404), ("", 200)])
def test_what_gave_no_article_is_not_known(
    store: Store, tmp_path: Path, known: Look, text: str, status: int
) -> None:
    crawled(store, tmp_path, text, status=status)
    assert known().page(url(1)) is None


def test_the_newest_snapshot_that_holds_a_page_counts(store: Store, tmp_path: Path, known: Look) -> None:
    crawled(store, tmp_path, "Старый", "Второй")
    newest, _ = crawled(store, tmp_path, "Новый")
    pages = known()
    first, second = pages.page(url(1)), pages.page(url(2))
    assert first
    assert second
    assert (first.original.snapshot, second.original.snapshot != newest) == (newest, True)


def test_only_so_many_snapshots_are_looked_through(store: Store, tmp_path: Path, known: Look) -> None:
    crawled(store, tmp_path, "Текст", "Второй")
    crawled(store, tmp_path, "Текст")
    pages = known(1)
    assert (pages.page(url(1)) is None, pages.page(url(2)) is None) == (False, True)


def test_a_site_without_snapshots_has_no_known_pages(known: Look) -> None:
    assert known().page(url(1)) is None


def test_no_crawl_of_the_web_refers_to_a_rehearsal(store: Store, tmp_path: Path, known: Look) -> None:
    crawled(store, tmp_path, "Текст", rehearsal=True)
    assert known().page(url(1)) is None


def test_a_rehearsal_knows_rehearsals(store: Store, tmp_path: Path, known: Look) -> None:
    crawled(store, tmp_path, "Текст", rehearsal=True)
    assert known(rehearsal=True).page(url(1)) is not None


def test_a_snapshot_that_cannot_be_read_is_passed_over_and_named(store: Store, tmp_path: Path) -> None:
    crawled(store, tmp_path, "Текст")
    broken, _ = crawled(store, tmp_path, "Текст")
    assert next(lines(store, broken, LEDGER))["outcome"] == Outcome.ARTICLE
    store.put(key_of(broken, LEDGER), b"\x1f\x8b\x08 torn")
    work = Work(tmp_path / "crawl", "chronik-20261123T120000Z", "chronik", "main")
    work.folder.mkdir()
    (trouble,) = gather(store, work)
    assert broken in trouble
    found = Known.of(work.folder)
    assert found
    with closing(found):
        page = found.page(url(1))
    assert page
    assert page.original.snapshot != broken
