import gzip
import shutil
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from archive.chain import commit
from archive.ledger import Derived, Outcome
from archive.local import Directory
from archive.objects import Store, StoreError
from archive.original import Original
from archive.record import Exchange, Record
from archive.seal import seal
from archive.snapshot import claim
from archive.trace import Target, payload, trace
from tests.archive.crawled import FACTS, FEED, NOON, SITEMAP, Crawl, derive, name, url
from tests.archive.crawled import sealed as whole

MOVED = "https://chronik.example/elsewhere/1/"


class Counting(Directory):
    """A directory that tells which parts of WARC files were asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[tuple[int, int | None]] = []

    def open(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        if key.endswith(".warc.gz"):
            self.asked.append((offset, length))
        return super().open(key, offset, length)


def derive_with_revisits(records: Iterable[Record]) -> Iterator[Derived]:
    kept = list(records)
    revisits = {one.id: one for one in kept if one.type == "revisit"}
    for one in revisits.values():
        yield Derived(name(1), Outcome.UNCHANGED, one.address, one.id, original=Original.of(one))
    yield from derive(
        one for one in kept if (one.get("WARC-Concurrent-To") or "").strip("<>") not in revisits
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Counting:
    """A whole crawl, and one of the next day in which page 1 is unchanged, page 2 has moved and page 3 is not announced."""
    root = tmp_path_factory.mktemp("trace")
    store = Counting(root / "data")
    commit(store, whole(store, root / "work"))
    (first,) = next(trace(store, Target(name(1)))).captures
    made = Crawl(claim(store, root / "work", "chronik", "main", NOON + timedelta(days=1)))
    made.start()
    made.announce(FEED, 1, 2)
    made.decide(1, 2)
    date = (NOON + timedelta(seconds=1)).isoformat()
    original = Original("urn:uuid:1", url(1), date, first.digest, first.address)
    unchanged = Exchange(
        url(1), made.now(), b"GET /1/ HTTP/1.1\r\nIf-None-Match: 1\r\n\r\n", b"HTTP/1.1 304 Ja\r\n\r\n"
    )
    told = {"link": name(1), "requested": url(1), "hop": 0, "attempt": 0}
    made.writer.exchange(unchanged, fetch=told, original=original)
    made.fetch(2, f"{name(2)}|Переехало|Текст", at=MOVED)
    commit(store, seal(made.end(), derive_with_revisits, facts=FACTS))
    return store


def test_each_snapshot_tells_outcome_sources_and_captures_of_a_link(store: Store) -> None:
    first, second = trace(store, Target(name(1)))
    assert first.snapshot < second.snapshot
    assert {said["source"] for said in first.announced} == {FEED, SITEMAP}
    assert {edition: said["outcome"] for edition, said in first.editions.items()} == {0: "article"}
    assert [(seen.url, seen.status, seen.revisit) for seen in first.captures] == [(url(1), 200, False)]
    assert [(seen.url, seen.status, seen.revisit) for seen in second.captures] == [(url(1), 304, True)]


def test_the_page_that_a_redirect_led_to_is_among_the_captures(store: Store) -> None:
    second = list(trace(store, Target(name(2))))[-1]
    assert [seen.url for seen in second.captures] == [MOVED]


@pytest.mark.parametrize(
    ("number", "outcome", "captures"),
    [(95, "too-old", 0), (94, "robots", 0), (92, "http-error", 1), (91, "rejected", 1)],
)
def test_links_that_gave_no_article_are_told_as_well(
    store: Store, number: int, outcome: str, captures: int
) -> None:
    (one,) = trace(store, Target(name(number)))
    assert (one.editions[0]["outcome"], len(one.captures)) == (outcome, captures)


def test_a_link_is_found_by_any_url_under_which_it_was_announced(store: Store) -> None:
    assert [one.identifier for one in trace(store, Target(url=url(3)), "chronik")] == [name(3)]


def test_a_url_that_is_no_link_has_its_captures_alone(store: Store) -> None:
    sightings = list(trace(store, Target(url=FEED)))
    assert [(one.identifier, one.editions, len(one.captures)) for one in sightings] == [
        (None, {}, 1),
        (None, {}, 1),
    ]


def test_what_nobody_announced_is_nowhere(store: Store) -> None:
    assert list(trace(store, Target(name(404)))) == []
    assert list(trace(store, Target(name(1)), "blatt")) == []


def test_the_bytes_of_a_capture_are_one_read_of_that_record_and_no_more(store: Counting) -> None:
    (seen,) = next(trace(store, Target(name(2)))).captures
    store.asked.clear()
    assert payload(store, seen).block.endswith(f"{name(2)}|Заголовок 2|Текст 2".encode())
    assert store.asked == [(seen.address.offset, seen.address.length)]


def test_of_an_unchanged_page_the_original_is_given(store: Store) -> None:
    first, second = (one.captures[0] for one in trace(store, Target(name(1))))
    assert payload(store, second) == payload(store, first)


@pytest.mark.parametrize(
    "kept",
    [
        b"junk",
        gzip.compress(b"{}\n")[:-9],
        gzip.compress(b"no JSON\n"),
        gzip.compress(b'{"identifier":"a:1"}\n'),
    ],
)
def test_a_ledger_that_cannot_be_read_is_named(store: Counting, kept: bytes, tmp_path: Path) -> None:
    shutil.copytree(store.root, tmp_path / "data")
    first = min((tmp_path / "data").glob("snapshots/*/*"))
    (first / "ledger.jsonl.gz").write_bytes(kept)
    with pytest.raises(
        StoreError, match=r"/ledger\.jsonl\.gz in file:.* cannot be read: .*; run `letopis verify chronik-"
    ):
        list(trace(Directory(tmp_path / "data"), Target(name(1))))
