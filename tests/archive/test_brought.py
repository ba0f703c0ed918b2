"""What belongs to a copy: the newest edition with its proofs, the originals of unchanged pages, and what the copy says of itself."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from archive import chain
from archive.brought import What
from archive.chain import commit
from archive.edition import Source
from archive.edition import commit as commit_edition
from archive.get import get
from archive.local import Directory
from archive.original import Original
from archive.reading import lines
from archive.record import Address, Exchange
from archive.seal import seal
from archive.snapshot import claim, key_of
from archive.verify import PARTIAL, verify_files
from tests.archive.crawled import FACTS, NOON, Crawl, crawl, derive
from tests.archive.published import FIRST, OTHER, SECOND, publish, said


@pytest.mark.parametrize(
    ("chosen", "snapshots"),
    [
        ({"site": "blatt"}, {OTHER}),
        ({"site": "chronik"}, {FIRST, SECOND}),
        ({"since": date(2026, 11, 23)}, {SECOND}),
        ({"until": date(2026, 11, 22)}, {FIRST, OTHER}),
        ({"site": "chronik", "since": date(2026, 11, 22), "until": date(2026, 11, 22)}, {FIRST}),
        ({"since": date(2030, 1, 1)}, set()),
    ],
)
def test_sites_and_days_are_chosen_by_the_days_on_which_crawls_began(
    chosen: dict[str, object], snapshots: set[str], kept: Directory, tmp_path: Path
) -> None:
    got = get(kept, tmp_path, **chosen)  # type: ignore[arg-type]
    assert {
        path.parent.name.removeprefix("snapshot=") for path in tmp_path.glob("snapshots/*/*/manifest.json")
    } == snapshots
    assert got.snapshots == len(snapshots)
    sites = {"blatt", "chronik"} if "site" not in chosen else {chosen["site"]}
    assert {entry.site for entry in chain.snapshots(Directory(tmp_path))} == sites


def test_a_copy_says_what_was_brought_to_it_until_everything_was(kept: Directory, tmp_path: Path) -> None:
    get(kept, tmp_path)
    assert said(tmp_path) == {"what": "articles"}
    get(kept, tmp_path, what="warc")
    assert said(tmp_path) == {"what": "articles"}
    get(kept, tmp_path, what="all", until=date(2026, 11, 22))
    assert said(tmp_path) == {"what": "articles"}
    get(kept, tmp_path, what="all")
    assert said(tmp_path) is None
    other = tmp_path / "other"
    get(kept, other, what="all", since=date(2026, 11, 23))
    assert said(other) == {"what": "all"}
    one = tmp_path / "one"
    get(kept, one, what="all", site="blatt")
    assert said(one) is None


@pytest.fixture
def edited(tmp_path: Path) -> Directory:
    """A snapshot that was read again, and one whose page is unchanged since the first."""
    store = Directory(tmp_path / "edited")
    publish(store, tmp_path / "work")
    source, folder = Source.of(store, FIRST), tmp_path / "again"
    folder.mkdir()
    store.create(f"readers/{'9' * 64}.zip", b"PK")
    commit_edition(source, folder, source.read(folder, derive), {**FACTS, "reader": "9" * 64})
    return store


def test_of_a_snapshot_that_was_read_again_the_newest_articles_come_with_what_proves_them(
    edited: Directory, tmp_path: Path
) -> None:
    get(edited, tmp_path / "copy", site="chronik")
    copy = Directory(tmp_path / "copy")
    assert list(lines(copy, FIRST)) == list(lines(edited, FIRST, edition=1))
    paths = {stored.key.removeprefix(key_of(FIRST)) for stored in copy.list(key_of(FIRST))}
    assert paths == {"manifest.json", "editions/1/manifest.json", "editions/1/articles.jsonl.gz"}
    assert [list(verify_files(copy, FIRST, edition)) for edition in (0, 1)] == [[], []]
    get(edited, tmp_path / "copy", site="chronik", what="all")
    assert copy.stat(f"readers/{'9' * 64}.zip")
    whole = {stored.key for stored in edited.list(key_of(FIRST))}
    assert {stored.key for stored in copy.list(key_of(FIRST))} == whole
    assert not (tmp_path / "copy" / PARTIAL).exists()


@pytest.mark.parametrize("what", ["warc", "all"])
def test_what_unchanged_pages_stand_for_comes_with_the_warcs_or_is_told_to_be_lacking(
    what: What, tmp_path: Path
) -> None:
    store = Directory(tmp_path / "data")
    first = crawl(store, tmp_path / "work")
    commit(store, seal(first, derive, facts=FACTS))
    later = Crawl(claim(store, tmp_path / "work", "chronik", "main", NOON + timedelta(days=1)))
    later.start()
    for snapshot in (first.id, "chronik-20260101T000000Z"):
        original = Original(
            "urn:uuid:00000000-0000-4000-8000-000000000001",
            "https://chronik.example/1/",
            "2026-11-22T12:00:00Z",
            "sha256:" + "0" * 64,
            Address(f"{snapshot}-00000.warc.gz", 0, 10),
        )
        answer = b"HTTP/1.1 304 Not Modified\r\n\r\n"
        asked = b"GET /1/ HTTP/1.1\r\nHost: chronik.example\r\nIf-None-Match: x\r\n\r\n"
        exchange = Exchange("https://chronik.example/1/", later.now(), asked, answer)
        later.writer.exchange(exchange, original=original)
    commit(store, seal(later.end(), derive, facts=FACTS))
    day = (NOON + timedelta(days=1)).date()
    got = get(store, tmp_path / "copy", what=what, since=day)
    assert (got.originals, got.lacking) == ((first.id,), ("chronik-20260101T000000Z",))
    assert (tmp_path / "copy" / key_of(first.id, f"warc/{first.id}-00000.warc.gz")).exists()
    alone = get(store, tmp_path / "articles", since=day)
    assert (alone.originals, alone.lacking) == ((), ())
