from pathlib import Path

import pytest

from archive import reading
from archive.chain import commit
from archive.jsonl import compressed
from archive.objects import AbsentError, NoDocumentError, Store
from archive.record import Address, BrokenRecordError
from archive.snapshot import key_of
from schemas import UnknownSchemaError
from tests.archive.crawled import name, sealed, url


@pytest.fixture
def snapshot(store: Store, tmp_path: Path) -> str:
    return commit(store, sealed(store, tmp_path / "work", articles=3)).snapshot


def test_lines_come_in_their_order(store: Store, snapshot: str) -> None:
    assert [article["identifier"] for article in reading.lines(store, snapshot)] == [
        name(1),
        name(2),
        name(3),
    ]
    assert len(list(reading.lines(store, snapshot, reading.LEDGER))) == 9
    assert [
        reject["article"]["identifier"] for reject in reading.lines(store, snapshot, reading.REJECTS)
    ] == [name(91)]


def test_one_line_is_read_by_its_number(store: Store, snapshot: str) -> None:
    assert [reading.line(store, snapshot, n)["identifier"] for n in (2, 0, 1)] == [name(3), name(1), name(2)]
    for number in (3, -1):
        with pytest.raises(
            IndexError, match=r"articles\.jsonl\.gz of chronik-.* has 3 lines; there is no line"
        ):
            reading.line(store, snapshot, number)


def test_a_line_beyond_the_first_thousand_is_read_from_its_own_member(store: Store, tmp_path: Path) -> None:
    made = sealed(store, tmp_path / "work", articles=1004)
    (told,) = (line for line in made.manifest["files"] if line["path"] == "ledger.jsonl.gz")
    snapshot = commit(store, made).snapshot
    assert len(told["members"]) == 2
    whole = list(reading.lines(store, snapshot, reading.LEDGER))
    assert [reading.line(store, snapshot, n, reading.LEDGER) for n in (999, 1000, 1004)] == [
        whole[999],
        whole[1000],
        whole[1004],
    ]


@pytest.mark.parametrize("text", [b"{", b"5", b"[]", b'"\xff"', b""])
def test_a_line_that_is_no_object_is_told_with_its_place(text: bytes, store: Store, snapshot: str) -> None:
    key = key_of(snapshot, reading.LEDGER)
    store.put(key, compressed(b"{}\n" + text + b"\n"))
    with pytest.raises(NoDocumentError, match=rf"^{key} in \S+ cannot be read: .*; run `letopis verify"):
        list(reading.lines(store, snapshot, reading.LEDGER))


def test_the_record_behind_an_article_is_read_by_its_address(store: Store, snapshot: str) -> None:
    capture = reading.line(store, snapshot, 1)["capture"]
    record = reading.record(
        store, snapshot, Address(capture["warcFile"], capture["offset"], capture["length"])
    )
    assert (record.id, record.url) == (capture["recordId"], url(2))
    assert record.address.offset == capture["offset"]


def test_an_address_where_no_record_lies_is_refused(store: Store, snapshot: str) -> None:
    capture = reading.line(store, snapshot, 1)["capture"]
    for offset, length in ((1, 0), (0, 1), (0, -1), (100_000_000, 0)):
        wrong = Address(capture["warcFile"], capture["offset"] + offset, capture["length"] + length)
        with pytest.raises(BrokenRecordError, match=r"at offset \d+: "):
            reading.record(store, snapshot, wrong)


def test_a_file_that_is_not_there_is_named(store: Store, snapshot: str) -> None:
    store.delete(f"snapshots/site=chronik/snapshot={snapshot}/articles.jsonl.gz")
    with pytest.raises(AbsentError, match=r"holds no .*articles\.jsonl\.gz"):
        next(reading.lines(store, snapshot))


def test_articles_can_be_asked_for_in_a_version_of_their_schema(store: Store, snapshot: str) -> None:
    plain = list(reading.lines(store, snapshot))
    assert list(reading.lines(store, snapshot, schema="0.1.0")) == plain
    with pytest.raises(UnknownSchemaError, match=r"0\.0\.9"):
        list(reading.lines(store, snapshot, schema="0.0.9"))
    assert len(list(reading.lines(store, snapshot, reading.LEDGER, schema="0.0.9"))) == 9
